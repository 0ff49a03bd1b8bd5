"""Recurrence over a sequence.

x is (N, T, D): N sequences of T steps with D numbers each; a state is (N, H). Inside, time comes
first, so that a step is one block of memory. Weights, biases and the order of the gates are
PyTorch's: W_ih (G, D), W_hh (G, H), with G = H, 4 H (i, f, g, o) or 3 H (r, z, n).
"""

from ..backend import array_namespace, contiguous
from .activations import tanh

__all__ = ["gru", "gru_cell", "lstm", "lstm_cell", "rnn", "rnn_cell"]


def rnn(x, h, W_ih, W_hh, b_ih, b_hh, mask=None, reverse=False, need_dx=True):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_t-1 + b_hh): (N, T, D), (N, H) -> all h_t (N, T, H).

    Where mask (N, T) is false, a step is left out: h stays what it was, and the output is 0.
    `reverse` starts at the end. Returns (all h_t, last h).
    """
    return over_time(rnn_step, x, (h,), W_ih, W_hh, b_ih, b_hh, mask, reverse, need_dx)


def lstm(x, h, c, W_ih, W_hh, b_ih, b_hh, mask=None, reverse=False, need_dx=True):
    """Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

    i, f, o = sigmoid(...), g = tanh(...), each of W_ih x_t + b_ih + W_hh h_t-1 + b_hh;
    c_t = f c_t-1 + i g, h_t = o tanh(c_t). Returns (all h_t, last h, last c); the rest as in `rnn`.
    """
    return over_time(lstm_step, x, (h, c), W_ih, W_hh, b_ih, b_hh, mask, reverse, need_dx)


def gru(x, h, W_ih, W_hh, b_ih, b_hh, mask=None, reverse=False, need_dx=True):
    """Gated recurrent unit (Cho et al. 2014), with r inside the brackets, as in cuDNN and PyTorch.

    r, z = sigmoid(W_ih x_t + b_ih + W_hh h_t-1 + b_hh); n = tanh(W_ih x_t + b_ih + r (W_hh h_t-1 +
    b_hh)); h_t = (1 - z) n + z h_t-1. Returns (all h_t, last h); the rest as in `rnn`.
    """
    return over_time(gru_step, x, (h,), W_ih, W_hh, b_ih, b_hh, mask, reverse, need_dx)


def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step of `rnn`: (N, D), (N, H) -> the new states (h,)."""
    return _one_step(rnn_step, x, (h,), W_ih, W_hh, b_ih, b_hh)


def lstm_cell(x, h, c, W_ih, W_hh, b_ih, b_hh):
    """One step of `lstm`: (N, D), (N, H), (N, H) -> the new states (h, c)."""
    return _one_step(lstm_step, x, (h, c), W_ih, W_hh, b_ih, b_hh)


def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step of `gru`: (N, D), (N, H) -> the new states (h,)."""
    return _one_step(gru_step, x, (h,), W_ih, W_hh, b_ih, b_hh)


# A step takes a = W_ih x + b_ih and b = W_hh h + b_hh, both (N, G), and the states (N, H); b is its
# own to write into. Its pullback returns da, db, and what reaches the old states otherwise than by b.
# Where the step only adds them (da is db), b_hh is in a already.


def rnn_step(a, b, states):
    """h = tanh(a + b)."""
    h, back = tanh(a + b)

    def vjp(dstates):
        (dz,) = back(dstates[0])
        return dz, dz, (0.0,)

    return (h,), vjp


def lstm_step(a, b, states):
    """i, f, o = sigmoid(...), g = tanh(...) of a + b; c = f c + i g, h = o tanh(c)."""
    (_, c), H, xp = states, a.shape[1] // 4, array_namespace(a)
    b += a  # (N, 4 H): i, f, g, o side by side
    b[:, : 2 * H] *= 0.5  # sigmoid(x) = tanh(x / 2) / 2 + 1/2: one tanh serves all four
    b[:, 3 * H :] *= 0.5
    t = xp.tanh(b)
    i, f, o = (0.5 * t[:, k * H : (k + 1) * H] + 0.5 for k in (0, 1, 3))
    g = t[:, 2 * H : 3 * H]
    new_c = f * c
    new_c += i * g
    bent = xp.tanh(new_c)

    def vjp(dstates):
        dh, dc = dstates
        dc = dc + dh * o * (1.0 - bent * bent)
        dz = xp.concat([dc * g, dc * c, dc * i, dh * bent], axis=1)
        dz *= 1.0 - t * t
        dz[:, : 2 * H] *= 0.25
        dz[:, 3 * H :] *= 0.25
        return dz, dz, (0.0, dc * f)

    return (o * bent, new_c), vjp


def gru_step(a, b, states):
    """r, z = sigmoid(a + b), n = tanh(a + r b), each with its own part; h = (1 - z) n + z h."""
    (h,), H = states, a.shape[1] // 3
    r_z, r_z_back = _sigmoid(a[:, : 2 * H] + b[:, : 2 * H])
    r, z, bn = r_z[:, :H], r_z[:, H:], b[:, 2 * H :]
    n, n_back = tanh(a[:, 2 * H :] + r * bn)

    def vjp(dstates):
        (dh,) = dstates
        (dn,) = n_back(dh * (1.0 - z))
        xp = array_namespace(dh)
        dr_z = r_z_back(xp.concat([dn * bn, dh * (h - n)], axis=1))
        return xp.concat([dr_z, dn], axis=1), xp.concat([dr_z, dn * r], axis=1), (dh * z,)

    return ((1.0 - z) * n + z * h,), vjp


def _sigmoid(x):
    """tanh(x / 2) / 2 + 1/2, and its pullback: in a loop over steps faster than `sigmoid`, whose
    digits far below 0 no gate needs.
    """
    t, back = tanh(0.5 * x)
    return 0.5 * t + 0.5, lambda da: 0.25 * back(da)[0]


def skipping(step, keep):
    """The step where `keep` (N, 1) is true; elsewhere the states, and their gradients, pass by."""

    def masked(a, b, states):
        xp = array_namespace(a)
        new, back = step(a, b, states)

        def vjp(dstates):
            da, db, dold = back([xp.where(keep, d, 0.0) for d in dstates])
            passed = [xp.where(keep, 0.0, d) for d in dstates]
            return da, db, tuple(d + p for d, p in zip(dold, passed, strict=True))

        return tuple(xp.where(keep, n, s) for n, s in zip(new, states, strict=True)), vjp

    return masked


def swapped(x):
    """(N, T, D) seen as (T, N, D), and the other way round."""
    return array_namespace(x).permute_dims(x, (1, 0, 2))


def over_time(step, x, states, W_ih, W_hh, b_ih, b_hh, mask=None, reverse=False, need_dx=True):
    """Apply a step T times; its pullback is the list of the steps' pullbacks, called backwards."""
    if reverse:
        return _backwards(step, x, states, W_ih, W_hh, b_ih, b_hh, mask, need_dx)
    xp = array_namespace(x)
    N, T, D = x.shape
    rows = xp.reshape(swapped(x), (T * N, D))
    a = xp.reshape(rows @ W_ih.mT, (T, N, -1))  # (T, N, G): of all steps at once
    apart = step is gru_step
    a += b_ih if apart else b_ih + b_hh
    h = xp.empty((T + 1, *states[0].shape), dtype=a.dtype, device=a.device)  # before each step
    h[0, ...] = states[0]
    W, pullbacks = contiguous(W_hh.mT), []
    for t in range(T):
        step_t = step if mask is None else skipping(step, mask[:, t : t + 1])
        b = h[t, ...] @ W
        states, back = step_t(a[t, ...], b + b_hh if apart else b, states)
        h[t + 1, ...] = states[0]
        pullbacks.append(back)
    outputs = swapped(h[1:, ...])  # (N, T, H)
    if mask is not None:
        outputs = xp.where(mask[:, :, None], outputs, 0.0)

    def vjp(dys):
        douts, *dstates = dys
        if mask is not None:
            douts = xp.where(mask[:, :, None], douts, 0.0)
        da = xp.empty_like(a)
        db = xp.empty_like(a) if apart else da
        for t in reversed(range(T)):
            dstates[0] = dstates[0] + douts[:, t, :]
            da[t, ...], db_t, (dh, *others) = pullbacks[t](dstates)
            if apart:
                db[t, ...] = db_t
            dstates = [db_t @ W_hh + dh, *others]
        da, db = xp.reshape(da, (T * N, -1)), xp.reshape(db, (T * N, -1))
        dx = swapped(xp.reshape(da @ W_ih, (T, N, D))) if need_dx else None
        dW_hh = db.mT @ xp.reshape(h[:T, ...], (T * N, -1))
        return dx, *dstates, da.mT @ rows, dW_hh, xp.sum(da, axis=0), xp.sum(db, axis=0)

    return (outputs, *states), vjp


def _backwards(step, x, states, W_ih, W_hh, b_ih, b_hh, mask, need_dx):
    """From the last step to the first: sequences and outputs turned round."""
    xp = array_namespace(x)
    mask = None if mask is None else xp.flip(mask, axis=1)
    weights, turned = (W_ih, W_hh, b_ih, b_hh), xp.flip(x, axis=1)
    (outputs, *last), back = over_time(step, turned, states, *weights, mask, need_dx=need_dx)

    def vjp(dys):
        dx, *others = back((xp.flip(dys[0], axis=1), *dys[1:]))
        return dx if dx is None else xp.flip(dx, axis=1), *others

    return (xp.flip(outputs, axis=1), *last), vjp


def _one_step(step, x, states, W_ih, W_hh, b_ih, b_hh):
    """A sequence of a single step, of which only the states are wanted."""
    (outputs, *new), back = over_time(step, x[:, None, :], states, W_ih, W_hh, b_ih, b_hh)

    def vjp(dstates):
        dx, *others = back((0.0 * outputs, *dstates))
        return dx[:, 0, :], *others

    return tuple(new), vjp
