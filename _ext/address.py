"""Until the book has an address, no button leads to one. Besides: a page for what is not found."""

from pathlib import Path
from urllib.parse import urlsplit

# Served wherever something is missing, so its links must not be relative to where it stands.
NOT_FOUND = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not found - Forward and Back</title>
<base href="{root}">
<link rel="icon" href="_static/favicon.svg">
<style>
:root {{ --ground: #fff; --ink: #222; --link: #0b5cad; font-family: system-ui, sans-serif; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ground: #121212; --ink: #ddd; --link: #7fb2f5; }} }}
body {{ background: var(--ground); color: var(--ink); }}
a {{ color: var(--link); }}
main {{ max-width: 34rem; margin: 12vh auto; padding: 0 1.2rem; line-height: 1.6; }}
img {{ width: 6rem; }}
input, button {{
  font: inherit; color: inherit; background: none;
  border: 1px solid; padding: 0.2rem 0.6rem; min-height: 2rem;
}}
</style>
</head>
<body>
<main>
<img src="_static/logo.svg" alt="Two arrows, forward and back">
<h1>This page is not here</h1>
<p>The gradient of this address is zero: no step from it leads anywhere. Chapters keep their names when their
numbers change, so a search finds what an old link meant.</p>
<form action="search.html">
<label>Search the book <input name="q" type="search"></label> <button>Search</button>
</form>
<p><a href="chapters/index.html">To the first page</a></p>
</main>
</body>
</html>
"""


def before_the_address_is_set(app, config):
    options = config.html_theme_options
    if "OWNER" in config.html_baseurl + options["repository_url"]:
        config.html_baseurl = ""
        options.update(
            use_repository_button=False,
            use_issues_button=False,
            repository_url="",
            launch_buttons={},
        )
    config.ogp_site_url = config.html_baseurl
    if config.html_baseurl:
        config.ogp_social_cards = {"line_color": "#0072B2"}  # a picture with each page's title


def write_not_found(app, error):
    if not error and app.builder.format == "html":
        root = urlsplit(app.config.html_baseurl).path or "/"
        (Path(app.outdir) / "404.html").write_text(NOT_FOUND.format(root=root), "utf-8")


def setup(app):
    app.connect("config-inited", before_the_address_is_set, priority=100)
    app.connect("build-finished", write_not_found, priority=900)  # it is finished as it is
    return {"parallel_read_safe": True, "parallel_write_safe": True}
