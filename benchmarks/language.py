"""The long tables of Writing and The Transformer: two character models on seven plays of Shakespeare.

    python benchmarks/language.py                # about 20 minutes on one core

An LSTM and a causal Transformer with nearly the same number of parameters, trained alike, and
n-gram models on the same characters. The last tenth of the text is for testing. A twentieth (from
80 % to 85 %) is for choosing the learning rate, in one epoch each; nobody trains on it. Bits are
per character; a step has 32 x 64 characters.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np

import dlbook
from dlbook import data, metrics, nn, optim
from dlbook.ngram import NGram

T, B, EPOCHS, RATES = 64, 32, 6, (2e-3, 5e-3, 1e-2)


class LSTM(nn.Module):
    def __init__(self, V, D=64, H=256):
        super().__init__()
        self.embedding, self.steps, self.head = nn.Embedding(V, D), nn.LSTM(D, H), nn.Linear(H, V)

    def forward(self, x, state=None):
        y, state = self.steps(self.embedding(x), state)
        return self.head(y).permute(0, 2, 1), state


class Transformer(nn.Module):
    def __init__(self, V, d=96, heads=4, layers=3):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(V, d), nn.PositionalEncoding(d, T)
        block = nn.TransformerEncoderLayer
        self.layers = nn.Sequential(
            *(block(d, heads, 4 * d, dropout=0.0, norm_first=True) for _ in range(layers))
        )
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, V)

    def forward(self, x):
        y = self.positions(self.embedding(x))
        for layer in self.layers:
            y = layer(y, is_causal=True)
        return self.head(self.norm(y)).permute(0, 2, 1)


def bits_of(model, tokens):
    """Bits a character. The Transformer sees between T / 2 and T characters back, at the start none."""
    if isinstance(model, LSTM):
        pieces = data.SequenceLoader(tokens, 1, 512)
        loss = dlbook.evaluate(dlbook.Carry(model), nn.CrossEntropyLoss(), pieces)["loss"]
        return metrics.bits(loss)
    half, total, count = T // 2, 0.0, 0
    for start in range(0, len(tokens) - 1, half):
        begin = max(start - half, 0)
        x, y = tokens[None, begin : start + half], tokens[None, begin + 1 : start + half + 1]
        x = x[:, : y.shape[1]]
        new = min(half, y.shape[1] - (start - begin))
        logits = dlbook.predict(model, x)[:, :, -new:]
        loss = nn.CrossEntropyLoss()(logits, y[:, -new:]).item()
        total, count = total + loss * new, count + new
    return metrics.bits(total / count)


def train(network, V, tokens, lr, epochs, after_epoch=None):
    """Adam with warm-up and a cosine to 0, clipped gradients; returns the model.

    `after_epoch`, if given, is called with the model, the mean loss and the seconds a step took.
    """
    dlbook.manual_seed(0)
    model = network(V)
    carried = dlbook.Carry(model) if network is LSTM else model
    optimizer = optim.Adam(model.parameters(), lr=lr)
    steps, done = epochs * len(data.SequenceLoader(tokens, B, T)), 0
    for epoch in range(epochs):
        # A Transformer carries nothing on, so its pieces may begin anywhere.
        first = 0 if network is LSTM else 17 * epoch % T
        batches = data.SequenceLoader(tokens[first:], B, T)
        start, total, count = time.perf_counter(), 0.0, 0
        carried.train()
        for x, y in batches:
            loss = dlbook.train_step(carried, nn.CrossEntropyLoss(), optimizer, x, y, clip=1.0)
            total, count, done = total + loss * y.size, count + y.size, done + 1
            optimizer.lr = lr * min(1, done / 200) * 0.5 * (1 + math.cos(math.pi * done / steps))
        if after_epoch is not None:
            after_epoch(model, total / count, (time.perf_counter() - start) / len(batches))
    return model


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    epochs = parser.parse_args().epochs
    text = data.shakespeare()
    vocabulary = data.Vocabulary(text)
    V, tokens = len(vocabulary), vocabulary.encode(text)
    a, b, c = (len(tokens) * k // 20 for k in (16, 17, 18))
    learn = np.concatenate([tokens[:a], tokens[b:c]])
    validation, test = tokens[a:b], tokens[c:]
    print(f"{len(learn):,} characters to learn from, {len(test):,} to test on, {V} different ones")
    counting = NGram(text[:a] + text[b:c], 6)
    for order in range(7):
        bits = counting.bits(text[c:], order).mean()
        print(f"{order} characters back: {bits:.3f} bits", flush=True)
    for network in (LSTM, Transformer):
        print(f"\n{network.__name__}: {network(V).num_parameters():,} parameters")
        tried = {lr: bits_of(train(network, V, learn, lr, 1), validation) for lr in RATES}
        print(
            "one epoch, validation:", {lr: round(bits, 3) for lr, bits in tried.items()}, flush=True
        )

        def report(model, loss, seconds):
            print(f"training {metrics.bits(loss):.3f}, test {bits_of(model, test):.3f}; "
                  f"{1e3 * seconds:.0f} ms a step", flush=True)  # fmt: skip

        train(network, V, learn, min(tried, key=tried.get), epochs, report)


if __name__ == "__main__":
    main()
