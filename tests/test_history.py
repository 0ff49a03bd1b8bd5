"""History, its table, and the bar that counts batches."""

from __future__ import annotations

import sys

import pytest

from dlbook import History
from dlbook.history import Progress, RangeTest


def test_an_epoch_after_the_other():
    history = History()
    history.append({"loss": 2.0, "val_loss": 3.0})
    history.append({"loss": 1.0, "val_loss": 4.0})
    assert history == {"loss": [2.0, 1.0], "val_loss": [3.0, 4.0]}
    assert (history.best_epoch, history.stopped) == (None, "")
    assert repr(RangeTest(lr=[0.1], loss=[2.0])) == (
        "epoch            lr          loss\n    1           0.1             2"
    )


def test_history_as_text():
    history = History(loss=[1.0, 0.25], val_loss=[2.0, 3.0])
    history.best_epoch, history.stopped = 1, "stopped: enough"
    assert repr(history).splitlines() == [
        "epoch          loss      val_loss",
        "    1             1             2 *",
        "    2          0.25             3",
        "stopped: enough",
    ]


class Bar:
    """What tqdm would be told."""

    def __init__(self, **settings):
        self.settings, self.n, self.told, self.closed = settings, 0, [], False

    def update(self):
        self.n += 1

    def set_postfix(self, numbers):
        self.told.append(numbers)

    def close(self):
        self.closed = True


@pytest.mark.parametrize(
    ("batches", "total"), [(["a", "b", "c"], 6), (iter("abc"), None)], ids=["list", "iterator"]
)
def test_the_bar_counts_batches_and_shows_numbers(batches, total, monkeypatch):
    monkeypatch.setattr("tqdm.std.tqdm", Bar)
    progress = Progress(batches, epochs=2)
    counted = [(batch, progress.bar.n) for batch in progress.over(batches)]
    assert counted == [("a", 0), ("b", 1), ("c", 2)]  # it counts when the next is asked for
    assert progress.bar.n == 3
    progress.tell({"loss": 0.123456, "val_loss": 2.0})
    assert progress.bar.told == [{"loss": "0.1235", "val_loss": "2"}]
    progress.close()
    assert progress.bar.closed
    shown = {name: progress.bar.settings[name] for name in ("total", "file", "leave")}
    assert shown == {"total": total, "file": sys.stderr, "leave": False}


@pytest.mark.parametrize("why", ["not wanted", "no tqdm"])
def test_without_a_bar_the_batches_go_through(why, monkeypatch):
    if why == "no tqdm":
        monkeypatch.setitem(sys.modules, "tqdm.std", None)
    progress = Progress([1, 2], epochs=1, wanted=why == "no tqdm")
    assert progress.bar is None
    assert list(progress.over([1, 2])) == [1, 2]
    progress.tell({"loss": 1.0})
    progress.close()
