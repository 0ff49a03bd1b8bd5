"""One row per primitive and setting, in the order of the book: inputs, and the PyTorch expression
that must agree.

Every check of test_primitives.py runs over every row. A primitive without a row fails the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cases_recurrent
import numpy as np
import torch
import torch.nn.functional as tF

from dlbook import primitives as p


@dataclass
class Case:
    name: str
    primitive: Callable
    args: Callable[[np.random.Generator], tuple]
    torch: Callable[..., Any]
    static: dict = field(default_factory=dict)
    finite_only: bool = False  # some values are -inf: only the others have a difference quotient


def normal(*shapes):
    return lambda rng: tuple(rng.standard_normal(s) for s in shapes)


def positive(*shapes):
    return lambda rng: tuple(rng.uniform(0.5, 2.0, s) for s in shapes)


def away_from_zero(*shapes):
    """No entry within 0.1 of a kink at 0."""
    return lambda rng: tuple(rng.choice([-1, 1], s) * rng.uniform(0.1, 2.0, s) for s in shapes)


def logits_and(kind):
    def make(rng):
        z = rng.standard_normal((5, 4))
        if kind == "labels":
            return z, rng.integers(0, 4, 5)
        p = rng.uniform(0.1, 1.0, (5, 4))
        return z, p / p.sum(1, keepdims=True)

    return make


def probabilities(rng):
    return rng.uniform(0.05, 0.95, (6, 2)), rng.uniform(0, 1, (6, 2))


def spoken(rng):
    """Probabilities of 4 classes at 7 steps of 3 examples: one shorter, a double label, no label."""
    z = rng.standard_normal((7, 3, 4))
    log_p = z - np.log(np.exp(z).sum(axis=2, keepdims=True))
    return (
        log_p,
        np.array([[1, 1, 2], [2, 1, 1], [2, 2, 2]]),
        np.array([7, 5, 7]),
        np.array([3, 2, 0]),
    )


def torch_ctc(reduction="mean", blank=0):
    """PyTorch's value; its gradient has exp(log_p) added, as if a log_softmax came before: taken away."""

    def loss(log_p, y, steps, lengths):
        each = tF.ctc_loss(log_p, y, steps, lengths, blank=blank, reduction="none")
        within = torch.arange(len(log_p))[:, None] < steps
        extra = (within * log_p.exp().sum(2)).sum(0)
        each = each - (extra - extra.detach())
        if reduction == "mean":
            return (each / lengths.clamp(min=1)).mean()
        return each if reduction == "none" else each.sum()

    return loss


MASK = np.array([[True, True, False, True], [False, True, True, True], [False] * 4])


def masked(function):
    def run(x):
        mask = torch.as_tensor(MASK)
        full = function(x.masked_fill(~mask, -torch.inf), -1)
        return torch.where(mask.any(-1, keepdim=True), full, full.new_tensor(EMPTY[function]))

    return run


EMPTY = {torch.softmax: 0.0, torch.log_softmax: -torch.inf}  # a row with nothing allowed

ROWS = [0, 2, 0, 1]  # row 0 is read twice: its gradients add up

LOOK = np.array(
    [[True, False, False], [True, True, False], [True, True, True], [False, True, True]]
)

CASES = [
    # Arithmetic and linear
    Case("linear", p.linear, normal((5, 3), (2, 3), (2,)), tF.linear),
    Case("linear, no bias", p.linear, normal((5, 3), (2, 3)), tF.linear),
    Case("linear, sequence", p.linear, normal((2, 5, 3), (4, 3), (4,)), tF.linear),
    Case("linear, one row", p.linear, normal((3,), (4, 3), (4,)), tF.linear),
    Case("matmul", p.matmul, normal((5, 3), (3, 2)), torch.matmul),
    Case("matmul, batches", p.matmul, normal((4, 5, 3), (4, 3, 2)), torch.matmul),
    Case("matmul, broadcast", p.matmul, normal((2, 4, 5, 3), (4, 3, 2)), torch.matmul),
    Case("matmul, matrix vector", p.matmul, normal((5, 3), (3,)), torch.matmul),
    Case("matmul, vector matrix", p.matmul, normal((3,), (2, 3, 5)), torch.matmul),
    Case("matmul, vectors", p.matmul, normal((3,), (3,)), torch.matmul),
    Case("add", p.add, normal((4, 3), (4, 3)), torch.add),
    Case("add, broadcast", p.add, normal((2, 4, 3), (4, 1)), torch.add),
    Case("add, broadcast ones", p.add, normal((2, 1, 3), (1, 1)), torch.add),
    Case("sub", p.sub, normal((4, 3), (1, 3)), torch.sub),
    Case("mul", p.mul, normal((4, 3), (3,)), torch.mul),
    Case("mul, scalar array", p.mul, normal((), (4, 3)), torch.mul),
    Case("div", p.div, positive((4, 3), (4, 1)), torch.div),
    Case("pow", p.pow, normal((4, 3)), lambda x: x**3, {"n": 3}),
    Case("pow, tensors", p.pow, positive((4, 3), (3,)), lambda x, n: x**n),
    Case("abs", p.abs, away_from_zero((4, 3)), torch.abs),
    Case("clip", p.clip, normal((4, 3)), lambda x: x.clamp(-0.5, 0.7), {"min": -0.5, "max": 0.7}),
    Case("clip, below", p.clip, normal((4, 3)), lambda x: x.clamp(min=0.1), {"min": 0.1}),
    Case("maximum", p.maximum, normal((4, 3), (3,)), torch.maximum),
    Case(
        "where", p.where,
        lambda rng: (rng.random((4, 3)) < 0.5, rng.standard_normal((4, 3)), rng.standard_normal(3)),
        torch.where,
    ),
    Case("cumsum", p.cumsum, normal((4, 3)), lambda x: x.cumsum(0)),
    Case("cumsum, last axis", p.cumsum, normal((4, 3)), lambda x: x.cumsum(-1), {"axis": -1}),
    Case("amax", p.amax, normal((4, 3)), torch.amax),
    Case("amax, axes", p.amax, normal((2, 4, 3)), lambda x: x.amax((0, 2)), {"axis": (0, 2)}),
    Case("pow, root", p.pow, positive((4, 3)), lambda x: x**0.5, {"n": 0.5}),
    Case("pow, zero", p.pow, normal((4, 3)), lambda x: x**0, {"n": 0}),
    Case("exp", p.exp, normal((4, 3)), torch.exp),
    Case("log", p.log, positive((4, 3)), torch.log),
    Case("sum", p.sum, normal((4, 3)), torch.sum),
    Case("sum, axis", p.sum, normal((4, 3, 2)), lambda x: x.sum(1), {"axis": 1}),
    Case("sum, axes", p.sum, normal((4, 3, 2)), lambda x: x.sum((0, -1)), {"axis": (0, -1)}),
    Case("mean", p.mean, normal((4, 3)), torch.mean),
    Case(
        "mean, axis", p.mean, normal((4, 3)),
        lambda x: x.mean(0, keepdim=True), {"axis": 0, "keepdims": True},
    ),
    # Activations
    Case("relu", p.relu, away_from_zero((4, 3)), torch.relu),
    Case("leaky_relu", p.leaky_relu, away_from_zero((4, 3)), tF.leaky_relu),
    Case(
        "leaky_relu, slope", p.leaky_relu, away_from_zero((4, 3)),
        lambda x: tF.leaky_relu(x, 0.2), {"negative_slope": 0.2},
    ),
    Case("sigmoid", p.sigmoid, normal((4, 3)), torch.sigmoid),
    Case("tanh", p.tanh, normal((4, 3)), torch.tanh),
    Case("elu", p.elu, away_from_zero((4, 3)), tF.elu),
    Case("elu, alpha", p.elu, away_from_zero((4, 3)), lambda x: tF.elu(x, 0.3), {"alpha": 0.3}),
    Case("softplus", p.softplus, normal((4, 3)), tF.softplus),
    Case("silu", p.silu, normal((4, 3)), tF.silu),
    Case("gelu", p.gelu, normal((4, 3)), tF.gelu),
    Case(
        "gelu, tanh", p.gelu, normal((4, 3)),
        lambda x: tF.gelu(x, approximate="tanh"), {"approximate": "tanh"},
    ),
    # Softmax
    Case("softmax", p.softmax, normal((4, 3)), lambda x: torch.softmax(x, -1)),
    Case("softmax, axis", p.softmax, normal((4, 3)), lambda x: torch.softmax(x, 0), {"axis": 0}),
    Case("softmax, masked", p.softmax, normal((3, 4)), masked(torch.softmax), {"where": MASK}),
    Case("log_softmax", p.log_softmax, normal((4, 3)), lambda x: torch.log_softmax(x, -1)),
    Case(
        "log_softmax, masked", p.log_softmax, normal((3, 4)),
        masked(torch.log_softmax), {"where": MASK}, finite_only=True,
    ),
    Case(
        "log_softmax, axis", p.log_softmax, normal((4, 3)),
        lambda x: torch.log_softmax(x, 0), {"axis": 0},
    ),
    # Losses
    Case("mse_loss", p.mse_loss, normal((4, 3), (4, 3)), tF.mse_loss),
    Case(
        "mse_loss, sum", p.mse_loss, normal((4, 3), (4, 3)),
        lambda a, b: tF.mse_loss(a, b, reduction="sum"), {"reduction": "sum"},
    ),
    Case("l1_loss", p.l1_loss, normal((4, 3), (4, 3)), tF.l1_loss),
    Case("huber_loss", p.huber_loss, normal((4, 3), (4, 3)), tF.huber_loss),
    Case(
        "huber_loss, delta", p.huber_loss, normal((4, 3), (4, 3)),
        lambda a, b: tF.huber_loss(a, b, reduction="sum", delta=0.5),
        {"delta": 0.5, "reduction": "sum"},
    ),
    Case(
        "smooth_l1_loss", p.smooth_l1_loss, normal((4, 3), (4, 3)),
        lambda a, b: tF.smooth_l1_loss(a, b, beta=0.4), {"beta": 0.4},
    ),
    Case("binary_cross_entropy", p.binary_cross_entropy, probabilities, tF.binary_cross_entropy),
    Case(
        "binary_cross_entropy_with_logits", p.binary_cross_entropy_with_logits,
        lambda rng: (3 * rng.standard_normal((6, 2)), rng.uniform(0, 1, (6, 2))),
        tF.binary_cross_entropy_with_logits,
    ),
    Case(
        "binary_cross_entropy, weight", p.binary_cross_entropy, probabilities,
        lambda p, y: 0.7 * tF.binary_cross_entropy(p, y), {"weight": 0.7},
    ),
    Case(
        "binary_cross_entropy_with_logits, weights", p.binary_cross_entropy_with_logits,
        lambda rng: (3 * rng.standard_normal((6, 2)), rng.uniform(0, 1, (6, 2))),
        lambda z, y: 0.7 * tF.binary_cross_entropy_with_logits(
            z, y, pos_weight=torch.tensor(3.0, dtype=z.dtype)
        ),
        {"weight": 0.7, "pos_weight": 3.0},
    ),
    Case("cross_entropy, labels", p.cross_entropy, logits_and("labels"), tF.cross_entropy),
    Case(
        "cross_entropy, probabilities", p.cross_entropy,
        logits_and("probabilities"), tF.cross_entropy,
    ),
    Case(
        "cross_entropy, sum", p.cross_entropy, logits_and("labels"),
        lambda z, y: tF.cross_entropy(z, y, reduction="sum"), {"reduction": "sum"},
    ),
    Case("ctc_loss", p.ctc_loss, spoken, torch_ctc()),
    Case("ctc_loss, sum", p.ctc_loss, spoken, torch_ctc(reduction="sum"), {"reduction": "sum"}),
    Case(
        "ctc_loss, none, another blank", p.ctc_loss, spoken,
        torch_ctc(reduction="none", blank=3), {"reduction": "none", "blank": 3},
    ),
    # Shapes and lookup
    Case("reshape", p.reshape, normal((4, 3)), lambda x: x.reshape(2, -1), {"shape": (2, -1)}),
    Case(
        "permute_dims", p.permute_dims, normal((4, 3, 2)),
        lambda x: x.permute(2, 0, 1), {"axes": (2, 0, 1)},
    ),
    Case(
        "permute_dims, negative", p.permute_dims, normal((4, 3, 2)),
        lambda x: x.permute(-1, 0, 1), {"axes": (-1, 0, 1)},
    ),
    Case("getitem", p.getitem, normal((4, 3)), lambda x: x[1], {"index": (1, ...)}),
    Case(
        "getitem, slices", p.getitem, normal((4, 3)),
        lambda x: x[1:, ::2], {"index": (slice(1, None), slice(None, None, 2))},
    ),
    Case(
        "getitem, repeated", p.getitem, normal((4, 3)),
        lambda x: x[torch.tensor(ROWS)], {"index": np.array(ROWS)},
    ),
    Case(
        "stack", p.stack, normal((4, 3), (4, 3), (4, 3)),
        lambda *xs: torch.stack(xs, 1), {"axis": 1},
    ),
    Case("unstack", p.unstack, normal((4, 3, 2)), lambda x: x.unbind(1), {"axis": 1}),
    Case("concat", p.concat, normal((4, 3), (4, 2), (4, 1)), lambda *xs: torch.cat(xs, -1), {"axis": -1}),
    Case(
        "pad", p.pad, normal((2, 3, 4)),
        lambda x: tF.pad(x, (2, 3, 1, 0), value=0.5), {"pad": (2, 3, 1, 0), "value": 0.5},
    ),
    Case("pad, nothing", p.pad, normal((2, 3)), lambda x: x + 0, {"pad": (0, 0)}),
    # Normalisation
    Case(
        "normalize, features", p.standardize, normal((6, 3)),
        lambda x: tF.batch_norm(x, None, None, training=True), {"axis": 0},
    ),
    Case(
        "normalize, channels", p.standardize, normal((4, 3, 5)),
        lambda x: tF.batch_norm(x, None, None, training=True, eps=0.1),
        {"axis": (0, -1), "eps": 0.1},
    ),
    Case(
        "normalize, examples", p.standardize, normal((4, 3, 5)),
        lambda x: tF.layer_norm(x, (3, 5)), {"axis": (-2, -1)},
    ),
    # Convolution
    Case("conv2d", p.conv2d, normal((2, 3, 5, 6), (4, 3, 3, 2), (4,)), tF.conv2d),
    Case("conv2d, no bias", p.conv2d, normal((2, 1, 4, 4), (2, 1, 3, 3)), tF.conv2d),
    Case(
        "conv2d, stride and padding", p.conv2d, normal((2, 3, 6, 5), (4, 3, 3, 3), (4,)),
        lambda *a: tF.conv2d(*a, stride=(2, 1), padding=(1, 2)),
        {"stride": (2, 1), "padding": (1, 2)},
    ),
    Case(
        "conv2d, dilation", p.conv2d, normal((2, 2, 7, 9), (3, 2, 3, 2), (3,)),
        lambda *a: tF.conv2d(*a, dilation=(2, 3), stride=(1, 2)),
        {"dilation": (2, 3), "stride": (1, 2)},
    ),
    Case(
        "conv2d, groups", p.conv2d, normal((2, 4, 5, 5), (6, 2, 3, 3), (6,)),
        lambda *a: tF.conv2d(*a, groups=2, padding=1), {"groups": 2, "padding": (1, 1)},
    ),
    Case(
        "conv2d, depthwise", p.conv2d, normal((2, 3, 5, 5), (3, 1, 3, 3)),
        lambda *a: tF.conv2d(*a, groups=3), {"groups": 3},
    ),
    Case("conv2d, one pixel", p.conv2d, normal((2, 3, 4, 4), (5, 3, 1, 1), (5,)), tF.conv2d),
    # Pooling
    Case("max_pool2d", p.max_pool2d, normal((2, 3, 6, 4)), lambda x: tF.max_pool2d(x, 2)),
    Case(
        "max_pool2d, overlap", p.max_pool2d, normal((2, 3, 7, 6)),
        lambda x: tF.max_pool2d(x, 3, 2, 1),
        {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 1)},
    ),
    Case("avg_pool2d", p.avg_pool2d, normal((2, 3, 6, 5)), lambda x: tF.avg_pool2d(x, 2)),
    Case(
        "avg_pool2d, overlap", p.avg_pool2d, normal((2, 3, 7, 6)),
        lambda x: tF.avg_pool2d(x, (3, 2), (2, 1), (1, 1)),
        {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 1)},
    ),
    # Recurrence
    *(Case(*row) for row in cases_recurrent.rows()),
    # Embedding
    Case(
        "embedding", p.embedding,
        lambda rng: (np.array([[0, 2, 0], [3, 3, 1]]), rng.standard_normal((4, 3))), tF.embedding,
    ),
    # Attention
    Case(
        "attention_weights", p.attention_weights, normal((2, 4, 5), (2, 3, 5)),
        lambda q, k: torch.softmax(
            (q @ k.mT / 5**0.5).masked_fill(~torch.tensor(LOOK), -torch.inf), -1
        ),
        {"mask": LOOK},
    ),
    Case(
        "scaled_dot_product_attention", p.scaled_dot_product_attention,
        normal((2, 4, 3), (2, 5, 3), (2, 5, 6)), tF.scaled_dot_product_attention,
    ),
    Case(
        "scaled_dot_product_attention, may look", p.scaled_dot_product_attention,
        normal((2, 2, 4, 5), (2, 2, 3, 5), (2, 2, 3, 2)),
        lambda *a: tF.scaled_dot_product_attention(*a, attn_mask=torch.tensor(LOOK)),
        {"mask": LOOK},
    ),
    Case(
        "scaled_dot_product_attention, added", p.scaled_dot_product_attention,
        normal((2, 4, 5), (2, 3, 5), (2, 3, 2)),
        lambda *a: tF.scaled_dot_product_attention(
            *a, attn_mask=torch.where(torch.tensor(LOOK), 0.5, -torch.inf).double()
        ),
        {"mask": np.where(LOOK, 0.5, -np.inf)},
    ),
]  # fmt: skip
