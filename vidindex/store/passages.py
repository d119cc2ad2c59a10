"""What a track is to an engine: overlapping passages, each with the fields by which it can be filtered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import PASSAGE_OVERLAP, Passage, TrackContext, make_passage_id
from .fields import build_passage_fields


def build_passages(
    track: int, subject: TrackContext, heads: Sequence[tuple[tuple[str, ...], list[str]]]
) -> Iterator[Passage]:
    """Make the passages of *track* from the tokens and speakers of its blocks; one without words gives an empty one."""
    fields = build_passage_fields(subject, [])
    if not heads:
        yield Passage(make_passage_id(track, 0), track, (), fields)
    for number, (tokens, speakers) in enumerate(heads):
        follow = heads[number + 1][0][:PASSAGE_OVERLAP] if number + 1 < len(heads) else ()
        said_by = build_passage_fields(subject, speakers) if speakers else fields
        yield Passage(make_passage_id(track, number), track, (*tokens, *follow), said_by)
