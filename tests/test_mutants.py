"""The tests see mistakes: all of mutants.txt can be planted, and ten of them are, here."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import mutants  # noqa: E402

TABLE = mutants.table()


def test_every_mistake_can_be_planted():
    """Its text occurs once in the place named, and what comes out is Python, and something else."""
    wrong = []
    for mutant in TABLE:
        text = (ROOT / mutant.file).read_text("utf-8")
        try:
            ast.parse(mutant.planted(text))
        except (ValueError, SyntaxError) as error:
            wrong.append(f"{mutant}: {error}")
        if mutant.old == mutant.new:
            wrong.append(f"{mutant}: changes nothing")
    assert wrong == []
    assert len(set(map(str, TABLE))) == len(TABLE) > 220


TEXT = """
def f():
    return 1

@once
def g():
    def h():
        return 1
    return h
"""


def test_a_text_is_looked_for_in_its_place_alone():
    inner = mutants.Mutant("", "g.h", "return 1", "return 2").planted(TEXT)
    assert inner == TEXT.replace("        return 1", "        return 2")
    assert "@twice" in mutants.Mutant("", "g", "@once", "@twice").planted(TEXT)


@pytest.mark.parametrize(
    ("where", "old", "message"),
    [("file", "1", "2 times"), ("f", "2", "0 times"), ("k", "1", "there is no k")],
)
def test_a_text_that_does_not_occur_once_is_refused(where, old, message):
    with pytest.raises(ValueError, match=message):
        mutants.Mutant("", where, old, "3").planted(TEXT)


def test_ten_mistakes_are_seen():
    """And, before that, that the runner itself sees what is wrong and nothing else."""
    done = subprocess.run(
        [sys.executable, "tools/mutants.py", "--quick", "--workers", "1"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "what changes nothing survives, a broken import is seen" in done.stdout
    assert done.stdout.count("seen by tests/") == 10
