"""Exercises: reading."""

import numpy as np

from .inputs import normal
from .judge import Exercise


def _bag(words, index, *, counts=False, mean=False, shift=0):
    x = np.zeros(len(index))
    for word in words:
        if word in index:
            k = (index[word] + shift) % len(index)
            x[k] = x[k] + 1 if counts else 1.0
    return x / max(len(words), 1) if mean else x


_SHELF = {"the": 0, "good": 1, "bad": 2, "film": 3, "not": 4}

bag = Exercise(
    "reading.1",
    answer=_bag,
    cases=[
        (["not", "good", "not", "so", "good"], _SHELF),
        (["bad", "the", "plot", "the"], _SHELF),
        (["plot"], _SHELF),
    ],
    names="x",
    arguments="words, index",
    batch=None,
    hint="take the index {a: 0, b: 1} and the words b, c, b: which places are set, and to what?",
    mistakes=[
        (lambda w, i: _bag(w, i, counts=True), "1 if it occurs, however often it does"),
        (lambda w, i: _bag(w, i, mean=True), "no mean: 1 if a word occurs"),
        (lambda w, i: np.array([float(x in i) for x in w]),
         "one number for each KNOWN word, not for each word of the sentence"),
        (lambda w, i: np.array([float(i[x]) for x in w if x in i]),
         "these are the places: put a 1 at each of them, into zeros"),
        (lambda w, i: 1.0 - _bag(w, i), "1 where a word occurs, 0 where it does not"),
        (lambda w, i: _bag(w, i, shift=1), "places count from 0"),
        (lambda w, i: np.array([*_bag(w, i), float(any(x not in i for x in w))]),
         "unknown words are passed over: no place for them"),
    ],
)  # fmt: skip


def _table(indices, dy, V):
    dW = np.zeros((V, dy.shape[-1]))
    np.add.at(dW, indices, dy)
    return dW


def _once(indices, dy, V):
    dW = np.zeros((V, dy.shape[-1]))
    dW[indices] += dy
    return dW


def _tokens(seed, N, T, D, V):
    return np.random.default_rng(seed).integers(0, V, (N, T)), *normal(seed, (N, T, D)), V


table = Exercise(
    "reading.2",
    answer=_table,
    cases=[_tokens(1, 2, 4, 3, 4), _tokens(2, 3, 3, 2, 9)],
    names="dW",
    arguments="indices, dy, V",
    hint="take one sentence in which one token stands twice: which rows of dW get what, by (.1)?",
    mistakes=[
        (_once, "a repeated row is counted once: dW[indices] += dy does not add up, np.add.at does"),
        (lambda i, dy, V: _table(i, dy, V) / len(i), "a sum over all places, without a mean"),
        (lambda i, dy, V: _table(i, dy, V) / i.size, "a sum over all places, without a mean"),
        (lambda i, dy, V: _table(i, dy, V)
         / np.maximum(np.bincount(i.ravel(), minlength=V), 1)[:, None],
         "the gradients of a row's places add up: no mean over them"),
        (lambda i, dy, V: _table(i, dy * (i != 0)[..., None], V),
         "here 0 is a token like the others: its row gets gradients, too"),
        (lambda i, dy, V: _table(i, dy, V).T, "transposed: one row for each token, (V, D)"),
        (lambda i, dy, V: _table(i[:1], dy[:1], V), "this is the first sequence only"),
    ],
)  # fmt: skip


def _average(E, x, *, mask=True, real=True):
    present = (x != 0)[:, :, None] if mask else np.ones((*x.shape, 1))
    n = present.sum(axis=1) if real else x.shape[1]
    return (E[x] * present).sum(axis=1) / n


def _sentences(seed, N, T, V, D):
    rng = np.random.default_rng(seed)
    x = rng.integers(1, V, (N, T))
    for row, n in zip(x, rng.permutation(np.arange(N) % (T - 1) + 2), strict=True):
        row[n:] = 0
        row[1] = row[0]  # a word may occur twice
    return (*normal(seed, (V, D)), x)


average = Exercise(
    "reading.3",
    answer=_average,
    cases=[_sentences(5, 4, 5, 6, 3), _sentences(6, 3, 4, 9, 2)],
    names="mean",
    arguments="E, x",
    batch=1,
    hint="take the sentence (5, 0, 0): its mean is E[5] itself; then (5, 6, 0); compare with (.2)",
    mistakes=[
        (lambda E, x: _average(E, x, mask=False), "padding is counted as a word"),
        (lambda E, x: E[x].sum(axis=1) / (x != 0).sum(axis=1)[:, None],
         "the padding's row is in the sum: multiply by the mask first"),
        (lambda E, x: np.stack([E[np.unique(r[r != 0])].mean(axis=0) for r in x]),
         "a word that occurs twice counts twice"),
        (lambda E, x: _average(E, x, real=False),
         "divide by the number of real tokens in the row, not by its length"),
        (lambda E, x: (E[x] * (x != 0)[:, :, None]).sum(axis=1), "this is the sum: divide by the number"),
        (lambda E, x: (E[x] * (x != 0)[:, :, None]).sum(axis=1) / (x != 0).sum(),
         "each sentence is divided by its own number of tokens, not by that of all"),
        (lambda E, x: (E[x] * (x != 0)[:, :, None]).sum(axis=2) / (x != 0).sum(axis=1)[:, None],
         "the sum goes over the tokens, axis 1"),
    ],
)  # fmt: skip


def _compared(a, b, *, sign=1, paired=True, divide=True, root=True, centre=True):
    d = a - b
    variance = np.mean(d**2) - centre * d.mean() ** 2
    if not paired:
        variance = a.mean() * (1 - a.mean()) + b.mean() * (1 - b.mean())
    variance = variance / (len(d) if divide else 1)
    return sign * d.mean(), np.sqrt(variance) if root else variance


def _two(seed, n):
    rng = np.random.default_rng(seed)
    hard = rng.random(n)
    return tuple((hard + 0.3 * rng.random(n) < level).astype(float) for level in (0.9, 0.7))


compared = Exercise(
    "reading.4",
    answer=_compared,
    cases=[_two(1, 40), _two(2, 25)],
    names="difference, standard error",
    arguments="right_a, right_b",
    hint="write down d for four sentences, its mean, and the mean of its square; then (.4)",
    mistakes=[
        (lambda a, b: _compared(a, b, paired=False),
         "these are two separate samples: the sentences are the same, so take the differences d"),
        (lambda a, b: _compared(a, b, sign=-1), "a minus b"),
        (lambda a, b: _compared(a, b, divide=False),
         "this is how far single sentences scatter: divide by the root of n"),
        (lambda a, b: _compared(a, b, root=False), "this is its square: take the root"),
        (lambda a, b: _compared(a, b, centre=False), "subtract the square of the mean of d"),
        (lambda a, b: (_compared(a, b)[0], _compared(a, b, divide=False)[1] / len(a)),
         "divide by the ROOT of n, or the square by n"),
        (lambda a, b: (a.mean(), _compared(a, b)[1]), "this is a's accuracy: subtract b's"),
    ],
)  # fmt: skip


def _sums(E, F):
    return np.array([(E[t : t + len(F)] * F).sum() for t in range(len(E) - len(F) + 1)])


sums = Exercise(
    "reading.5",
    answer=_sums,
    cases=[normal(15, (6, 3), (2, 3)), normal(16, (5, 2), (3, 2)), normal(17, (3, 4), (3, 4))],
    names="sums",
    arguments="E, F",
    batch=None,
    hint="for E = 1, -2, 3 (one number a word) and F = (1, 1) there are two sums, -1 and 1",
    mistakes=[
        (lambda E, F: _sums(E, F)[:-1], "the last place is missing: there are T - K + 1"),
        (lambda E, F: _sums(E, F[::-1]), "F is upside down: its first row meets the first of the words"),
        (lambda E, F: _sums(E, F).max(), "all the sums, not only the largest"),
    ],
)  # fmt: skip

strongest = Exercise(
    "reading.5",
    answer=lambda E, F: _sums(E, F).max(),
    cases=[
        normal(11, (6, 3), (2, 3)),
        normal(12, (5, 2), (3, 2)),
        normal(14, (3, 4), (3, 4)),
        normal(19, (4, 2), (2, 2)),
    ],
    names="largest",
    arguments="E, F",
    batch=None,
    steps={"sums": sums},
    hint=("take E with three rows of one number, 1, -2, 3, and F = (1, 1): write down the sum at each "
          "place"),
    mistakes=[
        (lambda E, F: _sums(E, F), "these are the sums at all places: of them, the largest"),
        (lambda E, F: _sums(E, F).mean(), "the largest, not the mean"),
        (lambda E, F: np.abs(_sums(E, F)).max(), "the largest as it is, without a modulus"),
        (lambda E, F: max(0.0, _sums(E, F).max()),
         "the largest may be negative: begin with the first sum, not with 0"),
        (lambda E, F: _sums(E, F).argmax(), "this is where: return how much"),
        (lambda E, F: _sums(E, F[::-1]).max(),
         "F is upside down: its first row meets the first of the words"),
        (lambda E, F: _sums(np.concatenate([E, 0 * F[1:]]), F).max(),
         "the filter reaches over the sentence's end: T - K + 1 places, without padding"),
        (lambda E, F: _sums(E[:-1], F).max(), "the last place is missing: there are T - K + 1"),
        (lambda E, F: max((E @ F.T).ravel()), "add up the K rows of the filter before the largest"),
    ],
)  # fmt: skip

EXERCISES = [bag, table, average, compared, strongest]
