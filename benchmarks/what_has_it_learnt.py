"""Grad-CAM where it belongs: behind the last layer that still has places, before an average over them.

python benchmarks/what_has_it_learnt.py

Chapter "What has it learnt?": share of answers that survive when blocks of 2 by 2 pixels are painted
black, those with the most credit first, in networks that end in the mean of each map. Three seeds,
half a minute of one core.
"""

import numpy as np

import dlbook
from dlbook import Tensor, data, nn, optim

COUNTS = (10, 20, 40)


class MeanOfEachMap(nn.Module):
    def forward(self, x):
        return x.mean(axis=(2, 3))


def trained(seed, images, digits):
    dlbook.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2, padding=2), nn.ReLU(),
        nn.Conv2d(8, 32, 5, stride=2, padding=2), nn.ReLU(),
        MeanOfEachMap(), nn.Linear(32, 10),
    ).double()  # fmt: skip
    some = np.random.default_rng(seed).permutation(len(images))[:4000]
    batches = data.DataLoader((images[some], digits[some]), 50, shuffle=True, rng=seed)
    optimizer = optim.Adam(model.parameters(), lr=4e-3)
    dlbook.fit(model, nn.CrossEntropyLoss(), optimizer, batches, epochs=8, progress=False)
    return model


def gradient(model, x, answer):
    x = Tensor(x, requires_grad=True)
    model(x)[np.arange(len(answer)), answer].sum().backward()
    return x.grad


def grad_cam(model, x, answer):
    maps = Tensor(model[:4](x).numpy(), requires_grad=True)
    model[4:](maps)[np.arange(len(answer)), answer].sum().backward()
    alpha = maps.grad.mean(axis=(2, 3), keepdims=True)
    found = np.maximum((alpha * maps.numpy()).sum(axis=1, keepdims=True), 0)
    return found.repeat(4, axis=2).repeat(4, axis=3)


def integrated_gradients(model, x, answer, steps=16):
    return x * np.mean(
        [gradient(model, t * x, answer) for t in (np.arange(steps) + 0.5) / steps], axis=0
    )


def survivors(model, x, said, credit):
    blocks = credit.reshape(len(x), 14, 2, 14, 2).sum(axis=(2, 4)).reshape(len(x), 196)
    place = (-blocks).argsort(axis=1, kind="stable").argsort(axis=1)
    place = place.reshape(-1, 1, 14, 14).repeat(2, axis=2).repeat(2, axis=3)
    painted = [np.where(place < n, 0, x) for n in COUNTS]
    return [np.mean(dlbook.predict(model, p).argmax(axis=1) == said) for p in painted]


def main():
    images, digits, images_test, digits_test = data.mnist()
    images, images_test = images.astype(np.float64), images_test.astype(np.float64)
    print("answers that survive", *(f"{n:4d}" for n in COUNTS), "black blocks of 196")
    for seed in range(3):
        model = trained(seed, images, digits)
        right = np.mean(dlbook.predict(model, images_test).argmax(axis=1) == digits_test)
        print(f"seed {seed}: {right:.0%} of the test digits right")
        x = images_test[::10]
        said = dlbook.predict(model, x).argmax(axis=1)
        for name, credit in {
            "random": np.random.default_rng(0).random(x.shape),
            "brightness": x,
            "Grad-CAM": grad_cam(model, x, said),
            "integrated gradients": integrated_gradients(model, x, said),
        }.items():
            print(f"{name:20}", *(f"{v:4.0%}" for v in survivors(model, x, said, credit)))


if __name__ == "__main__":
    main()
