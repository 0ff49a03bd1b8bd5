"""Make the published notebooks: chapters/source/NAME.md -> executed chapters/NAME.ipynb.

python tools/notebooks.py             every chapter
python tools/notebooks.py 5 loss      chapter 5, and the chapters whose names start with "loss"
python tools/notebooks.py --text      execute nothing; renew the text where the code is what it was
python tools/notebooks.py --check     execute nothing; fail where a notebook is not what its source gives

A chapter's number is its place in _toc.yml and stands nowhere in a source. Here it is filled in:

    # Backpropagation                       # 5 Backpropagation
    \\tag{.3}                               \\tag{5.3}
    ### Exercise .2: a layer                ### Exercise 5.2: a layer
    (.3), (losses.5)                        [(5.3)](#eq-3), [(4.5)](losses.ipynb#eq-5)
    exercise .2, exercise losses.1          [exercise 5.2](#exercise-2), ...
    **Figure .1.** Its caption.             **Figure 5.1.** Its caption.
    figure .1, question .2                  [figure 5.1](#figure-1), [question 5.2](#question-2)
    [{chapter}](losses.md)                  [chapter 4](losses.ipynb); also {Chapter}, {number}
    {time:losses}, {time:all}               what a chapter's box says of the time that it takes, and their sum

In code, comments say the same without links.
"""

import argparse
import base64
import functools
import hashlib
import os
import platform
import re
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dark
import jupytext
import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = ROOT / "chapters"
UNNUMBERED = (None, "Start", "Reference")
ORDER = (
    ROOT / "dlbook" / "exercises" / "order.txt"
)  # for the answers to exercises, which name equations
SECONDS = CHAPTERS / "source" / "seconds.txt"  # name, seconds of one core, processor

# The first cell of every notebook, before and after the book has an address.
NEEDS = """\
# The book's package, which a notebook alone needs (Colab, another computer).
import importlib.util

if importlib.util.find_spec("dlbook") is None:
    raise ModuleNotFoundError("dlbook is missing: run `pip install .` in the folder of the book")\
"""
INSTALLS = """\
# Installs the book's package where it is missing (Colab, another computer).
import importlib.util

if importlib.util.find_spec("dlbook") is None:
    %pip install -q "{wheel}"
    importlib.invalidate_caches()
    if importlib.util.find_spec("dlbook") is None:
        raise ModuleNotFoundError("dlbook could not be installed from {wheel}")\
"""


# Seconds of processor that a kernel has used, without those for what only the rendered book needs.
SPENT = """\
import time
from IPython.core import pylabtools
time.process_time() - getattr(pylabtools.print_figure, "seconds", 0)\
"""


def repository():
    return yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]


def site():
    return yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["html"]["baseurl"]


def first_cell(site):
    """What a notebook begins with, if the book stands at address `site`: its wheel is there too."""
    if "OWNER" in site:
        return NEEDS
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return INSTALLS.format(wheel=f"{site.rstrip('/')}/dlbook-{version}-py3-none-any.whl")


def sources():
    return sorted((CHAPTERS / "source").glob("*.md"))


@functools.cache
def numbers():
    """The chapters' numbers, in the order of _toc.yml; pages of the first part and the last have none."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    files = [
        Path(chapter["file"]).name
        for part in parts
        if part.get("caption") not in UNNUMBERED
        for chapter in part["chapters"]
    ]
    return {name: number for number, name in enumerate(files, 1)}


TIME = re.compile(
    r"^> \*\*Time\.\*\* (\d+) minutes to read, .* to run, (?:about )?(\d+) hours? for the exercises",
    re.M,
)


def times(name):
    """Minutes to read a chapter and hours for its exercises, as its box says."""
    found = TIME.search((CHAPTERS / "source" / f"{name}.md").read_text("utf-8"))
    if not found:
        raise SystemExit(
            f"{name}: expected '> **Time.** N minutes to read, ... to run, N hours for the exercises'"
        )
    return int(found[1]), int(found[2])


def spoken_times(m):
    """50 min, 2 h; of all chapters as a sentence, in round hours."""
    if m[1] != "all":
        return "{} min, {} h".format(*times(m[1]))
    read, exercises = map(sum, zip(*map(times, numbers()), strict=True))
    return (
        f"{len(numbers())} chapters: about {round(read / 60)} hours to read, "
        f"and about {round(exercises, -1)} for all exercises."
    )


def filled(text, here, link=True):
    """The text of a cell with the numbers of chapters, equations and exercises, as links or plain."""

    def number(name):
        if (name or here) not in numbers():
            raise SystemExit(f"{here}: there is no chapter {name or here!r} in _toc.yml")
        return numbers()[name or here]

    def linked(words, name, anchor=""):
        page = f"{name}.ipynb" if name and name != here else ""
        return f"[{words}]({page}{anchor})" if link else words

    def chapter(m):
        n = number(m[2])
        words = {"chapter": f"chapter {n}", "Chapter": f"Chapter {n}", "number": n}
        return linked(m[1].format(**words), m[2])

    def equation(m):
        return linked(f"({number(m[1])}.{m[2]})", m[1], f"#eq-{m[2]}")

    def counted(m):  # an exercise, a question, a figure
        return linked(f"{m[1]} {number(m[2])}.{m[3]}", m[2], f"#{m[1].lower()}-{m[3]}")

    if link:
        text = re.sub(r"\{time:(\w+)\}", spoken_times, text)
        mine = f"{number(here)}." if here in numbers() else ""
        text = re.sub(r"\A# ", f"# {mine[:-1]} " if mine else "# ", text)
        text = re.sub(r"^(#+ (?:Exercise|Question)) \.(\d)", rf"\1 {mine}\2", text, flags=re.M)
        text = re.sub(r"^(\*\*Figure) \.(\d+\.\*\*)", rf"\1 {mine}\2", text, flags=re.M)
        text = re.sub(r"\\tag\{\.(\d+[a-z]?)\}", rf"\\tag{{{mine}\1}}", text)
        # Within a displayed formula nothing can be a link.
        parts = re.split(r"(^\$\$.*?\$\$)", text, flags=re.M | re.S)
        plain = [filled(formula, here, link=False) for formula in parts[1::2]]
        parts[1::2] = plain
        text = "".join(parts)
    text = re.sub(r"\[(\{(?:Chapter|chapter|number)\})\]\((\w+)\.md\)", chapter, text)
    text = re.sub(r"(?<!\w)\(([a-z]\w*)?\.(\d+[a-z]?)\)", equation, text)
    return re.sub(r"\b([Ee]xercise|[Qq]uestion|[Ff]igure) ([a-z]\w*)?\.(\d+)\b", counted, text)


def published(source):
    return CHAPTERS / f"{source.stem}.ipynb"


def convert(source):
    """The notebook that a source file gives, without outputs; the same text gives the same bytes."""
    nb = jupytext.read(source)
    install = nbformat.v4.new_code_cell(first_cell(site()), metadata={"tags": ["remove-cell"]})
    first_code = next(i for i, cell in enumerate(nb.cells) if cell.cell_type == "code")
    nb.cells.insert(first_code, install)

    seen = set()
    for cell in nb.cells:
        cell.source = filled(cell.source, source.stem, link=cell.cell_type == "markdown")
        if image := cell.metadata.get("mystnb", {}).get("image"):
            image["alt"] = filled(image["alt"], source.stem, link=False)
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


def renew_text(source):
    """Write a notebook with new text and its old outputs; return what prevents it, or None."""
    path, nb = published(source), convert(source)
    old = nbformat.read(path, as_version=4) if path.exists() else nbformat.v4.new_notebook()
    ran = [cell for cell in old.cells if cell.cell_type == "code"]
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    # The first one has no output: it installs the package elsewhere.
    if [cell.source for cell in ran[1:]] != [cell.source for cell in code[1:]]:
        return f"{path.name} has other code than source/{source.name}: execute it"
    for before, cell in zip(ran, code, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    nb.metadata = old.metadata
    nbformat.write(nb, path)
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
    twins = f"__import__('runpy').run_path({dark.__file__!r})['install']()"
    client.extra_arguments = ["--log-level=40", f"--IPKernelApp.exec_lines={twins}"]  # errors only
    nb.cells.append(nbformat.v4.new_code_cell(SPENT))
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


def remove_orphans():
    """Remove the twins of pictures that are in no notebook any more."""
    twins = set()
    for path in CHAPTERS.glob("*.ipynb"):
        twins |= {dark.twin_of(png) for png in pictures(nbformat.read(path, as_version=4))}
    for path in set(dark.FOLDER.glob("*")) - twins:
        path.unlink()


def pictures(nb):
    """The figures in a notebook, as PNG files."""
    outputs = [output for cell in nb.cells for output in cell.get("outputs", [])]
    data = [output.get("data", {}).get("image/png") for output in outputs]
    return [base64.b64decode(text) for text in data if text]


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


def is_called(source, name):
    """Whether a chapter is meant by its number or by the beginning of its name."""
    return source.stem.startswith(name) or str(numbers().get(source.stem)) == name.lstrip("0")


def out_of_order():
    """What is wrong with the list that the package has of the chapters, or None."""
    if ORDER.read_text("utf-8").split() != list(numbers()):
        return f"{ORDER.relative_to(ROOT)} is not the order of _toc.yml"
    return None


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="numbers or beginnings of chapter names")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--text", action="store_true")
    args = parser.parse_args()

    chosen = [s for s in sources() if not args.names or any(is_called(s, n) for n in args.names)]
    if not chosen:
        sys.exit(f"chapters/source has no chapter {' or '.join(args.names)}")
    if args.check:
        sys.exit("\n".join(filter(None, [out_of_order(), *map(drift, chosen)])) or 0)
    ORDER.write_text("\n".join(numbers()) + "\n", "utf-8")
    if args.text:
        sys.exit("\n".join(filter(None, map(renew_text, chosen))) or 0)

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
    remove_orphans()
    sys.exit(failed)


if __name__ == "__main__":
    main()
