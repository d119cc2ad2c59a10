"""A cache of the responses of the last minutes, each valid until the index changes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import VidindexError

Stamp = tuple[int, ...]
"""The state of the index: a response is valid as long as it is the same (`Index.change_stamp`)."""

MAX_ENTRIES = 1_000
MAX_BYTES = 8_000_000
"""Maximum size of all responses in one process."""

MAX_AGE_S = 300.0
_MAX_RESPONSE_BYTES = 200_000
_MAX_KEY_BYTES = 4_000
_ENTRY_OVERHEAD_BYTES = 1_500  # of the headers and the objects of an entry

_PATHS = frozenset(
    ("/", "/results", "/api/search", "/trend", "/trend.csv", "/trend.svg", "/api/trend", "/channels", "/speakers")
)
"""Paths whose responses depend on nothing but the request and the index."""

_NOT_MODIFIED_HEADERS = (b"etag", b"cache-control", b"vary")


class _Key(NamedTuple):
    """Everything in a request that a response depends on."""

    path: str
    query: bytes
    cookie: str
    is_gzip: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """A response, made at a time in the state *stamp* of the index."""

    stamp: Stamp
    made_at_s: float
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    size: int


class ResponseCache:
    """The responses that were used last; beyond the bounds, the least recently used ones are dropped."""

    def __init__(
        self,
        *,
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_BYTES,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._clock_s = clock_s
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: _Key, stamp: Stamp) -> _Entry | None:
        """Return the response to *key* if it was made in the state *stamp*, in the last `MAX_AGE_S` seconds."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.stamp != stamp or self._clock_s() - entry.made_at_s > MAX_AGE_S:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def put(self, key: _Key, stamp: Stamp, headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> None:
        """Keep a response that was made in the state *stamp*, or in a later one."""
        self._drop(key)
        size = len(body) + len(key.query) + len(key.cookie) + _ENTRY_OVERHEAD_BYTES
        self._entries[key] = _Entry(stamp, self._clock_s(), headers, body, size)
        self.size_bytes += size
        while len(self._entries) > self._max_entries or self.size_bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: _Key) -> None:
        entry = self._entries.pop(key, None)
        self.size_bytes -= entry.size if entry else 0


class CacheMiddleware:
    """Middleware that answers a request again, without a thread, as long as *read_stamp* returns the same value.

    *read_stamp* is asked before each response is made, so that a response is never older than the state it is kept for.
    It returns None, or raises a `VidindexError`, if the state is not known: then nothing is cached.
    """

    def __init__(self, app: ASGIApp, *, read_stamp: Callable[[], Stamp | None]) -> None:
        self._app = app
        self._read_stamp = read_stamp
        self._cache = ResponseCache()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the cached response, or pass the request on and keep the response."""
        key = _make_key(scope)
        stamp = self._find_stamp() if key else None
        if key is None or stamp is None:
            await self._app(scope, receive, send)
            return
        entry = self._cache.find(key, stamp)
        if entry is not None:
            await _send_entry(entry, scope, send)
            return
        recorder = _Recorder(send)
        await self._app(scope, receive, recorder.send)
        if recorder.is_complete:
            self._cache.put(key, stamp, recorder.headers, bytes(recorder.body))

    def _find_stamp(self) -> Stamp | None:
        try:
            return self._read_stamp()
        except VidindexError:  # the endpoint will report it
            return None


def _make_key(scope: Scope) -> _Key | None:
    """Return the key of a request whose response may be cached, else None."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in _PATHS:
        return None
    query: bytes = scope["query_string"]
    headers = Headers(scope=scope)
    cookie = ";".join(headers.getlist("cookie"))
    if len(query) + len(cookie) > _MAX_KEY_BYTES or _searches_texts(query):
        return None
    return _Key(scope["path"], query, cookie, "gzip" in headers.get("accept-encoding", ""))


def _searches_texts(query: bytes) -> bool:
    """Return whether a search may be for texts about videos, whose index is written apart from the store."""
    return b"in=" in query or b"in:" in query or b"in%3a" in query.lower()


async def _send_entry(entry: _Entry, scope: Scope, send: Send) -> None:
    headers = [*entry.headers, (b"server-timing", b"cache;desc=hit")]
    tag = dict(entry.headers).get(b"etag", b"").decode("latin-1")
    known = (each.strip() for each in Headers(scope=scope).get("if-none-match", "").split(","))
    if tag and tag in known:
        headers = [(name, value) for name, value in headers if name in _NOT_MODIFIED_HEADERS]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": entry.body})


class _Recorder:
    """Passes a response on, and keeps a successful one that is not too large."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_kept = False
        self.is_complete = False
        self.headers: tuple[tuple[bytes, bytes], ...] = ()
        self.body = bytearray()

    async def send(self, message: Message) -> None:
        """Pass *message* on."""
        if message["type"] == "http.response.start":
            self._is_kept = message["status"] == 200
            self.headers = tuple((bytes(name).lower(), bytes(value)) for name, value in message["headers"])
        elif self._is_kept and message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            self._is_kept = len(self.body) <= _MAX_RESPONSE_BYTES
            self.is_complete = self._is_kept and not message.get("more_body", False)
        await self._send(message)
