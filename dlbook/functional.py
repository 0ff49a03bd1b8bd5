"""The primitives lifted to Tensors, one line each; losses, convolution and pooling with a door."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import checks
from . import primitives as p
from .autodiff import Tensor, differentiable
from .backend import array_namespace, to
from .left_out import missing
from .rng import Rng, generator

linear = differentiable(p.linear)
matmul = differentiable(p.matmul)
add = differentiable(p.add)
sub = differentiable(p.sub)
mul = differentiable(p.mul)
div = differentiable(p.div)
pow = differentiable(p.pow)
abs = differentiable(p.abs)
clip = differentiable(p.clip)
maximum = differentiable(p.maximum)
where = differentiable(p.where)
exp = differentiable(p.exp)
log = differentiable(p.log)
sum = differentiable(p.sum)
mean = differentiable(p.mean)
amax = differentiable(p.amax)
cumsum = differentiable(p.cumsum)
reshape = differentiable(p.reshape)
permute_dims = differentiable(p.permute_dims)
getitem = differentiable(p.getitem)
unstack = differentiable(p.unstack)
_pad = differentiable(p.pad)
_conv2d = differentiable(p.conv2d)
rnn = differentiable(p.rnn)
lstm = differentiable(p.lstm)
gru = differentiable(p.gru)
rnn_cell = differentiable(p.rnn_cell)
lstm_cell = differentiable(p.lstm_cell)
gru_cell = differentiable(p.gru_cell)
embedding = differentiable(p.embedding)
attention_weights = differentiable(p.attention_weights)
scaled_dot_product_attention = differentiable(p.scaled_dot_product_attention)
relu = differentiable(p.relu)
leaky_relu = differentiable(p.leaky_relu)
sigmoid = differentiable(p.sigmoid)
tanh = differentiable(p.tanh)
elu = differentiable(p.elu)
softplus = differentiable(p.softplus)
silu = differentiable(p.silu)
gelu = differentiable(p.gelu)
softmax = differentiable(p.softmax)
log_softmax = differentiable(p.log_softmax)
_standardize = differentiable(p.standardize)
_cross_entropy = differentiable(p.cross_entropy)

_stack = differentiable(p.stack)
_concat = differentiable(p.concat)


def _over_numbers(
    primitive: Callable, name: str = "input", scan: Callable | None = None
) -> Callable:
    """A loss of a prediction and a target of the same shape, with its door."""
    lifted = differentiable(primitive)

    @functools.wraps(primitive)
    def loss(x: Any, target: Any, *, reduction: str = "mean", **settings: Any) -> Tensor:
        x, target = checks.paired(name, x, target, reduction)
        if scan is not None:
            scan(x.data, target.data)
        settings = {k: _plain(v) for k, v in settings.items() if v is not None}
        return lifted(x, target, reduction=reduction, **settings)

    return loss


def _plain(setting: Any) -> Any:
    return setting if isinstance(setting, int | float) else checks.native("weight", setting)


def _probabilities(p: Any, y: Any) -> None:
    checks.probabilities("input", p)
    checks.probabilities("target", y)


def _finite_logits(z: Any, y: Any) -> None:
    checks.no_nan("logits", z)
    checks.all_finite("logits", z)
    checks.probabilities("target", y)


mse_loss = _over_numbers(p.mse_loss)
l1_loss = _over_numbers(p.l1_loss)
huber_loss = _over_numbers(p.huber_loss)
smooth_l1_loss = _over_numbers(p.smooth_l1_loss)
binary_cross_entropy = _over_numbers(p.binary_cross_entropy, scan=_probabilities)
binary_cross_entropy_with_logits = _over_numbers(
    p.binary_cross_entropy_with_logits, "logits", scan=_finite_logits
)


@functools.wraps(p.cross_entropy)
def cross_entropy(
    z: Any, y: Any, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """The primitive, and what can be reduced to it: the target as weighted probabilities."""
    s = checks.number("label_smoothing", label_smoothing, "[0, 1]")
    if np.ndim(z) == 1:  # one example by itself
        z, y = checks.tensor("logits", z)[None], checks.native("target", y)[None]
        settings: dict[str, Any] = {
            "ignore_index": ignore_index,
            "label_smoothing": label_smoothing,
        }
        loss = cross_entropy(z, y, weight, reduction=reduction, **settings)
        return loss[0] if reduction == "none" else loss
    z, y = checks.class_targets(z, y, reduction, ignore_index)
    ignored = y == ignore_index if y.ndim < z.ndim else None
    if weight is None and not s and (ignored is None or not bool(ignored.any())):
        return _cross_entropy(z, y, reduction=reduction)
    xp, C = array_namespace(z.data), z.shape[1]
    column = (-1, *(1 for _ in z.shape[2:]))
    w = xp.ones(C) if weight is None else checks.floating("weight", weight, z.data)
    if tuple(w.shape) != (C,):
        raise ValueError(f"weight has shape {tuple(w.shape)}: expected one number a class, {(C,)}")
    w = xp.astype(xp.reshape(w, column), z.dtype)
    if ignored is None:
        count, chosen = math.prod(z.shape) / C, y
    else:
        places = xp.reshape(xp.arange(C, device=z.data.device), column)
        chosen = xp.astype((y[:, None] == places) & ~ignored[:, None], z.dtype)
        count = float(xp.sum(chosen * w))
    if count == 0 and reduction == "mean":
        raise ValueError(f"every label is {ignore_index}, which is ignored: mean undefined")
    p_k = (chosen * (1 - s) + s / C) * w
    if ignored is not None:
        p_k = p_k * xp.astype(~ignored[:, None], z.dtype)
    loss = _cross_entropy(z, p_k, reduction="sum" if reduction == "mean" else reduction)
    return loss / count if reduction == "mean" else loss


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
def conv2d(
    x: Any, weight: Any, bias: Any = None, stride: Pair = 1, padding: Pair = 0,
    dilation: Pair = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """z = W * x + b, as `primitives.conv2d`: (N, C, H, W) or (C, H, W) -> (N, O, H', W')."""
    x, weight = checks.tensor("input", x), checks.tensor("weight", weight)
    stride, padding, dilation = checks.sliding(
        "conv2d", x.shape, weight.shape[2:], stride, padding, dilation
    )
    C, O = weight.shape[1] * checks.positive_int("groups", groups), weight.shape[0]
    if x.shape[-3] != C or O % groups:
        raise ValueError(f"conv2d: input {x.shape} has {x.shape[-3]} channels, weight {weight.shape} "
                         f"with groups={groups} expected {C}, and {groups} must divide {O}")  # fmt: skip
    y = _conv2d(_batch(x), weight, bias, stride, padding, dilation, groups)
    return y if x.ndim == 4 else y[0]


def _pool(primitive: Callable) -> Callable:
    lifted = differentiable(primitive)

    @functools.wraps(primitive)
    def pool(x: Any, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> Tensor:
        x, kernel_size = checks.tensor("input", x), checks.pair("kernel_size", kernel_size)
        stride = kernel_size if stride is None else stride
        stride, padding, _ = checks.sliding(
            primitive.__name__, x.shape, kernel_size, stride, padding
        )
        checks.half_padding(padding, kernel_size)
        y = lifted(_batch(x), kernel_size, stride, padding)
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


def layer_norm(
    x: Any, normalized_shape: Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Tensor:
    """y = weight standardize(x) + bias over the last axes, each example by itself."""
    y = standardize(
        checks.tensor("input", x), axis=tuple(range(-len(normalized_shape), 0)), eps=eps
    )
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def batch_norm(
    x: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """y = weight standardize(x) + bias, each feature by itself, over the examples and places.

    In training by the batch's statistics, which also move the running ones (in place, if given, as
    in PyTorch); otherwise by these.
    """
    x = checks.tensor("input", x)
    xp, axis = array_namespace(x.data), (0, *range(2, x.ndim))
    column = (-1, *(1 for _ in axis[1:]))
    if training:
        y = standardize(x, axis=axis, eps=eps)
        if running_mean is not None:
            n = math.prod(x.shape) // x.shape[1]
            running_mean[...] = (1 - momentum) * running_mean + momentum * xp.mean(
                x.data, axis=axis
            )
            var = xp.var(x.data, axis=axis, correction=1 if n > 1 else 0)
            running_var[...] = (1 - momentum) * running_var + momentum * var
    else:
        mean, var = (xp.reshape(a, column) for a in (running_mean, running_var))
        y = (x - mean) / xp.sqrt(var + eps)
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
