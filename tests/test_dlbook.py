"""The package from outside: its names, those that must stay, and what an import brings in."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import dlbook


def output_of(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("name", dlbook.__all__)
def test_every_exported_name_is_there(name):
    assert getattr(dlbook, name) is not None


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("dlbook:manual_seed", "dlbook.rng:manual_seed"),
        ("dlbook:History", "dlbook.history:History"),
        ("dlbook:NonFiniteError", "dlbook.checks:NonFiniteError"),
        ("dlbook:CheckpointError", "dlbook.checks:CheckpointError"),
        ("dlbook:DataFormatError", "dlbook.checks:DataFormatError"),
        ("dlbook.init:manual_seed", "dlbook.rng:manual_seed"),
        ("dlbook.init:generator", "dlbook.rng:generator"),
        ("dlbook.train:History", "dlbook.history:History"),
        ("dlbook.checks:checks", "dlbook.checks:scans"),
        ("dlbook.data:transforms", "dlbook.data.transforms"),
    ],
)
def test_names_that_must_stay(name, same):
    assert pkgutil.resolve_name(name) is pkgutil.resolve_name(same)


def test_an_unknown_name_is_told():
    with pytest.raises(AttributeError, match="module 'dlbook' has no attribute 'plots'"):
        dlbook.plots  # noqa: B018


def test_what_is_slow_comes_when_it_is_asked_for():
    code = """
import sys, dlbook
late = ("dlbook.plot", "dlbook.testing", "dlbook.exercises", "matplotlib")
print([name for name in late if name in sys.modules])
dlbook.testing, dlbook.exercises, dlbook.plot
print([name for name in late if name in sys.modules] == list(late))
"""
    assert output_of(code) == "[]\nTrue\n"


def test_training_imports_neither_torch_nor_matplotlib():
    code = """
import sys, numpy as np, dlbook
from dlbook import nn, optim
x = np.ones((4, 2), np.float32)
m = nn.Linear(2, 1)
dlbook.fit(m, nn.MSELoss(), optim.Adam(m.parameters()), [(x, x[:, :1])], epochs=1,
           validation=(x, x[:, :1]), patience=1, clip=1.0)
print([name for name in ("torch", "matplotlib", "scipy", "sklearn") if name in sys.modules])
"""
    assert output_of(code) == "[]\n"
