"""Data: sets, what is done to them before training, and the loader that cuts batches."""

from . import transforms
from .loader import DataLoader
from .preprocess import Standardizer, one_hot, standardize, train_test_split
from .sequences import STOP_WORDS, SequenceLoader, Vocabulary, pad_sequence, windows, words
from .sets import (
    cifar10,
    co2,
    digits,
    emoji,
    fashion_mnist,
    mnist,
    movie_snippets,
    penguins,
    penguins_features,
    photographs,
    seattle_weather,
    shakespeare,
    spoken_digits,
    sunspots,
)

__all__ = [
    "STOP_WORDS",
    "DataLoader",
    "SequenceLoader",
    "Standardizer",
    "Vocabulary",
    "cifar10",
    "co2",
    "digits",
    "emoji",
    "fashion_mnist",
    "mnist",
    "movie_snippets",
    "one_hot",
    "pad_sequence",
    "penguins",
    "penguins_features",
    "photographs",
    "seattle_weather",
    "shakespeare",
    "spoken_digits",
    "standardize",
    "sunspots",
    "train_test_split",
    "transforms",
    "windows",
    "words",
]
