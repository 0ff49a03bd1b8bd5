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
import statistics
import subprocess
import sys
import time

ROUNDS, STEPS = 25, 8


def data():
    import numpy as np

    rng = np.random.default_rng(0)
    return rng.standard_normal((128, 784)).astype("float32"), rng.integers(0, 10, 128)


def dlbook_step(optimizer: str):
    import dlbook
    from dlbook import nn, optim

    x, y = data()
    dlbook.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    loss = nn.CrossEntropyLoss()
    update = getattr(optim, optimizer)(model.parameters(), lr=1e-3)

    def step():
        update.zero_grad()
        loss(model(x), y).backward()
        update.step()

    return step


def torch_step(optimizer: str, best: bool = False):
    if best:
        import numpy as np

        block = np.empty(32 * 2**20 - 65536, "u1")  # raises the C library's threshold for good
        del block
    import torch
    from torch import nn

    x, y = map(torch.from_numpy, data())
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    loss = nn.CrossEntropyLoss()
    fused = {"fused": True} if best else {}
    update = getattr(torch.optim, optimizer)(model.parameters(), lr=1e-3, **fused)

    def step():
        update.zero_grad()
        loss(model(x), y).backward()
        update.step()

    return step


IMPLEMENTATIONS = {
    "dlbook": dlbook_step,
    "torch": torch_step,
    "torch best": lambda optimizer: torch_step(optimizer, best=True),
}


def worker(implementation: str, optimizer: str, threads: int) -> None:
    """Run STEPS steps for every line that arrives and answer with the median milliseconds."""
    step = IMPLEMENTATIONS[implementation](optimizer)
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


def measure(optimizer: str, threads: int, rounds: int) -> dict[str, float]:
    """Median milliseconds of one step for each implementation, measured in turns."""
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | {name: str(threads) for name in limits}
    workers = {
        name: subprocess.Popen(
            [sys.executable, __file__, "--worker", name, optimizer, str(threads)],
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
    for process in workers.values():
        process.stdin.close()
        process.wait()
    return {name: statistics.median(ts) for name, ts in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"turns each ({ROUNDS})")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        name, optimizer, threads = options.worker
        worker(name, optimizer, int(threads))
        return
    import numpy
    import torch

    print(f"Python {platform.python_version()}, NumPy {numpy.__version__}, torch {torch.__version__}, "
          f"{os.cpu_count()} cores")  # fmt: skip
    print("One training step (forward, backward, update), float32, median milliseconds\n")
    print(
        "workload                                 threads  dlbook   torch  torch best   ratio  to best"
    )
    for optimizer in ("SGD", "Adam"):
        for threads in (1, 2):
            ms = measure(optimizer, threads, options.rounds)
            name = f"MLP 784-256-128-10, batch 128, {optimizer}"
            print(f"{name:40} {threads:7d} {ms['dlbook']:7.2f} {ms['torch']:7.2f} {ms['torch best']:11.2f}"
                  f" {ms['dlbook'] / ms['torch']:7.2f} {ms['dlbook'] / ms['torch best']:8.2f}",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
