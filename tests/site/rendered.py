"""The rendered pages that the tests of this folder open."""

from pathlib import Path

import pytest

from dlbook.exercises.judge import ORDER

SITE = Path(__file__).parents[2] / "_build" / "html"
PAGES = sorted(
    p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html") if "_static" not in p.parts
)
CHAPTERS = [p for p in PAGES if Path(p).stem in ORDER]
PHONE = {"width": 390, "height": 844}

# The page's sections are measured one after the other, in turns that this waits for. A browser without
# a screen may wait with them, for ever, until somebody asks for a frame.
MEASURED = """async () => {
  const turn = (done) => requestAnimationFrame(() => requestIdleCallback(done));
  for (const _ of [0, ...document.querySelectorAll("section")]) await new Promise(turn);
}"""

if not CHAPTERS:
    pytest.exit("There is no rendered book in _build/html: run `make book` first", returncode=1)
