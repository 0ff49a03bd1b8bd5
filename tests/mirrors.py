"""A server of the tests' own, on 127.0.0.1, and the fixtures that make dlbook download from it.

The registry is replaced by one small file, "tiny", whose mirrors are addresses of that server.
"""

import gc
import hashlib
import http.server
import socket
import struct
import threading

import numpy as np
import pytest

from dlbook.data.sets import download

GOOD = np.random.default_rng(0).bytes(150_000)  # more than two chunks
SHA256 = hashlib.sha256(GOOD).hexdigest()
WRONG = GOOD[:-1] + bytes([GOOD[-1] ^ 1])  # one bit


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers /name by the action of that name."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.actions[self.path[1:]](self)

    def answer(self, body=GOOD, code=200, length=None, **headers):
        self.send_response(code)
        length = len(body) if length is None else length
        for key, value in (headers | {"Content-Length": str(length)}).items():
            if value:
                self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def reset(self):
        """Send RST instead of an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def hold(self):
        self.server.holding.set()
        self.server.release.wait(60)  # the limit is for a client without one of its own

    def endless(self, **answer):
        self.answer(b"", length="", **answer)
        while True:  # until the client hangs up
            self.wfile.write(GOOD)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def handle_error(self, request, client_address):
        pass  # the client has hung up, as it should


def mid(then):
    """Half of the body, then something else."""
    return lambda h: (h.answer(GOOD[:70_000], length=len(GOOD)), h.wfile.flush(), then(h))


ACTIONS = {
    "good": Handler.answer,
    "wrong": lambda h: h.answer(WRONG),
    "short": lambda h: h.answer(GOOD[:70_000]),
    "stalled-midway": mid(Handler.hold),
}


@pytest.fixture(scope="module")
def running():
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(running, monkeypatch):
    """The server, its log empty; the test fails if anyone else is contacted, or a socket stays open."""
    running.actions = dict(ACTIONS)
    running.asked, running.holding, running.release = [], threading.Event(), threading.Event()
    monkeypatch.setenv("no_proxy", "*")
    hosts, connect = [], socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda to, *a, **k: hosts.append(to[0]) or connect(to, *a, **k)
    )
    yield running
    running.release.set()
    gc.collect()
    assert set(hosts) <= {"127.0.0.1"}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path / "cache"))
    monkeypatch.delenv("DLBOOK_OFFLINE", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def mirrors(server, cache, monkeypatch):
    """mirrors("404", "good") makes these the addresses of tiny."""

    def use(*names):
        urls = tuple(f"http://127.0.0.1:{server.server_port}/{name}" for name in names)
        item = download.Item(len(GOOD), SHA256, urls, (len(GOOD),), 255)
        monkeypatch.setattr(download, "REGISTRY", {"tiny": item})
        return urls

    use("good")
    return use


def left(folder):
    return sorted(p.name for p in folder.rglob("*") if not p.is_dir())


class Bar:
    """In the place of tqdm's."""

    def __init__(self, **settings):
        self.settings, self.count, self.closed = settings, 0, False

    def update(self, n):
        self.count += n

    def close(self):
        self.closed = True
