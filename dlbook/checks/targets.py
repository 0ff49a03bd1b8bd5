"""Targets of a loss: they must fit the prediction."""

from typing import Any

import numpy as np

from ..autodiff import Tensor
from ..backend import array_namespace, astype, is_floating, is_numpy, to
from .arrays import floating, native, not_empty, same_shape, tensor
from .settings import choice, positive_int
from .values import labels, no_nan, probabilities, some_finite

__all__ = ["class_targets", "ctc", "paired"]

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


def ctc(
    x: Any, y: Any, steps: Any, lengths: Any, blank: int, reduction: str, impossible: bool
) -> tuple:
    """Return log-probabilities, labels (N, S), how many steps and labels count, and the blank."""
    choice("reduction", reduction, REDUCTIONS)
    x = tensor("log_probs", x)
    if x.ndim not in (2, 3):
        raise ValueError(
            f"log_probs have shape {x.shape}: expected (T, N, C), time first, or (T, C)"
        )
    T, N, C = x.shape if x.ndim == 3 else (x.shape[0], 1, x.shape[1])
    not_empty(x)
    no_nan("log_probs", x.data)
    if bool(array_namespace(x.data).any(x.data > 1e-4)):
        raise ValueError("log_probs have entries above 0, so these are no logarithms of probabilities: "
                         "put F.log_softmax(logits, axis=-1) before the loss")  # fmt: skip
    if positive_int("blank", blank, low=0) >= C:
        raise ValueError(f"blank={blank} outside 0..{C - 1}")
    steps, lengths = (_counts(name, n, N) for name, n in (("input", steps), ("target", lengths)))
    if steps.max() > T or steps.min() < 1:
        raise ValueError(f"input_lengths from {steps.min()} to {steps.max()}: expected 1 to T={T}")
    y = np.asarray(native("targets", y))
    if y.ndim == 1 and (x.ndim == 3 or len(y) == lengths.sum()):  # one after the other
        if len(y) != lengths.sum():
            raise ValueError(
                f"targets have {len(y)} labels, target_lengths {lengths.sum()} together"
            )
        flat, y = y, np.full((N, lengths.max()), blank, y.dtype)
        y[np.arange(lengths.max()) < lengths[:, None]] = flat
    y = y[None] if y.ndim == 1 else y
    if y.ndim != 2 or len(y) != N or y.shape[1] < lengths.max():
        raise ValueError(f"targets have shape {y.shape}: expected (N={N}, S) with S of at least "
                         f"{lengths.max()}, or all labels one after the other")  # fmt: skip
    counts = np.arange(y.shape[1]) < lengths[:, None]
    labels("targets", np.where(counts, y, 0), C)
    if np.any((y == blank) & counts):
        raise ValueError(f"targets hold the blank, {blank}, which is no label: expected the others")
    twice = (y[:, 1:] == y[:, :-1]) & counts[:, 1:]
    need = lengths + twice.sum(axis=1)
    if np.any(need > steps) and not impossible:
        n = int(np.argmax(need > steps))
        raise ValueError(f"targets[{n}] needs {need[n]} steps (one a label, one more between equal ones) "
                         f"but has {steps[n]}: its loss is infinite; zero_infinity=True counts it as 0"
                         )  # fmt: skip
    xp, device = array_namespace(x.data), x.data.device
    y, steps, lengths = (xp.asarray(a.astype(np.int64), device=device) for a in (y, steps, lengths))
    return x, y, steps, lengths, int(blank)


def _counts(which: str, n: Any, N: int) -> np.ndarray:
    n = np.atleast_1d(np.asarray(native(f"{which}_lengths", n)))
    if n.shape != (N,) or n.dtype.kind not in "iu" or n.min() < 0:
        raise ValueError(f"{which}_lengths is {n.tolist()!r:.80}: expected an integer of at least 0 for "
                         f"each of {N} examples")  # fmt: skip
    return n
