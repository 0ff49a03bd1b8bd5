"""Initial weights: their spread by hand and as torch has it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from compare import spelled

from dlbook import init

tnn = torch.nn


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((2, 3), (3, 2)), ((4, 3, 5, 2), (30, 40)), ((1, 1, 1, 1), (1, 1))],
    ids=spelled,
)
def test_fans(shape, fans):
    assert init.fans(shape) == fans


@pytest.mark.parametrize("shape", [(200, 300), (40, 60, 3, 5)], ids=spelled)
@pytest.mark.parametrize(
    ("ours", "variance", "theirs"),
    [
        (init.xavier_uniform, lambda i, o: 2 / (i + o), tnn.init.xavier_uniform_),
        (init.xavier_normal, lambda i, o: 2 / (i + o), tnn.init.xavier_normal_),
        (init.kaiming_uniform, lambda i, o: 2 / i, tnn.init.kaiming_uniform_),
        (init.kaiming_normal, lambda i, o: 2 / i, tnn.init.kaiming_normal_),
    ],
    ids=["xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal"],
)
def test_init(ours, variance, theirs, shape, rng):
    receptive = np.prod(shape[2:], dtype=int)
    fan_in, fan_out = shape[1] * receptive, shape[0] * receptive
    assert init.fans(shape) == (fan_in, fan_out)
    w = ours(rng, shape)
    assert (w.shape, w.dtype) == (shape, np.float32)
    wanted = variance(fan_in, fan_out)
    assert w.var() == pytest.approx(wanted, rel=0.03)
    assert abs(w.mean()) < 4 * np.sqrt(wanted / w.size)
    settings = {"nonlinearity": "relu"} if "kaiming" in ours.__name__ else {}
    twin = theirs(torch.empty(shape), **settings)
    assert w.var() == pytest.approx(twin.var().item(), rel=0.05)
    if "uniform" in ours.__name__:
        bound = np.sqrt(3 * wanted)
        assert 0.999 * bound < np.abs(w).max() <= bound * (1 + 1e-6)
    else:
        assert np.abs(w).max() > 3.5 * np.sqrt(wanted)  # a uniform draw ends at 1.7


def test_draws_from_a_range_and_from_a_bell(rng):
    w = init.uniform(rng, (200, 300), 0.25)
    assert (w.shape, w.dtype) == ((200, 300), np.float32)
    assert 0.2499 < np.abs(w).max() <= 0.25
    assert abs(w.mean()) < 4 * 0.25 / np.sqrt(3 * w.size)
    v = init.normal(rng, (200, 300), 0.25, np.float64)
    assert v.dtype == np.float64
    assert v.std() == pytest.approx(0.25, rel=0.02)
    assert 0.66 < (np.abs(v) < 0.25).mean() < 0.71  # one sigma: 68.3 %


def test_one_seed_gives_one_weight_in_both_dtypes():
    single, double = (
        init.torch_linear(np.random.default_rng(3), (2, 4), 4, dtype) for dtype in ("f4", "f8")
    )
    np.testing.assert_array_equal(single, double.astype("f4"))
    wanted = np.random.default_rng(3).uniform(-0.5, 0.5, (2, 4))  # 1 / sqrt(4)
    np.testing.assert_array_equal(double, wanted)
