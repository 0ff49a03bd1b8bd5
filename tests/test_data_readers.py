"""What is inside a download: IDX and CIFAR-10 as pinned, or DataFormatError, never a wrong array."""

# ruff: noqa: F811  (fixtures are imported, and then named as arguments)

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
import tracemalloc
import warnings

import numpy as np
import pytest
from mirrors import cache, left, mirrors, running, server  # noqa: F401

from dlbook import DataFormatError, OfflineError
from dlbook.data import cifar10, fashion_mnist, mnist
from dlbook.data.sets import download, readers

CIFAR = "cifar-10-python.tar.gz"
HTML = b"<!DOCTYPE html><title>Welcome to the hotel</title>"


def idx(array, kind=0x08, dims=None):
    """An array as IDX; `dims` claims other dimensions."""
    dims = array.shape if dims is None else dims
    head = bytes([0, 0, kind, len(dims)])
    return head + b"".join(struct.pack(">I", n) for n in dims) + array.tobytes()


def labels_of(*values):
    return np.array(values, np.uint8)


IMAGES = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
CUBE = (2, 2, 2)
IDX_FAULTS = {  # the bytes, the pinned shape and highest value, what the error says
    "empty": (b"", CUBE, 255, "it is 0 bytes, the IDX magic number needs 4"),
    "3 bytes": (b"\0\0\x08", CUBE, 255, "it is 3 bytes, the IDX magic number needs 4"),
    "4 bytes": (b"\0\0\x08\3", CUBE, 255, "IDX header is 4 bytes, 3 dims need 16"),
    "header cut off": (idx(IMAGES)[:15], CUBE, 255, "IDX header is 15 bytes, 3 dims need 16"),
    "header only": (idx(IMAGES)[:16], CUBE, 255, r"IDX body is 0 bytes, dims \(2,2,2\) need 8"),
    "wrong magic": (b"\1" + idx(IMAGES)[1:], CUBE, 255, "IDX magic is 01000803, expected 00000803"),
    "little-endian magic": (b"\3\x08\0\0" + idx(IMAGES)[4:], CUBE, 255, "IDX magic is 03080000"),
    "NumPy's format": (b"\x93NUMPY\1\0", CUBE, 255, "IDX magic is 934e554d"),
    "float32": (idx(IMAGES, 0x0D), CUBE, 255, r"dtype 0x0d is float32, expected 0x08 \(uint8\)"),
    "int8": (idx(IMAGES, 0x09), CUBE, 255, "IDX dtype 0x09 is int8, expected 0x08"),
    "unknown dtype": (idx(IMAGES, 0x07), CUBE, 255, "IDX dtype 0x07 is unknown, expected 0x08"),
    "no dims": (idx(IMAGES, dims=()), CUBE, 255, "IDX has 0 dims, expected 3$"),
    "2 dims": (idx(IMAGES.reshape(4, 2)), CUBE, 255, "IDX has 2 dims, expected 3$"),
    "4 dims": (idx(IMAGES[None]), CUBE, 255, "IDX has 4 dims, expected 3$"),
    "255 dims": (b"\0\0\x08\xff", CUBE, 255, "IDX has 255 dims, expected 3$"),
    "huge dims": (
        idx(IMAGES, dims=(2**32 - 1,) * 3), CUBE, 255, r"body is 8 bytes, dims .* need 79228162458924"),
    "dims that wrap to 0": (  # 2**32 * 2**32 is 0 in 64 bits
        idx(IMAGES[:0], dims=(2**31, 2**31, 4)), CUBE, 255, "need 18446744073709551616"),
    "a dim of 0": (idx(IMAGES, dims=(0, 2, 2)), CUBE, 255, "body is 8 bytes, .* need 0"),
    "nothing inside": (idx(IMAGES[:0]), CUBE, 255, r"dims are \(0,2,2\), expected \(2,2,2\)"),
    "cut off": (idx(IMAGES)[:-1], CUBE, 255, r"IDX body is 7 bytes, dims \(2,2,2\) need 8"),
    "trailing": (idx(IMAGES) + b"!", CUBE, 255, r"IDX body is 9 bytes, dims \(2,2,2\) need 8"),
    "another shape": (idx(IMAGES.reshape(4, 2, 1)), CUBE, 255, r"dims are \(4,2,1\), expected"),
    "fewer images": (idx(IMAGES[:1]), CUBE, 255, r"\(1,2,2\), expected .*another data set"),
    "still gzipped": (gzip.compress(idx(IMAGES)), CUBE, 255, "it is still gzipped"),
    "a page": (HTML, CUBE, 255, "it is an HTML page, expected IDX: .*log-in"),
    "a page of XML": (b"\n <?xml version='1.0'?>", CUBE, 255, "it is an HTML page"),
    "labels as images": (idx(labels_of(1, 2)), CUBE, 255, "IDX has 1 dims, .* labels exchanged"),
    "images as labels": (idx(IMAGES), (2,), 9, "IDX has 3 dims, expected 1. .* labels exchanged"),
    "label 255": (idx(labels_of(3, 255, 1)), (3,), 9, r"entry \[1\] is 255, outside 0\.\.9"),
    "label 10": (idx(labels_of(0, 9, 10)), (3,), 9, r"entry \[2\] is 10, outside 0\.\.9"),
    "one label less": (idx(labels_of(3, 1)), (3,), 9, r"dims are \(2,\), expected \(3,\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", IDX_FAULTS)
def test_row_27_idx_refuses(name):
    data, shape, highest, words = IDX_FAULTS[name]
    with pytest.raises(DataFormatError, match=f"^here: .*{words}"):
        readers.idx(data, shape, highest, "here")


def test_idx():
    array = readers.idx(idx(IMAGES), CUBE, 255, "here")
    assert (array == IMAGES).all()
    assert array.dtype == np.uint8
    labels = readers.idx(idx(labels_of(0, 9)), (2,), 9, "here")
    assert labels.tolist() == [0, 9]
    assert readers.idx_size(CUBE) == len(idx(IMAGES))


def test_idx_refuses_every_change_of_its_header():
    good = idx(IMAGES)
    for k in range(16):
        for value in set(range(256)) - {good[k]}:
            with pytest.raises(DataFormatError):
                readers.idx(good[:k] + bytes([value]) + good[k + 1 :], CUBE, 255, "here")
    for n in range(len(good)):
        with pytest.raises(DataFormatError):
            readers.idx(good[:n], CUBE, 255, "here")


GZ = gzip.compress(idx(IMAGES))
GZIP_FAULTS = {
    "empty": (b"", "is 0 bytes, but not of gzip"),
    "a page": (HTML, "is an HTML page: expected gzip data"),
    "not gzipped": (idx(IMAGES), "is 24 bytes, but not of gzip"),
    "magic only": (GZ[:2], "cut off after 0 bytes"),
    "cut off": (GZ[:-1], "cut off after 24 bytes"),
    "cut off early": (GZ[:15], "cut off after"),
    "a bit of its body": (GZ[:15] + bytes([GZ[15] ^ 255]) + GZ[16:], "damaged"),
    "a bit of its CRC": (GZ[:-8] + bytes([GZ[-8] ^ 1]) + GZ[-7:], "damaged .*incorrect data check"),
    "a bit of its length": (GZ[:-4] + bytes([GZ[-4] ^ 1]) + GZ[-3:], "incorrect length check"),
    "trailing": (GZ + b"!!", "2 bytes follow the gzip data"),
    "two in one": (GZ + GZ, "bytes follow the gzip data"),
    "a byte too many": (gzip.compress(idx(IMAGES) + b"!"), "more than the 24 bytes expected"),
    "a bomb": (gzip.compress(bytes(10**7)), "more than the 24 bytes expected"),
}


@pytest.mark.parametrize("name", GZIP_FAULTS)
def test_gunzip_refuses(name):
    data, words = GZIP_FAULTS[name]
    with pytest.raises(DataFormatError, match=f"^here.*{words}"):
        readers.gunzip(data, 24, "here")


def test_row_27_nothing_big_is_allocated_for_what_is_refused():
    huge, bomb = IDX_FAULTS["huge dims"][0], GZIP_FAULTS["a bomb"][0]
    tracemalloc.start()
    try:
        with pytest.raises(DataFormatError):
            readers.idx(huge, CUBE, 255, "here")
        with pytest.raises(DataFormatError):
            readers.gunzip(bomb, 24, "here")
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()


def py2(value):
    """Pickle as Python 2 did, in protocol 2: CIFAR-10 is of 2009."""
    if isinstance(value, bytes):
        return b"T" + struct.pack("<i", len(value)) + value
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)
    if isinstance(value, list):
        return b"](" + b"".join(map(py2, value)) + b"e"
    if isinstance(value, dict):
        return b"}(" + b"".join(py2(k) + py2(v) for k, v in value.items()) + b"u"
    if isinstance(value, np.ndarray):
        code = f"{value.dtype.kind}{value.dtype.itemsize}".encode()
        dtype = (
            b"cnumpy\ndtype\n"
            + py2(code)
            + b"K\0K\1\x87R(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
        )
        shape = b"(" + b"".join(map(py2, value.shape)) + b"t"
        by_column = not value.flags.c_contiguous
        body = py2(value.tobytes("F" if by_column else "C"))
        return (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R(K\1" + shape + dtype
                + (b"\x88" if by_column else b"\x89") + body + b"tb")  # fmt: skip
    return value.code


class Raw:
    """Opcodes as they stand."""

    def __init__(self, code):
        self.code = code


def pickled(value):
    return b"\x80\2" + py2(value) + b"."


ROWS, SHAPE = 4, (4, 3072)
DATA = np.random.default_rng(0).integers(0, 256, (6, *SHAPE), dtype=np.uint8)
LABELS = [[k, 9, 0, 3] for k in range(6)]
BATCHES = {
    name: {b"batch_label": b"of 6", b"labels": y, b"data": x, b"filenames": [b"a.png"] * ROWS}
    for name, x, y in zip(readers.CIFAR_BATCHES, DATA, LABELS, strict=True)
}
TEST = readers.CIFAR_BATCHES[5]


def archive(*more, **changes):
    """The archive, with members added, and test_batch changed: labels=..., data=..., or raw=..."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, batch in reversed(BATCHES.items()):  # in no order, as the real one
            body = pickled(batch)
            if name == TEST and "raw" in changes:
                body = changes["raw"]
            elif name == TEST:
                body = pickled(batch | {key.encode(): value for key, value in changes.items()})
            if body is not None:
                add(tar, name, body)
        for name, body in (("../evil", b"x"), ("cifar-10-batches-py/readme.html", HTML), *more):
            add(tar, name, body)
    return out.getvalue()


def add(tar, name, body):
    member = tarfile.TarInfo(name)
    if body == "link":
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    else:
        member.size = len(body)
        tar.addfile(member, io.BytesIO(body))


CALLS = Raw(b"cos\nsystem\nU\x04exit\x85R")
GOOD_BATCH = pickled(BATCHES[TEST])
CIFAR_FAULTS = {
    "empty": (lambda: b"", "no whole tar.gz archive"),
    "a page": (lambda: HTML, "an HTML page"),
    "not gzipped": (lambda: gzip.decompress(archive()), "no whole tar.gz archive"),
    "gzip of something else": (lambda: gzip.compress(b"?" * 2000), "no whole tar.gz archive"),
    "cut off": (lambda: archive()[:-2000], "no whole tar.gz archive"),
    "a member missing": (lambda: archive(raw=None), "lacks .*/test_batch"),
    "a member twice": (lambda: archive((TEST, GOOD_BATCH)), "test_batch occurs twice"),
    "a link": (lambda: archive((TEST, "link"), raw=None), "test_batch is a link or a folder"),
    "a huge member": (lambda: archive(raw=bytes(10**6)), "has 1000000 bytes, expected at most"),
    "an empty member": (lambda: archive(raw=b""), "no batch of CIFAR-10 .*EOFError"),
    "a pickle cut off": (lambda: archive(raw=GOOD_BATCH[:-99]), "no batch of CIFAR-10"),
    "no pickle": (lambda: archive(raw=b"\x89PNG"), "no batch of CIFAR-10"),
    "os.system": (lambda: archive(labels=CALLS), "it asks for os.system, expected NumPy arrays only"),
    "eval": (lambda: archive(raw=b"c__builtin__\neval\n."), "it asks for __builtin__.eval"),
    "another of NumPy's": (lambda: archive(raw=b"cnumpy\nload\n."), "it asks for numpy.load"),
    "a persistent id": (lambda: archive(raw=b"Px\n."), "no batch of CIFAR-10 .*persistent"),
    "a list": (lambda: archive(raw=pickled([])), "no batch of CIFAR-10 .*TypeError"),
    "no labels": (lambda: archive(raw=pickled({b"data": DATA[5]})), "no batch of CIFAR-10 .*labels"),
    "no data": (lambda: archive(raw=pickled({b"labels": LABELS[5]})), "no batch of CIFAR-10 .*data"),
    "data a list": (lambda: archive(data=[1, 2]), "no batch of CIFAR-10 .*AttributeError"),
    "int16": (lambda: archive(data=DATA[5].view(np.int16)), r"has dtype b'i2', expected b'u1'"),
    "objects": (lambda: archive(data=Raw(py2(DATA[5]).replace(b"u1", b"O8"))), "has dtype b'O8'"),
    "fewer rows": (lambda: archive(data=DATA[5, :3]), r"has shape \(3, 3072\), expected \(4, 3072\)"),
    "another shape": (lambda: archive(data=DATA[5].T), r"shape \(3072, 4\), expected \(4, 3072\)"),
    "fewer bytes": (
        lambda: archive(data=Raw(py2(DATA[5]).replace(py2(DATA[5].tobytes()), py2(b"abc")))),
        r"data is 3 bytes, \(4, 3072\) need 12288"),
    "no bytes": (
        lambda: archive(data=Raw(py2(DATA[5]).replace(py2(DATA[5].tobytes()), b"N"))),
        "data is NoneType bytes"),
    "label 10": (lambda: archive(labels=[0, 1, 10, 3]), r"labels\[2\]=10 outside 0\.\.9"),
    "label -1": (lambda: archive(labels=[-1, 1, 1, 3]), r"labels\[0\]=-1 outside 0\.\.9"),
    "label a string": (lambda: archive(labels=[1, 1, 1, b"3"]), r"labels\[3\]=b'3' outside"),
    "label True": (lambda: archive(labels=[1, Raw(b"\x88"), 1, 3]), r"labels\[1\]=True outside"),
    "3 labels": (lambda: archive(labels=[1, 2, 3]), "4 images, but 3 labels"),
    "labels an array": (lambda: archive(labels=DATA[5, :1, :4]), "4 images, but _Parts labels"),
}  # fmt: skip


@pytest.mark.parametrize("name", CIFAR_FAULTS)
def test_cifar_refuses(name):
    make, words = CIFAR_FAULTS[name]
    with pytest.raises(DataFormatError, match=f"^here.*{words}"):
        readers.cifar(make(), SHAPE, 9, "here")


def test_the_pickles_of_these_tests_are_real():
    """And what they may do elsewhere: with Python's own unpickler the evil one calls."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of NumPy, about names and arguments of 2009
        batch = pickle.loads(pickled(BATCHES[TEST]), encoding="bytes")
        by_column = pickle.loads(pickled(np.asfortranarray(DATA[5])), encoding="bytes")
    assert (batch[b"data"] == DATA[5]).all()
    assert (by_column == DATA[5]).all()
    assert batch[b"labels"] == LABELS[5]
    assert pickle.loads(b"\x80\2cbuiltins\nlen\nU\3abc\x85R.") == 3


def test_cifar_by_column():
    batches = readers.cifar(archive(data=np.asfortranarray(DATA[5])), SHAPE, 9, "here")
    assert (batches[5][0] == DATA[5]).all()


@pytest.fixture
def serve(server, mirrors, monkeypatch):
    """serve(name, body, shape, highest) pins a file and makes the server send it."""
    registry = {}
    monkeypatch.setattr(download, "REGISTRY", registry)

    def put(name, body, shape, highest):
        server.actions[name] = lambda h: h.answer(body)
        url = f"http://127.0.0.1:{server.server_port}/{name}"
        sha256 = hashlib.sha256(body).hexdigest()
        registry[name] = download.Item(len(body), sha256, (url,), shape, highest)

    return put


@pytest.mark.parametrize(("load", "folder"), [(mnist, "mnist"), (fashion_mnist, "fashion-mnist")])
def test_mnist_full(serve, server, cache, monkeypatch, capsys, rng, load, folder):
    parts = []
    for part, n in (("train", 5), ("t10k", 3)):
        x, y = rng.integers(0, 256, (n, 28, 28), np.uint8), rng.integers(0, 10, n, np.uint8)
        serve(f"{folder}/{part}-images-idx3-ubyte.gz", gzip.compress(idx(x)), x.shape, 255)
        serve(f"{folder}/{part}-labels-idx1-ubyte.gz", gzip.compress(idx(y)), y.shape, 9)
        parts += [x, y]
    for _ in range(2):
        found = load(full=True)
        for a, wanted, dtype in zip(found, parts, (np.float32, np.int64) * 2, strict=True):
            assert a.dtype == dtype
            assert a.flags.writeable
            assert (
                a == (wanted[:, None].astype(np.float32) / 255 if wanted.ndim > 1 else wanted)
            ).all()
    assert (found._fields, found.x_test.shape) == (load()._fields, (3, 1, 28, 28))
    assert len(server.asked) == len(left(cache)) == 4
    # a registry that does not agree with itself
    serve(f"{folder}/t10k-labels-idx1-ubyte.gz", gzip.compress(idx(parts[3][:2])), (2,), 9)
    with pytest.raises(DataFormatError, match="3 t10k images, but 2 labels"):
        load(full=True)
    monkeypatch.setenv("DLBOOK_OFFLINE", "1")
    monkeypatch.setenv("DLBOOK_DATA", str(cache / "other"))
    with pytest.raises(OfflineError, match=f"{folder}/train-images-idx3-ubyte.gz is not there"):
        load(full=True)
    assert len(load().x_train) == 6000, "the subset needs no network"


@pytest.mark.parametrize("full", ["True", 1, None], ids=repr)
def test_full_is_a_flag(cache, monkeypatch, full):
    monkeypatch.setenv("DLBOOK_OFFLINE", "1")
    for load in (mnist, fashion_mnist):
        with pytest.raises(TypeError, match=f"full={full!r} is a .*: expected True or False"):
            load(full)


def test_cifar10(serve, server, cache, tmp_path):
    serve(CIFAR, archive(), SHAPE, 9)
    x_train, y_train, x_test, y_test = cifar10()
    assert (x_train.shape, x_test.shape) == ((20, 3, 32, 32), (4, 3, 32, 32))
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int64
    wanted = DATA.reshape(6, 4, 3, 32, 32).astype(np.float32) / 255
    assert (x_train == wanted[:5].reshape(x_train.shape)).all()
    assert (x_test == wanted[5]).all()
    assert y_train.tolist() == np.ravel(LABELS[:5]).tolist()
    assert y_test.tolist() == LABELS[5]
    cifar10()
    assert server.asked == [f"/{CIFAR}"]
    assert left(tmp_path) == [CIFAR], "nothing was extracted"
