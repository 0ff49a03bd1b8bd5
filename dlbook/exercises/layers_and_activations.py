"""Exercises: layers and activations."""

import numpy as np

from .. import primitives as p
from .inputs import activation, normal, value_and_gradients
from .judge import Exercise

another_xor = Exercise(
    "layers_and_activations.1",
    answer=0.7,
    names="output",
    tol=1e-3,
    hint="write down z1, z2, a1 and a2 one after the other, as in a row of the table",
    mistakes=[
        (1.3, "the second unit is off: its z is negative, and the ReLU makes it 0"),
        (-0.7, "the bias of the second unit is missing: z2 = x1 + x2 - 1"),
        (0.4, "the second unit is off (z2 = -0.3), so nothing is subtracted"),
        (0.1, "the second unit is off: max(-0.3, 0) is 0, not 0.3"),
        (1, "the table answers for inputs of 0 and 1: put 0.5 and 0.2 in and compute"),
        (0, "the table answers for inputs of 0 and 1: put 0.5 and 0.2 in and compute"),
    ],
)


tanh_from_sigmoid = Exercise(
    "layers_and_activations.2",
    answer=p.tanh,
    cases=[normal(1, (5, 3), (5, 3)), normal(2, (4,), (4,))],
    names="a, dz",
    arguments="z, da",
    use=value_and_gradients,
    hint="value first: compare with np.tanh at z = 1; then the pullback, with (.4)",
    mistakes=[
        (activation(lambda z: 2 * p.sigmoid(z)[0] - 1, lambda z, a, da: da * (1 - a**2)),
         "a is tanh(z / 2): the sigmoid must be taken at 2z"),
        (activation(np.tanh, lambda z, a, da: 1 - a**2),
         "this is the slope alone: multiply it by da, what comes back"),
        (activation(np.tanh, lambda z, a, da: da * a * (1 - a)), "a (1 - a) is the slope of the sigmoid"),
        (activation(np.tanh, lambda z, a, da: da * (1 - a)), "the square is missing: 1 - a**2"),
        (activation(np.tanh, lambda z, a, da: da * (1 - z**2)), "1 - a**2 takes the OUTPUT a, not z"),
        (activation(np.tanh, lambda z, a, da: da * p.sigmoid(2 * z)[1](np.ones_like(z))[0] * 2),
         "half of it: a = 2 sigmoid(2z) - 1 brings a factor 2 outside AND one inside"),
    ],
)  # fmt: skip


def _layers(seed, n0, n1, n2):
    return normal(seed, (n1, n0), (n1,), (n2, n1), (n2,))


merge = Exercise(
    "layers_and_activations.3",
    answer=lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1 + b2),
    # Square matrices first: a wrong order then gives numbers to diagnose instead of an error.
    cases=[_layers(3, 3, 3, 3), _layers(4, 4, 3, 2)],
    names="W, b",
    arguments="W1, b1, W2, b2",
    batch=None,
    hint=("send one x through both layers and through your one layer; with b1 = b2 = 0 you see which "
          "of the two, W or b, is wrong"),
    mistakes=[
        (lambda W1, b1, W2, b2: (W1 @ W2, W2 @ b1 + b2),
         "the layer that acts first stands on the RIGHT: W2 @ W1"),
        (lambda W1, b1, W2, b2: (W2 @ W1, b1 + b2),
         "b1 goes through the second layer as well: it becomes W2 @ b1"),
        (lambda W1, b1, W2, b2: (W2 @ W1, W1 @ b2 + b1),
         "b1 goes through W2, and b2 comes after everything: W2 @ b1 + b2"),
        (lambda W1, b1, W2, b2: (W2 @ W1, W1 @ b1 + b2),
         "b1 is added behind the first layer: what it still has to go through is W2"),
        (lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1), "the bias b2 is missing"),
        (lambda W1, b1, W2, b2: (W2 @ W1, b1 @ W2 + b2),
         "b1 is a column in the formula: W2 @ b1, which is b1 @ W2.T, not b1 @ W2"),
        (lambda W1, b1, W2, b2: (W2 * W1, W2 @ b1 + b2), "a product of matrices is written @, not *"),
    ],
)  # fmt: skip


def _silu(slope):
    def silu(z):
        s = p.sigmoid(z)[0]
        return z * s, lambda da: (da * slope(z, s),)

    return silu


own_activation = Exercise(
    "layers_and_activations.5",
    answer=p.silu,
    cases=[normal(7, (5, 3), (5, 3)), normal(8, (4,), (4,))],
    names="a, dz",
    arguments="z, da",
    use=value_and_gradients,
    hint="at z = 0 the slope is 1/2; for large z it goes to 1: which of your two terms does not?",
    mistakes=[
        (_silu(lambda z, s: s), "the second half of the product rule is missing: z times the slope of s"),
        (_silu(lambda z, s: s * (1 - s)), "this is the slope of the sigmoid: (z s)' = s + z s'"),
        (_silu(lambda z, s: z * s * (1 - s)), "the first half of the product rule is missing: s itself"),
        (_silu(lambda z, s: s + s * (1 - s)), "the slope of s is to be multiplied by z"),
        (_silu(lambda z, s: s + z * s * (1 - z * s)), "a (1 - a) is meant for s, not for z s"),
    ],
)  # fmt: skip


def _lines(seed, n):
    rng = np.random.default_rng(seed)
    return rng.choice([-1, 1], n) * rng.uniform(0.3, 2, n), rng.standard_normal(n)


bends = Exercise(
    "layers_and_activations.6",
    answer=lambda w, b: np.sort(-b / w),
    cases=[_lines(9, 5), _lines(10, 8)],
    names="bends",
    arguments="w, b",
    hint="take one unit with w = 2, b = -1: for which x is its sum 0?",
    mistakes=[
        (lambda w, b: -b / w, "the places are right: sort them"),
        (lambda w, b: np.sort(b / w), "the sign: w x + b = 0 gives x = -b / w"),
        (lambda w, b: np.sort(-w / b), "upside down: solve w x + b = 0 for x"),
        (lambda w, b: np.sort(-b / np.abs(w)), "the sign of w matters as well: x = -b / w"),
        (lambda w, b: np.sort(-b), "divide by w: solve w x + b = 0 for x"),
    ],
)


def _off(z):
    return (z <= 0).all(axis=0)


def _some_dead(seed, N, n_in, n_out):
    """Positive inputs; the first unit is dead by its weights, the second by its bias."""
    W, b, x = normal(seed, (n_out, n_in), (n_out,), (N, n_in))
    W[0], b[:2] = -np.abs(W[0]), (0.1, -12.0)
    return W, b, np.abs(x)


dead_units = Exercise(
    "layers_and_activations.4",
    answer=lambda W, b, x: _off(x @ W.T + b),
    # As many examples as units first: a wrong axis then gives an answer to diagnose.
    cases=[_some_dead(14, 6, 6, 6), _some_dead(12, 9, 3, 5)],
    names="dead",
    arguments="W, b, x",
    batch=2,
    hint="compute z = x @ W.T + b for all examples and look down the column of one unit",
    mistakes=[
        (lambda W, b, x: (x @ W.T + b <= 0).any(axis=0),
         "off for ONE example is not dead: .all, not .any"),
        (lambda W, b, x: (x @ W.T + b <= 0).all(axis=1),
         "examples stand in rows: a unit is a column, so axis=0"),
        (lambda W, b, x: ~_off(x @ W.T + b), "these are the units that are alive: turn it round"),
        (lambda W, b, x: _off(x @ W.T), "the bias is missing: z = x @ W.T + b"),
        (lambda W, b, x: _off(x @ W + b), "W is (out, in) and examples are rows: x @ W.T"),
        (lambda W, b, x: (x @ W.T + b).mean(axis=0) <= 0,
         "a mean below 0 is not enough: the unit may be on for some example"),
        (lambda W, b, x: b <= 0,
         "the bias alone does not decide: compute z = x @ W.T + b for the examples"),
        (lambda W, b, x: np.flatnonzero(_off(x @ W.T + b)),
         "these are the places of the dead units: return true or false for every unit"),
        (lambda W, b, x: x @ W.T + b <= 0,
         "this says it for each example: a unit is dead if it is off for all of them"),
    ],
)  # fmt: skip

EXERCISES = [another_xor, tanh_from_sigmoid, merge, dead_units, own_activation, bends]
