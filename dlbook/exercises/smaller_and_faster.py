"""Exercises: smaller and faster."""

from itertools import pairwise

import numpy as np

from .inputs import normal
from .judge import Exercise

on_paper = Exercise(
    "smaller_and_faster.1",
    answer=(13200.0, 13440.0, 14240.0),
    names="rounded, pruned, factored",
    hint=("count first the numbers, 256 * 100, then the bits or bytes of each, then what has to stand "
          "in the file besides; for the last one see (.6)"),
    mistakes=[
        ((12800.0, 13440.0, 14240.0), "rounded: a scale of four bytes for each row is missing"),
        ((13824.0, 13440.0, 14240.0), "rounded: a row is a unit that comes out, so 100 scales and not 256"),
        ((26000.0, 13440.0, 14240.0), "rounded: two numbers of 4 bits are a byte"),
        ((102800.0, 13440.0, 14240.0), "rounded: 4 bits are half a byte, not four bytes"),
        ((13200.0, 10240.0, 14240.0),
         "pruned: the file must say which weights are left: one bit for each of them all"),
        ((13200.0, 12800.0, 14240.0), "pruned: a tenth of the weights is left, four bytes each: add up anew"),
        ((13200.0, 35840.0, 14240.0), "pruned: eight of the bits that say which are left make a byte"),
        ((13200.0, 10560.0, 14240.0),
         "pruned: every weight needs its bit, also those that are gone: 25,600 bits"),
        ((13200.0, 95360.0, 14240.0), "pruned: a tenth is left; you kept nine tenths"),
        ((13200.0, 13440.0, 3560.0), "factored: these are numbers: each has four bytes"),
        ((13200.0, 13440.0, 10240.0), "factored: there are two matrices, r (O + I) numbers: (.6)"),
        ((13200.0, 13440.0, 14280.0), "factored: the singular values are part of A: they take no place"),
        ((13.2, 13.44, 14.24), "these are kilobytes: bytes are asked for"),
        ((105600.0, 107520.0, 113920.0), "these are bits: eight of them are a byte"),
    ],
)  # fmt: skip


def _affine(x, bits, *, zero=True, top=None, whole=True, least=True, cut=np.round):
    low, high = float(x.min()), float(x.max())
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if not least:
        low = 0.0
    top = 2**bits - 1 if top is None else top(bits)
    s = (high - low) / top
    z = cut(-low / s) if whole else -low / s
    return cut(x / s) + z, s, z


def _around_zero(x, bits):
    m = 2 ** (bits - 1) - 1
    s = np.abs(x).max() / m
    return np.clip(np.round(x / s), -m, m), s, 0.0


_GREY = [
    (normal(1, (5, 4))[0], 4),
    (0.3 + np.abs(normal(2, (6, 3))[0]), 3),
    (-np.abs(normal(3, 12)[0]), 8),
    (3 * normal(4, 20)[0] + 2, 2),
]

affine = Exercise(
    "smaller_and_faster.2",
    answer=_affine,
    cases=_GREY,
    names="q, s, z", arguments="x, bits", batch=None,
    hint=("with numbers from -1 to 2 and two bits there are the levels 0, 1, 2, 3: the step is 1, and "
          "the whole number 1 stands for zero"),
    mistakes=[
        (lambda x, b: _affine(x, b, zero=False),
         "the range must contain 0, also where all numbers have one sign: stretch it to 0"),
        (lambda x, b: _affine(x, b, top=lambda b: 2**b), "from 0 to 2**bits - 1 there are 2**bits - 1 steps"),
        (lambda x, b: _affine(x, b, top=lambda b: 2 ** (b - 1) - 1),
         "2**(bits - 1) - 1 is for numbers around zero: here the levels are 0 to 2**bits - 1"),
        (lambda x, b: _affine(x, b, whole=False),
         "z is a whole number too: round it, so that a 0 stays exactly 0"),
        (lambda x, b: (_affine(x, b)[0] - _affine(x, b)[2], *_affine(x, b)[1:]),
         "the zero point is missing in q: round(x / s) + z"),
        (lambda x, b: (*_affine(x, b)[:2], -_affine(x, b)[2]),
         "z has the wrong sign: it is the q that stands for 0, -min / s"),
        (lambda x, b: (_affine(x, b)[1] * (_affine(x, b)[0] - _affine(x, b)[2]), *_affine(x, b)[1:]),
         "these are the rounded numbers: q are the WHOLE numbers that stand for them"),
        (lambda x, b: _affine(x, b, least=False),
         "negative numbers count: the range goes from the least to the largest"),
        (lambda x, b: _affine(x, b, cut=np.floor), "this is cut off: round to the NEAREST whole number"),
        (_around_zero,
         "this is rounding around zero, (.1): the range from min to max is asked for"),
    ],
)  # fmt: skip


def _product(q_x, s_x, z_x, q_w, s_w, *, kind=np.int64, zero=1, scales=True, out=None, rows=1):
    sums = q_x.astype(kind) @ q_w.astype(kind).T
    sums = sums - zero * z_x * q_w.astype(np.int64).sum(axis=rows)
    return sums * s_x * s_w if scales else sums


def _bytes(seed, N, K, H, z):
    rng = np.random.default_rng(seed)
    q_x = rng.integers(0, 256, (N, K)).astype(np.uint8)
    q_w = rng.integers(-127, 128, (H, K)).astype(np.int8)
    return q_x, 0.02, z, q_w, rng.uniform(0.001, 0.01, H)


def _wrapped(q_x, s_x, z_x, q_w, s_w):
    shifted = (q_x - np.uint8(z_x)).astype(np.int64)  # a byte below 0 begins again at 255
    return shifted @ q_w.astype(np.int64).T * s_x * s_w


def _half_scaled(q_x, s_x, z_x, q_w, s_w):
    return _product(q_x, s_x, 0, q_w, s_w) - z_x * q_w.astype(np.int64).sum(axis=1)


def _over_inputs(q_x, s_x, z_x, q_w, s_w):
    q_x, q_w = q_x.astype(np.int64), q_w.astype(np.int64)
    return s_x * s_w * (q_x @ q_w.T - z_x * q_x.sum(axis=1, keepdims=True))


product = Exercise(
    "smaller_and_faster.3",
    answer=_product,
    cases=[_bytes(1, 4, 30, 3, 7), _bytes(2, 3, 200, 5, 128), _bytes(3, 2, 4, 4, 0)],
    names="z", arguments="q_x, s_x, z_x, q_w, s_w",
    hint=("one input and one weight: q_x = 200, z_x = 100, q_w = 2 must give 200 s_x s_w; then compare "
          "with (.4), and print the dtype of what you add up"),
    mistakes=[
        (lambda *a: _product(*a, zero=0), "the zero point is missing: the second sum of (.4)"),
        (lambda *a: _product(*a, zero=-1), "the zero point is SUBTRACTED: x = s_x (q_x - z_x)"),
        (_over_inputs, "the sum that meets the zero point goes over the weights of a row, not the inputs"),
        (lambda *a: _product(*a, kind=np.int8),
         "this is added up in eight bits: make the numbers int32 before you multiply"),
        (lambda *a: _product(*a, kind=np.int16),
         "this is added up in sixteen bits, as NumPy does with uint8 @ int8: make the numbers int32 first"),
        (_wrapped, "q_x - z_x in bytes begins again at 255 below 0: make q_x int32 before you subtract"),
        (lambda *a: _product(*a, scales=False), "these are the whole numbers: the scales are missing"),
        (lambda q_x, s_x, z_x, q_w, s_w: _product(q_x, s_x, z_x, q_w, np.ones(len(s_w))),
         "the scales of the weights are missing: one for each row of q_w"),
        (lambda q_x, s_x, z_x, q_w, s_w: _product(q_x, 1.0, z_x, q_w, s_w),
         "the scale of the inputs, s_x, is missing"),
        (_half_scaled,
         "the scales belong to both sums of (.4): first subtract, then multiply"),
    ],
)  # fmt: skip


def _units(W1, b1, W2, n, *, by="both", order="kept", least=False, bias=True):
    into, out = np.linalg.norm(W1, axis=1), np.linalg.norm(W2, axis=0)
    size = {
        "both": into * out,
        "in": into,
        "out": out,
        "sum": into + out,
        "most": np.abs(W1).max(axis=1) * np.abs(W2).max(axis=0),
    }[by]
    chosen = np.argsort(size)[:n] if least else np.argsort(size)[-n:]
    chosen = np.sort(chosen) if order == "kept" else chosen[::-1]
    return W1[chosen], b1[chosen] if bias else b1[:n], W2[:, chosen]


units = Exercise(
    "smaller_and_faster.4",
    answer=_units,
    cases=[(*normal(3, (12, 4), 12, (3, 12)), 5), (*normal(6, (9, 5), 9, (2, 9)), 4)],
    names="W1, b1, W2", arguments="W1, b1, W2, n", batch=None,
    hint=("unit k is row k of W1, number k of b1 and COLUMN k of W2: compute one length for each unit, "
          "sort, and take the same places from all three"),
    mistakes=[
        (lambda *a: _units(*a, least=True), "these are the units that matter least: keep the others"),
        (lambda *a: _units(*a, by="in"),
         "what goes into a unit is half of it: times the length of its column of W2"),
        (lambda *a: _units(*a, by="out"),
         "what goes out of a unit is half of it: times the length of its row of W1"),
        (lambda *a: _units(*a, by="sum"), "the product of the two lengths is asked for, not their sum"),
        (lambda *a: _units(*a, by="most"), "the LENGTH of a row or column counts, not its largest entry"),
        (lambda *a: _units(*a, order="size"), "keep the units in their old order: sort the chosen places"),
        (lambda *a: _units(*a, bias=False), "a unit takes its bias along: the same places of b1"),
        (lambda W1, b1, W2, n: (W1[:n], b1[:n], W2[:, :n]),
         "these are the first n units: those of the largest product are asked for"),
    ],
)  # fmt: skip


def _softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _soft(z, t, T, *, square=True, hot=True, sums=False, minus=False, swap=False):
    p, own = _softmax(t / T if hot else t), _softmax(z / T)
    if swap:
        p, own = own, p
    each = -np.sum(p * np.log(own), axis=1)
    if minus:
        each = each + np.sum(p * np.log(p), axis=1)
    return (T**2 if square else 1) * (each.sum() if sums else each.mean())


def _distil(z, t, y, T, alpha, *, square=True, inner=True, mean=True, hot=True, turned=False,
            labels=True, cold=False):  # fmt: skip
    if turned:
        alpha = 1 - alpha
    N = len(y)
    one_hot = np.eye(z.shape[1])[y]
    hard = -np.mean(np.sum(one_hot * np.log(_softmax(z)), axis=1))
    loss = alpha * _soft(z, t, T, square=square, hot=hot) + (1 - alpha) * hard
    factor = (T**2 if square else 1) / (T if inner else 1)
    dsoft = factor * (_softmax(z / T) - _softmax(t / T if hot else t))
    dhard = (_softmax(z / T if cold else z) - one_hot) * labels
    return loss, (alpha * dsoft + (1 - alpha) * dhard) / (N if mean else 1)


def _taught(seed, N, C, T, alpha):
    z, t = normal(seed, (N, C), (N, C))
    y = np.random.default_rng(seed).integers(0, C, N)
    return 2 * z, 3 * t, y, T, alpha


soft_loss = Exercise(
    "smaller_and_faster.5",
    answer=_soft,
    cases=[(2 * a, 3 * b, T) for (a, b), T in ((normal(7, (5, 4), (5, 4)), 3.0),
                                               (normal(8, (3, 6), (3, 6)), 1.5))],
    names="loss", arguments="z, t, T",
    hint="with T = 1 it is the cross-entropy with softmax(t) as the target; then (.7), the mean over rows",
    mistakes=[
        (lambda *a: _soft(*a, square=False), "the factor T**2 is missing: (.7)"),
        (lambda *a: _soft(*a, hot=False), "the teacher's logits are divided by T as well"),
        (lambda *a: _soft(*a, sums=True), "the mean over the examples is asked for, not their sum"),
        (lambda *a: _soft(*a, minus=True),
         "this is the divergence, with p ln p: (.7) is the cross-entropy alone"),
        (lambda *a: _soft(*a, swap=True), "the teacher's are the targets p: -p ln(p of the student)"),
    ],
)  # fmt: skip

distillation = Exercise(
    "smaller_and_faster.5",
    answer=_distil,
    cases=[_taught(9, 5, 4, 3.0, 0.7), _taught(10, 4, 6, 1.5, 0.4)],
    names="loss, dz", arguments="z, t, y, T, alpha",
    steps={"soft": soft_loss},
    hint=("alpha = 0 is the loss of the labels, alpha = 1 and T = 1 the teacher's; then (.8), a mean "
          "over the examples"),
    mistakes=[
        (lambda *a: _distil(*a, square=False), "the factor T**2 of the teacher's part is missing: (.7)"),
        (lambda *a: _distil(*a, inner=False),
         "T**2 is divided by T once more in the gradient: z goes into the softmax as z / T, (.8)"),
        (lambda *a: _distil(*a, mean=False), "the loss is a mean over the examples: so is dz"),
        (lambda *a: _distil(*a, hot=False), "the teacher's logits are divided by T as well"),
        (lambda *a: _distil(*a, turned=True), "alpha is the teacher's part, 1 - alpha that of the labels"),
        (lambda *a: _distil(*a, labels=False), "the gradient of the labels' part is missing"),
        (lambda *a: _distil(*a, cold=True), "the labels' part knows no temperature: softmax(z) - one_hot"),
    ],
)  # fmt: skip


def _rank(W, share, *, power=2, more=0, strict=False, turned=False):
    S = np.linalg.svd(W, compute_uv=False) ** power
    lost = 1 - np.cumsum(S) / S.sum()
    if turned:
        lost = np.cumsum(S) / S.sum()
        return int(np.sum(lost < share)) + 1
    return int(np.sum(lost > share)) + 1 + more


def _matrix(seed, O, I):
    U, V = normal(seed, (O, O), (I, I))
    n = min(O, I)
    return (np.linalg.qr(U)[0][:, :n] * 0.85 ** np.arange(n)) @ np.linalg.qr(V)[0][:n]


rank = Exercise(
    "smaller_and_faster.6",
    answer=_rank,
    cases=[(_matrix(11, 18, 16), 0.1), (_matrix(12, 12, 20), 0.05), (_matrix(13, 15, 15), 0.3)],
    names="r", arguments="W, share", batch=None,
    hint=("the squared error of rank r is the sum of the squares of the singular values left out: "
          "compute it for r = 1, 2, ... and stop at the first that is small enough"),
    mistakes=[
        (lambda W, c: _rank(W, c, power=1), "the error is the sum of the SQUARES of the singular values"),
        (lambda W, c: _rank(W, c, more=-1), "one too few: r counts the directions that are kept"),
        (lambda W, c: _rank(W, c, more=1), "one too many: the smallest r whose error is no larger"),
        (lambda W, c: _rank(W, c, turned=True), "`share` is what may be LOST, not what must be kept"),
        (lambda W, c: _rank(W, c**2), "the squared error is compared with `share` itself, not its square"),
        (lambda W, c: int(np.sum(np.linalg.svd(W, compute_uv=False) > c)),
         "a singular value by itself says little: add up the squares of those that are left out"),
        (lambda W, c: min(W.shape) - _rank(W, c), "this is how many are left out: r are kept"),
    ],
)  # fmt: skip


def _pack(q, *, shift=8, first="high", overlap=False):
    u = (np.asarray(q) + shift).astype(np.uint8).ravel()
    a, b = (u[0::2], u[1::2]) if not overlap else (u[: len(u) // 2], u[len(u) // 2 :])
    return (a << 4 | b) if first == "high" else (b << 4 | a)


def _unpack(packed, *, shift=8, first="high", halves=False):
    high, low = packed >> 4, packed & 15
    pair = (high, low) if first == "high" else (low, high)
    u = np.concatenate(pair) if halves else np.stack(pair, axis=1).ravel()
    return u.astype(int) - shift


def _small(seed, n):
    return np.random.default_rng(seed).integers(-7, 8, n)


pack = Exercise(
    "smaller_and_faster.7",
    answer=_pack,
    cases=[(_small(1, 8),), (_small(2, 30),)],
    names="packed", arguments="q", batch=None,
    hint="take q = [-7, 7]: the halves are 1 and 15, and the byte is 1 * 16 + 15 = 31",
    mistakes=[
        (lambda q: _pack(q, first="low"), "the first of two goes into the HIGH half of the byte: times 16"),
        (lambda q: _pack(q, shift=7), "add 8 and not 7: -7 becomes 1"),
        (lambda q: _pack(q, overlap=True), "neighbours share a byte: q[0] with q[1], q[2] with q[3]"),
        (lambda q: (q[0::2] * 16 + q[1::2]).astype(np.uint8),
         "negative numbers do not fit into half a byte: add 8 first"),
    ],
)  # fmt: skip

unpack = Exercise(
    "smaller_and_faster.7",
    answer=_unpack,
    cases=[(_pack(_small(3, 8)),), (_pack(_small(4, 40)),)],
    names="q", arguments="packed", batch=None,
    hint="take the byte 31: 31 // 16 = 1 and 31 % 16 = 15, so the numbers are -7 and 7",
    mistakes=[
        (lambda b: _unpack(b, shift=0), "take the 8 away again: the numbers lie between -7 and 7"),
        (lambda b: _unpack(b, first="low"), "the high half of a byte comes first"),
        (lambda b: _unpack(b, halves=True),
         "the two halves of a byte are neighbours: first, second, first, second"),
        (lambda b: _unpack(b, shift=np.uint8(8)) % 256,
         "0 - 8 in bytes begins again at 255: make the numbers int before you subtract"),
    ],
)  # fmt: skip


def _layers(seed, *sizes):
    rng = np.random.default_rng(seed)
    layers = []
    for I, O in pairwise(sizes):
        q = rng.integers(-7, 8, (O, I))
        layers.append(
            (_pack(q), rng.uniform(0.01, 0.03, O), rng.normal(0, 1, O), rng.uniform(0.05, 0.1))
        )
    q_x = rng.integers(0, 256, (4, sizes[0])).astype(np.uint8)
    return q_x, 0.01, layers


def _run(q, s_x, layers, *, keep_scale=False, clip=True, bias=True, last=False):
    for k, (packed, s_w, b, s_out) in enumerate(layers):
        q_w = _unpack(packed).reshape(len(b), -1)
        z = s_x * s_w * (q.astype(np.int64) @ q_w.T) + (b if bias else 0)
        if k < len(layers) - 1 or last:
            q = np.clip(np.round(z / s_out), 0, 255) if clip else np.round(z / s_out)
            s_x = s_x if keep_scale else s_out
    return s_out * q if last else z


def _signed(q, s_x, layers):
    for k, (packed, s_w, b, s_out) in enumerate(layers):
        z = s_x * s_w * (q.astype(np.int64) @ _unpack(packed).reshape(-1, len(b))) + b
        q, s_x = (np.clip(np.round(z / s_out), 0, 255), s_out) if k < len(layers) - 1 else (q, s_x)
    return z


def _float(q, s_x, layers):
    x = s_x * q.astype(float)
    for k, (packed, s_w, b, _) in enumerate(layers):
        z = x @ (s_w[:, None] * _unpack(packed).reshape(len(b), -1)).T + b
        x = np.maximum(z, 0) if k < len(layers) - 1 else z
    return z


chip = Exercise(
    "smaller_and_faster.7",
    answer=_run,
    cases=[_layers(5, 6, 8, 3), _layers(6, 10, 6, 8, 4)],
    names="logits", arguments="q_x, s_x, layers",
    steps={"pack": pack, "unpack": unpack},
    hint=("print what comes out of the first layer and compare it with s_x s_w (q_x @ q_w.T) + b; then "
          "its whole numbers: between 0 and 255, and worth s_out each"),
    mistakes=[
        (lambda *a: _run(*a, keep_scale=True),
         "after a layer the numbers are worth s_out each: that is the s_x of the next"),
        (lambda *a: _run(*a, clip=False),
         "clip to 0 ... 255: the clip at 0 is the ReLU, and a byte holds no more than 255"),
(lambda *a: _run(*a, bias=False), "the bias is missing: z = s_x s_w (...) + b"),
        (lambda *a: _run(*a, last=True), "the last layer gives its logits as they are, without a clip"),
        (lambda q, s, layers: _run(q, s, [(p, np.mean(w) + 0 * w, b, o) for p, w, b, o in layers]),
         "each unit has its own scale: s_w has one number for each row of q_w"),
        (_float, "from layer to layer go whole numbers: round z / s_out and clip"),
        (_signed, "the file has row after row: reshape to (units, inputs)"),
    ],
)  # fmt: skip

EXERCISES = [on_paper, affine, product, units, distillation, rank, chip]
