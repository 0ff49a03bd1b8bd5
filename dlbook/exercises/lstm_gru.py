"""Exercises: LSTM and GRU."""

import numpy as np

from .. import primitives as p
from .inputs import normal
from .judge import Exercise


def _sigma(z):
    return p.sigmoid(z)[0]


by_hand = Exercise(
    "lstm_gru.1",
    answer=0.5 * np.tanh(-0.2),
    names="h",
    tol=1e-3,
    mistakes=[
        (-0.2, "this is the new c: h = o tanh(c)"),
        (0.5 * -0.2, "c goes through a tanh before it is shown"),
        (np.tanh(-0.2), "the output gate lets half of it through"),
        (0.5 * np.tanh(-1.0), "c is the new one: f c + i g"),
        (0.5 * np.tanh(-0.7), "the forget gate is missing: f c = -0.5"),
        (0.5 * np.tanh(-0.35), "the forget gate acts on the old cell only: f c + i g"),
        (0.5 * np.tanh(0.2), "the sign: f c + i g = -0.5 + 0.3"),
        (-0.1, "c goes through a tanh before it is shown"),
    ],
)


def _lstm(z, c, order="ifgo", *, bend=np.tanh, keep=True):
    blocks = dict(zip(order, np.split(z, 4, axis=1), strict=True))
    c = (_sigma(blocks["f"]) if keep else 1.0) * c + _sigma(blocks["i"]) * np.tanh(blocks["g"])
    return _sigma(blocks["o"]) * bend(c), c


def _swapped(z, c):
    return _lstm(z, c)[::-1]


lstm_step = Exercise(
    "lstm_gru.2",
    answer=_lstm,
    cases=[normal(1, (2, 12), (2, 3)), normal(2, (5, 8), (5, 2))],
    names="h, c",
    arguments="z, c",
    mistakes=[
        (lambda z, c: _lstm(z, c, "figo"), "the blocks are i, f, g, o: the forget gate is second"),
        (lambda z, c: _lstm(z, c, "ifog"), "the blocks are i, f, g, o: the output gate is last"),
        (lambda z, c: _lstm(z, c, bend=lambda c: c), "h = o tanh(c): the cell is bent when shown"),
        (lambda z, c: _lstm(z, c, keep=False), "the forget gate is missing"),
        (lambda z, c: _lstm(z, c)[0], "return both, h and c"),
        (_swapped, "first h, then c"),
        (lambda z, c: (_sigma(z[:, -c.shape[1]:]) * np.tanh(c), _lstm(z, c)[1]),
         "h shows the NEW cell"),
    ],
)  # fmt: skip


def _gru(a, b, h, *, order="rzn", inside=True, swap=False, reset=True, bend=np.tanh):
    A = dict(zip(order, np.split(a, 3, axis=1), strict=True))
    B = dict(zip(order, np.split(b, 3, axis=1), strict=True))
    r, z = (_sigma(A[k] + B[k]) for k in "rz")
    r = r if reset else 1.0
    n = bend(A["n"] + r * B["n"] if inside else r * (A["n"] + B["n"]))
    return z * n + (1 - z) * h if swap else (1 - z) * n + z * h


def _gru_case(seed, N, H):
    a, b, h = normal(seed, (N, 3 * H), (N, 3 * H), (N, H))
    return 0.7 * a, 0.7 * b, np.tanh(h)


gru_step = Exercise(
    "lstm_gru.3",
    answer=_gru,
    cases=[_gru_case(3, 2, 3), _gru_case(4, 4, 2)],
    names="h",
    arguments="a, b, h",
    mistakes=[
        (lambda a, b, h: _gru(a, b, h, swap=True),
         "z keeps and 1 - z renews: h = (1 - z) n + z h (some texts have it the other way round)"),
        (lambda a, b, h: _gru(a, b, h, order="zrn"), "the blocks are r, z, n: reset first"),
        (lambda a, b, h: _gru(a, b, h, reset=False), "the reset gate is missing: r b_n"),
        (lambda a, b, h: _gru(a, b, h, bend=lambda n: n), "the candidate is bent: tanh(a_n + r b_n)"),
        (lambda a, b, h: _gru(a, b, h, bend=_sigma), "the candidate is bent by tanh, not sigmoid"),
        (lambda a, b, h: _gru(a, b, h, inside=False),
         "r looks at the past only: tanh(a_n + r b_n), without a_n in the bracket"),
        (lambda a, b, h: _gru(a, np.c_[b[:, : -h.shape[1]], np.zeros_like(h)], h),
         "the candidate has a part of the past: r b_n"),
        (lambda a, b, h: _gru(a, b, h) - _sigma((a + b)[:, h.shape[1]: 2 * h.shape[1]]) * h,
         "what is kept is missing: + z h"),
    ],
)  # fmt: skip


def _count(gates, D, H, layers, *, biases=2, stack=True):
    sizes = [D] + [H if stack else D] * (layers - 1)
    return sum(gates * (H * n + H * H + biases * H) for n in sizes)


count = Exercise(
    "lstm_gru.4",
    answer=_count,
    cases=[(4, 1, 50, 2), (3, 7, 5, 1), (1, 2, 3, 4)],
    names="parameters",
    arguments="gates, D, H, layers",
    batch=None,
    mistakes=[
        (lambda *a: _count(*a, biases=1), "each block has two biases, b_ih and b_hh"),
        (lambda *a: _count(*a, biases=0), "the biases are missing, two in each block"),
        (lambda *a: _count(*a, stack=False), "the second layer reads H numbers, not D"),
        (lambda g, D, H, layers: _count(g, D, H, 1), "this is the first layer only"),
        (lambda g, D, H, layers: _count(1, D, H, layers), "times the number of blocks"),
        (
            lambda g, D, H, layers: _count(g, D, H, layers, biases=0) + 2 * H * layers,
            "every block has its own two biases",
        ),
        (lambda g, D, H, layers: _count(g, D, H, layers + 1), "one layer too many"),
    ],
)


def _seasonal(history, season, K):
    return np.array([history[len(history) - season + k % season] for k in range(K)])


_SERIES = normal(5, (9,), (14,))

seasonal = Exercise(
    "lstm_gru.5",
    answer=_seasonal,
    cases=[(_SERIES[0], 4, 2), (_SERIES[1], 3, 8)],
    names="forecast",
    arguments="history, season, K",
    batch=None,
    mistakes=[
        (lambda h, s, K: np.repeat(h[-1], K), "this is the naive forecast: as the last value"),
        (lambda h, s, K: h[-K:], "these are the last K values: begin one season back"),
        (lambda h, s, K: np.resize(h[:s], K), "this is the first season: take the last"),
        (lambda h, s, K: np.repeat(h[-s], K), "each step has its own value one season before"),
        (lambda h, s, K: h[-s:][:K], "beyond one season, begin again"),
        (lambda h, s, K: np.resize(h[-s:][::-1], K), "the season is reversed"),
        (lambda h, s, K: np.resize(h[-s - 1: -1], K), "one step too early: end with the last value"),
    ],
)  # fmt: skip


def _split(series, length, border, *, late=0, gap=0, both=False):
    t = np.arange(length, len(series) - late)
    x = np.stack([series[k - length + late : k + late] for k in t])
    train, test = t < border + gap, t >= (border + length if both else border + gap)
    return x[train], series[t][train], x[test], series[t][test]


def _inside(series, length, border):
    """The windows end with their own targets."""
    t = np.arange(length, len(series))
    x = np.stack([series[k - length + 1 : k + 1] for k in t])
    return x[t < border], series[t][t < border], x[t >= border], series[t][t >= border]


split = Exercise(
    "lstm_gru.6",
    answer=_split,
    cases=[(np.arange(12.0) ** 2, 3, 8), (normal(6, (15,))[0], 4, 9)],
    names="x_train, y_train, x_test, y_test",
    arguments="series, length, border",
    batch=None,
    mistakes=[
        (lambda *a: _split(*a, late=1), "the target is inside the window: x ends one step before y"),
        (_inside, "the answer is in the input: x ends one step before y"),
        (lambda *a: tuple(_split(*a)[k] for k in (0, 2, 1, 3)),
         "the order is x_train, y_train, x_test, y_test"),
        (lambda *a: _split(*a, both=True),
         "test windows may reach back over the border: the past is known"),
        (lambda *a: _split(*a, gap=1), "the target AT the border belongs to the test part"),
        (lambda s, n, b: _split(s, n, b + n), "count by targets: those before the border train"),
        (lambda s, n, b: (_split(s, n, b)[2], _split(s, n, b)[3], *_split(s, n, b)[:2]),
         "training first, then testing"),
    ],
)  # fmt: skip

EXERCISES = [by_hand, lstm_step, gru_step, count, seasonal, split]
