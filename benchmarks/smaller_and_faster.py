"""The chapter on smaller networks: is a depthwise-separable convolution worth its price? Over several seeds.

    python benchmarks/smaller_and_faster.py      # some minutes on one core

Three networks on MNIST: ordinary convolutions; separable ones in their place; ordinary ones with so
few channels that they have as many weights. Prints a Markdown table: weights, bytes of the file,
milliseconds for 100 pictures in PyTorch on one core (the best of many rounds, in turns), and the
share of test pictures read wrongly (mean over the seeds and its standard error).
"""

import argparse
import io
import os
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")  # before NumPy and torch

import numpy as np
import torch
from tqdm import tqdm

import dlbook
from dlbook import data, nn, optim


def ordinary(library, C, O):
    return [library.nn.Conv2d(C, O, 3)]


def separable(library, C, O):
    return [library.nn.Conv2d(C, C, 3, groups=C), library.nn.Conv2d(C, O, 1)]


NETWORKS = {
    "ordinary": (ordinary, 16, 32, 64),
    "separable": (separable, 16, 32, 64),
    "ordinary, fewer channels": (ordinary, 16, 20, 30),
}


def build(library, convolution, first, second, third):
    nn = library.nn
    return nn.Sequential(
        nn.Conv2d(1, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        *convolution(library, first, second), nn.ReLU(), nn.MaxPool2d(2),
        *convolution(library, second, third), nn.ReLU(), nn.Flatten(), nn.Linear(16 * third, 10),
    )  # fmt: skip


def train(settings, seed, epochs, lr, x, y):
    dlbook.manual_seed(seed)
    model = build(dlbook, *settings)
    optimizer = optim.Adam(model.parameters(), lr=lr)
    batches = data.DataLoader((x, y), 64, shuffle=True, rng=seed)
    schedule = optim.CosineAnnealingLR(optimizer, epochs)
    dlbook.fit(model, nn.CrossEntropyLoss(), optimizer, batches, epochs=epochs, schedule=schedule,
               progress=False)  # fmt: skip
    return model


def seconds(models, x, rounds=100):
    """The best time of each model, timed in turns."""
    best = np.full(len(models), np.inf)
    with torch.no_grad():
        for _ in range(rounds):
            for k, model in enumerate(models):
                start = time.perf_counter()
                model(x)
                best[k] = min(best[k], time.perf_counter() - start)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--lr", type=float, default=2e-3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    images, y, images_test, y_test = data.mnist()
    x, x_test = ((part - images.mean()) / images.std() for part in (images, images_test))
    wrong, models = {name: [] for name in NETWORKS}, {}
    with tqdm(total=args.seeds * len(NETWORKS)) as bar:
        for seed in range(args.seeds):
            for name, settings in NETWORKS.items():
                models[name] = train(settings, seed, args.epochs, args.lr, x, y)
                answers = dlbook.predict(models[name], x_test).argmax(axis=1)
                wrong[name].append(100 * np.mean(answers != y_test))
                bar.update()
    twins = [nn.copy_to_torch(models[n], build(torch, *s)).eval() for n, s in NETWORKS.items()]
    times = dict(zip(NETWORKS, seconds(twins, torch.tensor(x_test[:100])), strict=True))
    print("| network | weights | kB | ms | read wrongly |")
    print("|---|---|---|---|---|")
    for name, model in models.items():
        file = io.BytesIO()
        np.savez(file, **model.state_dict())
        error = np.std(wrong[name], ddof=1) / args.seeds**0.5
        print(f"| {name} | {model.num_parameters():,} | {len(file.getvalue()) / 1000:.0f} "
              f"| {1000 * times[name]:.2f} | {np.mean(wrong[name]):.2f} ± {error:.2f} % |")  # fmt: skip


if __name__ == "__main__":
    main()
