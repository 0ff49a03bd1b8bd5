"""Training: a step, an epoch of steps, and `fit`, with validation and early stopping."""

import contextlib
import copy
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from . import checks
from .autodiff import Tensor, no_grad
from .backend import to_numpy
from .checkpoint import load, save
from .history import History as History
from .history import Progress, RangeTest
from .nn import Module
from .nn.module import modes_kept
from .optim import Optimizer, ReduceLROnPlateau, Schedule, clip_grad_norm

Metrics = Mapping[str, Callable[[np.ndarray, np.ndarray], float]]


def train_step(model, loss, optimizer, x, y, clip=None):
    """Take one step on a batch and return its loss.

    `clip` bounds the joint norm of the gradients. Raises NonFiniteError, before a parameter is
    changed, if the loss, a gradient or a new parameter is not finite.
    """
    L = loss(model(x), y)  # forward
    _finite(L.item(), optimizer)
    optimizer.zero_grad()
    L.backward()  # back
    if clip is not None:
        clip_grad_norm(optimizer.params, clip)
    optimizer.step()  # move
    return L.item()


@contextlib.contextmanager
def all_or_nothing(model: Module, optimizer: Optimizer) -> Iterator[None]:
    """Put parameters, buffers and the optimizer back if a `with` block ends in an error or Ctrl-C.

    That costs no copies: a step makes new arrays and leaves the old ones as they are.
    """
    before = [(m, name, v, getattr(v, "data", v)) for _, m, name, v in model._places()]
    t, state = optimizer.t, list(optimizer.state)
    try:
        yield
    except BaseException:
        for module, name, value, array in before:
            if isinstance(value, Tensor):
                value.data = array
            else:
                setattr(module, name, array)
        optimizer.t, optimizer.state = t, state
        raise


def _finite(loss: float, optimizer: Optimizer) -> None:
    if not math.isfinite(loss):
        ours = isinstance(optimizer, Optimizer)  # torch's have neither t nor lr
        when, lr = (f"step {optimizer.t + 1}: ", f", lr={optimizer.lr:g}") if ours else ("", "")
        raise checks.NonFiniteError(f"{when}loss is {loss}{lr}: expected a finite number; try a "
                                    "smaller learning rate, or clip=1.0")  # fmt: skip


def train_epoch(model, loss, optimizer, batches, clip=None):
    """Train on every batch (x, y) once and return the mean loss per example.

    After an error all is as it was after the last good step.
    """
    model.train()
    total, count = 0.0, 0
    for x, y in checks.batches("train", batches):
        with all_or_nothing(model, optimizer):
            value = train_step(model, loss, optimizer, x, y, clip)
        value, n = batch_total(loss, value, y)
        total, count = total + value, count + n
    return total / count


def batch_total(loss: Module, value: float, y: Any) -> tuple[float, int]:
    """The sum of the losses in a batch, from the number that the loss returned, and their count.

    A mean was taken over all numbers in y, such as the steps of a sequence; a sum counts examples.
    """
    if getattr(loss, "reduction", "mean") == "sum":
        return value, len(y)
    count = math.prod(np.shape(y))
    return value * count, count


def evaluate(model, loss, data, metrics=None):
    """Return the mean loss and the metrics of a model on a DataLoader or a pair (x, y).

    Metrics are functions of (y_true, output) and see the whole set at once, as NumPy arrays. The
    model is in evaluation mode meanwhile and nothing is recorded.
    """
    total, count = 0.0, 0
    outputs, targets = [], []
    with modes_kept(model), no_grad():
        model.eval()
        for x, y in checks.batches("data", data):
            output = model(x)
            value, n = batch_total(loss, loss(output, y).item(), y)
            total, count = total + value, count + n
            if metrics:
                outputs.append(output.numpy())
                targets.append(to_numpy(y))
    result = {"loss": total / count}
    if metrics:
        y_true, y_pred = np.concatenate(targets), np.concatenate(outputs)
        result |= {name: float(f(y_true, y_pred)) for name, f in metrics.items()}
    return result


def predict(model: Module, x: Any, batch_size: int = 256) -> np.ndarray:
    """Return the outputs of a model for all rows of x (N, ...), as a NumPy array.

    In evaluation mode, without recording, `batch_size` rows at a time; the modes are kept.
    """
    batch_size = checks.positive_int("batch_size", batch_size)
    n = checks.same_length(["x"], [x if hasattr(x, "shape") else np.asarray(x)])
    with modes_kept(model), no_grad():
        model.eval()
        starts = range(0, n, batch_size)
        return np.concatenate([model(x[k : k + batch_size]).numpy() for k in starts])


class Carry(Module):
    """A model that goes on from the state in which the batch before left it.

    For a model that is called as model(x) or model(x, state) and returns (output, state), and the
    batches of a SequenceLoader: `fit(Carry(model), ...)`. Carry is called as carry(x) and returns
    the output. The state is kept without its history (truncated backpropagation through time), and
    forgotten by `train()` and `eval()`, with which an epoch and an evaluation begin.
    """

    def __init__(self, model: Module):
        self.model = model
        self._state: tuple = ()  # or (state,), as arrays

    def train(self, mode: bool = True) -> Module:
        """Forget the state and switch the mode."""
        self._state = ()
        return super().train(mode)

    def forward(self, x: Any) -> Any:
        """Return the output, and keep the state."""
        output, state = self.model(x, *self._state)
        self._state = (_arrays(state),)
        return output


def _arrays(state: Any) -> Any:
    return tuple(map(_arrays, state)) if isinstance(state, tuple) else state.data


def fit(
    model: Module, loss: Module, optimizer: Optimizer, train: Any, *, epochs: int,
    validation: Any = None, metrics: Metrics | None = None, schedule: Schedule | None = None,
    patience: int | None = None, clip: float | None = None,
    checkpoint: str | os.PathLike | None = None, progress: bool = True,
) -> History:  # fmt: skip
    """Train a model and return its History.

    Each epoch goes once through `train`, a DataLoader, a list of batches or one pair (x, y). With
    `validation` (the same) the loss and the `metrics` are measured there after each epoch; with
    `patience` training stops after that many epochs without a better validation loss, and the
    best weights are put back. `schedule` sets the learning rate, `clip` bounds the gradients.
    `checkpoint` names a file that is written after each epoch; if it is there, training goes on from
    it and ends as if it had never stopped. The model is left in training mode: call `model.eval()`
    before you use it. Ctrl-C ends training early and keeps what was learnt. An error leaves
    everything as it was after the last good step, the best weights put back, with the History so far
    as its attribute `history`; NonFiniteError names the step.
    """
    epochs = checks.positive_int("epochs", epochs)
    if patience is not None:
        patience = checks.positive_int("patience", patience)
    for name, value in (("patience", patience), ("metrics", metrics)):
        if value and validation is None:
            raise ValueError(f"{name}={value} needs validation=(x, y) to be measured on")
    checks.flag("progress", progress)
    train = [train] if isinstance(train, tuple) else train
    _same_parameters(model, loss, optimizer)
    history, best, best_state = History(), math.inf, None
    parts = {"model": model, "optimizer": optimizer, "schedule": schedule, "train": train}
    parts = {name: part for name, part in parts.items() if hasattr(part, "state_dict")}
    if checkpoint is not None and os.path.exists(checkpoint):
        saved = load(checkpoint, **parts)
        history, best, best_state = History(saved["history"]), saved["best"], saved["best_state"]
        history.best_epoch, history.stopped = saved["best_epoch"], saved["stopped"]
    epoch = done = len(history.get("loss", ()))
    bar = Progress(train, epochs - done, progress)
    try:
        for epoch in range(done + 1, 0 if history.stopped else epochs + 1):
            row = {"loss": train_epoch(model, loss, optimizer, bar.over(train), clip)}
            if validation is not None:
                measured = evaluate(model, loss, validation, metrics)
                row |= {f"val_{name}": value for name, value in measured.items()}
            if not all(math.isfinite(row[name]) for name in row if name.endswith("loss")):
                raise checks.NonFiniteError(f"epoch {epoch}: val_loss is {row['val_loss']}")
            history.append(row)
            bar.tell(row)
            if isinstance(schedule, ReduceLROnPlateau):
                schedule.step(row.get("val_loss", row["loss"]))
            elif schedule is not None:
                schedule.step()
            if row.get("val_loss", math.inf) < best:
                best, history.best_epoch = row["val_loss"], epoch
                best_state = model.state_dict() if patience else None
            elif patience and epoch - (history.best_epoch or 0) >= patience:
                history.stopped = f"stopped: no better val_loss for {patience} epochs"
            if checkpoint is not None:
                save(checkpoint, **parts, history=dict(history), best=best, best_state=best_state,
                     best_epoch=history.best_epoch, stopped=history.stopped)  # fmt: skip
            if history.stopped:
                break
    except KeyboardInterrupt:
        history.stopped = f"interrupted in epoch {epoch}"
    except BaseException as error:
        history.stopped = f"{type(error).__name__} in epoch {epoch}"
        error.history = history  # type: ignore[attr-defined]
        raise
    finally:
        bar.close()
        if best_state is not None:
            model.load_state_dict(best_state)
    return history


def _same_parameters(model: Module, loss: Module, optimizer: Optimizer) -> None:
    """The optimizer must move what the loss is computed from."""
    known = {id(p) for m in (model, loss) if isinstance(m, Module) for p in m.parameters()}
    for k, p in enumerate(optimizer.params):
        if id(p) not in known:
            raise ValueError(f"the optimizer's params[{k}] {p.shape} is no parameter of this model: make "
                             "the optimizer from model.parameters()")  # fmt: skip


def lr_range_test(
    model: Module, loss: Module, optimizer: Optimizer, train: Any, *, low: float = 1e-6,
    high: float = 10.0, steps: int = 100,
) -> RangeTest:  # fmt: skip
    """Train for `steps` batches while lr grows from `low` to `high`, and see where the loss falls.

    lr_t = low (high / low)**(t / (steps - 1)). Stops early where the loss is four times the best
    so far, or not finite. Weights, buffers and the optimizer are then put back as they were. A
    good learning rate lies somewhat below the one at which the loss begins to rise. Smith 2017.
    """
    low = checks.number("low", low, "(0, inf)")
    high = checks.number("high", high, f"({low:g}, inf)")
    steps = checks.positive_int("steps", steps, low=2)
    state, before = model.state_dict(), (optimizer.t, copy.deepcopy(optimizer.state))
    rates = [group.lr for group in optimizer.groups]
    result, best = RangeTest(lr=[], loss=[]), math.inf
    with modes_kept(model):
        model.train()
        try:
            for k, (x, y) in zip(range(steps), _again_and_again(train), strict=False):
                optimizer.lr = low * (high / low) ** (k / (steps - 1))
                try:
                    value = train_step(model, loss, optimizer, x, y)
                except checks.NonFiniteError:
                    if k == 0:
                        raise
                    break
                value, n = batch_total(loss, value, y)
                result.append({"lr": optimizer.lr, "loss": value / n})
                best = min(best, value / n)
                if value / n > 4 * best:
                    break
        finally:
            optimizer.t, optimizer.state = before
            for group, rate in zip(optimizer.groups, rates, strict=True):
                group.lr = rate
            model.load_state_dict(state)
            model.zero_grad()
    return result


def _again_and_again(train: Iterable) -> Iterator[Any]:
    while True:
        yield from checks.batches("train", train)
