"""Exercises: standing on shoulders."""

import numpy as np

from .inputs import Form, normal
from .judge import Exercise

groups = Exercise(
    "shoulders.1",
    answer=307_200,
    names="weights",
    hint=(
        "one kernel first: how many channels does it see, and how many numbers has it? Then how "
        "many kernels, (.2)"
    ),
    mistakes=[
        (614_400, "each kernel sees only the 48 channels of its own group, (.2)"),
        (153_600, "there are 256 kernels altogether, 128 in each group: divide by 2 once"),
        (12_288, "a window of 5 by 5 has 25 weights a channel"),
        (61_440, "a window of 5 by 5 has 25 weights a channel, not 5"),
        (307_456, "without biases here"),
        (1_200, "this is one kernel: there are 256"),
    ],
)


def _cost(C, O, k, stride, padding, size, *, sides=2, more=1, full=True, at=2, bias=0):
    weights = O * (C if full else 1) * k * k
    places = (size + sides * padding - k) // stride + more
    return weights + bias * O, weights * places**at


cost = Exercise(
    "shoulders.2",
    answer=_cost,
    cases=[(5, 7, 3, 1, 3, 10), (3, 96, 11, 4, 2, 224), (2, 4, 1, 1, 0, 6)],
    names="weights, multiplications",
    arguments="C, O, k, stride, padding, size",
    batch=None,
    hint=("the places in one direction first: size 5, k 3, stride 2, no padding has 2; then weights "
          "and multiplications by (.1)"),
    mistakes=[
        (lambda *a: _cost(*a, sides=1), "padding stands on both sides: size + 2 padding"),
        (lambda *a: _cost(*a, sides=0), "the padding is missing: size + 2 padding"),
        (lambda *a: _cost(*a, more=0), "one place more: the first window counts, ... + 1"),
        (lambda *a: _cost(*a, at=1), "the picture has two directions: places times places"),
        (lambda *a: _cost(*a, at=0), "each weight is used at every place, (.1)"),
        (lambda *a: _cost(*a, full=False), "each kernel covers all C channels"),
        (lambda *a: _cost(*a, bias=1), "no biases here"),
        (lambda C, O, k, s, p, n: _cost(C, O, k, 1, p, n), "the stride is missing"),
        (lambda C, O, k, s, p, n: (O * C * k * k, O * C * k * k * n * n),
         "count the places of the result, not the pixels that go in"),
        (lambda *a: _cost(*a)[::-1], "weights first, then multiplications"),
    ],
)  # fmt: skip

bottleneck = Exercise(
    "shoulders.3",
    answer=lambda C, m: (2 * 9 * C * C, 2 * C * m + 9 * m * m),
    cases=[(256, 64), (12, 5)],
    names="basic, bottleneck",
    arguments="C, m",
    batch=None,
    hint=("one convolution at a time, by (.1); with C = 256 and m = 64 the chapter gives the second "
          "number"),
    mistakes=[
        (lambda C, m: (9 * C * C, 2 * C * m + 9 * m * m), "a basic block has TWO convolutions"),
        (lambda C, m: (2 * 9 * C * C, C * m + 9 * m * m),
         "the bottleneck's last convolution is missing: from m back to C"),
        (lambda C, m: (2 * 9 * C * C, 9 * (2 * C * m + m * m)),
         "the bottleneck's outer two are 1 by 1: no 9 there"),
        (lambda C, m: (2 * 9 * C * C, 2 * C * m + 9 * C * m),
         "the middle convolution is from m to m channels"),
        (lambda C, m: (2 * 9 * C * C, 2 * C * m + m * m), "the middle convolution is 3 by 3"),
        (lambda C, m: (2 * 9 * C * C, 2 * (C * m + 9 * m * m)), "there is one 3 by 3 convolution"),
        (lambda C, m: (2 * C * C, 2 * C * m + m * m), "a 3 by 3 kernel has 9 weights a channel"),
        (lambda C, m: (2 * 9 * C, 2 * C + 9 * m),
         "each kernel covers all channels: in times out times the window"),
        (lambda C, m: (2 * (9 * C * C + C), 2 * C * m + 9 * m * m + 2 * m + C), "no biases here"),
        (lambda C, m: (2 * C * m + 9 * m * m, 2 * 9 * C * C), "basic first, then bottleneck"),
    ],
)  # fmt: skip


def _distances(x, known):
    return (known**2).sum(axis=1) - 2 * x @ known.T


def _far_labels(n):
    return 10 * np.arange(n)[::-1]


_PICTURES = normal(7, (6, 4), (5, 4), (3, 2), (7, 2))

nearest = Exercise(
    "shoulders.4",
    answer=lambda x, known, y: y[_distances(x, known).argmin(axis=1)],
    cases=[(*_PICTURES[:2], _far_labels(5)), (*_PICTURES[2:], _far_labels(7))],
    names="labels",
    arguments="x, known, y",
    hint=("take two known points and one new one on a line and print their squared distances; "
          "then which is least along which axis?"),
    mistakes=[
        (lambda x, known, y: _distances(x, known).argmin(axis=1),
         "these are rows of known: return their labels, y[...]"),
        (lambda x, known, y: y[_distances(x, known).argmax(axis=1)], "this is the farthest picture"),
        (lambda x, known, y: y[(x @ known.T).argmax(axis=1)],
         "the largest product is not the smallest distance: |b|^2 is missing"),
        (lambda x, known, y: y[((known**2).sum(axis=1) - x @ known.T).argmin(axis=1)],
         "the 2 is missing: |a|^2 - 2 a b + |b|^2"),
        (lambda x, known, y: y[_distances(x, known).argmin(axis=0) % len(y)],
         "the smallest along the wrong axis: one answer for each row of x"),
        (lambda x, known, y: np.sort(_distances(x, known), axis=1)[:, 0],
         "these are distances: return the labels"),
        (lambda x, known, y: y[abs(x[:, None] - known).sum(axis=2).argmin(axis=1)],
         "add squares, not absolute values"),
    ],
)  # fmt: skip


def _taken(own, learnt, *, shapes=True, more=False):
    found = {
        name: learnt[name]
        if name in learnt and (not shapes or learnt[name].shape == array.shape)
        else array
        for name, array in own.items()
    }
    return {**learnt, **found} if more else found


def _listed(f, own, learnt):
    """Call f on dictionaries and list what it returns: how many, then each name's size and sum."""
    found = f(own, learnt)
    if not isinstance(found, dict):
        raise Form(f"return a dictionary of arrays, not {type(found).__name__}")
    names = sorted({*own, *learnt})
    kept = [found.get(name, np.zeros(0)) for name in names]
    return np.array([len(found), *(v for a in kept for v in (a.size, a.sum()))])


_BODY = normal(8, (3, 2), (3,), (4, 3), (3, 2), (3,), (5, 3), (4, 3))
_OWN = dict(zip(("0.weight", "0.bias", "1.weight"), _BODY[:3], strict=True))
_LEARNT = dict(zip(("0.weight", "0.bias", "1.weight", "old"), _BODY[3:], strict=True))


fitting = Exercise(
    "shoulders.5",
    answer=lambda own, learnt: [k for k in own if k in learnt and own[k].shape == learnt[k].shape],
    cases=[(_OWN, _LEARNT), (_OWN, {"0.weight": _BODY[3], "old": _BODY[6]})],
    names="fits",
    arguments="own, learnt",
    batch=None,
    use=lambda f, own, learnt: np.array([f(own, learnt).count(name) for name in (*own, *learnt)]),
    hint="two questions for each name of own: does learnt know it, and do the shapes agree?",
    mistakes=[
        (lambda own, learnt: [k for k in own if k in learnt], "an array of another shape does not fit"),
        (lambda own, learnt: list(learnt), "these are all names of learnt: which of them fit into own?"),
    ],
)  # fmt: skip


def _by_shape(own, learnt):
    return {k: next((b for b in learnt.values() if b.shape == a.shape), a) for k, a in own.items()}


taken_over = Exercise(
    "shoulders.5",
    answer=_taken,
    cases=[(_OWN, _LEARNT), (_OWN, {"0.weight": _BODY[3], "old": _BODY[6]})],
    names="entries",
    arguments="own, learnt",
    batch=None,
    use=_listed,
    steps={"fits": fitting},
    hint=("take two names: one whose shapes agree, one whose shapes do not; which array belongs under "
          "each?"),
    mistakes=[
        (_by_shape, "the NAMES have to agree as well, not only the shapes"),
        (lambda own, learnt: _taken(own, learnt, shapes=False),
         "an array of another shape does not fit: keep your own last layer"),
        (lambda own, learnt: _taken(own, learnt, more=True),
         "names that only the learnt network has do not belong into yours"),
        (lambda own, learnt: learnt, "this is the other network: begin with the names of own"),
        (lambda own, learnt: own, "nothing was taken over"),
        (lambda own, learnt: {n: a for n, a in learnt.items() if n in own and own[n].shape == a.shape},
         "what does not fit, or is not in learnt, is kept from own: it is not left out"),
        (lambda own, learnt: {n: a for n, a in _taken(own, learnt).items() if n in learnt},
         "what does not fit, or is not in learnt, is kept from own: it is not left out"),
    ],
)  # fmt: skip

EXERCISES = [groups, cost, bottleneck, nearest, taken_over]
