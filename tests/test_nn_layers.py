"""Linear layers, activations, softmax and dropout, against torch.nn from the same weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from compare import close, layer_equals_torch, spelled

from dlbook import Tensor, manual_seed, nn

LAYERS = [
    ("Linear(3, 4)", (5, 3)),
    ("Linear(3, 4)", (3,)),
    ("Linear(3, 4)", (2, 5, 3)),
    ("Linear(3, 4, bias=False)", (5, 3)),
    ("Flatten()", (2, 3, 4, 5)),
    ("Flatten(2)", (2, 3, 4, 5)),
    ("Flatten(start_dim=0)", (2, 3)),
    ("ReLU()", (5, 3)),
    ("LeakyReLU()", (5, 3)),
    ("LeakyReLU(0.3)", (5, 3)),
    ("Sigmoid()", (5, 3)),
    ("Tanh()", (5, 3)),
    ("ELU(0.5)", (5, 3)),
    ("Softplus()", (5, 3)),
    ("SiLU()", (5, 3)),
    ("GELU()", (5, 3)),
    ("GELU(approximate='tanh')", (5, 3)),
    ("Softmax(dim=-1)", (5, 3)),
    ("Softmax(dim=1)", (2, 5, 3)),
    ("LogSoftmax(dim=0)", (5, 3)),
    ("Dropout2d(0.5).eval()", (4, 3, 5, 6)),
    ("Dropout(0.0)", (5, 3)),
    ("Dropout(0.5).eval()", (5, 3)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=spelled)
def test_layers_equal_torch(layer, shape, rng):
    layer_equals_torch(layer, shape, rng)


def test_linear_starts_as_torch_does():
    bound = 1 / np.sqrt(50)
    model = nn.Linear(50, 2000, rng=np.random.default_rng(0))
    for w in (model.weight.data, model.bias.data):
        assert 0.99 * bound < np.abs(w).max() <= bound
        assert w.var() == pytest.approx(bound**2 / 3, rel=0.05)


@pytest.mark.parametrize("layer", [nn.Softmax, nn.LogSoftmax])
def test_a_softmax_looks_along_its_own_axis(layer):
    """A column that is -inf throughout is told, a row is none of its business."""
    z = np.array([[1.0, -np.inf], [2.0, -np.inf], [3.0, 0.0]])
    with pytest.raises(ValueError, match="row 1 has no finite logit"):
        layer(dim=0)(z[:2])
    assert np.isfinite(layer(dim=0)(z.T[:, [0, 2]]).numpy()[0]).all()
    with pytest.raises(FloatingPointError, match=r"logits\[0,1\] is nan"):
        layer(dim=0)(np.array([[1.0, np.nan]]))


# --- Dropout ------------------------------------------------------------------------------------


def test_dropout_keeps_the_expectation():
    """400,000 entries: the mean of x * mask has a standard deviation of 0.0008 around 1."""
    y = nn.Dropout(0.2, rng=0)(np.ones((1000, 400))).numpy()
    assert set(np.unique(y)) == {0.0, 1.25}
    assert abs(y.mean() - 1.0) < 0.004
    assert abs((y == 0).mean() - 0.2) < 0.004
    assert not np.array_equal(y[0], y[1])


def test_dropout_sends_the_gradient_through_the_same_mask(rng):
    """Equal to PyTorch with our mask fixed: x * mask, there and back."""
    x = rng.standard_normal((50, 4))
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y = nn.Dropout(0.3, rng=0)(a)
    mask = torch.tensor(y.numpy() / x)
    dy = rng.standard_normal(x.shape)
    y.backward(dy)
    (b * mask).backward(torch.tensor(dy))
    close(a.grad, b.grad, 1e-12)
    close(y, b * mask)


def test_dropout2d_drops_whole_channels():
    y = nn.Dropout2d(0.5, rng=0)(np.ones((200, 10, 3, 4), np.float32)).numpy()
    assert set(np.unique(y)) == {0.0, 2.0}
    np.testing.assert_array_equal(y.min(axis=(2, 3)), y.max(axis=(2, 3)))
    assert 0.45 < (y == 0).mean() < 0.55


def test_dropout_draws_anew_and_can_be_repeated():
    x = np.ones((20, 20), np.float32)
    layer = nn.Dropout(0.5, rng=3)
    first, second = layer(x).numpy(), layer(x).numpy()
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(nn.Dropout(0.5, rng=3)(x).numpy(), first)
    layer = nn.Dropout(0.5)
    manual_seed(7)
    first = layer(x).numpy()
    manual_seed(7)
    np.testing.assert_array_equal(layer(x).numpy(), first)
    assert first.dtype == np.float32
    assert not nn.Dropout(1.0)(x).numpy().any()
    assert isinstance(nn.Dropout(0.5)(torch.ones(3)).data, torch.Tensor)
