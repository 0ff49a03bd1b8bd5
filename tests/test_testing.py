"""The checker of derivatives is checked: what is wrong by one per mille, it sees."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import primitives
from dlbook.testing import check_vjp, numerical_gradient


def test_the_checker_notices_a_gradient_that_is_one_per_mille_off(rng):
    def wrong(x, W):
        y, vjp = primitives.linear(x, W)
        return y, lambda dy: (vjp(dy)[0], 1.001 * vjp(dy)[1])

    x, W = rng.standard_normal((5, 3)), rng.standard_normal((2, 3))
    assert check_vjp(primitives.linear, x, W) < 1e-8
    with pytest.raises(AssertionError, match="argument 1"):
        check_vjp(wrong, x, W)


def test_the_checker_notices_a_transposed_gradient(rng):
    def wrong(x, W):
        y, vjp = primitives.linear(x, W)
        return y, lambda dy: (vjp(dy)[0], vjp(dy)[1].T)

    with pytest.raises(AssertionError, match=r"gradient 1 has shape \(3, 2\)"):
        check_vjp(wrong, rng.standard_normal((5, 3)), rng.standard_normal((2, 3)))


def test_the_error_returned_is_the_largest_of_all_arguments(rng):
    def wrong(a, b):
        y, vjp = primitives.mul(a, b)
        return y, lambda dy: (2 * vjp(dy)[0], vjp(dy)[1])

    a, b = rng.standard_normal((2, 4))
    assert check_vjp(wrong, a, b, tol=np.inf) == pytest.approx(0.5)


def test_numerical_gradient_of_a_known_function(rng):
    x = rng.standard_normal((3, 2))
    np.testing.assert_allclose(numerical_gradient(lambda x: (x**3).sum(), x), 3 * x**2, atol=1e-8)
    with pytest.raises(TypeError, match="float64"):
        numerical_gradient(lambda x: x.sum(), x.astype(np.float32))


@pytest.mark.parametrize(
    ("vjp", "message"),
    [
        ("lambda dy: dy", "must return a tuple of 1"),
        ("lambda dy: (dy, dy)", "must return a tuple of 1"),
        ("lambda dy: (None,)", "argument 0 gets no gradient"),
        ("lambda dy: (dy * 0,)", "finite differences give"),
        ("lambda dy: (dy * np.nan,)", "gives nan along"),
    ],
)
def test_the_checker_does_not_pass_what_it_cannot_check(vjp, message, rng):
    x, vjp = rng.standard_normal(4), eval(vjp)
    with pytest.raises(AssertionError, match=message):
        check_vjp(lambda x: (1e-7 * x, vjp), x)  # small gradients count as well


def test_the_checker_wants_float64_arrays(rng):
    for x in (rng.standard_normal(3).astype("f4"), [1.0, 2.0]):
        with pytest.raises(TypeError, match="argument 0 is"):
            check_vjp(primitives.exp, x)
    with pytest.raises(ValueError, match="nothing to check"):
        check_vjp(primitives.reshape, np.arange(4), shape=(2, 2))
