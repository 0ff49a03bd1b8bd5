"""Normalisation: what batch norm and layer norm have in common."""

from ..backend import array_namespace

__all__ = ["standardize"]


def standardize(x, axis, eps=1e-5):
    """y = (x - mean) / sqrt(var + eps) over `axis`; equal numbers give exactly 0."""
    xp = array_namespace(x)
    axes = {k % x.ndim for k in (axis if isinstance(axis, tuple) else (axis,))}
    first = tuple(slice(0, 1) if k in axes else slice(None) for k in range(x.ndim))

    def mean(values):
        return xp.mean(values, axis=axis, keepdims=True)

    c = x - x[first]  # changes nothing in the result, and keeps the digits of 1e6, 1e6 + 1, ...
    c = c - mean(c)
    scale = 1.0 / xp.sqrt(mean(c * c) + eps)
    y = c * scale

    def vjp(dy):
        return (scale * (dy - mean(dy) - y * mean(dy * y)),)

    return y, vjp
