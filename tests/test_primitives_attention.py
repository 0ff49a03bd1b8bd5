"""Attention where everything is masked. Its values are those of cases.py."""

from __future__ import annotations

import numpy as np

from dlbook import Tensor
from dlbook import functional as F


def test_a_query_that_may_look_nowhere_gets_nothing(rng):
    q, k, v = (Tensor(rng.standard_normal((2, 3, 4)), True) for _ in range(3))
    look = np.array([[True, True, True], [False] * 3, [True, False, True]])
    for mask in (look, np.where(look, 0.0, -np.inf)):
        for t in (q, k, v):
            t.grad = None
        y = F.scaled_dot_product_attention(q, k, v, mask=mask)
        assert (y.numpy()[:, 1] == 0).all()
        y.backward(rng.standard_normal(y.shape))
        assert (q.grad[:, 1] == 0).all()
        assert all(np.isfinite(t.grad).all() for t in (q, k, v))
        assert np.abs(q.grad[:, 0]).max() > 0
