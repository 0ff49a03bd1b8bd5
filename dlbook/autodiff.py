"""The tape: automatic differentiation over the primitives.

A `Tensor` is an array that remembers which primitive made it and keeps that primitive's pullback.
`backward` calls the pullbacks, newest first, and adds up what arrives at each Tensor.
"""

from __future__ import annotations

import contextvars
import functools
import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np

from .backend import Array, ReadOnly, array_namespace, is_floating, is_numpy, switched, to_numpy

_recording = contextvars.ContextVar("recording", default=True)
_watching = contextvars.ContextVar("watching", default=False)
_count = itertools.count()


class Node:
    """One call of a primitive: its pullback, the Tensors that went in, the arrays that came out."""

    __slots__ = ("inputs", "marks", "name", "number", "outputs", "vjp", "ys")

    def __init__(self, name: str, vjp: Any, inputs: list[Tensor | None], y: Any, given: tuple):
        self.name, self.vjp, self.inputs = name, vjp, inputs
        self.ys = y if isinstance(y, tuple) else None  # their shapes, where there are several
        self.outputs = 1 if self.ys is None else len(self.ys)
        self.number = next(_count)  # inputs are older than outputs: a topological order
        self.marks: list[tuple[Array, int]] = []
        if _watching.get():
            arrays = (*given, *(y if isinstance(y, tuple) else (y,)))
            self.marks = [(a, _fingerprint(a)) for a in arrays if hasattr(a, "dtype")]

    def pull(self, dys: list[Array | None], retain_graph: bool) -> list[tuple[Tensor, Array]]:
        """Call the pullback: gradients of the outputs -> pairs of an input and its gradient."""
        if all(dy is None for dy in dys):
            return []
        if self.vjp is None:
            raise RuntimeError(f"Trying to backward through {self.name} a second time: its saved "
                               "arrays are freed. Run the forward pass again; for a state "
                               "carried from batch to batch cut its history off, h = h.detach(); "
                               "or use backward(retain_graph=True)")  # fmt: skip
        if any(_fingerprint(array) != mark for array, mark in self.marks):
            raise RuntimeError(f"an array that {self.name} needs for its gradient has been "
                               "modified by an inplace operation since the forward pass: write "
                               "to a copy instead")  # fmt: skip
        if self.ys is not None:  # outputs that the loss does not depend on have gradient 0
            xp = array_namespace(*self.ys)
            filled = zip(self.ys, dys, strict=True)
            dxs = self.vjp(tuple(xp.zeros_like(y) if dy is None else dy for y, dy in filled))
        else:
            dxs = self.vjp(dys[0])
        inputs = [(k, x) for k, x in enumerate(self.inputs) if x is not None]
        pairs = [(x, self._gradient(k, x, dxs)) for k, x in inputs]
        if not retain_graph:
            self.vjp, self.inputs, self.ys, self.marks = None, [], None, []
        return [(x, dx) for x, dx in pairs if dx is not None]

    def _gradient(self, k: int, x: Tensor, dxs: Any) -> Array | None:
        """The gradient of input k; ValueError if the pullback has none, or one of another shape."""
        if not isinstance(dxs, tuple) or k >= len(dxs):
            raise ValueError(f"the pullback of {self.name} must return a tuple with a gradient "
                             f"for argument {k}")  # fmt: skip
        if dxs[k] is not None and tuple(dxs[k].shape) != x.shape:
            raise ValueError(f"{self.name}: the gradient of argument {k} has shape "
                             f"{tuple(dxs[k].shape)}, the argument has {x.shape}: were shapes "
                             "mixed, such as (N, 1) and (N,)?")  # fmt: skip
        return dxs[k]


class Arrived:
    """The gradients that are on their way back: at each Tensor t the sum of what came for dL/dt."""

    def __init__(self) -> None:
        self.sums: dict[tuple[Any, int], Array] = {}
        self.leaves: dict[int, Tensor] = {}

    def add(self, tensor: Tensor, dy: Array) -> None:
        """Add one contribution: a Tensor that is used several times gets several."""
        if tensor.is_leaf:
            self.leaves[id(tensor)] = tensor
        place = (tensor._node or id(tensor), tensor._output)
        self.sums[place] = self.sums[place] + dy if place in self.sums else dy

    def at(self, node: Node) -> list[Array | None]:
        """Take out what has come for each output of a node, None where nothing has."""
        return [self.sums.pop((node, k), None) for k in range(node.outputs)]

    def settle(self) -> None:
        """Add to the leaves' `grad`, in arrays of their own and in their own dtype."""
        for place, leaf in self.leaves.items():
            dy = self.sums[place, 0]
            dy = array_namespace(dy).asarray(dy, dtype=leaf.dtype, copy=True)
            leaf.grad = dy if leaf.grad is None else leaf.grad + dy


class Tensor:
    """An array with a gradient.

    `data` cannot be written to, so that nothing saved for `backward` changes under it: assign a new
    array instead (`w.data = w.data - lr * w.grad`). Comparisons give arrays. `grad` is an array of
    the same shape or None; it adds up over calls of `backward` until it is set to None.

    Raises RuntimeError if `requires_grad` is asked of numbers that are not floating-point.
    """

    __slots__ = (
        "_data", "_node", "_output", "_shown", "grad", "is_parameter", "name", "requires_grad",
    )  # fmt: skip
    _data: Array
    _shown: Array
    __array_ufunc__ = None  # array * Tensor asks the Tensor
    __hash__ = object.__hash__

    def __init__(self, data: Any, requires_grad: bool = False, name: str = ""):
        self.data = data
        if requires_grad:  # a leaf owns its numbers; others look at the array they were given
            self.data = array_namespace(self._data).asarray(self._data, copy=True)
        if requires_grad and not is_floating(self._data):
            raise RuntimeError("only Tensors of floating-point dtype can require gradients, not "
                               f"{self.dtype}: write 1.0 for 1, or use x.astype(np.float32)")  # fmt: skip
        self.grad: Array = None
        self.requires_grad, self.name = requires_grad, name
        self.is_parameter = requires_grad  # also when it is frozen later
        self._node: Node | None = None
        self._output = 0

    @property
    def data(self) -> Array:
        """The array itself, read-only."""
        if self._shown is None:
            plain = not isinstance(self._data, np.ndarray)
            self._shown = self._data if plain else self._data.view(ReadOnly)
        return self._shown

    @data.setter
    def data(self, array: Any) -> None:
        if isinstance(array, Tensor):
            array = array._data
        if not hasattr(array, "dtype") or is_numpy(array):
            array = np.asarray(array).view(np.ndarray)
            array.flags.writeable = False
        if array.dtype == array_namespace(array).uint8:
            raise TypeError("a Tensor of uint8 would wrap around (200 + 100 = 44): scale to "
                            "float first, e.g. x.astype(np.float32) / 255")  # fmt: skip
        self._data, self._shown = array, None

    def backward(self, gradient: Array | None = None, retain_graph: bool = False) -> None:
        """Add dL/dt to `t.grad` of every leaf Tensor t that this Tensor (L) was computed from.

        `gradient` is dL/d(self) and may be left out for a single number, where it is 1.
        Raises RuntimeError without a graph, on a second call, or if `gradient` is needed.
        """
        arrived = Arrived()
        arrived.add(self, self._first_gradient(gradient))
        for node in self._made_by():  # newest first: all that used its outputs has had its turn
            for tensor, dx in node.pull(arrived.at(node), retain_graph):
                arrived.add(tensor, dx)
        arrived.settle()  # at the end, so that an error changes no leaf

    def _made_by(self) -> list[Node]:
        """The calls of primitives that this Tensor was computed by, newest first."""
        found, todo = set(), [self._node]
        while todo:
            node = todo.pop()
            if node is not None and node not in found:
                found.add(node)
                todo += [tensor._node for tensor in node.inputs if tensor is not None]
        return sorted(found, key=lambda node: node.number, reverse=True)

    def _first_gradient(self, gradient: Array | None) -> Array:
        """dL/dL, or what the user gave for it."""
        if not self.requires_grad:
            raise RuntimeError("this Tensor does not require grad and has no history: compute it "
                               "from Tensors with requires_grad=True, outside no_grad(), before "
                               "calling backward()")  # fmt: skip
        if gradient is None:
            if math.prod(self.shape) != 1:
                raise RuntimeError("backward() needs a gradient for an output of shape "
                                   f"{self.shape}: only a single number may leave it out (take "
                                   ".mean() or .sum() first)")  # fmt: skip
            return array_namespace(self._data).ones_like(self._data)
        gradient = Tensor(gradient)._data
        if tuple(gradient.shape) != self.shape:
            raise RuntimeError(f"gradient has shape {tuple(gradient.shape)}, expected {self.shape}")
        return gradient

    def detach(self) -> Tensor:
        """Return the same numbers without history."""
        return Tensor(self._data)

    def numpy(self) -> np.ndarray:
        """Return the numbers as a NumPy array (read-only where it shares memory)."""
        return to_numpy(self._data)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Freeze (False) or train (True) this leaf; returns it."""
        if not self.is_leaf:
            raise RuntimeError("only a leaf can be frozen; for a computed Tensor use detach()")
        self.requires_grad = requires_grad
        return self

    def item(self) -> float:
        """Return the only entry as a Python number; ValueError if there are more."""
        if math.prod(self.shape) != 1:
            raise ValueError(f"item() needs one number, this Tensor has shape {self.shape}")
        return self.numpy().item()

    if TYPE_CHECKING:  # operators and methods are attached in operators.py

        def _operator(self, *args: Any) -> Any: ...
        def __getattr__(self, name: str) -> Any: ...
        def __iter__(self) -> Iterator[Any]: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _operator
        __rtruediv__ = __matmul__ = __rmatmul__ = __pow__ = __neg__ = __getitem__ = _operator

    shape = property(lambda self: tuple(self._data.shape))
    dtype = property(lambda self: self._data.dtype)
    ndim = property(lambda self: self._data.ndim)
    is_leaf = property(lambda self: self._node is None, doc="Whether no primitive made it.")

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        if self.requires_grad and _recording.get():
            raise RuntimeError("a NumPy function would cut this Tensor's history off: use "
                               "dlbook.functional, such as F.concat, F.stack, F.where, or cut it "
                               "on purpose: t.detach() or t.numpy()")  # fmt: skip
        return np.array(self.numpy(), dtype=dtype)

    def __setstate__(self, state: tuple[Any, dict[str, Any]]) -> None:
        """After a copy or a pickle: `data` is read-only again."""
        for name, value in state[1].items():
            setattr(self, name, value)
        self.data = self._data

    def __float__(self) -> float:
        return float(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a Tensor of a single number has no len()")
        return self.shape[0]

    def __repr__(self) -> str:
        made_by = f", made by {self._node.name}" if self._node else ""
        flag = ", requires_grad=True" if self.requires_grad and not self._node else ""
        text = np.array2string(self.numpy(), separator=", ", prefix="Tensor(")
        return f"Tensor({text}{flag}{made_by})"


_SAME = {"dim": "axis", "keepdim": "keepdims"}  # PyTorch's names for NumPy's


def differentiable(primitive: Callable) -> Callable:
    """Lift a primitive from arrays to Tensors: same value, and its pullback goes on the tape."""
    code = getattr(primitive, "__code__", None)
    can_skip_dx = code is not None and "need_dx" in code.co_varnames

    @functools.wraps(primitive)
    def lifted(*args, **static):
        lists = [np.asarray(a) if isinstance(a, list) else a for a in args]
        arrays = [a._data if isinstance(a, Tensor) else a for a in lists]
        inputs = [a if isinstance(a, Tensor) and a.requires_grad else None for a in args]
        static = {_SAME.get(k, k): _constant(primitive, k, v) for k, v in static.items()}
        if can_skip_dx and inputs[0] is None:  # data needs no gradient
            static.setdefault("need_dx", False)
        y, vjp = primitive(*arrays, **static)
        node = None
        if _recording.get() and any(t is not None for t in inputs):
            node = Node(primitive.__name__, vjp, inputs, y, (*arrays, *static.values()))
        if isinstance(y, tuple):
            return tuple(_result(y_k, node, k) for k, y_k in enumerate(y))
        return _result(y, node, 0)

    return lifted


def _constant(primitive: Callable, name: str, value: Any) -> Any:
    """A setting as it is; a Tensor stands for its array, as nothing flows back into it."""
    if not isinstance(value, Tensor):
        return value
    if value.requires_grad:
        raise TypeError(f"{primitive.__name__}({name}=...) is a Tensor that requires "
                        "grad: pass it by position")  # fmt: skip
    return value._data


def _result(y: Array, node: Node | None, output: int) -> Tensor:
    """A Tensor that knows which output of which node it is."""
    tensor = Tensor(y)
    tensor._node, tensor._output, tensor.requires_grad = node, output, node is not None
    return tensor


def no_grad() -> AbstractContextManager[None]:
    """Record nothing inside a `with` block: less memory, and nothing to go backward through."""
    return switched(_recording, False)


def detect_changes() -> AbstractContextManager[None]:
    """Fingerprint what each primitive is given and returns, so that `backward` notices changes.

    A Tensor's own array is read-only, but the array of a batch that you passed in is still yours.
    Slow: for finding a bug, not for training.
    """
    return switched(_watching, True)


def _fingerprint(array: Array) -> int:
    return hash(to_numpy(array).tobytes())
