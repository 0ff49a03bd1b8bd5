"""Convolution: how its pictures lie in memory. Its values are those of cases.py."""

from __future__ import annotations

from dlbook import primitives


def test_pictures_keep_the_order_of_memory_between_layers(rng):
    """(W, C, H, N): what conv2d returns, the next layer takes without a copy."""
    x = rng.standard_normal((4, 3, 6, 6))
    z, _ = primitives.conv2d(x, rng.standard_normal((5, 3, 3, 3)))
    a, _ = primitives.relu(z)
    y, _ = primitives.max_pool2d(a)
    for array in (z, a, y):
        assert array.transpose(3, 1, 2, 0).flags.c_contiguous
