"""Drawings: what stands where."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from dlbook import plot

sys.path.append(str(Path(__file__).parents[1] / "tools"))
import drawings


@pytest.fixture(autouse=True)
def on_paper_only():
    """No window, and no figure that stays."""
    plt.switch_backend("agg")
    yield
    plt.close("all")


def texts(ax):
    """(text, colour) -> places; arrows have no text."""
    found = {}
    for t in ax.texts:
        if t.get_text():
            x, y = (round(float(v), 6) for v in t.get_position())
            found.setdefault((t.get_text(), t.get_color()), []).append((x, y))
    return found


def test_a_network_with_values_in_it_and_gradients_below():
    ax = drawings.network(
        place={"x": (0, 1), "a": (3, 0), "L": (6, 0)},
        weights={("x", "a"): "0.5", ("a", "L"): "-2"},
        values={"x": "1.0", "a": "0.7", "L": "3.1"},
        biases={"a": "b = 0.2"},
        gradients={"x": "-1", "a": "-2", "L": "1"},
        titles={0: "input", 6: "loss"},
    )
    assert texts(ax) == {
        ("0.5", plot.GREY): [(0.99, 0.67)],  # a third of the way along its line
        ("-2", plot.GREY): [(3.99, 0)],
        ("1.0", plot.BLUE): [(0, 1)],
        ("0.7", plot.BLUE): [(3, 0)],
        ("3.1", plot.BLUE): [(6, 0)],
        ("-1", plot.RED): [(0, 0.28)],
        ("-2", plot.RED): [(3, -0.72)],
        ("1", plot.RED): [(6, -0.72)],
        ("b = 0.2", plot.GREY): [(3, 0.62)],
        ("input", plot.GREY): [(0, 2.3)],
        ("loss", plot.GREY): [(6, 2.3)],
        ("values", plot.BLUE): [(4.95, -2.4)],
        ("gradients", plot.RED): [(4.95, -2.8)],
    }
    assert [circle.center for circle in ax.patches if hasattr(circle, "center")] == [
        (0, 1),
        (3, 0),
        (6, 0),
    ]
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[0, 1], [3, 0]], [[3, 0], [6, 0]]]
    arrows = [(t.xyann, t.xy) for t in ax.texts if not t.get_text() and hasattr(t, "xyann")]
    assert arrows == [((0, -2.4), (4.8, -2.4)), ((4.8, -2.8), (0, -2.8))]  # forwards, and back


def test_feature_maps_shrink_as_the_numbers_say():
    ax = drawings.feature_maps(
        [(28, 1, "picture"), (14, 8, "conv")], [(100, "flat"), (10, "scores")]
    )
    blocks = [(p.get_height(), p.get_width(), p.get_facecolor()[:3]) for p in ax.patches]
    assert [height for height, _, _ in blocks] == pytest.approx(
        [2.8, 1.4, 0.5 + 2 / 1.3, 0.5 + 1 / 1.3]
    )
    assert blocks[0][1] < blocks[1][1], "more channels are wider"
    assert blocks[0][2] == blocks[1][2] != blocks[2][2] == blocks[3][2]
    words = [t.get_text() for t in ax.texts]
    assert words == ["28x28\nx1", "picture", "14x14\nx8", "conv", "100", "flat", "10", "scores"]
    left = [p.get_x() for p in ax.patches]
    right = [p.get_x() + p.get_width() for p in ax.patches]
    assert all(b - a == pytest.approx(0.5) for a, b in zip(right, left[1:], strict=False))


def test_an_lstm_cell_has_four_gates_and_two_states():
    ax = drawings.lstm_cell()
    words = [t.get_text() for t in ax.texts]
    assert [w for w in words if w in ("$f$", "$i$", "$g$", "$o$")] == ["$f$", "$i$", "$g$", "$o$"]
    assert (words.count("σ"), words.count("tanh")) == (3, 2)
    assert (words.count("×"), words.count("+")) == (3, 1)
    states = {"$c_{t-1}$": (-0.35, 3), "$c_t$": (8.3, 3), "$h_t$": (8.3, 2.15)}
    assert {t.get_text(): t.get_position() for t in ax.texts if t.get_text() in states} == states
    (cell,) = [t for t in ax.texts if getattr(t, "xy", None) == (8, 3)]
    assert cell.xyann == (0, 3), "the cell runs through"


def test_each_drawing_is_shown_from_its_file():
    for draw in drawings.DRAWINGS:
        assert plot.drawing(draw.__name__)._repr_svg_().startswith("<svg")
    with pytest.raises(FileNotFoundError, match="no_such"):
        plot.drawing("no_such")
