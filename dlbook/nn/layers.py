"""Layers and activations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import checks, init
from .. import functional as F
from ..autodiff import Tensor
from ..backend import to
from .module import Module, as_tensor


class Linear(Module):
    """z = W x + b over the last axis: (..., in_features) -> (..., out_features).

    `weight` is (out, in) and `bias` (out,), both drawn from U(-1/sqrt(in), 1/sqrt(in)) as in
    PyTorch. float64 input to a float32 layer is rounded; integers are refused.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: np.random.Generator | None = None,
    ):
        n_in = checks.positive_int("in_features", in_features)
        n_out = checks.positive_int("out_features", out_features)
        rng = init.generator(rng)
        self.weight = Tensor(init.torch_linear(rng, (n_out, n_in), n_in, dtype), True)
        self.bias = Tensor(init.torch_linear(rng, (n_out,), n_in, dtype), True) if bias else None

    def forward(self, x: Any) -> Tensor:
        """Return W x + b for every row x."""
        W, b = self.weight, self.bias
        x = as_tensor("input", x, W.data)
        checks.last_axis(f"Linear({W.shape[1]}→{W.shape[0]})", x, W.shape[1])
        arrays = (x, W) if b is None else (x, W, b)
        return F.linear(*arrays, need_dx=x.requires_grad)

    def extra_repr(self) -> str:
        """in → out."""
        n_out, n_in = self.weight.shape
        return f"{n_in} → {n_out}" + (", bias=False" if self.bias is None else "")


class Flatten(Module):
    """Join all axes from `start_dim` on: (N, C, H, W) -> (N, C H W)."""

    def __init__(self, start_dim: int = 1):
        self.start_dim = checks.positive_int("start_dim", start_dim, low=0)

    def forward(self, x: Any) -> Tensor:
        """Return x with its last axes joined."""
        x = as_tensor("input", x)
        kept = x.shape[: self.start_dim]
        return F.reshape(x, shape=(*kept, math.prod(x.shape[self.start_dim :])))


class Dropout(Module):
    """In training each entry becomes 0 with probability p, the others grow by 1 / (1 - p).

    The expectation stays what it was, so that evaluation mode has nothing to do. Without `rng` the
    choice comes from the Generator that `manual_seed` set. Srivastava et al. 2014.
    """

    def __init__(self, p: float = 0.5, rng: np.random.Generator | int | None = None):
        self.p = checks.number("p", p, 0, 1, include_high=True)
        self._rng = None if rng is None else init.generator(rng)

    def forward(self, x: Any) -> Tensor:
        """Return x times a new random mask in training, x itself in evaluation."""
        x = as_tensor("input", x)
        if not self.training or self.p == 0:
            return x
        draws = init.generator(self._rng).random(self._mask_shape(x), dtype=np.float32)
        kept = draws >= self.p
        return x * to(kept / (1 - self.p) if self.p < 1 else kept, x.data)

    def _mask_shape(self, x: Tensor) -> tuple[int, ...]:
        return x.shape

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p:g}"


class ReLU(Module):
    """a = max(x, 0)."""

    def forward(self, x: Any) -> Tensor:
        """Return max(x, 0)."""
        return F.relu(as_tensor("input", x))


class LeakyReLU(Module):
    """a = x where x > 0, else negative_slope x."""

    def __init__(self, negative_slope: float = 0.01):
        self.negative_slope = checks.number("negative_slope", negative_slope)

    def forward(self, x: Any) -> Tensor:
        """Return x where positive, negative_slope x elsewhere."""
        return F.leaky_relu(as_tensor("input", x), negative_slope=self.negative_slope)


class Sigmoid(Module):
    """a = 1 / (1 + e**-x)."""

    def forward(self, x: Any) -> Tensor:
        """Return the probability that belongs to the logit x."""
        return F.sigmoid(as_tensor("input", x))


class Tanh(Module):
    """a = tanh x."""

    def forward(self, x: Any) -> Tensor:
        """Return tanh x."""
        return F.tanh(as_tensor("input", x))


class ELU(Module):
    """a = x where x > 0, else alpha (e**x - 1)."""

    def __init__(self, alpha: float = 1.0):
        self.alpha = checks.number("alpha", alpha)

    def forward(self, x: Any) -> Tensor:
        """Return x where positive, alpha (e**x - 1) elsewhere."""
        return F.elu(as_tensor("input", x), alpha=self.alpha)


class Softplus(Module):
    """a = ln(1 + e**x)."""

    def forward(self, x: Any) -> Tensor:
        """Return ln(1 + e**x)."""
        return F.softplus(as_tensor("input", x))


class SiLU(Module):
    """a = x sigmoid(x)."""

    def forward(self, x: Any) -> Tensor:
        """Return x sigmoid(x)."""
        return F.silu(as_tensor("input", x))


class GELU(Module):
    """a = x Phi(x); approximate="tanh" is the form GPT-2 uses."""

    def __init__(self, approximate: str = "none"):
        if approximate not in ("none", "tanh"):
            raise ValueError(f"approximate={approximate!r}: expected 'none' or 'tanh'")
        self.approximate = approximate

    def forward(self, x: Any) -> Tensor:
        """Return x Phi(x)."""
        return F.gelu(as_tensor("input", x), approximate=self.approximate)


class Softmax(Module):
    """Turn logits into probabilities along `dim`. CrossEntropyLoss wants the logits themselves."""

    _function = staticmethod(F.softmax)

    def __init__(self, dim: int = -1):
        self.dim = dim

    def forward(self, x: Any) -> Tensor:
        """Return the probabilities; NonFiniteError for NaN, ValueError for a row all -inf."""
        x = as_tensor("logits", x)
        checks.no_nan("logits", x.data)
        checks.some_finite("logits", x.data, self.dim)
        return self._function(x, axis=self.dim)


class LogSoftmax(Softmax):
    """Logarithms of the softmax probabilities along `dim`."""

    _function = staticmethod(F.log_softmax)
