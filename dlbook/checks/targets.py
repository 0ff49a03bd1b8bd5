"""Targets of a loss: they must fit the prediction."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff import Tensor
from ..backend import array_namespace, astype, is_floating, is_numpy, to
from .arrays import floating, native, same_shape, tensor
from .values import labels, probabilities


def paired(name: str, x: Tensor, target: Any) -> Tensor:
    """Return the target of a loss over numbers: of the prediction's shape, library and dtype."""
    if not isinstance(target, Tensor) or not target.requires_grad:
        target = native("target", target.data if isinstance(target, Tensor) else target)
        if array_namespace(target).isdtype(target.dtype, "complex floating"):
            raise TypeError(f"target has dtype {target.dtype}: expected real numbers")
        if is_numpy(target) != is_numpy(x.data):
            target = to(target, x.data)
        target = Tensor(astype(target, x.dtype))  # integers are fine
    same_shape(name, x, "target", target)
    return target


def class_targets(x: Tensor, target: Any) -> Any:
    """Return the target of logits (N, C, ...): labels (N, ...), or probabilities (N, C)."""
    given = target
    target = native("target", target.data if isinstance(target, Tensor) else target)
    N, C, *places = x.shape
    if places:
        if tuple(target.shape) != (N, *places):
            raise ValueError(f"target has shape {tuple(target.shape)}: expected integer class "
                             f"labels {(N, *places)} for logits {x.shape}")  # fmt: skip
        labels("target", target, C)
    elif target.ndim == 2 and target.shape[1] == C and is_floating(target):
        target = floating("target (N, C)", target, None if is_numpy(target) else x.data)
        probabilities("target", target)
    else:
        labels("target", target, C)
        if target.ndim != 1:
            raise TypeError(f"target has dtype {target.dtype} and shape {tuple(target.shape)}: "
                            f"expected integer class labels {(N,)}, or float one-hot "
                            f"rows {x.shape}")  # fmt: skip
    if target.shape[0] != N:
        raise ValueError(f"Expected input batch_size ({N}) to match target batch_size "
                         f"({target.shape[0]}).")  # fmt: skip
    if isinstance(given, Tensor) and given.requires_grad:
        return tensor("target", given, x.data)
    if is_numpy(target) and not is_numpy(x.data):
        target = array_namespace(x.data).asarray(np.array(target), device=x.data.device)
    return astype(target, x.dtype) if is_floating(target) else target
