"""Augmentation: random changes that leave a picture's label as it is, drawn for each picture.

A transform is called with pictures x (N, C, H, W), floats, and returns new ones of the same dtype;
x is not written into. All chance comes from `rng`, a Generator or a seed (None: `manual_seed`'s),
so that one seed gives the same pictures again. Names and arguments are those of torchvision,
which draws once for a whole batch; here each picture of the batch gets its own draw.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import checks
from ..rng import generator

Range = float | tuple[float, float]


class Transform:
    """What all of them share: the door. A new one writes `apply(x, rng)`."""

    def __call__(self, x: Any, rng: np.random.Generator | int | None = None) -> np.ndarray:
        """Return the changed pictures."""
        return self.apply(_pictures(type(self).__name__, x), generator(rng))

    def apply(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the changed pictures; x has been checked."""
        raise NotImplementedError(f"{type(self).__name__} has no apply(x, rng)")

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({settings})"


class Compose(Transform):
    """One transform after the other, each drawing from the same generator."""

    def __init__(self, transforms: Sequence[Callable[..., Any]]) -> None:
        if callable(transforms) or not all(map(callable, transforms)):
            raise TypeError(f"transforms={transforms!r}: expected a list of transforms")
        self.transforms = transforms

    def apply(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return what the last one makes of what the one before it made, and so on."""
        for transform in self.transforms:
            x = transform(x, rng)
        return x


class Normalize(Transform):
    """z = (x - mean) / std, for each channel: numbers, or one a channel. Nothing random."""

    def __init__(self, mean: Any, std: Any) -> None:
        finite = np.isfinite(mean).all() and np.isfinite(std).all()
        if not finite or not (np.asarray(std) > 0).all():
            raise ValueError(f"mean={mean!r}, std={std!r}: expected finite numbers, std above 0")
        self.mean, self.std = mean, std

    def apply(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return z."""
        mean, std = (np.asarray(v, dtype=x.dtype).reshape(-1, 1, 1) for v in (self.mean, self.std))
        for name, v in (("mean", mean), ("std", std)):
            if len(v) not in (1, x.shape[1]):
                raise ValueError(
                    f"{name} has {len(v)} numbers: expected 1, or one for each of the "
                    f"{x.shape[1]} channels of x"
                )
        return (x - mean) / std


class _RandomFlip(Transform):
    """Turn the pixels along one axis round, with probability p."""

    _axis: int

    def __init__(self, p: float = 0.5) -> None:
        self.p = checks.number("p", p, "[0, 1]")

    def apply(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the mirror images of some of the pictures."""
        flipped = rng.random(len(x)) < self.p
        return np.where(flipped[:, None, None, None], np.flip(x, self._axis), x)


class RandomHorizontalFlip(_RandomFlip):
    """Left and right change places with probability p."""

    _axis = 3


class RandomVerticalFlip(_RandomFlip):
    """Top and bottom change places with probability p."""

    _axis = 2


class RandomCrop(Transform):
    """A window of `size` at a random place, after `padding` pixels of `fill` were put around.

    With size 32 and padding 4 a picture of 32 by 32 moves by up to 4 pixels each way.
    """

    def __init__(self, size: int | tuple[int, int], padding: int = 0, fill: float = 0.0) -> None:
        self.size = checks.pair("size", size)
        self.padding = checks.positive_int("padding", padding, low=0)
        self.fill = checks.number("fill", fill)

    def apply(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return (N, C, *size)."""
        size, n = self.size, len(x)
        padded = _framed(x, self.padding, self.fill)
        room = [have - want for have, want in zip(padded.shape[2:], size, strict=True)]
        if min(room) < 0:
            raise ValueError(f"size={size} is larger than the padded pictures {padded.shape[2:]}")
        top, left = (rng.integers(0, r + 1, n) for r in room)
        N, C, i, j = np.ogrid[:n, : padded.shape[1], : size[0], : size[1]]
        at = (slice(None), None, None, None)  # one place for each picture
        return padded[N, C, top[at] + i, left[at] + j]  # (N, C, *size)


class RandomAffine(Transform):
    """Rotate, shear, scale and shift about the centre, each by an amount drawn uniformly.

    degrees: counter-clockwise, from (low, high), or d for (-d, d). shear: likewise, how far
    vertical lines lean to the right. scale: (low, high). translate: the largest shift to the side
    and up or down, in parts of the width and height. `fill` comes in from outside.
    """

    def __init__(
        self,
        degrees: Range = 0.0,
        translate: tuple[float, float] = (0.0, 0.0),
        scale: tuple[float, float] = (1.0, 1.0),
        shear: Range = 0.0,
        fill: float = 0.0,
    ) -> None:
        _range("degrees", degrees)
        _range("shear", shear, "[-89, 89)")
        low, _ = _range("scale", _both("scale", scale))
        checks.number("scale", low, "(0, inf)")
        for share in _both("translate", translate):
            checks.number("translate", share, "[0, 1]")
        self.degrees, self.translate, self.scale, self.shear = degrees, translate, scale, shear
        self.fill = checks.number("fill", fill)

    def apply(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the moved pictures."""
        n, (height, width) = len(x), x.shape[2:]
        (low, high), (least, most) = _range("degrees", self.degrees), _range("shear", self.shear)
        angle = np.radians(rng.uniform(low, high, n))
        slant = np.tan(np.radians(rng.uniform(least, most, n)))
        size = rng.uniform(self.scale[0], self.scale[1], n)
        side, up = (share * rng.uniform(-1, 1, n) for share in self.translate)
        zero, one, cos, sin = np.zeros(n), np.ones(n), np.cos(angle), np.sin(angle)
        rotation = np.array([[cos, -sin], [sin, cos]])
        shear = np.array([[one, zero], [-slant, one]])
        M = np.moveaxis(rotation, 2, 0) @ np.moveaxis(shear * size, 2, 0)
        return affine(x, M, np.stack([up * height, side * width], axis=1), self.fill)


class RandomRotation(RandomAffine):
    """Rotate about the centre by an angle drawn from (low, high), or d for (-d, d), in degrees."""

    def __init__(self, degrees: Range, fill: float = 0.0) -> None:
        super().__init__(degrees=degrees, fill=fill)

    def __repr__(self) -> str:
        return f"RandomRotation(degrees={self.degrees!r}, fill={self.fill!r})"


def affine(x: np.ndarray, M: np.ndarray, t: np.ndarray, fill: float = 0.0) -> np.ndarray:
    """Move every pixel p, a (row, column) measured from the centre, to M p + t.

    x (N, C, H, W), M (N, 2, 2) and t (N, 2) in pixels. Computed the other way round: the pixel at
    p shows what was at M^-1 (p - t), a mean of the four pixels around that place, weighted by how
    near they are (bilinear interpolation). Outside the picture there is `fill`.
    """
    N, C, H, W = x.shape
    centre = np.array([(H - 1) / 2, (W - 1) / 2])
    p = np.indices((H, W)).reshape(2, H * W) - centre[:, None]
    source = np.linalg.inv(M) @ (p - t[:, :, None]) + centre[:, None]  # (N, 2, H W)
    corner = np.floor(source)
    near = (source - corner).astype(x.dtype)
    framed = np.moveaxis(_framed(x, 1, fill), 1, -1)  # (N, H + 2, W + 2, C)
    y = np.zeros((N, H * W, C), dtype=x.dtype)
    for i in (0, 1):
        row = np.clip(corner[:, 0] + 1 + i, 0, H + 1).astype(np.intp)
        for j in (0, 1):
            column = np.clip(corner[:, 1] + 1 + j, 0, W + 1).astype(np.intp)
            weight = np.abs(1 - i - near[:, 0]) * np.abs(1 - j - near[:, 1])
            y += weight[:, :, None] * framed[np.arange(N)[:, None], row, column]
    return np.ascontiguousarray(np.moveaxis(y, 2, 1)).reshape(x.shape)


GREY = np.array([0.299, 0.587, 0.114])  # how bright red, green and blue look (ITU-R BT.601)


class ColorJitter(Transform):
    """Change brightness, contrast, saturation and hue, in this order; pixels stay within 0..1.

    The first three mix the picture with black, with its mean grey, or with its own grey version:
    f x + (1 - f) other, f from (1 - b, 1 + b), not below 0. hue: parts of a turn of the colours
    about the grey axis, from (-h, h), h <= 0.5; a third of a turn makes red green. Unlike
    torchvision's turn in HSV it keeps r + g + b. Pictures with one channel have no saturation or
    hue to change.
    """

    def __init__(
        self,
        brightness: float = 0.0,
        contrast: float = 0.0,
        saturation: float = 0.0,
        hue: float = 0.0,
    ) -> None:
        self.brightness = checks.number("brightness", brightness, "[0, inf)")
        self.contrast = checks.number("contrast", contrast, "[0, inf)")
        self.saturation = checks.number("saturation", saturation, "[0, inf)")
        self.hue = checks.number("hue", hue, "[0, 0.5]")

    def apply(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the recoloured pictures."""
        if x.size and not (x.min() >= -1e-3 and x.max() <= 1 + 1e-3):  # interpolation rounds
            raise ValueError(
                f"x has values from {x.min():.4g} to {x.max():.4g}: expected colours from 0 to 1; "
                "Normalize comes after ColorJitter"
            )
        colours = x.shape[1] == 3
        if not colours and (self.saturation or self.hue or x.shape[1] != 1):
            raise ValueError(
                f"x has shape {x.shape}: expected 3 channels (N, 3, H, W), or 1 with brightness "
                "and contrast alone"
            )

        def grey(x: np.ndarray) -> np.ndarray:
            return np.einsum("nchw,c->nhw", x, GREY.astype(x.dtype))[:, None] if colours else x

        def mix(x: np.ndarray, other: Any, strength: float) -> np.ndarray:
            f = rng.uniform(max(0.0, 1 - strength), 1 + strength, (len(x), 1, 1, 1)).astype(x.dtype)
            return np.clip(f * x + (1 - f) * other, 0, 1)

        x = mix(x, 0, self.brightness)
        x = mix(x, grey(x).mean(axis=(2, 3), keepdims=True), self.contrast)
        if colours:
            x = mix(x, grey(x), self.saturation)
            turn = _turns(rng.uniform(-self.hue, self.hue, len(x))).astype(x.dtype)
            x = np.clip(np.einsum("nij,njhw->nihw", turn, x), 0, 1)
        return x


def _turns(h: np.ndarray) -> np.ndarray:
    """Rotations (N, 3, 3) of (red, green, blue) about (1, 1, 1) by h turns."""
    angle = 2 * np.pi * h[:, None, None]
    ahead = np.roll(np.eye(3), 1, axis=0)  # red -> green -> blue -> red
    return (
        np.cos(angle) * np.eye(3)
        + (1 - np.cos(angle)) / 3
        + np.sin(angle) / np.sqrt(3) * (ahead - ahead.T)
    )


class Cutout(Transform):
    """Cover a square of size by size pixels with `fill`, its centre drawn from all pixels.

    At the edge a part of the square falls outside. DeVries and Taylor 2017.
    """

    def __init__(self, size: int, fill: float = 0.0) -> None:
        self.size = checks.positive_int("size", size)
        self.fill = checks.number("fill", fill)

    def apply(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the pictures with a hole each."""
        inside = []
        for length in x.shape[2:]:
            first = rng.integers(0, length, (len(x), 1)) - self.size // 2
            place = np.arange(length)
            inside.append((place >= first) & (place < first + self.size))
        rows, columns = inside
        hole = rows[:, None, :, None] & columns[:, None, None, :]
        return np.where(hole, x.dtype.type(self.fill), x)


def _both(name: str, value: Any) -> tuple[float, float]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError(f"{name}={value!r}: expected two numbers")
    return value[0], value[1]


def _range(name: str, value: Any, interval: str = "(-inf, inf)") -> tuple[float, float]:
    """d -> (-d, d); a pair must be in order."""
    a, b = (-value, value) if np.ndim(value) == 0 else _both(name, value)
    a, b = (checks.number(name, v, interval) for v in (a, b))
    if a > b:
        raise ValueError(f"{name}={value!r}: expected (low, high), low first, or a number >= 0")
    return a, b


def _pictures(what: str, x: Any) -> np.ndarray:
    """Return x if it is a NumPy array of floats (N, C, H, W)."""
    if not isinstance(x, np.ndarray):
        raise TypeError(f"{what} got a {type(x).__name__}: expected a NumPy array (N, C, H, W)")
    if x.dtype.kind != "f":
        raise TypeError(f"{what} got dtype {x.dtype}: expected pictures as x.astype(np.float32)"
                        " / 255")  # fmt: skip
    if x.ndim != 4:
        hint = "; for one picture, x[None]" if x.ndim == 3 else ""
        raise ValueError(f"{what} got pictures of shape {x.shape}: expected (N, C, H, W){hint}")
    return x


def _framed(x: np.ndarray, width: int, fill: float) -> np.ndarray:
    """Pictures with `width` rows and columns of `fill` around each."""
    return np.pad(x, ((0, 0), (0, 0), (width, width), (width, width)), constant_values=fill)
