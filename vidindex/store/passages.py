"""Cut transcripts into overlapping passages, each with the fields that filter it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..model import PASSAGE_OVERLAP, Passage, PassageFields, TrackContext, make_passage_id
from .packed_track import PackedTrack
from .transcript_blocks import BlockTokens, read_track_tokens

_MAX_FRESH_BYTES = 16_000_000
"""Maximum size of the texts whose tokens are kept: those of more words than wait to be indexed, as a rule."""


@dataclass(frozen=True, slots=True)
class TrackBlocks:
    """The packed blocks of a track, with the fields of its passages but the speaker."""

    track: int
    fields: PassageFields
    blocks: Sequence[bytes]
    tokens: Sequence[BlockTokens] = ()
    """Those of *blocks*, which need not be read then."""

    def cut_passages(self) -> Iterator[Passage]:
        """Return the overlapping passages; a track without words has one empty passage.

        Raises what `translate_decode_errors` translates, before the first passage.
        """
        return _build_passages(self.track, self.fields, self.tokens or read_track_tokens(self.blocks))


def _build_passages(track: int, fields: PassageFields, block_tokens: Sequence[BlockTokens]) -> Iterator[Passage]:
    if not block_tokens:
        yield Passage(make_passage_id(track, 0), track, (), fields)
    for number, (tokens, speakers) in enumerate(block_tokens):
        overlap = block_tokens[number + 1][0][:PASSAGE_OVERLAP] if number + 1 < len(block_tokens) else ()
        passage_fields = replace(fields, speaker=" / ".join(dict.fromkeys(speakers))) if speakers else fields
        yield Passage(make_passage_id(track, number), track, (*tokens, *overlap), passage_fields)


class FreshTokens:
    """The tokens of the tracks that this process packed last, until they are indexed.

    So it need not unpack the blocks that it has just packed.
    """

    def __init__(self) -> None:
        self._tracks: dict[int, PackedTrack] = {}
        self._text_bytes = 0

    def add(self, track: int, packed: PackedTrack) -> None:
        """Keep the tokens of *track*, unless there are too many already."""
        if packed.tokens and self._text_bytes + packed.text_bytes <= _MAX_FRESH_BYTES:
            self._tracks[track] = replace(packed, raw=b"")
            self._text_bytes += packed.text_bytes

    def find(self, track: int, blocks: Sequence[bytes]) -> Sequence[BlockTokens]:
        """Return the tokens of *track*; none if they are not known, or its *blocks* are others now."""
        packed = self._tracks.get(track)
        return packed.tokens if packed is not None and packed.blocks == tuple(blocks) else ()

    def forget(self, tracks: Iterable[int]) -> None:
        """Free the tokens of *tracks*."""
        for track in tracks:
            if (packed := self._tracks.pop(track, None)) is not None:
                self._text_bytes -= packed.text_bytes


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
