"""Wrong answers that learners give, some 380 over all exercises.

They were written from the questions alone, before the mistakes that dlbook.exercises knows had been
read: they measure how many of a learner's mistakes are named, and are not made of those that are.
A row: the exercise, what has gone wrong, words of the verdict that say so (None: it is not
recognised, and gets a hint), the answer.
"""

# A row takes two lines:
# fmt: off

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


def wrong(exercise, mistake, says, *answer):
    """Add a row; without an answer, as the decorator of one that needs several lines."""
    if answer:
        return ROWS.append((exercise, mistake, says, answer[0]))
    return lambda f: ROWS.append((exercise, mistake, says, f)) or f


# everything_is_a_mapping

wrong("everything_is_a_mapping.1", "the bias first", "the right values in another order: (w1, w2, b)",
      (-2, 1, 2))
wrong("everything_is_a_mapping.1", "stopped after one pass",
      "this is after one pass: go on until one is all",
      (0, 0, -1))
wrong("everything_is_a_mapping.1", "a line that separates, guessed and not learnt",
      "this computes AND as well, but it is not where",
      (1, 1, -1.5))
wrong("everything_is_a_mapping.2", "fires at exactly 0", "a sum of exactly 0 gives 0: > 0, not >= 0",
      lambda X, w, b: (X @ w + b >= 0).astype(int))
wrong("everything_is_a_mapping.2", "the bias is the threshold",
      "b is ADDED to the sum: it is not the threshold",
      lambda X, w, b: (X @ w > b).astype(int))
wrong("everything_is_a_mapping.2", "answers of -1 and 1", "the answers are 1 and 0 here, not 1 and -1",
      lambda X, w, b: np.where(X @ w + b > 0, 1, -1))


def _pass(w, b, X, y, within=True, bias=True, sign=1, count_right=False):
    start = w.copy()
    w, mistakes = w.copy(), 0
    for x_i, y_i in zip(X, y, strict=True):
        error = y_i - int(x_i @ (w if within else start) + b > 0)
        w, b = w + sign * error * x_i, b + sign * error * bias
        mistakes += (error == 0) if count_right else (error != 0)
    return w, b, mistakes


wrong("everything_is_a_mapping.3", "the bias never moves", "the bias learns too: b + (y - yhat)",
      lambda *a: _pass(*a, bias=False))
wrong("everything_is_a_mapping.3", "moves away from the answer",
      "the sign is wrong: add (y - yhat) x, not (yhat",
      lambda *a: _pass(*a, sign=-1))
wrong("everything_is_a_mapping.3", "counts what was right",
      "you count the right answers: count the mistakes",
      lambda *a: _pass(*a, count_right=True))
wrong("everything_is_a_mapping.4", "R / gamma without the square",
      "this is R / gamma: the bound is its square",
      lambda X, s, w: np.linalg.norm(X, axis=1).max() / ((s * (X @ w)).min() / np.linalg.norm(w)))
wrong("everything_is_a_mapping.4", "w not brought to length 1",
      "the theorem wants a u of length 1: divide w",
      lambda X, s, w: (np.linalg.norm(X, axis=1).max() / (s * (X @ w)).min()) ** 2)


def _neighbours(X, y, x, k):
    return y[np.argsort(((X - x) ** 2).sum(1), kind="stable")[:k]]


wrong("everything_is_a_mapping.5", "the farthest", "these are the k points FARTHEST away: take",
      lambda X, y, x, k: np.bincount(y[np.argsort(-((X - x) ** 2).sum(1))[:k]]).argmax())
wrong("everything_is_a_mapping.5", "the mean label, rounded",
      "labels are names, not amounts: a rounded mean",
      lambda X, y, x, k: round(_neighbours(X, y, x, k).mean()))
wrong("everything_is_a_mapping.5", "one neighbour, whatever k",
      "you took the closest point alone: let the k",
      lambda X, y, x, k: _neighbours(X, y, x, 1)[0])


def _loo(X, y, itself=False, right=False):
    d = ((X[:, None] - X[None]) ** 2).sum(-1)
    if not itself:
        np.fill_diagonal(d, np.inf)
    return np.mean((y[d.argmin(1)] == y) == right)


wrong("everything_is_a_mapping.6", "the example is its own neighbour",
      "no mistakes at all: each example is its own",
      lambda X, y: _loo(X, y, True))
wrong("everything_is_a_mapping.6", "the share of right answers", "this is the share of right answers, not",
      lambda X, y: _loo(X, y, right=True))
wrong("everything_is_a_mapping.6", "a number, not a share",
      "this is their number: divide by N for the share",
      lambda X, y: _loo(X, y) * len(y))

# linear_regression

_x, _y = np.array([0.0, 1, 2]), np.array([1.0, 3, 5])
_error = _y - (0.6 + 26 / 30 * _x)
_g = -2 / 3 * np.array([_error.sum(), (_error * _x).sum()])


def _after(theta):
    return np.mean((_y - theta[0] - theta[1] * _x) ** 2)


_theta = np.array([0.6, 26 / 30])
wrong("linear_regression.1", "no step taken", "that is the loss after the first step: take one",
      round(_after(_theta), 2))
wrong("linear_regression.1", "the gradient without its 2", "half a step: the 2 of -2/N is missing",
      round(_after(_theta - 0.05 * _g), 2))
wrong("linear_regression.1", "the sum of the squares", "that is the sum of the squares: divide by the 3",
      round(3 * _after(_theta - 0.1 * _g), 2))
wrong("linear_regression.2", "half of it", "half of it", lambda yhat, y: 0.5 * np.mean((yhat - y) ** 2))
wrong("linear_regression.2", "the sum", "this is the sum of the squares: take their mean",
      lambda yhat, y: np.sum((yhat - y) ** 2))
wrong("linear_regression.2", "the absolute error", "this is the mean absolute error: square",
      lambda yhat, y: np.mean(np.abs(yhat - y)))
wrong("linear_regression.3", "without the 2", "gradient is half of what it should be",
      lambda theta, X, y: -X.T @ (y - X @ theta) / len(y))
wrong("linear_regression.3", "divided by K", "did you divide by 3 in place of 7",
      lambda theta, X, y: -2 * X.T @ (y - X @ theta) / X.shape[1])
wrong("linear_regression.3", "the minus lost", "gradient has the wrong sign: d(y - yhat)/dtheta",
      lambda theta, X, y: 2 * X.T @ (y - X @ theta) / len(y))


def _descent(theta, X, y, lr, steps, factor=2.0):
    for _ in range(steps):
        theta = theta + factor * lr * X.T @ (y - X @ theta) / len(y)
    return theta


wrong("linear_regression.4", "one step too many", "theta is one step too far: is it range(steps)?",
      lambda theta, X, y, lr, steps: _descent(theta, X, y, lr, steps + 1))
wrong("linear_regression.4", "the gradient without its 2", "every step is half as long as it should be",
      lambda *a: _descent(*a, factor=1.0))


@wrong("linear_regression.4", "starts at zero", "you start at 0: start at the theta that was")
def _(theta, X, y, lr, steps):
    return _descent(np.zeros_like(theta), X, y, lr, steps)


wrong("linear_regression.5", "the singular value not squared", "a singular value of X has to be squared",
      lambda X: 2 / (2 / len(X) * np.linalg.norm(X, 2)))
wrong("linear_regression.5", "1 / lambda", "this is 1/lambda_max, a good rate, but",
      lambda X: 1 / np.linalg.eigvalsh(2 / len(X) * X.T @ X).max())
wrong("linear_regression.5", "the smallest eigenvalue", "you took the smallest eigenvalue: the steepest",
      lambda X: 2 / np.linalg.eigvalsh(2 / len(X) * X.T @ X).min())


def _ridge(X, y, d):
    return np.linalg.solve(X.T @ X + d * np.eye(X.shape[1]), X.T @ y)


wrong("linear_regression.6", "decay not times N/2", "the loss is a mean and the penalty has a 1/2",
      lambda X, y, decay: _ridge(X, y, decay))
wrong("linear_regression.6", "times N", "the penalty is twice too strong: only",
      lambda X, y, decay: _ridge(X, y, len(X) * decay))
wrong("linear_regression.6", "no decay at all", "this is the solution without penalty: where",
      lambda X, y, decay: _ridge(X, y, 0))

# layers_and_activations

wrong("layers_and_activations.1", "no ReLU", "the second unit is off: its z is negative", 0.7 - 2 * -0.3)
wrong("layers_and_activations.1", "rounded to a class", "the table answers for inputs of 0 and 1: put", 1)


def _value(a, dz):
    return a, lambda da: (dz(da),)


wrong("layers_and_activations.2", "sigmoid of z, not of 2z",
      "a is tanh(z / 2): the sigmoid must be taken at",
      lambda z: _value(2 * sigmoid(z) - 1, lambda da: da * (1 - (2 * sigmoid(z) - 1) ** 2)))
wrong("layers_and_activations.2", "the slope of the sigmoid", "a (1 - a) is the slope of the sigmoid",
      lambda z: _value(np.tanh(z), lambda da: da * np.tanh(z) * (1 - np.tanh(z))))
wrong("layers_and_activations.2", "the slope without its square", "the square is missing: 1 - a**2",
      lambda z: _value(np.tanh(z), lambda da: da * (1 - np.tanh(z))))
wrong("layers_and_activations.3", "W1 W2", "W is transposed",
      lambda W1, b1, W2, b2: (W1.T @ W2.T, W2 @ b1 + b2))
wrong("layers_and_activations.3", "biases added", "b1 goes through the second layer as well",
      lambda W1, b1, W2, b2: (W2 @ W1, b1 + b2))
wrong("layers_and_activations.3", "b2 forgotten", "the bias b2 is missing",
      lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1))
wrong("layers_and_activations.4", "off for one example", "off for ONE example is not dead",
      lambda W, b, x: (x @ W.T + b < 0).any(0))
wrong("layers_and_activations.4", "rows and columns", "examples stand in rows",
      lambda W, b, x: (x @ W.T + b <= 0).all(1))
wrong("layers_and_activations.4", "which are alive", "these are the units that are alive",
      lambda W, b, x: (x @ W.T + b > 0).any(0))
wrong("losses.7", "the diagonal alone", "this is the diagonal",
      lambda z, da: da * softmax(z) * (1 - softmax(z)))
wrong("losses.7", "the sum over the batch", "sum over the classes of each example, axis=1",
      lambda z, da: softmax(z) * (da - (softmax(z) * da).sum(0)))
wrong("losses.7", "da summed without a", "is of dp times p",
      lambda z, da: softmax(z) * (da - da.sum(1, keepdims=True)))
wrong("layers_and_activations.5", "the second term of the product rule forgotten",
      "the second half of the product rule is missing",
      lambda z: _value(z * sigmoid(z), lambda da: da * sigmoid(z)))
wrong("layers_and_activations.5", "da forgotten", "this is the slope alone: multiply it by what",
      lambda z: _value(z * sigmoid(z), lambda da: sigmoid(z) + z * sigmoid(z) * (1 - sigmoid(z))))
wrong("layers_and_activations.6", "the sign", "the sign: w x + b = 0 gives x = -b / w",
      lambda w, b: np.sort(b / w))
wrong("layers_and_activations.6", "not sorted", "the places are right: sort them", lambda w, b: -b / w)
wrong("layers_and_activations.6", "upside down", "upside down: solve w x + b = 0 for x",
      lambda w, b: np.sort(-w / b))

# losses

wrong("losses.1", "summed", "this is the sum: take the mean over the three",
      round(-(2 * log(0.8) + log(0.9)), 3))
wrong("losses.1", "log10", "take natural logarithms",
      round(-(2 * math.log10(0.8) + math.log10(0.9)) / 3, 3))
wrong("losses.1", "the third day taken as rain", "on the third day it stayed dry: C gave 1 - 0.1",
      round(-(2 * log(0.8) + log(0.1)) / 3, 3))
wrong("losses.2", "overflows", "e**z overflows for large logits: subtract",
      lambda z: np.log(np.exp(z).sum(1)))
wrong("losses.2", "m not added again", "the m that you took out has to be added again",
      lambda z: np.log(np.exp(z - z.max(1, keepdims=True)).sum(1)))
wrong("losses.2", "the maximum of everything", "take the maximum of each row: the largest",
      lambda z: z.max() + np.log(np.exp(z - z.max()).sum(1)))
wrong("losses.3", "summed", "this is the sum: take the mean",
      lambda z, y: np.sum(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))))
wrong("losses.3", "the naive formula", "for large logits p rounds to 0 or 1 and",
      lambda z, y: -np.mean(y * np.log(sigmoid(z)) + (1 - y) * np.log(1 - sigmoid(z))))
wrong("losses.3", "y z forgotten", "the part - y z is missing",
      lambda z, y: np.mean(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))))
wrong("losses.4", "not divided by N", "gradient is N times too large: the loss is",
      lambda z, y: 0.5 * (1 + np.tanh(z / 2)) - y)
wrong("losses.4", "y - p", "gradient has the wrong sign: prediction MINUS",
      lambda z, y: (y - 0.5 * (1 + np.tanh(z / 2))) / len(z))
wrong("losses.4", "z - y", "the prediction is p = sigmoid(z), not the logit", lambda z, y: (z - y) / len(z))
wrong("losses.5", "the doubt only on the others", "epsilon is spread over ALL classes, the right",
      lambda y, C, epsilon: one_hot(y, C) * (1 - epsilon) + (1 - one_hot(y, C)) * epsilon / (C - 1))
wrong("losses.5", "epsilon not divided", "e is shared by the C classes: add e / C each",
      lambda y, C, epsilon: one_hot(y, C) * (1 - epsilon) + epsilon)
wrong("losses.5", "the right class has exactly 1 - epsilon", "the rows do not add up to 1: the right class",
      lambda y, C, epsilon: one_hot(y, C) * (1 - epsilon) + (1 - one_hot(y, C)) * epsilon / C)


def _temperature(z, y, better=min, scale=lambda z, T: z / T, steps=481):
    def loss(T):
        return -np.mean(np.log(softmax(scale(z, T)))[np.arange(len(y)), y])

    return better(np.linspace(0.2, 5, steps), key=loss)


wrong("losses.6", "z times T", "this is 1/T: the logits are DIVIDED by",
      lambda z, y: _temperature(z, y, scale=lambda z, T: z * T))
wrong("losses.6", "one decimal", "T is rounded: give all digits", lambda z, y: round(_temperature(z, y), 1))
wrong("losses.6", "1/T", "this is 1/T: the logits are DIVIDED by", lambda z, y: 1 / _temperature(z, y))

# backpropagation

_z1 = np.array([3.0, -2.0])
_a1 = sigmoid(_z1)
_d2 = 2 * (2 * _a1[0] - _a1[1] - 1 - 3)
_da1 = _d2 * np.array([2.0, -1.0])
wrong("backpropagation.1", "no slope of the bend", "these are da1: the slope of the sigmoid, a (1 -",
      tuple(_da1.round(3)))
wrong("backpropagation.1", "z(1 - z)", "a (1 - a) takes the OUTPUT a of the sigmoid",
      tuple((_da1 * _z1 * (1 - _z1)).round(3)))
wrong("backpropagation.1", "the forward pass with the ReLU",
      "dz2 is no longer 4: the output has changed as",
      tuple((4 * np.array([2.0, -1]) * _a1 * (1 - _a1)).round(3)))
wrong("backpropagation.1", "the loss without its 2", "half of it: the derivative of the square brings",
      tuple((_da1 / 2 * _a1 * (1 - _a1)).round(3)))


def _scaled(gradients):
    def scaled_linear(x, s, W, b):
        return (x * s) @ W.T + b, lambda dz: gradients(x, s, W, dz)

    return scaled_linear


wrong("backpropagation.2", "s missing in dW", "dW is what comes back times what went IN to W",
      _scaled(lambda x, s, W, dz: (dz @ W * s, (dz @ W * x).sum(0), dz.T @ x, dz.sum(0))))
wrong("backpropagation.2", "ds not summed over the batch", "ds has one row per example: s was used by all",
      _scaled(lambda x, s, W, dz: (dz @ W * s, dz @ W * x, dz.T @ (x * s), dz.sum(0))))
wrong("backpropagation.2", "db a mean", "db is a mean: the 1/N is already inside dz, so",
      _scaled(lambda x, s, W, dz: (dz @ W * s, (dz @ W * x).sum(0), dz.T @ (x * s), dz.mean(0))))
wrong("backpropagation.3", "the slope of x, x(1 - x)", "a (1 - a) takes the OUTPUT a of the sigmoid",
      lambda x: (sigmoid(x), lambda da: (da * x * (1 - x),)))
wrong("backpropagation.3", "exp(+x)", "the exponent: e**(-x), so that a large x gives",
      lambda x: (1 / (1 + np.exp(x)), lambda da: (-da * sigmoid(x) * (1 - sigmoid(x)),)))
wrong("backpropagation.3", "no tuple", "the pullback must return a tuple of (dx,), with",
      lambda x: (sigmoid(x), lambda da: da * sigmoid(x) * (1 - sigmoid(x))))
wrong("backpropagation.4", "not divided by N", "delta is N times too large: the loss is a mean",
      lambda z, y: softmax(z) - one_hot(y, z.shape[1]))
wrong("backpropagation.4", "the sign", "delta has the wrong sign: at the right label",
      lambda z, y: (one_hot(y, z.shape[1]) - softmax(z)) / len(z))
wrong("backpropagation.4", "only the right class has a gradient",
      "the other classes have a gradient as well",
      lambda z, y: (softmax(z) - 1) * one_hot(y, z.shape[1]) / len(z))


def _nudge(f, x, eps, divide=2.0, central=True):
    g = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[k] += eps
        down[k] -= eps * central
        g[k] = (f(up) - f(down)) / (divide * eps)
    return g


wrong("backpropagation.5", "divided by eps", "twice too large: f(x + eps) and f(x - eps) are",
      lambda f, x, eps=1e-5: _nudge(f, x, eps, 1.0))
wrong("backpropagation.5", "one-sided", "this is the one-sided difference, whose error",
      lambda f, x, eps=1e-5: _nudge(f, x, eps, 1.0, False))


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


wrong("backpropagation.6", "ReLU after the last layer", "there is a ReLU after the last layer as well",
      lambda *a: _network(*a, last_relu=True))
wrong("backpropagation.6", "divided by N only", "the mean is over ALL entries of the error, N",
      lambda *a: _network(*a, mean=False))
wrong("backpropagation.6", "last layer first", "the lists are in reverse order: you collected",
      lambda *a: _network(*a, reverse=True))

# automatic_differentiation

wrong("automatic_differentiation.1", "one of the two ways", "x has two users, u and v: what comes back",
      (9, 21, 126))
wrong("automatic_differentiation.1", "du without the way through v",
      "u has two users, L and v: the 9 that comes back",
      (9, 12, 81))
wrong("automatic_differentiation.1", "the order turned round",
      "the right values in another order: (dv, du, dx)",
      (135, 21, 9))
wrong("automatic_differentiation.2", "the sign of the cosine", "the derivative of sin is +cos",
      lambda x: (np.sin(x), lambda dy: (-dy * np.cos(x),)))
wrong("automatic_differentiation.2", "dy forgotten", "this is the slope alone: multiply it by dy",
      lambda x: (np.sin(x), lambda dy: (np.cos(x),)))


def _adjoints(tape, add=True, seed=1.0, backwards=True):
    g = np.zeros(len(tape))
    g[-1] = seed
    for i in reversed(range(len(tape))) if backwards else range(len(tape)):
        for j, slope in tape[i]:
            g[j] = g[i] * slope + (g[j] if add else 0)
    return g


wrong("automatic_differentiation.3", "overwrites instead of adding",
      "a value with several users keeps only one",
      lambda t: _adjoints(t, False))
wrong("automatic_differentiation.3", "from the front", "you go through the tape from the start: begin",
      lambda t: _adjoints(t, backwards=False))
wrong("automatic_differentiation.3", "starts with 0", "everything is 0: the loss itself must start",
      lambda t: _adjoints(t, seed=0.0))


def _rates(tape, start, add=True, missing=0.0):
    r = np.zeros(len(tape))
    for i, users in enumerate(tape):
        if not users:
            r[i] = start.get(i, missing)
        for j, slope in users:
            r[i] = slope * r[j] + (r[i] if add else 0)
    return r


wrong("automatic_differentiation.4", "overwrites", "an entry may use several values: their",
      lambda t, s: _rates(t, s, add=False))
wrong("automatic_differentiation.4", "missing inputs move", "inputs that `start` does not name stand still",
      lambda t, s: _rates(t, s, missing=1.0))


def _costs(widths, runs=(0, -1)):
    once = sum(a * b for a, b in pairwise(widths))
    return tuple(widths[k] * once for k in runs)


wrong("automatic_differentiation.5", "swapped", "the two are swapped: forward mode needs a run",
      lambda w: _costs(w)[::-1])
wrong("automatic_differentiation.5", "the first layer's matrix taken as given",
      "a run goes through ALL layers: the first",
      lambda w: (
          w[0] * sum(a * b for a, b in pairwise(w[1:])), w[-1] * sum(a * b for a, b in pairwise(w[:-1]))))


@wrong("automatic_differentiation.6", "every pullback kept", "too many pullbacks are alive at a time: only")
def _(step, x, n, k):
    pullbacks = []
    for _ in range(n):
        x, vjp = step(x)
        pullbacks.append(vjp)
    g = np.ones_like(x)
    for vjp in reversed(pullbacks):
        (g,) = vjp(g)
    return g


@wrong("automatic_differentiation.6", "the pieces from first to last",
       "the pieces come in forward order: the last")
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


wrong("optimizers.1", "no correction of the start", "both means start at 0: divide them by 1 -",
      _adam(correct=False))
wrong("optimizers.1", "not the root", "the root of s is missing: divide by the size", _adam(root=False))
wrong("optimizers.1", "the second step forgotten", "this is where the first step leads: one more", 0.9)
wrong("optimizers.2", "1 / lambda", "at this rate the steepest direction arrives in",
      lambda H: 1 / np.linalg.eigvalsh(H).max())
wrong("optimizers.2", "the smallest eigenvalue", "the STEEPEST direction sets the limit",
      lambda H: 2 / np.linalg.eigvalsh(H).min())
wrong("optimizers.2", "the trace", "the trace adds up all curvatures: the largest",
      lambda H: 2 / np.trace(H))


@wrong("optimizers.3", "the old velocity in w", "you moved by the old velocity: update v first")
def _(w, v, g, lr, mu, nesterov):
    new = mu * v + g
    return (w - lr * (g + mu * new) if nesterov else w - lr * v), new


@wrong("optimizers.3", "(1 - mu) g", "the gradient enters whole: v = mu v + g")
def _(w, v, g, lr, mu, nesterov):
    v = mu * v + (1 - mu) * g
    return (w - lr * (g + mu * v) if nesterov else w - lr * v), v


@wrong("optimizers.3", "Nesterov with the old velocity", "Nesterov's step, g + mu v, is missing or has")
def _(w, v, g, lr, mu, nesterov):
    new = mu * v + g
    return (w - lr * (g + mu * v) if nesterov else w - lr * new), new


def _running(g, beta, power=None, mean=False):
    m, out = 0.0, []
    for t, x in enumerate(g, 1):
        m = beta * m + (1 - beta) * x
        out.append(m if mean else m / (1 - beta ** (power or (lambda t: t))(t)))
    return np.array(out)


wrong("optimizers.4", "not corrected", "the correction is missing: the means start at 0",
      lambda g, beta: _running(g, beta, mean=True))
wrong("optimizers.4", "beta not to the t", "too large from the second on: the new number",
      lambda g, beta: _running(g, beta, lambda t: 1))


@wrong("optimizers.4", "the corrected mean is fed back", "the next mean goes on from the UNcorrected one")
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


wrong("better.6", "the cosine over all steps", "the cosine begins after the warm-up: (step -",
      lambda *a: _schedule(*a, span=False))
wrong("better.6", "without the half", "rate is twice too large: is a factor 1/2",
      lambda *a: _schedule(*a, half=1.0))
wrong("better.6", "starts at 1 / warmup", "0 at step 0 and peak at step `warmup`: step /",
      lambda *a: _schedule(*a, from_one=1))


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


wrong("optimizers.5", "decay in the gradient, Adam", "this is Adam with the decay in the gradient",
      lambda *a: _adamw(*a, how="L2"))
wrong("optimizers.5", "decay not times the rate", "the decay is multiplied by the rate: 1 - lr *",
      lambda *a: _adamw(*a, how="no lr"))
wrong("optimizers.5", "eps inside the root", "eps stands outside the root: sqrt(s) + eps",
      lambda *a: _adamw(*a, how="eps"))

# training

wrong("training.1", "precision and recall swapped", "precision and recall are swapped: precision",
      (0.75, 0.6, 2 / 3))
wrong("training.1", "the mean for F1", "F1 is the harmonic mean, not the arithmetic", (0.6, 0.75, 0.675))
wrong("training.1", "in per cent", "give shares between 0 and 1, not percentages", (60, 75, 66.7))
wrong("training.2", "test by its own numbers", "test is scaled by its own statistics: use those",
      lambda train, test: ((train - train.mean(0)) / train.std(0), (test - test.mean(0)) / test.std(0)))
wrong("training.2", "one mean for all columns", "one mean for the whole array: every column",
      lambda train, test: ((train - train.mean()) / train.std(), (test - train.mean()) / train.std()))
wrong("training.2", "N - 1", "you divide by N - 1 in the deviation: here",
      lambda train, test: (
          (train - train.mean(0)) / train.std(0, ddof=1), (test - train.mean(0)) / train.std(0, ddof=1)))


def _prf(y, p):
    tp = np.sum((y == 1) & (p == 1))
    return tp / p.sum(), tp / y.sum(), 2 * tp / (p.sum() + y.sum())


wrong("training.3", "swapped", "precision and recall are swapped, or y_true", lambda y, p: _prf(p, y))
wrong("training.3", "accuracy for precision", "this is the accuracy: precision is the share",
      lambda y, p: (np.mean(y == p), *_prf(y, p)[1:]))
wrong("training.3", "F1 without its 2", "F1 has a 2: 2 TP / (2 TP + FP + FN)",
      lambda y, p: (*_prf(y, p)[:2], _prf(y, p)[2] / 2))


def _epoch(n, size, order, keep=True):
    stop = n if keep else n // size * size
    return [order[i : i + size] for i in range(0, stop, size)]


wrong("training.4", "not shuffled", "nothing is shuffled: the same batches in",
      lambda n, size, rng: _epoch(n, size, np.arange(n)))
wrong("training.4", "drops the rest", "the last, shorter batch is missing: those",
      lambda n, size, rng: _epoch(n, size, rng.permutation(n), False))
wrong("training.4", "draws with replacement", "some examples are drawn twice and others never",
      lambda n, size, rng: _epoch(n, size, rng.integers(0, n, n)))


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


wrong("training.5", "zero_grad forgotten", "gradients of earlier batches are still there",
      lambda *a: _train(*a, zero=False))
wrong("training.5", "step forgotten", "the weights never move: is optimizer.step()",
      lambda *a: _train(*a, step=False))
wrong("training.5", "the mean of the batches' means", "the last batch is shorter, so its loss counts",
      lambda *a: _train(*a, how="plain"))
wrong("training.5", "the last batch's loss", "this is the loss of the last batch: the mean",
      lambda *a: _train(*a, how="last"))

# better

wrong("training.6", "equal scores lost", "pairs with equal scores count half, not nothing",
      lambda y, s: (s[y == 1][:, None] > s[y == 0]).mean())
wrong("training.6", "the pairs turned round", "the 1 must have the higher score",
      lambda y, s: ((s[y == 1][:, None] < s[y == 0]) + (s[y == 1][:, None] == s[y == 0]) / 2).mean())
wrong("better.1", "not paired", "these are the errors of two separate means",
      (2, round(math.sqrt(4.0825**2 / 4 + 3.2660**2 / 4), 2)))
wrong("better.1", "not divided by the root of 4", "this is the spread of the differences: divide",
      (2, 0.816))
wrong("better.1", "the spread divided by R, not R - 1", "the spread is taken with N - 1, that is 3, not",
      (2, 0.354))


def _overlap(a, b, n_train, n_test, ddof=1, rho="odds", root=True):
    d = a - b
    ratio = {"odds": n_test / n_train, "share": n_test / (n_train + n_test), "none": 0}[rho]
    v = d.var(ddof=ddof) * (1 / len(d) + ratio)
    return np.sqrt(v) if root else v


wrong("better.2", "rho in place of rho / (1 - rho)", "this is rho itself: the second term",
      lambda *a: _overlap(*a, rho="share"))
wrong("better.2", "ddof", "the spread is taken with R - 1 (ddof=1)", lambda *a: _overlap(*a, ddof=0))
wrong("better.2", "as if independent", "as the splits overlap", lambda *a: _overlap(*a, rho="none"))
wrong("better.3", "dealt without regard to the class", "this deals out all examples alike: deal each",
      lambda labels, k: np.arange(len(labels)) % k)


@wrong("better.3", "from 1", "folds are counted from 0")
def _(labels, k):
    fold = np.zeros(len(labels), int)
    for c in np.unique(labels):
        fold[labels == c] = np.arange((labels == c).sum()) % k + 1
    return fold


def _report(val, test, choose=None, ddof=1, quote=None):
    i = (val if choose is None else choose(val, test)).mean(1).argmax()
    told = test if quote is None else quote(val)
    return i, told[i].mean(), told[i].std(ddof=ddof) / np.sqrt(val.shape[1])


wrong("better.4", "chosen by the test", "the setting is chosen on the test part: then",
      lambda v, t: _report(v, t, lambda val, test: test))
wrong("better.4", "reports what it chose by", "you report the accuracy on which the setting",
      lambda v, t: _report(v, t, quote=lambda val: val))
wrong("better.4", "ddof", "the spread is taken with N - 1 (ddof=1)", lambda v, t: _report(v, t, ddof=0))


def _halve(losses, first, again=False, largest=False):
    alive, epochs, spent, before = np.arange(len(losses)), first, 0, 0
    while len(alive) > 1:
        spent += len(alive) * (epochs - (0 if again else before))
        order = np.argsort(losses[alive, epochs - 1])
        alive = alive[order[::-1] if largest else order][: len(alive) // 2]
        before, epochs = epochs, 2 * epochs
    return alive[0], spent


wrong("better.5", "trained again from the start", "those that are kept go on from where they were",
      lambda *a: _halve(*a, again=True))
wrong("better.5", "keeps the larger losses", "keep the half with the SMALLER losses",
      lambda *a: _halve(*a, largest=True))

# generalisation

wrong("generalisation.1", "kept p in place of 1 - p", "you divided by p: what is kept, with", (12, 3, 27))
wrong("generalisation.1", "not scaled up", "survivors are multiplied by 1 / (1 - p), so", (3, 2.25, 1.6875))
wrong("generalisation.1", "the deviation in place of the variance",
      "this is the standard deviation: the variance",
      (4, 3, round(math.sqrt(3), 3)))
wrong("generalisation.2", "N times decay", "the squared errors are added up, not averaged",
      lambda X, y, decay: _ridge(X, y, len(X) * decay))
wrong("generalisation.2", "the half kept", "both terms bring a factor 2: the decay itself",
      lambda X, y, decay: _ridge(X, y, decay / 2))


def _parts(fits, truth, noise, ddof=0, n=lambda s: s**2):
    bias2 = np.mean((fits.mean(0) - truth) ** 2)
    variance = fits.var(0, ddof=ddof).mean()
    return bias2, variance, bias2 + variance + n(noise)


wrong("generalisation.3", "noise not squared", "noise is a standard deviation: its square",
      lambda *a: _parts(*a, n=lambda s: s))
wrong("generalisation.3", "noise forgotten", "the noise of the new point is missing in",
      lambda *a: _parts(*a, n=lambda s: 0))
wrong("generalisation.3", "the bias squared after the mean", "square at each point, then average over",
      lambda f, t, s: (
              (f.mean() - t.mean()) ** 2,
              f.var(0).mean(),
              (f.mean() - t.mean()) ** 2 + f.var(0).mean() + s**2,
          ))


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


wrong("generalisation.4", "counted from 0", "epochs are counted from 1 here", lambda *a: _stop(*a, base=0))
wrong("generalisation.4", "patience + 1", "it ends one epoch too late: after `patience`",
      lambda *a: _stop(*a, strict=True))
wrong("generalisation.4", "not in a row", "an improvement starts the count anew: epochs IN",
      lambda *a: _stop(*a, reset=False))


def _dropout(w, x, y, p, factor=None, grad2=True, mean=True):
    c = p / (1 - p) if factor is None else factor(p)
    r = y - x @ w
    N = len(y) if mean else 1
    loss = (np.sum(r**2) + c * np.sum((x * w) ** 2)) / N
    dw = (-2 * x.T @ r + (2 if grad2 else 1) * c * (x**2).sum(0) * w) / N
    return loss, dw


wrong("generalisation.5", "p for p / (1 - p)", "the factor is p / (1 - p): survivors are scaled",
      lambda *a: _dropout(*a, factor=lambda p: p))
wrong("generalisation.5", "the penalty's 2", "the derivative of w**2 is 2 w: the tax enters",
      lambda *a: _dropout(*a, grad2=False))
wrong("generalisation.5", "summed over the batch", "did you divide by the batch",
      lambda *a: _dropout(*a, mean=False))

# starting_well

wrong("starting_well.1", "one layer", "this is one layer: twenty of them multiply", round(math.sqrt(6), 3))
wrong("starting_well.1", "the mean square, not its root", "this is the mean SQUARE: the root mean square",
      6.0**20)
wrong("starting_well.1", "no ReLU", "the variance is 1/(3n), but ReLU takes half", round(3.0**10))
wrong("starting_well.2", "the slope forgotten", "this is right for s = 0: the negative half now",
      lambda n_out, n_in, s: math.sqrt(2 / n_in))
wrong("starting_well.2", "n_out", "you used n_out: z is a sum over the INPUTS",
      lambda n_out, n_in, s: math.sqrt(2 / ((1 + s**2) * n_out)))
wrong("starting_well.2", "the slope not squared", "the slope enters squared: E[(s z)^2] = s^2",
      lambda n_out, n_in, s: math.sqrt(2 / ((1 + s) * n_in)))


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


wrong("starting_well.3", "each row", "you normalise each row: batch norm runs over",
      lambda x: _norm(x, axis=1))
wrong("starting_well.3", "the statistics taken as constants", "mean and deviation depend on x as well: two",
      lambda x: _norm(x, 0, 0, False, False))
wrong("starting_well.3", "the last term missing", "the component along xhat is missing: x also",
      lambda x: _norm(x, second=False))
wrong("starting_well.4", "the variance with N", "the running variance takes the batch's with N -",
      lambda mean, var, x, m: ((1 - m) * mean + m * x.mean(0), (1 - m) * var + m * x.var(0)))
wrong("starting_well.4", "momentum the other way", "the new batch enters with `momentum`, the old",
      lambda mean, var, x, m: (m * mean + (1 - m) * x.mean(0), m * var + (1 - m) * x.var(0, ddof=1)))


def _fold(W, mean, var, gamma, beta, axis=0, eps=1e-5, shift=True):
    k = gamma / np.sqrt(var + eps)
    return (W * k[:, None] if axis == 0 else W * k), beta - (mean * k if shift else 0)


wrong("starting_well.5", "the mean forgotten", "the mean that was taken away has to go into",
      lambda *a: _fold(*a, shift=False))
wrong("starting_well.5", "epsilon forgotten", "eps = 1e-5 is missing under the root",
      lambda *a: _fold(*a, eps=0))
wrong("starting_well.5", "the columns scaled", "a unit is a ROW of W, (out, in): scale[:, None]",
      lambda *a: _fold(*a, axis=1))

# convolution

wrong("convolution.1", "the kernel turned by 180 degrees", "the kernel is turned by 180 degrees: here it",
      [[3, 6], [0, 1]])
wrong("convolution.1", "turned, as a tuple", "the kernel is turned by 180 degrees: here it",
      ((3, 6), (0, 1)))
wrong("convolution.1", "transposed", "z is transposed", [[-1, 6], [2, 1]])
wrong("convolution.2", "the + 1 forgotten", "one too few: there is a place before the first",
      lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s)
wrong("convolution.2", "padding once", "the padding is on BOTH sides: 2 m",
      lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1)
wrong("convolution.2", "d k in place of d (k - 1)", "there are k - 1 gaps between k rows: d (k - 1)",
      lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1)


def _slide(x, W):
    k, l = W.shape
    H, V = x.shape[0] - k + 1, x.shape[1] - l + 1
    return np.array([[(x[p : p + k, q : q + l] * W).sum() for q in range(V)] for p in range(H)])


wrong("convolution.3", "the kernel turned", "the kernel is turned by 180 degrees: lay",
      lambda x, W: _slide(x, W[::-1, ::-1]))
wrong("convolution.3", "the last place missing", "the last place is missing: H - k + 1 rows, V -",
      lambda x, W: _slide(x, W)[:-1, :-1])


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


wrong("convolution.4", "overwrites dx", "dx keeps only the last kernel laid on a pixel",
      lambda *a: _slide_back(*a, add=False))
wrong("convolution.4", "dW = in the loop", "dW is only what the last place says: add all",
      lambda x, W, dz: (_slide_back(x, W, dz)[0],
                        dz[-1, -1] * x[-W.shape[0] :, -W.shape[1] :]))
wrong("convolution.4", "swapped", "dx first, then dW", lambda *a: _slide_back(*a)[::-1])
wrong("convolution.5", "C and O swapped", "this is what comes out with C and O swapped",
      lambda C, O, k, n: (C * (O * k * k + 1), O * C * k * k * n * n))
wrong("convolution.5", "biases forgotten", "the biases are missing: one for each output",
      lambda C, O, k, n: (O * C * k * k, O * C * k * k * n * n))
wrong("convolution.5", "a bias for each kernel slice", "ONE bias for each output channel, however",
      lambda C, O, k, n: (O * C * (k * k + 1), O * C * k * k * n * n))
wrong("convolution.5", "no padding", "with this padding there are n by n places, as",
      lambda C, O, k, n: (O * (C * k * k + 1), O * C * k * k * (n - k + 1) ** 2))


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


wrong("convolution.6", "every one of equal pixels", "of equal pixels only the FIRST one gets",
      lambda x: _pool(x, "all"))
wrong("convolution.6", "spread over the window", "this is the pullback of a mean: only the winner",
      lambda x: (_pool(x)[0], lambda dy: (np.kron(dy, np.ones((2, 2))) / 4,)))

# cnn_digits

wrong("cnn_digits.1", "7 by 7", "13 / 2 is rounded DOWN: 6, a window that would", 64 * 7 * 7)
wrong("cnn_digits.1", "channels forgotten", "these are the places: times 64 channels", 36)
wrong("cnn_digits.1", "pooling forgotten", "the poolings are missing: each halves the size", 64 * 28 * 28)


def _count(layers, bias=True, square=True):
    n = 0
    for kind, *a in layers:
        if kind == "conv":
            n += a[1] * (a[0] * a[2] ** (2 if square else 1) + bias)
        elif kind == "dense":
            n += a[1] * (a[0] + bias)
    return n


wrong("cnn_digits.2", "no biases", "the biases are missing: one for each output",
      lambda layers: _count(layers, bias=False))
wrong("cnn_digits.2", "k in place of k squared", "a kernel of size k has k times k places",
      lambda layers: _count(layers, square=False))
wrong("cnn_digits.3", "mean over everything", "this divides by N times C: sum over",
      lambda p, y: -np.mean(y * np.log(p)))
wrong("cnn_digits.3", "no minus", "the minus is missing: the logarithm of",
      lambda p, y: np.sum(y * np.log(p)) / len(p))
wrong("cnn_digits.3", "log10", "take the natural logarithm", lambda p, y: -np.sum(y * np.log10(p)) / len(p))
wrong("cnn_digits.4", "ln C", "this is the loss of guessing: how good can", lambda C: log(C))
wrong("cnn_digits.4", "C in place of C - 1", "one class too many: the right one has e**1",
      lambda C: log(math.e + C) - 1)
wrong("cnn_digits.5", "the k smallest", "these are the k SMALLEST logits: argsort sorts",
      lambda z, y, k: np.mean([y[i] in np.argsort(z[i])[:k] for i in range(len(y))]))
wrong("cnn_digits.5", "the k-th alone", "this is the k-th best alone: any of the k best",
      lambda z, y, k: np.mean(np.argsort(-z, 1)[:, k - 1] == y))
wrong("cnn_digits.6", "averages the logits", "you average the logits (or multiply",
      lambda logits: np.mean(logits, 0).argmax(1))
wrong("cnn_digits.6", "returns the probabilities", "these are the probabilities: the label is their",
      lambda logits: np.mean([softmax(z) for z in logits], 0))
wrong("cnn_digits.6", "votes", "this is a vote of the labels: average",
      lambda logits: np.array([np.bincount(c).argmax() for c in np.array([z.argmax(1) for z in logits]).T]))

# pytorch

wrong("pytorch.1", "the velocity not kept", "this is without momentum: v = 0.9 v + g first",
      round(4.36 - 0.1 * 10.88, 3))
wrong("pytorch.1", "the velocity added", "the sign of the step: w - lr v",
      round(4.36 + 0.1 * (0.9 * -17.6 + 10.88), 3))
wrong("pytorch.1", "the gradient without its 2", "g = 2 (w x - y) x: is the 2 missing, or the x?",
      round(4.36 - 0.1 * (0.9 * -17.6 + 5.44), 3))
wrong("pytorch.2", "(O, C) only swapped", "rows and columns of the kernel are swapped: k",
      lambda k, d: (k.transpose(3, 2, 1, 0), d.T))
wrong("pytorch.2", "reshaped", "reshape keeps the order of the numbers",
      lambda k, d: (k.reshape(k.shape[3], k.shape[2], *k.shape[:2]), d.T))
wrong("pytorch.2", "dense forgotten", "the dense weights stay (in, out): PyTorch has",
      lambda k, d: (k.transpose(3, 2, 0, 1), d))
wrong("pytorch.3", "the other way", "this goes the other way, from PyTorch's order",
      lambda W, H, V, C: W.reshape(-1, C, H, V).transpose(0, 2, 3, 1).reshape(len(W), -1))
wrong("pytorch.3", "not moved, only reshaped", "nothing has moved: split the columns into (H",
      lambda W, H, V, C: W.reshape(-1, C, H, V).reshape(len(W), -1))
wrong("pytorch.4", "each entry by its own", "entry by entry a small b makes any error huge",
      lambda a, b: np.max(np.abs(a - b) / np.abs(b)))
wrong("pytorch.4", "by a", "this is what comes out with a and b swapped",
      lambda a, b: np.abs(a - b).max() / np.abs(a).max())
wrong("pytorch.4", "b without its size", "the largest entry of b in SIZE: np.abs(b)",
      lambda a, b: np.abs(a - b).max() / b.max())


@wrong("pytorch.5", "replace, also inside", "expected ['0.weight'")
def _(state, names):
    out = {}
    for key, value in state.items():
        if key.split(".")[0] not in names:
            raise KeyError(key)
        prefix = key.split(".")[0]
        out[key.replace(prefix, str(names[prefix]))] = value
    return out


@wrong("pytorch.5", "unknown ones passed over", "an unknown prefix is passed over in silence")
def _(state, names):
    return {
        f"{names[k.split('.')[0]]}.{k.split('.', 1)[1]}": v
        for k, v in state.items()
        if k.split(".")[0] in names
    }


# augmentation

wrong("augmentation.1", "row and column swapped", "row and column are swapped: the place is (row",
      0.6 * 0.75 + 0.6 * 0.25 * 3 + 0.4 * 0.75 * 5 + 1.1)
wrong("augmentation.1", "weights turned round", "the weights are the wrong way round: a pixel",
      0.25 * (0.4 + 0.6 * 3) + 0.75 * (0.4 * 5 + 0.6 * 11))
wrong("augmentation.1", "the nearest pixel", "this is the nearest pixel: take the mean of all", 1)
_GREY = np.array([0.299, 0.587, 0.114])[:, None, None]


def _saturate(x, f, grey=lambda x: (_GREY * x).sum(1, keepdims=True), cut=True, turn=False):
    f = f[:, None, None, None]
    f = 1 - f if turn else f
    y = f * x + (1 - f) * grey(x)
    return np.clip(y, 0, 1) if cut else y


wrong("augmentation.2", "not cut off", "some colours are outside 0..1: clip them",
      lambda x, f: _saturate(x, f, cut=False))
wrong("augmentation.2", "grey as mean", "the three colours do not look equally bright",
      lambda x, f: _saturate(x, f, lambda x: x.mean(1, keepdims=True)))
wrong("augmentation.2", "f and 1 - f swapped", "f = 1 must leave the picture as it",
      lambda x, f: _saturate(x, f, turn=True))


@wrong("augmentation.3", "top to bottom", "top and bottom have changed places: mirror")
def _(x, chosen):
    y = x.copy()
    y[chosen] = y[chosen][:, :, ::-1]
    return y


wrong("augmentation.3", "all of them", "all are mirrored: only those where `chosen`",
      lambda x, chosen: x[..., ::-1].copy())


def _crop(x, top, left, size):
    return np.stack(
        [
            x[n, :, r : r + size, c : c + size]
            for n, (r, c) in enumerate(zip(top, left, strict=True))
        ]
    )


wrong("augmentation.4", "row and column swapped", "rows and columns are swapped: top counts rows",
      lambda x, top, left, size: _crop(x, left, top, size))
wrong("augmentation.4", "one window for all", "all windows are at the first picture's place",
      lambda x, top, left, size: x[:, :, top[0] : top[0] + size, left[0] : left[0] + size])
wrong("augmentation.5", "sigma not squared", "sigma is a standard deviation: its square counts",
      lambda X, y, w, s: np.mean((y - X @ w) ** 2) + s * w @ w)
wrong("augmentation.5", "the penalty divided by N", "the noise hits every example: the penalty",
      lambda X, y, w, s: np.mean((y - X @ w) ** 2) + s**2 * w @ w / len(y))


def _look(f, x, transforms, itself=True, mean=None):
    z = [f(x)] * itself + [f(t(x)) for t in transforms]
    return np.mean([softmax(a) for a in z], 0) if mean is None else mean(z)


wrong("augmentation.6", "the picture itself left out", "the picture as it is has a vote too",
      lambda f, x, t: _look(f, x, t, itself=False))
wrong("augmentation.6", "the logits averaged", "these are the probabilities of mean logits",
      lambda f, x, t: _look(f, x, t, mean=lambda z: softmax(np.mean(z, 0))))
wrong("augmentation.6", "summed", "divide by the number of looks",
      lambda f, x, t: _look(f, x, t) * (len(t) + 1))

# going_deep

wrong("augmentation.7", "a kernel for each output channel", "each channel that goes IN has a kernel",
      lambda C, O, k: (O * C * k**2, O * k**2 + O * C))
wrong("augmentation.7", "no mixing", "the 1 by 1 convolution that mixes the channels is missing",
      lambda C, O, k: (O * C * k**2, C * k**2))
wrong("going_deep.1", "the shortcut forgotten", "this is a plain chain: each block also passes",
      0.5 * -0.5 * 1 * 0.2)
wrong("going_deep.1", "added up", "the products are missing: multiply (1 + w) for", 1 + 0.5 - 0.5 + 1 + 0.2)


def _block(x, A, B, shortcut=True, gate=True):
    z = x @ A
    h = np.maximum(z, 0)

    def vjp(dy):
        dz = dy @ B.T * ((z > 0) if gate else 1)
        return dz @ A.T + (dy if shortcut else 0), x.T @ dz, h.T @ dy

    return x + h @ B, vjp


wrong("going_deep.2", "dx without dy", "dx: the gradient that comes through",
      lambda *a: _block(*a, shortcut=False))
wrong("going_deep.2", "the ReLU's slope forgotten", "dx and dA: the ReLU lets a gradient through",
      lambda *a: _block(*a, gate=False))
wrong("going_deep.3", "the variance", "this is the variance: take the square root",
      lambda L, alpha: (1 + alpha**2) ** L)
wrong("going_deep.3", "alpha not squared", "alpha F has alpha SQUARED times the variance",
      lambda L, alpha: (1 + alpha) ** (L / 2))
wrong("going_deep.3", "(1 + alpha) ** L", "variances add, not standard deviations: 1 +",
      lambda L, alpha: (1 + alpha) ** L)
wrong("going_deep.4", "2 to the k", "2^k counts all paths through the first k blocks",
      lambda L: 2.0 ** np.arange(L + 1))
wrong("going_deep.4", "starts at k = 1", "k = 0 is missing: the path around all blocks",
      lambda L: np.array([math.comb(L, k) for k in range(1, L + 1)]))


def _free(x, O, front=False, mean=False):
    y = (
        x.reshape(*x.shape[:2], x.shape[2] // 2, 2, -1, 2).mean((3, 5))
        if mean
        else x[:, :, ::2, ::2]
    )
    zeros = np.zeros((len(x), O - x.shape[1], *y.shape[2:]))
    return np.concatenate([zeros, y] if front else [y, zeros], 1)


wrong("going_deep.5", "the zeros first", "the new channels come after the old ones",
      lambda x, O: _free(x, O, front=True))
wrong("going_deep.5", "starts at the second pixel", "begin with the first row and column, not",
      lambda x, O: _free(np.roll(x, -1, (2, 3)), O))
wrong("going_deep.5", "O more channels", "O channels altogether, not O more",
      lambda x, O: _free(x, x.shape[1] + O))

# shoulders

wrong("shoulders.1", "one group", "each kernel sees only the 48 channels of", 256 * 96 * 25)
wrong("shoulders.1", "both divided", "there are 256 kernels altogether, 128 in each", 128 * 48 * 25)


def _cost(C, O, k, stride, padding, size, bias=0, plus=1, pad=2):
    places = (size + pad * padding - k) // stride + plus
    return O * (C * k * k + bias), O * C * k * k * places**2


wrong("shoulders.2", "with biases", "no biases here", lambda *a: _cost(*a, bias=1))
wrong("shoulders.2", "+ 1 forgotten", "one place more: the first window counts, ... + 1",
      lambda *a: _cost(*a, plus=0))
wrong("shoulders.2", "padding once", "padding stands on both sides: size + 2 padding",
      lambda *a: _cost(*a, pad=1))
wrong("shoulders.3", "one basic convolution", "a basic block has TWO convolutions",
      lambda C, m: (9 * C * C, 2 * C * m + 9 * m * m))
wrong("shoulders.3", "bottleneck first", "basic first, then bottleneck",
      lambda C, m: (2 * C * m + 9 * m * m, 18 * C * C))


def _nearest(x, known, y):
    return y[((x[:, None] - known[None]) ** 2).sum(-1).argmin(1)]


wrong("shoulders.4", "the index", "these are rows of known: return their labels",
      lambda x, known, y: ((x[:, None] - known[None]) ** 2).sum(-1).argmin(1))
wrong("shoulders.4", "the largest product", "the largest product is not the smallest",
      lambda x, known, y: y[(x @ known.T).argmax(1)])
wrong("shoulders.5", "shapes not compared", "an array of another shape does not fit: keep",
      lambda own, learnt: {k: learnt.get(k, v) for k, v in own.items()})
wrong("shoulders.5", "names of learnt kept", "this is the other network: begin with the names",
      lambda own, learnt: {**own, **learnt})
wrong("shoulders.5", "own where both fit", "nothing was taken over", lambda own, learnt: dict(own))

# recurrent

wrong("recurrent.1", "the last loss alone", "h2 also has a gradient of its own, as the loss", 2.0)
wrong("recurrent.1", "the direct paths alone", "dh2 also gets w dh3, by way of h3", 0 + 2 + 1)


def _rnn(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


wrong("recurrent.2", "no tanh", "there is no tanh yet", lambda x, h, U, W, b, c: x @ U.T + b + h @ W.T + c)
wrong("recurrent.2", "one bias forgotten", "b_hh is missing",
      lambda x, h, U, W, b, c: _rnn(x, h, U, W, b, 0))
wrong("recurrent.2", "W_hh not transposed", "W_hh is not transposed",
      lambda x, h, U, W, b, c: _rnn(x, h, U, W.T, b, c))


def _through(h, W, dh, slope=True, transpose=True, shift=1, all_steps=True):
    dW = np.zeros_like(W)
    for t in range(len(h) - 1, 0, -1):
        dz = dh * (1 - h[t] ** 2) if slope else dh
        dW += np.outer(dz, h[t - shift])
        dh = dz @ W if transpose else W @ dz
        if not all_steps:
            break
    return dW


wrong("recurrent.3", "h_t in place of h_(t-1)", "W_hh met the state BEFORE: dz_t times h_t-1",
      lambda *a: _through(*a, shift=0))
wrong("recurrent.3", "W not transposed", "back through W_hh means W_hh.T @ dz",
      lambda *a: _through(*a, transpose=False))
wrong("recurrent.3", "the last step alone", "this is the last step's part: go on back",
      lambda *a: _through(*a, all_steps=False))
wrong("recurrent.4", "not rounded up", "one step too few: still at the share, or above",
      lambda rho, share: math.floor(log(share) / log(rho)))
wrong("recurrent.4", "no whole number", "whole steps: round up", lambda rho, share: log(share) / log(rho))
wrong("recurrent.4", "upside down", "this is what comes out with rho and share",
      lambda rho, share: math.ceil(log(rho) / log(share)))
wrong("recurrent.5", "each array by itself", "each array is clipped by itself: one norm for",
      lambda g, c: [a * min(1, c / np.linalg.norm(a)) for a in g])
wrong("recurrent.5", "the norm not rooted", "divide by the norm, the root of the sum",
      lambda g, c: [a * min(1, c / sum((b**2).sum() for b in g)) for a in g])
wrong("recurrent.5", "always shortened or lengthened to c", "short gradients are made longer: min(1, ...)",
      lambda g, c: [a * c / np.sqrt(sum((b**2).sum() for b in g)) for a in g])


def _read(x, weights):
    h, out = np.zeros((len(x), len(weights[1]))), []
    for t in range(x.shape[1]):
        h = _rnn(x[:, t], h, *weights)
        out.append(h)
    return np.stack(out, 1)


wrong("recurrent.6", "the backward states not turned back", "the states read from the end are still in",
      lambda x, f, b: np.concatenate([_read(x, f), _read(x[:, ::-1], b)], -1))
wrong("recurrent.6", "backwards first", "first the states read forwards, then those from",
      lambda x, f, b: np.concatenate([_read(x[:, ::-1], b)[:, ::-1], _read(x, f)], -1))
wrong("recurrent.6", "both read forwards", "the second reading must start at the end: x[",
      lambda x, f, b: np.concatenate([_read(x, f), _read(x, b)], -1))

# lstm_gru

wrong("lstm_gru.1", "the cell", "this is the new c: h = o tanh(c)", -0.2)
wrong("lstm_gru.1", "no tanh", "c goes through a tanh before it is shown", -0.1)
wrong("lstm_gru.1", "i and f swapped", "f keeps the old cell and i lets the new in: f c",
      round(0.5 * math.tanh(-1 + 0.15), 4))


def _lstm(a, c, order="ifgo", g_bend=np.tanh, out_bend=np.tanh, swap=False):
    parts = dict(zip(order, np.split(a, 4, -1), strict=True))
    i, f, o = (sigmoid(parts[k]) for k in "ifo")
    c = f * c + i * g_bend(parts["g"])
    h = o * out_bend(c)
    return (c, h) if swap else (h, c)


wrong("lstm_gru.2", "the order i f o g", "the blocks are i, f, g, o: the output gate",
      lambda a, c: _lstm(a, c, "ifog"))
wrong("lstm_gru.2", "sigmoid on g", "g is no gate: its bend is the tanh",
      lambda a, c: _lstm(a, c, g_bend=sigmoid))
wrong("lstm_gru.2", "c, h", "first h, then c", lambda a, c: _lstm(a, c, swap=True))


def _gru(a, b, h, turn=False, reset="b"):
    ar, az, an = np.split(a, 3, -1)
    br, bz, bn = np.split(b, 3, -1)
    r, z = sigmoid(ar + br), sigmoid(az + bz)
    n = np.tanh({"b": an + r * bn, "all": r * (an + bn), "none": an + bn}[reset])
    return z * n + (1 - z) * h if turn else (1 - z) * n + z * h


wrong("lstm_gru.3", "z and 1 - z swapped", "z keeps and 1 - z renews: h = (1 - z) n + z h",
      lambda a, b, h: _gru(a, b, h, turn=True))
wrong("lstm_gru.3", "r times all of it", "r looks at the past only: tanh(a_n + r b_n)",
      lambda a, b, h: _gru(a, b, h, reset="all"))
wrong("lstm_gru.3", "r forgotten", "the reset gate is missing: r b_n",
      lambda a, b, h: _gru(a, b, h, reset="none"))


def _parameters(gates, D, H, layers, biases=2, first=None):
    sizes = [D] + [H if first is None else D] * (layers - 1)
    return sum(gates * H * (n + H + biases) for n in sizes)


wrong("lstm_gru.4", "one bias", "each block has two biases, b_ih and b_hh",
      lambda *a: _parameters(*a, biases=1))
wrong("lstm_gru.4", "every layer reads D numbers", "the second layer reads H numbers, not D",
      lambda *a: _parameters(*a, first=True))
wrong("lstm_gru.5", "dh left out", "what comes by way of h is missing: dh o (1 -",
      lambda dh, dc, f, o, c: dc * f)
wrong("lstm_gru.5", "the slope 1 - c^2", "c stands before the bend: the slope is 1 -",
      lambda dh, dc, f, o, c: (dc + dh * o * (1 - c**2)) * f)
wrong("lstm_gru.5", "f forgotten", "times the forget gate",
      lambda dh, dc, f, o, c: dc + dh * o * (1 - np.tanh(c) ** 2))

# forecasting

wrong("forecasting.1", "not scaled", "this is the mean error: divide it by what naive", 2.0)
wrong("forecasting.1", "divided by n, not n - 1", "the mean of the four differences: 10 / 4, not",
      round(2 / (12 / 5), 3))
wrong("forecasting.1", "without the size of differences", "the SIZE of each difference: from 6 to 4 it",
      2 / 1.5)
wrong("forecasting.2", "the last value", "this is the naive forecast: as the last value",
      lambda h, season, K: np.full(K, h[-1]))
wrong("forecasting.2", "from the front of the series", "this is the first season: take the last",
      lambda h, season, K: np.resize(h[:season], K))
wrong("forecasting.2", "one season only", "beyond one season, begin again",
      lambda h, season, K: h[-season:][:K])


def _roll(w, bias, h, K, turn=False, add=True, feed=True):
    h, out = list(h), []
    for _ in range(K):
        last = np.array(h[-len(w) :])
        out.append(w @ (last if turn else last[::-1]) + bias * add)
        if feed:
            h.append(out[-1])
    return np.array(out)


wrong("forecasting.3", "the first weight for the oldest", "w_1 belongs to the LAST value: turn one of",
      lambda *a: _roll(*a, turn=True))
wrong("forecasting.3", "the bias forgotten", "the bias is missing", lambda *a: _roll(*a, add=False))
wrong("forecasting.3", "nothing fed back", "feed each forecast back: these are all",
      lambda *a: _roll(*a, feed=False))
wrong("forecasting.4", "not summed up", "changes add up: the second level has the first",
      lambda last, changes: last[:, None] + changes)
wrong("forecasting.4", "last forgotten", "begin with the last measured value",
      lambda last, changes: changes.cumsum(1))
wrong("forecasting.4", "summed down the batch", "add up along the steps of one forecast, axis 1",
      lambda last, changes: last[:, None] + changes.cumsum(0))


def _split(s, length, border, shift=0, gap=0):
    x = np.array([s[i : i + length] for i in range(len(s) - length)])
    at = np.arange(length, len(s))
    train, test = at < border + shift, at >= border + shift + gap
    return x[train], s[at][train], x[test], s[at][test]


wrong("forecasting.5", "the border's target in training", "the target AT the border belongs to the test",
      lambda *a: _split(*a, shift=1))
wrong("forecasting.5", "test windows do not reach back", "test windows may reach back over the border",
      lambda s, length, border: _split(s, length, border, gap=length))

# writing

wrong("writing.1", "the bits", "these are the bits: the perplexity is 2 to that", 2.25)
wrong("writing.1", "the arithmetic mean of the probabilities", "the mean of the probabilities first? Take",
      4)
wrong("writing.1", "e to the bits", "bits go with powers of 2, nats with powers of e",
      round(math.exp(2.25), 3))
wrong("writing.2", "divided by all characters", "divide by the number of a, not by all",
      lambda t, a, b: t.count(a + b) / len(t))
wrong("writing.2", "the last a counts", "the last character has no successor: it does",
      lambda t, a, b: t.count(a + b) / t.count(a))
wrong("writing.3", "overflows", "e**1000 overflows: subtract the largest logit",
      lambda z, tau: np.exp(z / tau) / np.exp(z / tau).sum())
wrong("writing.3", "times tau", "divide by tau: a cold model is a sure one",
      lambda z, tau: softmax(z * tau))
wrong("writing.3", "the temperature on the probabilities", "the logits are divided, before the softmax",
      lambda z, tau: softmax(z) / tau)


def _rows(tokens, N, inside=False, columns=False):
    tokens = np.asarray(tokens)
    L = len(tokens) // N if inside else (len(tokens) - 1) // N
    if inside:
        r = tokens[: N * L].reshape(N, L)
        return r[:, :-1], r[:, 1:]
    if columns:
        return tokens[: N * L].reshape(L, N).T, tokens[1 : N * L + 1].reshape(L, N).T
    return tokens[: N * L].reshape(N, L), tokens[1 : N * L + 1].reshape(N, L)


wrong("writing.4", "cut, then shifted in the row", "the rows end too soon: the last token of a row",
      lambda t, N: _rows(t, N, inside=True))
wrong("writing.4", "side by side", "neighbours in the text lie beside each other in",
      lambda t, N: _rows(t, N, columns=True))
wrong("writing.4", "no token spared for y", "cannot reshape",
      lambda t, N: (t[: len(t) // N * N].reshape(N, -1), t[1 : len(t) // N * N + 1].reshape(N, -1)))
wrong("writing.4", "y is x", "the target is the token that follows, not",
      lambda t, N: (_rows(t, N)[0], _rows(t, N)[0]))


@wrong("writing.5", "b is read again after a merge", "the second of a joined pair is used up: go on")
def _(tokens, a, b):
    out = []
    for i, t in enumerate(tokens):
        if t == a and i + 1 < len(tokens) and tokens[i + 1] == b:
            out.append(-1)
        else:
            out.append(t)
    return out


@wrong("writing.5", "the loop ends before the last", "the last token is lost where it belongs to no pair")
def _(tokens, a, b):
    joined, i = [], 0
    while i < len(tokens) - 1:
        pair = tokens[i] == a and tokens[i + 1] == b
        joined.append(-1 if pair else tokens[i])
        i += 2 if pair else 1
    return np.array(joined)


@wrong("writing.5", "the first only", "every such pair, not only the first")
def _(tokens, a, b):
    for i in range(len(tokens) - 1):
        if tokens[i] == a and tokens[i + 1] == b:
            return list(tokens[:i]) + [-1] + list(tokens[i + 2 :])
    return list(tokens)


# reading


@wrong("reading.1", "counts", "1 if it occurs, however often it does")
def _(words, index):
    x = np.zeros(len(index))
    for word in words:
        if word in index:
            x[index[word]] += 1
    return x


@wrong("reading.1", "unknown words raise", "not in the dictionary")
def _(words, index):
    x = np.zeros(len(index))
    for word in words:
        x[index[word]] = 1
    return x


@wrong("reading.2", "+= with repeated indices", "a repeated row is counted once: dW[indices] +=")
def _(indices, dy, V):
    dW = np.zeros((V, dy.shape[-1]))
    dW[indices] += dy
    return dW


@wrong("reading.2", "the mean of the places", "the gradients of a row's places add up: no mean")
def _(indices, dy, V):
    return np.stack(
        [
            dy[indices == v].mean(0) if (indices == v).any() else np.zeros(dy.shape[-1])
            for v in range(V)
        ]
    )


wrong("reading.3", "padding counts in the length", "divide by the number of real tokens in the row",
      lambda E, x: (E[x] * (x != 0)[..., None]).mean(1))
wrong("reading.3", "the padding's row is averaged too", "padding is counted as a word",
      lambda E, x: E[x].mean(1))
wrong("reading.3", "the sum", "this is the sum: divide by the number",
      lambda E, x: (E[x] * (x != 0)[..., None]).sum(1))


def _compared(a, b, ddof=0, paired=True, root=True):
    d = a - b
    n = len(d)
    v = d.var(ddof=ddof) if paired else a.var() + b.var()
    return d.mean(), np.sqrt(v / n) if root else np.sqrt(v)


wrong("reading.4", "as if not paired", "these are two separate samples: the sentences",
      lambda a, b: _compared(a, b, paired=False))
wrong("reading.4", "not divided by the root of n", "this is how far single sentences scatter",
      lambda a, b: _compared(a, b, root=False))
wrong("reading.4", "b minus a", "a minus b", lambda a, b: (-_compared(a, b)[0], _compared(a, b)[1]))


def _strongest(E, F, best=max, last=1):
    return best((E[t : t + len(F)] * F).sum() for t in range(len(E) - len(F) + last))


wrong("reading.5", "the last place forgotten", "the last place is missing: there are T - K + 1",
      lambda E, F: _strongest(E, F, last=0))
wrong("reading.5", "the mean of the places", "the largest, not the mean",
      lambda E, F: _strongest(E, F, lambda s: np.mean(list(s))))
wrong("reading.5", "not below zero", "the largest may be negative: begin with",
      lambda E, F: max(0, _strongest(E, F)))

# attention

wrong("attention.1", "the weights turned round", "the weights are swapped: the key 1 has", 7)
wrong("attention.1", "the plain mean", "this is the plain mean: the first key fits", 6)
wrong("attention.1", "the scores as weights", "the scores go through e^... first", 4 * log(3))


def _attention(Q, K, V, scale=True, axis=-1):
    S = Q @ K.T
    return softmax(S / np.sqrt(Q.shape[1]) if scale else S, axis) @ V


wrong("attention.2", "not divided by the root of d", "divide the scores by the root of d",
      lambda *a: _attention(*a, scale=False))
wrong("attention.2", "softmax over the queries", "the softmax goes over the keys: every ROW",
      lambda *a: _attention(*a, axis=0))
wrong("attention.2", "no softmax", "there is no softmax", lambda Q, K, V: Q @ K.T / np.sqrt(Q.shape[1]) @ V)
wrong("attention.3", "masked with 0", "e^0 is 1: a forbidden score is -inf, not 0",
      lambda S: softmax(np.tril(S)))
wrong("attention.3", "masked after the softmax", "set to 0 after the softmax, the rows no longer",
      lambda S: np.tril(softmax(S)))
wrong("attention.3", "not itself", "row t looks at t itself, too",
      lambda S: softmax(np.where(np.tril(np.ones_like(S), -1) > 0, S, -1e9)))
wrong("attention.3", "looks into the future", "this looks ahead: keep the lower triangle",
      lambda S: softmax(np.where(np.triu(np.ones_like(S)) > 0, S, -np.inf)))
wrong("attention.4", "only reshaped", "reshape alone mixes steps and heads: first (N",
      lambda x, h: x.reshape(x.shape[0], h, x.shape[1], -1))
wrong("attention.4", "every h-th number", "every h-th number went to a head: the FIRST d/h",
      lambda x, h: x.reshape(*x.shape[:2], -1, h).transpose(0, 3, 1, 2))


def _positions(T, d, halves=False, power=2, swap=False):
    angle = np.arange(T)[:, None] * 10000.0 ** (-power * np.arange(d // 2) / d)
    s, c = (np.cos(angle), np.sin(angle)) if swap else (np.sin(angle), np.cos(angle))
    if halves:
        return np.concatenate([s, c], 1)
    return np.stack([s, c], -1).reshape(T, d)


wrong("attention.5", "sines first, then cosines", "sines and cosines take turns: columns 0, 2, 4",
      lambda T, d: _positions(T, d, halves=True))
wrong("attention.5", "the 2 in the exponent", "the exponent is -2i/d, with i for each PAIR",
      lambda T, d: _positions(T, d, power=1))
wrong("attention.5", "sine and cosine swapped", "sine first, in the even columns",
      lambda T, d: _positions(T, d, swap=True))


def _attention_back(Q, K, V, dY, scale=True, slope="right", swap=False):
    d = np.sqrt(Q.shape[1])
    A = softmax(Q @ K.T / d)
    dA = dY @ V.T
    dS = A * (dA - (A * dA).sum(1, keepdims=True)) if slope == "right" else A * (1 - A) * dA
    d = d if scale else 1
    dQ, dK = dS @ K / d, dS.T @ Q / d
    return (dK, dQ, A.T @ dY) if swap else (dQ, dK, A.T @ dY)


wrong("attention.6", "the root of d forgotten on the way back",
      "dQ and dK are divided by the root of d, too",
      lambda *a: _attention_back(*a, False))
wrong("attention.6", "the softmax entry by entry", "A (1 - A) is the diagonal of the softmax's",
      lambda *a: _attention_back(*a, slope="diagonal"))

# transformer

wrong("transformer.1", "no biases", "the biases are missing: one for each output", 12 * 32 * 32 + 4 * 32)
wrong("transformer.1", "each head has its own d by d", "the heads share d numbers among them: no factor",
      4 * 3 * (32 * 32 + 32) + 32 * 32 + 32 + 8352 + 128)
wrong("transformer.1", "one normalisation", "there are two normalisations", 12704 - 64)
wrong("transformer.1", "the mixing map forgotten", "attention has four maps: queries, keys, values",
      12704 - 32 * 33)
wrong("transformer.2", "the small network forgotten", "this is 2 d: the small network costs something",
      1024)
wrong("transformer.2", "the 2 of (.3) forgotten", "looking back has two products: the scores", 6144)
wrong("transformer.3", "normalised afterwards", "the normalisation stands before attention",
      lambda x, attention, mlp, norm1, norm2: norm2(norm1(x + attention(x)) + mlp(norm1(x + attention(x)))))
wrong("transformer.3", "both from the same x", "the second part goes on from the first: norm2",
      lambda x, attention, mlp, norm1, norm2: x + attention(norm1(x)) + mlp(norm2(x)))
wrong("transformer.3", "shortcuts forgotten", "both parts are ADDED to what was there",
      lambda x, attention, mlp, norm1, norm2: mlp(norm2(attention(norm1(x)))))


def _greedy(model, start, n, T, window=True, pick=lambda z: z[-1].argmax(), front=False):
    tokens = list(start)
    for _ in range(n):
        seen = tokens[:T] if front else tokens[-T:]
        tokens.append(int(pick(model(seen))))
    return tokens


wrong("transformer.4", "reads the first row", "the logits of the LAST place say what comes next",
      lambda *a: _greedy(*a, pick=lambda z: z[0].argmax()))
wrong("transformer.4", "only what is new", "return the start as well", lambda *a: _greedy(*a)[len(a[1]) :])
wrong("transformer.4", "the first T", "the model sees the LAST T tokens, not the first",
      lambda *a: _greedy(*a, front=True))


def _kv(x, keys, values, W_q, W_k, W_v, own=True, scale=True):
    K, V = np.vstack([keys, W_k @ x]), np.vstack([values, W_v @ x])
    seen, told = (K, V) if own else (keys, values)
    s = seen @ (W_q @ x)
    return softmax(s / np.sqrt(len(K[0])) if scale else s) @ told, K, V


wrong("transformer.5", "its own key left out", "the newest step looks at itself, too: append",
      lambda *a: _kv(*a, own=False))
wrong("transformer.5", "not divided by the root of d", "divide the scores by the root of d",
      lambda *a: _kv(*a, scale=False))
wrong("transformer.5", "the maps transposed", "q = W_q x: the weights are (out, in)",
      lambda x, k, v, Q, K, V: _kv(x, k, v, Q.T, K.T, V.T))


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


wrong("transformer.6", "the mask forgotten", "the causal mask is missing: row t looks at 0",
      lambda *a: _own(*a, mask=False))
wrong("transformer.6", "W_o forgotten", "W_o is missing, behind the averages",
      lambda *a: _own(*a, mix=False))
wrong("transformer.6", "the second normalisation forgotten",
      "the small network gets a normalised input, too",
      lambda *a: _own(*a, second=False))
wrong("transformer.6", "not divided by the root of d", "divide the scores by the root of d",
      lambda *a: _own(*a, scale=False))

# what raises, or has another form

wrong("linear_regression.3", "X not transposed", "is a transpose missing",
      lambda theta, X, y: -2 / len(y) * X @ (y - X @ theta))
wrong("losses.2", "keepdims forgotten", "needs the missing axes",
      lambda z: z.max(1) + np.log(np.exp(z - z.max(1)).sum(1)))
wrong("recurrent.2", "W x for rows", "is a transpose missing",
      lambda x, h, U, W, b, c: np.tanh(U @ x + b + W @ h + c))
wrong("attention.2", "K not transposed", "is a transpose missing",
      lambda Q, K, V: softmax(Q @ K / np.sqrt(Q.shape[1])) @ V)
wrong("training.2", "axis 1", "needs the missing axes",
      lambda a, b: ((a - a.mean(1)) / a.std(1), (b - a.mean(1)) / a.std(1)))
wrong("forecasting.4", "an axis for last forgotten", "needs the missing axes",
      lambda last, changes: last + changes.cumsum(1))
wrong("augmentation.2", "axes for f forgotten", "needs the missing axes",
      lambda x, f: f * x + (1 - f) * (_GREY * x).sum(1))
wrong("layers_and_activations.3", "b1 from the left", "b1 is a column in the formula: W2 @ b1, which",
      lambda W1, b1, W2, b2: (W2 @ W1, b1 @ W2 + b2))
wrong("linear_regression.2", "a typo", "a typo? There is mean", lambda yhat, y: ((yhat - y) ** 2).means())
wrong("everything_is_a_mapping.2", "called, not given", "give the function itself, without calling", 1)
wrong("convolution.6", "no tuple", "the pullback must return a tuple of (dx,), with",
      lambda x: (_pool(x)[0], lambda dy: _pool(x)[1](dy)[0]))
wrong("starting_well.3", "no tuple", "the pullback must return a tuple of (dx,), with",
      lambda x: (_norm(x)[0], lambda g: _norm(x)[1](g)[0]))
wrong("optimizers.3", "v not returned", "return 2 values, (w, v); yours returns one",
      lambda w, v, g, lr, mu, nesterov: w - lr * (mu * v + g))
wrong("backpropagation.2", "ds forgotten", "the pullback must return 4 gradients, one per",
      _scaled(lambda x, s, W, dz: (dz @ W * s, dz.T @ x, dz.sum(0))))
wrong("training.5", "returns the model", "return one list, the mean loss of each epoch",
      lambda *a: [_train(*a), a[0]][1])
wrong("layers_and_activations.2", "the value alone", "return two things, the value and the pullback",
      np.tanh)
wrong("better.2", "no root", "this is the variance of the mean: the error",
      lambda *a: _overlap(*a, root=False))


@wrong("everything_is_a_mapping.3", "w changed in place", "your function overwrites")
def _(w, b, X, y):
    mistakes = 0
    for x_i, y_i in zip(X, y, strict=True):
        error = y_i - int(x_i @ w + b > 0)
        w += error * x_i
        b, mistakes = b + error, mistakes + abs(error)
    return w, b, mistakes


@wrong("augmentation.3", "x changed in place", "your function overwrites")
def _(x, chosen):
    x[chosen] = x[chosen][..., ::-1]
    return x


@wrong("recurrent.5", "changed in place", "your function overwrites")
def _(gradients, c):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    for g in gradients:
        g *= min(1, c / norm)
    return gradients

# a second list, written after the general diagnoses had been improved and as blind as the first

def _stop_at_first(w, b, X, y):
    for x_i, y_i in zip(X, y, strict=True):
        error = y_i - int(x_i @ w + b > 0)
        if error:
            return w + error * x_i, b + error, 1
    return w, b, 0


def _halve_same(losses, first):
    alive, spent = np.arange(len(losses)), 0
    epochs = 0
    while len(alive) > 1:
        epochs += first
        spent += len(alive) * first
        alive = alive[np.argsort(losses[alive, epochs - 1])[: len(alive) // 2]]
    return alive[0], spent


def _table(indices, dy, V):
    dW = np.zeros((V, dy.shape[-1]))
    np.add.at(dW, indices, dy)
    return dW


wrong("everything_is_a_mapping.1", "the step not taken at a sum of 0",
      "this computes AND as well, but it is not where",
      (1, 1, -1))
wrong("everything_is_a_mapping.2", "a column", "the numbers are there, reshape them",
      lambda X, w, b: (X @ w[:, None] + b > 0).astype(int))
wrong("everything_is_a_mapping.3", "the old w returned", "this is the w that you were given: return",
      lambda w, b, X, y: (w, *_pass(w, b, X, y)[1:]))
wrong("everything_is_a_mapping.3", "stops at the first mistake", "the pass ends at the first mistake: does",
      lambda w, b, X, y: _stop_at_first(w, b, X, y))
wrong("everything_is_a_mapping.4", "the mean length for R", "R is the length of the LONGEST example",
      lambda X, s, w: (np.linalg.norm(X, axis=1).mean() / (s * (X @ w)).min() * np.linalg.norm(w)) ** 2)
wrong("everything_is_a_mapping.4", "s forgotten", "s is missing: the margin is s (u . x), positive",
      lambda X, s, w: (np.linalg.norm(X, axis=1).max() / (X @ w).min() * np.linalg.norm(w)) ** 2)
wrong("everything_is_a_mapping.6", "the labels not compared, distances averaged", None,
      lambda X, y: np.mean(np.sort(((X[:, None] - X) ** 2).sum(-1))[:, 1]))
wrong("layers_and_activations.3", "b1 through W1", "b1 is added behind the first layer: what",
      lambda W1, b1, W2, b2: (W2 @ W1, W1 @ b1 + b2))
wrong("losses.7", "softmax over the batch",
      "the softmax runs over the examples: it belongs",
      lambda z, da: softmax(z, 0) * (da - (softmax(z, 0) * da).sum(1, keepdims=True)))
wrong("losses.7", "a forgotten in front", "the factor p in front of the bracket is missing",
      lambda z, da: da - (softmax(z) * da).sum(1, keepdims=True))
wrong("layers_and_activations.6", "only those at positive places", None,
      lambda w, b: np.sort(-b / w)[np.sort(-b / w) > 0])
wrong("losses.1", "y ln p alone", "the dry third day counts as well, with 1 - 0.1",
      round(-2 * log(0.8) / 3, 3))
wrong("losses.2", "the log forgotten", "the logarithm of the sum is missing",
      lambda z: np.exp(z - z.max(1, keepdims=True)).sum(1) + z.max(1))
wrong("losses.2", "one number for all rows", "result has shape (), expected (5,): is there",
      lambda z: np.logaddexp.reduce(z.ravel()))
wrong("losses.3", "the sign of z", "the exponent is z as it is, not -z: ln(1 + e^z)",
      lambda z, y: np.mean(np.logaddexp(0, -z) - y * z))
wrong("losses.4", "times p(1 - p)", "the slope of the sigmoid has already cancelled",
      lambda z, y: (sigmoid(z) - y) * sigmoid(z) * (1 - sigmoid(z)) / len(z))
wrong("better.2", "divided by R twice", "the 1/R",
      lambda a, b, n, m: _overlap(a, b, n, m) / np.sqrt(len(a)))
wrong("better.3", "blocks in place of dealing", "these are blocks, whatever the labels: deal out",
      lambda labels, k: np.arange(len(labels)) * k // len(labels))
wrong("better.4", "the best run, not the best mean", "one lucky seed decides: choose by the mean over",
      lambda v, t: (
          (i := v.max(1).argmax()), t[i].mean(), t[i].std(ddof=1) / np.sqrt(v.shape[1])))
wrong("better.4", "not divided by the root", "this is the spread over the seeds: the error",
      lambda v, t: (*_report(v, t)[:2], _report(v, t)[2] * np.sqrt(v.shape[1])))
wrong("better.5", "epochs not doubled", "the number of epochs doubles: compare the next",
      lambda losses, first: _halve_same(losses, first))
wrong("generalisation.2", "the decay on every entry of X.T X",
      "the decay stands on the diagonal only: decay *",
      lambda X, y, decay: np.linalg.solve(X.T @ X + decay, X.T @ y))
wrong("generalisation.2", "minus", "the sign of the decay is wrong: it must shrink w",
      lambda X, y, decay: _ridge(X, y, -decay))
wrong("generalisation.4", "not better but equal counts", "the list goes on, but training does not: what",
      lambda losses, patience: _stop(losses, 10**6))
wrong("generalisation.5", "w not squared", None,
      lambda w, x, y, p: (
          np.mean((y - x @ w) ** 2) + p / (1 - p) * np.mean((x**2) @ np.abs(w)), _dropout(w, x, y, p)[1]))
wrong("generalisation.5", "dw of the first term alone", "the gradient of the second term is missing: 2",
      lambda w, x, y, p: (_dropout(w, x, y, p)[0], -2 * x.T @ (y - x @ w) / len(y)))
wrong("starting_well.2", "the variance", "this is the variance: the standard deviation",
      lambda n_out, n_in, s: 2 / ((1 + s**2) * n_in))
wrong("starting_well.2", "both sizes", "the outputs do not matter here: z is a sum over",
      lambda n_out, n_in, s: math.sqrt(2 / ((1 + s**2) * (n_in + n_out))))
wrong("starting_well.3", "eps outside of the root", "eps stands under the root: sqrt(var + eps)",
      lambda x: ((x - x.mean(0)) / (x.std(0) + 1e-5), _norm(x)[1]))
wrong("starting_well.4", "the batch alone", "these are the batch's own: mix them with",
      lambda mean, var, x, m: (x.mean(0), x.var(0, ddof=1)))
wrong("convolution.2", "rounded up", "round down: a kernel that would stick out",
      lambda n, k, s, p, d: -((n + 2 * p - d * (k - 1) - 1) // -s) + 1)
wrong("convolution.3", "the same size, with zeros", None,
      lambda x, W: np.pad(_slide(x, W), ((0, W.shape[0] - 1), (0, W.shape[1] - 1))))
wrong("convolution.3", "the kernel square taken for granted",
      "the kernel need not be square: k rows, l columns",
      lambda x, W: _slide(x, W[:, : W.shape[0]]))
wrong("convolution.4", "dW from dz squared", "dW is a sum over the places, not a mean",
      lambda x, W, dz: (_slide_back(x, W, dz)[0], _slide_back(x, W, dz)[1] / dz.size))
wrong("cnn_digits.2", "the bias once a layer", "one bias a layer: there is one for each output",
      lambda layers: _count(layers, bias=False) + sum(a[0] != "pool" for a in layers))
wrong("cnn_digits.5", "a number, not a share", "this is their number: divide by N",
      lambda z, y, k: sum(y[i] in np.argsort(-z[i])[:k] for i in range(len(y))))
wrong("cnn_digits.6", "the surest network alone", "the most certain network decides alone: average",
      lambda logits: np.max([softmax(z) for z in logits], 0).argmax(1))
wrong("cnn_digits.3", "1 - y as well", "this is the binary cross-entropy: the other",
      lambda p, y: -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) / len(p))
wrong("cnn_digits.4", "2 for e", None, lambda C: math.log2(math.e + C - 1) - 1)
wrong("pytorch.3", "(C, V, H)", "rows and columns are swapped: (C, H, V), not",
      lambda W, H, V, C: W.reshape(-1, H, V, C).transpose(0, 3, 2, 1).reshape(len(W), -1))
wrong("pytorch.4", "the norms", "these are the lengths of all together: take",
      lambda a, b: np.linalg.norm(a - b) / np.linalg.norm(b))
wrong("pytorch.4", "no absolute value", "differences count in both directions: np.abs(a",
      lambda a, b: (a - b).max() / np.abs(b).max())
wrong("augmentation.2", "green and blue swapped", "the weights are in the wrong order: red, green",
      lambda x, f: _saturate(x, f, lambda x: (_GREY[[0, 2, 1]] * x).sum(1, keepdims=True)))
wrong("augmentation.2", "the mean grey of the picture", "this is contrast: the grey version of each",
      lambda x, f: _saturate(x, f, lambda x: (_GREY * x).sum(1, keepdims=True).mean((2, 3), keepdims=True)))
wrong("augmentation.3", "colours reversed", "the colours have changed places: mirror",
      lambda x, chosen: np.where(chosen[:, None, None, None], x[:, ::-1], x))
wrong("augmentation.4", "centred windows", "top and left are the window's corner, not",
      lambda x, top, left, size: (
          _crop(x, np.maximum(top - size // 2, 0), np.maximum(left - size // 2, 0), size)))
wrong("augmentation.5", "sigma without w", "the noise is multiplied by the weights: sigma^2",
      lambda X, y, w, s: np.mean((y - X @ w) ** 2) + s**2)
wrong("augmentation.6", "one after the other", None,
      lambda f, x, t: np.mean([softmax(f(x)), *[softmax(f(g(g(x)))) for g in t]], 0))
wrong("going_deep.2", "relu after B", "y: the ReLU stands between A and B, not after B",
      lambda x, A, B: (x + np.maximum(x @ A @ B, 0), _block(x, A, B)[1]))
wrong("going_deep.3", "L times", "F grows with x: each block multiplies",
      lambda L, alpha: math.sqrt(1 + L * alpha**2))
wrong("going_deep.4", "shares", "these are shares: return the counts",
      lambda L: np.array([math.comb(L, k) for k in range(L + 1)]) / 2.0**L)
wrong("going_deep.5", "not cut, only filled", "the size is unchanged: every second row",
      lambda x, O: np.concatenate([x, np.zeros((len(x), O - x.shape[1], *x.shape[2:]))], 1))
wrong("shoulders.2", "one direction", "the picture has two directions: places times",
      lambda C, O, k, s, p, size: (O * C * k * k, O * C * k * k * ((size + 2 * p - k) // s + 1)))
wrong("shoulders.3", "the 3 by 3 from C", "the middle convolution is from m to m channels",
      lambda C, m: (18 * C * C, 2 * C * m + 9 * C * m))
wrong("shoulders.4", "the farthest", "this is the farthest picture",
      lambda x, known, y: y[((x[:, None] - known) ** 2).sum(-1).argmax(1)])
wrong("shoulders.5", "shapes alone compared", "the NAMES have to agree as well, not only",
      lambda own, learnt: (
          {k: next((a for a in learnt.values() if a.shape == v.shape), v) for k, v in own.items()}))
wrong("forecasting.2", "off by one in the season", "one step too late: the first forecast",
      lambda h, season, K: np.array([h[-season + (k + 1) % season] for k in range(K)]))
wrong("forecasting.3", "one forecast too many", "one forecast too many",
      lambda w, b, h, K: _roll(w, b, h, K + 1))
wrong("forecasting.4", "the last of the one before", "changes are added, not taken away",
      lambda last, changes: last[:, None] - changes.cumsum(1))
wrong("forecasting.5", "windows beyond the border thrown away, too", None,
      lambda s, length, border: _split(s, length, border, gap=1))
wrong("writing.4", "y one too far", None, lambda t, N: (_rows(t, N)[0], _rows(t, N)[1] + 1))
wrong("reading.2", "padding 0 left out", "here 0 is a token like the others: its row gets",
      lambda i, dy, V: _table(i, dy * (i != 0)[..., None], V))
wrong("reading.3", "a list of words, not of sentences", "mean has shape (3,), expected (4, 3): is there",
      lambda E, x: E[x[x != 0]].mean(0))
wrong("reading.4", "ddof", "and N - 1 are mixed up", lambda a, b: _compared(a, b, ddof=1))
wrong("attention.4", "merged in the wrong order back", "now swap the axes T and h",
      lambda x, h: x.reshape(*x.shape[:2], h, -1))
wrong("attention.5", "from 1", "places count from 0", lambda T, d: _positions(T + 1, d)[1:])
wrong("transformer.4", "a distribution drawn", None,
      lambda model, start, n, T: [*start, *(0 for _ in range(n))])
wrong("transformer.3", "norm1 twice", "before the mlp stands norm2",
      lambda x, attention, mlp, norm1, norm2: (h := x + attention(norm1(x))) + mlp(norm1(h)))

# making_things_up

wrong("making_things_up.1", "the probability of being forged",
      "D is the probability that the coin is the DATA's",
      (0.4, 0.8, -3.03))
wrong("making_things_up.1", "the data's own probabilities", "this is p alone: divide by p + q",
      (0.9, 0.1, -1.3862))
wrong("making_things_up.1", "V of coins that are alike", "this is V where both coins are alike",
      (0.6, 0.2, -1.386))
wrong("making_things_up.1", "V as a loss", "V is a sum of logarithms of probabilities: below 0",
      (0.6, 0.2, 1.26))
wrong("making_things_up.1", "only the real ones", "is missing: made things, with 1 - D",
      (0.6, 0.2, 0.9 * log(0.6) + 0.1 * log(0.2)))
wrong("making_things_up.1", "tails wrong", "for tails p is 0.1 and q is 0.4", (0.6, 0.4, -1.26))
wrong("making_things_up.2", "no half", "the half is missing",
      lambda mu, log_var: (mu**2 + np.exp(log_var) - 1 - log_var).sum(1))
wrong("making_things_up.2", "no minus 1", "for mu = 0 and log_var = 0 it must be 0",
      lambda mu, log_var: 0.5 * (mu**2 + np.exp(log_var) - log_var).sum(1))
wrong("making_things_up.2", "the standard deviation for the variance",
      "sigma^2 is exp(log_var), and exp(log_var / 2)",
      lambda mu, log_var: 0.5 * (mu**2 + np.exp(log_var / 2) - 1 - log_var).sum(1))
wrong("making_things_up.2", "one number for the batch", "one number for each example",
      lambda mu, log_var: 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum())
wrong("making_things_up.2", "the bound's sign", "the sign: a KL divergence is never below 0",
      lambda mu, log_var: 0.5 * (1 + log_var - mu**2 - np.exp(log_var)).sum(1))
wrong("making_things_up.2", "the mean over the code", "the parts of a code add up",
      lambda mu, log_var: 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).mean(1))
wrong("making_things_up.3", "the gradient of sigma", "this is the gradient of sigma: go on to log_var",
      lambda dz, log_var, e: (dz, dz * e))
wrong("making_things_up.3", "the half forgotten", "the slope of exp(log_var / 2) has a factor",
      lambda dz, log_var, e: (dz, dz * e * np.exp(log_var / 2)))
wrong("making_things_up.3", "the variance for sigma", "exp(log_var) is the VARIANCE",
      lambda dz, log_var, e: (dz, dz * e * np.exp(log_var)))
wrong("making_things_up.3", "dmu with the noise", "z grows as fast as mu",
      lambda dz, log_var, e: (dz * e, 0.5 * dz * e * np.exp(log_var / 2)))
wrong("making_things_up.4", "not divided by N", "the loss is a MEAN over the batch",
      lambda s: (-sigmoid(s), -sigmoid(-s)))
wrong("making_things_up.4", "the other one first", "the saturating one first",
      lambda s: (-sigmoid(-s) / len(s), -sigmoid(s) / len(s)))
wrong("making_things_up.4", "the first as D's loss", "the first loss is ln(1 - D), without a minus",
      lambda s: (sigmoid(s) / len(s), -sigmoid(-s) / len(s)))
wrong("making_things_up.4", "the losses", "these are the losses",
      lambda s: (np.log(1 - sigmoid(s)).mean(), -np.log(sigmoid(s)).mean()))


def _cover(real, made, k, place=-1, own=False, way=1):
    among = np.linalg.norm(real[:, None] - real[None], axis=-1)
    if not own:
        among[range(len(real)), range(len(real))] = np.inf
    radius = np.sort(among, 1)[:, k + place]
    near = np.linalg.norm(real[:, None] - made[None], axis=-1) < radius[:, None]
    return near.any(way).mean()


wrong("making_things_up.5", "itself among the neighbours", "the nearest real one to each is itself",
      lambda r, m, k: _cover(r, m, k, own=True))
wrong("making_things_up.5", "one neighbour too far", "the k-th nearest other is at place k - 1",
      lambda r, m, k: _cover(r, m, k, place=0))
wrong("making_things_up.5", "the share of made ones", "this is the share of made ones that lie near",
      lambda r, m, k: _cover(r, m, k, way=0))


def _unmixed(x, eps, a, b, s, new, keep=True, root=True, fresh=True):
    x0 = (x - np.sqrt(1 - a) * eps) / (np.sqrt(a) if root else a)
    return np.sqrt(b) * x0 + np.sqrt(1 - b - s**2 * keep) * eps + s * new * fresh


wrong("making_things_up.6", "all of the old noise kept", "the fresh noise takes the place of a part",
      lambda *args: _unmixed(*args, keep=False))
wrong("making_things_up.6", "no fresh noise", "the fresh noise is missing",
      lambda *args: _unmixed(*args, fresh=False))
wrong("making_things_up.6", "divided by a", "the guess at x_0 is divided by sqrt(a)",
      lambda *args: _unmixed(*args, root=False))
wrong("making_things_up.6", "x0 itself", "this is the guess at x_0: mix it again",
      lambda x, eps, a, b, s, new: (x - np.sqrt(1 - a) * eps) / np.sqrt(a))


def _best(x, a, points, shrink=True, sharp=0.5):
    q = np.sqrt(a) * points if shrink else points
    w = softmax(-sharp * ((x[:, None] - q) ** 2).sum(-1) / (1 - a))
    return w @ points


def _to_the_end(x, points, bars, n=None):
    for a, b in list(pairwise(bars))[:n]:
        x0 = _best(x, a, points)
        x = np.sqrt(b) * x0 + np.sqrt(1 - b) * (x - np.sqrt(a) * x0) / np.sqrt(1 - a)
    return x


wrong("making_things_up.7", "the last step left out", "the last step is missing",
      lambda *args: _to_the_end(*args, n=-1))
wrong("making_things_up.7", "one step", "this is the first step", lambda *args: _to_the_end(*args, n=1))
wrong("making_things_up.7", "the guess only", "this is one step, and its guess",
      lambda x, points, bars: _best(x, bars[0], points))
# smaller_and_faster

wrong("smaller_and_faster.1", "all in bits", "these are bits: eight of them are a byte",
      (105600, 107520, 113920))
wrong("smaller_and_faster.1", "no scales", "a scale of four bytes for each row is missing",
      (12800, 13440, 14240))
wrong("smaller_and_faster.1", "only the survivors", "the file must say which weights are left",
      (13200, 10240, 14240))
wrong("smaller_and_faster.1", "one of the two factors", "there are two matrices, r (O + I)",
      (13200, 13440, 10240))
wrong("smaller_and_faster.1", "in kilobytes", "these are kilobytes", (13.2, 13.44, 14.24))


def _levels(x, bits, stretch=True, steps=0, offset=True, kind=np.round, whole=True, clip=False):
    lo, hi = x.min(), x.max()
    if stretch:
        lo, hi = min(lo, 0), max(hi, 0)
    s = (hi - lo) / (2**bits - 1 + steps)
    o = kind(-lo / s) if whole else -lo / s
    q = kind(x / s) + (o if offset else 0)
    return np.clip(q, 0, 2**bits - 1) if clip else q, s, o


wrong("smaller_and_faster.2", "0 not in the range", "the range must contain 0",
      lambda x, b: _levels(x, b, stretch=False))
wrong("smaller_and_faster.2", "2**bits steps", "there are 2**bits - 1 steps",
      lambda x, b: _levels(x, b, steps=1))
wrong("smaller_and_faster.2", "a zero point that is not whole", "o is a whole number too",
      lambda x, b: _levels(x, b, whole=False))
wrong("smaller_and_faster.2", "the same, clipped", "o is a whole number too",
      lambda x, b: _levels(x, b, whole=False, clip=True))
wrong("smaller_and_faster.2", "no clip", "clip q to the levels", _levels)
wrong("smaller_and_faster.2", "without o", "the zero point is missing in q",
      lambda x, b: _levels(x, b, offset=False))
wrong("smaller_and_faster.2", "cut instead of rounded", "round to the NEAREST",
      lambda x, b: _levels(x, b, kind=np.floor))
wrong("smaller_and_faster.3", "uint8 @ int8 as they are", "added up in sixteen bits",
      lambda q, s, z, w, t: s * t * (q @ w.T - z * w.astype(int).sum(1)))
wrong("smaller_and_faster.3", "no zero point", "the second sum of (",
      lambda q, s, z, w, t: s * t * (q.astype(int) @ w.T.astype(int)))
wrong("smaller_and_faster.3", "the zero point subtracted in bytes", "begins again at 255",
      lambda q, s, z, w, t: s * t * ((q - z).astype(np.uint8).astype(int) @ w.T.astype(int)))
wrong("smaller_and_faster.3", "no scales", "the scales are missing",
      lambda q, s, z, w, t: (q.astype(int) - z) @ w.T.astype(int))
wrong("smaller_and_faster.3", "the sum of the inputs", "over the weights of a row",
      lambda q, s, z, w, t: (
          s * t * (q.astype(int) @ w.T.astype(int) - z * q.astype(int).sum(1, keepdims=True))))


wrong("smaller_and_faster.3", "q_x with a sign", "bytes WITHOUT sign",
      lambda q, s, z, w, t: (
          s * t * ((q.astype(np.int8).astype(int) - z) @ w.T.astype(int))))
wrong("smaller_and_faster.3", "scales along the examples", "the COLUMNS of the result",
      lambda q, s, z, w, t: s * t[:, None] * ((q.astype(int) - z) @ w.T.astype(int)))


def _smaller(W1, b1, W2, n, size):
    kept = np.sort(np.argsort(-size)[:n])
    return W1[kept], b1[kept], W2[:, kept]


wrong("smaller_and_faster.4", "rows alone", "what goes into a unit is half of it",
      lambda W1, b1, W2, n: _smaller(W1, b1, W2, n, (W1**2).sum(1)))
wrong("smaller_and_faster.4", "rows of W2", "W2",
      lambda W1, b1, W2, n: (*_smaller(W1, b1, W2, n, (W1**2).sum(1) * (W2**2).sum(0))[:2], W2[:n]))
wrong("smaller_and_faster.4", "by size, the largest first", "keep the units in their old order",
      lambda W1, b1, W2, n: (
          lambda k: (W1[k], b1[k], W2[:, k]))(np.argsort(-(W1**2).sum(1) * (W2**2).sum(0))[:n]))
wrong("smaller_and_faster.4", "as argsort gives them", "sort the chosen places",
      lambda W1, b1, W2, n: (
          lambda k: (W1[k], b1[k], W2[:, k]))(np.argsort((W1**2).sum(1) * (W2**2).sum(0))[-n:]))
wrong("smaller_and_faster.4", "the least", "keep the others",
      lambda W1, b1, W2, n: _smaller(W1, b1, W2, n, -(W1**2).sum(1) * (W2**2).sum(0)))
wrong("smaller_and_faster.4", "largest entries, not lengths", "LENGTH",
      lambda W1, b1, W2, n: _smaller(W1, b1, W2, n, abs(W1).max(1) * abs(W2).max(0)))


def _both(z, t, y, T, alpha, square=True, slope=1, N=True, weigh=True):
    p, own, one = softmax(t / T), softmax(z / T), one_hot(y, z.shape[1])
    soft = -(T**2 if square else 1) * (p * np.log(own)).sum(1).mean()
    hard = -np.log(softmax(z)[np.arange(len(y)), y]).mean()
    a, b = (alpha, 1 - alpha) if weigh else (1 - alpha, alpha)
    dz = a * (T**2 if square else 1) / T**slope * (own - p) + b * (softmax(z) - one)
    return a * soft + b * hard, dz / (len(y) if N else 1)


wrong("smaller_and_faster.5", "no T**2", "the factor T**2", lambda *a: _both(*a, square=False))
wrong("smaller_and_faster.5", "the inner 1 / T", "T**2 is divided by T once more",
      lambda *a: _both(*a, slope=0))
wrong("smaller_and_faster.5", "no temperature in the gradient", "the temperature is missing",
      lambda z, t, y, T, alpha: (_both(z, t, y, T, alpha)[0],
                                 (alpha * (softmax(z) - softmax(t))
                                  + (1 - alpha) * (softmax(z) - one_hot(y, z.shape[1]))) / len(y)))
wrong("smaller_and_faster.5", "not divided by N", "the loss is a mean over the examples",
      lambda *a: _both(*a, N=False))
wrong("smaller_and_faster.5", "alpha for the labels", "alpha is the teacher's part",
      lambda *a: _both(*a, weigh=False))
wrong("smaller_and_faster.6", "without squares", "the SQUARES of the singular values",
      lambda W, c: int(np.argmax(1 - np.cumsum(s := np.linalg.svd(W)[1]) / s.sum() <= c)) + 1)
wrong("smaller_and_faster.6", "counted from 0", "one too few",
      lambda W, c: int(np.argmax(1 - np.cumsum(s := np.linalg.svd(W)[1] ** 2) / s.sum() <= c)))
wrong("smaller_and_faster.6", "kept, not missed", "`share` is what may be LOST",
      lambda W, c: int(np.argmax(np.cumsum(s := np.linalg.svd(W)[1] ** 2) / s.sum() >= c)) + 1)


def _chip(q, s, layers, scale=True, low=0, bias=True, end=False):
    for k, (packed, t, b, out) in enumerate(layers):
        w = np.stack([packed // 16, packed % 16], 1).ravel().astype(int).reshape(len(b), -1) - 8
        z = s * t * (q.astype(int) @ w.T) + bias * b
        if k + 1 < len(layers) or end:
            q, s = np.clip(np.round(z / out), low, 255), out if scale else s
    return q * out if end else z


wrong("smaller_and_faster.7", "s_x kept", "the s_x of the next", lambda *a: _chip(*a, scale=False))
wrong("smaller_and_faster.7", "no ReLU", "the clip at 0 is the ReLU, and", lambda *a: _chip(*a, low=-255))
wrong("smaller_and_faster.7", "no bias", "the bias is missing", lambda *a: _chip(*a, bias=0))
wrong("smaller_and_faster.7", "the last one rounded, too", "without a clip", lambda *a: _chip(*a, end=True))

# what_has_it_learnt

wrong("what_has_it_learnt.1", "gradient times input at the end, and Shapley right",
      "this is gradient times input at the end", (1, 2, 0.5, 1.5))
wrong("what_has_it_learnt.1", "the pairs swapped", "first the integrated gradients, then the Shapley",
      (0.5, 1.5, 2 / 3, 4 / 3))
wrong("what_has_it_learnt.1", "occlusion for Shapley", "this is occlusion: the mean over BOTH orders",
      (2 / 3, 4 / 3, 1, 2))
wrong("what_has_it_learnt.1", "the rise shared equally", "the rise of 2 is not shared equally",
      (1, 1, 1, 1))
wrong("what_has_it_learnt.2", "not multiplied by the way", "multiply the mean gradient by x - baseline",
      lambda g, x, x0, n: np.mean([g(x0 + (j + 0.5) / n * (x - x0)) for j in range(n)], axis=0))
wrong("what_has_it_learnt.2", "t from 0", "these are the left ends of the pieces",
      lambda g, x, x0, n: (x - x0) * sum(g(x0 + j / n * (x - x0)) for j in range(n)) / n)
wrong("what_has_it_learnt.2", "multiplied by x", "multiply by x - baseline, not by x",
      lambda g, x, x0, n: x * sum(g(x0 + (j + 0.5) / n * (x - x0)) for j in range(n)) / n)
wrong("what_has_it_learnt.2", "only the sum returned", "credit has shape (), expected (3,)",
      lambda g, x, x0, n: (
          (x - x0) @ sum(g(x0 + (j + 0.5) / n * (x - x0)) for j in range(n)) / n))
wrong("what_has_it_learnt.3", "no ReLU", "what speaks against the answer is cut off",
      lambda A, dA: (dA.mean((1, 2))[:, None, None] * A).sum(0))
wrong("what_has_it_learnt.3", "weighted place by place", "this is gradient times input at each place",
      lambda A, dA: np.maximum((A * dA).sum(0), 0))
wrong("what_has_it_learnt.3", "summed gradients", "the weight of a channel is the MEAN of its gradients",
      lambda A, dA: np.maximum(np.einsum("c,chv->hv", dA.sum((1, 2)), A), 0))
wrong("what_has_it_learnt.3", "brought to 0..1", "map is",
      lambda A, dA: (m := np.maximum(np.einsum("c,chv->hv", dA.mean((1, 2)), A), 0)) / m.max())


@wrong("what_has_it_learnt.4", "shuffled ever more", "the columns before are still shuffled")
def ever_more(loss, X, y, order):
    before, mixed, rises = loss(X, y), X.copy(), []
    for k in range(X.shape[1]):
        mixed[:, k] = mixed[order, k]
        rises.append(loss(mixed, y) - before)
    return np.array(rises)


def _rise(loss, X, y, mixed, before=1):
    rises = []
    for k in range(X.shape[1]):
        other = X.copy()
        other[:, k] = mixed(X, k)
        rises.append(loss(other, y) - before * loss(X, y))
    return np.array(rises)


wrong("what_has_it_learnt.4", "X shuffled in place", "your function overwrites X",
      lambda loss, X, y, order: [X.__setitem__((slice(None), 0), X[order, 0]), loss(X, y)][1:])
wrong("what_has_it_learnt.4", "a column of zeros", "shuffle the column, do not set it to 0",
      lambda loss, X, y, order: _rise(loss, X, y, lambda X, k: 0))
wrong("what_has_it_learnt.4", "the shuffled loss itself", "the loss without shuffling has to be",
      lambda loss, X, y, order: _rise(loss, X, y, lambda X, k: X[order, k], 0))
wrong("what_has_it_learnt.5", "the length once only", "w is not of length 1: divide by the SQUARE",
      lambda x, w, b: x - (w @ x + b) / np.linalg.norm(w) * w)
wrong("what_has_it_learnt.5", "the change alone", "this is the change: return the point",
      lambda x, w, b: -(w @ x + b) / (w @ w) * w)
wrong("what_has_it_learnt.5", "b forgotten", "b is missing", lambda x, w, b: x - w @ x / (w @ w) * w)
wrong("what_has_it_learnt.5", "the point on the border nearest to 0", None,
      lambda x, w, b: -b / (w @ w) * w)


@wrong("what_has_it_learnt.6", "all coalitions alike", "coalitions do not weigh the same")
def alike(value, K):
    credit = np.zeros(K)
    for number in range(2**K):
        mask = (number >> np.arange(K) & 1).astype(bool)
        for k in np.flatnonzero(~mask):
            with_k = mask.copy()
            with_k[k] = True
            credit[k] += (value(with_k) - value(mask)) / 2 ** (K - 1)
    return credit


@wrong("what_has_it_learnt.6", "leaves last", "this is what is lost when k leaves last")
def leaves_last(value, K):
    everybody = np.ones(K, dtype=bool)
    return np.array([value(everybody) - value(np.arange(K) != k) for k in range(K)])


@wrong("what_has_it_learnt.6", "one order only", None)
def one_order(value, K):
    worth = [value(np.arange(K) < k) for k in range(K + 1)]
    return np.diff(worth)
# without_labels

wrong("without_labels.1", "what is kept", "48 is what is kept", (48, 4.667, 0.1269))
wrong("without_labels.1", "as a share", "as a sum of squares", (0.077, 4.667, 0.1269))
wrong("without_labels.1", "one round only", "go on until nothing changes", (4, 40.667, 0.1269))
wrong("without_labels.1", "the two similarities in a plain softmax of 1 and 0",
      "the other name lies in the opposite direction", (4, 4.667, 0.3133))
wrong("without_labels.1", "both sums", "the mean of the two", (4, 4.667, 0.2539))
wrong("without_labels.2", "not squared", "squares of the singular values",
      lambda s, share: int(np.argmax(np.cumsum(s) >= share * s.sum())) + 1)
wrong("without_labels.2", "one too few", "places count from 0",
      lambda s, share: int(np.argmax(np.cumsum(s**2) >= share * np.sum(s**2))))
wrong("without_labels.2", "share missed", "share that is KEPT",
      lambda s, share: int(np.argmax(np.cumsum(s**2) >= (1 - share) * np.sum(s**2))) + 1)


def _a_round(X, mu, empty=True, new_J=True, squared=True):
    d = ((X[:, None] - mu) ** 2).sum(2)
    c = d.argmin(1)
    new = np.array([X[c == k].mean(0) if (c == k).any() else (mu[k] if empty else X.mean(0))
                    for k in range(len(mu))])
    r = X - (new if new_J else mu)[c]
    return c, new, (r**2).sum() if squared else np.sqrt((r**2).sum(1)).sum()


wrong("without_labels.3", "J of the old centres", "J is asked for with the NEW centres",
      lambda X, mu: _a_round(X, mu, new_J=False))
wrong("without_labels.3", "J of distances", "SQUARED distances", lambda X, mu: _a_round(X, mu, squared=False))
wrong("without_labels.3", "an empty heap in the middle", "keeps its centre",
      lambda X, mu: _a_round(X, mu, empty=False))
wrong("without_labels.3", "means without a guard", "keeps its centre", lambda X, mu: (
    _a_round(X, mu)[0],
    np.array([X[_a_round(X, mu)[0] == k].sum(0) / (_a_round(X, mu)[0] == k).sum() for k in range(len(mu))]),
    _a_round(X, mu)[2]))


def _names(a, b, tau, turn=True, both=True, across=True, length=True, warm=True):
    v, u = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (b, a))
    z = u @ v.T / tau
    P, Q = np.exp(z) / np.exp(z).sum(1, keepdims=True), np.exp(z) / np.exp(z).sum(0)
    G = (P + Q - 2 * np.eye(len(a))) / 2 / len(a) if both else (P - np.eye(len(a))) / len(a)
    g = (G.T if turn else G) @ u / (tau if warm else 1)
    if across:
        g = g - v * (g * v).sum(1, keepdims=True)
    return g / np.linalg.norm(b, axis=1, keepdims=True) if length else g


wrong("without_labels.4", "G not transposed", "the COLUMNS of G", lambda *x: _names(*x, turn=False))
wrong("without_labels.4", "only the pictures' question", "two questions", lambda *x: _names(*x, both=False))
wrong("without_labels.4", "no (.7)", "only what is across", lambda *x: _names(*x, across=False))
wrong("without_labels.4", "length forgotten", "divide by the length", lambda *x: _names(*x, length=False))
wrong("without_labels.4", "temperature forgotten", "1 / tau", lambda *x: _names(*x, warm=False))
wrong("without_labels.4", "gradient by a", "this is the gradient by a",
      lambda a, b, tau: _names(b, a, tau))
wrong("without_labels.5", "kind to ties", "stands before it",
      lambda s, k: np.mean((s > np.diag(s)[:, None]).sum(1) < k))
wrong("without_labels.5", "by names", "along the rows", lambda s, k: np.mean((s >= np.diag(s)).sum(0) <= k))
wrong("without_labels.5", "in per cent", "a share",
      lambda s, k: 100 * np.mean((s >= np.diag(s)[:, None]).sum(1) <= k))
wrong("without_labels.5", "one short", "its own score",
      lambda s, k: np.mean((s >= np.diag(s)[:, None]).sum(1) < k))


def _ask(P, labelled, n, order=1, leave=True, how="margin"):
    s = np.sort(P, axis=1)
    m = {"margin": s[:, -1] - s[:, -2], "least": s[:, -1],
         "entropy": (P * np.log(P)).sum(1)}[how] * order
    if leave:
        m[labelled] = np.inf
    return np.argsort(m)[:n]


wrong("without_labels.6", "the surest", "SMALLEST margin", lambda *x: _ask(*x, order=-1))
wrong("without_labels.6", "labelled ones too", "are known already", lambda *x: _ask(*x, leave=False))
wrong("without_labels.6", "least sure", "best and the second best", lambda *x: _ask(*x, how="least"))
wrong("without_labels.6", "entropy", "best and the second best", lambda *x: _ask(*x, how="entropy"))
def _seeds(X, us, power=1, upto=None):
    places = [int(us[0] * len(X))]
    for u in us[1:]:
        d = ((X[:, None] - X[places[:upto]]) ** 2).sum(2).min(1) ** power
        places.append(int((np.cumsum(d) > u * d.sum()).argmax()))
    return places


wrong("without_labels.7", "distances not squared", "by SQUARED distances",
      lambda X, us: _seeds(X, us, power=0.5))
wrong("without_labels.7", "from the first centre only", "ALL centres so far",
      lambda X, us: _seeds(X, us, upto=1))
wrong("without_labels.7", "the points", "their places are asked for", lambda X, us: X[_seeds(X, us)])


def _far(X, us):
    places = [int(us[0] * len(X))]
    for _ in us[1:]:
        places.append(int(((X[:, None] - X[places]) ** 2).sum(2).min(1).argmax()))
    return places


wrong("without_labels.7", "always the farthest", "the farthest point", _far)
# can_it_be_trusted

wrong("can_it_be_trusted.1", "weights added with their signs", "each has its own sign", (-0.2, 1, 0.5))
wrong("can_it_be_trusted.1", "the length of w", "the LENGTH of w", (1.0, 1, 0.5))
wrong("can_it_be_trusted.1", "sizes added", "squares do", (1.4, 1.4, 0.5))
wrong("can_it_be_trusted.1", "the sensitivity", "who HAVE it", (1.4, 1, 0.9))
wrong("can_it_be_trusted.1", "the whole 100 healthy", "of the 90", (1.4, 1, 0.474))
wrong("can_it_be_trusted.2", "not clipped", "between 0 and 1", lambda x, g, r: x + r * np.sign(g))
wrong("can_it_be_trusted.2", "the gradient itself", "the SIGN", lambda x, g, r: np.clip(x + r * g, 0, 1))
wrong("can_it_be_trusted.2", "descent", "RAISES", lambda x, g, r: np.clip(x - r * np.sign(g), 0, 1))


def _walk(gradient, x, r, a, steps, centre="first", back="each"):
    at = x.copy()
    for _ in range(steps):
        old, at = at, at + a * np.sign(gradient(at))
        middle = x if centre == "first" else old
        if back == "each":
            at = np.minimum(np.maximum(at, middle - r), middle + r).clip(0, 1)
    return at if back == "each" else at.clip(x - r, x + r).clip(0, 1) if back == "end" else at.clip(0, 1)


wrong("can_it_be_trusted.3", "r from the last point", "ORIGINAL", lambda *a: _walk(*a, centre="last"))
wrong("can_it_be_trusted.3", "put back once", "after EACH", lambda *a: _walk(*a, back="end"))
wrong("can_it_be_trusted.3", "one gradient for all steps", "anew",
      lambda gradient, x, *rest: _walk(lambda _: gradient(x), x, *rest))


def _noisy_mean(G, C, s, xi, per_row=True, noise_in=True, least=True):
    n = np.sqrt((G**2).sum(1))
    f = np.minimum(1, C / n) if least else C / n
    total = f @ G if per_row else G.sum(0) * min(1, C / np.linalg.norm(G.sum(0)))
    return (total + s * C * xi) / len(G) if noise_in else total / len(G) + s * C * xi


wrong("can_it_be_trusted.4", "cuts the sum", "EACH row", lambda *a: _noisy_mean(*a, per_row=False))
wrong("can_it_be_trusted.4", "noise on the mean", "divided by N, too",
      lambda *a: _noisy_mean(*a, noise_in=False))
wrong("can_it_be_trusted.4", "always normalises", "stays", lambda *a: _noisy_mean(*a, least=False))


def _eps(T, s, delta, two=2):
    return T / (two * s**2) + 2 * (T / (two * s**2) * np.log(1 / delta)) ** 0.5


wrong("can_it_be_trusted.5", "epsilon", "put it into (", lambda *a: _eps(*a))
wrong("can_it_be_trusted.5", "the 2 forgotten", "the 2 is missing", lambda T, s, d: (
    (np.exp(_eps(T, s, d, 1)) + d) / (1 + np.exp(_eps(T, s, d, 1)))))
wrong("can_it_be_trusted.5", "no delta", "delta is missing", lambda T, s, d: 1 / (1 + np.exp(-_eps(T, s, d))))


def _apart(score, has, group, t, first=0, of_all=False):
    rows = []
    for g in (first, 1 - first):
        d, h = score[group == g] >= t, has[group == g]
        rows.append([d.mean(), d[h == 1].mean(), d[h == 0].mean(),
                     (d & (h == 1)).mean() if of_all else h[d].mean()])
    return np.subtract(rows[1], rows[0])


wrong("can_it_be_trusted.6", "group 0 less group 1", "LESS", lambda *a: _apart(*a, first=1))
wrong("can_it_be_trusted.6", "PPV of all", "of the SELECTED", lambda *a: _apart(*a, of_all=True))


def _rounds(homes, lr, local, rounds, weigh=True, common=True):
    w = np.zeros(2)
    for _ in range(rounds):
        found, at = [], w
        for X, y in homes:
            at = w if common else at
            for _ in range(local):
                at = at - lr * X.T @ (X @ at - y) / len(y)
            found.append(at)
        w = np.average(found, axis=0, weights=[len(y) for _, y in homes] if weigh else None)
    return w


wrong("can_it_be_trusted.7", "all holders alike", "numbers of examples", lambda *a: _rounds(*a, weigh=False))
wrong("can_it_be_trusted.7", "one after the other", "COMMON w", lambda *a: _rounds(*a, common=False))
# finding_things

wrong("finding_things.1", "the sum of areas below", "counted once in the union", (0.143, 0.4286, 0.5))
wrong("finding_things.1", "overlap only", "this is the overlap", (4, 0.4286, 0.5))
wrong("finding_things.1", "six tenths", "together they cover 14", (0.1667, 0.6, 0.5))
wrong("finding_things.1", "mean over the four boxes", "each counts a half", (0.1667, 0.4286, 0.25))
wrong("finding_things.1", "mean of all four precisions", "only where recall rises", (0.1667, 0.4286, 0.3542))
wrong("finding_things.2", "shift in pixels", "in sizes of the anchor",
      lambda t, a: np.concatenate([a[:, :2] + t[:, :2], a[:, 2:] * np.exp(t[:, 2:])], 1))
wrong("finding_things.2", "size added", "not added to",
      lambda t, a: np.concatenate([a[:, :2] + a[:, 2:] * t[:, :2], a[:, 2:] + t[:, 2:]], 1))
wrong("finding_things.2", "no exponential", "the LOGARITHM of the factor",
      lambda t, a: np.concatenate([a[:, :2] + a[:, 2:] * t[:, :2], a[:, 2:] * t[:, 2:]], 1))
wrong("finding_things.2", "subtracted", "the sign of the shift",
      lambda t, a: np.concatenate([a[:, :2] - a[:, 2:] * t[:, :2], a[:, 2:] * np.exp(t[:, 2:])], 1))


def _ious(a, b, floor=0.0, share=1, extra=0):
    out = np.zeros((len(a), len(b)))
    for i, (x0, y0, x1, y1) in enumerate(a):
        for j, (u0, v0, u1, v1) in enumerate(b):
            w = max(floor, min(x1, u1) - max(x0, u0) + extra)
            h = max(floor, min(y1, v1) - max(y0, v0) + extra)
            union = (x1 - x0 + extra) * (y1 - y0 + extra) + (u1 - u0 + extra) * (v1 - v0 + extra)
            out[i, j] = w * h / (union - share * w * h)
    return out


wrong("finding_things.3", "negative sides", "two negative sides", lambda a, b: _ious(a, b, floor=-1e9))
wrong("finding_things.3", "shared area twice", "take it away once", lambda a, b: _ious(a, b, share=0))
wrong("finding_things.3", "pixels counted", "no + 1", lambda a, b: _ious(a, b, extra=1))
wrong("finding_things.3", "transposed", "in the ROWS", lambda a, b: _ious(b, a))


@wrong("finding_things.4", "those that have gone suppress too", "only a KEPT box")
def gone_too(overlap, scores, t):
    order = np.argsort(-scores)
    return np.array([k for n, k in enumerate(order) if np.all(overlap[k, order[:n]] <= t)])


def _nms(overlap, scores, t, sign=1):
    rest, out = list(np.argsort(-sign * scores)), []
    while rest:
        out.append(rest.pop(0))
        rest = [k for k in rest if overlap[out[-1], k] <= t]
    return np.array(out)


wrong("finding_things.4", "least sure first", "the LARGEST score", lambda o, s, t: _nms(o, s, t, -1))
wrong("finding_things.4", "by place", "in the order of the scores", lambda o, s, t: np.sort(_nms(o, s, t)))
wrong("finding_things.4", "scores", "their places are asked for", lambda o, s, t: s[_nms(o, s, t)])


def _three(a, p, n, m, margin=True, gate=True, mean=True):
    v = np.sum((a - p) ** 2 - (a - n) ** 2, axis=1) + (m if margin else 0)
    g = (v > 0 if gate else v > -np.inf)[:, None] * 2.0 / (len(a) if mean else 1)
    return g * (n - p), g * (p - a), g * (a - n)


wrong("finding_things.5", "no gate", "far enough", lambda *x: _three(*x, gate=False))
wrong("finding_things.5", "margin forgotten", "the margin m", lambda *x: _three(*x, margin=False))
wrong("finding_things.5", "sum", "divide by N", lambda *x: _three(*x, mean=False))
wrong("finding_things.5", "a in one distance only", "both distances",
      lambda a, p, n, m: (_three(2 * a - n, 2 * p - n, n, m)[0] * 0 + (
          (np.sum((a - p) ** 2 - (a - n) ** 2, axis=1) + m > 0)[:, None] * 2 * (a - p) / len(a)),
          *_three(a, p, n, m)[1:]))


def _numbers(frames, least, start=0, places=False, again=False):
    out, top = [list(range(start, start + len(frames[0])))], start + len(frames[0])
    for a, b in pairwise(frames):
        table, ids = _ious(a, b), []
        if again:
            top = max(out[-1]) + 1
        for j in range(len(b)):
            i = int(table[:, j].argmax())
            if table[i, j] >= least:
                ids.append(i if places else out[-1][i])
            else:
                ids.append(top)
                top += 1
        out.append(ids)
    return out


wrong("finding_things.6", "places for numbers", "numbers[-1][place]", lambda *x: _numbers(*x, places=True))
wrong("finding_things.6", "from 1", "count from 0", lambda *x: _numbers(*x, start=1))
wrong("finding_things.6", "numbers given again", "never given again", lambda *x: _numbers(*x, again=True))
