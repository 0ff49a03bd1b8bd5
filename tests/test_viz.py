"""The figures that react, as far as no browser is needed; tests/site/test_figures.py drives them."""

import html
import re
import xml.etree.ElementTree as ET
from urllib.parse import unquote

import numpy as np
import pytest
from figures import FIGURES, NUMBERS, READER, features, gates, reader_probabilities, unpack

from dlbook import data
from dlbook.viz import figures
from dlbook.viz.figures import BY_HAND, HERE, Figure


def test_every_figure_of_the_package_is_tried():
    assert set(figures.__all__) == {*FIGURES, "Figure"}
    assert {figure for figure, *_ in NUMBERS} == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_small_and_the_same_each_time(name):
    own = (HERE / f"{name}.js").read_bytes()
    assert len(own) <= 10_000
    assert FIGURES[name]._repr_html_() == FIGURES[name]._repr_html_()
    assert len(FIGURES[name].alt.split()) > 5


@pytest.mark.parametrize("name", FIGURES)
def test_where_no_script_runs_a_picture_on_white_paper_stands(name):
    # An <img>: JupyterLab takes inline SVG out of a notebook that is not trusted.
    before = FIGURES[name]._repr_html_().split("<script>")[0]
    assert re.sub('"[^"]*"', "", before) == "<div class= id=><img alt= src= style=></div>"
    source = html.unescape(re.search('src="([^"]*)"', before)[1])
    svg = ET.fromstring(unquote(source.removeprefix("data:image/svg+xml,")))
    paper = svg[0]
    assert paper.tag.endswith("rect")
    assert paper.get("fill") == "#fff"
    assert any(part.tag.endswith("text") for part in svg.iter())


def test_data_cannot_end_the_script():
    made = Figure("line", "a line to be fitted", xlabel="</script><b>")._repr_html_()
    assert made.count("</script>") == 1
    assert made.endswith("</script>")


def test_what_the_reader_of_digits_says_of_itself():
    *_, x, y = data.mnist()
    guess = reader_probabilities(x, [unpack(a) for a in READER["arrays"]]).argmax(axis=1)
    assert np.sum(guess == y) == READER["right"]
    assert len(y) == READER["of"]
    assert (HERE / "digit_reader.json").stat().st_size < 30_000


def test_the_lstm_set_by_hand_does_what_its_units_are_called():
    rng = np.random.default_rng(0)
    for _ in range(20):
        text = "".join(rng.choice(list('ab "()'), 40))
        cells = gates(features(text), *BY_HAND)[:, 4]
        quoted, depth, letters = False, 0, 0
        for t, c in enumerate(text):
            depth += {"(": 1, ")": -1}.get(c, 0) * (not quoted)
            quoted ^= c == '"'
            if c.isalpha():
                letters = letters + 1 if t and text[t - 1].isalpha() else 1
            np.testing.assert_allclose(cells[t], [quoted, depth, c not in "ab", letters], atol=0.1)
