"""What is wrong with an answer? Compare it with the right one and name the likely cause."""

import itertools
from typing import Any

import numpy as np


def same(got: Any, want: Any, tol: float) -> bool:
    """Whether two answers agree in structure, shape and value (relative to the largest entry)."""
    if isinstance(want, tuple):
        got = tuple(got) if isinstance(got, np.ndarray) and got.ndim else got
        return (
            isinstance(got, tuple | list)
            and len(got) == len(want)
            and all(same(g, w, tol) for g, w in zip(got, want, strict=True))
        )
    try:
        got, want = np.asarray(got), np.asarray(want)
        if got.shape != want.shape or got.dtype.kind not in "biuf":
            return False
        got, want = got.astype(float), want.astype(float)
        finite = np.isfinite(want)
        scale = max(1e-12, float(np.max(np.abs(want[finite]), initial=0.0)))
        with np.errstate(invalid="ignore"):  # inf - inf; two wrong answers may both be inf or nan
            close = (np.abs(got - want) <= tol * scale) | (got == want)
        return bool(np.all(close | (np.isnan(got) & np.isnan(want))))
    except (TypeError, ValueError):
        return False


def difference(
    got: Any, want: Any, tol: float, name: str = "answer", N: int | None = None
) -> str | None:
    """Say what is wrong with `got`, or None. `N` is the batch size, if there is one."""
    if isinstance(want, tuple):
        got = tuple(got) if isinstance(got, np.ndarray) and got.ndim else got
        if not isinstance(got, tuple | list) or len(got) != len(want):
            count = len(got) if isinstance(got, tuple | list) else f"one {type(got).__name__}"
            return f"return {len(want)} values, ({name}); yours returns {count}"
        names = [n.strip() for n in name.split(",")]
        if len(names) != len(want):
            names = [f"{name}[{k}]" for k in range(len(want))]
        pairs = zip(got, want, names, strict=True)
        return next((d for g, w, n in pairs if (d := difference(g, w, tol, n, N))), None)
    if got is None or got is Ellipsis:
        return f"{name} is {got}: is it computed, and returned?"
    if callable(got):
        return f"{name} is a function: call it and give its result"
    if isinstance(got, tuple) and np.shape(want) != (len(got),):  # (1, 2) may stand for an array
        return f"return {name} alone: yours returns {len(got)} values"
    kind = type(got).__name__
    try:
        got, want = np.asarray(got), np.asarray(want)
    except ValueError:
        return f"{name} is not an array: are its rows of equal length?"
    if got.dtype.kind not in "biuf":
        return f"{name} has dtype {got.dtype}, expected {want.dtype}: numbers, not {kind}"
    if got.shape != want.shape:
        return _shapes(got, want, tol, name)
    return None if same(got, want, tol) else _values(got, want, tol, name, N)


def _shapes(got: np.ndarray, want: np.ndarray, tol: float, name: str) -> str:
    message = f"{name} has shape {got.shape}, expected {want.shape}"
    if got.ndim == 2 and got.T.shape == want.shape:
        same_numbers = same(got.T, want, tol)
        return message + (": it is transposed" if same_numbers else ": are two factors swapped?")
    for axes in itertools.permutations(range(got.ndim)) if got.ndim == want.ndim else ():
        if same(got.transpose(axes), want, tol):
            return message + ": the axes are in another order; transpose them, do not reshape"
    if got.size == want.size and same(np.sort(got, axis=None), np.sort(want, axis=None), tol):
        return message + ": the numbers are there, reshape them or mind keepdims"
    if got.ndim > want.ndim:
        return message + ": is a sum or mean over one axis missing?"
    if got.ndim < want.ndim:
        return message + ": is there a sum or mean too many, or over the wrong axis?"
    return message


def _values(got: np.ndarray, want: np.ndarray, tol: float, name: str, N: int | None) -> str:
    if not np.all(np.isfinite(got)):
        bad = int(np.sum(~np.isfinite(got)))
        return f"{name} has {bad} nan or inf among {got.size}: is there a 0/0, log(0) or overflow?"
    got, want = got.astype(float), want.astype(float)
    tol = max(tol, 1e-6)
    size = float(np.sum(want * want))
    factor = float(np.sum(got * want)) / size if size else 0.0
    if factor and same(got, factor * want, tol):
        told = _factor(factor, name, N)
        if told or got.size > 1:
            return told or f"{name} is {factor:.4g} times what it should be, in every entry"
    if not np.any(got):
        return f"{name} is 0 everywhere: is it filled in, and are no two arrays the same one?"
    if got.ndim == 2 and got.shape[0] == got.shape[1] and same(got.T, want, tol):
        return f"{name} is transposed"
    for axis in range(got.ndim):
        n = got.shape[axis]
        for shift in (1, -1) if n > 2 else ():
            behind, ahead = (want, got) if shift > 0 else (got, want)
            rows = (slice(None),) * axis
            if same(behind[(*rows, slice(n - 1))], ahead[(*rows, slice(1, n))], tol):
                return f"{name} is off by one: entry k holds what belongs to entry k{-shift:+d}"
    if got.ndim and same(np.flip(got), want, tol):
        return f"{name} is in reverse order"
    offset = float(np.mean(got - want))
    if got.size > 1 and same(got - offset, want, tol):
        return f"{name} is off by {offset:.4g} everywhere: is a term missing or added?"
    wrong = np.abs(got - want) > tol * np.max(np.abs(want))
    count, where = int(wrong.sum()), np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    place = name + (f"[{', '.join(map(str, where))}]" if got.ndim else "")
    share = f"{count} of {got.size} entries differ; " if got.size > 1 else ""
    return f"{share}{place} is {got[where]:.6g}, expected {want[where]:.6g}"


def _is_gradient(name: str) -> bool:
    return name.startswith(("d", "gradient"))


def _factor(factor: float, name: str, N: int | None) -> str | None:
    sign = "has the wrong sign" if factor < 0 else ""
    size = abs(factor)
    if abs(size - 1) < 1e-6:
        return f"{name} {sign}: it points the other way" if sign else None
    also = f"{name} {sign} and is" if sign else f"{name} is"
    if N and N > 1 and abs(size / N - 1) < 1e-6:
        return f"{also} {N} times too large: did you divide by the batch size?"
    if N and N > 1 and abs(size * N - 1) < 1e-6:
        return f"{also} {N} times too small: was it divided by the batch size once too often?"
    if abs(size - 2) < 1e-6:
        return f"{also} twice too large: is a factor 1/2 missing, or a 2 there twice?"
    if abs(size - 0.5) < 1e-6:
        why = ": the derivative of a square brings a factor 2" if _is_gradient(name) else ""
        return f"{also} half of what it should be{why}"
    return None
