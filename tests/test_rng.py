"""Chance: one seed, the same draws."""

from __future__ import annotations

import numpy as np

from dlbook import manual_seed, nn, rng


def test_a_generator_passes_through_and_a_seed_begins_one():
    own = np.random.default_rng(5)
    assert rng.generator(own) is own
    first, second = rng.generator(5), rng.generator(5)
    assert first is not second
    assert first.random() == second.random() == np.random.default_rng(5).random()


def test_manual_seed_begins_the_generator_of_all_who_have_none():
    begun = rng.manual_seed(3)
    assert rng.generator() is rng.generator(None) is begun
    drawn = [rng.generator().random() for _ in range(2)]
    assert drawn == np.random.default_rng(3).random(2).tolist(), "one stream, that goes on"
    rng.manual_seed(3)
    assert rng.generator().random() == drawn[0]
    rng.generator(7).random()
    assert rng.generator().random() == drawn[1], "another's draws are not taken from it"


def test_same_seed_same_weights():
    def weights(**settings):
        manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 5, **settings), nn.Linear(5, 2, **settings))
        return model.state_dict()

    first, again, exact = weights(), weights(), weights(dtype=np.float64)
    rng = np.random.default_rng(3)
    passed = nn.Sequential(nn.Linear(4, 5, rng=rng), nn.Linear(5, 2, rng=rng)).state_dict()
    for name, value in first.items():
        np.testing.assert_array_equal(again[name], value)
        np.testing.assert_array_equal(passed[name], value)
        np.testing.assert_array_equal(exact[name].astype(np.float32), value)
    assert nn.Linear(4, 5).state_dict()["weight"].tolist() != first["0.weight"].tolist()


def test_what_an_object_keeps_of_its_rng():
    """A seed becomes one Generator; nothing stays nothing, so that a later `manual_seed` counts."""
    assert rng.kept(None) is None
    mine = np.random.default_rng(0)
    assert rng.kept(mine) is mine
    kept = rng.kept(3)
    assert [kept.random(), kept.random()] == list(np.random.default_rng(3).random(2))
    layer = nn.Dropout(0.5)
    manual_seed(1)
    first = layer(np.ones(50)).numpy()
    manual_seed(1)
    np.testing.assert_array_equal(layer(np.ones(50)).numpy(), first)
