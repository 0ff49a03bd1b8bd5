"""Modules made of modules."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self

from .. import checks
from ..autodiff import Tensor
from .module import Module

__all__ = ["Identity", "ModuleDict", "ModuleList", "Residual", "Sequential"]


class _Numbered(Module):
    """What a list of modules and a chain of them share: a module is an attribute "0", "1", ..."""

    _of: Callable[[list[Module]], Any]  # a container of the same kind

    def append(self, module: Module) -> Self:
        """Put a module behind the others."""
        k = len(self)
        setattr(self, str(k), _module(f"{type(self).__name__} argument {k}", module))
        return self

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __len__(self) -> int:
        return len(list(self.children()))

    def __getitem__(self, k: int | slice) -> Any:
        modules = list(self)
        return self._of(modules[k]) if isinstance(k, slice) else modules[k]

    def __setitem__(self, k: int, module: Module) -> None:
        setattr(self, str(range(len(self))[k]), _module(f"item {k}", module))


class ModuleList(_Numbered):
    """Modules by number, to be called by a `forward` of your own."""

    def __init__(self, modules: Iterable[Module] = ()):
        for module in modules:
            self.append(module)

    def _of(self, modules: list[Module]) -> Any:
        return ModuleList(modules)


class Sequential(_Numbered):
    """Modules one after the other: the output of each is the input of the next."""

    def __init__(self, *modules: Module):
        for module in modules:
            self.append(module)

    def _of(self, modules: list[Module]) -> Any:
        return Sequential(*modules)

    def forward(self, x: Any) -> Tensor:
        """Apply all modules in order."""
        for module in self:
            x = module(x)
        return x


class ModuleDict(Module):
    """Modules by name, to be called by a `forward` of your own."""

    def __init__(self, modules: Mapping[str, Module] | None = None):
        for name, module in (modules or {}).items():
            self[name] = module

    def __setitem__(self, name: str, module: Module) -> None:
        if not isinstance(name, str) or hasattr(type(self), name):
            raise TypeError(
                f"{name!r} is no name for a module: expected a string, no method's name"
            )
        setattr(self, name, _module(repr(name), module))

    def __getitem__(self, name: str) -> Module:
        return dict(self.named_children())[name]

    def __len__(self) -> int:
        return len(list(self.children()))

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.named_children())


def _module(what: str, module: Any) -> Module:
    if not isinstance(module, Module):
        raise TypeError(f"{what} is {module!r}: expected a Module")
    return module


class Identity(Module):
    """The input as it is, whatever the arguments: a place to put something else later."""

    def __init__(self, *arguments: Any, **settings: Any):
        pass

    def forward(self, x: Any) -> Any:
        return x


class Residual(Module):
    """y = body(x) + shortcut(x): the modules in between only have to learn what to add.

    `shortcut` is x itself unless a module is given, such as a 1x1 convolution where the number of
    channels changes. He, Zhang, Ren and Sun 2016.
    """

    takes = "..."

    def __init__(self, *body: Module, shortcut: Module | None = None):
        self.body, self.shortcut = Sequential(*body), shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return body(x) + shortcut(x)."""
        y = self.body(x)
        way = x if self.shortcut is None else self.shortcut(x)
        checks.same_shape("body(x)", y, "shortcut(x)", way)
        return y + way
