"""Exercises: backpropagation."""

from itertools import pairwise

import numpy as np

from .. import primitives as p
from ..testing import numerical_gradient
from .inputs import Form, activation, normal, value_and_gradients
from .judge import Exercise


def _delta1(slope, start=2.0):
    z1 = np.array([3.0, -2.0])
    a1 = 1 / (1 + np.exp(-z1))
    delta2 = start * (a1 @ [2.0, -1.0] - 1 - 3)
    return delta2 * np.array([2.0, -1.0]) * slope(z1, a1)


_A = 1 / (1 + np.exp([-3.0, 2.0]))
_SLOPE = _A * (1 - _A)

another_bend = Exercise(
    "backpropagation.1",
    answer=_delta1(lambda z, a: a * (1 - a)),
    names="delta1",
    tol=0.002,
    hint="redo the forward pass first: a1, z2, then dz2 = 2 (z2 - y); then compare with (.5)",
    mistakes=[
        (np.array([8.0, 0.0]), "these are the numbers of the ReLU: run the forward pass with the sigmoid"),
        (_delta1(lambda z, a: 1.0), "these are da1: the slope of the sigmoid, a (1 - a), is still to come"),
        (_delta1(lambda z, a: a), "you multiplied by a: the slope of the sigmoid is a (1 - a)"),
        (_delta1(lambda z, a: z * (1 - z)), "a (1 - a) takes the OUTPUT a of the sigmoid, not z"),
        (_delta1(lambda z, a: a * (1 - a), 1.0), "half of it: the derivative of the square brings a 2"),
        (4 * np.array([2.0, -1.0]) * _SLOPE, "dz2 is no longer 4: the output has changed as well"),
        (4 * np.array([2.0, -1.0]) * np.array([3.0, 0.0]) * np.array([-2.0, 1.0]),
         "you used the old a = (3, 0): with the sigmoid both activations are new"),
    ],
)  # fmt: skip


def _scaled(**changes):
    """The layer with some of its gradients replaced, each a function of (dz, x, s, W)."""
    rules = {
        "dx": lambda dz, x, s, W: (dz @ W) * s,
        "ds": lambda dz, x, s, W: ((dz @ W) * x).sum(0),
        "dW": lambda dz, x, s, W: dz.T @ (x * s),
        "db": lambda dz, x, s, W: dz.sum(0),
    } | changes

    def layer(x, s, W, b):
        return (x * s) @ W.T + b, lambda dz: tuple(rule(dz, x, s, W) for rule in rules.values())

    return layer


layer = Exercise(
    "backpropagation.2",
    answer=_scaled(),
    # A square W first: a missing transpose then gives numbers to diagnose instead of an error.
    cases=[normal(2, (7, 4), (4,), (4, 4), (4,), (7, 4)), normal(1, (5, 3), (3,), (2, 3), (2,), (5, 2))],
    names="z, dx, ds, dW, db",
    arguments="x, s, W, b, dz",
    use=value_and_gradients,
    hint=("read the forward pass upwards: first what comes back to x * s, by the linear layer, then "
          "to x and to s; nudge one number of the wrong gradient and compare"),
    mistakes=[
        (_scaled(dx=lambda dz, x, s, W: (dz @ W.T) * s),
         "dx goes back through W.T: forward was x @ W.T, so back is dz @ W, see (.5)"),
        (_scaled(dx=lambda dz, x, s, W: dz @ W),
         "dx lacks the factor s: a little more x is first multiplied by s"),
        (_scaled(ds=lambda dz, x, s, W: (dz @ W) * x),
         "ds has one row per example: s was used by all of them, so their gradients add up"),
        (_scaled(ds=lambda dz, x, s, W: (dz @ W).sum(0)), "ds lacks the factor x"),
        (_scaled(dW=lambda dz, x, s, W: dz.T @ x),
         "dW is what comes back times what went IN to W: that was x * s"),
        (_scaled(dW=lambda dz, x, s, W: (x * s).T @ dz),
         "dW is transposed: it must have the shape of W, (out, in)"),
        (_scaled(db=lambda dz, x, s, W: dz),
         "db has one row per example: b was added to all of them, so their gradients add up, see (.8)"),
        (_scaled(db=lambda dz, x, s, W: dz.mean(0)),
         "db is a mean: the 1/N is already inside dz, so add up, see (.8)"),
    ],
)  # fmt: skip


def _sigmoid(slope):
    return activation(lambda x: p.sigmoid(x)[0], slope)


_flipped = activation(lambda x: p.sigmoid(-x)[0], lambda x, a, da: -da * a * (1 - a))

bend = Exercise(
    "backpropagation.3",
    answer=p.sigmoid,
    cases=[normal(3, (5, 3), (5, 3)), normal(4, (4,), (4,))],
    names="a, dx",
    arguments="x, da",
    use=value_and_gradients,
    hint="value first: at x = 0 it is 1/2; then the slope there, 1/4, times what comes back",
    mistakes=[
        (_sigmoid(lambda x, a, da: a * (1 - a)),
         "this is the slope alone: multiply it by da, what comes back (the chain rule)"),
        (_sigmoid(lambda x, a, da: da * x * (1 - x)),
         "a (1 - a) takes the OUTPUT a of the sigmoid, not its input x"),
        (_sigmoid(lambda x, a, da: da * (1 - a * a)), "1 - a**2 is the slope of tanh"),
        (_flipped, "the exponent: e**(-x), so that a large x gives 1 and not 0"),
        (_sigmoid(lambda x, a, da: da * (x > 0)), "this is the gate of the ReLU"),
        (_sigmoid(lambda x, a, da: da), "da passes unchanged: multiply it by the slope a (1 - a)"),
    ],
)  # fmt: skip


def _labels(seed, N, C):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((N, C)), rng.integers(0, C, N)


def _delta(z, y):
    return p.cross_entropy(z, y)[1](1.0)[0]


def _whole_columns(z, y):
    p_ = np.array(p.softmax(z)[0])
    p_[:, y] -= 1
    return p_ / len(y)


start = Exercise(
    "backpropagation.4",
    answer=_delta,
    cases=[_labels(5, 6, 4), _labels(6, 9, 3)],
    names="delta",
    arguments="z, y",
    hint=("take one example with two classes and logits (0, 0): what are p and delta? Each row of "
          "delta adds up to 0"),
    mistakes=[
        (lambda z, y: len(y) * _delta(z, y),
         "delta is N times too large: the loss is a mean, did you divide by the batch size?"),
        (lambda z, y: -_delta(z, y),
         "delta has the wrong sign: at the right label it must be negative, so that z rises there"),
        (lambda z, y: p.softmax(z)[0],
         "these are the probabilities: subtract 1 at the right label, and divide by N"),
        (lambda z, y: _delta(z, y) * np.eye(z.shape[1])[y],
         "the other classes have a gradient as well: their logits stand in the sum under the fraction"),
        (lambda z, y: p.softmax(z)[0] / len(y),
         "subtract 1 from the probability of the right label"),
        (lambda z, y: (p.softmax(z, axis=0)[0] - np.eye(z.shape[1])[y]) / len(y),
         "the softmax runs over the wrong axis: over the classes, axis=1"),
        (_whole_columns,
         "p[:, y] takes whole columns: one entry per row is p[np.arange(N), y]"),
    ],
)  # fmt: skip


def _cubic(x):
    return float(np.sum(x**3 + 0.5 * x))


def _one_sided(f, x, eps=1e-5):
    return numerical_gradient(f, x) + 3 * x * eps  # for _cubic: half its second derivative, eps


checker = Exercise(
    "backpropagation.5",
    answer=lambda f, x, eps=1e-5: numerical_gradient(f, x, eps),
    cases=[(_cubic, *normal(7, (3, 2))), (_cubic, *normal(8, (2, 2, 2)))],
    names="gradient",
    arguments="f, x",
    batch=None,
    tol=1e-7,
    hint="take f(x) = x[0]**2 at x = [3.]: the answer is 6; then compare each line with (.9)",
    mistakes=[
        (lambda f, x: 2 * numerical_gradient(f, x),
         "twice too large: f(x + eps) and f(x - eps) are 2 eps apart"),
        (lambda f, x: 2e-5 * numerical_gradient(f, x), "these are the differences: divide by 2 eps"),
        (lambda f, x: np.full(x.shape, numerical_gradient(f, x).sum()),
         "you move all entries at once: move one, and put it back before the next"),
        (lambda f, x: numerical_gradient(f, x).sum(axis=-1, keepdims=True) + 0 * x,
         "you move whole rows: x may have any number of axes, see np.ndindex(x.shape)"),
        (_one_sided,
         "this is the one-sided difference, whose error is of order eps: nudge both ways"),
    ],
)  # fmt: skip


def _network(seed, N, *widths):
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal((o, i)) for i, o in pairwise(widths)]
    biases = [rng.standard_normal(o) for o in widths[1:]]
    return (
        weights,
        biases,
        rng.standard_normal((N, widths[0])),
        rng.standard_normal((N, widths[-1])),
    )


def _gradients(weights, biases, x, y, *, bend_last=False, gate=True, upside_down=False):
    backs = []
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        x, back = p.linear(x, W, b)
        backs.append((back, p.relu(x)[1] if gate else (lambda da: (da,))))
        if k < len(weights) - 1 or bend_last:
            x = p.relu(x)[0]
        else:
            backs[-1] = (back, lambda da: (da,))
    loss, back_loss = p.mse_loss(x, y)
    d = back_loss(1.0)[0]
    dWs: list = []
    dbs: list = []
    for back, back_bend in reversed(backs):
        d, dW, db = back(back_bend(d)[0])
        dWs, dbs = [dW, *dWs], [db, *dbs]
    return loss, *((dWs[::-1], dbs[::-1]) if upside_down else (dWs, dbs))


def _flat(f, *args):
    loss, dWs, dbs = f(*args)
    for name, got in (("dW", dWs), ("db", dbs)):
        if len(got) != len(args[0]):
            raise Form(f"the list of {name} has {len(got)} entries for {len(args[0])} layers")
    return loss, tuple(dWs), tuple(dbs)


def _times(factor, loss, dWs, dbs):
    return factor * loss, [factor * dW for dW in dWs], [factor * db for db in dbs]


def _forward(weights, biases, x, last=1):
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        x = p.linear(x, W, b)[0]
        x = p.relu(x)[0] if k < len(weights) - last else x
    return x


forward = Exercise(
    "backpropagation.6",
    answer=_forward,
    cases=[_network(11, 5, 4, 3, 2)[:3], _network(12, 6, 3, 3, 3, 3)[:3]],
    names="prediction",
    arguments="weights, biases, x",
    batch=2,
    hint="with one layer it is x @ W.T + b; with two, print the values after each bend",
    mistakes=[
        (lambda weights, biases, x: _forward(weights, biases, x, 0),
         "there is a ReLU after the last layer as well: a prediction must be able to be negative"),
        (lambda weights, biases, x: _forward(weights, biases, x, len(weights)), "there is no ReLU yet"),
    ],
)  # fmt: skip

any_depth = Exercise(
    "backpropagation.6",
    answer=_gradients,
    cases=[_network(9, 5, 4, 3, 2), _network(10, 6, 3, 3, 3, 3)],
    names="loss, dW, db",
    arguments="weights, biases, x, y",
    batch=2,
    use=_flat,
    steps={"forward": forward},
    hint=("try a single layer first and compare with (.4) and (.8); then two layers, and compare each "
          "gradient with a nudge of one weight"),
    mistakes=[
        (lambda *args: _gradients(*args, upside_down=True),
         "the lists are in reverse order: you collected from the last layer, the first belongs first"),
        (lambda *args: _gradients(*args, bend_last=True),
         "there is a ReLU after the last layer as well: a prediction must be able to be negative"),
        (lambda *args: _gradients(*args, gate=False),
         "the ReLU's pullback is missing: what comes back must pass its gate, see (.5)"),
        (lambda weights, biases, x, y: _times(y.shape[1], *_gradients(weights, biases, x, y)),
         "the mean is over ALL entries of the error, N times the outputs, as in mse_loss"),
    ],
)  # fmt: skip

EXERCISES = [another_bend, layer, bend, start, checker, any_depth]
