"""Shown code is imported code: `show` prints the source that runs."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from pathlib import Path

import pytest
from compare import evaluated, spelled

import dlbook
from dlbook import optim, primitives, show

PACKAGE = Path(dlbook.__file__).parent


def source_of(file):
    """The file without the words to the tools, which are no part of the text."""
    text = (PACKAGE / file).read_text(encoding="utf-8")
    return re.sub(r"  # (fmt: skip|type: ignore.*)$", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("obj", "file", "first", "last"),
    [
        (
            "primitives.linear",
            "primitives/arithmetic.py",
            "def linear(x, W, b=None",
            "return z, vjp",
        ),
        (
            "primitives.softmax",
            "primitives/activations.py",
            "@saturating\ndef softmax(",
            "return a, vjp",
        ),
        ("F.tanh", "primitives/activations.py", "def tanh(x)", "return a, vjp"),  # what was lifted
        ("optim.AdamW", "optim/optimizers.py", "class AdamW(Adam)", "weight_decay)"),
        ("optim.Adam.direction", "optim/optimizers.py", "def direction(self, g", "+ self.eps)"),
        ("nn.Linear(2, 1)", "nn/layers.py", "class Linear(Module)", '{without}"'),  # its class
        ("nn.Linear(2, 1).forward", "nn/layers.py", "def forward(self, x", "self.bias)"),
        ("dlbook.Tensor([1.0])", "autodiff.py", "class Tensor:", '{made_by})"'),
    ],
)
def test_shows_the_lines_of_the_file(obj, file, first, last):
    header, text = show(evaluated(obj)).split("\n", 1)
    assert header == f"# dlbook/{file}"
    assert text.startswith(first)
    assert text.endswith(last)
    source = source_of(file)
    assert text in source or textwrap.indent(text, "    ") in source


def test_a_module_is_shown_whole():
    header, text = show(optim).split("\n", 1)
    assert header == "# dlbook/optim/__init__.py"
    assert text == source_of("optim/__init__.py").rstrip()


def test_several_objects_stand_below_each_other():
    both = show(primitives.relu, primitives.tanh)
    assert both == f"{show(primitives.relu)}\n\n\n{show(primitives.tanh)}"


def test_highlighted_where_there_is_a_cell_plain_elsewhere():
    for name, obj in inspect.getmembers(primitives, inspect.isfunction):
        text = show(obj)
        markdown = text._repr_markdown_()
        assert markdown == f"```python\n{text}\n```", name
        assert markdown.count("```") == 2, name
        assert repr(text) == str(text), "no quotes, no \\n"


@pytest.mark.parametrize("interactive", [True, False])
def test_a_script_in_a_terminal_prints(interactive, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    if interactive:  # the prompt prints the result itself
        monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    text = show(primitives.exp)
    printed = capsys.readouterr().out
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed).rstrip()
    assert plain == ("" if interactive else text)
    assert ("\x1b[" in printed) == (not interactive)  # in colour


@pytest.mark.parametrize("obj", [len, 3.0, "text", dict, [1], sys], ids=spelled)
def test_builtins_have_no_source(obj):
    with pytest.raises(TypeError, match="no Python source to show: expected a function"):
        show(obj)
