"""Settings: numbers in an interval, whole numbers, pairs, choices."""

import functools
import math
from typing import Any

import numpy as np

__all__ = ["choice", "flag", "number", "pair", "positive_int"]


def number(name: str, value: Any, interval: str = "(-inf, inf)") -> float:
    """Return `value` as a float if it is a finite number in the interval, such as "[0, 1)".

    A square bracket includes its end. Raises TypeError or ValueError.
    """
    wanted = f"expected a finite number in {interval}"
    if isinstance(value, bool | str) or not hasattr(value, "__float__") or np.ndim(value):
        raise TypeError(f"{name}={value!r} is a {type(value).__name__}: {wanted}")
    given, value = value, float(value)  # a NumPy float64 would turn float32 weights into float64
    low, high = _ends(interval)
    inside_low = value >= low if interval[0] == "[" else value > low
    inside_high = value <= high if interval[-1] == "]" else value < high
    if not (math.isfinite(value) and inside_low and inside_high):
        raise ValueError(f"{name}={given!r}: {wanted}")
    return value


@functools.lru_cache
def _ends(interval: str) -> tuple[float, float]:
    low, high = interval[1:-1].split(",")
    return float(low), float(high)


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is True or False: a string, a number or a seed is another argument's."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}={value!r} is a {type(value).__name__}: expected True or False")
    return bool(value)


def positive_int(name: str, value: Any, low: int = 1) -> int:
    """Return `value` if it is an integer of at least `low`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or np.ndim(value):
        raise TypeError(f"{name}={value!r} is a {type(value).__name__}: expected an integer")
    if int(value) < low:
        raise ValueError(f"{name}={value!r}: expected an integer of at least {low}")
    return int(value)


def pair(name: str, value: Any, low: int = 1) -> tuple[int, int]:
    """3 -> (3, 3); each must be an integer of at least `low`."""
    values = (value, value) if hasattr(value, "__index__") else value
    wanted = f"{name}={value!r}: expected one integer or two (height, width)"
    if not isinstance(values, tuple | list):
        raise TypeError(wanted)
    if len(values) != 2:
        raise ValueError(wanted)
    a, b = (positive_int(name, v, low) for v in values)
    return a, b


def choice(name: str, value: Any, options: tuple[Any, ...]) -> Any:
    """Return `value` if it is one of the options."""
    if value not in options:
        *first, last = map(repr, options)
        raise ValueError(f"{name}={value!r}: expected {', '.join(first)} or {last}")
    return value
