"""The tape: automatic differentiation over the primitives.

A `Tensor` is an array that remembers which primitive made it and keeps that primitive's pullback.
`backward` calls the pullbacks, newest first, and adds up what arrives at each Tensor.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .backend import Array, array_namespace, is_floating, is_numpy, to_numpy

_recording = contextvars.ContextVar("recording", default=True)
_watching = contextvars.ContextVar("watching", default=False)
_count = itertools.count()


class Node:
    """One call of a primitive: its pullback, the Tensors that went in, the arrays that came out."""

    __slots__ = ("inputs", "many", "marks", "name", "number", "vjp", "ys")

    def __init__(self, name: str, vjp: Any, inputs: list[Tensor | None], y: Array | tuple):
        self.name, self.vjp, self.inputs = name, vjp, inputs
        self.many = isinstance(y, tuple)  # a tuple of one array is still a tuple
        self.ys = y if isinstance(y, tuple) else (y,)
        self.number = next(_count)  # inputs are older than outputs, so this is a topological order
        self.marks: list[tuple[Array, int]] = []  # arrays and their fingerprints: detect_changes


class Tensor:
    """An array with a gradient.

    `data` cannot be written to, so that nothing saved for `backward` changes under it: assign a new
    array instead (`w.data = w.data - lr * w.grad`). Comparisons give arrays. `grad` is an array of
    the same shape or None; it adds up over calls of `backward` until it is set to None.

    Raises RuntimeError if `requires_grad` is asked of numbers that are not floating-point.
    """

    __slots__ = ("_data", "_node", "_output", "grad", "name", "requires_grad")
    __array_ufunc__ = None  # array * Tensor asks the Tensor
    __hash__ = object.__hash__

    def __init__(self, data: Any, requires_grad: bool = False, name: str = ""):
        self.data = data
        if requires_grad:  # a leaf owns its numbers; others look at the array they were given
            self.data = array_namespace(self.data).asarray(self.data, copy=True)
        if requires_grad and not is_floating(self.data):
            raise RuntimeError(
                f"only Tensors of floating-point dtype can require gradients, not {self.dtype}: "
                "write 1.0 for 1, or use x.astype(np.float32)"
            )
        self.grad: Array = None
        self.requires_grad, self.name = requires_grad, name
        self._node: Node | None = None
        self._output = 0

    @property
    def data(self) -> Array:
        """The array itself."""
        return self._data

    @data.setter
    def data(self, array: Any) -> None:
        if isinstance(array, Tensor):
            array = array.data
        if not hasattr(array, "dtype") or is_numpy(array):
            array = np.asarray(array).view()
            array.flags.writeable = False
        if array.dtype == array_namespace(array).uint8:
            raise TypeError(
                "a Tensor of uint8 would wrap around (200 + 100 = 44): scale to float first, "
                "e.g. x.astype(np.float32) / 255"
            )
        self._data = array

    def backward(self, gradient: Array | None = None, retain_graph: bool = False) -> None:
        """Add dL/dt to `t.grad` of every leaf Tensor t that this Tensor (L) was computed from.

        `gradient` is dL/d(self) and may be left out for a single number, where it is 1.
        Raises RuntimeError without a graph, on a second call, or if `gradient` is needed.
        """
        if not self.requires_grad:
            raise RuntimeError(
                "this Tensor does not require grad and has no history: compute it from Tensors "
                "with requires_grad=True, outside no_grad(), before calling backward()"
            )
        if gradient is None:
            if math.prod(self.shape) != 1:
                raise RuntimeError(
                    f"backward() needs a gradient for an output of shape {self.shape}: only a "
                    "single number may leave it out (take .mean() or .sum() first)"
                )
            gradient = array_namespace(self.data).ones_like(self.data)
        gradient = Tensor(gradient).data
        if tuple(gradient.shape) != self.shape:
            shape = tuple(gradient.shape)
            raise RuntimeError(f"gradient has shape {shape}, expected {self.shape}")

        arrived: dict[Node, list[Array | None]] = {}  # dL/dy for each output y of a node
        newest: list[tuple[int, Node]] = []
        # What the leaves get is set at the end, so that an error changes none of them.
        leaves: dict[int, tuple[Tensor, Array]] = {}

        def deliver(tensor: Tensor, dy: Array) -> None:
            node = tensor._node
            if node is None:  # a leaf keeps a copy in its own dtype: others may hold dy too
                dy = array_namespace(dy).asarray(dy, dtype=tensor.dtype, copy=True)
                known = leaves.get(id(tensor))
                leaves[id(tensor)] = tensor, dy if known is None else known[1] + dy
                return
            if node.vjp is None:
                raise RuntimeError(
                    f"Trying to backward through {node.name} a second time: its saved arrays are "
                    "freed. Run the forward pass again, or use backward(retain_graph=True)"
                )
            if node not in arrived:
                arrived[node] = [None] * len(node.ys)
                heapq.heappush(newest, (-node.number, node))
            before = arrived[node][tensor._output]
            arrived[node][tensor._output] = dy if before is None else before + dy

        deliver(self, gradient)
        while newest:
            _, node = heapq.heappop(newest)
            if any(_fingerprint(array) != mark for array, mark in node.marks):
                raise RuntimeError(
                    f"an array that {node.name} needs for its gradient has been modified by an "
                    "inplace operation since the forward pass: write to a copy instead"
                )
            dys = arrived.pop(node)
            if not node.many:
                dxs = node.vjp(dys[0])
            else:  # outputs that the loss does not depend on have gradient 0
                xp = array_namespace(*node.ys)
                pairs = zip(node.ys, dys, strict=True)
                dxs = node.vjp(tuple(xp.zeros_like(y) if dy is None else dy for y, dy in pairs))
            inputs, name = node.inputs, node.name
            if not retain_graph:
                node.vjp, node.inputs, node.ys, node.marks = None, [], (), []
            for k, tensor in enumerate(inputs):
                if tensor is None:
                    continue
                if not isinstance(dxs, tuple) or k >= len(dxs):
                    raise ValueError(f"the pullback of {name} must return a tuple with a gradient "
                                     f"for argument {k}")  # fmt: skip
                dx = dxs[k]
                if dx is None:
                    continue
                if tuple(dx.shape) != tensor.shape:
                    raise ValueError(
                        f"{name}: the gradient of argument {k} has shape {tuple(dx.shape)}, the "
                        f"argument has {tensor.shape}: were shapes mixed, such as (N, 1) and (N,)?"
                    )
                deliver(tensor, dx)
        for leaf, dy in leaves.values():
            leaf.grad = dy if leaf.grad is None else leaf.grad + dy

    def detach(self) -> Tensor:
        """Return the same numbers without history."""
        return Tensor(self.data)

    def numpy(self) -> np.ndarray:
        """Return the numbers as a NumPy array (read-only where it shares memory)."""
        return to_numpy(self.data)

    def item(self) -> float:
        """Return the only entry as a Python number; ValueError if there are more."""
        if math.prod(self.shape) != 1:
            raise ValueError(f"item() needs one number, this Tensor has shape {self.shape}")
        return self.numpy().item()

    if TYPE_CHECKING:  # attached in functional.py

        def _operator(self, *args: Any) -> Tensor: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operator
        __truediv__ = __rtruediv__ = __matmul__ = __rmatmul__ = __pow__ = __getitem__ = _operator
        reshape = permute = sum = mean = exp = log = relu = sigmoid = tanh = _operator

        def __neg__(self) -> Tensor: ...
        def __iter__(self) -> Iterator[Tensor]: ...

        T: Tensor
        mT: Tensor

    shape = property(lambda self: tuple(self._data.shape))
    dtype = property(lambda self: self._data.dtype)
    ndim = property(lambda self: self._data.ndim)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self.numpy(), dtype=dtype)

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


def differentiable(primitive: Callable) -> Callable:
    """Lift a primitive from arrays to Tensors: same value, and its pullback goes on the tape."""

    @functools.wraps(primitive)
    def lifted(*args, **static):
        for name, value in static.items():
            if isinstance(value, Tensor):
                if value.requires_grad:
                    raise TypeError(f"{primitive.__name__}({name}=...) is a Tensor that requires "
                                    "grad: pass it by position")  # fmt: skip
                static[name] = value.data
        arrays = [a.data if isinstance(a, Tensor) else a for a in args]
        y, vjp = primitive(*arrays, **static)
        inputs = [a if isinstance(a, Tensor) and a.requires_grad else None for a in args]
        node = None
        ys = y if isinstance(y, tuple) else (y,)
        if _recording.get() and any(t is not None for t in inputs):
            node = Node(primitive.__name__, vjp, inputs, y)
            if _watching.get():
                seen = [a for a in (*arrays, *static.values(), *ys) if hasattr(a, "dtype")]
                node.marks = [(a, _fingerprint(a)) for a in seen]
        outputs = tuple(_made(node, k, y) for k, y in enumerate(ys))
        return outputs if isinstance(y, tuple) else outputs[0]

    return lifted


def _made(node: Node | None, output: int, y: Array) -> Tensor:
    tensor = Tensor(y)
    tensor._node, tensor._output, tensor.requires_grad = node, output, node is not None
    return tensor


@contextlib.contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside a `with` block: less memory, and nothing to go backward through."""
    token = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(token)


@contextlib.contextmanager
def detect_changes() -> Iterator[None]:
    """Fingerprint what each primitive is given and returns, so that `backward` notices changes.

    A Tensor's own array is read-only, but the array of a batch that you passed in is still yours.
    Slow: for finding a bug, not for training.
    """
    token = _watching.set(True)
    try:
        yield
    finally:
        _watching.reset(token)


def _fingerprint(array: Array) -> int:
    return hash(to_numpy(array).tobytes())
