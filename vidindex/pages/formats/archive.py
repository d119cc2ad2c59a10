"""What all archives have in common: their pages, and the responses in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ...net.saved_responses import ResponseArchive, SavedResponse, make_response, normalize_saved_url
from ..providers import recognize_url

MAX_ARCHIVED_PAGE_BYTES = 20_000_000
HTML_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page in an archive; *content* is HTML.  If it cannot be read, *problem* says why, and *content* is empty.

    *captured* is the time at which it was saved, as `YYYY-MM-DDTHH:MM:SSZ`, or "" if the archive does not state it.
    """

    url: str
    content: bytes
    captured: str = ""
    problem: str = ""


class SavedArchive(ResponseArchive, Protocol):
    """An archive in a file.  *is_single* is true for a format that keeps one page."""

    path: Path
    is_single: bool

    def at(self, captured: str) -> SavedArchive:
        """Return this archive as it was at a time: of several responses for one address, the nearest counts."""

    def pages(self) -> Iterator[ArchivedPage]:
        """Yield the pages that people opened, not their frames, in the order of the archive."""

    def caption_urls(self, video_id: str) -> list[str]:
        """Return the addresses of caption files in the archive that name *video_id*."""

    def problems(self) -> list[str]:
        """Return what is wrong with the archive, as far as it was read."""


@dataclass(frozen=True, slots=True)
class SavedPart:
    """One response in a file that is in memory.  *load* returns its decoded content."""

    url: str
    content_type: str
    load: Callable[[], bytes] = field(compare=False)
    charset: str = ""
    content_id: str = ""
    captured: str = ""

    @property
    def is_html(self) -> bool:
        """Whether it is a page or a frame."""
        return self.content_type in HTML_TYPES


class PartArchive:
    """An archive whose parts are in memory; *main* are those that are pages."""

    def __init__(
        self,
        path: Path,
        parts: Iterable[SavedPart],
        main: Iterable[SavedPart],
        *,
        is_single: bool = True,
        prepare: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self.path = path
        self.is_single = is_single
        self._main = tuple(main)
        self._prepare = prepare
        self._by_url: dict[str, SavedPart] = {}
        for part in (*self._main, *parts):
            self._by_url.setdefault(normalize_saved_url(part.url), part)

    def at(self, captured: str) -> PartArchive:
        """Return this archive, which has one response for each address."""
        return self

    def pages(self) -> Iterator[ArchivedPage]:
        """Yield the pages."""
        for part in self._main:
            content = part.load()
            if len(content) > MAX_ARCHIVED_PAGE_BYTES:
                problem = f"the page is larger than {MAX_ARCHIVED_PAGE_BYTES // 1_000_000} MB"
                yield ArchivedPage(part.url, b"", part.captured, problem)
            else:
                yield ArchivedPage(part.url, self._prepare(with_declared_charset(content, part.charset)), part.captured)

    def find(self, url: str) -> SavedResponse | None:
        """Return the part at *url*."""
        part = self._by_url.get(normalize_saved_url(url))
        if part is None:
            return None
        content_type = f"{part.content_type}; charset={part.charset}" if part.charset else part.content_type
        return make_response(part.url, content_type, part.load, captured=part.captured)

    def caption_urls(self, video_id: str) -> list[str]:
        """Return the addresses of caption files that name *video_id*."""
        captions = (part.url for part in self._by_url.values() if is_caption_response(part.url, part.content_type))
        return [url for url in captions if names_video(url, video_id)]

    def problems(self) -> list[str]:
        """Return an empty list: a file that cannot be read is not opened."""
        return []


_CAPTION_TYPES = ("text/vtt", "application/x-subrip", "text/srt", "application/ttml+xml", "application/vnd.youtube")
_CAPTION_SUFFIXES = (".vtt", ".srt", ".ttml", ".dfxp", ".json3", ".srv1", ".srv2", ".srv3", ".sbv")


def is_caption_response(url: str, content_type: str) -> bool:
    """Return whether a response is a caption file, by its content type and its address."""
    path = url.partition("?")[0].lower()
    return content_type in _CAPTION_TYPES or path.endswith(_CAPTION_SUFFIXES) or "timedtext" in path


def names_video(url: str, video_id: str) -> bool:
    """Return whether *video_id* is a whole word of *url*."""
    before, found, after = url.partition(video_id)
    return bool(found and video_id) and not (before[-1:].isalnum() or after[:1].isalnum() or after[:1] in ("-", "_"))


def is_player_url(url: str) -> bool:
    """Return whether *url* is of a player or of the page of a video, not of an article."""
    return recognize_url(url) is not None


def with_declared_charset(html: bytes, charset: str) -> bytes:
    """Return *html* as UTF-8 if it is neither that nor states its own encoding, but its headers state *charset*."""
    if not charset or charset.lower() in ("utf-8", "utf8") or b"charset" in html[:4096].lower():
        return html
    try:
        html.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return html.decode(charset, "replace").encode("utf-8", "replace")
        except (LookupError, ValueError):  # ValueError: codecs that are not of text
            return html
    return html
