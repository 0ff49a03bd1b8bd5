"""Open every rendered page in a headless browser with every other host blocked: `make test-site`."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import elsewhere
import pytest
from axe_playwright_python.sync_playwright import Axe
from rendered import CHAPTERS, MEASURED, PAGES, PHONE, SITE

ROOT = Path(__file__).parents[2]
MEGABYTE = 1e6


@pytest.mark.parametrize("page", PAGES)
def test_page_asks_nothing_of_other_hosts_and_reads_on_a_phone(visit, page):
    tab = visit(page, viewport=PHONE)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    cut = "m => m.filter(f => f.getBoundingClientRect().left < 0).map(f => f.parentNode.innerText)"
    assert (
        tab.locator(".bd-article .katex-display > .katex").evaluate_all(cut) == []
    )  # out of reach of scrolling
    for image in tab.locator("img").all():
        alt = image.get_attribute("alt") or ""
        assert len(alt.split()) > 1, f"{image.get_attribute('src')} has the alt text {alt!r}"
        assert "/" not in alt
        # One below the fold is loaded when it comes near.
        load = "async i => { i.loading = 'eager'; await i.decode(); return i.naturalWidth }"
        assert image.evaluate(load) > 0, image.get_attribute("src")


@pytest.mark.parametrize("page", [page for page in PAGES if page != "404.html"])  # a server's
def test_page_works_from_the_file_system(visit, page):
    tab = visit(page, base=SITE.resolve().as_uri())
    assert tab.title()


@pytest.mark.parametrize("page", CHAPTERS)
def test_chapter_has_its_buttons_and_formulas(visit, page):
    tab = visit(page)
    assert tab.locator("a[href$='.ipynb'][download], a.btn-download-source-button").count()
    assert tab.locator("a.left-prev").count()
    assert tab.locator("a.right-next").count()
    assert tab.locator(".katex").count()
    assert not tab.locator(".katex-error").count()


@pytest.mark.parametrize("page", CHAPTERS)
def test_mentions_of_equations_and_exercises_arrive_at_them(visit, page):
    tab = visit(page)
    missing = """links => links.map(a => a.getAttribute("href"))
                              .filter(href => !document.getElementById(href.slice(1)))"""
    links = tab.locator("a[href^='#eq-'], a[href^='#exercise-']")
    assert links.evaluate_all(missing) == []
    if page.endswith("/backpropagation.html"):
        assert links.count() > 5
        assert tab.locator("a[href*='api.html#dlbook.'] code").count()


def test_dark_mode(visit):
    tab = visit(CHAPTERS[0], color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(background)
    button = tab.locator("button.theme-switch-button").first
    for _ in range(3):  # auto, light, dark
        if tab.evaluate("document.documentElement.dataset.theme") == "dark":
            break
        button.click()
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    assert tab.evaluate(background) != light


def test_a_dark_page_is_printed_light(visit):
    tab = visit(CHAPTERS[0], color_scheme="dark")
    for media, there in (("screen", "dark"), ("print", "light"), ("screen", "dark")):
        tab.emulate_media(media=media)
        tab.locator(f"html[data-theme={there}]").wait_for(state="attached")


def test_no_line_of_code_is_cut_on_paper(visit):
    tab = visit("chapters/optimizers.html", viewport={"width": 700, "height": 1000})
    tab.emulate_media(media="print")
    cut = (
        "all => all.filter(pre => pre.scrollWidth > pre.clientWidth + 1).map(pre => pre.innerText)"
    )
    assert tab.locator(".bd-article pre").evaluate_all(cut) == []


def test_without_javascript_a_page_has_its_colours(browser, server):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{server}/{CHAPTERS[0]}")
    ground = "getComputedStyle(document.documentElement).getPropertyValue('--pst-color-background')"
    assert tab.evaluate(ground)
    context.close()


def test_solutions_are_folded_away(visit):
    found = 0
    for page in CHAPTERS:
        for solution in visit(page).locator("details.hide:has-text('Show the solution')").all():
            found += 1
            assert not solution.locator("pre").first.is_visible()
            solution.locator("summary").click()
            assert solution.locator("pre").first.is_visible()
    assert found


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_shut_out(visit, page):
    """All rules of axe, on a wide screen and on a phone; those of colours in the dark too."""
    # axe itself writes a style into the page, and would load style sheets a second time. What KaTeX
    # makes is thousands of elements in the colour of the text.
    tab = visit(page, color_scheme="light", bypass_csp=True)
    options = {"preload": False, "resultTypes": ["violations"]}
    # Without its formula the head of a column may be empty for axe.
    options["rules"] = {"empty-table-header": {"enabled": False}}
    assert (
        tab.locator("th").evaluate_all("all => all.filter(th => !th.innerText.trim()).length") == 0
    )
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        if scheme == "dark":
            options["runOnly"] = ["color-contrast", "link-in-text-block"]
        for size in ({"width": 1280, "height": 900}, PHONE):
            tab.set_viewport_size(size)
            tab.evaluate("new Promise(done => setTimeout(done, 200))")  # it hears of that, and acts
            tab.evaluate(MEASURED)
            found = Axe().run(tab, {"exclude": [[".katex"]]}, options)
            assert found.violations_count == 0, f"{scheme} {size}\n{found.generate_report()}"


@pytest.mark.parametrize("page", PAGES)
def test_page_holds_no_inline_code_and_is_light(visit, page):
    html = (SITE / page).read_text("utf-8")
    if page != "404.html":  # alone, it has its few rules in itself
        assert "Content-Security-Policy" in html
        assert "unsafe-inline" not in html
        tags = re.sub(
            r'"data:[^"]*"', '""', html
        )  # a picture in an attribute is no part of the page
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|<[^<>]* (?:style|on\w+)=", tags)
    if page == "index.html":  # it leads on
        return
    loaded = []
    tab = visit("404.html")  # for its browser only
    tab.on("response", lambda response: loaded.append(response))
    tab.goto(tab.url.replace("404.html", page), wait_until="networkidle")
    figures = [r for r in loaded if "/_images/" in r.url]
    weight = sum(len(r.body()) for r in loaded if r not in figures)
    # The search holds the text of all chapters, which a host sends compressed to a third.
    limit = (1.2 if page in CHAPTERS else 2.0 if page == "search.html" else 1.5) * MEGABYTE
    assert weight < limit, sorted(((len(r.body()), r.url) for r in loaded), reverse=True)[:8]


def test_the_keyboard_arrives_everywhere_and_shows_where_it_is(visit):
    """Tab through a chapter: the first stop skips to the text, each is seen and marked, no formula is one."""
    tab = visit("chapters/losses.html", viewport={"width": 1280, "height": 900})
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "text"
    where = """() => {
        const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
        return {what: e.outerHTML.slice(0, 120), body: e === document.body,
                in_formula: !!e.closest(".katex"),
                marked: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 1 || s.boxShadow !== "none",
                seen: e.checkVisibility({opacityProperty: true, visibilityProperty: true}) && r.width > 0}}"""
    stops = []
    while len(stops) < 1000:
        tab.keyboard.press("Tab")
        stop = tab.evaluate(where)
        if stop["body"]:
            break
        stops.append(stop)
    assert 40 < len(stops) < 1000
    wrong = [s["what"] for s in stops if not (s["seen"] and s["marked"]) or s["in_formula"]]
    assert wrong == []


@pytest.mark.parametrize("page", CHAPTERS[:3])
def test_formulas_are_read_without_a_script(browser, server, page):
    tab = browser.new_context(java_script_enabled=False).new_page()
    tab.goto(f"{server}/{page}")
    assert tab.locator(".katex-html").first.bounding_box()["width"] > 3
    assert tab.locator(".katex math").count() == tab.locator(".katex-html").count()
    tab.context.close()


def test_nothing_leads_to_an_address_that_is_not_set():
    if "OWNER" in (ROOT / "_config.yml").read_text("utf-8"):
        holders = [page for page in PAGES if "OWNER" in (SITE / page).read_text("utf-8")]
        assert holders == []


def test_with_an_address_everything_leads_there(tmp_path):
    """A copy published under an address: buttons, canonical addresses, card, wheel, first cell."""
    shutil.copytree(elsewhere.tree(), tmp_path, dirs_exist_ok=True)
    config = tmp_path / "_config.yml"
    config.write_text(config.read_text("utf-8").replace("OWNER", "reader"), "utf-8")
    run = {"cwd": tmp_path, "check": True, "capture_output": True, "text": True}
    subprocess.run([sys.executable, "tools/notebooks.py", "--text"], **run)
    # Two pages are enough for the form of links; the whole book is built by `make book`.
    toc = tmp_path / "_toc.yml"
    toc.write_text(
        "format: jb-book\nroot: chapters/index\nchapters: [file: chapters/what_you_need]\n"
    )
    build = "from jupyter_book.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", build, "build", ".", "--all"], **run)
    pages = tmp_path / "_build" / "html"
    html = (pages / "chapters" / "what_you_need.html").read_text("utf-8")
    site = "https://reader.github.io/dlbook/"
    assert f'<link rel="canonical" href="{site}chapters/what_you_need.html"' in html
    assert f'property="og:url" content="{site}chapters/what_you_need.html"' in html
    card = re.search(rf'property="og:image" content="{site}([^"]+\.png)"', html)[1]
    assert (pages / card).stat().st_size > 5000
    colab = "https://colab.research.google.com/github/reader/dlbook/blob/main/chapters/what_you_need.ipynb"
    assert colab in html
    assert "https://github.com/reader/dlbook/issues/new" in html
    assert '<base href="/dlbook/">' in (pages / "404.html").read_text("utf-8")
    cell = (tmp_path / "chapters" / "what_you_need.ipynb").read_text("utf-8")
    assert f"{site}dlbook-0.1.0-py3-none-any.whl" in cell


def test_the_wheel_stands_beside_the_pages():
    assert [wheel.name for wheel in SITE.glob("*.whl")] == ["dlbook-0.1.0-py3-none-any.whl"]


def test_on_a_phone_a_touch_shows_a_picture_alone(visit):
    tab = visit("chapters/losses.html", viewport=PHONE, has_touch=True)
    picture = tab.locator(".bd-article img:visible").first
    picture.scroll_into_view_if_needed()
    picture.tap()
    tab.wait_for_url("**/_images/*")
    tab.go_back()
    tab.wait_for_url("**/losses.html")


def test_on_a_phone_a_section_is_laid_out_when_it_comes_near(browser, server):
    tab = browser.new_context(viewport=PHONE).new_page()
    tab.add_init_script("window.requestIdleCallback = () => 0")  # the browser never has time
    tab.goto(f"{server}/chapters/losses.html", wait_until="networkidle")
    waits = """() => [...document.querySelectorAll(".bd-article section")]
        .filter((e) => !e.lastElementChild.checkVisibility({contentVisibilityAuto: true})).map((e) => e.id)"""
    *others, last = tab.evaluate(waits)
    assert len(others) > 3
    tab.locator(f"#{last}").scroll_into_view_if_needed()
    tab.wait_for_function(f"() => !({waits})().includes('{last}')")
    tab.context.close()


def test_on_a_phone_a_link_arrives_and_what_is_wide_can_be_scrolled_with_keys(visit):
    tab = visit("chapters/losses.html#exercise-3", viewport=PHONE)
    below_the_bar = tab.locator("#exercise-3").evaluate("(e) => e.getBoundingClientRect().top")
    assert 0 < below_the_bar < 150
    wide = """[...document.querySelectorAll(".bd-article :is(.katex-display, table, .cell_output)")]
        .filter((e) => e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX != "visible")"""
    assert tab.evaluate(f"{wide}.length") > 0
    assert tab.evaluate(f"{wide}.filter((e) => e.tabIndex < 0).length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_code_stands_out_from_its_ground(visit, scheme):
    """4.5 to 1, which axe leaves open where a shadow shows that a line goes on."""
    tab = visit("chapters/attention.html", color_scheme=scheme)
    contrasts = tab.evaluate("""() => {
        const light = (colour) => {
            const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => {
                const c = part / 255;
                return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ground = document.createElement("i");
        ground.style.color = "var(--under)";
        const found = {};
        for (const token of document.querySelectorAll(".cell_input pre span[class]")) {
            token.closest("pre").append(ground);
            const colour = getComputedStyle(token).color;
            const both = [light(colour), light(getComputedStyle(ground).color)];
            found[`${token.className} ${colour}`] = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
        }
        return found;
    }""")
    assert len(contrasts) > 8
    assert {token: c for token, c in contrasts.items() if c < 4.5} == {}
