"""Cells that run in the page: which of them need PyTorch or long, and the package and data beside the pages.

The rest is in _static/live.js, which adds the buttons, and _vendor/python, which is fetched by the first Run.
"""

import ast
import shutil
import symtable
import zipfile
from pathlib import Path

import dlbook

HERE = Path(__file__).resolve().parent
PACKAGE = Path(dlbook.__file__).resolve().parent
SECONDS = HERE / "live_seconds.txt"  # chapter, cell, seconds in the page: written by `make test-live`
LONG = 15  # seconds
COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")


def needs_torch(sources):
    """For the cells of a page, in order: whether one uses PyTorch, or something that such a cell would have made.

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
    modules = [alias.name for alias in getattr(statement, "names", []) if isinstance(alias, ast.alias)]
    return any(name.split(".")[0] == "torch" for name in [getattr(statement, "module", ""), *modules] if name)


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
    cells = [node for node in doctree.findall() if "cell" in getattr(node, "attributes", {}).get("classes", ())]
    blocks = [code_of(cell) for cell in cells]
    cells = [cell for cell, code in zip(cells, blocks, strict=True) if code is not None]
    sources = [code for code in blocks if code is not None]
    times = seconds().get(Path(app.env.docname).name, {})
    for number, (cell, torch) in enumerate(zip(cells, needs_torch(sources), strict=True), 1):
        if torch:
            cell["classes"].append("needs-torch")
        elif times.get(number, 0) > LONG:
            cell["classes"].append(f"takes-{times[number]}")


def code_of(cell):
    for part in cell.children:
        if "cell_input" in part.get("classes", ()):
            return part.astext()
    return None


def seconds():
    table = {}
    for line in SECONDS.read_text("utf-8").splitlines() if SECONDS.exists() else ():
        chapter, number, taken = line.split()[:3]
        table.setdefault(chapter, {})[int(number)] = round(float(taken))
    return table


def carry(app, error):
    """Put the package, and apart from it its data, which is fetched when a cell asks for it, beside the pages."""
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
