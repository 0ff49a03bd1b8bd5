"""The primitives lifted to Tensors; losses, convolution and pooling with a door."""

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from . import checks
from . import primitives as p
from .autodiff import Tensor, differentiable
from .backend import array_namespace, to
from .left_out import missing
from .rng import Rng, generator


def lifted(*primitives: Callable) -> Iterator[Callable]:
    """Each primitive, differentiable."""
    return map(differentiable, primitives)


linear, matmul = lifted(p.linear, p.matmul)
add, sub, mul, div, pow = lifted(p.add, p.sub, p.mul, p.div, p.pow)
abs, clip, maximum, where = lifted(p.abs, p.clip, p.maximum, p.where)
exp, log, sum, mean = lifted(p.exp, p.log, p.sum, p.mean)
amax, cumsum, embedding = lifted(p.amax, p.cumsum, p.embedding)
reshape, permute_dims, getitem, unstack = lifted(p.reshape, p.permute_dims, p.getitem, p.unstack)
rnn, lstm, gru = lifted(p.rnn, p.lstm, p.gru)
rnn_cell, lstm_cell, gru_cell = lifted(p.rnn_cell, p.lstm_cell, p.gru_cell)
attention_weights = differentiable(p.attention_weights)
scaled_dot_product_attention = differentiable(p.scaled_dot_product_attention)
relu, leaky_relu, elu = lifted(p.relu, p.leaky_relu, p.elu)
sigmoid, tanh, softplus = lifted(p.sigmoid, p.tanh, p.softplus)
silu, gelu, softmax, log_softmax = lifted(p.silu, p.gelu, p.softmax, p.log_softmax)
# These have a door below.
_pad, _conv2d, _standardize = lifted(p.pad, p.conv2d, p.standardize)
_stack, _concat, _cross_entropy = lifted(p.stack, p.concat, p.cross_entropy)
_ctc_loss = differentiable(p.ctc_loss)


def _over_numbers(primitive: Callable, name: str = "input", *scans: Callable) -> Callable:
    """A loss of a prediction and a target of the same shape, with its door."""
    on_tensors = differentiable(primitive)

    @functools.wraps(primitive)
    def loss(x: Any, target: Any, *, reduction: str = "mean", **settings: Any) -> Tensor:
        x, target = checks.paired(name, x, target, reduction)
        for scan in scans:  # those of two classes, whose targets are probabilities
            scan(name, x.data)
            checks.probabilities("target", target.data)
        settings = {k: _plain(v) for k, v in settings.items() if v is not None}
        return on_tensors(x, target, reduction=reduction, **settings)

    return loss


def _plain(setting: Any) -> Any:
    return setting if isinstance(setting, int | float) else checks.native("weight", setting)


mse_loss = _over_numbers(p.mse_loss)
l1_loss = _over_numbers(p.l1_loss)
huber_loss = _over_numbers(p.huber_loss)
smooth_l1_loss = _over_numbers(p.smooth_l1_loss)
binary_cross_entropy = _over_numbers(p.binary_cross_entropy, "input", checks.probabilities)
binary_cross_entropy_with_logits = _over_numbers(p.binary_cross_entropy_with_logits, "logits",
                                                 checks.no_nan, checks.all_finite)  # fmt: skip


@functools.wraps(p.cross_entropy)
def cross_entropy(z, y, weight=None, *, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """The primitive, and what can be reduced to it: the target as weighted probabilities."""
    s = checks.number("label_smoothing", label_smoothing, "[0, 1]")
    if np.ndim(z) == 1:  # one example by itself
        z, y = checks.tensor("logits", z)[None], checks.native("target", y)[None]
        loss = cross_entropy(z, y, weight, ignore_index=ignore_index, reduction=reduction,
                             label_smoothing=s)  # fmt: skip
        return loss[0] if reduction == "none" else loss
    z, y = checks.class_targets(z, y, reduction, ignore_index)
    xp, C, labelled = array_namespace(z.data), z.shape[1], y.ndim < z.ndim
    used = y != ignore_index if labelled else None
    if weight is None and not s and (used is None or bool(used.all())):
        return _cross_entropy(z, y, reduction=reduction)
    column = (-1, *(1 for _ in z.shape[2:]))
    w = xp.ones(C) if weight is None else checks.floating("weight", weight, z.data)
    if tuple(w.shape) != (C,):
        raise ValueError(f"weight has shape {tuple(w.shape)}: expected one number a class, {(C,)}")
    w, count = xp.astype(xp.reshape(w, column), z.dtype), z.shape[0]
    if used is not None:
        places = xp.reshape(xp.arange(C, device=z.data.device), column)
        y = xp.astype((y[:, None] == places) & used[:, None], z.dtype)
        w = w * xp.astype(used[:, None], z.dtype)
        count = float(xp.sum(y * w))
    if count == 0 and reduction == "mean":
        raise ValueError(f"every label is {ignore_index}, which is ignored: mean undefined")
    y = (y * (1 - s) + s / C) * w
    loss = _cross_entropy(z, y, reduction="sum" if reduction == "mean" else reduction)
    return loss / count if reduction == "mean" else loss


@functools.wraps(p.ctc_loss)
def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean",
             zero_infinity=False):  # fmt: skip
    whether = checks.flag("zero_infinity", zero_infinity)
    x, *rest = checks.ctc(
        log_probs, targets, input_lengths, target_lengths, blank, reduction, whether
    )
    one = x.ndim == 2  # an example by itself
    loss = _ctc_loss(x[:, None] if one else x, *rest, reduction=reduction, zero_infinity=whether)
    return loss[0] if one and reduction == "none" else loss


@functools.wraps(p.pad)
def pad(x: Any, pad: Sequence[int], mode: str = "constant", value: float = 0.0) -> Tensor:
    """Put entries of `value` around x: pairs (before, after), for the last axis first."""
    checks.choice("mode", mode, ("constant",))
    pad = tuple(checks.positive_int("pad", n, low=0) for n in pad)
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise ValueError(f"{pad=}: expected (before, after) for each of at most {x.ndim} axes")
    return _pad(x, pad=pad, value=value)


Pair = int | tuple[int, int]


@functools.wraps(p.conv2d)
def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """z = W * x + b, as `primitives.conv2d`: (N, C, H, W) or (C, H, W) -> (N, O, H', W')."""
    x, weight = checks.tensor("input", x), checks.tensor("weight", weight)
    sizes = x.shape, weight.shape[2:]
    stride, padding, dilation = checks.sliding("conv2d", *sizes, stride, padding, dilation)
    C, O = weight.shape[1] * checks.positive_int("groups", groups), weight.shape[0]
    if x.shape[-3] != C or O % groups:
        raise ValueError(f"conv2d: input {x.shape} has {x.shape[-3]} channels, weight {weight.shape} "
                         f"with groups={groups} expected {C}, and {groups} must divide {O}")  # fmt: skip
    y = _conv2d(_batch(x), weight, bias, stride, padding, dilation, groups)
    return y if x.ndim == 4 else y[0]


def _pool(primitive: Callable) -> Callable:
    on_tensors = differentiable(primitive)

    @functools.wraps(primitive)
    def pool(x: Any, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> Tensor:
        x, window = checks.tensor("input", x), checks.pair("kernel_size", kernel_size)
        stride, who = window if stride is None else stride, primitive.__name__
        stride, padding, _ = checks.sliding(who, x.shape, window, stride, padding)
        checks.half_padding(padding, window)  # type: ignore[arg-type]
        y = on_tensors(_batch(x), window, stride, padding)
        return y if x.ndim == 4 else y[0]

    return pool


def _batch(x: Tensor) -> Tensor:
    """One picture is a batch of one."""
    return x if x.ndim == 4 else reshape(x, shape=(1, *x.shape))


max_pool2d = _pool(p.max_pool2d)
avg_pool2d = _pool(p.avg_pool2d)


def dropout(x: Any, p: float = 0.5, training: bool = True, *, rng: Rng = None) -> Tensor:
    """In training x times a random mask: 0 with probability p, else 1 / (1 - p)."""
    x, p = checks.tensor("input", x), checks.number("p", p, "[0, 1]")
    if not checks.flag("training", training) or p == 0:
        return x
    keep = generator(rng).random(x.shape, dtype=np.float32) >= p
    return x * to(keep / (1 - p) if p < 1 else keep, x.data)


@functools.wraps(p.standardize)
def standardize(x: Any, axis: int | tuple[int, ...], eps: float = 1e-5) -> Tensor:
    x = checks.tensor("input", x)
    if str(x.dtype).endswith("float16"):
        raise TypeError("input has dtype float16, in which the squares of numbers from 256 on overflow: "
                        "expected float32 or float64")  # fmt: skip
    return _standardize(x, axis=axis, eps=eps)


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """y = weight standardize(x) + bias over the last axes, each example by itself."""
    y = standardize(x, axis=tuple(range(-len(normalized_shape), 0)), eps=eps)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def batch_norm(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1,
               eps=1e-5):  # fmt: skip
    """y = weight standardize(x) + bias, each feature by itself, over the examples and places.

    In training by the batch's statistics, which also move the running ones (in place, if given, as
    in PyTorch); otherwise by these.
    """
    x = checks.tensor("input", x)
    xp, axis = array_namespace(x.data), (0, *range(2, x.ndim))
    column = (-1, *(1 for _ in axis[1:]))
    if not training:
        mean, var = (xp.reshape(a, column) for a in (running_mean, running_var))
        y = (x - mean) / xp.sqrt(var + eps)
    else:
        y = standardize(x, axis=axis, eps=eps)
        if running_mean is not None:
            free = 1 if math.prod(x.shape) > x.shape[1] else 0
            mean, var = xp.mean(x.data, axis=axis), xp.var(x.data, axis=axis, correction=free)
            running_mean[...] = (1 - momentum) * running_mean + momentum * mean
            running_var[...] = (1 - momentum) * running_var + momentum * var
    y = y if weight is None else y * reshape(weight, shape=column)
    return y if bias is None else y + reshape(bias, shape=column)


def stack(tensors: Sequence, axis: int = 0, dim: int | None = None) -> Tensor:
    """Put a list of Tensors of one shape beside each other along a new axis."""
    return _stack(*tensors, axis=axis if dim is None else dim)


def concat(tensors: Sequence, axis: int = 0, dim: int | None = None) -> Tensor:
    """Put a list of Tensors behind each other along an axis they have."""
    return _concat(*tensors, axis=axis if dim is None else dim)


cat = concat  # PyTorch's other name

__all__ = [name for name in p.__all__ if name in globals()]


def __getattr__(name: str) -> Any:
    raise missing("functional", name)
