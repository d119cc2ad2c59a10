"""The search page with a server that hangs, fails or has stopped."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import vidindex
from tests.processes import HANG_S, wait_until

from .conftest import Open, expect
from .library import REFRAIN

if TYPE_CHECKING:
    from playwright.sync_api import Page


class FailingServer:
    """A server for an index that can be told to hang, and be stopped and started again at its port."""

    def __init__(self, index: vidindex.Index) -> None:
        from vidindex.server.app import make_app

        self._app: Any = make_app(index)
        self._reservation = socket.socket()  # no other program gets the port while the server is stopped
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind(("127.0.0.1", 0))
        self._port: int = self._reservation.getsockname()[1]
        self.is_hanging = False
        self.start()

    async def _answer(self, scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        while self.is_hanging and scope.get("path") == "/results":
            await asyncio.sleep(0.02)
        await self._app(scope, receive, send)

    def start(self) -> None:
        import uvicorn

        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            host="127.0.0.1",
            port=self._port,
            log_level="error",
            ws="none",
            lifespan="off",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        wait_until(lambda: self._server.started or not self._thread.is_alive())

    def stop(self) -> None:
        self.is_hanging = False
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(HANG_S)

    def close(self) -> None:
        self.stop()
        self._reservation.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"


@pytest.fixture
def server(index_folder: Path) -> Iterator[FailingServer]:
    with vidindex.open(index_folder) as index:
        made = FailingServer(index)
        yield made
        made.close()


def wait_for_results(page: Page) -> None:
    page.wait_for_function("() => !document.getElementById('results').inert")


def test_a_server_that_hangs_is_reported_and_its_late_answer_is_shown(visit: Open, server: FailingServer) -> None:
    page = visit(f"/?q={REFRAIN.replace(' ', '+')}", at=server.url).page
    server.is_hanging = True
    page.locator("#q").fill("winters")
    notice = page.locator("#announcement")
    expect(notice).to_have_text("The server has not answered yet. The page still shows the search before.")
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    assert page.locator("#results").evaluate("e => [e.inert, Number(getComputedStyle(e).opacity) < 1]") == [True, True]
    before = page.url
    place = "e => [e.getBoundingClientRect().x + 9, e.getBoundingClientRect().y + 9]"
    page.mouse.click(*page.locator("a.hit").first.evaluate(place))
    assert page.url == before
    server.is_hanging = False
    wait_for_results(page)
    expect(page.locator("#notice button")).to_be_hidden()
    assert page.locator("a.hit mark").first.inner_text().lower().startswith("winters")


def test_a_server_that_has_stopped_is_reported_until_a_retry_succeeds(visit: Open, server: FailingServer) -> None:
    opened = visit(f"/?q={REFRAIN.replace(' ', '+')}", at=server.url)
    page = opened.page
    server.stop()
    page.get_by_role("link", name="Newest").click()
    expect(page.locator("#announcement")).to_have_text(
        "The server is not responding. The page still shows the search before."
    )
    retry = page.get_by_role("button", name="Retry")
    expect(retry).to_be_focused()  # the link that had the focus cannot be used now
    assert page.locator("#results").evaluate("e => e.inert")
    retry.press("Enter")
    expect(page.locator("#announcement")).to_have_text(
        "The server is not responding. The page still shows the search before."
    )
    server.start()
    retry.press("Enter")
    wait_for_results(page)
    expect(retry).to_be_hidden()
    assert page.locator("[aria-current]", has_text="Newest").count() == 1
    assert page.evaluate("document.activeElement.id") == "count"
    server.stop()
    page.locator("#q").fill("winters")
    expect(retry).to_be_visible()
    server.start()
    page.locator("#q").press("Enter")  # the same search again, without the button
    wait_for_results(page)
    assert opened.errors == [error for error in opened.errors if "ERR_CONNECTION_REFUSED" in error]


def test_an_invalid_search_offers_no_retry(visit: Open, server: FailingServer) -> None:
    page = visit(f"/?q={REFRAIN.replace(' ', '+')}", at=server.url).page
    page.evaluate("history.replaceState(null, '', '/?q=lamps&sort=sideways')")
    page.locator("#q").fill("lamp")
    expect(page.locator("#announcement")).to_contain_text("must be one of score, date, length")
    expect(page.get_by_role("button", name="Retry")).to_be_hidden()
    assert page.locator("#results").evaluate("e => e.inert")
