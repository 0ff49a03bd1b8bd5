"""The table of Reading: averaged embeddings and an LSTM on more and more sentences of film reviews.

    python benchmarks/reviews.py                 # about 3 minutes on one core

Accuracy on the 1,500 test sentences of the chapter, for three seeds. Training stops after one, or
after three, epochs without a better loss on the 1,000 validation sentences.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import dlbook
from dlbook import data, nn, optim


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


def main() -> None:
    """Train everything and print the table."""
    sentences, rating = data.movie_snippets()
    kept = np.flatnonzero(np.abs(rating) >= 1)
    y = (rating[kept, None] > 0).astype(np.float32)
    words = [data.words(sentences[k]) or ["<unk>"] for k in kept]
    rest, test = data.train_test_split(np.arange(len(y)), test_size=1500, rng=0, stratify=y[:, 0])
    learn, validate = data.train_test_split(rest, test_size=1000, rng=1, stratify=y[rest, 0])
    known = data.Vocabulary(
        (w for k in learn for w in words[k]), min_count=2, special=("<pad>", "<unk>")
    )
    x, _ = data.pad_sequence([known.encode(w) for w in words], max_length=40)
    for lstm in (False, True):
        for n in (1000, 3000, len(learn)):
            for patience in (1, 3):
                right = []
                for seed in (0, 1, 2):
                    dlbook.manual_seed(seed)
                    model, some = Sentence(len(known), lstm=lstm), learn[:n]
                    loader = data.DataLoader((x[some], y[some]), 64, shuffle=True, rng=seed)
                    optimizer = optim.AdamW(model.parameters(), lr=0.003, weight_decay=1e-4)
                    dlbook.fit(model, nn.BCEWithLogitsLoss(), optimizer, loader, epochs=20,
                               validation=(x[validate], y[validate]), patience=patience,
                               clip=1.0, progress=False)  # fmt: skip
                    right.append(((dlbook.predict(model, x[test]) > 0) == y[test]).mean())
                name = "LSTM" if lstm else "averaged embeddings"
                told = " ".join(f"{100 * share:.1f}" for share in right)
                print(f"{name:20} {n:5} sentences, patience {patience}: {told} %", flush=True)


if __name__ == "__main__":
    main()
