"""Open every rendered page in a headless browser with every other host blocked: `make test-site`."""

import pytest
from rendered import CHAPTERS, PAGES, PHONE, SITE


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
        # One below the fold is loaded when it comes near.
        load = "async i => { i.loading = 'eager'; await i.decode(); return i.naturalWidth }"
        assert image.evaluate(load) > 0, image.get_attribute("src")


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
