"""Exercises: can it be trusted?"""

import numpy as np

from .inputs import normal
from .judge import Exercise

on_paper = Exercise(
    "can_it_be_trusted.1",
    answer=(1.4, 1.0, 0.5),
    names="lowered by, standard deviation, PPV",
    hint=("(a) each entry against its weight's sign; (b) variances add up: square, add, take the root; "
          "(c) think of 100 people: how many are found rightly, how many wrongly?"),
    mistakes=[
        ((0.2, 1.0, 0.5), "lowered by: 0.2 (3 - 4) moves both the same way: each has its own sign"),
        ((-0.2, 1.0, 0.5), "lowered by: 0.2 (3 - 4) moves both the same way: each has its own sign"),
        ((-1.4, 1.0, 0.5), "lowered by: the size of the fall is asked for, a positive number"),
        ((1.0, 1.0, 0.5), "lowered by: this is 0.2 times the LENGTH of w, not the sum of sizes"),
        ((7.0, 1.0, 0.5), "lowered by: this is the sum of the sizes: times 0.2"),
        ((1.4, 1.4, 0.5), "standard deviation: sizes do not add up at random: squares do"),
        ((1.4, 5.0, 0.5), "standard deviation: this is the length of w: times 0.2"),
        ((1.4, 0.2, 0.5), "standard deviation: each entry moves the score by 0.2 times its WEIGHT"),
        ((1.4, 0.0, 0.5), "standard deviation: the mean is 0; how far from it does a move lie?"),
        ((1.4, 0.5**0.5, 0.5), "standard deviation: the variances are added up, not averaged"),
        ((1.4, 1.0, 0.9), "PPV: 90 % is found of those who HAVE it: asked is who has it of the found"),
        ((1.4, 1.0, 0.1), "PPV: this is the base rate, or the FPR: count who is found"),
        ((1.4, 1.0, 0.09), "PPV: 9 of 100 are found rightly: of how many that are found?"),
        ((1.4, 1.0, 0.18), "PPV: 18 of 100 are found: how many of them have it?"),
        ((1.4, 1.0, 0.09 / 0.19), "PPV: 10 % of the 90 who have it not, not of all 100"),
    ],
)  # fmt: skip


def _one(x, g, r, *, sign=np.sign, way=1, low=0.0, high=1.0):
    return np.clip(x + way * r * sign(g), low, high)


_PIXELS = [(1 / (1 + np.exp(-2 * a)), g, r) for (a, g), r in (
    (normal(1, (3, 4), (3, 4)), 0.1), (normal(2, (2, 5), (2, 5)), 0.4))]  # fmt: skip

one_step = Exercise(
    "can_it_be_trusted.2",
    answer=_one,
    cases=_PIXELS,
    names="x'", arguments="x, g, r",
    hint="a pixel of 0.5 with a positive gradient becomes 0.5 + r; one of 0.95 may not become more than 1",
    mistakes=[
        (lambda *a: _one(*a, low=-np.inf, high=np.inf), "pixels stay between 0 and 1: clip them"),
        (lambda *a: _one(*a, way=-1), "this goes down: an attack RAISES the loss"),
        (lambda *a: _one(*a, sign=lambda g: g), "the SIGN of the gradient: every pixel moves by r, (.2)"),
        (lambda *a: _one(*a, sign=lambda g: g / np.linalg.norm(g)),
         "this is r times a direction of length 1: (.2) moves EVERY pixel by r"),
        (lambda *a: _one(*a, low=0.0, high=np.inf), "pixels stay below 1, too"),
        (lambda *a: _one(*a, low=-np.inf, high=1.0), "pixels stay above 0, too"),
        (lambda x, g, r: r * np.sign(g), "this is the change: add it to x"),
    ],
)  # fmt: skip


def _many(gradient, x, r, a, steps, *, way=1, origin=True, ball=True, box=True, sign=np.sign,
          fresh=True):  # fmt: skip
    at, first = x, gradient(x)
    for _ in range(steps):
        moved = at + way * a * sign(gradient(at) if fresh else first)
        centre = x if origin else at
        at = np.clip(moved, centre - r, centre + r) if ball else moved
        at = np.clip(at, 0, 1) if box else at
    return at


def _hill(seed, x, r, a, steps):
    """A loss with its top near x, in some entries out of reach, and where to start."""
    (away,) = normal(seed, x.shape)
    return (lambda at: x + 1.3 * r * away - at), x, r, a, steps


many_steps = Exercise(
    "can_it_be_trusted.3",
    answer=_many,
    cases=[_hill(3, 1 / (1 + np.exp(-2 * normal(4, 9)[0])), 0.1, 0.13, 5),
           _hill(5, np.array([0.02, 0.1, 0.5, 0.7, 0.95, 0.99]), 0.1, 0.04, 6)],
    names="x", arguments="gradient, x, r, a, steps", batch=None,
    hint="keep the original x beside the moving one: np.clip(moved, x - r, x + r), then between 0 and 1",
    mistakes=[
        (lambda *a: _many(*a, ball=False), "after each step every entry is put back to at most r from x"),
        (lambda *a: _many(*a, origin=False), "at most r from the ORIGINAL x, not from the last point"),
        (lambda *a: _many(*a, box=False), "and between 0 and 1"),
        (lambda *a: _many(*a, fresh=False), "the gradient is computed anew at every point: (.3)"),
        (lambda *a: _many(*a, way=-1), "this goes down: an attack RAISES the loss"),
        (lambda *a: _many(*a, sign=lambda g: g), "the SIGN of the gradient: (.3)"),
        (lambda g, x, r, a, n: _many(g, x, r, r, n), "the steps have the size a, not r"),
        (lambda g, x, r, a, n: _many(g, x, r, a / n, n), "every step has the size a: it is not shared out"),
        (lambda g, x, r, a, n: _many(g, x, r, a, 1), "only one step was taken"),
        (lambda g, x, r, a, n: np.clip(
            np.clip(_many(g, x, r, a, n, ball=False, box=False), x - r, x + r), 0, 1),
         "put back after EACH step, not once at the end"),
    ],
)  # fmt: skip


def _private(G, C, s, xi, *, cut="each", mean=True, noise="C", where="sum", least=True):
    size = np.linalg.norm(G, axis=1, keepdims=True)
    share = np.minimum(1, C / size) if least else C / size
    rows = {"each": G * share, "no": G, "entries": np.clip(G, -C, C)}
    if cut == "sum":
        total = G.sum(axis=0)
        total = total * min(1, C / np.linalg.norm(total))
    elif cut == "mean":
        total = G.mean(axis=0)
        total = len(G) * total * min(1, C / np.linalg.norm(total))
    else:
        total = rows[cut].sum(axis=0)
    extra = s * (C if noise == "C" else 1) * xi * (noise != "no")
    if where == "mean":
        return total / len(G) + extra
    return (total + extra) / (len(G) if mean else 1)


private = Exercise(
    "can_it_be_trusted.4",
    answer=_private,
    cases=[((normal(6, (7, 3))[0] + 2) * np.arange(1, 8)[:, None] / 3, 2.5, 0.7, normal(7, 3)[0]),
           (normal(8, (5, 4))[0], 2.0, 1.3, normal(9, 4)[0])],
    names="the gradient", arguments="G, C, s, xi",
    hint="a row (3, 4) has length 5: with C = 1 it becomes (0.6, 0.8), with C = 10 it stays",
    mistakes=[
        (lambda *a: _private(*a, cut="no"), "each row is cut to a length of at most C first"),
        (lambda *a: _private(*a, cut="sum"), "EACH row is cut, before they are added up"),
        (lambda *a: _private(*a, cut="mean"), "EACH row is cut, before they are averaged"),
        (lambda *a: _private(*a, cut="entries"), "the LENGTH of a row is cut, not its entries"),
        (lambda *a: _private(*a, least=False), "a row shorter than C stays: the factor is at most 1"),
        (lambda *a: _private(*a, noise="no"), "the noise s C xi is missing"),
        (lambda *a: _private(*a, noise="1"), "the noise has the size s C, not s"),
        (lambda *a: _private(*a, where="mean"),
         "the noise belongs into the bracket: added once, not per row, and divided by N, too"),
        (lambda *a: _private(*a, mean=False), "divide by N"),
    ],
)  # fmt: skip


def _best(T, s, delta, *, rho=lambda T, s: T / (2 * s**2), root=2.0, first=1.0, half=False, eps=False,
          plus=True, log=np.log):  # fmt: skip
    rho_ = rho(T, s)
    e = first * rho_ + root * np.sqrt(rho_ * log(1 / delta))
    if eps:
        return e
    return (np.exp(e) + (delta if plus else 0)) / (1 + np.exp(e)) * (2 if half else 1)


def _added(T, s, delta):
    e = T * _best(1, s, delta, eps=True)
    return (np.exp(e) + delta) / (1 + np.exp(e))


promise = Exercise(
    "can_it_be_trusted.5",
    answer=_best,
    cases=[(20, 12.0, 0.1), (5, 4.0, 0.05)],
    names="accuracy", arguments="T, s, delta", batch=None,
    hint="first rho, then epsilon (.5), then (.6): with T = 20, s = 10, delta = 1e-5 it is 90.4 %",
    mistakes=[
        (_added,
         "rho adds up over the steps, epsilon does not: first T of rho, then (.5)"),
        (lambda *a: _best(*a, eps=True), "this is epsilon: put it into (.6)"),
        (lambda *a: _best(*a, half=True), "this is u + v: the balanced accuracy is half of it"),
        (lambda *a: _best(*a, plus=False), "delta is missing in (.6)"),
        (lambda *a: _best(*a, rho=lambda T, s: T / s**2), "rho is T / (2 s^2): the 2 is missing"),
        (lambda *a: _best(*a, rho=lambda T, s: T / (2 * s)), "rho has s SQUARED"),
        (lambda *a: _best(*a, rho=lambda T, s: 1 / (2 * s**2)), "rho adds up over T steps"),
        (lambda *a: _best(*a, rho=lambda T, s: T**2 / (2 * s**2)), "rho adds up over T steps: not T squared"),
        (lambda *a: _best(*a, root=1.0), "(.5) has 2 times the root"),
        (lambda *a: _best(*a, first=0.0), "(.5) has rho AND the root"),
        (lambda *a: _best(*a, root=0.0), "(.5) has rho AND the root"),
        (lambda *a: _best(*a, log=np.log10), "the NATURAL logarithm"),
        (lambda T, s, delta: np.exp(_best(T, s, delta, eps=True)), "this is e to epsilon: go on to (.6)"),
    ],
)  # fmt: skip


def _gaps(
    score,
    has,
    group,
    t,
    *,
    way=1,
    strict=False,
    size=False,
    ppv=True,
    flip=False,
    fpr=True,
    index=False,
):
    rows = []
    for g in (0, 1):
        true = has[group == g] if index else has[group == g] == 1
        chosen = score[group == g] > t if strict else score[group == g] >= t
        chosen = ~chosen if flip else chosen
        rows.append([
            chosen.mean(), chosen[true].mean(),
            chosen[~true].mean() if fpr else (chosen & ~true).mean(),
            true[chosen].mean() if ppv else (chosen & true).mean(),
        ])  # fmt: skip
    found = way * (np.array(rows[1]) - np.array(rows[0]))
    return np.abs(found) if size else found


def _crowd(seed, n):
    (a,) = normal(seed, (3, n))
    group = (a[0] > 0.2).astype(int)
    has = (a[1] + 0.8 * group > 0.3).astype(int)
    return np.round(a[2] + has - 0.4 * group, 1), has, group


gaps = Exercise(
    "can_it_be_trusted.6",
    answer=_gaps,
    cases=[(*_crowd(10, 60), 0.3), (*_crowd(11, 45), -0.2)],
    names="the differences", arguments="score, has, group, t",
    hint="chosen = score >= t, for one group alone; TPR is the mean of chosen where has is 1",
    mistakes=[
        (lambda *a: _gaps(*a, index=True),
         "has is 0 or 1, which as an index picks the entries 0 and 1: compare first, has == 1"),
        (lambda *a: _gaps(*a, way=-1), "group 1 LESS group 0: the signs are turned round"),
        (lambda *a: _gaps(*a, size=True), "the sign says which group has more: no absolute value"),
        (lambda *a: _gaps(*a, strict=True), "selected is whose score is AT LEAST t"),
        (lambda *a: _gaps(*a, flip=True), "these are the people NOT selected"),
        (lambda *a: _gaps(*a, ppv=False), "PPV is the share that has it of the SELECTED, not of all"),
        (lambda *a: _gaps(*a, fpr=False), "FPR is the share selected of those who have it NOT, not of all"),
        (lambda *a: _gaps(*a) * 100, "shares are asked for, not per cent"),
        (lambda s, h, g, t: _gaps(s, h, g, t)[[0, 2, 1, 3]],
         "the order: selected, TPR, FPR, PPV; here TPR and FPR are swapped"),
        (lambda s, h, g, t: _gaps(s, g, h, t), "group and has are swapped"),
    ],
)  # fmt: skip


def _home(w, X, y, lr, local, *, way=-1, mean=True, two=1.0):
    for _ in range(local):
        w = w + way * two * lr * X.T @ (X @ w - y) / (len(y) if mean else 1)
    return w


def _house(seed, n):
    X, noise = normal(seed, (n, 2), n)
    return X, X @ np.array([1.0, -2.0]) + 0.3 * noise


at_home = Exercise(
    "can_it_be_trusted.7",
    answer=_home,
    cases=[(np.array([0.5, 0.1]), *_house(12, 9), 0.2, 4), (np.zeros(2), *_house(13, 6), 0.1, 1)],
    names="w", arguments="w, X, y, lr, local", batch=None,
    hint="the gradient of the loss with 1 / (2 n) is X.T (X w - y) / n",
    mistakes=[
        (lambda *a: _home(*a, way=1), "downhill: w MINUS lr times the gradient"),
        (lambda *a: _home(*a, mean=False), "the gradient is divided by n"),
        (lambda *a: _home(*a, two=2.0), "the loss has 1 / (2 n): no factor 2 in the gradient"),
        (lambda *a: _home(*a, two=0.5), "the 2 of 1 / (2 n) is gone in the gradient"),
        (lambda w, X, y, lr, n: _home(w, X, y, lr, 1), "`local` steps, not one"),
        (lambda w, X, y, lr, n: _home(w, X, y, lr * n, 1), "one long step is not `local` steps: X w changes"),
        (lambda w, X, y, lr, n: _home(0 * w, X, y, lr, n), "from the w that came in, not from 0"),
    ],
)  # fmt: skip


def _together(ws, sizes):
    return np.asarray(sizes) @ np.asarray(ws) / np.sum(sizes)


together = Exercise(
    "can_it_be_trusted.7",
    answer=_together,
    cases=[(normal(14, (3, 2))[0], np.array([9, 3, 5])), (normal(15, (2, 4))[0], np.array([1, 7]))],
    names="w", arguments="ws, sizes", batch=None,
    hint="the gradient of all examples is the mean of the holders' gradients weighted by their sizes",
    mistakes=[
        (lambda ws, n: np.mean(ws, axis=0), "a holder with more examples counts more: weigh by the sizes"),
        (lambda ws, n: n @ ws, "a weighted MEAN: divide by the sum of the sizes"),
        (lambda ws, n: n @ ws / len(n), "divide by the sum of the sizes, not by the number of holders"),
        (lambda ws, n: (1 / n) @ ws / np.sum(1 / n), "the weights are turned over: MORE examples count more"),
    ],
)  # fmt: skip


def _averaged(homes, lr, local, rounds, *, plain=False, last=False, chain=False, **how):
    w = np.zeros(homes[0][0].shape[1])
    for _ in range(rounds):
        ws, start = [], w
        for X, y in homes:
            ws.append(_home(start, X, y, lr, local, **how))
            start = ws[-1] if chain else w
        sizes = np.ones(len(homes)) if plain else np.array([len(y) for _, y in homes])
        w = ws[-1] if last else _together(ws, sizes)
    return w


averaged = Exercise(
    "can_it_be_trusted.7",
    answer=_averaged,
    cases=[([_house(16, 9), _house(17, 4)], 0.2, 3, 4),
           ([_house(k, 3 + k % 4) for k in (18, 19, 20)], 0.1, 2, 3)],
    names="w", arguments="homes, lr, local, rounds", batch=None,
    hint="in each round every holder begins at the common w; then together(...) with the numbers of examples",
    mistakes=[
        (lambda *a: _averaged(*a, plain=True), "weigh by the numbers of examples, as in step 2"),
        (lambda *a: _averaged(*a, chain=True),
         "every holder begins at the COMMON w, not where another stopped"),
        (lambda *a: _averaged(*a, last=True), "this is the last holder's w: average all"),
        (lambda h, lr, n, m: _averaged(h, lr, n, 1), "`rounds` rounds, not one"),
        (lambda h, lr, n, m: _averaged(h, lr, 1, m), "`local` steps in each round, not one"),
        (lambda h, lr, n, m: _averaged(h, lr, n * m, 1), "average after EACH round"),
        (lambda h, lr, n, m: _averaged(h, lr, m, n), "local and rounds are swapped"),
    ],
    steps={"at_home": at_home, "together": together},
)  # fmt: skip

EXERCISES = [on_paper, one_step, many_steps, private, promise, gaps, averaged]
