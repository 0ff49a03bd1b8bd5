"""The loader, and what is done to data before training: values, not only shapes."""

import array_api_strict
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import dlbook
from dlbook.checks import NonFiniteError
from dlbook.data import DataLoader, Standardizer, one_hot, standardize, train_test_split

tables = hnp.arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6, width=32))


# --- DataLoader ---------------------------------------------------------------------------------


def test_batches_in_order():
    x, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    batches = list(DataLoader((x, y), batch_size=2))
    assert [b[1].tolist() for b in batches] == [[0, 1], [2, 3], [4]]
    assert all((bx == x[by]).all() for bx, by in batches)
    assert all(np.shares_memory(bx, x) for bx, _ in batches), "a slice, not a copy"


def test_last_batch_and_length():
    y = np.arange(7)
    for size in range(1, 9):
        loader = DataLoader(y, batch_size=size)
        assert len(loader) == len(list(loader)) == -(-7 // size)
    loader = DataLoader(y, batch_size=3, drop_last=True)
    assert len(loader) == 2
    assert [b.tolist() for b in loader] == [[0, 1, 2], [3, 4, 5]]
    assert loader.dataset is y


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 2**32))
def test_a_shuffled_epoch_is_a_permutation(n, batch_size, seed):
    x = np.arange(n)
    loader = DataLoader((x, -x), batch_size, shuffle=True, rng=np.random.default_rng(seed))
    epochs = [list(loader) for _ in range(2)]
    for epoch in epochs:
        assert sorted(np.concatenate([a for a, _ in epoch])) == list(range(n))
        assert all((a == -b).all() for a, b in epoch), "rows of x and y stay together"
    again = DataLoader((x, -x), batch_size, shuffle=True, rng=seed)
    for epoch in epochs:
        assert [a.tolist() for a, _ in again] == [a.tolist() for a, _ in epoch]


def test_examples_are_shuffled_anew_each_epoch():
    loader = DataLoader(np.arange(100), batch_size=10, shuffle=True, rng=0)
    first, second = (np.concatenate(list(loader)) for _ in range(2))
    assert (first != second).sum() > 80
    assert np.ptp(first[:10]) > 10, "examples are mixed, not only the order of the batches"
    assert first[:5].tolist() == np.random.default_rng(0).permutation(100)[:5].tolist()


def test_manual_seed_decides_the_order():
    loader = DataLoader(np.arange(50), batch_size=50, shuffle=True)
    dlbook.manual_seed(3)
    (first,) = loader
    (second,) = loader
    dlbook.manual_seed(3)
    (again,) = loader
    assert (first == again).all()
    assert (first != second).any()


@pytest.mark.parametrize("shuffle", [False, True])
def test_awkward_arrays(shuffle):
    plain = np.arange(24.0).reshape(6, 4)
    read_only = plain.copy()
    read_only.flags.writeable = False
    awkward = {
        "strided": np.repeat(plain, 2, axis=1)[:, ::2],
        "negative stride": plain[::-1].copy()[::-1],
        "read-only": read_only,
        "big-endian": plain.astype(">f8"),
        "Fortran": np.asfortranarray(plain),
    }
    for name, x in awkward.items():
        before = x.copy()
        batches = list(DataLoader(x, 4, shuffle, rng=1))
        wanted = list(DataLoader(plain, 4, shuffle, rng=1))
        for batch, want in zip(batches, wanted, strict=True):
            assert batch.tobytes() == want.tobytes(), name
            assert batch.dtype.isnative, name
        assert x.tobytes() == before.tobytes(), name
    same = np.broadcast_to(np.float32(2), (6, 4))  # 0-stride
    assert all((b == 2).all() for b in DataLoader(same, 4, shuffle))


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("asarray", [torch.asarray, array_api_strict.asarray])
def test_other_array_libraries(asarray, shuffle):
    x, y = np.arange(30.0).reshape(5, 3, 2), np.arange(5)
    batches = list(DataLoader((asarray(x), asarray(y)), 2, shuffle, rng=0))
    wanted = list(DataLoader((x, y), 2, shuffle, rng=0))
    for (bx, by), (wx, wy) in zip(batches, wanted, strict=True):
        assert type(bx) is type(asarray(x))
        assert np.from_dlpack(bx).tolist() == wx.tolist()
        assert np.from_dlpack(by).tolist() == wy.tolist()


@pytest.mark.parametrize(
    ("dataset", "options", "error", "said"),
    [
        (np.ones(3), {"batch_size": 0}, ValueError, "batch_size=0.*at least 1"),
        (np.ones(3), {"batch_size": -2}, ValueError, "batch_size=-2.*at least 1"),
        (np.ones(3), {"batch_size": True}, TypeError, "batch_size=True.*integer"),
        (np.ones(3), {"batch_size": 2.0}, TypeError, "batch_size=2.0.*integer"),
        (np.ones(3), {"batch_size": 4, "drop_last": True}, ValueError, "no batch of 3"),
        ((np.ones(3), np.ones(2)), {}, ValueError, r"\[0\] has 3 examples, dataset\[1\] has 2"),
        (np.ones((0, 2)), {}, ValueError, "dataset is empty"),
        ((), {}, ValueError, "dataset is empty"),
        ([np.ones(3), np.ones(3)], {}, TypeError, "dataset is a list.*tuple"),
        (np.float32(1), {}, TypeError, "dataset is a single number"),
        (np.array(["a"]), {}, TypeError, "dataset has dtype <U1"),
        (np.array([None]), {}, TypeError, "dataset has dtype object"),
        ((np.ones(3), np.ones(3, np.uint8)), {}, TypeError, r"\[1\] has dtype uint8.*float32"),
        (torch.ones(3, dtype=torch.uint8), {}, TypeError, "dataset has dtype uint8.*/ 255"),
    ],
)
def test_loader_errors(dataset, options, error, said):
    with pytest.raises(error, match=said):
        DataLoader(dataset, **options)


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
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
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
)
def test_one_hot_errors(labels, num_classes, error, said):
    with pytest.raises(error, match=said):
        one_hot(labels, num_classes)
