"""Names mean what PyTorch's mean: its value, or one sentence that says what to write instead.

Each row stands for a kind; a call is a text, so that its id says what was called.
"""

import warnings

import numpy as np
import pytest
import torch

import dlbook
from dlbook import data, fit, init, metrics, nn, optim, train  # noqa: F401
from dlbook import functional as F
from dlbook.autodiff import Tensor
from dlbook.ngram import NGram

x = np.arange(24.0).reshape(2, 3, 4)
NAMES = {**globals(), "t": lambda a: Tensor(np.array(a, float), True)}

TOLD = [
    # NumPy functions would cut the graph
    *((f"np.{f}", RuntimeError, "F.concat, F.stack, F.where") for f in (
        "concatenate([2 * t([1.0]), t([1.0])])", "stack([t([1.0])])", "where([True], t([1.0]), 0)",
        "clip(t([1.0]), 0, 1)", "dot(t([1.0]), t([1.0]))", "reshape(t([1.0]), 1)", "asarray(t([1.0]))",
    )),
    # a legal shape with a meaningless loss
    ("nn.CrossEntropyLoss()(np.zeros((6, 1)), np.zeros((6, 1)))", ValueError, "BCEWithLogitsLoss"),
    ("F.cross_entropy(np.zeros((6, 1)), [0] * 6)", ValueError, "BCEWithLogitsLoss"),
    # the functional form is as safe as the module
    ("F.mse_loss(x, x, reduction='Mean')", ValueError, "'mean', 'sum' or 'none'"),
    ("F.mse_loss(np.zeros((3, 1)), np.zeros(3))", ValueError, "reshape(3, 1)"),
    ("F.l1_loss(x, x[:1])", ValueError, "batch_size"),
    ("F.binary_cross_entropy(np.array([1.2]), np.array([1.0]))", ValueError, "did you pass logits"),
    ("F.binary_cross_entropy_with_logits(np.array([np.nan]), [1.0])", FloatingPointError, "logits[0]"),
    ("F.cross_entropy(np.zeros((2, 3)), [0, -1])", IndexError, "target[1]=-1 outside 0..2"),
    ("F.cross_entropy(np.zeros((2, 3)), [0, 7])", IndexError, "target[1]=7 outside 0..2"),
    ("F.cross_entropy(np.zeros((2, 3)), [0.0, 1.0])", TypeError, "integer class labels"),
    ("F.cross_entropy(np.zeros((2, 3)), [-100, -100])", ValueError, "every label is -100"),
    ("F.cross_entropy(np.zeros((2, 3)), [0, 1], weight=np.ones(2))", ValueError, "(3,)"),
    ("F.conv2d(np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 3, 3)))", ValueError, "covers (3, 3)"),
    ("F.conv2d(np.zeros((1, 5, 4, 4)), np.zeros((2, 2, 2, 2)), groups=2)", ValueError, "5 channels"),
    ("F.conv2d(np.zeros((1, 4, 4, 4)), np.zeros((3, 2, 2, 2)), groups=2)", ValueError, "divide 3"),
    ("F.conv2d(np.zeros((1, 1, 4, 4)), np.zeros((1, 1, 2, 2)), stride=0)", ValueError, "stride=0"),
    ("F.avg_pool2d(np.zeros((1, 1, 4, 4)), 5)", ValueError, "covers (5, 5)"),
    ("F.max_pool2d(np.zeros((1, 1, 4, 4)), 2, padding=2)", ValueError, "at most half"),
    ("F.dropout(x, 2.0)", ValueError, "[0, 1]"),
    # a boolean that is a string, a number or a seed; a seed that is none
    *((f"nn.{c}(2, 2, bias={v})", TypeError, "expected True or False")
      for c in ("Linear", "RNN", "LSTM", "GRU") for v in ("'no'", "0", "None")),
    ("nn.Conv2d(1, 1, 1, bias='no')", TypeError, "expected True or False"),
    ("nn.BatchNorm1d(2, affine=1)", TypeError, "expected True or False"),
    ("nn.LSTM(2, 2, batch_first='yes')", TypeError, "expected True or False"),
    ("nn.ReLU(inplace=3)", TypeError, "expected True or False"),
    ("data.DataLoader(x, 2, 'shuffle')", TypeError, "expected True or False"),
    ("data.DataLoader(x, 2, drop_last=1)", TypeError, "expected True or False"),
    ("optim.SGD([t([1.0])], 0.1, 0.9, nesterov='yes')", TypeError, "expected True or False"),
    *((f"{c}(rng={v})", TypeError, "a seed or a Generator")
      for c in ("nn.Dropout", "dlbook.nn.Dropout2d") for v in ("True", "'0'", "0.5")),
    *((f"{c}, rng=True)", TypeError, "a seed or a Generator") for c in (
        "nn.Linear(2, 2", "nn.Embedding(2, 2", "nn.Conv2d(1, 1, 1", "nn.LSTM(2, 2", "nn.GRU(2, 2",
        "nn.MultiheadAttention(2, 1", "nn.TransformerEncoderLayer(2, 1", "F.dropout(x",
        "data.DataLoader(x", "data.transforms.RandomHorizontalFlip()(x[None]",
        "dlbook.testing.check_vjp(dlbook.primitives.relu, x",
    )),
    ("data.train_test_split(x, rng=False)", TypeError, "a seed or a Generator"),
    # positions are PyTorch's, or there is none
    ("nn.RNN(2, 3, 1, 'relu')", TypeError, "positional"),
    ("nn.GRU(2, 3, 1, True)", TypeError, "positional"),
    ("nn.MultiheadAttention(4, 2, 0.0, True, False)", TypeError, "positional"),
    ("optim.SGD([t([1.0])], 0.1, 0.9, 0, 0.1)", TypeError, "positional"),
    ("nn.MSELoss('sum')", TypeError, "positional"),
    ("nn.CrossEntropyLoss('sum')", TypeError, "weight has dtype"),
    ("F.huber_loss(x, x, 'sum')", TypeError, "positional"),
    ("data.DataLoader(x, 2, True, True)", TypeError, "positional"),
    ("data.DataLoader(x, x[:, 0], 32)", TypeError, "DataLoader((x, y), 32)"),
    # what is no array
    ("nn.Linear(4, 1)(nn.LSTM(3, 4)(np.ones((2, 5, 3))))", TypeError, "of (outputs, state) take the first"),
    ("nn.Linear(1, 1)([t([1.0]), t([2.0])])", TypeError, "join with F.stack"),
    ("nn.ReLU()('text')", TypeError, "expected an array of numbers"),
    # in place
    ("exec('w.data -= 1.0', {'w': t([1.0])})", ValueError, "write w.data = w.data - lr * w.grad"),
    ("exec('w.data[0] = 1.0', {'w': t([1.0])})", ValueError, "write w.data = w.data - lr * w.grad"),
    ("exec('w[0] = 1.0', {'w': t([1.0])})", TypeError, "F.where"),
    # numbers, pairs, shapes
    ("nn.Conv2d(1, 1, 2.0)", TypeError, "kernel_size=2.0: expected one integer or two"),
    ("nn.MaxPool2d('2')", TypeError, "kernel_size='2'"),
    ("nn.Conv2d(1, 1, (1, 2, 3))", ValueError, "expected one integer or two"),
    ("optim.Adam([t([1.0])], betas=0.9)", ValueError, "expected two numbers"),
    ("init.xavier_uniform(np.random.default_rng(0), (5,))", ValueError, "(out, in)"),
    ("t([1.0, 2.0]).T", ValueError, "shape (2,)"),
    ("F.pad(t(x), (1, 2, 3))", ValueError, "(before, after)"),
    ("F.pad(t(x), (1, 2), 'reflect')", ValueError, "'constant'"),
    ("nn.LSTM(3, 4)(np.zeros((0, 5, 3)))", ValueError, "empty batch"),
    ("nn.MultiheadAttention(4, 2)(np.zeros((2, 3, 4)), np.zeros((1, 3, 4)))", ValueError, "N=2"),
    ("nn.MultiheadAttention(4, 2)(x, x, np.zeros((2, 2, 4)))", ValueError, "S=3"),
    ("nn.CrossEntropyLoss()(np.zeros((2, 5, 3)), np.zeros((2, 5), int))", ValueError, "permute the logits"),
    ("nn.Linear(2, 1).load_state_dict(None)", TypeError, "state_dict()"),
    ("optim.LambdaLR(optim.SGD([t([1.0])]), lambda e: None)", TypeError, "lr_lambda(0)=None"),
    # labels
    ("metrics.confusion_matrix([0, 40000], [0, 1])", ValueError, "1,600,080,001"),
    ("metrics.precision([-1, 1], [1, 1])", IndexError, "y_true[0]=-1"),
    ("data.one_hot([2**63])", ValueError, "without gaps"),
    ("data.Vocabulary('ab').decode([[0, 1]])", ValueError, "expected (T,)"),
    # batches
    *((f"train.evaluate(nn.Linear(2, 2), nn.MSELoss(), {b})", (TypeError, ValueError), "pairs")
      for b in ("[]", "[np.ones((2, 2)), np.ones((2, 2))]", "{'x': 1}", "np.ones((3, 2))", "iter(())")),
    # left out on purpose, with a reason
    ("F.normalize", AttributeError, "F.standardize"),
    ("nn.Conv1d", AttributeError, "on purpose: use Conv2d"),
    ("optim.lr_scheduler", AttributeError, "optim.StepLR"),
    ("nn.Nonsense", AttributeError, "has no 'Nonsense'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), TOLD, ids=[call for call, _, _ in TOLD])
def test_it_is_told(call, error, text):
    with pytest.raises(error) as caught:
        eval(call, dict(NAMES))
    assert text in str(caught.value)


PYTORCH = [
    "x.max(1)[0]", "x.min(2, keepdim=True)[0]", "x.max(1)[1]", "x.argmax(0)", "x.var(1)", "x.std()",
    "x.sum(dim=1, keepdim=True)", "x.mean(dim=(0, 2))", "x.mean((0, 1), True)", "x.flatten(1)",
    "x.transpose(0, 2)", "x.unsqueeze(-1).squeeze()", "x.squeeze(0)", "x[0, :, [0, 1]]",
    "x[[0, 1], 1]", "x[[0, 1], :, [2, 3]]", "x[..., 0, [1, 2]]", "x[True, [0, 1]]", "x[:, None, 0]",
    "x[0, None, :, [1, 0]]", "2.0 ** x", "x ** 2", "(x * x + 0.1) ** x", "abs(x)",
    "(x * x + 1).sqrt()", "x.clip(-0.5, 0.5)",
    "x.clamp(min=0)", "x.cumsum(1)", "x.softmax(-1)", "x.log_softmax(dim=1)", "x.amax((0, 1))", "x.max()",
    "x.permute([2, 0, 1])", "x.reshape([6, 4])", "x.view(6, -1)", "x.clone()", "x.pow(3)",
    "1 - x", "x.exp().log()", "F.pad(x, (1, 2))", "F.pad(x, (1, 2, 0, 3), value=7.0)",
    "F.pad(x, (1, 0, 0, 2, 1, 1))",
    "F.layer_norm(x, (3, 4))", "F.batch_norm(x, None, None, training=True)",
    "F.dropout(x, 0.5, training=False)", "F.softmax(x, dim=0)", "F.max_pool2d(x[None], 2)",
    "F.avg_pool2d(x[None], 2, padding=1)", "F.max_pool2d(x, 3, stride=1)", "F.conv2d(x, w)",
    "F.conv2d(x[None], w, padding=1, stride=2)", "F.conv2d(x[None], w, b, (1, 2), (0, 1))",
]  # fmt: skip


@pytest.mark.parametrize("call", PYTORCH)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_it_is_pytorchs_value(call, library):
    rng = np.random.default_rng(0)
    a, w, b = (rng.standard_normal(s) for s in ((2, 3, 4), (3, 2, 2, 2), (3,)))
    array = torch.tensor(a) if library == "torch" else a
    w_ours = torch.tensor(w) if library == "torch" else w
    b_ours = torch.tensor(b) if library == "torch" else b
    ours, theirs = Tensor(array, True), torch.tensor(a, requires_grad=True)
    y = eval(call, {"x": ours, "F": F, "w": w_ours, "b": b_ours})
    tensors = {"w": torch.tensor(w), "b": torch.tensor(b)}
    z = eval(call, {"x": theirs, "F": torch.nn.functional, **tensors})
    assert tuple(y.shape) == tuple(z.shape)
    if not z.requires_grad:  # indices
        np.testing.assert_array_equal(np.asarray(y), z.numpy())
        return
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), rtol=1e-12)
    dy = rng.standard_normal(tuple(z.shape))
    (y * (torch.tensor(dy) if library == "torch" else dy)).sum().backward()
    (z * torch.tensor(dy)).sum().backward()
    np.testing.assert_allclose(np.asarray(ours.grad), theirs.grad.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "settings",
    [
        {}, {"weight": np.array([0.5, 1.0, 2.0, 0.1])}, {"label_smoothing": 0.2}, {"ignore_index": 2},
        {"weight": np.array([0.5, 1.0, 2.0, 0.1]), "label_smoothing": 0.3, "ignore_index": -1},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("shape", [(6, 4), (6, 4, 3), (2, 4, 3, 2)], ids=str)
def test_cross_entropy_with_every_setting_is_pytorchs(shape, settings, reduction):
    rng = np.random.default_rng(0)
    z, y = rng.standard_normal(shape), rng.integers(0, 4, (shape[0], *shape[2:]))
    y.flat[1] = settings.get("ignore_index", -100)
    theirs = {k: torch.tensor(v) if k == "weight" else v for k, v in settings.items()}
    a, b = Tensor(z, True), torch.tensor(z, requires_grad=True)
    ours = nn.CrossEntropyLoss(**settings, reduction=reduction)(a, y)
    want = torch.nn.CrossEntropyLoss(**theirs, reduction=reduction)(b, torch.tensor(y))
    np.testing.assert_allclose(ours.numpy(), want.detach().numpy(), rtol=1e-12)
    ours.sum().backward()
    want.sum().backward()
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Dropout(0.5, rng=0), lambda: nn.LSTM(3, 4, num_layers=2, dropout=0.5, rng=0),
        lambda: nn.GRU(3, 4, num_layers=2, dropout=0.5, rng=0),
        lambda: nn.RNN(3, 4, num_layers=2, dropout=0.5, rng=0),
        lambda: nn.MultiheadAttention(3, 1, dropout=0.5, rng=0),
        lambda: nn.TransformerEncoderLayer(3, 1, 8, dropout=0.5, rng=0),
    ],
    ids=["Dropout", "LSTM", "GRU", "RNN", "MultiheadAttention", "TransformerEncoderLayer"],
)  # fmt: skip
def test_a_seed_gives_the_same_object_and_new_draws_at_each_call(make):
    z = np.ones((2, 5, 3), np.float32)

    def first(layer):
        y = layer(z)
        return (y[0] if isinstance(y, tuple) else y).numpy()

    layer, twin = make(), make()
    draws = [first(layer) for _ in range(4)]
    assert not all(np.array_equal(draws[0], d) for d in draws[1:])
    np.testing.assert_array_equal([first(twin) for _ in range(4)], draws)
    dlbook.manual_seed(1)
    first(layer)
    before = dlbook.rng.generator().random()
    dlbook.manual_seed(1)
    assert dlbook.rng.generator().random() == before  # nothing was drawn from the shared one


def test_what_forward_keeps_is_no_state():
    class Net(nn.Module):
        def __init__(self):
            self.layer, self.note = nn.Linear(2, 1, rng=0), np.zeros(3)
            self.register_buffer("mean", np.zeros(2))

        def forward(self, z):
            y = self.layer(z)
            self.seen, self.kept, self.given = y.numpy(), y, Tensor(z)
            return y

    model = Net()
    names = ["layer.weight", "layer.bias", "mean"]
    assert list(model.state_dict()) == names
    batch = np.ones((4, 2), np.float32), np.ones((4, 1), np.float32)
    train.lr_range_test(model, nn.MSELoss(), optim.SGD(model.parameters()), batch, steps=5)
    assert list(model.state_dict()) == names
    model.layer.requires_grad_(False)
    assert list(model.state_dict()) == names  # frozen, and still a parameter
    assert len(model.parameters()) == 2
    assert [b.shape for b in model.buffers()] == [(2,)]


def test_unfrozen_later_is_trained_and_frozen_later_is_not():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 1, rng=1))
    W = model[0].weight
    W.requires_grad = False
    optimizer = optim.SGD(model.parameters(), 0.1)
    W.requires_grad = True
    before = W.numpy().copy()
    model(np.ones((4, 2), np.float32)).mean().backward()
    optimizer.step()
    assert not np.array_equal(before, W.data)
    W.requires_grad = False
    before = W.numpy().copy()
    optimizer.step()
    np.testing.assert_array_equal(before, W.data)


def test_padding_gets_no_gradient():
    table = nn.Embedding(3, 2, padding_idx=0, rng=0)
    table(np.array([[1, 0, 0]])).mean().backward()
    np.testing.assert_array_equal(table.weight.grad[0], [0, 0])
    assert table.weight.grad[1].all()
    assert nn.Embedding(3, 2, padding_idx=-1).padding_idx == 2


def test_two_schedules_are_refused_and_one_after_the_other_is_pytorchs():
    optimizer = optim.SGD([Tensor(np.ones(1), True)], lr=1.0)
    optimizer.t = 1
    up, down = optim.LinearLR(optimizer, 0.1, 1.0, 5), optim.ExponentialLR(optimizer, 0.9)
    up.step()
    with pytest.raises(RuntimeError, match=r"already follows a LinearLR.*SequentialLR"):
        down.step()


def test_a_schedule_before_the_first_step_warns():
    optimizer = optim.SGD([Tensor(np.ones(1), True)], lr=1.0)
    with pytest.warns(UserWarning, match="the first learning rate is skipped"):
        optim.StepLR(optimizer, 1).step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.t = 3
        optim.StepLR(optim.SGD([Tensor(np.ones(1), True)]), 1)


@pytest.mark.parametrize("layer", ["RNN", "LSTM", "GRU"])
def test_dropout_with_one_layer_warns(layer):
    with pytest.warns(UserWarning, match="num_layers=1"):
        getattr(nn, layer)(3, 4, dropout=0.5)


def test_probabilities_of_characters_never_seen():
    gram = NGram("ab" * 20, 1)
    assert sum(gram.p("a", c) for c in "ab") == pytest.approx(1)
    assert gram.p("a", "x") == 0
    assert gram.bits("x", 1)[0] == np.inf


def test_a_copied_or_pickled_parameter_is_read_only_still():
    import copy
    import pickle

    w = Tensor(np.ones(2), True, name="w")
    for twin in (copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        with pytest.raises(ValueError, match="read-only"):
            twin.data[0] = 5.0
        assert twin.requires_grad
        assert twin.name == "w"
    loose = w.data.copy()
    loose[0] = 5.0  # a copy may be changed
    assert (type(w.data + 1), type(w.data @ w.data)) == (np.ndarray, np.float64)
    assert repr(w.data) == "array([1., 1.])"


def test_gradients_of_another_shape_are_refused():
    for shape in ((4, 2, 3), (3,), (2, 1)):
        p = Tensor(np.ones((2, 3)), True)
        p.grad = np.ones(shape)
        with pytest.raises(ValueError, match=r"grad of .* has shape"):
            optim.SGD([p], 0.1).step()
        assert p.shape == (2, 3)


def test_the_gradient_that_is_named_is_the_one():
    a, b, c = (Tensor(np.ones(1), True) for _ in range(3))
    b.grad, c.grad = np.ones(1), np.array([np.inf])
    with pytest.raises(FloatingPointError, match=r"params\[2\]"):
        optim.clip_grad_norm([a, b, c], 1.0)


def test_columns_of_a_table():
    class Series:  # what pandas and polars have in common
        dtype, shape = "float64", (4,)

        def __init__(self, values):
            self.values = values

        def to_numpy(self):
            return np.array(self.values)

        def __len__(self):
            return len(self.values)

    column, labels = Series([1.0, 2.0, 3.0, 4.0]), Series([0, 1, 0, 1])
    (first, y), _ = data.DataLoader((column, labels), 2)
    np.testing.assert_array_equal(first, [1, 2])
    np.testing.assert_array_equal(y, [0, 1])
    assert len(data.train_test_split(column, labels, rng=0)) == 4
    assert nn.ReLU()(column).shape == (4,)
    assert nn.CrossEntropyLoss()(np.zeros((4, 2)), labels).item() == pytest.approx(np.log(2))


def test_equal_maxima_share_the_gradient():
    rows = np.array([[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]])
    ours, theirs = Tensor(rows, True), torch.tensor(rows, requires_grad=True)
    ours.amax(1).sum().backward()
    theirs.amax(1).sum().backward()
    np.testing.assert_array_equal(ours.grad, theirs.grad.numpy())
    np.testing.assert_array_equal(ours.grad, [[0, 0.5, 0.5], [1 / 3] * 3])
    assert ours.max(1)[1].tolist() == theirs.max(1)[1].tolist()
