"""The figures that react, each alone in a page: their numbers are dlbook's, every control moves them."""

import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from figures import FIGURES, NUMBERS
from playwright.sync_api import expect

every_figure = pytest.mark.parametrize("name", FIGURES)


@pytest.fixture
def alone(visit, tmp_path):
    """Open a figure in a page of its own, from the file system: alone("softmax")."""

    def open_figure(name, **options):
        page = (
            f"<!doctype html><html lang=en><title>{name}</title><main>{FIGURES[name]._repr_html_()}"
        )
        (tmp_path / "page.html").write_text(page, "utf-8")
        tab = visit("page.html", base=tmp_path.as_uri(), **options)
        assert tab.locator(".dlbook-viz").get_attribute("data-live") == "yes"
        return tab

    return open_figure


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_its_numbers_are_those_of_dlbook(alone, row):
    name, function, arguments, same = row
    given = json.dumps(arguments, default=np.ndarray.tolist)
    code = f"dlbookViz.figures.{name}.compute.{function}(...{given})"
    np.testing.assert_allclose(alone(name).evaluate(code), same(*arguments), rtol=1e-9, atol=1e-12)


def picture(tab):
    """All that a figure shows, where its points and controls stand included."""
    return tab.locator(".dlbook-viz").evaluate("""f => f.innerHTML +
        [...f.querySelectorAll("input, select")].map(i => [i.value, i.checked]) +
        [...f.querySelectorAll("canvas")].map(c => c.toDataURL())""")


def moves(tab, act):
    """Whether `act` changes the figure, at once or in the next half second."""
    before = picture(tab)
    act()
    for _ in range(10):
        if picture(tab) != before:
            return True
        tab.wait_for_timeout(50)
    return False


CONTROLS = "input, select, button:not(:disabled), .handle, [tabindex='0']"


def press(tab, control):
    """Use the keyboard on a control in focus: whatever moves a control of its kind."""
    kind = control.evaluate("c => c.type === 'number' ? c.type : c.tagName.toLowerCase()")
    keys = {"button": ["Enter"], "select": ["ArrowDown", "ArrowUp"], "number": ["ArrowUp"]}
    for key in keys.get(kind, ["ArrowRight", "ArrowLeft", " "]):
        if moves(tab, lambda key=key: tab.keyboard.press(key)):
            return True
    return False


@every_figure
def test_the_keyboard_reaches_and_moves_everything(alone, name):
    tab = alone(name)
    names = tab.locator(".dlbook-viz").locator(CONTROLS)
    for k in range(names.count()):
        control = names.nth(k)
        if not control.count() or not control.is_visible():
            continue
        control.focus()
        expect(control).to_be_focused()
        assert press(tab, control), control.evaluate("c => c.outerHTML")
    tab.reload()
    seen = set()
    for _ in range(2 * names.count() + 4):
        tab.keyboard.press("Tab")
        seen.add(
            tab.evaluate(
                f"[...document.querySelectorAll({CONTROLS!r})].indexOf(document.activeElement)"
            )
        )
    assert seen >= set(range(names.count())), "a control is no stop of the Tab key"


@every_figure
@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_mouse_and_touch_move_it(alone, name, touch):
    tab = alone(name, has_touch=touch, viewport={"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    session = tab.context.new_cdp_session(tab)

    def drag(control):
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        if touch:
            for kind, d in (("Start", 0), ("Move", 9), ("Move", 18), ("End", None)):
                points = [] if d is None else [{"x": x + d, "y": y + d / 2}]
                session.send(
                    "Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points}
                )
            return
        tab.mouse.move(x, y)
        tab.mouse.down()
        tab.mouse.move(x + 18, y + 9, steps=2)
        tab.mouse.up()

    handles = tab.locator(".handle, [data-drag]")
    for k in range(handles.count()):
        assert moves(tab, lambda k=k: drag(handles.nth(k))), f"point {k} stays where it is"
    for slider in tab.locator("input[type=range]").all():
        box = slider.bounding_box()
        far = {"x": box["width"] * 0.9, "y": box["height"] / 2}
        use = slider.tap if touch else slider.click
        assert moves(tab, lambda use=use, far=far: use(position=far))


@every_figure
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_shut_out(alone, name, theme):
    tab = alone(name, viewport={"width": 390, "height": 844})
    ground, ink = {"light": ("#fff", "#222"), "dark": ("#14181e", "#ced6dd")}[theme]
    tab.evaluate(f"""document.documentElement.dataset.theme = "{theme}";
        document.body.style = "background: {ground}; color: {ink}"; """)
    tab.locator("main").evaluate(
        "m => m.prepend(Object.assign(document.createElement('h1'), {innerText: 'x'}))"
    )
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()


@every_figure
def test_without_scripts_and_with_reduced_motion(alone, name, browser, tmp_path):
    tab = alone(name, reduced_motion="reduce")
    for button in tab.get_by_role("button").all():
        button.click()  # what runs is at its end at once, and does not hang
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((tmp_path / "page.html").as_uri())
    still = page.locator(".dlbook-viz svg")
    assert still.count(), f"no picture for print: python tools/stills.py {name}"
    assert still.first.bounding_box()["width"] > 200
    assert page.locator(".dlbook-viz").get_attribute("aria-label")


def test_a_digit_is_drawn_with_keys_and_with_the_mouse_and_read(alone):
    tab = alone("reads_digits")
    say, clear = tab.locator(".say"), tab.get_by_role("button", name="Clear")
    clear.click()
    expect(say).to_contain_text("Nothing is drawn")
    tab.get_by_role("application").focus()
    for key in ["ArrowUp"] * 8 + [" "] + ["ArrowDown"] * 17 + [" "] + ["ArrowRight"] * 5:
        tab.keyboard.press(key)
    expect(say).to_contain_text("It reads 1 (")
    clear.click()
    box = tab.get_by_role("application").bounding_box()
    corners = ((0.25, 0.2), (0.75, 0.2), (0.45, 0.85))
    for k, (x, y) in enumerate(corners):
        tab.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if k == 0:
            tab.mouse.down()
    tab.mouse.up()
    expect(say).to_contain_text("It reads 7 (")


def test_the_lstm_reads_what_is_typed(alone):
    tab = alone("gates")
    tab.get_by_role("textbox").fill('((a) "(" bc')
    said = "inside quotes: 0; open brackets: 1; was no letter: 0; letters in the word: 2."
    expect(tab.locator(".say")).to_contain_text(said)
    tab.get_by_role("textbox").fill("")
    expect(tab.locator(".say")).to_contain_text("nothing to read")


def test_a_word_asks_under_the_mouse_as_it_does_with_keys(alone):
    tab = alone("attention")
    word = tab.get_by_role("slider", name="the word that asks")
    box = word.bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 16 * 5, box["y"] + 5)
    expect(word).to_have_attribute("aria-valuetext", "saw")
    word.press("ArrowRight")
    expect(word).to_have_attribute("aria-valuetext", "a")
