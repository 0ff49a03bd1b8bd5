"""What the search page searches: an entry for each section, and for each name of the reference.

Sphinx's own search leads to pages, and puts the reference before the chapters that explain it.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.search.en import SearchEnglish

COUNTED = re.compile(r"(?:exercise|question)-\d+")  # by _ext/anchors.py, without a chapter's number
# Of a formula stays what can be typed and read in a line: "F1" of F_1, a Greek letter's name, a sign.
LAYOUT = re.compile(
    r"\\(?:(?:math[a-z]+|operatorname|text|[dt]?frac|left|right)(?![a-z])|[lr]Vert|[^a-zA-Z])|[{}$_]"
)
SIGNS = {"cdot": "·", "odot": "⊙", "times": "×", "top": "T", "infty": "∞", "partial": "∂",
         "nabla": "∇", "sum": "Σ", "approx": "≈", "le": "≤", "ge": "≥", "pm": "±", "to": "→"}  # fmt: skip
APART = nodes.Body | nodes.Part  # blocks, between which there is a space
LEFT_OUT = nodes.image | nodes.literal_block | nodes.math_block | nodes.raw | nodes.Invisible
OTHER_ENTRY = nodes.section | addnodes.desc


def plain(node):
    """The words of `node` as one line, without code, drawings and what has an entry of its own."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, nodes.math):
        typed = LAYOUT.sub("", node.astext())
        return re.sub(r"\\([a-zA-Z]+)", lambda m: f" {SIGNS.get(m[1], m[1])} ", typed)
    if isinstance(node, LEFT_OUT | OTHER_ENTRY) or "work" in node["classes"] or cites(node):
        return " "
    text = "".join(plain(child) for child in node.children)
    return f" {text} " if isinstance(node, APART) else text


def cites(node):
    return isinstance(node, addnodes.pending_xref) and node["refdomain"] == "cite"


def is_term(node):
    """Whether it is in bold, as what is defined, or heads a row of a table."""
    if isinstance(node, nodes.strong):
        return not node.astext().startswith("Figure")
    return isinstance(node, nodes.entry) and node.parent.index(node) == 0


def entry(title, anchor, content):
    own = [child for child in content if not isinstance(child, OTHER_ENTRY | nodes.title)]
    terms = [plain(term) for child in own for term in child.findall(is_term)]
    code = " ".join(block.astext() for child in own for block in child.findall(is_code))
    made = {
        "title": title,
        "anchor": anchor,
        "text": " ".join(plain(child) for child in own),
        "terms": " ".join(terms),
        "code": " ".join(sorted(set(re.findall(r"[A-Za-z_]\w+", code)))),
    }
    return {key: " ".join(value.split()) for key, value in made.items() if value.strip()}


def is_code(node):
    return isinstance(node, nodes.literal_block) and "output" not in node["classes"]


def entries(doctree):
    for section in doctree.findall(nodes.section):
        anchor = next(filter(COUNTED.fullmatch, section["ids"]), section["ids"][0])
        yield entry(plain(section.next_node(nodes.title)), anchor, section)
    for described in doctree.findall(addnodes.desc):
        for anchor in described[0]["ids"]:
            yield entry(anchor.removeprefix("dlbook."), anchor, described[-1])


def write(app, error):
    if error or app.builder.name != "html":
        return
    pages = []
    for name in sorted(app.env.found_docs):
        doctree = app.env.get_doctree(name)
        page = {"url": app.builder.get_target_uri(name), "page": app.env.titles[name].astext()}
        pages += [page | {"sections": list(entries(doctree))}]
    # A script, because a page that was opened from the file system may not fetch a file.
    lines = ",\n".join(json.dumps(page, ensure_ascii=False) for page in pages)
    text = f"{SearchEnglish.js_stemmer_code}\nconst PAGES = [\n{lines}\n];\n"
    out = Path(app.outdir)
    (out / "search_sections.js").write_text(text, "utf-8")
    for name in ("searchtools.js", "language_data.js"):
        (out / "_static" / name).unlink(missing_ok=True)


def configure(app, config):
    config.html_additional_pages["search"] = "search.html"  # of _templates, which names its scripts
    config.html_js_files.remove("search.js")  # Jupyter Book gives every page all of _static


def leave_out_the_index(app):
    app.builder.search = False


def setup(app):
    app.connect("config-inited", configure)
    app.connect("builder-inited", leave_out_the_index)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
