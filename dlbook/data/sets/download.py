"""Files too big for the package: downloaded when asked for, kept in a cache folder, verified on each use.

The environment decides: DLBOOK_DATA is the folder, DLBOOK_OFFLINE=1 forbids every request.
Not by pooch: tried without a hash it accepted a file cut off in the middle, and it brings requests
along; what is wanted here beside the hash (https only, a limit to the length) would be ours anyway.
"""

import contextlib
import hashlib
import http.client
import os
import secrets
import shlex
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlsplit

from ...checks import ChecksumError, OfflineError
from ...history import bar
from .readers import is_page

TIMEOUT = 30.0  # seconds to connect, and without a byte
CHUNK = 1 << 16
LOCAL = ("127.0.0.1", "localhost")


class Item(NamedTuple):
    """A file that may be downloaded: its bytes, where it is, and what must be found in it."""

    size: int
    sha256: str
    urls: tuple[str, ...]  # tried in this order
    shape: tuple[int, ...]  # of the array; in CIFAR-10 of each of the six
    highest: int  # of the numbers; in CIFAR-10 of the labels


def _mnist(file: str) -> tuple[str, ...]:
    return (
        f"https://ossci-datasets.s3.amazonaws.com/mnist/{file}",
        f"https://storage.googleapis.com/cvdf-datasets/mnist/{file}",
    )


def _fashion(file: str) -> tuple[str, ...]:
    repository = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist"
    return (f"{repository}/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/{file}",)


# fmt: off
REGISTRY = {
    "mnist/train-images-idx3-ubyte.gz": Item(
        9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        _mnist("train-images-idx3-ubyte.gz"), (60000, 28, 28), 255),
    "mnist/train-labels-idx1-ubyte.gz": Item(
        28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        _mnist("train-labels-idx1-ubyte.gz"), (60000,), 9),
    "mnist/t10k-images-idx3-ubyte.gz": Item(
        1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        _mnist("t10k-images-idx3-ubyte.gz"), (10000, 28, 28), 255),
    "mnist/t10k-labels-idx1-ubyte.gz": Item(
        4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        _mnist("t10k-labels-idx1-ubyte.gz"), (10000,), 9),
    "fashion-mnist/train-images-idx3-ubyte.gz": Item(
        26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        _fashion("train-images-idx3-ubyte.gz"), (60000, 28, 28), 255),
    "fashion-mnist/train-labels-idx1-ubyte.gz": Item(
        29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        _fashion("train-labels-idx1-ubyte.gz"), (60000,), 9),
    "fashion-mnist/t10k-images-idx3-ubyte.gz": Item(
        4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        _fashion("t10k-images-idx3-ubyte.gz"), (10000, 28, 28), 255),
    "fashion-mnist/t10k-labels-idx1-ubyte.gz": Item(
        5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        _fashion("t10k-labels-idx1-ubyte.gz"), (10000,), 9),
    "cifar-10-python.tar.gz": Item(
        170498071, "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",), (10000, 3072), 9),
}
# fmt: on


def folder() -> Path:
    """Where downloads are kept: DLBOOK_DATA, else `dlbook` in the user's folder for caches."""
    if own := os.environ.get("DLBOOK_DATA"):
        return Path(own).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME")
    if not cache and sys.platform == "win32":
        cache = os.environ.get("LOCALAPPDATA")
    return (Path(cache) if cache else Path.home() / ".cache").absolute() / "dlbook"


def fetch(name: str, timeout: float = TIMEOUT) -> bytes:
    """Return the bytes of a file of the registry, from the cache folder or downloaded into it.

    Raises ValueError for any other name; OfflineError where no request may be made or no mirror
    has it; ChecksumError if a mirror sends other bytes; OSError if the folder cannot be used.
    """
    if name not in REGISTRY:
        raise ValueError(f"unknown dataset file {name!r:.80}; known: {', '.join(REGISTRY)}")
    item, path = REGISTRY[name], folder() / name
    found = _verified(path, item)
    if isinstance(found, str):
        if os.environ.get("DLBOOK_OFFLINE", "0") not in ("", "0"):
            raise OfflineError(
                f"{path} {found}, and DLBOOK_OFFLINE forbids a download. " + _by_hand(item, path)
            )
        _download(item, path, timeout)
        found = _verified(path, item)
    if isinstance(found, str):
        raise ChecksumError(f"{path} {found}, right after it was written: is the disk failing?")
    return found


def _verified(path: Path, item: Item) -> bytes | str:
    """The bytes of a file if they are the pinned ones, else what is wrong with it."""
    with _disk("read", path):
        try:
            with open(path, "rb") as file:
                data = file.read(item.size + 1)
        except FileNotFoundError:
            return "is not there"
    if len(data) != item.size:
        size = len(data) if len(data) < item.size else f"more than {item.size}"
        return f"is damaged: it has {size} bytes, expected {item.size}"
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != item.sha256:
        return f"is damaged: its SHA-256 is {sha256}, expected {item.sha256}"
    return data


def _download(item: Item, path: Path, timeout: float) -> None:
    """Put the file at `path`, whole or not at all: written beside it under a name of its own.

    Several processes may do so at once: each writes its own file, and any of them may win.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    failures: list[tuple[str, _Failed]] = []
    try:
        with _disk("write", path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _sweep(path)
            with open(part, "xb") as file:
                for url in item.urls:
                    try:
                        _receive(url, item, file, timeout)
                        break
                    except _Failed as failed:
                        failures.append((url, failed))
                file.flush()
                os.fsync(file.fileno())
            if len(failures) < len(item.urls):
                _replace(part, path, item)
    finally:
        with contextlib.suppress(OSError):  # gone already if all went well
            part.unlink()
    if len(failures) == len(item.urls):
        wrong = any(isinstance(failed, _WrongBytes) for _, failed in failures)
        reasons = "".join(f"\n  {url} {failed}" for url, failed in failures)
        raise (ChecksumError if wrong else OfflineError)(
            f"{path.name} could not be downloaded:{reasons}\n{_by_hand(item, path)}"
        )


def _receive(url: str, item: Item, file: BinaryIO, timeout: float) -> None:
    """Write what an address sends into the file; raise _Failed unless it is the pinned bytes."""
    file.seek(0)
    file.truncate()
    digest, received, start = hashlib.sha256(), 0, b""
    progress = bar(total=item.size, unit="B", unit_scale=True, desc=url.rpartition("/")[2])
    try:
        with contextlib.closing(_chunks(url, timeout)) as chunks:
            for chunk in chunks:
                start = start or chunk
                received += len(chunk)
                if received > item.size:
                    break
                file.write(chunk)
                digest.update(chunk)
                if progress is not None:
                    progress.update(len(chunk))
    finally:
        if progress is not None:
            progress.close()
    if received != item.size:
        page = ", an HTML page: does the network ask for a log-in?" if is_page(start) else ""
        count = f"more than {item.size}" if received > item.size else f"{received} of {item.size}"
        raise _Failed(f"sent {count} bytes{page}")
    if digest.hexdigest() != item.sha256:
        raise _WrongBytes(f"sent other bytes: their SHA-256 is {digest.hexdigest()}")


def _chunks(url: str, timeout: float) -> Generator[bytes]:
    """Yield what an address sends; every failure of the network becomes a _Failed.

    So an OSError can only be one of the disk, where another mirror would not help.
    """
    try:
        if not _secure(url, url):
            raise _Failed("is not https: refused")
        with urllib.request.build_opener(_Redirects).open(url, timeout=timeout) as answer:
            while chunk := answer.read(CHUNK):
                yield chunk
    except urllib.error.HTTPError as error:
        error.close()
        raise _Failed(f"answered {error.code} {' '.join(str(error.reason).split())}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise _Failed(f"timed out: nothing came for {timeout:g} s") from error
        raise _Failed(f"failed: {str(reason) or type(reason).__name__}") from error


def _secure(url: str, origin: str) -> bool:
    """https; or http within this computer, which the tests use and no address from outside may reach."""
    if urlsplit(url).scheme == "https":
        return True
    return all(u.scheme == "http" and u.hostname in LOCAL for u in map(urlsplit, (url, origin)))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows ten redirects at most, none that leaves https."""

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        fp.close()  # unread: urllib would read this answer to its end, however long
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if not _secure(newurl, req.full_url):
            raise _Failed(f"redirects to {newurl}, which is not https: refused")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Failed(Exception):
    """A mirror did not send the file; try the next."""


class _WrongBytes(_Failed):
    """A mirror sent as many bytes as expected, but other ones."""


def _replace(part: Path, path: Path, item: Item) -> None:
    try:
        os.replace(part, path)
    except PermissionError:  # Windows: another process has put it there and is reading it
        if isinstance(_verified(path, item), str):
            raise


def _sweep(path: Path) -> None:
    """Remove what killed processes left behind: nothing has been written to it for an hour."""
    for part in path.parent.glob(f".{path.name}.*.part"):
        with contextlib.suppress(OSError):  # another process was faster
            if time.time() - part.stat().st_mtime > 3600:
                part.unlink()


@contextlib.contextmanager
def _disk(what: str, path: Path) -> Iterator[None]:
    """Name the file and the way out in errors of the disk: full, not writable, a file as folder."""
    try:
        yield
    except OSError as error:
        raise OSError(
            error.errno,
            f"cannot {what} {path}: {error.strerror or error}. Its folder must be writable and have room; "
            "another one can be set as DLBOOK_DATA",
        ) from error


def _by_hand(item: Item, path: Path) -> str:
    """What is expected, and how to get it with another computer or another tool."""
    quoted = f'"{path}"' if sys.platform == "win32" else shlex.quote(str(path))
    commands = "".join(f"\n  curl -L -o {quoted} --create-dirs {url}" for url in item.urls)
    return f"Expected {item.size} bytes, SHA-256 {item.sha256}. To fetch it yourself:{commands}"
