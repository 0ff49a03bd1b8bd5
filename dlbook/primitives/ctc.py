"""Connectionist temporal classification: a loss for labels of which nobody has said when."""

import math

from ..backend import array_namespace

__all__ = ["ctc_loss"]


def _moved(a, k):
    """The states moved by k places, to the right or, with k < 0, to the left; log 0 comes in."""
    xp, size = array_namespace(a), a.shape[1]
    none = xp.full_like(a[:, : abs(k)], -math.inf)
    return xp.concat([none, a[:, : max(size - k, 0)]] if k > 0 else [a[:, -k:], none], axis=1)


def ctc_loss(log_p, y, steps, lengths, blank=0, reduction="mean", zero_infinity=False):
    """L_n = -ln of the sum, over all ways to spread y over the time steps, of their probabilities.

    `log_p` (T, N, C) are logarithms of probabilities, `y` (N, S) the labels, of which the first
    `lengths[n]` count, in the first `steps[n]` of T. The mean is over L_n / lengths[n], as in
    PyTorch. The gradient is the plain one by `log_p`; PyTorch's has that of a log_softmax in it.
    """
    xp, (T, N, C), device = array_namespace(log_p), log_p.shape, log_p.device
    # Label and blank by turns: blank, y_1, blank, y_2, ..., blank: (N, K) with K = 2 S + 1
    gap = xp.full((N, y.shape[1] + 1), blank, dtype=y.dtype, device=device)
    both = xp.stack([gap, xp.concat([y, gap[:, :1]], axis=1)], axis=2)
    states = xp.reshape(both, (N, -1))[:, :-1]
    k = xp.arange(states.shape[1], device=device)
    one_hot = states[:, :, None] == xp.arange(C, dtype=y.dtype, device=device)  # (N, K, C)
    # A blank may be left out between two labels that differ
    jump = (k >= 2) & (states != blank) & (states != xp.roll(states, 2, axis=1))
    lengths, steps = lengths[:, None], steps[:, None]
    never = xp.full(states.shape, -math.inf, dtype=log_p.dtype, device=device)
    zero = xp.zeros_like(never)
    last = (k == 2 * lengths) | (k == 2 * lengths - 1)

    emit = [xp.sum(xp.where(one_hot, log_p[t, :, None, :], 0.0), axis=2) for t in range(T)]
    a = xp.where(k < 2, emit[0], never)  # ln of all beginnings that are in state k
    alpha = [a]
    for t in range(1, T):
        come = xp.logaddexp(a, _moved(a, 1))
        come = xp.logaddexp(come, xp.where(jump, _moved(a, 2), never))
        a = xp.where(t < steps, come + emit[t], a)
        alpha.append(a)
    a = xp.where(last, a, never)
    top = xp.max(a, axis=1, keepdims=True)
    top = xp.where(top == -math.inf, 0.0, top)
    total = xp.sum(xp.exp(a - top), axis=1)
    possible = total > 0
    each = -xp.log(xp.where(possible, total, 1.0)) - top[:, 0]
    each = xp.where(possible, each, 0.0 if zero_infinity else math.inf)
    share = xp.ones_like(each)
    if reduction == "mean":
        share = 1 / (N * xp.astype(xp.where(lengths > 1, lengths, 1), log_p.dtype)[:, 0])
    loss = each if reduction == "none" else xp.sum(share * each)

    def vjp(dL):
        b = xp.where(last, zero, never)  # ln of all endings from state k
        weight, dlog_p = share * dL, [None] * T
        for t in range(T - 1, -1, -1):
            gamma = xp.exp(xp.where(possible[:, None], alpha[t] + b + each[:, None], never))
            gamma = xp.where(t < steps, gamma, zero) * weight[:, None]
            dlog_p[t] = -xp.sum(xp.where(one_hot, gamma[:, :, None], 0.0), axis=1)
            go = b + emit[t]  # the step into t, from one, two or no states before it
            back = xp.logaddexp(go, _moved(go, -1))
            back = xp.logaddexp(back, _moved(xp.where(jump, go, never), -2))
            b = xp.where(t < steps, back, b)
        return xp.stack(dlog_p), None, None, None

    return loss, vjp
