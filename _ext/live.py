"""Cells that run in the page: which need PyTorch, a server or long; package and data beside the pages.

The rest is in _static/live.js, which adds the buttons, and _vendor/python, which is fetched by the first Run.
"""

import ast
import hashlib
import shutil
import zipfile
from pathlib import Path

from docutils import nodes

import dlbook

HERE = Path(__file__).resolve().parent
PACKAGE = Path(dlbook.__file__).resolve().parent
SECONDS = HERE / "live_seconds.txt"  # chapter, cell, seconds: written by `make test-live`
LONG = 15  # seconds
# What a page has not: PyTorch, ONNX, and sockets for a server.
MISSING = {"torch", "onnx", "onnxruntime", "http"}
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def needs_torch(sources):
    """For the cells of a page, in order: whether it uses one of MISSING, or what such a cell would have made.

    A cell that cannot go on ends there: what its remaining lines would bind is missing, or is old, below it.
    """
    missing = set(MISSING)
    return [stops(ast.parse(source).body, missing) for source in sources]


def stops(statements, missing, stopped=False):
    """Whether statements cannot be run to their end; `missing` becomes what is missing after them."""
    for statement in statements:
        if imports_torch(statement):
            missing |= bound(statement) - MISSING  # from torch import nn
            continue
        later = set()  # what functions will need when they are called
        if isinstance(statement, ast.For | ast.With | ast.If | ast.While):  # line by line
            parts = list(ast.iter_child_nodes(statement))
            head = [part for part in parts if not isinstance(part, ast.stmt)]
            body = [part for part in parts if isinstance(part, ast.stmt)]
        else:
            head, body = [statement], []
        stopped = stopped or any(used(part, later) & missing for part in head)
        names = set().union(*map(bound, head))
        if stopped or later & missing:
            missing |= names
        else:
            missing -= names
        stopped = stops(body, missing, stopped)
    return stopped


def imports_torch(statement):
    if isinstance(statement, ast.ImportFrom):
        modules = [statement.module or ""]
    else:
        modules = [a.name for a in statement.names] if isinstance(statement, ast.Import) else []
    return any(module.split(".")[0] in MISSING for module in modules)


def bound(node, inner=False):
    """The names that a node binds where it stands; with `inner`, that a function binds as its own."""
    if isinstance(node, COMPREHENSIONS + (ast.Lambda,)):
        return set()
    if isinstance(node, DEFINITIONS) and not inner:
        return {node.name}
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).split(".")[0]}
    if isinstance(node, ast.arg):
        return {node.arg}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
        return {
            part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)
        }  # table[k] = v
    return set().union(*map(bound, ast.iter_child_nodes(node)))


def used(node, later):
    """The names that a node uses at once; into `later` go those that its functions use when called."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    parts = [used(part, later) for part in ast.iter_child_nodes(node) if part not in within(node)]
    if isinstance(node, ast.AugAssign):
        parts.append(bound(node.target))
    if isinstance(node, COMPREHENSIONS):
        own = set().union(*(bound(part.target) for part in node.generators))
        return set().union(*parts) - own
    inside = set().union(*(used(part, later) for part in within(node)))
    inside -= bound(node, inner=True)
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        if isinstance(node, ast.Lambda):
            inside -= {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        later |= inside
    else:
        parts.append(inside)
    return set().union(*parts)


def within(node):
    """What of a definition is run in a scope of its own."""
    if isinstance(node, ast.Lambda):
        return [node.body]
    return node.body if isinstance(node, DEFINITIONS) else []


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
