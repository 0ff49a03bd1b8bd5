"""Losses: (prediction, target) -> one number."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import checks
from .. import functional as F
from ..autodiff import Tensor
from ..backend import Array, array_namespace, is_floating, is_numpy, to
from .module import Module, as_tensor


class _Loss(Module):
    def __init__(self, reduction: str = "mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction={reduction!r}: expected 'mean' or 'sum'")
        self.reduction = reduction

    def _pair(self, name: str, x: Any, target: Any) -> tuple[Tensor, Tensor]:
        """Check prediction and target of one shape; the target takes the prediction's dtype."""
        x = as_tensor(name, x)
        if not isinstance(target, Tensor) or not target.requires_grad:
            target = checks.native("target", target.data if isinstance(target, Tensor) else target)
            if array_namespace(target).isdtype(target.dtype, "complex floating"):
                raise TypeError(f"target has dtype {target.dtype}: expected real numbers")
            if is_numpy(target) != is_numpy(x.data):
                target = to(target, x.data)
            target = Tensor(array_namespace(target).astype(target, x.dtype))  # integers are fine
        checks.same_shape(name, x, "target", target)
        if self.reduction == "mean":
            checks.not_empty(x)
        return x, target


class MSELoss(_Loss):
    """L = mean of (input - target)**2; both of one shape."""

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; ValueError unless the shapes are equal."""
        return F.mse_loss(*self._pair("input", x, target), reduction=self.reduction)


class L1Loss(_Loss):
    """L = mean of |input - target|; both of one shape."""

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; ValueError unless the shapes are equal."""
        return F.l1_loss(*self._pair("input", x, target), reduction=self.reduction)


class HuberLoss(_Loss):
    """L = mean of e**2 / 2 for errors up to `delta`, of delta (|e| - delta / 2) beyond."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0):
        super().__init__(reduction)
        self.delta = checks.number("delta", delta, 0, include_low=False)

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; ValueError unless the shapes are equal."""
        x, target = self._pair("input", x, target)
        return F.huber_loss(x, target, delta=self.delta, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """L = the Huber loss divided by its corner `beta`."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0):
        super().__init__(reduction)
        self.beta = checks.number("beta", beta, 0, include_low=False)

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; ValueError unless the shapes are equal."""
        x, target = self._pair("input", x, target)
        return F.smooth_l1_loss(x, target, beta=self.beta, reduction=self.reduction)


class BCELoss(_Loss):
    """L = mean of -(y ln p + (1 - y) ln(1 - p)) for probabilities p; logarithms stop at -100."""

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; ValueError for anything outside 0..1."""
        x, target = self._pair("input", x, target)
        checks.probabilities("input", x.data)
        checks.probabilities("target", target.data)
        return F.binary_cross_entropy(x, target, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Binary cross-entropy of p = sigmoid(logits), exact for logits of any size."""

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; NonFiniteError for NaN or infinite logits."""
        x, target = self._pair("logits", x, target)
        checks.no_nan("logits", x.data)
        checks.all_finite("logits", x.data)
        checks.probabilities("target", target.data)
        return F.binary_cross_entropy_with_logits(x, target, reduction=self.reduction)


class CrossEntropyLoss(_Loss):
    """L = mean of -ln softmax(logits)[target].

    Logits are (N, C). Targets are integer labels (N,) in 0..C-1, or probabilities / one-hot rows
    (N, C) of floats. Logits (N, C, T, ...) with labels (N, T, ...) are N T examples, such as the
    steps of sequences. Do not apply softmax first: the loss does.
    """

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; IndexError, TypeError or ValueError for targets that do not fit."""
        x = as_tensor("logits", x)
        if x.ndim < 2:
            raise ValueError(f"logits have shape {x.shape}: expected (N, C)")
        given = target
        target = checks.native("target", target.data if isinstance(target, Tensor) else target)
        if x.ndim > 2:
            x, target = self._examples(x, target)
        if is_numpy(target) and not is_numpy(x.data):
            target = array_namespace(x.data).asarray(np.array(target), device=x.data.device)
        if target.ndim == 2 and target.shape[1] == x.shape[1] and is_floating(target):
            target = checks.floating("target (N, C)", target, x.data)
            checks.probabilities("target", target)
        else:
            checks.labels("target", target, x.shape[1])
            if target.ndim != 1:
                raise TypeError(f"target has dtype {target.dtype} and shape {tuple(target.shape)}: "
                                f"expected integer class labels {x.shape[:1]}, or float one-hot "
                                f"rows {x.shape}")  # fmt: skip
        if target.shape[0] != x.shape[0]:
            raise ValueError(f"Expected input batch_size ({x.shape[0]}) to match target batch_size "
                             f"({target.shape[0]}).")  # fmt: skip
        if self.reduction == "mean":
            checks.not_empty(x)
        checks.no_nan("logits", x.data)
        checks.some_finite("logits", x.data)
        if isinstance(given, Tensor) and given.requires_grad:
            target = as_tensor("target", given, x.data)
        return F.cross_entropy(x, target, reduction=self.reduction)

    def _examples(self, x: Tensor, target: Array) -> tuple[Tensor, Array]:
        """Every place of every sequence or picture becomes an example: (N T ..., C), (N T ...)."""
        N, C, *places = x.shape
        if tuple(target.shape) != (N, *places):
            raise ValueError(f"target has shape {tuple(target.shape)}: expected integer class "
                             f"labels {(N, *places)} for logits {x.shape}")  # fmt: skip
        x = x.permute(0, *range(2, x.ndim), 1).reshape(-1, C)
        return x, array_namespace(target).reshape(target, (-1,))
