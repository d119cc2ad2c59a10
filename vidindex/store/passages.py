"""Cut transcripts into overlapping passages, each with the fields that filter it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import PASSAGE_OVERLAP, Passage, PassageFields, TrackContext, make_passage_id


def build_passages(
    track: int, context: TrackContext, block_tokens: Sequence[tuple[tuple[str, ...], list[str]]]
) -> Iterator[Passage]:
    """Yield the passages of *track* from the tokens and speakers of each block.

    A track without words has one empty passage.
    """
    fields = build_passage_fields(context, [])
    if not block_tokens:
        yield Passage(make_passage_id(track, 0), track, (), fields)
    for number, (tokens, speakers) in enumerate(block_tokens):
        overlap = block_tokens[number + 1][0][:PASSAGE_OVERLAP] if number + 1 < len(block_tokens) else ()
        passage_fields = build_passage_fields(context, speakers) if speakers else fields
        yield Passage(make_passage_id(track, number), track, (*tokens, *overlap), passage_fields)


def build_passage_fields(context: TrackContext, speakers: Sequence[str]) -> PassageFields:
    """Return the fields of a passage of the track in *context* in which *speakers* speak."""
    video = context.video
    return PassageFields(
        title=video.title,
        channel=video.channel,
        site=video.site,
        label=context.label,
        article=" / ".join(f"{article.title} {article.site} {article.url}" for article in context.articles),
        kind=video.kind,
        lang=context.track.language or video.language,
        speaker=" / ".join(dict.fromkeys(speakers)),
        date=video.date,
    )
