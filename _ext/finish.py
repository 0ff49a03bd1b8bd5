"""What the theme leaves undone in its pages: inline code, weight nobody needs, sizes of images, titles."""

import hashlib
import os
import re
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset
from PIL import Image

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"

# Scripts that nothing here uses (web fonts draw the icons without 1.5 MB of script; Sphinx Design's
# tabs; what Thebe would need; Sphinx's search), and styles for the same.
UNUSED = re.compile(
    r"\s*<script[^>]*(?:(?:fontawesome|design-tabs|searchtools|language_data|searchindex)\.js|thebe)[^>]*>"
    r"[^<]*</script>"
    r"|\s*<script>kernelName[^<]*</script>"
    r"|\s*<link[^>]*(?:sphinx-design\.min|sphinx-thebe)\.css[^>]*/>"
)
IMAGE = re.compile(
    r"<img ((?:(?!\bwidth=|\bloading=)[^>])*)src=\"([^\"]*_images/[^\"]+\.(?:png|webp|svg))\"([^>]*)>"
)
VIEWPORT = re.compile(r"\s*<meta name=\"viewport\"[^>]*>")
SCRIPT = re.compile(r"<script(?: data-cfasync=\"false\")?>(.*?)</script>", re.S)
STYLE = re.compile(r"<style>(.*?)</style>", re.S)
WITHIN = r"""(?:[^<>"']|"[^"]*"|'[^']*')*"""  # a tag; an attribute may hold a whole picture
STYLED = re.compile(rf"""<([a-zA-Z]{WITHIN}?)\sstyle="([^"]*)"({WITHIN})>""")
CLASS = re.compile(r"\bclass=\"([^\"]*)\"")
ONCLICK = re.compile(r" onclick=\"[^\"]*\"")  # _static/book.js does it
SHEET = re.compile(  # not the one that is only for pages without scripts
    r"<noscript>.*?</noscript>|\s*<link(?=[^>]*rel=\"stylesheet\")[^>]*href=\"([^\"?]+)[^>]*>", re.S
)
# The theme measures everything that may be wider than its column before a page can be used;
# book.js has more patience.
MEASURES = re.compile(r"\[\"pre\",[^\]]*\]\.join\(\", \"\)")
LOADED = re.compile(r"\s*<script[^>]* src=\"([^\"]+)\"></script>")
# A page runs what lies beside it, Python's WebAssembly, what a cell draws (blob:) or plays (data:), and,
# after a click that says so, Pyodide's host.
POLICY = (
    "default-src 'self'; script-src 'self' blob: 'wasm-unsafe-eval'; img-src 'self' data: blob:;"
    " media-src 'self' data: blob:;"
    " font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' data: blob: https://cdn.jsdelivr.net;"
    " object-src 'none'; base-uri 'self'"
)


# Known before the first picture; else both of a pair are shown, and fetched, until the theme's script runs.
AUTO = 'localStorage.getItem("theme") || "auto"'
DARK = 'matchMedia("(prefers-color-scheme: dark)").matches'
CHOICE = f'localStorage.getItem("theme") || ({DARK} ? "dark" : "light")'


def size_of(path):
    """Width and height in pixels; None for a drawing that is as wide as the page."""
    if path.suffix != ".svg":
        with Image.open(path) as image:
            return image.size
    found = re.search(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"', path.read_text("utf-8"))
    return found and [float(points) / 0.75 for points in found.groups()]


def finish(page, text, static):
    """A page's text, with what stood inline put into files of `static`; a finished page does not change."""
    to_static = "../" * (len(page.relative_to(static.parent).parents) - 1) + "_static/inline/"
    text = UNUSED.sub("", text)
    text = text.replace('data-theme="auto"', 'data-theme="light"', 1).replace(AUTO, CHOICE, 1)
    text = ONCLICK.sub("", text)

    def filed(content, ending):
        name = hashlib.sha256(content.encode()).hexdigest()[:12] + ending
        (static / "inline" / name).write_text(content.strip() + "\n", "utf-8")
        return to_static + name

    text = SCRIPT.sub(lambda m: f'<script src="{filed(m[1], ".js")}"></script>', text)
    text = STYLE.sub(lambda m: f'<link rel="stylesheet" href="{filed(m[1], ".css")}">', text)

    def classed(m):
        before, style, after = m.groups()
        name = "s" + hashlib.sha256(style.encode()).hexdigest()[:8]
        styles[name] = style
        tag = before + after
        if CLASS.search(tag):
            tag = CLASS.sub(lambda c: f'class="{c[1]} {name}"', tag, count=1)
        else:
            start, *rest = tag.split(" ", 1)
            tag = " ".join([start, f'class="{name}"', *rest])
        return f"<{tag}>"

    styles = {}
    text = STYLED.sub(classed, text)
    with (static / "inline" / "styles.css").open("r+", encoding="utf-8") as file:
        known = set(file.read().splitlines())
        rules = [f".{name} {{ {style} }}" for name, style in sorted(styles.items())]
        file.writelines(rule + "\n" for rule in rules if rule not in known)

    def sized(m):
        # With its size known, the text below a picture stands still while it loads.
        tag = f'<img {m[1]}src="{m[2]}"{m[3]}'
        if "width=" not in tag and (size := size_of(page.parent / m[2])):
            tag += ' width="{:.0f}" height="{:.0f}"'.format(*size)
        return tag.replace("<img ", '<img loading="lazy" ') + ">"

    text = IMAGE.sub(sized, text)
    # An empty head of a table heads nothing.
    text = text.replace('<th class="head"><p></p></th>', '<td class="head"></td>')
    # The skip link passes the toolbar too.
    text = text.replace('href="#main-content"', 'href="#text"')
    text = re.sub(r'<article class="bd-article"(?! id)', r'\g<0> id="text" tabindex="-1"', text)
    if 'id="text"' not in text:  # the search page has no article
        text = text.replace(
            'class="bd-article-container"',
            'class="bd-article-container" id="text" tabindex="-1"',
            1,
        )
    text = re.sub(r"<title>(.*?) (?:-|&#8212;|—) \1</title>", r"<title>\1</title>", text)
    if LOADED.search(text.split("</head>")[0]):
        text = later(text)
    if "Content-Security-Policy" not in text:
        text = VIEWPORT.sub("", text)
        head = (
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            f'<link rel="stylesheet" href="{to_static}styles.css">'
        )
        text = re.sub(r"<meta charset=\"utf-8\" ?/?>", rf"\g<0>\n{head}", text, count=1)
    return text


def later(text):
    """A page that is shown before its scripts have come: all but the first, which chooses the colours, wait.

    A script that waits finds the whole page and starts at once; so what others look up comes before them.
    """
    first = ("documentation_options", "/inline/", "/bootstrap.", "/pydata-sphinx-theme.")
    head, body = text.split("</head>", 1)
    _, *scripts = LOADED.finditer(head)
    at_end = [m for m in LOADED.finditer(body) if any(name in m[1] for name in first[2:])]
    order = sorted(
        (m[1] for m in (*scripts, *at_end)),
        key=lambda src: next((k for k, name in enumerate(first) if name in src), len(first)),
    )
    for m in scripts:
        head = head.replace(m[0], "", 1)
    for m in at_end:
        body = body.replace(m[0], "", 1)
    head = re.sub(r"\s*<link rel=\"preload\" as=\"script\"[^>]*>", "", head)
    body = body.replace("<script src=", "<script defer src=")
    tags = "".join(f'\n<script defer src="{src}"></script>' for src in dict.fromkeys(order))
    return f"{head.rstrip()}{tags}\n</head>{body}"


def one_sheet(page, text, static):
    """A page that asks for one style sheet in place of twelve; which they are stands in its first line."""
    parts = [(page.parent / href).resolve() for href in SHEET.findall(text) if href]
    if len(parts) < 2 or not all(part.is_file() for part in parts):
        return text
    listed = " ".join(os.path.relpath(part, static) for part in parts)
    name = hashlib.sha256(listed.encode()).hexdigest()[:12] + ".css"
    (static / "inline" / name).write_text(f"/* joined: {listed} */", "utf-8")
    to_static = os.path.relpath(static, page.parent)
    links = iter([f'\n<link rel="stylesheet" href="{to_static}/inline/{name}">'])
    return SHEET.sub(lambda m: next(links, "") if m[1] else m[0], text)


def joined(sheet, folder):
    """The text of a style sheet as it stands in another folder, with the sheets that it imports."""

    def moved(m):
        if re.match(r"data:|https?:|/|#", m[2]):
            return m[0]
        return f"{m[1]}{os.path.relpath(sheet.parent / m[2], folder)}{m[3]}"

    css = sheet.read_text("utf-8").replace('@charset "UTF-8";', "")
    css = re.sub(r"@import\s+\"([^\"]+)\";", lambda m: joined(sheet.parent / m[1], folder), css)
    return re.sub(r"(url\([\"']?)([^\"')]+)([\"']?\))", moved, css)


def used_rules(css, words):
    """Style sheet without the rules whose classes stand in no page and no script."""

    def rule(m):
        kept = []
        for selector in re.split(r",(?![^()]*\))", m[1]):
            outside = re.sub(r"\([^()]*\)", "", selector)  # :not() and :is() decide nothing
            if all(name in words for name in re.findall(r"[.#]((?:[\w-]|\\.)+)", outside)):
                kept.append(selector)
        return f"{','.join(kept)}{{{m[2]}}}" if kept else ""

    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = re.sub(r"([^{}@]+)\{([^{}]*)\}", rule, css)
    return re.sub(r"@[^{}@;]+\{\s*\}", "", css)


def fewer_icons(css, static):
    """Fonts with the icons that style sheet `css` names, and no other of 2,000; the sheet that loads them."""
    wanted = sorted({int(code, 16) for code in re.findall(r"\"\\([ef][0-9a-f]{3})\"", css)})
    fonts = static / "vendor" / "fontawesome" / "webfonts"
    for source in (THEME / "vendor" / "fontawesome" / "webfonts").glob("*.ttf"):
        font = subset.load_font(source, subset.Options())
        cutter = subset.Subsetter()
        cutter.populate(unicodes=wanted)
        cutter.subset(font)
        font.flavor = "woff"  # woff2 needs a compressor more
        font.save(fonts / f"{source.stem}.woff")
    return re.sub(r"(url\([^)]*)\.woff2\) format\(\"woff2\"\)", r'\1.woff) format("woff")', css)


# The theme's has neither a title nor a language.
FRONT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=chapters/index.html">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'">
<title>Forward and Back</title>
</head>
<body><main><h1><a href="chapters/index.html">Forward and Back</a></h1></main></body>
</html>
"""


def finish_all(app, error):
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    (static / "inline").mkdir(exist_ok=True)
    (static / "inline" / "styles.css").touch()
    (out / "index.html").write_text(FRONT, "utf-8")
    pages = [page for page in out.rglob("*.html") if static not in page.parents]
    words = set()
    for page in pages:
        old = page.read_text("utf-8")
        new = finish(page, old, static)
        if new != old:
            page.write_text(new, "utf-8")
        words.update(re.findall(r"[\w-]+", new))
    for script in static.rglob("*.js"):
        words.update(re.findall(r"[\w-]+", script.read_text("utf-8")))
    theme = static / "scripts" / "pydata-sphinx-theme.js"
    script, measures = MEASURES.subn('"none"', (THEME / "scripts" / theme.name).read_text("utf-8"))
    if not measures:
        raise RuntimeError(f"{theme.name} is another one: see MEASURES in _ext/finish.py")
    theme.write_text(script, "utf-8")
    sheet = Path("styles") / "pydata-sphinx-theme.css"
    css = used_rules((THEME / sheet).read_text("utf-8"), words)
    (static / sheet).write_text(fewer_icons(css, static), "utf-8")
    for page in pages:
        old = page.read_text("utf-8")
        new = one_sheet(page, old, static)
        if new != old:
            page.write_text(new, "utf-8")
    for whole in (static / "inline").glob("*.css"):
        if listed := re.match(r"/\* joined: (.*) \*/", whole.read_text("utf-8")):
            parts = [(static / part).resolve() for part in listed[1].split()]
            css = "\n".join(joined(part, whole.parent) for part in parts)
            whole.write_text(f"{listed[0]}\n{css}", "utf-8")


def setup(app):
    # After the theme, which writes the colours of code when a build is finished.
    app.connect("build-finished", finish_all, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
