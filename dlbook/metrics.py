"""How good are the answers? Labels, (N,) true and (N,) predicted; numbers; or probabilities."""

import math
from typing import Any

import numpy as np

from . import checks


def accuracy(y_true: Any, y_pred: Any) -> float:
    """The fraction of labels that are right. Labels (N,), integers."""
    y_true, y_pred = checks.label_pair(y_true, y_pred)
    return float((y_true == y_pred).mean())


def confusion_matrix(y_true: Any, y_pred: Any, num_classes: int | None = None) -> np.ndarray:
    """Count at [i, j] the examples of class i called j: (N,) labels -> (num_classes, num_classes).

    Rows are true, columns predicted. IndexError for a label outside 0..num_classes-1.
    """
    y_true, y_pred, c = _classes(*checks.label_pair(y_true, y_pred), num_classes)
    checks.room("the matrix", c * c)
    cell = y_true * c + y_pred  # the cells numbered row by row
    return np.bincount(cell, minlength=c * c).reshape(c, c)


def precision(y_true, y_pred, average="binary", num_classes=None):
    """Of the examples called k, the fraction that are k: TP / (TP + FP); 0 if none was called k.

    average: "binary" (labels 0 and 1; k = 1), "macro" (the mean over classes), "micro" (all classes
    counted together) or None (an array). Classes are those that occur, or 0..num_classes-1.
    """
    right, called, _ = _counts(y_true, y_pred, average, num_classes)
    return _averaged(right, called, average)


def recall(y_true, y_pred, average="binary", num_classes=None):
    """Of the examples that are k, the fraction called k: TP / (TP + FN); 0 if there are none.

    Arguments and errors as in `precision`.
    """
    right, _, actual = _counts(y_true, y_pred, average, num_classes)
    return _averaged(right, actual, average)


def f1(y_true, y_pred, average="binary", num_classes=None):
    """The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN); 0 if that is 0/0.

    Arguments and errors as in `precision`.
    """
    right, called, actual = _counts(y_true, y_pred, average, num_classes)
    return _averaged(2 * right, called + actual, average)


def roc_curve(y_true: Any, y_score: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each threshold costs and brings: false positive rates, true positive rates, thresholds.

    Labels 0 and 1 (N,), and for each a score, larger for 1. A threshold calls 1 what scores at
    least as much. They fall from inf, which calls nothing 1, over all scores that occur (scikit-learn's
    drop_intermediate=False). ValueError if one of the two classes is missing.
    """
    right, wrong, thresholds = _by_threshold(y_true, y_score)
    false, true = (np.append(0, counts) / counts[-1] for counts in (wrong, right))
    return false, true, np.append(np.inf, thresholds)


def roc_auc(y_true: Any, y_score: Any) -> float:
    """The area under `roc_curve`: how often an example of class 1 scores above one of class 0.

    Pairs with equal scores count half; 0.5 is chance. scikit-learn's roc_auc_score. Arguments and
    errors as in `roc_curve`.
    """
    false, true, _ = roc_curve(y_true, y_score)
    return float(np.sum(np.diff(false) * (true[1:] + true[:-1]) / 2))


def average_precision(y_true: Any, y_score: Any) -> float:
    """The precision at each threshold, weighted by the recall that it adds; chance is the share of 1.

    scikit-learn's average_precision_score, without interpolation. Arguments and errors as in
    `roc_curve`.
    """
    right, wrong, _ = _by_threshold(y_true, y_score)
    return float(np.sum(np.diff(right, prepend=0) / right[-1] * right / (right + wrong)))


def r2(y_true: Any, y_pred: Any) -> float:
    """The share of the variance explained: 1 - sum (y - yhat)^2 / sum (y - mean y)^2.

    Numbers (N,) or (N, 1), N at least 2. If y is constant: 1 for a perfect answer, else 0.
    Raises ValueError for shapes that differ, NonFiniteError for NaN.
    """
    y, yhat = _both(y_true, y_pred)
    error = ((y - yhat) ** 2).sum()
    if y.size < 2 or y.shape not in {(y.size,), (y.size, 1)}:
        raise ValueError(f"y_true has shape {y.shape}: expected (N,) or (N, 1), N at least 2")
    away = y - y.flat[0]  # from the first value: exactly 0 if y is constant
    spread = ((away - away.mean()) ** 2).sum()
    if spread == 0:
        return 1.0 if error == 0 else 0.0
    return float(1 - error / spread)


def mae(y_true: Any, y_pred: Any) -> float:
    """The mean absolute error: mean |y - yhat|, in the units of y. Numbers of one shape."""
    return float(np.abs(np.subtract(*_both(y_true, y_pred))).mean())


def rmse(y_true: Any, y_pred: Any) -> float:
    """The root of the mean squared error: sqrt(mean (y - yhat)^2), in the units of y.

    Numbers of one shape; of several columns the mean of their roots, as in scikit-learn. Large
    errors count for more than in `mae`.
    """
    return float(np.sqrt((np.subtract(*_both(y_true, y_pred)) ** 2).mean(axis=0)).mean())


def mase(y_true: Any, y_pred: Any, train: Any, season: int = 1) -> float:
    """The mean absolute scaled error: mean |y - yhat| / mean |train_t - train_t-season|.

    Above 1: worse than repeating the value of one season earlier did on the training part (T,).
    Raises ValueError if that part is not longer than a season, or repeats itself without error.
    Hyndman and Koehler 2006, doi:10.1016/j.ijforecast.2006.03.001.
    """
    season = checks.positive_int("season", season)
    series = checks.numbers("train", train)
    if series.ndim != 1 or len(series) <= season:
        raise ValueError(f"train has shape {series.shape}: expected (T,) with T above {season=}")
    scale = np.abs(series[season:] - series[:-season]).mean()
    if scale == 0:
        raise ValueError(f"train repeats itself exactly after {season=}: nothing to compare with")
    return mae(y_true, y_pred) / float(scale)


def perplexity(loss: float) -> float:
    """e^loss for a mean cross-entropy in nats: as unsure as an even choice among so many."""
    return math.exp(checks.number("loss", loss, "[0, inf)"))


def bits(loss: float) -> float:
    """loss / ln 2: a mean cross-entropy in nats as bits, the length of the best code a token."""
    return checks.number("loss", loss, "[0, inf)") / math.log(2)


def _both(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return both as float64, of one shape and not empty."""
    y, yhat = checks.numbers("y_true", y_true), checks.numbers("y_pred", y_pred)
    checks.same_shape("y_true", y, "y_pred", yhat)
    checks.not_empty(y)
    return y, yhat


def _counts(y_true, y_pred, average, num_classes):
    """Per class: how many were called it and are it, were called it, are it."""
    checks.choice("average", average, ("binary", "macro", "micro", None))
    t, p, c = _classes(*checks.label_pair(y_true, y_pred), num_classes)
    if average == "binary":
        if c > 2:
            raise ValueError(f'average="binary" with {c} classes: expected labels 0 and 1, or '
                             'another average: "macro", "micro" or None')  # fmt: skip
        c = 2
    right, called, actual = (np.bincount(v, minlength=c) for v in (t[t == p], p, t))
    if average == "binary":
        keep = np.array([False, True])
    else:
        keep = called + actual > 0 if num_classes is None else np.ones(c, dtype=bool)
    return right[keep], called[keep], actual[keep]


def _by_threshold(y_true, y_score):
    """For each score, falling: how many score at least as much and are 1, are 0; and the scores."""
    y, score = np.asarray(y_true), checks.numbers("y_score", y_score)
    checks.same_shape("y_true", y, "y_score", score)
    if y.ndim != 1 or y.size == 0:
        raise ValueError(f"y_true has shape {y.shape}: expected (N,), one label 0 or 1 an example")
    y, _ = checks.label_pair(y, y)
    checks.labels("y_true", y, 2)
    if y.min() == y.max():
        raise ValueError(f"y_true holds only the label {y[0]}: expected examples of both, 0 and 1, "
                         "as the scores of one class have nothing to be compared with")  # fmt: skip
    order = np.argsort(-score, kind="stable")
    y, score = y[order], score[order]
    last = np.flatnonzero(np.append(score[1:] != score[:-1], True))  # of those with equal scores
    right = np.cumsum(y)[last]
    return right, last + 1 - right, score[last]


def _averaged(part: np.ndarray, whole: np.ndarray, average: str | None) -> Any:
    """Divide with 0/0 = 0; sum before dividing ("micro"), average after, or leave an array."""
    if average == "micro":
        part, whole = part.sum(keepdims=True), whole.sum(keepdims=True)
    ratio = part / np.maximum(whole, 1)  # where whole is 0, so is part
    return ratio if average is None else float(ratio.mean())


def _classes(y_true, y_pred, num_classes):
    """Return the labels and the number of classes, after a look that none lies outside."""
    if num_classes is None:
        num_classes = max(int(y_true.max()), int(y_pred.max()), 0) + 1
    num_classes = checks.positive_int("num_classes", num_classes)
    checks.labels("y_true", y_true, num_classes)
    checks.labels("y_pred", y_pred, num_classes)
    return y_true, y_pred, num_classes
