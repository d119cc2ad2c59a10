"""Writes, merges and commits segments; only this module changes a Whoosh index."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from whoosh.util.filelock import try_for

from ...model import Passage
from ..track_passages import TrackPassages
from .codec import STORED_TEXT_COLUMN, make_term_key
from .commits import INDEX_NAME, CommitFolder
from .postings import Postings
from .segment_builder import MAX_SEGMENT_PASSAGES, SegmentBuilder, make_codec, postpone_collections, write_text

_MERGE_SEGMENT_COUNT = 8
"""Number of segments of similar size that are merged into one, so that a word is rewritten log₈(n) times."""

_SMALLEST_LEVEL_PASSAGES = 1_000
"""Segments smaller than this count as one size."""

_MAX_DELETED_PASSAGES = 250_000
"""Maximum deleted passages; each is a number in the list of segments, which every search reads."""

_LOCK_TIMEOUT_S = 30.0


def replace_tracks(commits: CommitFolder, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
    """Delete all passages of *tracks*, add *passages*, and commit; a crash leaves the previous commit."""
    lock = commits.lock()
    if not try_for(lock.acquire, timeout=_LOCK_TIMEOUT_S):
        raise OSError("another process is writing to it")
    try:
        generation, segments = commits.read_segments()
        _delete_tracks(commits.storage, segments, tracks)
        with postpone_collections():
            segments.extend(_write_segments(commits.storage, passages))
            segments = _merge_by_size(commits.storage, segments)
        commits.write_segments(generation + 1, segments)
    finally:
        commits.delete_temporary_files()
        lock.release()


def _delete_tracks(storage: Any, segments: Sequence[Any], tracks: Sequence[int]) -> None:
    wanted = [make_term_key("track", str(track)) for track in tracks]
    for segment in segments:
        terms = segment.codec().open_terms_file(storage, segment)
        for found in filter(None, map(terms.get, wanted)):
            for number in found.read_documents():
                segment.delete_document(number)
        terms.close()


def _write_segments(storage: Any, passages: Iterable[Passage]) -> Iterator[Any]:
    """Write *passages* and yield the segments, which worker processes build if there are any."""
    if isinstance(passages, TrackPassages) and passages.count_jobs() > 1:
        from .segment_jobs import write_segments_of_workers  # a search does not import it

        yield from write_segments_of_workers(storage, passages)
        return
    batch = SegmentBuilder(storage)
    try:
        for passage in passages:
            batch.add_passage(passage)
            if len(batch) >= MAX_SEGMENT_PASSAGES:
                yield batch.write_segment()
                batch = SegmentBuilder(storage)
    except BaseException:
        batch.discard_files()
        raise
    yield batch.write_segment()


def _merge_by_size(storage: Any, segments: Iterable[Any]) -> list[Any]:
    """Merge segments of similar size until there are few of each, with few deletions; drop empty ones."""
    kept = [segment for segment in segments if _live_count(segment)]
    while crowded := _merge_candidates(kept) or _most_deleted(kept):
        kept = [segment for segment in kept if segment not in crowded]
        kept.append(merge_segments(storage, crowded))
    return kept


def _live_count(segment: Any) -> int:
    return int(segment.doc_count_all() - segment.deleted_count())


def _merge_candidates(segments: Iterable[Any]) -> list[Any]:
    levels: dict[int, list[Any]] = defaultdict(list)
    for segment in segments:
        levels[_size_level(_live_count(segment))].append(segment)
    return next((each for _, each in sorted(levels.items()) if len(each) >= _MERGE_SEGMENT_COUNT), [])


def _most_deleted(segments: Sequence[Any]) -> list[Any]:
    """Return the segment with the most deleted passages if there are too many in all."""
    if sum(segment.deleted_count() for segment in segments) <= _MAX_DELETED_PASSAGES:
        return []
    return [max(segments, key=lambda segment: segment.deleted_count())]


def _size_level(size: int) -> int:
    level = 0
    while size >= _SMALLEST_LEVEL_PASSAGES * _MERGE_SEGMENT_COUNT**level:
        level += 1
    return level


def merge_segments(storage: Any, segments: Sequence[Any]) -> Any:
    """Write *segments* as one without deleted documents, in constant memory."""
    codec = make_codec()
    segment = codec.new_segment(storage, INDEX_NAME)
    ids, renumberings = _merge_documents(codec, storage, segment, segments)
    codec.write_passage_ids(storage, segment, ids)
    _merge_terms(codec, storage, segment, list(zip(segments, renumberings, strict=True)))
    segment.set_doc_count(len(ids))
    return segment


Renumbering = Callable[[list[int]], list[int]]


def _merge_documents(
    codec: Any, storage: Any, segment: Any, sources: Sequence[Any]
) -> tuple[array[int], list[Renumbering]]:
    texts = codec.per_document_writer(storage, segment)
    ids = array("Q")
    renumberings = []
    for source in sources:
        renumberings.append(_make_renumbering(source, len(ids)))
        reader = source.codec().per_document_reader(storage, source)
        column = reader.column_reader("text", STORED_TEXT_COLUMN)
        for number, passage in enumerate(source.codec().read_passage_ids(storage, source)):
            if not source.is_deleted(number):
                write_text(texts, len(ids), column[number])
                ids.append(passage)
        reader.close()
    texts.close()
    return ids, renumberings


def _make_renumbering(source: Any, base: int) -> Renumbering:
    """Return a function that maps document numbers of *source* to new ones, which start at *base*."""
    if not source.has_deletions():
        return lambda numbers: [base + number for number in numbers]
    left = (number for number in range(source.doc_count_all()) if not source.is_deleted(number))
    new = {number: base + place for place, number in enumerate(left)}
    return lambda numbers: [new[number] for number in numbers if number in new]


def _merge_terms(codec: Any, storage: Any, segment: Any, sources: Sequence[tuple[Any, Renumbering]]) -> None:
    writer = codec.field_writer(storage, segment)
    files = [source.codec().open_terms_file(storage, source) for source, _ in sources]
    streams = [_stream_terms(file, place) for place, file in enumerate(files)]
    # Equal keys are ordered by source, so that document numbers ascend.
    for term, group in groupby(merge(*streams), key=itemgetter(0)):
        numbers: list[int] = []
        last = -1
        for _, place, postings in group:
            if place == last:  # endlessly, in hostile files
                raise ValueError("a segment has a term twice")
            last = place
            numbers += sources[place][1](postings.read_documents())
        if numbers:
            writer.add_term(term, numbers)
    for file in files:
        file.close()
    writer.close()


def _stream_terms(file: Any, place: int) -> Iterator[tuple[bytes, int, Postings]]:
    return ((term, place, postings) for term, postings in file.iterate_from(b""))
