"""Attention over sequences (N, T, E): every step looks at the others."""

import functools
import math
import operator
from typing import Any

import numpy as np

from .. import checks, init
from .. import functional as F
from ..autodiff import Tensor
from ..backend import Array, array_namespace, to
from ..rng import Rng, generator, kept
from .layers import Dropout, Linear
from .module import Entrance, Module
from .normalization import LayerNorm

__all__ = ["MultiheadAttention", "PositionalEncoding", "TransformerEncoderLayer"]


class MultiheadAttention(Module):
    """Attention with several sets of weights ("heads"), each over embed_dim / num_heads numbers.

    Called with query (N, T, E), key and value (N, S, E); returns the outputs (N, T, E) and, if
    `need_weights`, how much each step looked at each, the mean over heads (N, T, S). In masks, as
    in PyTorch, True means that a place may NOT be looked at: `attn_mask` (T, S), or numbers to add,
    `key_padding_mask` (N, S); `is_causal` hides what comes later. A step that may look nowhere gets
    no values (PyTorch: NaN). Parameters have PyTorch's names; `batch_first` is True.
    Vaswani et al. 2017.
    """

    takes = "N T embed_dim | T embed_dim"

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, *,
        batch_first: bool = True, dtype: Any = np.float32, rng: Rng = None,
    ):  # fmt: skip
        self.embed_dim = E = checks.positive_int("embed_dim", embed_dim)
        self.num_heads = checks.positive_int("num_heads", num_heads)
        if E % self.num_heads:
            raise ValueError(f"embed_dim={E} must be divisible by num_heads={num_heads}")
        self.batch_first = checks.flag("batch_first", batch_first)
        if not batch_first:
            self.takes = "T N embed_dim | T embed_dim"
        self.dropout = checks.number("dropout", dropout, "[0, 1]")
        bias, self._rng, rng = checks.flag("bias", bias), kept(rng), generator(rng)
        self.in_proj_weight = Tensor(init.xavier_uniform(rng, (3 * E, E), dtype), True)
        self.in_proj_bias = Tensor(np.zeros(3 * E, dtype), True) if bias else None
        self.out_proj = Linear(E, E, bias, dtype=dtype, rng=rng)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data = np.zeros(E, dtype)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Array | None = None,
                need_weights: bool = True, average: bool = True) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        """Return (outputs, weights or None), from what `door` has made of the arguments."""
        alone, E = query.ndim == 2, self.embed_dim
        q = self._heads(query, 0)  # (N, heads, T, E / heads)
        k = self._heads(key, 1)  # (N, heads, S, E / heads)
        v = self._heads(value, 2)  # (N, heads, S, E / heads)
        weights = F.attention_weights(q, k, mask=mask)  # (N, heads, T, S)
        if self.training:
            weights = F.dropout(weights, self.dropout, rng=self._rng)
        y = (weights @ v).permute(0, 2, 1, 3)  # (N, T, heads, E / heads)
        y = self.out_proj(y.reshape(*y.shape[:2], E))  # heads side by side: (N, T, E)
        y = y[0] if alone else y if self.batch_first else y.permute(1, 0, 2)
        if not need_weights:
            return y, None
        weights = F.mean(weights, axis=1) if average else weights
        return y, weights[0] if alone else weights

    def _heads(self, x: Tensor, part: int) -> Tensor:
        """Project with the part of in_proj for query, key or value: (N, heads, T, E / heads)."""
        N, T, E = x.shape if x.ndim == 3 else (1, *x.shape)
        rows = slice(part * E, (part + 1) * E)
        b = None if self.in_proj_bias is None else self.in_proj_bias[rows]
        z = F.linear(x, self.in_proj_weight[rows], b)  # (N, T, E)
        return z.reshape(N, T, self.num_heads, E // self.num_heads).permute(0, 2, 1, 3)

    def door(
        self, query: Any, key: Any = None, value: Any = None, key_padding_mask: Any = None,
        need_weights: bool = True, attn_mask: Any = None, average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> Entrance:  # fmt: skip
        """Key and value are the query unless given; all masks become one, for (N, heads, T, S)."""
        key = query if key is None else key
        value = key if value is None else value
        W, sizes = self.in_proj_weight.data, {"embed_dim": self.embed_dim}
        alone, inputs = np.ndim(query) == 2, []
        for name, x, length in (("query", query, "T"), ("key", key, "S"), ("value", value, "S")):
            x = checks.tensor(name, x, W)
            batch = f"N {length} embed_dim" if self.batch_first else f"{length} N embed_dim"
            takes = self.takes if name == "query" else f"{length} embed_dim" if alone else batch
            sizes |= checks.shape(self, name, x.shape, takes, sizes)
            inputs.append(x if self.batch_first or alone else x.permute(1, 0, 2))
        sizes.setdefault("N", 1)
        mask = one_mask(attn_mask, key_padding_mask, is_causal, sizes, W)
        return (*inputs, mask, need_weights, average_attn_weights), {}

    def extra_repr(self) -> str:
        """The size and the number of heads."""
        return f"{self.embed_dim}, num_heads={self.num_heads}"


def one_mask(attn, padding, causal, sizes, like):
    """All masks as one for (N, heads, T, S): booleans, true where one may look, or numbers to add."""
    N, T, S = sizes["N"], sizes["T"], sizes["S"]
    allowed, added = [], None
    for name, mask, shape in (("attn_mask", attn, (T, S)), ("key_padding_mask", padding, (N, S))):
        if mask is None:
            continue
        mask = checks.native(name, mask)
        mask = mask[None] if name == "key_padding_mask" and N == mask.ndim == 1 else mask
        if tuple(mask.shape) != shape:
            raise ValueError(f"{name} has shape {tuple(mask.shape)}, expected {shape}")
        xp = array_namespace(mask)
        if xp.isdtype(mask.dtype, "bool"):
            allowed.append(~mask if name == "attn_mask" else ~mask[:, None, None, :])
        elif name == "attn_mask" and xp.isdtype(mask.dtype, "real floating"):
            added = to(mask, like)
        else:
            raise TypeError(
                f"{name} has dtype {mask.dtype}: expected booleans, True where not to look"
            )
    if causal:
        if T != S:
            raise ValueError(f"is_causal with {T} queries and {S} keys: expected as many; for others "
                             "give attn_mask")  # fmt: skip
        allowed.append(to(np.tril(np.ones((T, S))), like) > 0)
    if not allowed:
        return added
    both = functools.reduce(operator.and_, allowed)
    return both if added is None else array_namespace(added).where(both, added, -math.inf)


class TransformerEncoderLayer(Module):
    """Attention, then two linear layers, each with a shortcut and layer normalisation.

    norm_first=False: x = norm1(x + attention(x)), x = norm2(x + feed_forward(x)), as in the paper;
    True: x = x + attention(norm1(x)), x = x + feed_forward(norm2(x)). Masks as in
    MultiheadAttention; names and defaults are PyTorch's, but `batch_first` is True.
    Vaswani et al. 2017.
    """

    takes = "N T d_model | T d_model"

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str = "relu", layer_norm_eps: float = 1e-5, batch_first: bool = True,
        norm_first: bool = False, *, dtype: Any = np.float32, rng: Rng = None,
    ):  # fmt: skip
        self.activation = checks.choice("activation", activation, ("relu", "gelu"))
        if not batch_first:
            self.takes = "T N d_model | T d_model"
        self.d_model, self.norm_first = d_model, checks.flag("norm_first", norm_first)
        rng = kept(rng)  # one for the weights and the masks of all parts
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, batch_first=batch_first, dtype=dtype, rng=rng
        )
        self.linear1 = Linear(d_model, dim_feedforward, dtype=dtype, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, dtype=dtype, rng=rng)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, dtype=dtype)
        self.dropout = Dropout(dropout, rng=rng)

    def door(self, src: Any, *masks: Any, **settings: Any) -> Entrance:  # type: ignore[override]
        """The masks are checked by the attention."""
        return (self.checked("src", src, self.linear1.weight), *masks), settings

    def forward(
        self, x: Tensor, src_mask: Any = None, src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """Return the new (N, T, d_model)."""

        def attend(x: Tensor) -> Tensor:
            y, _ = self.self_attn(x, attn_mask=src_mask, key_padding_mask=src_key_padding_mask,
                                  is_causal=is_causal, need_weights=False)  # fmt: skip
            return self.dropout(y)

        def feed_forward(x: Tensor) -> Tensor:
            bend = F.relu if self.activation == "relu" else F.gelu
            return self.dropout(self.linear2(self.dropout(bend(self.linear1(x)))))

        if self.norm_first:
            x = x + attend(self.norm1(x))
            return x + feed_forward(self.norm2(x))
        x = self.norm1(x + attend(x))
        return self.norm2(x + feed_forward(x))


class PositionalEncoding(Module):
    """x + p, with p[t, 2k] = sin(t / 10000^(2k / E)) and p[t, 2k + 1] the cosine: (N, T, E).

    Without it attention does not know the order of the steps. T is at most `max_len`.
    Vaswani et al. 2017.
    """

    pe: Array
    takes = "N T d_model | T d_model"

    def __init__(self, d_model: int, max_len: int = 5000, *, dtype: Any = np.float32):
        self.d_model = E = checks.positive_int("d_model", d_model)
        self.max_len = checks.positive_int("max_len", max_len)
        t = np.arange(max_len)[:, None]
        angle = t / 10_000.0 ** (np.arange(E) // 2 * 2 / E)
        waves = np.where(np.arange(E) % 2 == 0, np.sin(angle), np.cos(angle))
        self.register_buffer("pe", waves.astype(dtype))

    def door(self, x: Any, *others: Any, **settings: Any) -> Entrance:
        """Raise ValueError for sequences longer than max_len."""
        x = self.checked("input", x, self.pe)
        if x.shape[-2] > self.max_len:
            raise ValueError(f"PositionalEncoding({self.d_model}) got input {x.shape}: expected "
                             f"(N, T, d_model={self.d_model}) with T at most {self.max_len}")  # fmt: skip
        return (x, *others), settings

    def forward(self, x: Tensor) -> Tensor:
        """Return x with the positions added."""
        return x + self.pe[: x.shape[-2], :]
