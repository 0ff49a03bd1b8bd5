"""Modules and losses against torch.nn from the same weights, and the state they carry."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook import Tensor, init, manual_seed, nn, optim, summary
from dlbook.checks import CheckpointError

tnn = torch.nn


def close(ours, theirs, tol=1e-12):
    theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else theirs
    ours = np.asarray(ours)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=tol, atol=tol)


def close_gradients(ours, theirs):
    """Every parameter's gradient, by its name."""
    wanted = dict(theirs.named_parameters())
    for path, p in ours.named_parameters():
        close(p.grad, wanted[path].grad)


def from_torch(make_ours, make_theirs):
    """One of each with torch's weights, in float64."""
    theirs = make_theirs().double()
    ours = make_ours().double()
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


# --- Layers -------------------------------------------------------------------------------------

LAYERS = [
    (lambda n: n.Linear(3, 4), (5, 3)),
    (lambda n: n.Linear(3, 4), (3,)),
    (lambda n: n.Linear(3, 4), (2, 5, 3)),
    (lambda n: n.Linear(3, 4, bias=False), (5, 3)),
    (lambda n: n.Flatten(), (2, 3, 4, 5)),
    (lambda n: n.Flatten(2), (2, 3, 4, 5)),
    (lambda n: n.Flatten(start_dim=0), (2, 3)),
    (lambda n: n.ReLU(), (5, 3)),
    (lambda n: n.LeakyReLU(), (5, 3)),
    (lambda n: n.LeakyReLU(0.3), (5, 3)),
    (lambda n: n.Sigmoid(), (5, 3)),
    (lambda n: n.Tanh(), (5, 3)),
    (lambda n: n.ELU(0.5), (5, 3)),
    (lambda n: n.Softplus(), (5, 3)),
    (lambda n: n.SiLU(), (5, 3)),
    (lambda n: n.GELU(), (5, 3)),
    (lambda n: n.GELU(approximate="tanh"), (5, 3)),
    (lambda n: n.Softmax(dim=-1), (5, 3)),
    (lambda n: n.Softmax(dim=1), (2, 5, 3)),
    (lambda n: n.LogSoftmax(dim=0), (5, 3)),
    (lambda n: n.LayerNorm(3), (5, 3)),
    (lambda n: n.LayerNorm([5, 3], eps=0.1), (2, 5, 3)),
    (lambda n: n.LayerNorm(3, bias=False), (2, 5, 3)),
    (lambda n: n.LayerNorm((3,), elementwise_affine=False), (5, 3)),
    (lambda n: n.BatchNorm1d(3), (5, 3)),
    (lambda n: n.BatchNorm1d(3, eps=0.1, affine=False), (2, 3, 5)),
    (lambda n: n.BatchNorm1d(3, track_running_stats=False), (5, 3)),
    (lambda n: n.Conv2d(3, 4, 3), (2, 3, 5, 6)),
    (lambda n: n.Conv2d(3, 4, (3, 2), stride=2, padding=1, bias=False), (2, 3, 5, 6)),
    (lambda n: n.Conv2d(4, 6, 3, padding="same", dilation=2, groups=2), (2, 4, 5, 6)),
    (lambda n: n.MaxPool2d(2), (2, 3, 5, 6)),
    (lambda n: n.MaxPool2d(3, stride=2, padding=1), (2, 3, 5, 6)),
    (lambda n: n.AvgPool2d(2), (2, 3, 5, 6)),
    (lambda n: n.AvgPool2d((3, 2), stride=1, padding=(1, 0)), (2, 3, 5, 6)),
    (lambda n: n.AdaptiveAvgPool2d(1), (2, 3, 5, 6)),
    (lambda n: n.BatchNorm2d(3), (4, 3, 5, 6)),
    (lambda n: n.Dropout2d(0.5).eval(), (4, 3, 5, 6)),
    (lambda n: n.Dropout(0.0), (5, 3)),
    (lambda n: n.Dropout(0.5).eval(), (5, 3)),
    (lambda n: n.Sequential(n.Linear(3, 4), n.Tanh(), n.Sequential(n.Linear(4, 2))), (5, 3)),
]


@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_layers_equal_torch(make, shape, rng):
    ours, theirs = from_torch(lambda: make(nn), lambda: make(tnn))
    x = rng.standard_normal(shape)
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, want = ours(a), theirs(b)
    close(y, want)
    close(ours(x), want)  # a plain array does as well
    dy = rng.standard_normal(y.shape)
    y.backward(dy)
    want.backward(torch.tensor(dy))
    close(a.grad, b.grad)
    wanted = dict(theirs.named_parameters())
    assert list(dict(ours.named_parameters())) == list(wanted)
    for name, p in ours.named_parameters():
        close(p.grad, wanted[name].grad)


# --- Layers that know about training and evaluation ---------------------------------------------


@pytest.mark.parametrize("momentum", [0.1, 0.5, None])
@pytest.mark.parametrize("shape", [(8, 3), (4, 3, 5)])
def test_batch_norm_follows_torch_for_twenty_steps(shape, momentum, rng):
    """Values, gradients, weights and running statistics, and then the same in evaluation."""
    ours, theirs = from_torch(
        lambda: nn.BatchNorm1d(3, momentum=momentum), lambda: tnn.BatchNorm1d(3, momentum=momentum)
    )
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
    close(model.eval()(x), np.asarray(model.train()(x)))


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


def test_residual_adds_what_went_in(rng):
    x = rng.standard_normal((2, 3, 5, 5))
    plain = nn.Residual(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()).double()
    close(plain(x), np.asarray(plain.body(x)) + x)
    wider = nn.Residual(nn.Conv2d(3, 4, 3, padding=1), shortcut=nn.Conv2d(3, 4, 1)).double()
    close(wider(x), np.asarray(wider.body(x)) + np.asarray(wider.shortcut(x)))
    assert {name.split(".")[0] for name in wider.state_dict()} == {"body", "shortcut"}
    with pytest.raises(ValueError, match=r"body\(x\) has shape \(2, 4, 5, 5\), shortcut"):
        nn.Residual(nn.Conv2d(3, 4, 3, padding=1)).double()(x)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_convolution_and_pooling_of_any_shape_equal_torch(data):
    """Random sizes, strides, paddings: value and every gradient, on NumPy and on torch tensors."""
    small = st.integers(1, 3)
    groups, k, l = data.draw(st.sampled_from([1, 1, 2])), data.draw(small), data.draw(small)
    N, C, O = data.draw(small), groups * data.draw(small), groups * data.draw(small)
    stride, dilation = (data.draw(st.tuples(small, small)) for _ in range(2))
    padding = data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    H, V = (
        max(1, d * (n - 1) + 1 - 2 * p) + data.draw(st.integers(0, 5))
        for n, d, p in zip((k, l), dilation, padding, strict=True)
    )
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    kw = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    conv = from_torch(lambda: nn.Conv2d(C, O, (k, l), **kw), lambda: tnn.Conv2d(C, O, (k, l), **kw))
    x = rng.standard_normal((N, C, H, V))
    pairs = [conv]
    if all(2 * p <= n for n, p in zip((k, l), padding, strict=True)) and k + l > 2:
        for name in ("MaxPool2d", "AvgPool2d"):
            pairs.append(tuple(getattr(m, name)((k, l), stride, padding) for m in (nn, tnn)))
    for ours, theirs in pairs:
        if min(H + 2 * padding[0] - k, V + 2 * padding[1] - l) < 0:
            continue
        equal_on_both_backends(ours, theirs, x, rng)


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


def test_train_and_eval_reach_every_layer(rng):
    x = rng.standard_normal((8, 3)).astype(np.float32)
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Sequential(nn.Linear(3, 50), nn.Dropout(0.5)))
    model.eval()
    np.testing.assert_array_equal(model(x).numpy(), model(x).numpy())
    assert model[0].num_batches_tracked == 0
    model.train()
    assert (model(x).numpy() == 0).any()
    assert model[0].num_batches_tracked == 1


# --- Losses -------------------------------------------------------------------------------------


def numbers(rng):
    return rng.standard_normal((5, 3)), rng.standard_normal((5, 3))


def probabilities(rng):
    return rng.uniform(0.01, 0.99, (5, 3)), rng.uniform(0, 1, (5, 3))


def logits_and_probabilities(rng):
    return 5 * rng.standard_normal((5, 3)), rng.uniform(0, 1, (5, 3))


def logits_and_labels(rng):
    return 5 * rng.standard_normal((5, 3)), rng.integers(0, 3, 5)


LOSSES = [
    ("MSELoss", numbers),
    ("L1Loss", numbers),
    ("HuberLoss", numbers),
    ("SmoothL1Loss", numbers),
    ("BCELoss", probabilities),
    ("BCEWithLogitsLoss", logits_and_probabilities),
    ("CrossEntropyLoss", logits_and_labels),
    ("CrossEntropyLoss", logits_and_probabilities),
]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("name", "data"), LOSSES)
def test_losses_equal_torch(name, data, reduction, rng):
    x, y = data(rng)
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    loss = getattr(nn, name)(reduction)(a, y)
    want = getattr(tnn, name)(reduction=reduction)(b, torch.tensor(y))
    close(loss, want)
    loss.backward()
    want.backward()
    close(a.grad, b.grad)


@pytest.mark.parametrize("name", ["MSELoss", "BCELoss", "BCEWithLogitsLoss"])
def test_losses_give_their_target_a_gradient(name, rng):
    x, y = probabilities(rng)
    targets = Tensor(y, requires_grad=True), torch.tensor(y, requires_grad=True)
    getattr(nn, name)()(x, targets[0]).backward()
    getattr(tnn, name)()(torch.tensor(x), targets[1]).backward()
    close(targets[0].grad, targets[1].grad)


@pytest.mark.parametrize("wrap", [np.asarray, Tensor])
@pytest.mark.parametrize("name", ["MSELoss", "BCELoss", "BCEWithLogitsLoss"])
def test_losses_take_integer_and_float64_targets(name, wrap):
    x = np.array([0.25, 0.5], np.float32)
    kinds = ("i8", "f8", "f4") if wrap is Tensor else ("i8", "u1", "f8", "f4")
    losses = [getattr(nn, name)()(x, wrap(np.array([0, 1], t))) for t in kinds]
    assert len({loss.item() for loss in losses}) == 1
    assert {loss.dtype for loss in losses} == {np.dtype(np.float32)}


# --- A network ----------------------------------------------------------------------------------


def mlp(n):
    return n.Sequential(n.Linear(4, 8), n.Tanh(), n.Linear(8, 5), n.ReLU(), n.Linear(5, 3))


@pytest.mark.parametrize("like", [np.zeros(1), torch.zeros(1, dtype=torch.float64)])
def test_twenty_steps_equal_torch(like, rng):
    """The losses and the final weights, on NumPy arrays and on torch tensors."""
    ours, theirs = from_torch(lambda: mlp(nn), lambda: mlp(tnn))
    ours.to(like)
    x, y = rng.standard_normal((16, 4)), rng.integers(0, 3, 16)
    mine = (x, y) if isinstance(like, np.ndarray) else (torch.tensor(x), torch.tensor(y))
    a, b = optim.Adam(ours.parameters(), lr=0.02), torch.optim.Adam(theirs.parameters(), lr=0.02)
    losses, wanted = [], []
    for _ in range(20):
        loss = nn.CrossEntropyLoss()(ours(mine[0]), mine[1])
        want = tnn.CrossEntropyLoss()(theirs(torch.tensor(x)), torch.tensor(y))
        for optimizer, value in ((a, loss), (b, want)):
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        losses.append(loss.item())
        wanted.append(want.item())
    assert all(type(p.data) is type(like) for p in ours.parameters())
    assert losses[-1] < 0.8 * losses[0]
    np.testing.assert_allclose(losses, wanted, rtol=1e-12)
    for name, value in theirs.state_dict().items():
        close(ours.state_dict()[name], value, 1e-10)


def test_float32_by_default(rng):
    model = mlp(nn)
    assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}
    x = rng.standard_normal((6, 4))
    y = model(x)
    assert y.dtype == np.float32
    y.sum().backward()
    assert {p.grad.dtype for p in model.parameters()} == {np.dtype(np.float32)}
    twin = mlp(tnn)
    twin.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    close(y, twin(torch.tensor(x, dtype=torch.float32)), 1e-6)
    exact = copy.deepcopy(model).double()(x)
    assert exact.dtype == np.float64
    close(y, exact.data, 1e-6)


def test_to_torch_and_back(rng):
    model, x = mlp(nn).double(), rng.standard_normal((6, 4))
    before = model(x).data
    assert model.to(torch.zeros(1)) is model
    y = model(torch.tensor(x))
    assert y.dtype == torch.float32
    close(y.numpy(), before, 1e-6)
    model.to(np.zeros(1))
    close(model(x), before, 1e-6)


# --- State --------------------------------------------------------------------------------------


def test_state_goes_to_torch_and_comes_back(rng):
    ours, theirs = mlp(nn).double(), mlp(tnn).double()
    x = rng.standard_normal((6, 4))
    state = ours.state_dict()
    assert list(state) == list(theirs.state_dict())
    theirs.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    close(ours(x), theirs(torch.tensor(x)))
    other = mlp(nn).double()
    other.load_state_dict(theirs.state_dict())
    close(other(x), ours(x).data, 0)


def test_a_state_is_a_copy_both_ways():
    model = nn.Linear(2, 2)
    state = model.state_dict()
    kept = state["weight"].copy()
    state["weight"] += 1.0
    np.testing.assert_array_equal(model.weight.data, kept)
    model.load_state_dict(state)
    state["weight"] += 1.0
    np.testing.assert_array_equal(model.weight.data, kept + 1.0)


class WithBuffer(nn.Module):
    def __init__(self):
        self.scale = np.array([2.0, 3.0])
        self.linear = nn.Linear(2, 2, dtype=np.float64)

    def forward(self, x):
        return self.linear(x) * self.scale


def test_buffers_are_state_but_no_parameters():
    a, b = WithBuffer(), WithBuffer()
    assert [name for name, _ in a.named_parameters()] == ["linear.weight", "linear.bias"]
    a.scale = np.array([5.0, 7.0])
    b.load_state_dict(a.state_dict())
    assert b.scale.tolist() == [5.0, 7.0]
    np.testing.assert_array_equal(b(np.ones((1, 2))).data, a(np.ones((1, 2))).data)
    a.to(torch.zeros(1))
    assert a.scale.dtype == torch.float32
    assert a(torch.ones(1, 2)).shape == (1, 2)


def test_loading_names_every_difference_and_changes_nothing():
    model = mlp(nn)
    before = model.state_dict()
    state = model.state_dict()
    state["0.weight"] = state["0.weight"] + 1.0  # fits, and must not be loaded either
    state["0.bias"] = np.zeros(9, np.float32)
    state["2.weight"] = state["2.weight"].astype(np.float64)
    del state["2.bias"]
    state["7.weight"] = np.zeros((1, 2))
    with pytest.raises(CheckpointError) as error:
        model.load_state_dict(state)
    assert str(error.value).splitlines()[1:] == [
        "  0.bias: shape (9,), expected (8,)",
        "  2.weight: dtype float64, expected float32",
        "  missing: 2.bias (5,)",
        "  unexpected: 7.weight (1, 2)",
    ]
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


class Tied(nn.Module):
    def __init__(self):
        self.a, self.b = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
        self.b.weight = self.a.weight

    def forward(self, x):
        return self.b(self.a(x))


def test_shared_parameters_count_once():
    model = Tied()
    assert [name for name, _ in model.named_parameters()] == ["a.weight"]
    assert model.num_parameters() == 9
    assert list(model.state_dict()) == ["a.weight", "b.weight"]
    model.load_state_dict({k: np.eye(3, dtype=np.float32) for k in model.state_dict()})
    assert model.a.weight is model.b.weight
    model(np.ones((1, 3))).sum().backward()
    assert model.a.weight.grad.tolist() == np.full((3, 3), 2.0).tolist()
    model.double()
    assert model.a.weight is model.b.weight
    assert model.a.weight.grad is None


@pytest.mark.parametrize(
    "hide", [lambda m: [m], lambda m: (1, m), lambda m: {"a": m}, lambda m: [m.weight]]
)
def test_hidden_modules_are_refused(hide):
    class Hiding(nn.Module):
        def __init__(self):
            self.layers = hide(nn.Linear(2, 2))

    with pytest.raises(TypeError, match=r"Hiding\.layers is a \w+ of modules or Tensors"):
        Hiding().parameters()
    with pytest.raises(TypeError, match=r"Hiding\.layers"):
        Hiding().state_dict()


def test_repr():
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 256), nn.Sequential(nn.ReLU(), nn.Linear(256, 10, bias=False))
    )
    assert repr(model) == (
        "Sequential(  # 203,520 parameters\n"
        "  (0): Flatten()\n"
        "  (1): Linear(784 -> 256)  # 200,960 parameters\n"
        "  (2): Sequential(  # 2,560 parameters\n"
        "    (0): ReLU()\n"
        "    (1): Linear(256 -> 10, bias=False)  # 2,560 parameters\n"
        "  )\n"
        ")"
    )


def test_train_and_eval_reach_every_child():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU()))
    parts = [model, model[0], model[1], model[1][0]]
    assert [m.training for m in parts] == [True] * 4
    assert model.eval() is model
    assert [m.training for m in parts] == [False] * 4
    assert [m.training for m in (model.train(), *parts)] == [True] * 5


def test_sequential():
    layers = [nn.Linear(2, 2), nn.ReLU(), *(nn.Tanh() for _ in range(10))]
    model = nn.Sequential(*layers)
    assert list(model) == layers  # 10 comes after 9, not after 1
    assert len(model) == 12
    assert model[-1] is layers[-1]
    with pytest.raises(TypeError, match="argument 1 is 'relu'"):
        nn.Sequential(nn.ReLU(), "relu")
    with pytest.raises(NotImplementedError, match="Module defines no forward"):
        nn.Module()(1.0)


def test_zero_grad():
    model = mlp(nn)
    model(np.ones((1, 4))).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


# --- Initial weights ----------------------------------------------------------------------------


def test_same_seed_same_weights():
    def weights(**settings):
        manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 5, **settings), nn.Linear(5, 2, **settings))
        return model.state_dict()

    first, again, exact = weights(), weights(), weights(dtype=np.float64)
    rng = np.random.default_rng(3)
    passed = nn.Sequential(nn.Linear(4, 5, rng=rng), nn.Linear(5, 2, rng=rng)).state_dict()
    for name, value in first.items():
        np.testing.assert_array_equal(again[name], value)
        np.testing.assert_array_equal(passed[name], value)
        np.testing.assert_array_equal(exact[name].astype(np.float32), value)
    assert nn.Linear(4, 5).state_dict()["weight"].tolist() != first["0.weight"].tolist()


def test_linear_starts_as_torch_does():
    bound = 1 / np.sqrt(50)
    model = nn.Linear(50, 2000, rng=np.random.default_rng(0))
    for w in (model.weight.data, model.bias.data):
        assert 0.99 * bound < np.abs(w).max() <= bound
        assert w.var() == pytest.approx(bound**2 / 3, rel=0.05)


@pytest.mark.parametrize("shape", [(200, 300), (40, 60, 3, 5)])
@pytest.mark.parametrize(
    ("ours", "variance", "theirs"),
    [
        (init.xavier_uniform, lambda i, o: 2 / (i + o), tnn.init.xavier_uniform_),
        (init.xavier_normal, lambda i, o: 2 / (i + o), tnn.init.xavier_normal_),
        (init.kaiming_uniform, lambda i, o: 2 / i, tnn.init.kaiming_uniform_),
        (init.kaiming_normal, lambda i, o: 2 / i, tnn.init.kaiming_normal_),
    ],
)
def test_init(ours, variance, theirs, shape, rng):
    receptive = np.prod(shape[2:], dtype=int)
    fan_in, fan_out = shape[1] * receptive, shape[0] * receptive
    assert init.fans(shape) == (fan_in, fan_out)
    w = ours(rng, shape)
    assert (w.shape, w.dtype) == (shape, np.float32)
    wanted = variance(fan_in, fan_out)
    assert w.var() == pytest.approx(wanted, rel=0.03)
    assert abs(w.mean()) < 4 * np.sqrt(wanted / w.size)
    settings = {"nonlinearity": "relu"} if "kaiming" in ours.__name__ else {}
    twin = theirs(torch.empty(shape), **settings)
    assert w.var() == pytest.approx(twin.var().item(), rel=0.05)
    if "uniform" in ours.__name__:
        bound = np.sqrt(3 * wanted)
        assert 0.999 * bound < np.abs(w).max() <= bound * (1 + 1e-6)
    else:
        assert np.abs(w).max() > 3.5 * np.sqrt(wanted)  # a uniform draw ends at 1.7


def test_counters_stay_integers_when_a_model_is_converted():
    model = nn.Linear(2, 1)
    model.seen = np.array(3)
    assert model.double().seen.dtype == np.int64
    assert model.weight.dtype == np.float64


def test_frozen_parameters_are_left_alone():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    model[0].weight.requires_grad = False
    before = model[0].weight.data.copy()
    update = optim.SGD(model.parameters(), lr=0.1)
    model(np.ones((1, 2), np.float32)).sum().backward()
    update.step()
    np.testing.assert_array_equal(model[0].weight.data, before)
    assert len(update.params) == 3


def test_soft_targets_get_their_gradient_from_cross_entropy(rng):
    z, p = rng.standard_normal((3, 4)), rng.dirichlet(np.ones(4), 3)
    ours, theirs = Tensor(p, requires_grad=True), torch.tensor(p, requires_grad=True)
    nn.CrossEntropyLoss()(z, ours).backward()
    tnn.CrossEntropyLoss()(torch.tensor(z), theirs).backward()
    close(ours.grad, theirs.grad)


@pytest.mark.parametrize("hidden", [[[nn.Linear(1, 1)]], {nn.Linear(1, 1)}, {"a": [nn.ReLU()]}])
def test_modules_are_found_in_any_container(hidden):
    model = nn.Module()
    model.parts = hidden
    with pytest.raises(TypeError, match="which training would not find"):
        model.parameters()


def test_a_kept_result_is_no_parameter():
    model = nn.Linear(2, 1)
    model.last = model(np.ones((1, 2), np.float32))
    assert list(model.state_dict()) == ["weight", "bias"]
    model.load_state_dict({name: a + 1 for name, a in model.state_dict().items()})
    model.double()
    assert model.last.dtype == np.float32


def test_masked_logits_do_not_make_the_loss_nan():
    z = Tensor([[0.0, -np.inf, 1.0]], requires_grad=True)
    loss = nn.CrossEntropyLoss()(z, [2])
    loss.backward()
    assert loss.item() == pytest.approx(np.log(1 + np.exp(-1)), rel=1e-15)
    assert z.grad[0, 1] == 0


def test_torch_backed_models_take_numpy_targets_and_convert(rng):
    model = nn.Linear(3, 2).to(torch.zeros(1)).double()
    assert model.weight.dtype == torch.float64
    x, numbers, labels = torch.ones(4, 3).double(), np.ones((4, 2)), np.array([0, 1, 1, 0])
    mse, ce = nn.MSELoss()(model(x), numbers), nn.CrossEntropyLoss()(model(x), labels)
    z = model(x).numpy()
    assert mse.item() == pytest.approx(((z - numbers) ** 2).mean(), rel=1e-12)
    expected = tnn.functional.cross_entropy(torch.tensor(z), torch.tensor(labels))
    assert ce.item() == pytest.approx(expected.item(), rel=1e-12)
    with pytest.raises(TypeError, match="target has dtype complex128"):
        nn.MSELoss()(numbers, numbers.astype(complex))


def test_summary_counts_what_a_forward_pass_does():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Residual(nn.Conv2d(4, 4, 3, padding=1), nn.Dropout()),
        nn.Flatten(), nn.Linear(4 * 36, 5),
    )  # fmt: skip
    rows = summary(model, np.zeros((2, 1, 8, 8), np.float32))
    assert [(r.name, r.kind, r.shape) for r in rows] == [
        ("0", "Conv2d", (2, 4, 6, 6)), ("1", "ReLU", (2, 4, 6, 6)),
        ("2.body.0", "Conv2d", (2, 4, 6, 6)), ("2.body.1", "Dropout", (2, 4, 6, 6)),
        ("3", "Flatten", (2, 144)), ("4", "Linear", (2, 5)),
    ]  # fmt: skip
    assert rows.parameters == model.num_parameters()
    assert rows[0].multiplications == 2 * 4 * 9 * 36
    assert rows.multiplications == 2 * (4 * 9 * 36 + 16 * 9 * 36 + 144 * 5)
    assert f"{rows.parameters:,}" in repr(rows)
    assert model.training
    assert "forward" not in vars(model[0])
