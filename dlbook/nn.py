"""Layers and losses as objects: they own the state and check the shapes of what comes in.

In a Module, a Tensor attribute is a parameter, a plain array a buffer, a Module a child. Names,
arguments and defaults are those of torch.nn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from . import checks, init
from . import functional as F
from .autodiff import Tensor
from .backend import Array, array_namespace, is_floating, is_numpy, is_torch, to, to_numpy
from .checks import CheckpointError


class Module:
    """Something with parameters that maps Tensors to Tensors. Subclasses define `forward`."""

    training = True

    def forward(self, *inputs: Any) -> Any:
        """Compute the output."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(self, x)")

    def __call__(self, *inputs: Any) -> Any:
        return self.forward(*inputs)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the Modules among the attributes; TypeError for Modules hidden in a list."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            inside = value.values() if isinstance(value, dict) else value
            if isinstance(value, list | tuple | dict) and any(
                isinstance(v, Module | Tensor) for v in inside
            ):
                raise TypeError(
                    f"{type(self).__name__}.{name} is a {type(value).__name__} of modules or "
                    "Tensors, which training would not find: use Sequential or attributes"
                )

    def _named(self, kind: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
        for name, value in vars(self).items():
            if isinstance(value, kind) or (kind is not Tensor and is_torch(value)):
                yield prefix + name, value
        for name, child in self.named_children():
            yield from child._named(kind, f"{prefix}{name}.")

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield each parameter once, with its path; the Tensor learns its name for messages."""
        seen: set[int] = set()
        for name, p in self._named(Tensor):
            if id(p) not in seen:
                seen.add(id(p))
                p.name = name
                yield name, p

    def parameters(self) -> list[Tensor]:
        """Return the parameters, each once."""
        return [p for _, p in self.named_parameters()]

    def num_parameters(self) -> int:
        """Return how many numbers training may change."""
        return sum(math.prod(p.shape) for p in self.parameters())

    def train(self, mode: bool = True) -> Module:
        """Switch this module and its children to training mode."""
        self.training = mode
        for _, child in self.named_children():
            child.train(mode)
        return self

    def eval(self) -> Module:
        """Switch this module and its children to evaluation mode."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for p in self.parameters():
            p.grad = None

    def to(self, like: Any) -> Module:
        """Convert parameters and buffers to the library, device and dtype of the array `like`.

        A dtype also does: `model.to(np.float64)`.
        """
        for module, name, value in list(self._places()):
            data = value.data if isinstance(value, Tensor) else value
            if hasattr(like, "shape") and not isinstance(like, type):  # an array
                data = to(data, like)
            else:
                dtype = np.dtype(like) if is_numpy(data) else like
                data = array_namespace(data).astype(data, dtype)
            if isinstance(value, Tensor):
                value.data, value.grad = data, None
            else:
                setattr(module, name, data)
        return self

    def double(self) -> Module:
        """Convert to float64, for checks that need exact gradients."""
        return self.to(np.float64)

    def _places(self) -> Iterator[tuple[Module, str, Any]]:
        """Every parameter and buffer with the module and the attribute that hold it."""
        for name, value in vars(self).items():
            if isinstance(value, Tensor | np.ndarray) or is_torch(value):
                yield self, name, value
        for _, child in self.named_children():
            yield from child._places()

    def _state(self) -> dict[str, Any]:
        return {**dict(self._named(Tensor)), **dict(self._named(np.ndarray))}

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of all parameters and buffers, as NumPy arrays under PyTorch's names."""
        arrays = {k: v.data if isinstance(v, Tensor) else v for k, v in self._state().items()}
        return {name: np.array(to_numpy(array)) for name, array in arrays.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set all parameters and buffers, or none: CheckpointError lists every difference."""
        own = self.state_dict()
        new = {name: to_numpy(value) for name, value in state.items()}
        wrong = [f"missing: {name} {a.shape}" for name, a in own.items() if name not in new]
        wrong += [f"unexpected: {name} {a.shape}" for name, a in new.items() if name not in own]
        for name in own.keys() & new.keys():
            if own[name].shape != new[name].shape:
                wrong.append(f"{name}: shape {new[name].shape}, expected {own[name].shape}")
            elif own[name].dtype != new[name].dtype:
                wrong.append(f"{name}: dtype {new[name].dtype}, expected {own[name].dtype}")
        if wrong:
            raise CheckpointError("the state does not fit, nothing was loaded:\n  "
                                  + "\n  ".join(sorted(wrong)))  # fmt: skip
        paths = {id(v): k for k, v in self._state().items()}
        for module, attribute, value in list(self._places()):
            array = new[paths[id(value)]]
            if isinstance(value, Tensor):
                value.data = to(array, value.data)
            else:
                setattr(module, attribute, to(array, value))

    def extra_repr(self) -> str:
        """Say what stands between the brackets of the repr."""
        return ""

    def __repr__(self) -> str:
        name, children = type(self).__name__, list(self.named_children())
        n = self.num_parameters()
        count = f"  # {n:,} parameters" if n else ""
        if not children:
            return f"{name}({self.extra_repr()}){count}"
        lines = [f"  ({k}): " + repr(child).replace("\n", "\n  ") for k, child in children]
        return "\n".join([f"{name}({count}", *lines, ")"])


class Sequential(Module):
    """Modules one after the other: the output of each is the input of the next."""

    def __init__(self, *modules: Module):
        for k, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(f"Sequential argument {k} is {module!r}: expected a Module")
            setattr(self, str(k), module)

    def forward(self, x: Any) -> Tensor:
        """Apply all modules in order."""
        for module in self:
            x = module(x)
        return x

    def __iter__(self) -> Iterator[Module]:
        return (module for _, module in self.named_children())

    def __len__(self) -> int:
        return len(list(self.named_children()))

    def __getitem__(self, k: int) -> Module:
        return list(self)[k]


def as_tensor(name: str, x: Any, like: Array | None = None) -> Tensor:
    """The door of every layer: a floating Tensor, rounded to the dtype of the parameters `like`."""
    if not isinstance(x, Tensor):
        return Tensor(checks.floating(name, x, like))
    data = checks.floating(name, x.data, like)
    if data.dtype == x.dtype:
        return x
    if x.requires_grad:
        raise TypeError(f"{name} is a Tensor of {x.dtype} with a history, the layer has "
                        f"{data.dtype}: use the same dtype throughout")  # fmt: skip
    return Tensor(data)


# --- Layers -------------------------------------------------------------------------------------


class Linear(Module):
    """z = W x + b over the last axis: (..., in_features) -> (..., out_features).

    `weight` is (out, in) and `bias` (out,), both drawn from U(-1/sqrt(in), 1/sqrt(in)) as in
    PyTorch. float64 input to a float32 layer is rounded; integers are refused.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: np.random.Generator | None = None,
    ):
        n_in = checks.positive_int("in_features", in_features)
        n_out = checks.positive_int("out_features", out_features)
        rng = init.generator(rng)
        self.weight = Tensor(init.torch_linear(rng, (n_out, n_in), n_in, dtype), True)
        self.bias = Tensor(init.torch_linear(rng, (n_out,), n_in, dtype), True) if bias else None

    def forward(self, x: Any) -> Tensor:
        """Return W x + b for every row x."""
        W, b = self.weight, self.bias
        x = as_tensor("input", x, W.data)
        checks.last_axis(f"Linear({W.shape[1]}→{W.shape[0]})", x, W.shape[1])
        arrays = (x, W) if b is None else (x, W, b)
        return F.linear(*arrays, need_dx=x.requires_grad)

    def extra_repr(self) -> str:
        """in → out."""
        n_out, n_in = self.weight.shape
        return f"{n_in} → {n_out}" + (", bias=False" if self.bias is None else "")


class Flatten(Module):
    """Join all axes from `start_dim` on: (N, C, H, W) -> (N, C H W)."""

    def __init__(self, start_dim: int = 1):
        self.start_dim = checks.positive_int("start_dim", start_dim, low=0)

    def forward(self, x: Any) -> Tensor:
        """Return x with its last axes joined."""
        x = as_tensor("input", x)
        kept = x.shape[: self.start_dim]
        return F.reshape(x, shape=(*kept, math.prod(x.shape[self.start_dim :])))


class ReLU(Module):
    """a = max(x, 0)."""

    def forward(self, x: Any) -> Tensor:
        """Return max(x, 0)."""
        return F.relu(as_tensor("input", x))


class LeakyReLU(Module):
    """a = x where x > 0, else negative_slope x."""

    def __init__(self, negative_slope: float = 0.01):
        self.negative_slope = checks.number("negative_slope", negative_slope)

    def forward(self, x: Any) -> Tensor:
        """Return x where positive, negative_slope x elsewhere."""
        return F.leaky_relu(as_tensor("input", x), negative_slope=self.negative_slope)


class Sigmoid(Module):
    """a = 1 / (1 + e**-x)."""

    def forward(self, x: Any) -> Tensor:
        """Return the probability that belongs to the logit x."""
        return F.sigmoid(as_tensor("input", x))


class Tanh(Module):
    """a = tanh x."""

    def forward(self, x: Any) -> Tensor:
        """Return tanh x."""
        return F.tanh(as_tensor("input", x))


class GELU(Module):
    """a = x Phi(x); approximate="tanh" is the form GPT-2 uses."""

    def __init__(self, approximate: str = "none"):
        if approximate not in ("none", "tanh"):
            raise ValueError(f"approximate={approximate!r}: expected 'none' or 'tanh'")
        self.approximate = approximate

    def forward(self, x: Any) -> Tensor:
        """Return x Phi(x)."""
        return F.gelu(as_tensor("input", x), approximate=self.approximate)


class Softmax(Module):
    """Turn logits into probabilities along `dim`. CrossEntropyLoss wants the logits themselves."""

    _function = staticmethod(F.softmax)

    def __init__(self, dim: int = -1):
        self.dim = dim

    def forward(self, x: Any) -> Tensor:
        """Return the probabilities; NonFiniteError for NaN, ValueError for a row all -inf."""
        x = as_tensor("logits", x)
        checks.no_nan("logits", x.data)
        checks.some_finite("logits", x.data, self.dim)
        return self._function(x, axis=self.dim)


class LogSoftmax(Softmax):
    """Logarithms of the softmax probabilities along `dim`."""

    _function = staticmethod(F.log_softmax)


# --- Losses: (prediction, target) -> one number ------------------------------------------------


class _Loss(Module):
    def __init__(self, reduction: str = "mean"):
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction={reduction!r}: expected 'mean' or 'sum'")
        self.reduction = reduction

    def _pair(self, name: str, x: Any, target: Any) -> tuple[Tensor, Tensor]:
        """Check prediction and target of one shape; the target takes the prediction's dtype."""
        x = as_tensor(name, x)
        if not isinstance(target, Tensor) or not target.requires_grad:
            target = checks.native("target", target.data if isinstance(target, Tensor) else target)
            target = Tensor(array_namespace(target).astype(target, x.dtype))  # integers are fine
        checks.same_shape(name, x, "target", target)
        if self.reduction == "mean":
            checks.not_empty(x)
        return x, target


class MSELoss(_Loss):
    """L = mean of (input - target)**2; both of one shape."""

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; ValueError unless the shapes are equal."""
        return F.mse_loss(*self._pair("input", x, target), reduction=self.reduction)


class BCELoss(_Loss):
    """L = mean of -(y ln p + (1 - y) ln(1 - p)) for probabilities p; logarithms stop at -100."""

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; ValueError for anything outside 0..1."""
        x, target = self._pair("input", x, target)
        checks.probabilities("input", x.data)
        checks.probabilities("target", target.data)
        return F.binary_cross_entropy(x, target, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Binary cross-entropy of p = sigmoid(logits), exact for logits of any size."""

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; NonFiniteError for NaN or infinite logits."""
        x, target = self._pair("logits", x, target)
        checks.all_finite("logits", x.data)
        checks.probabilities("target", target.data)
        return F.binary_cross_entropy_with_logits(x, target, reduction=self.reduction)


class CrossEntropyLoss(_Loss):
    """L = mean of -ln softmax(logits)[target].

    Logits are (N, C). Targets are integer labels (N,) in 0..C-1, or probabilities / one-hot rows
    (N, C) of floats. Do not apply softmax first: the loss does.
    """

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the loss; IndexError, TypeError or ValueError for targets that do not fit."""
        x = as_tensor("logits", x)
        if x.ndim != 2:
            raise ValueError(f"logits have shape {x.shape}: expected (N, C)")
        target = checks.native("target", target.data if isinstance(target, Tensor) else target)
        if target.ndim == 2 and target.shape[1] == x.shape[1] and is_floating(target):
            target = checks.floating("target (N, C)", target, x.data)
            checks.probabilities("target", target)
        else:
            checks.labels("target", target, x.shape[1])
            if target.ndim != 1:
                raise TypeError(f"target has dtype {target.dtype} and shape {tuple(target.shape)}: "
                                f"expected integer class labels {x.shape[:1]}, or float one-hot "
                                f"rows {x.shape}")  # fmt: skip
        if target.shape[0] != x.shape[0]:
            raise ValueError(f"Expected input batch_size ({x.shape[0]}) to match target batch_size "
                             f"({target.shape[0]}).")  # fmt: skip
        if self.reduction == "mean":
            checks.not_empty(x)
        checks.no_nan("logits", x.data)
        checks.some_finite("logits", x.data)
        return F.cross_entropy(x, target, reduction=self.reduction)
