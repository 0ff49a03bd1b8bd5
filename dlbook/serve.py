"""A network behind HTTP: what comes is checked, waits, is answered in batches and logged.

The standard library only, to be read and for one machine; not a server for the open internet.
"""

import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

__all__ = ["Batcher", "Handler", "Refused", "running"]


class Refused(Exception):
    """A request that gets no answer, with the HTTP status that says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Batcher:
    """Answer questions from many threads by one call of `predict` for all that wait, at most `most`.

    `predict` takes (N, ...) and returns N answers. At most `room` questions wait; more are refused.
    """

    def __init__(self, predict: Callable, most: int = 32, room: int = 64) -> None:
        self.predict, self.most = predict, most
        self.waiting: queue.Queue[Any] = queue.Queue(room)
        self.worker = threading.Thread(target=self._work, daemon=True)
        self.worker.start()

    def ask(self, x: Any, patience: float = 10.0) -> tuple[Any, int]:
        """Return the answer to one example, and how many were answered together with it."""
        future: Future[tuple[Any, int]] = Future()
        try:
            self.waiting.put_nowait((x, future))
            return future.result(patience)
        except queue.Full:
            raise Refused(503, "too many requests are waiting: try again later") from None
        except TimeoutError:
            future.cancel()
            raise Refused(503, f"no answer within {patience:g} s: try again later") from None

    def close(self) -> None:
        """Answer what waits, then stop."""
        self.waiting.put(None)
        self.worker.join()

    def _work(self) -> None:
        last = False
        while not last:
            batch = [self.waiting.get()]
            while len(batch) < self.most and not self.waiting.empty():
                batch.append(self.waiting.get())  # whatever has come while the last was computed
            last = None in batch
            batch = [b for b in batch if b and b[1].set_running_or_notify_cancel()]
            if not batch:
                continue
            x, futures = zip(*batch, strict=True)
            try:
                for future, answer in zip(futures, self.predict(np.stack(x)), strict=True):
                    future.set_result((answer, len(batch)))
            except Exception as error:
                for future in futures:
                    if not future.done():
                        future.set_exception(error)


class Handler(BaseHTTPRequestHandler):
    """POST /predict {"x": ...} -> {"answer": ...}, and GET /health. No file is ever read."""

    protocol_version = "HTTP/1.1"  # a connection stays open for the next request
    disable_nagle_algorithm = True
    check: Callable  # `running` sets these four
    batcher: Batcher
    longest: int
    log: Callable

    def do_GET(self) -> None:
        self._reply("/health", lambda: {"waiting": self.batcher.waiting.qsize()})

    def do_POST(self) -> None:
        self._reply("/predict", self._answer)

    def _answer(self) -> dict[str, Any]:
        try:
            message = json.loads(self._body())
            x = self.check(message["x"])
        except KeyError:
            raise Refused(400, 'expected {"x": ...}') from None
        except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
            raise Refused(400, f"{error}"[:300]) from None
        answer, together = self.batcher.ask(x)
        self.line["batch"] = together
        return {"answer": answer}

    def _body(self) -> bytes:
        size = self.headers.get("Content-Length", "")
        if not (size.isascii() and size.isdigit()) or "Transfer-Encoding" in self.headers:
            raise Refused(411, "expected a Content-Length")
        if len(size) > 9 or int(size) > self.longest:
            raise Refused(413, f"the body has {size[:12]} bytes: expected at most {self.longest}")
        body = self.rfile.read(int(size))
        if len(body) < int(size):
            raise Refused(400, f"the body ended after {len(body)} of {size} bytes")
        return body

    def _reply(self, path: str, answer: Callable[[], dict[str, Any]]) -> None:
        began = time.perf_counter()
        self.line: dict[str, Any] = {"path": self.path[:80]}
        try:
            if self.path != path:
                raise Refused(404, f"expected {path}")
            status, told = 200, answer()
        except Refused as error:
            status, told = error.status, {"error": str(error)}
        except TimeoutError:
            status, told = 408, {"error": f"nothing came for {self.timeout} s"}
        except Exception as error:  # ours, not the client's: the log says what, the answer does not
            status, told = 500, {"error": "the model failed"}
            self.line["failed"] = repr(error)
        self.line |= {"status": status, "ms": round(1000 * (time.perf_counter() - began), 1)} | told
        self.log(json.dumps(self.line))
        text = json.dumps(told).encode()
        self.close_connection = self.close_connection or status != 200
        with contextlib.suppress(OSError):  # the client may have gone
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Connection", "close" if self.close_connection else "keep-alive")
            self.end_headers()
            self.wfile.write(text)

    def log_message(self, *args: Any) -> None:
        """Say nothing: `_reply` writes one line a request."""


class Server(ThreadingHTTPServer):
    daemon_threads, block_on_close, request_queue_size = True, False, 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of ours."""


@contextlib.contextmanager
def running(
    predict: Callable,
    check: Callable,
    *,
    port: int = 0,
    most: int = 32,
    room: int = 64,
    longest: int = 100_000,
    timeout: float = 10.0,
    log: Callable = print,
) -> Iterator[int]:
    """Serve `predict` on this machine while the `with` lasts: `with running(...) as port`.

    `check` returns one example as an array, or raises ValueError, TypeError or an ArithmeticError
    whose message the client gets. `longest`: bytes of a body; `timeout`: seconds without a byte.
    """
    batcher = Batcher(predict, most, room)
    settings = {"batcher": batcher, "longest": longest, "timeout": timeout}
    functions = {"check": staticmethod(check), "log": staticmethod(log)}
    server = Server(("127.0.0.1", port), type("Handler", (Handler,), settings | functions))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        batcher.close()
