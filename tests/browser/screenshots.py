"""Take pictures of every page, in both themes and at four widths: run by `make screenshots`.

python -m tests.browser.screenshots             all pages
python -m tests.browser.screenshots report …    some of those in `pages`
python -m tests.browser.screenshots /trend?q=x  a page by its address
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .conftest import _chromium
from .library import build
from .pages import PAGES, THEMES, WIDTHS

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

FOLDER = Path("screenshots")
MAX_HEIGHT = 5_000
"""Height of the largest picture: some pages are very long."""


def main(names: Sequence[str]) -> None:
    """Take the pictures of the pages *names*, or of all."""
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        build(Path(made) / "index", Path(made) / "talks")
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        with serve(Path(made) / "index") as site:
            context = browser.new_context(reduced_motion="reduce")
            context.route(lambda url: not url.startswith((site, "data:")), lambda route: route.abort())
            for name in names or PAGES:
                sys.stdout.write(f"{name}: {take_pictures(context, name, site + PAGES.get(name, name))}\n")
        browser.close()


@contextmanager
def serve(index: Path) -> Iterator[str]:
    """Run `vidindex serve`, and yield its address."""
    command = [sys.executable, "-m", "vidindex", "--index", str(index), "serve", "--port", "0", "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        address = re.search(r"http://[^\s/]+", line)
        if address is None:
            raise SystemExit(f"the server has not started: {line}")
        yield address[0]
    finally:
        process.terminate()
        process.wait()


def take_pictures(context: BrowserContext, name: str, url: str) -> str:
    """Take the pictures of one page, and return what was done; a page that the server does not have gets none."""
    page = context.new_page()
    answer = page.goto(url)
    status = answer.status if answer else 0
    if status == 200 or name == "not found":
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                height = min(MAX_HEIGHT, int(page.evaluate("() => document.documentElement.scrollHeight")))
                page.screenshot(
                    path=FOLDER / f"{_file_name(name)}-{theme}-{width}.png",
                    full_page=True,
                    clip={"x": 0, "y": 0, "width": width, "height": height},
                )
    page.close()
    done = f"{len(THEMES) * len(WIDTHS)} pictures in {FOLDER}/"
    return done if status == 200 or name == "not found" else f"left out, the server answers {status}"


def _file_name(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")


if __name__ == "__main__":
    main(sys.argv[1:])
