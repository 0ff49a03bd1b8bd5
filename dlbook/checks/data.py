"""Data and metrics: batches, numbers, labels."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .values import all_finite

__all__ = ["batches", "label_pair", "numbers", "reals", "room"]


def batches(name: str, data: Any) -> Iterator[Any]:
    """Yield the batches (x, y) of a loader, a list or one pair; raise if there are none or others."""
    empty = True
    for batch in [data] if isinstance(data, tuple) else data:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise TypeError(f"{name} gave a {type(batch).__name__}: expected pairs (x, y), as from "
                            "DataLoader((x, y), ...)")  # fmt: skip
        empty = False
        yield batch
    if empty:
        raise ValueError(f"{name} gave no batches: expected (x, y) pairs, once per epoch; a "
                         "generator is used up after its first")  # fmt: skip


def room(what: str, entries: int) -> None:
    """Raise ValueError for a table of more than 10^8 entries: a label is wrong, or labels have gaps."""
    if entries > 10**8:
        raise ValueError(f"{what} would have {entries:,} entries: expected labels 0, 1, 2, ... "
                         "without gaps; number those that occur with np.unique")  # fmt: skip


def numbers(name: str, value: Any) -> np.ndarray:
    """Return float64; raise TypeError for anything but real numbers, NonFiniteError for NaN."""
    x = reals(name, value).astype(np.float64)
    all_finite(name, x)
    return x


def reals(name: str, value: Any) -> np.ndarray:
    """Return real numbers of any dtype as an array; TypeError for anything else."""
    x = np.asarray(value)
    if x.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {x.dtype}: expected an array of real numbers")
    return x


def label_pair(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return both as int64 (N,); raise TypeError for floats, ValueError for shapes that differ."""
    found = []
    for name, value in (("y_true", y_true), ("y_pred", y_pred)):
        y = np.asarray(value)
        if y.dtype.kind not in "biu":
            raise TypeError(f"{name} has dtype {y.dtype} and shape {y.shape}: expected integer "
                            "labels (N,); from logits or probabilities (N, C) take "
                            ".argmax(axis=1), from one logit z > 0, from one probability p > "
                            "0.5, from labels kept as floats .astype(int)")  # fmt: skip
        found.append(y.astype(np.int64))  # uint8 would wrap in y * num_classes
    if found[0].shape != found[1].shape or found[0].ndim != 1:
        raise ValueError(f"y_true has shape {found[0].shape}, y_pred {found[1].shape}: expected "
                         "(N,), one label an example, in both; from a column (N, 1) or from "
                         "sequences take .reshape(-1), from one-hot rows .argmax(axis=1)")  # fmt: skip
    if found[0].size == 0:
        raise ValueError("y_true and y_pred are empty: expected at least one label")
    return found[0], found[1]
