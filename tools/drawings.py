"""Draw the pictures that open chapters: python tools/drawings.py writes dlbook/drawings/*.svg.

A chapter shows them by `plot.drawing(name)`, so that no page begins with a wall of coordinates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from dlbook import plot
from dlbook.plot import BLUE, GREEN, GREY, ORANGE, RED

Place = tuple[float, float]


def network(
    place: Mapping[str, Place],
    weights: Mapping[tuple[str, str], str],
    values: Mapping[str, str],
    biases: Mapping[str, str],
    gradients: Mapping[str, str],
    titles: Mapping[float, str],
) -> Any:
    """Draw units as circles: values in them, weights on the lines, biases above, gradients below.

    `place` says where each unit stands, `titles` what is written above at which x. Returns the axes.
    """
    _, ax = plt.subplots(figsize=(7.6, 4.0))
    for (start, end), weight in weights.items():
        (x0, y0), (x1, y1) = place[start], place[end]
        ax.plot([x0, x1], [y0, y1], color=GREY, lw=1, zorder=0)
        box = {"facecolor": ax.get_facecolor(), "edgecolor": "none", "pad": 1}
        _write(ax, x0 + 0.33 * (x1 - x0), y0 + 0.33 * (y1 - y0), weight, GREY, 10, bbox=box)
    for name, (x, y) in place.items():
        ax.add_patch(plt.Circle((x, y), 0.44, facecolor=ax.get_facecolor(), edgecolor=GREY, lw=1.5))
        _write(ax, x, y, values[name], BLUE, 12)
        _write(ax, x, y - 0.72, gradients[name], RED, 12)
        _write(ax, x, y + 0.62, biases.get(name, ""), GREY, 10)
    for x, text in titles.items():
        _write(ax, x, 2.3, text, GREY)
    first, last = min(x for x, _ in place.values()), max(x for x, _ in place.values())
    for y, text, color, (tail, head) in (
        (-2.4, "values", BLUE, (first, last - 1.2)),
        (-2.8, "gradients", RED, (last - 1.2, first)),
    ):
        _arrow(ax, (tail, y), (head, y), color)
        ax.text(last - 1.05, y, text, color=color, va="center", fontsize=9)
    ax.set(xlim=(first - 0.6, last + 1.6), ylim=(-3.1, 2.5), aspect="equal")
    ax.axis("off")
    return ax


def feature_maps(stages: Sequence[tuple[int, int, str]], dense: Sequence[tuple[int, str]]) -> Any:
    """Draw a CNN: blocks for (size, channels, name), then columns for (count, name); returns axes."""
    _, ax = plt.subplots(figsize=(8.4, 2.9))
    blocks = [(n / 10, 0.16 + c / 110, f"{n}x{n}\nx{c}", name, BLUE) for n, c, name in stages]
    blocks += [(0.5 + np.log10(n) / 1.3, 0.14, str(n), name, ORANGE) for n, name in dense]
    x = 0.0
    for height, width, above, below, color in blocks:
        ax.add_patch(plt.Rectangle((x, -height / 2), width, height, facecolor=color, alpha=0.4))
        ax.text(x + width / 2, height / 2 + 0.12, above, ha="center", fontsize=8)
        ax.text(x + width / 2, -height / 2 - 0.12, below, ha="center", va="top", fontsize=8,
                color=GREY)  # fmt: skip
        x += width + 0.5
    ax.set(xlim=(-0.3, x), ylim=(-2.1, 2.3))
    ax.axis("off")
    return ax


def lstm_cell() -> Any:
    """Draw how an LSTM's gates act on its cell, from c_t-1 to c_t and h_t; returns the axes."""
    _, ax = plt.subplots(figsize=(7.6, 3.6))
    _arrow(ax, (0, 3), (8, 3), ORANGE, 3)
    for x, name, bend, side in (
        (1.2, "f", "σ", 0.12), (2.6, "i", "σ", -0.3), (3.8, "g", "tanh", 0.12), (5.2, "o", "σ", -0.3),
    ):  # fmt: skip
        ax.add_patch(plt.Rectangle((x - 0.42, 0.75), 0.84, 0.5, facecolor=BLUE, alpha=0.3))
        _write(ax, x, 1.0, bend)
        ax.text(x + side, 1.4, f"${name}$")
        _arrow(ax, (x, 0.25), (x, 0.73))
    for tail, head in (
        ((1.2, 1.27), (1.2, 2.78)), ((2.6, 1.27), (3.05, 1.85)), ((3.8, 1.27), (3.35, 1.85)),
        ((3.2, 2.24), (3.2, 2.78)), ((5.2, 1.27), (6.2, 2.02)), ((6.62, 2.15), (8, 2.15)),
    ):  # fmt: skip
        _arrow(ax, tail, head)
    _arrow(ax, (6.4, 3), (6.4, 2.37), ORANGE)
    ax.text(6.55, 2.6, "tanh")
    ax.plot([0.2, 5.2], [0.25, 0.25], color=GREY, lw=1.4)
    for x, y, sign in ((1.2, 3, "×"), (3.2, 2.02, "×"), (3.2, 3, "+"), (6.4, 2.15, "×")):
        ax.add_patch(
            plt.Circle((x, y), 0.22, facecolor=ax.get_facecolor(), edgecolor=GREY, zorder=3)
        )
        _write(ax, x, y, sign, zorder=4)
    for x, y, name in ((-0.35, 3, "$c_{t-1}$"), (8.3, 3, "$c_t$"), (8.3, 2.15, "$h_t$"),
                       (-0.5, 0.25, "$h_{t-1}, x_t$")):  # fmt: skip
        _write(ax, x, y, name)
    ax.set(xlim=(-1.1, 8.6), ylim=(0, 3.4), aspect="equal")
    ax.axis("off")
    return ax


def _write(ax: Any, x: float, y: float, text: str, color: str = "black", size: float | None = None,
           **settings: Any) -> None:  # fmt: skip
    ax.text(x, y, text, color=color, fontsize=size, ha="center", va="center", **settings)


def _arrow(ax: Any, tail: Place, head: Place, color: str = GREY, lw: float = 1.5) -> None:
    style = {"arrowstyle": "->", "color": color, "lw": lw, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", head, tail, arrowprops=style)


def small_network() -> Any:
    """The network of nine numbers that chapter "Backpropagation" computes by hand."""
    return network(
        place={
            "x1": (0, 1.2),
            "x2": (0, -1.2),
            "h1": (2.8, 1.2),
            "h2": (2.8, -1.2),
            "z": (5.4, 0),
            "L": (7.4, 0),
        },
        weights={
            ("x1", "h1"): "1",
            ("x2", "h1"): "1",
            ("x1", "h2"): "1",
            ("x2", "h2"): "-2",
            ("h1", "z"): "2",
            ("h2", "z"): "-1",
            ("z", "L"): "",
        },
        values={"x1": "1", "x2": "2", "h1": "3 | 3", "h2": "-2 | 0", "z": "5", "L": "4"},
        biases={"h1": "+0", "h2": "+1", "z": "-1"},
        gradients={"x1": "8", "x2": "8", "h1": "8", "h2": "0", "z": "4", "L": "1"},
        titles={0: "input", 2.8: "hidden: z | a", 5.4: "output z", 7.4: "loss"},
    )


def digit_cnn() -> Any:
    """Chollet's network for digits."""
    return feature_maps(
        [
            (28, 1, "picture"),
            (26, 32, "conv"),
            (13, 32, "pool"),
            (11, 64, "conv"),
            (5, 64, "pool"),
            (3, 64, "conv"),
        ],
        [(576, "flatten"), (64, "dense"), (10, "dense")],
    )


def one_neuron() -> Any:
    """Linear regression as a network of one unit: the third point of its chapter, after one step."""
    return network(
        place={"one": (0, 1.2), "x": (0, -1.2), "yhat": (2.8, 0), "L": (5, 0)},
        weights={("one", "yhat"): "0.6", ("x", "yhat"): "0.867", ("yhat", "L"): ""},
        values={"one": "1", "x": "2", "yhat": "2.33", "L": "7.11"},
        biases={},
        gradients={"one": "", "x": "", "yhat": "-5.33", "L": "1"},
        titles={0: "input", 2.8: "output", 5: "loss"},
    )


def separable_convolution() -> Any:
    """From three channels to four, by kernels for each pair, and by one kernel a channel and a mix."""
    _, ax = plt.subplots(figsize=(7.6, 3.2))
    channels, outputs = (RED, GREEN, BLUE), (GREY,) * 4
    _squares(ax, 0, channels)
    _squares(ax, 2.4, outputs)
    _lines(ax, (0, 3), (2.4, 4), 2.5)
    for x, colors in ((4.6, channels), (6.6, channels), (8.6, outputs)):
        _squares(ax, x, colors)
    for y in _heights(3):
        ax.plot([4.6, 6.6], [y, y], color=GREY, lw=2.5, zorder=0)
    _lines(ax, (6.6, 3), (8.6, 4), 0.8)
    for x, text in (
        (1.2, "12 kernels of 3 by 3: 108 weights"), (5.6, "3 kernels: 27"), (7.6, "a mix: 12"),
    ):  # fmt: skip
        _write(ax, x, -1.95, text, GREY, 9)
    for x, text in ((1.2, "ordinary"), (6.6, "depthwise-separable")):
        _write(ax, x, 1.95, text)
    ax.set(xlim=(-0.5, 9.1), ylim=(-2.2, 2.2), aspect="equal")
    ax.axis("off")
    return ax


def residual_block() -> Any:
    """y = x + F(x): what goes forward on two ways, and what comes back on both."""
    _, ax = plt.subplots(figsize=(7.6, 2.9))
    _write(ax, -0.3, 0, "x", BLUE, 13)
    _write(ax, 8.3, 0, "y", BLUE, 13)
    for x, text in ((1.9, "conv"), (3.25, "norm"), (4.55, "ReLU"), (6.0, "conv, norm")):
        width = 1.5 if "," in text else 1.0
        ax.add_patch(plt.Rectangle((x - width / 2, -0.3), width, 0.6, facecolor=BLUE, alpha=0.25))
        _write(ax, x, 0, text, size=9)
    _arrow(ax, (0, 0), (1.35, 0), BLUE)
    for tail, head in ((2.4, 2.72), (3.75, 4.02), (5.05, 5.22), (6.75, 7.1)):
        _arrow(ax, (tail, 0), (head, 0), BLUE)
    ax.plot([0.7, 0.7, 7.35], [0, 1.1, 1.1], color=BLUE, lw=1.5)
    _arrow(ax, (7.35, 1.1), (7.35, 0.26), BLUE)
    ax.add_patch(plt.Circle((7.35, 0), 0.24, facecolor=ax.get_facecolor(), edgecolor=GREY))
    _write(ax, 7.35, 0, "+")
    _arrow(ax, (7.6, 0), (8.1, 0), BLUE)
    _write(ax, 4, 1.32, "shortcut: x itself", BLUE, 9)
    _arrow(ax, (7.2, -0.75), (0.8, -0.75), RED)
    _write(ax, 4, -0.98, "back through F:  (∂F/∂x)ᵀ dy", RED, 9)
    _arrow(ax, (7.2, 0.85), (0.95, 0.85), RED)
    _write(ax, 4, 0.62, "back through the shortcut:  dy itself", RED, 9)
    ax.set(xlim=(-0.6, 8.6), ylim=(-1.2, 1.55), aspect="equal")
    ax.axis("off")
    return ax


def _heights(count: int) -> list[float]:
    return [0.9 * (count - 1) / 2 - 0.9 * k for k in range(count)]


def _squares(ax: Any, x: float, colors: Sequence[str]) -> None:
    """A column of channels, from the top down."""
    for y, color in zip(_heights(len(colors)), colors, strict=True):
        ax.add_patch(plt.Rectangle((x - 0.3, y - 0.3), 0.6, 0.6, facecolor=color, zorder=2))


def _lines(ax: Any, start: tuple[float, int], end: tuple[float, int], lw: float) -> None:
    """Join every channel of one column, (x, count), with every channel of another."""
    for a in _heights(start[1]):
        for b in _heights(end[1]):
            ax.plot([start[0], end[0]], [a, b], color=GREY, lw=lw, zorder=0)


DRAWINGS = (small_network, digit_cnn, lstm_cell, one_neuron, separable_convolution, residual_block)

if __name__ == "__main__":
    folder = Path(plot.__file__).parent / "drawings"
    folder.mkdir(exist_ok=True)
    plot.use_style()
    plt.rcParams |= {"svg.fonttype": "path", "svg.hashsalt": "dlbook"}  # the same on every machine
    for draw in DRAWINGS:
        draw().figure.savefig(folder / f"{draw.__name__}.svg", metadata={"Date": None})
