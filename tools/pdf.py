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
import unicodedata
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
# Spaces, and emoji, for which many computers have no font; then a zero stands for one.
SPACES = re.compile(r"\s|[\0\u200b\U0001f000-\U0001ffff]")
FURNITURE = re.compile(r"\A(?:.*\n)?\d+\n")  # the name of the chapter and the number of the page
TASK = re.compile(r"^### ((?:Exercise|Question) [\d.]+:[^`*$('\n]*)|(<summary>Answer)", re.M)


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
    return html.unescape(re.search(r"<h1>(.*?)<a ", rendered(name))[1])


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
    const drawn = e.parentElement.closest("svg, .katex-mathml") || box.width <= 1 || box.height <= 1;
    return !drawn && (box.right > column.right + 1 || box.left < column.left - 1);
  }).map((e) => `${e.closest("[data-running]").id}: <${e.tagName}> ${e.textContent.slice(0, 60)}`);
}"""
SMALLER = """() => [...document.querySelectorAll("[style*='--fit']")].map((e) =>
  `${e.closest("[data-running]").id} ${e.style.getPropertyValue("--fit")}`)"""
NUMBERS = """pages => {
  for (const e of document.querySelectorAll("[data-of]")) e.textContent = pages[e.dataset.of];
}"""


def print_pages(browser, names, pdf):
    """Write the pages into a PDF; what is wrong with it, and which formulas were made smaller."""
    pdf.parent.mkdir(exist_ok=True)
    document = pdf.with_suffix(".html")
    text, missing = one_document(browser, names)
    document.write_text(text, "utf-8")
    page = browser.new_page(viewport=PAPER)
    page.set_default_timeout(0)
    page.emulate_media(media="print", color_scheme="light")
    page.goto(document.resolve().as_uri())
    how = {"path": pdf, "prefer_css_page_size": True, "print_background": True}
    page.pdf(**how)  # once, to see on which page everything stands
    page.evaluate(NUMBERS, page_numbers(pypdf.PdfReader(pdf)))
    cut, smaller = page.evaluate(CUT), page.evaluate(SMALLER)
    page.pdf(**how, tagged=True, outline=True)
    page.close()
    wrong = [f"a link leads nowhere: {place}" for place in missing]
    return wrong + [f"out of the column: {what}" for what in cut], smaller


def page_numbers(reader):
    places = reader.named_destinations
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in places.items()
    }


# --- Whether all of it is there -------------------------------------------------------------------


def plain(text):
    """Signs without spaces: a line of code may have been broken, two letters may be drawn as one."""
    return SPACES.sub("", unicodedata.normalize("NFKC", text))


def words_of(reader):
    """The text of all pages without what stands above and below it."""
    return plain("".join(FURNITURE.sub("", page.extract_text()) for page in reader.pages))


def incomplete(names, pdf):
    """What the chapters have and the PDF has not."""
    reader = pypdf.PdfReader(pdf)
    text, found = words_of(reader), []
    for name in names:
        notebook = ROOT / "chapters" / f"{name}.ipynb"
        if notebook.exists():
            cells = json.loads(notebook.read_text("utf-8"))["cells"]
            found += [f"{name}: {what}" for what in missing_from(text, cells)]
    return found + list(dead_links(reader))


def missing_from(text, cells):
    task, solved = None, set()
    for cell in cells:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        if cell["cell_type"] == "code" and "remove-cell" not in tags:
            printed = ["".join(o["text"]) for o in cell["outputs"] if o["output_type"] == "stream"]
            for line in "\n".join([source, *printed]).splitlines():
                if plain(line) not in text:
                    yield f"the line {line!r}"
            if "solution" in tags:
                solved.add(task)
        elif cell["cell_type"] == "markdown":
            for tag in re.findall(r"\\tag\{([^}]+)\}", source):
                if f"({tag})" not in text:
                    yield f"equation ({tag})"
            for heading, answer in TASK.findall(source):
                if heading:
                    task = plain(heading)
                    if task not in text:
                        yield heading
                if answer:
                    solved.add(task)
    for task in solved:
        if text.count(task) != 2:
            yield f"the solution of {task}"


def dead_links(reader):
    places = reader.named_destinations
    for number, page in enumerate(reader.pages, 1):
        for annotation in page.get("/Annots", ()):
            link = annotation.get_object()
            place = link.get("/Dest") or link.get("/A", {}).get("/D")
            if isinstance(place, str) and place not in places:
                yield f"page {number}: a link to {place}, which is nowhere"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "name", nargs="?", help="the number of a chapter or the beginning of its name"
    )
    name = parser.parse_args().name
    names = [page for page in contents() if not name or is_called(Path(page), name)]
    if not names:
        sys.exit(f"There is no chapter {name!r}")
    pdf = OUT / f"{'_'.join(names) if name else 'book'}.pdf"
    with sync_playwright() as playwright:
        wrong, smaller = print_pages(launch(playwright), names, pdf)
    wrong += incomplete(names, pdf)
    if smaller:
        print("Formulas made smaller, to this part of their size:", ", ".join(smaller))
    pages, size = len(pypdf.PdfReader(pdf).pages), pdf.stat().st_size / 1e6
    print(f"{pdf.relative_to(ROOT)}: {pages} pages, {size:.1f} MB")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
