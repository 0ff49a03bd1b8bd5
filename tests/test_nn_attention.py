"""Attention, the encoder layer and positions against torch, over random shapes and masks."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from compare import close, close_gradients, evaluated, from_torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook import Tensor, nn

tnn = torch.nn


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
    need, average = data.draw(st.booleans()), data.draw(st.booleans())
    bs = [torch.tensor(x, requires_grad=True) for x in xs]
    theirs_kw = {
        "attn_mask": None if attn is None else torch.tensor(attn),
        "key_padding_mask": None if padding is None else torch.tensor(padding),
    }
    if attn is not None and attn.dtype != bool and padding is not None:
        theirs_kw["key_padding_mask"] = torch.where(
            theirs_kw["key_padding_mask"], -torch.inf, 0.0
        ).double()
    theirs_kw["average_attn_weights"] = average
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
        y, w = model(*as_, need_weights=need, average_attn_weights=average, **kw)
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
          "activation": draw(st.sampled_from(["relu", "gelu"]), "activation"),
          "layer_norm_eps": draw(st.sampled_from([1e-5, 0.1]), "eps")}  # fmt: skip
    ours, theirs = from_torch(
        lambda: nn.TransformerEncoderLayer(E, heads, **kw),
        lambda: tnn.TransformerEncoderLayer(E, heads, batch_first=True, **kw),
    )
    rng = np.random.default_rng(draw(st.integers(0, 999), "seed"))
    x, dy = rng.standard_normal((2, N, T, E))
    later = np.triu(np.ones((T, T), bool), 1)
    padding = np.arange(T) >= rng.integers(1, T + 1, N)[:, None]  # where a sequence has ended
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


def test_the_encoder_layer_drops_what_both_parts_add():
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=1.0, norm_first=True)
    layer.self_attn.out_proj.bias.data = np.ones(4, np.float32)
    x = np.random.default_rng(0).standard_normal((2, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(layer(x).numpy(), x)
    layer.eval()
    assert (layer(x).numpy() != x).all()


def test_the_parts_of_the_encoder_layer_draw_from_one_generator():
    layer, twin = (
        nn.TransformerEncoderLayer(4, 2, 4, rng=r) for r in (3, np.random.default_rng(3))
    )
    assert (layer.linear1.weight.data != layer.linear2.weight.data).all()
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, twin.state_dict()[name])


def test_the_encoder_layer_drops_between_the_linear_layers_too():
    """What is kept twice is doubled twice: linear1 gives ones, linear2 is the identity."""
    layer = nn.TransformerEncoderLayer(4, 2, 4, dropout=0.5, norm_first=True)
    state = {name: 0 * value for name, value in layer.state_dict().items()}
    ones, eye = np.ones(4, np.float32), np.eye(4, dtype=np.float32)
    layer.load_state_dict(state | {"linear1.bias": ones, "linear2.weight": eye})
    added = layer(np.zeros((1, 50, 4), np.float32)).numpy()
    assert np.unique(added).tolist() == [0, 4]
    assert np.mean(added > 0) == pytest.approx(0.25, abs=0.1)


def test_positions_by_hand():
    pe = nn.PositionalEncoding(4, 10, dtype=np.float64)
    want = [[np.sin(t), np.cos(t), np.sin(t / 100), np.cos(t / 100)] for t in range(3)]
    close(pe(np.zeros((1, 3, 4))).numpy()[0], np.array(want))
    assert pe.num_parameters() == 0
    assert pe(np.zeros((1, 10, 4))).shape == (1, 10, 4), "as long as can be"
    with pytest.raises(ValueError, match="T at most 10"):
        pe(np.zeros((1, 11, 4)))
    with pytest.raises(ValueError, match=r"input \(1, 3, 5\): expected \(N, T, d_model=4\)"):
        pe(np.zeros((1, 3, 5)))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        ("nn.MultiheadAttention(7, 2)", ValueError, "embed_dim=7 must be divisible"),
        ("nn.MultiheadAttention(4, 2)(np.ones(4))", ValueError,
         r"got query \(4,\): expected \(N, T, embed_dim=4\)"),
        ("nn.MultiheadAttention(4, 2)(np.ones((1, 3, 4)), attn_mask=np.ones((2, 3), bool))",
         ValueError, r"attn_mask has shape \(2, 3\), expected \(3, 3\)"),
        ("nn.MultiheadAttention(4, 2)(np.ones((1, 3, 4)), key_padding_mask=np.ones((1, 3), int))",
         TypeError, "key_padding_mask has dtype int64: expected booleans, True where not"),
        ("nn.MultiheadAttention(4, 2)(np.ones((1, 3, 4)), np.ones((1, 2, 4)), is_causal=True)",
         ValueError, "is_causal with 3 queries and 2 keys"),
        ("nn.TransformerEncoderLayer(4, 2, activation='tanh')", ValueError, "'relu' or 'gelu'"),
    ],
)  # fmt: skip
def test_mistakes_are_told(call, error, text):
    with pytest.raises(error, match=text):
        evaluated(call)


@pytest.mark.parametrize(("T", "S"), [(2, 3), (3, 2)])
def test_is_causal_asks_for_as_many_queries_as_keys(T, S):
    with pytest.raises(ValueError, match=f"is_causal with {T} queries and {S} keys"):
        nn.MultiheadAttention(4, 2)(np.ones((1, T, 4)), np.ones((1, S, 4)), is_causal=True)
