"""Losses: one number for a batch, the mean over its entries or their sum."""

import math

from ..backend import array_namespace, saturating
from .activations import log_softmax, sigmoid, softplus

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "huber_loss",
    "l1_loss", "mse_loss", "smooth_l1_loss",
]  # fmt: skip


def _reduce(each, reduction):
    """The loss of the batch from the losses of its entries, and d(loss)/d(each)."""
    xp = array_namespace(each)
    if reduction == "mean":
        return xp.mean(each), 1 / math.prod(each.shape)
    return (xp.sum(each) if reduction == "sum" else each), 1.0


def mse_loss(yhat, y, reduction="mean"):
    """L = mean of (yhat - y)**2."""
    error = yhat - y
    loss, scale = _reduce(error * error, reduction)

    def vjp(dL):
        dyhat = (2 * scale) * dL * error
        return dyhat, -dyhat

    return loss, vjp


def l1_loss(yhat, y, reduction="mean"):
    """L = mean of |yhat - y|; the slope at exactly 0 is taken as 0."""
    xp = array_namespace(yhat)
    error = yhat - y
    loss, scale = _reduce(xp.abs(error), reduction)

    def vjp(dL):
        dyhat = (scale * dL) * xp.sign(error)
        return dyhat, -dyhat

    return loss, vjp


def huber_loss(yhat, y, delta=1.0, reduction="mean"):
    """L = mean of e**2 / 2 where |e| <= delta, else delta (|e| - delta / 2), with e = yhat - y."""
    xp = array_namespace(yhat)
    error = yhat - y
    near = xp.clip(error, -delta, delta)  # e near 0, at most delta in size: also the slope
    loss, scale = _reduce(near * (error - 0.5 * near), reduction)

    def vjp(dL):
        dyhat = (scale * dL) * near
        return dyhat, -dyhat

    return loss, vjp


def smooth_l1_loss(yhat, y, beta=1.0, reduction="mean"):
    """L = the Huber loss divided by its corner beta, so that the slope far out is 1 or -1."""
    loss, back = huber_loss(yhat, y, beta, reduction)

    def vjp(dL):
        return back(dL / beta)

    return loss / beta, vjp


@saturating
def binary_cross_entropy(p, y, weight=1.0, reduction="mean"):
    """L = mean of -(y ln p + (1 - y) ln(1 - p)); logarithms stop at -100, as in PyTorch."""
    xp = array_namespace(p)
    log_p = xp.clip(xp.log(p), -100.0, math.inf)
    log_q = xp.clip(xp.log1p(-p), -100.0, math.inf)
    loss, scale = _reduce(-weight * (y * log_p + (1.0 - y) * log_q), reduction)

    def vjp(dL):
        dp = (weight * scale * dL) * (p - y) / xp.clip(p * (1.0 - p), 1e-12, math.inf)
        return dp, (weight * scale * dL) * (log_q - log_p)

    return loss, vjp


@saturating
def binary_cross_entropy_with_logits(z, y, weight=1.0, pos_weight=1.0, reduction="mean"):
    """L = mean of -(y ln p + (1 - y) ln(1 - p)) with p = sigmoid(z), never forming p.

    `pos_weight` counts the examples with y = 1 so many times, `weight` every entry.
    """
    on, off = softplus(-z)[0], softplus(z)[0]  # -ln p and -ln(1 - p): no digit is lost
    loss, scale = _reduce(weight * (pos_weight * y * on + (1.0 - y) * off), reduction)

    @saturating
    def vjp(dL):
        dz = (1.0 - y) * sigmoid(z)[0] - pos_weight * y * sigmoid(-z)[0]
        return (weight * scale * dL) * dz, (weight * scale * dL) * (pos_weight * on - off)

    return loss, vjp


def cross_entropy(z, y, reduction="mean"):
    """L = mean of -ln softmax(z)[y]: logits (N, C), and labels (N,) or probabilities (N, C).

    More axes, logits (N, C, T) and labels (N, T), are more examples.
    """
    xp = array_namespace(z)
    if y.ndim == z.ndim:
        p = y
    else:
        classes = xp.reshape(xp.arange(z.shape[1], device=z.device), (-1, *(1,) * (z.ndim - 2)))
        p = xp.astype(y[:, None, ...] == classes, z.dtype)  # one-hot
    log_p, back = log_softmax(z, axis=1)
    each = -xp.sum(p * xp.where(p > 0, log_p, 0.0), axis=1)  # 0 ln 0 counts as 0
    loss, scale = _reduce(each, reduction)

    def vjp(dL):
        dL = -scale * (dL[:, None, ...] if reduction == "none" else dL)
        return *back(dL * p), (dL * log_p if y.ndim == z.ndim else None)

    return loss, vjp
