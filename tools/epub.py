"""Put rendered pages into an EPUB, for readers of e-books: _build/print/book.epub.

python tools/epub.py            the whole book
python tools/epub.py losses     a chapter, by its number or the beginning of its name

tools/epub.js makes XHTML of the pages of _build/html, with MathML for the formulas.
"""

import argparse
import datetime
import html
import sys
import uuid
import zipfile
from pathlib import Path
from urllib.parse import unquote

import yaml
from browser import launch
from notebooks import is_called
from pdf import OUT, ROOT, SITE, contents, rendered
from playwright.sync_api import sync_playwright

KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{id}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:creator>{author}</dc:creator>
<dc:language>en</dc:language>
<meta property="dcterms:modified">{now}</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
</metadata>
<manifest>
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""
NAVIGATION = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en">
<head><title>Contents</title><link rel="stylesheet" href="epub.css"/></head>
<body><nav epub:type="toc"><h1>Contents</h1><ol>
{entries}
</ol></nav></body>
</html>
"""


def navigation(order, titles):
    """The contents: a list of the pages within each part."""
    lines, opened = [], False
    for name, part in order.items():
        if name not in titles:
            continue
        if part:
            lines += ["</ol></li>"] * opened + [f"<li><span>{html.escape(part)}</span><ol>"]
            opened = True
        lines.append(f'<li><a href="{name}.xhtml">{html.escape(titles[name])}</a></li>')
    return NAVIGATION.format(entries="\n".join(lines + ["</ol></li>"] * opened))


def write_epub(browser, names, path):
    path.parent.mkdir(exist_ok=True)
    make = (ROOT / "tools" / "epub.js").read_text("utf-8")
    page = browser.new_page()
    static = SITE / "_static"
    files = {  # name in the EPUB: (content, type, properties)
        "epub.css": ((ROOT / "_static" / "epub.css").read_bytes(), "text/css", ""),
        "pygments.css": ((static / "pygments.css").read_bytes(), "text/css", ""),
        "styles.css": ((static / "inline" / "styles.css").read_bytes(), "text/css", ""),
    }
    titles = {}
    for name in names:
        made = page.evaluate(make, {"name": name, "html": rendered(name), "pages": names})
        titles[name] = made["title"]
        kind = "application/xhtml+xml"
        files[f"{name}.xhtml"] = (made["xhtml"].encode(), kind, " ".join(made["properties"]))
        for image, src in made["images"].items():
            if src.startswith("data:"):
                content = unquote(src.partition(",")[2]).encode()
            else:
                content = (SITE / "chapters" / src).read_bytes()
            files[f"images/{image}"] = (content, KINDS[Path(image).suffix], "")
    page.close()
    order = contents()
    if not any(order[name] for name in names):
        order = order | {names[0]: "Chapter"}
    nav = navigation(order, titles).encode()
    files["nav.xhtml"] = (nav, "application/xhtml+xml", "nav")

    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    item = '<item id="f{}" href="{}" media-type="{}"{}/>'
    package = PACKAGE.format(
        id=uuid.uuid5(uuid.NAMESPACE_URL, " ".join([config["title"], *names])),
        title=html.escape(config["title"]),
        author=html.escape(config["author"]),
        now=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        items="\n".join(
            item.format(k, file, kind, f' properties="{properties}"' if properties else "")
            for k, (file, (_, kind, properties)) in enumerate(files.items())
        ),
        spine="\n".join(
            f'<itemref idref="f{k}"/>'
            for k, file in enumerate(files)
            if file.removesuffix(".xhtml") in names
        ),
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("EPUB/book.opf", package)
        for file, (content, _, _) in files.items():
            book.writestr(f"EPUB/{file}", content)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "name", nargs="?", help="the number of a chapter or the beginning of its name"
    )
    name = parser.parse_args().name
    names = [page for page in contents() if not name or is_called(Path(page), name)]
    if not names:
        sys.exit(f"There is no chapter {name!r}")
    path = OUT / f"{'_'.join(names) if name else 'book'}.epub"
    with sync_playwright() as playwright:
        write_epub(launch(playwright), names, path)
    print(f"{path.relative_to(ROOT)}: {len(names)} chapters, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
