"""Dependencies point one way, and CONTRIBUTING.md draws them as they are."""

import re
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from compare import spelled

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import layout  # noqa: E402

SOURCES = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "dlbook").rglob("*.py")}


@pytest.mark.parametrize("level", [layout.imports, layout.rooms], ids=["files", "rooms"])
def test_no_arrow_runs_back(level):
    arrows = level()
    assert len(list(TopologicalSorter(arrows).static_order())) == len(arrows) > 20


def test_an_arrow_that_runs_back_is_seen(tmp_path, monkeypatch):
    """The test of the test: primitives that know layers."""
    (tmp_path / "dlbook" / "nn").mkdir(parents=True)
    (tmp_path / "dlbook" / "nn" / "__init__.py").write_text("from ..primitives import tanh\n")
    (tmp_path / "dlbook" / "primitives.py").write_text("from . import nn\n")
    monkeypatch.setattr(layout, "ROOT", tmp_path)
    assert layout.rooms() == {"nn": {"primitives"}, "primitives": {"nn"}}
    with pytest.raises(CycleError):
        layout.draw()


def test_contributing_draws_the_package_as_it_is():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    drawn = text.split(layout.BEGIN)[1].split(layout.END)[0]
    assert drawn == layout.draw(), "run: make layout"


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("matplotlib", {"plot.py"}),
        ("torch", {"backend.py", "nn/bridge.py"}),
        ("array_api_compat", {"backend.py"}),
        ("tqdm", {"history.py"}),
    ],
    ids=spelled,
)
def test_a_library_is_known_in_its_place_only(library, allowed):
    pattern = re.compile(rf"^\s*(import|from) {library}\b", re.MULTILINE)
    found = {name for name, path in SOURCES.items() if pattern.search(path.read_text("utf-8"))}
    assert found == {f"dlbook/{name}" for name in allowed}


def test_files_can_be_read_in_one_sitting():
    long = {name: n for name, p in SOURCES.items() if (n := p.read_text("utf-8").count("\n")) > 400}
    assert not long
