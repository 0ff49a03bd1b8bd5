"""Pooling over pictures (N, C, H, W): one number for each window of each channel."""

import math

from ..backend import array_namespace
from ._pictures import every, padded_picture, places, swapped

__all__ = ["avg_pool2d", "max_pool2d"]


def max_pool2d(x, kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)):
    """y = the largest entry of each window; its gradient goes to the first one that is largest."""
    xp = array_namespace(x)
    padded, windows, back = _windows(x, kernel_size, stride, padding, -math.inf)
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
        return (back(dpadded),)

    return swapped(y), vjp


def avg_pool2d(x, kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)):
    """y = the mean of each window (the zeros of the padding count)."""
    xp = array_namespace(x)
    padded, windows, back = _windows(x, kernel_size, stride, padding, 0.0)
    y = padded[windows[0]]
    for w in windows[1:]:
        y = y + padded[w]

    def vjp(dy):
        dy = swapped(dy) / len(windows)
        dpadded = xp.zeros_like(padded)
        for w in windows:
            dpadded[w] += dy
        return (back(dpadded),)

    return swapped(y / len(windows)), vjp


def _windows(x, kernel_size, stride, padding, fill):
    """x as a padded (W, C, H, N) array, for each place in the window the entries under it, and the
    way back to x.
    """
    padded, back = padded_picture(x, padding, fill)
    P = places(padded.shape[2], kernel_size[0], stride[0], 1)
    Q = places(padded.shape[0], kernel_size[1], stride[1], 1)
    rows = [every(i, P, stride[0]) for i in range(kernel_size[0])]
    columns = [every(j, Q, stride[1]) for j in range(kernel_size[1])]
    windows = [(column, slice(None), row, slice(None)) for row in rows for column in columns]
    return padded, windows, back
