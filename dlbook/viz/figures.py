"""What a figure is, and which there are."""

import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np

__all__ = ["Figure", "degree", "depth", "line", "nine_numbers", "optimizers", "regions", "softmax"]

HERE = files(__package__)


class Figure:
    """A figure that reacts, drawn by NAME.js from `data`; `alt` says in words what it shows.

    Where no script runs (print, a page without JavaScript, a notebook that is not trusted), the
    picture of stills/NAME.svg stands in its place.
    """

    def __init__(self, name: str, alt: str, **data: Any) -> None:
        self.name, self.alt = name, alt
        self.data = json.dumps(data, default=np.ndarray.tolist).replace("</", "<\\/")

    def _repr_html_(self) -> str:
        # The same figure has the same id wherever it is made: outputs are compared.
        mark = f"viz-{self.name}-{hashlib.sha256(self.data.encode()).hexdigest()[:6]}"
        shared, own = ((HERE / f"{n}.js").read_text("utf-8") for n in ("shared", self.name))
        still = HERE / "stills" / f"{self.name}.svg"
        picture = still.read_text("utf-8") if still.is_file() else ""
        return (
            f'<div class="dlbook-viz" id="{mark}" role="group" aria-label="{self.alt}">{picture}</div>'
            f'<script>\n{shared}{own}dlbookViz.mount("{mark}", "{self.name}", {self.data});\n</script>'
        )


def softmax(logits: Sequence[float] = (2.0, 1.0, 0.0)) -> Figure:
    """Show the softmax of logits, with a temperature, and what large logits do to the bare formula."""
    alt = "Three bars of probability, computed with and without subtracting the largest logit"
    return Figure("softmax", alt, logits=list(logits))


def line(x: Any, y: Any, xlabel: str = "x", ylabel: str = "y") -> Figure:
    """Fit a line by hand or by gradient descent: x and y, both (N,), and the mean squared error's bowl."""
    alt = "Data with a line on the left; on the right the loss over slope and intercept, with the path"
    return Figure("line", alt, x=np.round(x, 4), y=np.round(y, 4), xlabel=xlabel, ylabel=ylabel)


def degree(points: int = 12, noise: float = 0.25) -> Figure:
    """Fit polynomials to many sets of noisy `points` of a sine: bias, variance and their sum."""
    alt = (
        "Fits to many training sets with their mean and the truth; bias, variance and sum by degree"
    )
    return Figure("degree", alt, points=points, noise=noise)


def depth(depth: int = 30, width: int = 48, examples: int = 48) -> Figure:
    """Send a signal through up to 50 layers of `width` units and a gradient back, before any training."""
    alt = (
        "How activations spread layer by layer, and the sizes of signal and gradient on a log scale"
    )
    return Figure("depth", alt, depth=depth, width=width, examples=examples)


def nine_numbers(given: Sequence[float] = (1, 2, 1, 1, 0, 1, -2, 1, 2, -1, -1, 3)) -> Figure:
    """Run a small network forward and back: given are x, rows of W1 with their biases, W2, b2 and y."""
    alt = "A network of nine numbers, each with its value and its gradient, and the operations in a table"
    return Figure("nine_numbers", alt, given=list(given))


def optimizers(surface: str = "ravine", start: Sequence[float] = (-1.7, 1.1)) -> Figure:
    """Race four optimizers from `start` on a "ravine", a "slanted" one, a "bend", "saddle" or "sill"."""
    alt = "Level lines of a surface, the ways of four optimizers down it, and their heights step by step"
    return Figure("optimizers", alt, surface=surface, start=list(start))


def regions(x: Any = None, y: Any = None, name: str = "yours") -> Figure:
    """Train a small network on points in the plane: `x` (N, 2) with labels `y` of 0 and 1, or made ones."""
    alt = "Points of two classes, the regions a small network gives them, and what each hidden unit sees"
    yours = {} if x is None else {name: [np.round(x, 3), np.asarray(y, int)]}
    return Figure("regions", alt, points=yours)
