"""summary(model, x): shapes, parameters, products, and a model that is left as it was."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import nn, summary


def test_summary_counts_what_a_forward_pass_does():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Residual(nn.Conv2d(4, 4, 3, padding=1), nn.Dropout()),
        nn.Flatten(), nn.Linear(4 * 36, 5),
    )  # fmt: skip
    rows = summary(model, np.zeros((2, 1, 8, 8), np.float32))
    assert [(r.name, r.kind, r.shape) for r in rows] == [
        ("0", "Conv2d", (2, 4, 6, 6)), ("1", "ReLU", (2, 4, 6, 6)),
        ("2.body.0", "Conv2d", (2, 4, 6, 6)), ("2.body.1", "Dropout", (2, 4, 6, 6)),
        ("3", "Flatten", (2, 144)), ("4", "Linear", (2, 5)),
    ]  # fmt: skip
    assert rows.parameters == model.num_parameters()
    assert rows[0].multiplications == 2 * 4 * 9 * 36
    assert rows.multiplications == 2 * (4 * 9 * 36 + 16 * 9 * 36 + 144 * 5)
    assert f"{rows.parameters:,}" in repr(rows)
    assert model.training
    assert "forward" not in vars(model[0])


def test_as_a_table():
    model = nn.Sequential(nn.Linear(3, 20), nn.ReLU(), nn.Linear(20, 2))
    assert repr(summary(model, np.zeros((5, 3), np.float32))).splitlines() == [
        "layer          takes                   output  parameters  multiplications",
        "0      Linear  (..., in_features=3)   (5, 20)          80              300",
        "1      ReLU    (...)                  (5, 20)           0                0",
        "2      Linear  (..., in_features=20)   (5, 2)          42              200",
        "                                                      122              500",
    ]


def test_a_layer_that_runs_twice_has_its_parameters_once():
    class Twice(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(3, 3)

        def forward(self, x):
            return self.layer(self.layer(x))

    rows = summary(Twice(), np.zeros((2, 3), np.float32))
    assert [row.name for row in rows] == ["layer", "layer"]
    assert (rows.parameters, rows.multiplications) == (12, 2 * 18)


def test_an_error_inside_leaves_the_model_as_it_was():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(4, 3)).train()
    model[0].eval()
    with pytest.raises(ValueError, match=r"Linear\(4 -> 3\) got input \(2, 3\)"):
        summary(model, np.zeros((2, 3), np.float32))
    assert [m.training for m in model.modules()] == [True, False, True]
    assert all("forward" not in vars(m) for m in model.modules())
