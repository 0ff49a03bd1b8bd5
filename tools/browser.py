"""Where the browser is that opens the pages."""

import os
import shutil

NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome",
         "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]  # fmt: skip
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host is reached
]


def launch(playwright):
    """Start Chromium; SystemExit says what to do where there is none."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise SystemExit("Chromium was not found: install it, or set CHROMIUM=/path/to/it")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
