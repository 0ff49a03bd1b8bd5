"""The tests as a specification: every source file has its own, and an id says what failed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = sorted(TESTS.glob("test_*.py"))
PACKAGE = TESTS.parent / "dlbook"
SOURCES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def specified_in(source):
    """The names that a source file's tests may have: its own, or that of a room it stands in."""
    if source.name == "__init__.py":
        source = source.parent if source.parent.parts else Path("dlbook")
    parts = source.with_suffix("").parts
    return ["test_" + "_".join(parts[:k]) for k in range(1, len(parts) + 1)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.as_posix())
def test_every_source_file_has_tests_of_its_name(source):
    names = {path.stem for path in FILES}
    wanted = specified_in(source)
    whole = {name for name in names if name.startswith(f"{wanted[-1]}_")}  # a room, in parts
    assert names & set(wanted) or (source.name == "__init__.py" and whole), f"write {wanted[-1]}.py"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_test_file_imports_from_another(path):
    """What two of them need stands in compare.py, cases.py or slope.py."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    assert not {name for name in found if name.startswith("test_")}


def says_nothing(argument, text):
    """Whether pytest had to number a parameter: "shape7" for an argument called shape."""
    return re.search(rf"(^|-){re.escape(argument)}\d+(-|$)", text) or "<lambda>" in text


def test_ids_say_what_failed(request):
    """Of all that is collected in this run."""
    numbered = [
        item.nodeid
        for item in request.session.items
        if hasattr(item, "callspec")
        for argument in item.callspec.params
        if says_nothing(argument, item.callspec.id)
    ]
    assert numbered == []


def test_an_id_that_says_nothing_is_seen():
    assert says_nothing("shape", "<lambda>-shape7")
    assert says_nothing("make", "<lambda>-float32")
    assert says_nothing("shape", "shape7")
    assert says_nothing("make", "make0-float32")
    assert not says_nothing("shape", "Linear(3, 4)-(5, 3)")
    assert not says_nothing("dtype", "float64")
    assert not says_nothing("k", "04.3-2")
