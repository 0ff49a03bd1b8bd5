"""Module: parameters, state, modes, conversion; and a network that learns as torch's does."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from compare import close, evaluated, from_torch

from dlbook import nn, optim
from dlbook.checks import CheckpointError

tnn = torch.nn


# --- A network ----------------------------------------------------------------------------------


def mlp(n):
    return n.Sequential(n.Linear(4, 8), n.Tanh(), n.Linear(8, 5), n.ReLU(), n.Linear(5, 3))


@pytest.mark.parametrize(
    "like", [np.zeros(1), torch.zeros(1, dtype=torch.float64)], ids=["NumPy", "torch"]
)
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
    assert all(isinstance(p.data, type(like)) for p in ours.parameters())
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
        self.register_buffer("scale", np.array([2.0, 3.0]))
        self.linear = nn.Linear(2, 2, dtype=np.float64)

    def forward(self, x):
        return self.linear(x) * self.scale


def test_buffers_are_state_but_no_parameters():
    a, b = WithBuffer(), WithBuffer()
    assert [name for name, _ in a.named_parameters()] == ["linear.weight", "linear.bias"]
    a.scale = np.array([5.0, 7.0])
    a.state_dict()["scale"] += 1.0  # of a copy
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


def test_counters_stay_integers_when_a_model_is_converted():
    model = nn.Linear(2, 1)
    model.register_buffer("scale", np.ones(2, np.float32))
    model.register_buffer("seen", np.array(3))
    assert list(model.state_dict()) == ["weight", "bias", "scale", "seen"]
    assert model.double().seen.dtype == np.int64
    assert model.scale.dtype == np.float64
    assert model.weight.dtype == np.float64


def test_a_kept_result_is_no_parameter():
    model = nn.Linear(2, 1)
    model.last = model(np.ones((1, 2), np.float32))
    assert list(model.state_dict()) == ["weight", "bias"]
    model.load_state_dict({name: a + 1 for name, a in model.state_dict().items()})
    model.double()
    assert model.last.dtype == np.float32


# --- What is found and what is refused ------------------------------------------------------------


@pytest.mark.parametrize("hide", ["[m]", "(1, m)", "{'a': m}", "[m.weight]"])
def test_hidden_modules_are_refused(hide):
    class Hiding(nn.Module):
        def __init__(self):
            self.layers = eval(hide, {"m": nn.Linear(2, 2)})

    with pytest.raises(TypeError, match=r"Hiding\.layers is a \w+ of modules or Tensors"):
        Hiding().parameters()
    with pytest.raises(TypeError, match=r"Hiding\.layers"):
        Hiding().state_dict()


@pytest.mark.parametrize("hidden", ["[[Linear(1, 1)]]", "{Linear(1, 1)}", "{'a': [ReLU()]}"])
def test_modules_are_found_in_any_container(hidden):
    model = nn.Module()
    model.parts = evaluated(hidden, nn)
    with pytest.raises(TypeError, match="which training would not find"):
        model.parameters()


def test_frozen_parameters_are_left_alone():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    model[0].weight.requires_grad = False
    before = model[0].weight.data.copy()
    update = optim.SGD(model.parameters(), lr=0.1)
    model(np.ones((1, 2), np.float32)).sum().backward()
    update.step()
    np.testing.assert_array_equal(model[0].weight.data, before)
    assert len(update.params) == 4  # it may be unfrozen later


def test_what_is_frozen_from_the_start_is_a_parameter_too():
    model = nn.Module()
    model.scale = nn.Parameter(np.ones(2), requires_grad=False)
    assert model.parameters() == [model.scale]
    assert list(model.state_dict()) == ["scale"]
    assert not model.scale.requires_grad


def test_zero_grad():
    model = mlp(nn)
    model(np.ones((1, 4))).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


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


# --- Modes --------------------------------------------------------------------------------------


def test_train_and_eval_reach_every_child():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU()))
    parts = [model, model[0], model[1], model[1][0]]
    assert [m.training for m in parts] == [True] * 4
    assert model.eval() is model
    assert [m.training for m in parts] == [False] * 4
    assert [m.training for m in (model.train(), *parts)] == [True] * 5


def test_train_and_eval_reach_every_layer(rng):
    x = rng.standard_normal((8, 3)).astype(np.float32)
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Sequential(nn.Linear(3, 50), nn.Dropout(0.5)))
    model.eval()
    np.testing.assert_array_equal(model(x).numpy(), model(x).numpy())
    assert model[0].num_batches_tracked == 0
    model.train()
    assert (model(x).numpy() == 0).any()
    assert model[0].num_batches_tracked == 1


# --- Kinds of modules -----------------------------------------------------------------------------


def test_a_sibling_is_no_subclass():
    """isinstance(nn.AvgPool2d(2), nn.MaxPool2d) is False, and so on for all that `nn` exports."""
    exported = [c for c in (getattr(nn, name) for name in nn.__all__) if isinstance(c, type)]
    assert {(a, b) for a in exported for b in exported if a is not b and issubclass(a, b)} == {
        *((a, nn.Module) for a in exported if a is not nn.Module),
        (nn.Dropout2d, nn.Dropout),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AvgPool2d(2)", "MaxPool2d"),
        ("GRU(2, 3)", "RNN"),
        ("LSTM(2, 3)", "RNN"),
        ("BatchNorm2d(2)", "BatchNorm1d"),
        ("LogSoftmax()", "Softmax"),
    ],
)
def test_what_a_module_is_not(one, other):
    assert not isinstance(evaluated(one, nn), getattr(nn, other))


def test_a_state_with_a_single_nan_is_refused():
    model = nn.Linear(2, 2, rng=0)
    state = model.state_dict()
    state["weight"][1, 0] = np.nan
    with pytest.raises(CheckpointError, match="weight: has NaN or infinite entries"):
        model.load_state_dict(state)
    assert np.isfinite(model.weight.numpy()).all()


def test_a_running_variance_may_be_0_and_not_below():
    model = nn.BatchNorm1d(2)  # 0: of a constant feature
    state = model.state_dict() | {"running_var": np.array([0.0, 1.0], np.float32)}
    model.load_state_dict(state)
    assert model.running_var.tolist() == [0.0, 1.0]
    state["running_var"][0] = -1e-6
    with pytest.raises(CheckpointError, match="running_var: has variances below 0"):
        model.load_state_dict(state)
