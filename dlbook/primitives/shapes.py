"""Arrays in other shapes and pieces."""

from ..backend import array_namespace

__all__ = ["concat", "pad", "permute_dims", "reshape", "stack", "unstack"]


def reshape(x, shape):
    """y = the entries of x in the same order in another shape."""
    xp = array_namespace(x)

    def vjp(dy):
        return (xp.reshape(dy, x.shape),)

    return xp.reshape(x, shape), vjp


def permute_dims(x, axes):
    """y = x with its axes in another order: axis k of y is axis axes[k] of x."""
    xp = array_namespace(x)
    inverse = tuple(sorted(range(len(axes)), key=lambda k: axes[k] % len(axes)))

    def vjp(dy):
        return (xp.permute_dims(dy, inverse),)

    return xp.permute_dims(x, tuple(axes)), vjp


def pad(x, pad, value=0.0):
    """y = x with entries of `value` around it: pairs (before, after), for the last axis first."""
    xp = array_namespace(x)
    if not any(pad):
        return x, lambda dy: (dy,)
    pairs = [(0, 0)] * (x.ndim - len(pad) // 2) + list(zip(pad[-2::-2], pad[::-2], strict=True))
    inner = tuple(slice(before, before + n) for (before, _), n in zip(pairs, x.shape, strict=True))
    shape = tuple(n + before + after for n, (before, after) in zip(x.shape, pairs, strict=True))
    y = xp.full(shape, value, dtype=x.dtype, device=x.device)
    y[inner] = x

    def vjp(dy):
        return (dy[inner],)

    return y, vjp


def stack(*xs, axis=0):
    """y = arrays of one shape beside each other along a new axis."""

    def vjp(dy):
        return unstack(dy, axis)[0]

    return array_namespace(*xs).stack(xs, axis=axis), vjp


def unstack(x, axis=0):
    """ys = the slices of x along `axis`, all at once: the inverse of `stack`."""
    xp = array_namespace(x)
    slices = xp.moveaxis(x, axis, 0)

    def vjp(dys):
        return (xp.stack(dys, axis=axis),)

    return tuple(slices[k, ...] for k in range(slices.shape[0])), vjp


def concat(*xs, axis=0):
    """y = arrays behind each other along an axis they have."""
    xp = array_namespace(*xs)

    def vjp(dy):
        dxs, start = [], 0
        for x in xs:
            here = [slice(None)] * x.ndim
            here[axis] = slice(start, start + x.shape[axis])
            start += x.shape[axis]
            dxs.append(dy[tuple(here)])
        return tuple(dxs)

    return xp.concat(xs, axis=axis), vjp
