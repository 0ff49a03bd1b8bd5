"""Chance: one Generator for every random choice that is not given its own."""

from __future__ import annotations

import numpy as np

Rng = np.random.Generator | int | None  # a seed, or None for the one that `manual_seed` set
_default = np.random.default_rng()


def manual_seed(seed: int) -> np.random.Generator:
    """Seed every random choice that is not given its own `rng`; returns the new Generator."""
    global _default
    _default = np.random.default_rng(seed)
    return _default


def generator(rng: Rng = None) -> np.random.Generator:
    """Return `rng` (a seed becomes a Generator), or the one that `manual_seed` set."""
    return _default if rng is None else np.random.default_rng(rng)
