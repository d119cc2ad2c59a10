"""The passages of stored tracks, as an engine takes them: one by one, or turned into documents by worker processes."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from importlib import import_module
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import JobError
from ..model import Passage, PassageFields
from ..store.passages import TrackBlocks
from ..store.transcript_blocks import translate_decode_errors

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ..store.base import Store
    from ..store.opensearch.endpoint import Location
    from ..transcripts.workers import JobPool

CHUNK_PASSAGES = 500
"""Passages that a worker turns into documents at a time: about 1 MB of blocks."""

_MAX_ENGINE_THREADS = 2
"""The workers make documents for so many; each thread writes a segment of its own, which is merged later."""

Work = Callable[[Any, Sequence[TrackBlocks]], list[bytes]]
"""A function of a module that makes parts of bytes of options, which are JSON, and a chunk of tracks."""


class SideWork(NamedTuple):
    """What workers make of each chunk of tracks besides the documents of the engine; *take* is given it, in order."""

    work: Work
    options: object
    take: Callable[[Sequence[TrackBlocks], Sequence[bytes]], None]


class TrackPassages(Iterable[Passage]):
    """The passages of *tracks*, which are read once, lazily.

    *has_all_cores*: no captions are read meanwhile.
    """

    def __init__(
        self,
        store: Store,
        tracks: Sequence[int],
        *,
        location: Location | None = None,
        pool: JobPool | None = None,
        has_all_cores: bool = False,
    ) -> None:
        self.tracks = tracks
        self._store = store
        self._location = location
        self._pool = pool if pool is not None and pool.is_worthwhile(0) else None
        self._has_all_cores = has_all_cores
        self._beside: list[SideWork] = []

    def __iter__(self) -> Iterator[Passage]:
        return self._store.cut_passages(self.tracks)

    def read_blocks(self) -> Iterator[TrackBlocks]:
        """Yield the blocks of each track."""
        return self._store.read_track_blocks(self.tracks)

    def count_jobs(self) -> int:
        """Return how many workers there are for these passages; 1 if this process does all work itself."""
        return self._pool.jobs if self._pool is not None else 1

    def count_engine_threads(self) -> int:
        """Return with how many threads an engine best indexes these passages."""
        return min(self.count_jobs(), _MAX_ENGINE_THREADS) if self._has_all_cores else 1

    def work_beside(self, work: SideWork) -> None:
        """Have the workers do *work*, too, when `map_in_workers` is called."""
        self._beside.append(work)

    def map_in_workers(
        self, work: Work, options: object = None, *, chunk_passages: int = CHUNK_PASSAGES
    ) -> Iterator[Sequence[bytes]]:
        """Yield what *work* returns for *options* and each chunk of tracks, in order.

        A chunk whose worker was ended is done here.
        """
        from ..transcripts.workers import run_ahead  # a search does not import it

        pool = self._pool
        if pool is None:
            return
        works = [(work, options), *((each.work, each.options) for each in self._beside)]

        def begin(chunk: Sequence[TrackBlocks]) -> tuple[Callable[[], Sequence[bytes]], int]:
            parts = _encode_chunk(chunk, works)
            # Urgent: the caller waits, and captions are read ahead.
            future = pool.submit(f"{__name__}:{do_chunk.__name__}", parts, is_urgent=True)
            return partial(self._take, future, chunk, parts), sum(map(len, parts))

        for take in run_ahead(_group_tracks(self.read_blocks(), chunk_passages), begin, jobs=pool.jobs):
            yield take()

    def _take(
        self, future: Future[list[bytes]], chunk: Sequence[TrackBlocks], parts: Sequence[bytes]
    ) -> Sequence[bytes]:
        """Return the result of the first function, and pass on those of the others."""
        try:
            result = future.result()
        except JobError:
            with translate_decode_errors(self._location):
                result = do_chunk(parts)
        made, *others = _split_results(result)
        for beside, other in zip(self._beside, others, strict=True):
            beside.take(chunk, other)
        return made


def do_chunk(parts: Sequence[bytes]) -> list[bytes]:
    """Do all work for a chunk of tracks in a worker; `_split_results` divides what it returns."""
    header = json.loads(parts[0])
    tracks = list(_decode_tracks(header["tracks"], parts))
    results = [_find_work(name)(options, tracks) for name, options in header["works"]]
    return [array("Q", map(len, results)).tobytes(), *chain.from_iterable(results)]


def _split_results(parts: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield the result of each function."""
    counts = array("Q", parts[0])
    for start, end in pairwise(accumulate(counts, initial=1)):
        yield parts[start:end]


def _encode_chunk(chunk: Sequence[TrackBlocks], works: Sequence[tuple[Work, object]]) -> list[bytes]:
    named = [(f"{work.__module__}:{work.__name__}", options) for work, options in works]
    tracks = [(each.track, asdict(each.fields), len(each.blocks)) for each in chunk]
    header = json.dumps({"works": named, "tracks": tracks})
    return [header.encode(), *(block for each in chunk for block in each.blocks)]


def _find_work(name: str) -> Work:
    module, _, function = name.partition(":")
    work: Work = getattr(import_module(module), function)
    return work


def _decode_tracks(tracks: Sequence[tuple[int, dict[str, str], int]], parts: Sequence[bytes]) -> Iterator[TrackBlocks]:
    at = 1
    for track, fields, count in tracks:
        yield TrackBlocks(track, PassageFields(**fields), parts[at : at + count])
        at += count


def _group_tracks(tracks: Iterable[TrackBlocks], passages: int) -> Iterator[list[TrackBlocks]]:
    """Yield *tracks* in chunks of at least *passages* passages; each track is in one chunk."""
    chunk: list[TrackBlocks] = []
    count = 0
    for each in tracks:
        chunk.append(each)
        count += max(1, len(each.blocks))
        if count >= passages:
            yield chunk
            chunk, count = [], 0
    if chunk:
        yield chunk
