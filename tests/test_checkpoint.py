"""Saved, killed and resumed: nothing is lost, and the numbers are those of a run that never stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import dlbook
from dlbook import Carry, CheckpointError, data, fit, nn, optim
from dlbook.checkpoint import MAGIC

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 3, 8, 8)).astype(np.float32)
Y = RNG.integers(0, 4, 50)


def pictures():
    """Dropout with and without a generator of its own, batch norm, shuffling, augmentation, groups."""
    dlbook.manual_seed(3)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3, rng=5), nn.Flatten(),
        nn.Dropout(0.2), nn.Linear(144, 4),
    )  # fmt: skip
    rest = [*model[1].parameters(), *model[6].parameters()]
    groups = [{"params": model[0].parameters(), "lr": 0.01}, {"params": rest}]
    optimizer = optim.AdamW(groups, lr=0.02)
    parts = [optim.LinearLR(optimizer, 0.1, 1, 2), optim.CosineAnnealingLR(optimizer, 5)]
    flip = data.transforms.RandomHorizontalFlip()
    return {
        "model": model,
        "loss": nn.CrossEntropyLoss(),
        "optimizer": optimizer,
        "train": data.DataLoader((X, Y), 8, shuffle=True, rng=7, transform=flip),
        "schedule": optim.SequentialLR(optimizer, parts, [2]),
        "validation": (X[:20], Y[:20]),
        "patience": 9,
    }


class Characters(nn.Module):
    def __init__(self):
        self.embed = nn.Embedding(9, 4)
        self.lstm = nn.LSTM(4, 6, num_layers=2, dropout=0.3, rng=1)
        self.out = nn.Linear(6, 9)

    def forward(self, x, state=None):
        y, state = self.lstm(self.embed(x), state)
        return self.out(y).permute(0, 2, 1), state


def characters():
    """Truncated backpropagation, and a schedule that measures."""
    dlbook.manual_seed(4)
    model = Characters()
    optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    tokens = np.random.default_rng(1).integers(0, 9, 200)
    return {
        "model": Carry(model),
        "loss": nn.CrossEntropyLoss(),
        "optimizer": optimizer,
        "train": data.SequenceLoader(tokens, 4, 10),
        "schedule": optim.ReduceLROnPlateau(optimizer, patience=0, factor=0.5, threshold=0.01),
    }


@pytest.mark.parametrize("make", [pictures, characters])
@pytest.mark.parametrize("stop", [1, 4])
def test_resumed_training_gives_the_same_bytes(make, stop, tmp_path):
    whole = make()
    history = fit(**whole, epochs=6, progress=False)
    path = tmp_path / "run.ckpt"
    fit(**make(), epochs=stop, progress=False, checkpoint=path)
    again = make()
    dlbook.manual_seed(99)  # another process has other random numbers
    resumed = fit(**again, epochs=6, progress=False, checkpoint=path)
    assert resumed == history
    assert resumed.best_epoch == history.best_epoch
    assert [g.lr for g in again["optimizer"].groups] == [g.lr for g in whole["optimizer"].groups]
    for name, value in whole["model"].state_dict().items():
        assert value.tobytes() == again["model"].state_dict()[name].tobytes(), name


def test_a_finished_run_is_not_run_again(tmp_path):
    path = tmp_path / "run.ckpt"
    history = fit(**characters(), epochs=2, progress=False, checkpoint=path)
    before = path.read_bytes()
    assert fit(**characters(), epochs=2, progress=False, checkpoint=path) == history
    assert path.read_bytes() == before


def test_what_is_plain_comes_back(tmp_path):
    path = tmp_path / "a.ckpt"
    rng = np.random.default_rng(5)
    rng.random(3)
    plain = {"step": 7, "names": ["a", "b"], "best": float("inf"), "nothing": None, "yes": True}
    dlbook.save(path, rng=rng, array=np.arange(6.0).reshape(2, 3), counts={"x": [1, 2]}, **plain)
    want = rng.random(4)
    other = np.random.default_rng(0)
    found = dlbook.load(path, rng=other)
    np.testing.assert_array_equal(other.random(4), want)
    np.testing.assert_array_equal(found.pop("array"), np.arange(6.0).reshape(2, 3))
    assert found == plain | {"counts": {"x": [1, 2]}}
    with pytest.raises(TypeError, match="cannot be saved: expected numbers, strings, arrays"):
        dlbook.save(path, f=print)
    assert dlbook.load(path)["step"] == 7  # the old file is still there
    assert os.listdir(tmp_path) == ["a.ckpt"]


def damaged(raw):
    """Every kind of file that is not what `save` wrote."""
    rng = np.random.default_rng(0)
    for _ in range(60):
        wrong = bytearray(raw)
        wrong[rng.integers(len(wrong))] ^= 1 << rng.integers(8)
        yield "a bit flipped", bytes(wrong)
    for _ in range(40):
        yield "cut off", raw[: rng.integers(len(raw))]
    yield "trailing", raw + b"\0"
    yield "empty", b""
    yield "another version", raw.replace(b"checkpoint 1", b"checkpoint 2", 1)
    yield "a pickle", b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94."
    yield "a zip", b"PK\x03\x04" + bytes(100)
    yield "random", rng.bytes(500)


def claiming(head, rest=b""):
    """A file with a right hash and a head that lies."""
    import hashlib

    body = len(head).to_bytes(8, "little") + head + rest
    return MAGIC + hashlib.sha256(body).digest() + body


def lies():
    tree = b'{"tree": {"seed": {"dict": []}, "parts": {"a": {"array": 0}}}, "arrays": [%s]}'
    yield "8 GB", claiming(tree % b'{"dtype": "<f8", "shape": [1000000000]}')
    yield "a shape below 0", claiming(tree % b'{"dtype": "<f8", "shape": [-1]}')
    below = b'{"dtype": "<f8", "shape": [-1]}, {"dtype": "<f8", "shape": [2]}'
    yield "a shape below 0 that another makes up for", claiming(tree % below, bytes(8))
    yield "objects", claiming(tree % b'{"dtype": "|O", "shape": [1]}')
    yield "no array of that number", claiming(tree % b"")
    yield (
        "bytes that belong to nothing",
        claiming(tree % b'{"dtype": "<f8", "shape": [1]}', bytes(9)),
    )
    yield "no JSON", claiming(b"{")
    yield "another tree", claiming(b"[1, 2]")
    yield "very deep", claiming(b'{"tree": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def test_row_26_damaged_and_hostile_files_change_nothing(tmp_path):
    parts = pictures()
    model, optimizer = parts["model"], parts["optimizer"]
    path = tmp_path / "a.ckpt"
    dlbook.save(path, model=model, optimizer=optimizer)
    before = {name: value.copy() for name, value in model.state_dict().items()}
    kinds = [*damaged(path.read_bytes()), *lies()]
    for kind, content in kinds:
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"a\.ckpt is no whole checkpoint"):
            dlbook.load(path, model=model, optimizer=optimizer)
        for name, value in before.items():
            assert np.array_equal(value, model.state_dict()[name]), kind
    assert len(kinds) > 100


def test_every_difference_is_named_and_nothing_changes(tmp_path):
    path = tmp_path / "a.ckpt"
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Linear(2, 2, rng=0))
    dlbook.save(path, model=model, optimizer=optim.Adam(model.parameters()))
    other = nn.Sequential(nn.Linear(4, 2, rng=1), nn.Linear(2, 2, rng=1, bias=False))
    before = other.state_dict()
    update = optim.SGD(other.parameters(), 0.1)
    with pytest.raises(CheckpointError) as caught:
        dlbook.load(path, model=other, optimizer=update, schedule=optim.StepLR(update, 1))
    for text in (
        "0.weight: shape (2, 3), expected (2, 4)",
        "unexpected: 1.bias",
        "schedule: not in the",
    ):
        assert text in str(caught.value)
    assert "optimizer:" in str(caught.value)
    for name, value in other.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_what_fits_is_put_back_when_something_else_does_not(tmp_path):
    """The model is of the right kind, the optimizer is not: neither changes, nor does chance."""
    path = tmp_path / "a.ckpt"
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Dropout(0.5, rng=1))
    dlbook.save(path, model=model, optimizer=optim.Adam(model.parameters()))
    other = nn.Sequential(nn.Linear(3, 2, rng=5), nn.Dropout(0.5, rng=6))
    before = other.state_dict()
    want = np.random.default_rng(6).random(3)
    dlbook.manual_seed(11)
    with pytest.raises(CheckpointError, match="optimizer: "):
        dlbook.load(path, model=other, optimizer=optim.SGD(other.parameters()))
    for name, value in other.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    np.testing.assert_array_equal(other[1]._rng.random(3), want)
    assert dlbook.rng.generator().random() == np.random.default_rng(11).random()


def test_layers_that_share_a_generator_go_on_sharing_it(tmp_path):
    """With one each they would draw other numbers than the run that was saved: that is refused."""
    path, one = tmp_path / "a.ckpt", np.random.default_rng(5)
    shared = nn.Sequential(nn.Dropout(0.5, rng=one), nn.Dropout(0.5, rng=one))
    dlbook.save(path, model=shared)
    want = shared(np.ones(50)).numpy()
    again = nn.Sequential(nn.Dropout(0.5, rng=7), nn.Dropout(0.5, rng=7))
    with pytest.raises(CheckpointError, match="holds 1 generators, expected 2"):
        dlbook.load(path, model=again)
    dlbook.load(path, model=shared)
    np.testing.assert_array_equal(shared(np.ones(50)).numpy(), want)


def test_row_26_memory_stays_near_the_size_of_the_file(tmp_path):
    path = tmp_path / "a.ckpt"
    program = f"""
import resource, sys
import numpy as np, dlbook
array = np.ones(20_000_000, np.float32)  # 80 MB
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
dlbook.save({str(path)!r}, array=array)
saved = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = dlbook.load({str(path)!r})["array"]
loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert found.shape == array.shape
print((saved - before) * 1024, (loaded - saved) * 1024)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    saving, loading = map(int, run.stdout.split())
    assert saving < 50e6
    assert loading < 80e6 + 50e6


SAVER = """
import sys
import numpy as np, dlbook
k = int(sys.argv[2])
print("ready", flush=True)
while True:
    k += 1
    dlbook.save(sys.argv[1], k=k, array=np.full(200_000, k))
"""


def kill_while_saving(path, times, seed):
    """Kill a process that saves without end, again and again; what is read is always one whole save."""
    rng, last = np.random.default_rng(seed), 0
    for _ in range(times):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVER, str(path), str(last)], stdout=subprocess.PIPE
        )
        process.stdout.readline()
        time.sleep(rng.uniform(0, 0.05))  # a random moment; nothing depends on how long it is
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if path.exists():
            found = dlbook.load(path)
            assert (found["array"] == found["k"]).all()
            assert found["k"] >= last
            last = found["k"]
    return last


def test_a_killed_save_loses_nothing(tmp_path):
    assert kill_while_saving(tmp_path / "a.ckpt", 8, 0) >= 0
    for rest in tmp_path.glob(".a.ckpt.*"):  # what a kill leaves behind is never the file itself
        assert rest != tmp_path / "a.ckpt"


def test_a_full_disk_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.ckpt"
    dlbook.save(path, k=1)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        dlbook.save(path, k=2)
    assert dlbook.load(path) == {"k": 1}
    assert [p.name for p in Path(tmp_path).iterdir()] == ["a.ckpt"]


if __name__ == "__main__":  # python tests/test_checkpoint.py 1000: as many kills as you like
    import tempfile

    folder = Path(tempfile.mkdtemp())
    print("saves read back:", kill_while_saving(folder / "a.ckpt", int(sys.argv[1]), 1))
