"""Layers that bring their input to mean 0 and variance 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import checks
from .. import functional as F
from ..autodiff import Tensor
from ..backend import Array, array_namespace
from .module import Entrance, Module


class LayerNorm(Module):
    """y = weight standardize(x) + bias, each example by itself, over its last axes.

    `normalized_shape` is the number of features, or the shape of the last axes. The same in
    training and in evaluation. Ba, Kiros and Hinton 2016.
    """

    takes = "... normalized_shape"

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float = 1e-5,
        elementwise_affine: bool = True, bias: bool = True, *, dtype: Any = np.float32,
    ):  # fmt: skip
        shape = (normalized_shape,) if hasattr(normalized_shape, "__index__") else normalized_shape
        self.normalized_shape = tuple(checks.positive_int("normalized_shape", n) for n in shape)
        self.eps = checks.number("layer_norm eps", eps, "(0, inf)")
        self.weight = self.bias = None
        if elementwise_affine:
            self.weight = Tensor(np.ones(self.normalized_shape, dtype), True)
            self.bias = Tensor(np.zeros(self.normalized_shape, dtype), True) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The sizes of the last axes."""
        return ", ".join(map(str, self.normalized_shape))


class _BatchNorm(Module):
    """What batch normalisation of features and of channels share."""

    running_mean: Array
    running_var: Array
    num_batches_tracked: Array

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, *, dtype: Any = np.float32,
    ):  # fmt: skip
        self.num_features = C = checks.positive_int("num_features", num_features)
        self.eps = checks.number("batch_norm eps", eps, "(0, inf)")
        if momentum is not None:
            momentum = checks.number("momentum", momentum, "[0, 1]")
        self.momentum = momentum
        self.track_running_stats = checks.flag("track_running_stats", track_running_stats)
        self.weight = Tensor(np.ones(C, dtype), True) if checks.flag("affine", affine) else None
        self.bias = Tensor(np.zeros(C, dtype), True) if affine else None
        if track_running_stats:
            self.register_buffer("running_mean", np.zeros(C, dtype))
            self.register_buffer("running_var", np.ones(C, dtype))
            self.register_buffer("num_batches_tracked", np.array(0, np.int64))

    def door(self, x: Any, *others: Any, **settings: Any) -> Entrance:
        """Raise ValueError in training for a single value per feature: it would become 0."""
        own = getattr(self, "running_mean", None) if self.weight is None else self.weight
        x = self.checked("input", x, own)
        if self.training and math.prod(x.shape) <= self.num_features:
            raise ValueError("Expected more than 1 value per channel when training, got input size "
                             f"{x.shape}")  # fmt: skip
        return (x, *others), settings

    def forward(self, x: Tensor) -> Tensor:
        """Use the batch's statistics in training, the running ones in evaluation."""
        if not self.track_running_stats or self.training:
            y = F.batch_norm(x, None, None, self.weight, self.bias, training=True, eps=self.eps)
            if self.track_running_stats:
                self.track(x.data, (0, *range(2, x.ndim)))
            return y
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        )

    def track(self, x: Array, axis: tuple[int, ...]) -> None:
        """Move the running statistics; the variance is the unbiased one, as in PyTorch."""
        xp = array_namespace(x)
        self.num_batches_tracked = np.asarray(self.num_batches_tracked + 1)
        m = self.momentum if self.momentum is not None else 1 / int(self.num_batches_tracked)
        mean, var = xp.mean(x, axis=axis), xp.var(x, axis=axis, correction=1)
        self.running_mean = (1 - m) * self.running_mean + m * mean
        self.running_var = (1 - m) * self.running_var + m * var

    def extra_repr(self) -> str:
        """The number of features."""
        return str(self.num_features)


class BatchNorm1d(_BatchNorm):
    """y = weight standardize(x) + bias, each feature by itself, over the examples of a batch.

    (N, C) or (N, C, L). In training the statistics are the batch's, and running means of them are
    kept, with running <- (1 - momentum) running + momentum batch (momentum=None: the plain mean
    of all batches); evaluation uses these. Ioffe and Szegedy 2015. Raises ValueError in training
    for a single value per feature, which would give 0 whatever it is.
    """

    takes = "N num_features | N num_features L"


class BatchNorm2d(_BatchNorm):
    """BatchNorm1d for pictures: each channel by itself, over all examples and places."""

    takes = "N num_features H W"
