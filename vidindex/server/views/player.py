"""The player of a video: a media file, or the player of its provider."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ...model import Video
from ...pages.providers import is_audio_file, make_deep_link, player_url, recognize_url
from ...transcripts.timecode import format_clock, format_seconds, format_units
from .urls import display_host, safe_web_url, transcript_path

PlayerKind = Literal["file", "media", "youtube", "vimeo", "frame", "none"]

_START_PARAMS = {
    "youtube": "start={s}&autoplay=1&enablejsapi=1",
    "vimeo": "autoplay=1#t={s}s",
    "dailymotion": "startTime={s}&autoplay=1",
    "peertube": "start={s}s&autoplay=1",
    "twitch": "time={s}s",
    "facebook": "t={s}&autoplay=1",
    "streamable": "t={s}&autoplay=1",
}
"""Query parameters that start a provider's player at `{s}` seconds and enable its API."""

_VIMEO_HASH = re.compile(r"https://vimeo\.com/\d+/([\da-f]{6,})")
_PROBE_MS = 4_321_987_000
"""A time whose digits tell where a link states it."""

_TWITCH_PARENT = re.compile(r"(?<=[?&])parent=localhost")


@dataclass(frozen=True, slots=True)
class VideoPlayer:
    """The player of a video at a moment.

    *src* is the URL of a `file` on this server, of `media` on another host, or of a provider's frame; the latter two
    are loaded when the visitor presses play and contain `{s}` for the seconds. *href* plays the moment on the original
    page; *href_template* has `{s}` for its seconds, or `{clock}`, if the page can be opened at any moment. *at* is the
    moment in seconds. *note* says why the video may not play, or cannot, and what to do.
    """

    kind: PlayerKind
    src: str = ""
    href: str = ""
    href_template: str = ""
    host: str = ""
    site: str = ""
    at: str = "0"
    clock: str = "0:00"
    captions: str = ""
    note: str = ""

    @property
    def plays(self) -> bool:
        """Whether the video plays in the page."""
        return self.kind != "none"


def choose_player(
    video: Video, at_ms: int, *, file_url: str = "", server_host: str = "localhost", language: str = ""
) -> VideoPlayer:
    """Return the player of *video*; *file_url* is the path of its local file, *server_host* the host of this server."""
    kind, src = _local_player(file_url) if file_url else _remote_player(video.url, server_host)
    is_dead = _is_dead(video.url)
    href = "" if is_dead or not safe_web_url(video.url) else safe_web_url(make_deep_link(video.url, at_ms))
    return VideoPlayer(
        kind=kind,
        src=src,
        href=href,
        href_template=_make_href_template(video.url) if href else "",
        host=display_host(src) or display_host(href),
        site=display_host(href),
        at=format_seconds(at_ms),
        clock=format_clock(at_ms),
        captions=transcript_path(video.id, "vtt", language=language),
        note=_describe_obstacle(video, kind, href, is_dead=is_dead),
    )


def _is_dead(url: str) -> bool:
    recognized = recognize_url(url) if safe_web_url(url) else None
    return recognized is not None and recognized.dead


def _make_href_template(url: str) -> str:
    """Return the link to a moment of the video at *url* with a placeholder for the time; empty if it states none."""
    link = safe_web_url(make_deep_link(url, _PROBE_MS))
    for time, placeholder in ((format_units(_PROBE_MS), "{clock}"), (str(_PROBE_MS // 1000), "{s}")):
        before, found, after = link.rpartition(time)
        if found and "{" not in before:
            return f"{before}{placeholder}{after}"
    return ""


def _describe_obstacle(video: Video, kind: PlayerKind, href: str, *, is_dead: bool) -> str:
    """Return why the video may not play, or cannot, and what to do; empty if it should play."""
    if kind == "file":
        return ""
    if is_dead:
        return (
            f"The player of {display_host(video.url)} no longer exists. If the video is somewhere else, "
            "`vidindex attach` connects this one with its address."
        )
    if video.unavailable_since:
        return f"Unavailable on its site since {video.unavailable_since}: it may not play."
    if kind != "none" or href:
        return ""
    if video.url.startswith("file:"):
        return "Its media file is not here. Put it beside its captions, under the same name, to play it."
    return "It has no address that a browser can play."


def _local_player(file_url: str) -> tuple[PlayerKind, str]:
    return "file", file_url


def _remote_player(url: str, server_host: str) -> tuple[PlayerKind, str]:
    recognized = recognize_url(url) if safe_web_url(url) else None
    if recognized is None and safe_web_url(url) and is_audio_file(url):
        return "media", f"{url.partition('#')[0]}#t={{s}}"
    if recognized is None or recognized.dead:
        return "none", ""
    if recognized.provider == "html5":
        return "media", f"{url.partition('#')[0]}#t={{s}}"
    frame = _make_frame_url(recognized.provider, recognized.id, url)
    if not safe_web_url(frame).startswith("https://"):
        return "none", ""
    start = _START_PARAMS.get(recognized.provider, "")
    separator = ("&" if "?" in frame else "?") if start else ""
    src = _TWITCH_PARENT.sub(f"parent={server_host}", frame) + separator + start
    kinds: dict[str, PlayerKind] = {"youtube": "youtube", "vimeo": "vimeo"}
    return kinds.get(recognized.provider, "frame"), src


def _make_frame_url(provider: str, video: str, url: str) -> str:
    """Return the URL of the provider's embeddable player."""
    if provider == "peertube":
        return f"https://{urlsplit(url).netloc}/videos/embed/{video}"
    if provider == "twitch" and "/videos/" in url:
        return f"https://player.twitch.tv/?video={video}&parent=localhost"
    frame = player_url(provider, video)
    secret = _VIMEO_HASH.match(url) if provider == "vimeo" else None
    return f"{frame}?h={secret[1]}" if secret else frame
