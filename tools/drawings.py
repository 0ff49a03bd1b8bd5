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
from dlbook.plot import BLUE, GREY, ORANGE, RED

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
    _directions(ax, first, last, -2.4)
    ax.set(xlim=(first - 0.6, last + 1.6), ylim=(-3.1, 2.5), aspect="equal")
    ax.axis("off")
    return ax


def graph(
    place: Mapping[str, Place],
    signs: Mapping[str, str],
    values: Mapping[str, str],
    gradients: Mapping[str, str],
    edges: Mapping[tuple[str, str], str],
) -> Any:
    """Draw a computation: operators as circles, what is given as squares, arrows between them.

    Above each node stands its value, below it its gradient, on an arrow what comes back along it.
    `signs` says what a circle does; a node without a sign is given. Returns the axes.
    """
    _, ax = plt.subplots(figsize=(7.6, 3.7))
    ground = ax.get_facecolor()
    for (start, end), back in edges.items():
        (x0, y0), (x1, y1) = place[start], place[end]
        step = np.array([x1 - x0, y1 - y0])
        step *= 0.46 / np.hypot(*step)
        _arrow(ax, (x0 + step[0], y0 + step[1]), (x1 - step[0], y1 - step[1]))
        box = {"facecolor": ground, "edgecolor": "none", "pad": 1.5}
        _write(ax, x0 + 0.45 * (x1 - x0), y0 + 0.45 * (y1 - y0), back, RED, 11, bbox=box)
    for name, (x, y) in place.items():
        if name in signs:
            patch: Any = plt.Circle((x, y), 0.4)
        else:
            patch = plt.Rectangle((x - 0.35, y - 0.35), 0.7, 0.7)
        patch.set(facecolor=ground, edgecolor=GREY, lw=1.5)
        ax.add_patch(patch)
        _write(ax, x, y, signs.get(name, name), GREY, 13)
        _write(ax, x, y + 0.65, values[name], BLUE, 12)
        _write(ax, x, y - 0.7, gradients[name], RED, 12)
    first, last = min(x for x, _ in place.values()), max(x for x, _ in place.values())
    _directions(ax, first, last, -1.9)
    ax.set(xlim=(first - 1.0, last + 1.0), ylim=(-2.6, 2.8), aspect="equal")
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


def _directions(ax: Any, first: float, last: float, y: float) -> None:
    """Two arrows below a network: values run to the right, gradients to the left."""
    for below, text, color, (tail, head) in (
        (0.0, "values", BLUE, (first, last - 1.2)),
        (0.4, "gradients", RED, (last - 1.2, first)),
    ):
        _arrow(ax, (tail, y - below), (head, y - below), color)
        ax.text(last - 1.05, y - below, text, color=color, va="center", fontsize=9)


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


def used_twice() -> Any:
    """The graph of L = (a w + a - 5)**2, in which a is used twice; chapter "Backpropagation"."""
    return graph(
        place={
            "w": (0, 1.9),
            "a": (0, -0.2),
            "u": (2.4, 1.5),
            "v": (4.8, -0.2),
            "e": (7.0, -0.2),
            "L": (9.2, -0.2),
        },
        signs={"u": "×", "v": "+", "e": "−5", "L": "( )²"},
        values={"w": "3", "a": "2", "u": "u = 6", "v": "v = 8", "e": "e = 3", "L": "L = 9"},
        gradients={"w": "12", "a": "18 + 6 = 24", "u": "6", "v": "6", "e": "6", "L": "1"},
        edges={
            ("w", "u"): "12",
            ("a", "u"): "18",
            ("a", "v"): "6",
            ("u", "v"): "6",
            ("v", "e"): "6",
            ("e", "L"): "6",
        },
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


def transformer_block() -> Any:
    """A block of a Transformer: a line that runs through, and two branches that are added to it."""
    _, ax = plt.subplots(figsize=(8.4, 2.7))
    _arrow(ax, (0, 0), (10.9, 0), GREY, 3)
    _write(ax, -0.3, 0, "$x$")
    _write(ax, 11.5, 0, "new $x$")
    for left, name, below, color in (
        (0.6, "attention", "steps look back at each other", BLUE),
        (5.9, "small network", "each step for itself", ORANGE),
    ):
        plus = left + 4.3
        _arrow(ax, (left, 0), (left, 1.1))
        ax.plot([left, plus], [1.1, 1.1], color=GREY, lw=1.5, zorder=0)
        _arrow(ax, (plus, 1.1), (plus, 0.26))
        for x, width, words in ((left + 0.9, 0.9, "LN"), (left + 2.75, 2.1, name)):
            ax.add_patch(
                plt.Rectangle((x - width / 2, 0.75), width, 0.7, facecolor=color, edgecolor="none")
            )
            _write(ax, x, 1.1, words, "white", 10)
        _write(ax, left + 2.15, 1.8, below, color, 9)
        ax.add_patch(
            plt.Circle((plus, 0), 0.26, facecolor=ax.get_facecolor(), edgecolor=GREY, zorder=3)
        )
        _write(ax, plus, 0, "+", size=13, zorder=4)
    ax.set(xlim=(-0.7, 12.2), ylim=(-0.5, 2.1), aspect="equal")
    ax.axis("off")
    return ax


def encoder_decoder() -> Any:
    """A network that reads words and writes digits: one way through the last state, one back to all."""
    _, ax = plt.subplots(figsize=(8.4, 3.3))
    words, digits = ("four", "hundred", "twelve"), ("4", "1", "2", "end")
    read = [(1.5 * k, 0.0) for k in range(len(words))]
    wrote = [(5.5 + 1.5 * k, 0.0) for k in range(len(digits))]
    for tail, head in zip((read + wrote)[:-1], (read + wrote)[1:], strict=True):
        over = tail == read[-1]  # where all that was read has to pass
        _arrow(
            ax, (tail[0] + 0.34, 0), (head[0] - 0.34, 0), RED if over else GREY, 3 if over else 1.5
        )
    for k, (share, (x, y)) in enumerate(zip((0.5, 1.0, 5.0), read, strict=True)):
        style = {"arrowstyle": "-", "color": BLUE, "lw": share, "shrinkA": 0, "shrinkB": 0,
                 "connectionstyle": f"arc3,rad={-0.5 - 0.06 * k}"}  # fmt: skip
        ax.annotate("", (wrote[1][0], 0.3), (x, y + 0.3), arrowprops=style)
    for names, places, color in ((words, read, GREY), (("start", *digits[:-1]), wrote, ORANGE)):
        for name, (x, y) in zip(names, places, strict=True):
            ax.add_patch(
                plt.Circle((x, y), 0.3, facecolor=ax.get_facecolor(), edgecolor=color, lw=1.5)
            )
            _arrow(ax, (x, -0.8), (x, -0.34))
            _write(ax, x, -1.05, name, size=10)
    for name, (x, y) in zip(digits, wrote, strict=True):
        _arrow(ax, (x, y + 0.34), (x, 0.8))
        _write(ax, x, 1.05, name, size=10)
    _write(ax, 1.5, -1.6, "encoder reads", GREY, 10)
    _write(ax, 7.75, -1.6, "decoder writes", ORANGE, 10)
    ax.set(xlim=(-0.7, 10.7), ylim=(-1.9, 2.3), aspect="equal")
    ax.axis("off")
    return ax


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


DRAWINGS = (
    small_network,
    used_twice,
    digit_cnn,
    lstm_cell,
    transformer_block,
    encoder_decoder,
    one_neuron,
)

if __name__ == "__main__":
    folder = Path(plot.__file__).parent / "drawings"
    folder.mkdir(exist_ok=True)
    plot.use_style()
    plt.rcParams |= {"svg.fonttype": "path", "svg.hashsalt": "dlbook"}  # the same on every machine
    for draw in DRAWINGS:
        draw().figure.savefig(folder / f"{draw.__name__}.svg", metadata={"Date": None})
