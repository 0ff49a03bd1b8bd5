"""Learners' wrong answers are told what is wrong, and right ones of another form or order pass."""

from __future__ import annotations

import importlib
import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from wrong_answers import ROWS

from dlbook.exercises import judge
from dlbook.exercises.judge import ORDER

ALL = [e for topic in ORDER for e in importlib.import_module(f"dlbook.exercises.{topic}").EXERCISES]
UNNAMED = [row for row in ROWS if row[2] is None]


@pytest.mark.parametrize(
    ("exercise", "mistake", "says", "answer"), ROWS, ids=[f"{a}: {b}" for a, b, *_ in ROWS]
)
def test_a_wrong_answer_is_told_what_is_wrong(exercise, mistake, says, answer):
    with np.errstate(all="ignore"):
        verdict = judge(exercise, answer)
    assert not verdict.correct
    if says is None:
        assert verdict.hint
    else:
        assert says in verdict.message


def test_hardly_any_mistake_stays_unnamed():
    assert len(UNNAMED) <= 0.05 * len(ROWS)


def test_every_exercise_is_answered_wrongly():
    assert {exercise for exercise, *_ in ROWS} == {e.id for e in ALL}


def noisy(answer, rng):
    """An answer that is wrong in no particular way, from a function and its pullback too."""
    if isinstance(answer, tuple | list):
        return type(answer)(noisy(a, rng) for a in answer)
    if callable(answer):
        return lambda *args: noisy(answer(*args), rng)
    if np.asarray(answer).dtype.kind != "f":
        return answer
    return answer * rng.uniform(0.2, 1.9, np.shape(answer)) + rng.normal(0, 1, np.shape(answer))


def test_what_is_wrong_in_no_particular_way_is_told_no_cause():
    rng = np.random.default_rng(1)
    verdicts = [judge(e.id, noisy(e.answer, rng)) for e in ALL for _ in range(2)]
    causes = [v.message for v in verdicts if not v.correct and not v.hint]
    assert sum(not v.correct for v in verdicts) > 200
    assert causes == []


def as_lists(answer):
    """The same answer with lists for arrays, from a function and its pullback too."""
    if isinstance(answer, np.ndarray):
        return answer.tolist()
    if isinstance(answer, tuple):
        return tuple(map(as_lists, answer))
    return (lambda *args: as_lists(answer(*args))) if callable(answer) else answer


def as_float32(answer):
    if isinstance(answer, np.ndarray) and answer.dtype == np.float64:
        return answer.astype(np.float32)
    if isinstance(answer, tuple):
        return tuple(map(as_float32, answer))
    return (lambda *args: as_float32(answer(*args))) if callable(answer) else answer


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)
@pytest.mark.parametrize("form", [as_lists, as_float32])
def test_a_right_answer_in_another_form_is_right(exercise, form):
    told = judge(exercise.id, form(exercise.answer))
    assert told.correct, told.message


def gradient_by_loops(theta, X, y):
    return [
        sum(
            -2 * (b - sum(t * v for t, v in zip(theta, a, strict=True))) * a[k]
            for a, b in zip(X, y, strict=True)
        )
        / len(y)
        for k in range(len(theta))
    ]


def one_step_at_a_time(S):
    A = np.zeros_like(S)
    for t in range(len(S)):
        e = np.exp(S[t, : t + 1])
        A[t, : t + 1] = e / e.sum()
    return A


def vote(X, y, x, k):
    nearest = sorted(range(len(X)), key=lambda i: math.dist(X[i], x))[:k]
    counts = Counter(int(y[i]) for i in nearest)
    return min(counts, key=lambda label: (-counts[label], label))


def pool(x):
    H, V = x.shape
    y = [[x[i : i + 2, j : j + 2].max() for j in range(0, V, 2)] for i in range(0, H, 2)]

    def vjp(dy):
        dx = np.zeros_like(x)
        for i in range(0, H, 2):
            for j in range(0, V, 2):
                a, b = divmod(int(x[i : i + 2, j : j + 2].argmax()), 2)
                dx[i + a, j + b] = dy[i // 2, j // 2]
        return (dx,)

    return y, vjp


def ridge(X, y, decay):
    return np.linalg.pinv(X.T @ X + len(X) * decay / 2 * np.eye(X.shape[1])) @ X.T @ y


def by_the_table(z, da):
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return np.stack([(np.diag(a) - np.outer(a, a)) @ d for a, d in zip(p, da, strict=True)])


def rank(z, y, k):
    return ((z > z[np.arange(len(y)), y][:, None]).sum(1) < k).mean()


def follows(text, a, b):
    return sum(pair == (a, b) for pair in pairwise(text)) / text[:-1].count(a)


OTHERS = [
    ("everything_is_a_mapping.2", "booleans", lambda X, w, b: (X * w).sum(1) + b > 0),
    ("everything_is_a_mapping.5", "sorted, counted", vote),
    ("linear_regression.3", "by loops", gradient_by_loops),
    ("linear_regression.6", "pinv", ridge),
    ("losses.7", "the whole table", by_the_table),
    ("losses.1", "two digits more", 0.18388),
    ("losses.1", "three decimals", 0.184),
    ("losses.2", "logaddexp", lambda z: np.logaddexp.reduce(z, axis=1)),
    ("losses.3", "logaddexp", lambda z, y: (np.logaddexp(0, z) - y * z).sum() / len(z)),
    ("backpropagation.1", "three decimals", (-0.400, 0.465)),
    ("optimizers.2", "2-norm", lambda H: 2 / np.linalg.norm(H, 2)),
    ("training.1", "two decimals", [0.6, 0.75, 0.67]),
    ("better.1", "two decimals", (2, 0.41)),
    (
        "recurrent.4",
        "logarithms",
        lambda rho, share: math.floor(math.log(share) / math.log(rho)) + 1,
    ),
    ("convolution.6", "by loops", pool),
    ("cnn_digits.5", "by ranks", rank),
    ("attention.3", "row by row", one_step_at_a_time),
    ("writing.2", "by pairs", follows),
    ("going_deep.4", "integers", lambda L: [math.comb(L, k) for k in range(L + 1)]),
]


@pytest.mark.parametrize(
    ("exercise", "how", "answer"), OTHERS, ids=[f"{a}: {b}" for a, b, _ in OTHERS]
)
def test_a_right_answer_by_another_way_is_right(exercise, how, answer):
    told = judge(exercise, answer)
    assert told.correct, told.message
