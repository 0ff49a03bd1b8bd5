"""Weighted averaging with weights that are computed from the inputs."""

import math

from ..backend import array_namespace
from .activations import softmax
from .arithmetic import matmul

__all__ = ["attention_weights", "scaled_dot_product_attention"]


def attention_weights(q, k, mask=None):
    """a = softmax(q k^T / sqrt(d) + mask): (..., T, d), (..., S, d) -> (..., T, S).

    mask (..., T, S): booleans, true where a query may look, or numbers to add, -inf where it may
    not. A query that may look nowhere gets 0 everywhere, and sends back 0. Vaswani et al. 2017.
    """
    xp, scale = array_namespace(q), 1.0 / math.sqrt(q.shape[-1])
    scores, back_to_kq = matmul(k, scale * q.mT)  # (..., S, T): sums down a column are faster
    allowed = None if mask is None else mask.mT
    if mask is not None and not xp.isdtype(mask.dtype, "bool"):
        scores, allowed = scores + xp.astype(mask.mT, scores.dtype), mask.mT > -math.inf
    a, back_to_scores = softmax(scores, axis=-2, where=allowed)

    def vjp(da):
        dk, dq = back_to_kq(*back_to_scores(da.mT))
        return scale * dq.mT, dk

    return a.mT, vjp


def scaled_dot_product_attention(q, k, v, mask=None):
    """y = a v with `attention_weights` a: means of v (..., S, e), one for each query (..., T, e)."""
    a, back_to_qk = attention_weights(q, k, mask)
    y, back_to_av = matmul(a, v)

    def vjp(dy):
        da, dv = back_to_av(dy)
        return *back_to_qk(da), dv

    return y, vjp
