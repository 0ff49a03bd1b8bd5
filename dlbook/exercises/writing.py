"""Exercises: writing."""

import itertools

import numpy as np

from .inputs import normal
from .judge import Exercise

perplexity = Exercise(
    "writing.1",
    answer=2**2.25,
    names="perplexity",
    tol=1e-3,
    hint="first the bits of each character, then their mean, then undo the logarithm, (.3)",
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
    "writing.2",
    answer=_follows,
    cases=[("abbacabada", "a", "b"), ("to be or not to be", "t", "o"), ("aaab", "a", "a")],
    names="p",
    arguments="text, a, b",
    batch=None,
    hint=("write down each place where a stands in `to be` and what comes after it; with two counts "
          "you have it"),
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


def _tempered(z, tau):
    e = np.exp((z - z.max()) / tau)
    return e / e.sum()


def _overflowing(z, tau):
    with np.errstate(all="ignore"):
        return np.exp(z / tau) / np.exp(z / tau).sum()


temperature = Exercise(
    "writing.3",
    answer=_tempered,
    cases=[(normal(3, (5,))[0], 0.5), (normal(4, (4,))[0], 3.0), (np.array([1000.0, 999.0, -1000.0]), 0.5)],
    names="p",
    arguments="z, tau",
    batch=None,
    hint=("with equal logits all probabilities are equal, for every tau; with tau = 1 it is the "
          "softmax; compare with (.5)"),
    mistakes=[
        (lambda z, tau: _tempered(z, 1.0), "tau is not used"),
        (lambda z, tau: _tempered(z, 1 / tau), "divide by tau: a cold model is a sure one"),
        (lambda z, tau: _tempered(z, 1.0) / tau, "the logits are divided, before the softmax"),
        (_overflowing, "e**1000 overflows: subtract the largest logit first"),
        (lambda z, tau: np.exp((z - z.max()) / tau), "divide by the sum: probabilities add up to 1"),
    ],
)  # fmt: skip


def _rows(tokens, N, *, spare=1, by_row=False, columns=False, same=False, back=False):
    L = (len(tokens) - spare) // N
    x, y = tokens[: N * L].reshape(N, L), tokens[1 : N * L + 1]
    if by_row:
        y = np.roll(x, -1, axis=1)
    if columns:
        return tokens[: N * L].reshape(L, N).T, y.reshape(L, N).T
    if back:
        return y.reshape(N, L), x
    return x, x if same else y.reshape(N, L)


rows = Exercise(
    "writing.4",
    answer=_rows,
    cases=[(np.arange(n) ** 2, N) for n, N in ((11, 2), (13, 3), (9, 4), (12, 3))],
    names="x, y",
    arguments="tokens, N",
    batch=None,
    hint=("take the tokens 0 to 8 and N = 2: L is 4; write down both rows of x, and below each token "
          "the next of the text"),
    mistakes=[
        (lambda t, N: _rows(t, N, same=True), "the target is the token that follows, not the token"),
        (lambda t, N: _rows(t, N, by_row=True),
         "the end of a row goes on in the next one: shift the text first, then cut it"),
        (lambda t, N: _rows(t, N, columns=True),
         "neighbours in the text lie beside each other in a row: reshape to (N, L)"),
        (lambda t, N: _rows(t, N, back=True), "x comes first, then what follows it"),
        (lambda t, N: (_rows(t, N)[0], _rows(np.roll(t, 2), N)[0]),
         "this y comes before x: the target is what follows"),
        (lambda t, N: _rows(t, N, spare=1 + N), "L can be larger: N L + 1 tokens are enough"),
        (lambda t, N: tuple(a[:, : (len(t) - 1) // N - 1] for a in _rows(t, N)),
         "the rows end too soon: the last token of a row has a successor, the next row's first"),
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


def _pairs(tokens, a, b, step=2):
    places, i = [], 0
    while i < len(tokens) - 1:
        if found := tokens[i] == a and tokens[i + 1] == b:
            places.append(i)
        i += step if found else 1
    return np.array(places, dtype=int)


pairs = Exercise(
    "writing.5",
    answer=_pairs,
    cases=[
        (np.array([1, 2, 3, 1, 2, 2, 1]), 1, 2),
        (np.array([5, 5, 5, 4, 5, 5]), 5, 5),
        (np.array([3, 1]), 1, 3),
    ],
    names="places",
    arguments="tokens, a, b",
    batch=None,
    hint="for the tokens 1, 1, 1 with a = b = 1 there is one place, 0: the second 1 is used up",
    mistakes=[
        (lambda tokens, a, b: _pairs(tokens, a, b, 1),
         "pairs must not overlap: after one, go on two places further"),
        (lambda tokens, a, b: _pairs(tokens, a, b)[:1], "every such place, not only the first"),
    ],
)  # fmt: skip


def _without_a_last(tokens, a, b):
    joined = _merge(tokens, a, b)
    return joined if joined[-1] == -1 else joined[:-1]


merging = Exercise(
    "writing.5",
    answer=_merge,
    cases=[
        (np.array([1, 2, 3, 1, 2, 2, 1]), 1, 2),
        (np.array([5, 5, 5, 4, 5, 5]), 5, 5),
        (np.array([3, 1]), 1, 3),
    ],
    names="tokens",
    arguments="tokens, a, b",
    batch=None,
    steps={"places": pairs},
    hint=("take 1, 1, 1 with a = b = 1, and go from left to right: after a joined pair, where do you "
          "go on?"),
    mistakes=[
        (lambda t, a, b: _merge(t, a, b, overlap=True),
         "the second of a joined pair is used up: go on two places further"),
        (lambda t, a, b: _merge(t, a, b, once=True), "every such pair, not only the first"),
        (lambda t, a, b: _merge(t, a, b, either=True), "a before b, not b before a"),
        (lambda t, a, b: _merge(t, a, b, joined=a), "the joined token is -1"),
        (lambda t, a, b: t, "nothing was joined"),
        (_without_a_last, "the last token is lost where it belongs to no pair: keep it"),
        (lambda t, a, b: _merge(t[::-1], b, a)[::-1],
         "in 5 5 5 the first two are joined: from left to right"),
    ],
)  # fmt: skip

EXERCISES = [perplexity, follows, temperature, rows, merging]
