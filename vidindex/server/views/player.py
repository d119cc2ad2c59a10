"""What plays a video: the file itself, or the player of its provider."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ...model import Video
from ...pages.providers import deep_link, player_url, recognise
from ...transcripts.timecode import clock
from .urls import host_of, seconds, transcript_path, web_link

PlayerKind = Literal["file", "media", "youtube", "vimeo", "frame", "none"]

_STARTS = {
    "youtube": "start={s}&autoplay=1&enablejsapi=1",
    "vimeo": "autoplay=1#t={s}s",
    "dailymotion": "startTime={s}&autoplay=1",
    "peertube": "start={s}s&autoplay=1",
    "twitch": "time={s}s",
    "facebook": "t={s}&autoplay=1",
    "streamable": "t={s}&autoplay=1",
}
"""How a provider's player is told where to start, and by which protocol it may be asked to move."""

_SECRET = re.compile(r"https://vimeo\.com/\d+/([\da-f]{6,})")
_PARENT = re.compile(r"(?<=[?&])parent=localhost")


@dataclass(frozen=True, slots=True)
class Player:
    """How the video plays.

    *src* is what the page puts in place, at once for a `file`, else when play is pressed: a frame, or `media` of
    another host, with `{s}` where the seconds belong.  *href* is where the original plays the moment; *at* are its
    seconds.
    """

    kind: PlayerKind
    src: str = ""
    href: str = ""
    host: str = ""
    at: str = "0"
    clock: str = "0:00"
    captions: str = ""


def player_of(video: Video, at_ms: int, *, file: str = "", server: str = "localhost", language: str = "") -> Player:
    """Choose the player of *video*: *file* is the address that this server has it at, *server* its own host."""
    kind, src = _local(file) if file else _remote(video.url, server)
    href = web_link(deep_link(video.url, at_ms)) if web_link(video.url) else ""
    return Player(
        kind=kind,
        src=src,
        href=href,
        host=host_of(src) or host_of(href),
        at=seconds(at_ms),
        clock=clock(at_ms),
        captions=transcript_path(video.id, "vtt", language=language),
    )


def _local(file: str) -> tuple[PlayerKind, str]:
    return "file", file


def _remote(url: str, server: str) -> tuple[PlayerKind, str]:
    known = recognise(url) if web_link(url) else None
    if known is None or known.dead:
        return "none", ""
    if known.provider == "html5":
        return "media", f"{url.partition('#')[0]}#t={{s}}"
    frame = _frame(known.provider, known.id, url)
    if not web_link(frame).startswith("https://"):
        return "none", ""
    start = _STARTS.get(known.provider, "")
    joint = ("&" if "?" in frame else "?") if start else ""
    src = _PARENT.sub(f"parent={server}", frame) + joint + start
    kinds: dict[str, PlayerKind] = {"youtube": "youtube", "vimeo": "vimeo"}
    return kinds.get(known.provider, "frame"), src


def _frame(provider: str, video: str, url: str) -> str:
    """Give the provider's page that holds nothing but the player."""
    if provider == "peertube":
        return f"https://{urlsplit(url).netloc}/videos/embed/{video}"
    if provider == "twitch" and "/videos/" in url:
        return f"https://player.twitch.tv/?video={video}&parent=localhost"
    frame = player_url(provider, video)
    secret = _SECRET.match(url) if provider == "vimeo" else None
    return f"{frame}?h={secret[1]}" if secret else frame
