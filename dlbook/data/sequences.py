"""Text and series: tokens and their numbers, windows over a series, batches that go on."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import checks
from ..backend import Array

_STOP = """
a about after again against all am an and any are as at be because been before being below between
both but by can could did do does doing down during each few for from further had has have having he
her here hers him his how i if in into is it it's its just me more most my no nor not now of off on
once only or other our out over own same she should so some such than that the their them then there
these they this those through to too under until up very was we were what when where which while who
whom why will with would you your"""
STOP_WORDS = frozenset(_STOP.split())


def words(text: str, lower: bool = True, stop_words: Collection[str] = ()) -> list[str]:
    """Return the words of a text in order: "It's late!" -> ["it's", "late"].

    A word is letters and digits, with apostrophes inside; everything else only separates. Words in
    `stop_words` (compared in lower case), such as `STOP_WORDS`, are left out.
    """
    if not isinstance(text, str):
        raise TypeError(f"text is a {type(text).__name__}: expected one string")
    found = re.findall(r"\w+(?:['\u2019]\w+)*", text.lower() if lower else text)
    return [w for w in found if w.lower() not in stop_words] if stop_words else found


class Vocabulary:
    """Gives each token a number, the most frequent first: `Vocabulary(tokens).encode(tokens)`.

    tokens: an iterable of strings; a string is one of characters. Tokens seen fewer than
    `min_count` times, or after the first `max_size`, are left out. `special` tokens, such as
    "<pad>" and "<unk>", come first; if "<unk>" is among them, it stands for every unknown token.
    Equally frequent tokens stand in alphabetical order.
    """

    def __init__(
        self,
        tokens: Iterable[str],
        min_count: int = 1,
        max_size: int | None = None,
        special: Sequence[str] = (),
    ) -> None:
        min_count = checks.positive_int("min_count", min_count)
        if max_size is not None:
            max_size = checks.positive_int("max_size", max_size, low=len(special) + 1)
        counts = Counter(tokens)
        for token in special:
            del counts[token]
        ranked = sorted(counts, key=lambda token: (-counts[token], token))
        kept = [token for token in ranked if counts[token] >= min_count]
        self.tokens = [*special, *kept][:max_size]
        if not self.tokens:
            raise ValueError(
                f"no tokens to number: {len(counts)} different ones, none seen {min_count} times"
            )
        self.index = {token: k for k, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self.index

    def encode(self, tokens: Iterable[str]) -> np.ndarray:
        """Return the tokens' numbers (T,) int64; KeyError for an unknown one without "<unk>"."""
        unknown = self.index.get("<unk>")
        if unknown is None:
            try:
                return np.array([self.index[token] for token in tokens], dtype=np.int64)
            except KeyError as error:
                raise KeyError(
                    f"unknown token {error.args[0]!r}: it is not among the {len(self)} of the "
                    'vocabulary; expected them only, or special=("<unk>",)'
                ) from None
        return np.array([self.index.get(token, unknown) for token in tokens], dtype=np.int64)

    def decode(self, indices: Any) -> list[str]:
        """Return the tokens for numbers (T,); IndexError outside 0..len-1."""
        indices = np.asarray(indices)
        if indices.ndim != 1:
            raise ValueError(
                f"indices have shape {indices.shape}: expected (T,); decode rows one by one"
            )
        checks.labels("indices", indices, len(self))
        return [self.tokens[k] for k in indices]


def pad_sequence(
    sequences: Sequence[Any], padding_value: float = 0, max_length: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Put sequences (T_i,) or (T_i, D) of different lengths into one array (N, T), and say where.

    Returns the array, filled up at the ends with `padding_value`, and a mask (N, T), true where
    there is a token: what the recurrent layers take as `mask`, and turned round, ~mask, what attention
    takes as `key_padding_mask`. Longer ones are cut at `max_length`.
    """
    if len(sequences) == 0:
        raise ValueError("sequences are empty: expected at least one")
    if max_length is not None:
        max_length = checks.positive_int("max_length", max_length)
    parts = [np.asarray(s)[:max_length] for s in sequences]
    lengths = np.array([len(part) for part in parts])
    T = max(int(lengths.max()), 1)
    padded = np.full((len(parts), T, *parts[0].shape[1:]), padding_value, parts[0].dtype)
    for row, part in zip(padded, parts, strict=True):
        row[: len(part)] = part
    return padded, np.arange(T) < lengths[:, None]


def windows(
    series: Any, length: int, horizon: int = 1, *, start: int = 0, stop: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Every stretch of `length` steps of a series, and the `horizon` steps that follow it.

    series (T,) -> x (N, length, 1), y (N, horizon); series (T, D) -> x (N, length, D), y (N,
    horizon, D). Only targets inside series[start:stop] count, while inputs may reach back before
    `start`: windows with stop=n, and others with start=n, share no target, and no input of the
    first is a target of the second. Raises ValueError if there is no room for a single one.
    """
    z = np.asarray(series)
    if z.ndim not in (1, 2):
        raise ValueError(f"series has shape {z.shape}: expected (T,) or (T, D)")
    length, horizon = checks.positive_int("length", length), checks.positive_int("horizon", horizon)
    start = checks.positive_int("start", start, low=0)
    stop = len(z) if stop is None else min(checks.positive_int("stop", stop), len(z))
    first = max(start, length)  # the first target's step
    n = stop - horizon - first + 1
    if n < 1:
        raise ValueError(
            f"no window fits: {length=} and {horizon=} with targets in {start}..{stop - 1} of a "
            f"series of {len(z)} steps"
        )
    every = np.lib.stride_tricks.sliding_window_view(z, length + horizon, axis=0)
    chosen = np.moveaxis(every[first - length : first - length + n], -1, 1).copy()
    x, y = chosen[:, :length], chosen[:, length:]
    return (x[..., None] if z.ndim == 1 else x), y


class SequenceLoader:
    """Batches of one long sequence in which each goes on where the one before ended.

    tokens (T, ...) are cut into `batch_size` rows, and the rows into pieces of `length` steps.
    Yields x (batch_size, length, ...) and y, the same one step later: the next token. For `fit` and
    `evaluate` with a model in `Carry`, so that what a model remembers of a piece serves the next. The
    last piece may be shorter; up to batch_size - 1 tokens at the very end are left out.
    """

    def __init__(self, tokens: Any, batch_size: int, length: int) -> None:
        tokens = checks.native("tokens", tokens)
        batch_size = checks.positive_int("batch_size", batch_size)
        self.length = checks.positive_int("length", length)
        steps = (len(tokens) - 1) // batch_size
        if steps < 1:
            raise ValueError(f"{len(tokens)} tokens are too few for {batch_size} rows of at least "
                             "one step and its successor")  # fmt: skip
        shape = (batch_size, steps, *tokens.shape[1:])
        self.x: Array = tokens[: batch_size * steps].reshape(shape)
        self.y: Array = tokens[1 : batch_size * steps + 1].reshape(shape)

    def __len__(self) -> int:
        return -(-self.x.shape[1] // self.length)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        for start in range(0, self.x.shape[1], self.length):
            piece = slice(start, start + self.length)
            yield self.x[:, piece], self.y[:, piece]
