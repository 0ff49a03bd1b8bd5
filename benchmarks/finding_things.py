"""Reading one digit on a canvas in three ways, segmentation, and verification: three trainings each.

python benchmarks/finding_things.py

Chapter "Finding things". Settings were chosen on scenes made of validation digits (the flat
network's learning rate, among three) or taken as in the chapter. What stands behind +- is the standard
error over three trainings; data and test pictures are the same for all. Some minutes of one core.
"""

import sys

import numpy as np

import dlbook
from dlbook import data, nn, optim
from dlbook import functional as F
from dlbook.data import transforms

SIDE, G, STRIDE, R = 32, 8, 4, 10
images, digits, images_test, y_test = data.mnist()
images, images_test = images.reshape(-1, 28, 28), images_test.reshape(-1, 28, 28)


def told(values):
    error = np.std(values, ddof=1) / len(values) ** 0.5
    return f"{np.mean(values):.3f} +- {error:.3f}"


def resized(picture, size):
    at = (np.arange(size) + 0.5) * len(picture) / size - 0.5
    hat = np.maximum(0, 1 - np.abs(at.clip(0, 27)[:, None] - np.arange(len(picture))))
    return hat @ picture @ hat.T


def iou(a, b):
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    overlap = np.prod(np.maximum(high - low, 0), axis=-1)
    area_a, area_b = (np.prod(box[..., 2:] - box[..., :2], axis=-1) for box in (a, b))
    return overlap / (area_a + area_b - overlap)


def scene(count, pictures, labels, rng):
    canvas, boxes, classes = np.zeros((SIDE, SIDE)), [], []
    for k in rng.integers(0, len(pictures), 8):
        (x, y), (i, j) = rng.integers(0, SIDE - 5, 2), rng.integers(6, 16, 2)
        part = canvas[y : y + 5, x : x + 5]
        part[:] = np.maximum(part, pictures[k][i : i + 10 : 2, j : j + 10 : 2])
    while len(boxes) < count:
        k, size = rng.integers(0, len(pictures)), rng.integers(14, 22)
        digit = resized(pictures[k], size)
        rows, columns = (np.flatnonzero(digit.max(axis=axis) > 0.3) for axis in (1, 0))
        digit = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        h, w = digit.shape
        x, y = rng.integers(0, SIDE - w + 1), rng.integers(0, SIDE - h + 1)
        box = np.array([x, y, x + w, y + h], float)
        if all(iou(box, other) == 0 for other in boxes):
            part = canvas[y : y + h, x : x + w]
            part[:] = np.maximum(part, digit)
            boxes.append(box)
            classes.append(labels[k])
    return canvas, np.array(boxes), np.array(classes)


def scenes(n, most, pictures, labels, seed):
    rng = np.random.default_rng(seed)
    made = [scene(rng.integers(1, most + 1), pictures, labels, rng) for _ in range(n)]
    return np.array([s[0] for s in made])[:, None], [s[1] for s in made], [s[2] for s in made]


def one_each(n, pictures, labels, seed):
    x, boxes, classes = scenes(n, 1, pictures, labels, seed)
    return x, np.concatenate(boxes), np.concatenate(classes)


def train(model, loss_of, steps, lr, seed):
    optimizer, rng = optim.Adam(model.parameters(), lr=lr), np.random.default_rng(seed)
    for step in range(steps):
        optimizer.lr = lr * (1 - step / steps)
        loss = loss_of(rng)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def conv(i, o, stride, norm=True):
    layers = [nn.Conv2d(i, o, 3, stride=stride, padding=1), *[nn.BatchNorm2d(o)] * norm, nn.ReLU()]
    return nn.Sequential(*layers)


def flat(X, B, C, seed, lr, epochs, norm=False):
    dlbook.manual_seed(seed)
    net = nn.Sequential(conv(1, 12, 2, norm), conv(12, 24, 2, norm), conv(24, 32, 2, norm),
                        nn.Flatten(), nn.Linear(512, 96), nn.ReLU(), nn.Linear(96, 14)).double()  # fmt: skip

    def loss(rng):
        some = rng.integers(0, len(X), 50)
        z = net(X[some])
        return F.cross_entropy(z[:, 4:], C[some]) + F.mse_loss(z[:, :4], B[some] / 8 - 2)

    return train(net, loss, epochs * len(X) // 50, lr, seed)


def windows(X, middles):
    wide, step = np.pad(X[:, 0], ((0, 0), (R, R), (R, R))), np.arange(2 * R)
    corner = np.round(middles).clip(0, SIDE).astype(int)
    rows, columns = corner[:, 1:] + step, corner[:, :1] + step
    return wide[np.arange(len(X))[:, None, None], rows[:, :, None], columns[:, None]][:, None]


def middles(boxes):
    return (boxes[..., :2] + boxes[..., 2:]) / 2


def reader(X, B, C, seed):
    dlbook.manual_seed(seed)
    net = nn.Sequential(conv(1, 16, 2), conv(16, 32, 2), nn.Flatten(), nn.Linear(800, 10)).double()

    def loss(rng):
        some = rng.integers(0, len(X), 50)
        near = middles(B[some]) + rng.uniform(-3, 3, (50, 2))
        return F.cross_entropy(net(windows(X[some], near)), C[some])

    return train(net, loss, 12 * len(X) // 50, 5e-3, seed)


SHAPES = np.array([[7.0, 11], [11, 11]])
A = len(SHAPES)
places = np.stack(np.meshgrid((np.arange(G) + 0.5) * STRIDE, (np.arange(G) + 0.5) * STRIDE), -1)
half = SHAPES[:, None, None] / 2
ANCHORS = np.concatenate([places - half, places + half], axis=-1).reshape(-1, 4)
SIZES = ANCHORS[:, 2:] - ANCHORS[:, :2]


def grid(X, boxes, classes, seed, epochs=8, lr=1e-2, norm=True):
    target = []
    for b, c in zip(boxes, classes, strict=True):
        overlap = iou(ANCHORS[:, None], b)
        who, best = overlap.argmax(axis=1), overlap.max(axis=1)
        who[overlap.argmax(axis=0)], best[overlap.argmax(axis=0)] = np.arange(len(b)), 1
        t = (middles(b[who]) - middles(ANCHORS)) / SIZES, np.log((b[who, 2:] - b[who, :2]) / SIZES)
        target.append((best >= 0.5, best < 0.4, np.hstack(t), c[who]))
    yes, no, offsets, kind = (np.array(part) for part in zip(*target, strict=True))
    dlbook.manual_seed(seed)
    net = nn.Sequential(conv(1, 16, 2, norm), conv(16, 32, 2, norm), conv(32, 32, 1, norm),
                        conv(32, 32, 1, norm), nn.Conv2d(32, 5 * A + 10, 1)).double()  # fmt: skip

    def loss(rng):
        some = rng.integers(0, len(X), 32)
        z = net(X[some]).reshape(32, 5 * A + 10, G * G)
        i, k = np.nonzero(yes[some])
        there = F.binary_cross_entropy_with_logits(
            z[:, :A].reshape(32, -1), yes[some].astype(float), reduction="none"
        )
        t = z[:, A : 5 * A].reshape(32, A, 4, G * G)[i, k // G**2, :, k % G**2]
        where = F.smooth_l1_loss(t, offsets[some][i, k], reduction="sum")
        what = F.cross_entropy(z[:, 5 * A :][i, :, k % G**2], kind[some][i, k])
        return ((there * (yes | no)[some]).sum() + where) / len(i) + what

    return train(net, loss, epochs * len(X) // 32, lr, seed)


def read_grid(net, X):
    z = dlbook.predict(net, X).reshape(len(X), 5 * A + 10, G * G)
    score = 1 / (1 + np.exp(-z[:, :A].reshape(len(X), -1)))
    t = z[:, A : 5 * A].reshape(-1, A, 4, G * G).swapaxes(2, 3).reshape(len(X), -1, 4)
    centre, size = middles(ANCHORS) + t[..., :2] * SIZES, SIZES * np.exp(t[..., 2:].clip(-2, 2))
    boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=-1)
    P = np.exp(z[:, 5 * A :] - z[:, 5 * A :].max(axis=1, keepdims=True))
    P = (P / P.sum(axis=1, keepdims=True)).swapaxes(1, 2)
    return score, boxes, np.tile(P, (1, A, 1))


def suppressed(boxes, scores, t=0.4):
    order, kept = list(np.argsort(-scores)), []
    while order:
        k = order.pop(0)
        kept.append(k)
        order = [j for j in order if iou(boxes[k], boxes[j]) <= t]
    return kept


def average_precision(found, truths):
    used, right = [np.zeros(len(b), bool) for b in truths], []
    for _, i, box in sorted(found, key=lambda row: -row[0]):
        overlap = iou(box, truths[i]) if len(truths[i]) else np.zeros(1)
        j = overlap.argmax()
        right.append(overlap[j] >= 0.5 and not used[i][j])
        if right[-1]:
            used[i][j] = True
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return np.sum(envelope * right) / sum(map(len, truths))


def detection():
    small = one_each(2000, images[:5000], digits[:5000], 0)
    large = one_each(6000, images[:5000], digits[:5000], 2)
    Xv, _, Cv = one_each(500, images[5000:], digits[5000:], 3)
    Xt, Bt, Ct = one_each(1000, images_test, y_test, 1)
    mean_box = np.broadcast_to(small[1].mean(axis=0), Bt.shape)
    print(f"mean box: IoU {iou(mean_box, Bt).mean():.3f}", flush=True)
    rates = (5e-4, 2e-3, 5e-3)
    judge = [
        np.mean(dlbook.predict(flat(*small, 9, lr, 12), Xv)[:, 4:].argmax(1) == Cv) for lr in rates
    ]
    lr = rates[int(np.argmax(judge))]
    print(
        "flat, validation reads",
        *(f"{r}: {v:.3f}" for r, v in zip(rates, judge, strict=True)),
        flush=True,
    )
    for name, scenes_, epochs, norm in (
        ("2,000", small, 12, False), ("2,000, BatchNorm", small, 12, True), ("6,000", large, 12, False),
    ):  # fmt: skip
        rows = []
        for seed in range(3):
            z = dlbook.predict(flat(*scenes_, seed, lr, epochs, norm), Xt)
            box = 8 * z[:, :4] + 16
            read = dlbook.predict(reader(*scenes_, seed), windows(Xt, middles(box))).argmax(axis=1)
            rows.append((iou(box, Bt).mean(), np.mean(iou(box, Bt) >= 0.5),
                         np.mean(z[:, 4:].argmax(axis=1) == Ct), np.mean(read == Ct)))  # fmt: skip
        print(f"flat, {name}: IoU, over half, flat reads, cut and read:",
              *(told(c) for c in zip(*rows, strict=True)), flush=True)  # fmt: skip
    X, B, C = small
    rows = []
    for seed in range(3):
        score, boxes, P = read_grid(grid(X, B[:, None], C[:, None], seed), Xt)
        best, n = score.argmax(axis=1), np.arange(1000)
        overlap = iou(boxes[n, best], Bt)
        rows.append(
            (overlap.mean(), np.mean(overlap >= 0.5), np.mean(P[n, best].argmax(axis=1) == Ct))
        )
    print("grid, 2,000, one digit: IoU, over half, reads:",
          *(told(c) for c in zip(*rows, strict=True)), flush=True)  # fmt: skip
    several = scenes(2000, 3, images[:5000], digits[:5000], 4)
    X3, B3, C3 = scenes(500, 3, images_test, y_test, 5)
    rows = []
    for seed in range(3):
        score, boxes, P = read_grid(grid(*several, seed), X3)
        lists = []
        for clean in (False, True):
            found = []
            for i in range(500):
                some = np.flatnonzero(score[i] > 0.05)
                some = some[suppressed(boxes[i, some], score[i, some])] if clean else some
                found += [(score[i, k], i, boxes[i, k], P[i, k]) for k in some]
            lists.append(found)
        one = [average_precision([f[:3] for f in found], B3) for found in lists]
        each = []
        for c in range(10):
            mine = [(f[0] * f[3][c], *f[1:3]) for f in lists[1] if f[3].argmax() == c]
            truths = [b[c3 == c] for b, c3 in zip(B3, C3, strict=True)]
            each.append(average_precision(mine, truths))
        rows.append((*one, np.mean(each)))
    print("grid, 2,000, one to three digits: AP without and with suppression, mean AP of ten classes:",
          *(told(c) for c in zip(*rows, strict=True)), flush=True)  # fmt: skip


def choices():
    """The grid network's rate and normalising, on scenes of validation digits; one training each."""
    several = scenes(2000, 3, images[:5000], digits[:5000], 4)
    Xv, Bv, Cv = one_each(500, images[5000:], digits[5000:], 3)
    for norm, lr in ((True, 3e-3), (True, 1e-2), (False, 3e-3), (False, 1e-2)):
        score, boxes, P = read_grid(grid(*several, 9, epochs=6, lr=lr, norm=norm), Xv)
        best, n = score.argmax(axis=1), np.arange(500)
        overlap, reads = iou(boxes[n, best], Bv).mean(), np.mean(P[n, best].argmax(axis=1) == Cv)
        name = "BatchNorm" if norm else "no BatchNorm"
        print(
            f"grid, validation, {name}, rate {lr}: IoU {overlap:.3f}, reads {reads:.3f}", flush=True
        )


def pasted(n, which, part, seed, grey):
    rng, (camera, cat), emoji = np.random.default_rng(seed), data.photographs(), data.emoji()
    X, Y = np.zeros((n, 3, 32, 32)), np.zeros((n, 32, 32))
    for k in range(n):
        photo = (np.repeat(camera, 3, axis=0), cat)[rng.integers(2)]
        photo = np.array_split(photo, 2, axis=1)[part]
        i, j = (rng.integers(0, size - 31) for size in photo.shape[1:])
        e, (r, c) = rng.choice(which), rng.integers(0, 17, 2)
        X[k], small = photo[:, i : i + 32, j : j + 32], emoji.x[e].reshape(3, 16, 2, 16, 2)
        inked = (emoji.x[e].min(axis=0) < 0.95).reshape(16, 2, 16, 2).mean(axis=(1, 3)) > 0.5
        Y[k, r : r + 16, c : c + 16] = inked
        X[k, :, r : r + 16, c : c + 16] = np.where(
            inked, small.mean(axis=(2, 4)), X[k, :, r : r + 16, c : c + 16]
        )
    return (X.mean(axis=1, keepdims=True) if grey else X), Y


def mean_iou(guess, Y):
    both, either = (guess & (Y > 0)).sum(axis=(1, 2)), (guess | (Y > 0)).sum(axis=(1, 2))
    return np.mean(both / either)


class UNet(nn.Module):
    def __init__(self, channels, c=8, skips=True):
        super().__init__()
        self.skips = skips
        self.down1, self.down2, self.bottom = (
            conv(channels, c, 1),
            conv(c, 2 * c, 1),
            conv(2 * c, 2 * c, 1),
        )
        self.up2, self.up1 = (
            conv((4 if skips else 2) * c, c, 1),
            conv((2 if skips else 1) * c, c, 1),
        )
        self.last = nn.Conv2d(c, 1, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        h = twice(self.bottom(F.max_pool2d(b, 2)))
        h = twice(self.up2(F.concat([h, b], axis=1) if self.skips else h))
        return self.last(self.up1(F.concat([h, a], axis=1) if self.skips else h))


def twice(x):
    n, c, h, w = x.shape
    return (x.reshape(n, c, h, 1, w, 1) * np.ones((1, 1, 1, 2, 1, 2))).reshape(n, c, 2 * h, 2 * w)


def table_of_colours(X, bins=16):
    whole = np.minimum((X * bins).astype(int), bins - 1)
    return np.ravel_multi_index(tuple(whole.swapaxes(0, 1)), (bins,) * X.shape[1])


def segmentation():
    order = np.random.default_rng(0).permutation(1377)
    for grey in (False, True):
        (X, Y), (Xv, Yv), (Xt, Yt) = (pasted(n, which, part, seed, grey) for n, which, part, seed in (
            (600, order[:900], 0, 0), (200, order[900:1100], 0, 1), (300, order[1100:], 1, 2)))  # fmt: skip
        levels = np.linspace(0, 0.95, 39)
        place, size = table_of_colours(X), 16 ** X.shape[1]
        share = np.bincount(place.ravel(), Y.ravel(), size) / np.maximum(
            1, np.bincount(place.ravel(), minlength=size)
        )
        best = max(levels, key=lambda t: mean_iou(share[table_of_colours(Xv)] > t, Yv))
        print(
            "grey" if grey else "colour",
            f"table {mean_iou(share[table_of_colours(Xt)] > best, Yt):.3f}",
        )
        for skips in (True, False):
            rows = []
            for seed in range(3):
                dlbook.manual_seed(seed)
                net = UNet(X.shape[1], skips=skips).double()

                def loss(rng, net=net, X=X, Y=Y):
                    some = rng.integers(0, len(X), 16)
                    return F.binary_cross_entropy_with_logits(net(X[some])[:, 0], Y[some])

                train(net, loss, 200, 1e-2, seed)
                rows.append(mean_iou(dlbook.predict(net, Xt)[:, 0] > 0, Yt))
            print("  U-Net", "with" if skips else "without", "skips", told(rows), flush=True)


def unit(z):
    return z / ((z * z).sum(axis=1, keepdims=True) + 1e-12) ** 0.5


def equal_error(d, same):
    t = np.sort(d)
    miss = 1 - np.searchsorted(np.sort(d[same]), t, "right") / same.sum()
    wrong = np.searchsorted(np.sort(d[~same]), t, "right") / (~same).sum()
    k = np.abs(miss - wrong).argmin()
    return (miss[k] + wrong[k]) / 2


def embedding(classes, draw, kind, seed):
    dlbook.manual_seed(seed)
    net = nn.Sequential(conv(1, 16, 2, False), conv(16, 32, 2, False), nn.Flatten())
    side = draw(np.zeros(1, int), np.random.default_rng(0)).shape[-1] // 4
    net = nn.Sequential(net, nn.Linear(32 * (side + (side * 4 % 4 > 0)) ** 2, 32)).double()

    def loss(rng):
        c = rng.integers(0, classes, 64)
        other = (c + rng.integers(1, classes, 64)) % classes
        a, b, n = (unit(net(draw(which, rng))) for which in (c, c, other))
        near, far = ((a - b) ** 2).sum(axis=1), ((a - n) ** 2).sum(axis=1)
        if kind == "triplet":
            return F.relu(near - far + 0.5).mean()
        return (near + F.relu(1 - (far + 1e-9) ** 0.5) ** 2).mean()

    return train(net, loss, 300, 2e-3, seed)


def verification():
    def small(x):
        return (
            np.pad(x, ((0, 0), (2, 2), (2, 2)))
            .reshape(-1, 1, 16, 2, 16, 2)
            .mean(axis=(3, 5), dtype=float)
        )

    X, Xt = small(images), small(images_test)
    rows = [np.flatnonzero(digits == k) for k in range(7)]
    tests = {}
    for name, which in (("7-9, unseen", y_test > 6), ("0-6, seen", y_test < 7)):
        rng, U, u = np.random.default_rng(9), Xt[which], y_test[which]
        i, same = rng.integers(0, len(u), 2000), np.arange(2000) % 2 == 0
        j = np.array(
            [rng.choice(np.flatnonzero((u == u[k]) == s)) for k, s in zip(i, same, strict=True)]
        )
        tests[name] = U[i], U[j], same
        d = np.linalg.norm((U[i] - U[j]).reshape(2000, -1), axis=1)
        print(f"digits {name}: pixels {equal_error(d, same):.3f}", flush=True)
    for kind in ("triplet", "contrastive"):
        found = {name: [] for name in tests}
        for seed in range(3):
            net = embedding(7, lambda c, rng: X[[rng.choice(rows[k]) for k in c]], kind, seed)
            for name, (a, b, same) in tests.items():
                d = np.linalg.norm(
                    unit(dlbook.predict(net, a)) - unit(dlbook.predict(net, b)), axis=1
                )
                found[name].append(equal_error(d, same))
        print(f"digits {kind}", *(f"{n}: {told(v)}" for n, v in found.items()), flush=True)
    move = transforms.RandomAffine(degrees=20, translate=(0.12, 0.12), scale=(0.75, 1.1), shear=10)
    grey = 1 - data.emoji().x.mean(axis=1, keepdims=True)
    V = np.array([move(grey, rng=k).reshape(-1, 1, 16, 2, 16, 2).mean(axis=(3, 5), dtype=float)
                  for k in range(6)])  # fmt: skip
    order, rng = np.random.default_rng(0).permutation(1377), np.random.default_rng(5)
    i, same = rng.choice(order[:377], 2000), np.arange(2000) % 2 == 0
    j = np.where(same, i, rng.choice(order[:377], 2000))
    same = i == j
    a, b = V[0, i], V[1, j]
    d = np.linalg.norm((a - b).reshape(2000, -1), axis=1)
    print(f"emoji: pixels {equal_error(d, same):.3f}", flush=True)
    for kind in ("triplet", "contrastive"):
        for classes in (7, 30, 100, 1000):
            use, found = order[377 : 377 + classes], []
            for seed in range(3):
                net = embedding(
                    classes,
                    lambda c, rng, use=use: V[rng.integers(0, 6, len(c)), use[c]],
                    kind,
                    seed,
                )
                d = np.linalg.norm(
                    unit(dlbook.predict(net, a)) - unit(dlbook.predict(net, b)), axis=1
                )
                found.append(equal_error(d, same))
            print(f"emoji {kind} {classes:4} classes {told(found)}", flush=True)


for part in (choices, detection, segmentation, verification):
    if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
        part()
