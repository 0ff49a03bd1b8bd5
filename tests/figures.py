"""Each figure of dlbook.viz with data to show, and what its JavaScript must compute."""

import base64
import itertools
import json

import numpy as np

from dlbook import Tensor, data, nn, optim, viz
from dlbook import functional as F
from dlbook import primitives as p
from dlbook.viz.figures import BY_HAND, HERE

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
    "diffusion": viz.diffusion(),
    "reads_digits": viz.reads_digits(),
    "kernel": viz.kernel(),
    "gates": viz.gates(),
    "attention": viz.attention(),
    "through_time": viz.through_time(),
    "receptive": viz.receptive(),
    "bits": viz.bits(),
    "boxes": viz.boxes(),
    "credit": viz.credit(),
    "pairs": viz.pairs(),
    "fairness": viz.fairness(),
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
NET = [[rng.normal(size=(m, n)), rng.normal(size=m)] for n, m in itertools.pairwise(SIZES)]
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
READER = json.loads((HERE / "digit_reader.json").read_text("utf-8"))


def unpack(packed):
    whole = np.frombuffer(base64.b64decode(packed["bytes"]), np.int8)
    return packed["scale"] * whole.reshape(packed["shape"]).astype(float)


def reader_probabilities(x, weights):
    """The network of `reads_digits`, computed by dlbook: pictures (N, 1, 28, 28) -> (N, 10)."""
    W1, b1, W2, b2, W3, b3 = weights
    for W, b in ((W1, b1), (W2, b2)):
        x = p.max_pool2d(p.relu(p.conv2d(x, W, b)[0])[0])[0]
    return p.softmax(p.linear(x.reshape(len(x), -1), W3, b3)[0])[0]


def centred(x):
    """As MNIST was made: the longer side 20 pixels long, the centre of mass in the middle."""
    rows, columns = (np.flatnonzero((x > 0.1).any(axis=k)) for k in (1, 0))
    step = (max(np.ptp(rows), np.ptp(columns), 7) + 1) / 20
    padded, places = np.pad(x, 100), []
    for axis in (1, 0):
        mass = x.sum(axis=axis)
        middle = mass @ np.arange(28) / mass.sum()
        places.append(100 + middle + (np.arange(28) - middle - np.floor(14.5 - middle)) * step)
    lower = [np.floor(q + 1e-9).astype(int) for q in places]
    f, g = (q - low for q, low in zip(places, lower, strict=True))
    at = [[padded[np.ix_(lower[0] + a, lower[1] + b)] for b in (0, 1)] for a in (0, 1)]
    upper, under = ((1 - g) * left + g * right for left, right in at)
    return (1 - f)[:, None] * upper + f[:, None] * under


# (figure, function of its `compute`, arguments, the same in Python)


def one_output(x, W, padding, stride, dilation):
    settings = {"stride": (stride,) * 2, "padding": (padding,) * 2, "dilation": (dilation,) * 2}
    return p.conv2d(x[None], W[None], **settings)[0][0, 0]


LAYERS = [[(3, 1, 1)] * 3, [(3, 1, 1), (3, 1, 1), (2, 2, 1)] * 2, [(3, 2, 1), (2, 1, 3), (5, 1, 2)]]


def ones(n, layer):
    """A convolution along one axis with weights 1: all n ways."""
    k, stride, dilation = layer
    settings = {"stride": (1, stride), "dilation": (1, dilation)}
    return p.conv2d(np.zeros((1, 1, 1, n)), np.ones((1, 1, 1, k)), **settings)


def ways(layers, unit, n):
    """The gradient of one output, where all weights are 1, counts the ways to it."""
    pullbacks = []
    for layer in layers:
        z, back = ones(n, layer)
        n = z.shape[-1]
        pullbacks.append(back)
    dx = np.eye(n)[unit].reshape(1, 1, 1, n)
    for back in reversed(pullbacks):
        dx = back(dx)[0]
    return dx.ravel()


def fields(layers, n):
    """Pixels seen, distance of neighbours, and units, of each layer, as the gradients have them."""
    found = []
    for depth in range(1, len(layers) + 1):
        size = n
        for layer in layers[:depth]:
            size = ones(size, layer)[0].shape[-1]
        first, second = (np.flatnonzero(ways(layers[:depth], unit, n)) for unit in (0, 1))
        found.append([np.ptp(first) + 1, second[0] - first[0], size])
    return found


STEPS, END = rng.normal(size=(12, 3)), rng.normal(size=5)
RNN = rng.normal(size=(5, 3)), rng.normal(size=(5, 5))
LSTM = rng.normal(size=(20, 3)), rng.normal(size=(20, 5)), rng.normal(size=20)


def reach(cell, states, x, *weights, end):
    """Sizes of the gradient at the states, from the last step back, and the states."""
    pullbacks, trace, sizes = [], [], []
    for row in x:
        states, back = cell(row[None], *states, *weights)
        pullbacks.append(back)
        trace.append(states)
    dstates = [end[None], *(np.zeros_like(s) for s in states[1:])]
    for back in reversed(pullbacks):
        sizes.append(np.linalg.norm(dstates))
        dstates = back(dstates)[1 : 1 + len(states)]
    return sizes, trace


def rnn_reach(x, W_ih, W_hh, end):
    start = (np.zeros((1, 5)),)
    sizes, trace = reach(p.rnn_cell, start, x, W_ih, W_hh, np.zeros(5), np.zeros(5), end=end)
    return [sizes, [np.mean(1 - h**2) for (h,) in reversed(trace)]]


def lstm_reach(x, W_ih, W_hh, b, end):
    start = np.zeros((1, 5)), np.zeros((1, 5))
    sizes, trace = reach(p.lstm_cell, start, x, W_ih, W_hh, b, np.zeros(20), end=end)
    before = [start[0], *(h for h, _ in trace[:-1])]
    z = x @ W_ih[5:10].T + np.concatenate(before) @ W_hh[5:10].T + b[5:10]
    return [sizes, p.sigmoid(z)[0].mean(axis=1)[::-1]]


QKV = [rng.normal(size=(6, 3)) for _ in range(3)]


def attention_weights(q, k, causal, root, T):
    q = q / T * (1 if root else np.sqrt(3))
    return p.attention_weights(q, k, mask=np.tril(np.ones((6, 6), dtype=bool)) if causal else None)[
        0
    ]


def features(text):
    """Of each character: quotation mark, (, ), letter, no letter."""
    rows = [(c in '"“”', c == "(", c == ")", c.isalpha(), not c.isalpha()) for c in text]
    return np.array(rows, dtype=float)


def gates(x, W_ih, W_hh, b):
    """i, f, g, o by their formulas from the states before; the states by dlbook."""
    W_ih, W_hh, b = map(np.array, (W_ih, W_hh, b))
    states, found = (np.zeros((1, len(b) // 4)),) * 2, []
    for row in x:
        i, f, g, o = np.split(W_ih @ row + W_hh @ states[0][0] + b, 4)
        states, _ = p.lstm_cell(row[None], *states, W_ih, W_hh, b, 0 * b)
        bent = [p.sigmoid(i)[0], p.sigmoid(f)[0], np.tanh(g), p.sigmoid(o)[0]]
        found.append([*bent, states[1][0], states[0][0]])
    return np.array(found)


def best_guess(x, u, points):
    """E[x0 | x] by Bayes' rule: how likely each point makes x, then the mean."""
    likely = normal(x, np.cos(np.pi * u / 2) * points, np.sin(np.pi * u / 2))
    return likely @ points / likely.sum()


def normal(x, mean, std):
    return np.exp(-0.5 * ((x - mean) / std) ** 2)


def unmix(x, steps, points, fresh, news):
    """As Song and others write a step: new signal, noise that is kept, fresh noise."""
    levels = np.linspace(1, 0, steps + 1)
    rows = []
    for u, v, new in zip(levels, levels[1:], news[:steps][::-1], strict=False):
        (a, b), x0 = np.cos(np.pi * np.array([u, v]) / 2) ** 2, best_guess(x, u, points)
        rows.append([u, x, x0])
        kept = (x - a**0.5 * x0) / (1 - a) ** 0.5
        variance = fresh**2 * (1 - b) / (1 - a) * (1 - a / b)
        x = b**0.5 * x0 + max(0, 1 - b - variance) ** 0.5 * kept + variance**0.5 * new
    return [*rows, [0, x, x]]


def crowd(at, u, points):
    p = normal(at[:, None], np.cos(np.pi * u / 2) * points, max(0.06, np.sin(np.pi * u / 2))).sum(1)
    return p / p.max()


def rounded(w, bits, largest):
    levels = np.linspace(-largest, largest, 2**bits - 1)
    return levels[np.abs(w[:, None] - levels).argmin(axis=1)]


def error_parts(w, bits, largest):
    outside, errors = np.abs(w) > largest, (w - rounded(w, bits, largest)) ** 2
    return [np.sum(errors[part]) / np.sum(w**2) for part in (~outside, outside)]


CREDIT = {
    "either is enough": lambda x: 1 - F.relu(1 - x[0] - x[1]),
    "the smaller counts": lambda x: x[0] - F.relu(x[0] - x[1]),
    "the product": lambda x: x[0] * x[1],
    "a sum": lambda x: 0.7 * x[0] + 0.3 * x[1],
}


def credit_value(shape, x):
    return CREDIT[shape](Tensor(np.array(x))).item()


def credit_gradient(shape, x):
    x = Tensor(np.array(x), requires_grad=True)
    CREDIT[shape](x).backward()
    return x.grad


def credit_integrated(shape, x, x0, steps):
    x, x0 = np.array(x), np.array(x0)
    way = [x0 + t * (x - x0) for t in (np.arange(steps) + 0.5) / steps]
    return (x - x0) * np.mean([credit_gradient(shape, at) for at in way], axis=0)


def credit_occlusion(shape, x, x0):
    whole = credit_value(shape, x)
    return [whole - credit_value(shape, at) for at in ((x0[0], x[1]), (x[0], x0[1]))]


def credit_shapley(shape, x, x0):
    """The mean over both orders in which the inputs may arrive."""
    shares = np.zeros((2, 2))
    for order in ((0, 1), (1, 0)):
        at = list(x0)
        for k in order:
            before = credit_value(shape, at)
            at[k] = x[k]
            shares[order[0], k] = credit_value(shape, at) - before
    return shares.mean(axis=0)


def pairs_logits(a, b, T):
    """Of pictures and names on the circle, from the vectors themselves."""
    u, v = (Tensor(np.stack([np.cos(x), np.sin(x)], axis=1)) for x in map(np.asarray, (a, b)))
    return (u @ v.T / T).numpy()


def pairs_loss(a, b, T):
    z, own = pairs_logits(a, b, T), np.arange(len(a))
    return (p.cross_entropy(z, own)[0] + p.cross_entropy(z.T, own)[0]) / 2


def pairs_both(a, b, T):
    z = pairs_logits(a, b, T)
    return [p.softmax(z)[0], p.softmax(z.T)[0]]


def pairs_slopes(a, b, T):
    a, b, own = np.asarray(a, float), np.asarray(b, float), np.arange(len(a))
    u, v = (Tensor(np.stack([np.cos(x), np.sin(x)], axis=1), requires_grad=True) for x in (a, b))
    z = u @ v.T / T
    ((F.cross_entropy(z, own) + F.cross_entropy(z.T, own)) / 2).backward()
    return [y.grad[:, 1] * np.cos(x) - y.grad[:, 0] * np.sin(x) for x, y in ((a, u), (b, v))]


def pairs_rows():
    for N, T in ((3, 0.5), (5, 0.1), (4, 2.0)):
        a, b = rng.uniform(-4, 4, (2, N))
        for name, want in (("logits", pairs_logits), ("loss", pairs_loss), ("both", pairs_both)):
            yield "pairs", name, (a, b, T), want
        yield "pairs", "slopes", (a, b, T), pairs_slopes
    yield (
        "pairs",
        "softmax",
        (rng.normal(size=5),),
        lambda row: p.softmax(np.asarray(row)[None])[0][0],
    )
    yield "pairs", "across", (rng.normal(size=(3, 3)),), np.transpose


def boxes_iou(a, b):
    """By counting small squares: corners lie on halves."""
    x, y = np.meshgrid(np.arange(0.25, 10, 0.5), np.arange(0.25, 10, 0.5))
    inside = [(x > c[0]) & (x < c[2]) & (y > c[1]) & (y < c[3]) for c in (a, b)]
    return np.sum(inside[0] & inside[1]) / np.sum(inside[0] | inside[1])


def boxes_nms(boxes, scores, t):
    table = np.array([[boxes_iou(a, b) for b in boxes] for a in boxes])
    alive, kept, scores = np.ones(len(boxes), bool), [], np.array(scores)
    while alive.any():
        kept.append(int(np.where(alive, scores, -np.inf).argmax()))
        alive &= table[kept[-1]] <= t
        alive[kept[-1]] = False
    return kept


def boxes_hits(boxes, truths, need):
    table, taken, hits = np.array([[boxes_iou(a, b) for b in truths] for a in boxes]), set(), []
    for row in table:
        hits.append(int(row.max() >= need and row.argmax() not in taken))
        taken |= {row.argmax()} if hits[-1] else set()
    return hits


def boxes_curve(hits, total):
    right = np.cumsum(hits)
    return np.stack([right / total, right / np.arange(1, len(hits) + 1)], axis=1)


def boxes_ap(hits, total):
    recall, precision = boxes_curve(hits, total).T
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return np.sum(np.diff(recall, prepend=0) * envelope)


def boxes_rows():
    for t in (0.2, 0.5, 0.8):
        corner = rng.integers(0, 12, (9, 2)) / 2
        boxes = np.hstack([corner, corner + rng.integers(2, 8, (9, 2)) / 2])
        yield "boxes", "iou", (boxes[0], boxes[1]), boxes_iou
        yield "boxes", "area", (boxes[2],), lambda b: np.prod(np.subtract(b[2:], b[:2]))
        yield "boxes", "nms", (boxes, rng.random(9), t), boxes_nms
        yield "boxes", "hits", (boxes[:6], boxes[5:] + [0, 0, 0.5, 0], t), boxes_hits
        hits = rng.integers(0, 2, 9)
        yield "boxes", "curve", (hits, 9), boxes_curve
        yield "boxes", "ap", (hits, 9), boxes_ap
    yield "boxes", "overlap", ([1, 1, 5, 5], [3, 3, 8, 7]), lambda a, b: [3, 3, 5, 5]


def fairness_people(base, N):
    s = (np.arange(N) + 0.5) / N
    w = s ** (4 * base - 1) * (1 - s) ** (4 * (1 - base) - 1)
    return w / w.sum()


def fairness_rates(w, t):
    """From the shares of those who have it and those who have not, counted bar by bar."""
    w = np.asarray(w)
    s = (np.arange(len(w)) + 0.5) / len(w)
    chosen = np.clip(np.arange(1, len(w) + 1) - t * len(w), 0, 1)
    have, not_have = w * s, w * (1 - s)
    found, wrong = chosen @ have, chosen @ not_have
    return [
        found + wrong,
        found / have.sum(),
        wrong / not_have.sum(),
        found / (found + wrong),
        have.sum(),
    ]


def fairness_match(w, which, want):
    """The least threshold at which the rate is past the wanted one."""

    def above(t):
        return (fairness_rates(w, t)[which] - want) * (1 if which == 3 else -1) >= 0

    low, high = 0.0, 1 - 1e-9
    while high - low > 1e-14:
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return high


def fairness_rows():
    for base, t in ((0.5, 0.5), (0.3, 0.23), (0.65, 0.91)):
        w = fairness_people(base, 20)
        yield "fairness", "people", (base, 20), fairness_people
        yield "fairness", "rates", (w, t), fairness_rates
        for which in range(4):
            want = fairness_rates(fairness_people(0.45, 20), 0.4)[which]
            yield "fairness", "match", (w, which, want), fairness_match


def credit_rows():
    for shape in CREDIT:
        x, x0 = rng.uniform(0.4, 1.7, 2), rng.uniform(-0.2, 0.3, 2)
        yield "credit", "value", (shape, x), credit_value
        yield "credit", "gradient", (shape, x), credit_gradient
        yield "credit", "integrated", (shape, x, x0, 7), credit_integrated
        yield "credit", "occlusion", (shape, x, x0), credit_occlusion
        yield "credit", "shapley", (shape, x, x0), credit_shapley


CONV = rng.normal(size=(2, 9, 11)), rng.normal(size=(4, 2, 3, 3)), rng.normal(size=4)
DRAWN = np.zeros((28, 28))
DRAWN[3:12, 9:14] = rng.random((9, 5))
LOGITS = rng.normal(0, 3, 5)
NUMBERS = [
    ("softmax", "stable", (LOGITS, 0.7), lambda z, T: p.softmax(z / T)[0]),
    ("softmax", "stable", (1000 * LOGITS, 1.0), lambda z, T: p.softmax(z / T)[0]),
    ("softmax", "naive", (LOGITS, 2.0), lambda z, T: p.softmax(z / T)[0]),
    ("line", "loss", (0.3, -1.0, X, Y), lambda w, b, x, y: np.mean((w * x + b - y) ** 2)),
    *[("reads_digits", "unpack", (packed,), unpack) for packed in READER["arrays"][:2]],
    ("reads_digits", "conv", CONV, lambda x, W, b: p.conv2d(x[None], W, b)[0][0]),
    ("reads_digits", "pool", (CONV[0],), lambda x: p.max_pool2d(x[None])[0][0]),
    ("reads_digits", "centred", (DRAWN,), centred),
    ("reads_digits", "centred", (np.kron(DRAWN[::2, ::2], np.ones((2, 2))) ** 9,), centred),
    (
        "reads_digits",
        "probabilities",
        (rng.random((28, 28)), [unpack(a) for a in READER["arrays"]]),
        lambda x, weights: reader_probabilities(x[None, None], weights)[0],
    ),
    *[
        ("kernel", "conv", (CONV[0], CONV[1][0], *settings), one_output)
        for settings in ((0, 1, 1), (2, 1, 1), (1, 2, 1), (1, 3, 2), (2, 2, 2))
    ],
    *[("receptive", "pixels", (layers, 1, 40), ways) for layers in LAYERS],
    *[("receptive", "fields", (layers, 40), fields) for layers in LAYERS],
    ("through_time", "rnn", (STEPS, *RNN, END), rnn_reach),
    ("through_time", "lstm", (STEPS, *LSTM, END), lstm_reach),
    ("attention", "map", QKV[:2], lambda x, W: x @ W.T),
    ("attention", "output", (QKV[0] @ QKV[1].T, QKV[2]), lambda A, V: A @ V),
    *[
        ("attention", "weights", (*QKV[:2], causal, root, T), attention_weights)
        for causal, root, T in (
            (False, True, 1.0),
            (True, True, 1.0),
            (True, False, 0.3),
            (True, True, 3.0),
        )
    ],
    ("gates", "features", ('say “(é)” "x1"',), lambda text: features(text)),
    ("gates", "lstm", (STEPS, *LSTM), gates),
    ("gates", "lstm", (features('a "(b" (c) (dd'), *BY_HAND), gates),
    *[
        ("bits", name, (rng.normal(size=50), bits, largest), same)
        for name, same in (("rounded", rounded), ("parts", error_parts))
        for bits, largest in ((2, 0.8), (3, 1.5), (5, 4.0))
    ],
    *credit_rows(),
    *pairs_rows(),
    *boxes_rows(),
    *fairness_rows(),
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
            ("regions", "logits", (NET, act, POINTS), lambda L, act, x: network(L, act)(x).data),
            ("regions", "gradients", (NET, act, POINTS, LABELS), regions_gradients),
            ("regions", "trained", (NET, act, POINTS, LABELS, 0.03, 3), regions_train),
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
    *(("diffusion", "guess", (0.4, u, X[:3]), best_guess) for u in (0.2, 0.6, 1.0)),
    *(
        ("diffusion", "walk", (0.4, n, X[:3], eta, Y), unmix)
        for n, eta in ((1, 0), (7, 0), (20, 0.6))
    ),
    *(("diffusion", "density", (Y, u, X[:3]), crowd) for u in (0.0, 0.5, 1.0)),
    ("depth", "size", (BATCH,), lambda rows: np.sqrt(np.mean(rows**2))),
    ("depth", "difference", (BATCH,), lambda rows: np.sqrt(np.mean(rows.var(axis=0)))),
]
