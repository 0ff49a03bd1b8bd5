"""Pooling where a random row does not lead: ties, infinities, NaN."""

from __future__ import annotations

import numpy as np
import torch

from dlbook import primitives


def test_row_19_a_tie_in_a_maximum_has_one_winner_the_first():
    """As in PyTorch; also where everything is -inf, or NaN stands in the window."""
    x = np.array([[1.0, 1.0, 2.0, 5.0], [1.0, 0.0, 5.0, 5.0]])[None, None]
    t = torch.tensor(x, requires_grad=True)
    y, vjp = primitives.max_pool2d(x)
    torch.nn.functional.max_pool2d(t, 2).backward(torch.ones(1, 1, 1, 2, dtype=t.dtype))
    (dx,) = vjp(np.ones_like(y))
    np.testing.assert_array_equal(dx, t.grad.numpy())
    for bad in (np.full((1, 1, 2, 2), -np.inf), np.array([[[[1.0, np.nan], [2.0, 3.0]]]])):
        y, vjp = primitives.max_pool2d(bad)
        np.testing.assert_array_equal(y, torch.nn.functional.max_pool2d(torch.tensor(bad), 2))
        assert vjp(np.ones_like(y))[0].sum() == 1
