"""Exercises: in service."""

import json
import math

import numpy as np

from .inputs import normal
from .judge import Exercise

on_paper = Exercise(
    "in_service.1",
    answer=(6.5, 0.75, 128 / 81),
    names="mean time, D, ratio",
    hint=("(a) write down for each batch when it begins, who is in it and when it is done; (b) the shares up "
          "to 1, 2, 3, ...; (c) a factor 2q for each miss of the new one, 2 - 2q for each of the old one"),
    mistakes=[
        ((8.0, 0.75, 128 / 81), "time: this is one at a time: all that wait are answered together"),
        ((8.5, 0.75, 128 / 81), "time: from when each request CAME: take the arrivals away"),
        ((26.0, 0.75, 128 / 81), "time: this is the sum of four: the mean is asked for"),
        ((4.0, 0.75, 128 / 81), "time: a batch takes 3 ms AND 1 ms for each request in it"),
        ((6.75, 0.75, 128 / 81), "time: who comes at the very moment when a batch begins is taken along"),
        ((5.5, 0.75, 128 / 81), "time: who comes while a batch is computed waits until it is done"),
        ((6.5, 0.25, 128 / 81), "D: the LARGEST distance of the shares up to a value: look at all values"),
        ((6.5, 0.5, 128 / 81), "D: the LARGEST distance of the shares up to a value: look at all values"),
        ((6.5, 3.0, 128 / 81), "D: a distance of shares, between 0 and 1, not of counts"),
        ((6.5, 0.75, 64 / 27), "ratio: the one that only the old model missed counts too, with 2 - 2q"),
        ((6.5, 0.75, 8 / 81), "ratio: this is the chance under one story: divide by the other, (1/2)^4"),
        ((6.5, 0.75, 32 / 81), "ratio: the NEW one has missed three, the old one once"),
        ((6.5, 0.75, 81 / 128), "ratio: the other way up: how much MORE likely is the new one worse?"),
        ((6.5, 0.75, np.log(128 / 81)), "ratio: this is its logarithm"),
    ],
)  # fmt: skip


def _percentile(took, q):
    return np.sort(took)[math.ceil(q * len(took) - 1e-9) - 1]  # 0.55 * 100 > 55 in floats


_TIMES = [(np.round(10 + 5 * np.abs(normal(1, 20)[0]), 1), 0.95), (np.array([7.0, 5, 90]), 0.5),
          (np.round(20 * np.abs(normal(2, 50)[0]), 1), 0.99)]  # fmt: skip

percentile = Exercise(
    "in_service.2",
    answer=_percentile,
    cases=_TIMES,
    names="percentile", arguments="took, q", batch=None,
    hint="of 5, 7, 90 two thirds took at most 7: that is the percentile for q = 0.5",
    mistakes=[
        (lambda t, q: np.quantile(t, q),
         "this lies between two requests: a time that was measured is asked for"),
        (lambda t, q: np.sort(t)[min(len(t) - 1, math.ceil(q * len(t)))],
         "one place too far: places count from 0"),
        (lambda t, q: np.sort(t)[max(0, math.floor(q * len(t)) - 1)],
         "rounded down: AT LEAST a share q is to be reached"),
        (lambda t, q: t[math.ceil(q * len(t)) - 1], "sort them first"),
        (lambda t, q: np.sort(t)[::-1][math.ceil(q * len(t)) - 1], "sorted the wrong way: the fastest first"),
        (lambda t, q: q * np.max(t), "a share of the REQUESTS, not of the longest time"),
    ],
)  # fmt: skip


def _smallest(rate, c, e):
    return 0 if rate * e >= 1 else math.floor(rate * c / (1 - rate * e) + 1e-9) + 1


batch_size = Exercise(
    "in_service.3",
    answer=_smallest,
    cases=[(100.0, 0.006, 0.001), (160.0, 0.006, 0.001), (500.0, 0.006, 0.001), (1000.0, 0.006, 0.001),
           (100.0, 0.008, 0.002), (32.0, 0.0, 0.03125)],
    arguments="rate, c, e", batch=None,
    hint="(.3) must be MORE than the rate: solve m > rate (c + e m) for m, and look when e rate >= 1",
    mistakes=[
        (lambda r, c, e: next((m for m in range(1, 1025) if m > r * (c + e)), 0),
         "each request in the batch costs e: c + e m, not c + e"),
        (lambda r, c, e: math.ceil(r * c / (1 - r * e) - 1e-9) if r * e < 1 else 0,
         "at exactly the rate the queue does not shrink: MORE than it, so the next whole number"),
        (lambda r, c, e: _smallest(r, c, e) or -1, "where no batch is enough, return 0"),
        (lambda r, c, e: _smallest(r, c, e) or 1024, "where no batch is enough, return 0"),
        (lambda r, c, e: math.ceil(r * (c + e)), "each request in the batch costs e: c + e m, not c + e"),
        (lambda r, c, e: r * c / (1 - r * e), "a whole number of requests is asked for"),
        (lambda r, c, e: int(r * c / (1 - r * e)) if r * e < 1 else 0,
         "rounded down: this batch is too small by a little"),
    ],
)  # fmt: skip


def _status(
    body, wanted, longest, *, characters=False, nan=False, order=False, whole=False, strict=True
):
    size = len(body) if characters else len(body.encode())
    if not order and size > longest:
        return 413
    try:
        x = json.loads(body)["x"]
        if not isinstance(x, list) or len(x) != wanted:
            return 400
        for v in x:
            number = type(v) in (int, float) or (not strict and isinstance(v, bool))
            if whole:
                v = float(v)
            elif not number:
                return 400
            if not nan and not math.isfinite(v):
                return 400
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return 400
    return 413 if size > longest else 200


_BODIES = [
    ('{"x": [0, 0.5, 1]}', 3, 100), ('{"x": [0, 0.5]}', 3, 100), ("x=1", 3, 100),
    ('{"y": [1, 1, 1]}', 3, 100),
    ('{"x": 3}', 3, 100), ("[1, 2, 3]", 3, 100), ('{"x": [0, NaN, 1]}', 3, 100),
    ('{"x": [0, 1e999, 1]}', 3, 100), ('{"x": ["0", "1", "1"]}', 3, 100), ('{"x": [0, null, 1]}', 3, 100),
    ('{"x": [true, 0, 1]}', 3, 100), ('{"x": [0, 1, 1' + 400 * "0" + "]}", 3, 500),
    ('{"x": [0, 1, 1], "who": "ééééééééé"}', 3, 40), ("{" + 50 * "x", 3, 40), ("", 3, 40),
]  # fmt: skip

door = Exercise(
    "in_service.4",
    answer=_status,
    cases=_BODIES,
    names="status", arguments="body, wanted, longest", batch=None,
    hint="in this order: bytes; json.loads, which raises ValueError; a dict with x; a list of that length; "
         "each a finite int or float",
    mistakes=[
        (lambda *a: _status(*a, nan=True),
         "NaN or infinity came through: Python's json reads both; math.isfinite"),
        (lambda *a: _status(*a, characters=True), "bytes, not characters: é has two; len(body.encode())"),
        (lambda *a: _status(*a, order=True),
         "the length comes FIRST: nothing that is too long is to be read"),
        (lambda *a: _status(*a, strict=False),
         "true is no number, though Python's bool is a kind of int: type(v) in (int, float)"),
        (lambda *a: _status(*a, whole=True), 'text is no number: "0" must be refused'),
        (lambda b, w, n: 200 if _status(b, w, n) == 200 else 400, "too long is 413, not 400"),
        (lambda b, w, n: 413 if len(b.encode()) > n else 200, "what is in the body has not been looked at"),
        (lambda b, w, n: _status(b, w, n) if b[:1] == "{" and b[-1:] == "}" else 413
         if len(b.encode()) > n else 500, "what is not JSON is the client's mistake: 400"),
    ],
)  # fmt: skip


def _psi(
    window, reference, K, *, edges="reference", half=0.5, side=None, base=math.e, counts=False
):
    both = np.concatenate([window, reference])
    source = {"reference": reference, "window": window}.get(edges, both)
    if edges == "wide":
        cuts = np.linspace(reference.min(), reference.max(), K + 1)[1:-1]
    else:
        cuts = np.quantile(source, np.arange(1, K) / K)
    f, g = (np.bincount(np.searchsorted(cuts, v), minlength=K) + half for v in (window, reference))
    if not counts:
        f, g = f / f.sum(), g / g.sum()
    log = np.log(f / g) / math.log(base)
    return np.sum((f if side == "f" else g if side == "g" else f - g) * log)


stability = Exercise(
    "in_service.5",
    answer=_psi,
    cases=[(0.5 + normal(3, 60)[0], normal(4, 200)[0], 5), (normal(5, 40)[0], 2 * normal(6, 100)[0], 10)],
    names="PSI", arguments="window, reference, K", batch=None,
    hint="np.searchsorted(cuts, values) gives the bin of each, np.bincount(..., minlength=K) counts them",
    mistakes=[
        (lambda *a: _psi(*a, side="f"),
         "this is the Kullback-Leibler divergence: (f - g) stands before the logarithm"),
        (lambda *a: _psi(*a, side="g"), "g ln(f/g) is one half of it: (f - g) stands before the logarithm"),
        (lambda *a: _psi(*a, edges="window"), "the bins are those of the REFERENCE, the same every day"),
        (lambda *a: _psi(*a, edges="both"), "the bins are those of the REFERENCE, the same every day"),
        (lambda *a: _psi(*a, edges="wide"), "bins of equal SHARE of the reference, not of equal width"),
        (lambda *a: _psi(*a, counts=True), "shares, not counts: divide by their sums"),
        (lambda *a: _psi(*a, half=0),
         "half a request more in each bin: an empty one gives an infinite logarithm"),
        (lambda *a: _psi(*a, half=1), "HALF a request more in each bin, not a whole one"),
        (lambda *a: _psi(*a, base=10), "the natural logarithm is meant"),
        (lambda *a: _psi(*a, base=2), "the natural logarithm is meant"),
        (lambda *a: -_psi(*a), "the sign: each term is positive, (f - g) and ln(f/g) have the same sign"),
    ],
)  # fmt: skip


def _back(missed, q, alpha, *, bound=None, up=True, first=1, never=0, log=False, best=None):
    steps = np.where(missed, math.log(2 * q), math.log(2 - 2 * q))
    if best == "q":
        steps = np.where(missed, math.log(q), math.log(1 - q))
    if not up:
        steps = np.where(missed, math.log(2 - 2 * q), math.log(2 * q))
    purse = np.cumsum(steps)
    over = purse >= (math.log(1 / alpha) if bound is None else math.log(bound(alpha)))
    return int(np.argmax(over)) + first if over.any() else never


_MISSES = [
    (np.array(12 * [False] + 35 * [True]), 2 / 3, 0.05),
    (normal(9, 40)[0] < 0, 2 / 3, 0.05),
    (normal(8, 60)[0] < 0.9, 0.75, 0.01),
    (np.array(10 * [True] + 30 * [False] + 8 * [True]), 0.6, 0.1),
]

roll_back = Exercise(
    "in_service.6",
    answer=_back,
    cases=_MISSES,
    arguments="missed, q, alpha", batch=None,
    hint="add up the logarithms of (.5), one after the other; the first time that they reach ln(1/alpha)",
    mistakes=[
        (lambda *a: _back(*a, first=0), "how MANY: the place 10 is the eleventh"),
        (lambda *a: _back(*a, never=-1), "if it is never reached, return 0"),
        (lambda *a: _back(*a, never=len(a[0])), "if it is never reached, return 0"),
        (lambda *a: _back(*a, up=False),
         "a miss of the new one makes the ratio LARGER: 2q where missed is True"),
        (lambda *a: _back(*a, best="q"), "divide by the other story, 1/2 each: 2q, not q"),
        (lambda *a: _back(*a, bound=lambda alpha: 2 / alpha), "the bound is 1/alpha: (.6) has one side"),
        (lambda m, q, alpha: int(np.argmax(np.cumsum(m) >= len(m) * q)) + 1,
         "this counts misses: the ratio (.5) decides"),
        (lambda m, q, alpha: len(m) if (2 * q) ** m.sum() * (2 - 2 * q) ** (~m).sum() >= 1 / alpha else 0,
         "at the FIRST time that the bound is reached, not only at the end"),
    ],
)  # fmt: skip


def _next(a, free, k, most, *, wait=False, late=False, idle=False, strict=False):
    begin = free if idle else max(free, a[min(k + most, len(a)) - 1] if wait else a[k])
    m = np.sum(a[k:] < begin if strict else a[k:] <= begin)
    return begin, int(m if late else min(m, most))


_ARRIVALS = np.array([0.0, 1, 2, 2.5, 9, 9.5, 20, 20, 21, 22, 23, 24, 40])

next_batch = Exercise(
    "in_service.7",
    answer=_next,
    cases=[(_ARRIVALS, 15.0, 6, 5), (_ARRIVALS, 5.0, 1, 2), (_ARRIVALS, 23.0, 6, 4), (_ARRIVALS, 0.0, 0, 4)],
    names="begin, m", arguments="a, free, k, most", batch=None,
    hint="it begins when the server is free and request k has come: max; then count who has come by then",
    mistakes=[
        (lambda *x: _next(*x, idle=True),
         "the server cannot begin before request k has come: max(free, a[k])"),
        (lambda *x: _next(*x, wait=True), "nobody waits for a batch to fill: take what has come"),
        (lambda *x: _next(*x, late=True), "at most `most` together"),
        (lambda *x: _next(*x, strict=True), "who comes at the very moment is taken along: <="),
        (lambda a, free, k, most: (max(free, a[k]), int(min(np.sum(a <= max(free, a[k])), most))),
         "count from request k on: those before have been answered"),
        (lambda a, free, k, most: (max(free, a[k]), k + _next(a, free, k, most)[1]),
         "how MANY are in the batch, not the place after it"),
    ],
)  # fmt: skip


def _served(a, most, c, e, room=None, *, times=True, per=True, fixed=True, count_served=False):
    waiting: list[int] = []
    done, free, k = np.full(len(a), np.nan), 0.0, 0
    while k < len(a) or waiting:
        begin = max(free, a[waiting[0]] if waiting else a[k])
        while k < len(a) and a[k] <= begin:
            if room is None or len(waiting) + (0 if not count_served else 1) < room:
                waiting.append(k)
            k += 1
        if not waiting:
            continue
        batch, waiting = waiting[:most], waiting[most:]
        free = begin + c * fixed + e * (len(batch) if per else 1)
        done[batch] = free
    return np.where(np.isnan(done), -1, done - a if times else done)


batches = Exercise(
    "in_service.7",
    answer=lambda a, most, c, e: _served(a, most, c, e, times=False),
    cases=[(np.array([0.0, 1, 2, 10]), 4, 4, 1), (_ARRIVALS, 3, 2.0, 0.5), (_ARRIVALS, 1, 2.0, 1.0)],
    names="d", arguments="a, most, c, e", batch=None,
    hint="By hand: arrivals 0, 1, 2, 10 with c = 4 and e = 1 are done at 5, 11, 11, 16",
    mistakes=[
        (lambda *x: _served(*x), "WHEN each is done, not how long it took: do not take the arrivals away"),
        (lambda *x: _served(*x, times=False, per=False), "each request in the batch costs e: c + e m"),
        (lambda *x: _served(*x, times=False, fixed=False), "the batch itself costs c, once"),
        (lambda a, most, c, e: _served(a, 1, c, e, times=False),
         "this is one at a time: next_batch says how many"),
        (lambda a, most, c, e: _served(a, len(a), c, e, times=False), "at most `most` together"),
        (lambda a, most, c, e: _served(a, most, c * most, e, times=False), "the batch itself costs c, once"),
    ],
)  # fmt: skip

with_room = Exercise(
    "in_service.7",
    answer=_served,
    cases=[(_ARRIVALS, 1, 4.0, 1.0, 2), (_ARRIVALS, 2, 5.0, 1.0, 3), (_ARRIVALS, 4, 2.0, 0.5, 20)],
    names="took", arguments="a, most, c, e, room", batch=None,
    hint="keep a list of those who wait: before a batch begins, let in one after the other who came by then",
    mistakes=[
        (lambda a, m, c, e, room: _served(a, m, c, e),
         "nobody is refused: whoever finds `room` waiting is -1"),
        (lambda *x: _served(*x, times=False), "how LONG each took: take the arrivals away"),
        (lambda *x: np.maximum(_served(*x), 0), "refused ones are -1, not 0: 0 would be very fast"),
        (lambda *x: np.where(_served(*x) < 0, np.nan, _served(*x)), "refused ones are -1, not nan"),
        (lambda a, m, c, e, room: _served(a, m, c, e, room + 1),
         "one too many waits: who finds `room` is refused"),
        (lambda *x: _served(*x, count_served=True),
         "the room is for those who wait: who is being answered does not count"),
        (lambda *x: _served(*x)[_served(*x) >= 0], "one number for each request, -1 for the refused"),
    ],
    steps={"next": next_batch, "all": batches},
)  # fmt: skip

EXERCISES = [on_paper, percentile, batch_size, door, stability, roll_back, with_room]
