"""Text and series: tokens, windows without leakage, batches that go on."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlbook.data import STOP_WORDS, SequenceLoader, Vocabulary, pad_sequence, windows, words


def test_words():
    assert words("It's LATE, isn’t it?  (Don't go!)") == [
        "it's",
        "late",
        "isn’t",
        "it",
        "don't",
        "go",
    ]
    assert words("''Conan'' 3 D", lower=False) == ["Conan", "3", "D"]
    assert words("The cat and the Hat", stop_words=STOP_WORDS) == ["cat", "hat"]
    assert words("Not me", lower=False, stop_words={"not"}) == ["me"]
    assert words("...") == []
    with pytest.raises(TypeError, match="text is a list: expected one string"):
        words(["a"])


def test_stop_words_are_small_words():
    assert {"the", "and", "not", "of", "it's"} < STOP_WORDS
    assert all(set(words(w)) == {w} for w in STOP_WORDS), "as `words` cuts them"


def test_vocabulary():
    v = Vocabulary("banana bandana")
    assert v.tokens == ["a", "n", "b", " ", "d"], "by frequency, then by alphabet"
    assert v.encode("nab").tolist() == [1, 0, 2]
    assert v.encode("nab").dtype == np.int64
    assert "".join(v.decode(v.encode("dab"))) == "dab"
    assert len(v) == 5
    assert "b" in v
    assert "x" not in v
    assert v.encode("").shape == (0,)
    with pytest.raises(KeyError, match=r"unknown token .{1,2}x.{1,2}: it is not among the 5"):
        v.encode("bax")
    with pytest.raises(IndexError, match=r"indices\[1\]=5 outside 0..4"):
        v.decode([0, 5])
    with pytest.raises(IndexError, match=r"-1 outside"):
        v.decode([-1])


def test_vocabulary_leaves_out_what_is_rare():
    tokens = ["b", "a", "b", "c", "b", "a", "<unk>"]
    v = Vocabulary(tokens, min_count=2, special=("<pad>", "<unk>"))
    assert v.tokens == ["<pad>", "<unk>", "b", "a"]
    assert v.encode(["c", "a", "new"]).tolist() == [1, 3, 1]
    assert Vocabulary(tokens, max_size=3, special=("<pad>", "<unk>")).tokens == [
        "<pad>",
        "<unk>",
        "b",
    ]
    with pytest.raises(
        ValueError, match="no tokens to number: 3 different ones, none seen 9 times"
    ):
        Vocabulary(["a", "b", "c"], min_count=9)
    with pytest.raises(ValueError, match="max_size=1"):
        Vocabulary(tokens, max_size=1, special=("<pad>", "<unk>"))


@given(st.lists(st.text("abcde", max_size=4), min_size=1, max_size=20).filter(any))
def test_encoding_and_decoding_are_inverse(lines):
    v = Vocabulary(c for line in lines for c in line)
    for line in lines:
        assert "".join(v.decode(v.encode(line))) == line


def test_pad_sequence():
    x, mask = pad_sequence([[1, 2, 3], [], [4]], padding_value=9)
    assert x.tolist() == [[1, 2, 3], [9, 9, 9], [4, 9, 9]]
    assert mask.tolist() == [[True, True, True], [False] * 3, [True, False, False]]
    x, mask = pad_sequence([np.ones((3, 2)), np.ones((1, 2))], max_length=2)
    assert x[..., 0].tolist() == [[1, 1], [1, 0]]
    assert mask.tolist() == [[True, True], [True, False]]
    wanted = torch.nn.utils.rnn.pad_sequence([torch.tensor([1, 2]), torch.tensor([3])], True)
    assert pad_sequence([[1, 2], [3]])[0].tolist() == wanted.tolist()
    with pytest.raises(ValueError, match="empty"):
        pad_sequence([])


def test_windows_by_hand():
    x, y = windows([0, 1, 2, 3, 4, 5], 3, 2)
    assert x[..., 0].tolist() == [[0, 1, 2], [1, 2, 3]]
    assert y.tolist() == [[3, 4], [4, 5]]
    x, y = windows(np.arange(12).reshape(6, 2), 4)
    assert x.shape == (2, 4, 2)
    assert y.tolist() == [[[8, 9]], [[10, 11]]]
    x, _ = windows(np.zeros(9), 2)
    x[0] = 1.0  # a copy: the neighbours share nothing
    assert x[1:].sum() == 0
    with pytest.raises(
        ValueError, match=r"no window fits: length=5 and horizon=2 .* series of 6 steps"
    ):
        windows(np.zeros(6), 5, 2)
    with pytest.raises(ValueError, match=r"expected \(T,\) or \(T, D\)"):
        windows(np.zeros((2, 2, 2)), 1)


@given(
    st.integers(20, 40), st.integers(1, 6), st.integers(1, 4), st.integers(11, 14), st.booleans()
)
def test_windows_leak_nothing(T, length, horizon, split, two):
    series = np.arange(2.0 * T).reshape(T, 2)[:, : 1 + two]
    clock = series[:, 0]
    x_train, y_train = windows(series, length, horizon, stop=split)
    x_test, y_test = windows(series, length, horizon, start=split)
    assert y_train.max() <= series[split - 1].max()
    assert y_test.min() == clock[split]
    assert y_test.max() == series.max()
    assert x_train.max() < y_test.min()
    assert len(x_train) == split - length - horizon + 1, "not one fewer than there is room for"
    assert len(x_test) == T - split - horizon + 1
    for x, y in ((x_train, y_train), (x_test, y_test)):
        steps = np.concatenate([x[..., 0], y[..., 0]], axis=1)
        assert (np.diff(steps, axis=1) == 2).all(), "inputs and targets without a gap"


def test_sequence_loader_goes_on_where_it_ended():
    loader = SequenceLoader(np.arange(24), batch_size=3, length=4)
    pieces = list(loader)
    assert len(loader) == len(pieces) == 2
    assert pieces[0][0].tolist() == [[0, 1, 2, 3], [7, 8, 9, 10], [14, 15, 16, 17]]
    assert pieces[1][0].tolist() == [[4, 5, 6], [11, 12, 13], [18, 19, 20]]
    for x, y in pieces:
        assert (y == x + 1).all(), "the next token"
    assert len(list(loader)) == 2, "again in every epoch"
    with pytest.raises(ValueError, match="3 tokens are too few for 3 rows"):
        SequenceLoader(np.arange(3), 3, 1)


@given(st.integers(2, 60), st.integers(1, 5), st.integers(1, 9))
def test_sequence_loader_leaves_out_little(n, batch_size, length):
    if n <= batch_size:
        return
    targets = np.concatenate(
        [y.ravel() for _, y in SequenceLoader(np.arange(n), batch_size, length)]
    )
    assert sorted(targets) == list(range(1, len(targets) + 1))
    assert n - 1 - len(targets) < batch_size


def test_the_order_of_a_vocabulary():
    assert Vocabulary("bbaac").tokens == ["a", "b", "c"]  # as frequent: by the alphabet
    tokens = ["<pad>", "b", "<pad>", "<pad>", "a"]
    assert Vocabulary(tokens, special=["<pad>"]).tokens == ["<pad>", "a", "b"]


def test_sequences_of_nothing_are_padded_to_one_step():
    padded, mask = pad_sequence([[], []])
    assert padded.shape == mask.shape == (2, 1)
    assert not mask.any()


def test_the_token_for_unknown_ones_may_be_the_very_first():
    assert Vocabulary("ab", special=("<unk>",)).encode("axb").tolist() == [1, 0, 2]
