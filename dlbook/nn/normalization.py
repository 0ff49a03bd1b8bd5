"""Layers that bring their input to mean 0 and variance 1."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import checks
from .. import functional as F
from ..autodiff import Tensor
from ..backend import Array
from .module import Entrance, Module

__all__ = ["BatchNorm1d", "BatchNorm2d", "LayerNorm"]


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

    running_mean: Array = None
    running_var: Array = None
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
        """Use the batch's statistics in training, which also move the running ones."""
        mean, var, m = self.running_mean, self.running_var, self.momentum
        training = self.training or mean is None
        if training and mean is not None:
            self.num_batches_tracked = np.asarray(self.num_batches_tracked + 1)
            m = 1 / int(self.num_batches_tracked) if m is None else m
            # New arrays: a training step that fails puts the old ones back.
            mean, var = mean + 0.0, var + 0.0
            self.running_mean, self.running_var = mean, var
        return F.batch_norm(x, mean, var, self.weight, self.bias, training, m or 0.0, self.eps)

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
