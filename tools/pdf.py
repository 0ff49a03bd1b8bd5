"""Print rendered pages as one PDF: contents, chapters, and the solutions at the end.

python tools/pdf.py            the whole book, _build/print/book.pdf
python tools/pdf.py losses     a chapter, by its number or the beginning of its name

tools/pdf.js puts the pages of _build/html together, _static/print.css lays them out.
"""

import argparse
import html
import json
import re
import sys
from collections import Counter
from pathlib import Path

import pypdf
import yaml
from browser import launch
from notebooks import is_called
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
OUT = ROOT / "_build" / "print"
PAPER = {"width": 673, "height": 990}  # px, what print.css leaves of A4
SIGNS = re.compile(r"\s|\u200b|\xad")


def contents():
    """The pages of the book in order, {name: the heading of the part that it begins, or None}."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    order = {Path(toc["root"]).name: None}
    for part in toc["parts"]:
        names = [Path(chapter["file"]).name for chapter in part["chapters"]]
        order |= dict.fromkeys(names) | {names[0]: part["caption"]}
    return order


def rendered(name):
    return (SITE / "chapters" / f"{name}.html").read_text("utf-8")


def title(name):
    return html.unescape(re.search(r"<title>(.*?) &#8212;", rendered(name))[1])


def one_document(browser, names):
    """The HTML of these pages as one document, and the places that its links miss."""
    order = contents()
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    given = {
        "pages": [{"name": name, "html": rendered(name), "part": order[name]} for name in names],
        "titles": {name: title(name) for name in order},
        "cited": None if "bibliography" in names else rendered("bibliography"),
        "from": "../html/chapters/",
        "title": config["title"],
        "author": config["author"],
    }
    made = browser.new_page().evaluate((ROOT / "tools" / "pdf.js").read_text("utf-8"), given)
    return made["html"], made["missing"]


# What stands out of the column, which paper would cut.
CUT = """() => {
  const column = document.querySelector("article").getBoundingClientRect();
  return [...document.querySelectorAll("article *")].filter((e) => {
    const box = e.getBoundingClientRect();
    const seen = box.width > 1 && box.height > 1 && !e.closest("svg svg, .katex-mathml, mjx-assistive-mml");
    return seen && (box.right > column.right + 1 || box.left < column.left - 1);
  }).map((e) => `${e.closest("[data-running]").id}: <${e.tagName.toLowerCase()}> ${e.textContent.slice(0, 60)}`);
}"""
SMALLER = """() => [...document.querySelectorAll("[style*='--fit']")].map((e) =>
  `${e.closest("[data-running]").id} ${e.style.getPropertyValue("--fit")}`)"""
NUMBERS = """pages => {
  for (const e of document.querySelectorAll("[data-of]")) e.textContent = pages[e.dataset.of];
}"""


def print_pages(names, pdf):
    """Write the pages into a PDF; what is wrong with it, and which formulas were made smaller."""
    pdf.parent.mkdir(exist_ok=True)
    document = pdf.with_suffix(".html")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        text, missing = one_document(browser, names)
        document.write_text(text, "utf-8")
        page = browser.new_page(viewport=PAPER)
        page.set_default_timeout(0)
        page.emulate_media(media="print", color_scheme="light")
        page.goto(document.resolve().as_uri())
        page.evaluate("window.MathJax?.startup?.promise")
        how = {"path": pdf, "prefer_css_page_size": True, "print_background": True}
        page.pdf(**how)
        page.evaluate(NUMBERS, page_numbers(pypdf.PdfReader(pdf)))
        cut, smaller = page.evaluate(CUT), page.evaluate(SMALLER)
        page.pdf(**how, tagged=True, outline=True)
        browser.close()
    wrong = [f"a link leads nowhere: {place}" for place in missing]
    return wrong + [f"out of the column: {what}" for what in cut], smaller


def page_numbers(reader):
    places = reader.named_destinations
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in places.items()
    }
