"""Layers for sequences (N, T, D): N of them, T steps each, D numbers a step."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import checks, init
from .. import functional as F
from ..autodiff import Tensor
from ..backend import array_namespace, to
from ..rng import Rng, generator, kept
from .layers import Dropout
from .module import Entrance, Module

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Module):
    """Layer over layer, and in each one direction or two: what RNN, LSTM and GRU share.

    A subclass says how many blocks of rows its weights have, what its states are called, and which
    primitive runs over time.
    """

    takes = "N T input_size | T input_size"
    gates = 1
    states: tuple[str, ...] = ("h",)
    run: Callable[..., Any]  # one layer in one direction: all outputs, and the last states

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, *, bias: bool = True,
        batch_first: bool = True, dropout: float = 0.0, bidirectional: bool = False,
        dtype: Any = np.float32, rng: Rng = None,
    ):  # fmt: skip
        self.input_size = D = checks.positive_int("input_size", input_size)
        self.hidden_size = H = checks.positive_int("hidden_size", hidden_size)
        self.num_layers = checks.positive_int("num_layers", num_layers)
        self.bias = checks.flag("bias", bias)
        self.batch_first = checks.flag("batch_first", batch_first)
        if not batch_first:
            self.takes = "T N input_size | T input_size"
        self.bidirectional = checks.flag("bidirectional", bidirectional)
        self.dropout = checks.number("dropout", dropout, "[0, 1]")
        self._directions = ("", "_reverse") if bidirectional else ("",)
        if self.dropout and self.num_layers == 1:
            warnings.warn("dropout acts between layers: num_layers=1 has no between", stacklevel=2)
        self._rng, rng, G = kept(rng), generator(rng), self.gates * H
        for layer in range(self.num_layers):
            n_in = D if layer == 0 else H * len(self._directions)
            for direction in self._directions:
                for name, shape in (("weight_ih", (G, n_in)), ("weight_hh", (G, H)),
                                    ("bias_ih", (G,)), ("bias_hh", (G,))):  # fmt: skip
                    if bias or name.startswith("weight"):
                        values = init.torch_linear(rng, shape, H, dtype)
                        setattr(self, f"{name}_l{layer}{direction}", Tensor(values, True))

    def forward(self, x: Tensor, state: Any = None, mask: Any = None) -> tuple[Tensor, Any]:
        """Return (outputs, last state); for LSTM a state is a pair (h, c)."""
        alone = x.ndim == 2  # a single sequence is a batch of one
        x = x[None] if alone else x if self.batch_first else x.permute(1, 0, 2)  # (N, T, D)
        lasts: list[list[Tensor]] = []
        for layer in range(self.num_layers):
            outputs = []
            for direction in self._directions:
                first = [s[len(lasts)] for s in state]  # each (N, H)
                weights = self._weights(f"l{layer}{direction}")
                reverse = direction == "_reverse"
                y, *last = self.run(x, *first, *weights, mask=mask, reverse=reverse)
                outputs.append(y)
                lasts.append(last)
            x = outputs[0] if len(outputs) == 1 else F.concat(outputs, axis=-1)  # (N, T, 1 or 2 H)
            if layer < self.num_layers - 1 and self.training:
                x = Dropout(self.dropout, rng=self._rng)(x)
        finals = tuple(F.stack(s) for s in zip(*lasts, strict=True))  # (layers, N, H) each
        if alone:
            x, finals = x[0], tuple(s[:, 0] for s in finals)
        elif not self.batch_first:
            x = x.permute(1, 0, 2)
        return x, finals if len(self.states) > 1 else finals[0]  # alone, as in PyTorch

    def _weights(self, place: str) -> list[Any]:
        """W_ih, W_hh, b_ih, b_hh of a layer and direction; without biases, zeros in their place."""
        weights = [getattr(self, f"{name}_{place}") for name in ("weight_ih", "weight_hh")]
        if self.bias:
            return weights + [getattr(self, f"{name}_{place}") for name in ("bias_ih", "bias_hh")]
        return weights + [to(np.zeros(self.gates * self.hidden_size), weights[0].data)] * 2

    def door(self, x: Any, state: Any = None, mask: Any = None) -> Entrance:
        """Check x, the first states (0 unless given) and the mask against each other."""
        W = self.weight_hh_l0  # type: ignore[attr-defined]
        x = self.checked("input", x, W)
        checks.not_empty(x)
        alone = x.ndim == 2
        N, T = (1, x.shape[0]) if alone else x.shape[:2] if self.batch_first else x.shape[1::-1]
        shape = self.num_layers * len(self._directions), N, self.hidden_size
        if state is None:
            state = [to(np.zeros(shape), W.data)] * len(self.states)
        elif len(self.states) == 1:
            state = (state,)
        if not isinstance(state, tuple | list) or len(state) != len(self.states):
            raise TypeError(f"{type(self).__name__}: expected the state as a pair (h, c)")
        state = [checks.tensor(n, s, W.data) for n, s in zip(self.states, state, strict=True)]
        if alone:
            state = [s[:, None] if s.ndim == 2 else s for s in state]
        for name, s in zip(self.states, state, strict=True):
            if s.shape != shape:
                raise ValueError(f"{type(self).__name__}: state {name} has shape {s.shape}, "
                                 f"expected {shape}")  # fmt: skip
        return (x, state, mask if mask is None else self._mask(mask, (N, T), alone)), {}

    def _mask(self, mask: Any, shape: tuple[int, ...], alone: bool) -> Any:
        mask = checks.native("mask", mask)
        mask = mask[None] if alone and mask.ndim == 1 else mask
        if not array_namespace(mask).isdtype(mask.dtype, "bool") or tuple(mask.shape) != shape:
            raise ValueError(f"mask has dtype {mask.dtype} and shape {tuple(mask.shape)}: expected "
                             f"booleans {shape}, False where a sequence has ended")  # fmt: skip
        return mask

    def extra_repr(self) -> str:
        """in -> hidden, and what is not the default."""
        unusual = self._unusual(num_layers=1, bias=True, batch_first=True, dropout=0.0,
                               bidirectional=False)  # fmt: skip
        return ", ".join([f"{self.input_size} -> {self.hidden_size}", *unusual])


class RNN(_Recurrent):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_t-1 + b_hh), layer over layer.

    Called with x (N, T, input_size) and, if wanted, the first state; returns all states of the
    last layer (N, T, hidden_size) and the last states of all layers (num_layers, N, hidden_size).
    With `bidirectional` a second set of weights reads from the end: outputs have 2 hidden_size
    numbers, states 2 num_layers rows, forwards and backwards in turn. `mask` (N, T) is false where
    a sequence has ended: such steps are left out, as with PyTorch's packed sequences.
    Names, order and initial values of the parameters are PyTorch's, U(-b, b) with b = 1 /
    sqrt(hidden_size); `batch_first` is True here unless said otherwise.
    """

    run = staticmethod(F.rnn)


class LSTM(_Recurrent):
    """Long short-term memory: gates decide what its cell c keeps, adds and shows.

    As `RNN`, but a state is a pair (h, c). Hochreiter and Schmidhuber 1997; Gers et al. 2000.
    """

    gates, states = 4, ("h", "c")

    run = staticmethod(F.lstm)


class GRU(_Recurrent):
    """Gated recurrent unit: as `RNN`, with two gates. Cho et al. 2014, as PyTorch has it."""

    gates = 3

    run = staticmethod(F.gru)
