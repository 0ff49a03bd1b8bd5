"""Losses: (prediction, target) -> one number."""

from __future__ import annotations

from typing import Any

from .. import checks
from .. import functional as F
from ..autodiff import Tensor
from .module import Entrance, Module


class _Loss(Module):
    """Over numbers, unless a class says otherwise: prediction and target have the same shape."""

    takes = "..."
    _name = "input"  # of the prediction, for messages

    def __init__(self, reduction: str = "mean"):
        self.reduction = checks.choice("reduction", reduction, ("mean", "sum"))

    def door(self, x: Any, target: Any) -> Entrance:
        """Return both as Tensors, the target in the dtype of the prediction."""
        x = self.checked(self._name, x)
        target = self.fitting(x, target)
        if self.reduction == "mean":
            checks.not_empty(x)
        self.scan(x, target)
        return (x, target), {}

    def fitting(self, x: Tensor, target: Any) -> Any:
        """Return the target as `forward` needs it; raise if it does not fit the prediction."""
        return checks.paired(self._name, x, target)

    def scan(self, x: Tensor, target: Any) -> None:
        """Raise for values that the loss has no meaning for."""

    def extra_repr(self) -> str:
        """The reduction, where it is not the mean."""
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"


class MSELoss(_Loss):
    """L = mean of (input - target)**2; both of one shape."""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(x, target, reduction=self.reduction)


class L1Loss(_Loss):
    """L = mean of |input - target|; both of one shape."""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        return F.l1_loss(x, target, reduction=self.reduction)


class HuberLoss(_Loss):
    """L = mean of e**2 / 2 for errors up to `delta`, of delta (|e| - delta / 2) beyond."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0):
        super().__init__(reduction)
        self.delta = checks.number("delta", delta, "(0, inf)")

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        return F.huber_loss(x, target, delta=self.delta, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """L = the Huber loss divided by its corner `beta`."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0):
        super().__init__(reduction)
        self.beta = checks.number("beta", beta, "(0, inf)")

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        return F.smooth_l1_loss(x, target, beta=self.beta, reduction=self.reduction)


class BCELoss(_Loss):
    """L = mean of -(y ln p + (1 - y) ln(1 - p)) for probabilities p; logarithms stop at -100."""

    def scan(self, x: Tensor, target: Tensor) -> None:
        """Raise ValueError for anything outside 0..1."""
        checks.probabilities("input", x.data)
        checks.probabilities("target", target.data)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy(x, target, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Binary cross-entropy of p = sigmoid(logits), exact for logits of any size."""

    _name = "logits"

    def scan(self, x: Tensor, target: Tensor) -> None:
        """Raise NonFiniteError for NaN or infinite logits, ValueError for targets outside 0..1."""
        checks.no_nan("logits", x.data)
        checks.all_finite("logits", x.data)
        checks.probabilities("target", target.data)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(x, target, reduction=self.reduction)


class CrossEntropyLoss(_Loss):
    """L = mean of -ln softmax(logits)[target].

    Logits are (N, C). Targets are integer labels (N,) in 0..C-1, or probabilities / one-hot rows
    (N, C) of floats. Logits (N, C, T, ...) with labels (N, T, ...) are N T examples, such as the
    steps of sequences. Do not apply softmax first: the loss does. Raises IndexError, TypeError or
    ValueError for targets that do not fit.
    """

    takes = "N C ..."
    _name = "logits"

    def fitting(self, x: Tensor, target: Any) -> Any:
        """Return integer labels, or probabilities."""
        return checks.class_targets(x, target)

    def scan(self, x: Tensor, target: Any) -> None:
        """Raise NonFiniteError for NaN, ValueError for a row of logits that is -inf throughout."""
        checks.no_nan("logits", x.data)
        checks.some_finite("logits", x.data, 1)

    def forward(self, x: Tensor, target: Any) -> Tensor:
        return F.cross_entropy(x, target, reduction=self.reduction)
