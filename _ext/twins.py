"""A picture stands in a page twice, for light and for dark pages. The theme hides one, which is not fetched.

The twins of figures were drawn with them (tools/dark.py); a drawing, an SVG, gets other colours here.
"""

import os
import re
import sys
from pathlib import Path

from docutils import nodes
from matplotlib.colors import to_hex
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))
import dark


def drawing_of(svg):
    """A drawing in dark colours; what has none of its own is black."""
    svg = re.sub(r"#[0-9a-f]{6}\b", lambda m: to_hex(dark.dark(m[0])), svg, flags=re.I)
    return svg.replace("<svg ", f'<svg fill="{to_hex(dark.INK)}" ', 1)


class Twins(SphinxTransform):
    default_priority = (
        860  # after the outputs of cells, before Sphinx collects the files of pictures
    )

    def apply(self):
        if self.app.builder.format != "html":
            return
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.env.relfn2path(image["uri"], self.env.docname)[1])
            if path.suffix == ".svg":
                twin = Path(self.app.doctreedir) / "dark" / path.name
                twin.parent.mkdir(exist_ok=True)
                twin.write_text(drawing_of(path.read_text("utf-8")), "utf-8")
            else:
                twin = dark.twin_of(path.read_bytes())
            if not twin.exists():
                message = "A picture has no twin for dark pages: make notebooks ONE=%s"
                name = Path(self.env.docname).name
                logging.getLogger(__name__).warning(message, name, location=image)
                continue
            other = image.deepcopy()
            other["uri"] = "/" + os.path.relpath(twin, self.app.srcdir)
            image["classes"].append("only-light")
            other["classes"].append("only-dark")
            image.parent.insert(image.parent.index(image) + 1, other)


def setup(app):
    app.add_transform(Twins)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
