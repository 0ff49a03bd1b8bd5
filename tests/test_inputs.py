"""Bad and extreme inputs: what the door answers, row by row of INPUTS.md."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from compare import evaluated, says, spelled

from dlbook import Tensor, detect_changes, fit, nn, optim
from dlbook import functional as F
from dlbook.checks import CheckpointError, NonFiniteError, scans
from dlbook.data import DataLoader, one_hot, standardize

inf, nan = np.inf, np.nan

HERE = Path(__file__).parent
TABLE = (HERE / "INPUTS.md").read_text("utf-8")
ROWS = {int(row[1]): row[0] for row in re.finditer(r"^\| (\d+) \| .*", TABLE, re.MULTILINE)}
EXAMPLES = [
    (number, *example)
    for number, row in ROWS.items()
    for example in re.findall(r"`([^`]+)` → `(\w+): ([^`]+)`", row)
]


def test_every_row_is_proved_and_every_proof_has_a_row():
    proofs = "".join(path.read_text("utf-8") for path in sorted(HERE.glob("test_*.py")))
    proved = set(map(int, re.findall(r"^def test_row_(\d\d)_", proofs, re.MULTILINE)))
    assert proved == set(ROWS)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [pytest.param(*example, id=f"{row}: {example[0]}") for row, *example in EXAMPLES],
)
def test_the_table_is_true(call, error, message):
    """The examples in it, to the letter (line breaks aside)."""
    with pytest.raises(evaluated(error)) as caught:
        evaluated(call)
    assert type(caught.value).__name__ == error
    assert " ".join(str(caught.value).split()) == message


def strict():
    """Every floating-point warning is an error."""
    return np.errstate(all="raise")


def gradient(f, x, dy=None):
    """The value of f(x) and dL/dx, with warnings of any kind as errors."""
    with strict():
        t = Tensor(x, requires_grad=True)
        y = f(t)
        y.backward(dy)
    return y.data, t.grad


def f16(*rows):
    return np.array(rows, np.float16)


HUGE = [
    (np.array([[1e30, -1e30, 0.0]], np.float32), [[1, 0, 0]], [[0, -2e30, -1e30]]),
    (np.array([[1e30, -1e30, 0.0]]), [[1, 0, 0]], [[0, -2e30, -1e30]]),
    (f16([6e4, -6e4]), [[1, 0]], [[0, -inf]]),  # -120000 is beyond float16
]


@pytest.mark.parametrize(
    ("x", "softmax", "log_softmax"), HUGE, ids=["float32", "float64", "float16"]
)
def test_row_01_huge_logits(x, softmax, log_softmax):
    dy = np.arange(1.0, x.shape[1] + 1, dtype=x.dtype)[None]
    for layer, wanted in ((nn.Softmax(), softmax), (nn.LogSoftmax(), log_softmax)):
        y, dx = gradient(layer, x, dy)
        np.testing.assert_array_equal(y, np.array(wanted, x.dtype))
        theirs = torch.tensor(x, requires_grad=True)
        getattr(torch, "softmax" if wanted is softmax else "log_softmax")(theirs, -1).backward(
            torch.tensor(dy)
        )
        np.testing.assert_array_equal(dx, theirs.grad.numpy())
    loss, dx = gradient(lambda t: nn.CrossEntropyLoss()(t, [1]), x)
    assert loss == -np.array(log_softmax, x.dtype)[0, 1]
    assert dx.tolist() == [[1, -1, 0][: x.shape[1]]]


def test_row_02_nothing_allowed():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    mask = np.array([[True, False], [False, False]])
    y, dx = gradient(lambda t: F.softmax(t, where=mask), x, np.array([[5.0, 6.0], [7.0, 8.0]]))
    assert (y.tolist(), dx.tolist()) == ([[1, 0], [0, 0]], [[0, 0], [0, 0]])
    y, dx = gradient(lambda t: F.log_softmax(t, where=mask), x, np.ones((2, 2)))
    assert (y.tolist(), dx.tolist()) == ([[0, -inf], [-inf, -inf]], [[0, 0], [0, 0]])
    y, dx = gradient(lambda t: F.softmax(t, where=mask), np.where(mask, x, nan), np.ones((2, 2)))
    assert (y.tolist(), dx.tolist()) == ([[1, 0], [0, 0]], [[0, 0], [0, 0]]), "masked nan"
    x = np.zeros((5, 3))
    x[1, :2], x[3] = -inf, -inf
    for run in (nn.Softmax(), nn.LogSoftmax(), lambda z: nn.CrossEntropyLoss()(z, [0] * 5)):
        with says(ValueError, "row 3 has no finite logit", "logits is -inf", "where=mask"):
            run(x)


@pytest.mark.parametrize("bad", [nan, inf])
def test_row_03_logits_that_are_not_numbers(bad):
    x = np.zeros((3, 2))
    x[0, 0], x[2, 0] = -inf, bad  # -inf is a masked logit
    for run in (nn.Softmax(), nn.LogSoftmax(), lambda z: nn.CrossEntropyLoss()(z, [0, 1, 0])):
        with says(NonFiniteError, f"logits[2,0] is {bad}", "expected finite numbers"):
            run(x)
    with scans(False), np.errstate(invalid="ignore"):
        assert np.isnan(nn.Softmax()(x).data[2]).any()
    x[0, 0] = 0.0
    with says(NonFiniteError, f"logits[2,0] is {bad}", "expected finite numbers"):
        nn.BCEWithLogitsLoss()(x, np.zeros((3, 2)))
    x[2, 0] = -inf  # masks nothing where there is one logit an answer
    with says(NonFiniteError, "logits has 1 inf", "expected finite numbers"):
        nn.BCEWithLogitsLoss()(x, np.zeros((3, 2)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_row_04_confident_and_wrong(dtype):
    x = np.array([1e4, -1e4], dtype)
    a, dx = gradient(nn.Sigmoid(), x, np.ones(2, dtype))
    assert (a.tolist(), dx.tolist()) == ([1.0, 0.0], [0.0, 0.0])
    loss = nn.BCEWithLogitsLoss(reduction="sum")
    each = [gradient(lambda t, y=y: loss(t, [y]), x[k : k + 1]) for k, y in enumerate((0, 1))]
    assert [(value.item(), dx.item()) for value, dx in each] == [(1e4, 1.0), (1e4, -1.0)]
    value, dx = gradient(lambda t: loss(t, [1, 0]), x)
    assert (value, dx.tolist()) == (0.0, [0.0, 0.0])


@pytest.mark.parametrize("bad", [1.2, -0.5, nan])
def test_row_05_not_a_probability(bad):
    text = "all elements of {} should be between 0 and 1", f"[1] is {bad:g}", "did you pass logits?"
    with says(ValueError, text[0].format("input"), *text[1:]):
        nn.BCELoss()(np.array([0.5, bad]), np.array([0.0, 1.0]))
    for loss in (nn.BCELoss(), nn.BCEWithLogitsLoss()):
        with says(ValueError, text[0].format("target"), *text[1:2]):
            loss(np.array([0.5, 0.5]), np.array([0.0, bad]))


def test_row_06_certain_and_wrong():
    """Logarithms stop at -100: documented, as in torch, and never nan."""
    p = np.array([0.0, 1.0, 0.0, 1.0])
    y = np.array([1.0, 0.0, 0.0, 1.0])
    value, dp = gradient(lambda t: nn.BCELoss(reduction="sum")(t, y), p)
    theirs = torch.tensor(p, requires_grad=True)
    torch.nn.BCELoss(reduction="sum")(theirs, torch.tensor(y)).backward()
    assert value == 200.0
    assert dp.tolist() == [-1e12, 1e12, 0.0, 0.0]
    np.testing.assert_allclose(dp, theirs.grad.numpy(), rtol=1e-8)  # its 1e-12 is a float32
    assert "-100" in nn.BCELoss.__doc__


@pytest.mark.parametrize("bad", [3, -1])
@pytest.mark.parametrize("dtype", ["i8", "i1", ">i4"])
def test_row_07_class_out_of_range(bad, dtype):
    with says(IndexError, f"target[1]={bad} outside 0..2"):
        nn.CrossEntropyLoss()(np.zeros((2, 3)), np.array([0, bad], dtype))


@pytest.mark.parametrize(
    "target",
    [
        np.array([0.0, 1.0]),
        np.array([True, False]),
        np.eye(3)[:2].astype(int),
        np.eye(4)[:2],
    ],
    ids=spelled,
)
def test_row_08_labels_or_probabilities(target):
    given = f"target has dtype {target.dtype} and shape {target.shape}"
    with says(TypeError, given, "expected integer class labels (", ", 3)"):
        nn.CrossEntropyLoss()(np.zeros((2, 3)), target)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("MSELoss", np.zeros((0, 3))),
        ("BCELoss", np.zeros((0, 3))),
        ("BCEWithLogitsLoss", np.zeros((0, 3))),
        ("CrossEntropyLoss", np.zeros((0, 3))),
        ("CrossEntropyLoss", np.zeros(0, int)),
    ],
    ids=spelled,
)
def test_row_09_empty_batch(name, target):
    layer = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 3), nn.Sigmoid())
    x = Tensor(np.zeros((0, 2, 2), np.float32), requires_grad=True)
    z = layer(x)
    assert z.shape == (0, 3)
    with says(ValueError, "empty batch: mean undefined", "(0, 3)"):
        getattr(nn, name)()(z, target)
    with strict():
        loss = getattr(nn, name)(reduction="sum")(z, target)
        loss.backward()
    assert loss.item() == 0.0
    assert x.grad.shape == (0, 2, 2)
    for p in layer.parameters():
        np.testing.assert_array_equal(p.grad, np.zeros(p.shape))


@pytest.mark.parametrize("name", ["MSELoss", "BCELoss", "BCEWithLogitsLoss"])
def test_row_10_column_against_row(name):
    column, row = np.full((4, 1), 0.5), np.zeros(4)
    with says(ValueError, "shape (4, 1)", "target has shape (4,)", "target.reshape(4, 1)"):
        getattr(nn, name)()(column, row)
    with says(ValueError, "shape (4,)", "target has shape (4, 1)", "target.reshape(4,)"):
        getattr(nn, name)()(row, column)
    with says(ValueError, "shape (4, 1)", "target has shape (4, 2)", "expected the same shape"):
        getattr(nn, name)()(column, np.zeros((4, 2)))


@pytest.mark.parametrize(
    ("loss", "x", "target", "name"),
    [
        ("MSELoss", np.zeros((2, 3)), np.zeros((3, 3)), "input"),
        ("BCELoss", np.zeros(2), np.zeros(3), "input"),
        ("BCEWithLogitsLoss", np.zeros(2), np.zeros(3), "logits"),
        ("CrossEntropyLoss", np.zeros((2, 3)), np.array([0, 1, 2]), "input"),
        ("CrossEntropyLoss", np.zeros((2, 3)), np.eye(3), "input"),
    ],
    ids=spelled,
)
def test_row_11_batches_of_different_size(loss, x, target, name):
    with says(ValueError, f"Expected {name} batch_size (2) to match target batch_size (3)."):
        getattr(nn, loss)()(x, target)


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 2), (4,), (), (0, 4)], ids=spelled)
def test_row_12_width_of_the_input(shape):
    with says(ValueError, f"Linear(3 -> 2) got input {shape}: expected (..., in_features=3)"):
        nn.Linear(3, 2)(np.zeros(shape, np.float32))


DOORS = [nn.Linear(2, 1), nn.ReLU(), nn.LeakyReLU(), nn.Sigmoid(), nn.Tanh(), nn.ELU(),
         nn.Softplus(), nn.SiLU(), nn.GELU(),
         nn.Softmax(), nn.LogSoftmax(), nn.Flatten()]  # fmt: skip
LOSSES = [nn.MSELoss(), nn.BCELoss(), nn.BCEWithLogitsLoss(), nn.CrossEntropyLoss()]


@pytest.mark.parametrize("door", DOORS + LOSSES, ids=lambda m: type(m).__name__)
def test_row_13_kinds_of_numbers(door):
    def call(x):
        return door(x, np.zeros((1, 2))) if door in LOSSES else door(x)

    for dtype in ("int64", "uint8", "bool"):
        x = np.ones((1, 2), dtype)
        for given in (x, torch.tensor(x)) if dtype == "uint8" else (x, Tensor(x), torch.tensor(x)):
            with says(TypeError, f"has dtype {given.dtype}", "expected a", "scale to float first"):
                call(given)
    with says(TypeError, "has dtype complex128", "expected a floating-point array"):
        call(np.ones((1, 2), complex))
    for bad in (np.array([["a", "b"]]), np.array([[None, 1.0]]), [["1", "2"]]):
        with says(TypeError, f"has dtype {np.asarray(bad).dtype}", "expected an array of numbers"):
            call(bad)


def test_row_13_float64_is_rounded_once():
    layer = nn.Linear(2, 2)
    x = np.array([[1 / 3, 1e-9]])
    for given in (x, Tensor(x), x.tolist()):
        y = layer(given)
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y.data, layer(x.astype(np.float32)).data)
    with says(TypeError, "input is a Tensor of float64 with a history", "float32"):
        layer(Tensor(x, requires_grad=True))
    with says(TypeError, "input is a torch array", "parameters are numpy arrays", "model.to"):
        layer(torch.tensor(x))
    assert "float64 input to a float32 layer is rounded" in nn.Linear.__doc__


def test_row_14_bytes_wrap_around():
    with says(TypeError, "a Tensor of uint8 would wrap around", "scale to float first"):
        Tensor(np.zeros(3, np.uint8))
    pixels = np.array([[0], [200], [255]], np.uint8)
    for dataset, name in ((pixels, "dataset"), ((pixels, np.zeros(3)), "dataset[0]")):
        with says(TypeError, f"{name} has dtype uint8", "expected", "astype(np.float32) / 255"):
            DataLoader(dataset, batch_size=2)
    z = standardize(pixels)
    exact = (pixels.astype(float) - 455 / 3) / np.std([0, 200, 255])
    np.testing.assert_allclose(z, exact, rtol=1e-12)
    assert nn.MSELoss()(np.array([[100.0], [0.0], [255.0]]), pixels).item() == 50000 / 3


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1)], ids=spelled)
def test_row_15_one_value_per_channel(shape):
    model = nn.BatchNorm1d(3)
    with says(ValueError, "Expected more than 1 value per channel when training", str(shape)):
        model(np.ones(shape, "f4"))
    assert model.num_batches_tracked == 0, "nothing is counted that was refused"
    assert model.eval()(np.ones(shape, "f4")).shape == shape


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("constant", [1e6, 0.1, -3e-30])
def test_row_16_constant_column(constant, dtype):
    x = np.full((7, 2), constant, dtype)
    x[:, 1] = np.arange(7)
    out = nn.BatchNorm1d(2).to(dtype)(x).numpy()
    np.testing.assert_array_equal(out[:, 0], 0.0)
    np.testing.assert_allclose(out[:, 1], (np.arange(7) - 3) / 2, rtol=1e-5)
    np.testing.assert_array_equal(nn.LayerNorm(7).to(dtype)(x.T)[0].numpy(), 0.0)


@pytest.mark.parametrize("layer", [nn.BatchNorm1d, nn.LayerNorm])
def test_row_16_eps(layer):
    for eps in (0, -1e-5, nan):
        with says(ValueError, f"norm eps={eps}", "(0, inf)"):
            layer(3, eps=eps)


def test_row_17_digits_behind_a_large_mean():
    x = np.array([[1e6, 1e6 + 1, 1e6 + 2]], np.float32)
    np.testing.assert_allclose(nn.LayerNorm(3)(x).numpy(), [[-1.2247, 0, 1.2247]], atol=1e-4)
    np.testing.assert_allclose(
        nn.BatchNorm1d(1)(x.T).numpy(), [[-1.2247], [0], [1.2247]], atol=1e-4
    )


def test_row_18_convolution_that_cannot_be():
    x = np.zeros((2, 3, 5, 5), "f4")
    with says(
        ValueError, "Kernel size can't be greater than actual input size", "(6, 6)", "(5, 5)"
    ):
        nn.Conv2d(3, 4, 6)(x)
    with says(ValueError, "stride=0", "at least 1"):
        nn.Conv2d(3, 4, 3, stride=0)
    with says(ValueError, "padding=-1", "at least 0"):
        nn.Conv2d(3, 4, 3, padding=-1)
    with says(ValueError, "Conv2d(3 -> 4", "(2, 1, 5, 5)", "expected (N, in_channels=3, H, W)"):
        nn.Conv2d(3, 4, 3)(x[:, :1])
    for bad in (x[0, 0], x[0, :2], x[None]):
        with says(ValueError, "Conv2d(3 -> 4", str(bad.shape), "(N, in_channels=3, H, W)"):
            nn.Conv2d(3, 4, 3)(bad)
    assert nn.Conv2d(3, 4, 3)(x[0]).shape == (4, 3, 3)  # one picture by itself
    with says(ValueError, "groups=2", "in_channels=3"):
        nn.Conv2d(3, 4, 3, groups=2)
    with says(ValueError, "padding='same'", "odd kernel"):
        nn.Conv2d(3, 4, 2, padding="same")
    with says(ValueError, "kernel_size=(3, 3, 3)", "two (height, width)"):
        nn.Conv2d(3, 4, (3, 3, 3))
    assert nn.Conv2d(3, 4, 3)(x[:0]).shape == (0, 4, 3, 3)


def test_row_19_pooling():
    x = np.zeros((1, 1, 4, 4), "f4")
    with says(ValueError, "at most half of effective kernel size", "padding=(2, 2)"):
        nn.MaxPool2d(3, padding=2)
    with says(ValueError, "avg_pool2d", "the kernel covers (5, 5)", "(4, 4)"):
        nn.AvgPool2d(5)(x)
    x[0, 0, 0, 0], x[0, 0, 2:, 2:] = nan, -inf
    out = nn.MaxPool2d(2)(x).numpy()
    assert np.isnan(out[0, 0, 0, 0])
    assert out[0, 0, 1, 1] == -inf
    with says(ValueError, "output_size=7", "expected 1"):
        nn.AdaptiveAvgPool2d(7)


@pytest.mark.parametrize(("bad", "error"), [(3, IndexError), (-1, IndexError), (0.5, TypeError)])
def test_row_20_index_that_does_not_exist(bad, error):
    expected = "outside 0..2" if error is IndexError else "integer"
    value = f"={bad}" if error is IndexError else "float64"
    with says(error, value, "labels", expected):
        one_hot(np.array([0, bad]), 3)
    with says(error, value, "target", expected):
        nn.CrossEntropyLoss()(np.zeros((2, 3)), np.array([0, bad]))
    with says(error, value, "input", expected):
        nn.Embedding(3, 2)(np.array([0, bad]))


def strange(a):
    """The same numbers in every kind of memory NumPy knows."""
    room = np.zeros((2 * a.shape[0], *a.shape[1:]), a.dtype)
    room[::2] = a
    read_only = a.copy()
    read_only.flags.writeable = False
    yield "strided", room[::2]
    yield "negative stride", np.array(a[::-1])[::-1]
    yield "read-only", read_only
    yield "big-endian", a.astype(a.dtype.newbyteorder(">"))
    yield "Fortran order", np.asfortranarray(a)
    yield "zero stride", np.broadcast_to(a[:1], a.shape)


KINDS = [kind for kind, _ in strange(np.zeros(1))]


@pytest.mark.parametrize("kind", range(6), ids=KINDS)
def test_row_21_memory_of_any_kind(kind, rng):
    x, y = rng.uniform(0.1, 0.9, (4, 3)), rng.integers(0, 3, 4)
    labels = [b for _, b in strange(y)][kind]
    for _, given in [list(strange(x))[kind], list(strange(x.astype(np.float32)))[kind]]:
        plain = np.array(given, dtype=given.dtype.newbyteorder("="))
        before = given.copy()
        rng_state = np.random.default_rng(1)
        model = nn.Linear(3, 3, dtype=plain.dtype, rng=rng_state)
        results = []
        for a, b in ((given, labels), (plain, np.array(labels, int))):
            losses = [loss(a, a) for loss in LOSSES[:3]]
            losses += [nn.CrossEntropyLoss()(model(a), b)]
            model.zero_grad()
            losses[-1].backward()
            batches = list(DataLoader((a, b), 3, shuffle=True, rng=0))
            results.append([
                *(t.data for t in losses), *(p.grad for p in model.parameters()),
                *(door(a).data for door in DOORS[1:]), standardize(a),
                *(part for batch in batches for part in batch), one_hot(b, 3),
            ])  # fmt: skip
        assert all(door(given).dtype.isnative for door in DOORS[1:])
        for ours, wanted in zip(*results, strict=True):
            tol = 1e-6 if ours.dtype.itemsize < 8 else 1e-12
            np.testing.assert_allclose(ours, wanted, rtol=tol, atol=tol)
        np.testing.assert_array_equal(given, before)


W = Tensor(np.ones(2), requires_grad=True, name="w")


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        ("optim.SGD([W], lr=-1)", ("lr=", "-1", "[0, inf)")),
        ("optim.SGD([W], lr=nan)", ("lr=", "nan", "[0, inf)")),
        ("optim.SGD([W], lr=inf)", ("lr=", "inf", "[0, inf)")),
        ("optim.Adam([W], lr=np.float64(nan))", ("lr=np.float64(nan)", "[0, inf)")),
        ("optim.SGD([W], momentum=1.5)", ("momentum=1.5", "[0, 1)")),
        ("optim.SGD([W], weight_decay=-0.1)", ("weight_decay=-0.1", "[0, inf)")),
        ("optim.SGD([W], nesterov=True)", ("nesterov=True", "momentum > 0")),
        ("optim.RMSprop([W], alpha=1.0)", ("alpha=1.0", "[0, 1)")),
        ("optim.RMSprop([W], momentum=nan)", ("momentum=nan", "[0, 1)")),
        ("optim.RMSprop([W], eps=-1.0)", ("eps=-1.0", "[0, inf)")),
        ("optim.Adam([W], betas=(-0.1, 0.9))", ("betas[0]=-0.1", "[0, 1)")),
        ("optim.AdamW([W], betas=(0.9, 1.0))", ("betas[1]=1.0", "[0, 1)")),
        ("optim.SGD([Tensor([1.0])])", ("params has 1 Tensors", "requires_grad")),
        ("optim.SGD([])", ("params has 0 Tensors", "expected at least one")),
        ("optim.SGD([W, W])", ("params has 2 entries", "twice")),
        ("optim.StepLR(optim.SGD([W]), 0)", ("step_size=0", "at least 1")),
        ("optim.StepLR(optim.SGD([W]), 2, -1.0)", ("gamma=-1.0", "[0, inf)")),
        ("optim.CosineAnnealingLR(optim.SGD([W]), 0)", ("T_max=0", "at least 1")),
        ("optim.clip_grad_norm([W], 0.0)", ("max_norm=0.0", "(0, inf)")),
        ("DataLoader(np.zeros(3), batch_size=0)", ("batch_size=0", "at least 1")),
        ("optim.LinearLR(optim.SGD([W]), total_iters=0)", ("total_iters=0", "at least 1")),
        ("optim.ExponentialLR(optim.SGD([W]), -0.5)", ("gamma=-0.5", "[0, inf)")),
        ("nn.Dropout(1.1)", ("p=1.1", "[0, 1]")),
        ("nn.Dropout(nan)", ("p=nan", "[0, 1]")),
        ("nn.BatchNorm1d(0)", ("num_features=0", "at least 1")),
        ("nn.BatchNorm1d(3, momentum=1.5)", ("momentum=1.5", "[0, 1]")),
        ("nn.LayerNorm((3, 0))", ("normalized_shape=0", "at least 1")),
        ("nn.Linear(0, 2)", ("in_features=0", "at least 1")),
        ("nn.LeakyReLU(nan)", ("negative_slope=nan", "finite")),
        ("nn.LeakyReLU(-inf)", ("negative_slope=-inf", "finite")),
        ("nn.GELU('erf')", ("approximate='erf'", "'none' or 'tanh'")),
        ("nn.MSELoss(reduction='all')", ("reduction='all'", "'mean', 'sum' or 'none'")),
    ],
    ids=spelled,
)
def test_row_22_settings_out_of_range(make, parts):
    with says(ValueError, *parts):
        eval(make)


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        ("optim.SGD([W], lr='0.1')", ("lr='0.1' is a str", "finite number")),
        ("optim.SGD([W], lr=None)", ("lr=None is a NoneType", "finite number")),
        ("optim.SGD([W], lr=True)", ("lr=True is a bool", "finite number")),
        ("optim.SGD(W)", ("params is a Tensor of shape (2,)", "a list")),
        ("optim.SGD([W, 3.0])", ("params[1] is a float", "model.parameters()")),
        ("nn.Linear(2.0, 1)", ("in_features=2.0 is a float", "an integer")),
        ("DataLoader(np.zeros(3), batch_size=1.5)", ("batch_size=1.5", "an integer")),
    ],
    ids=spelled,
)
def test_row_22_settings_of_the_wrong_kind(make, parts):
    with says(TypeError, *parts):
        eval(make)


def test_row_23_backward_out_of_turn():
    with says(RuntimeError, "does not require grad", "before calling backward()"):
        Tensor([1.0]).backward()
    with says(RuntimeError, "no parameter has a gradient", "loss.backward() before step()"):
        optim.SGD([Tensor([1.0], requires_grad=True)]).step()
    loss = (Tensor([1.0], requires_grad=True) * 2.0).sum()
    loss.backward()
    with says(RuntimeError, "Trying to backward", "a second time", "retain_graph=True"):
        loss.backward()


def test_row_23_saved_arrays_cannot_change_unnoticed():
    x, w = np.ones((1, 2)), Tensor(np.ones((1, 2)), requires_grad=True)
    with detect_changes():
        loss = nn.MSELoss()(F.linear(x, w), np.zeros((1, 1)))
    for array in (w.data, loss.data):
        assert not array.flags.writeable
    x[0, 0] = 5.0
    with says(RuntimeError, "linear", "modified by an inplace operation", "write to a copy"):
        loss.backward()


def test_row_24_gradients_that_are_not_finite():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    optimizer = optim.Adam(model.parameters())
    for p in model.parameters():
        p.grad = np.ones(p.shape, np.float32)
    for _ in range(36):
        optimizer.step()
    before = model.state_dict()
    model[2].weight.grad = np.array([[nan, nan, inf]], np.float32)
    message = "grad of 2.weight has 2 nan and 1 inf", "expected finite numbers"
    with says(NonFiniteError, f"step 37: {message[0]}", message[1]):
        optimizer.step()
    with says(NonFiniteError, *message):
        optim.clip_grad_norm(model.parameters(), 1.0)
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_row_24_a_loss_that_is_not_finite():
    model = nn.Linear(1, 1, dtype=np.float64)
    x, y = np.ones((2, 1)), np.ones((2, 1))
    seen = []

    class Noting(nn.MSELoss):
        def forward(self, x, target):
            seen.append(model.state_dict())
            return super().forward(x, target)

    optimizer = optim.SGD(model.parameters(), lr=0.1)
    with says(NonFiniteError, "step 3: loss is nan", "expected a finite number"):
        fit(
            model, Noting(), optimizer, [(x, y), (x, y), (x * nan, y)], epochs=1, progress=False
        )  # fmt: skip
    np.testing.assert_array_equal(model.weight.data, seen[-1]["weight"])
    assert optimizer.t == 2


def test_row_25_a_state_that_does_not_fit():
    model = nn.Linear(3, 2)
    before = model.state_dict()
    state = {"weight": np.zeros((3, 2)), "bais": np.zeros(2, np.float32)}
    with says(
        CheckpointError,
        "nothing was loaded",
        "missing: bias (2,)",
        "unexpected: bais (2,)",
        "weight: shape (3, 2), expected (2, 3)",
    ):
        model.load_state_dict(state)
    with says(CheckpointError, "weight: dtype float64, expected float32"):
        model.load_state_dict({**before, "weight": np.zeros((2, 3)), "bias": np.zeros(2, "f4")})
    assert issubclass(CheckpointError, ValueError)
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
