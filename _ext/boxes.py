"""Boxes, captions and marks, made of plain Markdown, so that a notebook reads well where no Sphinx is.

> **Definition: likelihood.** ...        a box; also Warning, and the goals of a chapter
> **Aside: the word.** ...               beside the text where there is room; it stands before its paragraph
**Figure 5.1.** ...                      a caption; code that is folded away stands below it
### Exercise 5.2: a layer (an hour)      an exercise in a box, marked with the work it is
"""

import re

from docutils import nodes
from docutils.transforms import Transform
from sphinx.transforms.post_transforms import SphinxPostTransform

BOXES = {
    "After this chapter": "goals",
    "Definition": "definition",
    "Warning": "warning",
    "Aside": "margin",  # the theme folds the contents there while one is seen
}
MARKED = re.compile(r"^((?:Exercise|Question) .*?)(?: \(([\w ]+)\))?$", re.S)


class Boxes(Transform):
    default_priority = 871  # after the anchors

    def apply(self):
        for quote in list(self.document.findall(nodes.block_quote)):
            start = next(iter(quote.findall(nodes.strong)), None)
            words = start.astext() if start is not None else ""
            kind = next(
                (kind for opening, kind in BOXES.items() if words.startswith(opening)), None
            )
            if kind:
                quote.replace_self(nodes.container("", *quote.children, classes=["box", kind]))
        for paragraph in self.document.findall(nodes.paragraph):
            words = [child for child in paragraph.children if child.astext()]
            if words and re.match(r"Figure [\d.]+\.$", words[0].astext()):
                paragraph["classes"].append("caption")
            if (
                len(words) == 1
                and isinstance(words[0], nodes.strong)
                and words[0].astext().startswith("Start")
            ):
                paragraph["classes"].append("start")
        for section in self.document.findall(nodes.section):
            title = section[0]
            if found := MARKED.match(title.astext()):
                section["classes"] += ["box", found[1].split()[0].lower()]
                last = title[-1]
                if found[2] and isinstance(last, nodes.Text):
                    text = last.astext().removesuffix(f" ({found[2]})")
                    mark = nodes.inline("", found[2], classes=["work"])
                    last.parent.replace(last, [nodes.Text(text + " "), mark])


class Below(SphinxPostTransform):
    """Picture, caption, code: for whoever reads, the code that drew a picture comes last."""

    default_priority = 201  # after MyST-NB has folded the code
    formats = ("html",)

    def run(self, **kwargs):
        for cell in self.document.findall(nodes.container):
            after = cell.next_node(descend=False, siblings=True)
            if (
                cell.get("hide_mode") == "input"
                and isinstance(after, nodes.paragraph)
                and "caption" in after["classes"]
            ):
                after.parent.remove(after)
                code, *pictures = cell.children
                cell.children = []
                cell += [*pictures, after, code]


def setup(app):
    app.add_transform(Boxes)
    app.add_post_transform(Below)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
