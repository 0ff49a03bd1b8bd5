"""Exercises: recurrent networks."""

import math

import numpy as np

from .inputs import normal
from .judge import Exercise

by_hand = Exercise(
    "recurrent.1",
    answer=4.0,
    names="dw",
    hint=(
        "from the last step back: dh3, then dh2 and dh1 by (.2), each with two parts; then collect "
        "by (.4). There is no bend here"
    ),
    mistakes=[
        (2.0, "h2 also has a gradient of its own, as the loss looks at it: dh2 = 1 + w dh3"),
        (3.0, "dh2 also gets w dh3, by way of h3"),
        (1.0, "this is the last step's part: w was used before, too"),
        (6.5, "w multiplies the state BEFORE: dw adds up dh_t h_t-1"),
        (1.5, "this is dh2: it still has to be multiplied by h1, and the last step's part added"),
        (5.0, "on the way from h3 to h2 stands w: dh2 = 1 + 0.5 dh3"),
        (4.5, "this is du: it adds up dh_t x_t, and dw adds up dh_t h_t-1"),
        (1.75, "this is dh1"),
    ],
)


def _step(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def _weights(seed, D, H):
    return tuple(0.5 * w for w in normal(seed, (H, D), (H, H), (H,), (H,)))


def _square(D):
    """D = H, so that a forgotten transpose runs and gives other numbers."""
    return (*normal(2, (3, D), (3, D)), *_weights(3, D, D))


step = Exercise(
    "recurrent.2",
    answer=_step,
    cases=[_square(4), (*normal(4, (5, 2), (5, 3)), *_weights(5, 2, 3))],
    names="h",
    arguments="x, h, W_ih, W_hh, b_ih, b_hh",
    hint=("set three of the four weights to 0 and compare the rest with (.1); print the shape of each "
          "product"),
    mistakes=[
        (lambda x, h, W, U, b, c: x @ W.T + b + h @ U.T + c, "there is no tanh yet"),
        (lambda x, h, W, U, b, c: np.tanh(x @ W + b + h @ U + c),
         "W_ih is (H, D), examples stand in rows: x @ W_ih.T, h @ W_hh.T"),
        (lambda x, h, W, U, b, c: np.tanh(x @ W.T + b + h @ U + c), "W_hh is not transposed"),
        (lambda x, h, W, U, b, c: np.tanh(x @ W + b + h @ U.T + c), "W_ih is not transposed"),
        (lambda x, h, W, U, b, c: np.tanh(x @ W.T + b + h @ U.T), "b_hh is missing"),
        (lambda x, h, W, U, b, c: np.tanh(x @ W.T + h @ U.T + c), "b_ih is missing"),
        (lambda x, h, W, U, b, c: np.tanh(x @ W.T + h @ U.T), "both biases are missing"),
        (lambda x, h, W, U, b, c: np.tanh(x @ W.T + b) + np.tanh(h @ U.T + c),
         "one tanh over the whole sum, not one for each part"),
        (lambda x, h, W, U, b, c: np.tanh(x @ W.T + b) + h @ U.T + c,
         "tanh goes over the whole sum, the old state's part too"),
    ],
)  # fmt: skip


def _gradient(h, W, dh, *, bend=True, before=True, sum_up=True, back=lambda W, dh, dz: W.T @ dz):
    dW = np.zeros_like(W)
    for t in range(len(h) - 1, 0, -1):
        dz = dh * (1 - h[t if bend is True else t - 1] ** 2) if bend else dh
        part = np.outer(dz, h[t - 1] if before else h[t])
        dW = dW + part if sum_up else part
        dh = back(W, dh, dz)
    return dW


def _states(seed, T, H):
    h, W, dh = normal(seed, (T + 1, H), (H, H), (H,))
    return np.tanh(h), 0.7 * W, dh


through_time = Exercise(
    "recurrent.3",
    answer=_gradient,
    cases=[_states(6, 4, 3), _states(7, 6, 5)],
    names="dW_hh",
    arguments="h, W_hh, dh",
    batch=None,
    hint="take one unit and T = 2 and write dz2, dz1 by (.3) and (.2), then the sum of (.4)",
    mistakes=[
        (lambda *a: _gradient(*a, bend=False), "dz = dh (1 - h_t^2): the bend is missing"),
        (lambda *a: _gradient(*a, before=False), "W_hh met the state BEFORE: dz_t times h_t-1"),
        (lambda *a: _gradient(*a, bend="before"), "the slope belongs to the new state: 1 - h_t^2"),
        (lambda *a: _gradient(*a, back=lambda W, dh, dz: W @ dz),
         "back through W_hh means W_hh.T @ dz"),
        (lambda *a: _gradient(*a, back=lambda W, dh, dz: W.T @ dh),
         "what goes on to the state before is W_hh.T @ dz, with the bend's slope in it"),
        (lambda *a: _gradient(*a, back=lambda W, dh, dz: dh + W.T @ dz),
         "only the last state has a gradient of its own: the next dh is W_hh.T @ dz alone"),
        (lambda *a: _gradient(*a, back=lambda W, dh, dz: dh),
         "dh never changes: for the state before it is W_hh.T @ dz"),
        (lambda *a: _gradient(*a, sum_up=False),
         "this is the part of the first step only: the steps' parts add up"),
        (lambda h, W, dh: np.outer(dh * (1 - h[-1] ** 2), h[-2]),
         "this is the last step's part: go on back, W_hh.T @ dz is the next dh"),
        (lambda *a: _gradient(*a).T, "transposed: row j belongs to unit j, np.outer(dz, h_t-1)"),
    ],
)  # fmt: skip


def _steps(rho, share):
    k, size = 0, 1.0
    while size >= share:
        k, size = k + 1, size * rho
    return k


reach = Exercise(
    "recurrent.4",
    answer=_steps,
    cases=[(0.5, 0.1), (0.5, 0.25), (0.9, 0.001), (0.99, 0.5)],
    names="steps",
    arguments="rho, share",
    batch=None,
    hint=("multiply it out for rho = 0.5 and share = 0.25: after one step, two, three; where is it "
          "below?"),
    mistakes=[
        (lambda r, s: math.ceil(math.log(s) / math.log(r)),
         "after this many it may be exactly at the share: it should be below"),
        (lambda r, s: math.log(s) / math.log(r), "whole steps: round up"),
        (lambda r, s: _steps(r, s) - 1, "one step too few: still at the share, or above it"),
        (lambda r, s: _steps(r, s) + 1, "one step too many"),
    ],
)  # fmt: skip


def _clip(gradients, c, *, each=False, always=False, values=False):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    norms = [np.linalg.norm(g) if each else norm for g in gradients]
    if values:
        return [np.clip(g, -c, c) for g in gradients]
    return tuple(
        g * (c / n if always else min(1.0, c / n)) for g, n in zip(gradients, norms, strict=True)
    )


def _clipped(f, gradients, c):
    result = f(list(gradients), c)
    return tuple(result) if isinstance(result, list) else result


clipping = Exercise(
    "recurrent.5",
    answer=_clip,
    cases=[(normal(8, (3, 2), (4,)), 0.5), (normal(9, (2, 2), (3,)), 100.0)],
    names="gradients[0], gradients[1]",
    arguments="gradients, c",
    batch=None,
    use=_clipped,
    hint=("take the arrays [3] and [4]: together their length is 5; what becomes of them for c = 1 "
          "and for c = 10? Compare with (.7)"),
    mistakes=[
        (lambda g, c: _clip(g, c, each=True),
         "each array is clipped by itself: one norm for all of them together"),
        (lambda g, c: _clip(g, c, always=True), "short gradients are made longer: min(1, ...)"),
        (lambda g, c: _clip(g, c, values=True),
         "entries are clipped one by one, which changes the direction"),
        (lambda g, c: g, "nothing was clipped"),
        (lambda g, c: _clip(g, 1.0), "the length is c afterwards, not 1"),
        (lambda g, c: [a * min(1.0, c / sum(np.linalg.norm(b) for b in g)) for a in g],
         "the norm of all together is the root of the sum of their SQUARES"),
        (lambda g, c: [a * min(1.0, c / sum((b**2).sum() for b in g)) for a in g],
         "divide by the norm, the root of the sum of squares"),
    ],
)  # fmt: skip


def _read(x, W_ih, W_hh, b_ih, b_hh, *, h=None):
    h, states = np.zeros((len(x), len(W_hh))) if h is None else h, []
    for t in range(x.shape[1]):
        h = _step(x[:, t], h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states, axis=1)


def _both(x, forwards, backwards, *, back=slice(None, None, -1), swap=False):
    parts = [_read(x, *forwards), _read(x[:, ::-1], *backwards)[:, back]]
    return np.concatenate(parts[::-1] if swap else parts, axis=2)


def _from_the_end(x, W_ih, W_hh, b_ih, b_hh):
    return _read(x[:, ::-1], W_ih, W_hh, b_ih, b_hh)


read = Exercise(
    "recurrent.6",
    answer=_read,
    cases=[(*normal(16, (2, 4, 3)), *_weights(17, 3, 2)), (*normal(18, (3, 5, 4)), *_weights(19, 4, 4))],
    names="states",
    arguments="x, W_ih, W_hh, b_ih, b_hh",
    hint="with T = 1 it is one step from h = 0, (.1); then print the states of two steps",
    mistakes=[
        (_from_the_end, "the first step reads x[:, 0]"),
        (lambda *a: _read(*a)[:, -1], "all states, (N, T, H), not the last one only"),
        (lambda x, W, U, b, c: np.tanh(x @ W.T + b + c),
         "each step goes on from the state before it, not from 0"),
    ],
)  # fmt: skip

both = Exercise(
    "recurrent.6",
    answer=_both,
    cases=[
        (*normal(10, (2, 4, 3)), _weights(11, 3, 2), _weights(12, 3, 2)),
        (*normal(13, (3, 5, 2)), _weights(14, 2, 4), _weights(15, 2, 4)),
    ],
    names="states",
    arguments="x, forwards, backwards",
    steps={"read": read},
    hint=("take T = 2: which input does each reading see first, and beside which step must its states "
          "stand?"),
    mistakes=[
        (lambda *a: _both(*a, back=slice(None)),
         "the states read from the end are still in the order of reading: turn them round again"),
        (lambda *a: _both(*a, swap=True), "first the states read forwards, then those from the end"),
        (lambda x, f, b: np.concatenate([_read(x, *f), _read(x, *b)], axis=2),
         "the second reading must start at the end: x[:, ::-1]"),
        (lambda x, f, b: np.concatenate([_read(x, *f), _read(x[:, ::-1], *f)[:, ::-1]], axis=2),
         "each direction has weights of its own"),
        (lambda x, f, b: np.concatenate(
            [_read(x, *f), _read(x[:, ::-1], *b, h=_read(x, *f)[:, -1])[:, ::-1]], axis=2),
         "the second reading begins with a state of 0, too"),
    ],
)  # fmt: skip

EXERCISES = [by_hand, step, through_time, reach, clipping, both]
