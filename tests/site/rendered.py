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
# a screen may wait for a frame that nobody asks for, and never call itself idle: so a turn comes at once.
IDLE = "window.requestIdleCallback = (turn) => setTimeout(turn)"
MEASURED = """async () => {
  for (const _ of [0, ...document.querySelectorAll("section")]) await new Promise(requestIdleCallback);
}"""

if not CHAPTERS:
    pytest.exit("There is no rendered book in _build/html: run `make book` first", returncode=1)
