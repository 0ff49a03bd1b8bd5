"""Data: bundled sets, what is done to them before training, and the loader that cuts batches."""

from . import transforms
from .datasets import (
    co2,
    digits,
    emoji,
    fashion_mnist,
    mnist,
    penguins,
    penguins_features,
    photographs,
    sunspots,
)
from .loader import DataLoader
from .preprocess import Standardizer, one_hot, standardize, train_test_split

__all__ = [
    "DataLoader",
    "Standardizer",
    "co2",
    "digits",
    "emoji",
    "fashion_mnist",
    "mnist",
    "one_hot",
    "penguins",
    "penguins_features",
    "photographs",
    "standardize",
    "sunspots",
    "train_test_split",
    "transforms",
]
