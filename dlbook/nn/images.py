"""Layers for pictures (N, C, H, W): convolution, pooling, normalisation over channels."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import checks, init
from .. import functional as F
from ..autodiff import Tensor
from .layers import Dropout
from .module import Module, Sequential, as_tensor
from .normalization import BatchNorm1d


def _pictures(what: str, x: Any, like: Any = None) -> Tensor:
    x = as_tensor("input", x, like)
    if x.ndim != 4:
        raise ValueError(
            f"Expected 4D input (N, C, H, W) to {what}, but got input of size {x.shape}"
        )
    return x


class Conv2d(Module):
    """z = W * x + b: (N, in_channels, H, W) -> (N, out_channels, H', W').

    H' = (H + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1, and W' likewise. `weight`
    is (out, in / groups, kernel height, kernel width); weight and bias start as in PyTorch, from
    U(-b, b) with b = 1 / sqrt(numbers that one output sees). padding="same" keeps the size.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: np.random.Generator | None = None,
    ):
        C = checks.positive_int("in_channels", in_channels)
        O = checks.positive_int("out_channels", out_channels)
        self.groups = checks.positive_int("groups", groups)
        if C % self.groups or O % self.groups:
            raise ValueError(f"groups={groups} must divide in_channels={C} and out_channels={O}")
        self.kernel_size = checks.pair("kernel_size", kernel_size)
        self.stride = checks.pair("stride", stride)
        self.dilation = checks.pair("dilation", dilation)
        self.padding = self._padding(padding)
        shape = (O, C // self.groups, *self.kernel_size)
        fan_in, _ = init.fans(shape)
        rng = init.generator(rng)
        self.weight = Tensor(init.torch_linear(rng, shape, fan_in, dtype), True)
        self.bias = Tensor(init.torch_linear(rng, (O,), fan_in, dtype), True) if bias else None

    def _padding(self, padding: Any) -> tuple[int, int]:
        if not isinstance(padding, str):
            return checks.pair("padding", padding, 0)
        reach = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
        if padding != "same" or self.stride != (1, 1) or any(r % 2 for r in reach):
            raise ValueError(f"padding={padding!r} with stride {self.stride} and kernel "
                             f"{self.kernel_size}: expected integers, or 'same' with stride 1 and "
                             "an odd kernel")  # fmt: skip
        return reach[0] // 2, reach[1] // 2

    def forward(self, x: Any) -> Tensor:
        """Return the kernels' answers at every place of every picture."""
        W, b = self.weight, self.bias
        x = _pictures("Conv2d", x, W.data)
        C = W.shape[1] * self.groups
        if x.shape[1] != C:
            raise ValueError(f"expected input {x.shape} to have {C} channels, but got {x.shape[1]} "
                             "channels instead")  # fmt: skip
        size = tuple(n + 2 * p for n, p in zip(x.shape[2:], self.padding, strict=True))
        reach = tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel_size, strict=True))
        if size[0] < reach[0] or size[1] < reach[1]:
            raise ValueError(f"Kernel size can't be greater than actual input size: the kernel "
                             f"covers {reach}, the padded input has {size}")  # fmt: skip
        arrays = (x, W) if b is None else (x, W, b)
        return F.conv2d(*arrays, stride=self.stride, padding=self.padding, dilation=self.dilation,
                        groups=self.groups, need_dx=x.requires_grad)  # fmt: skip

    def extra_repr(self) -> str:
        """in → out, the kernel, and what is not the default."""
        O, C = self.weight.shape[:2]
        parts = [f"{C * self.groups} → {O}", f"kernel {self.kernel_size}"]
        for name, default in (("stride", (1, 1)), ("padding", (0, 0)), ("dilation", (1, 1)),
                              ("groups", 1)):  # fmt: skip
            if getattr(self, name) != default:
                parts.append(f"{name} {getattr(self, name)}")
        return ", ".join(parts + (["bias=False"] if self.bias is None else []))


class MaxPool2d(Module):
    """y = the largest entry of each window; `stride` is the window's size unless given."""

    _function = staticmethod(F.max_pool2d)

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
    ):
        self.kernel_size = checks.pair("kernel_size", kernel_size)
        self.stride = self.kernel_size if stride is None else checks.pair("stride", stride)
        self.padding = checks.pair("padding", padding, 0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(f"pad should be at most half of effective kernel size, but got padding="
                             f"{self.padding} and kernel_size={self.kernel_size}")  # fmt: skip

    def forward(self, x: Any) -> Tensor:
        """Return one number for each window of each channel."""
        x = _pictures(type(self).__name__, x)
        size = tuple(n + 2 * p for n, p in zip(x.shape[2:], self.padding, strict=True))
        if size[0] < self.kernel_size[0] or size[1] < self.kernel_size[1]:
            raise ValueError(f"{type(self).__name__}: window {self.kernel_size} is larger than the "
                             f"padded input {size}")  # fmt: skip
        return self._function(
            x, kernel_size=self.kernel_size, stride=self.stride, padding=self.padding
        )

    def extra_repr(self) -> str:
        """The window, and the stride if it differs."""
        stride = "" if self.stride == self.kernel_size else f", stride {self.stride}"
        return f"{self.kernel_size}{stride}"


class AvgPool2d(MaxPool2d):
    """y = the mean of each window; `stride` is the window's size unless given."""

    _function = staticmethod(F.avg_pool2d)


class AdaptiveAvgPool2d(Module):
    """y = the mean of each whole channel: (N, C, H, W) -> (N, C, 1, 1). Other sizes: AvgPool2d."""

    def __init__(self, output_size: int | tuple[int, int] = 1):
        if checks.pair("output_size", output_size) != (1, 1):
            raise ValueError(f"output_size={output_size!r}: expected 1; use AvgPool2d for others")

    def forward(self, x: Any) -> Tensor:
        """Return the means."""
        return F.mean(_pictures("AdaptiveAvgPool2d", x), axis=(2, 3), keepdims=True)


class BatchNorm2d(BatchNorm1d):
    """BatchNorm1d for pictures: each channel by itself, over all examples and places."""

    _dims = (4,)


class Dropout2d(Dropout):
    """Dropout of whole channels: in a picture, a neighbouring pixel would give a single one away."""

    def _mask_shape(self, x: Tensor) -> tuple[int, ...]:
        return *_pictures("Dropout2d", x).shape[:2], 1, 1


class Residual(Module):
    """y = body(x) + shortcut(x): the modules in between only have to learn what to add.

    `shortcut` is x itself unless a module is given, such as a 1x1 convolution where the number of
    channels changes. He, Zhang, Ren and Sun 2016.
    """

    def __init__(self, *body: Module, shortcut: Module | None = None):
        self.body, self.shortcut = Sequential(*body), shortcut

    def forward(self, x: Any) -> Tensor:
        """Return body(x) + shortcut(x)."""
        x = as_tensor("input", x)
        y = self.body(x)
        way = x if self.shortcut is None else self.shortcut(x)
        checks.same_shape("body(x)", y, "shortcut(x)", way)
        return y + way
