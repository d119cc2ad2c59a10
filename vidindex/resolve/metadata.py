"""yt-dlp's description of a video → `Video`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ..model import Chapter, Video
from ..net.ssrf import host_of
from ..net.transport import as_file
from .languages import language_code

_BARE = ("generic", "html5")
_PLACEHOLDER = re.compile(r"\S+ video #\S+")
_NUMBERED = re.compile(r" \(\d+\)$")
_SEPARATORS = re.compile(r"[\s_.+-]+")
_HALVES = re.compile(r"[\ud800-\udfff]")
_MOST_TEXT = 50_000
_MOST_ENTRIES = 1_000


def video_of(info: dict[str, Any], url: str, *, title: str = "") -> Video:
    """Describe the video of *info*, which was asked for by *url*; *title* is what its page calls it."""
    address = url if is_bare(info) else _text(info.get("webpage_url")).partition("#__youtubedl_smuggle")[0] or url
    duration_s = _number(info.get("duration"))
    return Video(
        id=video_id(info, url),
        url=address,
        title=_title(info, url, title),
        channel=_text(info.get("channel") or info.get("uploader") or info.get("creator")),
        channel_url=_text(info.get("channel_url") or info.get("uploader_url")),
        site=host_of(address).removeprefix("www."),
        date=_date(info),
        duration_ms=round(duration_s * 1000),
        description=_text(info.get("description")),
        language=language_code(_text(info.get("language"))),
        categories=_texts(info.get("categories")),
        tags=_texts(info.get("tags")),
        chapters=tuple(_chapters(info.get("chapters"))),
        thumbnail=as_file(_text(info.get("thumbnail"))),
    )


def video_id(info: dict[str, Any], url: str) -> str:
    """Name the video: `extractor:id`, or after its address where yt-dlp's id is a bare file name."""
    if is_bare(info):
        return address_id(url)
    extractor = _text(info.get("extractor_key") or info.get("extractor")).partition(":")[0].lower()
    return f"{extractor}:{_text(info.get('id'))}"


def address_id(url: str) -> str:
    """Name a video by its address: `web:host/path` and a hash of the query, or `file:stem-hash`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        path = unquote(parts.path)
        return f"file:{PurePosixPath(path).stem}-{_hash(path)}"
    port = f":{parts.port}" if parts.port else ""
    query = f"-{_hash(parts.query)}" if parts.query else ""
    return f"web:{host_of(url)}{port}{parts.path or '/'}{query}"


def is_bare(info: dict[str, Any]) -> bool:
    """Tell whether no site extractor knows this video: a file, a manifest or a page with a player in it."""
    return _text(info.get("extractor_key") or info.get("extractor")).lower().startswith(_BARE)


def readable(stem: str) -> str:
    """Make a file name's *stem* readable: `the_big-talk.2019` → `the big talk 2019`."""
    return _SEPARATORS.sub(" ", unquote(stem)).strip()[:500]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def _title(info: dict[str, Any], url: str, given: str) -> str:
    stated = _text(info.get("fulltitle") if "fulltitle" in info else info.get("title"))
    if _PLACEHOLDER.fullmatch(stated):
        stated = ""
    if not is_bare(info):
        return stated or given
    stem = PurePosixPath(unquote(urlsplit(url).path)).stem
    plain = _NUMBERED.sub("", stated)
    return plain if plain and plain not in (stem, "video") else given or readable(stem)


def _date(info: dict[str, Any]) -> str:
    for key in ("upload_date", "release_date"):
        compact = _text(info.get(key))
        if re.fullmatch(r"[12]\d{7}", compact):
            return f"{compact[:4]}-{compact[4:6]}-{compact[6:]}"
    seconds = _number(info.get("timestamp") or info.get("release_timestamp"))
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""
    except (ValueError, OverflowError, OSError):
        return ""


def _chapters(stated: object) -> Iterable[Chapter]:
    for chapter in stated[:_MOST_ENTRIES] if isinstance(stated, list) else ():
        if isinstance(chapter, dict) and _text(chapter.get("title")):
            yield Chapter(round(_number(chapter.get("start_time")) * 1000), _text(chapter["title"]))


def _texts(stated: object) -> tuple[str, ...]:
    if not isinstance(stated, list | tuple):
        return ()
    return tuple(text for text in map(_text, stated[:_MOST_ENTRIES]) if text)


def _text(value: object) -> str:
    return _HALVES.sub("\ufffd", str(value)).strip()[:_MOST_TEXT] if isinstance(value, str | int) else ""


def _number(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type] # whatever it is, float() tells
    except (TypeError, ValueError):
        return 0.0
    return number if 0 <= number < 1e12 else 0.0
