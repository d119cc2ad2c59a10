"""Convert the info dict of yt-dlp to a `Video`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ..model import Chapter, Medium, Video
from ..net.ssrf import extract_host
from ..net.transport import restore_file_urls
from ..pages.dates import day_of_timestamp, parse_day
from ..pages.providers import is_audio_file, media_file_id, recognize_url, strip_audio_prefix
from ..transcripts.languages import normalize_language

_GENERIC_EXTRACTORS = ("generic", "html5")
_PLACEHOLDER_TITLE = re.compile(r"\S+ video #\S+")
_NUMBER_SUFFIX = re.compile(r" \(\d+\)$")
_WORD_SEPARATORS = re.compile(r"[\s_.+-]+")
_LONE_SURROGATES = re.compile(r"[\ud800-\udfff]")
_CONTROL_CHARS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNPRINTABLE_CHARS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_WEB_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f-\x9f<>\"\\]+", re.IGNORECASE)
_MAX_TEXT_CHARS = 50_000
_MAX_LINE_CHARS = 1_000
_MAX_URL_CHARS = 4_000
_MAX_ID_CHARS = 300
_MAX_LIST_ITEMS = 1_000


def build_video(info: dict[str, Any], url: str, *, title: str = "") -> Video:
    """Return the video that *info* describes and *url* leads to; *title* is the one that the embedding page states.

    Other URLs than *url* are kept only if they are HTTP or HTTPS URLs.
    """
    address = url if is_generic_video(info) else clean_web_url(info.get("webpage_url")) or url
    duration_s = _parse_number(info.get("duration"))
    return Video(
        id=build_video_id(info, url),
        url=address,
        title=_choose_title(info, url, title),
        channel=_clean_line(info.get("channel") or info.get("uploader") or info.get("creator")),
        channel_url=clean_web_url(info.get("channel_url") or info.get("uploader_url")),
        site=extract_host(address).removeprefix("www."),
        date=_parse_date(info),
        duration_ms=round(duration_s * 1000),
        description=_clean_text(info.get("description")),
        language=normalize_language(_clean_line(info.get("language"))),
        categories=_clean_texts(info.get("categories")),
        tags=_clean_texts(info.get("tags")),
        chapters=tuple(_parse_chapters(info.get("chapters"))),
        thumbnail=restore_file_urls(clean_web_url(info.get("thumbnail"))),
        medium=_find_medium(info, url),
    )


def _find_medium(info: dict[str, Any], url: str) -> Medium:
    """Return `audio` if no format has a picture, or if the URL is that of audio and no format says that it has one."""
    formats = [each for each in info.get("formats") or [info] if isinstance(each, dict)]
    codecs = {str(each.get("vcodec") or "") for each in formats if each.get("vcodec") != "images"}
    if codecs - {"", "none"}:
        return "video"
    if codecs == {"none"}:
        return "audio"
    recognized = recognize_url(url)
    return "audio" if is_audio_file(url) or (recognized is not None and recognized.medium == "audio") else "video"


def build_video_id(info: dict[str, Any], url: str) -> str:
    """Return the id of the video: `extractor:id`, or one made from *url* if no site extractor knows the video."""
    if is_generic_video(info):
        return build_media_id(url)
    video_id = escape_name(_clean_text(info.get("id")))
    if len(video_id) > _MAX_ID_CHARS:
        video_id = f"{video_id[:_MAX_ID_CHARS]}-{_short_hash(video_id)}"
    return f"{extractor_name(info)}:{video_id}"


def extractor_name(info: dict[str, Any]) -> str:
    """Return the name of the extractor of yt-dlp that made *info*, in lower case."""
    return _clean_line(info.get("extractor_key") or info.get("extractor")).partition(":")[0].lower()


def build_media_id(url: str) -> str:
    """Return an id made from *url*; that of an audio file does not depend on who counts its listeners, or signs it."""
    if not (is_audio_file(url) and url.startswith(("http:", "https:"))):
        return build_url_id(url)
    return build_url_id(media_file_id(strip_audio_prefix(url)))


def build_url_id(url: str) -> str:
    """Return an id made from *url*: `web:host/path` and a hash of the query, or `file:stem-hash`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        path = unquote(parts.path)
        return f"file:{PurePosixPath(path).stem}-{_short_hash(path)}"
    port = f":{parts.port}" if parts.port else ""
    query = f"-{_short_hash(parts.query)}" if parts.query else ""
    return f"web:{extract_host(url)}{port}{parts.path or '/'}{query}"


def is_generic_video(info: dict[str, Any]) -> bool:
    """Return whether no site extractor knows the video: a media file, a manifest, or a page that has a player."""
    return extractor_name(info).startswith(_GENERIC_EXTRACTORS)


def clean_web_url(value: object) -> str:
    """Return *value* if it is an HTTP or HTTPS URL with a host, else an empty string."""
    url = _clean_text(value).partition("#__youtubedl_smuggle")[0].replace(" ", "%20")
    return url if len(url) <= _MAX_URL_CHARS and _WEB_URL.fullmatch(url) and extract_host(url) else ""


def escape_name(name: str) -> str:
    """Return *name* with escapes for what cannot be displayed or typed, such as bytes that are not valid Unicode."""
    return _UNPRINTABLE_CHARS.sub(lambda match: match[0].encode("unicode_escape").decode(), name)


def humanize_stem(stem: str) -> str:
    """Return the *stem* of a file name in readable form: `the_big-talk.2019` becomes `the big talk 2019`."""
    return _WORD_SEPARATORS.sub(" ", unquote(stem)).strip()[:500]


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def _choose_title(info: dict[str, Any], url: str, given: str) -> str:
    stated = _clean_line(info.get("fulltitle") if "fulltitle" in info else info.get("title"))
    if _PLACEHOLDER_TITLE.fullmatch(stated):
        stated = ""
    if not is_generic_video(info):
        return stated or given
    stem = PurePosixPath(unquote(urlsplit(url).path)).stem
    title = _NUMBER_SUFFIX.sub("", stated)
    return title if title and title not in (stem, "video") else given or humanize_stem(stem)


def _parse_date(info: dict[str, Any]) -> str:
    for key in ("upload_date", "release_date"):
        compact = _clean_line(info.get(key))
        if re.fullmatch(r"[12]\d{7}", compact) and (day := parse_day(compact)):
            return day
    seconds = _parse_number(info.get("timestamp") or info.get("release_timestamp"))
    return day_of_timestamp(seconds) if seconds else ""


def _parse_chapters(stated: object) -> Iterable[Chapter]:
    for chapter in stated[:_MAX_LIST_ITEMS] if isinstance(stated, list) else ():
        if isinstance(chapter, dict) and (title := _clean_line(chapter.get("title"))):
            yield Chapter(round(_parse_number(chapter.get("start_time")) * 1000), title)


def _clean_texts(stated: object) -> tuple[str, ...]:
    if not isinstance(stated, list | tuple):
        return ()
    return tuple(text for text in map(_clean_line, stated[:_MAX_LIST_ITEMS]) if text)


def _clean_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = value if isinstance(value, str) else str(value)
    return _LONE_SURROGATES.sub("\ufffd", text[: 2 * _MAX_TEXT_CHARS]).strip()[:_MAX_TEXT_CHARS]


def _clean_line(value: object) -> str:
    return _CONTROL_CHARS.sub(" ", _clean_text(value)[:_MAX_LINE_CHARS]).strip()


def _parse_number(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type] # float() checks the type
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return number if 0 <= number < 1e12 else 0.0
