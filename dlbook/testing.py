"""Derivative checks: does a pullback agree with what changing the input really does?"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .rng import generator


def numerical_gradient(f: Callable[..., Any], x: np.ndarray, eps: float = 1e-6) -> np.ndarray:
    """Return df/dx entry by entry, (f(x + eps) - f(x - eps)) / (2 eps): two runs per number.

    `f` maps an array to one number; `x` must be float64, because float32 has too few digits left
    after the subtraction. Error: O(eps**2) from the curve, O(1e-16 / eps) from rounding.
    """
    x = np.asarray(x)
    if x.dtype != np.float64:
        raise TypeError(f"x has dtype {x.dtype}: finite differences need float64")
    g = np.empty_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = eps
        g[index] = (float(f(x + step)) - float(f(x - step))) / (2 * eps)
    return g


def check_vjp(
    primitive: Callable, *args: Any, tol: float = 1e-6, step: float = 1e-6, rng: Any = 0,
    **static: Any,
) -> float:  # fmt: skip
    """Compare the pullback of a primitive with finite differences along random directions.

    For a direction v in the inputs and u in the outputs, u . J v is measured by two runs and
    computed from the pullback as (J^T u) . v; both numbers hold for all entries at once. Every
    floating input is moved by itself. Returns the largest relative error; AssertionError above
    `tol` names the argument. TypeError unless the floating inputs are float64 arrays.
    """
    _refuse_inputs(primitive, args)
    rng = generator(rng)
    ys, vjp = primitive(*args, **static)
    many = isinstance(ys, tuple)
    us = [rng.standard_normal(np.shape(y)) for y in (ys if many else (ys,))]
    grads = vjp(tuple(us) if many else us[0])
    _refuse_gradients(primitive, args, grads)

    def projected(*moved: Any) -> float:
        out, _ = primitive(*moved, **static)
        return sum(float(np.sum(u * y)) for u, y in zip(us, out if many else (out,), strict=True))

    worst = 0.0
    for k, x in enumerate(args):
        if x.dtype.kind != "f":
            continue
        v = rng.standard_normal(x.shape)
        up = projected(*args[:k], x + step * v, *args[k + 1 :])
        down = projected(*args[:k], x - step * v, *args[k + 1 :])
        measured, computed = (up - down) / (2 * step), float(np.sum(grads[k] * v))
        error = abs(measured - computed) / max(0.01, abs(measured), abs(computed))
        worst = max(worst, error)
        if not error <= tol:
            raise AssertionError(f"{primitive.__name__}: the gradient of argument {k} gives "
                                 f"{computed:.6g} along a random direction, finite differences "
                                 f"give {measured:.6g} (error {error:.1e} > {tol:.0e})")  # fmt: skip
    return worst


def _refuse_inputs(primitive: Callable, args: tuple) -> None:
    for k, x in enumerate(args):
        if not isinstance(x, np.ndarray | np.generic) or (x.dtype.kind == "f" and x.dtype != float):
            kind = getattr(x, "dtype", type(x).__name__)
            raise TypeError(f"argument {k} is {kind}: expected a NumPy array, float64 if floating")
    if not any(x.dtype.kind == "f" for x in args):
        raise ValueError("no argument is floating: there is nothing to check")


def _refuse_gradients(primitive: Callable, args: tuple, grads: Any) -> None:
    if not isinstance(grads, tuple) or len(grads) != len(args):
        raise AssertionError(f"{primitive.__name__}: the pullback must return a tuple of "
                             f"{len(args)} gradients, one per argument")  # fmt: skip
    for k, (x, g) in enumerate(zip(args, grads, strict=True)):
        if x.dtype.kind == "f" and g is None:
            raise AssertionError(f"{primitive.__name__}: argument {k} gets no gradient")
        if x.dtype.kind == "f" and np.shape(g) != x.shape:
            raise AssertionError(f"{primitive.__name__}: gradient {k} has shape {np.shape(g)}, "
                                 f"its argument has {x.shape}")  # fmt: skip
