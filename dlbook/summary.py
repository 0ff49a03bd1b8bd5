"""`summary(model, x)`: what each layer makes of an input, what it stores and what it computes."""

import math
from typing import Any, NamedTuple

from . import checks
from .autodiff import no_grad
from .nn import Module
from .nn.module import modes_kept


class Layer(NamedTuple):
    """One line: path, class, what it takes, the shape of its output, its parameters, products."""

    name: str
    kind: str
    takes: str
    shape: tuple[int, ...]
    parameters: int
    multiplications: int


class Summary(list):
    """The layers in the order in which they ran; prints as a table with totals."""

    @property
    def parameters(self) -> int:
        """All parameters, each layer once."""
        return sum({row.name: row.parameters for row in self}.values())

    @property
    def multiplications(self) -> int:
        """All multiplications with weights, for the whole batch."""
        return sum(row.multiplications for row in self)

    def __repr__(self) -> str:
        head = ("layer", "", "takes", "output", "parameters", "multiplications")
        total = ("", "", "", "", f"{self.parameters:,}", f"{self.multiplications:,}")
        rows = [tuple(f"{n:,}" if isinstance(n, int) else str(n) for n in row) for row in self]
        table = [head, *rows, total]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        line = "  ".join(f"{{:{side}{w}}}" for side, w in zip("<<<>>>", widths, strict=True))
        return "\n".join(line.format(*row).rstrip() for row in table)


def summary(model: Module, x: Any) -> Summary:
    """Run the model on x and return a Summary of its innermost layers.

    Multiplications are those with a weight matrix or kernel: each of its entries once for every
    place of the output. The model is in evaluation mode meanwhile and nothing is recorded.
    """
    rows = Summary()
    leaves = [(name, m) for name, m in model.named_modules() if not list(m.named_children())]

    def watched(name: str, module: Module) -> Any:
        original = type(module).forward

        def forward(*inputs: Any, **settings: Any) -> Any:
            y = original(module, *inputs, **settings)
            W = getattr(module, "weight", None)
            products = 0
            if W is not None and W.ndim > 1:  # a row of W for each number that comes out
                products = math.prod(W.shape[1:]) * math.prod(y.shape)
            kind = type(module).__name__
            takes = (module.takes or "").split("|")[0]  # with a batch
            takes = checks.written_out(takes, vars(module)) if takes else ""
            rows.append(Layer(name, kind, takes, y.shape, module.num_parameters(), products))
            return y

        return forward

    with modes_kept(model), no_grad():
        model.eval()
        try:
            for name, module in leaves:
                module.forward = watched(name, module)  # type: ignore[method-assign]
            model(x)
        finally:
            for _, module in leaves:
                vars(module).pop("forward", None)
    return rows
