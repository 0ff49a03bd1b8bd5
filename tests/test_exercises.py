"""Answers are checked answers: stubs fail, solutions pass, every mistake gets its own diagnosis."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from dlbook.exercises import Exercise, check, find, judge
from dlbook.exercises.diagnose import difference
from dlbook.exercises.judge import ORDER
from dlbook.testing import numerical_gradient

CHAPTERS = Path(__file__).parent.parent / "chapters"
ALL = [e for topic in ORDER for e in importlib.import_module(f"dlbook.exercises.{topic}").EXERCISES]
STEPS = [(e, name) for e in ALL for name in e.steps]
every_step = pytest.mark.parametrize(
    ("exercise", "step"), STEPS, ids=[f"{e.id}-{name}" for e, name in STEPS]
)
every_exercise = pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)


@every_exercise
def test_the_answer_passes(exercise):
    assert judge(exercise.id, exercise.answer).correct


@every_exercise
def test_the_stub_fails(exercise):
    def stub(*args):
        raise NotImplementedError

    told = judge(exercise.id, stub if callable(exercise.answer) else ...)
    assert not told.correct
    assert "yet" in told.message


@pytest.mark.parametrize(
    ("exercise", "k"),
    [(e, k) for e in ALL for k in range(len(e.mistakes))],
    ids=lambda v: v.id if isinstance(v, Exercise) else str(v),
)
def test_every_mistake_gets_its_own_diagnosis(exercise, k):
    wrong, message = exercise.mistakes[k]
    told = judge(exercise.id, wrong)
    assert not told.correct
    number = ORDER.index(exercise.id.split(".")[0]) + 1
    assert told.message == re.sub(r"\(\.(\w+)\)", rf"({number}.\1)", message)


@every_step
def test_a_step_has_an_answer_a_stub_and_mistakes_of_its_own(exercise, step):
    part = find(exercise.id, step)
    assert part.id == exercise.id
    assert part.hint
    assert part.mistakes
    assert judge(exercise.id, part.answer, step).correct

    def stub(*args):
        raise NotImplementedError

    assert "not written yet" in judge(exercise.id, stub, step).message
    for wrong, message in part.mistakes:
        told = judge(exercise.id, wrong, step)
        assert not told.correct
        assert re.sub(r"\(\d+\.", "(.", told.message) == re.sub(r"\(\w*\.", "(.", message)


def test_a_step_is_printed_with_its_name(capsys):
    check("recurrent.6", find("recurrent.6", "read").answer, step="read")
    assert capsys.readouterr().out == "recurrent.6, read ✓ correct, in 2 different cases\n"
    with pytest.raises(KeyError, match=r"unknown step 'write' of recurrent\.6: read"):
        find("recurrent.6", "write")
    with pytest.raises(KeyError, match=r"unknown step 'read' of recurrent\.1: it has none"):
        find("recurrent.1", "read")


@every_exercise
def test_at_least_three_mistakes_are_known(exercise):
    messages = {message for _, message in exercise.mistakes}
    assert len(messages) >= 3, "list at least three mistakes with different diagnoses"


def equations(text):
    return re.findall(r"\((\w*)\.(\d+[a-z]?)\)", text)


@every_exercise
def test_a_hint_helps_where_no_mistake_is_recognised(exercise):
    assert exercise.hint, (
        "which step to redo, which equation to compare with, which small case to try?"
    )
    topic = exercise.id.split(".")[0]
    for chapter, number in equations(exercise.hint + str([m for _, m in exercise.mistakes])):
        source = (CHAPTERS / "source" / f"{chapter or topic}.md").read_text("utf-8")
        assert rf"\tag{{.{number}}}" in source, f"({chapter}.{number})"


def test_a_hint_comes_only_where_no_diagnosis_fits(capsys):
    known = find("linear_regression.3").mistakes[0][0]
    for answer in (known, ..., None, lambda *args: None, lambda theta, X, y: 3 * X.sum(0)):
        check("linear_regression.3", answer)
    *others, last = capsys.readouterr().out.split("linear_regression.3 ✗ ")[1:]
    assert len(others) == 4
    assert not any("Hint" in told for told in others)
    assert "entries differ" in last
    assert "\n  Hint: take N = 1" in last
    assert "(2.3)" in last
    assert judge("linear_regression.3", lambda *args: 1 / 0).hint


def test_equations_of_other_chapters_get_their_numbers():
    told = judge("transformer.5", lambda *args: (np.zeros(3), np.zeros((5, 3)), np.zeros((5, 3))))
    assert f"({ORDER.index('attention') + 1}.2)" in judge("transformer.5", lambda *a: 1 / 0).hint
    assert not told.correct


def checks(source, exercise, step):
    """Whether the code of a cell checks this exercise, or a step of it."""
    lines = [line for line in source.splitlines() if line.startswith(f'check("{exercise}", ')]
    return any(f'step="{step}"' in line if step else "step=" not in line for line in lines)


def test_every_exercise_stands_in_its_chapter_with_stub_and_passing_solution():
    for topic in ORDER:
        path = CHAPTERS / f"{topic}.ipynb"
        cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        for e in (e for e in ALL if e.id.startswith(f"{topic}.")):
            for step in ("", *e.steps):
                calls = [c for c in cells if checks(c.source, e.id, step)]
                printed = ["".join(o.get("text", "") for o in c.outputs) for c in calls]
                told = f"{e.id}, {step}" if step else e.id
                assert len(calls) == 2 or (step and not calls), (
                    f"{told} needs a stub and a solution"
                )
                for k, mark in enumerate("✗✓"[: len(calls)]):
                    assert f"{told} {mark}" in printed[k], told
                if calls:
                    assert (
                        judge(e.id, find(e.id, step or None).answer, step or None).message
                        in printed[1]
                    )
                    assert "solution" in calls[1].metadata.tags, told
        steps = re.findall(
            r'check\("(\w+\.\d+)", \w+, step="(\w+)"', "\n".join(c.source for c in cells)
        )
        assert set(steps) <= {(e.id, name) for e, name in STEPS}
        asked = set(re.findall(r'check\("(\w+\.\d+)"', "\n".join(c.source for c in cells)))
        assert asked == {e.id for e in ALL if e.id.startswith(f"{topic}.")}
        assert len(asked) >= 5, f"{path.name} has {len(asked)} exercises: at least five, please"


def test_check_prints_and_unknown_numbers_are_said(capsys):
    check("linear_regression.1", 100.0)
    told, hint = capsys.readouterr().out.splitlines()
    assert told == "linear_regression.1 ✗ loss is 100"
    assert hint.startswith("  Hint: redo the three errors")
    assert hint.endswith("then one step by (2.5), then the loss")
    with pytest.raises(
        KeyError, match=r"unknown exercise 'linear_regression\.9'; known .*linear_regression\.1"
    ):
        find("linear_regression.9")
    with pytest.raises(KeyError, match="expected one of a chapter, such as"):
        find("00.1")


def told_of(f):
    return judge("linear_regression.3", f).message


def test_what_happens_before_numbers_are_compared():
    right = find("linear_regression.3").answer

    def overwrites(theta, X, y):
        result = right(theta, X, y)
        X += 1
        return result

    assert "give the function itself" in judge("linear_regression.3", 3.0).message
    assert "returns nothing yet" in told_of(lambda theta, X, y: None)
    assert "overwrites X" in told_of(overwrites)

    def put_back_nearly(f, x, eps=1e-5):
        g = np.empty_like(x)
        for k in np.ndindex(x.shape):
            x[k] += eps
            up = f(x)
            x[k] -= 2 * eps
            g[k] = (up - f(x)) / (2 * eps)
            x[k] += eps
        return g

    assert "delta1[0] is 0.1" in judge("backpropagation.1", (0.1, 0.2)).message  # for an array
    assert "return delta1 alone" in judge("backpropagation.1", (0.1, 0.2, 0.3)).message
    assert "x differs by rounding" in judge("backpropagation.5", put_back_nearly).message
    assert "ZeroDivisionError: division by zero" in told_of(lambda theta, X, y: 1 / 0)
    assert "theta (3,), X (7, 3), y (7,)" in told_of(lambda theta, X, y: 1 / 0)


WANT = np.arange(1.0, 13.0).reshape(3, 4) ** 2


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ("WANT.T", "has shape (4, 3), expected (3, 4): it is transposed"),
        ("WANT.T + 1", "are two factors swapped"),
        ("WANT.ravel()", "reshape them"),
        ("WANT[None].repeat(2, 0)", "a sum or mean over one axis missing"),
        ("WANT.sum()", "a sum or mean too many"),
        ("WANT[:2]", "dW has shape (2, 4), expected (3, 4)$"),
        ("-WANT", "wrong sign"),
        ("5 * WANT", "5 times too large: did you divide by the batch size?"),
        ("-5 * WANT", "has the wrong sign and is 5 times too large"),
        ("WANT / 5", "5 times too small"),
        ("2 * WANT", "twice too large"),
        ("WANT / 2", "half of what it should be"),
        ("3 * WANT", "3 times what it should be"),
        ("5 * WANT + [1e-6, 0, -1e-6, 0]", "5 times too large"),  # but for its last digits
        ("WANT + 7", "off by 7 everywhere"),
        ("np.roll(WANT, 1, axis=1)", "off by one: entry k holds what belongs to entry k-1"),
        ("np.roll(WANT, -1, axis=0)", "off by one: entry k holds what belongs to entry k+1"),
        ("np.flip(WANT)", "reverse order"),
        ("0 * WANT", "0 everywhere"),
        ("WANT * [1, 1, np.nan, 1]", "3 nan or inf among 12"),
        ("np.where(WANT == 9, 10, WANT)", "1 of 12 entries differ; dW[0, 2] is 10, expected 9"),
        ("WANT.astype(complex)", "dtype complex128"),
        ("[[1, 2], [3]]", "rows of equal length"),
        ("'text'", "dtype <U4"),
        ("None", "is it computed, and returned?"),
        ("len", "is a function: call it"),
    ],
)
def test_general_diagnoses(got, expected):
    told = difference(eval(got), WANT, 1e-12, "dW", N=5)
    assert expected in told + "$"  # which ends it


def test_several_outputs_are_named():
    want = (WANT, WANT[0])
    assert difference((WANT, WANT[0]), want, 1e-6, "dW, db") is None
    assert "db has the wrong sign" in difference((WANT, -WANT[0]), want, 1e-6, "dW, db")
    told = difference((5 * WANT, WANT[0]), want, 1e-6, "dW, db", N=5)
    assert told == "dW is 5 times too large: did you divide by the batch size?"
    assert "return 2 values, (dW, db); yours returns 3" in difference(
        (1, 2, 3), want, 1e-6, "dW, db"
    )


def test_square_matrices_can_be_transposed_too():
    square = WANT[:, :3]
    assert difference(square.T, square, 1e-6, "dW") == "dW is transposed"


def test_axes_in_another_order_are_not_to_be_reshaped():
    want = np.arange(24.0).reshape(2, 3, 4) ** 2
    told = difference(np.moveaxis(want, 1, -1), want, 1e-6, "y")
    assert told == (
        "y has shape (2, 4, 3), expected (2, 3, 4): the axes are in another order; transpose them, "
        "do not reshape"
    )
    assert "are there, reshape them" in difference(want.reshape(2, 4, 3), want, 1e-6, "y")


def test_a_mistake_that_cannot_be_made_with_these_inputs_is_passed_over():
    def ignores_top(x, top, left, size):
        return np.stack([x[i, :, :size, c : c + size] for i, c in enumerate(left)])

    swapped = find("augmentation.4").mistakes[0][0]
    wide = find("augmentation.4").cases[1]
    with pytest.raises(ValueError, match="same shape"):
        swapped(*wide)
    assert "top is ignored" in judge("augmentation.4", ignores_top).message


def test_arrays_pass_for_tuples_and_lists_are_watched():
    assert judge("training.1", np.array([0.6, 0.75, 2 / 3])).correct
    right = find("backpropagation.6").answer

    def turns(weights, biases, x, y):
        result = right(weights, biases, x, y)
        weights.reverse()
        return result

    assert "overwrites weights" in judge("backpropagation.6", turns).message


def test_an_answer_with_an_axis_of_one_too_many_is_not_right():
    """Its numbers are those wanted, and would be found equal if the two were broadcast."""
    right = find("linear_regression.3").answer
    assert "has shape (1, 3), expected (3,)" in told_of(lambda *args: right(*args)[None])


@pytest.fixture
def ask(monkeypatch):
    """ask(right, answer, given): judge the answer to an exercise that only the test has."""

    def ask(right, answer, given):
        made = Exercise("linear_regression.1", right, [(given,)], arguments="values")
        monkeypatch.setattr("dlbook.exercises.linear_regression.EXERCISES", [made])
        return judge("linear_regression.1", answer)

    return ask


def test_the_answer_and_the_readers_function_draw_the_same_numbers(ask):
    assert ask(
        lambda rng: rng.random(3), lambda rng: rng.random(3), np.random.default_rng(0)
    ).correct


def test_a_list_that_has_become_longer_is_overwritten(ask):
    told = ask(len, lambda values: [len(values), values.append(3.0)][0], [1.0, 2.0])
    assert "overwrites values" in told.message


def test_the_batch_is_the_first_argument_if_nothing_else_is_said(ask):
    told = ask(lambda x: x.mean(0), lambda x: x.sum(0), np.arange(6.0).reshape(3, 2))
    assert "3 times too large: did you divide by the batch size?" in told.message


def test_an_inexact_answer_is_not_told_that_it_points_the_other_way():
    def rough(f, x, eps=1e-2):
        return numerical_gradient(f, x, eps)

    told = judge("backpropagation.5", rough)
    assert not told.correct
    assert "other way" not in told.message


def test_an_answer_between_the_right_one_and_a_mistake_is_not_taken_for_the_mistake(monkeypatch):
    exercise = Exercise("losses.1", answer=0.1839, tol=0.004, mistakes=[(0.1823, "the mistake")])
    monkeypatch.setattr("dlbook.exercises.losses.EXERCISES", [exercise])
    assert judge("losses.1", 0.184).correct
    assert judge("losses.1", 0.182).message == "the mistake"
    assert "mistake" not in judge("losses.1", 0.183).message
