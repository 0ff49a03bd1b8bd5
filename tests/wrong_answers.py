"""Wrong answers that learners give, 200 and more, over every exercise.

The first list was written from the questions alone, before the mistakes that dlbook.exercises knows
had been read: it measures how many of a learner's mistakes are named, and is not made of those that are.
A row: the exercise, what has gone wrong, the answer.
"""

import math
from itertools import pairwise
from math import log

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def one_hot(y, C):
    return np.eye(C)[y]


ROWS = []


def wrong(exercise, mistake, *answer):
    """Add a row; without an answer, as the decorator of one that needs several lines."""
    if answer:
        return ROWS.append((exercise, mistake, answer[0]))
    return lambda f: ROWS.append((exercise, mistake, f)) or f


# everything_is_a_mapping

wrong("everything_is_a_mapping.1", "the bias first", (-2, 1, 2))
wrong("everything_is_a_mapping.1", "stopped after one pass", (0, 0, -1))
wrong("everything_is_a_mapping.1", "a line that separates, guessed and not learnt", (1, 1, -1.5))
wrong(
    "everything_is_a_mapping.2",
    "fires at exactly 0",
    lambda X, w, b: (X @ w + b >= 0).astype(int),
)
wrong(
    "everything_is_a_mapping.2",
    "the bias is the threshold",
    lambda X, w, b: (X @ w > b).astype(int),
)
wrong(
    "everything_is_a_mapping.2",
    "answers of -1 and 1",
    lambda X, w, b: np.where(X @ w + b > 0, 1, -1),
)


def _pass(w, b, X, y, within=True, bias=True, sign=1, count_right=False):
    start = w.copy()
    w, mistakes = w.copy(), 0
    for x_i, y_i in zip(X, y, strict=True):
        error = y_i - int(x_i @ (w if within else start) + b > 0)
        w, b = w + sign * error * x_i, b + sign * error * bias
        mistakes += (error == 0) if count_right else (error != 0)
    return w, b, mistakes


wrong("everything_is_a_mapping.3", "the bias never moves", lambda *a: _pass(*a, bias=False))
wrong("everything_is_a_mapping.3", "moves away from the answer", lambda *a: _pass(*a, sign=-1))
wrong(
    "everything_is_a_mapping.3",
    "counts what was right",
    lambda *a: _pass(*a, count_right=True),
)
wrong(
    "everything_is_a_mapping.4",
    "R / gamma without the square",
    lambda X, s, w: np.linalg.norm(X, axis=1).max() / ((s * (X @ w)).min() / np.linalg.norm(w)),
)
wrong(
    "everything_is_a_mapping.4",
    "w not brought to length 1",
    lambda X, s, w: (np.linalg.norm(X, axis=1).max() / (s * (X @ w)).min()) ** 2,
)


def _neighbours(X, y, x, k):
    return y[np.argsort(((X - x) ** 2).sum(1), kind="stable")[:k]]


wrong(
    "everything_is_a_mapping.5",
    "the farthest",
    lambda X, y, x, k: np.bincount(y[np.argsort(-((X - x) ** 2).sum(1))[:k]]).argmax(),
)
wrong(
    "everything_is_a_mapping.5",
    "the mean label, rounded",
    lambda X, y, x, k: round(_neighbours(X, y, x, k).mean()),
)
wrong(
    "everything_is_a_mapping.5",
    "one neighbour, whatever k",
    lambda X, y, x, k: _neighbours(X, y, x, 1)[0],
)


def _loo(X, y, itself=False, right=False):
    d = ((X[:, None] - X[None]) ** 2).sum(-1)
    if not itself:
        np.fill_diagonal(d, np.inf)
    return np.mean((y[d.argmin(1)] == y) == right)


wrong(
    "everything_is_a_mapping.6", "the example is its own neighbour", lambda X, y: _loo(X, y, True)
)
wrong(
    "everything_is_a_mapping.6", "the share of right answers", lambda X, y: _loo(X, y, right=True)
)
wrong(
    "everything_is_a_mapping.6",
    "a number, not a share",
    lambda X, y: _loo(X, y) * len(y),
)

# linear_regression

_x, _y = np.array([0.0, 1, 2]), np.array([1.0, 3, 5])
_error = _y - (0.6 + 26 / 30 * _x)
_g = -2 / 3 * np.array([_error.sum(), (_error * _x).sum()])


def _after(theta):
    return np.mean((_y - theta[0] - theta[1] * _x) ** 2)


_theta = np.array([0.6, 26 / 30])
wrong("linear_regression.1", "no step taken", round(_after(_theta), 2))
wrong("linear_regression.1", "the gradient without its 2", round(_after(_theta - 0.05 * _g), 2))
wrong("linear_regression.1", "the sum of the squares", round(3 * _after(_theta - 0.1 * _g), 2))
wrong("linear_regression.2", "half of it", lambda yhat, y: 0.5 * np.mean((yhat - y) ** 2))
wrong("linear_regression.2", "the sum", lambda yhat, y: np.sum((yhat - y) ** 2))
wrong("linear_regression.2", "the absolute error", lambda yhat, y: np.mean(np.abs(yhat - y)))
wrong(
    "linear_regression.3",
    "without the 2",
    lambda theta, X, y: -X.T @ (y - X @ theta) / len(y),
)
wrong(
    "linear_regression.3",
    "divided by K",
    lambda theta, X, y: -2 * X.T @ (y - X @ theta) / X.shape[1],
)
wrong(
    "linear_regression.3",
    "the minus lost",
    lambda theta, X, y: 2 * X.T @ (y - X @ theta) / len(y),
)


def _descent(theta, X, y, lr, steps, factor=2.0):
    for _ in range(steps):
        theta = theta + factor * lr * X.T @ (y - X @ theta) / len(y)
    return theta


wrong(
    "linear_regression.4",
    "one step too many",
    lambda theta, X, y, lr, steps: _descent(theta, X, y, lr, steps + 1),
)
wrong(
    "linear_regression.4",
    "the gradient without its 2",
    lambda *a: _descent(*a, factor=1.0),
)


@wrong("linear_regression.4", "starts at zero")
def _(theta, X, y, lr, steps):
    return _descent(np.zeros_like(theta), X, y, lr, steps)


wrong(
    "linear_regression.5",
    "the singular value not squared",
    lambda X: 2 / (2 / len(X) * np.linalg.norm(X, 2)),
)
wrong(
    "linear_regression.5",
    "1 / lambda",
    lambda X: 1 / np.linalg.eigvalsh(2 / len(X) * X.T @ X).max(),
)
wrong(
    "linear_regression.5",
    "the smallest eigenvalue",
    lambda X: 2 / np.linalg.eigvalsh(2 / len(X) * X.T @ X).min(),
)


def _ridge(X, y, d):
    return np.linalg.solve(X.T @ X + d * np.eye(X.shape[1]), X.T @ y)


wrong("linear_regression.6", "decay not times N/2", lambda X, y, decay: _ridge(X, y, decay))
wrong("linear_regression.6", "times N", lambda X, y, decay: _ridge(X, y, len(X) * decay))
wrong("linear_regression.6", "no decay at all", lambda X, y, decay: _ridge(X, y, 0))

# layers_and_activations

wrong("layers_and_activations.1", "no ReLU", 0.7 - 2 * -0.3)
wrong("layers_and_activations.1", "rounded to a class", 1)


def _value(a, dz):
    return a, lambda da: (dz(da),)


wrong(
    "layers_and_activations.2",
    "sigmoid of z, not of 2z",
    lambda z: _value(2 * sigmoid(z) - 1, lambda da: da * (1 - (2 * sigmoid(z) - 1) ** 2)),
)
wrong(
    "layers_and_activations.2",
    "the slope of the sigmoid",
    lambda z: _value(np.tanh(z), lambda da: da * np.tanh(z) * (1 - np.tanh(z))),
)
wrong(
    "layers_and_activations.2",
    "the slope without its square",
    lambda z: _value(np.tanh(z), lambda da: da * (1 - np.tanh(z))),
)
wrong(
    "layers_and_activations.3",
    "W1 W2",
    lambda W1, b1, W2, b2: (W1.T @ W2.T, W2 @ b1 + b2),
)
wrong("layers_and_activations.3", "biases added", lambda W1, b1, W2, b2: (W2 @ W1, b1 + b2))
wrong(
    "layers_and_activations.3",
    "b2 forgotten",
    lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1),
)
wrong(
    "layers_and_activations.4",
    "the diagonal alone",
    lambda z, da: da * softmax(z) * (1 - softmax(z)),
)
wrong(
    "layers_and_activations.4",
    "the sum over the batch",
    lambda z, da: softmax(z) * (da - (softmax(z) * da).sum(0)),
)
wrong(
    "layers_and_activations.4",
    "da summed without a",
    lambda z, da: softmax(z) * (da - da.sum(1, keepdims=True)),
)
wrong(
    "layers_and_activations.5",
    "the second term of the product rule forgotten",
    lambda z: _value(z * sigmoid(z), lambda da: da * sigmoid(z)),
)
wrong(
    "layers_and_activations.5",
    "da forgotten",
    lambda z: _value(z * sigmoid(z), lambda da: sigmoid(z) + z * sigmoid(z) * (1 - sigmoid(z))),
)
wrong("layers_and_activations.6", "the sign", lambda w, b: np.sort(b / w))
wrong("layers_and_activations.6", "not sorted", lambda w, b: -b / w)
wrong("layers_and_activations.6", "upside down", lambda w, b: np.sort(-w / b))

# losses

wrong("losses.1", "summed", round(-(2 * log(0.8) + log(0.9)), 3))
wrong("losses.1", "log10", round(-(2 * math.log10(0.8) + math.log10(0.9)) / 3, 3))
wrong("losses.1", "the third day taken as rain", round(-(2 * log(0.8) + log(0.1)) / 3, 3))
wrong("losses.2", "overflows", lambda z: np.log(np.exp(z).sum(1)))
wrong(
    "losses.2",
    "m not added again",
    lambda z: np.log(np.exp(z - z.max(1, keepdims=True)).sum(1)),
)
wrong(
    "losses.2",
    "the maximum of everything",
    lambda z: z.max() + np.log(np.exp(z - z.max()).sum(1)),
)
wrong(
    "losses.3",
    "summed",
    lambda z, y: np.sum(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))),
)
wrong(
    "losses.3",
    "the naive formula",
    lambda z, y: -np.mean(y * np.log(sigmoid(z)) + (1 - y) * np.log(1 - sigmoid(z))),
)
wrong(
    "losses.3",
    "y z forgotten",
    lambda z, y: np.mean(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))),
)
wrong("losses.4", "not divided by N", lambda z, y: 0.5 * (1 + np.tanh(z / 2)) - y)
wrong("losses.4", "y - p", lambda z, y: (y - 0.5 * (1 + np.tanh(z / 2))) / len(z))
wrong("losses.4", "z - y", lambda z, y: (z - y) / len(z))
wrong(
    "losses.5",
    "the doubt only on the others",
    lambda y, C, epsilon: one_hot(y, C) * (1 - epsilon) + (1 - one_hot(y, C)) * epsilon / (C - 1),
)
wrong(
    "losses.5",
    "epsilon not divided",
    lambda y, C, epsilon: one_hot(y, C) * (1 - epsilon) + epsilon,
)
wrong(
    "losses.5",
    "the right class has exactly 1 - epsilon",
    lambda y, C, epsilon: one_hot(y, C) * (1 - epsilon) + (1 - one_hot(y, C)) * epsilon / C,
)


def _temperature(z, y, better=min, scale=lambda z, T: z / T, steps=481):
    def loss(T):
        return -np.mean(np.log(softmax(scale(z, T)))[np.arange(len(y)), y])

    return better(np.linspace(0.2, 5, steps), key=loss)


wrong(
    "losses.6",
    "z times T",
    lambda z, y: _temperature(z, y, scale=lambda z, T: z * T),
)
wrong("losses.6", "one decimal", lambda z, y: round(_temperature(z, y), 1))
wrong("losses.6", "1/T", lambda z, y: 1 / _temperature(z, y))

# backpropagation

_z1 = np.array([3.0, -2.0])
_a1 = sigmoid(_z1)
_d2 = 2 * (2 * _a1[0] - _a1[1] - 1 - 3)
_da1 = _d2 * np.array([2.0, -1.0])
wrong("backpropagation.1", "no slope of the bend", tuple(_da1.round(3)))
wrong("backpropagation.1", "z(1 - z)", tuple((_da1 * _z1 * (1 - _z1)).round(3)))
wrong(
    "backpropagation.1",
    "the forward pass with the ReLU",
    tuple((4 * np.array([2.0, -1]) * _a1 * (1 - _a1)).round(3)),
)
wrong(
    "backpropagation.1",
    "the loss without its 2",
    tuple((_da1 / 2 * _a1 * (1 - _a1)).round(3)),
)


def _scaled(gradients):
    def scaled_linear(x, s, W, b):
        return (x * s) @ W.T + b, lambda dz: gradients(x, s, W, dz)

    return scaled_linear


wrong(
    "backpropagation.2",
    "s missing in dW",
    _scaled(lambda x, s, W, dz: (dz @ W * s, (dz @ W * x).sum(0), dz.T @ x, dz.sum(0))),
)
wrong(
    "backpropagation.2",
    "ds not summed over the batch",
    _scaled(lambda x, s, W, dz: (dz @ W * s, dz @ W * x, dz.T @ (x * s), dz.sum(0))),
)
wrong(
    "backpropagation.2",
    "db a mean",
    _scaled(lambda x, s, W, dz: (dz @ W * s, (dz @ W * x).sum(0), dz.T @ (x * s), dz.mean(0))),
)
wrong(
    "backpropagation.3",
    "the slope of x, x(1 - x)",
    lambda x: (sigmoid(x), lambda da: (da * x * (1 - x),)),
)
wrong(
    "backpropagation.3",
    "exp(+x)",
    lambda x: (1 / (1 + np.exp(x)), lambda da: (-da * sigmoid(x) * (1 - sigmoid(x)),)),
)
wrong(
    "backpropagation.3",
    "no tuple",
    lambda x: (sigmoid(x), lambda da: da * sigmoid(x) * (1 - sigmoid(x))),
)
wrong(
    "backpropagation.4",
    "not divided by N",
    lambda z, y: softmax(z) - one_hot(y, z.shape[1]),
)
wrong(
    "backpropagation.4",
    "the sign",
    lambda z, y: (one_hot(y, z.shape[1]) - softmax(z)) / len(z),
)
wrong(
    "backpropagation.4",
    "only the right class has a gradient",
    lambda z, y: (softmax(z) - 1) * one_hot(y, z.shape[1]) / len(z),
)


def _nudge(f, x, eps, divide=2.0, central=True):
    g = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[k] += eps
        down[k] -= eps * central
        g[k] = (f(up) - f(down)) / (divide * eps)
    return g


wrong("backpropagation.5", "divided by eps", lambda f, x, eps=1e-5: _nudge(f, x, eps, 1.0))
wrong(
    "backpropagation.5",
    "one-sided",
    lambda f, x, eps=1e-5: _nudge(f, x, eps, 1.0, False),
)


def _network(weights, biases, x, y, last_relu=False, mean=True, reverse=False):
    a, values = x, [x]
    slopes = []
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = a @ W.T + b
        bent = k < len(weights) - 1 or last_relu
        a = np.maximum(z, 0) if bent else z
        slopes.append(z > 0 if bent else np.ones_like(z))
        values.append(a)
    d = 2 * (a - y) / (y.size if mean else len(y))
    loss = np.mean((a - y) ** 2) if mean else np.sum((a - y) ** 2) / len(y)
    dW, db = [], []
    for k in reversed(range(len(weights))):
        d = d * slopes[k]
        dW.append(d.T @ values[k])
        db.append(d.sum(0))
        d = d @ weights[k]
    return (loss, dW, db) if reverse else (loss, dW[::-1], db[::-1])


wrong("backpropagation.6", "ReLU after the last layer", lambda *a: _network(*a, last_relu=True))
wrong("backpropagation.6", "divided by N only", lambda *a: _network(*a, mean=False))
wrong("backpropagation.6", "last layer first", lambda *a: _network(*a, reverse=True))

# automatic_differentiation

wrong("automatic_differentiation.1", "one of the two ways", (9, 21, 126))
wrong("automatic_differentiation.1", "du without the way through v", (9, 12, 81))
wrong("automatic_differentiation.1", "the order turned round", (135, 21, 9))
wrong(
    "automatic_differentiation.2",
    "the sign of the cosine",
    lambda x: (np.sin(x), lambda dy: (-dy * np.cos(x),)),
)
wrong(
    "automatic_differentiation.2",
    "dy forgotten",
    lambda x: (np.sin(x), lambda dy: (np.cos(x),)),
)


def _adjoints(tape, add=True, seed=1.0, backwards=True):
    g = np.zeros(len(tape))
    g[-1] = seed
    for i in reversed(range(len(tape))) if backwards else range(len(tape)):
        for j, slope in tape[i]:
            g[j] = g[i] * slope + (g[j] if add else 0)
    return g


wrong("automatic_differentiation.3", "overwrites instead of adding", lambda t: _adjoints(t, False))
wrong("automatic_differentiation.3", "from the front", lambda t: _adjoints(t, backwards=False))
wrong("automatic_differentiation.3", "starts with 0", lambda t: _adjoints(t, seed=0.0))


def _rates(tape, start, add=True, missing=0.0):
    r = np.zeros(len(tape))
    for i, users in enumerate(tape):
        if not users:
            r[i] = start.get(i, missing)
        for j, slope in users:
            r[i] = slope * r[j] + (r[i] if add else 0)
    return r


wrong("automatic_differentiation.4", "overwrites", lambda t, s: _rates(t, s, add=False))
wrong("automatic_differentiation.4", "missing inputs move", lambda t, s: _rates(t, s, missing=1.0))


def _costs(widths, runs=(0, -1)):
    once = sum(a * b for a, b in pairwise(widths))
    return tuple(widths[k] * once for k in runs)


wrong("automatic_differentiation.5", "swapped", lambda w: _costs(w)[::-1])
wrong(
    "automatic_differentiation.5",
    "the first layer's matrix taken as given",
    lambda w: (
        w[0] * sum(a * b for a, b in pairwise(w[1:])),
        w[-1] * sum(a * b for a, b in pairwise(w[:-1])),
    ),
)


@wrong("automatic_differentiation.6", "every pullback kept")
def _(step, x, n, k):
    pullbacks = []
    for _ in range(n):
        x, vjp = step(x)
        pullbacks.append(vjp)
    g = np.ones_like(x)
    for vjp in reversed(pullbacks):
        (g,) = vjp(g)
    return g


@wrong("automatic_differentiation.6", "the pieces from first to last")
def _(step, x, n, k):
    kept = [x]
    for i in range(n):
        x, _back = step(x)
        if (i + 1) % k == 0:
            kept.append(x)
    g = np.ones_like(x)
    for v in kept[:-1]:
        backs = []
        for _ in range(k):
            v, back = step(v)
            backs.append(back)
        for back in reversed(backs):
            (g,) = back(g)
    return g


# optimizers


def _adam(correct=True, root=True, b2=0.999, decay_first=True):
    w, m, s = 1.0, 0.0, 0.0
    for t, g in enumerate((4.0, -2.0), 1):
        m, s = 0.9 * m + 0.1 * g, b2 * s + (1 - b2) * g * g
        mh, sh = (m / (1 - 0.9**t), s / (1 - b2**t)) if correct else (m, s)
        w -= 0.1 * mh / (math.sqrt(sh) if root else sh)
    return round(w, 3)


wrong("optimizers.1", "no correction of the start", _adam(correct=False))
wrong("optimizers.1", "not the root", _adam(root=False))
wrong("optimizers.1", "the second step forgotten", 0.9)
wrong("optimizers.2", "1 / lambda", lambda H: 1 / np.linalg.eigvalsh(H).max())
wrong("optimizers.2", "the smallest eigenvalue", lambda H: 2 / np.linalg.eigvalsh(H).min())
wrong("optimizers.2", "the trace", lambda H: 2 / np.trace(H))


@wrong("optimizers.3", "the old velocity in w")
def _(w, v, g, lr, mu, nesterov):
    new = mu * v + g
    return (w - lr * (g + mu * new) if nesterov else w - lr * v), new


@wrong("optimizers.3", "(1 - mu) g")
def _(w, v, g, lr, mu, nesterov):
    v = mu * v + (1 - mu) * g
    return (w - lr * (g + mu * v) if nesterov else w - lr * v), v


@wrong("optimizers.3", "Nesterov with the old velocity")
def _(w, v, g, lr, mu, nesterov):
    new = mu * v + g
    return (w - lr * (g + mu * v) if nesterov else w - lr * new), new


def _running(g, beta, power=None, mean=False):
    m, out = 0.0, []
    for t, x in enumerate(g, 1):
        m = beta * m + (1 - beta) * x
        out.append(m if mean else m / (1 - beta ** (power or (lambda t: t))(t)))
    return np.array(out)


wrong("optimizers.4", "not corrected", lambda g, beta: _running(g, beta, mean=True))
wrong("optimizers.4", "beta not to the t", lambda g, beta: _running(g, beta, lambda t: 1))


@wrong("optimizers.4", "the corrected mean is fed back")
def _(g, beta):
    m, out = 0.0, []
    for t, x in enumerate(g, 1):
        m = (beta * m + (1 - beta) * x) / (1 - beta**t)
        out.append(m)
    return np.array(out)


def _schedule(step, warmup, total, peak, span=True, half=0.5, from_one=0):
    if step < warmup:
        return peak * (step + from_one) / warmup
    t = (step - warmup) / (total - warmup) if span else step / total
    return half * peak * (1 + np.cos(np.pi * t))


wrong("optimizers.5", "the cosine over all steps", lambda *a: _schedule(*a, span=False))
wrong("optimizers.5", "without the half", lambda *a: _schedule(*a, half=1.0))
wrong("optimizers.5", "starts at 1 / warmup", lambda *a: _schedule(*a, from_one=1))


def _adamw(w, gradients, lr, beta1, beta2, eps, decay, how="right"):
    m, s = np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, 1):
        if how == "L2":
            g = g + decay * w
        elif how == "no lr":
            w = (1 - decay) * w
        else:
            w = (1 - lr * decay) * w
        m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g * g
        mh, sh = m / (1 - beta1**t), s / (1 - beta2**t)
        w = w - lr * mh / (np.sqrt(sh + eps) if how == "eps" else np.sqrt(sh) + eps)
    return w


wrong("optimizers.6", "decay in the gradient, Adam", lambda *a: _adamw(*a, how="L2"))
wrong("optimizers.6", "decay not times the rate", lambda *a: _adamw(*a, how="no lr"))
wrong("optimizers.6", "eps inside the root", lambda *a: _adamw(*a, how="eps"))

# training

wrong("training.1", "precision and recall swapped", (0.75, 0.6, 2 / 3))
wrong("training.1", "the mean for F1", (0.6, 0.75, 0.675))
wrong("training.1", "in per cent", (60, 75, 66.7))
wrong(
    "training.2",
    "test by its own numbers",
    lambda train, test: (
        (train - train.mean(0)) / train.std(0),
        (test - test.mean(0)) / test.std(0),
    ),
)
wrong(
    "training.2",
    "one mean for all columns",
    lambda train, test: (
        (train - train.mean()) / train.std(),
        (test - train.mean()) / train.std(),
    ),
)
wrong(
    "training.2",
    "N - 1",
    lambda train, test: (
        (train - train.mean(0)) / train.std(0, ddof=1),
        (test - train.mean(0)) / train.std(0, ddof=1),
    ),
)


def _prf(y, p):
    tp = np.sum((y == 1) & (p == 1))
    return tp / p.sum(), tp / y.sum(), 2 * tp / (p.sum() + y.sum())


wrong("training.3", "swapped", lambda y, p: _prf(p, y))
wrong("training.3", "accuracy for precision", lambda y, p: (np.mean(y == p), *_prf(y, p)[1:]))
wrong("training.3", "F1 without its 2", lambda y, p: (*_prf(y, p)[:2], _prf(y, p)[2] / 2))


def _epoch(n, size, order, keep=True):
    stop = n if keep else n // size * size
    return [order[i : i + size] for i in range(0, stop, size)]


wrong("training.4", "not shuffled", lambda n, size, rng: _epoch(n, size, np.arange(n)))
wrong(
    "training.4", "drops the rest", lambda n, size, rng: _epoch(n, size, rng.permutation(n), False)
)
wrong(
    "training.4",
    "draws with replacement",
    lambda n, size, rng: _epoch(n, size, rng.integers(0, n, n)),
)


def _train(model, loss, optimizer, batches, epochs, zero=True, step=True, how="weighted"):
    losses = []
    for _ in range(epochs):
        seen = []
        for x, y in batches:
            if zero:
                optimizer.zero_grad()
            L = loss(model(x), y)
            L.backward()
            if step:
                optimizer.step()
            seen.append((L.item(), len(y)))
        values, sizes = map(np.array, zip(*seen, strict=True))
        losses.append(
            {
                "weighted": (values * sizes).sum() / sizes.sum(),
                "plain": values.mean(),
                "last": values[-1],
                "sum": (values * sizes).sum(),
            }[how]
        )
    return losses


wrong("training.5", "zero_grad forgotten", lambda *a: _train(*a, zero=False))
wrong("training.5", "step forgotten", lambda *a: _train(*a, step=False))
wrong("training.5", "the mean of the batches' means", lambda *a: _train(*a, how="plain"))
wrong("training.5", "the last batch's loss", lambda *a: _train(*a, how="last"))

# better

wrong("better.1", "not paired", (2, round(math.sqrt(4.0825**2 / 4 + 3.2660**2 / 4), 2)))
wrong("better.1", "not divided by the root of 4", (2, 0.816))
wrong("better.1", "the spread divided by R, not R - 1", (2, 0.354))


def _overlap(a, b, n_train, n_test, ddof=1, rho="odds", root=True):
    d = a - b
    ratio = {"odds": n_test / n_train, "share": n_test / (n_train + n_test), "none": 0}[rho]
    v = d.var(ddof=ddof) * (1 / len(d) + ratio)
    return np.sqrt(v) if root else v


wrong("better.2", "rho in place of rho / (1 - rho)", lambda *a: _overlap(*a, rho="share"))
wrong("better.2", "ddof", lambda *a: _overlap(*a, ddof=0))
wrong("better.2", "as if independent", lambda *a: _overlap(*a, rho="none"))
wrong("better.3", "dealt without regard to the class", lambda labels, k: np.arange(len(labels)) % k)


@wrong("better.3", "from 1")
def _(labels, k):
    fold = np.zeros(len(labels), int)
    for c in np.unique(labels):
        fold[labels == c] = np.arange((labels == c).sum()) % k + 1
    return fold


def _report(val, test, choose=None, ddof=1, quote=None):
    i = (val if choose is None else choose(val, test)).mean(1).argmax()
    told = test if quote is None else quote(val)
    return i, told[i].mean(), told[i].std(ddof=ddof) / np.sqrt(val.shape[1])


wrong("better.4", "chosen by the test", lambda v, t: _report(v, t, lambda val, test: test))
wrong("better.4", "reports what it chose by", lambda v, t: _report(v, t, quote=lambda val: val))
wrong("better.4", "ddof", lambda v, t: _report(v, t, ddof=0))


def _halve(losses, first, again=False, largest=False):
    alive, epochs, spent, before = np.arange(len(losses)), first, 0, 0
    while len(alive) > 1:
        spent += len(alive) * (epochs - (0 if again else before))
        order = np.argsort(losses[alive, epochs - 1])
        alive = alive[order[::-1] if largest else order][: len(alive) // 2]
        before, epochs = epochs, 2 * epochs
    return alive[0], spent


wrong("better.5", "trained again from the start", lambda *a: _halve(*a, again=True))
wrong("better.5", "keeps the larger losses", lambda *a: _halve(*a, largest=True))

# generalisation

wrong("generalisation.1", "kept p in place of 1 - p", (12, 3, 27))
wrong("generalisation.1", "not scaled up", (3, 2.25, 1.6875))
wrong("generalisation.1", "the deviation in place of the variance", (4, 3, round(math.sqrt(3), 3)))
wrong("generalisation.2", "N times decay", lambda X, y, decay: _ridge(X, y, len(X) * decay))
wrong("generalisation.2", "the half kept", lambda X, y, decay: _ridge(X, y, decay / 2))


def _parts(fits, truth, noise, ddof=0, n=lambda s: s**2):
    bias2 = np.mean((fits.mean(0) - truth) ** 2)
    variance = fits.var(0, ddof=ddof).mean()
    return bias2, variance, bias2 + variance + n(noise)


wrong("generalisation.3", "noise not squared", lambda *a: _parts(*a, n=lambda s: s))
wrong("generalisation.3", "noise forgotten", lambda *a: _parts(*a, n=lambda s: 0))
wrong(
    "generalisation.3",
    "the bias squared after the mean",
    lambda f, t, s: (
        (f.mean() - t.mean()) ** 2,
        f.var(0).mean(),
        (f.mean() - t.mean()) ** 2 + f.var(0).mean() + s**2,
    ),
)


def _stop(losses, patience, base=1, strict=False, reset=True):
    best, best_at, bad = np.inf, 0, 0
    for i, loss in enumerate(losses, base):
        if loss < best:
            best, best_at = loss, i
            bad = 0 if reset else bad
        else:
            bad += 1
        if bad >= patience + strict:
            return i, best_at
    return len(losses) - 1 + base, best_at


wrong("generalisation.4", "counted from 0", lambda *a: _stop(*a, base=0))
wrong("generalisation.4", "patience + 1", lambda *a: _stop(*a, strict=True))
wrong("generalisation.4", "not in a row", lambda *a: _stop(*a, reset=False))


def _dropout(w, x, y, p, factor=None, grad2=True, mean=True):
    c = p / (1 - p) if factor is None else factor(p)
    r = y - x @ w
    N = len(y) if mean else 1
    loss = (np.sum(r**2) + c * np.sum((x * w) ** 2)) / N
    dw = (-2 * x.T @ r + (2 if grad2 else 1) * c * (x**2).sum(0) * w) / N
    return loss, dw


wrong("generalisation.5", "p for p / (1 - p)", lambda *a: _dropout(*a, factor=lambda p: p))
wrong("generalisation.5", "the penalty's 2", lambda *a: _dropout(*a, grad2=False))
wrong("generalisation.5", "summed over the batch", lambda *a: _dropout(*a, mean=False))

# starting_well

wrong("starting_well.1", "one layer", round(math.sqrt(6), 3))
wrong("starting_well.1", "the mean square, not its root", 6.0**20)
wrong("starting_well.1", "no ReLU", round(3.0**10))
wrong("starting_well.2", "the slope forgotten", lambda n_out, n_in, s: math.sqrt(2 / n_in))
wrong("starting_well.2", "n_out", lambda n_out, n_in, s: math.sqrt(2 / ((1 + s**2) * n_out)))
wrong(
    "starting_well.2",
    "the slope not squared",
    lambda n_out, n_in, s: math.sqrt(2 / ((1 + s) * n_in)),
)


def _norm(x, ddof=0, axis=0, first=True, second=True):
    mu, var = x.mean(axis, keepdims=True), x.var(axis, ddof=ddof, keepdims=True)
    r = 1 / np.sqrt(var + 1e-5)
    xhat = (x - mu) * r

    def vjp(g):
        dx = g
        if first:
            dx = dx - g.mean(axis, keepdims=True)
        if second:
            dx = dx - xhat * (g * xhat).mean(axis, keepdims=True)
        return (r * dx,)

    return xhat, vjp


wrong("starting_well.3", "each row", lambda x: _norm(x, axis=1))
wrong(
    "starting_well.3", "the statistics taken as constants", lambda x: _norm(x, 0, 0, False, False)
)
wrong("starting_well.3", "the last term missing", lambda x: _norm(x, second=False))
wrong(
    "starting_well.4",
    "the variance with N",
    lambda mean, var, x, m: ((1 - m) * mean + m * x.mean(0), (1 - m) * var + m * x.var(0)),
)
wrong(
    "starting_well.4",
    "momentum the other way",
    lambda mean, var, x, m: (
        m * mean + (1 - m) * x.mean(0),
        m * var + (1 - m) * x.var(0, ddof=1),
    ),
)


def _fold(W, mean, var, gamma, beta, axis=0, eps=1e-5, shift=True):
    k = gamma / np.sqrt(var + eps)
    return (W * k[:, None] if axis == 0 else W * k), beta - (mean * k if shift else 0)


wrong("starting_well.5", "the mean forgotten", lambda *a: _fold(*a, shift=False))
wrong("starting_well.5", "epsilon forgotten", lambda *a: _fold(*a, eps=0))
wrong("starting_well.5", "the columns scaled", lambda *a: _fold(*a, axis=1))

# convolution

wrong("convolution.1", "the kernel turned by 180 degrees", [[3, 6], [0, 1]])
wrong("convolution.1", "transposed", [[-1, 6], [2, 1]])
wrong(
    "convolution.2",
    "the + 1 forgotten",
    lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s,
)
wrong(
    "convolution.2",
    "padding once",
    lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1,
)
wrong(
    "convolution.2",
    "d k in place of d (k - 1)",
    lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1,
)


def _slide(x, W):
    k, l = W.shape
    H, V = x.shape[0] - k + 1, x.shape[1] - l + 1
    return np.array([[(x[p : p + k, q : q + l] * W).sum() for q in range(V)] for p in range(H)])


wrong("convolution.3", "the kernel turned", lambda x, W: _slide(x, W[::-1, ::-1]))
wrong("convolution.3", "the last place missing", lambda x, W: _slide(x, W)[:-1, :-1])


def _slide_back(x, W, dz, add=True):
    dx, dW = np.zeros_like(x), np.zeros_like(W)
    k, l = W.shape
    for p in range(dz.shape[0]):
        for q in range(dz.shape[1]):
            if not add:
                dx[p : p + k, q : q + l] = 0
            dx[p : p + k, q : q + l] += dz[p, q] * W
            dW += dz[p, q] * x[p : p + k, q : q + l]
    return dx, dW


wrong("convolution.4", "overwrites dx", lambda *a: _slide_back(*a, add=False))
wrong("convolution.4", "swapped", lambda *a: _slide_back(*a)[::-1])
wrong(
    "convolution.5",
    "C and O swapped",
    lambda C, O, k, n: (C * (O * k * k + 1), O * C * k * k * n * n),
)
wrong(
    "convolution.5",
    "biases forgotten",
    lambda C, O, k, n: (O * C * k * k, O * C * k * k * n * n),
)
wrong(
    "convolution.5",
    "no padding",
    lambda C, O, k, n: (O * (C * k * k + 1), O * C * k * k * (n - k + 1) ** 2),
)


def _pool(x, tie="first"):
    H, V = x.shape
    blocks = x.reshape(H // 2, 2, V // 2, 2).swapaxes(1, 2).reshape(H // 2, V // 2, 4)
    y = blocks.max(-1)

    def vjp(dy):
        hit = blocks == y[..., None]
        if tie == "first":
            hit = hit & (hit.cumsum(-1) == 1)
        d = (hit * dy[..., None]).reshape(H // 2, V // 2, 2, 2).swapaxes(1, 2)
        return (d.reshape(H, V),)

    return y, vjp


wrong("convolution.6", "every one of equal pixels", lambda x: _pool(x, "all"))
wrong(
    "convolution.6",
    "spread over the window",
    lambda x: (_pool(x)[0], lambda dy: (np.kron(dy, np.ones((2, 2))) / 4,)),
)

# cnn_digits

wrong("cnn_digits.1", "7 by 7", 64 * 7 * 7)
wrong("cnn_digits.1", "channels forgotten", 36)
wrong("cnn_digits.1", "pooling forgotten", 64 * 28 * 28)


def _count(layers, bias=True, square=True):
    n = 0
    for kind, *a in layers:
        if kind == "conv":
            n += a[1] * (a[0] * a[2] ** (2 if square else 1) + bias)
        elif kind == "dense":
            n += a[1] * (a[0] + bias)
    return n


wrong("cnn_digits.2", "no biases", lambda layers: _count(layers, bias=False))
wrong("cnn_digits.2", "k in place of k squared", lambda layers: _count(layers, square=False))
wrong("cnn_digits.3", "mean over everything", lambda p, y: -np.mean(y * np.log(p)))
wrong("cnn_digits.3", "no minus", lambda p, y: np.sum(y * np.log(p)) / len(p))
wrong("cnn_digits.3", "log10", lambda p, y: -np.sum(y * np.log10(p)) / len(p))
wrong("cnn_digits.4", "ln C", lambda C: log(C))
wrong("cnn_digits.4", "C in place of C - 1", lambda C: log(math.e + C) - 1)
wrong(
    "cnn_digits.5",
    "the k smallest",
    lambda z, y, k: np.mean([y[i] in np.argsort(z[i])[:k] for i in range(len(y))]),
)
wrong(
    "cnn_digits.5",
    "the k-th alone",
    lambda z, y, k: np.mean(np.argsort(-z, 1)[:, k - 1] == y),
)
wrong("cnn_digits.6", "averages the logits", lambda logits: np.mean(logits, 0).argmax(1))
wrong(
    "cnn_digits.6",
    "returns the probabilities",
    lambda logits: np.mean([softmax(z) for z in logits], 0),
)
wrong(
    "cnn_digits.6",
    "votes",
    lambda logits: np.array(
        [np.bincount(c).argmax() for c in np.array([z.argmax(1) for z in logits]).T]
    ),
)

# pytorch

wrong("pytorch.1", "the velocity not kept", round(4.36 - 0.1 * 10.88, 3))
wrong("pytorch.1", "the velocity added", round(4.36 + 0.1 * (0.9 * -17.6 + 10.88), 3))
wrong("pytorch.1", "the gradient without its 2", round(4.36 - 0.1 * (0.9 * -17.6 + 5.44), 3))
wrong("pytorch.2", "(O, C) only swapped", lambda k, d: (k.transpose(3, 2, 1, 0), d.T))
wrong("pytorch.2", "reshaped", lambda k, d: (k.reshape(k.shape[3], k.shape[2], *k.shape[:2]), d.T))
wrong("pytorch.2", "dense forgotten", lambda k, d: (k.transpose(3, 2, 0, 1), d))
wrong(
    "pytorch.3",
    "the other way",
    lambda W, H, V, C: W.reshape(-1, C, H, V).transpose(0, 2, 3, 1).reshape(len(W), -1),
)
wrong(
    "pytorch.3",
    "not moved, only reshaped",
    lambda W, H, V, C: W.reshape(-1, C, H, V).reshape(len(W), -1),
)
wrong("pytorch.4", "each entry by its own", lambda a, b: np.max(np.abs(a - b) / np.abs(b)))
wrong("pytorch.4", "by a", lambda a, b: np.abs(a - b).max() / np.abs(a).max())
wrong("pytorch.4", "b without its size", lambda a, b: np.abs(a - b).max() / b.max())


@wrong("pytorch.5", "replace, also inside")
def _(state, names):
    out = {}
    for key, value in state.items():
        if key.split(".")[0] not in names:
            raise KeyError(key)
        prefix = key.split(".")[0]
        out[key.replace(prefix, str(names[prefix]))] = value
    return out


@wrong("pytorch.5", "unknown ones passed over")
def _(state, names):
    return {
        f"{names[k.split('.')[0]]}.{k.split('.', 1)[1]}": v
        for k, v in state.items()
        if k.split(".")[0] in names
    }


# augmentation

wrong(
    "augmentation.1", "row and column swapped", 0.6 * 0.75 + 0.6 * 0.25 * 3 + 0.4 * 0.75 * 5 + 1.1
)
wrong(
    "augmentation.1", "weights turned round", 0.25 * (0.4 + 0.6 * 3) + 0.75 * (0.4 * 5 + 0.6 * 11)
)
wrong("augmentation.1", "the nearest pixel", 1)
_GREY = np.array([0.299, 0.587, 0.114])[:, None, None]


def _saturate(x, f, grey=lambda x: (_GREY * x).sum(1, keepdims=True), cut=True, turn=False):
    f = f[:, None, None, None]
    f = 1 - f if turn else f
    y = f * x + (1 - f) * grey(x)
    return np.clip(y, 0, 1) if cut else y


wrong("augmentation.2", "not cut off", lambda x, f: _saturate(x, f, cut=False))
wrong(
    "augmentation.2",
    "grey as mean",
    lambda x, f: _saturate(x, f, lambda x: x.mean(1, keepdims=True)),
)
wrong("augmentation.2", "f and 1 - f swapped", lambda x, f: _saturate(x, f, turn=True))


@wrong("augmentation.3", "top to bottom")
def _(x, chosen):
    y = x.copy()
    y[chosen] = y[chosen][:, :, ::-1]
    return y


wrong("augmentation.3", "all of them", lambda x, chosen: x[..., ::-1].copy())


def _crop(x, top, left, size):
    return np.stack(
        [
            x[n, :, r : r + size, c : c + size]
            for n, (r, c) in enumerate(zip(top, left, strict=True))
        ]
    )


wrong(
    "augmentation.4", "row and column swapped", lambda x, top, left, size: _crop(x, left, top, size)
)
wrong(
    "augmentation.4",
    "one window for all",
    lambda x, top, left, size: x[:, :, top[0] : top[0] + size, left[0] : left[0] + size],
)
wrong(
    "augmentation.5",
    "sigma not squared",
    lambda X, y, w, s: np.mean((y - X @ w) ** 2) + s * w @ w,
)
wrong(
    "augmentation.5",
    "the penalty divided by N",
    lambda X, y, w, s: np.mean((y - X @ w) ** 2) + s**2 * w @ w / len(y),
)


def _look(f, x, transforms, itself=True, mean=None):
    z = [f(x)] * itself + [f(t(x)) for t in transforms]
    return np.mean([softmax(a) for a in z], 0) if mean is None else mean(z)


wrong("augmentation.6", "the picture itself left out", lambda f, x, t: _look(f, x, t, itself=False))
wrong(
    "augmentation.6",
    "the logits averaged",
    lambda f, x, t: _look(f, x, t, mean=lambda z: softmax(np.mean(z, 0))),
)
wrong(
    "augmentation.6",
    "summed",
    lambda f, x, t: _look(f, x, t) * (len(t) + 1),
)

# going_deep

wrong("going_deep.1", "the shortcut forgotten", 0.5 * -0.5 * 1 * 0.2)
wrong("going_deep.1", "added up", 1 + 0.5 - 0.5 + 1 + 0.2)


def _block(x, A, B, shortcut=True, gate=True):
    z = x @ A
    h = np.maximum(z, 0)

    def vjp(dy):
        dz = dy @ B.T * ((z > 0) if gate else 1)
        return dz @ A.T + (dy if shortcut else 0), x.T @ dz, h.T @ dy

    return x + h @ B, vjp


wrong("going_deep.2", "dx without dy", lambda *a: _block(*a, shortcut=False))
wrong("going_deep.2", "the ReLU's slope forgotten", lambda *a: _block(*a, gate=False))
wrong("going_deep.3", "the variance", lambda L, alpha: (1 + alpha**2) ** L)
wrong("going_deep.3", "alpha not squared", lambda L, alpha: (1 + alpha) ** (L / 2))
wrong("going_deep.3", "(1 + alpha) ** L", lambda L, alpha: (1 + alpha) ** L)
wrong("going_deep.4", "2 to the k", lambda L: 2.0 ** np.arange(L + 1))
wrong(
    "going_deep.4",
    "starts at k = 1",
    lambda L: np.array([math.comb(L, k) for k in range(1, L + 1)]),
)


def _free(x, O, front=False, mean=False):
    y = (
        x.reshape(*x.shape[:2], x.shape[2] // 2, 2, -1, 2).mean((3, 5))
        if mean
        else x[:, :, ::2, ::2]
    )
    zeros = np.zeros((len(x), O - x.shape[1], *y.shape[2:]))
    return np.concatenate([zeros, y] if front else [y, zeros], 1)


wrong("going_deep.5", "the zeros first", lambda x, O: _free(x, O, front=True))
wrong("going_deep.5", "starts at the second pixel", lambda x, O: _free(np.roll(x, -1, (2, 3)), O))
wrong("going_deep.5", "O more channels", lambda x, O: _free(x, x.shape[1] + O))

# shoulders

wrong("shoulders.1", "one group", 256 * 96 * 25)
wrong("shoulders.1", "both divided", 128 * 48 * 25)


def _cost(C, O, k, stride, padding, size, bias=0, plus=1, pad=2):
    places = (size + pad * padding - k) // stride + plus
    return O * (C * k * k + bias), O * C * k * k * places**2


wrong("shoulders.2", "with biases", lambda *a: _cost(*a, bias=1))
wrong("shoulders.2", "+ 1 forgotten", lambda *a: _cost(*a, plus=0))
wrong("shoulders.2", "padding once", lambda *a: _cost(*a, pad=1))
wrong("shoulders.3", "one basic convolution", lambda C, m: (9 * C * C, 2 * C * m + 9 * m * m))
wrong("shoulders.3", "bottleneck first", lambda C, m: (2 * C * m + 9 * m * m, 18 * C * C))


def _nearest(x, known, y):
    return y[((x[:, None] - known[None]) ** 2).sum(-1).argmin(1)]


wrong(
    "shoulders.4",
    "the index",
    lambda x, known, y: ((x[:, None] - known[None]) ** 2).sum(-1).argmin(1),
)
wrong(
    "shoulders.4",
    "the largest product",
    lambda x, known, y: y[(x @ known.T).argmax(1)],
)
wrong(
    "shoulders.5",
    "shapes not compared",
    lambda own, learnt: {k: learnt.get(k, v) for k, v in own.items()},
)
wrong("shoulders.5", "names of learnt kept", lambda own, learnt: {**own, **learnt})
wrong(
    "shoulders.5",
    "own where both fit",
    lambda own, learnt: dict(own),
)

# recurrent

wrong("recurrent.1", "the last loss alone", 2.0)
wrong("recurrent.1", "the direct paths alone", 0 + 2 + 1)


def _rnn(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


wrong("recurrent.2", "no tanh", lambda x, h, U, W, b, c: x @ U.T + b + h @ W.T + c)
wrong("recurrent.2", "one bias forgotten", lambda x, h, U, W, b, c: _rnn(x, h, U, W, b, 0))
wrong("recurrent.2", "W_hh not transposed", lambda x, h, U, W, b, c: _rnn(x, h, U, W.T, b, c))


def _through(h, W, dh, slope=True, transpose=True, shift=1, all_steps=True):
    dW = np.zeros_like(W)
    for t in range(len(h) - 1, 0, -1):
        dz = dh * (1 - h[t] ** 2) if slope else dh
        dW += np.outer(dz, h[t - shift])
        dh = dz @ W if transpose else W @ dz
        if not all_steps:
            break
    return dW


wrong("recurrent.3", "h_t in place of h_(t-1)", lambda *a: _through(*a, shift=0))
wrong("recurrent.3", "W not transposed", lambda *a: _through(*a, transpose=False))
wrong("recurrent.3", "the last step alone", lambda *a: _through(*a, all_steps=False))
wrong("recurrent.4", "not rounded up", lambda rho, share: math.floor(log(share) / log(rho)))
wrong("recurrent.4", "no whole number", lambda rho, share: log(share) / log(rho))
wrong("recurrent.4", "upside down", lambda rho, share: math.ceil(log(rho) / log(share)))
wrong(
    "recurrent.5",
    "each array by itself",
    lambda g, c: [a * min(1, c / np.linalg.norm(a)) for a in g],
)
wrong(
    "recurrent.5",
    "the norm not rooted",
    lambda g, c: [a * min(1, c / sum((b**2).sum() for b in g)) for a in g],
)
wrong(
    "recurrent.5",
    "always shortened or lengthened to c",
    lambda g, c: [a * c / np.sqrt(sum((b**2).sum() for b in g)) for a in g],
)


def _read(x, weights):
    h, out = np.zeros((len(x), len(weights[1]))), []
    for t in range(x.shape[1]):
        h = _rnn(x[:, t], h, *weights)
        out.append(h)
    return np.stack(out, 1)


wrong(
    "recurrent.6",
    "the backward states not turned back",
    lambda x, f, b: np.concatenate([_read(x, f), _read(x[:, ::-1], b)], -1),
)
wrong(
    "recurrent.6",
    "backwards first",
    lambda x, f, b: np.concatenate([_read(x[:, ::-1], b)[:, ::-1], _read(x, f)], -1),
)
wrong(
    "recurrent.6",
    "both read forwards",
    lambda x, f, b: np.concatenate([_read(x, f), _read(x, b)], -1),
)

# lstm_gru

wrong("lstm_gru.1", "the cell", -0.2)
wrong("lstm_gru.1", "no tanh", -0.1)
wrong("lstm_gru.1", "i and f swapped", round(0.5 * math.tanh(-1 + 0.15), 4))


def _lstm(a, c, order="ifgo", g_bend=np.tanh, out_bend=np.tanh, swap=False):
    parts = dict(zip(order, np.split(a, 4, -1), strict=True))
    i, f, o = (sigmoid(parts[k]) for k in "ifo")
    c = f * c + i * g_bend(parts["g"])
    h = o * out_bend(c)
    return (c, h) if swap else (h, c)


wrong("lstm_gru.2", "the order i f o g", lambda a, c: _lstm(a, c, "ifog"))
wrong("lstm_gru.2", "sigmoid on g", lambda a, c: _lstm(a, c, g_bend=sigmoid))
wrong("lstm_gru.2", "c, h", lambda a, c: _lstm(a, c, swap=True))


def _gru(a, b, h, turn=False, reset="b"):
    ar, az, an = np.split(a, 3, -1)
    br, bz, bn = np.split(b, 3, -1)
    r, z = sigmoid(ar + br), sigmoid(az + bz)
    n = np.tanh({"b": an + r * bn, "all": r * (an + bn), "none": an + bn}[reset])
    return z * n + (1 - z) * h if turn else (1 - z) * n + z * h


wrong("lstm_gru.3", "z and 1 - z swapped", lambda a, b, h: _gru(a, b, h, turn=True))
wrong("lstm_gru.3", "r times all of it", lambda a, b, h: _gru(a, b, h, reset="all"))
wrong("lstm_gru.3", "r forgotten", lambda a, b, h: _gru(a, b, h, reset="none"))


def _parameters(gates, D, H, layers, biases=2, first=None):
    sizes = [D] + [H if first is None else D] * (layers - 1)
    return sum(gates * H * (n + H + biases) for n in sizes)


wrong("lstm_gru.4", "one bias", lambda *a: _parameters(*a, biases=1))
wrong("lstm_gru.4", "every layer reads D numbers", lambda *a: _parameters(*a, first=True))
wrong(
    "lstm_gru.5",
    "dh left out",
    lambda dh, dc, f, o, c: dc * f,
)
wrong(
    "lstm_gru.5",
    "the slope 1 - c^2",
    lambda dh, dc, f, o, c: (dc + dh * o * (1 - c**2)) * f,
)
wrong(
    "lstm_gru.5",
    "f forgotten",
    lambda dh, dc, f, o, c: dc + dh * o * (1 - np.tanh(c) ** 2),
)

# forecasting

wrong("forecasting.1", "not scaled", 2.0)
wrong("forecasting.1", "divided by n, not n - 1", round(2 / (12 / 5), 3))
wrong("forecasting.1", "without the size of differences", 2 / 1.5)
wrong(
    "forecasting.2",
    "the last value",
    lambda h, season, K: np.full(K, h[-1]),
)
wrong(
    "forecasting.2",
    "from the front of the series",
    lambda h, season, K: np.resize(h[:season], K),
)
wrong(
    "forecasting.2",
    "one season only",
    lambda h, season, K: h[-season:][:K],
)


def _roll(w, bias, h, K, turn=False, add=True, feed=True):
    h, out = list(h), []
    for _ in range(K):
        last = np.array(h[-len(w) :])
        out.append(w @ (last if turn else last[::-1]) + bias * add)
        if feed:
            h.append(out[-1])
    return np.array(out)


wrong("forecasting.3", "the first weight for the oldest", lambda *a: _roll(*a, turn=True))
wrong("forecasting.3", "the bias forgotten", lambda *a: _roll(*a, add=False))
wrong("forecasting.3", "nothing fed back", lambda *a: _roll(*a, feed=False))
wrong("forecasting.4", "not summed up", lambda last, changes: last[:, None] + changes)
wrong("forecasting.4", "last forgotten", lambda last, changes: changes.cumsum(1))
wrong(
    "forecasting.4",
    "summed down the batch",
    lambda last, changes: last[:, None] + changes.cumsum(0),
)


def _split(s, length, border, shift=0, gap=0):
    x = np.array([s[i : i + length] for i in range(len(s) - length)])
    at = np.arange(length, len(s))
    train, test = at < border + shift, at >= border + shift + gap
    return x[train], s[at][train], x[test], s[at][test]


wrong("forecasting.5", "the border's target in training", lambda *a: _split(*a, shift=1))
wrong(
    "forecasting.5",
    "test windows do not reach back",
    lambda s, length, border: _split(s, length, border, gap=length),
)

# writing

wrong("writing.1", "the bits", 2.25)
wrong("writing.1", "the arithmetic mean of the probabilities", 4)
wrong("writing.1", "e to the bits", round(math.exp(2.25), 3))
wrong("writing.2", "divided by all characters", lambda t, a, b: t.count(a + b) / len(t))
wrong("writing.2", "the last a counts", lambda t, a, b: t.count(a + b) / t.count(a))
wrong("writing.3", "overflows", lambda z, tau: np.exp(z / tau) / np.exp(z / tau).sum())
wrong("writing.3", "times tau", lambda z, tau: softmax(z * tau))
wrong("writing.3", "the temperature on the probabilities", lambda z, tau: softmax(z) / tau)


def _rows(tokens, N, inside=False, columns=False):
    tokens = np.asarray(tokens)
    L = len(tokens) // N if inside else (len(tokens) - 1) // N
    if inside:
        r = tokens[: N * L].reshape(N, L)
        return r[:, :-1], r[:, 1:]
    if columns:
        return tokens[: N * L].reshape(L, N).T, tokens[1 : N * L + 1].reshape(L, N).T
    return tokens[: N * L].reshape(N, L), tokens[1 : N * L + 1].reshape(N, L)


wrong("writing.4", "cut, then shifted in the row", lambda t, N: _rows(t, N, inside=True))
wrong("writing.4", "side by side", lambda t, N: _rows(t, N, columns=True))
wrong("writing.4", "y is x", lambda t, N: (_rows(t, N)[0], _rows(t, N)[0]))


@wrong("writing.5", "b is read again after a merge")
def _(tokens, a, b):
    out = []
    for i, t in enumerate(tokens):
        if t == a and i + 1 < len(tokens) and tokens[i + 1] == b:
            out.append(-1)
        else:
            out.append(t)
    return out


@wrong("writing.5", "the first only")
def _(tokens, a, b):
    for i in range(len(tokens) - 1):
        if tokens[i] == a and tokens[i + 1] == b:
            return list(tokens[:i]) + [-1] + list(tokens[i + 2 :])
    return list(tokens)


# reading


@wrong("reading.1", "counts")
def _(words, index):
    x = np.zeros(len(index))
    for word in words:
        if word in index:
            x[index[word]] += 1
    return x


@wrong("reading.1", "unknown words raise")
def _(words, index):
    x = np.zeros(len(index))
    for word in words:
        x[index[word]] = 1
    return x


@wrong("reading.2", "+= with repeated indices")
def _(indices, dy, V):
    dW = np.zeros((V, dy.shape[-1]))
    dW[indices] += dy
    return dW


@wrong("reading.2", "the mean of the places")
def _(indices, dy, V):
    return np.stack(
        [
            dy[indices == v].mean(0) if (indices == v).any() else np.zeros(dy.shape[-1])
            for v in range(V)
        ]
    )


wrong(
    "reading.3", "padding counts in the length", lambda E, x: (E[x] * (x != 0)[..., None]).mean(1)
)
wrong("reading.3", "the padding's row is averaged too", lambda E, x: E[x].mean(1))
wrong("reading.3", "the sum", lambda E, x: (E[x] * (x != 0)[..., None]).sum(1))


def _compared(a, b, ddof=0, paired=True, root=True):
    d = a - b
    n = len(d)
    v = d.var(ddof=ddof) if paired else a.var() + b.var()
    return d.mean(), np.sqrt(v / n) if root else np.sqrt(v)


wrong("reading.4", "as if not paired", lambda a, b: _compared(a, b, paired=False))
wrong("reading.4", "not divided by the root of n", lambda a, b: _compared(a, b, root=False))
wrong("reading.4", "b minus a", lambda a, b: (-_compared(a, b)[0], _compared(a, b)[1]))


def _strongest(E, F, best=max, last=1):
    return best((E[t : t + len(F)] * F).sum() for t in range(len(E) - len(F) + last))


wrong("reading.5", "the last place forgotten", lambda E, F: _strongest(E, F, last=0))
wrong(
    "reading.5", "the mean of the places", lambda E, F: _strongest(E, F, lambda s: np.mean(list(s)))
)
wrong("reading.5", "not below zero", lambda E, F: max(0, _strongest(E, F)))

# attention

wrong("attention.1", "the weights turned round", 7)
wrong("attention.1", "the plain mean", 6)
wrong("attention.1", "the scores as weights", 4 * log(3))


def _attention(Q, K, V, scale=True, axis=-1):
    S = Q @ K.T
    return softmax(S / np.sqrt(Q.shape[1]) if scale else S, axis) @ V


wrong("attention.2", "not divided by the root of d", lambda *a: _attention(*a, scale=False))
wrong("attention.2", "softmax over the queries", lambda *a: _attention(*a, axis=0))
wrong("attention.2", "no softmax", lambda Q, K, V: Q @ K.T / np.sqrt(Q.shape[1]) @ V)
wrong("attention.3", "masked with 0", lambda S: softmax(np.tril(S)))
wrong("attention.3", "masked after the softmax", lambda S: np.tril(softmax(S)))
wrong(
    "attention.3",
    "looks into the future",
    lambda S: softmax(np.where(np.triu(np.ones_like(S)) > 0, S, -np.inf)),
)
wrong(
    "attention.4",
    "only reshaped",
    lambda x, h: x.reshape(x.shape[0], h, x.shape[1], -1),
)
wrong(
    "attention.4",
    "every h-th number",
    lambda x, h: x.reshape(*x.shape[:2], -1, h).transpose(0, 3, 1, 2),
)


def _positions(T, d, halves=False, power=2, swap=False):
    angle = np.arange(T)[:, None] * 10000.0 ** (-power * np.arange(d // 2) / d)
    s, c = (np.cos(angle), np.sin(angle)) if swap else (np.sin(angle), np.cos(angle))
    if halves:
        return np.concatenate([s, c], 1)
    return np.stack([s, c], -1).reshape(T, d)


wrong("attention.5", "sines first, then cosines", lambda T, d: _positions(T, d, halves=True))
wrong("attention.5", "the 2 in the exponent", lambda T, d: _positions(T, d, power=1))
wrong("attention.5", "sine and cosine swapped", lambda T, d: _positions(T, d, swap=True))


def _attention_back(Q, K, V, dY, scale=True, slope="right", swap=False):
    d = np.sqrt(Q.shape[1])
    A = softmax(Q @ K.T / d)
    dA = dY @ V.T
    dS = A * (dA - (A * dA).sum(1, keepdims=True)) if slope == "right" else A * (1 - A) * dA
    d = d if scale else 1
    dQ, dK = dS @ K / d, dS.T @ Q / d
    return (dK, dQ, A.T @ dY) if swap else (dQ, dK, A.T @ dY)


wrong(
    "attention.6", "the root of d forgotten on the way back", lambda *a: _attention_back(*a, False)
)
wrong("attention.6", "the softmax entry by entry", lambda *a: _attention_back(*a, slope="diagonal"))

# transformer

wrong("transformer.1", "no biases", 12 * 32 * 32 + 4 * 32)
wrong(
    "transformer.1",
    "each head has its own d by d",
    4 * 3 * (32 * 32 + 32) + 32 * 32 + 32 + 8352 + 128,
)
wrong("transformer.1", "one normalisation", 12704 - 64)
wrong("transformer.1", "the mixing map forgotten", 12704 - 32 * 33)
wrong("transformer.2", "the small network forgotten", 1024)
wrong("transformer.2", "the 2 of (.3) forgotten", 6144)
wrong(
    "transformer.3",
    "normalised afterwards",
    lambda x, attention, mlp, norm1, norm2: norm2(
        norm1(x + attention(x)) + mlp(norm1(x + attention(x)))
    ),
)
wrong(
    "transformer.3",
    "both from the same x",
    lambda x, attention, mlp, norm1, norm2: x + attention(norm1(x)) + mlp(norm2(x)),
)
wrong(
    "transformer.3",
    "shortcuts forgotten",
    lambda x, attention, mlp, norm1, norm2: mlp(norm2(attention(norm1(x)))),
)


def _greedy(model, start, n, T, window=True, pick=lambda z: z[-1].argmax(), front=False):
    tokens = list(start)
    for _ in range(n):
        seen = tokens[:T] if front else tokens[-T:]
        tokens.append(int(pick(model(seen))))
    return tokens


wrong("transformer.4", "reads the first row", lambda *a: _greedy(*a, pick=lambda z: z[0].argmax()))
wrong("transformer.4", "only what is new", lambda *a: _greedy(*a)[len(a[1]) :])
wrong("transformer.4", "the first T", lambda *a: _greedy(*a, front=True))


def _kv(x, keys, values, W_q, W_k, W_v, own=True, scale=True):
    K, V = np.vstack([keys, W_k @ x]), np.vstack([values, W_v @ x])
    seen, told = (K, V) if own else (keys, values)
    s = seen @ (W_q @ x)
    return softmax(s / np.sqrt(len(K[0])) if scale else s) @ told, K, V


wrong("transformer.5", "its own key left out", lambda *a: _kv(*a, own=False))
wrong("transformer.5", "not divided by the root of d", lambda *a: _kv(*a, scale=False))
wrong(
    "transformer.5",
    "the maps transposed",
    lambda x, k, v, Q, K, V: _kv(x, k, v, Q.T, K.T, V.T),
)


def _own(x, Q, K, V, O, W1, W2, mask=True, mix=True, scale=True, second=True):
    def norm(x):
        return (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)

    n = norm(x)
    S = (n @ Q.T) @ (n @ K.T).T / (np.sqrt(x.shape[1]) if scale else 1)
    if mask:
        S = np.where(np.tril(np.ones_like(S)) > 0, S, -np.inf)
    Y = softmax(S) @ (n @ V.T)
    x = x + (Y @ O.T if mix else Y)
    return x + np.maximum((norm(x) if second else x) @ W1.T, 0) @ W2.T


wrong("transformer.6", "the mask forgotten", lambda *a: _own(*a, mask=False))
wrong("transformer.6", "W_o forgotten", lambda *a: _own(*a, mix=False))
wrong("transformer.6", "the second normalisation forgotten", lambda *a: _own(*a, second=False))
wrong("transformer.6", "not divided by the root of d", lambda *a: _own(*a, scale=False))

# what raises, or has another form

wrong(
    "linear_regression.3", "X not transposed", lambda theta, X, y: -2 / len(y) * X @ (y - X @ theta)
)
wrong("losses.2", "keepdims forgotten", lambda z: z.max(1) + np.log(np.exp(z - z.max(1)).sum(1)))
wrong("recurrent.2", "W x for rows", lambda x, h, U, W, b, c: np.tanh(U @ x + b + W @ h + c))
wrong("attention.2", "K not transposed", lambda Q, K, V: softmax(Q @ K / np.sqrt(Q.shape[1])) @ V)
wrong("training.2", "axis 1", lambda a, b: ((a - a.mean(1)) / a.std(1), (b - a.mean(1)) / a.std(1)))
wrong("forecasting.4", "an axis for last forgotten", lambda last, changes: last + changes.cumsum(1))
wrong("augmentation.2", "axes for f forgotten", lambda x, f: f * x + (1 - f) * (_GREY * x).sum(1))
wrong(
    "layers_and_activations.3", "b1 from the left", lambda W1, b1, W2, b2: (W2 @ W1, b1 @ W2 + b2)
)
wrong("linear_regression.2", "a typo", lambda yhat, y: ((yhat - y) ** 2).means())
wrong("everything_is_a_mapping.2", "called, not given", 1)
wrong("convolution.6", "no tuple", lambda x: (_pool(x)[0], lambda dy: _pool(x)[1](dy)[0]))
wrong("starting_well.3", "no tuple", lambda x: (_norm(x)[0], lambda g: _norm(x)[1](g)[0]))
wrong("optimizers.3", "v not returned", lambda w, v, g, lr, mu, nesterov: w - lr * (mu * v + g))
wrong(
    "backpropagation.2",
    "ds forgotten",
    _scaled(lambda x, s, W, dz: (dz @ W * s, dz.T @ x, dz.sum(0))),
)
wrong("training.5", "returns the model", lambda *a: [_train(*a), a[0]][1])
wrong("layers_and_activations.2", "the value alone", np.tanh)
wrong("better.2", "no root", lambda *a: _overlap(*a, root=False))


@wrong("everything_is_a_mapping.3", "w changed in place")
def _(w, b, X, y):
    mistakes = 0
    for x_i, y_i in zip(X, y, strict=True):
        error = y_i - int(x_i @ w + b > 0)
        w += error * x_i
        b, mistakes = b + error, mistakes + abs(error)
    return w, b, mistakes


@wrong("augmentation.3", "x changed in place")
def _(x, chosen):
    x[chosen] = x[chosen][..., ::-1]
    return x


@wrong("recurrent.5", "changed in place")
def _(gradients, c):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    for g in gradients:
        g *= min(1, c / norm)
    return gradients
