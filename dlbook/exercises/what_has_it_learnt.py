"""Exercises: what has it learnt?"""

from itertools import product
from math import factorial

import numpy as np

from .inputs import normal
from .judge import Exercise

on_paper = Exercise(
    "what_has_it_learnt.1",
    answer=(2 / 3, 4 / 3, 0.5, 1.5),
    names="integrated 1, integrated 2, Shapley 1, Shapley 2",
    hint=("on the way t (1, 1) the sum is 3 t - 1: from which t on is it above 0? For Shapley write down "
          "f at the four corners; each pair must add up to f(1, 1) - f(0, 0)"),
    mistakes=[
        ((1.0, 2.0, 0.5, 1.5),
         "this is gradient times input at the end: on the first third of the way the gradient is 0"),
        ((1 / 3, 2 / 3, 0.5, 1.5),
         "the gradient is 0 on the first third of the way and acts on the other TWO"),
        ((2 / 3, 4 / 3, 1.0, 2.0),
         "this is occlusion: the mean over BOTH orders, added first and added second"),
        ((2 / 3, 4 / 3, 0.0, 1.0), "this is each input added first, alone: the mean over BOTH orders"),
        ((2 / 3, 4 / 3, 2 / 3, 4 / 3), "Shapley values ask the corners only, not the way between them"),
        ((4 / 3, 2 / 3, 1.5, 0.5), "x_1 and x_2 have changed places"),
        ((0.5, 1.5, 2 / 3, 4 / 3), "first the integrated gradients, then the Shapley values"),
        ((1.0, 1.0, 1.0, 1.0), "the rise of 2 is not shared equally: x_2 has twice the weight"),
    ],
)  # fmt: skip


def bowl(x):
    """The gradient of the sum of x_k**4 / 4 and of the product of the first two."""
    return x**3 + np.concatenate([x[1::-1], 0 * x[2:]])


def wave(x):
    """The gradient of sin(x_1 + 2 x_2 + 3 x_3 + ...)."""
    w = np.arange(1, len(x) + 1.0)
    return w * np.cos(w @ x)


def _integrated(gradient, x, x0, steps, *, times="difference", at=None, path=None, total=False):
    places = (np.arange(steps) + 0.5) / steps if at is None else at(steps)
    way = [x0 + t * (x - x0) if path is None else path(x, x0, t) for t in places]
    slopes = [gradient(p) for p in way]
    slope = np.sum(slopes, axis=0) if total else np.mean(slopes, axis=0)
    return slope * {"difference": x - x0, "input": x, "nothing": 1.0, "backwards": x0 - x}[times]


integrated = Exercise(
    "what_has_it_learnt.2",
    answer=_integrated,
    cases=[(bowl, *normal(1, 3, 3), 5), (wave, *normal(2, 4, 4), 8)],
    names="credit",
    arguments="gradient, x, baseline, steps",
    batch=None,
    hint="with gradient(x) = 2 x, x = 3 and baseline 1 every number of steps gives 9 - 1 = 8; with one step "
         "the only place is the middle of the way",
    mistakes=[
        (lambda *a: _integrated(*a, times="nothing"), "multiply the mean gradient by x - baseline"),
        (lambda *a: _integrated(*a, times="input"), "multiply by x - baseline, not by x"),
        (lambda *a: _integrated(*a, times="backwards"), "the way leads from the baseline to x: x - baseline"),
        (lambda *a: _integrated(*a, total=True), "the mean over the steps, not their sum"),
        (lambda *a: _integrated(*a, at=lambda n: np.arange(n) / n),
         "these are the left ends of the pieces: take their middles, (j + 0.5) / steps"),
        (lambda *a: _integrated(*a, at=lambda n: np.arange(1, n + 1) / n),
         "these are the right ends of the pieces: take their middles, (j + 0.5) / steps"),
        (lambda *a: _integrated(*a, at=lambda n: np.linspace(0, 1, n)),
         "linspace(0, 1, steps) counts both ends in full: take the middles of the pieces"),
        (lambda *a: _integrated(*a, at=lambda n: np.ones(1)),
         "this is the gradient at x alone: average it along the whole way"),
        (lambda *a: _integrated(*a, path=lambda x, x0, t: t * x),
         "the way starts at the baseline: baseline + t (x - baseline)"),
        (lambda *a: _integrated(*a, path=lambda x, x0, t: x0 + t * x),
         "the way ends at x: baseline + t (x - baseline)"),
    ],
)  # fmt: skip


def _cam(
    A, dA, *, weigh=lambda d: d.mean(axis=(1, 2)), bend=lambda m: np.maximum(m, 0), mean=False
):
    weighted = weigh(dA)[:, None, None] * A
    return bend(weighted.mean(axis=0) if mean else weighted.sum(axis=0))


cam = Exercise(
    "what_has_it_learnt.3",
    answer=_cam,
    cases=[normal(3, (4, 3, 5), (4, 3, 5)), normal(4, (3, 2, 2), (3, 2, 2))],
    names="map",
    arguments="maps, gradients",
    batch=None,
    hint="one number a channel, from its gradients alone; then (.5): weighted sum over channels, then ReLU",
    mistakes=[
        (lambda A, dA: _cam(A, dA, bend=lambda m: m),
         "what speaks against the answer is cut off: the ReLU is missing"),
        (lambda A, dA: _cam(A, dA, weigh=lambda d: d.sum(axis=(1, 2))),
         "the weight of a channel is the MEAN of its gradients over the places"),
        (lambda A, dA: np.maximum((dA * A).sum(axis=0), 0),
         "this is gradient times input at each place: average the gradients over the places first"),
        (lambda A, dA: np.maximum(dA.mean(axis=(1, 2))[:, None, None] * A, 0).sum(axis=0),
         "add up the channels first, then the ReLU: channels may speak against each other"),
        (lambda A, dA: _cam(A, np.maximum(dA, 0)),
         "the gradients keep their signs: the ReLU stands at the end"),
        (lambda A, dA: _cam(A, dA, bend=np.abs), "a ReLU, not an absolute value: what speaks against is 0"),
        (lambda A, dA: _cam(dA, A), "maps and gradients have changed places"),
        (lambda A, dA: _cam(A, dA, mean=True), "the channels are added up, not averaged"),
        (lambda A, dA: np.maximum(A.sum(axis=0), 0),
         "the gradients are not used: every channel has its weight"),
        (lambda A, dA: _cam(A, dA, weigh=lambda d: d.max(axis=(1, 2))),
         "the weight of a channel is the mean of its gradients, not the largest"),
    ],
)  # fmt: skip


def squares(X, y):
    """The loss of a model that answers x_1 + 2 x_2 x_3."""
    return float(np.mean((X[:, 0] + 2 * X[:, 1] * X[:, 2] - y) ** 2))


def _importance(
    loss, X, y, order, *, keep=False, zero=False, sign=1, base=True, ratio=False, mean=False
):
    before, rises, shuffled = loss(X, y), [], X.copy()
    for k in range(X.shape[1]):
        shuffled = shuffled if keep else X.copy()
        shuffled[:, k] = 0 if zero else X[:, k].mean() if mean else X[order, k]
        after = loss(shuffled, y)
        rises.append(after / before if ratio else sign * (after - before * base))
    return np.array(rises)


def _rows(loss, X, y, order):
    return np.full(X.shape[1], loss(X[order], y) - loss(X, y))


permuted = Exercise(
    "what_has_it_learnt.4",
    answer=_importance,
    cases=[(squares, *normal(s, (n, 3), n), np.random.default_rng(s).permutation(n))
           for s, n in ((5, 6), (6, 9))],
    names="rise",
    arguments="loss, X, y, order",
    batch=None,
    hint="loss(X, y) once, then for each column a fresh copy of X in which that column alone is X[order, k]",
    mistakes=[
        (lambda *a: _importance(*a, keep=True),
         "the columns before are still shuffled: begin with a fresh copy for each"),
        (lambda *a: _importance(*a, sign=-1), "the rise is the loss after shuffling minus the loss before"),
        (lambda *a: _importance(*a, base=False), "the loss without shuffling has to be subtracted"),
        (lambda *a: _importance(*a, ratio=True), "the rise is a difference, not a ratio"),
        (lambda *a: _importance(*a, zero=True), "shuffle the column, do not set it to 0"),
        (lambda *a: _importance(*a, mean=True), "shuffle the column, do not set it to its mean"),
        (_rows, "whole rows are shuffled: one column alone, the others stay"),
    ],
)  # fmt: skip


def _nearest(x, w, b, *, power=2, bias=True, sign=-1, change=False):
    z = w @ x + b * bias
    step = sign * z / np.linalg.norm(w) ** power * w
    return step if change else x + step


border = Exercise(
    "what_has_it_learnt.5",
    answer=_nearest,
    cases=[(*normal(7, 4, 4), 0.8), (*normal(8, 2, 2), -1.5)],
    names="x",
    arguments="x, w, b",
    batch=None,
    hint="the shortest way leads along w: put x + s w into w x + b = 0 and solve for s",
    mistakes=[
        (lambda x, w, b: _nearest(x, w, b, power=1),
         "w is not of length 1: divide by the SQUARE of its length, once for the distance, once for w"),
        (lambda x, w, b: _nearest(x, w, b, power=0), "divide by the square of the length of w"),
        (lambda x, w, b: _nearest(x, w, b, bias=False), "b is missing: w x + b must become 0"),
        (lambda x, w, b: _nearest(x, w, b, sign=1), "this leads away from the border: the sign"),
        (lambda x, w, b: _nearest(x, w, b, change=True),
         "this is the change: return the point, x plus the change"),
        (lambda x, w, b: _nearest(x, w, b, sign=-2),
         "this is the mirror image, behind the border: go half as far"),
        (lambda x, w, b: x - (w @ x + b) / w / len(w),
         "every entry is changed until the sum is 0, but this is not the shortest way: go along w"),
        (lambda x, w, b: np.where(np.arange(len(x)) == np.abs(w).argmax(), x - (w @ x + b) / w, x),
         "only the feature with the largest weight is changed: the shortest way changes all, along w"),
    ],
)  # fmt: skip


def _weight(size, K):
    return factorial(size) * factorial(K - 1 - size) / factorial(K)


def _with(K, k):
    """All coalitions without k, as masks."""
    for rest in product([False, True], repeat=K - 1):
        yield np.insert(np.array(rest, dtype=bool), k, False)


def _shapley(value, K, *, weight=_weight, only=None, sign=1, inclusive=False):
    credit = np.zeros(K)
    for k in range(K):
        for mask in _with(K, k):
            size = int(mask.sum())
            if only is not None and size != only % K:
                continue
            joined = mask.copy()
            joined[k] = True
            w = 1.0 if only is not None else weight(size + inclusive, K + inclusive)
            credit[k] += sign * w * (value(joined) - value(mask))
    return credit


def team(mask):
    """A game for any number of players: a sum, a reward for the first two together, a limit."""
    m = np.asarray(mask, dtype=float)
    total = float(np.arange(1, len(m) + 1) @ m)
    return min(total, 4.5) + 2.0 * float(m[0] * m[1])


def pairs(mask):
    m = np.asarray(mask, dtype=float)
    return float(m.sum()) ** 2 - 3.0 * float(m[-1])


coalition_weight = Exercise(
    "what_has_it_learnt.6",
    answer=_weight,
    cases=[(2, 5), (0, 3), (1, 3), (2, 3), (0, 4), (1, 4)],
    names="weight",
    arguments="size, K",
    batch=None,
    hint=("K = 3: alone 1/3, with one before it 1/6 for each of the two, with both 1/3; all of them "
          "add up to 1"),
    mistakes=[
        (lambda s, K: 1 / K,
         "this is the share of all orders with that size: divide it among the coalitions of that size"),
        (lambda s, K: 1 / 2 ** (K - 1),
         "coalitions do not weigh the same: count the ORDERS in which they come first"),
        (lambda s, K: factorial(s) * factorial(K - s) / factorial(K),
         "one place is k's own: (K - 1 - size)! orders of those who come after"),
        (lambda s, K: factorial(s) * factorial(K - 1 - s), "divide by the number of all orders, K!"),
        (lambda s, K: _weight(s, K) * K, "divide by K!, not by (K - 1)!: k itself has K places"),
        (lambda s, K: factorial(s) / factorial(K),
         "those who come after k can also stand in many orders: (K - 1 - size)!"),
    ],
)  # fmt: skip

values = Exercise(
    "what_has_it_learnt.6",
    answer=_shapley,
    cases=[(team, 3), (pairs, 4), (team, 4)],
    names="credit",
    arguments="value, K",
    batch=None,
    steps={"weight": coalition_weight},
    hint=("for a value that is a plain sum of numbers, each must get its own number back; and all "
          "together must get value(everybody) - value(nobody)"),
    mistakes=[
        (lambda v, K: _shapley(v, K, only=-1),
         "this is what is lost when k leaves last: average over all coalitions"),
        (lambda v, K: _shapley(v, K, only=0), "this is what k brings alone: average over all coalitions"),
        (lambda v, K: _shapley(v, K, weight=lambda s, K: 2.0 ** (1 - K)),
         "coalitions do not weigh the same: use the weight of the first step"),
        (lambda v, K: _shapley(v, K, weight=lambda s, K: 1 / K),
         "divide the weight of a size among the coalitions of that size"),
        (lambda v, K: _shapley(v, K, sign=-1), "what k brings is value WITH k minus value without"),
        (lambda v, K: _shapley(v, K, weight=lambda s, K: _weight(s, K) * K), "divide by K!, not by (K - 1)!"),
        (lambda v, K: _shapley(v, K, weight=lambda s, K: _weight(K - 1 - min(s + 1, K - 1), K)),
         "size counts those BEFORE k: k itself is not among them"),
        (lambda v, K: np.array([sum(_weight(int(m.sum()), K) * v(np.where(np.arange(K) == k, True, m))
                                    for m in _with(K, k)) for k in range(K)]),
         "subtract what the coalition is worth without k"),
    ],
)  # fmt: skip

EXERCISES = [on_paper, integrated, cam, permuted, border, values]
