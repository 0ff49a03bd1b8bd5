"""What is done to data before training: values, not only shapes."""

import numpy as np
import pytest
from compare import spelled
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dlbook.checks import NonFiniteError
from dlbook.data import Standardizer, one_hot, standardize, train_test_split

tables = hnp.arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6, width=32))


# --- train_test_split ---------------------------------------------------------------------------


@given(st.integers(2, 60), st.floats(0.01, 0.99), st.integers(0, 99))
def test_split_is_a_partition(n, test_size, seed):
    x = np.arange(n)
    n_test = int(np.ceil(round(test_size * n, 9)))
    if n_test == n:
        with pytest.raises(ValueError, match="0 in the training part"):
            train_test_split(x, test_size=test_size)
        return
    parts = train_test_split(x, -x, test_size=test_size, rng=seed)
    x_train, x_test, y_train, y_test = parts
    assert len(x_test) == n_test
    assert sorted([*x_train, *x_test]) == list(range(n))
    assert (x_train == -y_train).all()
    assert (x_test == -y_test).all()
    again = train_test_split(x, -x, test_size=test_size, rng=seed)
    assert all((a == b).all() for a, b in zip(parts, again, strict=True))


def test_split_is_random_and_rounds_as_said():
    x = np.arange(100)
    train, test = train_test_split(x, test_size=0.07, rng=0)
    assert (len(train), len(test)) == (93, 7)
    assert test.tolist() != sorted(test)
    assert len(train_test_split(x, test_size=30)[1]) == 30
    assert set(test) != set(train_test_split(x, test_size=0.07, rng=1)[1])
    words = np.array(["a", "b", "c", "d"])
    assert set(np.concatenate(train_test_split(words))) == set(words), "not only numbers"


@given(st.lists(st.integers(2, 30), min_size=2, max_size=5), st.integers(0, 99))
def test_stratified_split_keeps_the_proportions(counts, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    n_test = max(len(y) // 3, len(counts))
    if len(y) - n_test < len(counts):
        return
    index = np.arange(len(y))
    y_train, y_test, i_train, i_test = train_test_split(
        y, index, test_size=n_test, rng=seed, stratify=y
    )
    assert len(y_test) == n_test
    assert sorted([*i_train, *i_test]) == index.tolist()
    assert (y[i_train] == y_train).all()
    ideal = np.array(counts) * n_test / len(y)
    assert (abs(np.bincount(y_test, minlength=len(counts)) - ideal) < 1).all()


@pytest.mark.parametrize(
    ("arrays", "options", "error", "said"),
    [
        (
            (np.ones(3), np.ones(2)),
            {},
            ValueError,
            r"arrays\[0\] has 3 examples, arrays\[1\] has 2",
        ),
        ((np.ones(0),), {}, ValueError, r"arrays\[0\] is empty"),
        ((np.ones(1),), {}, ValueError, "1 in the test part and 0 in the training"),
        ((np.ones(9),), {"test_size": 9}, ValueError, "test_size=9.*0 in the training"),
        ((np.ones(9),), {"test_size": 0}, ValueError, "test_size=0"),
        ((np.ones(9),), {"test_size": 0.0}, ValueError, "test_size=0.0.*range|test_size=0.0"),
        ((np.ones(9),), {"test_size": 1.0}, ValueError, "test_size=1.0"),
        ((np.ones(9),), {"test_size": -0.2}, ValueError, "test_size=-0.2"),
        ((np.ones(9),), {"test_size": float("nan")}, ValueError, "test_size=nan"),
        ((np.ones(9),), {"test_size": True}, TypeError, "test_size=True"),
        ((np.ones(3),), {"stratify": np.ones(2)}, ValueError, r"stratify has shape \(2,\)"),
        ((np.ones(9),), {"stratify": [0] * 8 + [5]}, ValueError, r"rarest \(5\) 1 times"),
        ((np.ones(9),), {"stratify": [0] * 5 + [1] * 4, "test_size": 1}, ValueError, "room for"),
    ],
    ids=spelled,
)
def test_split_errors(arrays, options, error, said):
    with pytest.raises(error, match=said):
        train_test_split(*arrays, **options)


# --- standardize --------------------------------------------------------------------------------


def test_standardize_by_hand():
    train, test = np.array([[1.0, 10], [3, 30]]), np.array([[2.0, 50]])
    z_train, z_test = standardize(train, test)
    assert z_train.tolist() == [[-1, -1], [1, 1]]
    assert z_test.tolist() == [[0, 3]]
    scaler = Standardizer().fit(train)
    assert (scaler.mean.tolist(), scaler.std.tolist()) == ([2, 20], [1, 10])
    assert standardize(np.array([1, 3])).tolist() == [-1, 1]


@given(tables)
def test_standardized_columns_and_the_way_back(x):
    scaler = Standardizer().fit(x)
    z = scaler.transform(x)
    spread = scaler.std > 1e-9 * abs(x).max(axis=0)
    np.testing.assert_allclose(z.mean(axis=0)[spread], 0, atol=1e-6)
    np.testing.assert_allclose(z.std(axis=0)[spread], 1, rtol=1e-6)
    np.testing.assert_allclose(scaler.inverse_transform(z), x, rtol=1e-9, atol=1e-6)


@given(tables, tables)
def test_nothing_leaks_from_the_test_rows(train, test):
    z_train, z_test = standardize(train, test)
    other_train, other_test = standardize(train, test * 3 + 1)
    assert z_train.tobytes() == other_train.tobytes()
    assert z_test.tobytes() != other_test.tobytes() or (test == test * 3 + 1).all()


@pytest.mark.parametrize("value", [0.1, 1e6, 1 / 3, -7, 1e300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=spelled)
def test_a_constant_column_is_exactly_zero(value, dtype):
    if value == 1e300 and dtype == np.float32:
        value = 1e30
    x = np.stack([np.full(10, value), np.arange(10)], axis=1).astype(dtype)
    z = standardize(x)
    assert z[:, 0].tolist() == [0] * 10
    assert Standardizer().fit(x).std[0] == 0
    np.testing.assert_allclose(z[:, 1].std(), 1, rtol=1e-6)


def test_a_small_spread_around_a_large_mean():
    x = np.array([1e9, 1e9 + 1, 1e9 + 2])
    np.testing.assert_allclose(standardize(x), [-np.sqrt(1.5), 0, np.sqrt(1.5)], rtol=1e-12)


@pytest.mark.parametrize(
    ("dtype", "wanted"),
    [("f2", "f2"), ("f4", "f4"), (">f4", ">f4"), ("i4", "f8"), ("u1", "f8"), ("?", "f8")],
    ids=spelled,
)
def test_standardize_dtypes(dtype, wanted):
    x = np.array([0, 1, 0, 1]).astype(dtype)
    x.flags.writeable = False
    z = standardize(x)
    assert z.dtype == np.dtype(wanted)
    assert z.tolist() == [-1, 1, -1, 1]


@pytest.mark.parametrize(
    ("train", "error", "said"),
    [
        ([[1, np.nan], [2, np.nan], [3, 4.0]], NonFiniteError, r"train\[:, 1\] has 2 NaN.* of 3"),
        ([1, np.inf], NonFiniteError, r"train\[:\] has 1 NaN or infinite of 2"),
        (["a", "b"], TypeError, "train has dtype <U1"),
        ([1j], TypeError, "train has dtype complex128"),
        ([None, 1], TypeError, "train has dtype object"),
        (np.ones((0, 2)), ValueError, r"train has shape \(0, 2\)"),
        (3.0, ValueError, r"train has shape \(\)"),
    ],
    ids=spelled,
)
def test_standardize_errors(train, error, said):
    with pytest.raises(error, match=said):
        standardize(train)


def test_standardize_errors_in_the_others():
    train = np.ones((3, 2))
    with pytest.raises(NonFiniteError, match=r"others\[1\]\[:, 0\] has 1 NaN"):
        standardize(train, train, [[np.nan, 1]])
    with pytest.raises(ValueError, match=r"others\[0\] has shape \(3, 1\): expected \('N', 2\)"):
        standardize(train, np.ones((3, 1)))
    with pytest.raises(RuntimeError, match="call fit"):
        Standardizer().transform(train)


# --- one_hot ------------------------------------------------------------------------------------


@given(hnp.arrays(np.int64, hnp.array_shapes(max_dims=3), elements=st.integers(0, 6)))
def test_one_hot(labels):
    rows = one_hot(labels, 7)
    assert rows.dtype == np.float32
    assert rows.shape == (*labels.shape, 7)
    assert (rows.argmax(axis=-1) == labels).all()
    assert (rows.sum(axis=-1) == 1).all()
    assert (rows.max(axis=-1) == 1).all()


def test_one_hot_details():
    assert one_hot([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert one_hot([True, False]).tolist() == [[0, 1], [1, 0]], "booleans count, they do not select"
    assert one_hot(np.array([1], np.uint8), 2, np.float64).dtype == np.float64
    assert one_hot(np.zeros(0, int), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("labels", "num_classes", "error", "said"),
    [
        ([0, 3], 3, IndexError, r"labels\[1\]=3 outside 0..2"),
        ([0, -1], 3, IndexError, r"labels\[1\]=-1 outside 0..2"),
        ([-1], None, IndexError, r"labels\[0\]=-1 outside 0..0"),
        ([1.0], 3, TypeError, "labels have dtype float64"),
        ([], 3, TypeError, "labels have dtype float64"),
        (np.zeros(0, int), None, ValueError, "labels are empty"),
        ([1], 0, ValueError, "num_classes=0"),
        ([1], 2.0, TypeError, "num_classes=2.0"),
    ],
    ids=spelled,
)
def test_one_hot_errors(labels, num_classes, error, said):
    with pytest.raises(error, match=said):
        one_hot(labels, num_classes)


def test_stratified_parts_are_in_random_order():
    """Of four drawn from two classes the last two are alike in a third of all orders."""
    y = np.array([0] * 4 + [1] * 4)
    alike = [
        len(set(part[-2:])) == 1
        for seed in range(400)
        for part in train_test_split(y, test_size=4, stratify=y, rng=seed)
    ]
    assert abs(np.mean(alike) - 1 / 3) < 0.06


def test_a_constant_column_goes_there_and_back():
    scaler = Standardizer().fit([[1.0, 7.0], [3.0, 7.0]])
    np.testing.assert_array_equal(scaler.inverse_transform([[1.0, 0.5]]), [[3.0, 7.5]])
    np.testing.assert_array_equal(scaler.transform([[3.0, 7.5]]), [[1.0, 0.5]])
