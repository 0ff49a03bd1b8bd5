"""Chance: one Generator for every random choice that is not given its own."""

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
    if isinstance(rng, bool | str | float):
        raise TypeError(f"rng={rng!r} is a {type(rng).__name__}: expected a seed or a Generator")
    return _default if rng is None else np.random.default_rng(rng)


def kept(rng: Rng) -> np.random.Generator | None:
    """What an object keeps of its `rng`: a seed becomes one Generator, so that each call draws anew.

    None stays None, so that a later `manual_seed` counts.
    """
    return None if rng is None else generator(rng)
