"""Open every rendered page in a headless browser with every other host blocked: `make test-site`."""

import contextlib
import functools
import http.server
import os
import shutil
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from dlbook.exercises.judge import ORDER

SITE = Path(__file__).parents[2] / "_build" / "html"
PAGES = sorted(
    p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html") if "_static" not in p.parts
)
CHAPTERS = [p for p in PAGES if Path(p).stem in ORDER]
PHONE = {"width": 390, "height": 844}
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]  # fmt: skip

if not CHAPTERS:
    pytest.exit("There is no rendered book in _build/html: run `make book` first", returncode=1)


@pytest.fixture(scope="session")
def browser():
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.exit("Chromium was not found: install it, or set CHROMIUM=/path/to/it", returncode=1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server():
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def visit(browser, server):
    """Open a page, wait until it is at rest, and afterwards report everything that went wrong."""
    problems = []
    with contextlib.ExitStack() as stack:

        def open_page(path, base=server, **options):
            page = stack.enter_context(browser.new_context(**options)).new_page()
            page.on("request", lambda r: elsewhere(r.url) and problems.append(f"asks for {r.url}"))
            page.on("requestfailed", lambda r: problems.append(f"failed: {r.url} ({r.failure})"))
            page.on(
                "response",
                lambda r: r.ok or r.status == 304 or problems.append(f"{r.status} {r.url}"),
            )
            page.on(
                "console", lambda m: m.type == "error" and problems.append(f"console: {m.text}")
            )
            page.on("pageerror", lambda e: problems.append(f"error: {e}"))
            page.goto(f"{base}/{path}", wait_until="networkidle")
            page.evaluate("window.MathJax?.startup?.promise")
            return page

        def elsewhere(url):
            parts = urlsplit(url)
            return parts.scheme not in ("file", "data", "blob") and parts.hostname != "127.0.0.1"

        yield open_page
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("page", PAGES)
def test_page_asks_nothing_of_other_hosts_and_reads_on_a_phone(visit, page):
    tab = visit(page, viewport=PHONE)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    cut = "m => m.filter(f => f.getBoundingClientRect().left < 0).map(f => f.parentNode.innerText)"
    assert (
        tab.locator(".bd-article mjx-container").evaluate_all(cut) == []
    )  # out of reach of scrolling
    for image in tab.locator("img").all():
        alt = image.get_attribute("alt") or ""
        assert len(alt.split()) > 1, f"{image.get_attribute('src')} has the alt text {alt!r}"
        assert "/" not in alt
        assert image.evaluate("i => i.complete && i.naturalWidth > 0"), image.get_attribute("src")


@pytest.mark.parametrize("page", PAGES)
def test_page_works_from_the_file_system(visit, page):
    tab = visit(page, base=SITE.resolve().as_uri())
    assert tab.title()


@pytest.mark.parametrize("page", CHAPTERS)
def test_chapter_has_its_buttons_and_formulas(visit, page):
    tab = visit(page)
    assert tab.locator("a[href^='https://colab.research.google.com/github/']").count()
    assert tab.locator("a[href$='.ipynb'][download], a.btn-download-source-button").count()
    assert tab.locator("a.left-prev").count()
    assert tab.locator("a.right-next").count()
    assert tab.locator("mjx-container").count()
    assert not tab.locator("mjx-merror").count()


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


@pytest.mark.parametrize("base", ["http", "file"])
def test_search_finds_a_word_of_the_book(visit, server, base):
    tab = visit(
        "search.html?q=gradient", base=server if base == "http" else SITE.resolve().as_uri()
    )
    tab.wait_for_selector("#search-results li a")


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


def test_solutions_are_folded_away(visit):
    found = 0
    for page in CHAPTERS:
        for solution in visit(page).locator("details.hide:has-text('Show the solution')").all():
            found += 1
            assert not solution.locator("pre").first.is_visible()
            solution.locator("summary").click()
            assert solution.locator("pre").first.is_visible()
    assert found
