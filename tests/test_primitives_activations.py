"""Activations where a random row does not lead: at kinks, and among infinities."""

from __future__ import annotations

import numpy as np
import torch

from dlbook import primitives


def test_kinks_follow_torch():
    x = np.array([-1.0, 0.0, 2.0])
    for ours, theirs in [
        (primitives.relu, torch.relu),
        (primitives.leaky_relu, torch.nn.functional.leaky_relu),
    ]:
        t = torch.tensor(x, requires_grad=True)
        theirs(t).sum().backward()
        np.testing.assert_array_equal(ours(x)[1](np.ones(3))[0], t.grad.numpy())


def test_softmax_of_nothing_is_nothing():
    for primitive in (primitives.softmax, primitives.log_softmax):
        assert primitive(np.zeros((3, 0)))[0].shape == (3, 0)


def test_relu_stops_what_is_not_finite():
    x, da = np.array([-1.0, 1.0, -1.0, 1.0]), np.array([np.inf, np.inf, np.nan, 2.0])
    np.testing.assert_array_equal(primitives.relu(x)[1](da)[0], [0.0, np.inf, 0.0, 2.0])
    big = np.array([1e30, -1e30, 3.0], np.float32)  # their squares overflow
    out = primitives.relu(np.array([1.0, 1.0, -1.0], np.float32))[1](big)[0]
    np.testing.assert_array_equal(out, np.array([1e30, -1e30, 0.0], np.float32))
