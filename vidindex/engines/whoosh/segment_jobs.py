"""Segments that worker processes build: each sends the files of one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import RamStorage

from ...store.passages import TrackBlocks
from ..track_passages import TrackPassages
from .codec import PassageCodec
from .commits import INDEX_NAME
from .segment_builder import MAX_SEGMENT_PASSAGES, SegmentBuilder, postpone_collections

_MIN_SEGMENT_PASSAGES = 2_500


class _MemoryStorage(RamStorage):  # type: ignore[misc] # whoosh has no types
    """Files in memory, temporary ones too: a worker must not write to disk."""

    def temp_storage(self, name: str | None = None) -> RamStorage:
        return RamStorage()


def build_chunk_segment(_: object, tracks: Sequence[TrackBlocks]) -> list[bytes]:
    """Build a segment of a chunk of tracks in a worker, and return its name and size, and its files."""
    storage = _MemoryStorage()
    with postpone_collections():
        builder = SegmentBuilder(storage)
        for track in tracks:
            for passage in track.cut_passages():
                builder.add_passage(passage)
        segment = builder.write_segment()
    names = storage.list()
    header = {"segment": segment.segid, "passages": segment.doc_count_all(), "files": names}
    return [json.dumps(header).encode(), *(bytes(storage.files[name]) for name in names)]


def write_segments_of_workers(storage: Any, passages: TrackPassages) -> Iterator[Any]:
    """Have workers build segments of *passages*, write their files, and yield the segments."""
    size = max(_MIN_SEGMENT_PASSAGES, MAX_SEGMENT_PASSAGES // (2 * passages.count_jobs()))
    for header, *contents in passages.map_in_workers(build_chunk_segment, chunk_passages=size):
        made = json.loads(header)
        codec: Any = PassageCodec  # the constructor has no types
        segment = W3Segment(codec(), INDEX_NAME, made["passages"], made["segment"])
        segment._fieldlengths = {}  # merging reads it
        for name, content in zip(made["files"], contents, strict=True):
            with storage.create_file(name) as file:
                file.write(content)
        yield segment
