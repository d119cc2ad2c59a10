"""Answers requests before the first visitor does, so that the first search is as fast as the second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ..errors import VidindexError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

    from ..library import Index

_MAX_QUERY_WORDS = 6
_MISHEARD_WORD = "zyzzyva"
_FAILED = 500  # the lowest status of an error that is not one of the request


async def warm_up(app: ASGIApp, index: Index) -> None:
    """Answer one request of each common kind: that imports modules, compiles templates, and opens files.

    It ends with the first one that fails: the first visitor will read why.
    """
    for path, query in _requests(index):
        if await _send_request(app, path, query) >= _FAILED:
            return


def _requests(index: Index) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield paths with their query parameters: words that are in the index, some of them changed."""
    yield "/", {}
    words, video = _some_words(index)
    near = [*words[:-1], _MISHEARD_WORD]
    for text in (" ".join(words), " ".join(near)):
        yield "/", {"q": text}
        yield "/results", {"q": text}
        yield "/api/search", {"q": text}
    if video:
        yield f"/video/{video}", {"q": " ".join(words)}


def _some_words(index: Index) -> tuple[list[str], str]:
    """Return some words in a row, and the id of the video in which they are."""
    from .views.examples import choose_examples

    try:
        example = next(iter(choose_examples(index).sentences), None)
        video = next((each.id for each in index.videos()), "")
    except VidindexError:
        return ["warm"], ""
    return (example.text.split() if example else ["warm", "up"])[:_MAX_QUERY_WORDS], video


async def _send_request(app: ASGIApp, path: str, query: dict[str, str]) -> int:
    """Return the status of the response of *app*."""
    status = _FAILED

    async def read_status(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode(query).encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"accept-encoding", b"gzip")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }
    await app(scope, _receive, read_status)
    return status


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
