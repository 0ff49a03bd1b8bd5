"""Photograph the figures of dlbook.viz as they stand at first, for where no script runs.

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
        const own = e.matches("text") ? ["stroke", "font-size"] : ["stroke", "stroke-width"];
        for (const name of ["fill", ...own])
            if (/var|^$/.test(c.getAttribute(name) ?? "") && !e.matches("defs, defs *, svg"))
                c.setAttribute(name, look[name]);
        if (/var/.test(e.style.fill)) c.style.fill = look.fill;
        for (const name of ["tabindex", "class", "role", "aria-label"]) c.removeAttribute(name);
    }
    const box = svg.getBoundingClientRect(), out = root.getBoundingClientRect();
    const place = [box.left - out.left, box.top - out.top, box.width, box.height].map(Math.round);
    copy.setAttribute("width", place[2]);
    copy.setAttribute("height", place[3]);
    return [copy.outerHTML, ...place];
})"""


def photograph(tab, figure):
    tab.set_content(
        f"<body style='margin:0;width:640px;font-family:sans-serif'>{figure._repr_html_()}"
    )
    parts = tab.locator(".dlbook-viz").evaluate(SERIALISE)
    width = max(x + w for _, x, _, w, _ in parts)
    height = max(y + h for _, _, y, _, h in parts)
    inner = "".join(f'<g transform="translate({x} {y})">{svg}</g>' for svg, x, y, _, _ in parts)
    width, height = width + 16, height + 16  # on paper of its own, with a margin of 8
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif">'
        f'<rect x="-8" y="-8" width="{width}" height="{height}" fill="#fff"/>{inner}</svg>'
    )
    text = re.sub('"(?=[^<>]*>)', "'", text)  # as it will stand between double quotes
    # A number that differs in the twelfth place on another machine is the same picture.
    return re.sub(r"\d+\.\d{3,}(?=[^<]*>)", lambda m: f"{float(m[0]):.2f}", text)


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
