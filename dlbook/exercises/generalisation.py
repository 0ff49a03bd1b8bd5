"""Exercises: generalisation."""

import numpy as np

from .inputs import normal
from .judge import Exercise

on_paper = Exercise(
    "generalisation.1",
    answer=(4.0, 3.0, 3.0),
    names="kept, expectation, variance",
    hint=("two things can happen: write down both values and their probabilities, then mean and mean "
          "square, and compare with (.4)"),
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
    hint=("with one feature X is a column and w a number: differentiate by w and set to zero; then "
          "put the matrices in"),
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


def _parts(fits, truth, noise, *, around=None, ddof=0, square=True, root=False, total=True):
    mean = fits.mean(axis=0)
    bias = np.mean((mean - truth) ** 2)
    variance = np.mean(np.sum((fits - (mean if around is None else truth)) ** 2, axis=0))
    variance = variance / (len(fits) - ddof)
    error = bias + variance + (noise**2 if square else noise)
    if not total:
        error = bias + variance
    return bias**0.5 if root else bias, variance, error


def _many(seed, runs, points, noise):
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal(points)
    return truth + 0.3 + 0.7 * rng.standard_normal((runs, points)), truth, noise


def _late(fits, truth, noise):
    bias = (fits.mean() - truth.mean()) ** 2
    variance = np.mean(fits.var(axis=0))
    return bias, variance, bias + variance + noise**2


def _whole(fits, truth, noise):
    """Bias measured fit by fit: what the variance adds is counted twice."""
    bias = np.mean((fits - truth) ** 2)
    variance = np.mean(fits.var(axis=0))
    return bias, variance, bias + variance + noise**2


def _over_points(fits, truth, noise):
    bias = np.mean((fits.mean(axis=0) - truth) ** 2)
    variance = np.mean(fits.var(axis=1))
    return bias, variance, bias + variance + noise**2


parts = Exercise(
    "generalisation.3",
    answer=_parts,
    cases=[_many(3, 6, 4, 0.5), _many(4, 9, 3, 0.2)],
    names="bias2, variance, error",
    arguments="fits, truth, noise",
    hint=("take two fits and one point: fits 1 and 3, truth 0, noise 0; then compare each part with "
          "(.1)"),
    mistakes=[
        (_late, "square at each point, then average over the points: errors of both signs must not cancel"),
        (_whole, "average the fits first: the bias is what is wrong with their MEAN"),
        (lambda *a: _parts(*a, around=0),
         "the variance is the spread around the mean of the fits, not around the truth"),
        (_over_points, "at each point, take the variance over the training sets: axis=0"),
        (lambda *a: _parts(*a, root=True), "the three parts add up as squares: the bias squared"),
        (lambda *a: _parts(*a, square=False),
         "noise is a standard deviation: its square is what is added"),
        (lambda *a: _parts(*a, total=False), "the noise of the new point is missing in the error"),
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
    "generalisation.4",
    answer=_stop,
    cases=_CURVES,
    names="ends, keeps",
    arguments="val_losses, patience",
    batch=None,
    hint="take the losses 3, 2, 4, 5 with patience 2 and count on your fingers; then patience 3",
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


def _expected(w, x, y, p, *, scale=None, squares=True, taxed=True, sums=False, one=True):
    error = x @ w - y
    scale = p / (1 - p) if scale is None else scale(p)
    tax = scale * np.mean(x**2, axis=0) if squares else scale * np.ones(len(w))
    if sums:
        tax = tax * len(y)
    loss = np.mean(error**2) + np.sum(tax * w**2)
    return loss, 2 * x.T @ error / len(y) + (2 if one else 1) * tax * w * taxed


def _linear(seed, N, K, p):
    return (*normal(seed, K, (N, K), N), p)


expected_loss = Exercise(
    "generalisation.5",
    answer=lambda *a: _expected(*a)[0],
    cases=[_linear(9, 6, 3, 0.3), _linear(10, 10, 4, 0.5)],
    names="loss",
    arguments="w, x, y, p",
    batch=1,
    hint="with p = 0 it is the mean squared error; then the second term of (.5), for one example",
    mistakes=[
        (lambda w, x, y, p: np.mean((y - x @ w) ** 2 + p * ((x * w) ** 2).sum(axis=1)),
         "the factor is p / (1 - p): survivors are scaled up"),
        (lambda w, x, y, p: np.mean((y - x @ w) ** 2),
         "this is the loss without dropout: (.5) has a second term"),
    ],
)  # fmt: skip

price = Exercise(
    "generalisation.5",
    answer=_expected,
    cases=[_linear(7, 6, 3, 0.3), _linear(8, 10, 4, 0.5)],
    names="loss, dw",
    arguments="w, x, y, p",
    batch=1,
    steps={"loss": expected_loss},
    hint=("with p = 0 it must be the mean squared error and its gradient; then compare your second "
          "term with (.5), and nudge w[0]"),
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

EXERCISES = [on_paper, decay, parts, stopping, price]
