"""Arithmetic where a random row does not lead: at kinks, at ties, at 0."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from compare import agree

from dlbook import primitives as p

PLACES = {
    "clip, at its ends": (p.clip, [[-1.0, 1.0, 2.0]], lambda x: x.clamp(-1, 1), (-1.0, 1.0)),
    "maximum, of equals": (p.maximum, [[1.0, 2.0], [1.0, 3.0]], torch.maximum, ()),
    "amax, of equals": (p.amax, [[[2.0, 2.0, 1.0]]], lambda x: x.amax(1), (1,)),
    "pow, of 0": (p.pow, [[0.0, 0.0, 2.0], [2.0, 1.0, 0.0]], torch.pow, ()),
}


@pytest.mark.parametrize("name", PLACES)
def test_slopes_at_special_places_are_torchs(name):
    primitive, values, theirs, settings = PLACES[name]
    args = list(map(np.array, values))
    tensors = [torch.tensor(a, requires_grad=True) for a in args]
    want = theirs(*tensors)
    y, vjp = primitive(*args, *settings)
    want.sum().backward()
    agree([y, *vjp(np.ones(y.shape))], [want, *(t.grad for t in tensors)])
