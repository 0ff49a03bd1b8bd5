"""Cells run in the rendered pages, with every other host blocked.

`make test-site` runs the cells of two short chapters, `make test-live` those of all (an hour or so), and
writes down which take long.
"""

import importlib.util
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from rendered import PAGES, PHONE, SITE

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "_ext"))
import live  # noqa: E402

SHORT = ["linear_regression", "numpy_axes"]
EVERY = sorted(
    Path(p).stem for p in PAGES if re.search("div class=.cell ", (SITE / p).read_text("utf-8"))
)
HOURS = 3 * 3_600_000
PAGE = "chapters/linear_regression.html"

# Where the page prints other characters than the book: {(chapter, a piece of the code): why}.
ROUNDING = "a training whose sums are rounded in another order, which grows from step to step"
DIFFERENT = {
    ("better", "momentum, 20 epochs, five runs"): ROUNDING,
    ("can_it_be_trusted", "noisy = [trained(dense, seed, x, y"): ROUNDING,
    ("can_it_be_trusted", "def convolutional()"): ROUNDING,
    ("can_it_be_trusted", "def unknown_row(model, pictures)"): ROUNDING,
    ("cnn_digits", "fewer, fewer_labels ="): ROUNDING,
    ("lstm_gru", "of the last 50 steps, three seeds"): ROUNDING,
    ("recurrent", "right in percent, three seeds"): ROUNDING,
    ("sound", "net, losses = listener(0)"): ROUNDING,
    ("recurrent", "def outcome(lr, clip, seed)"): ROUNDING,
    ("recurrent", "def answers(model, x)"): ROUNDING,
}


class Cell:
    def __init__(self, tab, number):
        self.tab, self.number = tab, number
        self.node = tab.locator("div.cell:has(.live-tools)").nth(number - 1)
        self.area = self.node.locator("textarea")

    def button(self, name):
        return self.node.get_by_role("button", name=name)

    @property
    def state(self):
        return self.node.get_attribute("data-live")

    def run(self, code=None, wait="done"):
        if code is not None:
            if not self.area.count():
                self.button("Edit").click()
            self.area.fill(code)
        self.button(f"Run cell {self.number}").click()
        return self.wait(wait)

    def run_to_here(self):
        self.button("Run all to here").click()
        return self.wait("done")

    def wait(self, state):
        ended = [state, "done", "error", "stopped"]
        self.tab.wait_for_function(
            "([cell, states]) => states.includes(cell.dataset.live)",
            arg=[self.node.element_handle(), ended], timeout=HOURS)  # fmt: skip
        assert self.state == state, self.said
        return self

    @property
    def said(self):
        return "\n".join(self.node.locator(".live-output pre").all_text_contents())

    @property
    def note(self):
        return self.node.locator(".live-tools .live-note").inner_text()


@pytest.fixture
def opened(visit):
    """Open a chapter, agree to the fetching; its cells by number, from 1."""

    def open_page(path=PAGE, fetch=True, **options):
        tab = visit(path, **options)
        tab.set_default_timeout(HOURS)
        if fetch:
            tab.evaluate("localStorage.setItem('live python', 'small')")
        return lambda number: Cell(tab, number)

    return open_page


def kilobytes(*names):
    return sum((SITE / "python" / name).stat().st_size for name in names) / 1000


# --- Every cell of a chapter ----------------------------------------------------------------------

# Of a cell: its code, its classes, its state, what the book and what the page show, without pictures.
LOOK = """cells => cells.map(cell => {
  const text = boxes => [...boxes].flatMap(box => [...box.querySelectorAll("pre, table")])
    .filter(e => !e.closest("svg")).map(e => e.textContent).join("\\n");
  return {
    code: cell.querySelector(".cell_input pre").textContent.trim(),
    classes: [...cell.classList],
    state: cell.dataset.live,
    note: cell.querySelector(".live-tools .live-note").textContent,
    book: text(cell.querySelectorAll(".cell_output:not(.live-output)")),
    page: text(cell.querySelectorAll(".live-output")),
  };
})"""


def plain(text):
    """Lines without what may differ between two runs (nbval_sanitize.cfg), nor spaces at their ends."""
    text = re.sub("0x[0-9a-f]{6,}", "ADDRESS", text)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def reason(chapter, cell):
    """Why a cell need not print the book's characters; None if it must."""
    if "needs-torch" in cell["classes"]:
        return "PyTorch"
    if "tag_nbval-ignore-output" in cell["classes"]:
        return "measures time"
    return next((why for (where, code), why in DIFFERENT.items()
                 if where == chapter and code in cell["code"]), None)  # fmt: skip


def processor_seconds():
    browser = psutil.Process().children(recursive=True)
    return sum(sum(process.cpu_times()[:2]) for process in browser)


@pytest.mark.parametrize("chapter", EVERY)
def test_every_cell_prints_in_the_page_what_the_book_shows(opened, chapter, request):
    if not request.config.option.every_chapter and chapter not in SHORT:
        pytest.skip("make test-live runs all chapters")
    cell = opened(next(p for p in PAGES if Path(p).stem == chapter))
    tab = cell(1).tab
    last = cell(tab.locator(".live-tools").count())
    began, busy = time.monotonic(), processor_seconds()
    # The last cell is a solution, folded away; so its button is clicked as a program does.
    last.node.locator("button", has_text="Run all to here").dispatch_event("click")
    for awaited in (cell(1), last):
        tab.wait_for_function(
            "cell => ['done', 'error'].includes(cell.dataset.live)",
            arg=awaited.node.element_handle(), timeout=HOURS)  # fmt: skip
        if awaited is not last:
            first = time.monotonic() - began
    cells = tab.locator("div.cell:has(.live-tools)").evaluate_all(LOOK)
    # Others may work on this machine: of the seconds that a cell took, those that a processor was ours.
    share = min(1, (processor_seconds() - busy) / (time.monotonic() - began))
    seconds = [float(c["note"].split()[0]) * share for c in cells]
    agreed, wrong = 0, []
    for number, c in enumerate(cells, 1):
        why = reason(chapter, c)
        if why == "PyTorch":
            continue
        ended = c["state"] == "done" or why in DIFFERENT.values()
        same = plain(c["page"]) == plain(c["book"])
        agreed += same
        if not ended or not (same or why):
            shown = "\n".join([c["code"], "--- the book", c["book"], "--- the page", c["page"]])
            wrong.append(f"cell {number}:\n{shown}")
    refused = [c for c in cells if reason(chapter, c) == "PyTorch"]
    assert not refused or "PyTorch does not run in the page" in refused[0]["page"]
    counts = f"{len(cells)} cells, {agreed} agree, {len(refused)} need PyTorch"
    print(f"{chapter}: {counts}, the first result after {first:.0f} s, all {sum(seconds):.0f} s")
    if request.config.option.every_chapter:
        live.record(chapter, {c["code"]: s for c, s in zip(cells, seconds, strict=True)})
    assert not wrong, "\n\n".join(wrong)


def test_what_a_cell_leaves_half_done_where_pytorch_is_missing_is_missing_below_it():
    cells = [
        "import torch\nsizes, mean = {}, {}",
        "sizes['a'] = torch.ones(3)",
        "sizes['a']",
        "mean",
    ]
    assert live.needs_torch(cells) == [False, True, True, False]


# --- What is fetched, and when --------------------------------------------------------------------


def test_nothing_is_fetched_before_a_reader_agrees(opened):
    cell = opened(fetch=False)
    tab, asked = cell(1).tab, []
    tab.on("request", lambda r: asked.append(r.url))
    cell(2).button("Run cell 2").click()
    assert "MB" in cell(2).note
    assert "127.0.0.1" in cell(2).note
    cell(2).button("Not now").click()
    assert cell(2).note == ""
    assert not any("/python/" in url for url in asked)
    cell(2).button("Run all to here").click()
    cell(2).button(re.compile("Fetch .* MB and run")).click()
    cell(2).wait("done")
    assert cell(2).said == "loss 11.67 -> 3.21\n"
    data = [url.rsplit("/", 1)[1] for url in asked if "/data/" in url]
    assert data == ["penguins.csv"]  # which cell 1 asks for


def test_the_line_says_how_much(opened):
    cell = opened(fetch=False)
    cell(2).button("Run cell 2").click()
    said = float(re.search(r"([\d.]+) MB", cell(2).note)[1])
    files = [f.name for f in (SITE / "python").iterdir() if f.is_file() and f.suffix != ".md"]
    assert said == pytest.approx(kilobytes(*files) / 1000, abs=0.06)


def test_vendored_files_are_those_of_the_table():
    import hashlib

    vendored = ROOT / "_vendor" / "python"
    table = (vendored / "README.md").read_text("utf-8")
    for path in vendored.iterdir():
        if path.suffix in (".gz", ".zip", ".mjs", ".json", ".wasm"):
            assert hashlib.sha256(path.read_bytes()).hexdigest() in table, path.name


# --- A cell ---------------------------------------------------------------------------------------


def test_state_values_and_errors_with_their_line(opened):
    cell = opened()
    cell(2).run("a = 20\nprint('printed')\na + 1")
    assert cell(2).said == "printed\n21\n"
    cell(3).run("b = a * 2\n\nb / 0", wait="error")
    assert 'File "cell 3", line 3' in cell(3).said
    assert "b / 0" in cell(3).said
    assert "ZeroDivisionError" in cell(3).said
    cell(2).run("b")
    assert cell(2).said == "40\n"
    cell(2).run("never_made", wait="error")
    assert "Have the cells above been run?" in cell(2).note
    cell(2).run("def f(:", wait="error")
    assert "SyntaxError" in cell(2).said
    cell(2).run("import dlbook\ndlbook.show(dlbook.functional.relu)")
    assert "def relu" in cell(2).said or "relu" in cell(2).said
    cell(2).run("import torch\ntorch.tensor(1)", wait="error")
    assert "PyTorch does not run in the page" in cell(2).said


def test_picture_stays_and_the_line_says_so(opened):
    cell = opened()
    figure = next(n for n in range(2, 20) if cell(n).node.locator("img").count())
    cell(figure).run_to_here()
    assert cell(figure).node.locator("img").first.is_visible()
    assert "The picture is the book's" in cell(figure).node.locator(".live-picture").inner_text()


def test_keyboard_edits_and_runs(opened):
    cell = opened()
    keys = cell(2).tab.keyboard
    cell(2).button("Edit").press("Enter")
    keys.press("Control+a")
    keys.type("for i in range(2):\nprint(i)")  # the line after a colon is indented
    keys.press("Control+Enter")
    cell(2).wait("done")
    assert cell(2).said == "0\n1\n"
    keys.press("Control+z")  # what was typed can be undone
    assert cell(2).area.input_value() != "for i in range(2):\n    print(i)"
    keys.press("Escape")
    assert cell(2).tab.evaluate("document.activeElement.textContent") == "Run"
    cell(2).area.fill("print(7)")
    cell(2).area.press("Shift+Enter")
    cell(2).wait("done")
    assert cell(2).said == "7\n"
    copied = "i => document.querySelector(i.querySelector('.copybtn').dataset.clipboardTarget).textContent"
    assert cell(2).node.evaluate(copied) == "print(7)"
    cell(2).button("Restore").click()
    assert not cell(2).area.count()
    assert "theta0" in cell(2).node.evaluate(copied)
    assert cell(2).tab.evaluate("document.activeElement.textContent") == "Edit"


TRAINING = """
import numpy as np
import dlbook
from dlbook import data, nn, optim
images, labels = data.digits()
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(EPOCHS):
    for x, y in data.DataLoader((images.reshape(len(images), -1), labels), batch_size=32):
        dlbook.train_step(model, nn.CrossEntropyLoss(), optimizer, x, y)
    print("epoch", epoch)
"""


def test_stop_in_the_middle_of_a_training(opened):
    cell = opened()
    cell(2).run(TRAINING.replace("EPOCHS", "10**9"), wait="running")
    cell(2).tab.wait_for_function(
        "cell => cell.querySelector('.live-output pre')?.textContent.includes('epoch 1')",
        arg=cell(2).node.element_handle(), timeout=HOURS)  # fmt: skip
    cell(2).button("Stop").click()
    assert cell(2).state == "stopped"
    assert "forgotten everything" in cell(2).note
    cell(3).run("model", wait="error")
    assert "NameError" in cell(3).said
    cell(2).run(TRAINING.replace("EPOCHS", "2"))
    assert cell(2).said == "epoch 0\nepoch 1\n"
    cell(2).button("Reset").click()
    assert cell(2).state is None
    assert not cell(2).node.locator(".live-output").count()
    assert cell(2).node.locator(".cell_output").first.is_visible()


def test_exercise_is_solved_in_the_page_and_outlives_a_reload(opened):
    cell = opened()
    tab = cell(1).tab
    codes = tab.locator("div.cell:has(.live-tools) .cell_input pre").all_text_contents()
    stub, solution = (
        n for n, c in enumerate(codes, 1) if 'check("linear_regression.6"' in c and "step=" not in c
    )
    cell(stub).run_to_here()
    assert "✗ not written yet" in cell(stub).said
    cell(stub).run(codes[solution - 1])
    assert "linear_regression.6 ✓" in cell(stub).said
    tab.reload(wait_until="networkidle")
    assert cell(stub).area.input_value().strip() == codes[solution - 1].strip()
    assert cell(stub).button("Restore").is_visible()
    assert not cell(solution).area.count()
    cell(stub).button("Restore").click()
    tab.reload(wait_until="networkidle")
    assert not cell(stub).area.count()


# --- Other places, other readers ------------------------------------------------------------------


def test_from_the_file_system_it_says_that_the_book_must_be_served(visit):
    cell = Cell(visit(PAGE, base=SITE.resolve().as_uri()), 2)
    cell.button("Run cell 2").click()
    assert "make serve" in cell.note
    assert not cell.node.locator(".live-note button").count()


def test_under_a_path_of_a_site(opened, server_of):
    cell = opened(f"{SITE.name}/{PAGE}", base=server_of(SITE.parent))
    assert cell(2).run("print(1 + 1)").said == "2\n"


def test_phone_and_reduced_motion(opened):
    cell = opened(viewport=PHONE, reduced_motion="reduce")
    cell(2).run("print('x' * 500)\n1 / 0", wait="error")
    assert cell(2).tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert cell(2).tab.evaluate("document.getAnimations().length") == 0
    for box in cell(2).node.locator(".live-tools button:visible").all():
        assert box.bounding_box()["height"] >= 24


def test_print_shows_code_and_output_and_no_buttons(opened):
    cell = opened()
    cell(2).run("print('edited')")
    cell(2).tab.emulate_media(media="print")
    assert not cell(2).node.locator(".live-tools button:visible").count()
    assert not cell(2).area.is_visible()
    assert cell(2).node.locator(".cell_input pre").is_visible()
    assert cell(2).node.locator(".live-output pre").is_visible()


def test_without_javascript_there_are_no_buttons(browser, server):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{server}/{PAGE}")
    assert not tab.locator(".live-tools").count()
    assert tab.locator(".cell_output").first.is_visible()
    context.close()


def test_status_is_spoken_and_buttons_are_named(opened):
    cell = opened()
    cell(2).run("1")
    assert "Cell 2 is done" in cell(2).tab.locator("[role=status]").inner_text()
    pairs = "all => all.map(b => [b.textContent, b.getAttribute('aria-label')])"
    buttons = cell(2).tab.locator(".live-tools button").evaluate_all(pairs)
    assert all(label.startswith(text) for text, label in buttons)
    labels = [label for text, label in buttons if text != "Reset"]
    assert len(set(labels)) == len(labels)


# --- The second choice: a Python that draws, from another host ------------------------------------


def test_other_host_is_asked_only_after_a_choice_that_names_it(browser, server):
    asked = []

    def refuse(route):
        asked.append(route.request.url)
        route.abort()

    context = browser.new_context()
    context.route(re.compile("^https:"), refuse)
    tab = context.new_page()
    tab.set_default_timeout(HOURS)
    tab.goto(f"{server}/{PAGE}", wait_until="networkidle")
    tab.evaluate("localStorage.setItem('live python', 'small')")
    cell = Cell(tab, 2)
    cell.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    draw = cell.button(re.compile("Draw it"))
    assert "MB from cdn.jsdelivr.net" in draw.inner_text()
    assert not asked
    draw.click()
    small = tab.get_by_role("button", name="Take the small one of this site")
    small.wait_for(timeout=HOURS)
    assert "did not start (from cdn.jsdelivr.net)" in Cell(tab, 1).note
    assert asked
    assert all(url.startswith("https://cdn.jsdelivr.net/pyodide/v") for url in asked)
    small.click()
    assert cell.run("print(1)").said == "1\n"
    context.close()


def test_a_cell_may_reckon_with_what_is_not_drawn():
    spec = importlib.util.spec_from_file_location("cells", ROOT / "_vendor" / "python" / "cells.py")
    cells = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cells)
    colour = cells.Nothing()
    assert "white" if sum(colour[:3]) / 3 < 0.4 else "black"


DRAWS = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("cells", sys.argv[1])
cells = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cells)
told = []
run = cells.start(lambda kind, value: told.append([kind, str(value)[:9]]), None, True)
run("cell 1", "import matplotlib.pyplot as plt\\nplt.plot([1, 2])\\nplt.show()\\nplt.figure()\\nprint(3)")
run("cell 2", "from dlbook import plot\\nplot.use_style()\\nplot.curves({'loss': [1, 2]})")
sys.__stdout__.write(json.dumps(told))
"""


def test_with_matplotlib_cells_hand_over_their_figures():
    # The other host cannot be asked here; what runs there is the same file, tried with this matplotlib.
    done = subprocess.run(
        [sys.executable, "-c", DRAWS, ROOT / "_vendor" / "python" / "cells.py"],
        capture_output=True, text=True, check=True)  # fmt: skip
    kinds = [kind for kind, _ in json.loads(done.stdout)]
    assert kinds == ["out", "out", "png", "png", "out", "png"]
