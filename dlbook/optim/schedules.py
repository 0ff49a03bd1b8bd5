"""Schedules: the learning rate as a function of the epochs (or steps) done."""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import checks
from .optimizers import Optimizer

__all__ = [
    "CosineAnnealingLR", "ExponentialLR", "LambdaLR", "LinearLR", "MultiStepLR", "OneCycleLR",
    "ReduceLROnPlateau", "Schedule", "SequentialLR", "StepLR",
]  # fmt: skip


class Schedule:
    """Sets the learning rates as a function of the epochs done: call `step()` after each.

    Each group goes on from the rate that it began with. Only one schedule may step an optimizer;
    several in a row are a SequentialLR. Warns if it steps before the optimizer has.
    """

    def __init__(self, optimizer: Optimizer):
        self.optimizer, self.last_epoch = optimizer, 0
        self.base_lr = optimizer.groups[0].initial_lr
        self._set(0)

    def lr_at(self, epoch: int) -> float:
        """Return the learning rate after `epoch` epochs, for one that began with `base_lr`."""
        raise NotImplementedError

    def _set(self, epoch: int) -> None:
        for group in reversed(self.optimizer.groups):  # base_lr is the first one's in the end
            self.base_lr = group.initial_lr
            lr = self.lr_at(epoch)
            group.lr = checks.number(f"{type(self).__name__}: lr", lr, "[0, inf)")

    def step(self) -> None:
        """Count one epoch and set the learning rates."""
        other = self.optimizer.schedule
        if other is not None and other is not self:
            raise RuntimeError(f"this optimizer already follows a {type(other).__name__}, whose "
                               "rates a second schedule would overwrite: put them in a row with "
                               "SequentialLR, or multiply them in one LambdaLR")  # fmt: skip
        if self.last_epoch == 0 and self.optimizer.t == 0:
            warnings.warn("schedule.step() before the first optimizer.step(): the first learning rate "
                          "is skipped; step the schedule after the epoch", stacklevel=2)  # fmt: skip
        self.optimizer.schedule = self
        self._set(self.last_epoch + 1)
        self.last_epoch += 1

    def state_dict(self) -> dict[str, Any]:
        """Return what the schedule counts and measures, without its settings."""
        return {name: getattr(self, name) for name in self.counts}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned; the learning rates are the optimizer's state."""
        vars(self).update(checks.same_state(self.state_dict(), state))
        self.optimizer.schedule = self

    counts: tuple[str, ...] = ("last_epoch",)


class StepLR(Schedule):
    """Multiply the learning rate by `gamma` every `step_size` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1):
        self.step_size = checks.positive_int("step_size", step_size)
        self.gamma = checks.number("gamma", gamma, "[0, inf)")
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """lr gamma**floor(epoch / step_size)."""
        return self.base_lr * self.gamma ** (epoch // self.step_size)


class ExponentialLR(Schedule):
    """Multiply the learning rate by `gamma` every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float):
        self.gamma = checks.number("gamma", gamma, "[0, inf)")
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """lr gamma**epoch."""
        return self.base_lr * self.gamma**epoch


class LinearLR(Schedule):
    """Go from `start_factor` lr to `end_factor` lr in `total_iters` epochs: a warm-up."""

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5):
        self.start_factor = checks.number("start_factor", start_factor, "[0, inf)")
        self.end_factor = checks.number("end_factor", end_factor, "[0, inf)")
        self.total_iters = checks.positive_int("total_iters", total_iters)
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """lr times the factor, in equal steps until epoch `total_iters`, then constant."""
        share = min(epoch / self.total_iters, 1.0)
        return self.base_lr * ((1 - share) * self.start_factor + share * self.end_factor)


class LambdaLR(Schedule):
    """Multiply the learning rate by any function of the epochs done."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float]):
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """lr lr_lambda(epoch)."""
        return self.base_lr * checks.number(f"lr_lambda({epoch})", self.lr_lambda(epoch))


class CosineAnnealingLR(Schedule):
    """Fall from lr to `eta_min` along half a cosine over `T_max` epochs."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0):
        self.T_max = checks.positive_int("T_max", T_max)
        self.eta_min = checks.number("eta_min", eta_min, "[0, inf)")
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """eta_min + (lr - eta_min) (1 + cos(pi epoch / T_max)) / 2."""
        wave = (1 + math.cos(math.pi * epoch / self.T_max)) / 2
        return self.eta_min + (self.base_lr - self.eta_min) * wave


class MultiStepLR(Schedule):
    """Multiply the learning rate by `gamma` at each of the epochs `milestones`."""

    def __init__(self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1):
        self.milestones = sorted(checks.positive_int("milestones", m) for m in milestones)
        self.gamma = checks.number("gamma", gamma, "[0, inf)")
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """lr gamma**(milestones passed)."""
        return self.base_lr * self.gamma ** sum(m <= epoch for m in self.milestones)


class OneCycleLR(Schedule):
    """Up from max_lr / div_factor to max_lr, then down to nearly 0, along half cosines (Smith 2018).

    `total_steps` counts the calls of `step`, which belong after each batch.
    """

    def __init__(
        self, optimizer: Optimizer, max_lr: float, total_steps: int, *, pct_start: float = 0.3,
        div_factor: float = 25.0, final_div_factor: float = 1e4,
    ):  # fmt: skip
        self.max_lr = checks.number("max_lr", max_lr, "(0, inf)")
        self.total_steps = checks.positive_int("total_steps", total_steps, low=2)
        self.pct_start = checks.number("pct_start", pct_start, "(0, 1)")
        self.start = self.max_lr / checks.number("div_factor", div_factor, "(0, inf)")
        self.end = self.start / checks.number("final_div_factor", final_div_factor, "(0, inf)")
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """A half cosine up to step pct_start total_steps - 1, another one down to the last."""
        if epoch >= self.total_steps:
            raise ValueError(f"step {epoch} of a cycle of {self.total_steps} steps: expected "
                             "fewer calls")  # fmt: skip
        top = self.pct_start * self.total_steps - 1
        if epoch <= top:
            a, b, share = self.start, self.max_lr, epoch / top
        else:
            a, b, share = self.max_lr, self.end, (epoch - top) / (self.total_steps - 1 - top)
        return b + (a - b) * (1 + math.cos(math.pi * share)) / 2


class SequentialLR(Schedule):
    """One schedule after the other, such as a warm-up and then a decay: they change at `milestones`."""

    def __init__(self, optimizer, schedulers, milestones):
        self.milestones = [0, *(checks.positive_int("milestones", m) for m in milestones)]
        self.schedulers = list(schedulers)
        one_each = len(self.milestones) == len(self.schedulers)
        if not one_each or sorted(self.milestones) != self.milestones:
            raise ValueError(f"{milestones=} for {len(self.schedulers)} schedulers: expected one fewer, "
                             "in order")  # fmt: skip
        if any(s.optimizer is not optimizer for s in self.schedulers):
            raise ValueError("schedulers: expected all of them to be made for this optimizer")
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """What the schedule whose turn it is gives for the epochs since its milestone."""
        k = max(k for k, m in enumerate(self.milestones) if m <= epoch)
        self.schedulers[k].base_lr = self.base_lr
        return self.schedulers[k].lr_at(epoch - self.milestones[k])


class ReduceLROnPlateau(Schedule):
    """Multiply the rates by `factor` after more than `patience` epochs without a better measure.

    Better: lower (mode "min") or higher ("max") by the part `threshold`. `fit` hands `step` the
    validation loss, or the training loss without one.
    """

    counts = ("last_epoch", "best", "waited")

    def __init__(self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4):
        self.sign = {"min": 1, "max": -1}[checks.choice("mode", mode, ("min", "max"))]
        self.factor = checks.number("factor", factor, "(0, 1)")
        self.patience = checks.positive_int("patience", patience, low=0)
        self.threshold = checks.number("threshold", threshold, "[0, inf)")
        self.best, self.waited = math.inf, 0
        super().__init__(optimizer)

    def _set(self, epoch: int) -> None:
        """The rates depend on what was measured."""

    def step(self, measure: float) -> None:  # type: ignore[override]
        """Count one epoch, whose measure it is given."""
        super().step()
        value = self.sign * checks.number("measure", measure)
        if value < self.best - self.threshold * abs(self.best) or self.best == math.inf:
            self.best, self.waited = value, 0
            return
        self.waited += 1
        if self.waited > self.patience:
            self.waited = 0
            for group in self.optimizer.groups:
                group.lr = group.lr * self.factor
