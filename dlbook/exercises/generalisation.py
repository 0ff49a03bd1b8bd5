"""Exercises: generalisation."""

import numpy as np

from .. import primitives as p
from .inputs import normal, value_and_gradients
from .judge import Exercise

on_paper = Exercise(
    "generalisation.1",
    answer=(4.0, 3.0, 3.0),
    names="kept, expectation, variance",
    mistakes=[
        ((3.0, 2.25, 1.6875), "survivors are multiplied by 1 / (1 - p), so that the expectation stays 3"),
        ((12.0, 3.0, 27.0), "you divided by p: what is kept, with probability 1 - p, is divided by 1 - p"),
        ((4.0, 3.0, 12.0), "12 is the mean of the square: subtract the square of the mean"),
        ((4.0, 3.0, 3.0**0.5), "this is the standard deviation: the variance is its square"),
        ((4.0, 4.0, 3.0), "in one case of four it is dropped: the expectation is 0.75 times 4"),
    ],
)  # fmt: skip


def _ridge(X, y, lam, *, sign=1.0, mean=False, square=False):
    A = X.T @ X / (len(X) if mean else 1)
    b = X.T @ y / (len(X) if mean else 1)
    return np.linalg.solve(A + sign * (lam**2 if square else lam) * np.eye(X.shape[1]), b)


decay = Exercise(
    "generalisation.2",
    answer=_ridge,
    cases=[(*normal(1, (8, 3), 8), 0.7), (*normal(2, (20, 5), 20), 3.0)],
    names="w",
    arguments="X, y, decay",
    mistakes=[
        (lambda X, y, lam: _ridge(X, y, 0.0), "this is the solution without decay: where did it go?"),
        (lambda X, y, lam: _ridge(X, y, lam, sign=-1.0), "the sign of the decay is wrong: it must shrink w"),
        (lambda X, y, lam: _ridge(X, y, lam, mean=True),
         "the squared errors are added up, not averaged: X.T X + decay I, without an N"),
        (lambda X, y, lam: _ridge(X, y, lam / 2), "both terms bring a factor 2: the decay itself"),
        (lambda X, y, lam: _ridge(X, y, 2 * lam), "both terms bring a factor 2: it cancels"),
        (lambda X, y, lam: _ridge(X, y, lam, square=True), "the decay enters as it is, not squared"),
        (lambda X, y, lam: np.linalg.solve(X.T @ X + lam, X.T @ y),
         "the decay stands on the diagonal only: decay * np.eye(K)"),
        (lambda X, y, lam: _ridge(X, y, 0.0) / (1 + lam),
         "not every direction shrinks alike: solve (X.T X + decay I) w = X.T y"),
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
    "generalisation.3",
    answer=lambda x: p.standardize(x, 0),
    cases=[normal(3, (5, 3), (5, 3)), normal(4, (4, 4), (4, 4))],
    names="xhat, dx",
    arguments="x, g",
    use=value_and_gradients,
    mistakes=[
        (_without(mean=False), "the mean of what comes back has to be taken away, (.7)"),
        (_without(along=False), "the component along xhat is missing: x also changes the deviation, (.7)"),
        (_without(mean=False, along=False),
         "mean and deviation depend on x as well: two terms are missing in (.7)"),
        (_without(scale=False), "the factor r = 1 / sqrt(var + eps) is missing in dx"),
        (_without(axis=1), "you normalise each row: batch norm runs over the examples, axis=0"),
        (_without(ddof=1), "the variance divides by N here, not by N - 1"),
        (_without(eps=0.0), "eps = 1e-5 is missing under the root: sqrt(var + eps)"),
        (_without(outside=True), "eps stands under the root: sqrt(var + eps)"),
        (_without(total=True), "the two terms of (.7) are means over the batch, not sums"),
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
    "generalisation.4",
    answer=_track,
    cases=[_running(5, 4, 3, 0.1), _running(6, 7, 2, 0.3)],
    names="mean, var",
    arguments="mean, var, x, momentum",
    batch=2,
    mistakes=[
        (lambda *a: _track(*a, ddof=0), "the running variance takes the batch's with N - 1, see (.8)"),
        (lambda *a: _track(*a, swap=True),
         "the new batch enters with `momentum`, the old value with 1 - momentum"),
        (lambda *a: _track(*a, std=True), "the variance is tracked, not the standard deviation"),
        (lambda mean, var, x, m: (x.mean(axis=0), x.var(axis=0, ddof=1)),
         "these are the batch's own: mix them with the old ones"),
        (lambda mean, var, x, m: _track(mean, var, x, m)[::-1], "mean first, then the variance"),
    ],
)  # fmt: skip


def _stop(losses, patience, *, late=0, keep_last=False, run_on=False, since=True, ties=False,
          reset=True):  # fmt: skip
    best = waited = epoch = 1
    for epoch, value in enumerate(losses, 1):
        if epoch > 1 and (value <= losses[best - 1] if ties else value < losses[best - 1]):
            best, waited = epoch, 0 if reset else waited
        else:
            waited = waited + 1 if epoch > 1 else 0
            if not since and epoch > 1 and value < losses[epoch - 2]:
                waited = 0
        if waited >= patience + late and not run_on:
            break
    if run_on:
        best = int(np.argmin(losses)) + 1
    return epoch, epoch if keep_last else best


_CURVES = [
    ([0.9, 0.6, 0.8, 0.7, 0.75, 0.78, 0.5], 2),
    ([0.9, 0.7, 0.6, 0.6, 0.65], 3),
    ([1.0, 0.9, 0.95, 0.8, 0.85, 0.7], 2),
    ([0.9, 0.5, 0.95, 0.4], 2),
    ([1.0, 0.8, 0.9], 5),
    ([0.5, 0.6, 0.4], 1),
]

stopping = Exercise(
    "generalisation.5",
    answer=_stop,
    cases=_CURVES,
    names="ends, keeps",
    arguments="val_losses, patience",
    batch=None,
    mistakes=[
        (lambda *a: _stop(*a, late=1),
         "it ends one epoch too late: after `patience` epochs without improvement"),
        (lambda *a: _stop(*a, keep_last=True), "the weights of the BEST epoch are kept, not the last ones"),
        (lambda *a: _stop(*a, run_on=True),
         "the list goes on, but training does not: what comes after is not seen"),
        (lambda *a: _stop(*a, since=False),
         "compare with the best loss so far, not with the epoch before: the counter runs on"),
        (lambda *a: tuple(n - 1 for n in _stop(*a)), "epochs are counted from 1 here"),
        (lambda *a: _stop(*a, reset=False), "an improvement starts the count anew: epochs IN A ROW"),
        (lambda *a: _stop(*a)[::-1], "first the epoch at which it ends, then the one whose weights it keeps"),
        (lambda *a: _stop(*a, ties=True), "an equal loss is not better: the earlier epoch stays the best"),
    ],
)  # fmt: skip


def _expected(w, x, t, p, *, scale=None, squares=True, taxed=True, sums=False, one=True):
    error = x @ w - t
    scale = p / (1 - p) if scale is None else scale(p)
    tax = scale * np.mean(x**2, axis=0) if squares else scale * np.ones(len(w))
    if sums:
        tax = tax * len(t)
    loss = np.mean(error**2) + np.sum(tax * w**2)
    return loss, 2 * x.T @ error / len(t) + (2 if one else 1) * tax * w * taxed


def _linear(seed, N, K, p):
    return (*normal(seed, K, (N, K), N), p)


price = Exercise(
    "generalisation.6",
    answer=_expected,
    cases=[_linear(7, 6, 3, 0.3), _linear(8, 10, 4, 0.5)],
    names="loss, dw",
    arguments="w, x, t, p",
    batch=1,
    mistakes=[
        (lambda *a: _expected(*a, scale=lambda p: 0.0),
         "this is the loss without dropout: the second term of (.5) is missing"),
        (lambda *a: _expected(*a, scale=lambda p: p), "the factor is p / (1 - p): survivors are scaled up"),
        (lambda *a: _expected(*a, scale=lambda p: p * (1 - p)),
         "p (1 - p) is the variance of the mask: it is divided by (1 - p)**2"),
        (lambda *a: _expected(*a, scale=lambda p: (1 - p) / p), "p is the DROPPED share: p / (1 - p)"),
        (lambda *a: _expected(*a, squares=False), "a weight is taxed where its input is large: x_k**2"),
        (lambda *a: _expected(*a, taxed=False), "the gradient of the second term is missing: 2 tax w"),
        (lambda *a: _expected(*a, one=False), "the derivative of w**2 is 2 w: the tax enters dw with a 2"),
        (lambda *a: _expected(*a, sums=True), "the second term is averaged over the batch as well"),
    ],
)  # fmt: skip

EXERCISES = [on_paper, decay, norm, tracking, stopping, price]
