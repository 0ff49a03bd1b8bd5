"""Is an answer right, and if not, what is the likely mistake?"""

import contextlib
import copy
import importlib
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import numpy as np

from .diagnose import difference, same

# The chapters as _toc.yml lists them, written by tools/notebooks.py: a number is a place in this list.
ORDER = (files(__package__) / "order.txt").read_text("utf-8").split()


@dataclass
class Exercise:
    """A question with a checked answer.

    `answer` is a number, array or tuple, or a function. Functions are compared on `cases`, a list
    of argument tuples; `use(f, *args)` turns the reader's function into plain numbers. `names`
    names what comes out, `arguments` what goes in, `batch` tells which argument has one row per
    example. `mistakes` are pairs of a wrong answer that
    people give and what to tell them.
    """

    id: str
    answer: Any
    cases: Sequence[tuple] = ((),)
    names: str = "answer"
    arguments: str = ""
    tol: float = 1e-6
    batch: int | None = 0
    use: Callable[..., Any] = lambda f, *args: f(*args)
    mistakes: list[tuple[Any, str]] = field(default_factory=list)


@dataclass
class Verdict:
    """Whether an answer is right, and what to say about it."""

    correct: bool
    message: str


def check(exercise: str, answer: Any) -> None:
    """Print whether the answer to an exercise, such as "losses.2", is right or what is wrong with it.

    Raises KeyError for an unknown name.
    """
    verdict = judge(exercise, answer)
    mark = "✓✗"[not verdict.correct]
    with contextlib.suppress(UnicodeEncodeError):  # a console of Windows may know neither
        mark.encode(sys.stdout.encoding or "utf-8")
        print(f"{exercise} {mark} {verdict.message}")
        return
    print(f"{exercise} {'right:' if verdict.correct else 'wrong:'} {verdict.message}")


def judge(exercise: str, answer: Any) -> Verdict:
    """Return the Verdict that `check` prints; equation (.3) of a message gets its chapter's number."""
    e = find(exercise)
    verdict = _judge(e, answer)
    number = ORDER.index(e.id.split(".")[0]) + 1
    message = re.sub(r"\(\.(\d+[a-z]?)\)", rf"({number}.\1)", verdict.message)
    return Verdict(verdict.correct, message)


def _judge(e: Exercise, answer: Any) -> Verdict:
    if not callable(e.answer):
        return _judge_value(e, answer)
    if not callable(answer):
        return Verdict(False, f"give the function itself, without calling it: check({e.id!r}, f)")
    for args in e.cases:
        want = e.use(e.answer, *copy.deepcopy(args))
        mine, before = copy.deepcopy(args), copy.deepcopy(args)
        try:
            got = e.use(answer, *mine)
        except NotImplementedError:
            return Verdict(False, "not written yet: replace the line that raises this")
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            return Verdict(False, f"your function stops with {told} (inputs: {_describe(e, args)})")
        if got is None or got is Ellipsis:
            return Verdict(False, "your function returns nothing yet: is there a `return`?")
        if changed := _changed(e, before, mine):
            if not _changed(e, before, mine, rounding=1e-12):
                return Verdict(False, f"{changed} differs by rounding from what it was: + eps - eps does not "
                                      "lead back exactly; keep the old value and put it back")  # fmt: skip
            return Verdict(False, f"your function overwrites {changed}: work on a copy, or write "
                                  "a = a + b instead of a += b")  # fmt: skip
        if same(got, want, e.tol):
            continue
        for wrong, message in e.mistakes:
            with contextlib.suppress(Exception):  # a mistake that cannot be made with these inputs
                if same(got, e.use(wrong, *copy.deepcopy(args)), e.tol):
                    return Verdict(False, message)
        rows = args[e.batch] if e.batch is not None and e.batch < len(args) else None
        N = len(rows) if isinstance(rows, np.ndarray) and rows.ndim else None
        told = difference(got, want, e.tol, e.names, N) or "not the expected numbers"
        return Verdict(False, f"{told} (inputs: {_describe(e, args)})")
    n = len(e.cases)
    return Verdict(True, f"correct, in {n} different cases" if n > 1 else "correct")


def _judge_value(e: Exercise, answer: Any) -> Verdict:
    if same(answer, e.answer, e.tol):
        return Verdict(True, "correct")
    if answer is None or answer is Ellipsis:
        return Verdict(False, "no answer yet: replace the dots")
    for wrong, message in e.mistakes:
        if same(answer, wrong, _tolerance(e, wrong)):
            return Verdict(False, message)
    told = difference(answer, e.answer, e.tol, e.names)
    told = (told or "not the expected number").split(", expected")[0]  # give nothing away
    return Verdict(False, told)


def _tolerance(e: Exercise, wrong: Any) -> float:
    """How close to a mistake is that mistake: within a quarter of its distance to the right answer."""
    tol = e.tol
    while tol > 1e-9 and same(e.answer, wrong, 4 * tol):
        tol /= 2
    return tol


def _names(e: Exercise, args: tuple) -> list[str]:
    given = [a.strip() for a in e.arguments.split(",")] if e.arguments else []
    return [given[k] if k < len(given) else f"argument {k}" for k in range(len(args))]


def _describe(e: Exercise, args: tuple) -> str:
    """x (5, 3), lr 0.1: enough to run the failing case by hand."""

    def describe(a: Any) -> str:
        if isinstance(a, np.ndarray):
            return f" {a.shape}"
        if isinstance(a, list):
            return f" {len(a)} {'arrays' if isinstance((a or [0])[0], np.ndarray) else 'entries'}"
        return f" {a}" if isinstance(a, float | int) else ""

    parts = [name + describe(a) for name, a in zip(_names(e, args), args, strict=True)]
    return ", ".join(parts) or "none"


def _changed(e: Exercise, before: tuple, after: tuple, rounding: float = 0.0) -> str | None:
    for name, a, b in zip(_names(e, before), before, after, strict=True):
        if isinstance(a, np.ndarray | list) and not _equal(a, b, rounding):
            return name
    return None


def _equal(a: Any, b: Any, rounding: float) -> bool:
    if isinstance(a, list):
        return len(a) == len(b) and all(_equal(p, q, rounding) for p, q in zip(a, b, strict=True))
    return np.array_equal(a, b) or (rounding > 0 and same(b, a, rounding))


def find(exercise: str) -> Exercise:
    """Return an Exercise by its name, such as "losses.2"; KeyError says which there are."""
    chapter = str(exercise).split(".")[0]
    if chapter not in ORDER:
        raise KeyError(f"unknown exercise {exercise!r}: expected one of a chapter, such as {ORDER[0]}.1; "
                       f"chapters: {', '.join(ORDER)}")  # fmt: skip
    exercises = importlib.import_module(f".{chapter}", __package__).EXERCISES
    for e in exercises:
        if e.id == exercise:
            return e
    known = ", ".join(e.id for e in exercises)
    raise KeyError(f"unknown exercise {exercise!r}; known in this chapter: {known}")
