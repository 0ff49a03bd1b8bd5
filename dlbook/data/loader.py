"""Mini-batches: the examples in a new order each epoch, cut into pieces of `batch_size`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import checks
from ..backend import Array, array_namespace
from ..init import generator


class DataLoader:
    """Iterate over a dataset in batches; each `for` loop over it is one epoch.

    dataset: an array (N, ...), or a tuple of arrays of the same length N, such as (x, y).
    Yields a batch (batch_size, ...) of each; the last one is smaller unless `drop_last`.
    Without `shuffle` a batch is a view of the dataset: writing into it writes into the dataset.
    transform: called as transform(x, rng) with the first array of each batch, such as those of
    `data.transforms`; it draws from the same `rng` as the order.
    Raises ValueError or TypeError for a bad batch_size, unequal lengths, no examples, and uint8.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: np.random.Generator | int | None = None,
        transform: Callable[[Any, np.random.Generator], Any] | None = None,
    ) -> None:
        if transform is not None and not callable(transform):
            raise TypeError(f"transform={transform!r}: expected a function of (x, rng)")
        if isinstance(dataset, list):
            raise TypeError("dataset is a list: expected an array, or a tuple of arrays (x, y)")
        parts = dataset if isinstance(dataset, tuple) else (dataset,)
        names = [f"dataset[{i}]" for i in range(len(parts))] if parts is dataset else ["dataset"]
        self.dataset = dataset
        self.batch_size = checks.positive_int("batch_size", batch_size)
        self.shuffle, self.drop_last, self.transform = shuffle, drop_last, transform
        # None stays None, so that a later manual_seed counts; a seed becomes one Generator here,
        # or every epoch would start from it again and have the same order.
        self._rng = None if rng is None else generator(rng)
        self._arrays = [_ready(name, part) for name, part in zip(names, parts, strict=True)]
        self._n = same_length(names, self._arrays)
        if len(self) == 0:
            raise ValueError(
                f"batch_size={batch_size} with drop_last=True leaves no batch of {self._n} "
                f"examples: expected at most {self._n}"
            )

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        full, rest = divmod(self._n, self.batch_size)
        return full if self.drop_last or rest == 0 else full + 1

    def __iter__(self) -> Iterator[Any]:
        rng = generator(self._rng)
        order = rng.permutation(self._n) if self.shuffle else None
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            stop = min(start + self.batch_size, self._n)
            if order is None:
                batch = tuple(a[start:stop, ...] for a in self._arrays)  # a slice copies nothing
            else:
                batch = tuple(take(a, order[start:stop]) for a in self._arrays)
            if self.transform is not None:
                batch = (self.transform(batch[0], rng), *batch[1:])
            yield batch if isinstance(self.dataset, tuple) else batch[0]


def take(a: Array, index: np.ndarray) -> Array:
    """Return the rows `a[index]` as a new array, whatever library `a` belongs to."""
    xp = array_namespace(a)
    return xp.take(a, xp.asarray(index, device=a.device), axis=0)


def same_length(names: Sequence[str], arrays: Sequence[Array]) -> int:
    """Return N if every array has N > 0 examples along its first axis, else raise ValueError."""
    for name, a in zip(names, arrays, strict=True):
        if len(a.shape) == 0:
            raise TypeError(f"{name} is a single number: expected an array with one row an example")
        if a.shape[0] != arrays[0].shape[0]:
            raise ValueError(
                f"{names[0]} has {arrays[0].shape[0]} examples, {name} has {a.shape[0]}: "
                "expected the same number"
            )
    if len(arrays) == 0 or arrays[0].shape[0] == 0:
        raise ValueError(
            f"{names[0] if names else 'dataset'} is empty: expected at least 1 example"
        )
    return int(arrays[0].shape[0])


def _ready(name: str, part: Any) -> Array:
    """Return an array of native numbers; raise TypeError for uint8, whose sums wrap at 256."""
    part = checks.native(name, part)
    if str(part.dtype).endswith("uint8"):
        raise TypeError(
            f"{name} has dtype uint8, in which 200 + 100 = 44: expected pictures as "
            "x.astype(np.float32) / 255, labels as y.astype(np.int64)"
        )
    return part
