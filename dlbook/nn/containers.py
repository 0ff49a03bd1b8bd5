"""Modules made of modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import checks
from ..autodiff import Tensor
from .module import Module


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
