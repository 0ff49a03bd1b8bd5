"""One step, one evaluation, one prediction: what `fit` is made of, and what is called by itself."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch
from compare import close, close_gradients, from_torch
from slope import BATCHES, Interrupted, Slope, X, Y, by_hand

from dlbook import NonFiniteError, Tensor, evaluate, nn, optim, predict, train, train_step

# --- train_step -----------------------------------------------------------------------------------


@pytest.mark.parametrize("clip", [None, 0.5])
def test_a_step_is_torchs_step(clip, rng):
    ours, theirs = from_torch(lambda: nn.Linear(3, 2), lambda: torch.nn.Linear(3, 2))
    a, b = optim.Adam(ours.parameters(), lr=0.1), torch.optim.Adam(theirs.parameters(), lr=0.1)
    for _ in range(3):
        x, y = 3 * rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
        value = train_step(ours, nn.MSELoss(), a, x, y, clip)
        want = torch.nn.MSELoss()(theirs(torch.tensor(x)), torch.tensor(y))
        b.zero_grad()
        want.backward()
        if clip is not None:
            assert torch.nn.utils.clip_grad_norm_(theirs.parameters(), clip) > clip
        b.step()
        assert type(value) is float
        assert value == pytest.approx(want.item(), rel=1e-12)
        close_gradients(ours, theirs)
        for name, array in ours.state_dict().items():
            close(array, theirs.state_dict()[name])


def test_a_loss_that_is_nan_changes_nothing():
    model = nn.Linear(1, 1, dtype=np.float64)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    train_step(model, nn.MSELoss(), optimizer, X, Y)
    state, moments = model.state_dict(), [vars(s).copy() for s in optimizer.state]
    gradients = [p.grad for p in model.parameters()]
    for bad in (np.nan, np.inf):
        with pytest.raises(
            NonFiniteError, match=f"step 2: loss is {bad}, lr=0.1: expected a finite"
        ):
            train_step(model, nn.MSELoss(), optimizer, X * bad, Y)
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, state[name])
    assert all(p.grad is g for p, g in zip(model.parameters(), gradients, strict=True))
    assert [vars(s) for s in optimizer.state] == moments
    assert optimizer.t == 1


# --- train_epoch ----------------------------------------------------------------------------------


def test_an_epoch_is_its_steps_and_the_mean_over_its_examples():
    model = Slope()
    model.eval()
    loss = train.train_epoch(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.02), BATCHES)
    losses, _, weights = by_hand(1, 0.02)
    assert loss == pytest.approx(losses[0], rel=1e-14)
    assert model.w.item() == pytest.approx(weights[0], rel=1e-14)
    assert model.training


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_step_that_ends_in_an_error_is_taken_back(error):
    """Parameters, what the rule keeps and the count are those of the step before."""

    class Late(optim.SGD):
        def step(self):
            super().step()
            if self.t == 2:
                raise error

    runs = []
    for rule, batches in ((Late, BATCHES), (optim.SGD, BATCHES[:1])):
        model = Slope()
        optimizer = rule(model.parameters(), lr=0.02, momentum=0.9)
        with pytest.raises(error) if rule is Late else contextlib.nullcontext():
            train.train_epoch(model, nn.MSELoss(), optimizer, batches)
        runs.append(
            (model.w.item(), optimizer.t, optimizer.state[0].t, optimizer.state[0].v.item())
        )
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("reduction", "wanted"), [("mean", (24.0, 12)), ("sum", (2.0, 3))], ids=["mean", "sum"]
)
def test_a_mean_counts_numbers_and_a_sum_examples(reduction, wanted):
    assert train.batch_total(nn.MSELoss(reduction=reduction), 2.0, np.zeros((3, 4))) == wanted


# --- evaluate -------------------------------------------------------------------------------------


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


NO_BATCHES = (
    r"data gave no batches: expected \(x, y\) pairs, once per epoch; a generator is used up after "
    "its first"
)


def test_there_must_be_something_to_evaluate():
    model, loss = Slope(2.0), nn.MSELoss()
    with pytest.raises(ValueError, match=NO_BATCHES):
        evaluate(model, loss, [])
    generator = (batch for batch in BATCHES)
    assert evaluate(model, loss, generator) == {"loss": 0.0}
    with pytest.raises(ValueError, match=NO_BATCHES):
        evaluate(model, loss, generator)
    assert model.training


# --- predict --------------------------------------------------------------------------------------


class Noting(nn.Module):
    """Passes its input through, and notes it."""

    def __init__(self):
        self.seen = []

    def forward(self, x):
        self.seen.append((x.shape, self.training, x.requires_grad))
        return x


def a_model():
    """With layers that behave otherwise in training, and statistics that are not the first ones."""
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), Noting()).double()
    model(np.random.default_rng(1).standard_normal((20, 3)) + 2)
    model[3].seen.clear()
    return model


@pytest.mark.parametrize("batch_size", [1, 3, 4, 10, 256])
def test_predictions_are_those_of_the_whole_whatever_the_batch_size(batch_size, rng):
    model, x = a_model(), rng.standard_normal((10, 3))
    y = predict(model, x, batch_size)
    assert type(y) is np.ndarray
    pieces = [shape[0] for shape, _, _ in model[3].seen]
    assert pieces == [batch_size] * (10 // batch_size) + [10 % batch_size] * (10 % batch_size > 0)
    close(y, model.eval()(x).numpy())


def test_predictions_are_made_in_evaluation_mode_without_recording(rng):
    model = a_model()
    model[1].eval()
    modes = [m.training for m in model.modules()]
    assert modes == [True, True, False, True, True]
    assert predict(model, rng.standard_normal((10, 3)), batch_size=4).shape == (10, 4)
    assert model[3].seen == [((4, 4), False, False), ((4, 4), False, False), ((2, 4), False, False)]
    assert [m.training for m in model.modules()] == modes
    assert model(np.ones((2, 3))).requires_grad, "recording goes on"
    with pytest.raises(ValueError, match=r"Linear\(3 -> 4\) got input \(2, 5\)"):
        predict(model, np.ones((2, 5)))
    assert [m.training for m in model.modules()] == modes, "after an error, too"


def test_predictions_for_tensors_lists_and_torch(rng):
    model, x = a_model(), rng.standard_normal((10, 3))
    wanted = predict(model, x, 4)
    np.testing.assert_array_equal(predict(model, Tensor(x), 4), wanted)
    np.testing.assert_array_equal(predict(model, x.tolist(), 4), wanted)
    model.to(torch.zeros(1, dtype=torch.float64))
    y = predict(model, torch.tensor(x), 4)
    assert type(y) is np.ndarray
    close(y, wanted)


def test_there_must_be_something_to_predict():
    model = a_model()
    with pytest.raises(ValueError, match="x is empty: expected at least 1 example"):
        predict(model, np.zeros((0, 3)))
    with pytest.raises(ValueError, match="batch_size=0: expected an integer of at least 1"):
        predict(model, np.zeros((2, 3)), batch_size=0)
