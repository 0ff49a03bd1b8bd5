"""Training: one loop, with a progress bar, validation and early stopping."""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any

import numpy as np

from . import checks
from .autodiff import no_grad
from .backend import to_numpy
from .nn import Module
from .nn.module import modes_kept
from .optim import Optimizer, Schedule, clip_grad_norm

_NO_BATCHES = (
    "train gave no batches: expected (x, y) pairs, once per epoch; a generator is used up after "
    "its first"
)
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


def forward(model: Module, x: Any, state: Any, carry_state: bool) -> tuple[Any, Any]:
    """Return the model's output, and with `carry_state` its state too, cut off from its history."""
    if not carry_state:
        return model(x), None
    output, state = model(x, state)
    return output, _detached(state)


def _detached(state: Any) -> Any:
    return tuple(map(_detached, state)) if isinstance(state, tuple) else state.detach()


def batch_total(loss: Module, value: float, y: Any) -> tuple[float, int]:
    """The sum of the losses in a batch, from the number that the loss returned, and their count.

    A mean was taken over all numbers in y, such as the steps of a sequence; a sum counts examples.
    """
    if getattr(loss, "reduction", "mean") == "sum":
        return value, len(y)
    count = math.prod(np.shape(y))
    return value * count, count


def evaluate(
    model: Module,
    loss: Module,
    data: Any,
    metrics: Metrics | None = None,
    carry_state: bool = False,
) -> dict[str, float]:
    """Return the mean loss and the metrics of a model on a DataLoader or a pair (x, y).

    Metrics are functions of (y_true, output) and see the whole set at once, as NumPy arrays. The
    model is in evaluation mode meanwhile and nothing is recorded. `carry_state` as in `fit`.
    """
    total, count, state = 0.0, 0, None
    outputs, targets = [], []
    with modes_kept(model), no_grad():
        model.eval()
        for x, y in [data] if isinstance(data, tuple) else data:
            output, state = forward(model, x, state, carry_state)
            batch, n = batch_total(loss, loss(output, y).item(), y)
            total, count = total + batch, count + n
            if metrics:
                outputs.append(output.numpy())
                targets.append(to_numpy(y))
    result = {"loss": total / count}
    if metrics:
        y_true, y_pred = np.concatenate(targets), np.concatenate(outputs)
        result |= {name: float(f(y_true, y_pred)) for name, f in metrics.items()}
    return result


def train_epoch(
    model: Module,
    loss: Module,
    optimizer: Optimizer,
    batches: Iterable,
    clip: float | None = None,
    carry_state: bool = False,
    after_batch: Callable[[], Any] = lambda: None,
) -> float:
    """Train on every batch (x, y) once and return the mean loss per example.

    `clip` bounds the joint norm of the gradients, `carry_state` is as in `fit`. Raises
    NonFiniteError, before anything is changed, if the loss is not finite.
    """
    model.train()
    total, count, state = 0.0, 0, None
    for batch in batches:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise TypeError(f"train gave a {type(batch).__name__}: expected pairs (x, y), as from "
                            "DataLoader((x, y), ...)")  # fmt: skip
        x, y = batch
        output, state = forward(model, x, state, carry_state)
        L = loss(output, y)
        if not math.isfinite(L.item()):
            raise checks.NonFiniteError(
                f"step {optimizer.t + 1}: loss is {L.item()}, lr={optimizer.lr:g}: expected a "
                "finite number; try a smaller learning rate, or clip=1.0"
            )
        optimizer.zero_grad()
        L.backward()  # back
        if clip is not None:
            clip_grad_norm(optimizer.params, clip)
        optimizer.step()  # move
        batch_loss, n = batch_total(loss, L.item(), y)
        total, count = total + batch_loss, count + n
        after_batch()
    if not count:
        raise ValueError(_NO_BATCHES)
    return total / count


def fit(
    model: Module,
    loss: Module,
    optimizer: Optimizer,
    train: Any,
    *,
    epochs: int,
    validation: Any = None,
    metrics: Metrics | None = None,
    schedule: Schedule | None = None,
    patience: int | None = None,
    clip: float | None = None,
    carry_state: bool = False,
    progress: bool = True,
) -> History:
    """Train a model and return its History.

    Each epoch goes once through `train`, a DataLoader, a list of batches or one pair (x, y). With
    `validation` (the same) the loss and the `metrics` are measured there after each epoch; with
    `patience` training stops after that many epochs without a better validation loss, and the
    best weights are put back. `schedule` sets the learning rate, `clip` bounds the gradients.
    With `carry_state` the model is called as model(x, state), returns (output, state), and each
    batch goes on from the state that the one before left, without its history (truncated
    backpropagation through time): for the batches of a SequenceLoader. An epoch begins with None.
    Ctrl-C ends training early and keeps what was learnt. Raises NonFiniteError, naming the step.
    """
    epochs = checks.positive_int("epochs", epochs)
    if patience is not None:
        patience = checks.positive_int("patience", patience)
    for name, value in (("patience", patience), ("metrics", metrics)):
        if value and validation is None:
            raise ValueError(f"{name}={value} needs validation=(x, y) to be measured on")
    train = [train] if isinstance(train, tuple) else train
    model.parameters()  # gives the parameters their names, for messages
    history, best, best_state = History(), math.inf, None
    bar = _progress_bar(epochs * len(train) if isinstance(train, Sized) else None, progress)
    try:
        for epoch in range(1, epochs + 1):
            row = {
                "loss": train_epoch(model, loss, optimizer, train, clip, carry_state, bar.update)
            }
            if validation is not None:
                measured = evaluate(model, loss, validation, metrics, carry_state)
                row |= {f"val_{name}": value for name, value in measured.items()}
            history.append(row)
            bar.set_postfix({name: f"{value:.4g}" for name, value in row.items()})
            if schedule is not None:
                schedule.step()
            if row.get("val_loss", math.inf) < best:
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


class RangeTest(History):
    """What `lr_range_test` measured, one entry a step: `lr` and `loss`."""

    def plot(self, *names: str, ax: Any = None) -> Any:
        """Draw the loss over the learning rate and return the axes."""
        from .plot import range_test

        return range_test(self["lr"], self["loss"], ax=ax)


def lr_range_test(
    model: Module,
    loss: Module,
    optimizer: Optimizer,
    train: Any,
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
) -> RangeTest:
    """Train for `steps` batches while lr grows from `low` to `high`, and see where the loss falls.

    lr_t = low (high / low)**(t / (steps - 1)). Stops early where the loss is four times the best
    so far, or not finite. Weights, buffers and the optimizer are then put back as they were. A
    good learning rate lies somewhat below the one at which the loss begins to rise. Smith 2017.
    """
    low = checks.number("low", low, 0, include_low=False)
    high = checks.number("high", high, low, include_low=False)
    steps = checks.positive_int("steps", steps, low=2)
    train = [train] if isinstance(train, tuple) else train
    state, before = model.state_dict(), (optimizer.lr, optimizer.t, copy.deepcopy(optimizer.state))
    result, best = RangeTest(lr=[], loss=[]), math.inf
    with modes_kept(model):
        try:
            for k, batch in zip(range(steps), _again_and_again(train), strict=False):
                optimizer.lr = low * (high / low) ** (k / (steps - 1))
                try:
                    value = train_epoch(model, loss, optimizer, [batch])
                except checks.NonFiniteError:
                    if k == 0:
                        raise
                    break
                result.append({"lr": optimizer.lr, "loss": value})
                best = min(best, value)
                if value > 4 * best:
                    break
        finally:
            optimizer.lr, optimizer.t, optimizer.state = before
            model.load_state_dict(state)
            model.zero_grad()
    return result


def _again_and_again(train: Iterable) -> Iterator[Any]:
    while True:
        empty = True
        for batch in train:
            empty = False
            yield batch
        if empty:
            raise ValueError(_NO_BATCHES)


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
