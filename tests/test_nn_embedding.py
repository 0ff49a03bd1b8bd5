"""The table of vectors against torch, over random shapes."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from compare import close, evaluated, from_torch
from hypothesis import given
from hypothesis import strategies as st

from dlbook import nn

tnn = torch.nn


@given(data=st.data())
def test_embedding_equals_torch(data):
    V, D, N, T = (data.draw(st.integers(1, 6), label=n) for n in "VDNT")
    padding = data.draw(st.sampled_from([None, 0, V - 1]), label="padding")
    rng = np.random.default_rng(data.draw(st.integers(0, 999), label="seed"))
    ours, theirs = from_torch(
        lambda: nn.Embedding(V, D, padding), lambda: tnn.Embedding(V, D, padding)
    )
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


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        ("nn.Embedding(5, 3)(np.array([1, 5]))", IndexError, r"input\[1\]=5 outside 0..4"),
        ("nn.Embedding(5, 3)(np.array([-1]))", IndexError, r"input\[0\]=-1 outside 0..4"),
        ("nn.Embedding(5, 3)(np.array([1.0]))", TypeError, "expected integers in 0..4"),
        ("nn.Embedding(5, 3, padding_idx=5)", ValueError, r"padding_idx=5: expected 0..4"),
    ],
)
def test_mistakes_are_told(call, error, text):
    with pytest.raises(error, match=text):
        evaluated(call)
