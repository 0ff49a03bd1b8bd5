"""Make the published notebooks: chapters/source/NAME.md -> executed chapters/NAME.ipynb.

python tools/notebooks.py             every chapter
python tools/notebooks.py 05 08       the chapters whose names start so
python tools/notebooks.py --check     execute nothing; fail where a notebook is not what its source gives
"""

import argparse
import hashlib
import os
import platform
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = ROOT / "chapters"
SECONDS = CHAPTERS / "source" / "seconds.txt"  # name, seconds of one core, processor

INSTALL = """\
# Installs the book's package where it is missing (Colab, another computer).
import importlib.util

if importlib.util.find_spec("dlbook") is None:
    %pip install -q "git+{url}"\
"""


def repository():
    return yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]


def sources():
    return sorted((CHAPTERS / "source").glob("*.md"))


def published(source):
    return CHAPTERS / f"{source.stem}.ipynb"


def convert(source):
    """The notebook that a source file gives, without outputs; the same text gives the same bytes."""
    nb = jupytext.read(source)
    install = nbformat.v4.new_code_cell(
        INSTALL.format(url=repository()), metadata={"tags": ["remove-cell"]}
    )
    first_code = next(i for i, cell in enumerate(nb.cells) if cell.cell_type == "code")
    nb.cells.insert(first_code, install)

    seen = set()
    for cell in nb.cells:
        # An id made from the text stays when other cells come and go.
        text, n = cell.cell_type + cell.source, 0
        while (name := hashlib.sha256(f"{text}{n}".encode()).hexdigest()[:8]) in seen:
            n += 1
        seen.add(name)
        cell.id = name
        if "solution" in cell.metadata.get("tags", []):
            # Folded in the book, in JupyterLab and in Colab, each of which asks for it differently.
            cell.metadata.tags = ["hide-cell", "solution"]
            cell.metadata.update(
                mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide it"},
                jupyter={"source_hidden": True, "outputs_hidden": True},
                cellView="form",
            )
    nb.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "pygments_lexer": "ipython3"},
        }
    )
    nb.nbformat, nb.nbformat_minor = 4, 5
    return nb


def without_outputs(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nb


def drift(source):
    """What is wrong with a source's published notebook, or None."""
    path = published(source)
    if not path.exists():
        return f"{path.name} is missing"
    if without_outputs(nbformat.read(path, as_version=4)) != convert(source):
        return f"{path.name} is not what source/{source.name} gives"
    return None


def execute(source):
    """Run a chapter from top to bottom and write it; the seconds that one processor core was busy with it.

    GPU cells keep their recorded output without a GPU.
    """
    path, nb = published(source), convert(source)
    old = nbformat.read(path, as_version=4).cells if path.exists() else []
    recorded = {cell.id: cell.outputs for cell in old if cell.cell_type == "code"}
    skip = "" if has_gpu(nb) else "gpu"
    client = NotebookClient(
        nb,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        skip_cells_with_tag=skip,
        resources={"metadata": {"path": str(CHAPTERS)}},
    )
    client.extra_arguments = ["--log-level=40"]  # errors only
    nb.cells.append(nbformat.v4.new_code_cell("__import__('time').process_time()"))
    client.execute()
    seconds = float(nb.cells.pop().outputs[0].data["text/plain"])
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, 1):
        if skip and skip in cell.metadata.get("tags", []):
            cell.outputs = recorded.get(cell.id, [])
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    nb.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}
    nbformat.write(nb, path)
    return seconds


def processor():
    """Its name, as sold where the system knows it."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def record(seconds):
    """Write {name: seconds} into the table and print it; other chapters keep their lines."""
    lines = SECONDS.read_text("utf-8").splitlines() if SECONDS.exists() else []
    table = {line.split()[0]: line for line in lines}
    for name, taken in seconds.items():
        table[name] = f"{name:30} {taken:6.1f}  {processor()}"
    kept = [table[source.stem] for source in sources() if source.stem in table]
    SECONDS.write_text("".join(f"{line}\n" for line in kept), "utf-8")
    print("\n".join(["", *kept]))


def has_gpu(nb):
    if not any("gpu" in cell.metadata.get("tags", []) for cell in nb.cells):
        return False
    import torch

    return torch.cuda.is_available()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="beginnings of chapter names")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()

    chosen = [s for s in sources() if not args.names or s.name.startswith(tuple(args.names))]
    if not chosen:
        sys.exit(f"chapters/source has no chapter {' or '.join(args.names)}")
    if args.check:
        sys.exit("\n".join(filter(None, map(drift, chosen))) or 0)

    # As in the tests, so that the outputs agree: two notebooks at once, one thread each, no bars.
    os.environ.update(TQDM_DISABLE="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    failed, seconds = False, {}
    with ThreadPoolExecutor(2) as pool:
        jobs = {source: pool.submit(execute, source) for source in chosen}
        for source, job in jobs.items():
            try:
                seconds[source.stem] = job.result()
                print(f"{published(source).relative_to(ROOT)}: executed", flush=True)
            except CellExecutionError as error:
                failed = True
                print(f"{source.relative_to(ROOT)} was not written:\n{error}", file=sys.stderr)
    record(seconds)
    sys.exit(failed)


if __name__ == "__main__":
    main()
