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
    _, ax = plt.subplots(figsize=(7.2, 2.9))
    blocks = [(n / 10, 0.16 + c / 110, f"{n}x{n}\nx{c}", name, BLUE) for n, c, name in stages]
    blocks += [(0.5 + np.log10(n) / 1.3, 0.14, str(n), name, ORANGE) for n, name in dense]
    x = 0.0
    for height, width, above, below, color in blocks:
        ax.add_patch(plt.Rectangle((x, -height / 2), width, height, facecolor=color, alpha=0.4))
        ax.text(x + width / 2, height / 2 + 0.12, above, ha="center", fontsize=9)
        ax.text(x + width / 2, -height / 2 - 0.12, below, ha="center", va="top", fontsize=9,
                color=GREY)  # fmt: skip
        x += width + 0.5
    ax.set(xlim=(-0.3, x), ylim=(-2.1, 2.3))
    ax.axis("off")
    return ax


def lstm_cell(stage: int = 4) -> Any:
    """Draw an LSTM's cell, from c_t-1 to c_t and h_t, with the numbers of its chapter; returns the axes.

    It is built up in stages: 1 the candidate is added, 2 with an input gate, 3 a forget gate,
    4 an output gate. What a stage brings is drawn in colour.
    """
    _, ax = plt.subplots(figsize=(7.6, 3.3))
    gates = {"f": (1.2, 3, "σ", "0.9"), "i": (2.6, 2, "σ", "0.5"), "g": (3.8, 1, "tanh", "-0.4"),
             "o": (5.2, 4, "σ", "0.75")}  # fmt: skip
    gates = {name: gate for name, gate in gates.items() if gate[1] <= stage}
    color = {part: BLUE if part == stage else GREY for part in (1, 2, 3, 4)}
    new_c, shown = {1: ("1.6", "0.92"), 2: ("1.8", "0.95"), 3: ("1.6", "0.92"), 4: ("1.6", "0.69")}[
        stage
    ]
    _arrow(ax, (0, 3), (8, 3), ORANGE, 3)
    for name, (x, part, bend, value) in gates.items():
        _box(ax, (x, 1.0), bend, color[part])
        ax.text(x + (0.12 if name in "fg" else -0.3), 1.4, f"${name}$")
        ax.text(x + (0.12 if name in "fg" else -0.12), 1.72, value, color=BLUE, fontsize=9,
                ha="left" if name in "fg" else "right", va="center")  # fmt: skip
        _arrow(ax, (x, 0.25), (x, 0.73))
    ax.plot([0.2, max(x for x, *_ in gates.values())], [0.25, 0.25], color=GREY, lw=1.4)
    if stage == 1:
        _arrow(ax, (3.8, 1.27), (3.25, 2.76), BLUE)
    else:
        _arrow(ax, (2.6, 1.27), (3.05, 1.85), color[2])
        _arrow(ax, (3.8, 1.27), (3.35, 1.85))
        _arrow(ax, (3.2, 2.24), (3.2, 2.78))
        _sign(ax, (3.2, 2.02), "×", color[2])
    _sign(ax, (3.2, 3), "+", color[1])
    if stage >= 3:
        _arrow(ax, (1.2, 1.27), (1.2, 2.78), color[3])
        _sign(ax, (1.2, 3), "×", color[3])
    ax.text(6.55, 2.6, "tanh")
    if stage == 4:
        _arrow(ax, (6.4, 3), (6.4, 2.37), ORANGE)
        _arrow(ax, (5.2, 1.27), (6.2, 2.02), BLUE)
        _arrow(ax, (6.62, 2.15), (8, 2.15))
        _sign(ax, (6.4, 2.15), "×", BLUE)
    else:
        ax.plot([6.4, 6.4], [3, 2.15], color=ORANGE, lw=1.5)
        _arrow(ax, (6.4, 2.15), (8, 2.15))
    for x, y, name, value in ((-0.35, 3, "$c_{t-1}$", "2"), (8.3, 3, "$c_t$", new_c),
                              (8.3, 2.15, "$h_t$", shown)):  # fmt: skip
        _write(ax, x, y, name)
        _write(ax, x, y - 0.36, value, BLUE, 9)
    _write(ax, -0.5, 0.25, "$h_{t-1}, x_t$")
    ax.set(xlim=(-1.1, 8.6), ylim=(0, 3.3), aspect="equal")
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


def lstm_adds() -> Any:
    """The first stage: a cell that adds."""
    return lstm_cell(1)


def lstm_lets_in() -> Any:
    """The second stage: an input gate."""
    return lstm_cell(2)


def lstm_forgets() -> Any:
    """The third stage: a forget gate."""
    return lstm_cell(3)


def gru_cell() -> Any:
    """Draw a GRU: from h_t-1 to h_t by one gate z, with a reset gate r beside the candidate."""
    _, ax = plt.subplots(figsize=(7.6, 3.3))
    _arrow(ax, (0, 3), (7, 3), ORANGE, 3)
    for x, bend, name, color in (
        (1.2, "σ", "z", BLUE),
        (2.6, "σ", "r", BLUE),
        (5.2, "tanh", "n", GREY),
    ):
        _box(ax, (x, 1.0), bend, color)
        ax.text(x + 0.12, 1.4, f"${name}$")
        _arrow(ax, (x, 0.25), (x, 0.73))
    for tail, head, color in (
        ((1.2, 1.27), (1.2, 2.78), BLUE), ((1.2, 2.05), (4.98, 2.05), BLUE),
        ((5.2, 1.27), (5.2, 1.83), GREY), ((5.2, 2.27), (5.2, 2.78), GREY),
        ((3.02, 1.0), (3.7, 1.0), BLUE), ((3.92, 0.25), (3.92, 0.78), GREY),
        ((4.14, 1.0), (4.76, 1.0), GREY),
    ):  # fmt: skip
        _arrow(ax, tail, head, color)
    ax.plot([0.2, 5.2], [0.25, 0.25], color=GREY, lw=1.4)
    for place, sign, color in (((1.2, 3), "×", BLUE), ((5.2, 3), "+", GREY), ((5.2, 2.05), "×", BLUE),
                               ((3.92, 1.0), "×", BLUE)):  # fmt: skip
        _sign(ax, place, sign, color)
    ax.text(3.0, 2.13, "$1 - z$", color=BLUE)
    ax.text(4.0, 0.42, r"$W_{hh}\,h_{t-1}$", fontsize=9, color=GREY)
    for x, y, name in ((-0.4, 3, "$h_{t-1}$"), (7.35, 3, "$h_t$"), (-0.5, 0.25, "$h_{t-1}, x_t$")):
        _write(ax, x, y, name)
    ax.set(xlim=(-1.1, 7.8), ylim=(0, 3.3), aspect="equal")
    ax.axis("off")
    return ax


def truncation() -> Any:
    """Draw three ways to go back through twelve steps: all, four at a time, lengths drawn at random."""
    _, ax = plt.subplots(figsize=(7.6, 2.9))
    for y, name, ends in (
        (2.2, "whole", (12,)), (1.1, "every 4 steps", (4, 8, 12)), (0, "random lengths", (2, 7, 9, 12)),
    ):  # fmt: skip
        ax.text(0.2, y, name, ha="right", va="center", fontsize=9)
        for t in range(1, 13):
            ax.add_patch(plt.Circle((t, y), 0.2, facecolor=BLUE, alpha=0.3))
            if t < 12:
                _arrow(ax, (t + 0.22, y + 0.12), (t + 0.78, y + 0.12), BLUE)
                if t in ends:
                    ax.plot([t + 0.5] * 2, [y - 0.34, y - 0.02], color=RED, lw=2)
                else:
                    _arrow(ax, (t + 0.78, y - 0.14), (t + 0.22, y - 0.14), RED)
    _write(ax, 4.2, -0.75, "states", BLUE, 9)
    _write(ax, 8.6, -0.75, "gradients, and where they are cut", RED, 9)
    ax.set(xlim=(-2.2, 12.4), ylim=(-1, 2.6), aspect="equal")
    ax.axis("off")
    return ax


def deep_and_both() -> Any:
    """Draw two layers on top of each other, and one that is read from both ends; returns the axes."""
    _, ax = plt.subplots(figsize=(7.6, 2.9))
    for left, title in ((0.0, "two layers"), (5.6, "both directions")):
        both = left > 0
        ax.text(left + 1.5, 3.1, title, ha="center", fontsize=9, color=GREY)
        for t in range(4):
            x = left + t
            _write(ax, x, -0.1, f"$x_{t + 1}$", size=10)
            _state(ax, x, 1.0, BLUE)
            _state(ax, x, 2.0, ORANGE)
            _arrow(ax, (x, 0.15), (x, 0.72))
            _arrow(ax, (x, 2.28), (x, 2.8))
            if both:
                for y0, y1 in ((0.15, 1.72), (1.28, 2.8)):
                    _bowed(ax, (x, y0), (x, y1), 0.35 if y0 < 1 else -0.35)
            else:
                _arrow(ax, (x, 1.28), (x, 1.72))
            if t < 3:
                _arrow(ax, (x + 0.28, 1.0), (x + 0.72, 1.0), BLUE)
                ends = (x + 0.28, 2.0), (x + 0.72, 2.0)
                _arrow(ax, *(ends[::-1] if both else ends), ORANGE)
    ax.set(xlim=(-0.8, 9.4), ylim=(-0.4, 3.4), aspect="equal")
    ax.axis("off")
    return ax


def _box(ax: Any, place: Place, text: str, color: str) -> None:
    x, y = place
    ax.add_patch(plt.Rectangle((x - 0.42, y - 0.25), 0.84, 0.5, facecolor=color, alpha=0.3))
    _write(ax, x, y, text)


def _sign(ax: Any, place: Place, sign: str, color: str) -> None:
    ax.add_patch(plt.Circle(place, 0.22, facecolor=ax.get_facecolor(), edgecolor=color, zorder=3))
    _write(ax, *place, sign, zorder=4)


def _state(ax: Any, x: float, y: float, color: str) -> None:
    ax.add_patch(plt.Circle((x, y), 0.26, facecolor=color, alpha=0.4))


def _bowed(ax: Any, tail: Place, head: Place, bow: float) -> None:
    style = {"arrowstyle": "->", "color": GREY, "lw": 1.0, "connectionstyle": f"arc3,rad={bow}"}
    ax.annotate("", head, tail, arrowprops=style)


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
    _, ax = plt.subplots(figsize=(7.6, 2.7))
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
        for x, width, words in ((left + 0.9, 0.9, "LN"), (left + 2.75, 2.5, name)):
            ax.add_patch(
                plt.Rectangle((x - width / 2, 0.75), width, 0.7, facecolor=color, edgecolor="none")
            )
            _write(ax, x, 1.1, words, "white", 10)
        _write(ax, left + 2.15, 1.8, below, color, 10)
        ax.add_patch(
            plt.Circle((plus, 0), 0.26, facecolor=ax.get_facecolor(), edgecolor=GREY, zorder=3)
        )
        _write(ax, plus, 0, "+", size=13, zorder=4)
    ax.set(xlim=(-0.7, 12.2), ylim=(-0.5, 2.1), aspect="equal")
    ax.axis("off")
    return ax


def encoder_decoder() -> Any:
    """A network that reads words and writes digits: one way through the last state, one back to all."""
    _, ax = plt.subplots(figsize=(7.2, 3.3))
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


BY_HAND = np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1]])  # the picture and the kernel of the chapter
KERNEL = np.array([[1, -1], [2, 0]])
SECOND = np.array([[1, 0, 2], [3, 1, 0], [0, 2, 1]])  # its second channel
SECOND_KERNEL = np.array([[0, 1], [1, 0]])


def grid(
    ax: Any, corner: Place, values: Any, color: str, at: Any = (), small: Any = (), pad: int = 0
) -> None:
    """Draw numbers in cells, row 0 on top at `corner`.

    Cells listed in `at` are shaded, each with its entry of `small` written below; `pad` rows and
    columns at the border are dashed, as they are no pixels.
    """
    rows, columns = np.shape(values)
    weights = dict(zip(at, small, strict=False))
    for (r, c), value in np.ndenumerate(values):
        x, y = corner[0] + c, corner[1] - r - 1
        inside = pad <= r < rows - pad and pad <= c < columns - pad
        ax.add_patch(plt.Rectangle((x, y), 1, 1, facecolor=color if (r, c) in at else "none",
                                   alpha=0.35))  # fmt: skip
        ax.add_patch(plt.Rectangle((x, y), 1, 1, facecolor="none", edgecolor=GREY, lw=0.9,
                                   ls="-" if inside else ":"))  # fmt: skip
        _write(ax, x + 0.5, y + (0.6 if (r, c) in weights else 0.5), str(value),
               "black" if inside else GREY, 11)  # fmt: skip
        if (r, c) in weights:
            _write(ax, x + 0.67, y + 0.2, f"×{weights[r, c]}", RED, 9)


def under(place: tuple[int, int], shape: Sequence[int], step: int = 1) -> list[tuple[int, int]]:
    """The cells that a window lies on, whose places are `step` apart."""
    p, q = place
    return [(p * step + i, q * step + j) for i, j in np.ndindex(*shape)]


def windows() -> Any:
    """One kernel on one picture: plain, padded, with a stride; and the maximum of each window."""
    padded = np.pad(BY_HAND, 1)
    pixels = np.array([[1, 5, 2, 2], [3, 4, 0, 2]])
    cases = (
        ("plain", BY_HAND, [[-1, 4], [3, -2]], (0, 1), 1, 0, KERNEL),
        ("padding 1", padded, _slide(padded, KERNEL), (0, 1), 1, 1, KERNEL),
        ("padding 1, stride 2", padded, _slide(padded, KERNEL)[::2, ::2], (1, 1), 2, 1, KERNEL),
        ("maximum pooling", pixels, [[5, 2]], (0, 0), 2, 0, None),
    )
    _, axes = plt.subplots(
        4, 1, figsize=(5.6, 8.4), height_ratios=[3, 5, 5, 2], layout="constrained"
    )
    for ax, (title, picture, result, place, step, pad, kernel) in zip(axes, cases, strict=True):
        weights = () if kernel is None else kernel.ravel()
        (height, width), rows = np.shape(picture), len(result)
        grid(ax, (0, height / 2), picture, ORANGE, under(place, (2, 2), step), weights, pad)
        grid(ax, (width + 2, rows / 2), result, BLUE, [place])
        _arrow(ax, (width + 0.4, 0), (width + 1.6, 0))
        ax.set_title(title, fontsize=11)
        ax.set(xlim=(-0.2, 11.2), ylim=(-height / 2 - 0.1, height / 2 + 0.1))
        ax.set(aspect="equal", anchor="W")
        ax.axis("off")
    return axes[0]


def two_channels() -> Any:
    """A picture of two channels under a kernel of two: two sums and a bias are one number."""
    _, ax = plt.subplots(figsize=(7.6, 3.9))
    place = (0, 1)
    for top, picture, kernel, name in (
        (3.4, BY_HAND, KERNEL, "channel 1"),
        (-0.4, SECOND, SECOND_KERNEL, "channel 2"),
    ):
        result = _slide(picture, kernel)
        _write(ax, -1.1, top - 1.5, name, GREY, 10)
        grid(ax, (0, top), picture, ORANGE, under(place, (2, 2)), kernel.ravel())
        _arrow(ax, (3.4, top - 1.5), (4.6, top - 1.5))
        grid(ax, (5, top - 0.5), result, ORANGE, [place])
        _arrow(ax, (7.3, top - 1.5), (9.0, 0.4 if top > 0 else -0.4))
    _write(ax, 8.3, 0, "+1", GREY, 11)
    both = _slide(BY_HAND, KERNEL) + _slide(SECOND, SECOND_KERNEL) + 1
    grid(ax, (9.4, 1), both, BLUE, [place])
    _write(ax, 10.4, -1.5, "one channel", GREY, 10)
    ax.set(xlim=(-2.2, 11.8), ylim=(-3.6, 3.6), aspect="equal")
    ax.axis("off")
    return ax


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


def _slide(picture: Any, kernel: Any) -> Any:
    """Sums of products, as the chapter writes them."""
    views = np.lib.stride_tricks.sliding_window_view(picture, kernel.shape)
    return (views * kernel).sum(axis=(2, 3))


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


DRAWINGS = (
    small_network,
    used_twice,
    digit_cnn,
    lstm_cell,
    one_neuron,
    windows,
    two_channels,
    separable_convolution,
    residual_block,
    lstm_adds,
    lstm_lets_in,
    lstm_forgets,
    gru_cell,
    truncation,
    deep_and_both,
    transformer_block,
    encoder_decoder,
)

if __name__ == "__main__":
    folder = Path(plot.__file__).parent / "drawings"
    folder.mkdir(exist_ok=True)
    plot.use_style()
    plt.rcParams |= {"svg.fonttype": "path", "svg.hashsalt": "dlbook"}  # the same on every machine
    for draw in DRAWINGS:
        draw().figure.savefig(folder / f"{draw.__name__}.svg", metadata={"Date": None})
