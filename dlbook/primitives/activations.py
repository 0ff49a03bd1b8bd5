"""Activations: what bends a network."""

import math

from ..backend import array_namespace, erfc, keep, saturating

__all__ = [
    "elu", "gelu", "leaky_relu", "log_softmax", "relu", "sigmoid", "silu", "softmax",
    "softplus", "tanh",
]  # fmt: skip


def relu(x):
    """a = max(x, 0); the derivative at exactly 0 is taken as 0, as PyTorch does."""
    xp = array_namespace(x)

    def vjp(da):
        return (keep(da, x > 0),)  # da where x > 0, else 0

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
def elu(x, alpha=1.0):
    """a = x where x > 0, else alpha (e**x - 1); below 0 the slope is a + alpha."""
    xp = array_namespace(x)
    a = xp.where(x > 0, x, alpha * xp.expm1(xp.clip(x, -math.inf, 0.0)))

    def vjp(da):
        return (da * xp.where(x > 0, 1.0, a + alpha),)

    return a, vjp


@saturating
def softplus(x):
    """a = ln(1 + e**x), from e**-|x| so that it never overflows; its slope is the sigmoid."""
    xp = array_namespace(x)

    def vjp(da):
        return (da * sigmoid(x)[0],)

    return xp.clip(x, 0.0, math.inf) + xp.log1p(xp.exp(-xp.abs(x))), vjp


def silu(x):
    """a = x sigmoid(x), also called swish; digits are lost where sigmoid(x) is subnormal."""
    s, _ = sigmoid(x)

    def vjp(da):
        return (da * (s + x * s * (1.0 - s)),)

    return x * s, vjp


@saturating
def gelu(x, approximate="none"):
    """a = x Phi(x), Phi the normal distribution function; "tanh" approximates it (GPT-2).

    Far below 0 the rounding of x / sqrt(2) costs some x**2 units in the last place.
    """
    xp = array_namespace(x)
    if approximate == "tanh":
        c = math.sqrt(8 / math.pi)
        Phi, _ = sigmoid(c * (x + 0.044715 * x * x * x))  # (1 + tanh) / 2, without cancellation
    else:
        Phi = 0.5 * erfc(x / -math.sqrt(2))

    @saturating
    def vjp(da):
        if approximate == "tanh":
            u = xp.clip(x, -10.0, 10.0)  # beyond, Phi is 0 or 1, and its slope 0
            dPhi = Phi * (1.0 - Phi) * c * (1.0 + 3 * 0.044715 * u * u)
        else:
            dPhi = xp.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
        return (da * (Phi + x * dPhi),)

    return x * Phi, vjp


@saturating
def softmax(x, axis=-1, where=None):
    """a_k = e**x_k / sum_j e**x_j, over the entries where `where` is true (else a_k = 0)."""
    xp = array_namespace(x)
    z, _ = _shifted(x, axis, where)
    a = xp.exp(z)
    total = xp.sum(a, axis=axis, keepdims=True)
    a /= xp.where(total > 0, total, 1.0)  # a row with nothing allowed gives 0

    def vjp(da):
        dx = da - xp.sum(da * a, axis=axis, keepdims=True)
        dx *= a
        return (dx,)

    return a, vjp


@saturating
def log_softmax(x, axis=-1, where=None):
    """y_k = ln softmax(x)_k, without taking the logarithm of a rounded 0.

    A probability so near 1 that it rounds to 1 gives 0, as in PyTorch: an absolute error of eps.
    """
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
    if 0 in x.shape:  # nothing has no maximum
        return x, where
    if where is None:
        return x - xp.max(x, axis=axis, keepdims=True), None
    allowed = xp.broadcast_to(where, x.shape)
    x = xp.where(allowed, x, -math.inf)
    m = xp.max(x, axis=axis, keepdims=True)
    return x - xp.where(m > -math.inf, m, 0.0), allowed
