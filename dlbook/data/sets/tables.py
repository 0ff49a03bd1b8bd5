"""Tables: one row an animal."""

from typing import NamedTuple

import numpy as np

from ..preprocess import one_hot
from .files import columns


class PenguinFeatures(NamedTuple):
    """Features (333, 10) float64, labels (333,) int64 (1 female, 0 male), the columns' names."""

    x: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]


def penguins() -> dict[str, np.ndarray]:
    """344 penguins of the Palmer Archipelago, Antarctica, as measured: a dict of columns (344,).

    species, island, sex: str, where an unknown sex (11 times) is "". bill_length_mm, bill_depth_mm,
    flipper_length_mm, body_mass_g: float64, NaN for 2 unmeasured birds. year: int64, 2007 to 2009.
    Licence: CC0. Source: the palmerpenguins package; Gorman, Williams and Fraser 2014,
    doi:10.1371/journal.pone.0090081, who found the sex from DNA.
    """
    table: dict[str, np.ndarray] = {}
    for name, column in columns("penguins.csv").items():
        if name.endswith(("_mm", "_g")):
            table[name] = np.array([np.nan if v == "NA" else float(v) for v in column])
        elif name == "year":
            table[name] = np.array(column, dtype=np.int64)
        else:
            table[name] = np.array(["" if v == "NA" else v for v in column])
    return table


def penguins_features() -> PenguinFeatures:
    """Is it a female? Ten numbers about each of the 333 penguins whose sex is known.

    Four measurements in their units, then one-hot species and one-hot island, not yet standardized.
    The 11 birds of unknown sex (2 of them unmeasured) are left out. 165 females, 168 males.
    """
    table = penguins()
    known = table["sex"] != ""
    names = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    parts = [table[name][known, None] for name in names]
    for kind in ("species", "island"):
        values, index = np.unique(table[kind][known], return_inverse=True)
        parts.append(one_hot(index, dtype=np.float64))
        names += [f"{kind}={value}" for value in values]
    female = (table["sex"][known] == "female").astype(np.int64)
    return PenguinFeatures(np.concatenate(parts, axis=1), female, tuple(names))
