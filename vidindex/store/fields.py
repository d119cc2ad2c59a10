"""What a passage can be filtered by, taken from what its track belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import PassageFields, TrackContext


def build_passage_fields(subject: TrackContext, speakers: Sequence[str]) -> PassageFields:
    """Give the fields of a passage of *subject* in which *speakers* speak."""
    video = subject.video
    return PassageFields(
        title=video.title,
        channel=video.channel,
        site=video.site,
        label=subject.label,
        article=" / ".join(f"{article.title} {article.site} {article.url}" for article in subject.articles),
        kind=video.kind,
        lang=subject.track.language or video.language,
        speaker=" / ".join(dict.fromkeys(speakers)),
        date=video.date,
    )
