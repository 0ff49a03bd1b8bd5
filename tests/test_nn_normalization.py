"""Batch and layer normalisation against torch.nn: training, running statistics, evaluation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from compare import close, equal_on_both_backends, from_torch, layer_equals_torch, says, spelled
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook import Tensor, nn, optim

tnn = torch.nn

LAYERS = [
    ("LayerNorm(3)", (5, 3)),
    ("LayerNorm([5, 3], eps=0.1)", (2, 5, 3)),
    ("LayerNorm(3, bias=False)", (2, 5, 3)),
    ("LayerNorm((3,), elementwise_affine=False)", (5, 3)),
    ("BatchNorm1d(3)", (5, 3)),
    ("BatchNorm1d(3, eps=0.1, affine=False)", (2, 3, 5)),
    ("BatchNorm1d(3, eps=0.1).eval()", (5, 3)),
    ("BatchNorm1d(3, track_running_stats=False)", (5, 3)),
    ("BatchNorm2d(3)", (4, 3, 5, 6)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=spelled)
def test_layers_equal_torch(layer, shape, rng):
    layer_equals_torch(layer, shape, rng)


@pytest.mark.parametrize("kw", [{}, {"momentum": 0.5}, {"momentum": None}], ids=spelled)
@pytest.mark.parametrize("shape", [(8, 3), (4, 3, 5)], ids=spelled)
def test_batch_norm_follows_torch_for_twenty_steps(shape, kw, rng):
    """Values, gradients, weights and running statistics, and then the same in evaluation."""
    ours, theirs = from_torch(lambda: nn.BatchNorm1d(3, **kw), lambda: tnn.BatchNorm1d(3, **kw))
    a, b = optim.SGD(ours.parameters(), lr=0.1), torch.optim.SGD(theirs.parameters(), lr=0.1)
    for _ in range(20):
        x = 3 * rng.standard_normal(shape) + rng.standard_normal(3).reshape(
            3, *[1] * (len(shape) - 2)
        )
        mine, other = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
        y, want = ours(mine), theirs(other)
        close(y, want)
        dy = rng.standard_normal(shape)
        a.zero_grad()
        b.zero_grad()
        y.backward(dy)
        want.backward(torch.tensor(dy))
        close(mine.grad, other.grad)
        a.step()
        b.step()
        wanted = theirs.state_dict()
        assert list(ours.state_dict()) == list(wanted)
        for name, value in ours.state_dict().items():
            close(value, wanted[name])
    mine, other = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, want = ours.eval()(mine), theirs.eval()(other)
    close(y, want)
    y.backward(dy)
    want.backward(torch.tensor(dy))
    close(mine.grad, other.grad)
    assert ours.num_batches_tracked == 20
    close(ours(x[:1]), theirs(torch.tensor(x[:1])))  # one example is enough in evaluation


def test_batch_norm_on_torch_tensors(rng):
    x = rng.standard_normal((6, 3))
    here, there = nn.BatchNorm1d(3).double(), nn.BatchNorm1d(3).to(torch.zeros(1).double())
    for _ in range(3):
        close(here(x), there(torch.tensor(x)).data)
    for name, value in here.state_dict().items():
        close(there.state_dict()[name], value)
    close(here.eval()(x), there.eval()(torch.tensor(x)).data)


def test_batch_norm_without_running_statistics_uses_the_batch_in_evaluation_too(rng):
    x = rng.standard_normal((6, 3))
    model = nn.BatchNorm1d(3, track_running_stats=False).double()
    assert "running_mean" not in model.state_dict()
    close(model.eval()(x), model.train()(x))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_normalisation_of_any_shape_equals_torch(data):
    N, C, H, V = (data.draw(st.integers(low, 5)) for low in (2, 1, 1, 2))
    eps = data.draw(st.sampled_from([1e-5, 1e-2]))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    for make, shape in (
        (lambda n: n.BatchNorm1d(C, eps=eps), (N, C)),
        (lambda n: n.BatchNorm1d(C, eps=eps), (N, C, V)),
        (lambda n: n.BatchNorm2d(C, eps=eps), (N, C, H, V)),
        (lambda n: n.LayerNorm(V, eps=eps), (N, C, V)),
        (lambda n: n.LayerNorm((H, V), eps=eps), (N, H, V)),
    ):
        ours, theirs = from_torch(lambda m=make: m(nn), lambda m=make: m(tnn))
        for p in theirs.parameters():
            p.data = torch.tensor(rng.standard_normal(p.shape))
        ours.load_state_dict(theirs.state_dict())
        equal_on_both_backends(ours, theirs, 3 * rng.standard_normal(shape) + 1, rng)


def test_normalization_shapes():
    with says(ValueError, "BatchNorm1d(3)", "(5, 4)", "(N, num_features=3)"):
        nn.BatchNorm1d(3)(np.zeros((5, 4), "f4"))
    with says(
        ValueError, "BatchNorm1d(3)", "(3,)", "(N, num_features=3) or (N, num_features=3, L)"
    ):
        nn.BatchNorm1d(3)(np.zeros(3, "f4"))
    with says(ValueError, "LayerNorm(4, 3)", "(5, 3)", "(..., normalized_shape=(4, 3))"):
        nn.LayerNorm((4, 3))(np.zeros((5, 3), "f4"))
    assert nn.LayerNorm(3)(np.zeros((0, 3), "f4")).shape == (0, 3)
