"""The one file that knows that array libraries other than NumPy exist.

The primitives are written in the Array API standard (https://data-apis.org/array-api), so one text
runs on NumPy arrays, on torch tensors (CPU or GPU) and on anything else that keeps the standard.
What the standard lacks stands here: one function each, tested equal on every library.
"""

import contextlib
import math
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

_NUMPY = (np.ndarray, np.generic)
Array = Any  # an array of any library that keeps the Array API standard

# Limits such as exp(-1e30) = 0 are meant, not accidents: the primitives that reach them say so.
saturating = np.errstate(over="ignore", under="ignore", divide="ignore")


@contextlib.contextmanager
def switched(variable: ContextVar, value: Any) -> Iterator[None]:
    """Set a variable inside a `with` block, in this thread only."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


class ReadOnly(np.ndarray):
    """An array that others rely on: who writes into it is told what to write instead.

    What is computed from it is a plain array, and a copy may be written to.
    """

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return np.asarray(array)[()] if return_scalar else np.asarray(array)

    def _in_place(name: str) -> Any:  # type: ignore[misc]
        def write(self: Any, *given: Any) -> Any:
            if self.flags.writeable:  # a copy
                return getattr(super(), name)(*given)
            raise ValueError("the data of a Tensor is read-only, as a graph may still need it: "
                             "write w.data = w.data - lr * w.grad, or change a copy")  # fmt: skip

        return write

    __setitem__, __iadd__, __isub__ = map(_in_place, ("__setitem__", "__iadd__", "__isub__"))
    __imul__, __itruediv__ = map(_in_place, ("__imul__", "__itruediv__"))

    def __repr__(self) -> str:
        return repr(np.asarray(self))


def array_namespace(*arrays: Array) -> Any:
    """Return the library of `arrays`, a module with the names of the Array API standard."""
    found = [a for a in arrays if not isinstance(a, _NUMPY) and hasattr(a, "dtype")]
    if not found:
        return np  # NumPy 2 keeps the standard itself
    import array_api_compat  # 100 ms to import, and needed only beside other libraries

    return array_api_compat.array_namespace(*found)


def is_numpy(x: Array) -> bool:
    """Whether `x` is an array (or scalar) of NumPy."""
    return isinstance(x, _NUMPY)


def is_torch(x: Array) -> bool:
    """Whether `x` is a torch tensor; never imports torch."""
    return type(x).__module__.split(".")[0] == "torch"


def to(array: Array, like: Array) -> Array:
    """Return `array` in the library, on the device and in the floating dtype of `like`."""
    if is_numpy(like):
        return np.array(to_numpy(array), dtype=like.dtype)
    xp = array_namespace(like)
    return xp.asarray(np.array(to_numpy(array)), dtype=like.dtype, device=like.device)


def to_numpy(array: Array) -> np.ndarray:
    """Return `array` as a NumPy array, copied to the CPU if it lives elsewhere."""
    if is_torch(array):
        return array.detach().cpu().numpy()
    if is_numpy(array) or not hasattr(array, "to_device"):
        return np.asarray(array)
    return np.from_dlpack(array)


def is_floating(x: Array) -> bool:
    """Whether the dtype of `x` is a real floating-point type."""
    return bool(array_namespace(x).isdtype(x.dtype, "real floating"))


def take(x: Array, rows: np.ndarray) -> Array:
    """Return the rows x[rows] as a new array, whatever library `x` belongs to."""
    xp = array_namespace(x)
    return xp.take(x, xp.asarray(rows, device=x.device), axis=0)


def astype(x: Array, dtype: Any) -> Array:
    """Return `x` in a dtype that may be NumPy's or have the same name in the library of `x`."""
    xp = array_namespace(x)
    if is_numpy(x):
        dtype = np.dtype(dtype)
    elif isinstance(dtype, type | str | np.dtype):
        dtype = getattr(xp, np.dtype(dtype).name)
    return xp.astype(x, dtype)


def contiguous(x: Array) -> Array:
    """Return `x` in rows, as a product likes it best: a transposed view is copied."""
    if is_torch(x):
        return x.contiguous()
    return np.ascontiguousarray(x) if is_numpy(x) else x


def erfc(x: Array) -> Array:
    """Return 1 - erf(x) for every entry, with all its digits (the standard and NumPy have none)."""
    if is_torch(x):
        return x.erfc()
    xp = array_namespace(x)
    # math.erfc is exact and costs some 60 ns an entry; SciPy would be a dependency for one function.
    values = [math.erfc(v) for v in to_numpy(x).ravel().tolist()]
    return xp.reshape(xp.asarray(values, dtype=x.dtype, device=x.device), x.shape)


def finite_at_a_glance(x: Array) -> bool:
    """Whether the sum of squares is finite: then all entries are. One pass, no temporary."""
    xp = array_namespace(x)
    # In the order of memory: flattening a transposed view in its own order would copy it.
    flat = x.ravel(order="K") if is_numpy(x) else xp.reshape(x, (-1,))
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(xp.isfinite(flat @ flat))


def keep(x: Array, mask: Array) -> Array:
    """Return x where `mask` is true and 0 elsewhere.

    A product with the mask is ten times faster than `where`, whose branches a processor guesses
    wrong; but infinity times 0 is NaN, so whatever is not finite goes through `where` after all.
    """
    xp = array_namespace(x)
    with np.errstate(over="ignore", invalid="ignore"):
        kept = x * xp.astype(mask, x.dtype)
    return kept if finite_at_a_glance(kept) else xp.where(mask, x, 0.0)


def _is_integer_array(x: Array, index: Any) -> bool:
    return hasattr(index, "dtype") and array_namespace(x).isdtype(index.dtype, "integral")


def gather(x: Array, index: Any) -> Array:
    """Return x[index]; the standard picks rows by an integer array with `take` only."""
    if is_numpy(x) or is_torch(x) or not _is_integer_array(x, index):
        return x[index]
    return array_namespace(x).take(x, index, axis=0)


def scatter_add(x: Array, index: Any, dy: Array) -> Array:
    """Return zeros of the shape of `x` with `dy` added at `index`: repeated entries add up."""
    xp = array_namespace(x)
    dx = xp.zeros_like(x)
    parts = index if isinstance(index, tuple) else (index,)
    if all(part is None or part is ... or isinstance(part, slice | int) for part in parts):
        dx[index] = dy  # names no entry twice
    elif is_numpy(x):
        np.add.at(dx, index, dy)
    elif is_torch(x):
        import torch

        places = torch.arange(x.numel(), device=x.device).reshape(x.shape)[index]
        dx.view(-1).index_add_(0, places.reshape(-1), dy.reshape(-1))
    elif _is_integer_array(x, index):
        for position in range(index.shape[0]):
            dx[int(index[position]), ...] += dy[position, ...]
    else:
        dx[index] = dy  # a mask names no entry twice either
    return dx


def sliding(x: Array, windows: list[slice]) -> Array:
    """Return the slices `windows` of the first axis, (count, len(windows), ...): each is the one
    before moved on by the same distance. On NumPy and torch nothing is copied.
    """
    first, step = windows[0], windows[0].step
    far = windows[1].start - first.start if len(windows) > 1 else 1
    count = (first.stop - first.start - 1) // step + 1
    shape = (count, len(windows), *x.shape[1:])
    if is_torch(x):
        strides = x.stride()
        return x.as_strided(shape, (step * strides[0], far * strides[0], *strides[1:]))
    if is_numpy(x):
        strides = (step * x.strides[0], far * x.strides[0], *x.strides[1:])
        return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)
    return array_namespace(x).stack([x[w, ...] for w in windows], axis=1)


# The C library of Linux hands large blocks back to the system as soon as they are free, and getting
# them anew costs a page fault for each 4 kB: a fifth of an LSTM's training step. Freeing one block of
# nearly 32 MB makes it keep blocks up to that size from then on (mallopt(3), M_MMAP_THRESHOLD). The
# second one is of the memory that is kept, for which NumPy then asks for pages of 2 MB: fewer
# addresses to look up, a tenth of a step.
if sys.platform == "linux":
    for _ in range(2):
        np.empty(32 * 2**20 - 65536, "u1")
