"""dlbook elsewhere: as a wheel in an empty environment, and from a notebook alone, as on Colab."""

import importlib.metadata
import re
import shutil
from pathlib import Path

import elsewhere
import nbformat
import pytest
from elsewhere import run

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def python():
    """A Python that has dlbook's wheel, what dlbook declares to need, and nothing else."""
    python, site_packages = elsewhere.environment("wheel", elsewhere.wheel(), others=False)
    for requirement in importlib.metadata.requires("dlbook"):
        if "extra ==" not in requirement:
            copy_package(re.match(r"[\w-]+", requirement)[0], site_packages)
    return python


def copy_package(name, site_packages):
    for file in importlib.metadata.files(name):
        if ".." not in file.parts:
            (site_packages / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), site_packages / file)


def test_wheel_works_alone(python, tmp_path):
    code = """
import sys, dlbook, dlbook.data as data
assert "site-packages" in dlbook.__file__, dlbook.__file__
assert not {"torch", "matplotlib"} & set(sys.modules)
for name in ("mnist", "digits", "penguins", "sunspots", "co2", "shakespeare", "movie_snippets"):
    getattr(data, name)()
layer = dlbook.nn.Linear(3, 2)
"""
    run(python, "-c", code, cwd=tmp_path)


def test_wheel_carries_every_data_file(python, tmp_path):
    code = "import dlbook; print(dlbook.__path__[0])"
    installed = Path(run(python, "-c", code, cwd=tmp_path).stdout.strip())
    for path in (ROOT / "dlbook").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            copy = installed / path.relative_to(ROOT / "dlbook")
            assert copy.read_bytes() == path.read_bytes(), copy


def test_import_leaves_the_slow_modules_alone(python, tmp_path):
    slow = {"torch", "matplotlib", "dataclasses", "tqdm", "urllib.request"}
    run(python, "-c", f"import sys, dlbook; assert not {slow} & set(sys.modules)", cwd=tmp_path)


def test_import_loads_few_modules(python, tmp_path):
    """Some 33 of the standard library, mostly for NumPy's generators; seconds differ, a count does not."""
    code = """
import sys, numpy
before = set(sys.modules)
import dlbook
print(*(m for m in set(sys.modules) - before if m.partition(".")[0] not in ("dlbook", "numpy")))
"""
    assert len(run(python, "-c", code, cwd=tmp_path).stdout.split()) < 60


def test_the_first_cell_of_a_notebook_installs_dlbook_as_on_colab(tmp_path):
    """Where everything else is installed; the book's address leads to the files as they are now.

    One notebook is enough: all begin with the same cell.
    """
    python, site_packages = elsewhere.environment("colab")
    notebook = nbformat.read(ROOT / "chapters" / "index.ipynb", as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells = [first, nbformat.v4.new_code_cell("import dlbook\nprint(dlbook.__file__)")]
    nbformat.write(notebook, tmp_path / "first.ipynb")
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{elsewhere.tree().as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": re.search(r"git\+([^\"]+)", first.source)[1],
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # so pip reads it: "0" switches isolation off
        "JUPYTER_PATH": "",
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    find = "import importlib.util; print(importlib.util.find_spec('dlbook'))"
    assert run(python, "-c", find, cwd=tmp_path).stdout == "None\n"
    code = """
import nbclient, nbformat
nb = nbformat.read("first.ipynb", as_version=4)
nbclient.NotebookClient(nb, timeout=600, startup_timeout=600, kernel_name="python3").execute()
print(nb.cells[1].outputs[0].text)
"""
    path = run(python, "-c", code, cwd=tmp_path, **settings).stdout.strip()
    assert Path(path) == site_packages / "dlbook" / "__init__.py"
