"""What the Array API standard lacks: one function each, equal on every library."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest
import torch
from compare import spelled

from dlbook import backend

LIBRARIES = {  # numbers without a dtype are NumPy's: int64, float64
    "NumPy": np.asarray,
    "torch": lambda a: torch.tensor(np.asarray(a)),
    "strict": lambda a: array_api_strict.asarray(np.asarray(a)),
}
everywhere = pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)


def values(array):
    return backend.to_numpy(array).tolist()


# --- Which library ------------------------------------------------------------------------------


def test_whose_array_it_is():
    assert backend.array_namespace(np.ones(1), np.float64(1), 2.0) is np
    assert backend.array_namespace(2.0, torch.ones(1)).__name__.endswith("torch")
    assert backend.array_namespace(array_api_strict.ones(1)) is array_api_strict
    arrays = np.ones(1), np.float64(1), torch.ones(1), array_api_strict.ones(1), [1.0]
    assert [backend.is_numpy(a) for a in arrays] == [True, True, False, False, False]
    assert [backend.is_torch(a) for a in arrays] == [False, False, True, False, False]


@everywhere
def test_floating(make):
    assert backend.is_floating(make([1.0]))
    assert not backend.is_floating(make([1]))
    assert not backend.is_floating(make([True]))


@everywhere
def test_from_one_library_to_another(make):
    like = backend.astype(make([0.0]), np.float32)
    assert "float32" in str(like.dtype)
    for other in LIBRARIES.values():
        moved = backend.to(other([1.5, 2.0]), like)
        assert type(moved) is type(like)
        assert moved.dtype == like.dtype
        assert values(moved) == [1.5, 2.0]


def test_a_moved_array_is_a_copy():
    x = np.ones(2)
    for like in (np.zeros(1), torch.zeros(1, dtype=torch.float64)):
        moved = backend.to(x, like)
        moved[0] = 5.0
        assert x.tolist() == [1.0, 1.0]


@everywhere
@pytest.mark.parametrize("dtype", [np.float64, "float64", np.dtype("f8")], ids=str)
def test_dtypes_by_numpys_names(make, dtype):
    converted = backend.astype(make([1, 2]), dtype)
    assert converted.dtype == make([1.0]).dtype
    assert values(converted) == [1.0, 2.0]


# --- Rows and entries -----------------------------------------------------------------------------


@everywhere
def test_take(make):
    x = make([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert values(backend.take(x, np.array([2, 0, 0]))) == [[5, 6], [1, 2], [1, 2]]


INDICES = [  # index, where 1, 2, ... land in zeros (3, 4)
    (1, [[0, 0, 0, 0], [1, 2, 3, 4], [0, 0, 0, 0]]),
    (-1, [[0, 0, 0, 0], [0, 0, 0, 0], [1, 2, 3, 4]]),
    (slice(1, None), [[0, 0, 0, 0], [1, 2, 3, 4], [5, 6, 7, 8]]),
    (slice(None, None, 2), [[1, 2, 3, 4], [0, 0, 0, 0], [5, 6, 7, 8]]),
    ((slice(1, None), slice(None, None, 2)), [[0, 0, 0, 0], [1, 0, 2, 0], [3, 0, 4, 0]]),
    ((..., 2), [[0, 0, 1, 0], [0, 0, 2, 0], [0, 0, 3, 0]]),
    ((0, 3), [[0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]]),
]


@everywhere
@pytest.mark.parametrize(("index", "wanted"), INDICES, ids=spelled)
def test_plain_slices_are_read_and_written_back(make, index, wanted):
    x = make(np.zeros((3, 4)))
    if make is LIBRARIES["strict"] and not isinstance(index, tuple):
        index = (index, ...)  # the standard names every axis
    counted = np.arange(1.0, 1 + np.zeros((3, 4))[index].size).reshape(
        np.zeros((3, 4))[index].shape
    )
    dx = backend.scatter_add(x, index, make(counted))
    assert values(dx) == wanted
    np.testing.assert_array_equal(backend.to_numpy(backend.gather(dx, index)), counted)
    assert values(x) == np.zeros((3, 4)).tolist(), "nothing given is written to"


def test_a_new_axis_is_a_plain_index_too():
    for make in (LIBRARIES["NumPy"], LIBRARIES["torch"]):
        dx = backend.scatter_add(make([0.0, 0.0]), (None, slice(0, 1)), make([[7.0]]))
        assert values(dx) == [7.0, 0.0]


@everywhere
def test_rows_that_are_read_twice_add_up(make):
    x, rows = make([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]), make([2, 0, 2])
    dx = backend.scatter_add(x, rows, make([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]]))
    assert values(dx) == [[10, 20], [0, 0], [101, 202]]
    assert values(backend.gather(dx, rows)) == [[101, 202], [10, 20], [101, 202]]


def test_entries_by_lists_pairs_and_masks():
    for make in (LIBRARIES["NumPy"], LIBRARIES["torch"]):
        x = make([[0.0, 0.0], [0.0, 0.0]])
        twice = backend.scatter_add(x, ([1, 1], [0, 0]), make([1.0, 2.0]))
        assert values(twice) == [[0, 0], [3, 0]]
        mask = make([[True, False], [False, True]])
        assert values(backend.scatter_add(x, mask, make([1.0, 2.0]))) == [[1, 0], [0, 2]]
    x, mask = (array_api_strict.asarray(a) for a in ([[0.0, 0.0]], [[False, True]]))
    assert values(backend.scatter_add(x, mask, array_api_strict.asarray([5.0]))) == [[0, 5]]


# --- Memory -------------------------------------------------------------------------------------


def test_contiguous_copies_what_is_turned_and_nothing_else():
    x = np.arange(6.0).reshape(2, 3)
    assert backend.contiguous(x) is x
    turned = backend.contiguous(x.T)
    assert turned.tolist() == x.T.tolist()
    assert turned.flags.c_contiguous
    assert not np.shares_memory(turned, x)
    t = torch.tensor(x)
    assert backend.contiguous(t) is t
    turned = backend.contiguous(t.mT)
    assert turned.is_contiguous()
    assert turned.tolist() == x.T.tolist()
    other = array_api_strict.asarray(x).mT
    assert backend.contiguous(other) is other, "the standard knows no order"


@everywhere
def test_sliding(make):
    x = make([[0.0, 1.0], [10.0, 11.0], [20.0, 21.0], [30.0, 31.0], [40.0, 41.0]])
    two = backend.sliding(x, [slice(0, 4, 1), slice(1, 5, 1)])
    assert two.shape == (4, 2, 2)
    assert values(two)[0] == [[0, 1], [10, 11]]
    assert values(two)[3] == [[30, 31], [40, 41]]
    strided = backend.sliding(x, [slice(0, 3, 2), slice(2, 5, 2)])
    assert values(strided) == [[[0, 1], [20, 21]], [[20, 21], [40, 41]]]
    assert values(backend.sliding(x, [slice(0, 5, 2)])) == [[[0, 1]], [[20, 21]], [[40, 41]]]


# --- Numbers ------------------------------------------------------------------------------------


@everywhere
def test_erfc(make):
    x = np.array([[-3.0, -0.5, 0.0], [0.5, 1.0, np.inf], [5.0, 20.0, 26.0]])
    got = backend.erfc(make(x))
    want = torch.special.erfc(torch.tensor(x)).numpy()
    np.testing.assert_allclose(backend.to_numpy(got), want, rtol=2e-14, atol=0)
    assert got.dtype == make([1.0]).dtype


@everywhere
def test_keep_lets_nothing_infinite_through(make):
    x = make([np.inf, 1.0, np.nan, -2.0, np.inf])
    kept = backend.keep(x, make([False, True, False, True, True]))
    assert values(kept) == [0.0, 1.0, 0.0, -2.0, np.inf]
    finite = backend.keep(make([3.0, 4.0]), make([True, False]))
    assert values(finite) == [3.0, 0.0]


@everywhere
def test_finite_at_a_glance(make):
    assert backend.finite_at_a_glance(make([[1.0, -2.0], [0.0, 1e100]]))
    for bad in (np.nan, np.inf, -np.inf):
        assert not backend.finite_at_a_glance(make([[1.0, bad]]))
    assert not backend.finite_at_a_glance(make([1e200])), "it may err on this side only"
