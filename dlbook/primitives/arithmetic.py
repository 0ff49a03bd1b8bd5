"""Linear layers, products, arithmetic and sums."""

import math

from ..backend import array_namespace, keep

__all__ = [
    "abs", "add", "amax", "clip", "cumsum", "div", "exp", "linear", "log", "matmul", "maximum",
    "mean", "mul", "pow", "sub", "sum", "where",
]  # fmt: skip


def linear(x, W, b=None, need_dx=True):
    """z = W x + b for every row x: (..., in), (out, in), (out,) -> (..., out)."""
    xp = array_namespace(x)

    def vjp(dz):
        rows = xp.reshape(dz, (-1, W.shape[0]))
        dx = dz @ W if need_dx else None  # data needs no gradient
        dW = rows.mT @ xp.reshape(x, (-1, W.shape[1]))
        return (dx, dW) if b is None else (dx, dW, xp.sum(rows, axis=0))

    z = x @ W.mT
    if b is not None:
        z += b
    return z, vjp


def matmul(A, B):
    """C = A B, over any leading axes; a vector counts as one row (left) or one column (right)."""
    xp = array_namespace(A, B)
    A2 = A if A.ndim > 1 else A[None, :]
    B2 = B if B.ndim > 1 else B[:, None]
    C2 = A2 @ B2
    shape = C2.shape[: C2.ndim - 2]
    shape += C2.shape[-2:-1] * (A.ndim > 1) + C2.shape[-1:] * (B.ndim > 1)

    def vjp(dC):
        dC = xp.reshape(dC, C2.shape)
        dA, dB = _unbroadcast(dC @ B2.mT, A2), _unbroadcast(A2.mT @ dC, B2)
        return xp.reshape(dA, A.shape), xp.reshape(dB, B.shape)

    return xp.reshape(C2, shape), vjp


def _unbroadcast(dy, x):
    """Sum `dy` over the axes along which `x` was repeated, so that it has the shape of `x`."""
    shape = getattr(x, "shape", ())  # a Python number has no axes
    xp = array_namespace(dy)
    new = dy.ndim - len(shape)
    axes = [*range(new), *(new + k for k, n in enumerate(shape) if n == 1 != dy.shape[new + k])]
    return xp.reshape(xp.sum(dy, axis=tuple(axes)), shape) if axes else dy


def add(a, b):
    """y = a + b."""

    def vjp(dy):
        return _unbroadcast(dy, a), _unbroadcast(dy, b)

    return a + b, vjp


def sub(a, b):
    """y = a - b."""

    def vjp(dy):
        return _unbroadcast(dy, a), _unbroadcast(-dy, b)

    return a - b, vjp


def mul(a, b):
    """y = a b, entry by entry."""

    def vjp(dy):
        return _unbroadcast(dy * b, a), _unbroadcast(dy * a, b)

    return a * b, vjp


def div(a, b):
    """y = a / b, entry by entry."""
    y = a / b

    def vjp(dy):
        return _unbroadcast(dy / b, a), _unbroadcast(-dy * y / b, b)

    return y, vjp


def pow(x, n):
    """y = x**n, n a number or an array."""
    xp = array_namespace(x, n)
    if isinstance(n, int | float):
        return x**n, lambda dy: (dy * (n * x ** (n - 1)) if n else dy * 0,)
    x = xp.asarray(x, dtype=n.dtype, device=n.device)
    y = x**n

    def vjp(dy):
        logs = xp.log(xp.where(x > 0, x, 1.0))  # where x is 0, y does not move with n
        dx = xp.where(n == 0, 0.0, n * x ** xp.where(n == 0, 1.0, n - 1))
        return _unbroadcast(dy * dx, x), _unbroadcast(dy * y * logs, n)

    return y, vjp


def abs(x):
    """y = |x|; the slope at exactly 0 is taken as 0."""
    xp = array_namespace(x)

    def vjp(dy):
        return (dy * xp.sign(x),)

    return xp.abs(x), vjp


def clip(x, min=-math.inf, max=math.inf):
    """y = x, but at least `min` and at most `max`; where it is cut, the slope is 0."""
    xp = array_namespace(x)

    def vjp(dy):
        return (keep(dy, (x >= min) & (x <= max)),)

    return xp.clip(x, min, max), vjp


def maximum(a, b):
    """y = the larger of a and b, entry by entry; where they are equal, each gets half."""
    xp = array_namespace(a, b)

    def vjp(dy):
        da = dy * (xp.astype(a > b, dy.dtype) + 0.5 * xp.astype(a == b, dy.dtype))
        return _unbroadcast(da, a), _unbroadcast(dy - da, b)

    return xp.maximum(a, b), vjp


def where(condition, a, b):
    """y = a where the condition is true, b elsewhere."""
    xp = array_namespace(condition, a, b)

    def vjp(dy):
        da, db = xp.where(condition, dy, 0.0), xp.where(condition, 0.0, dy)
        return None, _unbroadcast(da, a), _unbroadcast(db, b)

    return xp.where(condition, a, b), vjp


def exp(x):
    """y = e**x."""
    y = array_namespace(x).exp(x)

    def vjp(dy):
        return (dy * y,)

    return y, vjp


def log(x):
    """y = ln x."""

    def vjp(dy):
        return (dy / x,)

    return array_namespace(x).log(x), vjp


def sum(x, axis=None, keepdims=False):
    """y = the sum of x over `axis` (all axes if None)."""
    xp = array_namespace(x)
    kept = xp.sum(x, axis=axis, keepdims=True).shape

    def vjp(dy):
        dy = xp.asarray(dy, dtype=x.dtype, device=x.device)
        return (xp.zeros_like(x) + xp.reshape(dy, kept),)

    return xp.sum(x, axis=axis, keepdims=keepdims), vjp


def mean(x, axis=None, keepdims=False):
    """y = the mean of x over `axis` (all axes if None)."""
    y, back = sum(x, axis, keepdims)
    n = math.prod(x.shape) / (math.prod(y.shape) or 1)

    def vjp(dy):
        return back(dy / n)

    return y / n, vjp


def amax(x, axis=None, keepdims=False):
    """y = the largest entry over `axis` (all axes if None); equal ones share its gradient."""
    xp = array_namespace(x)
    largest = xp.max(x, axis=axis, keepdims=True)

    def vjp(dy):
        winners = xp.astype(x == largest, x.dtype)
        share = xp.reshape(xp.asarray(dy, dtype=x.dtype, device=x.device), largest.shape)
        return (winners * (share / xp.sum(winners, axis=axis, keepdims=True)),)

    return xp.max(x, axis=axis, keepdims=keepdims), vjp


def cumsum(x, axis=0):
    """y_t = x_0 + ... + x_t along `axis`."""
    xp = array_namespace(x)

    def vjp(dy):
        return (xp.flip(xp.cumulative_sum(xp.flip(dy, axis=axis), axis=axis), axis=axis),)

    return xp.cumulative_sum(x, axis=axis), vjp
