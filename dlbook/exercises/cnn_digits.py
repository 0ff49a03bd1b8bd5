"""Exercises: a CNN that reads digits."""

import numpy as np

from .. import primitives as p
from .judge import Exercise

follow = Exercise(
    "cnn_digits.1",
    answer=2304.0,
    names="n",
    hint=("write the size after each layer, and the channels beside it: (convolution.2) says how many "
          "places there are"),
    mistakes=[
        (4096.0, "this is with padding: without it a 3 by 3 kernel takes 2 from the size"),
        (64.0, "this is the number of channels: times the places that are left, 6 by 6"),
        (64.0 * 15 * 15, "the second convolution and pooling are missing"),
        (36.0, "these are the places: times 64 channels"),
        (32.0 * 36, "the second convolution has 64 channels"),
        (64.0 * 7 * 7, "13 / 2 is rounded DOWN: 6, a window that would stick out is not laid"),
        (64.0 * 13 * 13, "the second pooling is missing: 13 becomes 6"),
        (64.0 * 28 * 28, "the poolings are missing: each halves the size"),
    ],
)  # fmt: skip


def _count(layers, *, bias=1, square=True, channels=True):
    total = 0
    for kind, *n in layers:
        if kind == "conv":
            total += n[1] * ((n[0] if channels else 1) * (n[2] ** 2 if square else n[2]) + bias)
        elif kind == "dense":
            total += n[1] * (n[0] + bias)
    return total


_NET = [("conv", 1, 32, 3), ("pool", 2), ("conv", 32, 64, 5), ("dense", 576, 64), ("dense", 64, 10)]

count = Exercise(
    "cnn_digits.2",
    answer=_count,
    cases=[(_NET,), ([("dense", 3, 2)],), ([("conv", 3, 6, 5), ("pool", 2)],)],
    names="weights",
    arguments="layers",
    batch=None,
    hint="count one layer of each kind by hand: a conv from 1 to 2 channels with k = 3 has 20",
    mistakes=[
        (lambda layers: _count(layers, bias=0),
         "the biases are missing: one for each output channel or unit"),
        (lambda layers: _count(layers, bias=0) + sum(e[0] != "pool" for e in layers),
         "one bias a layer: there is one for each output channel or unit"),
        (lambda layers: _count(layers, square=False), "a kernel of size k has k times k places"),
        (lambda layers: _count(layers, channels=False),
         "a kernel covers all input channels: C k k weights"),
        (lambda layers: _count([e for e in layers if e[0] == "conv"]),
         "the dense layers are missing"),
        (lambda layers: _count([e for e in layers if e[0] == "dense"]),
         "the convolutions are missing"),
    ],
)  # fmt: skip


def _batch(seed, N, C):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, C, N)
    return p.softmax(rng.standard_normal((N, C)))[0], np.eye(C)[y]


def _categorical(q, y):
    return -np.mean(np.sum(y * np.log(q), axis=1))


categorical = Exercise(
    "cnn_digits.3",
    answer=_categorical,
    cases=[_batch(1, 6, 4), _batch(2, 5, 10)],
    names="loss",
    arguments="p, y",
    hint=("take one example with p = (1/2, 1/2): the loss is ln 2; then two of them; compare with "
          "(.1)"),
    mistakes=[
        (lambda q, y: -_categorical(q, y),
         "the minus is missing: the logarithm of a probability is negative"),
        (lambda q, y: len(y) * _categorical(q, y),
         "the mean over the batch is missing: divide by N"),
        (lambda q, y: -np.mean(y * np.log(q)),
         "this divides by N times C: sum over the classes, mean over the batch"),
        (lambda q, y: _categorical(p.softmax(q)[0], y),
         "p already holds probabilities: no softmax"),
        (lambda q, y: _categorical(q, y) / np.log(2),
         "this is in bits: the natural logarithm, np.log"),
        (lambda q, y: -np.mean(np.sum(y * np.log(q) + (1 - y) * np.log(1 - q), axis=1)),
         "this is the binary cross-entropy: the other classes do not enter"),
        (lambda q, y: np.mean(np.sum((q - y) ** 2, axis=1)),
         "this is the squared error: -ln of the right one's p"),
    ],
)  # fmt: skip

floor = Exercise(
    "cnn_digits.4",
    answer=lambda C: np.log(np.e + C - 1) - 1,
    cases=[(10,), (2,), (1000,)],
    names="floor",
    arguments="C",
    batch=None,
    hint=("what are the probabilities of a perfect model? Put these in as logits, and write the "
          "softmax of them for C = 2"),
    mistakes=[
        (np.log, "this is the loss of guessing: how good can it get?"),
        (lambda C: 0.0,
         "that would need a logit that is infinitely larger than the others; here it is 1 against 0"),
        (lambda C: np.log(np.e + C) - 1,
         "one class too many: the right one has e**1, the C - 1 others e**0"),
        (lambda C: np.log(np.e + C - 1),
         "the logit of the right class, 1, is still to be subtracted"),
        (lambda C: 1 - np.log(np.e + C - 1),
         "the sign is wrong: ln(sum of e**z) minus z of the right class"),
    ],
)  # fmt: skip


def _top(z, y, k):
    return np.mean((z.argsort(axis=1)[:, -k:] == y[:, None]).any(axis=1))


def _scores(seed, N, C, k):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((N, C)), rng.integers(0, C, N), k


top = Exercise(
    "cnn_digits.5",
    answer=_top,
    cases=[_scores(1, 40, 10, 3), _scores(2, 30, 8, 5), _scores(3, 30, 4, 1)],
    names="share",
    arguments="z, y, k",
    hint=("take one row of three logits, k = 2, and ask for each of the three labels in turn; with k "
          "= C the share is 1"),
    mistakes=[
        (lambda z, y, k: _top(-z, y, k), "these are the k SMALLEST logits: argsort sorts upwards"),
        (lambda z, y, k: _top(z, y, 1), "only the best counts here: look among the k best"),
        (lambda z, y, k: np.mean((z.argsort(axis=1)[:, -k:] == y[:, None]).all(axis=1)) if k > 1 else 0.5,
         "ONE of the k best has to be the label: any, not all"),
        (lambda z, y, k: 1 - _top(z, y, k), "this is the share of wrong ones"),
        (lambda z, y, k: _top(z, y, k) * len(y), "this is their number: divide by N"),
        (lambda z, y, k: _top(z, y, k) / k,
         "divide by N alone, not by k: one hit among the k is enough"),
        (lambda z, y, k: np.mean(z.argsort(axis=1)[:, -k] == y),
         "this is the k-th best alone: any of the k best will do"),
    ],
)  # fmt: skip


def _softmax(z):
    return p.softmax(z)[0]


def _ensemble(logits):
    return np.mean([_softmax(z) for z in logits], axis=0).argmax(axis=1)


def _networks(seed, n):
    rng = np.random.default_rng(seed)
    return ([s * rng.standard_normal((60, 5)) for s in np.geomspace(0.3, 4, n)],)


mean_probabilities = Exercise(
    "cnn_digits.6",
    answer=lambda logits: np.mean([_softmax(z) for z in logits], axis=0),
    cases=[_networks(3, 3), _networks(4, 5)],
    names="p",
    arguments="logits",
    batch=None,
    hint="with one network it is the softmax of its logits; each row adds up to 1",
    mistakes=[
        (lambda logits: _softmax(np.mean(logits, axis=0)),
         "these are the probabilities of mean logits: average the probabilities"),
        (lambda logits: np.sum([_softmax(z) for z in logits], axis=0), "divide by the number of networks"),
    ],
)  # fmt: skip

ensemble = Exercise(
    "cnn_digits.6",
    answer=_ensemble,
    cases=[_networks(1, 3), _networks(2, 5)],
    names="labels",
    arguments="logits",
    batch=None,
    steps={"mean": mean_probabilities},
    hint=("take two networks, one example and two classes, one of them very sure, and do every step "
          "on paper"),
    mistakes=[
        (lambda logits: np.mean(logits, axis=0).argmax(axis=1),
         "you average the logits (or multiply probabilities): average the probabilities themselves"),
        (lambda logits: np.array([np.bincount(v).argmax()
                                  for v in np.stack([z.argmax(1) for z in logits], 1)]),
         "this is a vote of the labels: average the probabilities, so that a sure network counts more"),
        (lambda logits: np.mean([_softmax(z) for z in logits], axis=0),
         "these are the probabilities: the label is their argmax"),
        (lambda logits: np.max([_softmax(z) for z in logits], axis=0).argmax(axis=1),
         "the most certain network decides alone: average over all"),
    ],
)  # fmt: skip

EXERCISES = [follow, count, categorical, floor, top, ensemble]
