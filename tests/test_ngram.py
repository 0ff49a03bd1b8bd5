"""The counting language model, by hand, and as a distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook.ngram import NGram


def test_ngram_by_hand():
    model = NGram("to be or not to be", 1)
    assert model.p("", "t") == pytest.approx((3 + 7 / 7) / (18 + 7))
    want = (2 + 2 * model.p("", "o")) / (3 + 2)  # after three t: twice o, once a space
    assert model.p("t", "o") == pytest.approx(want)
    assert model.p("q", "o") == model.p("", "o"), "an unseen context is passed over"
    assert model.bits("to", 1) == pytest.approx(-np.log2([model.p("", "t"), want]))
    assert model.bits("to", 0)[1] == pytest.approx(-np.log2(model.p("", "o")))
    assert model.p("", "z") == model.p("t", "z") == 0, "a character that the text lacks"
    assert model.bits("z", 1) == [np.inf]
    for text in ("ab", 3):
        with pytest.raises(ValueError, match="expected 3 characters"):
            NGram(text, 2)


@given(st.text("abc", min_size=5, max_size=30), st.text("abc", max_size=3))
def test_ngram_probabilities_add_up_to_one(text, context):
    model = NGram(text, 3)
    whole = sum(model.p(context, c) for c in set(text))
    if context.endswith(text[-1]):  # the last occurrence has no successor, but counts
        assert 0 < whole <= 1 + 1e-12
    else:
        assert whole == pytest.approx(1)


def test_it_is_a_distribution_after_every_context_also_the_last_of_the_text():
    """At the end of the text "ab" has been seen three times and followed twice."""
    counting = NGram("abcabdab", 2)
    for context in ("", "a", "b", "ab", "bc", "zz"):
        assert sum(counting.p(context, c) for c in "abcd") == pytest.approx(1, abs=1e-15), context
    assert counting.p("ab", "c") == pytest.approx((1 + 2 * counting.p("b", "c")) / 4, abs=1e-15)
