"""The figures that react, each alone in a page: their numbers are dlbook's, every control moves them."""

import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from figures import FIGURES, NUMBERS
from playwright.sync_api import expect
from rendered import PHONE

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
    tab = alone(name, has_touch=touch, viewport=PHONE)
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
    tab = alone(name, viewport=PHONE)
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
    page = browser.new_context(java_script_enabled=False, viewport=PHONE).new_page()
    page.goto((tmp_path / "page.html").as_uri())
    still = page.locator(".dlbook-viz img")
    box = still.bounding_box()
    assert 200 < box["width"] <= PHONE["width"]
    assert box["height"] > 50, f"no picture: python tools/stills.py {name}"
    alt = still.get_attribute("alt")
    assert tab.locator(".dlbook-viz").get_attribute("aria-label") == alt


# Labels that are cut off, stand over each other or are small, and numbers nobody reads.
ILLEGIBLE = """root => {
    const bad = [];
    for (const svg of root.querySelectorAll("svg")) {
        const out = svg.getBoundingClientRect();
        if (!out.width) continue;
        const texts = [...svg.querySelectorAll("text")].filter(t => t.textContent.trim())
            .map(t => [t, t.getBoundingClientRect()]);
        texts.forEach(([t, b], i) => {
            const across = Math.max(out.left - b.left, b.right - out.right);
            const over = Math.max(across, out.top - b.top, b.bottom - out.bottom);
            if (over > 2) bad.push(`cut: ${t.textContent}`);
            const size = parseFloat(getComputedStyle(t).fontSize) * svg.getScreenCTM().a;
            if (size < 9) bad.push(`small: ${t.textContent}`);
            for (const [u, c] of texts.slice(i + 1)) {
                const wide = Math.min(b.right, c.right) - Math.max(b.left, c.left);
                const high = Math.min(b.bottom, c.bottom) - Math.max(b.top, c.top);
                if (wide > 2 && high > 5) bad.push(`over each other: ${t.textContent}, ${u.textContent}`);
            }
        });
    }
    return [...bad, ...(root.innerText.match(/\\d+e[+−-]\\d+/g) ?? [])];
}"""


@every_figure
def test_what_it_writes_can_be_read_wherever_its_controls_stand(alone, name):
    tab = alone(name, viewport=PHONE, reduced_motion="reduce")
    root = tab.locator(".dlbook-viz")

    def look(where):
        assert root.evaluate(ILLEGIBLE) == [], where

    look("at first")
    put = "(s, to) => { s.value = to; s.dispatchEvent(new Event('input')); }"
    for slider in tab.locator("input[type=range]").all():
        before = slider.input_value()
        for end in ("min", "max"):
            slider.evaluate(put, slider.get_attribute(end))
            look(f"slider at {end}")
        slider.evaluate(put, before)
    for select in tab.locator("select").all():
        for option in select.locator("option").all_text_contents():
            select.select_option(option)
            look(option)
    for way in ("ArrowUp", "ArrowRight"):
        for point in tab.locator("svg [tabindex]").all():
            point.focus()
            for _ in range(3):
                tab.keyboard.press(way)
            look(way)
    for button in tab.get_by_role("button").all():
        button.click()
        look("a button is pressed")


@every_figure
def test_where_the_keyboard_is_can_be_seen(alone, name):
    tab = alone(name)
    tab.keyboard.press("Tab")  # from now on the focus is shown
    for point in tab.locator("svg [tabindex]").all():
        point.focus()
        cut = """e => {
            const look = getComputedStyle(e);
            const ring = parseFloat(look.outlineWidth) + parseFloat(look.outlineOffset);
            const a = e.getBoundingClientRect(), b = e.ownerSVGElement.getBoundingClientRect();
            return Math.max(b.left - a.left, a.right - b.right, b.top - a.top, a.bottom - b.bottom) + ring;
        }"""
        assert point.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        assert point.evaluate(cut) < 2, point.get_attribute("aria-label")


@pytest.mark.parametrize("name", ["line", "optimizers", "attention", "depth"])
def test_a_point_stays_within_the_axes(alone, name):
    tab = alone(name)
    for key in ("ArrowLeft", "ArrowUp"):
        out = tab.locator(".handle").evaluate(f"""e => {{
            for (let k = 0; k < 100; k++) e.dispatchEvent(new KeyboardEvent("keydown", {{key: "{key}"}}));
            const a = e.getBoundingClientRect(), b = e.ownerSVGElement.getBoundingClientRect();
            return Math.max(b.left - a.left, a.right - b.right, b.top - a.top, a.bottom - b.bottom);
        }}""")
        assert out <= 0


def test_numbers_are_written_as_in_a_book(alone):
    tab = alone("softmax")
    both = tab.evaluate(
        "[0, -0.00004, 0.0022, 0.12345, -3, 99999, 250000, 1e-7, -3.2e-12, Infinity]"
        ".map(x => [dlbookViz.number(x, 2), dlbookViz.fine(x, 2)])"
    )
    assert [a for a, _ in both] == ["0", "0", "0", "0.12", "−3", "99999", "2.5·10⁵", "0", "0", "∞"]
    fine = ["0", "−4·10⁻⁵", "0.0022", "0.12", "−3", "99999", "2.5·10⁵", "10⁻⁷", "−3.2·10⁻¹²", "∞"]
    assert [b for _, b in both] == fine


BEGINS = [
    ("optimizers", "Race", "Height after 0 steps"),
    ("gates", "Read", "Read up to “s”"),
    ("degree", "One by one", "1 training set of"),
]


@pytest.mark.parametrize(("name", "button", "first"), BEGINS, ids=lambda x: x)
def test_what_plays_begins_at_the_beginning(alone, name, button, first):
    say = "b.closest('.dlbook-viz').querySelector('.say').textContent"
    tab = alone(name)
    run = tab.get_by_role("button", name=button)
    assert first in run.evaluate(f"b => {{ b.click(); return {say}; }}")
    # Stopped on its way, it goes on from there.
    stopped, on = run.or_(tab.get_by_role("button", name="Stop")).evaluate(
        f"b => {{ b.click(); const stopped = {say}; b.click(); return [stopped, {say}]; }}"
    )
    assert on != stopped
    assert first not in on


def test_no_place_of_its_slider_beats_the_best_rate(alone):
    tab = alone("optimizers")
    for surface in ("ravine", "bend"):
        tab.get_by_role("combobox").select_option(surface)
        start = tab.locator(".handle").get_attribute("aria-valuetext").replace("−", "-")
        tab.get_by_role("button", name="The best rate for each").click()
        expect(tab.locator(".say")).to_contain_text("Height after 100 steps")
        for rule in ("SGD", "momentum", "RMSprop", "Adam"):
            slider = tab.get_by_label(rule)
            heights, at = slider.evaluate(f"""s => {{
                const c = dlbookViz.figures.optimizers.compute, found = [];
                for (let v = +s.min; v <= +s.max; v = +(v + +s.step).toFixed(6)) {{
                    const way = c.walk("{rule}", "{surface}", [{start}], 10 ** v, 100);
                    found.push(c.height("{surface}", ...way.at(-1)));
                }}
                return [found, (s.value - s.min) / s.step];
            }}""")
            assert len(heights) == 36  # as the chapter says
            assert heights[round(at)] == pytest.approx(np.nanmin(heights), rel=1e-6)


def test_what_is_bold_is_counted_and_a_unit_that_switches_is_named(alone):
    tab = alone("nine_numbers")
    say = tab.locator(".say")
    tab.get_by_role("slider", name="weight w₁₁").press("ArrowUp")
    bold = tab.locator(".dlbook-viz").evaluate(
        "f => [3, 4].map(k => [...f.querySelectorAll(`svg g > :nth-child(${k})`)]"
        ".filter(t => t.style.fontWeight === 'bold').length)"
    )
    expect(say).to_contain_text(f"Changed (bold): values {bold[0]}, gradients {bold[1]}.")
    assert bold[0] == 5  # w₁₁ itself, z₁, a₁, z, L
    bias = tab.get_by_role("slider", name="bias of unit 2")
    for _ in range(3):
        expect(say).not_to_contain_text("switched")
        bias.press("PageUp")
    expect(say).to_contain_text("On the way unit 2 was switched on.")


def test_a_query_that_was_turned_stays_with_its_word(alone):
    tab = alone("attention")
    word, query = (tab.get_by_role("slider", name=n) for n in ("the word that asks", "the query"))
    query.press("ArrowUp")
    turned = query.get_attribute("aria-valuetext")
    word.press("ArrowLeft")
    expect(tab.locator(".say")).to_contain_text("with its query")
    tab.get_by_label("head").select_option("the word before")
    tab.get_by_label("head").select_option("what it asks for")
    word.press("ArrowRight")
    expect(query).to_have_attribute("aria-valuetext", turned)
    expect(tab.locator(".say")).to_contain_text("with your query")
    tab.get_by_role("button", name="The word's own query").click()
    expect(tab.locator(".say")).to_contain_text("with its query")


def test_the_scores_are_divided_by_what_their_column_says(alone):
    tab = alone("attention")
    head = tab.locator("th").nth(3)
    expect(head).to_have_text("÷ 1.41")
    tab.get_by_label("temperature").press("End")
    expect(head).to_have_text("÷ 14.14")
    tab.get_by_label("scores divided by √d").select_option("no")
    expect(head).to_have_text("÷ 10")


def test_the_first_word_has_none_before_it(alone):
    tab = alone("attention")
    tab.get_by_label("head").select_option("the word before")
    tab.get_by_label("causal mask").select_option("off")
    word = tab.get_by_role("slider", name="the word that asks")
    looked = []
    for _ in range(6):
        looked.append(tab.locator(".say").inner_text().split("looks most at ")[1].split("”")[0][1:])
        word.press("ArrowLeft")
    looked.append(tab.locator(".say").inner_text().split("looks most at ")[1].split("”")[0][1:])
    assert looked == ["and", "dog", "a", "saw", "cat", "the", "the"]


def test_clear_gives_the_pen_back_and_a_digit_misread_is_named(alone):
    tab = alone("reads_digits")
    pen = tab.get_by_role("combobox")
    pen.select_option("rubs out")
    tab.get_by_role("button", name="Clear").click()
    expect(pen).to_have_value("draws")
    right = tab.get_by_role("button", name="4", exact=True)
    right.click()
    expect(tab.locator(".say")).not_to_contain_text("label")
    tab.get_by_role("button", name="5", exact=True).click()
    expect(tab.locator(".say")).to_contain_text("It reads 6")
    expect(tab.locator(".say")).to_contain_text("Its label is 5.")


def test_a_size_that_is_too_large_is_not_left_standing(alone):
    tab = alone("receptive")
    kernel = tab.get_by_label("kernel of layer 1")
    kernel.fill("9")
    kernel.blur()
    expect(kernel).to_have_value("7")


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
