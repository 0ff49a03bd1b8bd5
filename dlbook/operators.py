"""What may be written between, behind and around Tensors, in one table: `+ - * / @ ** []`, methods."""

import math
import operator
from collections.abc import Callable
from typing import Any

from . import functional as F
from .autodiff import Tensor
from .backend import Array, array_namespace


def _not_written_into(x: Tensor, index: Any, value: Any) -> None:
    raise TypeError("a Tensor is not written into: build a new one with F.where, F.stack or F.concat, "
                    "or give it other numbers, t.data = array")  # fmt: skip


def _unless_leaf(apply_to: Callable) -> Callable:
    """`loss += penalty` is a new Tensor; `w -= lr * g` would leave the model's w as it was."""

    def apply(x: Tensor, other: Any) -> Tensor:
        if x.requires_grad and x.is_leaf:
            raise RuntimeError("a leaf Tensor that requires grad is not changed in place: write "
                               "w.data = w.data - lr * w.grad")  # fmt: skip
        return apply_to(x, other)

    return apply


def _turned(apply: Callable) -> Callable:
    """The Tensor stands on the right."""
    return lambda x, other: apply(other, x)


def _compared(compare: Callable) -> Callable:
    """A comparison gives an array of booleans: nothing flows back through it."""
    return lambda x, other: compare(x.data, _plain(other))


def _flat(numbers: tuple) -> tuple:
    """reshape(2, 3), reshape((2, 3)) and reshape([2, 3]) mean the same."""
    listed = len(numbers) == 1 and isinstance(numbers[0], tuple | list)
    return tuple(numbers[0]) if listed else numbers


def _plain(index: Any) -> Any:
    """A Tensor used as an index stands for its array, also inside a tuple."""
    if isinstance(index, tuple):
        return tuple(map(_plain, index))
    return index.data if isinstance(index, Tensor) else index


def _getitem(x: Tensor, index: Any) -> Tensor:
    """x[index]; integers beside lists are taken first, as in PyTorch, whatever the library is."""
    index = _plain(index)
    parts = index if isinstance(index, tuple) else (index,)
    lists = any(isinstance(p, list) or getattr(p, "shape", ()) for p in parts)
    if lists and any(map(_is_integer, parts)):
        whole = [p if _is_integer(p) or p is ... else slice(None) for p in parts if p is not None]
        x, index = F.getitem(x, index=tuple(whole)), tuple(p for p in parts if not _is_integer(p))
    return F.getitem(x, index=index)


def _is_integer(part: Any) -> bool:
    boolean, single = isinstance(part, bool), not getattr(part, "shape", ())
    return hasattr(part, "__index__") and single and not boolean


def _transpose(x: Tensor, a: int, b: int) -> Tensor:
    """Swap two axes."""
    axes = list(range(x.ndim))
    axes[a], axes[b] = axes[b], axes[a]
    return F.permute_dims(x, axes=tuple(axes))


def _T(x: Tensor) -> Tensor:
    """Swap the last two axes."""
    if x.ndim < 2:
        raise ValueError(f".T of shape {x.shape}: expected at least two axes, of which it swaps "
                         "two")  # fmt: skip
    return _transpose(x, -1, -2)


def _flatten(x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Join the axes from start_dim to end_dim."""
    first, last = (k % max(x.ndim, 1) for k in (start_dim, end_dim))
    shape = (*x.shape[:first], math.prod(x.shape[first : last + 1]), *x.shape[last + 1 :])
    return F.reshape(x, shape=shape)


def _squeeze(x: Tensor, dim: int | None = None) -> Tensor:
    """Leave out axes of size 1: all, or one."""
    gone = range(x.ndim) if dim is None else (dim % x.ndim,)
    return F.reshape(x, shape=tuple(n for k, n in enumerate(x.shape) if n != 1 or k not in gone))


def _unsqueeze(x: Tensor, dim: int) -> Tensor:
    """Put in an axis of size 1."""
    dim %= x.ndim + 1
    return F.reshape(x, shape=(*x.shape[:dim], 1, *x.shape[dim:]))


def _max(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The largest entry; along `dim` a pair (values, indices), as in PyTorch."""
    if dim is None:
        return F.amax(x)
    return F.amax(x, axis=dim, keepdims=keepdim), _arg("argmax")(x, dim, keepdim)


def _min(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest entry; along `dim` a pair (values, indices), as in PyTorch."""
    found = _max(-x, dim, keepdim)
    return -found if dim is None else (-found[0], found[1])


def _arg(name: str) -> Callable:
    """argmax and argmin give arrays of integers: nothing flows back through them."""

    def apply(x: Tensor, dim: Any = None, keepdim: bool = False, axis: Any = None) -> Array:
        axis = dim if axis is None else axis
        return getattr(array_namespace(x._data), name)(x._data, axis=axis, keepdims=keepdim)

    return apply


def _var(
    x: Tensor, dim: Any = None, correction: int = 1, keepdim: bool = False, **names: Any
) -> Any:
    """The mean squared distance from the mean, divided by n - correction, as in PyTorch."""
    dim, keepdim = names.get("axis", dim), names.get("keepdims", keepdim)
    d = x - F.mean(x, axis=dim, keepdims=True)
    n = math.prod(x.shape) // max(math.prod(F.mean(x, axis=dim).shape), 1)
    return F.sum(d * d, axis=dim, keepdims=keepdim) / max(n - correction, 0.0)


OPERATORS: dict[str, Any] = {
    "__neg__": lambda x: F.mul(x, -1.0),
    "__abs__": F.abs,
    "__getitem__": _getitem,
    "__setitem__": _not_written_into,
    "__iter__": lambda x: iter(F.unstack(x)),  # one primitive for all: indexing is quadratic
    "reshape": lambda x, *shape: F.reshape(x, shape=_flat(shape)),
    "view": lambda x, *shape: F.reshape(x, shape=_flat(shape)),
    "permute": lambda x, *axes: F.permute_dims(x, axes=_flat(axes)),
    "transpose": _transpose,
    "flatten": _flatten,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    "var": _var,
    "std": lambda x, *dim, **settings: F.pow(_var(x, *dim, **settings), 0.5),
    "max": _max,
    "min": _min,
    "argmax": _arg("argmax"),
    "argmin": _arg("argmin"),
    "sqrt": lambda x: F.pow(x, 0.5),
    "clamp": F.clip,
    "clone": lambda x: F.mul(x, 1.0),
    "size": lambda x, dim=None: x.shape if dim is None else x.shape[dim],
    "numel": lambda x: math.prod(x.shape),
    "mT": property(_T),
    "T": property(_T),
}
for _name in ("add", "sub", "mul", "truediv", "matmul", "pow"):
    _f = F.div if _name == "truediv" else getattr(F, _name)
    OPERATORS |= {f"__{_name}__": _f, f"__r{_name}__": _turned(_f)}
    if _name in ("add", "sub", "mul", "truediv"):
        OPERATORS[f"__i{_name}__"] = _unless_leaf(_f)
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    OPERATORS[f"__{_name}__"] = _compared(getattr(operator, _name))
for _name in ("abs", "amax", "clip", "cumsum", "exp", "log", "log_softmax", "mean", "pow", "relu",
              "sigmoid", "softmax", "sum", "tanh"):  # fmt: skip
    OPERATORS[_name] = getattr(F, _name)  # methods that are functions of the same name

for _name, _operator in OPERATORS.items():
    setattr(Tensor, _name, _operator)
