"""Every derivative in the book, written once.

A primitive takes arrays and returns its value and its pullback:

    y, vjp = primitive(x, W, ...)
    dx, dW, ... = vjp(dy)

`dy` is dL/dy, the gradient of the loss with respect to the value; the pullback (vector-Jacobian
product) turns it into the gradient with respect to each array that went in, as a tuple. Primitives
write only into arrays they made and check nothing: what comes from a user is checked in `nn`.
"""

from __future__ import annotations

import math

from .backend import array_namespace, erf, gather, saturating, scatter_add

# --- Layers -------------------------------------------------------------------------------------


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


# --- Arithmetic ---------------------------------------------------------------------------------


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


def pow(x, n=2):
    """y = x**n for a fixed number n."""

    def vjp(dy):
        return (dy * (n * x ** (n - 1)) if n else dy * 0,)

    return x**n, vjp


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


# --- Sums and shapes ----------------------------------------------------------------------------


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
    n = math.prod(x.shape) / math.prod(y.shape)

    def vjp(dy):
        return back(dy / n)

    return y / n, vjp


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


def getitem(x, index):
    """y = x[index]; an entry that is read twice gets the gradients of both readings."""

    def vjp(dy):
        return (scatter_add(x, index, dy),)

    return gather(x, index), vjp


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


# --- Activations --------------------------------------------------------------------------------


def relu(x):
    """a = max(x, 0); the derivative at exactly 0 is taken as 0, as PyTorch does."""
    xp = array_namespace(x)

    def vjp(da):
        return (da * xp.astype(x > 0, x.dtype),)  # four times faster than where(x > 0, da, 0)

    return xp.clip(x, 0.0, math.inf), vjp  # on large arrays faster than maximum(x, 0)


def leaky_relu(x, negative_slope=0.01):
    """a = x where x > 0, else negative_slope x."""
    xp = array_namespace(x)

    def vjp(da):
        return (xp.where(x > 0, da, negative_slope * da),)

    return xp.where(x > 0, x, negative_slope * x), vjp


@saturating
def sigmoid(x):
    """a = 1 / (1 + e**-x), from e**-|x| so that it never overflows; a' = a (1 - a)."""
    xp = array_namespace(x)
    e = xp.exp(-xp.abs(x))
    a = xp.where(x >= 0, 1.0, e) / (1.0 + e)

    def vjp(da):
        return (da * (a * (1.0 - a)),)

    return a, vjp


def tanh(x):
    """a = tanh x; a' = 1 - a**2."""
    a = array_namespace(x).tanh(x)

    def vjp(da):
        return (da * (1.0 - a * a),)

    return a, vjp


@saturating
def gelu(x, approximate="none"):
    """a = x Phi(x), Phi the normal distribution function; "tanh" approximates it (GPT-2)."""
    xp = array_namespace(x)
    if approximate == "tanh":
        c = math.sqrt(2 / math.pi)
        t = xp.tanh(c * (x + 0.044715 * x * x * x))
        Phi = 0.5 * (1.0 + t)
        dPhi = 0.5 * (1.0 - t * t) * c * (1.0 + 3 * 0.044715 * x * x)
    else:
        Phi = 0.5 * (1.0 + erf(x / math.sqrt(2)))
        dPhi = xp.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)

    def vjp(da):
        return (da * (Phi + x * dPhi),)

    return x * Phi, vjp


@saturating
def softmax(x, axis=-1, where=None):
    """a_k = e**x_k / sum_j e**x_j, over the entries where `where` is true (else a_k = 0)."""
    xp = array_namespace(x)
    z, _ = _shifted(x, axis, where)
    e = xp.exp(z)
    total = xp.sum(e, axis=axis, keepdims=True)
    a = e / xp.where(total > 0, total, 1.0)  # a row with nothing allowed gives 0

    def vjp(da):
        return (a * (da - xp.sum(da * a, axis=axis, keepdims=True)),)

    return a, vjp


@saturating
def log_softmax(x, axis=-1, where=None):
    """y_k = ln softmax(x)_k, without taking the logarithm of a rounded 0."""
    xp = array_namespace(x)
    z, allowed = _shifted(x, axis, where)
    total = xp.sum(xp.exp(z), axis=axis, keepdims=True)
    y = z - xp.log(xp.where(total > 0, total, 1.0))

    @saturating
    def vjp(dy):
        if where is not None:
            dy = xp.where(allowed, dy, 0.0)
        return (dy - xp.exp(y) * xp.sum(dy, axis=axis, keepdims=True),)

    return y, vjp


def _shifted(x, axis, where=None):
    """x minus its maximum (softmax is the same, and e**0 cannot overflow); -inf where masked."""
    xp = array_namespace(x)
    if where is None:
        return x - xp.max(x, axis=axis, keepdims=True), None
    allowed = xp.broadcast_to(where, x.shape)
    x = xp.where(allowed, x, -math.inf)
    m = xp.max(x, axis=axis, keepdims=True)
    return x - xp.where(m > -math.inf, m, 0.0), allowed


# --- Losses: one number for a batch, the mean over its entries or their sum ---------------------


def _reduce(each, reduction):
    """The loss of the batch from the losses of its entries, and d(loss)/d(each)."""
    xp = array_namespace(each)
    if reduction == "mean":
        return xp.mean(each), 1 / math.prod(each.shape)
    return xp.sum(each), 1.0


def mse_loss(yhat, y, reduction="mean"):
    """L = mean of (yhat - y)**2."""
    error = yhat - y
    loss, scale = _reduce(error * error, reduction)

    def vjp(dL):
        dyhat = (2 * scale) * dL * error
        return dyhat, -dyhat

    return loss, vjp


@saturating
def binary_cross_entropy(p, y, reduction="mean"):
    """L = mean of -(y ln p + (1 - y) ln(1 - p)); logarithms stop at -100, as in PyTorch."""
    xp = array_namespace(p)
    log_p = xp.clip(xp.log(p), -100.0, math.inf)
    log_q = xp.clip(xp.log1p(-p), -100.0, math.inf)
    loss, scale = _reduce(-(y * log_p + (1.0 - y) * log_q), reduction)

    def vjp(dL):
        dp = (scale * dL) * (p - y) / xp.clip(p * (1.0 - p), 1e-12, math.inf)
        return dp, (scale * dL) * (log_q - log_p)

    return loss, vjp


@saturating
def binary_cross_entropy_with_logits(z, y, reduction="mean"):
    """L = mean of -(y ln p + (1 - y) ln(1 - p)) with p = sigmoid(z), never forming p."""
    xp = array_namespace(z)
    softplus = xp.clip(z, 0.0, math.inf) + xp.log1p(xp.exp(-xp.abs(z)))  # ln(1 + e**z)
    loss, scale = _reduce(softplus - y * z, reduction)

    def vjp(dL):
        return (scale * dL) * (sigmoid(z)[0] - y), (-scale * dL) * z

    return loss, vjp


def cross_entropy(z, y, reduction="mean"):
    """L = mean of -ln softmax(z)[y]: logits (N, C), and labels (N,) or probabilities (N, C)."""
    xp = array_namespace(z)
    if y.ndim == z.ndim:
        p = y
    else:
        p = xp.astype(y[:, None] == xp.arange(z.shape[1], device=z.device), z.dtype)  # one-hot
    log_p, back = log_softmax(z)
    each = -xp.sum(p * xp.where(p > 0, log_p, 0.0), axis=1)  # 0 ln 0 counts as 0
    loss, scale = _reduce(each, reduction)

    def vjp(dL):
        return *back((-scale * dL) * p), ((-scale * dL) * log_p if y.ndim == z.ndim else None)

    return loss, vjp
