"""Cut transcripts into overlapping passages, each with the fields that filter it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..model import PASSAGE_OVERLAP, Passage, PassageFields, TrackContext, make_passage_id
from .transcript_blocks import read_track_tokens


@dataclass(frozen=True, slots=True)
class TrackBlocks:
    """The packed blocks of a track, with the fields of its passages but the speaker."""

    track: int
    fields: PassageFields
    blocks: Sequence[bytes]

    def cut_passages(self) -> Iterator[Passage]:
        """Return the overlapping passages; a track without words has one empty passage.

        Raises what `translate_decode_errors` translates, before the first passage.
        """
        return _build_passages(self.track, self.fields, read_track_tokens(self.blocks))


def _build_passages(
    track: int, fields: PassageFields, block_tokens: Sequence[tuple[tuple[str, ...], list[str]]]
) -> Iterator[Passage]:
    if not block_tokens:
        yield Passage(make_passage_id(track, 0), track, (), fields)
    for number, (tokens, speakers) in enumerate(block_tokens):
        overlap = block_tokens[number + 1][0][:PASSAGE_OVERLAP] if number + 1 < len(block_tokens) else ()
        passage_fields = replace(fields, speaker=" / ".join(dict.fromkeys(speakers))) if speakers else fields
        yield Passage(make_passage_id(track, number), track, (*tokens, *overlap), passage_fields)


def build_passage_fields(context: TrackContext) -> PassageFields:
    """Return the fields of the passages of the track in *context*, but the speaker."""
    video = context.video
    return PassageFields(
        title=video.title,
        channel=video.channel,
        site=video.site,
        label=context.label,
        article=" / ".join(f"{article.title} {article.site} {article.url}" for article in context.articles),
        kind=video.kind,
        lang=context.track.language or video.language,
        date=video.date,
    )
