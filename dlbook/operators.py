"""What may be written between, behind and around Tensors, in one table: `+ - * / @ ** []`, methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import functional as F
from .autodiff import Tensor


def _unless_leaf(operator: Callable) -> Callable:
    """`loss += penalty` is a new Tensor; `w -= lr * g` would leave the model's w as it was."""

    def apply(x: Tensor, other: Any) -> Tensor:
        if x.requires_grad and x.is_leaf:
            raise RuntimeError(
                "a leaf Tensor that requires grad is not changed in place: "
                "write w.data = w.data - lr * w.grad"
            )
        return operator(x, other)

    return apply


def _turned(operator: Callable) -> Callable:
    """The Tensor stands on the right."""
    return lambda x, other: operator(other, x)


def _transpose(x: Tensor) -> Tensor:
    """Swap the last two axes."""
    return F.permute_dims(x, axes=(*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _flat(numbers: tuple) -> tuple:
    """reshape(2, 3) and reshape((2, 3)) mean the same."""
    return tuple(numbers[0]) if len(numbers) == 1 and isinstance(numbers[0], tuple) else numbers


def _plain(index: Any) -> Any:
    """A Tensor used as an index stands for its array."""
    return index.data if isinstance(index, Tensor) else index


OPERATORS: dict[str, Any] = {
    "__add__": F.add,
    "__radd__": _turned(F.add),
    "__iadd__": _unless_leaf(F.add),
    "__sub__": F.sub,
    "__rsub__": _turned(F.sub),
    "__isub__": _unless_leaf(F.sub),
    "__mul__": F.mul,
    "__rmul__": _turned(F.mul),
    "__imul__": _unless_leaf(F.mul),
    "__truediv__": F.div,
    "__rtruediv__": _turned(F.div),
    "__itruediv__": _unless_leaf(F.div),
    "__matmul__": F.matmul,
    "__rmatmul__": _turned(F.matmul),
    "__pow__": lambda x, n: F.pow(x, n=n),
    "__neg__": lambda x: F.mul(x, -1.0),
    "__eq__": lambda x, other: x.data == _plain(other),
    "__ne__": lambda x, other: x.data != _plain(other),
    "__lt__": lambda x, other: x.data < _plain(other),
    "__le__": lambda x, other: x.data <= _plain(other),
    "__gt__": lambda x, other: x.data > _plain(other),
    "__ge__": lambda x, other: x.data >= _plain(other),
    "__getitem__": lambda x, index: F.getitem(x, index=_plain(index)),
    "__iter__": lambda x: iter(F.unstack(x)),  # one primitive for all: indexing is quadratic
    "reshape": lambda x, *shape: F.reshape(x, shape=_flat(shape)),
    "permute": lambda x, *axes: F.permute_dims(x, axes=_flat(axes)),
    "sum": F.sum,
    "mean": F.mean,
    "exp": F.exp,
    "log": F.log,
    "relu": F.relu,
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "mT": property(_transpose),
    "T": property(_transpose),
}

for _name, _operator in OPERATORS.items():
    setattr(Tensor, _name, _operator)
