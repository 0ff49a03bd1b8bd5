"""How tests compare: arrays with arrays, ours with torch's, an error with what it must say."""

from __future__ import annotations

import contextlib
import copy
import re

import numpy as np
import pytest
import torch

import dlbook
from dlbook import Tensor, functional, nn
from dlbook.data.sets import readers

# --- Numbers ------------------------------------------------------------------------------------


def close(ours, theirs, tol=1e-12):
    """Two arrays of any library: of one shape, and equal but for `tol`, relative or absolute."""
    ours, theirs = (a.detach() if hasattr(a, "detach") else a for a in (ours, theirs))
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=tol, atol=tol)


def agree(ours, theirs, tol=1e-12):
    """Lists of arrays: each is close to its partner, and None where that is None."""
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if b is not None:
            close(a, b, tol)


def close_gradients(ours, theirs):
    """The gradient of every parameter of a torch module, by its name."""
    wanted = dict(theirs.named_parameters())
    assert list(dict(ours.named_parameters())) == list(wanted)
    for path, p in ours.named_parameters():
        close(p.grad, wanted[path].grad)


# --- Modules ------------------------------------------------------------------------------------


def from_torch(make_ours, make_theirs):
    """One of each with torch's weights, in float64."""
    theirs = make_theirs().double()
    ours = make_ours().double()
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def layer_equals_torch(layer, shape, rng):
    """Value and every gradient of a layer such as "Linear(3, 4)" and of its twin in torch.nn."""
    ours, theirs = from_torch(lambda: evaluated(layer, nn), lambda: evaluated(layer, torch.nn))
    x = rng.standard_normal(shape)
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, want = ours(a), theirs(b)
    close(y, want)
    close(ours(x), want)  # a plain array does as well
    dy = rng.standard_normal(y.shape)
    y.backward(dy)
    want.backward(torch.tensor(dy))
    close(a.grad, b.grad)
    close_gradients(ours, theirs)


def equal_on_both_backends(ours, theirs, x, rng):
    """Value and every gradient, on NumPy arrays and on torch tensors."""
    b = torch.tensor(x, requires_grad=True)
    want = theirs(b)
    dy = rng.standard_normal(want.shape)
    want.backward(torch.tensor(dy))
    for make in (np.array, torch.tensor):
        a = Tensor(make(x), requires_grad=True)
        model = copy.deepcopy(ours).to(make(x))
        y = model(a)
        close(y.numpy(), want)
        y.backward(make(dy))
        close(a.grad, b.grad)
        close_gradients(model, theirs)


# --- Errors -------------------------------------------------------------------------------------


@contextlib.contextmanager
def says(error, *parts):
    """The error has exactly this type, and its message holds every part."""
    with pytest.raises(error, match=re.escape(parts[0])) as caught:
        yield
    assert type(caught.value) is error
    for part in parts:
        assert part in str(caught.value)


# --- Tables of expressions, whose text is the id of the test --------------------------------------

NAMES = {
    "F": functional, "dlbook": dlbook, "inf": np.inf, "nan": np.nan, "np": np,
    "readers": readers, "torch": torch,
    **{name: getattr(dlbook, name) for name in (
        "CheckpointError", "DataFormatError", "NonFiniteError", "Tensor", "checks", "data", "metrics",
        "nn", "optim", "primitives",
    )},
}  # fmt: skip


def evaluated(expression, library=None):
    """What the expression gives, with the names of `library` (a module), or with NAMES."""
    return eval(expression, dict(NAMES if library is None else vars(library)))


def spelled(value):
    """The id of a parameter that pytest would only number: `ids=spelled`."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={spelled(v)}" for name, v in value.items())
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, tuple | list | set):
        parts = map(spelled, value)
        return "({})".format(", ".join(sorted(parts) if isinstance(value, set) else parts))
    return getattr(value, "__name__", None) or str(value)
