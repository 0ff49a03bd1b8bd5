"""Convolution and pooling over pictures (N, C, H, W).

Inside, a picture lies in memory as (W, C, H, N): then all patches of a column of outputs are one
matrix, and neighbouring columns share most of it. What goes in and comes out is NCHW, as a view.
"""

from __future__ import annotations

import math

from ..backend import array_namespace, pad, sliding


def conv2d(x, W, b=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, need_dx=True):
    """z = W * x + b: (N, C, H, W), (O, C / groups, k, l), (O,) -> (N, O, H', W').

    z[n, o, p, q] = b[o] + sum over c, i, j of W[o, c, i, j] x[n, c, p s + i d, q s + j d], with
    stride s, dilation d and x surrounded by `padding` zeros. Output o sees only its own group.
    """
    xp = array_namespace(x)
    if groups > 1:
        return _in_groups(x, W, b, stride, padding, dilation, groups, need_dx)
    O, C, k, l = W.shape
    N = x.shape[0]
    padded = _padded(x, padding)
    width, height = padded.shape[0], padded.shape[2]
    P, Q = _size(height, k, stride[0], dilation[0]), _size(width, l, stride[1], dilation[1])
    rows = [_every(i * dilation[0], P, stride[0]) for i in range(k)]
    columns = [_every(j * dilation[1], Q, stride[1]) for j in range(l)]
    # Row i of the kernel sees the picture shifted up by i: k copies, beside the channels ...
    shifted = xp.stack([padded[:, :, r, :] for r in rows], axis=2)  # (width, C, k, P, N)
    # ... and column j sees it shifted left by j, which a window over the first axis does for free.
    patches = xp.reshape(sliding(shifted, columns), (Q, l * C * k, P * N))
    kernel = xp.reshape(xp.permute_dims(W, (0, 3, 1, 2)), (O, l * C * k))
    z = kernel @ patches  # (Q, O, P N)
    if b is not None:
        z += b[:, None]

    def vjp(dz):
        dz = xp.reshape(_swapped(dz), (Q, O, P * N))
        dkernel = xp.sum(dz @ patches.mT, axis=0)
        dW = xp.permute_dims(xp.reshape(dkernel, (O, l, C, k)), (0, 2, 3, 1))
        dx = None
        if need_dx:
            dshifted = xp.zeros_like(shifted)
            for j, c in enumerate(columns):
                part = kernel[:, j * C * k : (j + 1) * C * k].mT @ dz
                dshifted[c, ...] += xp.reshape(part, (Q, C, k, P, N))
            dpadded = xp.zeros_like(padded)
            for i, r in enumerate(rows):
                dpadded[:, :, r, :] += dshifted[:, :, i, :, :]
            dx = _cut(dpadded, padding)
        return (dx, dW) if b is None else (dx, dW, xp.sum(dz, axis=(0, 2)))

    return _swapped(xp.reshape(z, (Q, O, P, N))), vjp


def _size(n, k, stride, dilation):
    """How many places a kernel of k entries has on n."""
    return (n - dilation * (k - 1) - 1) // stride + 1


def _every(start, count, step):
    """The slice start, start + step, ... of `count` entries."""
    return slice(start, start + step * (count - 1) + 1, step)


def _swapped(x):
    """(N, C, H, W) seen as (W, C, H, N), and the other way round."""
    return array_namespace(x).permute_dims(x, (3, 1, 2, 0))


def _padded(x, padding, fill=0.0):
    """NCHW as (W, C, H, N) with `padding` rows and columns of `fill` around each picture."""
    return pad(_swapped(x), (padding[1], 0, padding[0], 0), fill)


def _cut(dpadded, padding):
    """Take the padding off a (W, C, H, N) gradient and return it as NCHW."""
    width, _, height, _ = dpadded.shape
    inner = dpadded[padding[1] : width - padding[1], :, padding[0] : height - padding[0], :]
    return _swapped(inner)


def _in_groups(x, W, b, stride, padding, dilation, groups, need_dx):
    """A convolution for each group of channels, beside each other."""
    xp = array_namespace(x)
    C, O = W.shape[1], W.shape[0] // groups
    zs, backs = [], []
    for g in range(groups):
        here = slice(g * O, (g + 1) * O)
        bias = None if b is None else b[here]
        z, back = conv2d(x[:, g * C : (g + 1) * C, ...], W[here, ...], bias, stride, padding,
                         dilation, need_dx=need_dx)  # fmt: skip
        zs.append(z)
        backs.append(back)

    def vjp(dz):
        parts = [back(dz[:, g * O : (g + 1) * O, ...]) for g, back in enumerate(backs)]
        dxs, *dothers = zip(*parts, strict=True)
        dx = xp.concat(dxs, axis=1) if need_dx else None
        return dx, *(xp.concat(ds, axis=0) for ds in dothers)

    return xp.concat(zs, axis=1), vjp


def max_pool2d(x, kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)):
    """y = the largest entry of each window; its gradient goes to the first one that is largest."""
    xp = array_namespace(x)
    padded, windows = _windows(x, kernel_size, stride, padding, -math.inf)
    y = padded[windows[0]]
    for w in windows[1:]:
        y = xp.maximum(y, padded[w])

    def vjp(dy):
        dy = _swapped(dy)
        dpadded, left = xp.zeros_like(padded), xp.ones(y.shape, dtype=xp.bool, device=y.device)
        for w in windows:
            wins = left & ~(padded[w] < y)  # also true for NaN
            left = left & ~wins
            dpadded[w] += dy * xp.astype(wins, dy.dtype)
        return (_cut(dpadded, padding),)

    return _swapped(y), vjp


def avg_pool2d(x, kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)):
    """y = the mean of each window (the zeros of the padding count)."""
    xp = array_namespace(x)
    padded, windows = _windows(x, kernel_size, stride, padding, 0.0)
    y = padded[windows[0]]
    for w in windows[1:]:
        y = y + padded[w]

    def vjp(dy):
        dy = _swapped(dy) / len(windows)
        dpadded = xp.zeros_like(padded)
        for w in windows:
            dpadded[w] += dy
        return (_cut(dpadded, padding),)

    return _swapped(y / len(windows)), vjp


def _windows(x, kernel_size, stride, padding, fill):
    """x as a padded (W, C, H, N) array, and for each place in the window the entries under it."""
    padded = _padded(x, padding, fill)
    P = _size(padded.shape[2], kernel_size[0], stride[0], 1)
    Q = _size(padded.shape[0], kernel_size[1], stride[1], 1)
    return padded, [
        (_every(j, Q, stride[1]), slice(None), _every(i, P, stride[0]), slice(None))
        for i in range(kernel_size[0])
        for j in range(kernel_size[1])
    ]
