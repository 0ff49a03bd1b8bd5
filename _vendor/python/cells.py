"""Runs the cells of a page, in the worker: hands over what they print, values, figures, errors."""

import ast
import importlib.abc
import importlib.machinery
import io
import linecache
import os
import sys
import time
import traceback
import types

PAGE = types.ModuleType("__main__")


def start(post, fetch, draws):
    """Make Python ready: `post(kind, text)` reaches the page, `fetch(name)` reads a data file."""
    sys.modules["__main__"] = PAGE
    sys.stdout, sys.stderr = Stream(post, "out"), Stream(post, "out")
    if draws:
        os.environ["MPLBACKEND"] = "agg"
    else:
        sys.meta_path.insert(0, Absent(matplotlib=lambda: post("picture", "")))
    sys.meta_path.insert(0, Absent(torch=None))
    sys.modules["IPython"], sys.modules["IPython.display"] = ipython(post)
    mend()

    from dlbook.data.sets import files

    def read(name, read=files.read):  # a data file is fetched when it is asked for
        path = os.path.join(os.path.dirname(files.__file__), "..", "files", name)
        if name in files.SHA256 and not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(fetch(name))
        return read(name)

    files.read = read

    def run(name, source):
        try:
            value = execute(name, source)
            if value is not None:
                display(post, value)
                PAGE._ = value
        except BaseException as error:
            post("error", said(error))
        if draws:
            draw(post)

    return run


def mend():
    """What else is different here: addresses have 32 bits, and the clock of the processor stands still."""
    import numpy as np

    def bincount(x, /, weights=None, minlength=0, count=np.bincount):
        x = np.asarray(x)
        return count(x.astype(np.intp) if x.dtype == np.int64 else x, weights, minlength)

    np.bincount = bincount  # which takes no 64-bit integers here
    time.process_time = time.perf_counter


class Stream(io.TextIOBase):
    encoding = "utf-8"

    def __init__(self, post, kind):
        self.post, self.kind = post, kind

    def write(self, text):
        self.post(self.kind, text)
        return len(text)


def execute(name, source):
    """Run a cell; the value of its last line, if that is an expression."""
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    body = ast.parse(source, name).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    tree = ast.Module(body, [])
    exec(compile(tree, name, "exec", dont_inherit=True), PAGE.__dict__)
    if last:
        tree = ast.Expression(last.value)
        return eval(compile(tree, name, "eval", dont_inherit=True), PAGE.__dict__)
    return None


def said(error):
    """The traceback without the lines of this file, and what to do where we know it."""
    told = traceback.TracebackException.from_exception(error)
    told.stack[:] = [frame for frame in told.stack if frame.filename != __file__]
    text = "".join(told.format())
    if isinstance(error, ModuleNotFoundError):
        text += (
            "\nThe page has Python, NumPy and dlbook. For the rest, open the chapter in Colab.\n"
        )
    return text


def display(post, value):
    """As a notebook shows it: as HTML, as a picture, as source, or as text."""
    for kind in ("html", "svg", "markdown"):
        make = getattr(type(value), f"_repr_{kind}_", None)
        if make and (text := make(value)) is not None:
            # Markdown is what `show` returns: source, which the page sets as such.
            post(kind, str(value) if kind == "markdown" else text)
            return
    if not isinstance(value, Nothing):
        post("out", f"{value!r}\n")


def draw(post):
    """Hand over the figures that a cell has drawn."""
    plt = sys.modules.get("matplotlib.pyplot")
    for number in plt.get_fignums() if plt else ():
        picture = io.BytesIO()
        plt.figure(number).savefig(picture, format="png", dpi=110, bbox_inches="tight")
        post("png", picture.getvalue())
    if plt:
        plt.close("all")


def ipython(post):
    """What chapters use of IPython."""

    def kind(name):
        def __init__(self, data):
            self.data = data

        return type(name.upper(), (), {"__init__": __init__, f"_repr_{name}_": lambda s: s.data})

    package, module = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    package.display = module
    package.version_info, package.get_ipython = (9,), lambda: None  # which matplotlib asks for
    module.HTML, module.SVG = kind("html"), kind("svg")
    module.display = lambda *values: [display(post, value) for value in values] and None
    return package, module


# --- What is not here -----------------------------------------------------------------------------


class NeedsPyTorch(ImportError):
    """PyTorch does not run in a web page."""


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for a package: Absent(matplotlib=show) swallows drawings, Absent(torch=None) refuses."""

    def __init__(self, **shown):
        self.shown = shown

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.shown:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        show = self.shown[spec.name.split(".")[0]]
        return Paper(spec.name, show) if show else Torch(spec.name)

    def exec_module(self, module):
        pass


class Torch(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise NeedsPyTorch(
            "PyTorch does not run in the page, so this cell ends here. "
            "Open the chapter in Colab, or run it on your computer."
        )


class Nothing:
    """Whatever is done with it, nothing comes of it but itself."""

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __iter__(self):  # line, = ax.plot(...)
        return iter([self])

    def __getitem__(self, key):
        return self

    def __setitem__(self, key, value):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass

    def hist(self, *args, **kwargs):
        return self, self, self

    def subplots(self, nrows=1, ncols=1, squeeze=True, **settings):
        import numpy as np

        axes = np.empty((nrows, ncols), object)
        for place in np.ndindex(axes.shape):
            axes[place] = Nothing()
        return axes.squeeze()[()] if squeeze else axes

    subfigures = subplots


OPERATORS = [
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "rmul",
    "truediv",
    "rtruediv",
    "lt",
    "le",
    "gt",
    "ge",
]
for name in OPERATORS:  # cells reckon with colours
    setattr(Nothing, f"__{name}__", lambda self, other: self)


class Paper(types.ModuleType):
    """matplotlib and its modules, on which nothing is drawn."""

    def __init__(self, name, show):
        super().__init__(name)
        self.show, self.subplots = lambda *args, **kwargs: show(), self._subplots

    def _subplots(self, *args, **settings):
        return Nothing(), Nothing().subplots(*args, **settings)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()
