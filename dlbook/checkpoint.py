"""`save` and `load`: model, optimizer, schedule and generators in one file, whole or not at all.

The file: a line that names the format, the SHA-256 of all that follows, the length of a JSON text,
that text, then the numbers of its arrays one after the other. Nothing in it can be executed.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from . import rng
from .backend import to_numpy
from .checks import CheckpointError
from .nn import Module

MAGIC = b"dlbook checkpoint 1\n"
KINDS = "biuf"  # booleans, integers, floats


def save(path: str | os.PathLike, **parts: Any) -> None:
    """Write objects under the names that `load` will know: save("a.ckpt", model=model, step=3).

    A part is a Module, an optimizer, a schedule, a loader, a Generator, or numbers, strings and
    arrays, in dicts and lists. Its generators and the one of `manual_seed` are kept too. The file
    appears at `path` when it is complete; until then the old one stays.
    """
    arrays: list[np.ndarray] = []
    tree = {name: _packed(_state(part), arrays) for name, part in parts.items()}
    tree = {"parts": tree, "seed": _packed(_state(rng.generator()), arrays)}
    specs = [{"dtype": a.dtype.str, "shape": list(a.shape)} for a in arrays]
    head = json.dumps({"tree": tree, "arrays": specs}).encode()
    numbers = [np.ascontiguousarray(a).data for a in arrays]
    body: list[Any] = [len(head).to_bytes(8, "little"), head, *numbers]
    digest = hashlib.sha256()
    for piece in body:
        digest.update(piece)
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(MAGIC + digest.digest())
            file.writelines(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def load(path: str | os.PathLike, **parts: Any) -> dict[str, Any]:
    """Fill objects of the same names from a file, all or none; return the parts that are plain data.

    Raises CheckpointError for a file that is damaged, of another format, or of other objects, with
    every difference, and FileNotFoundError; nothing is changed then.
    """
    tree = _read(Path(path))
    stored = tree["parts"]
    missing = [name for name in parts if name not in stored]
    wrong = [f"{name}: not in the file, which has {sorted(stored)}" for name in missing]
    before = {name: _state(part) for name, part in parts.items()}
    seed = _state(rng.generator())
    try:
        for name, part in parts.items():
            if name in stored:
                try:
                    _fill(part, stored[name])
                except CheckpointError as error:
                    wrong.append(f"{name}: {error}")
                except (KeyError, TypeError, ValueError) as error:
                    wrong.append(f"{name}: is no state of a {type(part).__name__} ({error})")
        _fill(rng.generator(), tree["seed"])
        if wrong:
            text = "\n  ".join(wrong)
            raise CheckpointError(f"{path} does not fit, nothing was loaded:\n  {text}")
    except BaseException:
        for name, part in parts.items():
            _fill(part, before[name])
        _fill(rng.generator(), seed)
        raise
    return {name: value for name, value in stored.items() if name not in parts}


def _state(part: Any) -> Any:
    """What a part needs to go on: its state, and those of the generators that it holds."""
    if isinstance(part, np.random.Generator):
        return part.bit_generator.state
    if isinstance(part, Module):
        return {"state": part.state_dict(), "rng": [_state(g) for g in _generators(part)]}
    return part.state_dict() if hasattr(part, "state_dict") else part


def _fill(part: Any, state: Any) -> None:
    if isinstance(part, np.random.Generator):
        part.bit_generator.state = state
    elif isinstance(part, Module):
        generators = _generators(part)
        here, there = len(generators), len(state["rng"])
        if here != there:
            raise CheckpointError(f"holds {there} generators, expected {here}")
        part.load_state_dict(state["state"])
        for g, one in zip(generators, state["rng"], strict=True):
            _fill(g, one)
    elif hasattr(part, "load_state_dict"):
        part.load_state_dict(state)
    else:
        raise TypeError("expected an object with load_state_dict, or leave it out: load returns it")


def _generators(model: Module) -> list[np.random.Generator]:
    """Every generator that a module holds, such as a Dropout's, each once."""
    held = (value for module in model.modules() for value in vars(module).values())
    return list({id(g): g for g in held if isinstance(g, np.random.Generator)}.values())


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    """The same as JSON, with arrays put aside: {"array": 3}."""
    if isinstance(value, dict):
        return {"dict": [[k, _packed(v, arrays)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        return [_packed(v, arrays) for v in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    array = to_numpy(getattr(value, "data", value) if hasattr(value, "requires_grad") else value)
    if array.dtype.kind not in KINDS:
        kind = type(value).__name__
        raise TypeError(f"a {kind} cannot be saved: expected numbers, strings, arrays")
    arrays.append(array)
    return {"array": len(arrays) - 1}


def _unpacked(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, dict):
        if "array" in value:
            return arrays[value["array"]]
        return {k: _unpacked(v, arrays) for k, v in value["dict"]}
    return [_unpacked(v, arrays) for v in value] if isinstance(value, list) else value


def _read(path: Path) -> dict[str, Any]:
    """Check the file from outside to inside; nothing is allocated before its size is known to fit."""

    def damaged(why: str) -> CheckpointError:
        text = f"is no whole checkpoint: {why}; expected what dlbook.save wrote"
        return CheckpointError(f"{path} {text}")

    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise damaged("it does not begin with the name of the format, or is of another version")
        digest = file.read(32)
        body = bytearray(max(size - len(MAGIC) - 32, 0))
        if file.readinto(body) != len(body) or hashlib.sha256(body).digest() != digest:
            raise damaged("its SHA-256 differs from the one it names: cut off or changed")
    try:
        start = 8 + int.from_bytes(body[:8], "little")
        head = json.loads(bytes(body[8:start]))
        arrays = []
        for spec in head["arrays"]:
            dtype, shape = np.dtype(spec["dtype"]), tuple(spec["shape"])
            count = int(np.prod([int(n) for n in shape], dtype=object))
            fits = min(shape, default=0) >= 0 and start + count * dtype.itemsize <= len(body)
            if dtype.kind not in KINDS or not fits:
                raise ValueError(f"an array of {spec} does not fit into {len(body)} bytes")
            arrays.append(np.frombuffer(body, dtype, count, start).reshape(shape))
            start += count * dtype.itemsize
        if start != len(body):
            raise ValueError(f"{len(body) - start} bytes too many")
        tree = head["tree"]
        parts = {name: _unpacked(part, arrays) for name, part in tree["parts"].items()}
        return {"parts": parts, "seed": _unpacked(tree["seed"], arrays)}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise damaged(str(error)) from error
