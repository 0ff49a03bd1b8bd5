"""Module: what has parameters, and a door for what comes in."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .. import checks
from ..autodiff import Tensor
from ..backend import Array, astype, is_floating, to, to_numpy

__all__ = ["Module", "Parameter"]

Entrance = tuple[tuple, dict[str, Any]]  # positional and keyword arguments


class Module:
    """Something with parameters that maps Tensors to Tensors. Subclasses define `forward`.

    A layer of the package declares in `takes` the shape of its input, such as "N in_channels H W":
    a name that is an attribute fixes the size of its axis. `door` checks it before `forward`; where
    nothing is declared, as in a module of your own, everything goes through.
    """

    training = True
    takes: str | None = None
    _buffers: frozenset[str] = frozenset()

    def forward(self, *inputs: Any) -> Any:
        """Compute the output."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(self, x)")

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        if self.takes is not None:
            inputs, settings = self.door(*inputs, **settings)
        return self.forward(*inputs, **settings)

    def door(self, x: Any, *others: Any, **settings: Any) -> Entrance:
        """Return what `forward` is called with; raise TypeError or ValueError for what is wrong."""
        return (self.checked("input", x), *others), settings

    def checked(self, name: str, x: Any, like: Tensor | Array = None) -> Tensor:
        """Return x as a floating Tensor of the shape that `takes` says, in the dtype of `like`.

        `like` is the module's `weight` unless given.
        """
        like = getattr(self, "weight", None) if like is None else like
        x = checks.tensor(name, x, like.data if isinstance(like, Tensor) else like)
        checks.shape(self, name, x.shape, self.takes or "...", vars(self))
        return x

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the Modules among the attributes; TypeError for Modules hidden in a list."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif not isinstance(value, Tensor) and _hides(value):
                raise TypeError(f"{type(self).__name__}.{name} is a {type(value).__name__} of "
                                "modules or Tensors, which training would not find: use "
                                "Sequential or attributes")  # fmt: skip

    def children(self) -> Iterator[Module]:
        """Yield the Modules among the attributes."""
        return (child for _, child in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Yield this module and all modules inside it, each with its path; its own is empty."""
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """Yield this module and all modules inside it."""
        return (module for _, module in self.named_modules())

    def _places(self) -> Iterator[tuple[str, Module, str, Any]]:
        """Every parameter and buffer: its path, the module and the attribute that hold it."""
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                # What forward keeps to be looked at, Tensors without grad and arrays, is neither.
                if (isinstance(value, Tensor) and value.is_parameter) or name in module._buffers:
                    yield f"{path}.{name}" if path else name, module, name, value

    def register_buffer(self, name: str, array: Any) -> None:
        """Keep an array under `name` that belongs to the state, though it is not trained."""
        self._buffers = self._buffers | {name}
        setattr(self, name, checks.native(name, array))

    def buffers(self) -> Iterator[Array]:
        """Yield the arrays that `register_buffer` declared."""
        return (value for _, _, _, value in self._places() if not isinstance(value, Tensor))

    def apply(self, f: Callable[[Module], Any]) -> Module:
        """Call f on every module inside, the innermost first, and on this one."""
        for child in self.children():
            child.apply(f)
        f(self)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Freeze all parameters (False), or train them."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield each parameter once, with its path; the Tensor learns its name for messages."""
        seen: set[int] = set()
        for name, _, _, p in self._places():
            if isinstance(p, Tensor) and id(p) not in seen:
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
        self.training = checks.flag("mode", mode)
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
        is_array = hasattr(like, "shape") and not isinstance(like, type)
        convert, what = (to, like) if is_array else (astype, like)
        for _, module, name, value in list(self._places()):
            data = value.data if isinstance(value, Tensor) else value
            if not is_floating(data):
                continue  # counters stay counters
            if isinstance(value, Tensor):
                value.data, value.grad = convert(data, what), None
            else:
                setattr(module, name, convert(data, what))
        return self

    def float(self) -> Module:
        """Convert to float32."""
        return self.to(np.float32)

    def double(self) -> Module:
        """Convert to float64, for checks that need exact gradients."""
        return self.to(np.float64)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of all parameters and buffers, as NumPy arrays under PyTorch's names."""
        parameters, buffers = {}, {}
        for path, _, _, value in self._places():
            if isinstance(value, Tensor):
                parameters[path] = np.array(value.numpy())
            else:
                buffers[path] = np.array(to_numpy(value))
        return parameters | buffers

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set all parameters and buffers, or none: CheckpointError lists every difference."""
        new = checks.same_state(self.state_dict(), state, finite=True)
        for path, module, attribute, value in list(self._places()):
            if isinstance(value, Tensor):
                value.data = to(new[path], value.data)
            else:
                setattr(module, attribute, to(new[path], value))

    def _unusual(self, form: str = "{}={}", **usual: Any) -> list[str]:
        """The settings that differ from the usual ones, for `extra_repr`."""
        return [form.format(k, getattr(self, k)) for k, v in usual.items() if getattr(self, k) != v]

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


def Parameter(data: Any, requires_grad: bool = True) -> Tensor:
    """A Tensor that a Module trains; requires_grad=False: frozen from the start."""
    return Tensor(data, True).requires_grad_(requires_grad)


@contextlib.contextmanager
def modes_kept(model: Module) -> Iterator[None]:
    """Put the mode of every module inside, training or evaluation, back after a `with` block."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _hides(value: Any) -> bool:
    """Whether modules or Tensors stand somewhere inside a container."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple | set):
        return False
    return any(isinstance(v, Module | Tensor) or _hides(v) for v in value)
