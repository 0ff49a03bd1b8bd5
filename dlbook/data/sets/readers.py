"""Files of others, read strictly: bytes in, arrays out, DataFormatError for whatever was not expected.

Shape and range are those pinned in the registry, since a file may be well formed and still be the
wrong one. No array is made before the number of bytes is known to fit.
"""

import io
import math
import pickle
import tarfile
import zlib
from typing import Any

import numpy as np

from ...checks import DataFormatError

GZIP = b"\x1f\x8b"
IDX_TYPES = {
    0x08: "uint8", 0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64",
}  # fmt: skip
CIFAR_BATCHES = (
    *(f"cifar-10-batches-py/data_batch_{k}" for k in range(1, 6)),
    "cifar-10-batches-py/test_batch",
)


def is_page(data: bytes) -> bool:
    """Is it HTML or XML, as a network sends that wants a log-in first, or a server that has failed?"""
    return data[:200].lstrip().startswith(b"<")


def gunzip(data: bytes, limit: int, name: str) -> bytes:
    """Decompress one gzip stream of at most `limit` bytes; a byte more stops it, whatever follows."""
    if not data.startswith(GZIP):
        what = "an HTML page" if is_page(data) else f"{len(data)} bytes, but not of gzip"
        raise DataFormatError(f"{name} is {what}: expected gzip data, which begins with 1f 8b")
    stream = zlib.decompressobj(wbits=31)  # 31: with gzip's header, length and CRC
    try:
        out = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise DataFormatError(f"{name}: the gzip data is damaged ({error})") from error
    if len(out) > limit:
        raise DataFormatError(f"{name} decompresses to more than the {limit} bytes expected")
    if not stream.eof:
        raise DataFormatError(f"{name}: the gzip data is cut off after {len(out)} bytes")
    if stream.unused_data:
        extra = len(stream.unused_data)
        raise DataFormatError(f"{name}: {extra} bytes follow the gzip data, expected none")
    return out


def idx_size(shape: tuple[int, ...]) -> int:
    """The bytes of an IDX file of this shape: magic number, dimensions, one byte a number."""
    return 4 + 4 * len(shape) + math.prod(shape)


def idx(data: bytes, shape: tuple[int, ...], highest: int, name: str) -> np.ndarray:
    """Read the format of MNIST into a uint8 array, a view of `data`.

    Two zeros, a byte for the type, a byte for the number of dimensions; each dimension as a
    big-endian uint32; then the numbers, the last axis fastest. http://yann.lecun.com/exdb/mnist
    """

    def wrong(why: str) -> DataFormatError:
        return DataFormatError(f"{name}: {why}")

    if data.startswith(GZIP):
        raise wrong("it is still gzipped: decompress it once more")
    if is_page(data):
        raise wrong("it is an HTML page, expected IDX: did the network ask for a log-in?")
    if len(data) < 4:
        raise wrong(f"it is {len(data)} bytes, the IDX magic number needs 4")
    kind, ndim = data[2], data[3]
    if data[:2] != b"\0\0":
        raise wrong(f"IDX magic is {data[:4].hex()}, expected 0000080{len(shape)}")
    if kind != 0x08:
        known = IDX_TYPES.get(kind, "unknown")
        raise wrong(f"IDX dtype 0x{kind:02x} is {known}, expected 0x08 (uint8)")
    if ndim != len(shape):
        hint = ". Were images and labels exchanged?" if {ndim, len(shape)} == {1, 3} else ""
        raise wrong(f"IDX has {ndim} dims, expected {len(shape)}{hint}")
    start = 4 + 4 * ndim
    if len(data) < start:
        raise wrong(f"IDX header is {len(data)} bytes, {ndim} dims need {start}")
    dims = tuple(int.from_bytes(data[k : k + 4], "big") for k in range(4, start, 4))
    body, need = len(data) - start, math.prod(dims)  # of Python's integers: it cannot overflow
    if body != need:
        raise wrong(f"IDX body is {body} bytes, dims {_dims(dims)} need {need}")
    if dims != shape:
        raise wrong(f"IDX dims are {_dims(dims)}, expected {_dims(shape)}: is it another data set?")
    array = np.frombuffer(data, np.uint8, offset=start).reshape(shape)
    if array.max() > highest:
        where = tuple(int(k[0]) for k in (array > highest).nonzero())
        raise wrong(f"entry {list(where)} is {array[where]}, outside 0..{highest}")
    return array


def _dims(shape: tuple[int, ...]) -> str:
    return str(shape).replace(" ", "")


class _Parts:
    """What a pickle says of an array or of a dtype, kept as it stands.

    It stands in for NumPy's own functions, so nothing that a file names is ever called; and they
    warn about what NumPy of 2009 wrote.
    """

    def __init__(self, *args: Any) -> None:
        self.args = args

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Unpickler(pickle.Unpickler):
    """Knows the three names that an array needs and no other: a pickle may ask for os.system."""

    NAMES = (("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype"))

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.NAMES:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, expected NumPy arrays only")
        return _Parts


def cifar(
    archive: bytes, shape: tuple[int, int], highest: int, name: str
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Read the six batches of CIFAR-10: five to train on, one to test; each is data and labels.

    The members are read in memory, one by one: nothing is extracted, so the names in the archive
    lead nowhere. `shape` is that of the data of one batch, uint8, a row a picture.
    """
    limit = math.prod(shape) + 100 * shape[0] + 1000  # pixels; a label and a file name a picture
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for member in tar:
                if member.name not in CIFAR_BATCHES:
                    continue
                where = f"{name}: {member.name}"
                if member.name in found:
                    raise DataFormatError(f"{where} occurs twice, expected once")
                file = tar.extractfile(member) if member.isreg() else None
                if file is None:
                    raise DataFormatError(f"{where} is a link or a folder, expected a file")
                if member.size > limit:
                    raise DataFormatError(
                        f"{where} has {member.size} bytes, expected at most {limit}"
                    )
                found[member.name] = _batch(file.read(), shape, highest, where)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        hint = "an HTML page" if is_page(archive) else "no whole tar.gz archive"
        raise DataFormatError(f"{name} is {hint} ({error})") from error
    missing = [batch for batch in CIFAR_BATCHES if batch not in found]
    if missing:
        raise DataFormatError(f"{name} lacks {', '.join(missing)}")
    return [found[batch] for batch in CIFAR_BATCHES]


def _batch(
    raw: bytes, shape: tuple[int, int], highest: int, where: str
) -> tuple[np.ndarray, np.ndarray]:
    try:
        batch = _Unpickler(io.BytesIO(raw), encoding="bytes").load()
        labels = batch[b"labels"]
        _, dims, dtype, by_column, body = batch[b"data"].state
        kind = dtype.args[0]
    except Exception as error:  # a damaged pickle may raise anything
        raise DataFormatError(
            f"{where} is no batch of CIFAR-10 ({type(error).__name__}: {error})"
        ) from error
    if kind != b"u1":
        raise DataFormatError(f"{where}: data has dtype {kind!r}, expected b'u1' (uint8)")
    if dims != shape:
        raise DataFormatError(f"{where}: data has shape {dims}, expected {shape}")
    if not isinstance(body, bytes) or len(body) != math.prod(shape):
        size = len(body) if isinstance(body, bytes) else type(body).__name__
        raise DataFormatError(f"{where}: data is {size} bytes, {shape} need {math.prod(shape)}")
    if not isinstance(labels, list) or len(labels) != shape[0]:
        count = len(labels) if isinstance(labels, list) else type(labels).__name__
        raise DataFormatError(f"{where}: {shape[0]} images, but {count} labels")
    for k, label in enumerate(labels):
        if type(label) is not int or not 0 <= label <= highest:
            raise DataFormatError(f"{where}: labels[{k}]={label!r:.40} outside 0..{highest}")
    data = np.frombuffer(body, np.uint8).reshape(shape, order="F" if by_column else "C")
    return data, np.array(labels, np.int64)
