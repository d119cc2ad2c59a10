"""The documents of the engine on a cluster, as lines of a request; worker processes make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...model import Passage
from ...store.opensearch.bulk import BulkWrite, format_write
from ...store.passages import TrackBlocks
from ..track_passages import TrackPassages
from .schema import make_document, make_document_id


def make_lines(passages: Iterable[Passage], commit: int) -> Iterator[str]:
    """Yield the lines that write each of *passages* in *commit*, made by worker processes if there are any."""
    if isinstance(passages, TrackPassages) and passages.count_jobs() > 1:
        chunks = passages.map_in_workers(make_chunk_lines, commit)
        return (line.decode() for chunk in chunks for line in chunk)
    return (_make_line(passage, commit) for passage in passages)


def make_chunk_lines(commit: int, tracks: Sequence[TrackBlocks]) -> list[bytes]:
    """Make the lines of a chunk of tracks in a worker."""
    return [_make_line(passage, commit).encode() for track in tracks for passage in track.cut_passages()]


def _make_line(passage: Passage, commit: int) -> str:
    return format_write(BulkWrite(make_document_id(passage, commit), make_document(passage, commit)))
