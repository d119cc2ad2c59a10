"""Select from yt-dlp's caption lists one track per language and origin, in the format that has the most details."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..model import CaptionOrigin, Track
from ..net.saved_responses import ResponseArchive
from ..transcripts.languages import NON_SPEECH_LANGUAGES, parse_caption_language

# JSON3 has the time of every word of an automatic track.  Otherwise, WebVTT is most often the original format.
_TIMED_FORMATS = ("json3", "srv3", "vtt", "srv2", "srv1", "ttml", "srt")
_ORIGINAL_FORMATS = ("vtt", "ttml", "dfxp", "srt", "ass", "ssa", "json3", "srv3", "srv2", "srv1", "sbv", "json", "xml")

_NON_CAPTION_LISTS = NON_SPEECH_LANGUAGES | {"storyboard", "thumbnails", "chapters"}
_NON_CAPTION_FORMATS = frozenset({"png", "jpg", "jpeg", "webp", "sprite", "mhtml"})
_MAX_TRACKS = 500


@dataclass(frozen=True, slots=True)
class FoundTrack(Track):
    """A track with what its download needs.

    *data* is the content if the site sent it with the metadata.  *allowed_private_hosts* are the hosts that may be
    private, *referer* is the page that embeds the video, *archive* is asked before the network.
    """

    protocol: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    data: bytes | None = None
    fragments: tuple[str, ...] = ()
    allowed_private_hosts: frozenset[str] = frozenset()
    referer: str = ""
    archive: ResponseArchive | None = field(default=None, compare=False, repr=False)


def select_tracks(info: dict[str, Any]) -> tuple[FoundTrack, ...]:
    """Return the tracks of *info*, one per language and origin, manual ones first."""
    chosen: dict[tuple[str, CaptionOrigin], tuple[int, FoundTrack]] = {}
    for candidate in _iter_tracks(info):
        rank = _track_rank(info, candidate)
        key = (candidate.language, candidate.origin)
        if key not in chosen or rank < chosen[key][0]:
            chosen[key] = (rank, candidate)
    tracks = [track for _, track in chosen.values()]
    return tuple(sorted(tracks, key=lambda track: track.origin != "manual"))[:_MAX_TRACKS]


def _iter_tracks(info: dict[str, Any]) -> Iterator[FoundTrack]:
    manual_urls: set[str] = set()
    for language, caption_format in _iter_formats(info.get("subtitles")):
        manual_urls.add(str(caption_format.get("url") or ""))
        if _is_caption(language, caption_format):
            yield _build_track(language, "manual", caption_format)
    manual_urls.discard("")
    for language, caption_format in _iter_formats(info.get("automatic_captions")):
        # YouTube lists manual captions as their own translation: `en-en` has the address of `en`.
        if _is_caption(language, caption_format) and caption_format.get("url") not in manual_urls:
            yield _build_track(language, "automatic", caption_format)


def _iter_formats(captions: dict[str, Any] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each format of *captions*, one of yt-dlp's caption lists, with its language."""
    for language, formats in (captions or {}).items():
        for caption_format in formats or ():
            if isinstance(caption_format, dict):
                yield str(language), caption_format


def _is_caption(language: str, caption_format: dict[str, Any]) -> bool:
    if language.lower() in _NON_CAPTION_LISTS or str(caption_format.get("ext")).lower() in _NON_CAPTION_FORMATS:
        return False
    if "live_chat" in str(caption_format.get("protocol") or ""):
        return False
    return not is_translation_url(str(caption_format.get("url") or ""))


def is_translation_url(url: str) -> bool:
    """Return whether *url* is that of a machine translation, which YouTube offers into every language."""
    try:
        return "tlang" in parse_qs(urlsplit(url).query)
    except ValueError:
        return False


def _build_track(stated: str, origin: CaptionOrigin, caption_format: dict[str, Any]) -> FoundTrack:
    name = str(caption_format.get("name") or "")
    language, is_automatic = parse_caption_language(stated, name)
    headers = caption_format.get("http_headers") or {}
    return FoundTrack(
        language=language,
        origin="automatic" if is_automatic else origin,
        format=str(caption_format.get("ext") or "").lower().replace("unknown_video", ""),
        url=str(caption_format.get("url") or ""),
        name=name,
        protocol=str(caption_format.get("protocol") or ""),
        headers=tuple((str(key), str(value)) for key, value in headers.items()),
        data=_encode_data(caption_format.get("data")),
        fragments=_fragment_urls(caption_format),
    )


def _encode_data(data: object) -> bytes | None:
    if data is None or isinstance(data, bytes):
        return data
    return str(data).encode("utf-8", "replace")


def _fragment_urls(caption_format: dict[str, Any]) -> tuple[str, ...]:
    """Return the URLs of the fragments of a DASH track; none if yt-dlp generates them during the download."""
    fragments = caption_format.get("fragments")
    if not isinstance(fragments, list):
        return ()
    base_url = str(caption_format.get("fragment_base_url") or "")
    return tuple(str(each.get("url") or base_url + str(each.get("path") or "")) for each in fragments)


def _track_rank(info: dict[str, Any], track: FoundTrack) -> int:
    is_youtube = str(info.get("extractor_key") or "").lower() == "youtube"
    order = _TIMED_FORMATS if is_youtube and track.origin == "automatic" else _ORIGINAL_FORMATS
    return order.index(track.format) if track.format in order else len(order)
