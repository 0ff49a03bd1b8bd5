"""Pictures as convolution and pooling see them: (W, C, H, N) in memory, padded, in strides."""

from ..backend import array_namespace
from .shapes import pad


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
    """NCHW as (W, C, H, N) with `padding` rows and columns of `fill`; and the way back to NCHW."""
    h, w = padding
    padded, back = pad(swapped(x), (0, 0, h, h, 0, 0, w, w), fill)
    return padded, lambda dpadded: swapped(back(dpadded)[0])
