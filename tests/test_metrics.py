"""Metrics: by hand, against scikit-learn on random labels, and what bad input is answered."""

import numpy as np
import pytest
import sklearn.metrics
import torch
from compare import spelled
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dlbook import metrics
from dlbook.checks import NonFiniteError
from dlbook.metrics import accuracy, confusion_matrix, f1, precision, r2, recall

RATES = {
    precision: sklearn.metrics.precision_score,
    recall: sklearn.metrics.recall_score,
    f1: sklearn.metrics.f1_score,
}


def pairs(largest):
    """Two label arrays of one length; few examples, so that classes are often missing."""
    labels = st.integers(0, largest)
    return st.lists(st.tuples(labels, labels), min_size=1, max_size=20).map(
        lambda rows: tuple(np.array(rows).T)
    )


def test_by_hand():
    #          TP FN FN FP TN TN TN
    y_true = [1, 1, 1, 0, 0, 0, 0]
    y_pred = [1, 0, 0, 1, 0, 0, 0]
    assert accuracy(y_true, y_pred) == 4 / 7
    assert confusion_matrix(y_true, y_pred).tolist() == [[3, 1], [2, 1]]
    assert precision(y_true, y_pred) == 1 / 2
    assert recall(y_true, y_pred) == 1 / 3
    assert f1(y_true, y_pred) == 2 / 5
    assert precision(y_true, y_pred, average=None).tolist() == [3 / 5, 1 / 2]
    assert recall(y_true, y_pred, average="micro") == 4 / 7


@given(pairs(4))
def test_accuracy_and_confusion_matrix(labels):
    y_true, y_pred = labels
    assert accuracy(y_true, y_pred) == pytest.approx(sklearn.metrics.accuracy_score(*labels))
    counts = confusion_matrix(y_true, y_pred, num_classes=5)
    assert (counts == sklearn.metrics.confusion_matrix(*labels, labels=range(5))).all()
    size = 1 + max(y_true.max(), y_pred.max())
    assert (confusion_matrix(y_true, y_pred) == counts[:size, :size]).all()


@pytest.mark.parametrize("rate", RATES)
@given(pairs(4), pairs(1))
def test_rates_mean_what_they_mean_in_scikit_learn(rate, many, two):
    theirs = RATES[rate]
    for average in ("macro", "micro", None):
        mine = rate(*many, average=average)
        np.testing.assert_allclose(mine, theirs(*many, average=average, zero_division=0))
        mine = rate(*many, average=average, num_classes=5)
        wanted = theirs(*many, average=average, labels=range(5), zero_division=0)
        np.testing.assert_allclose(mine, wanted)
    assert rate(*two) == pytest.approx(theirs(*two, zero_division=0))
    assert isinstance(rate(*two), float)


def test_nothing_found_is_zero():
    for rate in RATES:
        assert rate([1, 1], [0, 0]) == 0.0
        assert rate([0, 0], [0, 0]) == 0.0


#          the six scores, two of them equal     1 scores 3 2 2, 0 scores 2 1 0
RANKED = [1, 1, 1, 0, 0, 0], [3.0, 2.0, 2.0, 2.0, 1.0, 0.0]


def test_thresholds_by_hand():
    false, true, thresholds = metrics.roc_curve(*RANKED)
    assert thresholds.tolist() == [np.inf, 3, 2, 1, 0]
    assert true.tolist() == [0, 1 / 3, 1, 1, 1]
    assert false.tolist() == [0, 0, 1 / 3, 2 / 3, 1]
    # Of nine pairs seven are ordered right and two are equal; precisions 1/1 and 3/4.
    assert metrics.roc_auc(*RANKED) == pytest.approx((7 + 2 / 2) / 9)
    assert metrics.average_precision(*RANKED) == pytest.approx(1 / 3 * 1 + 2 / 3 * 3 / 4)


def test_the_ends_of_an_ordering():
    y, up = [0, 0, 1, 1], [1, 2, 3, 4]
    for scores, area, mean in ((up, 1, 1), (up[::-1], 0, (1 / 3 + 2 / 4) / 2), ([7] * 4, 0.5, 0.5)):
        assert metrics.roc_auc(y, scores) == area
        assert metrics.average_precision(y, scores) == pytest.approx(mean)
    assert metrics.roc_auc([False, True], torch.tensor([0.2, 0.3])) == 1


def share_of_pairs(y, score):
    """The area under the curve, slowly: every 1 against every 0, equal scores count half."""
    pairs = [(a, b) for a in score[y == 1] for b in score[y == 0]]
    return np.mean([1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs])


@given(
    pairs(1).filter(lambda two: 0 < two[0].sum() < len(two[0])), st.integers(1, 9), st.integers()
)
def test_orderings_mean_what_they_mean_in_scikit_learn(two, levels, seed):
    """Few levels, so that scores are often equal."""
    y = two[0]
    score = np.random.default_rng(abs(seed)).integers(0, levels, len(y)) / 8
    theirs = sklearn.metrics.roc_curve(y, score, drop_intermediate=False)
    for mine, wanted in zip(metrics.roc_curve(y, score), theirs, strict=True):
        np.testing.assert_allclose(mine, wanted)
    area = metrics.roc_auc(y, score)
    assert area == pytest.approx(sklearn.metrics.roc_auc_score(y, score))
    assert area == pytest.approx(share_of_pairs(y, score))
    wanted = sklearn.metrics.average_precision_score(y, score)
    assert metrics.average_precision(y, score) == pytest.approx(wanted)


ORDERINGS = [metrics.roc_curve, metrics.roc_auc, metrics.average_precision]


@pytest.mark.parametrize("metric", ORDERINGS)
@pytest.mark.parametrize(
    ("y_true", "y_score", "error", "said"),
    [
        ([0.0, 1.0], [0.1, 0.2], TypeError, "y_true has dtype float64"),
        ([0, 2], [0.1, 0.2], IndexError, r"y_true\[1\]=2 outside 0..1"),
        ([0, 1], [0.1, np.nan], NonFiniteError, "y_score has 1 nan"),
        ([0, 1], [[0.1, 0.9], [0.5, 0.5]], ValueError, r"\(2,\).*\(2, 2\)"),
        ([[0], [1]], [[0.1], [0.2]], ValueError, r"shape \(2, 1\): expected \(N,\)"),
        (np.zeros(0, int), [], ValueError, r"shape \(0,\): expected \(N,\)"),
        ([0, 1], ["a", "b"], TypeError, "y_score has dtype <U1"),
    ],
    ids=spelled,
)
def test_errors_of_orderings(metric, y_true, y_score, error, said):
    with pytest.raises(error, match=said):
        metric(y_true, y_score)


@pytest.mark.parametrize("metric", ORDERINGS)
@pytest.mark.parametrize("label", [0, 1])
def test_row_31_one_class_only_cannot_be_ordered(metric, label):
    with pytest.raises(
        ValueError, match=f"holds only the label {label}: expected examples of both"
    ):
        metric([label, label], [0.3, 0.6])


numbers = hnp.arrays(np.float64, 6, elements=st.integers(-100, 100))


@given(numbers, numbers)
def test_r2(y, yhat):
    assert r2(y, yhat) == pytest.approx(sklearn.metrics.r2_score(y, yhat))
    assert r2(y[:, None], yhat[:, None]) == r2(y, yhat)


def test_r2_by_hand():
    assert r2([1, 2, 3], [1, 2, 4]) == 0.5
    assert r2([1, 2, 3], [2, 2, 2]) == 0
    assert r2([0.1] * 3, [0.1] * 3) == 1, "a constant, found"
    assert r2([0.1] * 3, [0.2] * 3) == 0, "a constant, missed"


def test_what_counts_as_labels():
    y = np.array([0, 1, 1, 200])
    for same in (y.astype(np.uint8), y.astype(">i4"), y.tolist(), torch.asarray(y)):
        assert accuracy(y, same) == 1
        assert confusion_matrix(same, same)[200, 200] == 1, "uint8 arithmetic would wrap"
    assert recall([0, 1, 1], np.array([0.2, 0.7, 0.4]) > 0.5) == 0.5, "booleans are 0 and 1"


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix, precision, recall, f1])
@pytest.mark.parametrize(
    ("y_true", "y_pred", "error", "said"),
    [
        (
            [0, 1],
            np.ones((2, 3)),
            TypeError,
            r"y_pred has dtype float64 .*\(2, 3\).*argmax\(axis=1",
        ),
        ([0.0, 1.0], [0, 1], TypeError, r"y_true has dtype float64.*astype\(int\)"),
        (["a"], [0], TypeError, "y_true has dtype <U1"),
        ([[0], [1]], [0, 1], ValueError, r"\(2, 1\), y_pred \(2,\).*reshape\(-1\)"),
        ([0, 1], [[0], [1]], ValueError, r"\(2,\), y_pred \(2, 1\).*reshape\(-1\)"),
        (np.eye(2, dtype=int), np.eye(2, dtype=int), ValueError, r"\(2, 2\).*argmax"),
        ([0, 1, 1], [0, 1], ValueError, r"\(3,\), y_pred \(2,\)"),
        (np.zeros(0, int), np.zeros(0, int), ValueError, "empty"),
    ],
    ids=spelled,
)
def test_label_errors(metric, y_true, y_pred, error, said):
    with pytest.raises(error, match=said):
        metric(y_true, y_pred)


def test_range_errors():
    with pytest.raises(IndexError, match=r"y_pred\[1\]=-1 outside 0..1"):
        confusion_matrix([0, 1], [0, -1])
    with pytest.raises(IndexError, match=r"y_true\[1\]=3 outside 0..2"):
        confusion_matrix([0, 3], [0, 1], num_classes=3)
    with pytest.raises(ValueError, match=r"binary.* with 3 classes.*macro"):
        precision([0, 2], [0, 1])
    with pytest.raises(ValueError, match=r"average='weighted': expected"):
        f1([0, 1], [0, 1], average="weighted")


@pytest.mark.parametrize(
    ("y_true", "y_pred", "error", "said"),
    [
        (np.ones((3, 1)), np.ones(3), ValueError, r"\(3, 1\).*\(3,\).*reshape"),
        (np.ones((3, 2)), np.ones((3, 2)), ValueError, r"\(3, 2\): expected \(N,\)"),
        ([1.0], [1.0], ValueError, "N at least 2"),
        ([1.0, np.nan], [1.0, 2.0], NonFiniteError, "y_true has 1 nan"),
        ([1.0, 2.0], ["a", "b"], TypeError, "y_pred has dtype <U1"),
    ],
    ids=spelled,
)
def test_r2_errors(y_true, y_pred, error, said):
    with pytest.raises(error, match=said):
        r2(y_true, y_pred)


def test_errors_of_forecasts():
    y, yhat = [1.0, 2.0, 4.0], [1.0, 4.0, 1.0]
    assert metrics.mae(y, yhat) == pytest.approx(5 / 3)
    assert metrics.rmse(y, yhat) == pytest.approx((13 / 3) ** 0.5)
    train = [0.0, 1.0, 0.0, 3.0]  # steps 1, 1, 3; over two 0, 2
    assert metrics.mase(y, yhat, train) == pytest.approx(1.0)
    assert metrics.mase(y, yhat, train, season=2) == pytest.approx(5 / 3)
    assert metrics.mae(np.ones((2, 2)), np.zeros((2, 2))) == 1.0
    columns = np.array([[1.0, 7.0], [1.0, 7.0]])  # of two columns the mean of their roots
    assert metrics.rmse(columns, np.zeros((2, 2))) == 4.0
    for bad in (metrics.mae, metrics.rmse):
        with pytest.raises(ValueError, match="shape"):
            bad(np.zeros(2), np.zeros((2, 1)))
        with pytest.raises(ValueError, match=r"empty|shape"):
            bad([], [])
    with pytest.raises(ValueError, match="repeats itself exactly after season=2"):
        metrics.mase(y, yhat, [1, 2, 1, 2], season=2)
    with pytest.raises(ValueError, match=r"expected .* above season=4"):
        metrics.mase(y, yhat, train, season=4)


def test_perplexity_and_bits():
    assert metrics.perplexity(np.log(7)) == pytest.approx(7)
    assert metrics.bits(np.log(8)) == pytest.approx(3)
    assert metrics.perplexity(0.0) == 1.0
    with pytest.raises(ValueError, match="loss"):
        metrics.perplexity(-1.0)
