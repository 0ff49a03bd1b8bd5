"""Light pages show and fetch the light pictures, dark pages the dark ones; paper takes the light ones."""

import pytest
from rendered import SITE

PAGE = "chapters/convolution.html"  # drawings, curves, heat maps, photographs
OTHER = {"light": "dark", "dark": "light"}


def pictures(tab, theme):
    return tab.locator(f".bd-article img.only-{theme}")


@pytest.mark.parametrize("theme", OTHER)
def test_a_page_shows_and_fetches_the_pictures_of_its_own_colours(visit, theme):
    tab = visit(PAGE, color_scheme=theme)
    shown, hidden = pictures(tab, theme), pictures(tab, OTHER[theme])
    assert shown.count() == hidden.count() > 3
    for one, twin in zip(shown.all(), hidden.all(), strict=True):
        one.scroll_into_view_if_needed()
        assert one.evaluate("async i => { await i.decode(); return i.naturalWidth }") > 0
        assert one.is_visible()
        assert not twin.is_visible()
        for name in ("alt", "width", "height", "loading"):
            assert one.get_attribute(name) == twin.get_attribute(name), name
        style = one.evaluate("i => [getComputedStyle(i).filter, getComputedStyle(i).padding]")
        assert style == ["none", "0px"]
    fetched = tab.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert set(fetched) >= set(shown.evaluate_all("all => all.map(i => i.src)"))
    assert not set(fetched) & set(hidden.evaluate_all("all => all.map(i => i.src)"))


def test_paper_and_a_page_without_scripts_show_the_light_pictures(visit, browser):
    tab = visit(PAGE, color_scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    bare = browser.new_context(java_script_enabled=False, color_scheme="dark").new_page()
    bare.goto((SITE / PAGE).resolve().as_uri())
    for page in (tab, bare):
        assert pictures(page, "light").first.is_visible()
        assert not pictures(page, "dark").first.is_visible()
