"""Counting: the language model that every other one is compared with."""

from collections import Counter

import numpy as np

from . import checks


class NGram:
    """The probability of the next character, counted in a text; contexts up to `order` characters.

    p_n(x | u) = (c(ux) + k(u) p_n-1(x | u')) / (c(u) + k(u)), with c(ux) the counts, c(u) their sum
    over x, k(u) the number of different characters seen after u, and u' = u without its first. An
    unseen u is passed over; at the end stands an even guess; a character that the text lacks has
    probability 0. After Witten and Bell 1991, doi:10.1109/18.87000.
    """

    def __init__(self, text: str, order: int) -> None:
        longest = checks.positive_int("order", order, low=0) + 1
        if not isinstance(text, str) or len(text) < longest:
            raise ValueError(f"text is too short, or no string: expected {longest} characters")
        starts = [range(len(text) - n + 1) for n in range(longest + 1)]
        self.counts = [Counter(text[k : k + n] for k in starts[n]) for n in range(longest + 1)]
        self.kinds, self.followed = Counter[str](), Counter[str]()
        for gram, count in (row for seen in self.counts[1:] for row in seen.items()):
            self.kinds[gram[:-1]] += 1
            self.followed[gram[:-1]] += count  # the last context of the text has no follower

    def p(self, context: str, c: str) -> float:
        """Return the probability that `c` follows `context`."""
        p = 1 / self.kinds[""] if c in self.counts[1] else 0.0
        for n in range(len(context) + 1):  # longer and longer contexts
            u = context[len(context) - n :]
            if k := self.kinds[u]:
                p = (self.counts[n + 1][u + c] + k * p) / (self.followed[u] + k)
        return p

    def bits(self, text: str, order: int) -> np.ndarray:
        """Return -log2 p of every character of `text` (T,), from at most `order` before it."""
        order = min(checks.positive_int("order", order, low=0), len(self.counts) - 2)
        p = [self.p(text[max(k - order, 0) : k], text[k]) for k in range(len(text))]
        with np.errstate(divide="ignore"):
            return -np.log2(p)
