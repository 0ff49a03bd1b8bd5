"""The cache folder: whole files or none, whatever the disk does, and whoever else writes there."""

# ruff: noqa: F811  (fixtures are imported, and then named as arguments)

import contextlib
import errno
import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from mirrors import GOOD, SHA256, WRONG, Bar, cache, left, mirrors, running, server  # noqa: F401

from dlbook import ChecksumError, DataFormatError, OfflineError
from dlbook.data import penguins
from dlbook.data.sets import download, files

DAMAGED = {  # the content; what the error says
    "empty": (b"", "it has 0 bytes, expected 150000"),
    "cut off": (GOOD[:-1], "it has 149999 bytes, expected 150000"),
    "longer": (GOOD + b"!", "it has more than 150000 bytes"),
    "a page": (b"<html>", "it has 6 bytes"),
    "one bit": (WRONG, f"its SHA-256 is {hashlib.sha256(WRONG).hexdigest()}, expected {SHA256}"),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_row_28_a_damaged_file_in_the_cache(mirrors, cache, server, monkeypatch, how):
    content, words = DAMAGED[how]
    cache.mkdir()
    (cache / "tiny").write_bytes(content)
    monkeypatch.setenv("DLBOOK_OFFLINE", "1")
    with pytest.raises(OfflineError, match=f"tiny is damaged: .*{words}.*forbids a download"):
        download.fetch("tiny")
    assert server.asked == []
    monkeypatch.setenv("DLBOOK_OFFLINE", "0")
    assert download.fetch("tiny") == GOOD == (cache / "tiny").read_bytes()
    assert left(cache) == ["tiny"]


def test_offline_the_command_in_the_error_helps(mirrors, cache, server, monkeypatch):
    monkeypatch.setenv("DLBOOK_DATA", str(cache / "with space"))
    monkeypatch.setenv("DLBOOK_OFFLINE", "1")
    with pytest.raises(OfflineError, match="is not there, and DLBOOK_OFFLINE forbids") as caught:
        download.fetch("tiny")
    assert server.asked == []
    assert SHA256 in str(caught.value)
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    (command,) = re.findall("curl -L -o .*", str(caught.value))
    subprocess.run(command, shell=True, check=True, capture_output=True)
    assert download.fetch("tiny") == GOOD
    assert server.asked == ["/good"]


class Broken(io.FileIO):
    def write(self, data):
        super().write(data[:1000])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fails(number):
    def call(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    return call


def open_but(mode, instead):
    return lambda path, how: instead(path, how.replace("b", "")) if how == mode else open(path, how)


DISK = {  # what is replaced by what; the error; its words
    "full": ("open", open_but("xb", Broken), OSError, "No space left on device"),
    "not writable": (
        "open",
        open_but("xb", fails(errno.EACCES)),
        PermissionError,
        "Permission denied",
    ),
    "not readable": ("open", open_but("rb", fails(errno.EACCES)), PermissionError, "cannot read"),
    "read-only": ("open", open_but("xb", fails(errno.EROFS)), OSError, "Read-only file system"),
    "sync": ("os.fsync", fails(errno.EIO), OSError, "Input/output error"),
    "replace": ("os.replace", fails(errno.EACCES), PermissionError, "Permission denied"),
    "no folder": ("Path.mkdir", fails(errno.EROFS), OSError, "Read-only file system"),
}


@pytest.mark.parametrize("what", DISK)
def test_row_29_a_disk_that_fails(mirrors, cache, server, monkeypatch, what):
    target, instead, kind, words = DISK[what]
    mirrors("good", "wrong")
    with monkeypatch.context() as patch:
        patch.setattr(f"dlbook.data.sets.download.{target}", instead, raising=False)
        with pytest.raises(kind, match=f"{words}.*DLBOOK_DATA") as caught:
            download.fetch("tiny")
    assert str(cache / "tiny") in str(caught.value)
    assert "/wrong" not in server.asked, "another mirror would not help"
    assert left(cache) == []
    assert download.fetch("tiny") == GOOD


def test_the_cache_is_a_file(mirrors, cache, server):
    cache.write_bytes(b"mine")
    with pytest.raises(OSError, match=r"cannot (read|write) .*DLBOOK_DATA"):
        download.fetch("tiny")
    assert (cache.read_bytes(), server.asked) == (b"mine", [])


def test_a_folder_where_the_file_should_be(mirrors, cache):
    (cache / "tiny").mkdir(parents=True)
    with pytest.raises(OSError, match=r"cannot (read|write) .*DLBOOK_DATA"):
        download.fetch("tiny")


def test_row_30_a_link_out_of_the_cache_is_replaced_not_followed(mirrors, cache, tmp_path):
    cache.mkdir()
    (tmp_path / "precious").write_bytes(b"mine")
    try:
        (cache / "tiny").symlink_to(tmp_path / "precious")
    except OSError:
        pytest.skip("needs the right to make links")
    assert download.fetch("tiny") == GOOD
    assert (tmp_path / "precious").read_bytes() == b"mine"


def test_written_wrongly(mirrors, cache, monkeypatch):
    """A disk that says yes and stores something else."""
    monkeypatch.setattr(os, "replace", lambda part, path: Path(path).write_bytes(WRONG))
    with pytest.raises(ChecksumError, match=r"damaged.*right after it was written"):
        download.fetch("tiny")
    assert left(cache) == ["tiny"], "it is looked at again, and replaced, the next time"


def test_windows_where_a_file_being_read_cannot_be_replaced(mirrors, cache, monkeypatch):
    def replace(part, path):
        Path(path).write_bytes(GOOD)  # as another process just did
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(os, "replace", replace)
    assert download.fetch("tiny") == GOOD
    assert left(cache) == ["tiny"]


def test_interrupted(mirrors, cache, monkeypatch):
    class Stop(Bar):
        def update(self, n):
            assert [name[-5:] for name in left(cache)] == [".part"]
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(download, "bar", Stop)
        with pytest.raises(KeyboardInterrupt):
            download.fetch("tiny")
    assert left(cache) == []
    assert download.fetch("tiny") == GOOD


PROGRAM = """
import hashlib, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from dlbook.data.sets import download
url, size, sha256 = sys.argv[1:]
download.REGISTRY = {"tiny": download.Item(int(size), sha256, (url,), (1,), 255)}
print(hashlib.sha256(download.fetch("tiny", 300)).hexdigest())
"""


def start(url):
    run = [sys.executable, "-c", PROGRAM, url, str(len(GOOD)), SHA256]
    return subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_row_29_a_process_that_is_stopped_midway(mirrors, cache, server, how):
    if not hasattr(signal, how):
        pytest.skip("needs signals")
    (url,) = mirrors("stalled-midway")
    with start(url) as process:
        while not server.holding.wait(0.1):  # until the server has sent half
            assert process.poll() is None
        while not any(p.stat().st_size for p in cache.glob(".tiny.*.part")):
            assert process.poll() is None
            if how == "SIGINT":
                break  # what it wrote may be in its buffer
        process.send_signal(getattr(signal, how))
        said = process.communicate()[1]
    assert process.returncode != 0
    assert not (cache / "tiny").exists()
    if how == "SIGINT":
        assert "KeyboardInterrupt" in said
        assert left(cache) == []
    for part in cache.glob(".tiny.*"):
        os.utime(part, (0, 0))  # an hour later
    mirrors("good")
    assert download.fetch("tiny") == GOOD
    assert left(cache) == ["tiny"], "swept"


def test_a_part_that_is_being_written_is_not_swept(mirrors, cache):
    cache.mkdir()
    (cache / ".tiny.1.abc.part").write_bytes(b"by another process, now")
    assert download.fetch("tiny") == GOOD
    assert left(cache) == [".tiny.1.abc.part", "tiny"]


def test_row_29_eight_processes_at_once(mirrors, cache, server):
    together = threading.Barrier(8, timeout=120)  # which ends the test if one never comes
    server.actions["together"] = lambda h: (together.wait(), h.answer())
    (url,) = mirrors("together")
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(start(url)) for _ in range(8)]
        said = [process.communicate() for process in processes]
    assert said == [(SHA256 + "\n", "")] * 8
    assert len(server.asked) == 8
    assert left(cache) == ["tiny"]
    assert (cache / "tiny").read_bytes() == GOOD


def test_the_folder(monkeypatch, tmp_path):
    for name in ("DLBOOK_DATA", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert download.folder() == tmp_path / ".cache" / "dlbook"
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert download.folder() == tmp_path / ".cache" / "dlbook" or sys.platform == "win32"
    monkeypatch.setattr(sys, "platform", "win32")
    assert download.folder() == tmp_path / "local" / "dlbook"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert download.folder() == tmp_path / "xdg" / "dlbook"
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path / "own"))
    assert download.folder() == tmp_path / "own"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLBOOK_DATA", "relative")
    assert download.folder() == tmp_path / "relative"


def test_a_bundled_file_that_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(files.resources, "files", lambda package: tmp_path)
    for kind in (OSError, DataFormatError, ChecksumError):
        with pytest.raises(kind, match=r"penguins\.csv is missing: .*Install dlbook anew"):
            penguins()
