"""Questions that need no labels, and the same network taught by a few.

python benchmarks/without_labels.py

Chapter "Without labels": accuracy on the 2,000 test digits (14 by 14 pixels) of a linear probe with 1
to 100 labels a class. Three networks for each question, five draws of the labels; the network trained
on the labels in six versions of each picture, and on the pictures as they are: three draws. In
brackets: the same on the 1,000 validation pictures, which chose the steps and the masked share.
Some minutes of one core.
"""

import numpy as np

import dlbook
from dlbook import Tensor, data, nn, optim, primitives
from dlbook import functional as F
from dlbook.data import transforms

COUNTS = (1, 3, 10, 30, 100)
images, digits, images_test, y_test = data.mnist()


def small(x):
    return x.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196).astype(np.float32)


order = np.random.default_rng(0).permutation(6000)
val, pool = order[:1000], order[1000:]
X, X_val, X_test = small(images[pool]), small(images[val]), small(images_test)
y, y_val = digits[pool], digits[val]
move = transforms.RandomAffine(degrees=15, translate=(0.1, 0.1), scale=(0.85, 1.15), shear=10)
VERSIONS = np.stack([small(move(images[pool], rng=k)) for k in range(6)])
TURNED = np.stack(
    [np.rot90(X.reshape(-1, 14, 14), k, axes=(1, 2)).reshape(-1, 196) for k in range(4)]
)


def trained(seed, outputs, loss_of, steps, among=None, lr=2e-3, size=256, bends=True):
    """The body of a network with a last layer of so many outputs, after `steps` batches."""
    dlbook.manual_seed(seed)
    if bends:
        body = nn.Sequential(nn.Linear(196, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU())
    else:
        body = nn.Sequential(nn.Linear(196, 128))
    head, rng = nn.Linear(128, outputs), np.random.default_rng(seed)
    optimizer = optim.Adam([*body.parameters(), *head.parameters()], lr=lr)
    among = np.arange(len(X)) if among is None else among
    for step in range(steps):
        optimizer.lr = lr * (1 - step / steps)
        loss = loss_of(lambda x: head(body(x)), rng.choice(among, size), rng)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return body, nn.Sequential(body, head)


def unit(a):
    return a / ((a * a).sum(axis=1, keepdims=True) + 1e-12) ** 0.5


def contrast(f, some, rng, tau=0.2):
    i, j = rng.choice(6, 2, replace=False)
    z = unit(f(VERSIONS[i, some])) @ unit(f(VERSIONS[j, some])).T / tau
    own = np.arange(len(some))
    return (F.cross_entropy(z, own) + F.cross_entropy(z.T, own)) / 2


def rotation(f, some, rng):
    k = rng.integers(0, 4, len(some))
    return F.cross_entropy(f(TURNED[k, some]), k)


def masking(share):
    def loss_of(f, some, rng):
        """Squared error in the hidden blocks of 2 by 2 pixels."""
        hidden = (rng.random((len(some), 7, 7)) < share).repeat(2, axis=1).repeat(2, axis=2)
        hidden = hidden.reshape(len(some), 196).astype(np.float32)
        e = (f(X[some] * (1 - hidden)) - X[some]) * hidden
        return (e * e).sum() / float(hidden.sum())

    return loss_of


def labelled(f, some, rng):
    return F.cross_entropy(f(VERSIONS[rng.integers(0, 6, len(some)), some]), y[some])


def as_they_are(f, some, rng):
    return F.cross_entropy(f(X[some]), y[some])


def a_few(n, seed):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.permutation(np.flatnonzero(y == k))[:n] for k in range(10)])


def scaled(parts):
    mean = parts[0].mean(axis=0, dtype=float)
    size = np.mean(np.sum((parts[0] - mean) ** 2, axis=1)) ** 0.5
    return [np.column_stack([(part - mean) / size, np.ones(len(part))]) for part in parts]


def probe(Z, target, decay=1e-3, steps=150):
    theta, velocity = np.zeros((2, Z.shape[1], 10))
    for _ in range(steps):
        P, _ = primitives.softmax(Z @ theta)
        shrink = decay * np.vstack([theta[:-1], np.zeros((1, 10))])
        velocity = 0.95 * velocity - Z.T @ (P - np.eye(10)[target]) / len(Z) - shrink
        theta = theta + velocity
    return theta


def told(name, table):
    """A line: test, with the standard error over the draws of labels, and validation in brackets."""
    table = np.array(table)
    error = table[:, :, 0].std(axis=0, ddof=1) / len(table) ** 0.5
    cells = (
        f"{t:5.1f} +- {e:3.1f} ({v:4.1f})"
        for (t, v), e in zip(table.mean(axis=0), error, strict=True)
    )
    print(f"{name:22}", *cells, flush=True)


def by_probe(name, bodies):
    table = np.zeros((5, len(COUNTS), 2))
    for body in bodies:
        Z = scaled([body(Tensor(part)).numpy() for part in (X, X_val, X_test)])
        for seed in range(5):
            for k, n in enumerate(COUNTS):
                theta = probe(Z[0][a_few(n, seed)], y[a_few(n, seed)])
                for j, (part, truth) in enumerate(((Z[2], y_test), (Z[1], y_val))):
                    table[seed, k, j] += np.mean((part @ theta).argmax(axis=1) == truth)
    told(name, 100 * table / len(bodies))


def by_labels(name, loss_of, steps=300):
    table = []
    for seed in range(3):
        line = []
        for n in COUNTS:
            _, model = trained(seed, 10, loss_of, steps, among=a_few(n, seed))
            line.append([100 * np.mean(dlbook.predict(model, part).argmax(axis=1) == truth)
                         for part, truth in ((X_test, y_test), (X_val, y_val))])  # fmt: skip
        table.append(line)
    told(name, table)


def main():
    print("labels a class", *(f"{n:20d}" for n in COUNTS))
    by_probe("contrast", [trained(seed, 64, contrast, 300)[0] for seed in range(3)])
    bodies = [trained(seed, 64, contrast, 300, bends=False)[0] for seed in range(3)]
    by_probe("contrast, linear", bodies)
    for steps in (100, 300, 900):
        bodies = [trained(seed, 4, rotation, steps)[0] for seed in range(3)]
        by_probe(f"rotation, {steps} steps", bodies)
    for share in (0.3, 0.6):
        for steps in (300, 900):
            bodies = [trained(seed, 196, masking(share), steps)[0] for seed in range(3)]
            by_probe(f"masking {share:.0%}, {steps}", bodies)
    by_labels("labels, six versions", labelled)
    by_labels("labels, as they are", as_they_are)


if __name__ == "__main__":
    main()
