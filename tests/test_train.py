"""The training loop: what it measures, when it stops, and what it leaves behind."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from dlbook import History, Tensor, evaluate, fit, lr_range_test, nn, optim
from dlbook.checks import NonFiniteError
from dlbook.data import DataLoader
from dlbook.metrics import accuracy

X, Y = np.array([[1.0], [2.0], [3.0]]), np.array([[2.0], [4.0], [6.0]])
BATCHES = [(X[:2], Y[:2]), (X[2:], Y[2:])]


class Slope(nn.Module):
    """y = w x, so that every number of a run can be written down."""

    def __init__(self, w=0.0):
        self.w = Tensor(np.array(w), requires_grad=True)
        self.modes = []

    def forward(self, x):
        self.modes.append((self.training, self.w.requires_grad))
        return self.w * Tensor(x)


class Interrupted(nn.MSELoss):
    """Ctrl-C at the n-th batch."""

    def __init__(self, n, error=KeyboardInterrupt):
        super().__init__()
        self.n, self.error = n, error

    def forward(self, x, target):
        self.n -= 1
        if self.n == 0:
            raise self.error
        return super().forward(x, target)


def by_hand(epochs, lr, w=0.0):
    """The same run in plain Python: losses, validation losses on x = 1, y = 3, and weights."""
    losses, validation, weights = [], [], []
    for _ in range(epochs):
        total = 0.0
        for x, y in BATCHES:
            total += ((w * x - y) ** 2).sum()
            w -= lr * (2 * x * (w * x - y)).mean()
        losses.append(total / 3)
        validation.append((w - 3.0) ** 2)
        weights.append(w)
    return losses, validation, weights


VALIDATION = (np.array([[1.0]]), np.array([[3.0]]))


def run(model=None, loss=None, lr=0.02, data=BATCHES, **settings):
    model = model or Slope()
    optimizer = optim.SGD(model.parameters(), lr=lr)
    settings = {"epochs": 4, "progress": False, **settings}
    return model, fit(model, loss or nn.MSELoss(), optimizer, data, **settings)


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


def test_metrics_see_the_whole_set_and_the_mode_is_restored():
    model = Slope(2.0)
    seen = []
    for training in (True, False):
        model.train(training)
        result = evaluate(
            model, nn.MSELoss(), [(X[:2], Y[:2] + 3.0), (X[2:], Y[2:])],
            {"bias": lambda y, output: seen.append((y, output)) or (y - output).mean()},
        )  # fmt: skip
        assert model.training is training
    assert result == {"loss": pytest.approx(6.0), "bias": pytest.approx(2.0)}
    assert all(type(a) is np.ndarray for a in seen[0])
    assert seen[0][0].tolist() == [[5.0], [7.0], [6.0]]
    with pytest.raises(ZeroDivisionError):
        evaluate(model.train(), Interrupted(1, ZeroDivisionError), (X, Y))
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


def test_history_as_text():
    history = History(loss=[1.0, 0.25], val_loss=[2.0, 3.0])
    history.best_epoch, history.stopped = 1, "stopped: enough"
    assert repr(history).splitlines() == [
        "epoch          loss      val_loss",
        "    1             1             2 *",
        "    2          0.25             3",
        "stopped: enough",
    ]


def test_the_bar_goes_to_stderr_and_away(capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    run(progress=True)
    assert capsys.readouterr().out == ""


def test_training_imports_neither_torch_nor_matplotlib():
    code = """
import sys, numpy as np, dlbook
from dlbook import nn, optim
x = np.ones((4, 2), np.float32)
m = nn.Linear(2, 1)
dlbook.fit(m, nn.MSELoss(), optim.Adam(m.parameters()), [(x, x[:, :1])], epochs=1,
           validation=(x, x[:, :1]), patience=1, clip=1.0)
print([name for name in ("torch", "matplotlib", "scipy", "sklearn") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


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


def test_evaluate_records_nothing_and_restores_every_mode():
    class Watching(Slope):
        def forward(self, x):
            self.seen = super().forward(x)
            return self.seen

    model = nn.Sequential(Watching(), nn.Flatten()).train()
    model[1].eval()
    evaluate(model, nn.MSELoss(), (X, Y))
    assert not model[0].seen.requires_grad
    assert [m.training for m in model.modules()] == [True, True, False]


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


# --- The learning-rate range test ---------------------------------------------------------------


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
