"""Pooling over pictures (N, C, H, W): one number for each window of each channel."""

from __future__ import annotations

import math

from ..backend import array_namespace
from ._pictures import cut, every, padded_picture, places, swapped

__all__ = ["avg_pool2d", "max_pool2d"]


def max_pool2d(x, kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)):
    """y = the largest entry of each window; its gradient goes to the first one that is largest."""
    xp = array_namespace(x)
    padded, windows = _windows(x, kernel_size, stride, padding, -math.inf)
    y = padded[windows[0]]
    for w in windows[1:]:
        y = xp.maximum(y, padded[w])

    def vjp(dy):
        dy = swapped(dy)
        dpadded, left = xp.zeros_like(padded), xp.ones(y.shape, dtype=xp.bool, device=y.device)
        for w in windows:
            wins = left & ~(padded[w] < y)  # also true for NaN
            left = left & ~wins
            dpadded[w] += dy * xp.astype(wins, dy.dtype)
        return (cut(dpadded, padding),)

    return swapped(y), vjp


def avg_pool2d(x, kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)):
    """y = the mean of each window (the zeros of the padding count)."""
    xp = array_namespace(x)
    padded, windows = _windows(x, kernel_size, stride, padding, 0.0)
    y = padded[windows[0]]
    for w in windows[1:]:
        y = y + padded[w]

    def vjp(dy):
        dy = swapped(dy) / len(windows)
        dpadded = xp.zeros_like(padded)
        for w in windows:
            dpadded[w] += dy
        return (cut(dpadded, padding),)

    return swapped(y / len(windows)), vjp


def _windows(x, kernel_size, stride, padding, fill):
    """x as a padded (W, C, H, N) array, and for each place in the window the entries under it."""
    padded = padded_picture(x, padding, fill)
    P = places(padded.shape[2], kernel_size[0], stride[0], 1)
    Q = places(padded.shape[0], kernel_size[1], stride[1], 1)
    return padded, [
        (every(j, Q, stride[1]), slice(None), every(i, P, stride[0]), slice(None))
        for i in range(kernel_size[0])
        for j in range(kernel_size[1])
    ]
