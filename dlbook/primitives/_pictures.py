"""Pictures as convolution and pooling see them: (W, C, H, N) in memory, padded, in strides."""

from __future__ import annotations

from ..backend import array_namespace, pad


def places(n, k, stride, dilation):
    """How many places a kernel of k entries has on n."""
    return (n - dilation * (k - 1) - 1) // stride + 1


def every(start, count, step):
    """The slice start, start + step, ... of `count` entries."""
    return slice(start, start + step * (count - 1) + 1, step)


def swapped(x):
    """(N, C, H, W) seen as (W, C, H, N), and the other way round."""
    return array_namespace(x).permute_dims(x, (3, 1, 2, 0))


def padded_picture(x, padding, fill=0.0):
    """NCHW as (W, C, H, N) with `padding` rows and columns of `fill` around each picture."""
    return pad(swapped(x), (padding[1], 0, padding[0], 0), fill)


def cut(dpadded, padding):
    """Take the padding off a (W, C, H, N) gradient and return it as NCHW."""
    width, _, height, _ = dpadded.shape
    inner = dpadded[padding[1] : width - padding[1], :, padding[0] : height - padding[0], :]
    return swapped(inner)
