"""Train the network of the figure `reads_digits` and write its weights: dlbook/viz/digit_reader.json.

python tools/digit_reader.py     about two minutes on one core

A convolution with 6 kernels of 5 by 5, one with 12, a linear layer, as dlbook trains them on its
6,000 digits, turned, sheared, scaled and shifted a little. Each array is rounded to whole numbers from
-127 to 127, with one scale. What the figure says of them, tests/test_viz.py computes again.
"""

import base64
import json
from pathlib import Path

import numpy as np

import dlbook
from dlbook import data, metrics, nn, optim
from dlbook.data import transforms as T

OUT = Path(__file__).resolve().parents[1] / "dlbook" / "viz" / "digit_reader.json"
EPOCHS = 60
CHANGES = T.RandomAffine(degrees=12, translate=(0.05, 0.05), scale=(0.9, 1.1), shear=12)


def new_network():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 12, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(192, 10),
    )  # fmt: skip


def train(x, y):
    dlbook.manual_seed(0)
    model = new_network()
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    batches = data.DataLoader((x, y), 64, shuffle=True, rng=0, transform=CHANGES)
    schedule = optim.CosineAnnealingLR(optimizer, T_max=EPOCHS)
    dlbook.fit(model, nn.CrossEntropyLoss(), optimizer, batches, epochs=EPOCHS, schedule=schedule)
    return model


def text(numbers):
    return base64.b64encode(numbers.tobytes()).decode()


def rounded(values):
    """An array as bytes and what to multiply them by."""
    scale = float(np.format_float_scientific(np.abs(values).max() / 127, 5))
    whole = np.clip(np.round(values / scale), -127, 127).astype(np.int8)
    return {"shape": values.shape, "scale": scale, "bytes": text(whole)}, scale * whole


def main():
    x, y, x_test, y_test = data.mnist()
    model = train(x, y)
    arrays = []
    for p in model.parameters():
        packed, values = rounded(p.numpy())
        arrays.append(packed)
        p.data = values.astype(np.float32)
    guess = dlbook.predict(model, x_test).argmax(axis=1)
    right = round(len(y_test) * metrics.accuracy(y_test, guess))
    # To start from: the first of each digit, four bits a pixel; and the last that is read wrongly.
    kept = [int(np.flatnonzero(y_test == d)[0]) for d in range(10)]
    kept.append(int(np.flatnonzero(guess != y_test)[-1]))
    whole = np.round(15 * x_test[kept].reshape(len(kept), -1)).astype(np.uint8)
    examples = [text(16 * row[::2] + row[1::2]) for row in whole]
    told = {"right": right, "of": len(y_test)}
    labels = [int(y_test[k]) for k in kept]
    OUT.write_text(json.dumps({"arrays": arrays, "examples": examples, "labels": labels} | told))
    print(f"{right} of {len(y_test)} test digits; {OUT.stat().st_size} bytes in {OUT.name}")


if __name__ == "__main__":
    main()
