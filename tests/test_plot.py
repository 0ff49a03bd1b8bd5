"""Figures: the numbers they draw, read back from the axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from compare import spelled

from dlbook import History, plot
from dlbook.history import RangeTest


@pytest.fixture(autouse=True)
def on_paper_only():
    """No window, and no figure or style that stays."""
    plt.switch_backend("agg")
    with plt.rc_context():
        yield
    plt.close("all")


def lines(ax):
    return {
        line.get_label(): (
            line.get_xdata().tolist(),
            line.get_ydata().tolist(),
            line.get_linestyle(),
        )
        for line in ax.lines
    }


def test_curves_over_epochs_with_validation_dashed():
    history = History(loss=[3.0, 2.0, 1.0], val_loss=[4.0, 3.0, 3.5], val_accuracy=[0.1, 0.2, 0.3])
    ax = history.plot("loss", "val_loss")
    assert lines(ax) == {
        "loss": ([1, 2, 3], [3.0, 2.0, 1.0], "-"),
        "val_loss": ([1, 2, 3], [4.0, 3.0, 3.5], "--"),
    }
    assert ax.get_xlabel() == "epoch"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["loss", "val_loss"]
    _, mine = plt.subplots()
    assert plot.curves(history, ax=mine) is mine
    assert list(lines(mine)) == ["loss", "val_loss", "val_accuracy"]


def test_a_range_test_over_a_logarithmic_axis():
    ax = RangeTest(lr=[0.001, 0.01, 0.1], loss=[2.0, 1.0, 5.0]).plot()
    ((x, y, _),) = lines(ax).values()
    assert (x, y) == ([0.001, 0.01, 0.1], [2.0, 1.0, 5.0])
    assert (ax.get_xscale(), ax.get_xlabel()) == ("log", "learning rate")


@pytest.mark.parametrize(
    ("shape", "shown"),
    [((1, 4, 5), (4, 5)), ((3, 4, 5), (4, 5, 3)), ((4, 5), (4, 5))],
    ids=spelled,
)
def test_pictures_in_a_grid(shape, shown, rng):
    x = rng.random((7, *shape))
    fig = plot.images(x, titles=list("abcdefg"), columns=3)
    assert len(fig.axes) == 9
    drawn = [ax.images[0].get_array() for ax in fig.axes if ax.images]
    assert len(drawn) == 7
    for picture, array in zip(drawn, x, strict=True):
        wanted = np.moveaxis(array, 0, -1).reshape(shown) if array.ndim == 3 else array
        np.testing.assert_array_equal(picture, wanted)
    assert [ax.get_title() for ax in fig.axes] == [*"abcdefg", "", ""]
    assert not any(ax.axison for ax in fig.axes)


def test_a_confusion_matrix_shows_its_counts_and_colours_its_mistakes():
    matrix = np.array([[5, 0, 2], [1, 7, 0], [0, 0, 9]])
    ax = plot.confusion(matrix, labels=["a", "b", "c"])
    texts = {tuple(t.get_position()): (t.get_text(), t.get_weight()) for t in ax.texts}
    assert texts[0, 0] == ("5", "bold")
    assert texts[2, 0] == ("2", "normal")  # column 2, row 0
    assert texts[0, 1] == ("1", "normal")
    assert texts[1, 0] == ("·", "normal")
    assert len(texts) == 9
    np.testing.assert_array_equal(ax.images[0].get_array(), [[0, 0, 2], [1, 0, 0], [0, 0, 0]])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")


def test_regions_ask_for_every_point_of_the_plane():
    x = np.array([[0.0, 0.0], [2.0, 1.0], [1.0, 3.0]], np.float32)
    y = np.array([0, 1, 1])
    asked = []

    def predict(points):
        asked.append(points)
        return points[:, 0] > 1

    ax = plot.decision_regions(predict, x, y, resolution=5)
    (points,) = asked
    assert (points.shape, points.dtype) == ((25, 2), np.float32)
    assert points[:5, 0].tolist() == [-0.5, 0.25, 1.0, 1.75, 2.5]  # half a unit beyond the data
    assert points[::5, 1].tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5]
    drawn = {
        c.get_label(): c.get_offsets().tolist() for c in ax.collections if c.get_label() in "01"
    }
    assert drawn == {"0": [[0.0, 0.0]], "1": [[2.0, 1.0], [1.0, 3.0]]}


def test_the_style_of_the_book_stays_for_the_session():
    plot.use_style()
    cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle[:2] == [plot.BLUE, plot.ORANGE]
