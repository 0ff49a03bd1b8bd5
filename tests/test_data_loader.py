"""The loader: batches, their order, every kind of memory, every library."""

import array_api_strict
import numpy as np
import pytest
import torch
from compare import spelled
from hypothesis import given
from hypothesis import strategies as st

import dlbook
from dlbook.data import DataLoader


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
@pytest.mark.parametrize(
    "asarray", [torch.asarray, array_api_strict.asarray], ids=["torch", "strict"]
)
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
    ids=spelled,
)
def test_loader_errors(dataset, options, error, said):
    with pytest.raises(error, match=said):
        DataLoader(dataset, **options)


def test_a_transform_draws_from_a_generator_also_without_an_rng():
    drawn = []

    def transform(x, rng):
        drawn.append(rng.random())
        return x

    dlbook.manual_seed(4)
    list(DataLoader(np.arange(4.0), 2, transform=transform))
    assert drawn == list(np.random.default_rng(4).random(2))


def test_the_state_of_a_loader_is_that_of_its_generator():
    loader = DataLoader(np.arange(20.0), 5, shuffle=True, rng=3)
    list(loader)
    state = loader.state_dict()
    want = np.concatenate(list(loader))
    other = DataLoader(np.arange(20.0), 5, shuffle=True, rng=9)
    other.load_state_dict(state)
    np.testing.assert_array_equal(np.concatenate(list(other)), want)
    for one, two in ((loader, DataLoader(np.arange(20.0))), (DataLoader(np.arange(3.0)), loader)):
        with pytest.raises(dlbook.CheckpointError, match="an rng of its own"):
            one.load_state_dict(two.state_dict())
