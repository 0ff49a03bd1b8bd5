"""lr_range_test: training with a growing rate, of which no trace is left."""

from __future__ import annotations

import numpy as np
import pytest
from slope import BATCHES, Slope, X, Y

from dlbook import fit, lr_range_test, nn, optim
from dlbook.checks import NonFiniteError


def test_range_test_measures_and_leaves_no_trace():
    model = nn.Sequential(Slope(), nn.BatchNorm1d(1).double()).train()
    update = optim.Adam(model.parameters(), lr=0.5)
    data = [(X, Y), (X[:2], Y[:2])]
    fit(model, nn.MSELoss(), update, data, epochs=1, progress=False)
    model[1].eval()
    state, t, m = model.state_dict(), update.t, update.state[0].m
    result = lr_range_test(model, nn.MSELoss(), update, data, low=1e-3, high=0.1, steps=9)
    np.testing.assert_allclose(result["lr"], np.geomspace(1e-3, 0.1, 9))
    assert len(result["loss"]) == 9
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, state[name])
    assert (update.lr, update.t, update.state[0].m) == (0.5, t, m)
    assert [module.training for module in model.modules()] == [True, True, False]
    assert all(p.grad is None for p in model.parameters())


def test_range_test_is_training_with_a_growing_rate():
    """SGD on one slope: w <- w - lr dL/dw, by hand."""
    model = Slope()
    result = lr_range_test(
        model, nn.MSELoss(), optim.SGD(model.parameters()), (X, Y), low=1e-4, high=1e-2, steps=4
    )
    w, losses = model.w.item(), []
    for lr in np.geomspace(1e-4, 1e-2, 4):
        losses.append(np.mean((w * X - Y) ** 2))
        w -= lr * np.mean(2 * (w * X - Y) * X)
    np.testing.assert_allclose(result["loss"], losses)


def test_range_test_stops_where_it_diverges():
    model = Slope()
    before = model.w.item()
    result = lr_range_test(model, nn.MSELoss(), optim.SGD(model.parameters()), (X, Y), high=1e3)
    assert len(result["lr"]) < 100
    assert result["loss"][-1] > 4 * min(result["loss"])
    assert model.w.item() == before
    with pytest.raises(NonFiniteError):  # not a matter of the learning rate
        lr_range_test(model, nn.MSELoss(), optim.SGD(model.parameters()), (X * np.nan, Y))


def test_range_test_refuses_what_it_cannot_use():
    model = Slope()
    update = optim.SGD(model.parameters())
    with pytest.raises(ValueError, match="high=1e-07"):
        lr_range_test(model, nn.MSELoss(), update, (X, Y), high=1e-7)
    with pytest.raises(ValueError, match="train gave no batches"):
        lr_range_test(model, nn.MSELoss(), update, [])
    with pytest.raises(ValueError, match="used up"):
        lr_range_test(model, nn.MSELoss(), update, (batch for batch in BATCHES))


def test_groups_get_their_own_rates_back():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 1, rng=0))
    groups = [{"params": model[0].parameters()}, {"params": model[1].parameters(), "lr": 0.01}]
    optimizer = optim.SGD(groups, lr=0.1)
    batch = np.ones((4, 2), np.float32), np.ones((4, 1), np.float32)
    lr_range_test(model, nn.MSELoss(), optimizer, batch, steps=5)
    assert [group.lr for group in optimizer.groups] == [0.1, 0.01]
