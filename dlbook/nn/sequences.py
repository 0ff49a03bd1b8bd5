"""Layers for sequences (N, T, D): N of them, T steps each, D numbers a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import checks, init
from .. import functional as F
from ..autodiff import Tensor
from ..backend import array_namespace, to
from .layers import Dropout
from .module import Module, as_tensor


class Embedding(Module):
    """A table of vectors: integers (...) -> rows of `weight` (..., embedding_dim).

    weight (num_embeddings, embedding_dim) starts from N(0, 1). The row `padding_idx`, if given,
    starts at 0; it is not kept there by force, as nothing should use it. Raises IndexError for an
    index outside 0..num_embeddings-1 (-1 is not the last row), TypeError for floats.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        dtype: Any = np.float32,
        rng: np.random.Generator | None = None,
    ):
        V = checks.positive_int("num_embeddings", num_embeddings)
        D = checks.positive_int("embedding_dim", embedding_dim)
        weight = init.normal(init.generator(rng), (V, D), 1.0, dtype)
        self.padding_idx = padding_idx
        if (
            padding_idx is not None
            and not 0 <= checks.positive_int("padding_idx", padding_idx, 0) < V
        ):
            raise ValueError(f"padding_idx={padding_idx}: expected 0..{V - 1}")
        if padding_idx is not None:
            weight[padding_idx] = 0.0
        self.weight = Tensor(weight, True)

    def forward(self, indices: Any) -> Tensor:
        """Return the row for each index."""
        indices = indices.data if isinstance(indices, Tensor) else checks.native("input", indices)
        V = self.weight.shape[0]
        if not array_namespace(indices).isdtype(indices.dtype, "integral"):
            raise TypeError(f"input has dtype {indices.dtype}: expected integers in 0..{V - 1}")
        checks.labels("input", indices, V)
        return F.embedding(indices, self.weight)

    def extra_repr(self) -> str:
        """Rows and columns of the table."""
        V, D = self.weight.shape
        return f"{V} → {D}"


class RNN(Module):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_t-1 + b_hh), layer over layer.

    Called with x (N, T, input_size) and, if wanted, the first state; returns all states of the
    last layer (N, T, hidden_size) and the last states of all layers (num_layers, N, hidden_size).
    With `bidirectional` a second set of weights reads from the end: outputs have 2 hidden_size
    numbers, states 2 num_layers rows, forwards and backwards in turn. `mask` (N, T) is false where
    a sequence has ended: such steps are left out, as with PyTorch's packed sequences.
    Names, order and initial values of the parameters are PyTorch's, U(-b, b) with b = 1 /
    sqrt(hidden_size); `batch_first` is True here unless said otherwise.
    """

    _function: Callable[..., Any] = staticmethod(F.rnn)
    _gates, _states = 1, 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = np.float32,
        rng: np.random.Generator | None = None,
    ):
        D, H = (checks.positive_int(n, v) for n, v in
                (("input_size", input_size), ("hidden_size", hidden_size)))  # fmt: skip
        self.input_size, self.hidden_size = D, H
        self.num_layers = checks.positive_int("num_layers", num_layers)
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        self.dropout = checks.number("dropout", dropout, 0, 1, include_high=True)
        self._rng = rng
        rng, G = init.generator(rng), self._gates * H
        for layer in range(self.num_layers):
            n_in = D if layer == 0 else H * len(self._directions)
            for direction in self._directions:
                for name, shape in (("weight_ih", (G, n_in)), ("weight_hh", (G, H)),
                                    ("bias_ih", (G,)), ("bias_hh", (G,))):  # fmt: skip
                    if bias or name.startswith("weight"):
                        values = init.torch_linear(rng, shape, H, dtype)
                        setattr(self, f"{name}_l{layer}{direction}", Tensor(values, True))

    @property
    def _directions(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def forward(self, x: Any, state: Any = None, mask: Any = None) -> tuple[Tensor, Any]:
        """Return (outputs, last state); for LSTM a state is a pair (h, c)."""
        W = self.weight_hh_l0.data  # type: ignore[attr-defined]
        x = as_tensor("input", x, W)
        checks.sequence(type(self).__name__, x, self.input_size)
        checks.not_empty(x)
        if not self.batch_first:
            x = x.permute(1, 0, 2)
        starts = self._starts(state, x, W)
        if mask is not None:
            mask = self._mask(mask, x)
        zeros = None if self.bias else to(np.zeros(self._gates * self.hidden_size), W)
        lasts = []
        for layer in range(self.num_layers):
            outputs = []
            for k, direction in enumerate(self._directions):
                row = layer * len(self._directions) + k
                names = [f"{n}_l{layer}{direction}" for n in ("weight_ih", "weight_hh")]
                biases = [f"{n}_l{layer}{direction}" for n in ("bias_ih", "bias_hh")]
                weights = [getattr(self, n) for n in names]
                weights += [getattr(self, n) for n in biases] if self.bias else [zeros, zeros]
                y, *last = self._function(
                    x, *(s[row] for s in starts), *weights, mask=mask, reverse=k == 1
                )
                outputs.append(y)
                lasts.append(last)
            x = outputs[0] if len(outputs) == 1 else F.concat(outputs, axis=-1)
            if layer < self.num_layers - 1 and self.training:
                x = Dropout(self.dropout, self._rng)(x)
        finals = tuple(F.stack(states) for states in zip(*lasts, strict=True))
        return (
            x if self.batch_first else x.permute(1, 0, 2),
            finals if self._states > 1 else finals[0],
        )

    def _starts(self, state: Any, x: Tensor, W: Any) -> list[Any]:
        """The first states, each (layers and directions, N, H); 0 unless given."""
        shape = (self.num_layers * len(self._directions), x.shape[0], self.hidden_size)
        names = ("h", "c")[: self._states]
        if state is None:
            return [to(np.zeros(shape), W)] * self._states
        parts = state if self._states > 1 else (state,)
        if not isinstance(parts, tuple | list) or len(parts) != self._states:
            raise TypeError(f"{type(self).__name__}: expected the state as a pair (h, c)")
        parts = [as_tensor(name, s, W) for name, s in zip(names, parts, strict=True)]
        for name, s in zip(names, parts, strict=True):
            if s.shape != shape:
                raise ValueError(f"{type(self).__name__}: state {name} has shape {s.shape}, "
                                 f"expected {shape}")  # fmt: skip
        return parts

    def _mask(self, mask: Any, x: Tensor) -> Any:
        mask = checks.native("mask", mask)
        if not array_namespace(mask).isdtype(mask.dtype, "bool") or mask.shape != x.shape[:2]:
            raise ValueError(f"mask has dtype {mask.dtype} and shape {tuple(mask.shape)}: expected "
                             f"booleans {x.shape[:2]}, False where a sequence has ended")  # fmt: skip
        return mask

    def extra_repr(self) -> str:
        """in → hidden, and what is not the default."""
        parts = [f"{self.input_size} → {self.hidden_size}"]
        for name, default in (("num_layers", 1), ("bias", True), ("batch_first", True),
                              ("dropout", 0.0), ("bidirectional", False)):  # fmt: skip
            if getattr(self, name) != default:
                parts.append(f"{name}={getattr(self, name)}")
        return ", ".join(parts)


class LSTM(RNN):
    """Long short-term memory: gates decide what its cell c keeps, adds and shows.

    As `RNN`, but a state is a pair (h, c). Hochreiter and Schmidhuber 1997; Gers et al. 2000.
    """

    _function = staticmethod(F.lstm)
    _gates, _states = 4, 2


class GRU(RNN):
    """Gated recurrent unit: as `RNN`, with two gates. Cho et al. 2014, as PyTorch has it."""

    _function = staticmethod(F.gru)
    _gates = 3
