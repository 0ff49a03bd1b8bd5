"""Each figure of dlbook.viz with data to show, and what its JavaScript must compute."""

import numpy as np

from dlbook import primitives as p
from dlbook import viz

rng = np.random.default_rng(0)
X = rng.normal(size=30)
Y = 0.8 * X + 0.3 + 0.4 * rng.normal(size=30)

FIGURES = {
    "softmax": viz.softmax(),
    "line": viz.line(X, Y),
}


def line_gradient(w, b, x, y):
    r = w * x + b - y
    return [2 * np.mean(r * x), 2 * np.mean(r)]


# (figure, function of its `compute`, arguments, the same in Python)
LOGITS = rng.normal(0, 3, 5)
NUMBERS = [
    ("softmax", "stable", (LOGITS, 0.7), lambda z, T: p.softmax(z / T)[0]),
    ("softmax", "stable", (1000 * LOGITS, 1.0), lambda z, T: p.softmax(z / T)[0]),
    ("softmax", "naive", (LOGITS, 2.0), lambda z, T: p.softmax(z / T)[0]),
    ("line", "loss", (0.3, -1.0, X, Y), lambda w, b, x, y: np.mean((w * x + b - y) ** 2)),
    ("line", "gradient", (0.3, -1.0, X, Y), line_gradient),
]
