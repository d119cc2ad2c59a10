"""Read HAR, in which browsers and proxies record the traffic of pages as JSON."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from ...net.bounded_json import load_bounded_json
from .archive import PartArchive, SavedPart, is_player_url
from .capture_dates import parse_iso_time
from .frames import find_frame_urls

MAX_HAR_BYTES = 60_000_000
_MAX_MEMORY_BYTES = 200_000_000
_START = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:\s*\{')
_CHARSET = re.compile(r"""(?i)\bcharset\s*=\s*["']?([\w.:-]{1,40})""")
_MAX_FRAMES = 50_000
_OK = 200


def is_har(head: bytes) -> bool:
    """Return whether *head* is the start of HAR."""
    return _START.match(head) is not None


def read_har(path: Path, content: bytes) -> PartArchive:
    """Read the file *path*, which has *content*.

    Raises `ValueError` if it is damaged, too large, or has no page with its content.
    """
    if len(content) > MAX_HAR_BYTES:
        raise ValueError(f"it is larger than {MAX_HAR_BYTES // 1_000_000} MB")
    try:
        log = _get_dict(load_bounded_json(content.decode("utf-8-sig"), max_memory_bytes=_MAX_MEMORY_BYTES), "log")
    except UnicodeDecodeError as exc:
        raise ValueError("it is not UTF-8") from exc
    entries = [entry for entry in _get_list(log, "entries") if isinstance(entry, dict)]
    parts = [part for entry in entries if (part := _make_part(entry))]
    main = list(_choose_pages(log, parts))
    if not main:
        raise ValueError("it contains no page; save it with the content of the responses")
    return PartArchive(path, [part for _, _, part in parts], main, is_single=False)


def _choose_pages(log: dict[str, Any], parts: list[tuple[str, str, SavedPart]]) -> Iterator[SavedPart]:
    """Yield the first document of each page that the log lists; without a list, the documents that are no frames."""
    documents = [(page, kind, part) for page, kind, part in parts if part.is_html]
    listed = {page.get("id") for page in _get_list(log, "pages") if isinstance(page, dict)}
    found = (url for _, _, part in documents for url in find_frame_urls(part.load(), part.url))
    frames = set(islice(found, _MAX_FRAMES))
    seen: set[str] = set()
    for page, kind, part in documents:
        is_listed = page in listed and page not in seen
        if page in listed:
            seen.add(page)
        is_free = page not in listed and kind in ("", "document") and part.url not in frames
        if is_listed or (is_free and not is_player_url(part.url)):
            yield part


def _make_part(entry: dict[str, Any]) -> tuple[str, str, SavedPart] | None:
    """Return the page of an entry, the kind of its request, and its response, if that has content."""
    request, response = _get_dict(entry, "request"), _get_dict(entry, "response")
    body = _get_dict(response, "content")
    url, text, mime = request.get("url"), body.get("text"), body.get("mimeType")
    if response.get("status") != _OK or not (isinstance(url, str) and isinstance(text, str)):
        return None
    mime = mime if isinstance(mime, str) else ""
    is_base64 = body.get("encoding") == "base64"
    charset = _CHARSET.search(mime)
    part = SavedPart(
        url=url,
        content_type=mime.partition(";")[0].strip().lower(),
        load=partial(_decode_base64, text) if is_base64 else partial(text.encode, "utf-8", "replace"),
        charset=charset[1] if charset and is_base64 else "",
        captured=parse_iso_time(str(entry.get("startedDateTime") or "")),
    )
    page, kind = entry.get("pageref"), entry.get("_resourceType")
    return str(page or ""), str(kind or ""), part


def _decode_base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except ValueError:
        return b""


def _get_dict(value: object, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _get_list(value: dict[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found if isinstance(found, list) else []
