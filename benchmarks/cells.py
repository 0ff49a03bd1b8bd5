"""The code of a chapter's cells, for the benchmarks that go on from it."""

import ast
import re
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
SOURCES = Path(__file__).resolve().parents[1] / "chapters" / "source"


def cells(chapter: str) -> list[str]:
    """Without the heads of the cells, the exercises and their solutions."""
    text = (SOURCES / f"{chapter}.md").read_text("utf-8")
    found = re.findall(r"^```\{code-cell\} ipython3\n(.*?)^```", text, re.M | re.S)
    own = [c for c in found if ":tags: [solution]" not in c and "exercises import" not in c]
    return [re.sub(r"\A---\n.*?^---\n|^:tags:.*\n", "", c, flags=re.S | re.M) for c in own]


def definitions(chapter: str, needed: set[str], whole: str | None = None) -> dict[str, Any]:
    """What the cells import and define, without what they train and draw.

    Of what they assign only the names `needed`; what stands alone and begins with `dlbook.`; and the
    cells that hold the text `whole`.
    """
    names: dict[str, Any] = {}
    for cell in cells(chapter):
        for node in ast.parse(cell).body:
            wanted = isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
            wanted |= isinstance(node, ast.Assign) and bool(
                needed
                & {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            )
            wanted |= isinstance(node, ast.Expr) and ast.unparse(node).startswith("dlbook.")
            if wanted or (whole is not None and whole in cell):
                exec(compile(ast.Module([node], []), chapter, "exec"), names)
    return names
