"""Optimizers: a step is w <- w - lr * direction(g), and each rule is its own `direction`.

The base class owns the loop, the step count t and the state of every parameter. Nothing is written
into a parameter's array: each step assigns a new one, so that a graph recorded before stays true.
"""

import copy
import math
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import checks
from ..autodiff import Tensor
from ..backend import Array, array_namespace, to

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "clip_grad_norm"]


class Group:
    """Parameters that share a learning rate and a weight decay."""

    def __init__(self, params: Any, lr: float, weight_decay: float):
        self.params = checks.leaves(params)
        self.lr = self.initial_lr = lr  # schedules start from initial_lr
        self.weight_decay = checks.number("weight_decay", weight_decay, "[0, inf)")

    @property
    def lr(self) -> float:
        """The learning rate: a finite number of at least 0."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = checks.number("lr", value, "[0, inf)")


class Optimizer:
    """The loop that every rule shares.

    `params` are the Tensors to change, or groups of them, each a dict: {"params": [...], "lr": 0.1,
    "weight_decay": 0.0}. Raises ValueError for an empty list, a Tensor listed twice or a setting out
    of range, RuntimeError for a step without gradients, and NonFiniteError, before anything is
    changed, if a gradient or a new parameter has NaN or infinite entries.
    """

    memory: tuple[str, ...] = ()  # what a rule keeps for each parameter beside t, 0 at the start
    decoupled = False  # weight decay goes through the gradient, except in AdamW

    def __init__(self, params: Iterable, lr: float, weight_decay: float = 0.0):
        self.groups = _grouped(params, {"lr": lr, "weight_decay": weight_decay})
        self.params = [p for group in self.groups for p in group.params]
        checks.leaves(self.params)  # none stands in two groups
        self.t = 0
        zeros = dict.fromkeys(self.memory, 0.0)
        self.state = [SimpleNamespace(t=0, **zeros) for _ in self.params]
        self.schedule: Any = None  # the one that sets the learning rates, once it has begun

    @property
    def lr(self) -> float:
        """The learning rate, of the first group if there are several; to set it sets all."""
        return self.groups[0].lr

    @lr.setter
    def lr(self, value: float) -> None:
        for group in self.groups:
            group.lr = value

    def direction(self, g: Array, s: SimpleNamespace) -> Array:
        """Return what is subtracted, lr times, for gradient g; s is this parameter's state."""
        raise NotImplementedError

    def step(self) -> None:
        """Move every parameter that has a gradient: all of them, or after an error none."""
        new = []
        for k, p, group in self._with_gradient():
            w, g, s = p.data, p.grad, copy.copy(self.state[k])
            s.t += 1
            if group.weight_decay and self.decoupled:
                w = w * (1 - group.lr * group.weight_decay)
            elif group.weight_decay:
                g = g + group.weight_decay * w
            move = self.direction(g, s) * -group.lr
            move += w  # in the array just made: one temporary less
            new.append((k, p, move, s))
        self._take(new)

    def _with_gradient(self) -> list[tuple[int, Tensor, Group]]:
        """The parameters to move, with their number and group; raise if a gradient is of no use."""
        of_group = [group for group in self.groups for _ in group.params]
        numbered = enumerate(zip(self.params, of_group, strict=True))
        moved = [(k, p, g) for k, (p, g) in numbered if p.grad is not None and p.requires_grad]
        if not moved:
            raise RuntimeError("no parameter has a gradient: call loss.backward() before step(), "
                               "and zero_grad() before backward(); was the loss computed from "
                               "this optimizer's parameters?")  # fmt: skip
        for k, p, _ in moved:
            checks.gradient(f"step {self.t + 1}: grad of {self._name(k)}", p)
        return moved

    def _take(self, new: list[tuple[int, Tensor, Array, SimpleNamespace]]) -> None:
        for k, _, w, _ in new:
            checks.all_finite(f"step {self.t + 1}: {self._name(k)} after the step", w)
        for k, p, w, s in new:
            p.data, self.state[k] = w, s
        self.t += 1

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients."""
        for p in self.params:
            p.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Return everything that the next step depends on besides the parameters, as copies."""
        rates = [{"lr": g.lr, "initial_lr": g.initial_lr} for g in self.groups]
        return {"t": self.t, "groups": rates, "state": [copy.deepcopy(vars(s)) for s in self.state]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned; CheckpointError if it is of another optimizer."""
        own = [{"t": 0} | dict.fromkeys(self.memory, p.data) for p in self.params]
        checks.same_state(self.state_dict() | {"state": own}, state)
        self.t = int(state["t"])
        for group, rates in zip(self.groups, state["groups"], strict=True):
            group.lr, group.initial_lr = rates["lr"], rates["initial_lr"]
        for k, (p, s) in enumerate(zip(self.params, state["state"], strict=True)):
            like = {name: to(v, p.data) if np.ndim(v) else v for name, v in s.items()}
            self.state[k] = SimpleNamespace(**like)

    def _name(self, k: int) -> str:
        return self.params[k].name or f"params[{k}] {self.params[k].shape}"


def _grouped(params: Any, settings: dict[str, float]) -> list[Group]:
    """One group, or those that are given as dicts, each with the settings that it has of its own."""
    params = params if isinstance(params, Tensor) else list(params)
    one = isinstance(params, Tensor) or not any(isinstance(p, dict) for p in params)
    groups = [{"params": params}] if one else params
    for k, group in enumerate(groups):
        keys = set(group) if isinstance(group, dict) else {type(group).__name__}
        if "params" not in keys or keys - {"params", *settings}:
            raise TypeError(f"group {k} is {sorted(keys)}: expected a dict with params and, if they "
                            "differ, lr and weight_decay; other settings hold for all groups")  # fmt: skip
    return [Group(**(settings | group)) for group in groups]


class SGD(Optimizer):
    """Gradient descent, with momentum (Polyak 1964) or Nesterov's (1983): v <- momentum v + g."""

    memory = ("v",)

    def __init__(
        self, params: Iterable, lr: float = 1e-3, momentum: float = 0.0, *,
        weight_decay: float = 0.0, nesterov: bool = False,
    ):  # fmt: skip
        super().__init__(params, lr, weight_decay)
        self.momentum = checks.number("momentum", momentum, "[0, 1)")
        self.nesterov = checks.flag("nesterov", nesterov)
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
        self, params: Iterable, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
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
        self, params: Iterable, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0.0,
    ):  # fmt: skip
        super().__init__(params, lr, weight_decay)
        if not isinstance(betas, tuple | list) or len(betas) != 2:
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

    def __init__(
        self, params: Iterable, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 1e-2,
    ):  # fmt: skip
        super().__init__(params, lr, betas, eps, weight_decay)


def clip_grad_norm(params: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients together so that their joint norm is at most `max_norm`.

    Returns the norm before. Raises NonFiniteError if a gradient has NaN or infinite entries.
    """
    max_norm = checks.number("max_norm", max_norm, "(0, inf)")
    params = [params] if isinstance(params, Tensor) else params
    numbered = [(k, p) for k, p in enumerate(params) if p.grad is not None]
    for k, p in numbered:
        checks.gradient(f"grad of {p.name or f'params[{k}]'}", p)
    with_grad = [p for _, p in numbered]
    squares = (array_namespace(p.grad).sum(p.grad * p.grad) for p in with_grad)
    norm = math.sqrt(sum(float(s) for s in squares))
    if math.isinf(norm):
        raise checks.NonFiniteError("norm of all gradients is inf: expected finite squares")
    if norm > max_norm:
        for p in with_grad:
            p.grad = p.grad * (max_norm / (norm + 1e-6))  # PyTorch's 1e-6
    return norm
