"""Targets of a loss: they must fit the prediction."""

from typing import Any

import numpy as np

from ..autodiff import Tensor
from ..backend import array_namespace, astype, is_floating, is_numpy, to
from .arrays import floating, native, not_empty, same_shape, tensor
from .settings import choice
from .values import labels, no_nan, probabilities, some_finite

__all__ = ["class_targets", "paired"]

REDUCTIONS = ("mean", "sum", "none")


def paired(name: str, x: Any, target: Any, reduction: str) -> tuple[Tensor, Tensor]:
    """Return prediction and target of a loss over numbers, in one shape, library and dtype."""
    choice("reduction", reduction, REDUCTIONS)
    x = tensor(name, x)
    if not isinstance(target, Tensor) or not target.requires_grad:
        target = native("target", target)
        if array_namespace(target).isdtype(target.dtype, "complex floating"):
            raise TypeError(f"target has dtype {target.dtype}: expected real numbers")
        if is_numpy(target) != is_numpy(x.data):
            target = to(target, x.data)
        target = Tensor(astype(target, x.dtype))  # integers are fine
    same_shape(name, x, "target", target)
    if reduction == "mean":
        not_empty(x)
    return x, target


def class_targets(x: Any, target: Any, reduction: str, ignore_index: int) -> tuple[Tensor, Any]:
    """Return logits (N, C, ...) and their target: labels (N, ...), or probabilities (N, C)."""
    choice("reduction", reduction, REDUCTIONS)
    x = tensor("logits", x)
    given, target = target, native("target", target)
    if x.ndim < 2:
        raise ValueError(f"logits have shape {x.shape}: expected (N, C), or (N, C, ...)")
    N, C, *places = x.shape
    if C == 1:
        raise ValueError(f"logits have shape {x.shape}, a single class, whose probability is always "
                         "1: for two classes in one number use BCEWithLogitsLoss")  # fmt: skip
    if places and tuple(target.shape) != (N, *places):
        hint = ""
        if tuple(target.shape) == x.shape[:-1]:
            wanted = (N, x.shape[-1], *x.shape[1:-1])
            hint = f"; classes come second: permute the logits to (N, C, ...), here {wanted}"
        raise ValueError(f"target has shape {tuple(target.shape)}: expected integer class "
                         f"labels {(N, *places)} for logits {x.shape}{hint}")  # fmt: skip
    if not places and target.ndim == 2 and target.shape[1] == C and is_floating(target):
        target = floating("target (N, C)", target, None if is_numpy(target) else x.data)
        probabilities("target", target)
    else:
        labels("target", target, C, besides=ignore_index)
        if target.ndim != x.ndim - 1:
            raise TypeError(f"target has dtype {target.dtype} and shape {tuple(target.shape)}: "
                            f"expected integer class labels {(N,)}, or float one-hot "
                            f"rows {x.shape}")  # fmt: skip
    if target.shape[0] != N:
        raise ValueError(f"Expected input batch_size ({N}) to match target batch_size "
                         f"({target.shape[0]}).")  # fmt: skip
    if reduction == "mean":
        not_empty(x)
    no_nan("logits", x.data)
    some_finite("logits", x.data, 1)
    if isinstance(given, Tensor) and given.requires_grad:
        return x, tensor("target", given, x.data)
    if is_numpy(target) and not is_numpy(x.data):
        target = array_namespace(x.data).asarray(np.array(target), device=x.data.device)
    return x, astype(target, x.dtype) if is_floating(target) else target
