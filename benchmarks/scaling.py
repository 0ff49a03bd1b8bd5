"""How does the time of a training step grow with what it is given? For dlbook and PyTorch, in turns.

    python benchmarks/scaling.py          # a table, and chapters/images/scaling.svg

Three ladders: the steps T of a sequence, the examples N of a batch, the H^2 parameters of a layer.
On logarithmic axes a time that is linear in one of them has slope 1, once the products are large
enough to hide the calls.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")  # before NumPy and torch

import statistics
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

import dlbook
from dlbook import plot

ROUNDS = 15
PICTURE = Path(__file__).parent.parent / "chapters" / "images" / "scaling.svg"


def sequence(library, T):
    return library.nn.LSTM(16, 64, batch_first=True), (16, T, 16)


def batch(library, N):
    nn = library.nn
    return nn.Sequential(nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)), (N, 256)


def width(library, parameters):
    nn, H = library.nn, round(parameters**0.5)
    return nn.Sequential(nn.Linear(H, H), nn.Tanh()), (64, H)


LADDERS = {
    "T, the steps of a sequence\n(LSTM(64), batch 16)": (sequence, [2**k for k in range(4, 11)]),
    "N, the examples of a batch\n(256-256-10)": (batch, [2**k for k in range(5, 13)]),
    "H$^2$, the parameters of a layer\n(batch 64)": (width, [4**k for k in range(6, 12)]),
}


def step(library, build, size):
    """A function that does one training step: forward, back, move."""
    model, shape = build(library, size)
    x = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
    x = torch.from_numpy(x) if library is torch else x
    optimizer = library.optim.SGD(model.parameters(), lr=1e-3)

    def run():
        y = model(x)
        loss = (y[0] if isinstance(y, tuple) else y).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return run


def milliseconds(runs):
    """The median time of each, measured in turns after a warm-up."""
    times = [[] for _ in runs]
    for k in range(ROUNDS + 3):
        for run, found in zip(runs, times, strict=True):
            start = time.perf_counter()
            run()
            if k >= 3:
                found.append(time.perf_counter() - start)
    return [1e3 * statistics.median(found) for found in times]


def slope(sizes, ms):
    """How many times longer for twice as much, as a power of 2: over the larger half of a ladder."""
    half = len(sizes) // 2
    return np.polyfit(np.log(sizes[half:]), np.log(ms[half:]), 1)[0]


def main():
    torch.set_num_threads(1)
    dlbook.manual_seed(0)
    plot.use_style()
    fig, axes = plt.subplots(1, 3, figsize=(9.5, 3.2), sharey=True)
    for ax, (name, (build, sizes)) in zip(axes, LADDERS.items(), strict=True):
        rows = [
            milliseconds([step(library, build, size) for library in (dlbook, torch)])
            for size in sizes
        ]
        print(name.replace("\n", " "))
        for library, ms, mark in zip(
            ("dlbook", "torch"), zip(*rows, strict=True), "os", strict=True
        ):
            power = slope(sizes, ms)
            ax.loglog(sizes, ms, f"{mark}-", label=f"{library}, slope {power:.2f}")
            print(f"  {library:7}" + "".join(f"{t:9.2f}" for t in ms) + f"  ms, slope {power:.2f}")
        ax.set(xlabel=name)
        ax.legend()
    axes[0].set(ylabel="one training step, ms")
    fig.tight_layout()
    plt.rcParams |= {"svg.fonttype": "path", "svg.hashsalt": "dlbook"}
    fig.savefig(PICTURE, metadata={"Date": None})
    print(f"{PICTURE.name} is drawn")


if __name__ == "__main__":
    main()
