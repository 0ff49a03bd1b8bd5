"""Exercises: without labels."""

import numpy as np

from .. import primitives as p
from .inputs import normal
from .judge import Exercise

on_paper = Exercise(
    "without_labels.1",
    answer=(4.0, 14 / 3, 0.126928),
    names="missed, J, loss",
    hint=("(a) all squares less those of the projections; (b) draw the line, and go on until no point "
          "changes its heap; (c) write down the four logits: two are 1"),
    mistakes=[
        ((48.0, 14 / 3, 0.126928), "missed: 48 is what is kept; all squares together are 52"),
        ((52.0, 14 / 3, 0.126928), "missed: these are all squares; take away what the direction keeps"),
        ((4 / 52, 14 / 3, 0.126928), "missed: this is a share: it is asked for as a sum of squares"),
        ((4 / 3, 14 / 3, 0.126928), "missed: this is the mean of three: it is asked for as a sum of squares"),
        ((2.0, 14 / 3, 0.126928), "missed: each coordinate counts: of (3, 1) there is (1, -1) left"),
        ((-44.0, 14 / 3, 0.126928),
         "missed: the direction has length 1: divide the products by the root of 2"),
        ((4.0, 122 / 3, 0.126928), "J: go on until nothing changes: after one round 2 and 3 lie nearer to 1"),
        ((4.0, 146 / 3, 0.126928),
         "J: this is the first heap 0 and the three others: go on until nothing changes"),
        ((4.0, 34.0, 0.126928), "J: go on until nothing changes: 3 lies nearer to 1 than to 7"),
        ((4.0, 14 / 9, 0.126928), "J: the sum of the squares, not their mean"),
        ((4.0, 14 / 12, 0.126928), "J: the sum of the squares, not their mean"),
        ((4.0, 10 / 3, 0.126928), "J: SQUARED distances are added up"),
        ((4.0, 14 / 3, 0.313262),
         "loss: the other name lies in the opposite direction: its cosine is -1, not 0"),
        ((4.0, 14 / 3, 0.253856), "loss: (.5) is the mean of the two questions, not their sum"),
        ((4.0, 14 / 3, 0.0), "loss: not even a perfect place gives probability 1: the logits are 1 and -1"),
        ((4.0, 14 / 3, 0.880797), "loss: this is the probability: take minus its logarithm"),
        ((4.0, 14 / 3, 0.693147), "loss: ln 2 is guessing: the own logit is larger than the other"),
        ((4.0, 14 / 3, 0.055126), "loss: the natural logarithm is meant"),
    ],
)  # fmt: skip


def _directions(s, share, power=2, first=1, rest=False):
    kept = np.cumsum(s**power) / np.sum(s**power)
    return int(np.argmax(kept >= (1 - share if rest else share))) + first


spectrum = Exercise(
    "without_labels.2",
    answer=_directions,
    cases=[(np.sort(np.abs(normal(1, 12)[0]))[::-1], share) for share in (0.5, 0.8, 0.95)],
    arguments="s, share", batch=None,
    hint="with s = 3, 2, 1 the squares are 9, 4, 1 of 14: one direction keeps 64 %, two 93 %",
    mistakes=[
        (lambda s, q: _directions(s, q, power=1),
         "the squares of the singular values are what is shared out: (.2)"),
        (lambda s, q: _directions(s, q, first=0), "places count from 0: one direction is place 0"),
        (lambda s, q: _directions(s, q, rest=True),
         "share is the share that is KEPT, not the one that is missed"),
        (lambda s, q: _directions(s, q, first=2),
         "one too many: the direction that reaches the share is counted once"),
        (lambda s, q: round(q * len(s)), "directions do not keep equal shares: add up the squares of s"),
    ],
)  # fmt: skip


def _round(X, mu, *, far=False, empty="old", old=False, power=2.0, mean=False, plain=False):
    d = ((X[:, None] - mu) ** 2).sum(axis=2)
    c = d.argmax(axis=1) if far else d.argmin(axis=1)
    other = {
        "old": mu,
        "middle": np.tile(X.mean(axis=0), (len(mu), 1)),
        "nan": mu * np.nan,
        "zero": 0 * mu,
    }
    new = np.array(
        [X[c == k].mean(axis=0) if np.any(c == k) else other[empty][k] for k in range(len(mu))]
    )
    lengths = np.sum((X - (mu if old else new)[c]) ** 2, axis=1) ** (power / 2)
    return c, mu if plain else new, lengths.mean() if mean else lengths.sum()


_HEAPS = [
    (normal(2, (14, 2))[0], normal(3, (3, 2))[0]),
    (np.array([[0.0, 0], [0, 2], [6, 0], [6, 2]]), np.array([[0.0, 1], [5, 1], [20, 20]])),
]

k_means = Exercise(
    "without_labels.3",
    answer=_round,
    cases=_HEAPS,
    names="c, new centres, J",
    arguments="X, mu",
    hint="try the four corners of By hand with the centres (0, 0) and (0, 2): J is 36",
    mistakes=[
        (lambda X, mu: _round(X, mu, old=True),
         "J is asked for with the NEW centres: yours is that of the old ones"),
        (lambda X, mu: _round(X, mu, power=1), "J adds up SQUARED distances: (.3)"),
        (lambda X, mu: _round(X, mu, mean=True), "J is a sum over the points, not a mean"),
        (lambda X, mu: _round(X, mu, far=True), "this is the farthest centre: each point takes the NEAREST"),
        (lambda X, mu: _round(X, mu, plain=True, old=True),
         "the centres have not moved: each becomes its heap's mean"),
        *((lambda X, mu, e=e: _round(X, mu, empty=e), "a heap that nobody has chosen keeps its centre")
          for e in ("middle", "nan", "zero")),
        (lambda X, mu: (_round(X, _round(X, mu)[1])[0], *_round(X, mu)[1:]),
         "the heaps are those of the centres that came in: you have sorted once more"),
    ],
)  # fmt: skip


def _names(a, b, tau, *, turned=True, rows=1, columns=1, across=True, size=True, warm=1):
    length = np.linalg.norm(b, axis=1, keepdims=True)
    u, v = a / np.linalg.norm(a, axis=1, keepdims=True), b / length
    z, own = u @ v.T / tau, np.eye(len(a))
    G = (rows * (p.softmax(z)[0] - own) + columns * (p.softmax(z.T)[0].T - own)) / (2 * len(a))
    dv = (G.T if turned else G) @ u / tau**warm
    if across:
        dv = dv - v * (v * dv).sum(axis=1, keepdims=True)
    return dv / length if size else dv


contrast = Exercise(
    "without_labels.4",
    answer=_names,
    cases=[(*normal(4, (4, 3), (4, 3)), 0.5), (*normal(5, (3, 5), (3, 5)), 0.2)],
    names="dL/db", arguments="a, b, tau",
    hint=("v_j stands in the logits z_ij of all i: dL/dv_j = sum over i of G_ij u_i / tau; then (.7) with "
          "b in the place of a"),
    mistakes=[
        (lambda *x: _names(*x, turned=False), "name j stands in the COLUMNS of G: use G.T, not G"),
        (lambda *x: _names(*x, columns=0, rows=2),
         "the loss asks two questions: Q, the softmax along the columns, is missing"),
        (lambda *x: _names(*x, columns=2, rows=0),
         "the loss asks two questions: P, the softmax along the rows, is missing"),
        (lambda *x: _names(*x, columns=0),
         "the loss asks two questions: Q, the softmax along the columns, is missing"),
        (lambda *x: _names(*x, across=False), "only what is across v arrives: (.7)"),
        (lambda *x: _names(*x, across=False, size=False), "this is dL/dv: go on to b by (.7)"),
        (lambda *x: _names(*x, size=False), "divide by the length of b: (.7)"),
        (lambda *x: _names(*x, warm=0), "the factor 1 / tau is missing: z = u.v / tau"),
        (lambda *x: -_names(*x), "the sign: this is the way downhill, the gradient is asked for"),
        (lambda *x: len(x[0]) * _names(*x), "the loss is a mean: divide by N"),
        (lambda *x: 2 * _names(*x), "the mean of two questions: divide by 2 N, not by N"),
        (lambda a, b, tau: _names(b, a, tau), "this is the gradient by a"),
    ],
)  # fmt: skip


def _recall(scores, k, *, kind=False, axis=1, times=1.0, late=0):
    own = np.diag(scores)[:, None] if axis == 1 else np.diag(scores)
    before = (scores > own).sum(axis=axis) + 1 if kind else (scores >= own).sum(axis=axis)
    return times * float(np.mean(before <= k + late))


_SCORES = np.round(2 * normal(6, (12, 12))[0] + 2 * np.eye(12))

found = Exercise(
    "without_labels.5",
    answer=_recall,
    cases=[(normal(7, (15, 15))[0] + np.eye(15), 3), (_SCORES, 3), (np.ones((4, 4)), 1)],
    names="recall", arguments="scores, k", batch=None,
    hint="how many names of a row score at least as much as the right one? It counts itself",
    mistakes=[
        (lambda s, k: _recall(s, k, kind=True),
         "a name that scores as much as the right one stands before it"),
        (lambda s, k: _recall(s, k, axis=0),
         "names are compared along the rows: this finds pictures for names"),
        (lambda s, k: _recall(s, k, times=100), "a share is asked for, not per cent"),
        (lambda s, k: _recall(s, k, times=len(s)), "a share is asked for, not a number of pictures"),
        (lambda s, k: _recall(s, k, late=-1), "one too few: >= counts its own score as well"),
        (lambda s, k: _recall(s, k, late=1), "one too many: the right name must be AMONG the k best"),
        (lambda s, k: _recall(-s, k), "the best have the LARGEST scores"),
    ],
)  # fmt: skip


def _ask(P, labelled, n, *, score=None, sign=1, leave=True, turn=False):
    best = np.sort(P, axis=1)
    m = sign * (best[:, -1] - best[:, -2] if score is None else score(P))
    if leave:
        m[labelled] = np.inf
    found = np.argsort(m)[:n]
    return found[::-1] if turn else found


def _among_others(P, labelled, n):
    return _ask(np.delete(P, labelled, axis=0), [], n)


ask = Exercise(
    "without_labels.6",
    answer=_ask,
    cases=[(p.softmax(2 * z)[0], np.array(known), n) for z, known, n in (
        (normal(8, (19, 4))[0], [0, 2, 7], 5), (normal(9, (12, 3))[0], [5, 3, 1, 10], 4))],
    names="places", arguments="P, labelled, n",
    hint="sort each row; the margin is its last entry less the one before it",
    mistakes=[
        (lambda *x: _ask(*x, sign=-1), "the SMALLEST margin is asked for: these are the surest"),
        (lambda P, k, n: _ask(P, k, n, leave=False), "some of these are known already: leave `labelled` out"),
        (lambda *x: _ask(*x, score=lambda P: P.max(axis=1)),
         "this is the smallest probability of the best: the margin is between the best and the second best"),
        (lambda *x: _ask(*x, score=lambda P: (P * np.log(P)).sum(axis=1)),
         "this is the entropy: the margin is between the best and the second best"),
        (lambda *x: _ask(*x, score=lambda P: P.max(axis=1) - P.min(axis=1)),
         "this is the best less the worst: the margin is between the best and the second best"),
        (lambda *x: _ask(*x, turn=True), "smallest margin FIRST"),
        (_among_others, "these are places among the others: places in P are asked for"),
        (lambda P, k, n: np.sort(_ask(P, k, n)),
         "in the order of their margins, smallest first: not sorted by place"),
    ],
)  # fmt: skip


def _chances(X, centres, *, power=2.0, which=np.min, share=True):
    d = which(np.sum((X[:, None] - centres) ** 2, axis=2), axis=1) ** (power / 2)
    return d / d.sum() if share else d


chances = Exercise(
    "without_labels.7",
    answer=_chances,
    cases=[(normal(12, (7, 3))[0], normal(13, (3, 3))[0]), (normal(10, (6, 2))[0], normal(11, (1, 2))[0])],
    names="p", arguments="X, centres",
    hint="points 0, 1, 3 on a line and one centre, 0: squares 0, 1, 9, chances 0, 0.1, 0.9",
    mistakes=[
        (lambda X, m: _chances(X, m, power=1), "in proportion to the SQUARED distance"),
        (lambda X, m: _chances(X, m, power=4), "this is squared twice"),
        (lambda X, m: _chances(X, m, share=False), "chances add up to 1: divide by the sum"),
        (lambda X, m: _chances(X, m[:1]), "to the NEAREST of all centres, not to the first"),
        (lambda X, m: _chances(X, m[-1:]), "to the NEAREST of all centres, not to the last"),
        (lambda X, m: _chances(X, m, which=np.sum), "this is the sum over all centres: to the NEAREST"),
    ],
)  # fmt: skip


def _draw(p, u, first=0):
    return int(np.argmax(np.cumsum(p) > u)) + first


draw = Exercise(
    "without_labels.7",
    answer=_draw,
    cases=[(np.array([0.0, 0.1, 0.2, 0.7]), u) for u in (0.05, 0.15, 0.9, 0.0)],
    arguments="p, t", batch=None,
    hint="p = 0.2, 0.5, 0.3 has the running sums 0.2, 0.7, 1.0: t = 0.6 draws place 1",
    mistakes=[
        (lambda p, u: int(np.argmax(p)), "this is the most likely place: chance must decide, through t"),
        (lambda p, u: _draw(p, u, 1), "one too far: the first place whose running sum is larger"),
        (lambda p, u: int(np.searchsorted(np.cumsum(p), u)),
         "LARGER than t: a place with chance 0 must never be drawn"),
        (lambda p, u: int(u * len(p)), "this draws evenly: p is not used"),
        (lambda p, u: int(np.argmax(p > u)), "the running SUM of p is compared with t: np.cumsum"),
    ],
)  # fmt: skip


def _starts(X, us, *, power=2.0, last=False, first=False, evenly=False, far=False):
    places = [_draw(np.full(len(X), 1 / len(X)), us[0])]
    for u in us[1:]:
        chance = _chances(
            X, X[places[-1:] if last else places[:1] if first else places], power=power
        )
        chance = np.full(len(X), 1 / len(X)) if evenly else chance
        places.append(int(chance.argmax()) if far else _draw(chance, u))
    return np.array(places)


plus = Exercise(
    "without_labels.7",
    answer=_starts,
    cases=[(normal(14, (9, 2))[0], np.array([0.3, 0.8, 0.45])),
           (normal(15, (12, 3))[0], np.array([0.95, 0.1, 0.6, 0.33]))],
    names="places", arguments="X, ts", batch=None,
    use=lambda f, X, us: np.asarray(f(X, us)),
    hint="one number of `ts` for each centre: the first with equal chances, then chances(X, X[places])",
    mistakes=[
        (lambda X, us: _starts(X, us, far=True),
         "this is the farthest point each time: draw it by its chance"),
        (lambda X, us: _starts(X, us, evenly=True), "all are drawn evenly: after the first by your chances"),
        (lambda X, us: _starts(X, us, first=True),
         "chances look at ALL centres so far, not at the first one"),
        (lambda X, us: _starts(X, us, last=True), "chances look at ALL centres so far, not at the last one"),
        (lambda X, us: _starts(X, us, power=1), "the chances go by SQUARED distances"),
        (lambda X, us: X[_starts(X, us)], "these are the points: their places are asked for"),
        (lambda X, us: _starts(X, us)[1:], "the first centre, drawn evenly, is missing"),
        (lambda X, us: _starts(X, np.full(len(us), us[0])), "each centre has a number of its own: ts[k]"),
    ],
    steps={"chances": chances, "draw": draw},
)  # fmt: skip

EXERCISES = [on_paper, spectrum, k_means, contrast, found, ask, plus]
