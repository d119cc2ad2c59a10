"""What was read from the store since the last write to it, shared by all threads."""

from __future__ import annotations

from collections.abc import Mapping

from ...model import TrackContext, Transcript

_MAX_CACHED_CONTEXTS_BYTES = 24_000_000
"""Maximum size of the contexts that are kept for all threads: of some ten thousand tracks with short descriptions."""

_CONTEXT_BYTES = 2_500  # of the objects of a context, without its description

MAX_CACHED_WORDS = 60_000
"""Maximum words of the transcripts that are kept, for a page that needs one several times: some 10 MB."""


class ReadCache:
    """The contexts and the last transcripts of tracks that were read since the last write to the store.

    Threads share it: each has read what it adds after it saw that the store had not changed.
    """

    def __init__(self, stamp: int) -> None:
        self.stamp = stamp
        self.labeled: dict[int, TrackContext] = {}
        self.for_facets: dict[int, TrackContext] = {}
        self.transcripts: dict[int, Transcript] = {}
        self._size = 0

    def add_contexts(self, contexts: dict[int, TrackContext], read: Mapping[int, TrackContext]) -> None:
        """Add what was *read* to one of the mappings, unless the cache is full."""
        if self._size < _MAX_CACHED_CONTEXTS_BYTES:
            self._size += sum(_CONTEXT_BYTES + len(each.video.description) for each in read.values())
            contexts.update(read)

    def add_transcript(self, track: int, transcript: Transcript) -> None:
        """Add the *transcript* of *track*, in place of others if they are too long together."""
        words = len(transcript.words)
        if sum(len(each.words) for each in list(self.transcripts.values())) + words > MAX_CACHED_WORDS:
            self.transcripts = {}
        if words <= MAX_CACHED_WORDS:
            self.transcripts[track] = transcript
