"""Exercises: optimizers."""

import numpy as np

from .judge import Exercise


def _adamw(w, gradients, lr, beta1, beta2, eps, decay, *, correct=True, root=True, coupled=False,
           start=1, inside=False, mean=True, last=False, rate=True, stuck=False,
           power=2):  # fmt: skip
    m, s = 0.0 * w, 0.0 * w
    for k, g in enumerate(gradients, start):
        t = start if stuck else k
        shrink = 1 - (lr if rate else 1.0) * decay
        if coupled:
            g = g + decay * w
        elif not last:
            w = w * shrink
        m = beta1 * m + (1 - beta1) * g if mean else g
        s = beta2 * s + (1 - beta2) * abs(g) ** power
        mhat = m / (1 - beta1**t) if correct and mean else m
        shat = s / (1 - beta2**t) if correct else s
        below = np.sqrt(shat + eps) if inside else (np.sqrt(shat) if root else shat) + eps
        w = w - lr * mhat / below
        if last and not coupled:
            w = w * shrink
    return w


def _paper(**changes):
    settings = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 0.0, "decay": 0.0} | changes
    return float(_adamw(np.array(1.0), (4.0, -2.0), **settings))


on_paper = Exercise(
    "optimizers.1",
    answer=_paper(),
    names="w",
    tol=0.0006,
    hint=("make a table with m, s and both corrected means after each of the two gradients, by (.9) "
          "and (.10)"),
    mistakes=[
        (_paper(correct=False), "both means start at 0: divide them by 1 - 0.9**t and 1 - 0.999**t"),
        (_paper(root=False), "the root of s is missing: divide by the size, not by its square"),
        (_paper(beta1=0.0), "you divided the gradient itself: Adam takes its running mean m"),
        (2 - _paper(), "the weights move against the gradient: w - lr ..."),
        (_paper(stuck=True), "t has stayed at 1: in the second step divide by 1 - 0.9**2 and 1 - 0.999**2"),
        (_paper(beta1=0.999, beta2=0.9), "beta1 = 0.9 belongs to the gradient, beta2 = 0.999 to its square"),
        (0.9, "this is where the first step leads: one more, with the gradient -2"),
    ],
)  # fmt: skip


def _matrix(seed, n):
    A = np.random.default_rng(seed).standard_normal((n, n))
    return (A @ A.T + 0.1 * np.eye(n),)


def _curvatures(H):
    return np.linalg.eigvalsh(H)


rate_limit = Exercise(
    "optimizers.2",
    answer=lambda H: 2 / _curvatures(H).max(),
    cases=[_matrix(1, 3), _matrix(2, 5), (np.diag([1.0, 9.0]),)],
    names="rate",
    arguments="H",
    batch=None,
    hint="take a diagonal H, diag(1, 10), and apply (.2) to each axis: which gives in first?",
    mistakes=[
        (lambda H: 1 / _curvatures(H).max(),
         "at this rate the steepest direction arrives in one step: it converges up to twice that"),
        (lambda H: 2 / _curvatures(H).min(), "the STEEPEST direction sets the limit: the largest eigenvalue"),
        (lambda H: 2 / np.trace(H), "the trace adds up all curvatures: the largest one alone counts"),
        (lambda H: 2 / np.diag(H).max(),
         "the diagonal holds the curvatures along the axes, the steepest direction may lie between them"),
        (lambda H: _curvatures(H).max() / _curvatures(H).min(), "this is the condition number, not a rate"),
        (lambda H: _curvatures(H).max(), "this is the largest curvature itself: the rate is 2 divided by it"),
        (lambda H: 2 / (_curvatures(H).max() + _curvatures(H).min()),
         "this is the BEST rate for a bowl, not the one at which it stops converging"),
    ],
)  # fmt: skip


def _step(w, v, g, lr, mu, nesterov, *, fade=1.0, old=False, never=False, rated=False):
    new = mu * v + (lr if rated else fade) * g
    if nesterov and not never:
        d = g + mu * new
    else:
        d = v if old and not nesterov else new
    return w - (1 if rated else lr) * d, new


def _moving(seed, nesterov):
    rng = np.random.default_rng(seed)
    return (*(rng.standard_normal(4) for _ in range(3)), 0.1, 0.9, nesterov)


momentum = Exercise(
    "optimizers.3",
    answer=_step,
    cases=[_moving(3, False), _moving(4, True)],
    names="w, v",
    arguments="w, v, g, lr, mu, nesterov",
    batch=None,
    hint=("take v = 0: what are the new v and w by (.4)? Then a second step, where v is no longer 0; "
          "then (.7)"),
    mistakes=[
        (lambda *a: _step(*a, fade=0.1), "the gradient enters whole: v = mu v + g, without 1 - mu"),
        (lambda *a: _step(*a, old=True), "you moved by the old velocity: update v first, then move by it"),
        (lambda *a: _step(*a, never=True), "Nesterov's step, g + mu v, is missing or has the old v: (.7)"),
        (lambda w, v, g, lr, mu, nesterov: _step(w, v, g, lr, mu, True),
         "this is Nesterov's step, (.7): take it only if `nesterov` is true"),
        (lambda *a: _step(*a)[::-1], "return the weights first, then the velocity"),
        (lambda w, v, g, lr, mu, nesterov: (w + mu * v - lr * g, mu * v - lr * g),
         "the velocity of (.4) is a sum of gradients, without rate and sign: v = mu v + g, w = w - lr v"),
        (lambda *a: _step(*a, rated=True),
         "the rate belongs to the move, not into the velocity: v = mu v + g, w = w - lr v"),
        (lambda w, *a: (2 * w - _step(w, *a)[0], _step(w, *a)[1]), "w goes uphill: w - lr v"),
    ],
)  # fmt: skip


def _means(g, beta, correct=lambda m, beta, t: m / (1 - beta**t), start=0.0):
    m, means = start, []
    for t, value in enumerate(g, 1):
        m = beta * m + (1 - beta) * value
        means.append(correct(m, beta, t))
    return np.array(means)


def _fed_back(g, beta):
    m, means = 0.0, []
    for t, value in enumerate(g, 1):
        m = (beta * m + (1 - beta) * value) / (1 - beta**t)
        means.append(m)
    return np.array(means)


means = Exercise(
    "optimizers.4",
    answer=_means,
    cases=[(np.array([5.0, 5.0, 5.0, 5.0]), 0.9), (np.array([1.0, -2.0, 4.0]), 0.8)],
    names="means",
    arguments="g, beta",
    batch=None,
    hint="take g = (5, 5) and beta = 0.9 and do it on paper with (.10): both means are 5",
    mistakes=[
        (lambda g, beta: _means(g, beta, lambda m, beta, t: m),
         "the correction is missing: the means start at 0 and come out too small"),
        (lambda g, beta: _means(g, beta, lambda m, beta, t: m / (1 - beta)),
         "too large from the second on: the new number enters with 1 - beta, the correction is 1 - beta**t"),
        (lambda g, beta: _means(g, beta, start=g[0], correct=lambda m, beta, t: m),
         "the mean starts at 0 and is corrected for that; yours starts at the first number"),
        (lambda g, beta: _means(g, beta, lambda m, beta, t: m / (1 - beta ** (t + 1))),
         "the exponent is one too high: the first mean has t = 1"),
        (_fed_back, "the next mean goes on from the UNcorrected one: correct only what you return"),
        (lambda g, beta: _means(g, 1 - beta),
         "beta and 1 - beta are swapped: the OLD mean has the factor beta"),
        (lambda g, beta: np.cumsum(g) / np.arange(1, len(g) + 1),
         "this is the plain mean of all numbers: old ones must fade by beta each step"),
    ],
)  # fmt: skip


def _many(seed, n, decay=0.1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(3), rng.standard_normal((n, 3)), 0.05, 0.9, 0.99, 1e-3, decay


def _one(w, m, s, g, t, lr, beta1, beta2, eps, decay, *, correct=True, inside=False):
    g, decay = (g + decay * w, 0.0) if inside else (g, decay)
    m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g * g
    mean, square = (m / (1 - beta1**t), s / (1 - beta2**t)) if correct else (m, s)
    return (1 - lr * decay) * w - lr * mean / (np.sqrt(square) + eps), m, s


def _on_the_way(seed, t, decay=0.1):
    rng = np.random.default_rng(seed)
    w, m, g = rng.standard_normal((3, 4))
    return w, m, m**2 + 1, g, t, 0.05, 0.9, 0.99, 1e-3, decay


one = Exercise(
    "optimizers.5",
    answer=_one,
    cases=[_on_the_way(8, 1), _on_the_way(9, 4), _on_the_way(10, 2, 0.0)],
    names="w, m, s",
    arguments="w, m, s, g, t, lr, beta1, beta2, eps, decay",
    batch=None,
    hint="three lines: the new means by (.9), their corrected values by (.10), the step by (.11)",
    mistakes=[
        (lambda *a: _one(*a, correct=False), "the means are used uncorrected: divide by 1 - beta**t, (.10)"),
        (lambda *a: _one(*a, inside=True),
         "the decay does not go into the gradient: AdamW shrinks the weights directly, (.11)"),
        (lambda w, m, s, g, t, lr, b1, b2, eps, decay: _one(w, m, s, g, t, lr, b1, b2, eps, 0.0),
         "the decay is missing, (.11)"),
    ],
)  # fmt: skip

whole = Exercise(
    "optimizers.5",
    answer=_adamw,
    cases=[_many(5, 6), _many(6, 1, 0.3), _many(7, 20, 0.0)],
    names="w",
    arguments="w, gradients, lr, beta1, beta2, eps, decay",
    batch=None,
    steps={"one": one},
    hint=("take one step with decay = 0: each weight moves by nearly lr; then one with gradients of "
          "0, which leaves only the first half of (.11)"),
    mistakes=[
        (lambda *a: _adamw(*a, coupled=True),
         "this is Adam with the decay in the gradient: AdamW shrinks the weights directly, (.11)"),
        (lambda *a: _adamw(*a, correct=False), "the means are not corrected for their start, (.10)"),
        (lambda w, gradients, lr, b1, b2, eps, decay: _adamw(w, gradients, lr, b1, b2, eps, 0.0),
         "the decay is missing: weights shrink by 1 - lr decay, (.11)"),
        (lambda *a: _adamw(*a, root=False), "the root is missing: divide by sqrt(s), not by s"),
        (lambda *a: _adamw(*a, power=1), "s is the running mean of the SQUARED gradient"),
        (lambda *a: _adamw(*a, inside=True), "eps stands outside the root: sqrt(s) + eps"),
        (lambda *a: _adamw(*a, last=True), "the weights shrink BEFORE the step of Adam"),
        (lambda *a: _adamw(*a, rate=False), "the decay is multiplied by the rate: 1 - lr * decay"),
        (lambda *a: _adamw(*a, mean=False), "the mean of the gradient is missing: you used g itself"),
        (lambda *a: _adamw(*a, start=2), "t is one too high: the first step has t = 1"),
    ],
)  # fmt: skip

EXERCISES = [on_paper, rate_limit, momentum, means, whole]
