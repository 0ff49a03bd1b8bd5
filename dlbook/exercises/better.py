"""Exercises: is it really better?"""

import math

import numpy as np

from .judge import Exercise

pair = Exercise(
    "better.1",
    answer=(2.0, 0.40825),
    names="mean, standard error",
    tol=0.01,
    hint="write down the four differences A - B, their mean, and how far each is from it; then (.1)",
    mistakes=[
        ((2.0, 0.8165), "this is the spread of the differences: divide it by the root of 4"),
        ((2.0, 0.35355), "the spread is taken with N - 1, that is 3, not with 4"),
        ((2.0, 2.6141), "these are the errors of two separate means: take the differences first"),
        ((-2.0, 0.40825), "A - B, not B - A"),
        ((2.0, 0.20412), "divide the spread by the ROOT of the number of splits"),
    ],
)


def _overlap(a, b, n_train, n_test, *, ddof=1, second=True, flip=False, paired=True, whole=False):
    variance = np.var(a - b, ddof=ddof)
    if not paired:
        variance = np.var(a, ddof=ddof) + np.var(b, ddof=ddof)
    ratio = n_train / n_test if flip else n_test / n_train
    if whole:
        ratio = n_test / (n_train + n_test)
    return np.sqrt(variance * (1 / len(a) + second * ratio))


def _two(seed, R, n_train, n_test):
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.9, 0.03, R)
    return (
        shared + rng.normal(0.01, 0.01, R),
        shared + rng.normal(0, 0.01, R),
        n_train,
        n_test,
    )


overlap = Exercise(
    "better.2",
    answer=_overlap,
    cases=[_two(1, 8, 249, 84), _two(2, 5, 80, 20)],
    names="standard error",
    arguments="a, b, n_train, n_test",
    batch=None,
    hint="with n_test = 0 it must be the error of (.1); then look at the second term of (.2)",
    mistakes=[
        (lambda *a: _overlap(*a, second=False),
         "this is (.1): as the splits overlap, (.2) has a second term"),
        (lambda *a: _overlap(*a, ddof=0), "the spread is taken with R - 1 (ddof=1)"),
        (lambda *a: _overlap(*a, flip=True), "the second term is n_test / n_train, not its inverse"),
        (lambda *a: _overlap(*a, whole=True),
         "this is rho itself: the second term of (.2) is rho / (1 - rho), n_test / n_train"),
        (lambda *a: _overlap(*a, paired=False),
         "both saw the same splits: take the spread of the differences a - b"),
        (lambda a, *n: _overlap(a, *n) / len(a) ** 0.5, "the 1/R is in (.2) already: no more division"),
        (lambda *a: _overlap(*a) ** 2, "this is the variance of the mean: the error is its root"),
    ],
)  # fmt: skip


def _stratified(labels, k):
    fold = np.zeros(len(labels), dtype=int)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        fold[rows] = np.arange(len(rows)) % k
    return fold


def _blocks(labels, k):
    fold = np.zeros(len(labels), dtype=int)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        fold[rows] = np.arange(len(rows)) * k // len(rows)
    return fold


def _running_on(labels, k):
    """The cards are dealt on from where the last class ended."""
    fold = np.zeros(len(labels), dtype=int)
    fold[np.argsort(labels, kind="stable")] = np.arange(len(labels)) % k
    return fold


def _classes(seed, n, k):
    return np.random.default_rng(seed).integers(0, 3, n), k


stratify = Exercise(
    "better.3",
    answer=_stratified,
    cases=[_classes(3, 17, 4), _classes(4, 25, 5)],
    names="fold",
    arguments="labels, k",
    batch=None,
    hint="take the labels 0, 0, 1, 0, 1 with k = 2 and deal by hand: which fold does each one get?",
    mistakes=[
        (lambda labels, k: np.arange(len(labels)) % k,
         "this deals out all examples alike: deal each class by itself"),
        (lambda labels, k: np.arange(len(labels)) * k // len(labels),
         "these are blocks, whatever the labels: deal out the examples of each class one by one"),
        (_blocks, "each class is cut into blocks: deal it out one by one, 0, 1, 2, ..., around"),
        (_running_on, "each class begins again with fold 0"),
        (lambda labels, k: _stratified(labels, k) + 1, "folds are counted from 0"),
        (lambda labels, k: labels % k, "this puts a whole class into one fold: no other could learn it"),
    ],
)  # fmt: skip


def _report(val, test, *, choose=None, show=None, ddof=1, root=True, single=False):
    choose, show = val if choose is None else choose, test if show is None else show
    k = np.unravel_index(choose.argmax(), choose.shape)[0] if single else choose.mean(1).argmax()
    error = show[k].std(ddof=ddof) / (np.sqrt(show.shape[1]) if root else 1)
    return int(k), show[k].mean(), error


def _tries(seed, settings, seeds):
    rng = np.random.default_rng(seed)
    val = rng.normal(0.9, 0.02, (settings, seeds))
    return val, 0.01 * rng.standard_normal((settings, seeds)) + 0.88


honest = Exercise(
    "better.4",
    answer=_report,
    cases=[_tries(5, 8, 4), _tries(11, 6, 3)],
    names="setting, accuracy, error",
    arguments="val, test",
    batch=None,
    hint=("take two settings and two seeds, and write down who looks at val and who at test; the "
          "error is (.1)"),
    mistakes=[
        (lambda val, test: _report(val, test, choose=test),
         "the setting is chosen on the test part: then the test part is flattered"),
        (lambda val, test: _report(val, test, show=val),
         "you report the accuracy on which the setting was chosen: it is flattered"),
        (lambda val, test: _report(val, test, ddof=0), "the spread is taken with N - 1 (ddof=1)"),
        (lambda val, test: _report(val, test, root=False),
         "this is the spread over the seeds: the error of the mean is smaller"),
        (lambda val, test: _report(val, test, single=True),
         "one lucky seed decides: choose by the mean over the seeds"),
    ],
)  # fmt: skip


def _halve(losses, first, *, worst=False, again=False, same=False, last=False):
    alive, epochs, spent = np.arange(len(losses)), first, first * len(losses)
    while True:
        values = losses[alive, -1 if last else epochs - 1]
        order = (-values if worst else values).argsort()
        alive = alive[order[: len(alive) // 2]]
        if len(alive) == 1:
            return int(alive[0]), spent
        longer = epochs if same else 2 * epochs
        spent += longer * len(alive) if again or same else (longer - epochs) * len(alive)
        epochs = longer


def _curves(seed, settings, epochs, first):
    rng = np.random.default_rng(seed)
    fall = rng.uniform(0.2, 2.0, (settings, 1)) * np.arange(1, epochs + 1) ** -rng.uniform(
        0.1, 0.9, (settings, 1)
    )
    return fall + rng.uniform(0, 0.3, (settings, 1)), first


def _better_half(losses, alive, epochs, *, late=0, sign=1):
    order = np.argsort(sign * losses[alive, epochs - 1 + late], kind="stable")
    return np.sort(np.asarray(alive)[order[: len(alive) // 2]])


half = Exercise(
    "better.5",
    answer=_better_half,
    cases=[
        (np.random.default_rng(27).random((8, 6)), np.arange(8), 2),
        (np.random.default_rng(28).random((8, 6)), np.array([1, 2, 5, 7]), 4),
    ],
    names="kept",
    arguments="losses, alive, epochs",
    batch=None,
    hint="take two settings with the losses 0.3 and 0.2 after `epochs` epochs: which column is that?",
    mistakes=[
        (lambda *a: _better_half(*a, late=1), "after `epochs` epochs the loss stands in column epochs - 1"),
        (lambda *a: _better_half(*a, sign=-1), "keep the SMALLER losses"),
        (lambda losses, alive, epochs: np.sort(np.argsort(losses[alive, epochs - 1])[: len(alive) // 2]),
         "these are places in `alive`: return the settings that stand there"),
    ],
)  # fmt: skip

halving = Exercise(
    "better.5",
    answer=_halve,
    cases=[_curves(26, 16, 16, 2), _curves(13, 8, 12, 3)],
    names="setting, epochs spent",
    arguments="losses, first",
    batch=None,
    steps={"half": half},
    hint=("take 4 settings and first = 1: how many epochs does round one cost, and how many MORE "
          "round two?"),
    mistakes=[
        (lambda *a: _halve(*a, worst=True), "keep the half with the SMALLER losses"),
        (lambda *a: _halve(*a, again=True),
         "those that are kept go on from where they were: only the new epochs cost"),
        (lambda *a: _halve(*a, same=True),
         "the number of epochs doubles: compare the next time at twice as many"),
        (lambda *a: _halve(*a, last=True),
         "you look at the last loss of the array: it has not been trained for yet"),
        (lambda losses, first: _halve(losses, first)[::-1], "first the setting, then the epochs spent"),
    ],
)  # fmt: skip


def _rate(step, warmup, total, peak, *, whole=False, straight=False, half=1.0, one=1.0):
    if step < warmup:
        return peak * step / warmup
    progress = step / total if whole else (step - warmup) / (total - warmup)
    return peak * (1 - progress if straight else 0.5 * (one + math.cos(half * math.pi * progress)))


schedule = Exercise(
    "better.6",
    answer=_rate,
    cases=[(30, 10, 100, 0.3), (4, 10, 100, 0.3), (10, 10, 100, 0.3), (100, 10, 100, 0.3), (0, 5, 20, 0.7)],
    names="rate",
    arguments="step, warmup, total, peak",
    batch=None,
    hint=("compute the rate at the places you know: step 0, warmup, halfway between warmup and total, "
          "total"),
    mistakes=[
        (lambda *a: _rate(*a, whole=True),
         "the cosine begins after the warm-up: (step - warmup) / (total - warmup)"),
        (lambda step, warmup, *a: _rate(step, warmup, *a) * (1 + (step < warmup) / max(step, 1)),
         "0 at step 0 and peak at step `warmup`: step / warmup, not step + 1"),
        (lambda *a: _rate(*a, straight=True), "after the warm-up the rate falls along a cosine, not a line"),
        (lambda *a: _rate(*a, half=0.5), "HALF a period takes the rate to 0: cos(pi progress)"),
        (lambda step, warmup, total, peak: _rate(step, warmup, total, 1.0), "`peak` is missing"),
        (lambda *a: _rate(*a, one=0.0), "half a cosine from peak to 0: 0.5 (1 + cos ...), the 1 is missing"),
        (lambda *a: _rate(*a, half=180 / math.pi), "np.cos wants radians, not degrees: pi times progress"),
        (lambda *a: _rate(*a, half=1 / math.pi),
         "np.cos wants radians: pi times progress"),
        (lambda step, warmup, total, peak: _rate(step, 1e-9, total - warmup, peak) if step < warmup else
         _rate(step, warmup, total, peak),
         "the warm-up is missing: below `warmup` the rate grows in proportion to the step"),
    ],
)  # fmt: skip

EXERCISES = [pair, overlap, stratify, honest, halving, schedule]
