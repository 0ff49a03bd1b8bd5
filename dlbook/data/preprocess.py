"""What is done to data before training: split it, bring it to one scale, encode its labels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import checks
from ..backend import Array, take
from ..rng import generator


def train_test_split(
    *arrays: Any,
    test_size: float | int = 0.25,
    rng: np.random.Generator | int | None = None,
    stratify: Any = None,
) -> tuple[Array, ...]:
    """Split at random: `x_train, x_test, y_train, y_test = train_test_split(x, y)`.

    test_size: a fraction of the N examples (rounded up), or their number if it is an integer.
    stratify: labels (N,); both parts then hold every class in the same proportion.
    Raises ValueError if lengths differ, or if a part or (with stratify) a class would be empty.
    """
    parts = [checks.column(f"arrays[{i}]", a) for i, a in enumerate(arrays)]
    n = checks.same_length([f"arrays[{i}]" for i in range(len(parts))], parts)
    if isinstance(test_size, float | np.floating):
        fraction = checks.number("test_size", test_size, "(0, 1)")
        n_test = math.ceil(fraction * n - 1e-9)  # 0.07 * 100 is 7.000000000000001
    else:
        n_test = checks.positive_int("test_size", test_size)
    if not 0 < n_test < n:
        raise ValueError(
            f"test_size={test_size!r} of {n} examples puts {n_test} in the test part and "
            f"{n - n_test} in the training part: expected at least 1 in each"
        )
    rng = generator(rng)
    order = rng.permutation(n)
    if stratify is not None:
        order = _stratified(order, np.asarray(stratify), n_test)
    train, test = order[n_test:], order[:n_test]
    if stratify is not None:  # filling the classes' shares has left them partly sorted
        train, test = rng.permutation(train), rng.permutation(test)
    return tuple(take(a, rows) for a in parts for rows in (train, test))


def _stratified(order: np.ndarray, labels: np.ndarray, n_test: int) -> np.ndarray:
    """Rearrange `order` so that its first n_test examples hold each class in proportion."""
    if labels.shape != order.shape:
        raise ValueError(
            f"stratify has shape {labels.shape}: expected one label each, {order.shape}"
        )
    classes, members, counts = np.unique(labels[order], return_inverse=True, return_counts=True)
    if counts.min() < 2 or min(n_test, len(order) - n_test) < len(classes):
        rare = classes[counts.argmin()].item()
        raise ValueError(
            f"stratify has {len(classes)} classes, the rarest ({rare!r}) {counts.min()} times, "
            f"for {n_test} test and {len(order) - n_test} training examples: expected at least 2 "
            "of each class, and room for every class in both parts"
        )
    ideal = n_test * counts / len(order)
    share = np.floor(ideal).astype(int)
    share[np.argsort(share - ideal, kind="stable")[: n_test - share.sum()]] += 1  # the nearest miss
    in_test = np.zeros(len(order), dtype=bool)
    for k, how_many in enumerate(share):
        in_test[np.flatnonzero(members == k)[:how_many]] = True
    return np.concatenate([order[in_test], order[~in_test]])


class Standardizer:
    """Bring every column to mean 0 and standard deviation 1: z = (x - mean) / std.

    `fit(train)` measures `mean` and `std` (divided by N, not N - 1) in float64, on training rows
    (N, ...) only: what is measured on test rows leaks into training. Floats keep their dtype,
    integers and booleans become float64. A constant column has std 0 and is divided by 1.
    Raises TypeError for anything but real numbers, NonFiniteError for NaN and infinity.
    """

    mean: np.ndarray
    std: np.ndarray

    def fit(self, train: Any) -> Standardizer:
        """Measure mean and std of every column of `train`; returns self."""
        x = _real("train", train).astype(np.float64)
        # Measured from the first row, a constant column is exactly 0 (the mean of ten 0.1 is not
        # 0.1), and a small spread around a large mean keeps its digits.
        first = x[0]
        away = (x - first).mean(axis=0)
        self.mean = first + away
        self.std = np.sqrt(((x - first - away) ** 2).mean(axis=0))
        return self

    def transform(self, x: Any, name: str = "x") -> np.ndarray:
        """Return (x - mean) / std; `name` is what an error calls x."""
        x = self._same_columns(name, _real(name, x))
        z = (x.astype(np.float64) - self.mean) / self._divisor
        return z.astype(x.dtype if x.dtype.kind == "f" else np.float64)

    def inverse_transform(self, z: Any, name: str = "z") -> np.ndarray:
        """Return z * std + mean: predictions back in the units of the data."""
        z = self._same_columns(name, _real(name, z))
        x = z.astype(np.float64) * self._divisor + self.mean
        return x.astype(z.dtype if z.dtype.kind == "f" else np.float64)

    @property
    def _divisor(self) -> np.ndarray:
        return np.where(self.std == 0, 1.0, self.std)

    def _same_columns(self, name: str, x: np.ndarray) -> np.ndarray:
        if not hasattr(self, "mean"):
            raise RuntimeError("this Standardizer has no mean yet: call fit(train) first")
        if x.shape[1:] != self.mean.shape:
            raise ValueError(
                f"{name} has shape {x.shape}: expected {('N', *self.mean.shape)}, as in fit(train)"
            )
        return x


def standardize(train: Any, *others: Any) -> Any:
    """Return `train` and the others, all standardized with mean and std of `train` alone.

    `x_train, x_test = standardize(x_train, x_test)`; a single array comes back by itself.
    """
    scaler = Standardizer().fit(train)
    z = scaler.transform(train, "train")
    rest = [scaler.transform(x, f"others[{i}]") for i, x in enumerate(others)]
    return (z, *rest) if others else z


def one_hot(labels: Any, num_classes: int | None = None, dtype: Any = np.float32) -> np.ndarray:
    """Return rows with a 1 at the label and 0 elsewhere: labels (...) -> (..., num_classes).

    Without num_classes there are as many as the largest label asks for. Raises IndexError for a
    label outside 0..num_classes-1 (-1 is not the last class), TypeError for labels that are floats.
    """
    y = np.asarray(labels)
    if y.dtype.kind not in "biu":
        raise TypeError(f"labels have dtype {y.dtype}: expected integers, e.g. labels.astype(int)")
    if num_classes is None:
        if y.size == 0:
            raise ValueError("labels are empty: expected num_classes, which they cannot tell")
        num_classes = max(int(y.max()) + 1, 1)
    num_classes = checks.positive_int("num_classes", num_classes)
    checks.room("one-hot rows", max(y.size, 1) * num_classes)
    y = y.astype(np.int64)
    checks.labels("labels", y, num_classes)
    return np.eye(num_classes, dtype=dtype)[y]


def _real(name: str, value: Any) -> np.ndarray:
    """Return a non-empty, finite, real NumPy array (N, ...)."""
    x = checks.reals(name, value)
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"{name} has shape {x.shape}: expected at least one row and one column")
    if not np.isfinite(x).all():
        columns = (~np.isfinite(x)).reshape(len(x), -1).sum(axis=0)
        column = int(columns.argmax())
        place = tuple(map(int, np.unravel_index(column, x.shape[1:])))
        index = ", ".join(map(str, (":", *place)))
        raise checks.NonFiniteError(
            f"{name}[{index}] has {columns[column]} NaN or infinite of {len(x)} values: expected "
            "finite numbers; drop those rows or fill them in first"
        )
    return x
