"""Mini-batches: the examples in a new order each epoch, cut into pieces of `batch_size`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .. import checks
from ..backend import Array, take
from ..rng import generator, kept


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
        *,
        drop_last: bool = False,
        rng: np.random.Generator | int | None = None,
        transform: Callable[[Any, np.random.Generator], Any] | None = None,
    ) -> None:
        if transform is not None and not callable(transform):
            raise TypeError(f"transform={transform!r}: expected a function of (x, rng)")
        if isinstance(dataset, list):
            raise TypeError("dataset is a list: expected an array, or a tuple of arrays (x, y)")
        self.dataset, self._alone = dataset, not isinstance(dataset, tuple)
        parts = (dataset,) if self._alone else dataset
        names = ["dataset"] if self._alone else [f"dataset[{i}]" for i in range(len(parts))]
        if getattr(batch_size, "shape", ()):
            raise TypeError("batch_size is an array: expected one tuple, DataLoader((x, y), 32)")
        self.batch_size = checks.positive_int("batch_size", batch_size)
        self.shuffle = checks.flag("shuffle", shuffle)
        self.drop_last, self.transform = checks.flag("drop_last", drop_last), transform
        self._rng = kept(rng)
        self._arrays = [_ready(name, part) for name, part in zip(names, parts, strict=True)]
        self._n = checks.same_length(names, self._arrays)
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
            yield self._given(batch, rng)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of its generator, from which the next epoch's order comes."""
        return {"rng": None if self._rng is None else self._rng.bit_generator.state}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        if (state["rng"] is None) != (self._rng is None):
            raise checks.CheckpointError(
                "one of the two loaders has an rng of its own, the other has not"
            )
        if self._rng is not None:
            self._rng.bit_generator.state = state["rng"]

    def _given(self, batch: tuple[Array, ...], rng: np.random.Generator) -> Any:
        """Change the first array, if wanted; a dataset of one array gives it by itself."""
        if self.transform is not None:
            batch = (self.transform(batch[0], rng), *batch[1:])
        return batch[0] if self._alone else batch


def _ready(name: str, part: Any) -> Array:
    """Return an array of native numbers; raise TypeError for uint8, whose sums wrap at 256."""
    part = checks.native(name, part)
    if str(part.dtype).endswith("uint8"):
        raise TypeError(f"{name} has dtype uint8, in which 200 + 100 = 44: expected pictures as "
                        "x.astype(np.float32) / 255, labels as y.astype(np.int64)")  # fmt: skip
    return part
