"""Responses that were saved in an archive: `GuardedHandler` sends them in place of requests."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import BinaryIO, Protocol
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from .content_coding import decode_blocks, parse_content_codings

_MAX_KEY_QUERY_FIELDS = 100
_BLOCK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class SavedResponse:
    """A response as an archive keeps it.

    *headers* are those of the server; the body that *open_body* opens still has their content coding.  *captured* is
    the time at which it was saved, as `YYYY-MM-DDTHH:MM:SSZ`, or "".
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    open_body: Callable[[], BinaryIO]
    captured: str = ""

    @property
    def message(self) -> Message:
        """The headers; those that only the connection needed are left out."""
        message = Message()
        for name, value in self.headers:
            if name.lower() not in _CONNECTION_HEADERS:
                message[name] = value
        return message

    def read(self, max_bytes: int) -> bytes:
        """Return the decoded body.

        Raises `ValueError` if it is larger than *max_bytes*, and `OSError` if it is damaged or has an unknown coding.
        """
        with self.open_body() as body:
            read_block = decode_blocks(body.read, parse_content_codings(self.message), lambda count: None)
            content = bytearray()
            while block := read_block(min(_BLOCK_BYTES, max_bytes + 1 - len(content))):
                content += block
                if len(content) > max_bytes:
                    raise ValueError(f"it is larger than {max_bytes // 1_000_000} MB")
        return bytes(content)


class ResponseArchive(Protocol):
    """An archive of responses.  Threads may share one."""

    def find(self, url: str) -> SavedResponse | None:
        """Return the response that was saved for *url*, the latest if there are several, or None."""


_CONNECTION_HEADERS = frozenset(
    ("transfer-encoding", "content-length", "connection", "keep-alive", "set-cookie", "set-cookie2", "retry-after")
)


def make_response(url: str, content_type: str, load: Callable[[], bytes], *, captured: str = "") -> SavedResponse:
    """Return a response whose decoded body *load* returns."""
    headers = (("Content-Type", content_type),) if content_type else ()
    return SavedResponse(url, 200, headers, lambda: io.BytesIO(load()), captured)


def normalize_saved_url(url: str) -> str:
    """Return what spellings of one URL have in common: scheme, case of the host, port, order of the query, fragment.

    Archives store an address as it was requested, and pages state it in other spellings.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url
    if parts.scheme not in ("http", "https"):
        return url.partition("#")[0]
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    return f"{netloc}{unquote(parts.path, errors='surrogateescape') or '/'}{_sort_query(parts.query)}"


def _sort_query(query: str) -> str:
    if not query:
        return ""
    try:
        fields = parse_qsl(
            query, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MAX_KEY_QUERY_FIELDS
        )
    except ValueError:
        return f"?{query}"
    return f"?{urlencode(sorted(fields), errors='surrogateescape')}" if fields else f"?{query}"
