"""Layers and activations."""

from typing import Any

import numpy as np

from .. import checks, init
from .. import functional as F
from ..autodiff import Tensor
from ..backend import array_namespace
from ..rng import Rng, generator, kept
from .module import Entrance, Module

__all__ = [
    "ELU", "GELU", "Dropout", "Dropout2d", "Flatten", "LeakyReLU", "Linear", "LogSoftmax", "ReLU",
    "SiLU", "Sigmoid", "Softmax", "Softplus", "Tanh",
]  # fmt: skip


class Linear(Module):
    """z = W x + b over the last axis: (..., in_features) -> (..., out_features).

    `weight` is (out, in) and `bias` (out,), both drawn from U(-1/sqrt(in), 1/sqrt(in)) as in
    PyTorch. float64 input to a float32 layer is rounded; integers are refused.
    """

    takes = "... in_features"

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, dtype: Any = np.float32,
        rng: Rng = None,
    ):  # fmt: skip
        self.in_features = n_in = checks.positive_int("in_features", in_features)
        self.out_features = n_out = checks.positive_int("out_features", out_features)
        bias, rng = checks.flag("bias", bias), generator(rng)
        self.weight = Tensor(init.torch_linear(rng, (n_out, n_in), n_in, dtype), True)
        self.bias = Tensor(init.torch_linear(rng, (n_out,), n_in, dtype), True) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Return W x + b for every row x."""
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """in -> out."""
        without = ", bias=False" if self.bias is None else ""
        return f"{self.in_features} -> {self.out_features}{without}"


class Flatten(Module):
    """Join the axes from `start_dim` to `end_dim`: (N, C, H, W) -> (N, C H W)."""

    takes = "..."

    def __init__(self, start_dim: int = 1, end_dim: int = -1):
        self.start_dim = checks.positive_int("start_dim", start_dim, low=0)
        self.end_dim = checks.positive_int("end_dim", end_dim, low=-1)

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(self.start_dim, self.end_dim)


class Dropout(Module):
    """In training each entry becomes 0 with probability p, the others grow by 1 / (1 - p).

    The expectation stays what it was, so that evaluation mode has nothing to do. Without `rng` the
    choice comes from the Generator that `manual_seed` set. `inplace` is accepted for PyTorch's sake
    and does nothing. Srivastava et al. 2014.
    """

    takes = "..."

    def __init__(self, p: float = 0.5, inplace: bool = False, *, rng: Rng = None):
        self.p = checks.number("p", p, "[0, 1]")
        checks.flag("inplace", inplace)
        self._rng = kept(rng)

    def forward(self, x: Tensor) -> Tensor:
        """Return x times a new random mask in training, x itself in evaluation."""
        return F.dropout(x, self.p, self.training, rng=self._rng)

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p:g}"


class Dropout2d(Dropout):
    """Dropout of whole channels: in a picture, a neighbouring pixel would give a single one away."""

    takes = "N C H W"

    def forward(self, x: Tensor) -> Tensor:
        """Return x times a mask that is the same at all places of a channel."""
        ones = array_namespace(x.data).ones_like(x.data[:, :, :1, :1])
        return x * F.dropout(ones, self.p, self.training, rng=self._rng)


class _Activation(Module):
    """Entry by entry, for any shape; `forward` is a primitive with its settings."""

    takes = "..."


class _Inplace(_Activation):
    """`inplace` is accepted for PyTorch's sake and does nothing: nothing here is overwritten."""

    def __init__(self, inplace: bool = False):
        checks.flag("inplace", inplace)


class ReLU(_Inplace):
    """a = max(x, 0)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x)


class LeakyReLU(_Inplace):
    """a = x where x > 0, else negative_slope x."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False):
        super().__init__(inplace)
        self.negative_slope = checks.number("negative_slope", negative_slope)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x, negative_slope=self.negative_slope)


class Sigmoid(_Activation):
    """a = 1 / (1 + e**-x)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.sigmoid(x)


class Tanh(_Activation):
    """a = tanh x."""

    def forward(self, x: Tensor) -> Tensor:
        return F.tanh(x)


class ELU(_Inplace):
    """a = x where x > 0, else alpha (e**x - 1)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False):
        super().__init__(inplace)
        self.alpha = checks.number("alpha", alpha)

    def forward(self, x: Tensor) -> Tensor:
        return F.elu(x, alpha=self.alpha)


class Softplus(_Activation):
    """a = ln(1 + e**x)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.softplus(x)


class SiLU(_Inplace):
    """a = x sigmoid(x)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(x)


class GELU(_Activation):
    """a = x Phi(x); approximate="tanh" is the form GPT-2 uses."""

    def __init__(self, approximate: str = "none"):
        self.approximate = checks.choice("approximate", approximate, ("none", "tanh"))

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(x, approximate=self.approximate)


class _OverLogits(Module):
    """What softmax and its logarithm share: finite logits, and an axis to go along."""

    takes = "..."

    def __init__(self, dim: int = -1):
        self.dim = dim

    def door(self, x: Any, *others: Any, **settings: Any) -> Entrance:
        """Raise NonFiniteError for NaN, ValueError for a row that is -inf throughout."""
        x = self.checked("logits", x)
        checks.no_nan("logits", x.data)
        checks.some_finite("logits", x.data, self.dim)
        return (x, *others), settings


class Softmax(_OverLogits):
    """Turn logits into probabilities along `dim`. CrossEntropyLoss wants the logits themselves."""

    def forward(self, x: Tensor) -> Tensor:
        return F.softmax(x, axis=self.dim)


class LogSoftmax(_OverLogits):
    """Logarithms of the softmax probabilities along `dim`."""

    def forward(self, x: Tensor) -> Tensor:
        return F.log_softmax(x, axis=self.dim)
