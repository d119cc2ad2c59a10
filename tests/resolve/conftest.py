"""Resolvers, and canned responses for yt-dlp's extractors that replace the internet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.loopback import Answer, Site, site
from tests.processes import HANG_S
from vidindex.ingest import AddCallbacks, AddOptions, Network, TargetAdder
from vidindex.resolve import ResolveOptions, VideoResolver

__all__ = ["Answer", "Find", "Internet", "Site", "find", "internet", "offline", "resolver", "site"]

Find = Callable[..., vidindex.Hit]


@pytest.fixture(scope="module")
def resolver() -> Iterator[VideoResolver]:
    """A resolver on the real network stack, without retries; one per module, because yt-dlp takes a second to start."""
    with VideoResolver(ResolveOptions(retries=0, timeout_s=HANG_S)) as made:
        yield made


@dataclass
class Internet:
    """Canned responses by URL without query; *asked* lists the requests."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)

    def urls(self) -> list[str]:
        return [request.url.partition("?")[0] for request in self.asked]

    def put(self, url: str, answer: object) -> None:
        """Respond to *url* with JSON (a dict), text, bytes, a status (an int), an exception, or a function's result."""
        self.answers[url] = answer

    def handler(self) -> type:
        """Return a yt-dlp request handler class that gives these responses."""
        from yt_dlp.networking.common import RequestHandler, Response
        from yt_dlp.networking.exceptions import HTTPError, TransportError

        internet = self

        class AnswersRH(RequestHandler):  # type: ignore[misc] # yt-dlp has no types
            _SUPPORTED_URL_SCHEMES = ("http", "https")
            _SUPPORTED_PROXY_SCHEMES = None
            _SUPPORTED_FEATURES = None

            def _check_extensions(self, extensions: dict[str, Any]) -> None:
                super()._check_extensions(extensions)
                extensions.clear()

            def _send(self, request: Any) -> Any:
                internet.asked.append(request)
                url = request.url
                answer = internet.answers.get(url, internet.answers.get(url.partition("?")[0]))
                if callable(answer) and not isinstance(answer, type):
                    answer = answer(request)
                if answer is None:
                    raise TransportError(f"no answer for {url}")
                if isinstance(answer, BaseException):
                    raise answer
                status = answer if isinstance(answer, int) else 200
                response = Response(BytesIO(_body(answer)), url, {"Content-Type": _kind(answer)}, status=status)
                if status >= 400:
                    raise HTTPError(response)
                return response

        return AnswersRH


def _body(answer: object) -> bytes:
    if isinstance(answer, bytes):
        return answer
    if isinstance(answer, int):
        return b""
    return answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()


def _kind(answer: object) -> str:
    return "application/json" if isinstance(answer, dict) else "text/html; charset=utf-8"


@pytest.fixture(scope="module")
def _connected() -> Iterator[tuple[Internet, VideoResolver]]:
    internet = Internet()
    with VideoResolver(ResolveOptions(retries=0), handlers=[internet.handler()]) as made:
        yield internet, made


@pytest.fixture
def internet(_connected: tuple[Internet, VideoResolver]) -> Internet:
    """An internet without pages."""
    internet = _connected[0]
    internet.answers.clear()
    internet.asked.clear()
    return internet


@pytest.fixture
def offline(internet: Internet, _connected: tuple[Internet, VideoResolver]) -> VideoResolver:
    """A resolver whose extractors get the responses of `internet`."""
    return _connected[1]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """A function that adds the video at a URL to an index, and finds words in it."""

    def find_quote(resolver: VideoResolver, url: str, words: str, *, referer: str = "") -> vidindex.Hit:
        with vidindex.open(tmp_path / "index") as index:
            options = AddOptions(languages=("all",))
            store = index._store
            network = Network.from_options(options.resolve, archive=options.archive, resolver=resolver)
            adder = TargetAdder(store, options=options, callbacks=AddCallbacks(), network=network)
            assert adder.resolve_video(url, referer=referer).state == "done"
            index.flush()
            (hit, *_) = index.search(words)
            return hit

    return find_quote
