"""Carry: a model that goes on where the batch before ended, as in torch."""

import numpy as np
import pytest
import torch

from dlbook import Carry, evaluate, fit, nn, optim
from dlbook.data import SequenceLoader


def language_model(library, V=5, H=7):
    """What comes next in (N, T)? Logits (N, V, T) and the state; one text for both libraries."""

    class Model(library.Module):
        def __init__(self):
            super().__init__()
            self.embedding = library.Embedding(V, H)
            self.lstm = library.LSTM(H, H, batch_first=True)
            self.head = library.Linear(H, V)

        def forward(self, x, state=None):
            y, state = self.lstm(self.embedding(x), state)
            return self.head(y).permute(0, 2, 1), state

    return Model()


def test_truncated_backpropagation_equals_torch():
    """Two epochs over a text cut into pieces, the state handed on without its history."""
    tokens = np.random.default_rng(0).integers(0, 5, 62)
    loader = SequenceLoader(tokens, batch_size=3, length=6)
    model, other = language_model(nn).double(), language_model(torch.nn).double()
    other.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    optimizer = torch.optim.SGD(other.parameters(), lr=0.5)
    wanted = []
    for _ in range(2):
        state, total, count = None, 0.0, 0
        for x, y in loader:
            logits, state = other(torch.tensor(x), state)
            state = tuple(s.detach() for s in state)
            loss = torch.nn.CrossEntropyLoss()(logits, torch.tensor(y))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(other.parameters(), 0.1)
            optimizer.step()
            total, count = total + loss.item() * y.size, count + y.size
        wanted.append(total / count)  # the last piece is shorter, and counts for less
    assert wanted[1] < wanted[0]
    history = fit(
        Carry(model), nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.5), loader, epochs=2,
        validation=loader, clip=0.1, progress=False,
    )  # fmt: skip
    np.testing.assert_allclose(history["loss"], wanted, rtol=1e-12)
    for name, value in other.state_dict().items():
        np.testing.assert_allclose(model.state_dict()[name], value.numpy(), atol=1e-12)
    x, y = (torch.tensor(part) for part in (loader.x, loader.y))
    whole = torch.nn.CrossEntropyLoss()(other(x)[0], y).item()  # in one piece: the state is carried
    assert history["val_loss"][-1] == pytest.approx(whole, rel=1e-12)
    assert evaluate(Carry(model), nn.CrossEntropyLoss(), loader)["loss"] == (
        pytest.approx(whole, rel=1e-12)
    )


def test_a_carried_state_has_no_history():
    model = language_model(nn)
    loader = SequenceLoader(np.zeros(9, dtype=int), 1, 4)
    carry = Carry(model)
    first = carry(next(iter(loader))[0])
    assert first.requires_grad
    _, (h, c) = model(next(iter(loader))[0])
    (kept,) = carry._state
    for mine, theirs in zip(kept, (h, c), strict=True):
        np.testing.assert_array_equal(mine, theirs.data)  # the numbers, without their history
    second = carry(next(iter(loader))[0])
    assert not np.array_equal(first.numpy(), second.numpy())
    carry.eval()  # forgets
    np.testing.assert_array_equal(carry(next(iter(loader))[0]).numpy(), first.numpy())
    assert list(carry.state_dict()) == [f"model.{name}" for name in model.state_dict()]
