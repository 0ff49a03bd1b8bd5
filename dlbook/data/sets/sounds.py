"""Sounds: words spoken by a synthesiser."""

from typing import NamedTuple

import numpy as np

from .files import arrays


class SpokenDigits(NamedTuple):
    """740 sounds, each a row of numbers from -1 to 1, float32, of its own length; the digit (740,)
    int64; the number of the voice (740,) int64; the part (740,) str; the names of the 50 voices.
    """

    x: tuple[np.ndarray, ...]
    y: np.ndarray
    voice: np.ndarray
    part: np.ndarray
    names: tuple[str, ...]


def spoken_digits() -> SpokenDigits:
    """The words zero to nine from 50 voices of a speech synthesiser, 8,000 numbers a second.

    Parts: "train" (24 voices), "heard" (the same, higher and at another speed), "val" (6 others)
    and "new" (20 others), ten words a voice in each. Nobody has spoken: no breath, no room, no two
    ways to say it.
    Licence: see DATA_LICENSES.md. Made by eSpeak NG 1.51 with `tools/spoken_digits.py`.
    """
    raw = arrays("spoken_digits.npz")
    steps = raw["sound"].astype(np.float32) / np.float32(31)
    wave = np.sign(steps) * np.expm1(np.abs(steps) * np.float32(np.log(256))) / np.float32(255)
    x = tuple(np.split(wave, np.cumsum(raw["length"])[:-1]))
    y, voice = (raw[key].astype(np.int64) for key in ("digit", "voice"))
    return SpokenDigits(x, y, voice, raw["part"], tuple(str(name) for name in raw["name"]))
