"""The mask of a recurrence: a wrapper round a step. The values are those of cases.py."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook.primitives import recurrence

STEPS = {"rnn_step": (1, 1), "lstm_step": (4, 2), "gru_step": (3, 1)}  # gates, states
KEEP = np.array([True, False, True, False, True])


@pytest.mark.parametrize("name", STEPS)
def test_a_masked_step_is_the_step_or_nothing_row_by_row(name, rng):
    """Exactly: where `keep` is true what the step gives, elsewhere the states and their gradients."""
    step, (gates, count) = getattr(recurrence, name), STEPS[name]
    a, b = rng.standard_normal((2, 5, gates * 3))
    states = tuple(rng.standard_normal((count, 5, 3)))
    dstates = list(rng.standard_normal((count, 5, 3)))
    masked, back = recurrence.skipping(step, KEEP[:, None])(a, b.copy(), states)
    wanted, wanted_back = step(a, b.copy(), states)
    for got, new, old in zip(masked, wanted, states, strict=True):
        np.testing.assert_array_equal(got[KEEP], new[KEEP])
        np.testing.assert_array_equal(got[~KEEP], old[~KEEP])
    da, db, dold = back(dstates)
    wanted_da, wanted_db, wanted_dold = wanted_back(dstates)
    for got, want in ((da, wanted_da), (db, wanted_db)):
        np.testing.assert_array_equal(got[KEEP], want[KEEP])
        np.testing.assert_array_equal(got[~KEEP], 0.0)
    for got, want, d in zip(dold, wanted_dold, dstates, strict=True):
        np.testing.assert_array_equal(got[KEEP], np.broadcast_to(want, (5, 3))[KEEP])
        np.testing.assert_array_equal(got[~KEEP], d[~KEEP])


@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_skips_no_row_or_every_row(name, rng):
    step, (gates, count) = getattr(recurrence, name), STEPS[name]
    a, b = rng.standard_normal((2, 5, gates * 3))
    states = tuple(rng.standard_normal((count, 5, 3)))
    all_kept, _ = recurrence.skipping(step, np.ones((5, 1), bool))(a, b.copy(), states)
    none_kept, back = recurrence.skipping(step, np.zeros((5, 1), bool))(a, b.copy(), states)
    np.testing.assert_array_equal(all_kept, step(a, b.copy(), states)[0])
    np.testing.assert_array_equal(none_kept, states)
    dstates = list(rng.standard_normal((count, 5, 3)))
    da, db, dold = back(dstates)
    assert not da.any()
    assert not db.any()
    np.testing.assert_array_equal(dold, dstates)


def test_skipped_rows_of_a_sequence_leave_no_trace(rng):
    """A whole sequence whose mask is false gives its first states back, and gradients of 0."""
    x, h = rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 5))
    weights = [rng.standard_normal(shape) for shape in ((5, 3), (5, 5), (5,), (5,))]
    mask = np.array([[True] * 4, [False] * 4])
    (outputs, last), vjp = recurrence.rnn(x, h, *weights, mask=mask)
    (alone, alone_last), alone_vjp = recurrence.rnn(x[:1], h[:1], *weights)
    np.testing.assert_allclose(outputs[0], alone[0], rtol=1e-14)
    np.testing.assert_allclose(last[0], alone_last[0], rtol=1e-14)
    np.testing.assert_array_equal(outputs[1], 0.0)
    np.testing.assert_array_equal(last[1], h[1])
    douts, dlast = rng.standard_normal((2, 4, 5)), rng.standard_normal((2, 5))
    dx, dh, *dweights = vjp((douts, dlast))
    _, _, *wanted = alone_vjp((douts[:1], dlast[:1]))
    np.testing.assert_array_equal(dx[1], 0.0)
    np.testing.assert_array_equal(dh[1], dlast[1])
    for got, want in zip(dweights, wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
