"""The files inside the package: read, and compared with their SHA-256."""

import csv
import functools
import hashlib
import io
from importlib import resources

import numpy as np

from ...checks import ChecksumError

SHA256 = {
    "co2_weekly.csv": "16695fa2786e53414e5a6b54767a3fdf5de99cfbc68617f69d1362d92776a92f",
    "digits8x8.npz": "35ca2870ddda628aecd42364588fe5012bdb3df9ce91b9b943752b82b02f04c9",
    "emoji32.npz": "db14cbfc78c83a37816803284c2fc2c72f83d7258215e89ee8db0e9eef35015c",
    "fashion_6k_2k.npz": "ccd0caa6083ff0798442e098cb8f769b8743db906684812ade53048bdff86bcb",
    "mnist_6k_2k.npz": "d235b8154f05dca8971796eceda928a8504aa16adf5da36ca69129177447b03d",
    "penguins.csv": "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93",
    "photographs.npz": "84e039217d152ecc318420e53cdc1a9eba715953993df862ff76c1417a938381",
    "movie_snippets.tsv.gz": "6426130ca5633b8dd3efa5e462b208503ab7059e37426c2bb060eb112afbe53c",
    "seattle_weather.csv": "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be",
    "shakespeare.txt.gz": "2657d4db624b8c88f58e5781409af342d483ff232167bc94e468461bdff67c90",
    "spoken_digits.npz": "56c6707416280c3f954ab2f2c435eb67cf6c55f1fd380d97dbc3c3742eabaa34",
    "sunspots_yearly.csv": "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b",
}


def read(name: str) -> bytes:
    """Return a bundled file; raise ChecksumError if it is missing or a byte of it has changed."""
    try:
        data = (resources.files("dlbook.data") / "files" / name).read_bytes()
    except FileNotFoundError as error:
        raise ChecksumError(
            f"dlbook/data/files/{name} is missing: expected a file with SHA-256 {SHA256[name]}. "
            "Install dlbook anew from the book's repository"
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[name]:
        raise ChecksumError(
            f"dlbook/data/files/{name} is damaged: its SHA-256 is {found}, expected "
            f"{SHA256[name]}. Install dlbook anew from the book's repository"
        )
    return data


def arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(read(name)), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def text(name: str) -> str:
    import gzip  # late, as few need it

    return gzip.decompress(read(name)).decode("utf-8")


def columns(name: str) -> dict[str, list[str]]:
    rows = list(csv.DictReader(io.StringIO(read(name).decode("ascii"))))
    return {key: [row[key] for row in rows] for key in rows[0]}


@functools.cache
def say_once(text: str) -> None:
    print(text)
