"""Names of the package that stand in the text as `code` lead to the reference."""

import builtins
import re

import numpy as np
from docutils import nodes
from sphinx.util.nodes import make_refnode

SHORT = {"F": "functional"}  # what chapters import under another name
ROOMS = ("train", "checkpoint", "nn", "optim", "data", "metrics", "testing", "plot", "primitives",
         "functional", "autodiff", "ngram", "exercises", "history")  # fmt: skip


def target(text, objects):
    """The full name of what `text` means, such as dlbook.nn.Linear; None if it is nothing of ours."""
    name = re.sub(r"\(.*", "", text)  # Linear(2, 3), fit()
    if not re.fullmatch(r"[A-Za-z][\w.]*", name):
        return None
    first, _, rest = name.removeprefix("dlbook.").partition(".")
    found = [f"dlbook.{SHORT.get(first, first)}.{rest}" if rest else f"dlbook.{first}"]
    if not rest and not hasattr(builtins, name) and not hasattr(np, name) and is_a_name(name):
        found += [f"dlbook.{room}.{name}" for room in ROOMS]
    return next((full for full in found if full in objects), None)


def is_a_name(name):
    """Whether it is more than a word, such as "forget" or "order": a class, or words joined by _."""
    return (
        name[0].isupper() or "_" in name or name in ("fit", "evaluate", "predict", "check", "show")
    )


def link(app, doctree, docname):
    if not docname.startswith("chapters/") or docname == "chapters/api":
        return
    objects = app.env.get_domain("py").objects
    for literal in list(doctree.findall(nodes.literal)):
        full = target(literal.astext(), objects)
        if full and not isinstance(literal.parent, nodes.reference):
            to, place = objects[full].docname, objects[full].node_id
            copy = literal.deepcopy()
            literal.replace_self(make_refnode(app.builder, docname, to, place, copy, full))


def setup(app):
    app.connect("doctree-resolved", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
