"""The server, asked over HTTP: right, wrong and hostile questions. No test waits for seconds to pass."""

import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dlbook import checks, serve


def three(x):
    """Three numbers from 0 to 1."""
    x = checks.reals("x", x).astype(float)
    if x.shape != (3,):
        raise ValueError(f"x has shape {x.shape}: expected (3,)")
    checks.all_finite("x", x)
    if not (x.min() >= 0 and x.max() <= 1):
        raise ValueError("x: expected numbers from 0 to 1")
    return x


class Asked:
    """What a server was told, wrote into its log, and can be made to wait for."""

    def __init__(self, **settings):
        self.log, self.batches = [], []
        self.busy, self.go = threading.Event(), threading.Event()
        self.go.set()
        self.settings = settings | {"log": self.log.append}

    def predict(self, x):
        self.busy.set()
        assert self.go.wait(60)
        self.batches.append(len(x))
        if x[0, 0] == 0.5:
            raise RuntimeError("secret")
        return x.sum(axis=1).tolist()

    def __enter__(self):
        self.context = serve.running(self.predict, three, **self.settings)
        self.port = self.context.__enter__()
        return self

    def __exit__(self, *error):
        self.go.set()
        self.context.__exit__(*error)

    def send(self, body, path="/predict", method="POST", headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def ask(self, x):
        return self.send(json.dumps({"x": x}))

    def raw(self, data, shut=False):
        """Send bytes, and return all that comes back until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as s:
            s.sendall(data)
            if shut:
                s.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: s.recv(4096), b"")).decode()

    @property
    def waiting(self):
        return self.send(None, "/health", "GET")[1]["waiting"]


@pytest.fixture
def server():
    with Asked() as asked:
        yield asked


def test_a_question_is_answered_and_logged(server):
    assert server.ask([0.25, 0.5, 1]) == (200, {"answer": 1.75})
    line = json.loads(server.log[0])
    assert line.pop("ms") >= 0
    assert line == {"path": "/predict", "batch": 1, "status": 200, "answer": 1.75}


def test_a_connection_serves_many_questions(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for k in range(3):
        connection.request("POST", "/predict", json.dumps({"x": [0, 0, k / 4]}))
        assert json.loads(connection.getresponse().read()) == {"answer": k / 4}
    connection.close()


WRONG = {
    "too short": ('{"x": [1, 1]}', "x has shape (2,): expected (3,)"),
    "ragged": ('{"x": [1, [1], 1]}', ""),
    "NaN, which Python's json reads": ('{"x": [1, NaN, 1]}', "1 nan"),
    "infinite": ('{"x": [1, 1e999, 1]}', "1 inf"),
    "out of range": ('{"x": [1, 255, 1]}', "from 0 to 1"),
    "a very large number": ('{"x": [1, 1' + 400 * "0" + ", 1]}", ""),
    "digits without end": ('{"x": [' + 5000 * "1" + "]}", ""),
    "text": ('{"x": ["1", "1", "1"]}', ""),
    "nothing": ('{"x": null}', ""),
    "another name": ('{"y": [1, 1, 1]}', 'expected {"x": ...}'),
    "a list": ("[1, 1, 1]", ""),
    "not JSON": ("x=1&x=1", "Expecting value"),
    "empty": ("", "Expecting value"),
    "not text": (b"\xff\xfe\x00\xd8", ""),
    "nested deeply": ('{"x": ' + 20_000 * "[" + 20_000 * "]" + "}", ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_a_question_is_told_why(server, name):
    body, says = WRONG[name]
    status, told = server.send(body)
    assert (status, list(told)) == (400, ["error"])
    assert says in told["error"]
    assert len(told["error"]) <= 300
    assert server.batches == [], "it came as far as the model"
    assert server.ask([0, 0, 1])[0] == 200, "the next one is served"


@pytest.mark.parametrize(
    "path", ["/", "/../../etc/passwd", "/predict/..%2f..%2fetc/passwd", "//predict?x=1"]
)
def test_there_is_nothing_else_to_be_had(server, path):
    for method in ("GET", "POST"):
        assert server.send("{}", path, method)[0] == 404
    assert server.raw(b"DELETE /predict HTTP/1.0\r\n\r\n").startswith("HTTP/1.1 501 ")


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("1000000", 413),
        pytest.param("9" * 500, 413, id="five hundred nines"),
        ("-1", 411),
        ("ten", 411),
        ("²", 411),
        ("1_0", 411),
        ("", 411),
    ],
)
def test_a_body_of_the_wrong_length_is_not_read(server, length, status):
    said = server.raw(
        f"POST /predict HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode("latin-1")
    )
    assert said.startswith(f"HTTP/1.1 {status} ")
    assert server.ask([0, 0, 1])[0] == 200


def test_a_body_in_pieces_is_refused(server):
    head = (
        "POST /predict HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    assert server.raw(head.encode()).startswith("HTTP/1.1 411 ")


def test_a_request_that_is_cut_off(server):
    head = b'POST /predict HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"x": [1, '
    assert "the body ended after 10 of 100 bytes" in server.raw(head, shut=True)
    for data in (b"", b"POST /pre", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"):
        server.raw(data, shut=True)
    with socket.create_connection(("127.0.0.1", server.port)) as s:
        s.sendall(head)  # and hangs up
    assert server.ask([0, 0, 1])[0] == 200


def test_a_slow_client_is_sent_away_and_holds_up_nobody():
    with Asked(timeout=1) as server:
        head = b"POST /predict HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"
        with ThreadPoolExecutor() as pool:
            slow = [pool.submit(server.raw, head) for _ in range(4)]
            assert server.ask([0, 0, 1])[0] == 200
        assert all("408" in s.result() and "nothing came" in s.result() for s in slow)


def test_what_has_come_meanwhile_is_answered_together():
    with Asked(most=4) as server, ThreadPoolExecutor(8) as pool:
        server.go.clear()
        first = pool.submit(server.ask, [0, 0, 0])
        assert server.busy.wait(60)
        others = [pool.submit(server.ask, [0, 0, k / 8]) for k in range(1, 7)]
        while server.waiting < 6:
            pass
        server.go.set()
        assert [f.result()[1]["answer"] for f in (first, *others)] == [k / 8 for k in range(7)]
        assert server.batches == [1, 4, 2]
    assert sorted(json.loads(line)["batch"] for line in server.log if "batch" in line) == [
        1, 2, 2, 4, 4, 4, 4]  # fmt: skip


def test_more_than_there_is_room_for_are_refused():
    with Asked(room=2) as server, ThreadPoolExecutor(8) as pool:
        server.go.clear()
        first = pool.submit(server.ask, [0, 0, 0])
        assert server.busy.wait(60)
        others = [pool.submit(server.ask, [0, 0, 1]) for _ in range(2)]
        while server.waiting < 2:
            pass
        status, told = server.ask([0, 0, 1])
        assert (status, told["error"]) == (503, "too many requests are waiting: try again later")
        server.go.set()
        assert [f.result()[0] for f in (first, *others)] == [200] * 3


def test_who_does_not_wait_is_not_computed():
    asked = Asked()
    batcher = serve.Batcher(asked.predict)
    asked.go.clear()
    with pytest.raises(serve.Refused, match=r"no answer within 0.01 s"):
        batcher.ask(np.zeros(3), patience=0.01)
    assert asked.busy.wait(60)  # that one may be in the works, the next is not
    with pytest.raises(serve.Refused, match="no answer"):
        batcher.ask(np.zeros(3), patience=0.01)
    asked.go.set()
    batcher.close()
    assert asked.batches == [1]


def test_a_model_that_fails_says_nothing_of_itself_and_goes_on(server):
    assert server.ask([0.5, 0, 0]) == (500, {"error": "the model failed"})
    assert "secret" in server.log[0]
    assert server.ask([0, 0, 1])[0] == 200


def test_many_at_once_get_each_their_own_answer():
    with Asked(room=200) as server, ThreadPoolExecutor(16) as pool:
        rows = np.random.default_rng(0).random((200, 3))
        found = list(pool.map(server.ask, rows.tolist()))
    assert all(status == 200 for status, _ in found)
    assert np.allclose([told["answer"] for _, told in found], rows.sum(axis=1))
    assert sum(server.batches) == len(server.log) == 200
