"""A source that remembers the passages that were read lately: searches read the same ones again and again."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import PassageRange, TrackContext, Transcript
    from .facets import FacetSource

MAX_CACHE_BYTES = 120_000_000
"""What is remembered in one process, at most: the passages of some ten million words."""

_ENTRY_OVERHEAD_BYTES = 250  # that an ordered dict takes for a key and a value


class PassageCache:
    """A store as a search reads it, for as long as the transcripts in it stay as they are.

    Tracks that are added or removed change nothing: their numbers are never used again, and an engine names only those
    that it holds.  Beyond *most_bytes*, what was read first is forgotten first.
    """

    def __init__(self, source: FacetSource, *, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._source = source
        self._max_bytes = max_bytes
        self._texts: OrderedDict[int, str] = OrderedDict()
        self._cached_bytes = 0
        self._lock = Lock()

    def passage_texts(self, passages: Sequence[int]) -> Mapping[int, str]:
        """Give the tokens of each of *passages*, and some that follow, joined by spaces; unknown ones are absent."""
        texts = self._texts
        known = {passage: text for passage in passages if (text := texts.get(passage))}
        if len(known) < len(passages):
            read = self._source.passage_texts([passage for passage in passages if passage not in known])
            self._cache_texts(read)
            known.update(read)
        return known

    def _cache_texts(self, texts: Mapping[int, str]) -> None:
        with self._lock:
            fresh = {passage: text for passage, text in texts.items() if passage not in self._texts}
            self._texts.update(fresh)
            self._cached_bytes += sum(map(sys.getsizeof, fresh.values())) + _ENTRY_OVERHEAD_BYTES * len(fresh)
            while self._cached_bytes > self._max_bytes:
                _, text = self._texts.popitem(last=False)
                self._cached_bytes -= sys.getsizeof(text) + _ENTRY_OVERHEAD_BYTES

    @property
    def batch_size(self) -> int:
        """How many places are best read together."""
        return self._source.batch_size

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        """Give the blocks of each of *spans*, clipped, as one transcript counted from its start."""
        return self._source.transcript_slices(spans)

    def track_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        """Tell what each of *tracks* belongs to; those that were removed are absent."""
        return self._source.track_contexts(tracks)

    def facet_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        """Tell what each of *tracks* belongs to, with every article but without labels; unknown ones are absent."""
        return self._source.facet_contexts(tracks)
