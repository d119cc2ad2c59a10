"""yt-dlp's caption lists → one track a language and origin, in the format that keeps most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..model import CaptionOrigin, Track
from .languages import parse_caption_language

# JSON3 states the time of every word of an automatic track; elsewhere WebVTT is what sites write first-hand.
_TIMED_FORMATS = ("json3", "srv3", "vtt", "srv2", "srv1", "ttml", "srt")
_ORIGINAL_FORMATS = ("vtt", "ttml", "dfxp", "srt", "ass", "ssa", "json3", "srv3", "srv2", "srv1", "sbv", "json", "xml")

_NON_CAPTION_LISTS = frozenset({"live_chat", "rechat", "danmaku", "comments", "storyboard", "thumbnails", "chapters"})
_NON_CAPTION_FORMATS = frozenset({"png", "jpg", "jpeg", "webp", "sprite", "mhtml"})
_MAX_TRACKS = 500


@dataclass(frozen=True, slots=True)
class FoundTrack(Track):
    """A track with what fetching it takes: *data* where the site gave the bytes at once.

    *private* names the hosts that may be private, *referer* is the page it belongs to.
    """

    protocol: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    data: bytes | None = None
    fragments: tuple[str, ...] = ()
    allowed_private_hosts: frozenset[str] = frozenset()
    referer: str = ""


def select_tracks(info: dict[str, Any]) -> tuple[FoundTrack, ...]:
    """Choose the tracks of *info*: each language once a origin, manual ones first."""
    chosen: dict[tuple[str, CaptionOrigin], tuple[int, FoundTrack]] = {}
    for found in _iter_tracks(info):
        rank = _track_rank(info, found)
        key = (found.language, found.origin)
        if key not in chosen or rank < chosen[key][0]:
            chosen[key] = (rank, found)
    tracks = [track for _, track in chosen.values()]
    return tuple(sorted(tracks, key=lambda track: track.origin != "manual"))[:_MAX_TRACKS]


def _iter_tracks(info: dict[str, Any]) -> Iterator[FoundTrack]:
    origins: tuple[tuple[str, CaptionOrigin], ...] = (("subtitles", "manual"), ("automatic_captions", "automatic"))
    for key, origin in origins:
        for language, forms in (info.get(key) or {}).items():
            for form in forms or ():
                if isinstance(form, dict) and _is_caption(str(language), form):
                    yield _build_track(str(language), origin, form)


def _is_caption(language: str, form: dict[str, Any]) -> bool:
    if language.lower() in _NON_CAPTION_LISTS or str(form.get("ext")).lower() in _NON_CAPTION_FORMATS:
        return False
    if "live_chat" in str(form.get("protocol") or ""):
        return False
    # YouTube translates automatic captions into every language by machine: nobody spoke those words.
    return "tlang" not in parse_qs(_url_query(str(form.get("url") or "")))


def _url_query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


def _build_track(stated: str, origin: CaptionOrigin, form: dict[str, Any]) -> FoundTrack:
    name = str(form.get("name") or "")
    language, automatic = parse_caption_language(stated, name)
    headers = form.get("http_headers") or {}
    return FoundTrack(
        language=language,
        origin="automatic" if automatic else origin,
        format=str(form.get("ext") or "").lower().replace("unknown_video", ""),
        url=str(form.get("url") or ""),
        name=name,
        protocol=str(form.get("protocol") or ""),
        headers=tuple((str(key), str(value)) for key, value in headers.items()),
        data=_encode_data(form.get("data")),
        fragments=_fragment_urls(form),
    )


def _encode_data(data: object) -> bytes | None:
    if data is None or isinstance(data, bytes):
        return data
    return str(data).encode("utf-8", "replace")


def _fragment_urls(form: dict[str, Any]) -> tuple[str, ...]:
    """List the addresses of the parts of a DASH track, none where yt-dlp makes them as it goes."""
    parts = form.get("fragments")
    if not isinstance(parts, list):
        return ()
    base = str(form.get("fragment_base_url") or "")
    return tuple(str(part.get("url") or base + str(part.get("path") or "")) for part in parts)


def _track_rank(info: dict[str, Any], track: FoundTrack) -> int:
    youtube = str(info.get("extractor_key") or "").lower() == "youtube"
    order = _TIMED_FORMATS if youtube and track.origin == "automatic" else _ORIGINAL_FORMATS
    return order.index(track.format) if track.format in order else len(order)
