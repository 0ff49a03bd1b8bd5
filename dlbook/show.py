"""`show(obj)`: the source of any part of the package, so that shown code is imported code."""

import contextlib
import inspect
import re
import sys
import textwrap
from pathlib import Path
from typing import Any


class Source(str):
    """Source text that a notebook highlights and a terminal prints."""

    def _repr_markdown_(self) -> str:
        # A fenced block: Jupyter, Colab and the book each highlight it in their own colours.
        return f"```python\n{self}\n```"

    def __repr__(self) -> str:
        if sys.stdout.isatty():  # in a terminal, colours come from Pygments where it is installed
            with contextlib.suppress(ImportError):
                from pygments import formatters, highlight, lexers

                return highlight(self, lexers.PythonLexer(), formatters.TerminalFormatter())
        return str(self)


def show(*objects: Any) -> Source:
    """Return the source of functions, classes, methods or modules of dlbook, to be displayed.

    Instances show their class. Raises TypeError for something without Python source.
    """
    parts = []
    for obj in objects:
        if not (inspect.isroutine(obj) or inspect.isclass(obj) or inspect.ismodule(obj)):
            obj = type(obj)
        obj = inspect.unwrap(obj)
        try:
            path = Path(inspect.getsourcefile(obj) or "")
            text = textwrap.dedent(inspect.getsource(obj)).rstrip()
            text = re.sub(r"  # (fmt: skip|type: ignore.*)$", "", text, flags=re.MULTILINE)
        except (TypeError, OSError) as error:
            raise TypeError(f"{obj!r} has no Python source to show: expected a function, class or "
                            "module written in Python") from error  # fmt: skip
        root = Path(__file__).parent.parent
        header = f"# {path.relative_to(root).as_posix()}\n" if path.is_relative_to(root) else ""
        parts.append(header + text)
    source = Source("\n\n\n".join(parts))
    if sys.stdout.isatty() and not hasattr(sys, "ps1"):
        print(repr(source))  # a script in a terminal has no cell that would display the result
    return source
