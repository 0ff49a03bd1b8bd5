"""What the theme leaves undone in a page: weight that nobody needs, sizes of images, titles."""

import re
from pathlib import Path

from PIL import Image

# Its web fonts draw the same icons without 1.5 MB of script.
ICONS = re.compile(r"\s*<script defer src=\"[^\"]*fontawesome\.js[^\"]*\"></script>")
# 0.2 MB that only the page with the results needs.
SEARCH = re.compile(
    r"\s*<script src=\"[^\"]*(?:searchtools|language_data|searchindex)\.js\"></script>"
)
IMAGE = re.compile(
    r"<img ((?:(?!\bwidth=|\bloading=)[^>])*)src=\"([^\"]*_images/[^\"]+\.(?:png|jpe?g))\"([^>]*)>"
)


def finish(page, text):
    text = ICONS.sub("", text)
    # Without a script "auto" stays, and with it a page has no colours.
    text = text.replace(' data-theme="auto">', ' data-theme="light">', 1)
    if page.name != "search.html":
        text = SEARCH.sub("", text)

    def sized(m):
        # With its size known, the text below a picture stands still while it loads.
        with Image.open(page.parent / m[2]) as image:
            width, height = image.size
        tag = f'<img {m[1]}src="{m[2]}"{m[3]}'
        if "width=" not in tag:
            tag += f' width="{width}" height="{height}"'
        return tag.replace("<img ", '<img loading="lazy" ') + ">"

    return IMAGE.sub(sized, text)


def finish_all(app, error):
    if error or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        old = page.read_text("utf-8")
        new = finish(page, old)
        if new != old:
            page.write_text(new, "utf-8")


def setup(app):
    app.connect("build-finished", finish_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
