"""A model of one weight and two batches: every number of a run can be written down."""

from __future__ import annotations

import numpy as np

from dlbook import Tensor, fit, nn, optim

X, Y = np.array([[1.0], [2.0], [3.0]]), np.array([[2.0], [4.0], [6.0]])
BATCHES = [(X[:2], Y[:2]), (X[2:], Y[2:])]
VALIDATION = (np.array([[1.0]]), np.array([[3.0]]))


class Slope(nn.Module):
    """y = w x, so that every number of a run can be written down."""

    def __init__(self, w=0.0):
        self.w = Tensor(np.array(w), requires_grad=True)
        self.modes = []

    def forward(self, x):
        self.modes.append((self.training, self.w.requires_grad))
        return self.w * Tensor(x)


class Interrupted(nn.MSELoss):
    """Ctrl-C at the n-th batch."""

    def __init__(self, n, error=KeyboardInterrupt):
        super().__init__()
        self.n, self.error = n, error

    def forward(self, x, target):
        self.n -= 1
        if self.n == 0:
            raise self.error
        return super().forward(x, target)


def by_hand(epochs, lr, w=0.0):
    """The same run in plain Python: losses, validation losses on x = 1, y = 3, and weights."""
    losses, validation, weights = [], [], []
    for _ in range(epochs):
        total = 0.0
        for x, y in BATCHES:
            total += ((w * x - y) ** 2).sum()
            w -= lr * (2 * x * (w * x - y)).mean()
        losses.append(total / 3)
        validation.append((w - 3.0) ** 2)
        weights.append(w)
    return losses, validation, weights


def run(model=None, loss=None, lr=0.02, data=BATCHES, **settings):
    model = model or Slope()
    optimizer = optim.SGD(model.parameters(), lr=lr)
    settings = {"epochs": 4, "progress": False, **settings}
    return model, fit(model, loss or nn.MSELoss(), optimizer, data, **settings)
