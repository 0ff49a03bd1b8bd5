"""A headless browser for the tests of the pages, with every other host blocked."""

import contextlib
import functools
import http.server
import threading
from urllib.parse import urlsplit

import pytest
from browser import launch
from playwright.sync_api import sync_playwright
from rendered import IDLE, MEASURED, SITE


def pytest_addoption(parser):
    parser.addoption(
        "--every-chapter", action="store_true", help="run the cells of all chapters in their pages"
    )


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server_of():
    """Serve a folder; the address."""
    with contextlib.ExitStack() as stack:

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *args):
                pass

        def serve(folder):
            handler = functools.partial(Quiet, directory=str(folder))
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            stack.enter_context(server)
            stack.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            return f"http://127.0.0.1:{server.server_port}"

        yield serve


@pytest.fixture(scope="session")
def server(server_of):
    return server_of(SITE)


@pytest.fixture
def visit(browser, server):
    """Open a page, wait until it is at rest, and afterwards report everything that went wrong."""
    problems = []
    with contextlib.ExitStack() as stack:

        def open_page(path, base=server, **options):
            page = stack.enter_context(browser.new_context(**options)).new_page()
            page.add_init_script(IDLE)
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
            page.evaluate(MEASURED)
            return page

        def elsewhere(url):
            parts = urlsplit(url)
            return parts.scheme not in ("file", "data", "blob") and parts.hostname != "127.0.0.1"

        yield open_page
    assert not problems, "\n".join(problems)
