"""Convolution and pooling against torch.nn from the same weights, over random shapes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from compare import (
    equal_on_both_backends,
    evaluated,
    from_torch,
    layer_equals_torch,
    says,
    spelled,
)  # fmt: skip
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook import nn

tnn = torch.nn

LAYERS = [
    ("Conv2d(3, 4, 3)", (2, 3, 5, 6)),
    ("Conv2d(3, 4, (3, 2), stride=2, padding=1, bias=False)", (2, 3, 5, 6)),
    ("Conv2d(4, 6, 3, padding='same', dilation=2, groups=2)", (2, 4, 5, 6)),
    ("Conv2d(3, 4, (5, 3), padding='same')", (2, 3, 5, 6)),
    ("MaxPool2d(2)", (2, 3, 5, 6)),
    ("MaxPool2d((3, 1))", (2, 3, 5, 6)),
    ("MaxPool2d(3, stride=2, padding=1)", (2, 3, 5, 6)),
    ("AvgPool2d(2)", (2, 3, 5, 6)),
    ("AvgPool2d((3, 2), stride=1, padding=(1, 0))", (2, 3, 5, 6)),
    ("AdaptiveAvgPool2d(1)", (2, 3, 5, 6)),
    ("AdaptiveAvgPool2d(1)", (3, 5, 6)),  # one picture
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=spelled)
def test_layers_equal_torch(layer, shape, rng):
    layer_equals_torch(layer, shape, rng)


def test_convolution_starts_like_torch():
    layers = nn.Conv2d(1, 900, 3), tnn.Conv2d(1, 900, 3)
    for ours, theirs in zip(*(layer.parameters() for layer in layers), strict=True):
        assert abs(ours.data).max() == pytest.approx(theirs.abs().max().item(), rel=0.02)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        ("nn.Conv2d(4, 3, 1, groups=2)", "groups=2 must divide in_channels=4 and out_channels=3"),
        ("nn.Conv2d(3, 4, 1, groups=2)", "groups=2 must divide in_channels=3 and out_channels=4"),
        ("nn.Conv2d(3, 4, 2, padding='same')", "'same' with stride 1 and an odd kernel"),
    ],
)
def test_what_cannot_be_is_told_when_it_is_made(make, text):
    with says(ValueError, text):
        evaluated(make)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_convolution_and_pooling_of_any_shape_equal_torch(data):
    """Random sizes, strides, paddings: value and every gradient, on NumPy and on torch tensors."""
    small = st.integers(1, 3)
    groups, k, l = data.draw(st.sampled_from([1, 1, 2])), data.draw(small), data.draw(small)
    N, C, O = data.draw(small), groups * data.draw(small), groups * data.draw(small)
    stride, dilation = (data.draw(st.tuples(small, small)) for _ in range(2))
    padding = data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    H, V = (
        max(1, d * (n - 1) + 1 - 2 * p) + data.draw(st.integers(0, 5))
        for n, d, p in zip((k, l), dilation, padding, strict=True)
    )
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    kw = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    conv = from_torch(lambda: nn.Conv2d(C, O, (k, l), **kw), lambda: tnn.Conv2d(C, O, (k, l), **kw))
    x = rng.standard_normal((N, C, H, V))
    pairs = [conv]
    if all(2 * p <= n for n, p in zip((k, l), padding, strict=True)) and k + l > 2:
        for name in ("MaxPool2d", "AvgPool2d"):
            pairs.append(tuple(getattr(m, name)((k, l), stride, padding) for m in (nn, tnn)))
    for ours, theirs in pairs:
        if min(H + 2 * padding[0] - k, V + 2 * padding[1] - l) < 0:
            continue
        equal_on_both_backends(ours, theirs, x, rng)
