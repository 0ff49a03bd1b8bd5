"""Exercises: forecasting."""

import numpy as np

from .inputs import normal
from .judge import Exercise

scaled = Exercise(
    "forecasting.1",
    answer=0.8,
    names="MASE",
    tol=1e-3,
    hint=(
        "two means: of the errors of the two forecasts, and of the steps from each training value "
        "to the next; then compare with (.3)"
    ),
    mistakes=[
        (2.0, "this is the mean error: divide it by what naive forecasts missed by, (.3)"),
        (1.0, "five values have four differences: 10 / 4"),
        (0.6, "the difference of 0 counts, too: 10 / 4"),
        (2 / 2.4, "the mean of the four differences: 10 / 4, not of five"),
        (2 / 1.5, "the SIZE of each difference: from 6 to 4 it is 2, not -2"),
        (0.2, "the mean of the differences, 10 / 4, not their sum"),
        (1.6, "the mean of the two errors, not their sum"),
        (0.4, "absolute errors before the mean: one forecast was too low, the other too high"),
        (-0.4, "absolute errors before the mean: one forecast was too low, the other too high"),
        (
            2 / 3.5,
            "naive forecasts miss by the differences of NEIGHBOURS, not from the first value",
        ),
        (1.25, "upside down: below 1 is better than naive"),
    ],
)


def _seasonal(history, season, K):
    return np.array([history[len(history) - season + k % season] for k in range(K)])


_SERIES = normal(5, (9,), (14,))

seasonal = Exercise(
    "forecasting.2",
    answer=_seasonal,
    cases=[(_SERIES[0], 4, 2), (_SERIES[1], 3, 8)],
    names="forecast",
    arguments="history, season, K",
    batch=None,
    hint="take the history 1, 2, 3, 4 with season 2 and write down five values",
    mistakes=[
        (lambda h, s, K: np.repeat(h[-1], K), "this is the naive forecast: as the last value"),
        (lambda h, s, K: h[-K:], "these are the last K values: begin one season back"),
        (lambda h, s, K: np.resize(h[:s], K), "this is the first season: take the last"),
        (lambda h, s, K: np.repeat(h[-s], K), "each step has its own value one season before"),
        (lambda h, s, K: h[-s:][:K], "beyond one season, begin again"),
        (lambda h, s, K: np.resize(h[-s:][::-1], K), "the season is reversed"),
        (lambda h, s, K: np.array([h[-s + (k + 1) % s] for k in range(K)]),
         "one step too late: the first forecast is the value one season before, h[-season]"),
        (lambda h, s, K: np.resize(h[-s - 1: -1], K), "one step too early: end with the last value"),
    ],
)  # fmt: skip


def _roll(weights, bias, history, K, *, reverse=False, fed=True, own=True):
    values = list(history)
    for _ in range(K):
        known = values if fed else list(history)
        recent = np.array(known[-len(weights) :])
        values.append((bias if own else 0.0) + weights @ (recent if reverse else recent[::-1]))
    return np.array(values[len(history) :])


roll = Exercise(
    "forecasting.3",
    answer=_roll,
    cases=[(*normal(9, (2,)), 0.5, *normal(10, (5,)), 4), (*normal(11, (3,)), -1.0, *normal(12, (3,)), 5)],
    names="forecast",
    arguments="weights, bias, history, K",
    batch=None,
    hint=("take weights (1, 0) and bias 0: every forecast is the last value; then (0, 1); compare "
          "with (.1)"),
    mistakes=[
        (lambda *a: _roll(*a, reverse=True), "w_1 belongs to the LAST value: turn one of the two round"),
        (lambda *a: _roll(*a, fed=False), "feed each forecast back: these are all the first one"),
        (lambda *a: _roll(*a, own=False), "the bias is missing"),
        (lambda w, b, h, K: np.concatenate([h, _roll(w, b, h, K)]), "return the K forecasts only"),
        (lambda w, b, h, K: _roll(w, b, h, K + 1), "one forecast too many"),
        (lambda w, b, h, K: _roll(w, b, h, K)[-1], "return all K forecasts, not only the last"),
    ],
)  # fmt: skip


levels = Exercise(
    "forecasting.4",
    answer=lambda last, changes: last[:, None] + changes.cumsum(axis=1),
    cases=[normal(13, (2,), (2, 3)), normal(14, (4,), (4, 5))],
    names="levels",
    arguments="last, changes",
    hint="one series first: last 10 and changes 1, 2, 3; then two of them",
    mistakes=[
        (lambda last, changes: last[:, None] + changes,
         "changes add up: the second level has the first change in it, too"),
        (lambda last, changes: last[:, None] - changes.cumsum(axis=1), "changes are added, not taken away"),
        (lambda last, changes: changes.cumsum(axis=1), "begin with the last measured value"),
        (lambda last, changes: last[:, None] + changes.cumsum(axis=0),
         "add up along the steps of one forecast, axis 1"),
        (lambda last, changes: last[:, None] + changes.cumsum(axis=1) - changes[:, :1],
         "the first change counts: it leads from the last value to the first level"),
        (lambda last, changes: np.c_[last, last[:, None] + changes.cumsum(axis=1)],
         "K levels: the last measured value is not a forecast"),
        (lambda last, changes: last[:, None] * (1 + changes).cumprod(axis=1),
         "these are differences, not factors: add"),
    ],
)  # fmt: skip


def _split(series, length, border, *, late=0, gap=0, both=False):
    t = np.arange(length, len(series) - late)
    x = np.stack([series[k - length + late : k + late] for k in t])
    train, test = t < border + gap, t >= (border + length if both else border + gap)
    return x[train], series[t][train], x[test], series[t][test]


def _inside(series, length, border):
    """The windows end with their own targets."""
    t = np.arange(length, len(series))
    x = np.stack([series[k - length + 1 : k + 1] for k in t])
    return x[t < border], series[t][t < border], x[t >= border], series[t][t >= border]


def _windows(series, length, more=0):
    starts = range(len(series) - length + more)
    return np.stack([series[t : t + length] for t in starts]), series[length:]


windows = Exercise(
    "forecasting.5",
    answer=_windows,
    cases=[(np.arange(9.0) ** 2, 3), (normal(7, (11,))[0], 4)],
    names="x, y",
    arguments="series, length",
    batch=None,
    hint="the series 0, 1, 2, 3 with length 2 has two windows, (0, 1) and (1, 2), with the targets 2 and 3",
    mistakes=[
        (lambda series, length: _windows(series, length, 1),
         "the last window has no target: there are T - length"),
        (lambda series, length: (_windows(series, length)[0], series[length - 1 : -1]),
         "the target comes AFTER the window, it is not its last value"),
    ],
)  # fmt: skip

split = Exercise(
    "forecasting.5",
    answer=_split,
    cases=[(np.arange(12.0) ** 2, 3, 8), (normal(6, (15,))[0], 4, 9)],
    names="x_train, y_train, x_test, y_test",
    arguments="series, length, border",
    batch=None,
    steps={"windows": windows},
    hint=("take the series 0, 1, ..., 5 with length 2 and border 4 and write down all windows with "
          "their targets; which part does each belong to?"),
    mistakes=[
        (lambda *a: _split(*a, late=1), "the target is inside the window: x ends one step before y"),
        (_inside, "the answer is in the input: x ends one step before y"),
        (lambda *a: tuple(_split(*a)[k] for k in (0, 2, 1, 3)),
         "the order is x_train, y_train, x_test, y_test"),
        (lambda *a: _split(*a, both=True),
         "test windows may reach back over the border: the past is known"),
        (lambda *a: _split(*a, gap=1), "the target AT the border belongs to the test part"),
        (lambda s, n, b: _split(s, n, b + n), "count by targets: those before the border train"),
        (lambda s, n, b: (_split(s, n, b)[2], _split(s, n, b)[3], *_split(s, n, b)[:2]),
         "training first, then testing"),
    ],
)  # fmt: skip

EXERCISES = [scaled, seasonal, roll, levels, split]
