"""Cells that run in the page: which of them need PyTorch or long, and the package and data beside the pages.

The rest is in _static/live.js, which adds the buttons, and _vendor/python, which is fetched by the first Run.
"""

import ast
import hashlib
import shutil
import symtable
import zipfile
from pathlib import Path

from docutils import nodes

import dlbook

HERE = Path(__file__).resolve().parent
PACKAGE = Path(dlbook.__file__).resolve().parent
SECONDS = HERE / "live_seconds.txt"  # chapter, cell, seconds: written by `make test-live`
LONG = 15  # seconds
COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")


def needs_torch(sources):
    """For the cells of a page, in order: whether it uses PyTorch, or what such a cell would have made.

    A cell that cannot go on ends there: what its remaining lines would bind is missing, or is old, below it.
    """
    missing = {"torch"}
    found = []
    for source in sources:
        stopped = False
        for statement in ast.parse(source).body:
            bound, used, deferred = names(statement)
            if imports_torch(statement):
                missing |= bound - {"torch"}  # from torch import nn
                continue
            stopped = stopped or bool(used & missing)
            if stopped or deferred & missing:  # a function that will need it when it is called
                missing |= bound
            else:
                missing -= bound
        found.append(stopped)
    return found


def imports_torch(statement):
    if isinstance(statement, ast.ImportFrom):
        modules = [statement.module or ""]
    else:
        modules = (
            [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
        )
    return any(module.split(".")[0] == "torch" for module in modules)


def names(statement):
    """What a statement binds at the top level, what it uses there and then, and what within functions."""
    table = symtable.symtable(ast.unparse(statement), "cell", "exec")
    symbols = table.get_symbols()
    bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    used = {s.get_name() for s in symbols if s.is_referenced()}
    deferred = set()

    def visit(inner, into):
        # A comprehension and the body of a class run at once, a function later.
        later = inner.get_type() == "function" and inner.get_name() not in COMPREHENSIONS
        into = deferred if later else into
        into |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced()}
        for child in inner.get_children():
            visit(child, into)

    for child in table.get_children():
        visit(child, used)
    return bound, used, deferred


def mark(app, doctree):
    """Give cells that need PyTorch, or take long in a page, a class that says so."""
    code = {
        node: code_of(node)
        for node in doctree.findall(nodes.container)
        if "cell" in node["classes"]
    }
    cells = [cell for cell in code if code[cell] is not None]
    sources = [code[cell] for cell in cells]
    times = seconds().get(Path(app.env.docname).name, {})
    for cell, torch in zip(cells, needs_torch(sources), strict=True):
        if torch:
            cell["classes"].append("needs-torch")
        elif taken := times.get(name(code[cell])):
            cell["classes"].append(f"takes-{taken}")


def code_of(cell):
    for part in cell.children:
        if "cell_input" in part.get("classes", ()):
            return part.astext()
    return None


def name(code):
    """A cell keeps its name where others come and go, and loses it when its code changes."""
    return hashlib.sha256(code.strip().encode()).hexdigest()[:8]


def seconds():
    """What SECONDS says: {chapter: {cell: seconds}}."""
    table = {}
    for line in SECONDS.read_text("utf-8").splitlines() if SECONDS.exists() else ():
        chapter, cell, taken = line.split()
        table.setdefault(chapter, {})[cell] = int(taken)
    return table


def record(chapter, taken):
    """Write down which cells of a chapter, {code: seconds}, take long in the page."""
    table = seconds()
    table[chapter] = {name(code): round(s) for code, s in taken.items() if s > LONG}
    lines = [f"{c} {cell} {s}\n" for c, cells in sorted(table.items()) for cell, s in cells.items()]
    SECONDS.write_text("".join(lines), "utf-8")


def carry(app, error):
    """Put beside the pages the package, and apart from it its data, fetched when a cell asks for it."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir) / "python"
    data = PACKAGE / "data" / "files"
    with zipfile.ZipFile(out / "dlbook.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(PACKAGE.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and data not in path.parents:
                name = path.relative_to(PACKAGE.parent).as_posix()
                archive.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    shutil.copytree(data, out / "data", dirs_exist_ok=True)


def setup(app):
    app.connect("doctree-read", mark)
    app.connect("build-finished", carry)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
