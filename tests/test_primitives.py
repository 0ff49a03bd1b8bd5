"""Every primitive against finite differences, PyTorch, purity, dtype and three array libraries."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import array_api_strict
import numpy as np
import pytest
import torch
from cases import CASES, Case
from compare import agree

from dlbook import functional, primitives
from dlbook.primitives import recurrence
from dlbook.testing import check_vjp

every_case = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)


def as_tuple(y):
    return tuple(y) if isinstance(y, tuple | list) else (y,)


def run(case: Case, args, static, make):
    """Value(s), and the gradients for cotangents that are the same in every library."""
    ys, vjp = case.primitive(*args, **static)
    rng = np.random.default_rng(7)
    dys = tuple(make(rng.standard_normal(tuple(y.shape))) for y in as_tuple(ys))
    grads = vjp(dys if isinstance(ys, tuple) else dys[0])
    assert isinstance(grads, tuple)
    assert len(grads) == len(args)
    return as_tuple(ys), grads, vjp, dys if isinstance(ys, tuple) else dys[0]


def reference(case: Case, args):
    """The same from torch.autograd."""
    tensors = [
        torch.tensor(a, requires_grad=a.dtype.kind == "f") if isinstance(a, np.ndarray) else a
        for a in map(np.asarray, args)
    ]
    ys = as_tuple(case.torch(*tensors))
    rng = np.random.default_rng(7)
    dys = [torch.tensor(rng.standard_normal(tuple(y.shape))) for y in ys]
    finite = [(y[torch.isfinite(y)], dy[torch.isfinite(y)]) for y, dy in zip(ys, dys, strict=True)]
    leaves = [t for t in tensors if t.requires_grad]
    grads = iter(torch.autograd.grad([y for y, _ in finite], leaves, [dy for _, dy in finite]))
    grads = [next(grads) if t.requires_grad else None for t in tensors]
    return [y.detach().numpy() for y in ys], [g if g is None else g.numpy() for g in grads]


def test_every_primitive_has_a_row():
    public = set()
    for info in pkgutil.iter_modules(primitives.__path__):
        if info.name[0] == "_":
            continue
        module = importlib.import_module(f"{primitives.__name__}.{info.name}")
        public |= {
            f for name, f in inspect.getmembers(module, inspect.isfunction)
            if f.__module__ == module.__name__ and not name.startswith("_")
        }  # fmt: skip
    listed = {getattr(primitives, name) for name in primitives.__all__}
    parts = {recurrence.over_time, recurrence.skipping, recurrence.rnn_step, recurrence.lstm_step,
             recurrence.gru_step, recurrence.swapped}  # fmt: skip
    public -= parts
    assert public == listed, "list it in the __all__ of its file"
    assert listed - {c.primitive for c in CASES} == set(), "add a row to cases.py"
    assert sorted(functional.__all__) == sorted(f.__name__ for f in public), "lift it in functional"


@every_case
def test_derivative(case, rng):
    primitive = _where_finite(case.primitive) if case.finite_only else case.primitive
    args = case.args(rng)
    moved = [a for a in args if np.asarray(a).dtype.kind == "f"]
    assert moved
    assert check_vjp(primitive, *map(np.asarray, args), **case.static) < 1e-6


def _where_finite(primitive):
    """With 0 for -inf, which has no difference quotient."""

    def finite_only(x, **static):
        y, vjp = primitive(x, **static)
        finite = np.isfinite(y)
        return np.where(finite, y, 0.0), lambda dy: vjp(np.where(finite, dy, 0.0))

    return finite_only


@every_case
def test_value_and_every_gradient_equal_torch(case, rng):
    args = tuple(map(np.asarray, case.args(rng)))
    ys, grads, *_ = run(case, args, case.static, np.asarray)
    want_ys, want_grads = reference(case, args)
    agree(ys, want_ys, 1e-12)
    agree(grads, want_grads, 1e-12)


@every_case
def test_pure(case, rng):
    """Nothing given is written to, and a pullback called twice gives the same twice."""
    args = tuple(np.array(a) for a in case.args(rng))
    before = [a.copy() for a in args]
    for a in args:
        a.flags.writeable = False
    _, first, vjp, dys = run(case, args, case.static, _read_only)
    again = vjp(dys)
    agree(again, [None if g is None else np.asarray(g) for g in first], 0)
    for a, b in zip(args, before, strict=True):
        np.testing.assert_array_equal(a, b)


def _read_only(a):
    a = np.array(a)
    a.flags.writeable = False
    return a


@every_case
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_is_kept(case, dtype, rng):
    def cast(a):
        a = np.asarray(a)
        return a.astype(dtype) if a.dtype.kind == "f" else a

    ys, grads, *_ = run(case, tuple(map(cast, case.args(rng))), case.static, cast)
    assert {y.dtype.name for y in ys} == {dtype}
    assert {g.dtype.name for g in grads if g is not None} == {dtype}


@every_case
def test_strict_array_api_on_another_device(case, rng):
    """Only names of the standard are used, and every new array is made where its inputs are."""
    device = array_api_strict.Device("device1")

    def strict(a):
        return array_api_strict.asarray(np.asarray(a), device=device)

    args = tuple(map(np.asarray, case.args(rng)))
    static = {k: strict(v) if isinstance(v, np.ndarray) else v for k, v in case.static.items()}
    ys, grads, *_ = run(case, tuple(map(strict, args)), static, strict)
    assert all(a.device == device for a in (*ys, *grads) if a is not None)
    cpu = array_api_strict.Device("CPU_DEVICE")
    want_ys, want_grads, *_ = run(case, args, case.static, np.asarray)
    agree([np.asarray(y.to_device(cpu)) for y in ys], list(map(np.asarray, want_ys)), 1e-12)
    back = [None if g is None else np.asarray(g.to_device(cpu)) for g in grads]
    agree(back, [None if g is None else np.asarray(g) for g in want_grads], 1e-12)


@every_case
def test_same_primitive_on_torch_tensors(case, rng):
    args = tuple(map(np.asarray, case.args(rng)))
    static = {
        k: torch.as_tensor(v) if isinstance(v, np.ndarray) else v for k, v in case.static.items()
    }
    ys, grads, *_ = run(case, tuple(map(torch.as_tensor, args)), static, torch.as_tensor)
    assert all(isinstance(a, torch.Tensor) for a in (*ys, *grads) if a is not None)
    want_ys, want_grads = reference(case, args)
    agree([y.numpy() for y in ys], want_ys, 1e-12)
    agree([g if g is None else g.numpy() for g in grads], want_grads, 1e-12)
