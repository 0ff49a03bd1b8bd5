"""Operators and methods of a Tensor: each entry of the table, and random expressions as in torch."""

from __future__ import annotations

import operator
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook import Tensor, operators
from dlbook import functional as F

# --- One by one ---------------------------------------------------------------------------------

TABLE = {
    "__add__": ("x + y", [[11, 22], [13, 24]]),
    "__radd__": ("3 + x", [[4, 5], [6, 7]]),
    "__iadd__": ("operator.iadd(x, y)", [[11, 22], [13, 24]]),
    "__sub__": ("x - y", [[-9, -18], [-7, -16]]),
    "__rsub__": ("3 - x", [[2, 1], [0, -1]]),
    "__isub__": ("operator.isub(x, y)", [[-9, -18], [-7, -16]]),
    "__mul__": ("x * y", [[10, 40], [30, 80]]),
    "__rmul__": ("y.data * x", [[10, 40], [30, 80]]),
    "__imul__": ("operator.imul(x, 2)", [[2, 4], [6, 8]]),
    "__truediv__": ("y / x", [[10, 10], [10 / 3, 5]]),
    "__rtruediv__": ("12 / x", [[12, 6], [4, 3]]),
    "__itruediv__": ("operator.itruediv(x, 2)", [[0.5, 1], [1.5, 2]]),
    "__matmul__": ("x @ y", [50, 110]),
    "__rmatmul__": ("y.data @ x", [70, 100]),
    "__pow__": ("x ** 3", [[1, 8], [27, 64]]),
    "__rpow__": ("2.0 ** x", [[2, 4], [8, 16]]),
    "__neg__": ("-x", [[-1, -2], [-3, -4]]),
    "__abs__": ("abs(x - 3)", [[2, 1], [0, 1]]),
    "__eq__": ("x == 3", [[False, False], [True, False]]),
    "__ne__": ("x != 3", [[True, True], [False, True]]),
    "__lt__": ("x < Tensor(3)", [[True, True], [False, False]]),
    "__le__": ("x <= 3", [[True, True], [True, False]]),
    "__gt__": ("x > 3", [[False, False], [False, True]]),
    "__ge__": ("x >= Tensor(3)", [[False, False], [True, True]]),
    "__getitem__": ("x[Tensor(np.array([1, 1])), 0]", [3, 3]),
    "__setitem__": ("x", [[1, 2], [3, 4]]),  # refused: see below
    "__iter__": ("F.stack(list(x)[::-1])", [[3, 4], [1, 2]]),
    "reshape": ("x.reshape(4), x.reshape((4, 1)).reshape(-1)", [[1, 2, 3, 4], [1, 2, 3, 4]]),
    "view": ("x.view(4), x.view(-1, 1).view(4)", [[1, 2, 3, 4], [1, 2, 3, 4]]),
    "permute": ("x.permute(1, 0), x.permute((1, 0))", [[[1, 3], [2, 4]], [[1, 3], [2, 4]]]),
    "transpose": ("x.transpose(0, 1)", [[1, 3], [2, 4]]),
    "flatten": ("x.flatten(), 5 * x[0, 0].flatten()[[0] * 4]", [[1, 2, 3, 4], [5] * 4]),
    "squeeze": ("x[None].squeeze(), x[..., None].squeeze(-1)", [[[1, 2], [3, 4]]] * 2),
    "unsqueeze": ("x.unsqueeze(1), x.unsqueeze(-1).mT", [[[[1, 2]], [[3, 4]]]] * 2),
    "pow": ("x.pow(2)", [[1, 4], [9, 16]]),
    "sum": ("x.sum(0)", [4, 6]),
    "mean": ("x.mean(axis=1, keepdims=True)", [[1.5], [3.5]]),
    "var": ("x.var(0)", [2, 2]),
    "std": ("x.std(dim=0)", [2**0.5, 2**0.5]),
    "cumsum": ("x.cumsum(1)", [[1, 3], [3, 7]]),
    "max": ("x.max(), x.max(1)[0].sum()", [4, 6]),
    "min": ("x.min(), x.min(1)[0].sum()", [1, 4]),
    "amax": ("x.amax(0)", [3, 4]),
    "argmax": ("x.argmax(1), x.argmax(axis=0), x.max(1, keepdim=True)[1][:, 0]", [[1, 1]] * 3),
    "argmin": ("x.argmin(1)", [0, 0]),
    "abs": ("(x - 3).abs()", [[2, 1], [0, 1]]),
    "sqrt": ("(x * x).sqrt()", [[1, 2], [3, 4]]),
    "clip": ("x.clip(2, 3)", [[2, 2], [3, 3]]),
    "clamp": ("x.clamp(min=2)", [[2, 2], [3, 4]]),
    "exp": ("x.exp()", np.exp([[1, 2], [3, 4]])),
    "log": ("x.log()", np.log([[1, 2], [3, 4]])),
    "relu": ("(x - 2).relu()", [[0, 0], [1, 2]]),
    "sigmoid": ("x.sigmoid()", 1 / (1 + np.exp([[-1, -2], [-3, -4]]))),
    "tanh": ("x.tanh()", np.tanh([[1, 2], [3, 4]])),
    "softmax": ("x.softmax(0)", [[1 / (1 + np.e**2)] * 2, [1 / (1 + np.e**-2)] * 2]),
    "log_softmax": ("x.log_softmax(0).exp()", [[1 / (1 + np.e**2)] * 2, [1 / (1 + np.e**-2)] * 2]),
    "clone": ("x.clone()", [[1, 2], [3, 4]]),
    "size": ("x.size(), (x.size(0), x.size(-1))", [[2, 2], [2, 2]]),
    "numel": ("x.numel()", 4),
    "mT": ("x[None].mT", [[[1, 3], [2, 4]]]),
    "T": ("x.T", [[1, 3], [2, 4]]),
}


@pytest.mark.parametrize("name", TABLE)
def test_what_each_gives(name):
    expression, wanted = TABLE[name]
    xy = {"x": Tensor([[1.0, 2.0], [3.0, 4.0]]), "y": Tensor([10.0, 20.0])}
    got = eval(expression, {"F": F, "Tensor": Tensor, "np": np, "operator": operator}, xy)
    np.testing.assert_allclose(got, wanted, rtol=1e-15)
    compared = name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
    arrays = compared or name in ("argmax", "argmin")
    wanted_type = np.ndarray if arrays else {"size": tuple, "numel": int}.get(name, Tensor)
    assert type(got[0] if isinstance(got, tuple) else got) is wanted_type


def test_the_table_is_the_one_of_the_package():
    assert sorted(TABLE) == sorted(operators.OPERATORS)
    assert all(getattr(Tensor, name) is value for name, value in operators.OPERATORS.items())


def test_entries_are_not_assigned():
    with pytest.raises(TypeError, match=r"build a new one with F\.where"):
        Tensor([1.0, 2.0])[0] = 3.0


def test_a_leaf_is_not_changed_in_place_but_a_loss_may_grow():
    w = Tensor([1.0, 2.0], requires_grad=True)
    for statement in ("w += 1.0", "w -= 1.0", "w *= 2.0", "w /= 2.0"):
        with pytest.raises(RuntimeError, match=r"write w\.data = w\.data - lr \* w\.grad"):
            exec(statement, {"w": w})
    loss = (w * w).sum()
    loss += (w * 3.0).sum()
    loss.backward()
    np.testing.assert_array_equal(w.grad, [5.0, 7.0])


def test_comparisons_are_entry_by_entry():
    t, other = Tensor([1.0, 2.0, 3.0]), np.array([1.0, 5.0, 3.0])
    assert np.mean(t == other) == 2 / 3
    assert ((t != other).tolist(), (t < Tensor(other)).tolist()) == ([0, 1, 0], [0, 1, 0])
    assert ((t <= 2).tolist(), (t > 2).tolist(), (t >= 2).tolist()) == (
        [1, 1, 0], [0, 0, 1], [0, 1, 1],
    )  # fmt: skip
    assert len({t, Tensor(other)}) == 2  # hashed by identity


# --- In any order ---------------------------------------------------------------------------------

OURS = SimpleNamespace(
    exp=F.exp, tanh=F.tanh, cat=F.concat, stack=F.stack, C=np.linspace(-1, 1, 6).reshape(2, 3)
)


THEIRS = SimpleNamespace(
    exp=torch.exp, tanh=torch.tanh, cat=torch.cat, stack=torch.stack, C=torch.tensor(OURS.C)
)


def full(m, a):
    """All operands broadcast to (2, 3), so that every operator may follow every other."""
    return a + 0.0 * m.C


# tanh keeps numbers moderate, so that a tolerance means the same for every expression
OPERATORS = {
    "+": lambda m, a, b: a + b,
    "-": lambda m, a, b: a - b,
    "*": lambda m, a, b: a * m.tanh(b),
    "/": lambda m, a, b: a / (b * b + 1.0),
    "@": lambda m, a, b: m.tanh(full(m, a) @ full(m, b).reshape(3, 2)) @ m.C,
    "T": lambda m, a, b: m.C @ full(m, a).T @ m.tanh(full(m, b)),
    "-x": lambda m, a, b: -a,
    "**": lambda m, a, b: m.tanh(a) ** 3,
    "number": lambda m, a, b: 2.0 - a * 0.5 + 1.0 / (b * b + 1.0) - 3.0,
    "array first": lambda m, a, b: m.C * a + m.C - m.C / (b * b + 1.0),
    "exp": lambda m, a, b: m.exp(m.tanh(a)),
    "sum": lambda m, a, b: full(m, a).sum(axis=0, keepdims=True) + full(m, b).sum(),
    "mean": lambda m, a, b: full(m, a).mean(axis=1, keepdims=True) - full(m, b).mean(),
    "reshape": lambda m, a, b: full(m, a).reshape(3, 2).T.reshape(2, -1),
    "permute": lambda m, a, b: full(m, a).reshape(1, 2, 3).permute(2, 0, 1).reshape(2, 3),
    "slice": lambda m, a, b: full(m, a)[:, 1:2] * full(m, b)[1],
    "repeat": lambda m, a, b: full(m, a)[[1, 1]] + full(m, b)[0, 2],
    "concat": lambda m, a, b: m.cat([full(m, a)[1:], full(m, b)[:1]], 0),
    "rows": lambda m, a, b: m.stack([row * 2.0 for row in full(m, a)], 0),
}


steps = st.tuples(st.sampled_from(list(OPERATORS)), st.integers(0, 20), st.integers(0, 20))


def build(m, leaves, program):
    """Each step takes two of the results so far and adds one."""
    pool = list(leaves)
    for name, i, j in program:
        pool.append(OPERATORS[name](m, pool[-1 - i % len(pool)], pool[-1 - j % len(pool)]))
    return pool[-1].sum()


@given(st.lists(steps, min_size=1, max_size=10), st.integers(0, 9))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_random_expressions_equal_torch(program, seed):
    rng = np.random.default_rng(seed)
    start = [rng.standard_normal(shape) for shape in [(2, 3), (1, 3), (2, 1), ()]]
    ours = [Tensor(a, requires_grad=True) for a in start]
    theirs = [torch.tensor(a, requires_grad=True) for a in start]
    y, want = build(OURS, ours, program), build(THEIRS, theirs, program)
    np.testing.assert_allclose(y.data, want.detach().numpy(), rtol=1e-10, atol=1e-10)
    if want.requires_grad:
        y.backward()
        want.backward()
    for a, b in zip(ours, theirs, strict=True):
        assert (a.grad is None) == (b.grad is None)
        if b.grad is not None:
            scale = max(1.0, float(b.grad.abs().max()))
            np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-10, atol=1e-10 * scale)


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_is_tried(name):
    program = [(name, 0, 1), (name, 0, 2)]
    leaves = [np.full((2, 3), 0.3), np.array([[0.1, 0.2, 0.4]])]
    ours, theirs = [Tensor(a) for a in leaves], [torch.tensor(a) for a in leaves]
    want = build(THEIRS, theirs, program).item()
    assert build(OURS, ours, program).item() == pytest.approx(want, rel=1e-12)
    torch_backed = SimpleNamespace(**{**vars(OURS), "C": THEIRS.C})
    mine = build(torch_backed, [Tensor(t, requires_grad=True) for t in theirs], program)
    assert isinstance(mine.data, torch.Tensor)
    assert mine.item() == pytest.approx(want, rel=1e-12)


def test_the_slope_of_abs_at_nothing_is_nothing():
    x = Tensor([-2.0, 0.0, 3.0], requires_grad=True)
    abs(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [-1, 0, 1])
