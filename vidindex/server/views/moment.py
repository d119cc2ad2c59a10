"""The moment that the address of a video page names: what is played, quoted and shown where it is shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...errors import NotIndexedError
from ...model import Video
from ...transcripts.timecode import format_seconds, parse_time_offset
from .clip import Clip, format_media_range, make_clip
from .player import VideoPlayer
from .social import SocialCard, make_social_card
from .urls import safe_web_url, video_path
from .video import VideoPage

if TYPE_CHECKING:
    from ...library import Index


@dataclass(frozen=True, slots=True)
class Moment:
    """A video page that plays from its time to *end_ms*, or to the end if that is 0.

    *clip* has the words between these times, if any are spoken there; *link* plays on after them.  *plays_on*: the
    player cannot be stopped at *end_ms*.
    """

    page: VideoPage
    clip: Clip | None
    card: SocialCard
    end_ms: int = 0
    link: str = ""
    plays_on: bool = False


def describe_moment(index: Index, video: Video, page: VideoPage, params: Mapping[str, str], *, base_url: str) -> Moment:
    """Return the moment of *page*, the page of *video* for the query parameters *params*."""
    end_ms = parse_time_offset(params.get("end", ""))
    if end_ms <= page.at_ms:
        return Moment(page, None, make_social_card(video, page, None, base_url=base_url))
    language = params.get("lang", "")
    clip = find_clip(index, video, page.at_ms, end_ms, language=language, base_url=base_url)
    return Moment(
        page=replace(page, player=_stop_at(page.player, page.at_ms, end_ms)),
        clip=clip,
        card=make_social_card(video, page, clip, base_url=base_url),
        end_ms=end_ms,
        link=video_path(video.id, at_ms=page.at_ms, text=page.query, language=language),
        plays_on=page.player.kind == "frame",
    )


def find_clip(
    index: Index, video: Video, start_ms: int, end_ms: int, *, language: str = "", base_url: str = ""
) -> Clip | None:
    """Return the clip of the words between two moments, or None if no words are spoken there."""
    try:
        transcript = index.transcript(video.id, language=language, restore_case=True)
        return make_clip(video, transcript, start_ms, end_ms, language=language, base_url=base_url)
    except NotIndexedError:
        return None


def _stop_at(player: VideoPlayer, start_ms: int, end_ms: int) -> VideoPlayer:
    """Return *player* with an address that makes a browser pause at *end_ms*, if its media file is played directly."""
    if player.kind == "file":
        return replace(player, at=format_media_range(start_ms, end_ms))
    if player.kind == "media" and safe_web_url(player.href):
        return replace(player, href=f"{player.href},{format_seconds(end_ms)}" if "#t=" in player.href else player.href)
    return player
