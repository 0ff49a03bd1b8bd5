"""Equations, exercises, questions and figures can be linked to: `#eq-3`, `#exercise-2`, `#figure-1`.

Their numbers stand in the text, `\\tag{5.3}` and "Exercise 5.2", where tools/notebooks.py wrote them;
a link has no chapter's number in it, which may change.
"""

import re

from docutils import nodes
from docutils.transforms import Transform

COUNTED = re.compile(r"(Exercise|Question|Figure) (?:\d+\.)?(\d+)(?=[:.])")


class Anchors(Transform):
    default_priority = 870  # before MyST looks for what `#...` could mean (879)

    def apply(self):
        env = self.document.settings.env
        slugs = getattr(self.document, "myst_slugs", {})  # what [...](#name) may mean here
        for block in list(self.document.findall(nodes.math_block)):
            for tag in re.findall(r"\\tag\{\d+\.(\w+)\}", block.astext()):
                anchor = f"eq-{tag}"
                block.parent.insert(block.parent.index(block), nodes.target("", "", ids=[anchor]))
                slugs[anchor] = (block.line or 0, anchor, f"equation {tag}")
        for block in self.document.findall(
            lambda n: isinstance(n, nodes.section | nodes.paragraph)
        ):
            if found := COUNTED.match(block.astext() if block.children else ""):
                anchor = f"{found[1]}-{found[2]}".lower()
                block["ids"].append(anchor)
                slugs[anchor] = (block.line or 0, anchor, found[0])
        env.metadata[env.docname]["myst_slugs"] = slugs  # and [...](page.ipynb#name) elsewhere


def setup(app):
    app.add_transform(Anchors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
