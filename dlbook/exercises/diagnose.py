"""What is wrong with an answer? Compare it with the right one and name the likely cause."""

import difflib
import itertools
import math
import re
from collections.abc import Collection
from typing import Any

import numpy as np


class Unexplained(str):
    """What differs, where no cause is known."""


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


def shaped_as(got: tuple[Any, ...], want: Any) -> bool:
    """Whether a tuple stands for an array: one of numbers, or of rows, in the shape of `want`."""
    try:
        return np.shape(got) == np.shape(want)
    except ValueError:  # entries of different lengths
        return False


def difference(
    got: Any,
    want: Any,
    tol: float,
    name: str = "answer",
    N: int | None = None,
    sizes: Collection[int] = (),
) -> str | None:
    """Say what is wrong with `got`, or None.

    `N` is the batch size, if there is one, and `sizes` are the lengths of the inputs' other axes.
    """
    if isinstance(want, tuple):
        count = len(got) if isinstance(got, tuple | list) else f"one {type(got).__name__}"
        got = tuple(got) if isinstance(got, np.ndarray) and got.ndim else got
        if not isinstance(got, tuple | list) or len(got) != len(want):
            return f"return {len(want)} values, ({name}); yours returns {count}"
        names = [n.strip() for n in name.split(",")]
        if len(names) != len(want):
            names = [f"{name}[{k}]" for k in range(len(want))]
        pairs = zip(got, want, names, strict=True)
        told, right = None, []
        for g, w, n in pairs:
            if told := difference(g, w, tol, n, N, sizes):
                break
            right.append(n)
        alike = any(same(a, b, tol) for a, b in itertools.combinations(want, 2))
        orders = itertools.permutations(got) if told and not alike and len(want) < 6 else ()
        if any(same(order, want, tol) for order in orders):
            return f"the right values in another order: ({name}) is asked for"
        if isinstance(told, Unexplained) and right:
            return Unexplained(f"{', '.join(right)} right; {told}")
        return told
    if got is None or got is Ellipsis:
        return f"{name} is {got}: is it computed, and returned?"
    if callable(got):
        return f"{name} is a function: call it and give its result"
    if isinstance(got, tuple) and not shaped_as(got, want):  # (1, 2) may stand for an array
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
    return None if same(got, want, tol) else _values(got, want, tol, name, N, sizes)


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
    return Unexplained(message)


def _values(
    got: np.ndarray, want: np.ndarray, tol: float, name: str, N: int | None, sizes: Collection[int]
) -> str:
    if not np.all(np.isfinite(got)):
        bad = int(np.sum(~np.isfinite(got)))
        return f"{name} has {bad} nan or inf among {got.size}: is there a 0/0, log(0) or overflow?"
    whole = got.dtype.kind in "biu" or bool(np.all(got == np.round(got)))
    got, want = got.astype(float), want.astype(float)
    tol = max(tol, 1e-6)
    size = float(np.sum(want * want))
    factor = float(np.sum(got * want)) / size if size else 0.0
    by_chance = got.size == 1 and whole and float(np.max(np.abs(got))) < 20  # 2 is twice 1
    if by_chance and abs(factor + 1) > 1e-6:
        factor = 0.0
    if factor and abs(factor - 1) > 1e-3 and same(got, factor * want, tol):
        told = _factor(factor, name, N, sizes)
        if told or got.size > 1:
            return told or Unexplained(
                f"{name} is {factor:.4g} times what it should be, in every entry"
            )
    if not np.any(got) and got.size > 1:
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
    if not by_chance and (told := _function(got, want, tol)):
        return f"{name} {told}"
    if same(got, want, max(tol, 1e-3)):
        return Unexplained(
            f"{name} is nearly right: is it rounded on the way, or is a small term missing?"
        )
    offset = float(np.mean(got - want))
    if got.size > 1 and same(got - offset, want, tol):
        return Unexplained(f"{name} is off by {offset:.4g} everywhere: is a term missing or added?")
    wrong = np.abs(got - want) > tol * np.max(np.abs(want))
    count, where = int(wrong.sum()), np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    place = name + (f"[{', '.join(map(str, where))}]" if got.ndim else "")
    share = f"{count} of {got.size} entries differ; " if got.size > 1 else ""
    return Unexplained(f"{share}{place} is {got[where]:.6g}, expected {want[where]:.6g}")


def _function(got: np.ndarray, want: np.ndarray, tol: float) -> str | None:
    """Whether the answer is a simple function of the right one, and of no other number near it."""
    signs = bool(np.any(want < 0) and np.any(want > 0))
    with np.errstate(all="ignore"):
        could_be = [
            (np.square(want), "is the square of what it should be: is a root missing?"),
            (np.sqrt(want), "is the root of what it should be: is a square missing?"),
            (1 / want, "is 1 divided by what it should be: upside down"),
            (np.exp(want), "is e to the power of what it should be: is a logarithm missing?"),
            (np.log(want), "is the logarithm of what it should be"),
            *((np.round(want, k), "is rounded: give all digits") for k in range(1, 5)),
        ]
        if signs:
            could_be += [
                (
                    np.maximum(want, 0),
                    "is 0 where it should be negative: is there a ReLU or a max too many?",
                ),
                (
                    np.abs(want),
                    "is nowhere negative: is there an absolute value or a square too many?",
                ),
            ]
    near = 10 * tol if tol < 1e-3 else tol
    return next((s for x, s in could_be if same(got, x, tol) and not same(x, want, near)), None)


def _is_gradient(name: str) -> bool:
    return name.startswith(("d", "gradient"))


def _factor(factor: float, name: str, N: int | None, sizes: Collection[int]) -> str | None:
    sign = "has the wrong sign" if factor < 0 else ""
    size = abs(factor)

    def is_about(x: float) -> bool:
        return abs(size / x - 1) < 1e-6

    if is_about(1):
        return f"{name} {sign}: it points the other way" if sign else None
    also = f"{name} {sign} and is" if sign else f"{name} is"
    if N and N > 1 and is_about(N):
        return f"{also} {N} times too large: did you divide by the batch size?"
    if N and N > 1 and is_about(1 / N):
        return f"{also} {N} times too small: was it divided by the batch size once too often?"
    if is_about(2):
        return f"{also} twice too large: is a factor 1/2 missing, or a 2 there twice?"
    if is_about(1 / 2):
        why = ": the derivative of a square brings a factor 2" if _is_gradient(name) else ""
        return f"{also} half of what it should be{why}"
    for other in sizes:
        if N and is_about(N / other):
            return f"{also} {N}/{other} of what it should be: did you divide by {other} in place of {N}?"
        if is_about(1 / other):
            return f"{also} {other} times too small: is a sum over {other} entries a mean here?"
    for base, log in ((10, "log10"), (2, "log2")):
        if is_about(1 / math.log(base)):
            return (
                f"{also} {size:.4g} times what it should be: take the natural logarithm, not {log}"
            )
    if is_about(100):
        return f"{also} 100 times too large: per cent, in place of a share?"
    if N and N > 1 and any(is_about((N / (N - 1)) ** k) for k in (-1, -0.5, 0.5, 1)):
        return f"{also} {size:.4g} times what it should be: N = {N} and N - 1 are mixed up"
    return None


def stopped(error: Exception) -> str:
    """What the reader's function has raised, and the likely cause if the error's own words do not say it."""
    text, advice = str(error), ""
    shapes = [tuple(map(int, re.findall(r"\d+", s))) for s in re.findall(r"\([\d, ]*\)", text)]
    if inner := re.search(r"size (\d+) is different from (\d+)", text):
        text = (f"in A @ B the last axis of A has {inner[2]} and the first of B {inner[1]} entries: "
                "is a transpose missing, or are the factors swapped?")  # fmt: skip
    elif "broadcast" in text and len(shapes) == 2:
        short, long = sorted(shapes, key=len)
        if short == long[: len(short)]:
            advice = (f"{short} has one number for each ROW of {long}: it needs the missing "
                      "axes, a[:, None] or keepdims=True; for one a column, sum over axis 0")  # fmt: skip
    elif isinstance(error, AttributeError) and error.name:
        close = difflib.get_close_matches(error.name, dir(error.obj), 1)
        advice = f"a typo? There is {close[0]}" if close else ""
    elif isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        advice = "is it a typo, or made in a cell that has not been run?"
    elif isinstance(error, KeyError):
        advice = "that key is not in the dictionary: ask first, with `in`"
    elif isinstance(error, IndexError):
        advice = "does an index run one too far?"
    told = f"your function stops with {type(error).__name__}: {text.strip()}"
    return f"{told}; {advice}" if advice else told
