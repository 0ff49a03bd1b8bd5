"""Optimizers, schedules and clipping against torch.optim, over steps with changing gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from compare import agree, spelled

from dlbook import Tensor, optim
from dlbook import functional as F
from dlbook.checks import CheckpointError, NonFiniteError

RULES = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
    ("RMSprop", {"lr": 0.01}),
    ("RMSprop", {"lr": 0.01, "alpha": 0.8, "eps": 1e-3}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.05}),
    ("Adam", {}),
    ("Adam", {"lr": 0.05, "betas": (0.7, 0.95), "eps": 1e-4, "weight_decay": 0.05}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.2, "betas": (0.8, 0.9)}),
]
DEFAULTS = [(name, {}) for name in ("SGD", "RMSprop", "Adam", "AdamW")]


def pair(rng, *shapes, make=np.array):
    start = [rng.standard_normal(shape) for shape in shapes]
    ours = [Tensor(make(w), requires_grad=True) for w in start]
    return ours, [torch.tensor(w, requires_grad=True) for w in start]


def give(ours, theirs, grads):
    for a, b, g in zip(ours, theirs, grads, strict=True):
        make = torch.tensor if isinstance(a.data, torch.Tensor) else np.array
        a.grad = None if g is None else make(g)
        b.grad = None if g is None else torch.tensor(g)


@pytest.mark.parametrize("make", [np.array, torch.tensor])
@pytest.mark.parametrize(("name", "settings"), RULES + DEFAULTS[:2], ids=spelled)
def test_fifty_steps_equal_torch(name, settings, make, rng):
    """A bowl with noise; the last parameter has a gradient only now and then."""
    ours, theirs = pair(rng, (3, 2), (4,), (2,), make=make)
    a, b = (getattr(m, name)(p, **settings) for m, p in ((optim, ours), (torch.optim, theirs)))
    for t in range(50):
        grads = [w.numpy() * (k + 1) + rng.standard_normal(w.shape) for k, w in enumerate(ours)]
        give(ours, theirs, grads[:2] + [grads[2] if t % 7 == 3 else None])
        before = ours[2].data
        a.step()
        b.step()
        agree(ours, theirs)
        assert t % 7 == 3 or ours[2].data is before, "no gradient: left alone, decay and all"


def test_float32_stays_float32(rng):
    """A learning rate out of np.logspace is a float64."""
    for name, settings in RULES:
        w = Tensor(np.ones(3, np.float32), requires_grad=True)
        optimizer = getattr(optim, name)([w], **{**settings, "lr": np.float64(0.1)})
        w.grad = np.ones(3, np.float32)
        optimizer.step()
        assert w.dtype == np.float32, name


def test_a_gradient_of_another_dtype_is_refused_as_in_pytorch():
    """A step in float32 and float64 would change the dtype of the weights without a word."""
    for dtype, other in ((np.float32, np.float64), (np.float64, np.float32)):
        w = Tensor(np.ones(3, dtype), requires_grad=True)
        w.grad = np.ones(3, other)
        with pytest.raises(ValueError, match=r"grad of .*float.*expected the parameter's"):
            optim.SGD([w], lr=0.1).step()
        assert w.data.tolist() == [1.0, 1.0, 1.0]


def test_a_graph_recorded_before_a_step_stays_correct():
    w = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.5)
    old = (w * w).sum()
    w.grad = np.array([10.0, 10.0])
    optimizer.step()
    assert w.data.tolist() == [-4.0, -3.0]
    optimizer.zero_grad()
    assert w.grad is None
    old.backward()
    assert w.grad.tolist() == [2.0, 4.0]


def test_a_step_writes_into_no_array():
    start, g = np.ones(2), np.ones(2)
    w = Tensor(start, requires_grad=True)
    held = w.data
    for name, settings in RULES:
        optimizer = getattr(optim, name)([w], **settings)
        for _ in range(3):
            w.grad = g
            optimizer.step()
    assert [a.tolist() for a in (start, held, g)] == [[1.0, 1.0]] * 3


def test_nothing_moves_when_a_gradient_is_not_finite():
    a, b = (Tensor(np.ones(3), requires_grad=True, name=n) for n in ("first", "second"))
    optimizer = optim.Adam([a, b])
    a.grad, b.grad = np.ones(3), np.array([np.nan, np.inf, np.nan])
    with pytest.raises(NonFiniteError, match="step 1: grad of second has 2 nan and 1 inf"):
        optimizer.step()
    assert a.data.tolist() == [1.0, 1.0, 1.0]
    assert optimizer.t == 0
    b.grad = np.full(3, 1e200)  # its sum of squares is infinite, the gradient is not
    optim.SGD([b], lr=1e-200).step()
    np.testing.assert_allclose(b.data, 0.0, atol=1e-12)


def ever_slower(epoch):
    return 0.9**epoch / (1 + epoch)


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        ("StepLR", {"step_size": 3}),
        ("StepLR", {"step_size": 1, "gamma": 0.9}),
        ("ExponentialLR", {"gamma": 0.8}),
        ("LinearLR", {}),
        ("LinearLR", {"start_factor": 0.1, "end_factor": 0.5, "total_iters": 7}),
        ("LambdaLR", {"lr_lambda": ever_slower}),
        ("CosineAnnealingLR", {"T_max": 10}),
        ("CosineAnnealingLR", {"T_max": 12, "eta_min": 0.01}),
    ],
    ids=spelled,
)
def test_schedules_equal_torch(make, settings, rng):
    ours, theirs = pair(rng, (2,))
    a, b = optim.SGD(ours, lr=0.2), torch.optim.SGD(theirs, lr=0.2)
    schedule = getattr(optim, make)(a, **settings)
    other = getattr(torch.optim.lr_scheduler, make)(b, **settings)
    for _ in range(12):
        give(ours, theirs, [np.ones(2)])
        a.step()
        b.step()
        agree(ours, theirs)
        schedule.step()
        other.step()
        assert a.lr == pytest.approx(b.param_groups[0]["lr"], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("make", [np.array, torch.tensor])
@pytest.mark.parametrize("max_norm", [0.1, 3.0, 100.0])
def test_clip_grad_norm_equals_torch(max_norm, make, rng):
    ours, theirs = pair(rng, (3, 2), (4,), (2,), make=make)
    grads = [rng.standard_normal((3, 2)), 5 * rng.standard_normal(4), None]
    give(ours, theirs, grads)
    given = ours[1].grad
    norm = optim.clip_grad_norm((p for p in ours), max_norm)
    assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(theirs, max_norm).item(), rel=1e-12)
    for a, b in zip(ours[:2], theirs, strict=False):
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-12)
    assert given.tolist() == grads[1].tolist(), "the array that was there is not written into"
    assert ours[2].grad is None


def test_clip_refuses_what_it_cannot_scale():
    w = Tensor(np.ones(2, np.float32), requires_grad=True, name="w")
    w.grad = np.array([np.nan, 1.0], np.float32)
    with pytest.raises(NonFiniteError, match="grad of w has 1 nan"):
        optim.clip_grad_norm([w], 1.0)
    w.grad = np.array([1e25, 1.0], np.float32)  # its square is beyond float32
    with np.errstate(over="ignore"), pytest.raises(NonFiniteError, match=r"norm .* is inf"):
        optim.clip_grad_norm([w], 1.0)
    assert w.grad.tolist() == np.array([1e25, 1.0], np.float32).tolist()


def test_a_rule_of_ones_own():
    """What a reader writes: one method."""

    class SignSGD(optim.Optimizer):
        def direction(self, g, s):
            return np.sign(g)

    w = Tensor([1.0, -2.0], requires_grad=True)
    optimizer = SignSGD([w], lr=0.5)
    F.sum(w * w).backward()
    optimizer.step()
    assert w.data.tolist() == [0.5, -1.5]


def test_the_learning_rate_is_checked_whenever_it_is_set():
    w = Tensor(np.ones(2, np.float32), requires_grad=True)
    update = optim.SGD([w], lr=0.1)
    update.lr = np.float64(0.01)
    assert type(update.lr) is float
    with pytest.raises(ValueError, match="lr=nan"):
        update.lr = float("nan")


def test_computed_tensors_are_no_parameters():
    w = Tensor([1.0], requires_grad=True)
    with pytest.raises(ValueError, match="twice"):
        optim.SGD([{"params": [w]}, {"params": [w]}])
    with pytest.raises(ValueError, match="computed Tensor"):
        optim.SGD([w * 2.0])


def test_clipping_takes_a_single_tensor():
    w = Tensor([1.0, 1.0], requires_grad=True)
    w.grad = np.array([3.0, 4.0])
    assert optim.clip_grad_norm(w, 1.0) == 5.0
    np.testing.assert_allclose(w.grad, [0.6, 0.8], rtol=1e-6)


# --- What a rule keeps ----------------------------------------------------------------------------

KEPT = [  # of the memory, what is no longer 0 after three steps
    ("SGD", {"lr": 0.1}, set()),
    ("SGD", {"lr": 0.1, "weight_decay": 0.05}, set()),
    ("SGD", {"lr": 0.1, "momentum": 0.9}, {"v"}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}, {"v"}),
    ("RMSprop", {"alpha": 0.8}, {"v"}),
    ("RMSprop", {"momentum": 0.9}, {"v", "d"}),
    ("Adam", {}, {"m", "v"}),
    ("Adam", {"weight_decay": 0.05}, {"m", "v"}),
    ("AdamW", {}, {"m", "v"}),
]


@pytest.mark.parametrize(("name", "settings", "used"), KEPT, ids=spelled)
def test_the_memory_names_exactly_what_the_state_holds(name, settings, used, rng):
    params = [Tensor(np.ones(shape), requires_grad=True) for shape in ((3, 2), (4,))]
    optimizer = getattr(optim, name)(params, **settings)
    for _ in range(3):
        for p in params:
            p.grad = rng.standard_normal(p.shape)
        optimizer.step()
    for p, state in zip(params, optimizer.state, strict=True):
        assert set(vars(state)) == {"t", *optimizer.memory}
        assert state.t == 3
        moved = {key for key in optimizer.memory if np.any(getattr(state, key))}
        assert moved == used
        assert all(getattr(state, key).shape == p.shape for key in used)


def test_every_rule_is_there_with_all_that_it_keeps():
    rules = {
        c for c in vars(optim).values() if isinstance(c, type) and issubclass(c, optim.Optimizer)
    }
    wanted = {c.__name__: set(c.memory) for c in rules - {optim.Optimizer}}
    kept = {name: set() for name, _, _ in KEPT}
    for name, _, used in KEPT:
        kept[name] |= used
    assert kept == wanted
    assert {name for name, _ in RULES} == set(wanted), "each against torch"
    assert optim.Optimizer.memory == ()


def test_a_step_that_overflows_changes_nothing():
    p = Tensor(np.array([1.0, 2.0], np.float32), requires_grad=True)
    q = Tensor(np.array([3.0], np.float32), requires_grad=True)
    optimizer = optim.SGD([q, p], lr=1e38, momentum=0.9)
    q.grad, p.grad = np.array([1e-38], np.float32), np.array([1.0, 1e3], np.float32)
    with (
        np.errstate(over="ignore"),
        pytest.raises(FloatingPointError, match="after the step has 1 inf"),
    ):
        optimizer.step()
    assert (p.data.tolist(), q.data.tolist(), optimizer.t) == ([1.0, 2.0], [3.0], 0)
    assert [vars(s) for s in optimizer.state] == [{"t": 0, "v": 0.0}] * 2


def test_a_schedule_that_is_loaded_is_the_one_that_is_followed():
    optimizer = optim.SGD([Tensor(np.ones(1), requires_grad=True)], lr=1.0)
    optimizer.t = 1
    first, second = optim.StepLR(optimizer, 1), optim.ExponentialLR(optimizer, 0.5)
    first.load_state_dict({"last_epoch": 3})
    assert first.last_epoch == 3
    with pytest.raises(RuntimeError, match="already follows a StepLR"):
        second.step()
    with pytest.raises(CheckpointError, match="last_epoch"):
        first.load_state_dict({"best": 1})


IN_A_ROW = {
    "MultiStepLR": lambda o, n: n.MultiStepLR(o, [2, 5], 0.5),
    "OneCycleLR": lambda o, n: n.OneCycleLR(o, 0.5, 12, **ONE_CYCLE.get(n, {})),
    "SequentialLR": lambda o, n: n.SequentialLR(
        o, [n.LinearLR(o, 0.1, 1.0, 3), n.ExponentialLR(o, 0.9)], [3]
    ),
    "ReduceLROnPlateau": lambda o, n: n.ReduceLROnPlateau(o, factor=0.5, patience=1),
}
ONE_CYCLE = {torch.optim.lr_scheduler: {"cycle_momentum": False}}  # ours leaves momentum alone


@pytest.mark.parametrize("name", IN_A_ROW)
def test_schedules_of_two_groups_equal_torch(name):
    make = IN_A_ROW[name]
    start = [np.ones(3), np.ones(2)]
    ours = [Tensor(a, requires_grad=True) for a in start]
    theirs = [torch.tensor(a, requires_grad=True) for a in start]
    runs = []
    for params, library, schedules in (
        (ours, optim, optim),
        (theirs, torch.optim, torch.optim.lr_scheduler),
    ):
        first, second = ({"params": [p]} for p in params)
        groups = [first, second | {"lr": 0.01, "weight_decay": 0.1}]
        optimizer = library.SGD(groups, lr=0.1, momentum=0.9)
        schedule = make(optimizer, schedules)
        rates = []
        for measure in [3.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0]:
            optimizer.zero_grad()
            (params[0] ** 2).sum().backward()
            (params[1] ** 3).sum().backward()
            optimizer.step()
            schedule.step(*([measure] if name == "ReduceLROnPlateau" else []))
            found = optimizer.groups if library is optim else optimizer.param_groups
            rates.append([g.lr if library is optim else g["lr"] for g in found])
        if library is optim:
            assert schedule.base_lr == 0.1, "of the first group"
        runs.append(rates)
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-12)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.data, other.detach().numpy(), rtol=1e-12)


@pytest.mark.parametrize("kw", [{}, {"mode": "max"}, {"threshold": 0.3}], ids=spelled)
def test_a_plateau_is_waited_for_as_in_torch(kw):
    """From a new schedule after the fourth measure, which goes on where the first one was."""
    ours, theirs = pair(np.random.default_rng(0), (2,))
    a, b = optim.SGD(ours, lr=0.2), torch.optim.SGD(theirs, lr=0.2)
    make = lambda: optim.ReduceLROnPlateau(a, patience=1, factor=0.5, **kw)  # noqa: E731
    schedule = make()
    other = torch.optim.lr_scheduler.ReduceLROnPlateau(b, patience=1, factor=0.5, **kw)
    a.t = 1
    for k, measure in enumerate([4.0, 3.0, 3.2, 3.0, 2.5, 2.5, 2.4, 5.0, 6.0, 6.5]):
        if k == 4:
            state, schedule = schedule.state_dict(), make()
            schedule.load_state_dict(state)
        schedule.step(measure)
        other.step(measure)
        assert a.lr == pytest.approx(b.param_groups[0]["lr"], rel=1e-12)


def test_one_cycle_has_an_end():
    optimizer = optim.SGD([Tensor(np.ones(1), requires_grad=True)], lr=1.0)
    optimizer.t, schedule = 1, optim.OneCycleLR(optimizer, 0.5, 3)
    schedule.step()
    schedule.step()
    assert optimizer.lr == pytest.approx(0.5 / 25 / 1e4)
    with pytest.raises(ValueError, match="step 3 of a cycle of 3 steps: expected fewer calls"):
        schedule.step()


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_the_state_of_an_optimizer_goes_on_where_it_was(make):
    """Saved after three steps and loaded into a new one, of either library: the next are the same."""
    for rule, settings in (
        (optim.SGD, {"lr": 0.1, "momentum": 0.9}),
        (optim.RMSprop, {"lr": 0.1, "momentum": 0.5}),
        (optim.Adam, {"lr": 0.1}),
        (optim.AdamW, {"lr": 0.1}),
    ):
        p = Tensor(np.array([1.0, -2.0]), requires_grad=True)
        one = rule([p], **settings)
        for _ in range(3):
            one.zero_grad()
            (p * p).sum().backward()
            one.step()
        one.lr = 0.05
        q = Tensor(make(p.numpy()), requires_grad=True)
        two = rule([q], lr=1.0, **{k: v for k, v in settings.items() if k != "lr"})
        two.load_state_dict(one.state_dict())
        assert (two.t, two.lr, two.groups[0].initial_lr) == (3, 0.05, 0.1)
        taken = one.state_dict()["state"][0]  # a copy: what is done to it is of no consequence
        taken["t"] = 99
        for value in taken.values():
            if np.ndim(value):
                value += 1.0
        for w, optimizer in ((p, one), (q, two)):
            optimizer.zero_grad()
            (w * w).sum().backward()
            optimizer.step()
        np.testing.assert_allclose(q.numpy(), p.numpy(), rtol=1e-15)
        kept = [v for v in vars(two.state[0]).values() if np.ndim(v)]
        assert {isinstance(v, torch.Tensor) for v in kept} == {make is torch.tensor}
        other = optim.Adam([Tensor(np.ones(3), requires_grad=True)])
        with pytest.raises(CheckpointError):
            other.load_state_dict(one.state_dict() | {"state": []})


def test_an_infinite_mean_square_is_a_state_to_go_on_from():
    """In float32 the square of a gradient of 1e20 overflows; the step is 0 then, and training goes on."""
    w = Tensor(np.ones(1, np.float32), requires_grad=True)
    one, two = optim.RMSprop([w]), optim.RMSprop([w])
    one.state[0].v = np.array([np.inf], np.float32)
    two.load_state_dict(one.state_dict())
    assert two.state[0].v.tolist() == [np.inf]
