"""Time one training step of dlbook against PyTorch's, in the same run.

    make benchmarks

Every implementation lives in a process of its own; they take turns, so that a busy machine slows
all of them alike, and the medians are compared. "torch" is PyTorch as users run it; "torch best"
also gets the fused optimizer and a heap that keeps large blocks (without that, every step pays for
returning memory to the system). A ratio below 1 means that dlbook is faster.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from importlib.metadata import version

ROUNDS, STEPS = 25, 8


def mlp(nn):
    return nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def cnn(nn):
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


def two_convolutions(nn):
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, 10),
    )  # fmt: skip


def lenet(nn):
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84),
        nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def recurrent(kind, D, H, layers=1):
    def network(nn):
        class Last(nn.Module):  # what the last step says
            def __init__(self):
                super().__init__()
                self.steps = getattr(nn, kind)(D, H, num_layers=layers, batch_first=True)
                self.head = nn.Linear(H, 10)

            def forward(self, x):
                return self.head(self.steps(x)[0][:, -1])

        return Last()

    return network


def attention(nn):
    class Mean(nn.Module):
        def __init__(self):
            super().__init__()
            self.block = nn.MultiheadAttention(64, 4, batch_first=True)
            self.head = nn.Linear(64, 10)

        def forward(self, x):
            return self.head(self.block(x, x, x, need_weights=False)[0].mean(1))

    return Mean()


# name: the network (the same text for both libraries), the optimizer, the shape of a batch
WORKLOADS = {
    "MLP 784-256-128-10, batch 128, SGD": (mlp, "SGD", (128, 784)),
    "MLP 784-256-128-10, batch 128, Adam": (mlp, "Adam", (128, 784)),
    "conv32-pool-conv64-pool-conv64-64-10, 64": (cnn, "RMSprop", (64, 1, 28, 28)),
    "conv32-pool-conv64-pool-10, batch 256": (two_convolutions, "SGD", (256, 1, 28, 28)),
    "LeNet 6-16-120-84-10, batch 64, SGD": (lenet, "SGD", (64, 1, 28, 28)),
    "RNN 32->128, T 64, batch 32, SGD": (recurrent("RNN", 32, 128), "SGD", (32, 64, 32)),
    "LSTM 32->128, T 64, batch 32, SGD": (recurrent("LSTM", 32, 128), "SGD", (32, 64, 32)),
    "LSTM(50) twice, T 50, batch 32, Adam": (recurrent("LSTM", 1, 50, 2), "Adam", (32, 50, 1)),
    "attention 64, 4 heads, T 64, batch 32": (attention, "SGD", (32, 64, 64)),
}


def data(shape):
    import numpy as np

    rng = np.random.default_rng(0)
    return rng.standard_normal(shape).astype("float32"), rng.integers(0, 10, shape[0])


def dlbook_step(workload: str):
    import dlbook
    from dlbook import nn, optim

    network, optimizer, shape = WORKLOADS[workload]
    x, y = data(shape)
    dlbook.manual_seed(0)
    model, loss = network(nn), nn.CrossEntropyLoss()
    update = getattr(optim, optimizer)(model.parameters(), lr=1e-3)

    def step():
        update.zero_grad()
        loss(model(x), y).backward()
        update.step()

    return step


def torch_step(workload: str, best: bool = False):
    if best:
        import numpy as np

        block = np.empty(32 * 2**20 - 65536, "u1")  # raises the C library's threshold for good
        del block
    import torch
    from torch import nn

    network, optimizer, shape = WORKLOADS[workload]
    x, y = map(torch.from_numpy, data(shape))
    model, loss = network(nn), nn.CrossEntropyLoss()
    if best and x.ndim == 4:
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    fused = {"fused": True} if best and optimizer != "RMSprop" else {}
    update = getattr(torch.optim, optimizer)(model.parameters(), lr=1e-3, **fused)

    def step():
        update.zero_grad()
        loss(model(x), y).backward()
        update.step()

    return step


IMPLEMENTATIONS = {
    "dlbook": dlbook_step,
    "torch": torch_step,
    "torch best": lambda workload: torch_step(workload, best=True),
}


def worker(implementation: str, workload: str, threads: int) -> None:
    """Run STEPS steps for every line that arrives and answer with the median milliseconds.

    After the last one, answer with the peak memory in MB above what importing and building took.
    """
    step = IMPLEMENTATIONS[implementation](workload)
    before = peak_memory()
    if implementation != "dlbook":
        import torch

        torch.set_num_threads(threads)
    for _ in range(10):
        step()
    print("ready", flush=True)
    for _ in sys.stdin:
        times = []
        for _ in range(STEPS):
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        print(statistics.median(times) * 1e3, flush=True)
    print(peak_memory() - before, flush=True)


def peak_memory() -> float:
    """The most memory this process has held so far, in MB (Linux counts kB, macOS bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def measure(workload: str, threads: int, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Median milliseconds of one step and peak memory in MB, all measured in turns."""
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | {name: str(threads) for name in limits}
    workers = {
        name: subprocess.Popen(
            [sys.executable, __file__, "--worker", name, workload, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        for name in IMPLEMENTATIONS
    }  # fmt: skip
    for process in workers.values():
        process.stdout.readline()
    times: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(rounds):
        for name, process in workers.items():
            process.stdin.write("go\n")
            process.stdin.flush()
            times[name].append(float(process.stdout.readline()))
    memory = {}
    for name, process in workers.items():
        process.stdin.close()
        memory[name] = float(process.stdout.readline())
        process.wait()
    return {name: statistics.median(ts) for name, ts in times.items()}, memory


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"turns each ({ROUNDS})")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        name, workload, threads = options.worker
        worker(name, workload, int(threads))
        return
    # Asked without importing them: a worker would inherit the peak memory of this process.
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch"))
    print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores")
    print("One training step (forward, backward, update), float32, median milliseconds; peak memory\n"
          "above what importing and building took, in MB (dlbook, torch)\n")  # fmt: skip
    print(f"{'workload':40} threads  dlbook   torch  torch best   ratio  to best   memory")
    for name in WORKLOADS:
        for threads in (1, 2):
            ms, memory = measure(name, threads, options.rounds)
            print(f"{name:40} {threads:7d} {ms['dlbook']:7.2f} {ms['torch']:7.2f} {ms['torch best']:11.2f}"
                  f" {ms['dlbook'] / ms['torch']:7.2f} {ms['dlbook'] / ms['torch best']:8.2f}"
                  f" {memory['dlbook']:5.0f} {memory['torch']:4.0f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
