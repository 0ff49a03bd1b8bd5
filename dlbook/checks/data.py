"""Data and metrics: examples, tables of numbers, labels, pictures, batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..backend import Array, is_numpy
from .arrays import native
from .values import NonFiniteError, all_finite


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


def ready(name: str, part: Any) -> Array:
    """Return an array of native numbers; raise TypeError for uint8, whose sums wrap at 256."""
    part = native(name, part)
    if str(part.dtype).endswith("uint8"):
        raise TypeError(
            f"{name} has dtype uint8, in which 200 + 100 = 44: expected pictures as "
            "x.astype(np.float32) / 255, labels as y.astype(np.int64)"
        )
    return part


def real(name: str, value: Any) -> np.ndarray:
    """Return a non-empty, finite, real NumPy array (N, ...)."""
    x = np.asarray(value)
    if x.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {x.dtype}: expected an array of real numbers")
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"{name} has shape {x.shape}: expected at least one row and one column")
    if not np.isfinite(x).all():
        columns = (~np.isfinite(x)).reshape(len(x), -1).sum(axis=0)
        column = int(columns.argmax())
        place = tuple(map(int, np.unravel_index(column, x.shape[1:])))
        index = ", ".join(map(str, (":", *place)))
        raise NonFiniteError(
            f"{name}[{index}] has {columns[column]} NaN or infinite of {len(x)} values: expected "
            "finite numbers; drop those rows or fill them in first"
        )
    return x


def numbers(name: str, value: Any) -> np.ndarray:
    """Return float64; raise TypeError for anything but real numbers, NonFiniteError for NaN."""
    x = np.asarray(value)
    if x.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {x.dtype}: expected real numbers")
    x = x.astype(np.float64)
    all_finite(name, x)
    return x


def label_pair(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return both as int64 (N,); raise TypeError for floats, ValueError for shapes that differ."""
    found = []
    for name, value in (("y_true", y_true), ("y_pred", y_pred)):
        y = np.asarray(value)
        if y.dtype.kind not in "biu":
            raise TypeError(
                f"{name} has dtype {y.dtype} and shape {y.shape}: expected integer labels (N,); "
                "from logits or probabilities (N, C) take .argmax(axis=1), from one logit z > 0, "
                "from one probability p > 0.5, from labels kept as floats .astype(int)"
            )
        found.append(y.astype(np.int64))  # uint8 would wrap in y * num_classes
    if found[0].shape != found[1].shape or found[0].ndim != 1:
        raise ValueError(
            f"y_true has shape {found[0].shape}, y_pred {found[1].shape}: expected (N,), one label "
            "an example, in both; from a column (N, 1) or from sequences take .reshape(-1), from "
            "one-hot rows .argmax(axis=1)"
        )
    if found[0].size == 0:
        raise ValueError("y_true and y_pred are empty: expected at least one label")
    return found[0], found[1]


def pictures(what: str, x: Any) -> np.ndarray:
    """Return x if it is a NumPy array of floats (N, C, H, W)."""
    if not is_numpy(x):
        raise TypeError(f"{what} got a {type(x).__name__}: expected a NumPy array (N, C, H, W)")
    if x.dtype.kind != "f":
        raise TypeError(f"{what} got dtype {x.dtype}: expected pictures as x.astype(np.float32)"
                        " / 255")  # fmt: skip
    if x.ndim != 4:
        hint = "; for one picture, x[None]" if x.ndim == 3 else ""
        raise ValueError(f"{what} got pictures of shape {x.shape}: expected (N, C, H, W){hint}")
    return x
