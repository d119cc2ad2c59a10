"""A real Chromium, a real server and a real index; no request leaves the machine."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

import vidindex
from tests.processes import HANG_S, wait_until

from .library import build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route

Open = Callable[..., "Visit"]

NEXT_FRAMES = """async () => {
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    for (let frame = 0; frame < 3; frame++) await nextFrame();
}"""
"""A script that ends when the page has drawn some frames and handled its events."""


def expect(what: Locator) -> Any:
    """Return an assertion about *what* that is retried until it holds: navigation takes time."""
    from playwright.sync_api import expect as within

    within.set_options(timeout=1000 * HANG_S)
    return within(what)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests if there is no browser, unless `VIDINDEX_BROWSER_TESTS=1` demands them."""
    missing = _missing()
    if not missing or os.environ.get("VIDINDEX_BROWSER_TESTS") == "1":
        return
    for each in items:
        if Path(__file__).parent in each.path.parents:
            each.add_marker(pytest.mark.skip(reason=missing))


def _missing() -> str:
    if _chromium() is None:
        return "Chromium is not installed: apt-get install chromium"
    for name in ("playwright", "axe_playwright_python", "starlette", "uvicorn", "jinja2"):
        try:
            __import__(name)
        except ImportError:
            return f"{name} is not installed: pip install -e '.[web,dev]'"
    return ""


def _chromium() -> str | None:
    """Return the path of Chromium: the build without windows, if there is one, needs half the processor time."""
    return (
        shutil.which("chromium-headless-shell")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )


class Visit:
    """An open page with its errors, dialogs and requests to other hosts."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.errors: list[str] = []
        self.foreign_requests: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self.on_console)
        page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))

    def on_console(self, message: ConsoleMessage) -> None:
        """Record console errors, which include violations of the content security policy."""
        if message.type == "error":
            self.errors.append(message.text)

    def go(self, path: str) -> Visit:
        """Navigate to *path* of the site."""
        self.page.goto(self.site + path)
        return self

    def block_foreign(self, route: Route) -> None:
        """Allow requests to this site; record and abort all others."""
        if route.request.url.startswith((self.site, "data:", "blob:")):
            route.continue_()
            return
        self.foreign_requests.append(route.request.url)
        route.abort()


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index that most tests use."""
    folder: Path = tmp_path_factory.mktemp("browser")
    build(folder / "index", folder / "talks")
    return folder / "index"


@pytest.fixture(scope="session")
def site(index_folder: Path) -> Iterator[str]:
    """The base URL of a server for that index."""
    with vidindex.open(index_folder) as index:
        yield from serving(index)


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a server for an empty index."""
    with vidindex.open(tmp_path_factory.mktemp("nothing") / "index") as index:
        yield from serving(index)


def serving(index: vidindex.Index) -> Iterator[str]:
    """Serve *index* on a free port."""
    import uvicorn

    from vidindex.server.app import make_app
    from vidindex.server.thread_pool import ThreadPool

    app = make_app(index, pool=ThreadPool(timeout_s=HANG_S), is_local=True)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive())
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(HANG_S)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium.

    Playwright runs an event loop in this thread, which must end before a test of another module runs one.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
        opened = playwright.chromium.launch(executable_path=_chromium(), args=options)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Open]:
    """A function that opens a page of the site; keyword arguments are options of the browser context."""
    contexts: list[BrowserContext] = []

    def open_page(path: str = "/", *, at: str = site, **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        context.set_default_timeout(1000 * HANG_S)
        opened = Visit(context.new_page(), at)
        context.route(lambda url: urlsplit(url).scheme != "data", opened.block_foreign)
        return opened.go(path)

    yield open_page
    for context in contexts:
        context.close()
