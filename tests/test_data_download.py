"""Downloads: mirrors fail in every way; what comes is right or an error, never half."""

# ruff: noqa: F811  (fixtures are imported, and then named as arguments)

import contextlib
import gzip
import hashlib
import os
import re

import pytest
from mirrors import GOOD, SHA256, WRONG, Bar, Handler, cache, left, mid, mirrors, running, server  # noqa: F401

from dlbook import ChecksumError, OfflineError
from dlbook.data.sets import download

HTML = b"<!DOCTYPE html><title>Welcome to the hotel</title>"
SHORT_WAIT = 0.05  # seconds that a stalled mirror is waited for


def redirect(to, **more):
    return lambda h: h.answer(b"", 302, Location=to, **more)


def raw(data):
    return lambda h: h.wfile.write(data)


HEAD = b"HTTP/1.1 200 OK\r\n"
FAULTS = {  # what the mirror does: action, the error it leads to, what the error says
    "404": (lambda h: h.answer(HTML, 404), OfflineError, "answered 404 Not Found"),
    "403": (lambda h: h.answer(HTML, 403), OfflineError, "answered 403 Forbidden"),
    "500": (lambda h: h.answer(HTML, 500), OfflineError, "answered 500 Internal Server Error"),
    "503": (lambda h: h.answer(b"", 503), OfflineError, "answered 503 Service Unavailable"),
    "304": (lambda h: h.answer(b"", 304), OfflineError, "answered 304 Not Modified"),
    "204": (lambda h: h.answer(b"", 204), OfflineError, "sent 0 of 150000 bytes"),
    "no-body": (lambda h: h.answer(b"", length=len(GOOD)), OfflineError, "sent 0 of 150000 bytes"),
    "length-0": (lambda h: h.answer(b""), OfflineError, "sent 0 of 150000 bytes"),
    "short": (lambda h: h.answer(GOOD[:-1], length=len(GOOD)), OfflineError, "149999 of 150000"),
    "short-no-length": (lambda h: h.answer(GOOD[:9], length=""), OfflineError, "sent 9 of 150000"),
    "short-honest": (lambda h: h.answer(GOOD[:70_000]), OfflineError, "sent 70000 of 150000"),
    "stalled": (Handler.hold, OfflineError, "timed out: nothing came for 0.05 s"),
    "stalled-midway": (mid(Handler.hold), OfflineError, "timed out: nothing came for 0.05 s"),
    "reset": (Handler.reset, OfflineError, "failed: .*reset"),
    "reset-midway": (mid(Handler.reset), OfflineError, "reset|sent [0-9]+ of 150000"),
    "hangs-up": (lambda h: None, OfflineError, "failed: .*closed connection without response"),
    "no-http": (raw(b"SSH-2.0-OpenSSH\r\n"), OfflineError, "failed: SSH-2.0"),
    "header-cut": (raw(HEAD + b"Content-"), OfflineError, "sent 0 of 150000"),
    "header-endless": (raw(HEAD + b"X: y\r\n" * 200), OfflineError, "more than 100 headers"),
    "line-endless": (raw(HEAD + b"X" * 70_000), OfflineError, "more than 65536 bytes"),
    "chunks-broken": (
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), OfflineError, "IncompleteRead"),
    "chunks-cut": (
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), OfflineError, "failed|sent"),
    "length-nonsense": (lambda h: h.answer(length="-7"), None, ""),  # the body counts
    "to-http": (redirect("http://elsewhere.example/x"), OfflineError,
        "redirects to http://elsewhere.example/x, which is not https: refused"),
    "to-http-user": (redirect("http://127.0.0.1@elsewhere.example/"), OfflineError, "not https"),
    "to-http-local-name": (redirect("http://localhost.elsewhere.example/"), OfflineError, "not https"),
    "to-file": (redirect("file:///etc/passwd"), OfflineError, "answered 302"),
    "to-ftp": (redirect("ftp://127.0.0.1/x"), OfflineError, "not https: refused"),
    "to-nowhere": (redirect(""), OfflineError, "answered 302"),
    "to-nonsense": (redirect("http://[::1"), OfflineError, "failed: Invalid IPv6"),
    "to-404": (redirect("/404"), OfflineError, "answered 404"),
    "to-good": (redirect("/good"), None, ""),
    "to-itself": (redirect("/to-itself"), OfflineError, "answered 302 .*infinite loop"),
    "to-loop": (redirect("/to-loop-back"), OfflineError, "answered 302 .*infinite loop"),
    "to-loop-back": (redirect("/to-loop"), OfflineError, "answered 302 .*infinite loop"),
    "to-404-endless": (lambda h: h.endless(code=302, Location="/404"), OfflineError, "answered 404"),
    "portal": (lambda h: h.answer(HTML), OfflineError, "50 of 150000 bytes, an HTML page: .*log-in"),
    "portal-long": (lambda h: h.answer(HTML * 4000), OfflineError, "more than 150000 .*HTML page"),
    "portal-padded": (lambda h: h.answer(HTML.ljust(len(GOOD))), ChecksumError, "sent other bytes"),
    "wrong": (lambda h: h.answer(bytes(len(GOOD))), ChecksumError, "sent other bytes: their SHA-256"),
    "wrong-bit": (lambda h: h.answer(WRONG), ChecksumError, hashlib.sha256(WRONG).hexdigest()),
    "longer": (lambda h: h.answer(GOOD + b"!"), OfflineError, "sent more than 150000 bytes"),
    "endless": (Handler.endless, OfflineError, "sent more than 150000 bytes"),
    "other-gzip": (lambda h: h.answer(gzip.compress(b"?" * 99)), OfflineError, "of 150000 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_row_29_a_mirror_that_fails(mirrors, cache, server, name):
    """Alone it is an error with what is needed to help oneself; before a good one it is skipped."""
    _, kind, words = FAULTS[name]
    server.actions |= {name: action for name, (action, *_) in FAULTS.items()}
    (url,) = mirrors(name)
    timeout = SHORT_WAIT if "stalled" in name else 60
    if kind is None:
        assert download.fetch("tiny", timeout) == GOOD
        return
    with pytest.raises(OSError, match=words) as caught:
        download.fetch("tiny", timeout)
    assert type(caught.value) is kind
    said = str(caught.value)
    assert f"{url} " in said
    assert f"Expected 150000 bytes, SHA-256 {SHA256}" in said
    assert f"curl -L -o {cache / 'tiny'} --create-dirs {url}" in said
    assert left(cache) == []
    server.asked.clear()
    mirrors(name, "good")
    assert fetched(timeout) == GOOD
    assert (server.asked[0], server.asked[-1]) == (f"/{name}", "/good")
    assert left(cache) == ["tiny"]


def fetched(timeout):
    """A good mirror has no longer than a stalled one; where the machine is slow, try again."""
    for _ in range(100):
        with contextlib.suppress(OfflineError):
            return download.fetch("tiny", timeout)
        assert timeout == SHORT_WAIT
    return None


@pytest.mark.parametrize("name", ["longer", "endless", "portal-long"])
def test_nothing_is_written_beyond_the_pinned_size(mirrors, server, monkeypatch, name):
    bars = []
    monkeypatch.setattr(download, "bar", lambda **s: bars.append(Bar(**s)) or bars[-1])
    server.actions[name] = FAULTS[name][0]
    mirrors(name)
    with pytest.raises(OfflineError):
        download.fetch("tiny")
    assert bars[0].count <= len(GOOD)


def test_a_file_is_downloaded_once(mirrors, cache, server):
    assert download.fetch("tiny") == GOOD
    assert (cache / "tiny").read_bytes() == GOOD
    assert download.fetch("tiny") == GOOD
    assert server.asked == ["/good"]
    assert left(cache) == ["tiny"]
    if os.name == "posix":
        assert (cache / "tiny").stat().st_mode & 0o044, "others may read it, as the umask says"


@pytest.mark.parametrize("url", ["http://elsewhere.example/", "ftp://127.0.0.1/", "file:///etc/passwd",
                                 "//127.0.0.1/", "HTTP://127.0.0.2/"])  # fmt: skip
def test_an_address_that_is_not_https(mirrors, cache, monkeypatch, url):
    item = download.REGISTRY["tiny"]._replace(urls=(url,))
    monkeypatch.setattr(download, "REGISTRY", {"tiny": item})
    with pytest.raises(OfflineError, match="is not https: refused"):
        download.fetch("tiny")
    assert left(cache) == []


def test_no_address_outside_may_lead_inside():
    assert not download._secure("http://127.0.0.1/", "https://elsewhere.example/")
    assert download._secure("https://a.example/", "https://b.example/")


def test_the_registry_is_https_only():
    for name, item in download.REGISTRY.items():
        assert re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)?\.(tar\.)?gz", name)
        assert all(url.startswith("https://") and url.endswith(name[-20:]) for url in item.urls)
        assert re.fullmatch("[0-9a-f]{64}", item.sha256)


UNKNOWN = ["../x", "../../etc/passwd", "/etc/passwd", "tiny\0", "./tiny", "tiny/", "TINY", "x" * 300,
           "con", "", "C:\\x", "\udcff", None, 3]  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN, ids=lambda name: ascii(name)[:20])
def test_row_30_an_unknown_name(mirrors, cache, server, name):
    with pytest.raises(ValueError, match=r"unknown dataset file .*; known: tiny") as caught:
        download.fetch(name)
    assert len(str(caught.value)) < 130
    assert server.asked == []
    assert not cache.exists()


def test_progress(mirrors, monkeypatch, capsys):
    bars = []
    monkeypatch.setattr(download, "bar", lambda **s: bars.append(Bar(**s)) or bars[-1])
    mirrors("short", "good")
    assert download.fetch("tiny") == GOOD
    assert [(b.count, b.closed, b.settings["total"]) for b in bars][1:] == [(150000, True, 150000)]
    monkeypatch.setattr(download, "bar", lambda **s: None)  # no tqdm
    mirrors("good")
    assert download.fetch("tiny") == GOOD
    assert capsys.readouterr().out == ""
