"""What a track is to an engine: overlapping passages, each with the fields by which it can be filtered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import PASSAGE_OVERLAP, Passage, Subject, passage_id
from .fields import fields_of


def passages_of(track: int, subject: Subject, heads: Sequence[tuple[tuple[str, ...], list[str]]]) -> Iterator[Passage]:
    """Make the passages of *track* from the tokens and speakers of its blocks; one without words gives an empty one."""
    fields = fields_of(subject, [])
    if not heads:
        yield Passage(passage_id(track, 0), track, (), fields)
    for number, (tokens, speakers) in enumerate(heads):
        follow = heads[number + 1][0][:PASSAGE_OVERLAP] if number + 1 < len(heads) else ()
        said_by = fields_of(subject, speakers) if speakers else fields
        yield Passage(passage_id(track, number), track, (*tokens, *follow), said_by)
