"""Weights to PyTorch and back: equal, separate, and refused where they do not fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from compare import close

from dlbook import CheckpointError, nn, optim

tnn = torch.nn


def network(n):
    return n.Sequential(n.Linear(3, 4), n.BatchNorm1d(4), n.ReLU(), n.Linear(4, 2))


def trained(rng):
    """Not as it began: weights moved, running statistics too."""
    model = network(nn)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    (model(rng.standard_normal((8, 3)) + 1) ** 2).mean().backward()
    optimizer.step()
    return model


def test_to_torch(rng):
    ours, theirs, x = trained(rng), network(tnn), rng.standard_normal((6, 3)).astype(np.float32)
    assert nn.copy_to_torch(ours, theirs) is theirs
    state = theirs.state_dict()
    assert state.keys() == ours.state_dict().keys()
    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(state[name].numpy(), value)
        assert str(state[name].dtype) == f"torch.{value.dtype}"
    assert state["1.num_batches_tracked"].item() == 1
    assert (state["1.running_mean"] != 0).all()
    close(ours.eval()(x), theirs.eval()(torch.tensor(x)), 1e-6)


def test_from_torch(rng):
    ours, theirs = network(nn), network(tnn)
    theirs(torch.tensor(rng.standard_normal((8, 3)), dtype=torch.float32))
    assert nn.copy_from_torch(theirs, ours) is ours
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name], value.numpy())
    x = rng.standard_normal((6, 3)).astype(np.float32)
    close(ours.eval()(x), theirs.eval()(torch.tensor(x)), 1e-6)


def test_the_copies_share_nothing(rng):
    ours, theirs = trained(rng), network(tnn)
    before = ours.state_dict()
    nn.copy_to_torch(ours, theirs)
    with torch.no_grad():
        for value in (*theirs.parameters(), *theirs.buffers()):
            value.add_(1)
    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    nn.copy_from_torch(theirs, ours)
    moved = ours.state_dict()
    with torch.no_grad():
        for value in (*theirs.parameters(), *theirs.buffers()):
            value.add_(1)
    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(value, moved[name])
        np.testing.assert_array_equal(value, before[name] + 1)


def test_each_keeps_its_dtype(rng):
    ours, theirs = trained(rng), network(tnn).double()
    nn.copy_to_torch(ours, theirs)
    assert {p.dtype for p in theirs.parameters()} == {torch.float64}
    assert {p.dtype for p in ours.parameters()} == {np.dtype(np.float32)}
    close(theirs.state_dict()["0.weight"].numpy(), ours.state_dict()["0.weight"])
    with pytest.raises(CheckpointError, match="weight: dtype float64, expected float32"):
        nn.copy_from_torch(theirs, ours)
    assert nn.copy_from_torch(theirs, network(nn).double())[0].weight.dtype == np.float64


def test_from_a_model_of_ours_on_torch_tensors(rng):
    ours = trained(rng)
    wanted = ours.state_dict()
    theirs = nn.copy_to_torch(ours.to(torch.zeros(1)), network(tnn))
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), wanted[name])


def test_what_does_not_fit_is_named():
    with pytest.raises(RuntimeError, match=r'Missing key.*"bias"') as caught:
        nn.copy_to_torch(nn.Linear(3, 2, bias=False), tnn.Linear(4, 2))
    assert "size mismatch for weight" in str(caught.value)
    small = nn.Linear(3, 2, bias=False)
    before = small.weight.data
    with pytest.raises(
        CheckpointError, match=r"weight: shape \(2, 4\), expected \(2, 3\)"
    ) as caught:
        nn.copy_from_torch(tnn.Linear(4, 2), small)
    assert "unexpected: bias (2,)" in str(caught.value)
    with pytest.raises(CheckpointError, match=r"missing: bias \(2,\)"):
        nn.copy_from_torch(tnn.Linear(3, 2, bias=False), nn.Linear(3, 2))
    assert small.weight.data is before


def test_safetensors_carries_the_state_to_torch_and_back(tmp_path):
    from safetensors.torch import load_file, save_file

    path = tmp_path / "weights.safetensors"
    ours = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.BatchNorm2d(2), nn.Linear(2, 3, rng=0))
    nn.save_safetensors(ours, path)
    state = load_file(path)
    assert sorted(state) == sorted(ours.state_dict())
    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(state[name].numpy(), value)
    state["2.bias"] += 1.0
    save_file(state, path)
    assert nn.load_safetensors(ours, path) is ours
    np.testing.assert_array_equal(ours.state_dict()["2.bias"], state["2.bias"].numpy())
    with pytest.raises(CheckpointError, match=r"unexpected: 1\.bias"):
        nn.load_safetensors(nn.Sequential(nn.Conv2d(1, 2, 3)), path)
