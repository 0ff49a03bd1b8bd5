"""The long table of the chapter on augmentation: which augmentation helps on the emoji, over several seeds.

    python benchmarks/augmentation.py            # about half an hour on one core

Prints a Markdown table: for each way of training the accuracy on test pictures as they are, its
difference to training without augmentation (mean over the seeds and its standard error; the same
split and initial weights in each pair), and the accuracy on test pictures that were changed.
"""

import argparse

import numpy as np
from tqdm import tqdm

import dlbook
from dlbook import data, metrics, nn, optim
from dlbook.data import transforms as T

NORMALIZE = T.Normalize(0.8, 0.3)
WAYS = {
    "nothing": None,
    "flip": T.RandomHorizontalFlip(),
    "shift": T.RandomCrop(32, padding=4, fill=1.0),
    "rotation": T.RandomRotation(15, fill=1.0),
    "colour": T.ColorJitter(0.3, 0.3, 0.3, 0.05),
    "cutout": T.Cutout(10, fill=1.0),
}
WAYS["all five"] = T.Compose([t for t in WAYS.values() if t])


def emoji(seed):
    """Eight groups (the five flags are left out): 800 to train on, 572 to test."""
    x, y, _, _ = data.emoji()
    kept = y != 2
    x, y = x[kept], y[kept] - (y[kept] > 2)
    return data.train_test_split(x, y, test_size=572, rng=seed, stratify=y)


def train(x, y, way, seed, epochs):
    dlbook.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 6 * 6, 8),
    )  # fmt: skip
    transform = T.Compose([way, NORMALIZE]) if way else NORMALIZE
    batches = data.DataLoader((x, y), 64, shuffle=True, rng=seed, transform=transform)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    dlbook.fit(model, nn.CrossEntropyLoss(), optimizer, batches, epochs=epochs, progress=False)
    return model


def accuracy(model, x, y):
    batches = data.DataLoader((x, y), 100, transform=NORMALIZE)
    share = {"right": lambda y, z: metrics.accuracy(y, z.argmax(axis=1))}
    return 100 * dlbook.evaluate(model, nn.CrossEntropyLoss(), batches, share)["right"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=10)
    args = parser.parse_args()
    changed = WAYS | {"flip": T.RandomHorizontalFlip(1.0)}  # when testing, mirror all of them
    results = {name: [] for name in WAYS}
    with tqdm(total=args.seeds * len(WAYS)) as bar:
        for seed in range(args.seeds):
            x, x_test, y, y_test = emoji(seed)
            tests = [x_test] + [way(x_test, 99) for way in changed.values() if way]
            for name, way in WAYS.items():
                model = train(x, y, way, seed, args.epochs)
                results[name].append([accuracy(model, t, y_test) for t in tests])
                bar.update()
    plain = np.array(results["nothing"])
    print("| trained with | as they are | difference | " + " | ".join(list(WAYS)[1:]) + " |")
    print("|" + "---|" * (len(WAYS) + 2))
    for name, rows in results.items():
        values = np.array(rows)
        gain = (values - plain)[:, 0]
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        mean = values.mean(axis=0)
        cells = [
            f"{mean[0]:.1f}",
            f"{gain.mean():+.1f} ± {error:.1f}",
            *(f"{m:.1f}" for m in mean[1:]),
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
