"""Is an answer right, and if not, what is the likely mistake?"""

import contextlib
import copy
import functools
import importlib
import itertools
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import numpy as np

from .diagnose import Unexplained, difference, same, stopped
from .inputs import Form, value_and_gradients

# The chapters as _toc.yml lists them, written by tools/notebooks.py: a number is a place in this list.
ORDER = (files(__package__) / "order.txt").read_text("utf-8").split()
_ON_PAPER = 1e-3  # three digits, as people write them down


@dataclass
class Exercise:
    """A question with a checked answer.

    `answer` is a number, array or tuple, or a function. Functions are compared on `cases`, a list
    of argument tuples; `use(f, *args)` turns the reader's function into plain numbers. `names`
    names what comes out, `arguments` what goes in, `batch` tells which argument has one row per
    example. `mistakes` are pairs of a wrong answer that
    people give and what to tell them. `hint` is what helps where no mistake is recognised: a step to
    redo, an equation to compare with, a small case to try. `steps` are parts of a long answer, by name.
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
    hint: str = ""
    steps: dict[str, "Exercise"] = field(default_factory=dict)


@dataclass
class Verdict:
    """Whether an answer is right, what to say about it, and a hint if the mistake is not recognised."""

    correct: bool
    message: str
    hint: str = ""


def check(exercise: str, answer: Any, step: str | None = None) -> None:
    """Print whether the answer to an exercise, such as "losses.2", is right or what is wrong with it.

    With `step`, the answer to a part of it. Raises KeyError for an unknown name.
    """
    verdict = judge(exercise, answer, step)
    told = f"{exercise}, {step}" if step else exercise
    mark = "✓✗"[not verdict.correct]
    try:
        mark.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # a console of Windows may know neither
        mark = "right:" if verdict.correct else "wrong:"
    print(f"{told} {mark} {verdict.message}")
    if verdict.hint:
        print(f"  Hint: {verdict.hint}")


def judge(exercise: str, answer: Any, step: str | None = None) -> Verdict:
    """Return the Verdict that `check` prints; equations in it get their chapters' numbers."""
    e = find(exercise, step)
    verdict = _judge(e, answer)
    chapter = e.id.split(".")[0]
    return Verdict(
        verdict.correct, _filled(verdict.message, chapter), _filled(verdict.hint, chapter)
    )


def _filled(text: str, chapter: str) -> str:
    """Equations get their chapters' numbers: (.3) of this chapter, (losses.5) of another."""

    def number(found: re.Match) -> str:
        name = found[1] or chapter
        return f"({ORDER.index(name) + 1}.{found[2]})" if name in ORDER else found[0]

    return re.sub(r"\((\w*)\.(\d+[a-z]?)\)", number, text)


def _judge(e: Exercise, answer: Any) -> Verdict:
    if not callable(e.answer):
        return _judge_value(e, answer)
    if not callable(answer):
        return Verdict(False, f"give the function itself, without calling it: check({e.id!r}, f)")
    for k, args in enumerate(e.cases):
        want = e.use(e.answer, *copy.deepcopy(args))
        mine, before = copy.deepcopy(args), copy.deepcopy(args)
        try:
            got = e.use(answer, *mine)
        except NotImplementedError:
            return Verdict(False, "not written yet: replace the line that raises this")
        except Form as error:
            return Verdict(False, str(error))
        except Exception as error:
            return Verdict(False, f"{stopped(error)} (inputs: {_describe(e, args)})", e.hint)
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
            with (
                contextlib.suppress(Exception),
                np.errstate(all="ignore"),
            ):  # a mistake that cannot be made with these inputs
                if same(got, e.use(wrong, *copy.deepcopy(args)), e.tol):
                    return Verdict(False, message)
        for wrong, message in e.mistakes:
            with contextlib.suppress(Exception), np.errstate(all="ignore"):
                if _same_first_mistake(got, e.use(wrong, *copy.deepcopy(args)), want, e.tol):
                    return Verdict(False, message)
        if told := _inputs_mixed_up(e, answer):
            return Verdict(False, told)
        rows = args[e.batch] if e.batch is not None and e.batch < len(args) else None
        N = len(rows) if isinstance(rows, np.ndarray) and rows.ndim else None
        sizes = {n for a in args if isinstance(a, np.ndarray) for n in a.shape} - {N, 1}
        told = difference(got, want, e.tol, e.names, N, sizes) or Unexplained(
            "not the expected numbers"
        )
        hint = e.hint if isinstance(told, Unexplained) else ""
        earlier = f"; {k} before it right" if k else ""
        return Verdict(False, f"{told} (inputs: {_describe(e, args)}{earlier})", hint)
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
    for wrong, message in e.mistakes:
        if _same_first_mistake(answer, wrong, e.answer, e.tol):
            return Verdict(False, message)
    told: str = Unexplained("not the expected number")
    for tol in (e.tol, max(e.tol, _ON_PAPER)):  # what was rounded on its way may be recognised too
        told = difference(answer, e.answer, tol, e.names) or told
        if not isinstance(told, Unexplained):
            return Verdict(False, told)
    return Verdict(False, told.split(", expected")[0], e.hint)  # give nothing away


def _same_first_mistake(got: Any, mistake: Any, want: Any, tol: float) -> bool:
    """Whether the first of several outputs that is wrong is wrong as in a mistake that people make."""
    if not all(isinstance(x, tuple) and len(x) == len(want) for x in (got, mistake, want)):
        return False
    for k, right in enumerate(want):
        if not same(got[k], right, tol):
            swapped = any(same(mistake[k], other, tol) for other in want)
            return same(got[k], mistake[k], tol) and not swapped
        if not same(mistake[k], right, tol):
            return False
    return False


def _inputs_mixed_up(e: Exercise, answer: Any) -> str | None:
    """Whether the answer is the right one to other arguments: two swapped, or what comes back left out."""

    @functools.cache
    def given(k: int) -> Any:
        return e.use(answer, *copy.deepcopy(e.cases[k]))

    def is_right_with(change: Callable[[list], None]) -> bool:
        for k, args in enumerate(e.cases):
            other = list(copy.deepcopy(args))
            change(other)
            try:
                with np.errstate(all="ignore"):
                    if not same(given(k), e.use(e.answer, *other), e.tol):
                        return False
            except Exception:
                return False
        return True

    def swap(i: int, j: int, args: list) -> None:
        args[i], args[j] = args[j], args[i]

    def leave_out(args: list) -> None:
        args[-1] = np.ones_like(args[-1])

    names = _names(e, e.cases[0])
    if e.use is value_and_gradients and is_right_with(leave_out):
        return f"this is the slope alone: multiply it by what comes back, {names[-1]}"
    for i, j in itertools.combinations(range(len(names)), 2):
        if is_right_with(functools.partial(swap, i, j)):
            return f"this is what comes out with {names[i]} and {names[j]} swapped: which stands where?"
    return None


def _tolerance(e: Exercise, wrong: Any) -> float:
    """How close to a mistake is that mistake: within a quarter of its distance to the right answer."""
    tol = max(e.tol, _ON_PAPER)
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
        if isinstance(a, np.ndarray | list | tuple | dict) and not _equal(a, b, rounding):
            return name
    return None


def _equal(a: Any, b: Any, rounding: float) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and _equal(list(a.values()), list(b.values()), rounding)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(_equal(p, q, rounding) for p, q in zip(a, b, strict=True))
    return np.array_equal(a, b) or (rounding > 0 and same(b, a, rounding))


def find(exercise: str, step: str | None = None) -> Exercise:
    """Return an Exercise by its name, such as "losses.2", or a step of it; KeyError says which there are."""
    chapter = str(exercise).split(".")[0]
    if chapter not in ORDER:
        raise KeyError(f"unknown exercise {exercise!r}: expected one of a chapter, such as {ORDER[0]}.1; "
                       f"chapters: {', '.join(ORDER)}")  # fmt: skip
    exercises = importlib.import_module(f".{chapter}", __package__).EXERCISES
    for e in exercises:
        if e.id == exercise and step is None:
            return e
        if e.id == exercise:
            if step not in e.steps:
                raise KeyError(
                    f"unknown step {step!r} of {exercise}: {', '.join(e.steps) or 'it has none'}"
                )
            return e.steps[step]
    known = ", ".join(e.id for e in exercises)
    raise KeyError(f"unknown exercise {exercise!r}; known in this chapter: {known}")
