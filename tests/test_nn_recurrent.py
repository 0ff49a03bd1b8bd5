"""RNN, LSTM and GRU against torch, over random shapes; masks, states, dropout, work."""

from __future__ import annotations

import copy
import sys

import numpy as np
import pytest
import torch
from compare import close, close_gradients, evaluated, from_torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook import Tensor, manual_seed, nn, no_grad, optim

tnn = torch.nn


def ends(lengths, T):
    return np.arange(T) < np.array(lengths)[:, None]


@settings(max_examples=60)
@given(data=st.data())
def test_recurrent_layers_equal_torch(data):
    """Outputs, last states, every gradient: layers, directions, masks, first states, backends."""
    name = data.draw(st.sampled_from(["RNN", "LSTM", "GRU"]))
    N, T, D, H = (data.draw(st.integers(1, 4)) for _ in range(4))
    layers, both, bias = (
        data.draw(st.integers(1, 3)),
        data.draw(st.booleans()),
        data.draw(st.booleans()),
    )
    first = data.draw(st.booleans())
    kw = {"num_layers": layers, "bidirectional": both, "bias": bias, "batch_first": first}
    ours, theirs = from_torch(
        lambda: getattr(nn, name)(D, H, **kw), lambda: getattr(tnn, name)(D, H, **kw)
    )
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x = rng.standard_normal((N, T, D) if first else (T, N, D))
    rows = layers * (2 if both else 1)
    states = [rng.standard_normal((rows, N, H)) for _ in range(2 if name == "LSTM" else 1)]
    given_state = data.draw(st.booleans())
    lengths = [data.draw(st.integers(1, T)) for _ in range(N)] if data.draw(st.booleans()) else None

    b, bs = (
        torch.tensor(x, requires_grad=True),
        [torch.tensor(s, requires_grad=True) for s in states],
    )
    start = (tuple(bs) if name == "LSTM" else bs[0]) if given_state else None
    inputs = b
    if lengths:
        inputs = tnn.utils.rnn.pack_padded_sequence(b, lengths, first, enforce_sorted=False)
    want, last = theirs(inputs, start)
    if lengths:
        want, _ = tnn.utils.rnn.pad_packed_sequence(want, first, total_length=T)
    wanted = (want, *(last if name == "LSTM" else (last,)))
    dys = [rng.standard_normal(w.shape) for w in wanted]
    sum((w * torch.tensor(dy)).sum() for w, dy in zip(wanted, dys, strict=True)).backward()

    for make in (np.array, torch.tensor):
        model = copy.deepcopy(ours).to(make(x))
        a, as_ = (Tensor(make(x), requires_grad=True), [Tensor(make(s), True) for s in states])
        start = (tuple(as_) if name == "LSTM" else as_[0]) if given_state else None
        y, last = model(a, start, mask=make(ends(lengths, T)) if lengths else None)
        got = (y, *(last if name == "LSTM" else (last,)))
        total = 0
        for g, w, dy in zip(got, wanted, dys, strict=True):
            close(g.numpy(), w)
            total = (g * make(dy)).sum() + total
        total.backward()
        close(a.grad, b.grad)
        if given_state:
            for s, t in zip(as_, bs, strict=True):
                close(s.grad, t.grad)
        close_gradients(model, theirs)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_a_single_sequence_equals_torchs(name, rng):
    kw = {"num_layers": 2, "bidirectional": True, "batch_first": True}
    ours, theirs = from_torch(
        lambda: getattr(nn, name)(3, 5, **kw), lambda: getattr(tnn, name)(3, 5, **kw)
    )
    x = rng.standard_normal((4, 3))
    (y, last), (want, wanted) = ours(x), theirs(torch.tensor(x))
    lasts = zip(last, wanted, strict=True) if name == "LSTM" else [(last, wanted)]
    for a, b in ((y, want), *lasts):
        close(a, b)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_names_order_and_initial_values_are_torchs(name):
    kw = {"num_layers": 2, "bidirectional": True}
    ours, theirs = getattr(nn, name)(3, 50, **kw), getattr(tnn, name)(3, 50, **kw)
    assert [(k, v.shape) for k, v in ours.state_dict().items()] == [
        (k, tuple(v.shape)) for k, v in theirs.state_dict().items()
    ]
    bound = 50**-0.5
    for value in ours.state_dict().values():
        assert 0.8 * bound < np.abs(value).max() <= bound
    assert repr(ours).startswith(f"{name}(3 -> 50, num_layers=2, bidirectional=True)")


def test_what_comes_after_the_end_of_a_sequence_does_not_matter():
    rng = np.random.default_rng(0)
    model = nn.LSTM(3, 4, num_layers=2, bidirectional=True).double()
    x = rng.standard_normal((2, 5, 3))
    mask = ends([3, 5], 5)
    y, (h, _) = model(x, mask=mask)
    changed = x.copy()
    changed[0, 3:] = 1e3
    z, (g, _) = model(changed, mask=mask)
    np.testing.assert_array_equal(y.numpy(), z.numpy())
    np.testing.assert_array_equal(h.numpy(), g.numpy())
    assert (y.numpy()[0, 3:] == 0).all()
    alone, (k, _) = model(x[:1, :3])
    close(y.numpy()[:1, :3], alone.numpy())
    close(h.numpy()[:, :1], k.numpy())


def test_a_sequence_in_two_halves_is_the_whole():
    x = np.random.default_rng(0).standard_normal((2, 6, 3))
    for model in (nn.RNN(3, 4, 2).double(), nn.GRU(3, 4, 2).double(), nn.LSTM(3, 4, 2).double()):
        whole, end = model(x)
        first, state = model(x[:, :3])
        second, last = model(x[:, 3:], state)
        close(np.concatenate([first.numpy(), second.numpy()], axis=1), whole.numpy())
        for a, b in zip(
            last if isinstance(last, tuple) else (last,),
            end if isinstance(end, tuple) else (end,),
            strict=True,
        ):
            close(a.numpy(), b.numpy())


def test_dropout_stands_between_layers_only():
    x = np.random.default_rng(0).standard_normal((2, 6, 3)).astype(np.float32)
    manual_seed(0)
    with pytest.warns(UserWarning, match="num_layers=1 has no between"):
        one = nn.LSTM(3, 4, dropout=0.5)
    two = nn.LSTM(3, 4, num_layers=2, dropout=0.5)
    assert (one(x)[0].numpy() == one(x)[0].numpy()).all()
    assert (two(x)[0].numpy() != two(x)[0].numpy()).any()
    two.eval()
    assert (two(x)[0].numpy() == two(x)[0].numpy()).all()
    plain = nn.LSTM(3, 4, num_layers=2)
    plain.load_state_dict(two.state_dict())
    assert (plain(x)[0].numpy() == two(x)[0].numpy()).all()


def test_the_work_is_linear_in_the_length():
    """Calls are counted, not seconds: a graph that indexes its input step by step is quadratic."""
    model, calls = nn.LSTM(3, 4), 0

    def count(frame, event, argument):
        nonlocal calls
        calls += 1

    def work(T):
        nonlocal calls
        calls = 0
        sys.setprofile(count)
        try:
            model(np.ones((2, T, 3), np.float32))[0].sum().backward()
        finally:
            sys.setprofile(None)
        return calls

    work(10)
    assert work(400) / work(100) < 4.2


def test_a_stacked_lstm_trains_step_by_step_like_torch():
    """LSTM(50)-LSTM(50)-Dense(1), mean squared error, Adam: 20 losses from the same weights."""
    rng = np.random.default_rng(0)
    theirs = tnn.LSTM(1, 50, num_layers=2, batch_first=True).double()
    head = tnn.Linear(50, 1).double()
    ours, ours_head = nn.LSTM(1, 50, num_layers=2).double(), nn.Linear(50, 1).double()
    ours.load_state_dict(theirs.state_dict())
    ours_head.load_state_dict(head.state_dict())
    mine = optim.Adam([*ours.parameters(), *ours_head.parameters()], lr=1e-2)
    other = torch.optim.Adam([*theirs.parameters(), *head.parameters()], lr=1e-2)
    for _ in range(20):
        x = rng.standard_normal((8, 12, 1))
        y = np.sin(x.sum(axis=1))
        a = nn.MSELoss()(ours_head(ours(x)[0][:, -1]), y)
        b = tnn.MSELoss()(head(theirs(torch.tensor(x))[0][:, -1]), torch.tensor(y))
        for loss, optimizer in ((a, mine), (b, other)):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        assert abs(a.item() - b.item()) < 1e-10


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        ("nn.LSTM(3, 4)(np.ones(3))", ValueError,
         r"LSTM\(3 -> 4\) got input \(3,\): expected \(N, T, input_size=3\) or \(T, input_size=3\)"),
        ("nn.LSTM(3, 4)(np.ones((2, 5, 4)))", ValueError,
         r"input \(2, 5, 4\): expected \(N, T, input_size=3\)"),
        ("nn.LSTM(3, 4)(np.ones((2, 0, 3)))", ValueError, "empty batch"),
        ("nn.LSTM(3, 4)(np.ones((2, 5, 3)), np.ones((1, 2, 4)))", TypeError,
         r"expected the state as a pair \(h, c\)"),
        ("nn.GRU(3, 4)(np.ones((2, 5, 3)), np.ones((2, 2, 4)))", ValueError,
         r"state h has shape \(2, 2, 4\), expected \(1, 2, 4\)"),
        ("nn.RNN(3, 4)(np.ones((2, 5, 3)), mask=np.ones((2, 5)))", ValueError,
         r"mask has dtype float64 and shape \(2, 5\): expected booleans \(2, 5\)"),
        ("nn.RNN(3, 4)(np.ones((2, 5, 3)), mask=np.ones((2, 4), bool))", ValueError,
         r"mask has dtype bool and shape \(2, 4\): expected booleans \(2, 5\)"),
        ("nn.GRU(3, 0)", ValueError, "hidden_size=0"),
        ("nn.GRU(3, 4, dropout=2)", ValueError, "dropout=2"),
    ],
)  # fmt: skip
def test_mistakes_are_told(call, error, text):
    with pytest.raises(error, match=text):
        evaluated(call)


def test_nothing_is_recorded_without_need():
    with no_grad():
        y, (h, c) = nn.LSTM(3, 4)(np.ones((2, 5, 3)))
    assert not any(t.requires_grad for t in (y, h, c))
