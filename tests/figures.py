"""Each figure of dlbook.viz with data to show, and what its JavaScript must compute."""

import itertools

import numpy as np

from dlbook import Tensor, data, nn, optim, viz
from dlbook import functional as F
from dlbook import primitives as p

rng = np.random.default_rng(0)
X = rng.normal(size=30)
Y = 0.8 * X + 0.3 + 0.4 * rng.normal(size=30)

BIRDS = data.penguins()  # as the chapter on linear regression shows them
FLIPPER, MASS = (BIRDS[k][~np.isnan(BIRDS[k])][::6] for k in ("flipper_length_mm", "body_mass_g"))
SCALED = (FLIPPER - FLIPPER.mean()) / FLIPPER.std()

FIGURES = {
    "softmax": viz.softmax(),
    "line": viz.line(SCALED, MASS / 1000, "flipper, standardised", "mass (kg)"),
    "nine_numbers": viz.nine_numbers(),
    "optimizers": viz.optimizers(),
    "regions": viz.regions(),
    "degree": viz.degree(),
    "depth": viz.depth(),
}


def line_gradient(w, b, x, y):
    r = w * x + b - y
    return [2 * np.mean(r * x), 2 * np.mean(r)]


def nine_numbers(given):
    """Values and gradients of the small network, in the order of the figure."""
    given = np.asarray(given, float)
    x, (W2, b2, y) = given[None, :2], (given[None, 8:10], given[10:11], given[11:, None])
    rows = given[2:8].reshape(2, 3)
    z1, back_z1 = p.linear(x, rows[:, :2], rows[:, 2])
    a1, back_a1 = p.relu(z1)
    z2, back_z2 = p.linear(a1, W2, b2)
    L, back_L = p.mse_loss(z2, y)
    dz2, dy = back_L(1.0)
    da1, dW2, db2 = back_z2(dz2)
    (dz1,) = back_a1(da1)
    dx, dW1, db1 = back_z1(dz1)
    values = np.concatenate([z1[0], a1[0], z2[0], [L]])
    parameters = np.column_stack([dW1, db1]).ravel()
    back = [dx[0], parameters, dW2[0], db2, dy[0], dz1[0], da1[0], dz2[0], [1.0]]
    return values, np.concatenate(back)


SURFACES = {
    "ravine": lambda x, y: 0.5 * x**2 + 30 * y**2,
    "slanted": lambda x, y: 0.25 * (x + y) ** 2 + 15 * (x - y) ** 2,
    "bend": lambda x, y: (1 - x) ** 2 + 10 * (y - x**2) ** 2,
    "saddle": lambda x, y: 0.5 * x**2 + 0.125 * (y**2 - 2) ** 2,
    "sill": lambda x, y: 0.1 * (x - 1.5) ** 2 + y**2 + 0.5 * F.exp(-6 * x**2),
}
RULES = {
    "SGD": optim.SGD,
    "momentum": lambda w, lr: optim.SGD(w, lr, momentum=0.9),
    "RMSprop": lambda w, lr: optim.RMSprop(w, lr, alpha=0.9),
    "Adam": optim.Adam,
}


def height(surface, x, y):
    return SURFACES[surface](Tensor(float(x)), Tensor(float(y))).item()


def slope(surface, x, y):
    w = [Tensor(float(v), requires_grad=True) for v in (x, y)]
    SURFACES[surface](*w).backward()
    return [v.grad for v in w]


def walk(rule, surface, start, rate, steps):
    w = [Tensor(float(v), requires_grad=True) for v in start]
    optimizer, path = RULES[rule](w, rate), [list(start)]
    for _ in range(steps):
        optimizer.zero_grad()
        SURFACES[surface](*w).backward()
        optimizer.step()
        path.append([v.item() for v in w])
    return path


ACTIVATIONS = {"ReLU": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "none": nn.Identity}


def network(layers, act):
    """The same network in dlbook, from [[W, b], ...]."""
    parts = []
    for W, b in layers:
        layer = nn.Linear(len(W[0]), len(W), dtype=np.float64)
        layer.weight.data, layer.bias.data = np.array(W), np.array(b)
        parts += [layer, ACTIVATIONS[act]()]
    return nn.Sequential(*parts[:-1])


def flat(values):
    return np.concatenate([np.ravel(v) for v in values])


def regions_gradients(layers, act, x, y):
    model = network(layers, act)
    loss = nn.BCEWithLogitsLoss()(model(x), y[:, None])
    loss.backward()
    return [loss.item(), *flat(p.grad for p in model.parameters())]


def regions_train(layers, act, x, y, rate, steps):
    model = network(layers, act)
    optimizer = optim.Adam(model.parameters(), rate)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.BCEWithLogitsLoss()(model(x), y[:, None]).backward()
        optimizer.step()
    return flat(p.data for p in model.parameters())


SIZES = (2, 4, 3, 1)
LAYERS = [[rng.normal(size=(m, n)), rng.normal(size=m)] for n, m in itertools.pairwise(SIZES)]
POINTS, LABELS = rng.normal(size=(20, 2)), (rng.random(20) > 0.5).astype(float)


def fits(x, y, most, at):
    return [np.polynomial.Polynomial.fit(x, y, k)(at) for k in range(most + 1)]


def parts(fits, truth):
    return [np.mean((fits.mean(axis=0) - truth) ** 2), np.mean(fits.var(axis=0))]


GATES = {
    "ReLU": p.relu,
    "tanh": p.tanh,
    "sigmoid": p.sigmoid,
    "none": lambda z: (z, lambda g: (g,)),
}


def forward_and_back(x, da, Ws, scale, act):
    """The values of every layer and their gradients, by primitives and their pullbacks."""
    values, pullbacks = [x], []
    for W in Ws:
        z, back_z = p.linear(values[-1], scale * W, np.zeros(len(W)))
        a, back_a = GATES[act](z)
        values.append(a)
        pullbacks.append(lambda g, z=back_z, a=back_a: z(a(g)[0])[0])
    gradients = [da]
    for back in reversed(pullbacks):
        gradients.insert(0, back(gradients[0]))
    return values, gradients


WEIGHTS = list(rng.normal(size=(6, 5, 5)) / 5**0.5)
BATCH, ARRIVES = rng.normal(size=(2, 8, 5))


# (figure, function of its `compute`, arguments, the same in Python)
LOGITS = rng.normal(0, 3, 5)
NUMBERS = [
    ("softmax", "stable", (LOGITS, 0.7), lambda z, T: p.softmax(z / T)[0]),
    ("softmax", "stable", (1000 * LOGITS, 1.0), lambda z, T: p.softmax(z / T)[0]),
    ("softmax", "naive", (LOGITS, 2.0), lambda z, T: p.softmax(z / T)[0]),
    ("line", "loss", (0.3, -1.0, X, Y), lambda w, b, x, y: np.mean((w * x + b - y) ** 2)),
    ("line", "gradient", (0.3, -1.0, X, Y), line_gradient),
    *(
        ("nine_numbers", function, (given,), lambda g, k=k: nine_numbers(g)[k])
        for k, function in enumerate(("values", "gradients"))
        for given in (np.array([1, 2, 1, 1, 0, 1, -2, 1, 2, -1, -1, 3]), *rng.normal(0, 2, (4, 12)))
    ),
    *(
        ("optimizers", function, (surface, x, y), same)
        for surface in SURFACES
        for x, y in rng.uniform(-1.5, 1.5, (2, 2))
        for function, same in (("height", height), ("slope", slope))
    ),
    *(
        ("optimizers", "walk", (rule, surface, [-1.3, 0.7], 0.005, 20), walk)
        for surface in SURFACES
        for rule in RULES
    ),
    *(
        row
        for act in ACTIVATIONS
        for row in (
            ("regions", "logits", (LAYERS, act, POINTS), lambda L, act, x: network(L, act)(x).data),
            ("regions", "gradients", (LAYERS, act, POINTS, LABELS), regions_gradients),
            ("regions", "trained", (LAYERS, act, POINTS, LABELS, 0.03, 3), regions_train),
        )
    ),
    *(
        ("degree", "fits", (rng.uniform(size=n), rng.normal(size=n), 9, rng.uniform(size=7)), fits)
        for n in (12, 60)
    ),
    ("degree", "mean", (rng.normal(size=(9, 4)),), lambda rows: rows.mean(axis=0)),
    ("degree", "parts", (rng.normal(size=(20, 8)), rng.normal(size=8)), parts),
    *(
        row
        for act, scale in itertools.product(GATES, (0.5, 1.6))
        for values, gradients in [forward_and_back(BATCH, ARRIVES, WEIGHTS, scale, act)]
        for row in (
            ("depth", "forward", (BATCH, WEIGHTS, scale, act), lambda *_, v=values: v),
            (
                "depth",
                "backward",
                (ARRIVES, values, WEIGHTS, scale, act),
                lambda *_, g=gradients: g,
            ),
        )
    ),
    ("depth", "size", (BATCH,), lambda rows: np.sqrt(np.mean(rows**2))),
    ("depth", "difference", (BATCH,), lambda rows: np.sqrt(np.mean(rows.var(axis=0)))),
]
