"""The published notebooks: what their sources give, executed, readable without seeing, compared by nbval."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

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


@each_notebook
def test_notebook_opens_with_the_cell_that_installs_dlbook(path):
    first = code_cells(path)[0]
    assert first.source == notebooks.INSTALL.format(url=notebooks.repository())
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


def test_a_changed_digit_in_a_stored_output_fails(tmp_path):
    cell = nbformat.v4.new_code_cell("print(f'{2 / 3:.4f}')", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="0.6667\n")]
    path = tmp_path / "small.ipynb"

    def verdict():
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
        # With the project's own settings, conftest.py and sanitizer, as in `make test`.
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}",
                   f"--config-file={ROOT / 'pyproject.toml'}", str(path)]  # fmt: skip
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert verdict().returncode == 0, verdict().stdout
    cell.outputs[0].text = "0.6666\n"
    failed = verdict()
    assert failed.returncode == 1
    assert "1 failed" in failed.stdout


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
    owner_and_name = "/".join(notebooks.repository().split("/")[-2:])
    holders = {name for name, text in tracked_text() if owner_and_name in text}
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
