"""The tape: what it adds up, what it keeps, what it frees, what it refuses."""

from __future__ import annotations

import gc
from collections import Counter

import numpy as np
import pytest
import torch
from compare import spelled

import dlbook
from dlbook import Tensor, differentiable, no_grad
from dlbook import functional as F
from dlbook.autodiff import Node
from dlbook.testing import numerical_gradient


def leaf(*numbers):
    return Tensor(np.array(numbers), requires_grad=True)


def nodes(tensor):
    """Every node below a Tensor, without recursion."""
    found, open_ = set(), [tensor]
    while open_:
        node = open_.pop()._node
        if node is not None and node not in found:
            found.add(node)
            open_ += [t for t in node.inputs if t is not None]
    return found


# --- Sums over paths ----------------------------------------------------------------------------


def test_diamond():
    x = leaf(2.0, -3.0)
    a = x * x  # one use with both arguments the same
    y = (a * x + a * 5.0 + x).sum()  # x**3 + 5 x**2 + x
    y.backward()
    np.testing.assert_array_equal(x.grad, 3 * x.data**2 + 10 * x.data + 1)


def test_a_node_waits_for_all_that_it_feeds():
    """A long and a short path into one node: its pullback must run once, after both arrived."""
    calls = []

    def noted(x):
        return x * 2.0, lambda dy: (calls.append(np.array(dy)) or dy * 2.0,)

    x = leaf(1.0)
    a = differentiable(noted)(x)
    b = a
    for _ in range(5):
        b = b * 3.0
    (a + b + a).sum().backward()
    assert [c.tolist() for c in calls] == [[2 + 3.0**5]]
    assert x.grad.tolist() == [2 * (2 + 3.0**5)]


def test_shared_weight(rng):
    x, W = rng.standard_normal((4, 3)), rng.standard_normal((3, 3))
    w = Tensor(W, requires_grad=True)

    def twice(W):
        return (np.tanh(x @ W.T) @ W.T).sum()

    F.linear(F.tanh(F.linear(x, w)), w).sum().backward()
    np.testing.assert_allclose(w.grad, numerical_gradient(twice, W), atol=1e-8)


def test_leaves_accumulate_and_own_their_gradient():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (a + b).sum().backward()
    a.grad *= 10.0  # add hands one array to both
    assert b.grad.tolist() == [1.0, 1.0]
    (a * b).sum().backward()
    assert a.grad.tolist() == [13.0, 14.0]
    assert b.grad.tolist() == [2.0, 3.0]


def test_a_gradient_has_the_dtype_of_its_leaf():
    w = Tensor(np.ones(3, np.float32), requires_grad=True)
    (w * np.arange(3.0)).sum().backward()
    assert (w.grad.dtype, w.grad.tolist()) == (np.float32, [0.0, 1.0, 2.0])


def test_a_leaf_as_its_own_output():
    x = leaf(3.0)
    x.backward()
    x.backward()
    assert x.grad.tolist() == [2.0]


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ({1: 1.0}, [[0, 0], [1, 1], [0, 0]]),
        ({0: 2.0, 2: 3.0}, [[2, 2], [0, 0], [3, 3]]),
        ({0: 1.0, 1: 1.0, 2: 1.0}, [[1, 1], [1, 1], [1, 1]]),
    ],
    ids=spelled,
)
def test_outputs_that_are_not_used_have_gradient_zero(used, expected):
    x = Tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    parts = F.unstack(x)
    sum((parts[k] * factor for k, factor in used.items()), Tensor(0.0)).sum().backward()
    assert x.grad.tolist() == expected


def test_a_tuple_of_one_output():
    x = Tensor(np.array([[1.0, 2.0, 3.0]]), requires_grad=True)
    for row in x:
        (row * row).sum().backward()
    assert x.grad.tolist() == [[2.0, 4.0, 6.0]]


def test_iterating_is_linear():
    T = 50
    x, h = Tensor(np.full((T, 2), 1.01), requires_grad=True), Tensor(np.ones(2))
    for row in x:
        h = h * row
    assert Counter(n.name for n in nodes(h)) == {"unstack": 1, "mul": T}
    h.sum().backward()
    np.testing.assert_allclose(x.grad, np.full((T, 2), 1.01 ** (T - 1)), rtol=1e-12)


# --- Deep graphs --------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [20_000, 200_000])
@pytest.mark.parametrize("backward", [True, False])
def test_deep_chains_need_no_recursion_and_leave_nothing_behind(depth, backward):
    gc.collect()
    gc.disable()  # reference counts alone must free the graph: no cycles
    try:
        x = leaf(1.0)
        y = x
        for _ in range(depth):
            y = y + 1.0
        assert y.item() == depth + 1
        if backward:
            y.backward()
            assert x.grad.tolist() == [1.0]
        del y
        assert not any(type(o) is Node for o in gc.get_objects())
    finally:
        gc.enable()


def test_backward_frees_what_was_saved():
    x = leaf(2.0)
    y = x * x
    z = y.sum()
    z.backward()
    assert (y._node.vjp, y._node.inputs, y._node.ys) == (None, [], None)


# --- What is recorded ---------------------------------------------------------------------------


def test_no_grad():
    w = leaf(1.0)
    with no_grad():
        assert not (w * 2.0).requires_grad
        with pytest.raises(ZeroDivisionError), no_grad():
            raise ZeroDivisionError
        assert (w * 2.0)._node is None
    assert (w * 2.0)._node is not None
    assert no_grad()(lambda: w * 2.0)()._node is None


def test_detach_cuts_the_history():
    x = leaf(3.0)
    (x * (x * x).detach()).sum().backward()
    assert x.grad.tolist() == [9.0]
    assert not (x * x).detach().requires_grad


def test_only_what_needs_a_gradient_is_recorded():
    x, w = Tensor([1.0]), leaf(2.0)
    assert (x * 3.0)._node is None
    (x * w).sum().backward()
    assert x.grad is None
    assert w.grad.tolist() == [1.0]


def test_retain_graph():
    x = leaf(3.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [12.0]
    with pytest.raises(RuntimeError, match="backward through sum a second time"):
        y.backward()
    assert x.grad.tolist() == [12.0]


# --- What is refused ----------------------------------------------------------------------------


def shared_below():
    a = leaf(1.0) * 2.0
    (a * 3.0).sum().backward()
    (a * 4.0).sum().backward()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        ("shared_below()", "through mul a second time"),
        ("Tensor([1.0]).backward()", "does not require grad"),
        ("(leaf(1.0) * 2.0).detach().backward()", "does not require grad"),
        ("(leaf(1.0, 2.0) * 2.0).backward()", r"gradient for an output of shape \(2,\)"),
        ("leaf(1.0, 2.0).backward(np.ones(3))", r"shape \(3,\), expected \(2,\)"),
        ("Tensor([1, 2], requires_grad=True)", "floating-point dtype.*int64"),
    ],
)
def test_refusals(act, message):
    with pytest.raises(RuntimeError, match=message):
        eval(act)


@pytest.mark.parametrize("kind", [list, np.array, Tensor])
def test_gradient_argument(kind):
    x = leaf(1.0, 2.0, 3.0)
    (x * x).backward(kind([1.0, 10.0, 100.0]))
    assert x.grad.tolist() == [2.0, 40.0, 600.0]


def test_a_gradient_of_another_shape_is_refused_and_changes_nothing():
    w, v = Tensor(np.ones((4, 1)), requires_grad=True), Tensor(1.0, requires_grad=True)
    unchecked = dlbook.differentiable(dlbook.primitives.mse_loss)  # F.mse_loss has a door
    loss = unchecked(w, np.zeros(4)) + v
    with pytest.raises(
        ValueError, match=r"mse_loss: the gradient of argument 0 has shape \(4, 4\)"
    ):
        loss.backward()
    assert w.grad is None
    assert v.grad is None  # it had arrived before the error
    no_tuple = dlbook.differentiable(lambda x: (x * 1.0, lambda dy: dy))
    with pytest.raises(ValueError, match="must return a tuple with a gradient for argument 0"):
        no_tuple(Tensor([1.0, 2.0], requires_grad=True)).sum().backward()


def test_settings_by_position_and_tensors_by_name():
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    (x.sum(0) * np.array([1.0, 2.0, 3.0])).sum().backward()
    np.testing.assert_array_equal(x.grad, [[1, 2, 3], [1, 2, 3]])
    with pytest.raises(TypeError, match=r"mul\(b=\.\.\.\) is a Tensor that requires grad"):
        F.mul(2.0, b=x)


# --- Whose numbers are they? --------------------------------------------------------------------


def test_data_is_read_only():
    x = leaf(1.0, 2.0)
    for tensor in (x, x * 2.0, Tensor([1.0]), (x * 2.0).detach()):
        with pytest.raises(ValueError, match="read-only"):
            tensor.data[0] = 5.0


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_a_leaf_copies(make):
    numbers = make([1.0, 2.0])
    x = Tensor(numbers, requires_grad=True)
    y = (x * x).sum()
    numbers[:] = 99.0
    y.backward()
    assert x.data.tolist() == [1.0, 2.0]
    assert x.grad.tolist() == [2.0, 4.0]


def test_assigning_data():
    w = leaf(1.0, 2.0)
    y = (w * w).sum()
    w.data = w - 1.0  # a Tensor stands for its array
    assert type(w.data.copy() + 0.0) is np.ndarray
    assert w.data is w.data
    assert w.data.tolist() == [0.0, 1.0]
    y.backward()
    assert w.grad.tolist() == [2.0, 4.0], "the graph still has the old numbers"


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_detect_changes(make):
    batch = make([[1.0, 2.0]])
    w = Tensor(make([[3.0, 4.0]]), requires_grad=True)

    def run(change):
        with dlbook.detect_changes():
            y = F.linear(batch, w).sum()
        change()
        y.backward()

    def new_weight():
        w.data = w.data * 1.0

    run(lambda: None)
    run(new_weight)
    y = F.linear(batch, w).sum()  # recorded outside: nobody looks
    batch[0, 1] = 3.0
    y.backward()
    with pytest.raises(RuntimeError, match=r"linear needs .* modified by an inplace operation"):
        run(lambda: batch.__setitem__((0, 0), 5.0))


# --- As a number, an array, a text ----------------------------------------------------------------


def test_numpy_scalars_and_functions():
    x = leaf(2.0)
    assert (np.float64(3.0) * x).data.tolist() == [6.0]
    with dlbook.no_grad():
        assert np.asarray(x).tolist() == [2.0]
    assert np.asarray(x.detach()).tolist() == [2.0]
    assert float(x) == 2.0
    assert len(x) == 1
    with pytest.raises(TypeError, match="ufunc"):
        np.exp(x)
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        leaf(1.0, 2.0).item()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        ("Tensor([1.0, 2.5])", "Tensor([1. , 2.5])"),
        ("leaf(1.0)", "Tensor([1.], requires_grad=True)"),
        ("leaf(1.0) * 2.0", "Tensor([2.], made by mul)"),
        ("Tensor(torch.ones(1))", "Tensor([1.])"),
    ],
)
def test_repr(make, text):
    assert repr(eval(make)) == text


def test_what_is_watched_are_inputs_settings_and_outputs():
    """An array that somebody still holds and writes to, whichever way it came to the primitive."""
    kept = np.array([1.0, 2.0])
    returns_it = dlbook.differentiable(lambda x: (kept, lambda dy: (dy * kept,)))
    mask = np.array([True, True])
    given = np.array([3.0, 4.0])
    x = Tensor([1.0, 2.0], requires_grad=True)
    calls = {
        "an output": (lambda: returns_it(x), kept),
        "a setting": (lambda: F.softmax(x, where=mask), mask),
        "an input": (lambda: x * given, given),
    }
    for what, (call, array) in calls.items():
        for changed in (False, True):
            with dlbook.detect_changes():
                y = call()
                if changed:
                    array[0] = 0
                    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                        y.backward(np.ones(2))
                else:
                    y.backward(np.ones(2))
        assert changed, what


def test_only_a_leaf_is_frozen_or_trained():
    w = Tensor([1.0], requires_grad=True)
    assert w.requires_grad_(False) is w
    assert not w.requires_grad
    assert w.is_parameter
    w.requires_grad_()
    for flag in (True, False):
        with pytest.raises(RuntimeError, match="only a leaf can be frozen"):
            (w * 2.0).requires_grad_(flag)
