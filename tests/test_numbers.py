"""Digits: values against mpmath, in units in the last place, over tails and subnormals."""

import mpmath
import numpy as np
import pytest

from dlbook import nn
from dlbook import primitives as p

mpmath.mp.dps = 60


def logistic(x):
    return 1 / (1 + mpmath.exp(-x))


def gelu_tanh(x):
    return x * logistic(mpmath.sqrt(8 / mpmath.pi) * (x + mpmath.mpf(0.044715) * x**3))


def with_target(y):
    return lambda z: p.binary_cross_entropy_with_logits(z, np.full_like(z, y), reduction="none")[0]


def of_two(f):
    return lambda x: f(np.stack([x, np.zeros_like(x)], axis=1))[0][:, 0]


# name: ours, exact, units in the last place, where (inherent losses are said in the docstrings)
EVERYWHERE = (-np.inf, np.inf)
FUNCTIONS = {
    "sigmoid": (lambda x: p.sigmoid(x)[0], logistic, 3, EVERYWHERE),
    "tanh": (lambda x: p.tanh(x)[0], mpmath.tanh, 3, EVERYWHERE),
    "softplus": (lambda x: p.softplus(x)[0], lambda x: mpmath.log1p(mpmath.exp(x)), 4, EVERYWHERE),
    "elu": (lambda x: p.elu(x)[0], lambda x: x if x > 0 else mpmath.expm1(x), 3, EVERYWHERE),
    "silu": (lambda x: p.silu(x)[0], lambda x: x * logistic(x), 4, (-85, np.inf)),
    "gelu": (
        lambda x: p.gelu(x)[0],
        lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
        4,
        (-1.5, np.inf),
    ),
    "gelu, tanh": (lambda x: p.gelu(x, "tanh")[0], gelu_tanh, 4, (-1.5, np.inf)),
    "softmax of two": (of_two(p.softmax), logistic, 3, EVERYWHERE),
    "log-softmax of two": (
        of_two(p.log_softmax),
        lambda x: -mpmath.log1p(mpmath.exp(-x)),
        4,
        (-np.inf, 0.0),
    ),
    "binary cross-entropy, y = 1": (
        with_target(1.0), lambda z: mpmath.log1p(mpmath.exp(-z)), 4, EVERYWHERE,
    ),
    "binary cross-entropy, y = 0": (
        with_target(0.0), lambda z: mpmath.log1p(mpmath.exp(z)), 4, EVERYWHERE,
    ),
}  # fmt: skip


def inputs(dtype):
    rng, tiny = np.random.default_rng(0), {np.float32: -38, np.float64: -300}[dtype]
    far = {np.float32: 100, np.float64: 740}[dtype]
    small = 10.0 ** rng.uniform(tiny, 0, 100) * rng.choice([-1, 1], 100)
    spread = [rng.uniform(-r, r, 150) for r in (far, 10, 1)]
    return np.concatenate([*spread, small, [0.0]]).astype(dtype)


def ulps(got, exact, dtype):
    """|got - exact| in units of the last place of the exact value."""
    unit = np.spacing(np.abs(dtype(float(exact)))) or np.finfo(dtype).smallest_subnormal
    return float(abs(mpmath.mpf(float(got)) - exact) / mpmath.mpf(float(unit)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_digits(name, dtype):
    ours, exact, bound, (low, high) = FUNCTIONS[name]
    x = inputs(dtype)
    x = x[(x >= low) & (x <= high)]
    y = ours(x)
    assert y.dtype == dtype
    errors = [ulps(a, exact(mpmath.mpf(float(b))), dtype) for a, b in zip(y, x, strict=True)]
    worst = int(np.argmax(errors))
    assert errors[worst] <= bound, (x[worst], y[worst])


def test_a_wrong_digit_is_seen():
    x = np.array([1e-5], np.float32)
    naive = np.exp(-x) - 1  # what expm1 is for
    assert ulps(naive[0], mpmath.expm1(-mpmath.mpf(float(x[0]))), np.float32) > 1000


def test_probabilities_near_one_keep_their_logarithm():
    q = np.array([1e-12, 1e-300])
    value, _ = p.binary_cross_entropy(q, np.zeros(2), reduction="none")
    np.testing.assert_allclose(value, q, rtol=1e-12)  # log1p(-p), not log(1 - p) = 0


def test_gelu_has_a_gradient_however_large():
    x = np.array([1e20, 800.0, -800.0, -1e20], np.float32)
    (dx,) = p.gelu(x, "tanh")[1](np.ones(4, np.float32))
    np.testing.assert_array_equal(dx, [1, 1, 0, 0])


@pytest.mark.parametrize("row", [[300, -300, 0], [6e4, -6e4, 0]], ids=str)
def test_half_precision_is_refused_where_squares_overflow(row):
    x = np.array([row], np.float16)
    for layer in (nn.LayerNorm(3, dtype=np.float16), nn.BatchNorm1d(3, dtype=np.float16)):
        with pytest.raises(TypeError, match="from 256 on overflow: expected float32"):
            layer(np.concatenate([x, -x]))
    np.testing.assert_allclose(nn.LayerNorm(3)(x).numpy(), [[1.2247, -1.2247, 0]], atol=1e-4)


def test_a_power_of_nothing():
    x = np.array([0.0, 2.0])
    y, back = p.pow(x, 0)
    np.testing.assert_array_equal(y, [1, 1])
    np.testing.assert_array_equal(back(np.ones(2))[0], [0, 0])
