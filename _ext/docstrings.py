"""Docstrings are written plainly: `code` in backticks, formulas as typed. Sphinx reads reStructuredText."""

import re

from dlbook.checks import written_out


def say_what_it_takes(app, what, name, obj, options, lines):
    """Below the sentence about a layer: the shape of its input, as it declares it."""
    if what == "class" and getattr(obj, "takes", None):
        lines[1:1] = ["", f"Takes `{written_out(obj.takes, {})}`."]


def plain_to_rst(app, what, name, obj, options, lines):
    for i, line in enumerate(lines):
        parts = line.split("`")
        parts[::2] = [re.sub(r"([\\*|_])", r"\\\1", text) for text in parts[::2]]
        lines[i] = "``".join(parts)
        introduces_block = line.endswith(":") and lines[i + 1 : i + 2] == [""]
        if introduces_block and lines[i + 2 : i + 3] and lines[i + 2].startswith("  "):
            lines[i] += ":"


def setup(app):
    app.connect("autodoc-process-docstring", say_what_it_takes)
    app.connect("autodoc-process-docstring", plain_to_rst)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
