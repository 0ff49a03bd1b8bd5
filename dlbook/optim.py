"""Optimizers: a step is w <- w - lr * direction(g), and each rule is its own `direction`.

The base class owns the loop, the step count t and the state of every parameter. Nothing is written
into a parameter's array: each step assigns a new one, so that a graph recorded before stays true.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from . import checks
from .autodiff import Tensor
from .backend import Array, array_namespace


class Optimizer:
    """The loop that every rule shares.

    `params` are the Tensors to change. Raises ValueError for an empty list, a Tensor listed twice
    or a setting out of range, RuntimeError for a step without gradients, and NonFiniteError, before
    anything is changed, if a gradient has NaN or infinite entries.
    """

    memory: tuple[str, ...] = ()  # what a rule keeps for each parameter beside t, 0 at the start
    decoupled = False  # weight decay goes through the gradient, except in AdamW

    def __init__(self, params: Iterable[Tensor], lr: float, weight_decay: float = 0.0):
        self.params = checks.leaves(params)
        self.lr = lr
        self.weight_decay = checks.number("weight_decay", weight_decay, "[0, inf)")
        self.t = 0
        zeros = dict.fromkeys(self.memory, 0.0)
        self.state = [SimpleNamespace(t=0, **zeros) for _ in self.params]

    @property
    def lr(self) -> float:
        """The learning rate: a finite number of at least 0."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = checks.number("lr", value, "[0, inf)")

    def direction(self, g: Array, s: SimpleNamespace) -> Array:
        """Return what a step moves along, downhill, for gradient g; s is this parameter's state."""
        raise NotImplementedError

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        moved = [(p, s) for p, s in zip(self.params, self.state, strict=True) if p.grad is not None]
        if not moved:
            raise RuntimeError(
                "no parameter has a gradient: call loss.backward() before step(), and zero_grad() "
                "before backward()"
            )
        for p, _ in moved:
            where = f"{p.name or self._place(p)}"
            checks.all_finite(f"step {self.t + 1}: grad of {where}", p.grad)
        self.t += 1
        for p, s in moved:
            w, g, s.t = p.data, p.grad, s.t + 1
            if self.weight_decay and self.decoupled:
                w = w * (1 - self.lr * self.weight_decay)
            elif self.weight_decay:
                g = g + self.weight_decay * w
            p.data = w - self.lr * self.direction(g, s)

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for p in self.params:
            p.grad = None

    def _place(self, p: Tensor) -> str:
        k = next(k for k, q in enumerate(self.params) if q is p)
        return f"params[{k}] {p.shape}"


class SGD(Optimizer):
    """Gradient descent, with momentum (Polyak 1964) or Nesterov's (1983): v <- momentum v + g."""

    memory = ("v",)

    def __init__(
        self, params: Iterable[Tensor], lr: float = 1e-3, momentum: float = 0.0,
        weight_decay: float = 0.0, nesterov: bool = False,
    ):  # fmt: skip
        super().__init__(params, lr, weight_decay)
        self.momentum = checks.number("momentum", momentum, "[0, 1)")
        self.nesterov = nesterov
        if nesterov and not momentum:
            raise ValueError(f"nesterov=True with momentum={momentum!r}: expected momentum > 0")

    def direction(self, g: Array, s: SimpleNamespace) -> Array:
        """Return g, v, or g + momentum v."""
        if not self.momentum:
            return g
        s.v = self.momentum * s.v + g
        return g + self.momentum * s.v if self.nesterov else s.v


class RMSprop(Optimizer):
    """g / (sqrt(v) + eps), v the running mean of g**2 (Tieleman and Hinton 2012)."""

    memory = ("v", "d")

    def __init__(
        self, params: Iterable[Tensor], lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
        weight_decay: float = 0.0, momentum: float = 0.0,
    ):  # fmt: skip
        super().__init__(params, lr, weight_decay)
        self.alpha = checks.number("alpha", alpha, "[0, 1)")
        self.eps = checks.number("eps", eps, "[0, inf)")
        self.momentum = checks.number("momentum", momentum, "[0, 1)")

    def direction(self, g: Array, s: SimpleNamespace) -> Array:
        """Return the gradient in units of its recent size."""
        s.v = self.alpha * s.v + (1 - self.alpha) * (g * g)
        d = g / (array_namespace(g).sqrt(s.v) + self.eps)
        if not self.momentum:
            return d
        s.d = self.momentum * s.d + d
        return s.d


class Adam(Optimizer):
    """m / (sqrt(v) + eps): running means of g and g**2, corrected for starting at 0.

    Kingma and Ba, "Adam: a method for stochastic optimization", 2015.
    """

    memory = ("m", "v")

    def __init__(
        self, params: Iterable[Tensor], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0.0,
    ):  # fmt: skip
        super().__init__(params, lr, weight_decay)
        if len(betas) != 2:
            raise ValueError(f"betas={betas!r}: expected two numbers in [0, 1)")
        self.betas = tuple(checks.number(f"betas[{k}]", b, "[0, 1)") for k, b in enumerate(betas))
        self.eps = checks.number("eps", eps, "[0, inf)")

    def direction(self, g: Array, s: SimpleNamespace) -> Array:
        """Return the mean gradient in units of its root mean square."""
        beta1, beta2 = self.betas
        s.m = beta1 * s.m + (1 - beta1) * g
        s.v = beta2 * s.v + (1 - beta2) * (g * g)
        m, v = s.m / (1 - beta1**s.t), s.v / (1 - beta2**s.t)
        return m / (array_namespace(g).sqrt(v) + self.eps)


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights directly (Loshchilov and Hutter 2019)."""

    decoupled = True

    def __init__(self, params: Iterable[Tensor], lr: float = 1e-3, weight_decay: float = 1e-2,
                 **settings: Any):  # fmt: skip
        super().__init__(params, lr, weight_decay=weight_decay, **settings)


class Schedule:
    """Sets `optimizer.lr` as a function of the epochs done: call `step()` after each."""

    def __init__(self, optimizer: Optimizer):
        self.optimizer, self.base_lr, self.last_epoch = optimizer, optimizer.lr, 0
        self.optimizer.lr = self.lr_at(0)

    def lr_at(self, epoch: int) -> float:
        """Return the learning rate after `epoch` epochs."""
        raise NotImplementedError

    def step(self) -> None:
        """Count one epoch and set the learning rate."""
        self.last_epoch += 1
        self.optimizer.lr = self.lr_at(self.last_epoch)


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

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ):
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
        return self.base_lr * self.lr_lambda(epoch)


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


def clip_grad_norm(params: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients together so that their joint norm is at most `max_norm`.

    Returns the norm before. Raises NonFiniteError if a gradient has NaN or infinite entries.
    """
    max_norm = checks.number("max_norm", max_norm, "(0, inf)")
    params = [params] if isinstance(params, Tensor) else params
    with_grad = [p for p in params if p.grad is not None]
    for k, p in enumerate(with_grad):
        checks.all_finite(f"grad of {p.name or f'params[{k}]'}", p.grad)
    squares = (array_namespace(p.grad).sum(p.grad * p.grad) for p in with_grad)
    norm = math.sqrt(sum(float(s) for s in squares))
    if math.isinf(norm):
        raise checks.NonFiniteError("norm of all gradients is inf: expected finite squares")
    if norm > max_norm:
        for p in with_grad:
            p.grad = p.grad * (max_norm / (norm + 1e-6))  # PyTorch's 1e-6
    return norm
