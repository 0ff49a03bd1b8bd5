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
    tol=5e-3,  # three decimals are right, and -0.1 is 1.3 % away
    hint="the new c first, by (.5), and only then h, by (.6)",
    mistakes=[
        (-0.2, "this is the new c: h = o tanh(c)"),
        (0.5 * -0.2, "c goes through a tanh before it is shown"),
        (np.tanh(-0.2), "the output gate lets half of it through"),
        (0.5 * np.tanh(-1.0), "c is the new one: f c + i g"),
        (0.5 * np.tanh(-0.7), "the forget gate is missing: f c = -0.5"),
        (0.5 * np.tanh(-0.35), "the forget gate acts on the old cell only: f c + i g"),
        (
            0.5 * np.tanh(-0.85),
            "f keeps the old cell and i lets the new in: f c + i g, not i c + f g",
        ),
        (0.5 * np.tanh(0.2), "the sign: f c + i g = -0.5 + 0.3"),
        (-0.1, "c goes through a tanh before it is shown"),
    ],
)


def _lstm(z, c, order="ifgo", *, bend=np.tanh, keep=True, new=np.tanh):
    blocks = dict(zip(order, np.split(z, 4, axis=1), strict=True))
    c = (_sigma(blocks["f"]) if keep else 1.0) * c + _sigma(blocks["i"]) * new(blocks["g"])
    return _sigma(blocks["o"]) * bend(c), c


def _swapped(z, c):
    return _lstm(z, c)[::-1]


lstm_step = Exercise(
    "lstm_gru.2",
    answer=_lstm,
    cases=[normal(1, (2, 12), (2, 3)), normal(2, (5, 8), (5, 2))],
    names="h, c",
    arguments="a, c",
    hint=("print the four blocks after their bends, each (N, H), and compare with (.1) to (.4); then "
          "c, then h"),
    mistakes=[
        (lambda z, c: _lstm(z, c, "figo"), "the blocks are i, f, g, o: the forget gate is second"),
        (lambda z, c: _lstm(z, c, "ifog"), "the blocks are i, f, g, o: the output gate is last"),
        (lambda z, c: _lstm(z, c, bend=lambda c: c), "h = o tanh(c): the cell is bent when shown"),
        (lambda z, c: _lstm(z, c, new=_sigma), "g is no gate: its bend is the tanh"),
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
    hint=("the two gates first, (.9), then n, (.10), then the mix, (.11); with large z nothing may "
          "change"),
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
    hint=(
        "one block of one layer first: the sizes of W_ih, W_hh and the two biases; then how many "
        "blocks, then what the second layer reads"
    ),
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


def _cell_gradient(dh, dc, f, o, c, *, shown=1.0, own=1.0, kept=1.0, gate=True, slope=True):
    arrived = own * dc + shown * dh * (o if gate else 1.0) * ((1 - np.tanh(c) ** 2) if slope else 1)
    return arrived * (f if kept else 1.0)


def _back_case(seed, *shape):
    dh, dc, f, o, c = normal(seed, *[shape] * 5)
    return dh, dc, _sigma(f), _sigma(o), c


back = Exercise(
    "lstm_gru.5",
    answer=_cell_gradient,
    cases=[_back_case(7, 2, 3), _back_case(8, 4, 2)],
    names="dc",
    arguments="dh, dc, f, o, c",
    hint="with dh = 0 only (.8) is left; then add what comes by way of h, (.7)",
    mistakes=[
        (lambda *a: _cell_gradient(*a, shown=0.0),
         "what comes by way of h is missing: dh o (1 - tanh^2 c), (.7)"),
        (lambda *a: _cell_gradient(*a, own=0.0), "dc itself is missing: both arrive and are added, (.7)"),
        (lambda *a: _cell_gradient(*a, kept=0.0), "times the forget gate, (.8)"),
        (lambda *a: _cell_gradient(*a, gate=False), "h = o tanh(c): its slope has the factor o"),
        (lambda *a: _cell_gradient(*a, slope=False), "h = o tanh(c): the slope of the tanh is missing"),
        (lambda dh, dc, f, o, c: (dc + dh * o * (1 - c**2)) * f,
         "c stands before the bend: the slope is 1 - tanh(c)^2"),
        (lambda dh, dc, f, o, c: dc * f + dh * o * (1 - np.tanh(c) ** 2),
         "all that has arrived goes through the forget gate"),
    ],
)  # fmt: skip

EXERCISES = [by_hand, lstm_step, gru_step, count, back]
