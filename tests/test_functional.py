"""The primitives lifted to Tensors: the same functions, and the same numbers on torch tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from compare import close

from dlbook import Tensor, primitives
from dlbook import functional as F


@pytest.mark.parametrize("name", F.__all__)
def test_each_is_its_primitive_lifted(name):
    lists = {"stack": F._stack, "concat": F._concat}  # those take a list
    lifted = lists.get(name, getattr(F, name))
    assert lifted.__wrapped__ is getattr(primitives, name)
    assert lifted.__doc__ == getattr(primitives, name).__doc__


def test_lists_of_tensors():
    a, b = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
    stacked, joined = F.stack([a, b], axis=1), F.concat([a, b])
    assert stacked.numpy().tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert joined.numpy().tolist() == [1.0, 2.0, 3.0, 4.0]
    assert F.stack([a, b], dim=1).numpy().tolist() == stacked.numpy().tolist()  # PyTorch's name
    assert F.concat([stacked, stacked], dim=1).shape == (2, 4)
    (stacked * np.array([[1.0, 10.0], [100.0, 1000.0]])).sum().backward()
    (joined * np.array([5.0, 6.0, 7.0, 8.0])).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([6.0, 106.0], [17.0, 1008.0])


def test_several_outputs_are_several_tensors():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    first, second = F.unstack(x, axis=1)
    assert (first.numpy().tolist(), second.numpy().tolist()) == ([1.0, 3.0], [2.0, 4.0])
    assert first._node is second._node
    assert repr(second) == "Tensor([2., 4.], made by unstack)"


def test_data_needs_no_gradient():
    """The product that would give dL/dx is left out where x is data, and there where it is not."""
    x, W = np.ones((2, 3)), Tensor(np.ones((4, 3)), requires_grad=True)
    for given, missing in ((x, True), (Tensor(x), True), (Tensor(x, requires_grad=True), False)):
        gradients = F.linear(given, W)._node.vjp(np.ones((2, 4)))
        assert (gradients[0] is None) == missing
        assert gradients[1].tolist() == [[2.0] * 3] * 4


def test_means_over_nothing_and_kinks_with_infinite_slopes():
    assert F.mean(Tensor(np.zeros((0, 3))), axis=1).shape == (0,)
    x = Tensor([-1.0, 2.0], requires_grad=True)
    with np.errstate(divide="ignore"):
        F.log(F.relu(x)).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.5])


@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_where_every_label_is_ignored_the_loss_is_0(reduction):
    z = Tensor([[1.0, 2.0]], requires_grad=True)
    loss = F.cross_entropy(z, [-100], reduction=reduction)
    loss.sum().backward()
    assert (loss.numpy().sum(), z.grad.tolist()) == (0.0, [[0.0, 0.0]])


def test_batch_norm_evaluates_unless_it_is_told_to_train():
    """As torch.nn.functional.batch_norm does: by the running statistics, which stay."""
    mean, var = np.zeros(1), np.full(1, 4.0)
    y = F.batch_norm(np.array([[2.0], [6.0]]), mean, var, eps=0.0)
    assert y.numpy().tolist() == [[1.0], [3.0]]
    assert (mean.tolist(), var.tolist()) == ([0.0], [4.0])


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_moves_the_running_statistics_as_torch_does(training, rng):
    x, mean, var, w, b = rng.uniform(1, 2, (4, 3, 5)), *rng.uniform(0, 1, (4, 3))
    moved = torch.tensor(mean), torch.tensor(var)
    settings = {"training": training, "momentum": 0.3, "eps": 0.1}
    w_and_b = map(torch.tensor, (w, b))
    theirs = torch.nn.functional.batch_norm(torch.tensor(x), *moved, *w_and_b, **settings)
    close(F.batch_norm(x, mean, var, w, b, **settings), theirs)
    close(mean, moved[0])
    close(var, moved[1])


def test_torch_backed_tensors_end_to_end(rng):
    """A small recurrent net: values and gradients are those of the NumPy run."""
    start = {"W": rng.standard_normal((3, 3)), "U": rng.standard_normal((3, 2)), "b": np.ones(3)}
    xs = rng.standard_normal((5, 4, 2))  # (T, N, D)
    labels = np.array([0, 2, 1, 2])

    def run(make):
        p = {name: Tensor(make(a), requires_grad=True) for name, a in start.items()}
        h = Tensor(make(np.zeros((4, 3))))
        for x in Tensor(make(xs)):
            h = F.tanh(F.linear(x, p["U"]) + F.linear(h, p["W"], p["b"]))
        loss = F.cross_entropy(h[make(np.array([3, 0, 0, 1]))], make(labels))
        loss.backward()
        return [loss.data, *(t.grad for t in p.values())]

    for ours, theirs in zip(run(np.asarray), run(torch.tensor), strict=True):
        assert isinstance(theirs, torch.Tensor)
        np.testing.assert_allclose(theirs.numpy(), ours, rtol=1e-12)
