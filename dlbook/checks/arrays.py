"""Arrays and Tensors: dtype, library, shape."""

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..autodiff import Tensor
from ..backend import Array, astype, is_floating, is_numpy, is_torch
from .settings import pair
from .values import all_finite

__all__ = [
    "column", "floating", "gradient", "half_padding", "leaves", "native", "not_empty", "same_length",
    "same_shape", "shape", "sliding", "tensor", "written_out",
]  # fmt: skip


def native(name: str, x: Any) -> Array:
    """Return `x` as an array; lists and columns of a table become NumPy arrays, in native bytes."""
    if isinstance(x, Tensor):
        x = x.data
    if isinstance(x, tuple | list) and any(isinstance(part, Tensor) for part in x):
        kind = "tuple" if isinstance(x, tuple) else "list"
        raise TypeError(f"{name} is a {kind} of Tensors: expected one array; of (outputs, state) take "
                        "the first, a list join with F.stack or F.concat")  # fmt: skip
    x = column(name, x)
    if is_numpy(x):
        if x.dtype.kind not in "biufc":
            raise TypeError(f"{name} has dtype {x.dtype} (kind {x.dtype.kind!r}): expected an "
                            "array of numbers")  # fmt: skip
        x = np.asarray(x, dtype=x.dtype.newbyteorder("="))
    return x


def column(name: str, x: Any) -> Array:
    """Return `x` as an array of any dtype: of a list, a table, or one of its columns."""
    if hasattr(x, "to_numpy"):
        x = x.to_numpy()
    return x if is_numpy(x) or is_torch(x) or hasattr(x, "__array_namespace__") else np.asarray(x)


def library(x: Array) -> str:
    """The name of the library that an array is of."""
    return "numpy" if is_numpy(x) else type(x).__module__.split(".")[0]


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
            raise TypeError(f"{name} is a {library(x)} array, the parameters are {library(like)} "
                            "arrays: move one with dlbook.backend.to or model.to")  # fmt: skip
        if x.dtype != like.dtype:
            x = astype(x, like.dtype)
    return x


def tensor(name: str, x: Any, like: Array | None = None) -> Tensor:
    """Return `x` as a floating Tensor, rounded to the dtype of the parameters `like`."""
    if not isinstance(x, Tensor):
        return Tensor(floating(name, x, like))
    data = floating(name, x.data, like)
    if data.dtype == x.dtype:
        return x
    if x.requires_grad:
        raise TypeError(f"{name} is a Tensor of {x.dtype} with a history, the layer has "
                        f"{data.dtype}: use the same dtype throughout")  # fmt: skip
    return Tensor(data)


def shape(who, name, found, takes, sizes):
    """Raise ValueError unless a shape is what `takes` declares, such as "N in_channels H W".

    `sizes` knows the size of some names (a tuple for several axes together); returned are those of
    the others. "..." is any number of axes, "|" stands between alternatives.
    """
    for axes in _alternatives(takes):
        others: dict[str, int] = {}
        if _fits(found, axes, sizes, others):
            return others
    caller = f"{type(who).__name__}({who.extra_repr()})"
    raise ValueError(f"{caller} got {name} {tuple(found)}: expected {written_out(takes, sizes)}")


@functools.lru_cache
def _alternatives(takes: str) -> list[list[str]]:
    return [way.split() for way in takes.split("|")]


def _fits(found, axes, sizes, others):
    wanted: list[Any] = []
    for axis in axes:
        size = sizes.get(axis, axis)
        wanted += size if isinstance(size, tuple) else [size]
    if "..." in wanted:
        k = wanted.index("...")
        wanted[k : k + 1] = [None] * (len(found) - len(wanted) + 1)
    if len(wanted) != len(found):
        return False
    for want, n in zip(wanted, found, strict=True):
        if isinstance(want, str):
            want = others.setdefault(want, n)
        if want is not None and want != n:
            return False
    return True


def written_out(takes: str, sizes: Mapping[str, Any]) -> str:
    """ "N in_channels H W" -> "(N, in_channels=3, H, W)", with the sizes that are known."""

    def axis(name: str) -> str:
        return f"{name}={sizes[name]}" if name in sizes else name

    ways = [", ".join(map(axis, axes)) for axes in _alternatives(takes)]
    return " or ".join(f"({way})" if " " in way or "..." in way else f"({way},)" for way in ways)


def sliding(who, found, window, stride, padding=0, dilation=1):
    """Return stride, padding and dilation as pairs; raise unless the window fits into the picture."""
    stride, dilation = pair("stride", stride), pair("dilation", dilation)
    padding = pair("padding", padding, 0)
    if len(found) not in (3, 4):
        raise ValueError(f"{who} got input {tuple(found)}: expected (N, C, H, W) or (C, H, W)")
    room = tuple(n + 2 * p for n, p in zip(found[-2:], padding, strict=True))
    reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, window, strict=True))
    if room[0] < reach[0] or room[1] < reach[1]:
        raise ValueError(f"{who} got input {tuple(found)}: Kernel size can't be greater than actual "
                         f"input size: the kernel covers {reach}, the padded input has {room}")  # fmt: skip
    return stride, padding, dilation


def half_padding(padding: tuple[int, int], kernel_size: tuple[int, int]) -> None:
    """Raise ValueError if a window could lie in the padding alone."""
    if any(2 * p > k for p, k in zip(padding, kernel_size, strict=True)):
        raise ValueError(f"pad should be at most half of effective kernel size, but got "
                         f"{padding=} and {kernel_size=}")  # fmt: skip


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
        raise ValueError(f"Expected {name_a} batch_size ({shape_a[0]}) to match {name_b} "
                         f"batch_size ({shape_b[0]}).")  # fmt: skip
    hint = ""
    if math.prod(shape_a) == math.prod(shape_b):
        hint = f"; to compare entry by entry use {name_b}.reshape{shape_a or '(())'}"
    raise ValueError(f"{name_a} has shape {shape_a}, {name_b} has shape {shape_b}: "
                     f"expected the same shape{hint}")  # fmt: skip


def same_length(names: Sequence[str], arrays: Sequence[Array]) -> int:
    """Return N if every array has N > 0 examples along its first axis, else raise ValueError."""
    for name, a in zip(names, arrays, strict=True):
        if len(a.shape) == 0:
            raise TypeError(f"{name} is a single number: expected an array with one row an example")
        if a.shape[0] != arrays[0].shape[0]:
            raise ValueError(f"{names[0]} has {arrays[0].shape[0]} examples, {name} has "
                             f"{a.shape[0]}: expected the same number")  # fmt: skip
    if len(arrays) == 0 or arrays[0].shape[0] == 0:
        who = names[0] if names else "dataset"
        raise ValueError(f"{who} is empty: expected at least 1 example")
    return int(arrays[0].shape[0])


def leaves(params: Iterable[Tensor]) -> list[Tensor]:
    """Return the parameters of an optimizer: leaves, each once, at least one of them to train."""
    if isinstance(params, Tensor):  # iterating it would give its rows
        raise TypeError(f"params is a Tensor of shape {params.shape}: expected a list of them")
    params = list(params)
    for k, p in enumerate(params):
        if not isinstance(p, Tensor):
            raise TypeError(f"params[{k}] is a {type(p).__name__}: expected model.parameters()")
    if not any(p.requires_grad for p in params):
        raise ValueError(f"params has {len(params)} Tensors and none of them requires_grad: "
                         "expected at least one to train")  # fmt: skip
    if not all(p.is_leaf for p in params):
        raise ValueError("params holds a computed Tensor: expected the leaves of a graph, such "
                         "as model.parameters()")  # fmt: skip
    if len({id(p) for p in params}) < len(params):
        raise ValueError(f"params has {len(params)} entries, but a Tensor stands in it "
                         "twice: it would be moved twice a step")  # fmt: skip
    return params


def gradient(what: str, p: Tensor) -> None:
    """Raise unless the gradient of a parameter is finite and has its shape and dtype."""
    found, own = (tuple(p.grad.shape), p.grad.dtype), (p.shape, p.dtype)
    if found != own:
        raise ValueError(f"{what} has shape and dtype {found}: expected the parameter's, {own}")
    all_finite(what, p.grad)
