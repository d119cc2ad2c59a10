"""A cache of passages, since searches read the same ones repeatedly."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from ..store.transcript_blocks import append_lookahead, include_next_passages
from .source import FacetSource

if TYPE_CHECKING:
    from ..model import PassageRange, Track, TrackContext, Transcript
    from ..transcripts.gist_windows import TranscriptWords

MAX_CACHE_BYTES = 120_000_000
"""Maximum size of the cache in one process: the passages of about ten million words."""

_ENTRY_OVERHEAD_BYTES = 250  # of an ordered dict, per entry


class PassageCache(FacetSource):
    """Caches the passages that searches read from *source*, as long as no transcript in it is replaced.

    Added and removed tracks need no invalidation: track ids are never reused, and an engine returns only passages that
    it has.  Beyond *max_bytes*, the oldest entries are evicted first.
    """

    def __init__(self, source: FacetSource, *, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._source = source
        self._max_bytes = max_bytes
        self._texts: OrderedDict[int, str] = OrderedDict()  # "" is the passage after the last one of a track
        self._cached_bytes = 0
        self._lock = Lock()

    def passage_texts(self, passages: Sequence[int]) -> Mapping[int, str]:
        return append_lookahead(passages, self.block_texts(include_next_passages(passages)))

    def block_texts(self, passages: Sequence[int]) -> Mapping[int, str]:
        texts = self._texts
        cached = {passage: text for passage in passages if (text := texts.get(passage)) is not None}
        if len(cached) < len(passages):
            wanted = [passage for passage in passages if passage not in cached]
            read = dict(self._source.block_texts(wanted))
            cached.update(read)
            read.update({passage: "" for passage in wanted if passage not in read and cached.get(passage - 1)})
            self._cache_texts(read)
        return cached

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
        return self._source.batch_size

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        return self._source.transcript_slices(spans)

    def word_slices(self, spans: Sequence[PassageRange]) -> list[TranscriptWords]:
        return self._source.word_slices(spans)

    def track_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        return self._source.track_contexts(tracks)

    def facet_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        return self._source.facet_contexts(tracks)

    def list_tracks(self, video: str) -> Sequence[tuple[int, Track]]:
        return self._source.list_tracks(video)
