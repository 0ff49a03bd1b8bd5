"""Would the tests see a mistake? Plant those of tests/mutants.txt in a copy, one at a time, and ask.

python tools/mutants.py                         all of them
python tools/mutants.py optim.py Adam           those whose line contains one of these, file and all
python tools/mutants.py --sample 40 --seed 1    some of them
python tools/mutants.py --quick                 the ten of `make test`, before their file's tests only

A mistake is seen if a test fails that passes without it. Its file's own tests come first, then all
fast ones. What was found is written to build/mutants.jsonl and not asked again until the file with
the mistake has changed or, for what survived, a test. Exits 1 if one survives that is not marked
`equivalent`, or cannot be planted any more.
"""

from __future__ import annotations

import argparse
import ast
import functools
import hashlib
import json
import multiprocessing
import os
import queue
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "mutants.txt"
FOUND = ROOT / "build" / "mutants.jsonl"
SLOW = {"test_install.py", "test_book.py", "test_layout.py", "test_mutants.py"}
METHODS = multiprocessing.get_all_start_methods()
# A server that has imported torch once; each run of pytest is a fork of it, two seconds sooner.
PROCESSES = multiprocessing.get_context("forkserver" if "forkserver" in METHODS else "spawn")


@dataclass(frozen=True)
class Mutant:
    """One mistake: in `file`, in what `where` names, `new` stands for `old`."""

    file: str
    where: str
    old: str
    new: str
    more_tests: tuple[str, ...] = ()
    quick: bool = False
    equivalent: str = ""

    def __str__(self) -> str:
        return f"{self.file} {self.where}: {self.old} => {self.new}".rstrip()

    def planted(self, text: str) -> str:
        """The file's text with the mistake; ValueError unless `old` occurs exactly once."""
        start, end = place(text, self.where)
        count = text[start:end].count(self.old)
        if count != 1:
            raise ValueError(f"the text occurs {count} times in {self.where}")
        return text[:start] + text[start:end].replace(self.old, self.new) + text[end:]

    def own_tests(self) -> list[str]:
        """dlbook/nn/losses.py -> test_nn_losses.py, test_nn.py, and those that the table adds."""
        parts = Path(self.file).with_suffix("").parts[1:]
        names = [f"test_{'_'.join(parts[:k])}.py" for k in range(len(parts), 0, -1)]
        return [name for name in (*names, *self.more_tests) if (ROOT / "tests" / name).exists()]


NOTHING = Mutant("dlbook/init.py", "file", "import math", "import math")
BROKEN = Mutant("dlbook/init.py", "file", "import math", "import maths")


parsed = functools.lru_cache(ast.parse)  # each file has several mistakes


def place(text: str, where: str) -> tuple[int, int]:
    """Where a function or class such as Adam.direction begins and ends, with its decorators."""
    if where == "file":
        return 0, len(text)
    node: ast.AST = parsed(text)
    for name in where.split("."):
        inside = (n for n in ast.walk(node) if n is not node and getattr(n, "name", "") == name)
        node = next(inside, None)
        if node is None:
            raise ValueError(f"there is no {where}")
    lines = text.splitlines(keepends=True)
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return len("".join(lines[: first - 1])), len("".join(lines[: node.end_lineno]))


def table() -> list[Mutant]:
    """Every mistake that tests/mutants.txt lists."""
    found = []
    for line in TABLE.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("dlbook/"):
            file, _, more = line.partition(":")
            continue
        line, _, equivalent = line.partition("  # equivalent: ")
        where, _, change = line[1:].strip().partition(": ")
        old, _, new = (change + " ").partition(" => ")
        mark = line[0] == "*"
        found.append(Mutant(file, where, old, new.strip(), tuple(more.split()), mark, equivalent))
    return found


# --- Running tests --------------------------------------------------------------------------------


class Told:
    """A plugin of pytest: leaves out the tests in `without`, and keeps what the others said."""

    def __init__(self, without: set[str]) -> None:
        self.without, self.passed, self.failed = without, 0, []

    def pytest_collection_modifyitems(self, items: list) -> None:
        items[:] = [item for item in items if item.nodeid not in self.without]

    def pytest_collectreport(self, report) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtest_logreport(self, report) -> None:
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.passed and report.when == "call":
            self.passed += 1


def pytest_in(root: Path, names: list[str], without: set[str], stop: bool, answer) -> None:
    """In a process of its own: run test files of a copy, up to the first failure if `stop`."""
    os.chdir(root)
    os.environ["PYTHONPATH"] = str(root)
    sys.path.insert(0, str(root))
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    import pytest

    told = Told(without)
    options = ["-q", "-n", "0", "-p", "no:cacheprovider"] + (["-x"] if stop else [])
    code = pytest.main([*(f"tests/{name}" for name in names), *options], plugins=[told])
    if code not in (0, 1, 5) and not told.failed:  # such as a conftest.py that cannot be imported
        told.failed.append(f"pytest stops with code {int(code)}")
    answer.send((told.passed, told.failed))


def run(
    root: Path, names: list[str], without: set[str], stop: bool = True, limit: float | None = None
) -> tuple[int, list[str]]:
    """How many tests passed, and which failed; `limit` in seconds."""
    receiver, sender = PROCESSES.Pipe(duplex=False)
    arguments = (root, names, without, stop, sender)
    process = PROCESSES.Process(target=pytest_in, args=arguments, daemon=True)
    process.start()
    sender.close()
    try:
        if receiver.poll(limit):
            return receiver.recv()
        return 0, [f"no answer within {limit:.0f} s"]
    except EOFError:
        return 0, ["the process died"]
    finally:
        process.kill()
        process.join()


def copied(to: Path) -> Path:
    """What the tests need of the project: the package and the tests copied, the rest as a link."""
    hidden = shutil.ignore_patterns("__pycache__", ".*")
    for path in ROOT.iterdir():
        if path.name in ("dlbook", "tests"):
            shutil.copytree(path, to / path.name, ignore=hidden)
        elif path.is_file():
            shutil.copy(path, to)
        elif not path.name.startswith(".") and path.name not in ("build", "dist", "_build"):
            (to / path.name).symlink_to(path)
    return to


def seen_by(
    mutant: Mutant, root: Path, rounds: list[list[str]], without: set[str], limit: float
) -> str:
    """The first test that fails because of the mistake; "" if there is none."""
    path = root / mutant.file
    original = path.read_text("utf-8")
    path.write_text(mutant.planted(original), "utf-8")
    try:
        for names in rounds:
            names = [name for name in names if f"tests/{name}" not in without]
            failed = run(root, names, without, limit=limit)[1] if names else []
            if failed:
                return failed[0]
    finally:
        path.write_text(original, "utf-8")
    return ""


# --- What was found -------------------------------------------------------------------------------


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def known(tests: str) -> dict[str, str]:
    """What earlier runs found and still holds: the key of a mistake, and what saw it or ""."""
    rows = map(json.loads, FOUND.read_text("utf-8").splitlines()) if FOUND.exists() else ()
    return {row["key"]: row["seen_by"] for row in rows if row["seen_by"] or row["tests"] == tests}


def report(mutants: list[Mutant], found: dict[Mutant, str]) -> bool:
    """Print a line a file and what survived; return whether that is as the table says."""
    counts = {name: Counter() for name in (*dict.fromkeys(m.file for m in mutants), "all")}
    for mutant in mutants:
        if mutant in found:
            seen = "seen" if found[mutant] else "equivalent" if mutant.equivalent else "survived"
            counts[mutant.file][seen] += 1
            counts["all"][seen] += 1
    print(f"\n{'file':40} {'seen':>9} {'survived':>9} {'equivalent':>11}")
    for name, c in counts.items():
        print(f"{name:40} {c['seen']:9} {c['survived']:9} {c['equivalent']:11}")
    wrong = False
    for mutant in mutants:
        seen = found.get(mutant)
        if seen == "" and not mutant.equivalent:
            print(f"survived: {mutant}")
        elif seen and mutant.equivalent:
            print(f"marked equivalent, but seen by {seen}: {mutant}")
        else:
            continue
        wrong = True
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of the lines wanted")
    parser.add_argument("--quick", action="store_true", help="those marked *, own tests only")
    parser.add_argument("--sample", type=int, help="so many, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, choices=(1, 2), default=2)
    args = parser.parse_args()

    mutants = [m for m in table() if not args.names or any(n in str(m) for n in args.names)]
    mutants = [m for m in mutants if m.quick or not args.quick]
    if args.sample is not None:
        mutants = random.Random(args.seed).sample(mutants, min(args.sample, len(mutants)))
    keys = {}  # what is not in it cannot be planted
    for mutant in mutants:
        try:
            text = (ROOT / mutant.file).read_text("utf-8")
            keys[mutant] = digest(str(mutant), mutant.planted(text))
        except (OSError, ValueError) as error:
            print(f"cannot be planted: {mutant}\n    {error}")
    tests = digest(*(p.read_text("utf-8") for p in sorted((ROOT / "tests").glob("*.py"))))
    before = {} if args.quick else known(tests)
    found = {m: before[key] for m, key in keys.items() if key in before}
    todo = [m for m in keys if m not in found]

    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    os.environ |= {"OPENBLAS_NUM_THREADS": "1"}
    if PROCESSES.get_start_method() == "forkserver":
        PROCESSES.set_forkserver_preload(["numpy", "torch"])
    with tempfile.TemporaryDirectory() as folder:
        copies: queue.Queue = queue.Queue()
        for k in range(args.workers):
            (Path(folder) / str(k)).mkdir()
            copies.put(copied(Path(folder) / str(k)))

        own = {name for m in (*todo, NOTHING) for name in m.own_tests()}
        fast = {p.name for p in (ROOT / "tests").glob("test_*.py")} - SLOW
        began = time.time()
        names = sorted(own if args.quick else own | fast)
        passed, failed = run(copies.queue[0], names, set(), stop=False)
        without, limit = set(failed), 30 + 10 * (time.time() - began)
        print(f"without a mistake {passed} tests pass, {len(without)} fail and are left out")

        def ask(mutant: Mutant, quick: bool = args.quick) -> tuple[str, float]:
            rest = [] if quick else sorted(fast - set(mutant.own_tests()))
            root, began = copies.get(), time.time()
            try:
                seen = seen_by(mutant, root, [mutant.own_tests(), rest], without, limit)
            finally:
                copies.put(root)
            return seen, time.time() - began

        if not passed or ask(NOTHING, quick=True)[0] or not ask(BROKEN, quick=True)[0]:
            print("the runner is broken: what changes nothing must survive, and `import maths` not")
            return 1
        print("what changes nothing survives, a broken import is seen")
        pool = ThreadPoolExecutor(args.workers)
        try:
            asked = {pool.submit(ask, mutant): mutant for mutant in todo}
            for k, future in enumerate(as_completed(asked), 1):
                mutant, (seen, seconds) = asked[future], future.result()
                found[mutant] = seen
                told = f"seen by {seen}" if seen else "SURVIVED"
                print(f"{k}/{len(todo)}  {mutant}\n    {told} ({seconds:.1f} s)", flush=True)
                if not args.quick:
                    row = {"mutant": str(mutant), "seen_by": seen}
                    row |= {"key": keys[mutant], "tests": tests}
                    FOUND.parent.mkdir(exist_ok=True)
                    with FOUND.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(row) + "\n")
        finally:
            pool.shutdown(cancel_futures=True)  # after Ctrl-C no more are asked
    return 0 if report(mutants, found) and len(keys) == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
