"""A table of vectors, looked up by number."""

from typing import Any

import numpy as np

from .. import checks, init
from .. import functional as F
from ..autodiff import Tensor
from ..backend import Array, array_namespace
from ..rng import Rng, generator
from .module import Entrance, Module

__all__ = ["Embedding"]


class Embedding(Module):
    """A table of vectors: integers (...) -> rows of `weight` (..., embedding_dim).

    weight (num_embeddings, embedding_dim) starts from N(0, 1). The row `padding_idx`, if given,
    starts at 0 and stays there: it gets no gradient. Raises IndexError for an
    index outside 0..num_embeddings-1 (-1 is not the last row), TypeError for floats.
    """

    takes = "..."

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, *,
        dtype: Any = np.float32, rng: Rng = None,
    ):  # fmt: skip
        self.num_embeddings = V = checks.positive_int("num_embeddings", num_embeddings)
        self.embedding_dim = D = checks.positive_int("embedding_dim", embedding_dim)
        weight = init.normal(generator(rng), (V, D), 1.0, dtype)
        self.padding_idx = padding_idx
        if padding_idx is not None:
            self.padding_idx = checks.positive_int("padding_idx", padding_idx, -V) % V
            if padding_idx >= V:
                raise ValueError(f"padding_idx={padding_idx}: expected 0..{V - 1}")
            weight[padding_idx] = 0.0
        self.weight = Tensor(weight, True)

    def door(self, x: Any, *others: Any, **settings: Any) -> Entrance:
        """Return the indices as an array of integers."""
        x, V = x.data if isinstance(x, Tensor) else checks.native("input", x), self.num_embeddings
        if not array_namespace(x).isdtype(x.dtype, "integral"):
            raise TypeError(f"input has dtype {x.dtype}: expected integers in 0..{V - 1}")
        checks.labels("input", x, V)
        return (x, *others), settings

    def forward(self, indices: Array) -> Tensor:
        """Return the row for each index."""
        return F.embedding(indices, self.weight, padding_idx=self.padding_idx)

    def extra_repr(self) -> str:
        """Rows and columns of the table."""
        return f"{self.num_embeddings} -> {self.embedding_dim}"
