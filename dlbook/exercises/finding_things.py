"""Exercises: finding things."""

from itertools import pairwise

import numpy as np

from .inputs import normal
from .judge import Exercise

on_paper = Exercise(
    "finding_things.1",
    answer=(1 / 6, 3 / 7, 0.5),
    names="IoU, IoU of the shifted, average precision",
    hint="(a) draw both: they share 2 by 2; (b) by (.2); (c) precision at the two hits is 1/2 and 2/4",
    mistakes=[
        ((1 / 7, 3 / 7, 0.5), "IoU: the shared area is counted once in the union: 12 + 16 - 4"),
        ((4.0, 3 / 7, 0.5), "IoU: this is the overlap: divide by the union"),
        ((1 / 3, 3 / 7, 0.5), "IoU: divide by the union, not by the smaller area"),
        ((0.25, 3 / 7, 0.5), "IoU: divide by the union, not by the larger area"),
        ((1 / 6, 0.6, 0.5), "IoU of the shifted: 6 of 10 is shared, but together they cover 14"),
        ((1 / 6, 0.4, 0.5), "IoU of the shifted: 4 is the shift: what is shared is 10 - 4"),
        ((1 / 6, 7 / 3, 0.5), "IoU of the shifted: turned round: an IoU is never above 1"),
        ((1 / 6, 3 / 7, 0.25),
         "average precision: a sum over the TWO things, each counts a half, not a quarter"),
        ((1 / 6, 3 / 7, 1.0), "average precision: each of two things counts a half"),
        ((1 / 6, 3 / 7, 17 / 48), "average precision: only where recall rises, so at the two hits"),
        ((1 / 6, 3 / 7, 0.75), "average precision: the second hit is the fourth box: precision 2/4, not 1"),
    ],
)  # fmt: skip


def _decode(t, a, *, shift="size", stretch="exp", back=1.0):
    size = {"size": a[:, 2:], "one": 1.0, "half": a[:, 2:] / 2, "turned": a[:, :1:-1]}[shift]
    s = a[:, 2:]
    new = {
        "exp": s * np.exp(t[:, 2:]),
        "plus": s + t[:, 2:],
        "times": s * t[:, 2:],
        "one": s * (1 + t[:, 2:]),
        "no anchor": np.exp(t[:, 2:]),
        "other": s * np.exp(-t[:, 2:]),
    }[stretch]
    return np.hstack([a[:, :2] + back * size * t[:, :2], new])


_T, _A = normal(1, (5, 4), (5, 4))
_ANCHORS = np.hstack([4 * _A[:, :2], 2 + np.abs(3 * _A[:, 2:])])

decode = Exercise(
    "finding_things.2",
    answer=_decode,
    cases=[(_T, _ANCHORS)],
    names="box", arguments="t, a",
    hint=("(.3): offsets 0 give the anchor itself; (0.5, 0, ln 2, 0) moves it by half its width and "
          "doubles that"),
    mistakes=[
        (lambda t, a: _decode(t, a, shift="one"), "a shift counts in sizes of the anchor: times w and h"),
        (lambda t, a: _decode(t, a, shift="half"),
         "a shift counts in whole sizes of the anchor, not in half ones"),
        (lambda t, a: _decode(t, a, shift="turned"),
         "x goes with the width, y with the height: yours are changed over"),
        (lambda t, a: _decode(t, a, stretch="plus"), "sizes are stretched by a factor, exp(t), not added to"),
        (lambda t, a: _decode(t, a, stretch="times"),
         "t is the LOGARITHM of the factor: t = 0 must leave the size"),
        (lambda t, a: _decode(t, a, stretch="one"), "1 + t is exp(t) only near 0, and can be negative"),
        (lambda t, a: _decode(t, a, stretch="no anchor"), "the factor multiplies the size of the anchor"),
        (lambda t, a: _decode(t, a, stretch="other"), "the sign in the exponent: t = ln(box / anchor)"),
        (lambda t, a: _decode(t, a, back=-1.0), "the sign of the shift: t = (box - anchor) / size"),
    ],
)  # fmt: skip


def _table(a, b, *, clip=True, pixels=0, union="both", turned=False):
    x, y = a[:, None], b[None]
    sides = np.minimum(x[..., 2:], y[..., 2:]) - np.maximum(x[..., :2], y[..., :2]) + pixels
    overlap = np.prod(np.maximum(sides, 0) if clip else sides, axis=-1)
    one, two = (np.prod(v[..., 2:] - v[..., :2] + pixels, axis=-1) for v in (x, y))
    whole = {
        "both": one + two - overlap,
        "sum": one + two,
        "small": np.minimum(one, two) + 0 * overlap,
        "first": one + 0 * overlap,
        "none": 1.0,
    }[union]
    return (overlap / whole).T if turned else overlap / whole


_CORNERS = [4 * np.abs(z) for z in normal(2, (5, 2), (5, 2), (4, 2), (4, 2))]
_FIRST = np.hstack([_CORNERS[0], _CORNERS[0] + 1 + _CORNERS[1]])
_SECOND = np.hstack([_CORNERS[2], _CORNERS[2] + 1 + _CORNERS[3]])
_FAR = np.array([[0.0, 0, 2, 3], [5, 6, 7, 8]])

table = Exercise(
    "finding_things.3",
    answer=_table,
    cases=[(_FIRST, _SECOND), (_FAR, np.vstack([_FAR, [[1, 1, 3, 4]]]))],
    names="table", arguments="a, b", batch=None,
    hint="the boxes of By hand give 0.125; a[:, None] against b makes the table; far ones give 0",
    mistakes=[
        (lambda a, b: _table(a, b, clip=False),
         "two negative sides have a positive product: np.maximum(sides, 0) before you multiply"),
        (lambda a, b: _table(a, b, union="sum"), "what they share is in both areas: take it away once"),
        (lambda a, b: _table(a, b, union="small"), "divide by the union, not by the smaller area"),
        (lambda a, b: _table(a, b, union="first"), "divide by the union, not by one of the areas"),
        (lambda a, b: _table(a, b, union="none"), "this is the overlap: divide by the union"),
        (lambda a, b: _table(a, b, pixels=1),
         "right - left is the width: no + 1, right is where the box has ended"),
        (lambda a, b: _table(a, b, turned=True), "boxes of a in the ROWS: (N, M)"),
        (lambda a, b: np.diag(_table(a, b)),
         "every box of a with EVERY box of b: a table (N, M)"),
    ],
)  # fmt: skip


def _keep(overlap, scores, t, *, against="kept", worst=False, low=False, sort=False, mask=False):
    order = np.argsort(scores if worst else -scores)
    kept: list[int] = []
    seen: list[int] = []
    for k in order:
        rivals = kept if against == "kept" else seen if against == "seen" else kept[-1:]
        if all((overlap[k, j] >= t if low else overlap[k, j] <= t) for j in rivals):
            kept.append(k)
        seen.append(k)
    if mask:
        return np.isin(np.arange(len(scores)), kept)
    return np.sort(kept) if sort else np.array(kept)


_BOXES = np.array(
    [[0.0, 0, 4, 4], [10, 0, 14, 4], [1, 0, 5, 4], [2, 0, 6, 4], [11, 0, 15, 4], [20, 0, 22, 2]]
)
_SCORES = np.array([0.8, 0.9, 0.7, 0.6, 0.3, 0.5])

suppress = Exercise(
    "finding_things.4",
    answer=_keep,
    cases=[(_table(_BOXES, _BOXES), _SCORES, t) for t in (0.5, 0.25)],
    names="places", arguments="overlap, scores, t", batch=None,
    use=lambda f, *args: np.asarray(f(*args)),
    hint="surest first; each in its turn stays if its IoU with all that already stay is at most t",
    mistakes=[
        (lambda *x: _keep(*x, against="seen"),
         "only a KEPT box suppresses: one that has gone itself removes nobody"),
        (lambda *x: _keep(*x, against="last"), "compare with ALL that were kept, not with the last one"),
        (lambda *x: _keep(*x, worst=True), "surest first: the LARGEST score begins"),
        (lambda *x: _keep(*x, low=True), "those with a LARGE IoU go: they are doubles"),
        (lambda *x: _keep(*x, sort=True), "surest first: in the order of the scores, not of the places"),
        (lambda *x: _keep(*x, mask=True), "places are asked for, not a mask"),
        (lambda o, s, t: np.argsort(-s), "nothing has been suppressed"),
        (lambda o, s, t: s[_keep(o, s, t)], "these are the scores: their places are asked for"),
    ],
)  # fmt: skip


def _triplet(
    a, p, n, m, *, mean=True, gate="loss", factor=2.0, sign=1.0, alone=False, swapped=False
):
    L = ((a - p) ** 2).sum(axis=1) - ((a - n) ** 2).sum(axis=1)
    on = {"loss": L + m > 0, "always": L == L, "no margin": L > 0}[gate][:, None]
    on = sign * factor * on / (len(a) if mean else 1)
    da = a - p if alone else p - n if swapped else n - p
    return on * da, on * (p - a), on * (a - n)


_TRIPLETS = normal(3, (8, 3), (8, 3), (8, 3))

triplet = Exercise(
    "finding_things.5",
    answer=_triplet,
    cases=[(*_TRIPLETS, 0.5), (*_TRIPLETS, 2.0)],
    names="dL/da, dL/dp, dL/dn", arguments="a, p, n, m", batch=None,
    hint="where the loss is 0, so are all three; else 2(n - p), 2(p - a), 2(a - n), each over N",
    mistakes=[
        (lambda *x: _triplet(*x, gate="always"),
         "where the loss is 0 the gradient is 0: a triplet that is far enough"),
        (lambda *x: _triplet(*x, gate="no margin"), "the margin m belongs into the comparison with 0"),
        (lambda *x: _triplet(*x, mean=False), "the loss is a mean: divide by N"),
        (lambda *x: _triplet(*x, factor=1.0), "the 2 of the squares is missing"),
        (lambda *x: _triplet(*x, sign=-1.0), "the sign: this is the way downhill"),
        (lambda *x: _triplet(*x, alone=True), "a stands in both distances: 2(a - p) - 2(a - n)"),
        (lambda *x: _triplet(*x, swapped=True), "2(a - p) - 2(a - n) = 2(n - p): mind the sign of dL/da"),
    ],
)  # fmt: skip


def _link(overlap, least, *, rows=False, greedy=True, once=True, strict=False, turned=False):
    left, old = np.array(overlap, float), np.full(overlap.shape[1], -1)
    if not greedy:
        if left.size:
            best = left.argmax(axis=0)
            old = np.where(left.max(axis=0) >= least, best, -1)
        return old
    if rows:
        for row in range(len(left)):
            if left.shape[1] and left[row].max() >= least:
                column = left[row].argmax()
                old[column], left[:, column] = row, -1
        return old
    while left.size and (left.max() > least if strict else left.max() >= least):
        i, j = np.unravel_index(left.argmax(), left.shape)
        old[j], left[:, j] = i, -1
        if once:
            left[i] = -1
    if turned:
        new = np.full(len(overlap), -1)
        new[old[old >= 0]] = np.flatnonzero(old >= 0)
        return new
    return old


_LINKS = [
    (np.array([[0.6, 0.7, 0.0], [0.0, 0.65, 0.2]]), 0.3),
    (np.array([[0.7, 0.6, 0.1], [0.75, 0.4, 0.0], [0.0, 0.2, 0.0]]), 0.3),
    (np.array([[0.5, 0.0], [0.0, 0.2]]), 0.5),
]

link = Exercise(
    "finding_things.6",
    answer=_link,
    cases=_LINKS,
    names="old", arguments="overlap, least", batch=None,
    use=lambda f, *args: np.asarray(f(*args)),
    hint="the largest entry of the whole table first; then its row and its column are used up",
    mistakes=[
        (lambda *x: _link(*x, greedy=False), "an old box is continued once only: forget its ROW too"),
        (lambda *x: _link(*x, once=False), "an old box is continued once only: forget its ROW too"),
        (lambda *x: _link(*x, rows=True), "the largest entry of the WHOLE table first, not row by row"),
        (lambda *x: _link(*x, strict=True), "AT LEAST `least`: equal counts"),
        (lambda o, least: _link(o, -0.5), "a pair below `least` is not linked: -1"),
        (lambda *x: _link(*x, turned=True), "for each NEW box (column) the old one, not the other way round"),
    ],
)  # fmt: skip


def _follow(frames, least, *, first=0, reuse=False, fresh=False, place=False, gap=False):
    numbers, unused = [np.arange(len(frames[0])) + first], len(frames[0]) + first
    for before, now in pairwise(frames):
        old = _link(_table(before, now), 2.0 if fresh else least)
        ids = []
        if reuse:
            unused = max(numbers[-1], default=-1) + 1
        for k in old:
            ids.append(unused if k < 0 else k if place else numbers[-1][k])
            unused += (k < 0) or gap
        numbers.append(np.array(ids, int))
    return numbers


_FILM = [
    np.array([[0.0, 0, 4, 4], [10, 10, 14, 14], [20, 0, 24, 4]]),
    np.array([[11.0, 10, 15, 14], [21, 0, 25, 4], [1, 0, 5, 4]]),
    np.array([[2.0, 0, 6, 4], [12, 10, 16, 14]]),
    np.array([[13.0, 10, 17, 14], [30, 0, 34, 4], [3, 0, 7, 4], [22, 0, 26, 4]]),
    np.array([[30.0, 1, 34, 5], [4, 0, 8, 4]]),
]

tracks = Exercise(
    "finding_things.6",
    answer=_follow,
    cases=[(_FILM, 0.3), (_FILM, 0.62)],
    names="numbers", arguments="frames, least", batch=None,
    use=lambda f, *args: np.concatenate([np.asarray(ids).ravel() for ids in f(*args)]).astype(float),
    hint="link gives the PLACE of the old box in the frame before; its number stands in the last list",
    mistakes=[
        (lambda *x: _follow(*x, place=True),
         "link gives the old box's place in its frame: its number is numbers[-1][place]"),
        (lambda *x: _follow(*x, reuse=True),
         "a number that was used is never given again, also if its box has left"),
        (lambda *x: _follow(*x, fresh=True), "a box that continues one of the frame before keeps its number"),
        (lambda *x: _follow(*x, first=1), "the first frame has the numbers 0, 1, ...: count from 0"),
        (lambda *x: _follow(*x, gap=True), "a number is used up only by a box that is new"),
        (lambda frames, least: [np.arange(len(f)) for f in frames],
         "these are the places in each frame: a box keeps its number when its place changes"),
    ],
    steps={"link": link},
)  # fmt: skip

EXERCISES = [on_paper, decode, table, suppress, triplet, tracks]
