"""Recurrence over a sequence, and looking up rows of a table.

x is (N, T, D): N sequences of T steps with D numbers each. Inside, the features come first and the
examples last, (D, T, N): then every gate is a block of rows. Weights, biases and the order of
the gates are PyTorch's: W_ih (G, D), W_hh (G, H), with G = H, 4 H (i, f, g, o) or 3 H (r, z, n).
"""

from __future__ import annotations

from ..backend import array_namespace
from .activations import tanh
from .shapes import getitem


def rnn(x, h, W_ih, W_hh, b_ih, b_hh, mask=None, reverse=False):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_t-1 + b_hh): (N, T, D), (N, H) -> all h_t (N, T, H).

    Where mask (N, T) is false, a step is left out: h stays what it was, and the output is 0.
    `reverse` starts at the end. Returns (all h_t, last h).
    """
    return _over_time(_rnn_step, x, (h,), W_ih, W_hh, b_ih, b_hh, mask, reverse)


def lstm(x, h, c, W_ih, W_hh, b_ih, b_hh, mask=None, reverse=False):
    """Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

    i, f, o = sigmoid(...), g = tanh(...), each of W_ih x_t + b_ih + W_hh h_t-1 + b_hh;
    c_t = f c_t-1 + i g, h_t = o tanh(c_t). Returns (all h_t, last h, last c); the rest as in `rnn`.
    """
    return _over_time(_lstm_step, x, (h, c), W_ih, W_hh, b_ih, b_hh, mask, reverse)


def gru(x, h, W_ih, W_hh, b_ih, b_hh, mask=None, reverse=False):
    """Gated recurrent unit (Cho et al. 2014), with r inside the brackets, as in cuDNN and PyTorch.

    r, z = sigmoid(W_ih x_t + b_ih + W_hh h_t-1 + b_hh); n = tanh(W_ih x_t + b_ih + r (W_hh h_t-1 +
    b_hh)); h_t = (1 - z) n + z h_t-1. Returns (all h_t, last h); the rest as in `rnn`.
    """
    return _over_time(_gru_step, x, (h,), W_ih, W_hh, b_ih, b_hh, mask, reverse)


def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step of `rnn`: (N, D), (N, H) -> the new h (N, H)."""
    return _one_step(_rnn_step, x, (h,), W_ih, W_hh, b_ih, b_hh)


def lstm_cell(x, h, c, W_ih, W_hh, b_ih, b_hh):
    """One step of `lstm`: (N, D), (N, H), (N, H) -> the new (h, c)."""
    return _one_step(_lstm_step, x, (h, c), W_ih, W_hh, b_ih, b_hh)


def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step of `gru`: (N, D), (N, H) -> the new h (N, H)."""
    return _one_step(_gru_step, x, (h,), W_ih, W_hh, b_ih, b_hh)


# A step takes a = W_ih x + b_ih and b = W_hh h + b_hh, both (G, N), and the states (H, N). Its
# pullback returns da, db, and what reaches the old states by other ways than b.


def _rnn_step(a, b, states):
    h, back = tanh(a + b)

    def vjp(dstates):
        (dz,) = back(dstates[0])
        return dz, dz, (0.0,)

    return (h,), vjp


def _lstm_step(a, b, states):
    (_, c), H, z = states, a.shape[0] // 4, a + b
    (i_f, i_f_back), (o, o_back) = _sigmoid(z[: 2 * H, :]), _sigmoid(z[3 * H :, :])
    i, f = i_f[:H, :], i_f[H:, :]
    g, g_back = tanh(z[2 * H : 3 * H, :])
    new_c = f * c + i * g
    t, t_back = tanh(new_c)

    def vjp(dstates):
        dh, dc = dstates
        dc = dc + t_back(dh * o)[0]
        xp = array_namespace(dh)
        di_f = i_f_back(xp.concat([dc * g, dc * c], axis=0))
        dz = xp.concat([di_f, g_back(dc * i)[0], o_back(dh * t)], axis=0)
        return dz, dz, (0.0, dc * f)

    return (o * t, new_c), vjp


def _gru_step(a, b, states):
    (h,), H = states, a.shape[0] // 3
    r_z, r_z_back = _sigmoid(a[: 2 * H, :] + b[: 2 * H, :])
    r, z, bn = r_z[:H, :], r_z[H:, :], b[2 * H :, :]
    n, n_back = tanh(a[2 * H :, :] + r * bn)

    def vjp(dstates):
        (dh,) = dstates
        (dn,) = n_back(dh * (1.0 - z))
        xp = array_namespace(dh)
        dr_z = r_z_back(xp.concat([dn * bn, dh * (h - n)], axis=0))
        return xp.concat([dr_z, dn], axis=0), xp.concat([dr_z, dn * r], axis=0), (dh * z,)

    return ((1.0 - z) * n + z * h,), vjp


def _sigmoid(x):
    """tanh(x / 2) / 2 + 1/2, and its pullback: in a loop over steps faster than `sigmoid`, whose
    digits far below 0 no gate needs.
    """
    t, back = tanh(0.5 * x)
    return 0.5 * t + 0.5, lambda da: 0.25 * back(da)[0]


def _over_time(step, x, states, W_ih, W_hh, b_ih, b_hh, mask, reverse):
    """Apply a step T times; its pullback is the list of the steps' pullbacks, called backwards."""
    xp = array_namespace(x)
    N, T, D = x.shape
    now = tuple(s.mT for s in states)
    a = W_ih @ xp.permute_dims(x, (1, 2, 0)) + b_ih[:, None]  # (T, G, N), all steps at once
    times = range(T - 1, -1, -1) if reverse else range(T)
    bias = xp.zeros_like(a[0, :, :]) + b_hh[:, None]  # written out once: adding a column is slow
    before: list = [None] * T  # these three are filled in the order of `times`
    after, pullbacks = list(before), list(before)
    for t in times:
        before[t] = now[0]
        new, pullbacks[t] = step(a[t, :, :], W_hh @ now[0] + bias, now)
        if mask is not None:
            new = tuple(xp.where(mask[:, t], n, o) for n, o in zip(new, now, strict=True))
        now, after[t] = new, new[0]
    outputs = xp.permute_dims(xp.stack(after, axis=1), (2, 1, 0))
    if mask is not None:
        outputs = xp.where(mask[:, :, None], outputs, 0.0)

    def vjp(dys):
        douts, *dlast = dys
        if mask is not None:
            douts = xp.where(mask[:, :, None], douts, 0.0)
        douts = xp.permute_dims(douts, (1, 2, 0))
        dstates, das = [d.mT for d in dlast], [None] * T
        dbs = list(das)
        for t in reversed(times):
            dstates[0] = dstates[0] + douts[t, :, :]
            kept = dstates
            if mask is not None:  # what was left out hands its gradient on as it is
                dstates = [xp.where(mask[:, t], d, 0.0) for d in kept]
            das[t], dbs[t], (dh, *others) = pullbacks[t](dstates)
            dstates = [W_hh.mT @ dbs[t] + dh, *others]
            if mask is not None:
                pairs = zip(dstates, kept, strict=True)
                dstates = [xp.where(mask[:, t], d, k) for d, k in pairs]
        da = xp.reshape(xp.stack(das, axis=1), (-1, T * N))
        db = da if dbs[0] is das[0] else xp.reshape(xp.stack(dbs, axis=1), (-1, T * N))
        h = xp.reshape(xp.stack(before, axis=1), (-1, T * N))
        dx = xp.permute_dims(xp.reshape(W_ih.mT @ da, (D, T, N)), (2, 1, 0))
        dW_ih = da @ xp.reshape(xp.permute_dims(x, (1, 0, 2)), (T * N, D))
        biases = (xp.sum(d, axis=1) for d in (da, db))
        return dx, *(d.mT for d in dstates), dW_ih, db @ h.mT, *biases

    return (outputs, *(s.mT for s in now)), vjp


def _one_step(step, x, states, W_ih, W_hh, b_ih, b_hh):
    xp = array_namespace(x)
    states = tuple(s.mT for s in states)
    a, b = W_ih @ x.mT + b_ih[:, None], W_hh @ states[0] + b_hh[:, None]
    new, pullback = step(a, b, states)
    new = tuple(s.mT for s in new)

    def vjp(dys):
        dnew = tuple(d.mT for d in (dys if len(states) > 1 else (dys,)))
        da, db, (dh, *others) = pullback(dnew)
        dstates = (d.mT for d in (W_hh.mT @ db + dh, *others))
        biases = (xp.sum(d, axis=1) for d in (da, db))
        return da.mT @ W_ih, *dstates, da @ x, db @ states[0].mT, *biases

    return (new if len(new) > 1 else new[0]), vjp


def embedding(indices, W):
    """y = W[indices], rows of a table (V, D); a row used twice gets the sum of both gradients."""
    xp, D = array_namespace(W), W.shape[1]
    rows, back = getitem(W, xp.reshape(indices, (-1,)))

    def vjp(dy):
        return None, *back(xp.reshape(dy, (-1, D)))

    return xp.reshape(rows, (*indices.shape, D)), vjp
