"""Each module's `takes`: from the declaration, every rank and every size that it does not allow."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import nn
from dlbook.nn import Module
from dlbook.nn.losses import _Loss

ONE_OF_EACH = [
    nn.Linear(3, 2), nn.Flatten(), nn.Dropout(), nn.Dropout2d(),
    nn.ReLU(), nn.LeakyReLU(), nn.Sigmoid(), nn.Tanh(), nn.ELU(), nn.Softplus(), nn.SiLU(), nn.GELU(),
    nn.Softmax(), nn.LogSoftmax(),
    nn.LayerNorm((4, 3)), nn.BatchNorm1d(3), nn.BatchNorm2d(3),
    nn.Conv2d(3, 4, 2), nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(),
    nn.Residual(nn.Tanh()), nn.Embedding(5, 3),
    nn.RNN(3, 4), nn.LSTM(3, 4), nn.GRU(3, 4),
    nn.MultiheadAttention(6, 2), nn.TransformerEncoderLayer(6, 2, 8), nn.PositionalEncoding(6),
]  # fmt: skip
TURNED = [  # the same, declared the other way round by a setting
    (nn.RNN(3, 4, batch_first=False), "T N input_size | T input_size"),
    (nn.MultiheadAttention(6, 2, batch_first=False), "T N embed_dim | T embed_dim"),
    (nn.TransformerEncoderLayer(6, 2, 8, batch_first=False), "T N d_model | T d_model"),
]
DECLARED = [(module, module.takes) for module in ONE_OF_EACH if module.takes] + TURNED
FREE = dict(zip("NCTHWL", (4, 5, 6, 7, 8, 9), strict=True))  # what a module does not know


def ways(module, takes):
    """The shapes of a declaration: lists of (name, sizes), sizes None for any number of axes."""
    for way in takes.split("|"):
        axes = []
        for name in way.split():
            size = vars(module).get(name, FREE.get(name))
            sizes = None if name == "..." else size if isinstance(size, tuple) else (size,)
            assert name == "..." or sizes != (None,), f"{name} is no attribute, and not in {FREE}"
            axes.append((name, sizes))
        yield axes


def shape_of(axes, between=()):
    return sum((between if sizes is None else sizes for _, sizes in axes), ())


def good_shapes():
    """(module, takes, shape): each way, and with "..." no axis more, one and two."""
    for module, takes in DECLARED:
        for axes in ways(module, takes):
            open_ended = any(sizes is None for _, sizes in axes)
            for between in ((), (2,), (2, 3)) if open_ended else ((),):
                yield module, takes, shape_of(axes, between)


def allows(module, takes, rank):
    for axes in ways(module, takes):
        fewest = len(shape_of(axes))
        if rank == fewest or (rank > fewest and any(sizes is None for _, sizes in axes)):
            return True
    return False


def wrong_ranks():
    for module, takes in DECLARED:
        longest = max((shape_of(axes) for axes in ways(module, takes)), key=len)
        for rank in range(7):
            if not allows(module, takes, rank):
                yield module, takes, ((2,) * rank + longest)[-rank:] if rank else ()


def wrong_sizes():
    """Each axis that an attribute fixes, one larger and, where that is something, one smaller."""
    for module, takes in DECLARED:
        for axes in ways(module, takes):
            for k, (name, sizes) in enumerate(axes):
                if name == "..." or name not in vars(module):
                    continue
                for j in range(len(sizes)):
                    for step in (1, -1):
                        other = (*sizes[:j], sizes[j] + step, *sizes[j + 1 :])
                        yield module, takes, shape_of([*axes[:k], (name, other), *axes[k + 1 :]])


def called(module, shape):
    """The module's answer to numbers of this shape, with a target where it is a loss."""
    x = np.full(shape, 0.5)
    if isinstance(module, nn.CrossEntropyLoss):
        return module(x, np.zeros(shape[:1] + shape[2:], int))
    if hasattr(module, "reduction"):
        return module(x, x)
    return module(np.ones(shape, int) if isinstance(module, nn.Embedding) else x)


def table(rows):
    return pytest.mark.parametrize(
        ("module", "takes", "shape"),
        [pytest.param(*row, id=f"{type(row[0]).__name__}: {row[1]}, got {row[2]}") for row in rows],
    )


def test_every_module_with_a_declaration_is_here():
    """But for containers, and losses, whose door is in `functional`."""
    modules = {
        c for c in (getattr(nn, name) for name in nn.__all__)
        if isinstance(c, type) and issubclass(c, Module) and not issubclass(c, _Loss)
    }  # fmt: skip
    containers = {nn.Module, nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.Identity}
    assert {c for c in modules if c.takes is None} == containers
    assert {c for c in modules if c.takes is not None} == {type(module) for module in ONE_OF_EACH}


def test_the_tables_are_not_empty():
    """Of each kind at least those that are known by hand."""
    good, ranks, sizes = (
        {(type(module).__name__, shape) for module, _, shape in rows()}
        for rows in (good_shapes, wrong_ranks, wrong_sizes)
    )
    assert {("Linear", (3,)), ("Linear", (2, 3, 3)), ("BatchNorm1d", (4, 3, 9))} <= good
    assert {("Conv2d", (7, 8)), ("Conv2d", ()), ("Linear", ()), ("LayerNorm", (3,))} <= ranks
    assert {("LayerNorm", (5, 3)), ("LayerNorm", (4, 4)), ("BatchNorm1d", (4, 2))} <= sizes
    assert {("GRU", (4, 6, 4)), ("RNN", (6, 4, 2)), ("Conv2d", (4, 4, 7, 8))} <= sizes


@table(good_shapes())
def test_what_is_declared_goes_through(module, takes, shape):
    called(module, shape)


@table([*wrong_ranks(), *wrong_sizes()])
def test_what_is_not_declared_is_refused(module, takes, shape):
    """With the class, the shape and the declared names, sizes where they are known."""
    with pytest.raises(ValueError, match="expected") as caught:
        called(module, shape)
    said = str(caught.value)
    assert said.startswith(f"{type(module).__name__}(")
    known = vars(module)
    named = (
        ", ".join(f"{name}={known[name]}" if name in known else name for name in way.split())
        for way in takes.split("|")
    )
    assert said.endswith(f" {shape}: expected ({') or ('.join(named)})")
