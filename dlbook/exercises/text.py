"""Exercises: text."""

import itertools

import numpy as np

from .inputs import normal
from .judge import Exercise

perplexity = Exercise(
    "text.1",
    answer=2**2.25,
    names="perplexity",
    tol=1e-3,
    mistakes=[
        (2.25, "these are the bits: the perplexity is 2 to that power"),
        (np.exp(2.25), "bits go with powers of 2, nats with powers of e"),
        (4.0, "the mean of the probabilities first? Take the mean of the bits, 1, 2, 3 and 3"),
        (9.0, "this is the sum of the bits: take their mean, then the power"),
        (512.0, "one over the probability of all four: take the fourth root"),
        (5.5, "the mean of 2, 4, 8 and 8: the mean is taken of their logarithms"),
        (0.25, "the mean probability is no perplexity: take the mean of -log2 p"),
        (2**-2.25, "the sign: bits are -log2 p, and the perplexity is above 1"),
        (2.25 * np.log(2), "these are nats: the perplexity is e to that power"),
        (4.8, "right, but rounded: give it with three decimals"),
    ],
)


def _follows(text, a, b, *, last=True, of=None):
    after = [y for x, y in itertools.pairwise(text) if x == a]
    total = len(after) if last else text.count(a)
    return after.count(b) / (of(text) if of else total)


follows = Exercise(
    "text.2",
    answer=_follows,
    cases=[("abbacabada", "a", "b"), ("to be or not to be", "t", "o"), ("aaab", "a", "a")],
    names="p",
    arguments="text, a, b",
    batch=None,
    mistakes=[
        (lambda t, a, b: _follows(t, a, b, last=False),
         "the last character has no successor: it does not count among the a"),
        (lambda t, a, b: _follows(t, a, b, of=len), "divide by the number of a, not by all"),
        (lambda t, a, b: _follows(t, a, b, of=lambda t: len(t) - 1),
         "divide by the number of a, not by all pairs"),
        (lambda t, a, b: float(_follows(t, a, b) * t[:-1].count(a)),
         "this is how often: divide by the number of a"),
        (lambda t, a, b: t.count(a + b) / max(t[:-1].count(a), 1),
         "str.count passes over pairs that overlap, as in aaa: look at every neighbour"),
        (lambda t, a, b: sum(x + y == a + b for x, y in itertools.pairwise(t)) / t.count(b),
         "this is the probability that a came before b: divide by the number of a"),
        (lambda t, a, b: t.count(b) / len(t), "this is how frequent b is anywhere"),
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
    "text.3",
    answer=_table,
    cases=[_tokens(1, 2, 4, 3, 4), _tokens(2, 3, 3, 2, 9)],
    names="dW",
    arguments="indices, dy, V",
    mistakes=[
        (_once, "a repeated row is counted once: dW[indices] += dy does not add up, np.add.at does"),
        (lambda i, dy, V: _table(i, dy, V) / len(i), "a sum over all places, without a mean"),
        (lambda i, dy, V: _table(i, dy, V) / i.size, "a sum over all places, without a mean"),
        (lambda i, dy, V: _table(i, dy, V)
         / np.maximum(np.bincount(i.ravel(), minlength=V), 1)[:, None],
         "the gradients of a row's places add up: no mean over them"),
        (lambda i, dy, V: _table(i, dy, V).T, "transposed: one row for each token, (V, D)"),
        (lambda i, dy, V: _table(i[:1], dy[:1], V), "this is the first sequence only"),
    ],
)  # fmt: skip


def _tempered(z, tau):
    e = np.exp((z - z.max()) / tau)
    return e / e.sum()


temperature = Exercise(
    "text.4",
    answer=_tempered,
    cases=[(normal(3, (5,))[0], 0.5), (normal(4, (4,))[0], 3.0), (np.array([1000.0, 999.0, -1000.0]), 0.5)],
    names="p",
    arguments="z, tau",
    batch=None,
    mistakes=[
        (lambda z, tau: _tempered(z, 1.0), "tau is not used"),
        (lambda z, tau: _tempered(z, 1 / tau), "divide by tau: a cold model is a sure one"),
        (lambda z, tau: _tempered(z, 1.0) / tau, "the logits are divided, before the softmax"),
        (lambda z, tau: np.exp((z - z.max()) / tau), "divide by the sum: probabilities add up to 1"),
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
    "text.5",
    answer=_average,
    cases=[_sentences(5, 4, 5, 6, 3), _sentences(6, 3, 4, 9, 2)],
    names="mean",
    arguments="E, x",
    batch=1,
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


def _merge(tokens, a, b, *, overlap=False, joined=-1, once=False, either=False):
    found, k, done = [], 0, False
    while k < len(tokens):
        next_two = [int(t) for t in tokens[k : k + 2]]
        pair = next_two == [a, b] or (either and next_two == [b, a])
        pair = pair and not (once and done)
        done |= pair
        found.append(joined if pair else int(tokens[k]))
        k += 2 if pair and not overlap else 1
    return np.array(found)


merging = Exercise(
    "text.6",
    answer=_merge,
    cases=[
        (np.array([1, 2, 3, 1, 2, 2, 1]), 1, 2),
        (np.array([5, 5, 5, 4, 5, 5]), 5, 5),
        (np.array([3, 1]), 1, 3),
    ],
    names="tokens",
    arguments="tokens, a, b",
    batch=None,
    mistakes=[
        (lambda t, a, b: _merge(t, a, b, overlap=True),
         "the second of a joined pair is used up: go on two places further"),
        (lambda t, a, b: _merge(t, a, b, once=True), "every such pair, not only the first"),
        (lambda t, a, b: _merge(t, a, b, either=True), "a before b, not b before a"),
        (lambda t, a, b: _merge(t, a, b, joined=a), "the joined token is -1"),
        (lambda t, a, b: t, "nothing was joined"),
        (lambda t, a, b: _merge(t[::-1], b, a)[::-1],
         "in 5 5 5 the first two are joined: from left to right"),
    ],
)  # fmt: skip

EXERCISES = [perplexity, follows, table, temperature, average, merging]
