"""For every run of pytest: one thread a worker, no progress bars, GPU cells only where there is a GPU.

nbval executes notebooks in the kernel of tools/elsewhere.py: in an empty folder, with dlbook's wheel.
"""

import difflib
import json
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
sys.path.insert(0, str(ROOT / "tools"))
import elsewhere  # noqa: E402

# Set before NumPy is imported; notebook kernels inherit them.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["TQDM_DISABLE"] = "1"
if not os.access(os.path.expanduser("~"), os.W_OK):  # matplotlib would say so in a cell's output
    os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp())


def pytest_addoption(parser):
    parser.addoption(
        "--changed", action="store_true", help="leave out the notebooks that passed as they are"
    )


def needs_gpu(item):
    cell = getattr(item, "cell", None)  # only notebook cells have one
    tags = cell.metadata.get("tags", []) if cell else []
    return "gpu" in tags or item.get_closest_marker("gpu") is not None


def pytest_collection_modifyitems(items):
    # The longest notebooks first: with two workers, one must not be left for the end.
    lines = (ROOT / "chapters" / "source" / "seconds.txt").read_text("utf-8").splitlines()
    seconds = {line.split()[0]: float(line.split()[1]) for line in lines}
    items.sort(key=lambda item: -seconds.get(item.path.stem, 0))  # stable

    gpu_items = [item for item in items if needs_gpu(item)]
    if not gpu_items:
        return
    import torch  # late: it takes more than a second

    if not torch.cuda.is_available():
        for item in gpu_items:
            item.add_marker(pytest.mark.skip(reason="needs a GPU"))


# --- Notebooks ------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if not hasattr(item, "cell"):
        return
    notebook, here = item.parent, item.config.option.nbval_current_env
    item.output_timeout = 300  # nbval's 5 s for what was printed to arrive need an idle core
    if not hasattr(notebook, "done"):
        notebook.done, notebook.failed, notebook.stopped = 0, False, None
        notebook.as_collected = json.dumps(notebook.nb)
        remember(item, None)
        notebook.folder = None if here else elsewhere.kernel(item.path.stem)
    if notebook.stopped is not None:
        pytest.skip(f"cell {notebook.stopped} raised an error")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if not hasattr(item, "cell"):
        return report
    notebook = item.parent
    if report.failed:
        differs = str(call.excinfo.value) == "Cell outputs differ"
        notebook.failed = True
        if not differs:
            notebook.stopped = item.cell_num
        report.longrepr = readable(item, report.longrepr, differs)
    notebook.done += report.when == "teardown"
    cells = [cell for cell in notebook.nb.cells if cell.cell_type == "code"]
    if notebook.folder and not notebook.failed and notebook.done == len(cells):
        opened = elsewhere.opened(notebook.folder)
        parts = (notebook.as_collected, elsewhere.package(), opened, nbval_options(item.config))
        remember(item, {"digest": elsewhere.digest(*parts), "opened": opened})
    return report


def remember(item, what):
    if hasattr(item.config, "cache"):  # pytest's own, in .pytest_cache
        item.config.cache.set(f"passed/{item.path.stem}", what)


def readable(item, said, differs):
    """What nbval says, without colours; where text differs, which lines; how to see it again."""
    expected, got = (
        [line for out in outputs for line in item.sanitize(text_of(out)).splitlines()]
        for outputs in (item.cell.outputs, item.test_outputs or [])
    )
    lines = list(difflib.unified_diff(expected, got, "expected: the notebook", "got", lineterm=""))
    if differs and lines:
        said = "\n".join(["The output differs", "", item.cell.source, "", *lines, ""])
    said = re.sub(r"\x1b\[[0-9;]*m", "", str(said))
    where = f"cell {item.cell_num} of {item.path.name}, in Jupyter In [{item.cell_num + 1}]"
    return f"{said}\n{where}\nThis notebook again: make test ONE={item.path.stem}"


def text_of(output):
    return output.get("text") or output.get("data", {}).get("text/plain", "")


def nbval_options(config):
    return [str(value) for name, value in sorted(vars(config.option).items()) if "nbval" in name]


def passed(path, config):
    """Whether the last execution of this notebook passed, and nothing has changed that it depends on."""
    last = config.cache.get(f"passed/{path.stem}", None)
    if last is None:
        return False
    notebook = json.dumps(nbformat.read(path, as_version=4))
    parts = (notebook, ROOT / "dlbook", last["opened"], nbval_options(config))
    return last["digest"] == elsewhere.digest(*parts)


def pytest_ignore_collect(collection_path, config):
    if config.option.changed and collection_path.suffix == ".ipynb":
        return passed(collection_path, config) or None
    return None


def pytest_report_header(config):
    if config.option.changed:
        names = [path.stem for path in NOTEBOOKS if passed(path, config)]
        return f"left out, as they passed as they are: {' '.join(names) or 'none'}"
    return None
