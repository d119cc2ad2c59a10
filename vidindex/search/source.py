"""What a search reads from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ..model import PassageRange, TrackContext, Transcript


class PassageSource(Protocol):
    """The part of a store that a search reads."""

    def passage_texts(self, passages: Sequence[int]) -> Mapping[int, str]:
        """Return the tokens of each passage and some of those that follow, joined by spaces; unknown ids are absent."""

    @property
    def batch_size(self) -> int:
        """The number of passages to read in one call: 1 if a call costs nothing, more if it does."""

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        """Return one transcript for each of *spans*, with word positions counted from the start of the span."""

    def track_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        """Return the video and the articles of each of *tracks*; removed tracks are absent."""


class FacetSource(PassageSource, Protocol):
    """The part of a store that a facet search reads."""

    def facet_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        """Return the video and all articles of each of *tracks*, without labels; unknown tracks are absent."""
