"""The rows of cases.py for recurrence: torch's own modules, run with the weights given.

A row is (name, primitive, args, torch, static), as in `Case`.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from dlbook import primitives as p

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
LENGTHS = torch.tensor([2, 4, 1])
STEPS = np.arange(4) < LENGTHS.numpy()[:, None]


def recurrent(gates, states, cell=False):
    """x, the states and the four weights, for 3 sequences of 4 steps with 2 numbers, 5 units."""
    x = (3, 2) if cell else (3, 4, 2)
    shapes = x, *[(3, 5)] * states, (gates * 5, 2), (gates * 5, 5), *[(gates * 5,)] * 2
    return lambda rng: tuple(rng.standard_normal(shape) for shape in shapes)


def through(module, x, *rest, packed=False):
    """Run torch's module with the weights given; (outputs, last states...)."""
    states, weights = rest[:-4], dict(zip(NAMES, rest[-4:], strict=True))
    states = tuple(s[None] for s in states)
    if packed:
        x = torch.nn.utils.rnn.pack_padded_sequence(x, LENGTHS, True, enforce_sorted=False)
    start = states if len(states) > 1 else states[0]
    y, last = torch.func.functional_call(module, weights, (x, start))
    if packed:
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, True, total_length=4)
    return (y, *(s[0] for s in (last if len(states) > 1 else (last,))))


def backwards(module, x, *rest):
    y, *last = through(module, x.flip(1), *rest)
    return (y.flip(1), *last)


def one_step(module, x, *rest):
    _, *last = through(module, x[:, None], *rest)
    return tuple(last) if len(last) > 1 else last[0]


def rows():
    for name, gates, states in (("rnn", 1, 1), ("lstm", 4, 2), ("gru", 3, 1)):
        module = getattr(torch.nn, name.upper())(2, 5, batch_first=True).double()
        sequence, cell = getattr(p, name), getattr(p, name + "_cell")
        make, packed = recurrent(gates, states), partial(through, module, packed=True)
        yield name, sequence, make, partial(through, module), {}
        yield f"{name}, masked", sequence, make, packed, {"mask": STEPS}
        yield f"{name}, reverse", sequence, make, partial(backwards, module), {"reverse": True}
        yield f"{name}_cell", cell, recurrent(gates, states, True), partial(one_step, module), {}
