"""Texts: plays, and sentences with ratings."""

from typing import NamedTuple

import numpy as np

from .files import text


class Snippets(NamedTuple):
    """10,603 sentences from film reviews; what people made of each, float64 from -4 to 4."""

    text: tuple[str, ...]
    rating: np.ndarray


def movie_snippets() -> Snippets:
    """10,603 sentences from film reviews, each with the mean rating of ten to twenty people.

    Of two sentences that occur twice, the second is left out, or a copy could land in a test set.
    Licence: MIT. Ratings: Hutto and Gilbert 2014, doi:10.1609/icwsm.v8i1.14550; sentences: Pang and
    Lee 2005, doi:10.3115/1219840.1219855. Source: the Python package vaderSentiment 3.3.2.
    """
    import html  # late, as few need it

    lines = html.unescape(text("movie_snippets.tsv.gz")).rstrip("\n").split("\n")
    rating = {sentence: float(n) for n, sentence in (line.split("\t") for line in reversed(lines))}
    sentences = tuple(reversed(rating))
    return Snippets(sentences, np.array([rating[s] for s in sentences]))


def shakespeare() -> str:
    """Seven plays of William Shakespeare, 939,929 characters of plain text, Hamlet first.

    With the names of speakers, acts and directions for the stage, as printed. Licence: public
    domain. Source: Project Gutenberg, by way of the Python package shakespeare 0.6, blank lines
    folded.
    """
    return text("shakespeare.txt.gz")
