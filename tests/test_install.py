"""dlbook elsewhere: as a wheel in an empty environment, and from a notebook alone, as on Colab."""

import functools
import http.server
import importlib.metadata
import re
import shutil
import threading
from pathlib import Path

import elsewhere
import nbformat
import notebooks
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


def run_first_cell(site, name, folder):
    """Where all but dlbook is: what `import dlbook` finds after the cell, or the error it stops with."""
    python, site_packages = elsewhere.environment(name)
    cells = map(
        nbformat.v4.new_code_cell,
        (notebooks.first_cell(site), "import dlbook\nprint(dlbook.__file__)"),
    )
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), folder / "first.ipynb")
    settings = {"PIP_NO_INDEX": "1", "JUPYTER_PATH": "", "IPYTHONDIR": str(folder / "ipython")}
    find = "import importlib.util; print(importlib.util.find_spec('dlbook'))"
    assert run(python, "-c", find, cwd=folder).stdout == "None\n"
    code = """
import nbclient, nbformat
nb = nbformat.read("first.ipynb", as_version=4)
options = dict(timeout=600, startup_timeout=600, kernel_name="python3", allow_errors=True)
client = nbclient.NotebookClient(nb, **options)
client.execute()
outputs = [output for cell in nb.cells for output in cell.outputs]
errors = [output.evalue for output in outputs if output.output_type == "error"]
# A line may come in two pieces.
print(errors[0] if errors else "".join(output.text for output in nb.cells[-1].outputs))
"""
    return run(python, "-c", code, cwd=folder, **settings).stdout.strip(), site_packages


def test_the_first_cell_of_a_notebook_installs_the_wheel_of_the_site(tmp_path):
    """As on Colab, where everything else is. One is enough: all notebooks begin with the same cell."""
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=elsewhere.wheel().parent
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site = f"http://127.0.0.1:{server.server_port}/"
        path, site_packages = run_first_cell(site, "colab", tmp_path)
        server.shutdown()
    assert Path(path) == site_packages / "dlbook" / "__init__.py"


@pytest.mark.parametrize(
    ("site", "says"),
    [
        ("https://OWNER", "dlbook is missing: run `pip install .` in the folder"),
        ("http://127.0.0.1:9/", "dlbook could not be installed from http://127.0.0.1:9/dlbook-"),
    ],
)
def test_the_first_cell_stops_with_one_sentence(site, says, tmp_path):
    assert run_first_cell(site, f"colab{len(says)}", tmp_path)[0].startswith(says)
