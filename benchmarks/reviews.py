"""The tables of Reading: three networks on film reviews, and on real and shuffled sentences.

    python benchmarks/reviews.py                 # about 6 minutes on one core

Accuracies on the chapter's 1,500 test sentences, after learning from a part of the sentences or from
all, and on those test sentences that are neither short nor long beside their shuffled twins. Three
seeds each, one learning rate for all. Training stops after three epochs without a better loss on
the 1,000 validation sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import dlbook
from dlbook import data, nn, optim
from dlbook import functional as F

RATE, SEEDS = 0.003, (0, 1, 2)


class Sentence(nn.Module):
    """The chapter's model: embeddings, an LSTM over them if wanted, their mean, a linear layer."""

    def __init__(self, size: int, D: int = 32, lstm: bool = False) -> None:
        self.embedding, self.dropout = nn.Embedding(size, D), nn.Dropout(0.3)
        self.embedding.weight.data = 0.1 * self.embedding.weight.data
        self.head = nn.Linear(D, 1)
        self.steps = nn.LSTM(D, D) if lstm else None

    def forward(self, x: Any) -> Any:
        """From words (N, T), in which 0 is padding, to a logit (N, 1)."""
        mask = x != 0
        e = self.dropout(self.embedding(x))
        if self.steps is not None:
            e, _ = self.steps(e, mask=mask)
        present = mask[:, :, None].astype(np.float32)
        return self.head((e * present).sum(1) / present.sum(1))


class Neighbours(nn.Module):
    """The chapter's text CNN: the largest answer of each unit over two or three words."""

    def __init__(self, size: int, D: int = 32, H: int = 32) -> None:
        self.embedding, self.dropout = nn.Embedding(size, D), nn.Dropout(0.3)
        self.embedding.weight.data = 0.1 * self.embedding.weight.data
        self.pairs, self.triples = nn.Linear(2 * D, H), nn.Linear(3 * D, H)
        self.head = nn.Linear(2 * H, 1)

    def forward(self, x: Any) -> Any:
        """From words (N, T), in which 0 is padding, to a logit (N, 1)."""
        e = self.dropout(self.embedding(x))
        largest = []
        for K, layer in ((2, self.pairs), (3, self.triples)):
            n = x.shape[1] - K + 1
            side_by_side = F.concat([e[:, k : k + n] for k in range(K)], axis=2)
            inside = (x[:, K - 1 :, None] != 0).astype(np.float32)
            largest.append(F.amax(F.relu(layer(side_by_side)) * inside, axis=1))
        return self.head(F.concat(largest, axis=1))


NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    "averaged embeddings": Sentence,
    "text CNN": Neighbours,
    "LSTM": lambda size: Sentence(size, lstm=True),
}


def trained(
    model: nn.Module, x: Any, y: Any, parts: Sequence, lr: float = RATE, seed: int = 0
) -> tuple[float, float]:
    """Train with early stopping; return the best validation loss and the test accuracy."""
    (x1, y1), (x2, y2), (x3, y3) = ((x[k], y[k, None].astype(np.float32)) for k in parts)
    loader = data.DataLoader((x1, y1), 64, shuffle=True, rng=seed)
    optimizer = optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-4)
    loss = nn.BCEWithLogitsLoss()
    dlbook.fit(model, loss, optimizer, loader, epochs=20, validation=(x2, y2),
               patience=3, clip=1.0, progress=False)  # fmt: skip
    validation = dlbook.evaluate(model, loss, (x2, y2))["loss"]
    return validation, float(((dlbook.predict(model, x3) > 0) == y3).mean())


def real_and_shuffled(sentences: list, rng: np.random.Generator) -> tuple[list, np.ndarray]:
    """Each sentence of 5 to 25 words, label 1, and its words in another order, label 0."""
    texts, labels = [], []
    for written in sentences:
        shuffled = [written[j] for j in rng.permutation(len(written))]
        if 5 <= len(written) <= 25 and shuffled != written:
            texts += [written, shuffled]
            labels += [1, 0]
    return texts, np.array(labels)


def main(names: Sequence[str] = tuple(NETWORKS)) -> None:
    """Train everything and print the tables."""
    sentences, rating = data.movie_snippets()
    kept = np.flatnonzero(np.abs(rating) >= 1)
    y = (rating[kept] > 0).astype(np.int64)
    words = [data.words(sentences[k]) or ["<unk>"] for k in kept]
    rest, test = data.train_test_split(np.arange(len(y)), test_size=1500, rng=0, stratify=y)
    learn, validate = data.train_test_split(rest, test_size=1000, rng=1, stratify=y[rest])
    known = data.Vocabulary(
        (w for k in learn for w in words[k]), min_count=2, special=("<pad>", "<unk>")
    )
    x, _ = data.pad_sequence([known.encode(w) for w in words], max_length=40)

    parts, rng = (learn, validate, test), np.random.default_rng(0)
    made = [real_and_shuffled([words[k] for k in part], rng) for part in parts]
    x_order, _ = data.pad_sequence([known.encode(w) for texts, _ in made for w in texts])
    real = np.concatenate([labels for _, labels in made])
    ends = np.cumsum([len(labels) for _, labels in made])
    order_parts = np.split(np.arange(ends[-1]), ends[:-1])

    tasks: list[tuple[str, Any, Any, Sequence]]
    tasks = [(f"{n} sentences", x, y, (learn[:n], validate, test)) for n in (1000, 3000, 6671)]
    tasks.append(("real or shuffled", x_order, real, order_parts))
    for name in names:
        for task, inputs, labels, some in tasks:
            right = []
            for seed in SEEDS:
                dlbook.manual_seed(seed)
                model = NETWORKS[name](len(known))
                right.append(trained(model, inputs, labels, some, seed=seed)[1])
            told = ", ".join(f"{100 * share:.1f}" for share in right)
            print(f"{name:20} {task:16}: {told} %", flush=True)


if __name__ == "__main__":
    main()
