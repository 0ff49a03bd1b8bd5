"""The published notebooks: what their sources give, executed, readable without seeing, compared by nbval."""

import base64
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import elsewhere
import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
PICTURES = {"image/png", "image/jpeg", "image/svg+xml", "image/gif"}

spec = importlib.util.spec_from_file_location("notebooks", ROOT / "tools" / "notebooks.py")
notebooks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(notebooks)

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def describes_a_picture(alt):
    """Whether an alt text says something: a few words, and not a file's name."""
    return len(alt.split()) >= 4 and not re.search(r"/|\.(png|svg|jpe?g)\b", alt)


def test_every_source_is_published_and_the_other_way_round():
    assert NOTEBOOKS
    assert [notebooks.published(source) for source in notebooks.sources()] == NOTEBOOKS


def test_every_notebook_is_in_the_table_of_contents():
    def files(entry):
        if isinstance(entry, dict):
            for key, value in entry.items():
                yield from [value] if key in ("file", "root") else files(value)
        elif isinstance(entry, list):
            for part in entry:
                yield from files(part)

    listed = set(files(yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))))
    assert {f"chapters/{path.stem}" for path in NOTEBOOKS} <= listed


@pytest.mark.parametrize("source", notebooks.sources(), ids=lambda path: path.stem)
def test_notebook_is_what_its_source_gives(source):
    assert notebooks.drift(source) is None, f"{notebooks.drift(source)}: run `make notebooks`"


# --- Numbers stand in one place: _toc.yml ---------------------------------------------------------


def test_the_package_knows_the_order_of_the_chapters():
    assert notebooks.out_of_order() is None


LITERAL = {
    "chapter": r"\b[Cc]hapters? \d|\]\(\w+\.md\)(?:,|,? and| to| or) \d",
    "equation": r"\\tag\{\d|(?<![\w.])\(\d{1,2}\.\d{1,2}[a-z]?\)",
    "exercise": r"\b[Ee]xercises? \d",
}


@pytest.mark.parametrize("source", notebooks.sources(), ids=lambda path: path.stem)
def test_no_number_stands_in_a_source_and_every_mention_is_a_link(source):
    """Written as a place, tools/notebooks.py makes a number and, outside of code, a link of it."""
    text = source.read_text("utf-8")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for what, pattern in LITERAL.items():
        assert not re.findall(pattern, prose), f"a number of a {what}: see tools/notebooks.py"
    cells = notebooks.convert(source).cells
    for cell in cells:
        assert "{chapter}" not in cell.source
        if cell.cell_type == "markdown":
            bare = re.sub(r"(?s:\$\$.*?\$\$)|\[[^]]*\]\([^)]*\)|^#.*", "", cell.source, flags=re.M)
            assert not re.search(r"\b[Cc]hapter \d|\(\d+\.\d+\)|\b[Ee]xercise \d", bare), bare


def test_a_chapter_in_the_middle_moves_the_numbers_behind_it(monkeypatch):
    text = """# Layers

$$z \\tag{.2}$$

By (.2) and (before.1), [{chapter}](after.md) and exercise after.3; [{Chapter}](before.md),
chapters [{number}](before.md) and [{number}](after.md)

### Exercise .4: x"""
    moved = []
    for names in (["before", "layers", "after"], ["before", "new", "layers", "newer", "after"]):
        monkeypatch.setattr(
            notebooks, "numbers", lambda names=names: {n: k for k, n in enumerate(names, 1)}
        )
        moved.append(notebooks.filled(text, "layers"))
    assert (
        moved[0]
        == """# 2 Layers

$$z \\tag{2.2}$$

By [(2.2)](#eq-2) and [(1.1)](before.ipynb#eq-1), [chapter 3](after.ipynb) and \
[exercise 3.3](after.ipynb#exercise-3); [Chapter 1](before.ipynb),
chapters [1](before.ipynb) and [3](after.ipynb)

### Exercise 2.4: x"""
    )
    assert "# 3 Layers" in moved[1]
    assert "[(3.2)](#eq-2) and [(1.1)]" in moved[1]
    assert "[chapter 5](after.ipynb) and [exercise 5.3]" in moved[1]
    formula = "$$a \\tag{.2} \\text{then (.1)}$$"
    assert notebooks.filled(formula, "layers") == "$$a \\tag{3.2} \\text{then (3.1)}$$"
    code = "a = f(1.5)  # (.2), [{chapter}](before.md)"
    assert notebooks.filled(code, "layers", link=False) == "a = f(1.5)  # (3.2), chapter 1"
    with pytest.raises(SystemExit, match="no chapter 'gone'"):
        notebooks.filled("[{chapter}](gone.md)", "layers")


MEANT = {
    "fit": "train.fit",
    "nn.Linear(2, 3)": "nn.Linear",
    "F.relu": "functional.relu",
    "cross_entropy": "primitives.cross_entropy",
    "Carry": "train.Carry",
    "dlbook.optim.SGD": "optim.SGD",
}


@pytest.mark.parametrize("text", [*MEANT, "forget", "step", "sum", "x + y"])
def test_names_of_the_package_lead_to_the_reference(monkeypatch, text):
    """A word that is also a name, such as "forget", stays a word."""
    monkeypatch.syspath_prepend(str(ROOT / "_ext"))
    import names

    words = ("primitives.sum", "data.step", "train.forget")
    known = {f"dlbook.{name}" for name in (*MEANT.values(), *words)}
    meant = MEANT.get(text)
    assert names.target(text, known) == (meant and f"dlbook.{meant}")


@each_notebook
def test_notebook_opens_with_the_cell_that_installs_dlbook(path):
    first = code_cells(path)[0]
    assert first.source == notebooks.first_cell(notebooks.addresses()[1])
    assert first.metadata.tags == ["remove-cell"]


@each_notebook
def test_notebook_was_executed_from_top_to_bottom_without_error(path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert all(output.output_type != "error" for output in cell.outputs), cell.source
        assert all(output.get("name") != "stderr" for output in cell.outputs), cell.source


@each_notebook
def test_every_figure_says_in_words_what_it_shows(path):
    for cell in code_cells(path):
        if any(PICTURES & set(output.get("data", {})) for output in cell.outputs):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert describes_a_picture(alt), f"alt text {alt!r} of the figure of\n{cell.source}"


def pictures(cell):
    """How many pictures a cell shows: those it draws, or those in its text."""
    if cell.cell_type == "markdown":
        return len(re.findall(r"^!\[", cell.source, re.M))
    shown = [output.get("data", {}) for output in cell.outputs]
    return sum(bool(PICTURES & set(d)) or "dlbook-viz" in d.get("text/html", "") for d in shown)


def captioned(cells):
    """The captions of a notebook's figures in order, None for a figure that has none below it."""
    for cell, following in zip(cells, [*cells[1:], nbformat.v4.new_markdown_cell()], strict=True):
        if pictures(cell):
            text = cell.source if cell.cell_type == "markdown" else following.source
            yield re.search(r"^\*\*Figure (?:\d+\.)?(\d+)\.\*\* .*", text, re.M)


@each_notebook
def test_letters_of_a_picture_can_be_read_on_a_phone(path):
    """At most 704 pixels, 6.4 inches: 350 px wide, on a phone, ten points are eight pixels high."""
    widths = [
        int.from_bytes(base64.b64decode(output["data"]["image/png"])[16:20], "big")
        for cell in code_cells(path)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert [width for width in widths if width > 704] == []


@each_notebook
def test_every_figure_has_a_number_and_a_caption_that_can_be_read_alone(path):
    found = list(captioned(nbformat.read(path, as_version=4).cells))
    assert None not in found, f"{path.stem}: figure {found.index(None) + 1} has no caption below it"
    assert [int(caption[1]) for caption in found] == list(range(1, len(found) + 1))
    assert all(len(caption[0].split()) >= 10 for caption in found)


def test_a_figure_without_a_caption_is_found():
    markdown = nbformat.v4.new_markdown_cell
    drawn = nbformat.v4.new_code_cell()
    drawn.outputs = [nbformat.v4.new_output("display_data", data={"image/png": ""})]
    cells = [drawn, markdown("**Figure 5.1.** What is seen."), drawn, markdown("Text.")]
    assert [caption and caption[1] for caption in captioned(cells)] == ["1", None]
    assert list(captioned([markdown("![a b c d](x.svg)")])) == [None]


WORK = ["on paper", "a line", "a few lines", "an hour", "an evening"]
each_chapter = pytest.mark.parametrize("name", notebooks.numbers())


@each_chapter
def test_a_chapter_says_its_goals_the_work_of_its_exercises_and_asks_why(name):
    text = (ROOT / "chapters" / "source" / f"{name}.md").read_text("utf-8")
    for opening in ("**After this chapter you can**", "**You need**", "**Time.**"):
        assert len(re.findall(rf"^> {re.escape(opening)}", text, re.M)) == 1, opening
    for heading in re.findall(r"^### Exercise .*$", text, re.M):
        assert re.search(rf" \(({'|'.join(WORK)})\)$", heading), (
            f"{heading}: expected one of {WORK}"
        )
    questions = re.findall(r"^### Question \.(\d+): .*?^<details><summary>", text, re.M | re.S)
    assert [int(n) for n in questions] == list(range(1, len(questions) + 1))
    assert len(questions) >= 2, "two questions why or what if, with a folded answer"


@each_notebook
def test_no_line_of_output_says_only_true_or_false(path):
    """A number can be doubted: what varies is asserted, what was measured is printed."""
    printed = [output.get("text", "") for cell in code_cells(path) for output in cell.outputs]
    lines = [line for text in printed for line in text.splitlines()]
    assert not [line for line in lines if re.search(r"(^|[:\s])(True|False)\s*$", line)]


@each_notebook
def test_no_cell_asserts_seconds(path):
    """Machines differ, and others work on this one: what a clock says is printed, at most."""
    for cell in code_cells(path):
        clocked = set(
            re.findall(r"(\w+) = .*(?:perf_counter|process_time|time\.time)\(", cell.source)
        )
        for line in re.findall(r"^\s*assert .*", cell.source, re.M):
            assert not clocked & set(re.findall(r"\w+", line)), line
            assert not re.search(r"perf_counter|process_time|time\.time|seconds", line), line


@pytest.mark.parametrize("page", sorted((ROOT / "chapters").rglob("*.md")), ids=lambda p: p.stem)
def test_every_picture_in_the_text_says_in_words_what_it_shows(page):
    text = page.read_text("utf-8")
    for alt in re.findall(r"!\[([^\]]*)\]\(", text) + re.findall(r'<img[^>]*?alt="([^"]*)"', text):
        assert describes_a_picture(alt), f"alt text {alt!r}"
    for block in re.findall(r"^(?:```|:::)+\{(?:figure|image)\}.*?^(?:```|:::)", text, re.M | re.S):
        alt = re.search(r"^:alt: (.*)$", block, re.M)
        assert alt, f"no alt text in\n{block}"
        assert describes_a_picture(alt[1]), f"alt text {alt[1]!r}"


def test_alt_text_must_say_something():
    assert describes_a_picture("Loss falls from 2.3 to 0.1 in ten epochs")
    assert not describes_a_picture("")
    assert not describes_a_picture("figure")
    assert not describes_a_picture("the picture in ../_images/loss.png")


HERE = f"""
import os, sys, dlbook
from pathlib import Path
assert os.listdir() == [], "not in an empty folder"
assert Path(sys.prefix) in Path(dlbook.__file__).parents, "not the wheel"
assert Path(sys.prefix) != Path({sys.prefix!r}), "the Python of the tests"
assert dlbook.data.penguins()
"""
TWO_THIRDS = "print(f'{2 / 3:.4f}')"
NOTEBOOKS_FOR_NBVAL = {  # the code of a cell, what it printed, what nbval must say of it
    "right": (TWO_THIRDS, "0.6667\n", None),
    "tampered": (TWO_THIRDS, "0.6666\n", r"-0\.6666\n\+0\.6667\n\ncell 0 of tampered\.ipynb"),
    "elsewhere": (HERE, "", None),
    "repository": ("open('README.md').close()", "", "FileNotFoundError"),
    "not_in_the_wheel": ("import elsewhere", "", "ModuleNotFoundError"),
}


def test_nbval_compares_outputs_elsewhere(tmp_path):
    """With the settings of `make test`: an error or another output is seen, and only the wheel is there."""
    for name, (code, text, _) in NOTEBOOKS_FOR_NBVAL.items():
        cell = nbformat.v4.new_code_cell(code, execution_count=1)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "-v", "-p", "conftest", f"--rootdir={ROOT}",
               f"--config-file={ROOT / 'pyproject.toml'}", "-o", f"cache_dir={tmp_path / 'cache'}",
               str(tmp_path)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    assert done.splitlines()[-1].strip("= ").startswith("3 failed, 2 passed"), done
    for name, (_, _, message) in NOTEBOOKS_FOR_NBVAL.items():
        assert re.search(rf"{name}.ipynb::Cell 0 {'FAILED' if message else 'PASSED'}", done), done
        assert message is None or re.search(message, done), done

    notes = (tmp_path / "cache" / "v" / "passed").iterdir()  # for `make check`
    passed = {path.name: note for path in notes if (note := json.loads(path.read_text("utf-8")))}
    assert set(passed) == {"right", "elsewhere"}
    assert passed["right"]["opened"] == []
    opened = set(passed["elsewhere"]["opened"])
    assert {"__init__.py", "data/sets/tables.py", "data/files/penguins.csv"} <= opened
    assert not {"plot.py", "data/files/co2_weekly.csv"} & opened


def test_a_notebook_is_left_out_only_while_nothing_that_it_opened_has_changed(tmp_path):
    """What `make check` compares: the notebook, the files it opened, the names of all."""
    for name in ("used.py", "unused.py", "sub/used.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)

    def digest(notebook="text", options=()):
        return elsewhere.digest(notebook, tmp_path, ["sub/used.csv", "used.py"], options)

    passed = digest()
    (tmp_path / "unused.py").write_text("changed")
    assert digest() == passed
    assert digest("other text") != passed
    assert digest(options=["--nbval-lax"]) != passed
    for name in ("used.py", "sub/used.csv"):
        (tmp_path / name).write_text("changed")
        assert digest() != passed
        (tmp_path / name).write_text(name)
    assert digest() == passed
    (tmp_path / "new.py").touch()
    assert digest() != passed
    (tmp_path / "new.py").unlink()
    (tmp_path / "used.py").unlink()
    assert digest() != passed


def tracked_text():
    """(name, text) of every file that is committed or about to be, third-party and data files left out."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT,
                           capture_output=True, text=True, check=True).stdout  # fmt: skip
    for name in filter(None, names.split("\0")):
        if not name.startswith(("_vendor/", "dlbook/data/files/")) and (ROOT / name).is_file():
            text = (ROOT / name).read_text("utf-8", errors="replace")
            yield (
                name,
                re.sub(r'"image/png": "[^"]*"', '"image/png": ""', text),
            )  # any letters at all


def test_the_address_of_the_project_stands_in_one_place():
    repository, site = notebooks.addresses()
    for address in ("/".join(repository.split("/")[-2:]), site):
        holders = {name for name, text in tracked_text() if address in text}
        generated = {path.relative_to(ROOT).as_posix() for path in NOTEBOOKS}
        assert holders - generated == {"_config.yml"}


def test_nothing_of_one_machine_is_in_the_repository():
    forbidden = re.compile(
        r"/(?:work|root|home|Users|tmp|opt)/\w"  # a path of one machine
        r"|(?:gh[pousr]_|github_pat_|sk-|AKIA)\w{16,}|BEGIN [A-Z ]*PRIVATE KEY"  # a credential
    )
    found = [
        f"{name}: {hit[0]}"
        for name, text in tracked_text()
        for hit in forbidden.finditer(text)
        if name not in ("tests/test_book.py",)
    ]
    assert not found, "\n".join(found)


def test_the_address_is_one_that_colab_and_pip_understand():
    url = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]
    assert re.fullmatch(r"https://github\.com/[^/]+/[^/]+(?<!\.git)", url), (
        f"repository.url is {url}: expected https://github.com/NAME/REPOSITORY"
    )
