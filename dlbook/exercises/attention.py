"""Exercises: attention."""

import numpy as np

from .. import primitives as p
from .inputs import normal
from .judge import Exercise

by_hand = Exercise(
    "attention.1",
    answer=5.0,
    names="y",
    tol=1e-4,
    hint=(
        "the two scores first, q times k; then the two weights, which add up to 1, (.1); then the "
        "mean of the values"
    ),
    mistakes=[
        (6.0, "this is the plain mean: the first key fits better"),
        (7.0, "the weights are swapped: the key 1 has the score ln 3, the key 0 the score 0"),
        (20.0, "divide by the sum of the weights, 3 + 1"),
        (4.0, "the weights are 3/4 and 1/4: softmax does not pick, and e^0 is 1"),
        (3.0, "the second value has a part as well: its weight is 1/4"),
        (4 * np.log(3), "the scores go through e^... first"),
        (0.75, "this is the first weight: now average the values with the weights"),
    ],
)


def _attention(Q, K, V, *, scale=None, axis=1):
    scale = Q.shape[1] ** -0.5 if scale is None else scale
    return np.swapaxes(p.softmax(np.swapaxes(scale * Q @ K.T, 1, axis))[0], 1, axis) @ V


attention = Exercise(
    "attention.2",
    answer=_attention,
    cases=[normal(1, (3, 4), (6, 4), (6, 2)), normal(2, (2, 3), (5, 3), (5, 4))],
    names="Y",
    arguments="Q, K, V",
    batch=None,
    hint=("one query first: the scores, the weights, the mean of the values; print the shape after "
          "each step and compare with (.2)"),
    mistakes=[
        (lambda Q, K, V: _attention(Q, K, V, scale=1.0), "divide the scores by the root of d"),
        (lambda Q, K, V: _attention(Q, K, V, scale=1 / Q.shape[1]), "by the ROOT of d, not by d"),
        (lambda Q, K, V: _attention(Q, K, V, scale=Q.shape[1] ** 0.5), "divide by the root of d"),
        (lambda Q, K, V: _attention(Q, K, V, scale=len(K) ** -0.5),
         "d is the length of a query, not the number of keys"),
        (lambda Q, K, V: _attention(Q, K, V, axis=0),
         "the softmax goes over the keys: every ROW of weights adds up to 1"),
        (lambda Q, K, V: Q @ K.T * Q.shape[1] ** -0.5 @ V, "there is no softmax"),
        (lambda Q, K, V: p.softmax(Q @ K.T * Q.shape[1] ** -0.5)[0],
         "these are the weights A: the answer is A V"),
        (lambda Q, K, V: p.softmax((Q @ K.T * Q.shape[1] ** -0.5).reshape(1, -1))[0]
         .reshape(len(Q), len(K)) @ V,
         "the softmax goes over each row by itself, not over the whole matrix"),
        (lambda Q, K, V: (lambda S: S / S.sum(axis=1, keepdims=True) @ V)(
            Q @ K.T * Q.shape[1] ** -0.5), "the scores go through e^... before they are divided"),
    ],
)  # fmt: skip


def _causal(S, *, k=0, up=False, after=False, low=-np.inf):
    allowed = (
        np.triu(np.ones(S.shape, dtype=bool), -k) if up else np.tril(np.ones(S.shape, bool), k)
    )
    if after:
        return np.where(allowed, p.softmax(S)[0], 0.0)
    return p.softmax(np.where(allowed, S, low))[0]


causal = Exercise(
    "attention.3",
    answer=_causal,
    cases=[normal(3, (4, 4)), normal(4, (3, 3))],
    names="A",
    arguments="S",
    batch=None,
    hint="row 0 is (1, 0, 0, ...): print yours; with scores of 0 row t has t + 1 equal weights",
    mistakes=[
        (lambda S: _causal(S, up=True), "this looks ahead: keep the lower triangle"),
        (lambda S: _causal(S, k=1), "row t looks at t as well, but not at t + 1"),
        (lambda S: _causal(S, k=-1, low=-1e9), "row t looks at t itself, too: np.tril without -1"),
        (lambda S: _causal(S, after=True),
         "set to 0 after the softmax, the rows no longer add up to 1: mask the scores"),
        (lambda S: _causal(S, low=0.0), "e^0 is 1: a forbidden score is -inf, not 0"),
        (lambda S: p.softmax(S)[0], "nothing is masked"),
        (lambda S: np.tril(S), "the softmax is missing"),
        (lambda S: p.softmax(np.where(np.tril(np.ones(S.shape, bool)), S, -np.inf).T)[0].T,
         "the softmax goes over each row, not each column"),
        (lambda S: _causal(S.T), "the scores are transposed: rows ask, columns are looked at"),
    ],
)  # fmt: skip


def _split(x, h):
    N, T, d = x.shape
    return x.reshape(N, T, h, d // h).transpose(0, 2, 1, 3)


def _interleaved(x, h):
    N, T, d = x.shape
    return x.reshape(N, T, d // h, h).transpose(0, 3, 1, 2)


heads = Exercise(
    "attention.4",
    answer=_split,
    cases=[(*normal(5, (3, 4, 8)), 2), (*normal(6, (1, 4, 9)), 3)],
    names="heads",
    arguments="x, h",
    hint=(
        "number the entries, np.arange(N * T * d), with d = 4 and h = 2, and look at what the first "
        "head gets of the first step"
    ),
    mistakes=[
        (
            lambda x, h: x.reshape(len(x), h, x.shape[1], -1),
            "reshape alone mixes steps and heads: first (N, T, h, d/h), then swap T and h",
        ),
        (_interleaved, "every h-th number went to a head: the FIRST d/h are the first head's"),
        (lambda x, h: x.reshape(*x.shape[:2], h, -1), "now swap the axes T and h"),
        (lambda x, h: _split(x, x.shape[2] // h), "h heads of d/h numbers, not d/h heads of h"),
        (lambda x, h: _split(x, h)[:, ::-1], "the heads are in reverse order"),
        (lambda x, h: _split(x, h).swapaxes(0, 1), "examples come first: (N, h, T, d/h)"),
    ],
)


def _positions(T, d, *, base=10_000.0, step=2, halves=False, swap=False, first=0):
    angle = (np.arange(T) + first)[:, None] * base ** (-step * np.arange(d // 2) / d)
    waves = [np.cos(angle), np.sin(angle)] if swap else [np.sin(angle), np.cos(angle)]
    if halves:
        return np.concatenate(waves, axis=1)
    return np.stack(waves, axis=2).reshape(T, d)


places = Exercise(
    "attention.5",
    answer=_positions,
    cases=[(5, 4), (3, 8)],
    names="p",
    arguments="T, d",
    batch=None,
    hint=(
        "row 0 is 0, 1, 0, 1, ...; row 1 begins with sin 1, cos 1; the next pair is slower: compare "
        "with (.8)"
    ),
    mistakes=[
        (lambda T, d: _positions(T, d, swap=True), "sine first, in the even columns"),
        (
            lambda T, d: _positions(T, d, halves=True),
            "sines and cosines take turns: columns 0, 2, 4 ... and 1, 3, 5 ...",
        ),
        (lambda T, d: _positions(T, d, step=1), "the exponent is -2i/d, with i for each PAIR"),
        (
            lambda T, d: _positions(T, d, step=4),
            "2i is the column of the pair: the exponent is -2i/d",
        ),
        (lambda T, d: _positions(T, d, base=1000.0), "the base is 10000"),
        (lambda T, d: _positions(T, d, first=1), "places count from 0"),
        (
            lambda T, d: _positions(T, d, step=-2),
            "the exponent is negative: later pairs are slower",
        ),
        (lambda T, d: _positions(T, d).T, "transposed: one row for each place"),
    ],
)


def _back(Q, K, V, dY, *, row=True, scale=None, cross=False, alone=False):
    scale = Q.shape[1] ** -0.5
    A, _ = p.softmax(scale * Q @ K.T)
    dA = dY @ V.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) if row else A * dA
    dS = A * (1 - A) * dA if alone else dS
    outer = scale if cross is False else 1.0
    return outer * dS @ K, outer * dS.T @ Q, A.T @ dY


def _score_gradient(A, dA, row=True):
    return A * (dA - (A * dA).sum(axis=1, keepdims=True)) if row else A * dA


def _averages(seed, T, S):
    scores, dA = normal(seed, (T, S), (T, S))
    return p.softmax(scores)[0], dA


scores = Exercise(
    "attention.6",
    answer=_score_gradient,
    cases=[_averages(9, 4, 4), _averages(10, 3, 5)],
    names="dS",
    arguments="A, dA",
    batch=None,
    hint="one row first: r is one number, (.4), and the entries of dS add up to 0",
    mistakes=[
        (lambda A, dA: _score_gradient(A, dA, row=False), "softmax's pullback subtracts: A (dA - r)"),
        (lambda A, dA: A * (dA - (A * dA).sum(axis=0)),
         "r has one number for each ROW: axis 1, with keepdims"),
        (lambda A, dA: A * (1 - A) * dA,
         "A (1 - A) is the diagonal of the softmax's slopes alone: each score moves the whole row, (.4)"),
    ],
)  # fmt: skip

back = Exercise(
    "attention.6",
    answer=_back,
    cases=[normal(7, (4, 3), (4, 3), (4, 3), (4, 3)), normal(8, (2, 3), (5, 3), (5, 2), (2, 2))],
    names="dQ, dK, dV",
    arguments="Q, K, V, dY",
    batch=None,
    steps={"scores": scores},
    hint=("one gradient at a time: dV by (.3), then dS by (.4), whose rows add up to 0, then dQ and "
          "dK by (.5); compare with a nudge"),
    mistakes=[
        (lambda *a: _back(*a, row=False), "softmax's pullback subtracts: A (dA - r)"),
        (lambda *a: _back(*a, alone=True),
         "A (1 - A) is the diagonal of the softmax's slopes alone: each score moves the whole row, (.4)"),
        (lambda *a: _back(*a, cross=True), "dQ and dK are divided by the root of d, too"),
        (lambda *a: (*_back(*a)[:2], p.softmax(a[0] @ a[1].T / a[0].shape[1] ** 0.5)[0] @ a[3]),
         "dV = A^T dY: A is transposed"),
        (lambda Q, *a: (_back(Q, *a)[0], _back(Q, *a)[1] * Q.shape[1] ** 0.5, _back(Q, *a)[2]),
         "dK is divided by the root of d, too"),
        (lambda *a: (_back(*a)[1], _back(*a)[0], _back(*a)[2]), "dQ first, then dK"),
        (lambda *a: (_back(*a)[0], _back(*a)[2], _back(*a)[1]), "the order is dQ, dK, dV"),
        (lambda Q, K, V, dY: (*(g * Q.shape[1] ** 0.5 for g in _back(Q, K, V, dY)[:2]),
                              _back(Q, K, V, dY)[2]),
         "dQ and dK are divided by the root of d, too"),
    ],
)  # fmt: skip

EXERCISES = [by_hand, attention, causal, heads, places, back]
