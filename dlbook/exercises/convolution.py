"""Exercises: convolution and pooling."""

import numpy as np

from .. import primitives as p
from .inputs import normal, value_and_gradients
from .judge import Exercise

_X = np.array([[2.0, 0, 1], [1, 3, 0], [0, 1, 2]])
_W = np.array([[1.0, 2], [0, -1]])


def _slide(x, W):
    return p.conv2d(x[None, None], W[None, None])[0][0, 0]


def _back(x, W, dz):
    dx, dW = p.conv2d(x[None, None], W[None, None])[1](dz[None, None])
    return dx[0, 0], dW[0, 0]


by_hand = Exercise(
    "convolution.1",
    answer=_slide(_X, _W),
    names="z",
    hint=("lay the kernel on the upper left corner and write down the four products; then move by "
          "one, as in (.1)"),
    mistakes=[
        (_slide(_X, _W[::-1, ::-1]),
         "the kernel is turned by 180 degrees: here it is laid down as it is, (.1)"),
        (_slide(_X, _W.T), "the kernel is transposed: rows on rows, columns on columns"),
        (_slide(_X, np.abs(_W)), "the -1 of the kernel counts as minus"),
        (_slide(_X.T, _W), "the picture is transposed: rows on rows, columns on columns"),
        (np.array([[2.0, 0], [0, -3]]), "these are products at one place: add up all four"),
    ],
)  # fmt: skip


def _places(n, k, stride, padding, dilation, *, sides=2, one=1, reach=None, up=False):
    reach = dilation * (k - 1) + 1 if reach is None else reach(k, dilation)
    left = n + sides * padding - reach
    return (-(-left // stride) if up else left // stride) + one


places = Exercise(
    "convolution.2",
    answer=_places,
    cases=[(30, 3, 2, 4, 1), (20, 3, 1, 0, 3), (11, 3, 3, 2, 2), (7, 7, 1, 0, 1)],
    names="places",
    arguments="n, k, stride, padding, dilation",
    batch=None,
    hint=("draw five pixels in a row and a kernel of 3, and count; then change one of stride, padding "
          "and dilation at a time and compare with (.2)"),
    mistakes=[
        (lambda *a: _places(*a, sides=1), "the padding is on BOTH sides: 2 m"),
        (lambda *a: _places(*a, one=0), "one too few: there is a place before the first step, + 1"),
        (lambda *a: _places(*a, up=True), "round down: a kernel that would stick out is not laid"),
        (lambda *a: _places(*a, reach=lambda k, d: k),
         "the dilation is missing: the kernel reaches over d (k - 1) + 1"),
        (lambda *a: _places(*a, reach=lambda k, d: d * k),
         "there are k - 1 gaps between k rows: d (k - 1) + 1"),
        (lambda n, k, s, pad, d: _places(n, k, s, 0, d), "the padding is missing: n + 2 m"),
        (lambda n, k, s, pad, d: _places(n, k, 1, pad, d), "the stride is missing: divide by it"),
        (lambda n, k, s, pad, d: (n + 2 * pad - d * (k - 1) - 1) / s + 1,
         "places are counted: divide with //"),
    ],
)  # fmt: skip

slide = Exercise(
    "convolution.3",
    answer=_slide,
    cases=[normal(1, (5, 6), (3, 2)), normal(2, (4, 6), (2, 4))],
    names="z",
    arguments="x, W",
    batch=None,
    hint=("try a kernel that is 1 at one place and 0 elsewhere: the result is a piece of the picture; "
          "then compare with (.1)"),
    mistakes=[
        (lambda x, W: _slide(x, W[::-1, ::-1]),
         "the kernel is turned by 180 degrees: lay it down as it is, (.1)"),
        (lambda x, W: _slide(x, W[:, : len(W)]), "the kernel need not be square: k rows, l columns"),
        (lambda x, W: _slide(x, W)[::2, ::2], "you move by two: here the stride is 1"),
        (lambda x, W: _slide(np.pad(x, 1), W),
         "no padding here: the kernel stays inside the picture"),
        (lambda x, W: _slide(x, W) / W.size, "this is a mean: the sum of products is wanted"),
        (lambda x, W: _slide(x, W)[:-1, :-1],
         "the last place is missing: H - k + 1 rows, V - l + 1 columns"),
        (lambda x, W: _slide(x, np.ones_like(W)),
         "the kernel's weights are missing: multiply, then add up"),
    ],
)  # fmt: skip


def _turned(x, W, dz):
    dx = p.conv2d(np.pad(dz, [(n - 1, n - 1) for n in W.shape])[None, None], W[None, None])[0][0, 0]
    return dx, _back(x, W, dz)[1]


def _overwritten(x, W, dz):
    dx = np.zeros_like(x)
    for q in np.ndindex(dz.shape):
        dx[q[0] : q[0] + W.shape[0], q[1] : q[1] + W.shape[1]] = dz[q] * W
    return dx, _back(x, W, dz)[1]


def _last_patch(x, W, dz):
    patch = x[-W.shape[0] :, -W.shape[1] :]
    return _back(x, W, dz)[0], dz[-1, -1] * patch


back = Exercise(
    "convolution.4",
    answer=_back,
    cases=[
        (*normal(3, (5, 6), (3, 2)), *normal(4, (3, 5))),
        (*normal(5, (4, 6), (2, 4)), *normal(6, (3, 3))),
    ],
    names="dx, dW",
    arguments="x, W, dz",
    batch=None,
    hint=("take a dz that is 1 at one place and 0 elsewhere: which pixels and which weights took part "
          "there, and with what?"),
    mistakes=[
        (_turned,
         "dx is made with the kernel the wrong way round: lay W down, as it is, at each place"),
        (_overwritten, "dx keeps only the last kernel laid on a pixel: add them up, +="),
        (_last_patch, "dW is only what the last place says: add all places up, +="),
        (lambda x, W, dz: _back(x, W, dz)[::-1], "dx first, then dW"),
        (lambda x, W, dz: (_back(x, W, dz)[0], _back(x, W, dz)[1] / dz.size),
         "dW is a sum over the places, not a mean"),
        (lambda x, W, dz: (_back(x, W, dz)[0], _back(x, W, np.ones_like(dz))[1]),
         "dW lacks what came back: multiply each patch by dz at its place"),
        (lambda x, W, dz: (_back(x, np.ones_like(W), dz)[0], _back(x, W, dz)[1]),
         "dx lacks the weights: dz times the kernel is laid down"),
    ],
)  # fmt: skip


def _cost(C, O, k, n, *, bias=1, channels=True, square=True, area=True):
    patch = (C if channels else 1) * (k * k if square else k)
    return O * (patch + bias), O * patch * (n * n if area else 1)


cost = Exercise(
    "convolution.5",
    answer=_cost,
    cases=[(4, 64, 3, 224), (16, 8, 5, 10)],
    names="weights, multiplications",
    arguments="C, O, k, n",
    batch=None,
    hint="one output channel and one place first; then how many of each; compare with (.4)",
    mistakes=[
        (lambda *a: _cost(*a, bias=0), "the biases are missing: one for each output channel"),
        (lambda C, O, k, n: (_cost(C, O, k, n, bias=C)[0], _cost(C, O, k, n)[1]),
         "ONE bias for each output channel, however many input channels there are"),
        (lambda *a: _cost(*a, channels=False),
         "every kernel covers ALL input channels: C k k weights"),
        (lambda *a: _cost(*a, square=False), "the kernel is k by k"),
        (lambda *a: _cost(*a, area=False), "each weight is used once at each of the n n places"),
        (lambda C, O, k, n: (_cost(C, O, k, n)[0], _cost(C, O, k, n - k + 1)[1]),
         "with this padding there are n by n places, as many as pixels"),
        (lambda *a: _cost(*a)[::-1], "weights first, then multiplications"),
        (lambda C, O, k, n: (C * n * n * O * n * n, C * n * n * O * n * n),
         "this is a linear layer: a kernel's weights are shared"),
    ],
)  # fmt: skip


def _cut(x):
    H, V = x.shape
    return x.reshape(H // 2, 2, V // 2, 2)


def _big(y):
    return y.repeat(2, axis=0).repeat(2, axis=1)


def _pool(x, winners=None, value=None):
    y, vjp = p.max_pool2d(x[None, None])

    def back(dy):
        if winners is None:
            return (vjp(dy[None, None])[0][0, 0],)
        return (winners(x, y[0, 0]) * _big(dy),)

    return (y[0, 0] if value is None else value(x)), back


def _tied(seed, H, V):
    rng = np.random.default_rng(seed)
    x = rng.integers(1, 4, (H, V)).astype(float)
    x[:2, :2] = [[0, 2], [2, 0]]  # the first row by row, not column by column
    return x, rng.standard_normal((H // 2, V // 2))


value = Exercise(
    "convolution.6",
    answer=lambda x: _pool(x)[0],
    cases=[(_tied(5, 4, 6)[0],), (normal(6, (6, 6))[0],)],
    names="y",
    arguments="x",
    batch=None,
    hint="number the pixels of a picture of 2 by 4: two windows, with the values 5 and 7",
    mistakes=[
        (lambda x: (x[::2, ::2] + x[1::2, ::2] + x[::2, 1::2] + x[1::2, 1::2]) / 4,
         "the maximum, not the mean"),
        (lambda x: x[::2, ::2], "this is the first pixel of each window: take the largest"),
    ],
)  # fmt: skip


def _marked(x, first=True):
    won = np.zeros(x.shape, dtype=bool)
    for i in range(0, x.shape[0], 2):
        for j in range(0, x.shape[1], 2):
            window = x[i : i + 2, j : j + 2]
            hit = window == window.max()
            won[i : i + 2, j : j + 2] = hit & (hit.cumsum().reshape(2, 2) == 1) if first else hit
    return won


marked = Exercise(
    "convolution.6",
    answer=_marked,
    cases=[(_tied(7, 4, 6)[0],), (normal(8, (6, 6))[0],)],
    names="won",
    arguments="x",
    batch=None,
    hint="one window first: one True among four entries; then a window of four equal pixels",
    mistakes=[
        (lambda x: _marked(x, first=False), "of equal pixels only the FIRST one wins"),
    ],
)

pooling = Exercise(
    "convolution.6",
    answer=_pool,
    cases=[_tied(1, 4, 6), _tied(2, 8, 4), (*normal(3, (6, 6)), *normal(4, (3, 3)))],
    names="y, dx",
    arguments="x, dy",
    batch=None,
    use=value_and_gradients,
    steps={"value": value, "winners": marked},
    hint=("take one window of 2 by 2: value first, then where its dy goes; then a window of four "
          "equal pixels"),
    mistakes=[
        (lambda x: _pool(x, lambda x, y: x == _big(y)),
         "of equal pixels only the FIRST one gets the gradient, yours gives it to all of them"),
        (lambda x: _pool(x, lambda x, y: (x == _big(y)) / _big(_cut(x == _big(y)).sum(axis=(1, 3)))),
         "of equal pixels the first one gets ALL of the gradient: it is not shared"),
        (lambda x: _pool(x, lambda x, y: np.full(x.shape, 0.25)),
         "this is the pullback of a mean: only the winner gets the gradient"),
        (lambda x: _pool(x, lambda x, y: np.ones(x.shape)),
         "the gradient goes to the winner alone, not to all four pixels"),
        (lambda x: _pool(x, value=lambda x: _cut(x).mean(axis=(1, 3))),
         "this is the mean of each window: take its largest pixel"),
        (lambda x: _last(x), "of equal pixels the FIRST one wins, row by row: yours is the last"),
    ],
)  # fmt: skip


def _last(x):
    y, back = _pool(x[::-1, ::-1])
    return y[::-1, ::-1], lambda dy: (back(dy[::-1, ::-1])[0][::-1, ::-1],)


EXERCISES = [by_hand, places, slide, back, cost, pooling]
