"""Losses: (prediction, target) -> one number. The door is in `functional`: both forms share it."""

from typing import Any

from .. import checks
from .. import functional as F
from ..autodiff import Tensor
from .module import Module

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CTCLoss", "CrossEntropyLoss", "HuberLoss", "L1Loss", "MSELoss",
    "SmoothL1Loss",
]  # fmt: skip


class _Loss(Module):
    def __init__(self, *, reduction: str = "mean"):
        self.reduction = checks.choice("reduction", reduction, ("mean", "sum", "none"))

    def extra_repr(self) -> str:
        """The reduction, where it is not the mean."""
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"


class MSELoss(_Loss):
    """L = mean of (input - target)**2; both of one shape."""

    def forward(self, x: Any, target: Any) -> Tensor:
        return F.mse_loss(x, target, reduction=self.reduction)


class L1Loss(_Loss):
    """L = mean of |input - target|; both of one shape."""

    def forward(self, x: Any, target: Any) -> Tensor:
        return F.l1_loss(x, target, reduction=self.reduction)


class HuberLoss(_Loss):
    """L = mean of e**2 / 2 for errors up to `delta`, of delta (|e| - delta / 2) beyond."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0):
        super().__init__(reduction=reduction)
        self.delta = checks.number("delta", delta, "(0, inf)")

    def forward(self, x: Any, target: Any) -> Tensor:
        return F.huber_loss(x, target, delta=self.delta, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """L = the Huber loss divided by its corner `beta`."""

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0):
        super().__init__(reduction=reduction)
        self.beta = checks.number("beta", beta, "(0, inf)")

    def forward(self, x: Any, target: Any) -> Tensor:
        return F.smooth_l1_loss(x, target, beta=self.beta, reduction=self.reduction)


class BCELoss(_Loss):
    """L = mean of -(y ln p + (1 - y) ln(1 - p)) for probabilities p; logarithms stop at -100.

    `weight` multiplies every entry. Raises ValueError for anything outside 0..1.
    """

    def __init__(self, weight: Any = None, *, reduction: str = "mean"):
        super().__init__(reduction=reduction)
        self.weight = weight if weight is None else checks.floating("weight", weight)

    def forward(self, x: Any, target: Any) -> Tensor:
        return F.binary_cross_entropy(x, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Binary cross-entropy of p = sigmoid(logits), with all digits for logits of any size.

    `pos_weight` counts the examples with target 1 so many times, `weight` multiplies every entry.
    Raises NonFiniteError for NaN or infinite logits.
    """

    def __init__(self, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None):
        super().__init__(reduction=reduction)
        self.weight = weight if weight is None else checks.floating("weight", weight)
        self.pos_weight = pos_weight

    def forward(self, x: Any, target: Any) -> Tensor:
        return F.binary_cross_entropy_with_logits(
            x, target, weight=self.weight, pos_weight=self.pos_weight, reduction=self.reduction
        )


class CrossEntropyLoss(_Loss):
    """L = mean of -ln softmax(logits)[target].

    Logits are (N, C). Targets are integer labels (N,) in 0..C-1, or probabilities / one-hot rows
    (N, C) of floats. Logits (N, C, T, ...) with labels (N, T, ...) are N T examples, such as the
    steps of sequences. Labels equal to `ignore_index` do not count, `weight` (C,) says how much each
    class does (the mean is then divided by the weights), `label_smoothing` s takes the part s of
    the target and spreads it evenly. Do not apply softmax first: the loss does. Raises IndexError,
    TypeError or ValueError for targets that do not fit.
    """

    def __init__(
        self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean",
        label_smoothing: float = 0.0,
    ):  # fmt: skip
        super().__init__(reduction=reduction)
        self.weight = weight if weight is None else checks.floating("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = checks.number("label_smoothing", label_smoothing, "[0, 1]")

    def forward(self, x: Any, target: Any) -> Tensor:
        return F.cross_entropy(
            x, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )  # fmt: skip


class CTCLoss(_Loss):
    """L = -ln of the probability of all ways to spread the labels over the time steps.

    Takes log-probabilities (T, N, C), time first, after a log_softmax; labels (N, S) or one after
    the other; how many of the T steps count for each example (N,), and how many labels (N,).
    `blank` is the class that says nothing, and no label. The mean is over each loss divided by its
    number of labels. Raises ValueError where the labels do not fit into the steps, or, with
    `zero_infinity`, counts such an example as 0.
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False):
        super().__init__(reduction=reduction)
        self.blank = checks.positive_int("blank", blank, low=0)
        self.zero_infinity = checks.flag("zero_infinity", zero_infinity)

    def forward(
        self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any
    ) -> Tensor:
        return F.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction,
            self.zero_infinity,
        )  # fmt: skip
