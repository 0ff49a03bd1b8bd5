"""Values: finite, probabilities, labels; and the package's own errors."""

from __future__ import annotations

import contextlib
import contextvars
import math
from collections.abc import Iterator

from ..backend import Array, array_namespace, finite_at_a_glance, to_numpy


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


@contextlib.contextmanager
def scans(enabled: bool) -> Iterator[None]:
    """Switch the scans for NaN and infinity on or off inside a `with` block."""
    token = _enabled.set(enabled)
    try:
        yield
    finally:
        _enabled.reset(token)


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
        raise ValueError(
            f"row {row_text} has no finite logit ({name} is -inf throughout): expected at least "
            "one; mask with softmax(x, where=mask) instead"
        )


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
        raise ValueError(
            f"all elements of {name} should be between 0 and 1, but {_place(name, where)} is "
            f"{float(p[where]):g}{hint}"
        )


def labels(name: str, y: Array, num_classes: int, besides: int | None = None) -> None:
    """Raise unless `y` holds integers in 0..num_classes-1, or `besides` (-1 is not the last)."""
    xp = array_namespace(y)
    if not xp.isdtype(y.dtype, "integral"):
        raise TypeError(
            f"{name} has dtype {y.dtype} and shape {tuple(y.shape)}: expected integer class labels "
            f"(N,), or float class probabilities / one-hot rows (N, {num_classes})"
        )
    bad = (y < 0) | (y >= num_classes)
    if besides is not None:
        bad &= y != besides
    if bool(xp.any(bad)):
        where = _first(bad)
        raise IndexError(f"{_place(name, where)}={int(y[where])} outside 0..{num_classes - 1}")
