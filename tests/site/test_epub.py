"""The book for readers of e-books, by `make epub`."""

import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile

import epub
import pytest
from pdf import ROOT, rendered

NAMES = ["linear_regression", "losses"]
XHTML = "{http://www.w3.org/1999/xhtml}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
OPF = "{http://www.idpf.org/2007/opf}"


@pytest.fixture(scope="module")
def files(browser, tmp_path_factory):
    path = tmp_path_factory.mktemp("epub") / "two.epub"
    epub.write_epub(browser, NAMES, path)
    with zipfile.ZipFile(path) as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        return {name: book.read(name) for name in book.namelist()}


@pytest.fixture(scope="module")
def documents(files):
    return {name: ET.fromstring(text) for name, text in files.items() if name.endswith(".xhtml")}


def test_the_package_names_every_file(files):
    package = ET.fromstring(files["EPUB/book.opf"])
    items = {item.get("id"): item.get("href") for item in package.iter(f"{OPF}item")}
    held = {name.removeprefix("EPUB/") for name in files if name.startswith("EPUB/")}
    assert sorted(items.values()) == sorted(held - {"book.opf"})
    spine = [items[entry.get("idref")] for entry in package.iter(f"{OPF}itemref")]
    assert spine == [f"{name}.xhtml" for name in NAMES]
    assert package.find(f".//{OPF}item[@properties='nav']").get("href") == "nav.xhtml"


def test_every_link_and_picture_leads_somewhere(files, documents):
    ids = {
        name: [e.get("id") for e in root.iter() if e.get("id")] for name, root in documents.items()
    }
    for name, root in documents.items():
        assert len(ids[name]) == len(set(ids[name])), name
        for element in root.iter():
            target = element.get("href") or element.get("src")
            if not target or target.startswith(("https:", "http:")):
                continue
            file, _, place = target.partition("#")
            to = posixpath.join("EPUB", file) if file else name
            assert to in files, (name, target)
            assert not place or place in ids[to], (name, target)


@pytest.mark.parametrize("name", NAMES)
def test_formulas_are_mathematics_with_their_numbers(documents, name):
    root = documents[f"EPUB/{name}.xhtml"]
    article = rendered(name).partition("<article")[2].partition("</article>")[0]
    formulas = list(root.iter(f"{MATH}math"))
    assert len(formulas) == article.count("<math ") > 20
    assert all(e.tag.startswith(MATH) for formula in formulas for e in formula.iter())
    chapter = root.find(f".//{XHTML}h1").text.split()[0]
    source = (ROOT / "chapters" / "source" / f"{name}.md").read_text("utf-8")
    numbers = [e.text for e in root.iter(f"{XHTML}span") if e.get("class") == "number"]
    assert numbers == [f"({chapter}.{k})" for k in re.findall(r"\\tag\{\.(\w+)\}", source)]


def test_no_script_and_nothing_for_dark_pages(documents):
    for root in documents.values():
        tags = {e.tag for e in root.iter()}
        assert not tags & {f"{XHTML}script", f"{XHTML}style", f"{XHTML}button"}
        assert not [e for e in root.iter() if "only-dark" in (e.get("class") or "")]
