"""Equations and exercises can be linked to: `#eq-3` and `#exercise-2`, whatever the chapter's number is.

Their numbers stand in the text, `\\tag{5.3}` and "Exercise 5.2", where tools/notebooks.py wrote them.
"""

import re

from docutils import nodes
from docutils.transforms import Transform


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
        for section in self.document.findall(nodes.section):
            if found := re.match(r"Exercise \d+\.(\d+)", section[0].astext()):
                anchor = f"exercise-{found[1]}"
                section["ids"].append(anchor)
                slugs[anchor] = (section.line or 0, anchor, section[0].astext())
        env.metadata[env.docname]["myst_slugs"] = slugs  # and [...](page.ipynb#name) elsewhere


def setup(app):
    app.add_transform(Anchors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
