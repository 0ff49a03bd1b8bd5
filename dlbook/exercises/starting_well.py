"""Exercises: starting well."""

import numpy as np

from .. import primitives as p
from .inputs import normal, value_and_gradients
from .judge import Exercise

left = Exercise(
    "starting_well.1",
    answer=6.0**10,
    names="times smaller",
    tol=0.01,
    hint=(
        "by what does ONE layer multiply the mean square, (.2), if the weights' variance is that of "
        "numbers spread evenly between the two ends?"
    ),
    mistakes=[
        (6.0**20, "this is the mean SQUARE: the root mean square shrinks by the root of it"),
        (3.0**10, "the variance is 1/(3n), but ReLU takes half of the mean square as well"),
        (2.0**10, "the weights are not half of (.2): their variance is 1/(3n), a sixth of 2/n"),
        (6.0**-10, "this is the size that is left: how many times smaller is one over it"),
        (6.0**0.5, "this is one layer: twenty of them multiply"),
        (6.0**9.5, "twenty layers, not nineteen: each of them takes its share"),
    ],
)


def _std(n_out, n_in, s):
    return np.sqrt(2 / (n_in * (1 + s**2)))


weights = Exercise(
    "starting_well.2",
    answer=_std,
    cases=[(64, 256, 0.1), (300, 20, 0.5)],
    names="std",
    arguments="n_out, n_in, s",
    batch=None,
    hint=("by how much does this bend multiply the mean square of a symmetric z? Take the half above "
          "0 and the half below by themselves; s = 0 must give (.2)"),
    mistakes=[
        (lambda n_out, n_in, s: _std(n_in, n_out, s),
         "you used n_out: z is a sum over the INPUTS of the layer"),
        (lambda n_out, n_in, s: _std(n_out, n_in + n_out, s),
         "the outputs do not matter here: z is a sum over the n_in inputs"),
        (lambda n_out, n_in, s: _std(n_out, n_in, s) ** 2,
         "this is the variance: the standard deviation is its square root"),
        (lambda n_out, n_in, s: np.sqrt(2 / n_in),
         "this is right for s = 0: the negative half now comes through as well, times s"),
        (lambda n_out, n_in, s: np.sqrt(2 / (n_in * (1 + s))),
         "the slope enters squared: E[(s z)^2] = s^2 E[z^2]"),
        (lambda n_out, n_in, s: np.sqrt(1 / (n_in * (1 + s**2))),
         "each half holds only HALF of the z: E[a^2] = (1 + s^2)/2 E[z^2]"),
    ],
)  # fmt: skip


def _batch_norm(x, *, eps=1e-5, ddof=0, axis=0, mean=True, along=True, scale=True, total=False,
                outside=False):  # fmt: skip
    var = x.var(axis=axis, keepdims=True, ddof=ddof)
    r = 1 / (np.sqrt(var) + eps) if outside else 1 / np.sqrt(var + eps)
    xhat = r * (x - x.mean(axis=axis, keepdims=True))

    def vjp(g):
        average = np.sum if total else np.mean
        dx = g - mean * average(g, axis=axis, keepdims=True)
        dx = dx - along * xhat * average(g * xhat, axis=axis, keepdims=True)
        return (dx * (r if scale else 1.0),)

    return xhat, vjp


def _without(**changes):
    return lambda x: _batch_norm(x, **changes)


norm = Exercise(
    "starting_well.3",
    answer=lambda x: p.standardize(x, 0),
    cases=[normal(3, (5, 3), (5, 3)), normal(4, (4, 4), (4, 4))],
    names="xhat, dx",
    arguments="x, g",
    use=value_and_gradients,
    hint=("value first: every column has mean 0 and deviation 1; then compare dx with (.4) term by "
          "term: each column of dx adds up to 0"),
    mistakes=[
        (_without(mean=False), "the mean of what comes back has to be taken away, (.4)"),
        (_without(along=False), "the component along xhat is missing: x also changes the deviation, (.4)"),
        (_without(mean=False, along=False),
         "mean and deviation depend on x as well: two terms are missing in (.4)"),
        (_without(scale=False), "the factor r = 1 / sqrt(var + eps) is missing in dx"),
        (_without(axis=1), "you normalise each row: batch norm runs over the examples, axis=0"),
        (_without(ddof=1), "the variance divides by N here, not by N - 1"),
        (_without(eps=0.0), "eps = 1e-5 is missing under the root: sqrt(var + eps)"),
        (_without(outside=True), "eps stands under the root: sqrt(var + eps)"),
        (_without(total=True), "the two terms of (.4) are means over the batch, not sums"),
    ],
)  # fmt: skip


def _track(mean, var, x, m, *, ddof=1, swap=False, std=False):
    m = 1 - m if swap else m
    spread = x.std(axis=0, ddof=ddof) if std else x.var(axis=0, ddof=ddof)
    return (1 - m) * mean + m * x.mean(axis=0), (1 - m) * var + m * spread


def _running(seed, N, C, momentum):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(C), rng.uniform(0.5, 2, C), rng.standard_normal((N, C)), momentum


tracking = Exercise(
    "starting_well.4",
    answer=_track,
    cases=[_running(5, 4, 3, 0.1), _running(6, 7, 2, 0.3)],
    names="mean, var",
    arguments="mean, var, x, momentum",
    batch=2,
    hint=("take one unit with mean 0, var 1 and a batch of (1, 3): write down its mean and variance, "
          "then (.5)"),
    mistakes=[
        (lambda *a: _track(*a, ddof=0), "the running variance takes the batch's with N - 1, see (.5)"),
        (lambda *a: _track(*a, swap=True),
         "the new batch enters with `momentum`, the old value with 1 - momentum"),
        (lambda *a: _track(*a, std=True), "the variance is tracked, not the standard deviation"),
        (lambda mean, var, x, m: (x.mean(axis=0), x.var(axis=0, ddof=1)),
         "these are the batch's own: mix them with the old ones"),
        (lambda mean, var, x, m: _track(mean, var, x, m)[::-1], "mean first, then the variance"),
    ],
)  # fmt: skip


def _fold(W, mean, var, gamma, beta, *, eps=1e-5, root=True, columns=False, shift=1.0, scaled=True):
    scale = gamma / (np.sqrt(var + eps) if root else var + eps)
    weight = W * scale if columns else scale[:, None] * W
    return weight, beta - shift * mean * (scale if scaled else 1.0)


def _layer(seed, out, n_in):
    rng = np.random.default_rng(seed)
    W, mean, beta = rng.standard_normal((out, n_in)), *rng.standard_normal((2, out))
    return W, mean, rng.uniform(0.01, 2, out), rng.uniform(0.5, 2, out), beta


folding = Exercise(
    "starting_well.5",
    answer=_fold,
    cases=[_layer(7, 3, 3), _layer(8, 3, 5)],
    names="weight, bias",
    arguments="W, mean, var, gamma, beta",
    batch=None,
    hint=("send one x through both layers in numbers, as (.3) says with the running mean and var, and "
          "collect what multiplies x and what does not"),
    mistakes=[
        (lambda *a: _fold(*a, columns=True),
         "a unit is a ROW of W, (out, in): scale[:, None] * W"),
        (lambda *a: _fold(*a, root=False), "divide by the deviation: the square root of var + eps"),
        (lambda *a: _fold(*a, eps=0.0), "eps = 1e-5 is missing under the root"),
        (lambda *a: _fold(*a, shift=0.0), "the mean that was taken away has to go into the bias"),
        (lambda *a: _fold(*a, scaled=False),
         "the mean is taken away BEFORE the scaling: it is scaled as well"),
        (lambda *a: _fold(*a, shift=-1.0), "the mean is subtracted, so it enters the bias with a minus"),
        (lambda W, mean, var, gamma, beta: _fold(W, mean, var, np.ones_like(gamma), beta),
         "gamma is missing: it multiplies what was normalised"),
    ],
)  # fmt: skip

EXERCISES = [left, weights, norm, tracking, folding]
