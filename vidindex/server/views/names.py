"""Names of videos for people: never a file name or an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Video

if TYPE_CHECKING:
    from ...library import Index


def video_name(video: Video, label: str = "") -> str:
    """Return the title of *video*; without one, the *label* that an article gives it, or what else is known of it."""
    if video.title or label:
        return video.title or label
    source = video.channel or video.site
    about = f" of {source}" if source else ""
    return f"Untitled video{about}{f', {video.date}' if video.date else ''}"


def name_in_index(index: Index, video: Video) -> str:
    """Return the name of *video* with the first label that an article in *index* gives it."""
    labels = () if video.title else (record.embed.label for record in index.embeds(video=video.id))
    return video_name(video, next(filter(None, labels), ""))
