"""Another computer, for the tests: an environment of its own, dlbook's wheel in it, and a kernel for nbval.

And what an execution there depends on, so that `make check` need not repeat it.
"""

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE_PACKAGES = sysconfig.get_path("purelib")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def run(*command, cwd, **more):
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | more
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done


@functools.cache
def home():
    """A folder for all that is made here; removed when this process ends."""
    home.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    return Path(home.folder.name).resolve()


def environment(name, wheel=None, others=True):
    """A fresh environment without pip: its Python and its site-packages, perhaps with what the tests have."""
    venv.create(home() / name, with_pip=False)
    scheme = {"base": str(home() / name), "platbase": str(home() / name)}
    python = Path(sysconfig.get_path("scripts", "venv", scheme)) / Path(sys.executable).name
    site_packages = Path(sysconfig.get_path("purelib", "venv", scheme))
    if others:
        # A path in a .pth file shows the packages there, but not dlbook, which stands in a .pth file itself.
        (site_packages / "others.pth").write_text(SITE_PACKAGES)
    if wheel:
        install = ("install", "-q", "--no-deps", "--no-index")
        run(*PIP, "--python", python, *install, wheel, cwd=home())
    return python, site_packages


@functools.cache
def tree():
    """A copy of the files of the repository as they are now."""
    tree = home() / "tree"
    tree.mkdir()
    names = run("git", "ls-files", "-co", "--exclude-standard", "-z", cwd=ROOT).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    return tree


@functools.cache
def wheel():
    source = home() / "source"  # building leaves files behind
    shutil.copytree(tree(), source)
    wheels = ("wheel", "-q", "--no-deps", "--no-build-isolation", "-w", home() / "wheel")
    run(*PIP, *wheels, source, cwd=home())
    return next((home() / "wheel").glob("*.whl"))


# --- A kernel for nbval ---------------------------------------------------------------------------


@functools.cache
def for_notebooks():
    settings()  # remembered as they are now
    return environment("notebooks", wheel())


def package():
    """The installed dlbook that notebooks import."""
    return for_notebooks()[1] / "dlbook"


def kernel(name):
    """Make the kernel that pyproject.toml names "elsewhere" one for this notebook; its folder."""
    folder = home() / "kernels-of" / name
    (folder / "room").mkdir(parents=True)
    python = str(for_notebooks()[0])
    script = str(ROOT / "tools" / "kernel.py")
    spec = {
        "argv": [python, "-I", script, str(folder), str(package()), "-f", "{connection_file}"],
        "display_name": "elsewhere",
        "language": "python",
        "env": {"IPYTHONDIR": str(folder / "ipython")},
    }
    (home() / "kernels" / "elsewhere").mkdir(parents=True, exist_ok=True)
    (home() / "kernels" / "elsewhere" / "kernel.json").write_text(json.dumps(spec), "utf-8")
    os.environ["JUPYTER_PATH"] = str(home())
    return folder


def opened(folder):
    """The package's files that a kernel opened: modules, data, what `show` printed."""
    names = set()
    for line in (folder / "opened").read_text("utf-8").splitlines():
        path = Path(line)
        if path.suffix == ".pyc":
            path = Path(importlib.util.source_from_cache(line))
        names.add(path.relative_to(package()).as_posix())
    return sorted(names)


# --- What an execution depends on -----------------------------------------------------------------


@functools.cache
def settings():
    """Python, the installed packages, whether there is a GPU, and the files that say how to compare."""
    files = [ROOT / name for name in ("conftest.py", "nbval_sanitize.cfg", "pyproject.toml")]
    files += [Path(__file__), ROOT / "tools" / "kernel.py"]
    packages = sorted(f"{d.name} {d.version}" for d in importlib.metadata.distributions())
    return [sys.version, *packages, shutil.which("nvidia-smi"), *map(str, map(content, files))]


def content(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def digest(notebook, package, opened, options):
    """Of a notebook, of the files of a package that it opened, of the names of all, of the settings."""
    every = (path for path in package.rglob("*") if "__pycache__" not in path.parts)
    names = sorted(path.relative_to(package).as_posix() for path in every if path.is_file())
    contents = [content(package / name) for name in opened]
    text = json.dumps([notebook, names, opened, contents, options, settings()])
    return hashlib.sha256(text.encode()).hexdigest()
