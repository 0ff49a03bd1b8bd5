"""The data sets: those inside the package need no network; whole ones are downloaded when asked for.

Either way the same bytes for everyone.
"""

from .images import cifar10, digits, emoji, fashion_mnist, mnist, photographs
from .series import co2, seattle_weather, sunspots
from .sounds import spoken_digits
from .tables import penguins, penguins_features
from .texts import movie_snippets, shakespeare

__all__ = [
    "cifar10", "co2", "digits", "emoji", "fashion_mnist", "mnist", "movie_snippets", "penguins",
    "penguins_features", "photographs", "seattle_weather", "shakespeare", "spoken_digits",
    "sunspots",
]  # fmt: skip
