"""Convolution over pictures (N, C, H, W).

A convolution is one matrix product: the kernels with the patches of the picture, laid side by side.
Inside, a picture lies in memory as (W, C, H, N): then all patches of a column of outputs are one
matrix, and neighbouring columns share most of it. What goes in and comes out is NCHW, as a view.
"""

from ..backend import array_namespace, sliding
from ._pictures import every, padded_picture, places, swapped

__all__ = ["conv2d"]


def conv2d(x, W, b=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, need_dx=True):
    """z = W * x + b: (N, C, H, W), (O, C / groups, k, l), (O,) -> (N, O, H', W').

    z[n, o, p, q] = b[o] + sum over c, i, j of W[o, c, i, j] x[n, c, p s + i d, q s + j d], with
    stride s, dilation d and x surrounded by `padding` zeros. Output o sees only its own group.
    """
    xp = array_namespace(x)
    if groups > 1:
        return _in_groups(x, W, b, stride, padding, dilation, groups, need_dx)
    O, C, k, l = W.shape
    patches, (P, Q), back_to_x = _patches(x, (k, l), stride, padding, dilation)
    kernel = xp.reshape(xp.permute_dims(W, (0, 3, 1, 2)), (O, l * C * k))
    z = kernel @ patches  # (Q, O, P N)
    if b is not None:
        z += b[:, None]

    def vjp(dz):
        dz = xp.reshape(swapped(dz), (Q, O, -1))
        dkernel = xp.sum(patches @ dz.mT, axis=0)  # (l C k, O)
        dW = xp.permute_dims(xp.reshape(dkernel, (l, C, k, O)), (3, 1, 2, 0))
        dx = back_to_x(kernel.mT, dz) if need_dx else None
        return (dx, dW) if b is None else (dx, dW, xp.sum(dz, axis=(0, 2)))

    return swapped(xp.reshape(z, (Q, O, P, -1))), vjp


def _patches(x, kernel_size, stride, padding, dilation):
    """What lies under each place of the kernel, (Q, l C k, P N); (P, Q); and the way back to x."""
    xp = array_namespace(x)
    N, C, (k, l) = x.shape[0], x.shape[1], kernel_size
    padded, unpadded = padded_picture(x, padding)
    width, height = padded.shape[0], padded.shape[2]
    P, Q = places(height, k, stride[0], dilation[0]), places(width, l, stride[1], dilation[1])
    rows = [every(i * dilation[0], P, stride[0]) for i in range(k)]
    columns = [every(j * dilation[1], Q, stride[1]) for j in range(l)]
    # Row i of the kernel sees the picture shifted up by i: k copies, beside the channels ...
    shifted = xp.empty((width, C, k, P, N), dtype=x.dtype, device=x.device)
    for i, r in enumerate(rows):
        shifted[:, :, i, :, :] = padded[:, :, r, :]
    # ... and column j sees it shifted left by j, which a window over the first axis does for free.
    patches = xp.reshape(sliding(shifted, columns), (Q, l * C * k, P * N))

    def back(A, B):
        """From dpatches = A B, one column of the kernel after the other: all are l pictures."""
        dpadded = xp.zeros_like(padded)
        for j, c in enumerate(columns):
            part = xp.reshape(A[j * C * k : (j + 1) * C * k, :] @ B, (Q, C, k, P, N))
            for i, r in enumerate(rows):
                dpadded[c, :, r, :] += part[:, :, i, :, :]
        return unpadded(dpadded)

    return patches, (P, Q), back


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
