"""Exercises: colour and augmentation."""

import functools

import numpy as np

from .. import primitives as p
from ..data.transforms import GREY
from .inputs import normal
from .judge import Exercise

between = Exercise(
    "augmentation.1",
    answer=3.2,
    names="value",
    hint=(
        "write down the four weights, each the product of one for the row and one for the column: "
        "they add up to 1; compare with (.4)"
    ),
    mistakes=[
        (1.0, "this is the nearest pixel: take the mean of all four around the place"),
        (5.0, "this is the plain mean of the four: the nearer ones count more"),
        (7.0, "the weights are the wrong way round: a pixel counts 1 - its distance"),
        (3.5, "row and column are swapped: the place is (row, column)"),
        (6.0, "the weights of the rows are the wrong way round: row 0 is nearer"),
        (3.8, "the weights of the columns are the wrong way round: column 0 is nearer"),
    ],
)


def _grey(x, weights=GREY):
    return np.einsum("nchw,c->nhw", x, weights)[:, None]


def _saturate(x, f, *, grey=_grey, clip=True, swap=False):
    f = f[:, None, None, None]
    y = (1 - f) * x + f * grey(x) if swap else f * x + (1 - f) * grey(x)
    return np.clip(y, 0, 1) if clip else y


def _colours(seed, n, h, w):
    rng = np.random.default_rng(seed)
    return rng.random((n, 3, h, w)), rng.uniform(0.1, 1.9, n)


saturation = Exercise(
    "augmentation.2",
    answer=_saturate,
    cases=[_colours(1, 4, 2, 3), _colours(2, 3, 3, 2)],
    names="y",
    arguments="x, f",
    hint=("try f = 1, which changes nothing, and f = 0, which gives grey; then f = 2, and look at "
          "what leaves 0..1, (.5)"),
    mistakes=[
        (lambda x, f: _saturate(x, f, clip=False), "some colours are outside 0..1: clip them"),
        (lambda x, f: _saturate(x, f, swap=True), "f = 1 must leave the picture as it is"),
        (lambda x, f: _saturate(x, f, grey=lambda x: x.mean(axis=1, keepdims=True)),
         "the three colours do not look equally bright: weigh them 0.299, 0.587, 0.114"),
        (lambda x, f: _saturate(x, f, grey=lambda x: _grey(x, GREY[[0, 2, 1]])),
         "the weights are in the wrong order: red, green, blue"),
        (lambda x, f: _saturate(x, f, grey=lambda x: _grey(x, GREY[::-1])),
         "the weights are in the wrong order: red, green, blue"),
        (lambda x, f: _saturate(x, f, grey=lambda x: _grey(x).mean(axis=(2, 3), keepdims=True)),
         "this is contrast: the grey version of each PIXEL, not the mean of the picture"),
        (lambda x, f: _saturate(x, f, grey=lambda x: 0 * x), "this is brightness: mix with grey"),
        (lambda x, f: _saturate(x, np.full(len(f), f[0])), "each picture has its own f"),
    ],
)  # fmt: skip


def _flip(x, chosen, axis=3):
    return np.where(chosen[:, None, None, None], np.flip(x, axis), x)


def _chosen(seed, shape):
    (x,) = normal(seed, shape)
    return x, np.arange(shape[0]) % 3 == 1


flips = Exercise(
    "augmentation.3",
    answer=_flip,
    cases=[_chosen(1, (5, 3, 4, 6)), _chosen(2, (4, 1, 3, 3))],
    names="y",
    arguments="x, chosen",
    hint="take one picture of 1 by 3 pixels that is chosen and one that is not, and print both",
    mistakes=[
        (lambda x, c: np.flip(x, 3), "all are mirrored: only those where `chosen` is True"),
        (lambda x, c: _flip(x, ~c), "the others are mirrored: True means mirror"),
        (lambda x, c: _flip(x, c, 2), "top and bottom have changed places: mirror the last axis"),
        (lambda x, c: _flip(x, c, 1), "the colours have changed places: mirror the last axis"),
        (lambda x, c: _flip(x, c, 0), "the pictures have changed places: mirror the last axis"),
        (lambda x, c: x, "nothing is mirrored"),
        (lambda x, c: _flip(x, c, (2, 3)), "this is a turn by 180 degrees: mirror the last axis"),
    ],
)  # fmt: skip


def _crop(x, top, left, size):
    pictures = zip(x, top, left, strict=True)
    return np.stack([one[:, r : r + size, c : c + size] for one, r, c in pictures])


def _corners(seed, n, h, w, size):
    (x,) = normal(seed, (n, 2, h, w))
    rng = np.random.default_rng(seed)
    top, left = rng.integers(1, h - size + 1, n), rng.integers(0, w - size, n)
    top[0], left[0] = 0, w - size  # a corner
    return x, top, left, size


crops = Exercise(
    "augmentation.4",
    answer=_crop,
    cases=[_corners(3, 4, 6, 6, 3), _corners(4, 5, 5, 8, 4)],
    names="y",
    arguments="x, top, left, size",
    hint="fill a picture with 10 times the row plus the column, cut, and read the numbers",
    mistakes=[
        (lambda x, t, u, s: _crop(x, u, t, s),
         "rows and columns are swapped: top counts rows, left counts columns"),
        (lambda x, t, u, s: _crop(x, t[[0] * len(t)], u[[0] * len(u)], s),
         "all windows are at the first picture's place: each has its own"),
        (lambda x, t, u, s: _crop(x, np.maximum(t - s // 2, 0), np.maximum(u - s // 2, 0), s),
         "top and left are the window's corner, not its middle"),
        (lambda x, t, u, s: _crop(x, 0 * t, u, s), "top is ignored: the windows begin at row 0"),
        (lambda x, t, u, s: _crop(x, t, 0 * u, s), "left is ignored: they begin at column 0"),
        (lambda x, t, u, s: x[:, :, :s, :s], "the window is at the upper left: begin at top, left"),
        (lambda x, t, u, s: _crop(x, t, u, s - 1), "the window is one pixel too small"),
    ],
)  # fmt: skip


def _penalised(X, y, w, sigma, *, penalty=lambda w, s: s**2 * w @ w):
    return np.mean((y - X @ w) ** 2) + penalty(w, sigma)


def _regression(seed, n, k, sigma):
    return (*normal(seed, (n, k), (n,), (k,)), sigma)


noise = Exercise(
    "augmentation.5",
    answer=_penalised,
    cases=[_regression(5, 8, 3, 0.5), _regression(6, 5, 2, 2.0)],
    names="L",
    arguments="X, y, w, sigma",
    hint="with sigma = 0 it is the squared loss, averaged; for what the noise adds read (.2) again",
    mistakes=[
        (lambda X, y, w, s: _penalised(X, y, w, s, penalty=lambda w, s: 0.0),
         "the noise costs something: the penalty of (.2) is missing"),
        (lambda X, y, w, s: _penalised(X, y, w, s, penalty=lambda w, s: s * w @ w),
         "sigma is a standard deviation: its square counts"),
        (lambda X, y, w, s: _penalised(X, y, w, s, penalty=lambda w, s: s**2 * w @ w / len(X)),
         "the noise hits every example: the penalty is not divided by N"),
        (lambda X, y, w, s: _penalised(X, y, w, s, penalty=lambda w, s: s**2 * w @ w * len(X)),
         "a mean over examples has the penalty once, not N times"),
        (lambda X, y, w, s: _penalised(X, y, w, s, penalty=lambda w, s: s**2 * np.abs(w).sum()),
         "the squares of the weights count"),
        (lambda X, y, w, s: np.sum((y - X @ w) ** 2) + s**2 * w @ w,
         "the loss is a mean over the examples, not a sum"),
        (lambda X, y, w, s: _penalised(X, y, w, s, penalty=lambda w, s: s**2 * np.sqrt(w @ w)),
         "the SQUARE of the length of w counts, w @ w"),
        (lambda X, y, w, s: _penalised(X, y, w, s, penalty=lambda w, s: s**2 * np.mean(w**2)),
         "each input brings its own noise: the squares are added, not averaged"),
        (lambda X, y, w, s: _penalised(X, y, w, s, penalty=lambda w, s: s**2 * w.sum() ** 2),
         "the noises are independent: square each weight first, then add"),
        (lambda X, y, w, s: _penalised(X, y, w, s, penalty=lambda w, s: s**2),
         "the noise is multiplied by the weights: sigma^2 |w|^2"),
    ],
)  # fmt: skip


def _softmax(z):
    return p.softmax(z)[0]


def _vote(f, x, transforms, *, own=True, mean=_softmax):
    seen = ([x] if own else []) + [t(x) for t in transforms]
    return np.mean([mean(f(s)) for s in seen], axis=0)


def _chain(transforms):
    return lambda x: functools.reduce(lambda x, t: t(x), transforms, x)


def _looked(answer, x, W, kinds):
    """A linear model, sharp enough that mean logits and mean probabilities differ."""
    changes = [_CHANGES[k] for k in kinds]
    return answer(lambda x: 4 * x.reshape(len(x), -1) @ W, x, changes)


_CHANGES = [lambda x: x[..., ::-1], lambda x: np.roll(x, 1, axis=3), lambda x: np.roll(x, 1, 2)]

voting = Exercise(
    "augmentation.6",
    answer=_vote,
    cases=[(*normal(7, (5, 1, 2, 3), (6, 4)), (0, 1)), (*normal(8, (4, 2, 2, 2), (8, 3)), (2,))],
    names="p",
    arguments="x, W, transforms",
    use=_looked,
    hint=("with no transforms it must be the softmax of f(x); then add one that changes nothing: the "
          "same must come out"),
    mistakes=[
        (lambda f, x, ts: _vote(f, x, ts, own=False), "the picture as it is has a vote too"),
        (lambda f, x, ts: _softmax(f(x)), "only the picture as it is has been looked at"),
        (lambda f, x, ts: _softmax(_vote(f, x, ts, mean=lambda z: z)),
         "these are the probabilities of mean logits: average the probabilities"),
        (lambda f, x, ts: _vote(f, x, ts, mean=lambda z: z),
         "these are mean logits: take the softmax of each first"),
        (lambda f, x, ts: _vote(f, x, [_chain(ts[: k + 1]) for k in range(len(ts))]),
         "each change starts from x itself: yours are applied one after the other"),
        (lambda f, x, ts: _vote(f, x, ts) * (len(ts) + 1), "divide by the number of looks"),
    ],
)  # fmt: skip


def _weights(C, O, k, *, own=1, mixed=1):
    return O * C * k * k, own * C * k * k + mixed * O * C


light = Exercise(
    "augmentation.7",
    answer=_weights,
    cases=[(16, 32, 3), (3, 5, 7)],
    names="ordinary, separable",
    arguments="C, O, k",
    batch=None,
    hint="draw one output channel of each kind for C = 2 and count the numbers in its kernels",
    mistakes=[
        (lambda C, O, k: _weights(C, O, k, mixed=0),
         "separable: the 1 by 1 convolution that mixes the channels is missing, O C weights"),
        (lambda C, O, k: _weights(C, O, k, own=0),
         "separable: the kernels of the channels are missing, k by k for each of C"),
        (lambda C, O, k: (O * C * k * k, O * k * k + O * C),
         "separable: each channel that goes IN has a kernel, C of them"),
        (lambda C, O, k: (O * C * k * k, C * k + O * C), "a kernel of k by k has k^2 weights"),
        (lambda C, O, k: (O * k * k, C * k * k + O * C),
         "ordinary: each of the O kernels covers all C channels"),
        (lambda C, O, k: (O * C * k * k, k * k + O * C),
         "separable: each channel has a kernel of its own"),
        (lambda C, O, k: (O * C * k * k + O, C * k * k + O * C + C + O), "without biases here"),
        (lambda C, O, k: (O * C * k * k, C * k * k * O * C),
         "separable: one after the other, so the weights are added"),
        (lambda C, O, k: _weights(C, O, k)[::-1], "the ordinary one first"),
    ],
)  # fmt: skip

EXERCISES = [between, saturation, flips, crops, noise, voting, light]
