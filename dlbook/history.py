"""What training shows for itself: the History, its curves, the bar while it runs."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import Any


class History(dict):
    """What `fit` measured: a list with one number per epoch under each name.

    `loss` is the mean over the epoch's batches while the weights were still moving; `val_...` is
    measured after the epoch. `best_epoch` counts from 1.
    """

    best_epoch: int | None = None
    stopped: str = ""

    def append(self, row: Mapping[str, float]) -> None:
        """Add one epoch."""
        for name, value in row.items():
            self.setdefault(name, []).append(value)

    def plot(self, *names: str, ax: Any = None) -> Any:
        """Draw the curves over the epochs (all of them, or those named) and return the axes."""
        from .plot import curves

        return curves(self, *names, ax=ax)

    def __repr__(self) -> str:
        rows = ["epoch  " + "  ".join(f"{name:>12}" for name in self)]
        for epoch, values in enumerate(zip(*self.values(), strict=True), 1):
            mark = " *" if epoch == self.best_epoch else ""
            rows.append(f"{epoch:5d}  " + "  ".join(f"{v:12.4g}" for v in values) + mark)
        return "\n".join(rows + ([self.stopped] if self.stopped else []))


class RangeTest(History):
    """What `lr_range_test` measured, one entry a step: `lr` and `loss`."""

    def plot(self, *names: str, ax: Any = None) -> Any:
        """Draw the loss over the learning rate and return the axes."""
        from .plot import range_test

        return range_test(self["lr"], self["loss"], ax=ax)


def bar(**settings: Any) -> Any:
    """A bar of tqdm on stderr, gone when it is closed; None where tqdm is missing."""
    try:
        from tqdm.std import tqdm  # text only: the notebook widget needs a package of its own
    except ImportError:  # as in the browser
        return None
    return tqdm(file=sys.stderr, leave=False, mininterval=0.2, **settings)


class Progress:
    """A bar on stderr that counts batches; nothing where it is not wanted or tqdm is missing."""

    def __init__(self, batches: Iterable, epochs: int, wanted: bool = True) -> None:
        total = epochs * len(batches) if isinstance(batches, Sized) else None
        self.bar = bar(total=total, unit="batch") if wanted else None

    def over(self, batches: Iterable) -> Iterator[Any]:
        """Yield the batches; each counts when the next is asked for."""
        for batch in batches:
            yield batch
            if self.bar is not None:
                self.bar.update()

    def tell(self, row: Mapping[str, float]) -> None:
        """Show the numbers of an epoch behind the bar."""
        if self.bar is not None:
            self.bar.set_postfix({name: f"{value:.4g}" for name, value in row.items()})

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.close()
