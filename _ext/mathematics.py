"""Formulas are set by KaTeX while the book is built: a page reads without a script, and loads none for them.

MiniRacer, V8 as a Python package, runs KaTeX's own JavaScript here, so that nobody needs Node.
"""

import functools
from pathlib import Path

from docutils import nodes
from py_mini_racer import MiniRacer

KATEX = Path(__file__).resolve().parents[1] / "_vendor" / "katex"
RENDER = """(tex, displayMode) => {
  try { return katex.renderToString(tex, {displayMode, strict: false}) }
  catch (error) { return {error: String(error)} }
}"""


@functools.cache
def katex():
    engine = MiniRacer()
    engine.eval((KATEX / "katex.min.js").read_text("utf-8"))
    engine.eval(f"const render = {RENDER}")
    return engine


@functools.cache
def render(tex, display):
    """The HTML of a formula, with its MathML for screen readers; ValueError says what KaTeX does not read."""
    found = katex().call("render", tex, display)
    if not isinstance(found, str):
        raise ValueError(f"{found['error']}, in the formula {tex!r}")
    return found


def inline(translator, node):
    following = node.next_node(descend=False, siblings=True)
    after = following.astext() if isinstance(following, nodes.Text) else ""
    # A word joiner: no line begins with the comma after a formula.
    joined = "&#8288;" if after.startswith(tuple(".,;:)?!’”-–")) else ""
    translator.body.append(f'<span class="math">{render(node.astext(), False)}</span>{joined}')
    raise nodes.SkipNode


def block(translator, node):
    translator.body.append(f'<div class="math">{render(node.astext(), True)}</div>\n')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("katex", (inline, None), (block, None))
    app.add_css_file("../katex/katex.min.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
