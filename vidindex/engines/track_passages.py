"""The passages of stored tracks, as an engine takes them: one by one, or turned into documents by worker processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

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

Work = Callable[[Sequence[bytes]], list[bytes]]


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
        self._store = store
        self._tracks = tracks
        self._location = location
        self._pool = pool
        self._has_all_cores = has_all_cores

    def __iter__(self) -> Iterator[Passage]:
        return self._store.cut_passages(self._tracks)

    def count_jobs(self) -> int:
        """Return how many workers there are for these passages; 1 if this process does all work itself."""
        return self._pool.jobs if self._pool is not None and self._pool.is_worthwhile(0) else 1

    def count_engine_threads(self) -> int:
        """Return with how many threads an engine best indexes these passages."""
        return min(self.count_jobs(), _MAX_ENGINE_THREADS) if self._has_all_cores else 1

    def map_in_workers(
        self, work: Work, options: object = None, *, chunk_passages: int = CHUNK_PASSAGES
    ) -> Iterator[list[bytes]]:
        """Yield what *work*, a function of a module, returns for each chunk of tracks, in order.

        It is given *options* and the tracks, which `read_chunk` decodes.  A chunk whose worker was ended is done here.
        """
        if self._pool is None:
            return iter(())
        tracks = self._store.read_track_blocks(self._tracks)
        return map_in_workers(
            tracks, work, options, pool=self._pool, location=self._location, chunk_passages=chunk_passages
        )


def map_in_workers(
    tracks: Iterable[TrackBlocks],
    work: Work,
    options: object = None,
    *,
    pool: JobPool,
    location: Location | None,
    chunk_passages: int = CHUNK_PASSAGES,
) -> Iterator[list[bytes]]:
    """Yield what *work* returns for each chunk of *tracks*, in order, as `TrackPassages.map_in_workers` does.

    *location* is that of the index.
    """
    from ..transcripts.workers import run_ahead  # a search does not import it

    function = f"{work.__module__}:{work.__name__}"

    def begin(chunk: Sequence[TrackBlocks]) -> tuple[Callable[[], list[bytes]], int]:
        parts = _encode_chunk(chunk, options)
        future = pool.submit(function, parts, is_urgent=True)  # the caller waits, and captions are read ahead
        return lambda: _take_result(future, work, parts, location), sum(map(len, parts))

    for take in run_ahead(_group_tracks(tracks, chunk_passages), begin, jobs=pool.jobs):
        yield take()


def _take_result(
    future: Future[list[bytes]], work: Work, parts: Sequence[bytes], location: Location | None
) -> list[bytes]:
    try:
        return future.result()
    except JobError:
        with translate_decode_errors(location):
            return work(parts)


def read_chunk(parts: Sequence[bytes]) -> tuple[object, Iterator[TrackBlocks]]:
    """Return the options and the tracks of a chunk."""
    header = json.loads(parts[0])
    return header["options"], _decode_tracks(header["tracks"], parts)


def _decode_tracks(tracks: Sequence[tuple[int, dict[str, str], int]], parts: Sequence[bytes]) -> Iterator[TrackBlocks]:
    at = 1
    for track, fields, count in tracks:
        yield TrackBlocks(track, PassageFields(**fields), parts[at : at + count])
        at += count


def _encode_chunk(chunk: Sequence[TrackBlocks], options: object) -> list[bytes]:
    tracks = [(each.track, asdict(each.fields), len(each.blocks)) for each in chunk]
    header = json.dumps({"options": options, "tracks": tracks})
    return [header.encode(), *(block for each in chunk for block in each.blocks)]


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
