"""Read MHTML, which browsers write for a page as one file: a MIME message whose parts are the files of the page.

The standard library's parser takes quadratic time and many times the memory of a hostile message.
"""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from .archive import PartArchive, SavedPart
from .capture_dates import parse_mail_date

_MAX_HEADER_BYTES = 64_000
_MAX_PARTS = 20_000
_MAX_DEPTH = 4
_MAX_INLINED_BYTES = 1_000_000
_MAX_INLINED_FRAMES = 100
_HEADER = re.compile(r"([!-9;-~]{1,80}):[ \t]*(.*)")
_BOUNDARY = re.compile(r"""(?i)\bboundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))""")
_CHARSET = re.compile(r"""(?i)\bcharset\s*=\s*["']?([\w.:-]{1,40})""")
_START = re.compile(r"""(?i)\bstart\s*=\s*["']?<?([^\s<>"';]{1,200})""")
_CID_REFERENCE = re.compile(rb"""(?i)\bcid:([^\s"'<>)]{1,200})""")
_FRAME_SOURCE = re.compile(rb"""(?i)\bsrc\s*=\s*(?:"cid:([^"<>\s]{1,200})"|'cid:([^'<>\s]{1,200})')""")
_MESSAGE_START = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,20}[A-Za-z][\w-]{1,40}:[ \t]?[^\n]{0,2000}\n")
_RELATED_TYPE = re.compile(rb"(?im)^content-type:\s*(?:multipart/(?:related|mixed|alternative)|text/html)\b")
_MAIL_MARK = re.compile(
    rb"(?im)^(?:mime-version|snapshot-content-location|content-location|content-transfer-encoding):"
)


def is_mhtml(head: bytes) -> bool:
    """Return whether *head* is the start of MHTML."""
    return bool(_MESSAGE_START.match(head) and _RELATED_TYPE.search(head) and _MAIL_MARK.search(head))


def read_mhtml(path: Path, content: bytes) -> PartArchive:
    """Read the MHTML file *path*, which has *content*.

    Raises `ValueError` if no page is in it.
    """
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    head, start = _read_headers(content, 0)
    captured = parse_mail_date(head.get("date", ""))
    entities = list(_find_entities(content, head, start, len(content), _MAX_DEPTH, [_MAX_PARTS]))
    parts = [entity.make_part(content, captured, number) for number, entity in enumerate(entities)]
    main = _find_main(parts, head)
    if main is None:
        raise ValueError("it contains no page")
    ids = {part.content_id: part for part in parts if part.content_id}
    return PartArchive(path, parts, [main], prepare=partial(_link_parts, ids=ids))


@dataclass(frozen=True, slots=True)
class _Entity:
    """A part of the message: its headers, and the place of its body."""

    headers: dict[str, str]
    start: int
    end: int

    def make_part(self, content: bytes, captured: str, number: int) -> SavedPart:
        content_type = self.headers.get("content-type", "")
        charset = _CHARSET.search(content_type)
        content_id = self.headers.get("content-id", "").strip().strip("<>")
        location = "".join(self.headers.get("content-location", "").split())
        return SavedPart(
            url=location or f"cid:{content_id or number}",
            content_type=content_type.partition(";")[0].strip().lower(),
            load=lambda: self._decode(content),
            charset=charset[1] if charset else "",
            content_id=content_id,
            captured=captured,
        )

    def _decode(self, content: bytes) -> bytes:
        body = content[self.start : self.end]
        coding = self.headers.get("content-transfer-encoding", "").strip().lower()
        if coding == "quoted-printable":
            return binascii.a2b_qp(body)
        if coding == "base64":
            return _decode_base64(body)
        return body


def _decode_base64(body: bytes) -> bytes:
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:  # it is cut: the last group is incomplete
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4])


def _read_headers(content: bytes, start: int, end: int | None = None) -> tuple[dict[str, str], int]:
    """Return the headers at *start*, by their names in lower case, and where the body starts."""
    limit = len(content) if end is None else end
    window = content[start : min(start + _MAX_HEADER_BYTES, limit)]
    blank = re.search(rb"\A\r?\n|\r?\n\r?\n", window)
    text = window[: blank.start() if blank else len(window)].decode("utf-8", "replace")
    headers: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]+", " ", text).splitlines():
        if match := _HEADER.match(line):
            headers.setdefault(match[1].lower(), match[2].strip())
    return headers, start + (blank.end() if blank else len(window))


def _find_entities(
    content: bytes, headers: dict[str, str], start: int, end: int, depth: int, parts_left: list[int]
) -> Iterator[_Entity]:
    """Yield the parts between *start* and *end*, those of inner messages too."""
    content_type = headers.get("content-type", "")
    boundary = _BOUNDARY.search(content_type)
    if not content_type.lower().lstrip().startswith("multipart/") or boundary is None or not depth:
        yield _Entity(headers, start, end)
        return
    mark = b"--" + (boundary[1] or boundary[2]).rstrip().encode("utf-8", "replace")
    for part_start, part_end in _split_parts(content, mark, start, end):
        parts_left[0] -= 1
        if parts_left[0] < 0:
            return
        inner, body = _read_headers(content, part_start, part_end)
        yield from _find_entities(content, inner, min(body, part_end), part_end, depth - 1, parts_left)


def _split_parts(content: bytes, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where each part starts and ends; the last one may be cut."""
    at = _find_delimiter(content, mark, start, end)
    while at >= 0:
        line_end = content.find(b"\n", at + len(mark), end)
        if content.startswith(b"--", at + len(mark)) and not content.startswith(b"--" + mark, at + 2):
            tail = content[at + len(mark) + 2 : line_end if line_end >= 0 else end]
            if not tail.strip():
                return
        if line_end < 0:
            return
        following = _find_delimiter(content, mark, line_end, end)
        stop = end if following < 0 else following
        body_end = stop
        if following >= 0:
            body_end -= 2 if content[stop - 2 : stop] == b"\r\n" else 1
        yield line_end + 1, max(body_end, line_end + 1)
        at = following


def _find_delimiter(content: bytes, mark: bytes, start: int, end: int) -> int:
    """Return where the next line starts that has *mark* and nothing else, or -1."""
    at = content.find(mark, start, end)
    while at >= 0:
        after = content[at + len(mark) : at + len(mark) + 2]
        if (at == 0 or content[at - 1 : at] == b"\n") and (not after or after[:1] in b"\r\n \t" or after == b"--"):
            return at
        at = content.find(mark, at + len(mark), end)
    return -1


def _find_main(parts: list[SavedPart], headers: dict[str, str]) -> SavedPart | None:
    """Return the part that is the page: the one that the message names, else the first page in it."""
    location = "".join(headers.get("snapshot-content-location", headers.get("content-location", "")).split())
    start = _START.search(headers.get("content-type", ""))
    pages = [part for part in parts if part.is_html]
    named = (part for part in pages if start and part.content_id == start[1])
    located = (part for part in pages if location and part.url == location)
    main = next(named, None) or next(located, None) or next(iter(pages), None)
    if main is None or main.url.startswith(("http://", "https://")) or not location:
        return main
    return SavedPart(location, main.content_type, main.load, main.charset, main.content_id, main.captured)


def _link_parts(page: bytes, *, ids: dict[str, SavedPart]) -> bytes:
    """Replace the references to parts in *page*: frames without an address by their content, others by the address."""
    inlined_left, frames_left = _MAX_INLINED_BYTES, _MAX_INLINED_FRAMES

    def inline(match: re.Match[bytes]) -> bytes:
        nonlocal inlined_left, frames_left
        part = ids.get(unquote((match[1] or match[2]).decode("utf-8", "replace")))
        if part is None or not part.is_html or _has_address(part) or not frames_left:
            return match[0]
        frames_left -= 1
        content = part.load()
        if len(content) > inlined_left:
            return match[0]
        inlined_left -= len(content)
        return b'srcdoc="' + html.escape(content.decode("utf-8", "replace")).encode() + b'"'

    def locate(match: re.Match[bytes]) -> bytes:
        nonlocal inlined_left
        part = ids.get(unquote(match[1].decode("utf-8", "replace")))
        if part is None or not _has_address(part) or len(part.url) > inlined_left:
            return match[0]
        inlined_left -= len(part.url)
        return html.escape(part.url).encode("utf-8", "replace")

    return _CID_REFERENCE.sub(locate, _FRAME_SOURCE.sub(inline, page))


def _has_address(part: SavedPart) -> bool:
    return part.url.lower().startswith(("http://", "https://"))
