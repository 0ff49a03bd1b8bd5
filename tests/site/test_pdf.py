"""A chapter on paper, by `make pdf ONE=...` and by its print button. `make pdf` itself checks the book."""

import json

import pdf
import pypdf
import pytest

NAME = "linear_regression"
PAGE = f"chapters/{NAME}.html"
CELLS = json.loads((pdf.ROOT / "chapters" / f"{NAME}.ipynb").read_text("utf-8"))["cells"]


@pytest.fixture(scope="module")
def printed(browser):
    path = pdf.OUT / f"{NAME}.pdf"
    wrong, _ = pdf.print_pages(browser, [NAME], path)
    assert wrong == []
    return path


def test_nothing_is_cut_or_left_out(printed):
    assert pdf.incomplete([NAME], printed) == []


def test_pages_of_a4_and_an_outline(printed):
    reader = pypdf.PdfReader(printed)
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in reader.pages} <= {
        (595, 842)
    }
    chapters = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert chapters == [pdf.title(NAME), "Solutions", "Bibliography"]
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # a screen reader finds its way


def test_what_is_left_out_is_found():
    found = "\n".join(pdf.missing_from("", CELLS))
    for kind in ("the line", "equation (2.1)", "Exercise 2.1:", "Question 2.1:"):
        assert kind in found
    assert "the solution of Exercise2.1" in found


def test_the_print_button_prints_all_of_it(visit, tmp_path):
    tab = visit(PAGE, color_scheme="dark")
    tab.emulate_media(media="print")
    path = tmp_path / "page.pdf"
    tab.pdf(path=path, prefer_css_page_size=True)
    text = pdf.words_of(pypdf.PdfReader(path))
    assert [
        lost for lost in pdf.missing_from(text, CELLS) if not lost.startswith("the solution")
    ] == []
    assert not tab.locator("article :is(button, summary, .headerlink, .live-tools):visible").count()


def test_before_printing_pages_unfold(visit):
    tab = visit(PAGE)
    folded = tab.locator(".bd-article details:not([open])")
    count = folded.count()
    assert count
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not folded.count()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == count


def test_a_formula_wider_than_paper_becomes_smaller(visit):
    tab = visit(PAGE)
    tab.set_viewport_size(pdf.PAPER)
    tab.emulate_media(media="print")
    formula = tab.locator("div.math:has(.katex-tag)").first
    formula.evaluate("""div => {
        const part = div.querySelector(".katex-base");
        for (let i = 0; i < 8; i++) part.after(part.cloneNode(true));
        dispatchEvent(new Event("beforeprint"));
    }""")
    *parts, tag = formula.locator(".katex-base, .katex-tag").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().toJSON())"
    )
    assert parts[0]["left"] >= 0
    assert parts[-1]["right"] < tag["left"] < tag["right"] <= pdf.PAPER["width"]


def test_a_root_has_its_sign_on_paper(visit):
    tab = visit("chapters/attention.html")
    tab.emulate_media(media="print")
    sizes = tab.locator(".katex svg").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().height)"
    )
    assert sizes
    assert min(sizes) > 3
