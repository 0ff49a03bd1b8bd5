"""Each figure of dlbook.viz with data to show, and what its JavaScript must compute."""

import base64
import json

import numpy as np

from dlbook import primitives as p
from dlbook import viz
from dlbook.viz.figures import BY_HAND, HERE

rng = np.random.default_rng(0)
X = rng.normal(size=30)
Y = 0.8 * X + 0.3 + 0.4 * rng.normal(size=30)

FIGURES = {
    "softmax": viz.softmax(),
    "line": viz.line(X, Y),
    "reads_digits": viz.reads_digits(),
    "kernel": viz.kernel(),
    "gates": viz.gates(),
    "attention": viz.attention(),
    "through_time": viz.through_time(),
    "receptive": viz.receptive(),
}


def line_gradient(w, b, x, y):
    r = w * x + b - y
    return [2 * np.mean(r * x), 2 * np.mean(r)]


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
    ("line", "gradient", (0.3, -1.0, X, Y), line_gradient),
]
