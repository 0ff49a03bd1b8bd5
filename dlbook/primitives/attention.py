"""Weighted averaging with weights that are computed from the inputs."""

from __future__ import annotations

import math

from ..backend import array_namespace
from .activations import softmax
from .arithmetic import matmul


def scaled_dot_product_attention(q, k, v, mask=None):
    """y = softmax(q k^T / sqrt(d) + mask) v: (..., T, d), (..., S, d), (..., S, e) -> (..., T, e).

    mask (..., T, S): booleans, true where a query may look, or numbers to add, -inf where it may
    not. A query that may look nowhere gets 0, and sends back 0. Vaswani et al. 2017.
    """
    xp, scale = array_namespace(q), 1.0 / math.sqrt(q.shape[-1])
    scores, back_to_qk = matmul(scale * q, k.mT)
    allowed = mask
    if mask is not None and not xp.isdtype(mask.dtype, "bool"):
        scores, allowed = scores + xp.astype(mask, scores.dtype), mask > -math.inf
    weights, back_to_scores = softmax(scores, where=allowed)
    y, back_to_weights = matmul(weights, v)

    def vjp(dy):
        dweights, dv = back_to_weights(dy)
        dq, dk = back_to_qk(*back_to_scores(dweights))
        return scale * dq, dk.mT, dv

    return y, vjp
