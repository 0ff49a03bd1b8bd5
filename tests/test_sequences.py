"""Recurrent layers, embeddings and attention against torch, over random shapes."""

from __future__ import annotations

import copy
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_nn import close, close_gradients, from_torch

from dlbook import Tensor, manual_seed, nn, no_grad, optim
from dlbook import functional as F

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
    one, two = nn.LSTM(3, 4, dropout=0.5), nn.LSTM(3, 4, num_layers=2, dropout=0.5)
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


@given(data=st.data())
def test_embedding_equals_torch(data):
    V, D, N, T = (data.draw(st.integers(1, 6), label=n) for n in "VDNT")
    rng = np.random.default_rng(data.draw(st.integers(0, 999), label="seed"))
    ours, theirs = from_torch(lambda: nn.Embedding(V, D), lambda: tnn.Embedding(V, D))
    indices, dy = rng.integers(0, V, (N, T)), rng.standard_normal((N, T, D))
    want = theirs(torch.tensor(indices))
    want.backward(torch.tensor(dy))
    for make in (np.asarray, torch.tensor):  # both backends
        model = copy.deepcopy(ours).to(make(np.zeros(0)))
        y = model(make(indices))
        close(y.numpy(), want)
        y.backward(make(dy))
        close(model.weight.grad, theirs.weight.grad)


def test_embedding_adds_up_repeated_rows(rng):
    model = nn.Embedding(5, 3).double()
    dy = rng.standard_normal((2, 3, 3))
    model(np.array([[0, 4, 0], [0, 2, 4]])).backward(dy)
    close(model.weight.grad[0], dy[0, 0] + dy[0, 2] + dy[1, 0])
    assert (model.weight.grad[[1, 3]] == 0).all()
    assert (nn.Embedding(4, 3, padding_idx=0).weight.numpy()[0] == 0).all()
    assert abs(nn.Embedding(1000, 10, rng=np.random.default_rng(0)).weight.numpy().std() - 1) < 0.02
    assert repr(nn.Embedding(5, 3)) == "Embedding(5 -> 3)  # 15 parameters"


def test_a_query_that_may_look_nowhere_gets_nothing(rng):
    q, k, v = (Tensor(rng.standard_normal((2, 3, 4)), True) for _ in range(3))
    look = np.array([[True, True, True], [False] * 3, [True, False, True]])
    for mask in (look, np.where(look, 0.0, -np.inf)):
        for t in (q, k, v):
            t.grad = None
        y = F.scaled_dot_product_attention(q, k, v, mask=mask)
        assert (y.numpy()[:, 1] == 0).all()
        y.backward(rng.standard_normal(y.shape))
        assert (q.grad[:, 1] == 0).all()
        assert all(np.isfinite(t.grad).all() for t in (q, k, v))
        assert np.abs(q.grad[:, 0]).max() > 0


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nn.Embedding(5, 3)(np.array([1, 5])), IndexError, r"input\[1\]=5 outside 0..4"),
        (lambda: nn.Embedding(5, 3)(np.array([-1])), IndexError, r"input\[0\]=-1 outside 0..4"),
        (lambda: nn.Embedding(5, 3)(np.array([1.0])), TypeError, "expected integers in 0..4"),
        (lambda: nn.Embedding(5, 3, padding_idx=5), ValueError, r"padding_idx=5: expected 0..4"),
        (lambda: nn.LSTM(3, 4)(np.ones((2, 3))), ValueError,
         r"LSTM\(3 -> 4\) got input \(2, 3\): expected \(N, T, input_size=3\)"),
        (lambda: nn.LSTM(3, 4)(np.ones((2, 5, 4))), ValueError,
         r"input \(2, 5, 4\): expected \(N, T, input_size=3\)"),
        (lambda: nn.LSTM(3, 4)(np.ones((2, 0, 3))), ValueError, "empty batch"),
        (
            lambda: nn.LSTM(3, 4)(np.ones((2, 5, 3)), np.ones((1, 2, 4))),
            TypeError, r"expected the state as a pair \(h, c\)",
        ),
        (
            lambda: nn.GRU(3, 4)(np.ones((2, 5, 3)), np.ones((2, 2, 4))),
            ValueError, r"state h has shape \(2, 2, 4\), expected \(1, 2, 4\)",
        ),
        (
            lambda: nn.RNN(3, 4)(np.ones((2, 5, 3)), mask=np.ones((2, 5))),
            ValueError, r"mask has dtype float64 and shape \(2, 5\): expected booleans \(2, 5\)",
        ),
        (lambda: nn.GRU(3, 0), ValueError, "hidden_size=0"),
        (lambda: nn.GRU(3, 4, dropout=2), ValueError, "dropout=2"),
    ],
)  # fmt: skip
def test_mistakes_are_told(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_nothing_is_recorded_without_need():
    with no_grad():
        y, (h, c) = nn.LSTM(3, 4)(np.ones((2, 5, 3)))
    assert not any(t.requires_grad for t in (y, h, c))


@settings(max_examples=50)
@given(data=st.data())
def test_multihead_attention_equals_torch(data):
    N, T, S, d = (data.draw(st.integers(1, 4)) for _ in range(4))
    heads, bias, first = (
        data.draw(st.integers(1, 3)),
        data.draw(st.booleans()),
        data.draw(st.booleans()),
    )
    E = heads * d
    ours, theirs = from_torch(
        lambda: nn.MultiheadAttention(E, heads, bias=bias, batch_first=first),
        lambda: tnn.MultiheadAttention(E, heads, bias=bias, batch_first=first),
    )
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    shapes = [(N, T, E), (N, S, E), (N, S, E)]
    xs = [rng.standard_normal(s if first else (s[1], s[0], E)) for s in shapes]
    attn = padding = None
    if data.draw(st.booleans()):
        attn = rng.random((T, S)) < 0.4
        attn[:, 0] = False  # torch answers a step that may look nowhere with NaN
        if data.draw(st.booleans()):
            attn = np.where(attn, -np.inf, rng.standard_normal((T, S)))
    if data.draw(st.booleans()):
        padding = rng.random((N, S)) < 0.4
        padding[:, 0] = False
    need = data.draw(st.booleans())
    bs = [torch.tensor(x, requires_grad=True) for x in xs]
    theirs_kw = {
        "attn_mask": None if attn is None else torch.tensor(attn),
        "key_padding_mask": None if padding is None else torch.tensor(padding),
    }
    if attn is not None and attn.dtype != bool and padding is not None:
        theirs_kw["key_padding_mask"] = torch.where(
            theirs_kw["key_padding_mask"], -torch.inf, 0.0
        ).double()
    want, weights = theirs(*bs, need_weights=need, **theirs_kw)
    dy = rng.standard_normal(want.shape)
    want.backward(torch.tensor(dy))
    for make in (np.array, torch.tensor):
        model = copy.deepcopy(ours).to(make(xs[0]))
        as_ = [Tensor(make(x), True) for x in xs]
        kw = {
            k: None if v is None else make(v)
            for k, v in (("attn_mask", attn), ("key_padding_mask", padding))
        }
        y, w = model(*as_, need_weights=need, **kw)
        close(y.numpy(), want)
        assert (w is None) == (not need)
        if need:
            close(w.numpy(), weights)
        y.backward(make(dy))
        for a, b in zip(as_, bs, strict=True):
            close(a.grad, b.grad)
        close_gradients(model, theirs)


@settings(max_examples=40)
@given(data=st.data())
def test_encoder_layer_equals_torch(data):
    """Value and every gradient, pre- and post-norm, causal and padding masks, both backends."""
    draw = lambda strategy, name: data.draw(strategy, label=name)  # noqa: E731
    heads, N, T = (draw(st.integers(1, 3), "heads"), *(draw(st.integers(1, 5), n) for n in "NT"))
    E, hidden = heads * draw(st.integers(1, 4), "E / heads"), draw(st.integers(1, 9), "hidden")
    kw = {"dim_feedforward": hidden, "dropout": 0.0, "norm_first": draw(st.booleans(), "norm first"),
          "activation": draw(st.sampled_from(["relu", "gelu"]), "activation")}  # fmt: skip
    ours, theirs = from_torch(
        lambda: nn.TransformerEncoderLayer(E, heads, **kw),
        lambda: tnn.TransformerEncoderLayer(E, heads, batch_first=True, **kw),
    )
    rng = np.random.default_rng(draw(st.integers(0, 999), "seed"))
    x, dy = rng.standard_normal((2, N, T, E))
    later = np.triu(np.ones((T, T), bool), 1)
    padding = ~ends(rng.integers(1, T + 1, N), T)
    b = torch.tensor(x, requires_grad=True)
    want = theirs(b, src_mask=torch.tensor(later), src_key_padding_mask=torch.tensor(padding))
    want.backward(torch.tensor(dy))
    for make in (np.asarray, torch.tensor):
        for masks in ({"src_mask": make(later)}, {"is_causal": True}):
            model, a = copy.deepcopy(ours).to(make(np.zeros(0))), Tensor(make(x), True)
            y = model(a, src_key_padding_mask=make(padding), **masks)
            close(y.numpy(), want)
            y.backward(make(dy))
            close(a.grad, b.grad)
            close_gradients(model, theirs)


def test_attention_starts_like_torch_and_drops_weights():
    ours, theirs = nn.MultiheadAttention(48, 4), tnn.MultiheadAttention(48, 4)
    for (name, a), (other, b) in zip(
        ours.state_dict().items(), theirs.state_dict().items(), strict=True
    ):
        assert (name, a.shape) == (other, tuple(b.shape))
        np.testing.assert_allclose(np.abs(a).max(), b.abs().max().item(), rtol=0.05)
    x = np.random.default_rng(0).standard_normal((2, 5, 48)).astype(np.float32)
    dropping = nn.MultiheadAttention(48, 4, dropout=0.5)
    a, b = (dropping(x, need_weights=False)[0].numpy() for _ in range(2))
    assert (a != b).any()
    dropping.eval()
    a, b = (dropping(x, need_weights=need)[0].numpy() for need in (False, True))
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_causal_step_does_not_see_what_comes_later(rng):
    model = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0).double()
    x = rng.standard_normal((1, 6, 8))
    changed = x.copy()
    changed[:, 4:] += 1
    a, b = (model(v, is_causal=True).numpy() for v in (x, changed))
    np.testing.assert_array_equal(a[:, :4], b[:, :4])
    assert (a[:, 4:] != b[:, 4:]).all()


def test_positions_by_hand():
    pe = nn.PositionalEncoding(4, 10, dtype=np.float64)
    want = [[np.sin(t), np.cos(t), np.sin(t / 100), np.cos(t / 100)] for t in range(3)]
    close(pe(np.zeros((1, 3, 4))).numpy()[0], np.array(want))
    assert pe.num_parameters() == 0
    with pytest.raises(ValueError, match="T at most 10"):
        pe(np.zeros((1, 11, 4)))
    with pytest.raises(ValueError, match=r"input \(1, 3, 5\): expected \(N, T, d_model=4\)"):
        pe(np.zeros((1, 3, 5)))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nn.MultiheadAttention(7, 2), ValueError, "embed_dim=7 must be divisible"),
        (lambda: nn.MultiheadAttention(4, 2)(np.ones((3, 4))), ValueError,
         r"got query \(3, 4\): expected \(N, T, embed_dim=4\)"),
        (
            lambda: nn.MultiheadAttention(4, 2)(np.ones((1, 3, 4)), attn_mask=np.ones((2, 3), bool)),
            ValueError, r"attn_mask has shape \(2, 3\), expected \(3, 3\)",
        ),
        (
            lambda: nn.MultiheadAttention(4, 2)(
                np.ones((1, 3, 4)), key_padding_mask=np.ones((1, 3), int)),
            TypeError, "key_padding_mask has dtype int64: expected booleans, True where not",
        ),
        (
            lambda: nn.MultiheadAttention(4, 2)(np.ones((1, 3, 4)), np.ones((1, 2, 4)), is_causal=True),
            ValueError, "is_causal with 3 queries and 2 keys",
        ),
        (lambda: nn.TransformerEncoderLayer(4, 2, activation="tanh"), ValueError, "'relu' or 'gelu'"),
    ],
)  # fmt: skip
def test_mistakes_with_attention_are_told(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_the_encoder_layer_drops_what_both_parts_add():
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=1.0, norm_first=True)
    layer.self_attn.out_proj.bias.data = np.ones(4, np.float32)
    x = np.random.default_rng(0).standard_normal((2, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(layer(x).numpy(), x)
    layer.eval()
    assert (layer(x).numpy() != x).all()
