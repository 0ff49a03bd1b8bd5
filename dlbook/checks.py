"""The door: what comes from a user is checked here, once, and told what was expected.

Modules, losses, optimizers and data loaders call these; primitives check nothing. Scanning logits
and gradients for NaN costs a few percent; `with checks(False): ...` leaves that out.
"""

from __future__ import annotations

import contextlib
import contextvars
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .backend import Array, array_namespace, finite_at_a_glance, is_floating, is_numpy, to_numpy


class DataFormatError(ValueError):
    """A data file does not hold what its format promises."""


class CheckpointError(ValueError):
    """A saved state does not fit the model it should be loaded into."""


class NonFiniteError(FloatingPointError):
    """A number that must be finite is NaN or infinite."""


_enabled = contextvars.ContextVar("checks", default=True)


@contextlib.contextmanager
def checks(enabled: bool) -> Iterator[None]:
    """Switch the scans for NaN and infinity on or off inside a `with` block."""
    token = _enabled.set(enabled)
    try:
        yield
    finally:
        _enabled.reset(token)


def number(
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    include_low: bool = True,
    include_high: bool = False,
) -> float:
    """Return `value` if it is a finite number in the range, else raise ValueError or TypeError."""
    brackets = ("[" if include_low else "(") + f"{low:g}, {high:g}" + ("]" if include_high else ")")
    wanted = f"expected a finite number in {brackets}"
    if isinstance(value, bool | str) or not hasattr(value, "__float__") or np.ndim(value):
        raise TypeError(f"{name}={value!r} is a {type(value).__name__}: {wanted}")
    given, value = value, float(value)  # a NumPy float64 would turn float32 weights into float64
    inside_low = value >= low if include_low else value > low
    inside_high = value <= high if include_high else value < high
    if not (math.isfinite(value) and inside_low and inside_high):
        raise ValueError(f"{name}={given!r}: {wanted}")
    return value


def positive_int(name: str, value: Any, low: int = 1) -> int:
    """Return `value` if it is an integer of at least `low`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or np.ndim(value):
        raise TypeError(f"{name}={value!r} is a {type(value).__name__}: expected an integer")
    if int(value) < low:
        raise ValueError(f"{name}={value!r}: expected an integer of at least {low}")
    return int(value)


def native(name: str, x: Any) -> Array:
    """Return `x` as an array; nested lists become NumPy arrays, big-endian bytes native ones."""
    if not hasattr(x, "dtype"):
        x = np.asarray(x)
    if is_numpy(x):
        if x.dtype.kind not in "biufc":
            raise TypeError(
                f"{name} has dtype {x.dtype} (kind {x.dtype.kind!r}): expected an array of numbers"
            )
        x = np.asarray(x, dtype=x.dtype.newbyteorder("="))
    return x


def floating(name: str, x: Any, like: Array | None = None) -> Array:
    """Return `x` as a floating array, in the dtype of `like` if given; refuse anything else.

    Integers and booleans are refused, because uint8 arithmetic wraps around and a picture in 0..255
    is hardly ever what a network wants; float64 given to a float32 layer is rounded to float32.
    """
    x = native(name, x)
    if not is_floating(x):
        hint = "; scale to float first, e.g. x.astype(np.float32) / 255"
        raise TypeError(f"{name} has dtype {x.dtype}: expected a floating-point array{hint}")
    if like is not None:
        if is_numpy(x) != is_numpy(like):
            raise TypeError(
                f"{name} is a {type(x).__module__} array, the parameters are "
                f"{type(like).__module__} arrays: move one with dlbook.backend.to or model.to"
            )
        if x.dtype != like.dtype:
            x = array_namespace(x).astype(x, like.dtype)
    return x


def last_axis(what: str, x: Array, size: int) -> None:
    """Raise ValueError unless the last axis of `x` has `size` entries."""
    if x.ndim == 0 or x.shape[-1] != size:
        raise ValueError(f"{what} got input {tuple(x.shape)}: last axis must be {size}")


def sequence(what: str, x: Array, size: int) -> None:
    """Raise ValueError unless `x` is (N, T, size)."""
    if x.ndim != 3:
        raise ValueError(
            f"{what}: Expected 3D input (N, T, {size}), but got input of size {tuple(x.shape)}"
        )
    last_axis(what, x, size)


def pair(name: str, value: Any, low: int = 1) -> tuple[int, int]:
    """3 -> (3, 3); each must be an integer of at least `low`."""
    values = (value, value) if hasattr(value, "__index__") else tuple(value)
    if len(values) != 2:
        raise ValueError(f"{name}={value!r}: expected one integer or two (height, width)")
    a, b = (positive_int(name, v, low) for v in values)
    return a, b


def not_empty(x: Array) -> None:
    """Raise ValueError when a mean would be taken over nothing."""
    if 0 in x.shape:
        raise ValueError(f"empty batch: mean undefined (input of shape {tuple(x.shape)})")


def same_shape(name_a: str, a: Array, name_b: str, b: Array) -> None:
    """Raise ValueError unless both shapes are equal: broadcasting in a loss is a bug."""
    shape_a, shape_b = tuple(a.shape), tuple(b.shape)
    if shape_a == shape_b:
        return
    if shape_a[:1] != shape_b[:1] and shape_a[1:] == shape_b[1:] and shape_a and shape_b:
        raise ValueError(
            f"Expected {name_a} batch_size ({shape_a[0]}) to match {name_b} batch_size "
            f"({shape_b[0]})."
        )
    hint = ""
    if math.prod(shape_a) == math.prod(shape_b):
        hint = f"; to compare entry by entry use {name_b}.reshape{shape_a}"
    raise ValueError(f"{name_a} has shape {shape_a}, {name_b} has shape {shape_b}: "
                     f"expected the same shape{hint}")  # fmt: skip


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
    if not _enabled.get():
        return
    if finite_at_a_glance(x):
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


def labels(name: str, y: Array, num_classes: int) -> None:
    """Raise unless `y` holds integers in 0..num_classes-1 (-1 is not counted from the end)."""
    xp = array_namespace(y)
    if not xp.isdtype(y.dtype, "integral"):
        raise TypeError(
            f"{name} has dtype {y.dtype} and shape {tuple(y.shape)}: expected integer class labels "
            f"(N,), or float class probabilities / one-hot rows (N, {num_classes})"
        )
    bad = (y < 0) | (y >= num_classes)
    if bool(xp.any(bad)):
        where = _first(bad)
        raise IndexError(f"{_place(name, where)}={int(y[where])} outside 0..{num_classes - 1}")
