"""The bundled data sets: their bytes, their values, and that they load from anywhere."""

import functools
import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets

import dlbook
from dlbook.checks import DataFormatError
from dlbook.data import (
    co2,
    digits,
    emoji,
    fashion_mnist,
    mnist,
    movie_snippets,
    penguins,
    penguins_features,
    photographs,
    seattle_weather,
    shakespeare,
    spoken_digits,
    standardize,
    sunspots,
    train_test_split,
)
from dlbook.data.sets import files

FILES = Path(dlbook.__file__).parent / "data" / "files"


# --- Files --------------------------------------------------------------------------------------


def test_every_file_has_its_pinned_hash():
    found = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in FILES.iterdir()}
    assert found == files.SHA256


def test_row_28_a_damaged_file_is_refused(tmp_path, monkeypatch):
    shutil.copytree(FILES, tmp_path / "files")
    file = tmp_path / "files" / "penguins.csv"
    text = file.read_bytes()
    monkeypatch.setattr(files.resources, "files", lambda package: tmp_path)
    assert len(penguins()["year"]) == 344
    file.write_bytes(text.replace(b"39.1", b"39.2", 1))
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    with pytest.raises(
        DataFormatError, match=f"{found}.*{files.SHA256[file.name]}.*Install dlbook anew"
    ):
        penguins()


def test_the_sets_load_from_a_zip_file(tmp_path):
    package = Path(dlbook.__file__).parent
    with zipfile.ZipFile(tmp_path / "dlbook.zip", "w") as archive:
        for file in package.rglob("*"):
            if "__pycache__" not in file.parts:
                archive.write(file, Path("dlbook") / file.relative_to(package))
    code = (
        "import sys; sys.path.insert(0, 'dlbook.zip'); from dlbook import data; "
        "sets = data.mnist, data.digits, data.sunspots, data.co2;"
        "print(data.__file__, [len(s()[0]) for s in sets], len(data.penguins()['sex']))"
    )
    run = [sys.executable, "-I", "-c", code]
    out = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1].endswith("[6000, 1797, 309, 2284] 344")
    assert "dlbook.zip" in out


# --- Pictures -----------------------------------------------------------------------------------


def test_mnist(capsys):
    files.say_once.cache_clear()
    x_train, y_train, x_test, y_test = mnist()
    assert capsys.readouterr().out.count("MNIST, bundled subset") == 1
    mnist()
    assert capsys.readouterr().out == "", "said once"
    assert (x_train.shape, x_test.shape) == ((6000, 1, 28, 28), (2000, 1, 28, 28))
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int64
    assert (x_train.min(), x_train.max(), x_test.min(), x_test.max()) == (0, 1, 0, 1)
    # The first labels of the official sets, and the row of pixels everyone has seen printed.
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    row = [3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127]
    assert (x_train[0, 0, 5, 12:24] * 255).round().tolist() == row
    for half in (y_test[:1000], y_test[1000:]):
        assert np.bincount(half).tolist() == [100] * 10
    with np.load(FILES / "mnist_6k_2k.npz") as raw:
        assert np.array_equal((x_test[:, 0] * 255).round(), raw["x_test"])
        assert np.array_equal(y_train, raw["y_train"])


def test_fashion_mnist(capsys):
    files.say_once.cache_clear()
    x_train, y_train, x_test, y_test = fashion_mnist()
    assert capsys.readouterr().out.count("Fashion-MNIST, bundled subset") == 1
    assert (x_train.shape, x_test.shape) == ((6000, 1, 28, 28), (2000, 1, 28, 28))
    assert (x_train.dtype, y_test.dtype) == (np.float32, np.int64)
    assert (x_train.min(), x_train.max()) == (0, 1)
    # the first labels of the official sets: an ankle boot, two T-shirts, ...
    assert y_train[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert y_test[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    assert np.bincount(y_test).tolist() == [200] * 10
    with np.load(FILES / "fashion_6k_2k.npz") as raw:
        assert np.array_equal((x_train[:, 0] * 255).round(), raw["x_train"])


def test_emoji():
    x, y, character, names = emoji()
    assert (x.shape, x.dtype, y.dtype) == ((1377, 3, 32, 32), np.float32, np.int64)
    assert (x.min(), x.max()) == (0, 1)
    assert np.bincount(y).tolist() == [85, 148, 5, 133, 261, 156, 160, 211, 218]
    assert len(names) == 9
    assert len(set(character.tolist())) == 1377
    group = {c: names[k] for c, k in zip(character, y, strict=True)}
    wanted = {
        "🎃": "activities", "🐢": "animals, nature", "🏴": "flags", "🍓": "food, drink",
        "👓": "objects", "👍": "people, body", "😀": "smileys", "♻": "symbols",
        "🚲": "travel, places",
    }  # fmt: skip
    assert {c: group[c] for c in wanted} == wanted
    # red is the first channel: a red and a blue heart, at a pixel in their middle
    red, blue = (x[list(character).index(c), :, 16, 16] for c in "❤💙")
    assert red.argmax() == 0
    assert blue.argmax() == 2
    assert (x[:, :, 0, 0] == 1).mean() > 0.95, "white corners"


def log_bands(x):
    """32 rows of 16 bands: what the sound is like, whatever its speed."""
    windows = np.lib.stride_tricks.sliding_window_view(x, 256)[::64] * np.hanning(256)
    power = (np.abs(np.fft.rfft(windows))[:, :128] ** 2).reshape(len(windows), 16, 8).mean(axis=2)
    return np.log(power + 1e-3)[np.linspace(0, len(windows) - 1, 32).round().astype(int)]


@functools.cache
def spoken_bands():
    x, y, voice, part, _ = spoken_digits()
    bands = np.array([log_bands(sound) for sound in x])
    of = {}
    for name, who in sorted(set(zip(part.tolist(), voice.tolist(), strict=True))):
        own = np.flatnonzero((part == name) & (voice == who))
        of.setdefault(name, []).append(bands[own[np.argsort(y[own])]])
    return {name: np.array(rows) for name, rows in of.items()}


def nearest_training_voice(name):
    """The mean squared difference of the two voices that are nearest to each other."""
    bands = spoken_bands()
    return min(((a - bands["train"]) ** 2).mean(axis=(1, 2, 3)).min() for a in bands[name])


def test_spoken_digits():
    x, y, voice, part, names = spoken_digits()
    assert len(x) == len(y) == len(voice) == len(part) == 740
    assert {a.dtype for a in x} == {np.dtype(np.float32)}
    assert max(np.abs(a).max() for a in x) == pytest.approx(1.0)
    assert 0.12 < min(map(len, x)) / 8000 < max(map(len, x)) / 8000 < 0.8
    counts = {"train": 24, "heard": 24, "val": 6, "new": 20}
    for name, count in counts.items():
        assert np.bincount(y[part == name]).tolist() == [count] * 10
    voices = {name: set(voice[part == name].tolist()) for name in counts}
    assert voices["train"] == voices["heard"], "the same voices in another take"
    assert not voices["train"] & voices["new"]
    assert not voices["val"] & (voices["new"] | voices["train"])
    variant = [name.split("+")[1] for name in names]
    assert len(set(variant)) == len(names) == 50, "no part has a throat of another"
    assert nearest_training_voice("heard") < 1 < 1.2 < nearest_training_voice("new")
    assert nearest_training_voice("val") > 1.2, (
        "two names may be one throat: listen, do not compare names"
    )
    # There is more above 2,500 Hz in "three" than in "one": the labels are those of the sounds
    size = [np.abs(np.fft.rfft(np.pad(sound, (0, 8000 - len(sound))))) ** 2 for sound in x]
    hiss = np.array([s[2500:].sum() / s.sum() for s in size])
    assert np.median(hiss[y == 3]) > 3 * np.median(hiss[y == 1])


def test_digits_are_those_of_scikit_learn():
    wanted = sklearn.datasets.load_digits()
    x, y = digits()
    assert (x.shape, x.dtype, y.dtype) == ((1797, 1, 8, 8), np.float32, np.int64)
    assert (x[:, 0] * 16 == wanted.images).all()
    assert (y == wanted.target).all()


def test_photographs():
    camera, cat = photographs()
    assert (camera.shape, cat.shape) == ((1, 256, 256), (3, 150, 225))
    assert camera.dtype == cat.dtype == np.float32
    assert 0 <= min(camera.min(), cat.min()) < 0.05
    assert camera.max() == 1.0
    assert (camera[0, :3, 0] * 255).round().tolist() == [200, 200, 200]
    assert (cat[:, 75, 112] * 255).round().tolist() == [192, 150, 126], "red, green, blue"


# --- Tables -------------------------------------------------------------------------------------


def test_penguins():
    table = penguins()
    assert {len(column) for column in table.values()} == {344}
    first = [column[0].item() for column in table.values()]
    assert first == ["Adelie", "Torgersen", 39.1, 18.7, 181.0, 3750.0, "male", 2007]
    assert [int(np.isnan(c).sum()) for c in table.values() if c.dtype.kind == "f"] == [2] * 4
    assert (table["sex"] == "").sum() == 11
    # Means published with the data set.
    gentoo, adelie = table["species"] == "Gentoo", table["species"] == "Adelie"
    assert round(np.nanmean(table["body_mass_g"][gentoo]), 2) == 5076.02
    assert round(np.nanmean(table["bill_length_mm"][adelie]), 2) == 38.79


def test_penguins_features():
    x, y, names = penguins_features()
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((333, 10), np.float64, (333,), np.int64)
    assert dict(zip(names, x[0], strict=True)) == {
        "bill_length_mm": 39.1, "bill_depth_mm": 18.7, "flipper_length_mm": 181,
        "body_mass_g": 3750, "species=Adelie": 1, "species=Chinstrap": 0, "species=Gentoo": 0,
        "island=Biscoe": 0, "island=Dream": 0, "island=Torgersen": 1,
    }  # fmt: skip
    assert y[:3].tolist() == [0, 1, 1]
    assert np.bincount(y).tolist() == [168, 165]
    assert x[:, 4:].sum(axis=0).tolist() == [146, 68, 119, 163, 123, 47]
    assert np.isfinite(x).all()


def test_penguins_can_be_learnt_but_not_perfectly():
    x, y, _ = penguins_features()
    x_train, x_test, y_train, y_test = train_test_split(x, y, rng=0, stratify=y)
    x_train, x_test = standardize(x_train, x_test)
    theta = np.zeros(11)
    rows, test_rows = (np.c_[a, np.ones(len(a))] for a in (x_train, x_test))
    for _ in range(500):
        p = 1 / (1 + np.exp(-rows @ theta))
        theta -= rows.T @ (p - y_train) / len(rows)
    assert 0.85 < ((test_rows @ theta > 0) == y_test).mean() < 0.97


# --- Series -------------------------------------------------------------------------------------


def test_sunspots():
    year, number = sunspots()
    assert (year == np.arange(1700, 2009)).all()
    assert number[:3].tolist() == [5, 11, 16]
    assert (year[number.argmax()], number.max()) == (1957, 190.2)


def test_co2():
    date, ppm = co2()
    assert (str(date[0]), str(date[-1]), len(date)) == ("1958-03-29", "2001-12-29", 2284)
    assert (np.diff(date) == np.timedelta64(7, "D")).all()
    assert np.isnan(ppm).sum() == 59
    assert ppm[:2].tolist() == [316.1, 317.3]
    assert (np.nanmin(ppm), np.nanmax(ppm)) == (313.0, 373.9)


def test_seattle_weather():
    w = seattle_weather()
    assert (str(w.date[0]), str(w.date[-1]), len(w.date)) == ("2012-01-01", "2015-12-31", 1461)
    assert (np.diff(w.date) == np.timedelta64(1, "D")).all()
    assert (w.precipitation[1], w.temp_max[1], w.temp_min[1], w.wind[1]) == (10.9, 10.6, 2.8, 4.5)
    assert w.weather[:2].tolist() == ["drizzle", "rain"]
    assert all(np.isfinite(column).all() for column in w[1:5])
    assert (w.temp_max >= w.temp_min).all()


# --- Texts --------------------------------------------------------------------------------------


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
