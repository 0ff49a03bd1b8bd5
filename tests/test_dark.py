"""Figures for dark pages: each committed one has its twin, and what a twin changes."""

import io
from pathlib import Path

import dark
import matplotlib.pyplot as plt
import nbformat
import notebooks
import numpy as np
import pytest
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.text import Text
from PIL import Image

from dlbook import plot

PUBLISHED = sorted((Path(__file__).parents[1] / "chapters").glob("*.ipynb"))


def pictures(path):
    return notebooks.pictures(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_every_figure_has_a_twin_of_its_size(path):
    for png in pictures(path):
        twin = dark.twin_of(png)
        assert twin.exists(), f"make notebooks ONE={path.stem}"
        with Image.open(twin) as dark_one:  # a margin cut to the ink may differ by a few pixels
            assert np.allclose(dark_one.size, Image.open(io.BytesIO(png)).size, rtol=0, atol=4)


def test_there_is_no_twin_of_a_figure_that_is_gone():
    twins = {dark.twin_of(png) for path in PUBLISHED for png in pictures(path)}
    assert set(dark.FOLDER.iterdir()) <= twins


@pytest.fixture
def fig():
    """A curve with a note, and beside it a picture with a number and a point on it."""
    plt.switch_backend("agg")
    with plt.rc_context():
        plot.use_style()
        fig, (left, right) = plt.subplots(1, 2, figsize=(6, 3))
        left.plot([0, 1], [0, 1], "k")
        left.plot([0, 1], [1, 0], color="navy")
        left.bar([0], [0.5], color="navy")
        left.scatter([0.5], [0.9], color="white", edgecolors="k")
        left.annotate("note", (1, 0), (0.6, 0.5), arrowprops={"color": "k"})
        left.text(0, 0.25, "bar", color="white", ha="center", va="center")
        right.imshow(np.eye(4), cmap="gray_r")
        right.set_title("above")
        right.text(0, 1, "1", ha="center", va="center")
        right.text(1, 1, "2", ha="center", va="center", color="white")
        right.plot([2], [0], "ok")
        fig.canvas.draw()
        yield fig
        plt.close(fig)


def drawn(fig):
    fig.canvas.draw()
    return np.array(fig.canvas.buffer_rgba())[..., :3]


def test_what_is_on_a_picture_is_the_same_and_the_rest_is_not(fig):
    before = drawn(fig)
    with dark.darkened(fig):
        after = drawn(fig)
    (left, low), (right, high) = fig.axes[1].get_window_extent().get_points().astype(int)
    inside = np.s_[-high + 3 : -low - 3, left + 3 : right - 3]
    np.testing.assert_array_equal(after[inside], before[inside])
    np.testing.assert_allclose(after[0, 0], 255 * dark.GROUND, atol=1)
    np.testing.assert_array_equal(drawn(fig), before, "the figure is as it was")


def test_every_text_and_line_can_be_seen(fig):
    left, right = fig.axes
    on_bar, on_picture = left.texts[1], right.texts
    with dark.darkened(fig):
        bar = left.patches[0].get_facecolor()
        colours = [bar, *(line.get_color() for line in left.lines)]
        colours += [
            left.collections[0].get_edgecolor()[0],
            left.texts[0].arrow_patch.get_edgecolor(),
        ]
        colours += [
            text.get_color()
            for text in fig.findobj(Text)
            if text.get_text() and text not in (on_bar, *on_picture)
        ]
        assert min(dark.contrast(to_rgb(colour), dark.GROUND) for colour in colours) >= 4.5
        assert dark.contrast(to_rgb(bar), to_rgb(on_bar.get_color())) >= 4
        assert [to_rgb(text.get_color()) for text in on_picture] == [(0, 0, 0), (1, 1, 1)]


def test_greys_are_turned_round_and_light_colours_stay():
    np.testing.assert_allclose(dark.dark("white")[:3], dark.GROUND)
    np.testing.assert_allclose(dark.dark("black")[:3], dark.INK)
    assert dark.dark((0, 0, 0, 0.3))[3] == 0.3
    assert dark.dark(plot.ORANGE) == to_rgba(plot.ORANGE)
    assert dark.contrast(dark.dark(plot.BLUE)[:3], dark.GROUND) >= 4.5
    assert dark.contrast(dark.dark("0.42")[:3], dark.GROUND) >= 4.5, "ticks and small print"
