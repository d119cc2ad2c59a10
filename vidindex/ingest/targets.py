"""Classify targets: page, video, media file, saved page, feed, captions, or folder of captions."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from ..errors import TargetError
from ..net.files import is_inside_folder, read_regular_file
from ..pages.providers import archive_line_url, recognize_url
from ..pages.saved_page import GZIP_MAGIC, decompress_start, is_archive_file
from ..resolve.local_files import AMBIGUOUS_SUFFIXES, CAPTION_SUFFIXES, TABLE_SUFFIXES
from ..transcripts.formats.sniff import has_times, starts_as_captions
from .feed_marks import find_list_mark

PAGE_SUFFIXES = {".html", ".htm", ".xhtml", ".shtml", ".mhtml", ".php", ".asp", ".aspx"}
MEDIA_SUFFIXES = {
    ".mp4",
    ".m4v",
    ".webm",
    ".ogv",
    ".ogg",
    ".mov",
    ".mkv",
    ".flv",
    ".avi",
    ".mp3",
    ".m4a",
    ".m4b",
    ".wav",
    ".flac",
    ".opus",
    ".aac",
    ".oga",
    ".m3u8",
    ".mpd",
}
"""Suffixes of media files, and of the playlists that stand for one."""
PLAYLIST_SUFFIXES = frozenset((".m3u8", ".mpd"))
"""Suffixes of media files that only list the URLs of others."""
_HEAD_BYTES = 4096
_HTML_MARK = re.compile(rb"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_LINK_LINE = re.compile(r"\s*<?https?://\S+\s*$", re.IGNORECASE)
_HOST_PATTERN = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z]{2,}(:\d+)?(/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """A classified target: *url* is set if it is a URL or a media file, *path* if it is on this machine.

    A `video` is a URL that identifies a video of a known provider, `media` a media file, `url` any other URL.  An
    `archive` is a file of saved pages, a `feed` one of RSS, Atom or JSON Feed.
    """

    kind: Literal["url", "video", "media", "page", "archive", "captions", "feed", "folder"]
    url: str = ""
    path: Path = Path()


def classify_target(given: str | Path) -> Target:
    """Classify *given*, reading no more than the first bytes of a file.

    Raises `TargetError` if it is none of the kinds.
    """
    text = str(given).strip()
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if scheme in {"http", "https"}:
        return _classify_url(text)
    if scheme == "file":
        return _classify_path(text, file_url_to_path(text))
    if scheme:
        raise TargetError(text, f"{scheme}: addresses are not supported; give an http: or https: address, or a file")
    if not text:
        raise TargetError("“”", "there is no such file: the name is empty")
    return _classify_path(text, Path(given))


def file_url_to_path(url: str) -> Path:
    """Return the path that a `file:` URL names.

    Raises `TargetError` if the URL is not valid, or names another machine.
    """
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise TargetError(url[:200], f"it is not a valid address ({exc})") from exc
    if parts.netloc.lower() not in ("", "localhost"):
        raise TargetError(url[:200], "it is a file on another machine; give a path, or file:/// and a path")
    return Path(url2pathname(parts.path))


def local_media_url(path: Path) -> str:
    """Return the `file:` URL of the media file *path*; if it is a link to another folder, that of the real file.

    What belongs to a media file is looked for in its folder only.
    """
    path = path.absolute()
    return (path if is_inside_folder(path, path.parent) else path.resolve()).as_uri()


def _classify_url(text: str) -> Target:
    try:
        host = urlsplit(text).hostname
    except ValueError as exc:
        raise TargetError(text, f"it is not a valid address ({exc})") from exc
    if not host:
        raise TargetError(text, "the address names no host")
    suffix = Path(unquote(urlsplit(text).path)).suffix.lower()
    if suffix in MEDIA_SUFFIXES:
        return Target("media", url=text)
    recognized = recognize_url(text)
    return Target("video" if recognized is not None and not recognized.dead else "url", url=text)


def _classify_path(text: str, path: Path) -> Target:
    try:
        if path.is_dir():
            return Target("folder", path=path)
        if path.is_file():
            return _classify_file(path)
        exists = path.exists()
    except (OSError, ValueError) as exc:  # the name is too long or has a null byte
        raise TargetError(text[:200], "there is no such file") from exc
    if exists:
        raise TargetError(text, "it is neither a file nor a folder; write the output of a pipe to a file first")
    if _HOST_PATTERN.match(text):
        raise TargetError(text, f"there is no such file; if it is an address, give https://{text}")
    raise TargetError(text[:200], "there is no such file, and it is not an address (those start with https://)")


def _classify_file(path: Path) -> Target:
    suffix = path.suffix.lower()
    if suffix in MEDIA_SUFFIXES:
        return Target("media", url=local_media_url(path), path=path)
    try:
        head = read_regular_file(path, _HEAD_BYTES)
    except OSError as exc:
        raise TargetError(str(path), f"it cannot be read ({exc.strerror})") from exc
    if is_archive_file(head, path):
        return Target("archive", path=path)
    if head.startswith(GZIP_MAGIC):  # crawlers keep pages so
        with suppress(zlib.error):
            head = decompress_start(head, _HEAD_BYTES)
        if _is_page(head, path.with_suffix("").suffix.lower()) and not find_list_mark(head):
            return Target("page", path=path)
    mark = find_list_mark(head)
    if mark == "feed":
        return Target("feed", path=path)
    if mark or _is_list(head) or (suffix in TABLE_SUFFIXES and not has_times(head)):
        raise TargetError(str(path), f"it is a list, not a video; run `vidindex batch {path}` to add what it lists")
    return Target("page" if _is_page(head, suffix) else "captions", path=path)


def _is_page(head: bytes, suffix: str) -> bool:
    """Return whether a file is a web page, and not captions.

    TTML, SAMI and srv3 have tags of HTML, and the text of any captions may have some: only a suffix that says nothing
    lets these tags decide.
    """
    if starts_as_captions(head):
        return False
    head = head.replace(b"\0", b"")  # UTF-16, with or without a byte order mark
    if suffix in PAGE_SUFFIXES:
        return True
    if suffix in AMBIGUOUS_SUFFIXES:
        return head.lstrip(b"\xef\xbb\xbf\xff\xfe").lstrip().startswith(b"<") and _HTML_MARK.search(head) is not None
    if suffix in CAPTION_SUFFIXES:
        return False
    return _HTML_MARK.search(head) is not None


def _is_list(head: bytes) -> bool:
    """Return whether each line in *head*, the start of a file, is a link or a line of yt-dlp's download archive."""
    lines = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").splitlines()
    if len(head) > _HEAD_BYTES:
        lines = lines[:-1]  # it may be incomplete
    stated = [line for line in lines if line.strip() and not line.startswith("#")]
    return bool(stated) and all(_LINK_LINE.match(line) or archive_line_url(line) for line in stated)
