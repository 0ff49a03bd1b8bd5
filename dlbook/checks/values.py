"""Values: finite, probabilities, labels; and the package's own errors."""

import contextvars
import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..backend import Array, array_namespace, finite_at_a_glance, switched, to_numpy

__all__ = [
    "CheckpointError", "ChecksumError", "DataFormatError", "NonFiniteError", "OfflineError",
    "all_finite", "labels", "no_nan", "probabilities", "same_state", "scans", "some_finite",
]  # fmt: skip


class DataFormatError(ValueError):
    """A data file does not hold what its format promises."""


class ChecksumError(OSError, DataFormatError):
    """A file is not the one expected: its SHA-256 differs. Also an OSError, as reading it failed."""


class OfflineError(OSError):
    """A file must be downloaded and cannot be: no network, no mirror, or DLBOOK_OFFLINE."""


class CheckpointError(ValueError):
    """A saved state does not fit the model it should be loaded into."""


class NonFiniteError(FloatingPointError):
    """A number that must be finite is NaN or infinite."""


_enabled = contextvars.ContextVar("scans", default=True)


def scans(enabled: bool) -> AbstractContextManager[None]:
    """Switch the scans for NaN and infinity on or off inside a `with` block."""
    return switched(_enabled, enabled)


def _first(mask: Array) -> tuple[int, ...]:
    """The index of the first true entry."""
    return tuple(int(i[0]) for i in to_numpy(mask).nonzero())


def _place(name: str, index: tuple[int, ...]) -> str:
    return name + (str(list(index)).replace(" ", "") if index else "")


def no_nan(name: str, x: Array) -> None:
    """Raise NonFiniteError naming the first NaN or +inf; -inf is a legal logit (a masked one)."""
    if not _enabled.get() or finite_at_a_glance(x):
        return
    xp = array_namespace(x)
    bad = xp.isnan(x) | (x == math.inf)
    if bool(xp.any(bad)):
        where = _first(bad)
        raise NonFiniteError(f"{_place(name, where)} is {float(x[where])}: expected finite numbers")


def some_finite(name: str, x: Array, axis: int = -1) -> None:
    """Raise ValueError when a row of logits is -inf throughout: its softmax is 0/0."""
    if not _enabled.get() or 0 in x.shape or finite_at_a_glance(x):
        return
    xp = array_namespace(x)
    dead = xp.max(x, axis=axis) == -math.inf
    if bool(xp.any(dead)):
        row = _first(dead)
        row_text = ",".join(map(str, row)) or "0"
        raise ValueError(f"row {row_text} has no finite logit ({name} is -inf throughout): "
                         "expected at least one; mask with softmax(x, where=mask) instead")  # fmt: skip


def all_finite(what: str, x: Array) -> None:
    """Raise NonFiniteError with the number of NaN and infinite entries of `x`."""
    if not _enabled.get() or finite_at_a_glance(x):
        return
    xp = array_namespace(x)
    nan, inf = (int(xp.count_nonzero(bad(x))) for bad in (xp.isnan, xp.isinf))
    if nan or inf:
        parts = [f"{n} {kind}" for n, kind in ((nan, "nan"), (inf, "inf")) if n]
        raise NonFiniteError(f"{what} has {' and '.join(parts)}: expected finite numbers")


def probabilities(name: str, p: Array) -> None:
    """Raise ValueError unless every entry lies in 0..1."""
    xp = array_namespace(p)
    bad = ~((p >= 0) & (p <= 1))  # true for NaN as well
    if bool(xp.any(bad)):
        where = _first(bad)
        hint = "" if name == "target" else ": did you pass logits? Then use BCEWithLogitsLoss"
        raise ValueError(f"all elements of {name} should be between 0 and 1, but "
                         f"{_place(name, where)} is {float(p[where]):g}{hint}")  # fmt: skip


def labels(name: str, y: Array, num_classes: int, besides: int | None = None) -> None:
    """Raise unless `y` holds integers in 0..num_classes-1, or `besides` (-1 is not the last)."""
    xp = array_namespace(y)
    if not xp.isdtype(y.dtype, "integral"):
        raise TypeError(f"{name} has dtype {y.dtype} and shape {tuple(y.shape)}: expected integer "
                        "class labels (N,), or float class probabilities / one-hot rows (N, "
                        f"{num_classes})")  # fmt: skip
    bad = (y < 0) | (y >= num_classes)
    if besides is not None:
        bad &= y != besides
    if bool(xp.any(bad)):
        where = _first(bad)
        raise IndexError(f"{_place(name, where)}={int(y[where])} outside 0..{num_classes - 1}")


def same_state(own: Any, new: Any, finite: bool = False) -> dict[str, Any]:
    """Return `new` with its arrays by their paths; CheckpointError lists all that `own` has otherwise.

    States are arrays and numbers in dicts and lists. A number stands for an array not yet begun.
    Weights must be `finite`; an optimizer goes on with the infinite mean square that it had.
    """
    if not isinstance(new, Mapping):
        raise TypeError(f"state is a {type(new).__name__}: expected what state_dict() returned")
    mine, given = _by_path(own), _by_path(new)
    wrong = [f"missing: {name} {np.shape(a)}" for name, a in mine.items() if name not in given]
    wrong += [f"unexpected: {name} {np.shape(a)}" for name, a in given.items() if name not in mine]
    for name in mine.keys() & given.keys():
        a, b = mine[name], given[name]
        if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
            continue
        if a.shape != b.shape:
            wrong.append(f"{name}: shape {b.shape}, expected {a.shape}")
        elif a.dtype != b.dtype:
            wrong.append(f"{name}: dtype {b.dtype}, expected {a.dtype}")
        elif finite and a.dtype.kind == "f" and not np.isfinite(b).all():
            wrong.append(f"{name}: has NaN or infinite entries")
        elif name.endswith("running_var") and (b < 0).any():
            wrong.append(f"{name}: has variances below 0")
    if wrong:
        raise CheckpointError("the state does not fit, nothing was loaded:\n  "
                              + "\n  ".join(sorted(wrong)))  # fmt: skip
    return given


def _by_path(state: Any, path: str = "") -> dict[str, Any]:
    """{"state": [{"v": a}]} -> {"state.0.v": a}, in NumPy."""
    if isinstance(state, list | tuple):
        state = dict(enumerate(state))
    if not isinstance(state, Mapping):
        return {path: to_numpy(state) if hasattr(state, "dtype") else state}
    parts = [_by_path(part, f"{path}.{name}".lstrip(".")) for name, part in state.items()]
    return {name: a for part in parts for name, a in part.items()}
