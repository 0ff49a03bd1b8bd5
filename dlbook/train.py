"""Training: one loop, with a progress bar, validation and early stopping."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any

import numpy as np

from . import checks
from .autodiff import no_grad
from .backend import to_numpy
from .data import DataLoader
from .nn import Module
from .optim import Optimizer, Schedule, clip_grad_norm

Metrics = Mapping[str, Callable[[np.ndarray, np.ndarray], float]]


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


def evaluate(
    model: Module, loss: Module, data: Any, metrics: Metrics | None = None
) -> dict[str, float]:
    """Return the mean loss and the metrics of a model on a DataLoader or a pair (x, y).

    Metrics are functions of (y_true, output) and see the whole set at once, as NumPy arrays. The
    model is in evaluation mode meanwhile and nothing is recorded.
    """
    training = model.training
    model.eval()
    total, outputs, targets = 0.0, [], []
    try:
        with no_grad():
            for x, y in [data] if isinstance(data, tuple) else data:
                output = model(x)
                total += loss(output, y).item() * len(y)
                outputs.append(output.numpy())
                targets.append(to_numpy(y))
    finally:
        model.train(training)
    y_true, output = np.concatenate(targets), np.concatenate(outputs)
    result = {"loss": total / len(y_true)}
    return result | {name: float(f(y_true, output)) for name, f in (metrics or {}).items()}


def fit(
    model: Module,
    loss: Module,
    optimizer: Optimizer,
    train: DataLoader | Iterable,
    *,
    epochs: int,
    validation: Any = None,
    metrics: Metrics | None = None,
    schedule: Schedule | None = None,
    patience: int | None = None,
    clip: float | None = None,
    progress: bool = True,
) -> History:
    """Train a model and return its History.

    Each epoch goes once through `train`, an iterable of (x, y) batches. With `validation` (a pair
    or a DataLoader) the loss and the `metrics` are measured there after each epoch; with `patience`
    training stops after that many epochs without a better validation loss, and the best weights are
    put back. `clip` bounds the joint gradient norm. Ctrl-C ends training early and keeps what was
    learnt so far. Raises NonFiniteError, naming the step, as soon as the loss is not finite.
    """
    epochs = checks.positive_int("epochs", epochs)
    if patience is not None:
        patience = checks.positive_int("patience", patience)
        if validation is None:
            raise ValueError(f"patience={patience} needs validation=(x, y) to watch")
    model.parameters()  # names the parameters for messages
    history, best, best_state, step = History(), math.inf, None, 0
    bar = _progress_bar(epochs * len(train) if isinstance(train, Sized) else None, progress)
    try:
        for epoch in range(1, epochs + 1):
            model.train()
            total = count = 0
            for x, y in train:
                step += 1
                batch_loss = loss(model(x), y)
                value = batch_loss.item()
                if not math.isfinite(value):
                    raise checks.NonFiniteError(
                        f"step {step}: loss is {value}, lr={optimizer.lr:g}: expected a finite "
                        "number; try a smaller learning rate, or clip=1.0"
                    )
                optimizer.zero_grad()
                batch_loss.backward()
                if clip is not None:
                    clip_grad_norm(optimizer.params, clip)
                optimizer.step()
                total, count = total + value * len(y), count + len(y)
                bar.update()
            if not count:
                raise ValueError("train is empty: expected batches (x, y), once per epoch; "
                                 "a generator is used up after the first")  # fmt: skip
            row = {"loss": total / count}
            if validation is not None:
                measured = evaluate(model, loss, validation, metrics)
                row |= {f"val_{name}": value for name, value in measured.items()}
            history.append(row)
            bar.set_postfix({name: f"{value:.4g}" for name, value in row.items()})
            if schedule is not None:
                schedule.step()
            if validation is not None and row["val_loss"] < best:
                best, history.best_epoch = row["val_loss"], epoch
                best_state = model.state_dict() if patience else None
            elif patience and epoch - (history.best_epoch or 0) >= patience:
                history.stopped = f"stopped: no better val_loss for {patience} epochs"
                break
    except KeyboardInterrupt:
        history.stopped = f"interrupted in epoch {epoch}"
    finally:
        bar.close()
    if best_state is not None:
        model.load_state_dict(best_state)
    return history


class _NoBar:
    """Stands in where tqdm is not installed, as in the browser."""

    def update(self) -> None:
        pass

    close = update

    def set_postfix(self, values: Mapping[str, str]) -> None:
        pass


def _progress_bar(total: int | None, wanted: bool) -> Any:
    if not wanted:
        return _NoBar()
    try:
        from tqdm.std import tqdm  # text only: the notebook widget needs a package of its own
    except ImportError:
        return _NoBar()
    return tqdm(total=total, unit="batch", file=sys.stderr, leave=False, mininterval=0.2)
