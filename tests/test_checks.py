"""The door, check by check: what goes through, what it becomes, what is said of the rest."""

from __future__ import annotations

from types import SimpleNamespace

import array_api_strict
import numpy as np
import pytest
import torch
from compare import evaluated, says, spelled

from dlbook import Tensor, checks, nn

WHO = nn.Linear(3, 2)  # for messages


def test_errors_are_those_that_others_raise():
    assert checks.DataFormatError.__mro__[1] is ValueError
    assert checks.CheckpointError.__mro__[1] is ValueError
    assert checks.NonFiniteError.__mro__[1] is FloatingPointError


# --- Shapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("takes", "sizes", "found", "others"),
    [
        ("N C H W", {}, (2, 3, 5, 7), {"N": 2, "C": 3, "H": 5, "W": 7}),
        ("N in H W", {"in": 3}, (2, 3, 5, 7), {"N": 2, "H": 5, "W": 7}),
        ("... in", {"in": 3}, (3,), {}),
        ("... in", {"in": 3}, (0, 5, 3), {}),
        ("N C ...", {}, (2, 3), {"N": 2, "C": 3}),
        ("N C ...", {}, (2, 3, 4, 5), {"N": 2, "C": 3}),
        ("...", {}, (), {}),
        ("...", {}, (2, 3), {}),
        ("... last", {"last": (4, 3)}, (4, 3), {}),
        ("... last", {"last": (4, 3)}, (2, 4, 3), {}),
        ("N F | N F L", {"F": 3}, (2, 3), {"N": 2}),
        ("N F | N F L", {"F": 3}, (2, 3, 5), {"N": 2, "L": 5}),
        ("N N", {}, (4, 4), {"N": 4}),
        ("N S E", {"N": 2, "E": 6, "T": 9}, (2, 5, 6), {"S": 5}),
    ],
    ids=spelled,
)
def test_shapes_that_fit_tell_the_sizes_that_were_open(takes, sizes, found, others):
    assert checks.shape(WHO, "input", found, takes, sizes) == others


@pytest.mark.parametrize(
    ("takes", "sizes", "found", "expected"),
    [
        ("N C H W", {}, (2, 3, 5), "(N, C, H, W)"),
        ("N in H W", {"in": 3}, (2, 4, 5, 7), "(N, in=3, H, W)"),
        ("... in", {"in": 3}, (), "(..., in=3)"),
        ("... in", {"in": 3}, (3, 2), "(..., in=3)"),
        ("N C ...", {}, (2,), "(N, C, ...)"),
        ("... last", {"last": (4, 3)}, (3, 4), "(..., last=(4, 3))"),
        ("... last", {"last": (4, 3)}, (3,), "(..., last=(4, 3))"),
        ("N F | N F L", {"F": 3}, (2, 4), "(N, F=3) or (N, F=3, L)"),
        ("N", {}, (2, 2), "(N,)"),
        ("N N", {}, (4, 5), "(N, N)"),
        ("N S E", {"N": 2, "E": 6}, (3, 5, 6), "(N=2, S, E=6)"),
    ],
    ids=spelled,
)
def test_shapes_that_do_not_fit_are_told(takes, sizes, found, expected):
    with pytest.raises(ValueError, match="expected") as caught:
        checks.shape(WHO, "query", found, takes, sizes)
    assert str(caught.value) == f"Linear(3 -> 2) got query {found}: expected {expected}"
    assert checks.written_out(takes, sizes) == expected


@pytest.mark.parametrize(
    ("a", "b", "parts"),
    [
        ((2, 3), (4, 3), ("Expected a batch_size (2) to match b batch_size (4).",)),
        (
            (4, 1),
            (4,),
            (
                "a has shape (4, 1), b has shape (4,)",
                "; to compare entry by entry use b.reshape(4, 1)",
            ),
        ),
        ((4, 1), (4, 2), ("a has shape (4, 1), b has shape (4, 2): expected the same shape",)),
        ((), (1,), ("a has shape (), b has shape (1,): expected the same shape",)),
    ],
    ids=spelled,
)
def test_pairs_of_shapes(a, b, parts):
    checks.same_shape("a", np.zeros(a), "b", np.zeros(a))
    with says(ValueError, *parts):
        checks.same_shape("a", np.zeros(a), "b", np.zeros(b))


def test_lengths():
    x, y = np.zeros((3, 2)), np.zeros(3)
    assert checks.same_length(["x", "y"], [x, y]) == 3
    with says(ValueError, "x has 3 examples, y has 2: expected the same number"):
        checks.same_length(["x", "y"], [x, y[:2]])
    with says(TypeError, "y is a single number: expected an array with one row an example"):
        checks.same_length(["y"], [np.float64(1)])
    with says(ValueError, "x is empty: expected at least 1 example"):
        checks.same_length(["x"], [x[:0]])
    with says(ValueError, "dataset is empty"):
        checks.same_length([], [])
    checks.not_empty(x)
    with says(ValueError, "empty batch: mean undefined (input of shape (3, 0))"):
        checks.not_empty(x[:, :0])


# --- Dtypes -------------------------------------------------------------------------------------


def test_arrays_become_native_and_stay_where_they_are():
    x = np.arange(3.0)
    assert np.shares_memory(checks.native("x", x), x)
    assert checks.native("x", [1, 2]).dtype == np.int64
    assert checks.native("x", x.astype(">f8")).dtype.isnative
    other = torch.ones(2)
    assert checks.native("x", other) is other
    with says(TypeError, "x has dtype <U1 (kind 'U'): expected an array of numbers"):
        checks.native("x", ["a"])


def test_floats_take_the_dtype_of_the_parameters():
    x = np.array([1 / 3])
    assert np.shares_memory(checks.floating("x", x), x)
    rounded = checks.floating("x", x, np.zeros(1, np.float32))
    assert (rounded.dtype, rounded[0]) == (np.float32, np.float32(1 / 3))
    assert checks.floating("x", torch.ones(1), torch.zeros(1).double()).dtype == torch.float64
    with says(TypeError, "x is a torch array, the parameters are numpy arrays", "model.to"):
        checks.floating("x", torch.ones(1), x)
    with says(TypeError, "x has dtype int64: expected a floating-point array; scale to float"):
        checks.floating("x", [1])


def test_tensors_keep_their_history_or_are_refused():
    leaf = Tensor(np.ones(2), requires_grad=True)
    assert checks.tensor("x", leaf, np.zeros(1)) is leaf
    assert checks.tensor("x", Tensor(np.ones(2)), np.zeros(1, "f4")).dtype == np.float32
    assert type(checks.tensor("x", [1.0])) is Tensor
    with says(TypeError, "x is a Tensor of float64 with a history, the layer has float32"):
        checks.tensor("x", leaf, np.zeros(1, "f4"))


# --- Settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "interval"),
    [
        (0, "[0, 1]"), (1, "[0, 1]"), (np.float32(0.5), "(0, 1)"), (1e-300, "(0, inf)"),
        (-7, "(-inf, inf)"), (np.array(2.0), "[0, inf)"),
    ],
    ids=spelled,
)  # fmt: skip
def test_numbers_become_floats(value, interval):
    got = checks.number("p", value, interval)
    assert type(got) is float
    assert got == value


@pytest.mark.parametrize(
    ("value", "interval", "error"),
    [
        ("0", "(0, 1]", ValueError),
        ("1", "[0, 1)", ValueError),
        ("-0.1", "[0, 1]", ValueError),
        ("1.5", "[0, 1]", ValueError),
        ("inf", "[0, inf)", ValueError),
        ("nan", "(-inf, inf)", ValueError),
        ("True", "[0, 1]", TypeError),
        ("'1'", "[0, 1]", TypeError),
        ("None", "[0, 1]", TypeError),
        ("np.ones(1)", "[0, 1]", TypeError),
        ("1j", "[0, 1]", TypeError),
    ],
)
def test_other_numbers_are_refused(value, interval, error):
    value = evaluated(value)
    with says(error, f"p={value!r}", f"expected a finite number in {interval}"):
        checks.number("p", value, interval)


def test_whole_numbers_pairs_and_choices():
    assert checks.positive_int("n", np.int8(3)) == 3
    assert type(checks.positive_int("n", np.int8(3))) is int
    assert checks.positive_int("n", 0, low=0) == 0
    assert checks.pair("k", 3) == (3, 3)
    assert checks.pair("k", [3, np.int64(2)]) == (3, 2)
    assert checks.choice("r", "sum", ("mean", "sum")) == "sum"
    for value in (True, 2.0, "2", np.ones(1, int)):
        with says(TypeError, f"n={value!r} is a {type(value).__name__}: expected an integer"):
            checks.positive_int("n", value)
    with says(ValueError, "n=0: expected an integer of at least 1"):
        checks.positive_int("n", 0)
    with says(ValueError, "k=(1, 2, 3): expected one integer or two (height, width)"):
        checks.pair("k", (1, 2, 3))
    with says(ValueError, "k=0: expected an integer of at least 1"):
        checks.pair("k", (2, 0))
    with says(ValueError, "r='max': expected 'mean', 'none' or 'sum'"):
        checks.choice("r", "max", ("mean", "none", "sum"))


# --- Values -------------------------------------------------------------------------------------

LIBRARIES = pytest.mark.parametrize(
    "make",
    [
        np.asarray,
        lambda a: torch.tensor(np.asarray(a)),
        lambda a: array_api_strict.asarray(np.asarray(a)),
    ],
    ids=["NumPy", "torch", "strict"],
)


@LIBRARIES
def test_values_on_every_library(make):
    inf, nan = np.inf, np.nan
    checks.no_nan("z", make([[0.0, -inf], [1e300, 2.0]]))
    checks.some_finite("z", make([[0.0, -inf], [1e300, 2.0]]))
    checks.all_finite("g", make([1e300, -1e300]))  # their squares are not
    checks.probabilities("p", make([0.0, 1.0]))
    checks.labels("y", make([0, 2]), 3)
    with says(checks.NonFiniteError, "z[1,0] is inf: expected finite numbers"):
        checks.no_nan("z", make([[0.0, -inf], [inf, nan]]))
    with says(ValueError, "row 1 has no finite logit (z is -inf throughout)"):
        checks.some_finite("z", make([[0.0, -inf], [-inf, -inf]]))
    with says(ValueError, "row 0,1 has no finite logit"):
        checks.some_finite("z", make([[[0.0, -inf], [1.0, -inf]]]), axis=1)
    with says(checks.NonFiniteError, "g has 2 nan and 1 inf: expected finite numbers"):
        checks.all_finite("g", make([nan, 1.0, -inf, nan]))
    with says(ValueError, "all elements of p should be between 0 and 1, but p[1] is -0.5: did you"):
        checks.probabilities("p", make([0.5, -0.5, nan]))
    with says(IndexError, "y[0,1]=3 outside 0..2"):
        checks.labels("y", make([[0, 3]]), 3)
    with says(TypeError, "y has dtype", "float64 and shape (1,): expected integer class labels"):
        checks.labels("y", make([0.0]), 3)


def test_scans_are_switched_off_inside_and_on_again_after():
    bad = np.array([np.nan])
    with checks.scans(False):
        checks.no_nan("z", bad)
        checks.all_finite("g", bad)
        checks.some_finite("z", np.array([-np.inf]))
        with checks.scans(True), pytest.raises(checks.NonFiniteError):
            checks.no_nan("z", bad)
        checks.no_nan("z", bad)
    with pytest.raises(ZeroDivisionError), checks.scans(False):
        raise ZeroDivisionError
    with pytest.raises(checks.NonFiniteError):
        checks.no_nan("z", bad)


# --- Targets ------------------------------------------------------------------------------------


def test_targets_of_numbers_take_the_dtype_of_the_prediction():
    x = Tensor(np.zeros(2, np.float32))
    for target in (
        [0, 1],
        np.array([0, 1], np.uint8),
        torch.tensor([0.0, 1.0]),
        Tensor([0.0, 1.0]),
    ):
        _, got = checks.paired("input", x, target, "mean")
        assert (type(got.numpy()), got.dtype, got.numpy().tolist()) == (
            np.ndarray,
            np.float32,
            [0, 1],
        )
    wanted = Tensor(np.ones(2), requires_grad=True)
    assert checks.paired("input", x, wanted, "sum")[1] is wanted
    with says(ValueError, "reduction='all': expected 'mean', 'sum' or 'none'"):
        checks.paired("input", x, wanted, "all")
    with says(ValueError, "empty batch: mean undefined"):
        checks.paired("input", np.zeros((0, 2)), np.zeros((0, 2)), "mean")


def test_targets_of_classes_are_labels_or_probabilities():
    def targets(z, y, ignore_index=-100):
        return checks.class_targets(z, y, "mean", ignore_index)[1]

    z = Tensor(np.zeros((2, 3), np.float32))
    assert targets(z, [0, 2]).tolist() == [0, 2]
    assert targets(z, [0, -100]).tolist() == [0, -100]
    assert targets(z, [0, 7], ignore_index=7).tolist() == [0, 7]
    rows = targets(z, np.eye(3)[:2])
    assert (rows.dtype, rows.tolist()) == (np.float32, [[1, 0, 0], [0, 1, 0]])
    steps = Tensor(np.zeros((2, 3, 4), np.float32))
    assert targets(steps, np.ones((2, 4), int)).shape == (2, 4)
    with says(ValueError, "target has shape (2,): expected integer class labels (2, 4) for logits"):
        targets(steps, [0, 2])
    with says(ValueError, "classes come second: permute the logits", "here (2, 4, 3)"):
        targets(steps, np.zeros((2, 3), int))
    with says(ValueError, "all elements of target", "is 2"):
        targets(z, 2 * np.eye(3)[:2])
    with says(ValueError, "a single class", "BCEWithLogitsLoss"):
        targets(z.data[:, :1], [0, 0])


# --- Data ---------------------------------------------------------------------------------------


def test_batches():
    pair = (np.zeros(2), np.ones(2))
    assert [batch is pair for batch in checks.batches("train", pair)] == [True], "a pair is one"
    assert list(checks.batches("train", [[1, 2], (3, 4)])) == [[1, 2], (3, 4)]
    for empty in ([], iter(())):
        with says(ValueError, "train gave no batches: expected (x, y) pairs, once per epoch"):
            list(checks.batches("train", empty))
    for other in ([np.zeros(2)], [(1, 2, 3)]):
        with says(TypeError, f"train gave a {type(other[0]).__name__}: expected pairs (x, y)"):
            list(checks.batches("train", other))


def test_numbers_and_labels():
    assert checks.reals("x", [[1, 2]]).tolist() == [[1, 2]]
    assert checks.numbers("y", [1, 2]).dtype == np.float64
    y_true, y_pred = checks.label_pair(np.array([200], np.uint8), [True])
    assert (y_true.dtype, y_true.tolist(), y_pred.tolist()) == (np.int64, [200], [1])


# --- Parameters ---------------------------------------------------------------------------------


def test_leaves_are_each_there_once():
    a, b = (Tensor([1.0], requires_grad=flag) for flag in (True, False))
    assert [p is q for p, q in zip(checks.leaves(p for p in (a, b)), (a, b), strict=True)] == [
        True
    ] * 2
    for params, error, part in (
        ([b], ValueError, "params has 1 Tensors and none of them requires_grad"),
        ([a, a], ValueError, "params has 2 entries, but a Tensor stands in it twice"),
        ([a * 2.0], ValueError, "params holds a computed Tensor"),
        ([a, a * 2.0], ValueError, "params holds a computed Tensor"),
        ([a, SimpleNamespace()], TypeError, "params[1] is a SimpleNamespace"),
        (a, TypeError, "params is a Tensor of shape (1,): expected a list of them"),
    ):
        with says(error, part):
            checks.leaves(params)


def test_flags_are_true_or_false_of_either_library():
    for value in (True, False, np.True_, np.False_):
        assert checks.flag("bias", value) is bool(value)
    for other in (1, 0, "yes", None, np.array([True])):
        with says(TypeError, "bias=", "expected True or False"):
            checks.flag("bias", other)


def test_a_place_without_a_finite_logit_is_found_among_the_classes():
    z = np.zeros((2, 3, 2))
    z[1, :, 0] = -np.inf
    with says(ValueError, "row 1,0 has no finite logit"):
        checks.class_targets(z, np.zeros((2, 2), int), "mean", -100)
    z[1, 0, 0], z[0, 0] = 0.0, -np.inf  # one class is ruled out at every place
    checks.class_targets(z, np.ones((2, 2), int), "mean", -100)


def test_padding_may_reach_half_a_window_and_no_more_on_either_side():
    checks.half_padding((1, 1), (2, 3))
    for padding in ((2, 0), (0, 2), (2, 2)):
        with says(ValueError, "pad should be at most half", f"padding={padding}", "(3, 3)"):
            checks.half_padding(padding, (3, 3))
