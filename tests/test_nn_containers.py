"""Modules made of modules: what goes in at the front comes out at the end."""

from __future__ import annotations

import pytest
from compare import close, layer_equals_torch

from dlbook import nn


@pytest.mark.parametrize("layer", ["Sequential(Linear(3, 4), Tanh(), Sequential(Linear(4, 2)))"])
def test_layers_equal_torch(layer, rng):
    layer_equals_torch(layer, (5, 3), rng)


def test_sequential():
    layers = [nn.Linear(2, 2), nn.ReLU(), *(nn.Tanh() for _ in range(10))]
    model = nn.Sequential(*layers)
    assert list(model) == layers  # 10 comes after 9, not after 1
    assert len(model) == 12
    assert model[-1] is layers[-1]
    assert (type(model[:2]), list(model[:2])) == (nn.Sequential, layers[:2])
    model[-1] = nn.Identity()
    assert (len(model), type(model[11])) == (12, nn.Identity)
    with pytest.raises(IndexError, match="out of range"):
        model[12] = nn.ReLU()
    with pytest.raises(TypeError, match="argument 1 is 'relu'"):
        nn.Sequential(nn.ReLU(), "relu")
    with pytest.raises(NotImplementedError, match="Module defines no forward"):
        nn.Module()(1.0)


def test_a_name_that_would_hide_a_method_is_refused():
    with pytest.raises(TypeError, match="'train' is no name for a module"):
        nn.ModuleDict({"train": nn.ReLU()})


def test_residual_adds_what_went_in(rng):
    x = rng.standard_normal((2, 3, 5, 5))
    plain = nn.Residual(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()).double()
    close(plain(x), plain.body(x).numpy() + x)
    wider = nn.Residual(nn.Conv2d(3, 4, 3, padding=1), shortcut=nn.Conv2d(3, 4, 1)).double()
    close(wider(x), wider.body(x).numpy() + wider.shortcut(x).numpy())
    assert {name.split(".")[0] for name in wider.state_dict()} == {"body", "shortcut"}
    with pytest.raises(ValueError, match=r"body\(x\) has shape \(2, 4, 5, 5\), shortcut"):
        nn.Residual(nn.Conv2d(3, 4, 3, padding=1)).double()(x)
