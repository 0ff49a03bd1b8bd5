"""Photograph the figures of dlbook.viz as they stand at first, for print and for pages without scripts.

python tools/stills.py            every figure of tests/figures.py
python tools/stills.py softmax    one of them
"""

import re
import sys
from pathlib import Path

from browser import launch
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
STILLS = ROOT / "dlbook" / "viz" / "stills"
sys.path.insert(0, str(ROOT / "tests"))
from figures import FIGURES  # noqa: E402  the figures, with data to show

# What style sheets say is written into the elements: the picture then stands alone.
SERIALISE = """root => [...root.querySelectorAll("svg")].map(svg => {
    const copy = svg.cloneNode(true), pairs = [[svg, copy]];
    const all = [...svg.querySelectorAll("*")], copies = [...copy.querySelectorAll("*")];
    all.forEach((e, k) => pairs.push([e, copies[k]]));
    for (const [e, c] of pairs) {
        const look = getComputedStyle(e);
        for (const name of ["fill", "stroke", "stroke-width", "font-size"])
            if (/var|^$/.test(c.getAttribute(name) ?? "") && !e.matches("defs, defs *, svg"))
                c.setAttribute(name, look[name]);
        if (/var/.test(e.style.fill)) c.style.fill = look.fill;
        for (const name of ["tabindex", "class", "role"]) c.removeAttribute(name);
    }
    const box = svg.getBoundingClientRect(), out = root.getBoundingClientRect();
    const place = [box.left - out.left, box.top - out.top, box.width, box.height].map(Math.round);
    copy.setAttribute("width", place[2]);
    copy.setAttribute("height", place[3]);
    return [copy.outerHTML, ...place];
})"""


def photograph(tab, figure):
    tab.set_content(f"<body style='margin:0;width:640px'>{figure._repr_html_()}")
    parts = tab.locator(".dlbook-viz").evaluate(SERIALISE)
    width = max(x + w for _, x, _, w, _ in parts)
    height = max(y + h for _, _, y, _, h in parts)
    inner = "".join(f'<g transform="translate({x} {y})">{svg}</g>' for svg, x, y, _, _ in parts)
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'style="max-width:100%;height:auto" aria-hidden="true">{inner}</svg>'
    )
    # A number that differs in the twelfth place on another machine is the same picture.
    text = re.sub(r"\d+\.\d{3,}(?=[^<]*>)", lambda m: f"{float(m[0]):.2f}", text)
    return text.replace("rgb(0, 0, 0)", "currentColor").replace("viz-", "still-")


def main():
    STILLS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name in sys.argv[1:] or FIGURES:
            text = photograph(
                browser.new_page(viewport={"width": 700, "height": 900}), FIGURES[name]
            )
            (STILLS / f"{name}.svg").write_text(text + "\n", "utf-8")
            print(f"{name}: {len(text)} characters")
        browser.close()


if __name__ == "__main__":
    main()
