"""dlbook elsewhere: as a wheel in an empty environment, and from a notebook alone, as on Colab."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
SITE_PACKAGES = sysconfig.get_path("purelib")


def run(*command, cwd, **more):
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | more
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done


def environment(folder):
    """A fresh environment without pip: its Python and its site-packages."""
    venv.create(folder, with_pip=False)
    scheme = {"base": str(folder), "platbase": str(folder)}
    python = Path(sysconfig.get_path("scripts", "venv", scheme)) / Path(sys.executable).name
    return python, Path(sysconfig.get_path("purelib", "venv", scheme))


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The files of the repository as they are now, committed to a repository of their own."""
    tree = tmp_path_factory.mktemp("tree")
    names = run("git", "ls-files", "-co", "--exclude-standard", "-z", cwd=ROOT).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    run("git", "init", "-q", cwd=tree)
    run("git", "add", "-A", cwd=tree)
    run("git", "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "now", cwd=tree)
    return tree


@pytest.fixture(scope="module")
def python(tree, tmp_path_factory):
    """A Python that has dlbook's wheel, what dlbook declares to need, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    source = folder / "source"  # building leaves files behind
    shutil.copytree(tree, source)
    run(*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, source, cwd=folder)
    python, site_packages = environment(folder / "env")
    run(*pip, "--python", python, "install", "-q", "--no-deps", "--no-index",
        *folder.glob("*.whl"), cwd=folder)  # fmt: skip
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


def test_import_is_quick(python, tmp_path):
    """Half a tenth of a second on top of NumPy, which itself needs 0.07: so never more than NumPy.

    A ratio, as machines differ; the best of several, as others may run on this one.
    """

    def ratio():
        report = run(python, "-X", "importtime", "-c", "import numpy, dlbook", cwd=tmp_path).stderr
        ours, numpy = (
            int(re.search(rf"\| +(\d+) \| {name}$", report, re.M)[1])
            for name in ("dlbook", "numpy")
        )
        return ours / numpy

    assert min(ratio() for _ in range(7)) < 1


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


@pytest.fixture(scope="module")
def elsewhere(tree, tmp_path_factory):
    """Another computer: everything but dlbook is installed, and the book's address leads to `tree`."""
    folder = tmp_path_factory.mktemp("elsewhere")
    python, site_packages = environment(folder / "env")
    # A path in a .pth file shows the packages there, but not dlbook, which stands in a .pth file itself.
    (site_packages / "others.pth").write_text(SITE_PACKAGES)
    address = nbformat.read(NOTEBOOKS[0], as_version=4)
    address = next(
        re.search(r"git\+([^\"]+)", c.source)[1] for c in address.cells if "git+" in c.source
    )
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{tree.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # so pip reads it: "0" switches isolation off
        "JUPYTER_PATH": "",
        "IPYTHONDIR": str(folder / "ipython"),
    }
    find = "import importlib.util; print(importlib.util.find_spec('dlbook'))"
    assert run(python, "-c", find, cwd=folder).stdout == "None\n"
    return python, settings


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_alone_elsewhere(elsewhere, notebook, tmp_path):
    """The unchanged notebook, alone in an empty folder; its first cell installs dlbook."""
    python, settings = elsewhere
    shutil.copy(notebook, tmp_path)
    code = f"""
import nbclient, nbformat
skip = "gpu" if not __import__("torch").cuda.is_available() else ""
nb = nbformat.read({notebook.name!r}, as_version=4)
nbclient.NotebookClient(nb, timeout=300, kernel_name="python3", skip_cells_with_tag=skip).execute()
"""
    run(python, "-c", code, cwd=tmp_path, **settings)
    find = "import importlib.util; print(importlib.util.find_spec('dlbook').origin)"
    assert str(python.parents[1]) in run(python, "-c", find, cwd=tmp_path).stdout
