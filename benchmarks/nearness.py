"""Three seeds for The Transformer: an LSTM, a Transformer, and one that is told of distance.

    python benchmarks/nearness.py                # about 2 minutes on one core

The chapter's networks, text and training, 147,000 characters once: bits per character on 10,000
held-out characters, and the share of the LSTM's lead that the mask makes up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import dlbook
from dlbook import data, metrics, nn, optim

SEEDS, PARTS = (0, 1, 2), 10


class Transformer(nn.Module):
    """Two causal blocks; `slope` is taken from a score for each step that it looks back."""

    def __init__(self, tokens: int, slope: float = 0.0, d: int = 64, T: int = 64) -> None:
        self.embedding, self.head = nn.Embedding(tokens, d), nn.Linear(d, tokens)
        self.place = nn.PositionalEncoding(d, T)
        self.layers = nn.Sequential(
            *(nn.TransformerEncoderLayer(d, 4, 3 * d, dropout=0.0, norm_first=True) for _ in "12")
        )
        self.norm, self.slope = nn.LayerNorm(d), slope

    def forward(self, x: Any) -> Any:
        """From tokens (N, T) to logits (N, tokens, T)."""
        t = np.arange(x.shape[1], dtype=np.float32)
        back = t[:, None] - t
        mask = np.where(back < 0, np.float32(-np.inf), -np.float32(self.slope) * back)
        y = self.place(self.embedding(x))
        for layer in self.layers:
            y = layer(y, mask)
        return self.head(self.norm(y)).permute(0, 2, 1)


class Recurrent(nn.Module):
    """An embedding, an LSTM and a linear layer."""

    def __init__(self, tokens: int, D: int = 32, H: int = 128) -> None:
        self.embedding, self.steps = nn.Embedding(tokens, D), nn.LSTM(D, H)
        self.head = nn.Linear(H, tokens)

    def forward(self, x: Any, state: Any = None) -> tuple[Any, Any]:
        """From tokens (N, T) to logits (N, tokens, T), and the state."""
        y, state = self.steps(self.embedding(x), state)
        return self.head(y).permute(0, 2, 1), state


def learnt(model: nn.Module, lr: float, pieces: list, held_out: Any) -> float:
    """Train on the pieces once, the rate rising and falling; return held-out bits per character."""
    optimizer = optim.Adam(model.parameters())
    for k in range(PARTS):
        share = (k + 0.5) / PARTS
        optimizer.lr = lr * min(1.0, 5 * share) * 0.5 * (1 + np.cos(np.pi * share))
        first, last = (len(pieces) * (k + end) // PARTS for end in (0, 1))
        dlbook.train.train_epoch(
            model, nn.CrossEntropyLoss(), optimizer, pieces[first:last], clip=1.0
        )
    return metrics.bits(dlbook.evaluate(model, nn.CrossEntropyLoss(), held_out)["loss"])


def main() -> None:
    """Train three networks with each seed and print what they reach."""
    text = data.shakespeare()
    cut = len(text) * 9 // 10
    known = data.Vocabulary(text[:cut])
    pieces = list(data.SequenceLoader(known.encode(text[:cut]), 32, 64))[:72]
    held_out = data.SequenceLoader(known.encode(text[cut:])[:10_000], 10, 64)
    for seed in SEEDS:
        dlbook.manual_seed(seed)
        lstm, plain = Recurrent(len(known)), Transformer(len(known))
        dlbook.manual_seed(seed)
        near = Transformer(len(known), slope=0.5)
        rows = (dlbook.Carry(lstm), 0.02), (plain, 0.01), (near, 0.01)
        a, b, c = (learnt(model, lr, pieces, held_out) for model, lr in rows)
        print(f"seed {seed}: LSTM {a:.2f}, Transformer {b:.2f}, the near counts more {c:.2f}: "
              f"{100 * (b - c) / (b - a):.0f} % of the gap", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
