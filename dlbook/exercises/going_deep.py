"""Exercises: going deep."""

import math

import numpy as np

from .inputs import normal, value_and_gradients
from .judge import Exercise

four_blocks = Exercise(
    "going_deep.1",
    answer=1.8,
    names="slope",
    hint="what does ONE block do to a small change of its input? Write down the four factors, (.4)",
    mistakes=[
        (-0.05, "this is a plain chain: each block also passes on what came in, 1 + w"),
        (0.95, "the block adds to x: the whole chain does not get one 1, each block does"),
        (2.2, "the products are missing: multiply (1 + w) for all four"),
        (5.4, "the second weight is negative: its block has the slope 1 - 0.5"),
        (5.2, "the slopes 1 + w are multiplied, not added"),
    ],
)


def _residual(x, A, B, *, way=1.0, mask=True, act=True, swap=False, before=False):
    z = x @ A
    h = np.maximum(z, 0) if act else z

    def vjp(dy):
        dz = dy @ B.T
        dz = dz * (z > 0) if mask and act else dz
        dA, dB = x.T @ dz, (z if before else h).T @ dy
        return way * dy + dz @ A.T, *((dB, dA) if swap else (dA, dB))

    return x + h @ B, vjp


def _value_only(value):
    def wrong(x, A, B):
        return value(x, A, B), _residual(x, A, B)[1]

    return wrong


residual = Exercise(
    "going_deep.2",
    answer=_residual,
    cases=[
        (*normal(1, (5, 3), (3, 4), (4, 3)), *normal(2, (5, 3))),
        (*normal(3, (4, 2), (2, 6), (6, 2)), *normal(4, (4, 2))),
    ],
    names="y, dx, dA, dB",
    arguments="x, A, B, dy",
    use=value_and_gradients,
    hint=("value first; then the way through the branch alone, as in (backpropagation.5), and at last "
          "what (.2) adds to dx"),
    mistakes=[
        (lambda x, A, B: _residual(x, A, B, way=0.0),
         "dx: the gradient that comes through the shortcut is missing, dy itself, (.2)"),
        (lambda x, A, B: _residual(x, A, B, way=2.0), "dx: the shortcut hands dy on once"),
        (lambda x, A, B: _residual(x, A, B, mask=False),
         "dx and dA: the ReLU lets a gradient through only where x A > 0"),
        (lambda x, A, B: _residual(x, A, B, act=False), "y: the ReLU is missing"),
        (lambda x, A, B: _residual(x, A, B, swap=True), "return dx, dA, dB in this order"),
        (lambda x, A, B: _residual(x, A, B, before=True),
         "dB takes what B was multiplied with: relu(x A), not x A"),
        (_value_only(lambda x, A, B: np.maximum(x @ A, 0) @ B),
         "y: the shortcut is missing, x + ..."),
        (_value_only(lambda x, A, B: x + np.maximum(x @ A @ B, 0)),
         "y: the ReLU stands between A and B, not after B"),
        (_value_only(lambda x, A, B: np.maximum(x + x @ A @ B, 0)),
         "y: the ReLU stands between A and B, not after the sum"),
        (_value_only(lambda x, A, B: np.maximum(x + np.maximum(x @ A, 0) @ B, 0)),
         "y: no ReLU after the sum here"),
    ],
)  # fmt: skip

growth = Exercise(
    "going_deep.3",
    answer=lambda L, alpha: (1 + alpha**2) ** (L / 2),
    cases=[(6, 0.5), (5, 1.5)],
    names="factor",
    arguments="L, alpha",
    batch=None,
    hint=("take one block: what are the variances of x, of alpha times F, and of their sum, (.5)? The "
          "question is about the deviation"),
    mistakes=[
        (lambda L, a: (1 + a**2) ** L, "this is the variance: take the square root"),
        (lambda L, a: (1 + a) ** L, "variances add, not standard deviations: 1 + alpha^2"),
        (lambda L, a: (1 + a) ** (L / 2), "alpha F has alpha SQUARED times the variance of F"),
        (lambda L, a: 2 ** (L / 2), "alpha is missing: alpha F has alpha^2 times the variance"),
        (lambda L, a: 2**L, "alpha is missing, and this is a variance"),
        (lambda L, a: (1 + a**2) ** (L // 2), "L may be odd: L / 2, not L // 2"),
        (lambda L, a: a**L, "x itself is passed on too: 1 + ..."),
        (lambda L, a: (1 + L * a**2) ** 0.5,
         "F grows with x: each block multiplies the variance, it does not add the same again"),
    ],
)  # fmt: skip


def _paths(L):
    return np.array([math.comb(L, k) for k in range(L + 1)])


paths = Exercise(
    "going_deep.4",
    answer=_paths,
    cases=[(4,), (60,), (1,)],
    names="counts",
    arguments="L",
    batch=None,
    hint=("multiply out (.4) for L = 2 and L = 3 and count the terms with no J, one J, two ...; they "
          "add up to 2 to the L"),
    mistakes=[
        (lambda L: _paths(L)[1:], "k = 0 is missing: the path around all blocks"),
        (lambda L: 2 ** np.arange(L + 1), "2^k counts all paths through the first k blocks"),
        (lambda L: np.cumsum(_paths(L)), "through exactly k blocks, not at most k"),
        (lambda L: _paths(L) / 2.0**L, "these are shares: return the counts"),
        (lambda L: np.array([math.perm(L, k) for k in range(L + 1)]),
         "the order of the blocks is fixed: choose k of them, do not arrange them"),
    ],
)  # fmt: skip


def _shortcut(x, O, *, step=2, first=0, before=False):
    small = x[:, :, first::step, first::step]
    more = O - x.shape[1]
    return np.pad(small, ((0, 0), (more, 0) if before else (0, more), (0, 0), (0, 0)))


def _mean_pooled(x, O):
    n, c, h, v = x.shape
    return _shortcut(x.reshape(n, c, h // 2, 2, v // 2, 2).mean(axis=(3, 5)), O, step=1)


half = Exercise(
    "going_deep.5",
    answer=lambda x: x[:, :, ::2, ::2],
    cases=[(normal(7, (2, 3, 4, 6))[0],), (normal(8, (1, 2, 5, 5))[0],)],
    names="y",
    arguments="x",
    hint="number the pixels of a picture of 4 by 4: 0, 2, 8 and 10 are left",
    mistakes=[
        (lambda x: x[:, :, 1::2, 1::2], "begin with the first row and column, not the second"),
        (lambda x: x[:, :, ::2], "every second COLUMN as well"),
        (lambda x: x[::2, ::2], "these are examples and channels: rows and columns are the last two axes"),
    ],
)  # fmt: skip

shortcut = Exercise(
    "going_deep.5",
    answer=_shortcut,
    cases=[(*normal(5, (2, 3, 4, 6)), 6), (*normal(6, (3, 2, 5, 5)), 3)],
    names="y",
    arguments="x, O",
    steps={"half": half},
    hint=("take one picture of 4 by 4 whose pixels are numbered, with 1 channel and O = 3, and print "
          "the shape and each channel"),
    mistakes=[
        (lambda x, O: x[:, :, ::2, ::2], "the additional channels are missing: fill up to O"),
        (lambda x, O: _shortcut(x, O, before=True), "the new channels come after the old ones"),
        (lambda x, O: _shortcut(_shortcut(x, (O + x.shape[1]) // 2, step=1, before=True), O),
         "all new channels come after the old ones, not one half before"),
        (lambda x, O: _shortcut(x, O, first=1), "begin with the first row and column, not the second"),
        (lambda x, O: _shortcut(x, O, step=1), "the size is unchanged: every second row and column"),
        (lambda x, O: _shortcut(x, x.shape[1] + O), "O channels altogether, not O more"),
        (_mean_pooled, "this is average pooling: take every second pixel as it is"),
        (lambda x, O: np.concatenate([x[:, :, ::2, ::2]] * -(-O // x.shape[1]), axis=1)[:, :O],
         "the additional channels are 0, not the old ones again"),
    ],
)  # fmt: skip

EXERCISES = [four_blocks, residual, growth, paths, shortcut]
