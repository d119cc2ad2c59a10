"""What a search reads from the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from ..model import PassageRange, Track, TrackContext, TrackWords, Transcript

if TYPE_CHECKING:
    from ..transcripts.gist_windows import TranscriptWords


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

    def block_texts(self, passages: Sequence[int]) -> Mapping[int, str]:
        """Return the tokens of each passage up to the next one, joined by spaces; unknown ids are absent or empty."""

    def word_slices(self, spans: Sequence[PassageRange]) -> list[TranscriptWords]:
        """Return the words and tokens of `transcript_slices`, and what tells where sentences end: half the work."""

    def facet_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        """Return the video and all articles of each of *tracks*, without labels; unknown tracks are absent."""

    def list_tracks(self, video: str) -> Sequence[tuple[int, Track]]:
        """Return the tracks of a video with their ids."""


class WordSource(Protocol):
    """The part of a store that a trend reads."""

    def list_indexed_tracks(self) -> Iterator[TrackWords]:
        """Yield the tracks with words that the engine has indexed in their current form."""

    def count_speaker_words(self, tracks: Iterable[int]) -> Iterator[tuple[int, Mapping[str, int]]]:
        """Yield each of *tracks* with the number of words of each speaker; "" if the speaker is not known."""
