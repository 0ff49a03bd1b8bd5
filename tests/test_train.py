"""fit: what it measures, when it stops, and what it leaves behind."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from slope import BATCHES, VALIDATION, Interrupted, Slope, X, Y, by_hand, run

from dlbook import Tensor, evaluate, fit, nn, optim
from dlbook.checks import NonFiniteError
from dlbook.data import DataLoader
from dlbook.metrics import accuracy


def test_history_holds_what_was_measured():
    model, history = run(validation=VALIDATION)
    losses, validation, weights = by_hand(4, 0.02)
    assert list(history) == ["loss", "val_loss"]
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-14)
    np.testing.assert_allclose(history["val_loss"], validation, rtol=1e-14)
    assert model.w.item() == pytest.approx(weights[-1], rel=1e-14)
    assert history.stopped == ""
    assert history.best_epoch == np.argmin(validation) + 1


def test_a_loader_and_its_list_train_alike():
    _, wanted = run()
    loader = DataLoader((X, Y), batch_size=2)
    assert run(data=loader)[1] == wanted
    assert run(data=loader, validation=DataLoader(VALIDATION))[1]["loss"] == wanted["loss"]


def test_validation_is_measured_in_evaluation_mode():
    model, _ = run(epochs=2, validation=VALIDATION)
    assert [training for training, _ in model.modes] == [True, True, False] * 2
    assert model.training


def test_metrics_of_a_classifier_reach_the_history():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 40)
    x = np.eye(2)[y] + 0.1 * rng.standard_normal((40, 2))
    model = nn.Linear(2, 2, rng=rng)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    metrics = {"accuracy": lambda y, output: accuracy(y, output.argmax(1))}
    history = fit(
        model, nn.CrossEntropyLoss(), optimizer, DataLoader((x, y), 8, shuffle=True, rng=0),
        epochs=20, validation=(x, y), metrics=metrics, progress=False,
    )  # fmt: skip
    assert list(history) == ["loss", "val_loss", "val_accuracy"]
    assert history["val_accuracy"][-1] == 1.0
    assert evaluate(model, nn.CrossEntropyLoss(), (x, y), metrics)["accuracy"] == 1.0


def test_early_stopping_puts_the_best_weights_back():
    """Training pulls w to 2; on the way it passes 1, the best for validation."""
    validation = (np.array([[1.0]]), np.array([[1.0]]))
    _, _, weights = by_hand(50, 0.005)
    distance = [(w - 1.0) ** 2 for w in weights]
    best = int(np.argmin(distance))
    assert 0 < best < 10
    for patience in (1, 3):
        model, history = run(lr=0.005, epochs=50, validation=validation, patience=patience)
        assert len(history["loss"]) == best + 1 + patience
        assert history.best_epoch == best + 1
        assert history.stopped == f"stopped: no better val_loss for {patience} epochs"
        assert model.w.item() == pytest.approx(weights[best], rel=1e-14)
    model, history = run(lr=0.005, epochs=best + 2, validation=validation, patience=30)
    assert history.stopped == ""
    assert model.w.item() == pytest.approx(weights[best], rel=1e-14), "at the end of training too"
    with pytest.raises(ValueError, match="patience=3 needs validation"):
        run(patience=3)


def test_the_schedule_steps_once_an_epoch():
    model = Slope()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    rates = []

    class Noting(nn.MSELoss):
        def forward(self, x, target):
            rates.append(optimizer.lr)
            return super().forward(x, target)

    schedule = optim.StepLR(optimizer, step_size=2, gamma=0.5)
    fit(model, Noting(), optimizer, BATCHES, epochs=4, schedule=schedule, progress=False)
    assert rates == [0.1] * 4 + [0.05] * 4
    assert optimizer.lr == 0.025


def test_a_plateau_is_one_of_the_validation_loss():
    """Training pulls w away from 0, the best for validation: its own loss falls all the time."""
    model = Slope()
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    schedule = optim.ReduceLROnPlateau(optimizer, patience=0, factor=0.5)
    fit(model, nn.MSELoss(), optimizer, BATCHES, epochs=3, validation=(X, 0 * Y), schedule=schedule,
        progress=False)  # fmt: skip
    assert optimizer.lr == 0.0025


def test_a_loss_may_have_parameters_of_its_own():
    class Scaled(nn.MSELoss):
        def __init__(self):
            super().__init__()
            self.scale = Tensor(np.array(1.0), requires_grad=True)

        def forward(self, x, target):
            return super().forward(x * self.scale, target)

    model, loss = Slope(1.0), Scaled()
    optimizer = optim.SGD([*model.parameters(), *loss.parameters()], lr=0.01)
    fit(model, loss, optimizer, BATCHES, epochs=1, progress=False)
    assert loss.scale.item() == pytest.approx(model.w.item(), rel=1e-14) != 1.0, "they are alike"


def test_a_run_that_stopped_early_is_not_taken_up_again(tmp_path):
    settings = {"lr": 0.005, "epochs": 50, "patience": 1, "checkpoint": tmp_path / "run.ckpt"}
    settings["validation"] = (np.array([[1.0]]), np.array([[1.0]]))
    (model, wanted), (again, history) = run(**settings), run(**settings)
    assert history == wanted
    assert (history.best_epoch, history.stopped) == (wanted.best_epoch, wanted.stopped)
    assert history.stopped.startswith("stopped")
    assert again.w.item() == model.w.item()


def test_clipping_bounds_each_step():
    model, _ = run(epochs=1, lr=1.0, clip=0.25, data=BATCHES[:1])
    assert model.w.item() == pytest.approx(0.25, rel=1e-6)


@pytest.mark.parametrize("in_epoch", [1, 3])
def test_interrupting_keeps_what_was_learnt(in_epoch):
    model, history = run(loss=Interrupted(2 * in_epoch))  # in its second batch
    losses, _, weights = by_hand(in_epoch, 0.02)
    assert history.get("loss", []) == pytest.approx(losses[:-1], rel=1e-14)
    assert history.stopped == f"interrupted in epoch {in_epoch}"
    start = ([0.0] + weights)[in_epoch - 1]
    x, y = BATCHES[0]
    one_more = start - 0.02 * (2 * x * (start * x - y)).mean()
    assert model.w.item() == pytest.approx(one_more, rel=1e-14)


def test_a_loss_that_is_not_finite_stops_before_the_weights_move():
    data = [*BATCHES, (X * np.nan, Y)]
    model = Slope()
    with pytest.raises(NonFiniteError, match=r"step 3: loss is nan, lr=0\.02.*smaller learning"):
        run(model, data=data)
    assert model.w.item() == pytest.approx(by_hand(1, 0.02)[2][0], rel=1e-14)


def test_a_generator_is_used_up():
    with pytest.raises(ValueError, match="a generator is used up after its first"):
        run(data=(batch for batch in BATCHES))
    with pytest.raises(ValueError, match="train gave no batches"):
        run(data=[])
    assert len(run(epochs=1, data=(batch for batch in BATCHES))[1]["loss"]) == 1


@pytest.mark.parametrize("epochs", [0, -1])
def test_epochs(epochs):
    with pytest.raises(ValueError, match=f"epochs={epochs}"):
        run(epochs=epochs)


def test_training_on_torch_tensors_gives_the_same_numbers():
    _, wanted = run(validation=VALIDATION)
    batches = [tuple(map(torch.tensor, batch)) for batch in BATCHES]
    model = Slope().to(torch.zeros(1, dtype=torch.float64))
    validation = tuple(map(torch.tensor, VALIDATION))
    _, history = run(model, data=batches, validation=validation)
    assert isinstance(model.w.data, torch.Tensor)
    for name in wanted:
        np.testing.assert_allclose(history[name], wanted[name], rtol=1e-12)


def test_the_bar_goes_to_stderr_and_away(capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    run(progress=True)
    assert capsys.readouterr().out == ""


def test_a_pair_is_one_batch_and_sums_count_once():
    one_batch = run(epochs=2, data=[(X, Y)])[1]
    assert run(epochs=2, data=(X, Y))[1] == one_batch
    measured = evaluate(Slope(), nn.MSELoss(reduction="sum"), BATCHES)["loss"]
    assert measured == pytest.approx(evaluate(Slope(), nn.MSELoss(), BATCHES)["loss"], rel=1e-14)


def test_training_to_the_end_says_nothing():
    assert run(epochs=3)[1].stopped == ""


def test_metrics_need_something_to_be_measured_on():
    with pytest.raises(ValueError, match=r"metrics=.*needs validation"):
        run(metrics={"accuracy": accuracy})


def test_batches_must_be_pairs():
    with pytest.raises(TypeError, match=r"train gave a ndarray: expected pairs \(x, y\)"):
        run(data=DataLoader(np.concatenate([X, Y], axis=1), 2))


def test_interrupting_with_patience_puts_the_best_weights_back():
    data, model = [(X, Y)], Slope()
    losses = iter([0.5, 0.2, 0.9])

    class Interrupting(nn.MSELoss):
        def forward(self, x, target):
            if not model.training:  # validation: 0.5, then 0.2, then 0.9, then Ctrl-C
                value = next(losses, None)
                if value is None:
                    raise KeyboardInterrupt
                best.append(model.w.item())
                return Tensor(value)
            return super().forward(x, target)

    best = []
    update = optim.SGD(model.parameters(), lr=0.01)
    history = fit(model, Interrupting(), update, data, epochs=9, validation=(X, Y), patience=5,
                  progress=False)  # fmt: skip
    assert history.stopped.startswith("interrupted")
    assert model.w.item() == best[1] != best[2]


def test_the_schedule_runs_with_validation_too():
    model = Slope()
    update = optim.SGD(model.parameters(), lr=0.1)
    schedule = optim.StepLR(update, step_size=1, gamma=0.5)
    fit(model, nn.MSELoss(), update, BATCHES, epochs=3, validation=(X, Y), schedule=schedule,
        progress=False)  # fmt: skip
    assert update.lr == 0.0125


def test_a_batch_that_is_refused_has_not_poisoned_batch_norm():
    model = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 1, rng=0))
    good, bad = np.ones((4, 2), np.float32), np.ones((4, 2), np.float32)
    good[0], bad[0, 0] = 3.0, np.nan
    y = np.zeros((4, 1), np.float32)
    optimizer = optim.SGD(model.parameters(), 0.1)
    fit(model, nn.MSELoss(), optimizer, (good, y), epochs=1, progress=False)
    before, t = model.state_dict(), optimizer.t
    with pytest.raises(FloatingPointError) as caught:
        fit(model, nn.MSELoss(), optimizer, [(bad, y)], epochs=1, progress=False)
    assert caught.value.history.stopped == "NonFiniteError in epoch 1"
    assert optimizer.t == t
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
