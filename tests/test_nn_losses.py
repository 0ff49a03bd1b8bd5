"""Losses against torch.nn: values, gradients of predictions and targets, kinds of targets."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from compare import close, spelled

from dlbook import Tensor, nn
from dlbook import functional as F

tnn = torch.nn


def numbers(rng):
    return rng.standard_normal((5, 3)), rng.standard_normal((5, 3))


def probabilities(rng):
    return rng.uniform(0.01, 0.99, (5, 3)), rng.uniform(0, 1, (5, 3))


def logits_and_probabilities(rng):
    return 5 * rng.standard_normal((5, 3)), rng.uniform(0, 1, (5, 3))


def logits_and_labels(rng):
    return 5 * rng.standard_normal((5, 3)), rng.integers(0, 3, 5)


def one_example(rng):
    return rng.standard_normal(3), np.array(2)


LOSSES = [
    ("MSELoss", numbers),
    ("L1Loss", numbers),
    ("HuberLoss", numbers),
    ("SmoothL1Loss", numbers),
    ("BCELoss", probabilities),
    ("BCEWithLogitsLoss", logits_and_probabilities),
    ("CrossEntropyLoss", logits_and_labels),
    ("CrossEntropyLoss", logits_and_probabilities),
    ("CrossEntropyLoss", one_example),
]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("name", "data"), LOSSES)
def test_losses_equal_torch(name, data, reduction, rng):
    x, y = data(rng)
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    loss = getattr(nn, name)(reduction=reduction)(a, y)
    want = getattr(tnn, name)(reduction=reduction)(b, torch.tensor(y))
    close(loss, want)
    loss.sum().backward()
    want.sum().backward()
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


def test_soft_targets_get_their_gradient_from_cross_entropy(rng):
    z, p = rng.standard_normal((3, 4)), rng.dirichlet(np.ones(4), 3)
    ours, theirs = Tensor(p, requires_grad=True), torch.tensor(p, requires_grad=True)
    nn.CrossEntropyLoss()(z, ours).backward()
    tnn.CrossEntropyLoss()(torch.tensor(z), theirs).backward()
    close(ours.grad, theirs.grad)


@pytest.mark.parametrize("places", [(4,), (2, 3)], ids=spelled)
def test_cross_entropy_over_places_equals_torch(places):
    rng = np.random.default_rng(0)
    z, y = rng.standard_normal((3, 5, *places)), rng.integers(0, 5, (3, *places))
    for reduction in ("mean", "sum"):
        logits, theirs = Tensor(z, True), torch.tensor(z, requires_grad=True)
        loss = nn.CrossEntropyLoss(reduction=reduction)(logits, y)
        wanted = torch.nn.CrossEntropyLoss(reduction=reduction)(theirs, torch.tensor(y))
        assert loss.item() == pytest.approx(wanted.item(), rel=1e-14)
        loss.backward()
        wanted.backward()
        np.testing.assert_allclose(logits.grad, theirs.grad.numpy(), atol=1e-15)
    with pytest.raises(ValueError, match=r"target has shape \(3,\): expected .* for logits \(3, 5"):
        nn.CrossEntropyLoss()(z, y[:, 0].reshape(3, -1)[:, 0])


def ctc(loss, x, *given, **settings):
    """A CTC loss and its gradient by the logits, in dlbook or PyTorch."""
    z = Tensor(x, requires_grad=True) if loss is nn.CTCLoss else torch.tensor(x, requires_grad=True)
    log_p = F.log_softmax(z, axis=-1) if loss is nn.CTCLoss else z.log_softmax(-1)
    if loss is tnn.CTCLoss:
        given = [torch.tensor(a) for a in given]
    value = loss(**settings)(log_p, *given)
    value.sum().backward()
    return value, z.grad


def ctc_agrees(x, *given, **settings):
    ours, torchs = (ctc(loss, x, *given, **settings) for loss in (nn.CTCLoss, tnn.CTCLoss))
    for got, want in zip(ours, torchs, strict=True):
        close(got, want)


SPOKEN = (
    np.array([[1, 1, 2, 3], [4, 2, 0, 0], [3, 0, 0, 0]]),
    np.array([9, 6, 7]),
    np.array([4, 2, 1]),
)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("flat", [False, True], ids=["padded", "one after the other"])
def test_ctc_equals_torch(reduction, flat, rng):
    y, steps, lengths = SPOKEN
    if flat:
        y = np.concatenate([row[:n] for row, n in zip(y, lengths, strict=True)])
    x = rng.standard_normal((9, 3, 5))
    ctc_agrees(x, y, steps, lengths, reduction=reduction)


def test_ctc_with_another_blank_and_labels_that_do_not_fit(rng):
    x, y = rng.standard_normal((4, 2, 5)), np.array([[0, 0, 0], [1, 2, 1]])
    steps, lengths = np.array([4, 4]), np.array([3, 3])
    settings = {"blank": 4, "zero_infinity": True}
    ctc_agrees(x, y, steps, lengths, **settings)
    with pytest.raises(ValueError, match=r"targets\[0\] needs 5 steps .* but has 4"):
        ctc(nn.CTCLoss, x, y, steps, lengths, blank=4)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_ctc_of_one_example(reduction, rng):
    x, y = rng.standard_normal((6, 5)), np.array([1, 1, 3])
    ctc_agrees(x, y, 6, 3, reduction=reduction)


def test_ctc_stays_finite_where_probabilities_are_0_and_long():
    log_p = np.full((400, 1, 3), -np.inf)
    log_p[np.arange(400), 0, np.arange(400) % 3] = 0.0
    y = np.arange(400)[np.arange(400) % 3 > 0] % 3
    loss = nn.CTCLoss(reduction="sum")(log_p, y[None], [400], [len(y)])
    assert loss.item() == 0
    even = np.full((400, 1, 3), np.log(1 / 3))
    assert nn.CTCLoss()(even, y[None, :50], [400], [50]).item() > 0


@pytest.mark.parametrize(
    ("x", "y", "steps", "lengths", "said"),
    [
        (np.zeros((5, 2)) + 1, [1], 5, 1, "log_prob.* above 0"),
        (np.zeros(5), [1], 5, 1, r"expected \(T, N, C\)"),
        (np.zeros((5, 1, 3)), [[0]], [5], [1], "the blank, 0, which is no label"),
        (np.zeros((5, 1, 3)), [[1]], [6], [1], "expected 1 to T=5"),
        (np.zeros((5, 1, 3)), [[1]], [5, 5], [1], "each of 1 examples"),
        (np.zeros((5, 1, 3)), [[1]], [5], [1.0], "target_lengths"),
        (np.zeros((5, 1, 3)), [1, 2, 1], [5], [2], "targets have 3 labels, target_lengths 2"),
        (np.zeros((5, 2, 3)), [[1], [1]], [5, 5], [1, 2], "S of at least 2"),
    ],
    ids=[
        "no log-probabilities",
        "one axis",
        "the blank as a label",
        "more steps than there are",
        "lengths of two examples",
        "a length that is no integer",
        "more labels than said",
        "fewer labels than said",
    ],
)
def test_row_32_ctc_says_what_does_not_fit(x, y, steps, lengths, said):
    with pytest.raises(ValueError, match=said):
        nn.CTCLoss()(x, y, steps, lengths)


def test_row_32_ctc_of_a_class_that_is_not_there():
    with pytest.raises(IndexError, match=r"targets\[0,0\]=3 outside 0..2"):
        nn.CTCLoss()(np.zeros((5, 1, 3)), [[3]], [5], [1])


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


@pytest.mark.parametrize(("name", "setting"), [("HuberLoss", "delta"), ("SmoothL1Loss", "beta")])
def test_the_corner_of_a_loss_can_be_set(name, setting, rng):
    z, y = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    a, b = Tensor(z, requires_grad=True), torch.tensor(z, requires_grad=True)
    ours = getattr(nn, name)(**{setting: 0.3})(a, y)
    want = getattr(tnn, name)(**{setting: 0.3})(b, torch.tensor(y))
    close(ours, want)
    ours.backward()
    want.backward()
    close(a.grad, b.grad)


def test_weights_of_the_binary_losses(rng):
    z, y = rng.standard_normal((4, 3)), rng.integers(0, 2, (4, 3)).astype(float)
    weight, positive = rng.random((4, 3)), np.array([1.0, 2.0, 3.0])
    t = torch.tensor
    ours = nn.BCEWithLogitsLoss(weight, pos_weight=positive)(z, y)
    close(ours, tnn.BCEWithLogitsLoss(t(weight), pos_weight=t(positive))(t(z), t(y)))
    p = 1 / (1 + np.exp(-z))
    close(nn.BCELoss(weight)(p, y), tnn.BCELoss(t(weight))(t(p), t(y)))
