"""Keeps the rendered pages to themselves: sphinx-thebe, which Jupyter Book always loads, wants a CDN."""


def drop_thebe(app, pagename, templatename, context, doctree):
    def keep(script):
        return (
            "thebe" not in f"{getattr(script, 'filename', '')} {script.attributes.get('body', '')}"
        )

    context["script_files"] = [s for s in context["script_files"] if keep(s)]


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
