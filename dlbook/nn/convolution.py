"""Layers for pictures (N, C, H, W): convolution and pooling."""

from typing import Any

import numpy as np

from .. import checks, init
from .. import functional as F
from ..autodiff import Tensor
from ..rng import Rng, generator
from .module import Module

__all__ = ["AdaptiveAvgPool2d", "AvgPool2d", "Conv2d", "MaxPool2d"]

Pair = int | tuple[int, int]


class Conv2d(Module):
    """z = W * x + b: (N, in_channels, H, W) -> (N, out_channels, H', W').

    H' = (H + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1, and W' likewise. `weight`
    is (out, in / groups, kernel height, kernel width); weight and bias start as in PyTorch, from
    U(-b, b) with b = 1 / sqrt(numbers that one output sees). padding="same" keeps the size.
    """

    takes = "N in_channels H W | in_channels H W"

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Pair, stride: Pair = 1,
        padding: Pair | str = 0, dilation: Pair = 1, groups: int = 1, bias: bool = True, *,
        dtype: Any = np.float32, rng: Rng = None,
    ):  # fmt: skip
        self.in_channels = C = checks.positive_int("in_channels", in_channels)
        self.out_channels = O = checks.positive_int("out_channels", out_channels)
        self.groups = checks.positive_int("groups", groups)
        bias = checks.flag("bias", bias)
        if C % self.groups or O % self.groups:
            raise ValueError(f"groups={groups} must divide in_channels={C} and out_channels={O}")
        self.kernel_size = checks.pair("kernel_size", kernel_size)
        self.stride = checks.pair("stride", stride)
        self.dilation = checks.pair("dilation", dilation)
        self.padding = self._padding(padding)
        shape = (O, C // self.groups, *self.kernel_size)
        (fan_in, _), rng = init.fans(shape), generator(rng)
        self.weight = Tensor(init.torch_linear(rng, shape, fan_in, dtype), True)
        self.bias = Tensor(init.torch_linear(rng, (O,), fan_in, dtype), True) if bias else None

    def _padding(self, padding: Any) -> tuple[int, int]:
        if not isinstance(padding, str):
            return checks.pair("padding", padding, 0)
        reach = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
        if padding == "valid":
            return 0, 0
        if padding != "same" or self.stride != (1, 1) or any(r % 2 for r in reach):
            raise ValueError(f"padding={padding!r} with stride {self.stride} and kernel "
                             f"{self.kernel_size}: expected integers, 'valid', or 'same' with stride 1 and "
                             "an odd kernel")  # fmt: skip
        return reach[0] // 2, reach[1] // 2

    def forward(self, x: Tensor) -> Tensor:
        """Return the kernels' answers at every place of every picture."""
        W, b = self.weight, self.bias
        return F.conv2d(x, W, b, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """in -> out, the kernel, and what is not the default."""
        parts = [f"{self.in_channels} -> {self.out_channels}", f"kernel {self.kernel_size}"]
        parts += self._unusual("{} {}", stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1)
        return ", ".join(parts + (["bias=False"] if self.bias is None else []))


class _Pool(Module):
    """Windows beside each other; `stride` is the window's size unless given."""

    takes = "N C H W | C H W"

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0):
        self.kernel_size = checks.pair("kernel_size", kernel_size)
        self.stride = self.kernel_size if stride is None else checks.pair("stride", stride)
        self.padding = checks.pair("padding", padding, 0)
        checks.half_padding(self.padding, self.kernel_size)

    def extra_repr(self) -> str:
        """The window, and the stride if it differs."""
        stride = "" if self.stride == self.kernel_size else f", stride {self.stride}"
        return f"{self.kernel_size}{stride}"


class MaxPool2d(_Pool):
    """y = the largest entry of each window; `stride` is the window's size unless given."""

    def forward(self, x: Tensor) -> Tensor:
        """Return one number for each window of each channel."""
        return F.max_pool2d(x, self.kernel_size, self.stride, self.padding)


class AvgPool2d(_Pool):
    """y = the mean of each window; `stride` is the window's size unless given."""

    def forward(self, x: Tensor) -> Tensor:
        """Return one number for each window of each channel."""
        return F.avg_pool2d(x, self.kernel_size, self.stride, self.padding)


class AdaptiveAvgPool2d(Module):
    """y = the mean of each whole channel: (N, C, H, W) -> (N, C, 1, 1). Other sizes: AvgPool2d."""

    takes = "N C H W | C H W"

    def __init__(self, output_size: Pair = 1):
        if checks.pair("output_size", output_size) != (1, 1):
            raise ValueError(f"output_size={output_size!r}: expected 1; use AvgPool2d for others")

    def forward(self, x: Tensor) -> Tensor:
        """Return the means."""
        return F.mean(x, axis=(-2, -1), keepdims=True)
