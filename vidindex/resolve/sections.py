"""Fetch one section of a video: the segments of HLS and DASH that have it, or ranges of a file as they are asked for.

yt-dlp itself would let ffmpeg request the section.  Here every byte passes `vidindex.net.transport` and counts against
the limits of the operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ResolveError, TooLargeError
from .audio import check_is_recorded, download_format, format_protocol, has_audio, is_usable
from .hls_sections import select_segments
from .range_server import RangeServer

if TYPE_CHECKING:
    from .client import YtdlpClient

_MAX_FORMATS_TRIED = 3

_Formats = tuple[dict[str, Any], ...]
"""A format with pictures and sound, or one of each."""


@dataclass(frozen=True, slots=True)
class SectionRequest:
    """Which section is wanted, *video*: with pictures of at most *max_height* lines, and how much may be fetched."""

    start_ms: int
    end_ms: int
    video: bool = True
    max_height: int = 1080
    max_bytes: int = 500_000_000
    total_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class SectionPart:
    """A part of a section: *path*, or a *url* on this machine from which ffmpeg reads the section.

    *path* has the segments of the section; they begin *skipped_ms* after the film, as its playlist states, which may be
    rounded.  *anchor* has the first segment of the film, from which the exact time follows.  *has_video* and
    *has_audio* tell what the part has.
    """

    has_video: bool
    has_audio: bool
    path: Path | None = None
    anchor: Path | None = None
    skipped_ms: float = 0.0
    url: str = ""


@contextmanager
def open_section(
    client: YtdlpClient, url: str, info: dict[str, Any], folder: Path, request: SectionRequest
) -> Iterator[tuple[SectionPart, ...]]:
    """Fetch the section of the video that *info* describes, and *url* leads to, into *folder*.

    If one format fails, the next best one is tried; one that is read from a URL is not, since that happens later.
    Raises `ResolveError` if the video is live, or has no format that can be cut.
    Raises the exceptions of yt-dlp if every format fails.
    """
    check_is_recorded(url, info)
    choices = choose_formats(info, request)
    if not choices:
        raise ResolveError(
            url, "the site offers no film that can be cut: download it by other means", verdict="unsupported"
        )
    with ExitStack() as stack:
        yield _open_first(client, info, choices, folder, request, stack)


def _open_first(
    client: YtdlpClient,
    info: dict[str, Any],
    choices: Sequence[_Formats],
    folder: Path,
    request: SectionRequest,
    stack: ExitStack,
) -> tuple[SectionPart, ...]:
    for number, formats in enumerate(choices):
        try:
            return tuple(
                _open_part(client, {**info, **each}, folder / f"part-{number}-{at}", request, stack)
                for at, each in enumerate(formats)
            )
        except Exception:  # downloaders raise exceptions of any class
            if client.request_context.bytes_left < 0:
                raise TooLargeError(f"the section is larger than {request.max_bytes // 1_000_000:,} MB") from None
            client.request_context.seconds_left()
            if number + 1 == len(choices):
                raise
    raise AssertionError("the last format is opened or raises")


def choose_formats(info: dict[str, Any], request: SectionRequest) -> list[_Formats]:
    """Return the formats to try, best first: one with pictures and sound, or one of each."""
    formats = list(filter(is_usable, info.get("formats") or ([info] if info.get("url") else [])))
    sounds = sorted((each for each in formats if has_audio(each) and not _has_video(each)), key=_sound_rank)
    videos = sorted(
        (each for each in formats if _has_video(each)), key=lambda each: _video_rank(each, request.max_height)
    )
    if not request.video or not videos:
        alone: list[_Formats] = [(each,) for each in sounds] or [
            (each,) for each in reversed(videos) if has_audio(each)
        ]
        return alone[:_MAX_FORMATS_TRIED]
    choices: list[_Formats] = [(each,) if has_audio(each) or not sounds else (each, sounds[0]) for each in videos]
    return choices[:_MAX_FORMATS_TRIED]


def _has_video(media_format: dict[str, Any]) -> bool:
    return media_format.get("vcodec") != "none"


def _sound_rank(media_format: dict[str, Any]) -> tuple[float, float]:
    return -(media_format.get("language_preference") or -1), -(media_format.get("abr") or media_format.get("tbr") or 0)


def _video_rank(media_format: dict[str, Any], max_height: int) -> tuple[bool, float, bool, float]:
    """Return the key that puts the largest pictures within the limit first, with sound before without."""
    height = media_format.get("height") or 0
    is_too_large = height > max_height
    return (
        is_too_large, height if is_too_large else -height, not has_audio(media_format), -(media_format.get("tbr") or 0),
    )  # fmt: skip


def _open_part(
    client: YtdlpClient, info: dict[str, Any], path: Path, request: SectionRequest, stack: ExitStack
) -> SectionPart:
    protocol = format_protocol(info)
    if protocol.startswith("m3u8"):
        return _fetch_segments(client, info, path, _select_hls(client, info, request))
    if protocol == "http_dash_segments":
        return _fetch_segments(client, info, path, _select_dash(info, request))
    server = stack.enter_context(RangeServer(client, info["url"], dict(info.get("http_headers") or {})))
    return SectionPart(_has_video(info), has_audio(info), url=server.url)


_Selection = tuple[dict[str, Any], dict[str, Any] | None, float]
"""The changes to an info dict that select the section, and the first segment, and the time before the section."""


def _select_hls(client: YtdlpClient, info: dict[str, Any], request: SectionRequest) -> _Selection:
    from yt_dlp.networking import Request

    response = client.urlopen(Request(info["url"], headers=dict(info.get("http_headers") or {})))
    selected = select_segments(response.read().decode("utf-8", "replace"), request.start_ms, request.end_ms)
    common = {"url": response.url}
    section = {**common, "hls_media_playlist_data": selected.playlist}
    anchor = {**common, "hls_media_playlist_data": selected.anchor} if selected.anchor else None
    return section, anchor, selected.skipped_ms


def _select_dash(info: dict[str, Any], request: SectionRequest) -> _Selection:
    fragments = info.get("fragments")
    if not isinstance(fragments, list) or not fragments:
        raise ValueError("the manifest lists no segments")
    head = fragments[:1] if fragments[0].get("duration") is None else []
    chosen: list[dict[str, Any]] = []
    at_ms = skipped_ms = 0.0
    for fragment in fragments[len(head) :]:
        end_ms = at_ms + float(fragment.get("duration") or 0) * 1000
        if at_ms < request.end_ms and end_ms > request.start_ms:
            skipped_ms = skipped_ms if chosen else at_ms
            chosen.append(fragment)
        at_ms = end_ms
    if not chosen:
        raise ValueError("the film ends before the moment, or its manifest does not tell how long the segments are")
    first = fragments[len(head)]
    anchor = None if chosen[0] is first else {"fragments": [*head, first]}
    return {"fragments": [*head, *chosen]}, anchor, skipped_ms


def _fetch_segments(client: YtdlpClient, info: dict[str, Any], path: Path, selection: _Selection) -> SectionPart:
    section, first, skipped_ms = selection
    download_format(client, {**info, **section}, path, lambda *_: None)
    anchor = path.with_name(f"{path.name}-first") if first else None
    if first and anchor:
        download_format(client, {**info, **first}, anchor, lambda *_: None)
    return SectionPart(_has_video(info), has_audio(info), path, anchor, skipped_ms)
