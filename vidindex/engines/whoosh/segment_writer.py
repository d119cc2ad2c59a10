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
from ..terms import date_number, make_pair_terms, tokenize_fields, truncate_tokens
from .codec import STORED_TEXT_COLUMN, TEXT_COLUMN, PassageCodec, make_term_key
from .commits import INDEX_NAME, CommitFolder
from .postings import Postings

_MAX_SEGMENT_PASSAGES = 10_000
"""Passages per segment; about 100 MB of memory while the segment is built."""

_MERGE_SEGMENT_COUNT = 8
"""Number of segments of similar size that are merged into one, so that a word is rewritten log₈(n) times."""

_SMALLEST_LEVEL_PASSAGES = 1_000
"""Segments smaller than this count as one size."""

MAX_SUFFIX_TOKENS = 16
"""Maximum tokens of a field in one term; see `list_suffixes`."""

_MAX_DELETED_PASSAGES = 250_000
"""Maximum deleted passages; each is a number in the list of segments, which every search reads."""

_LOCK_TIMEOUT_S = 30.0


def list_suffixes(tokens: Sequence[str]) -> list[str]:
    """Return every suffix of the tokens of a field as a term.

    Adjacent tokens, of which the last may be a prefix, are then the start of a term, and no positions are needed.
    """
    return [" ".join(tokens[start : start + MAX_SUFFIX_TOKENS]) for start in range(len(tokens))]


class SegmentBuilder:
    """Builds one segment: collects terms in memory and writes texts to disk."""

    def __init__(self, storage: Any) -> None:
        self._codec = _make_codec()
        self._storage = storage
        self._segment = self._codec.new_segment(storage, INDEX_NAME)
        self._text_writer = self._codec.per_document_writer(storage, self._segment)
        self._passage_ids = array("Q")
        self._term_documents: dict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))

    def __len__(self) -> int:
        return len(self._passage_ids)

    def add_passage(self, passage: Passage) -> None:
        """Add one passage."""
        tokens = truncate_tokens(passage.tokens)
        number = len(self._passage_ids)
        self._passage_ids.append(passage.id)
        _write_text(self._text_writer, number, " ".join(tokens).encode())
        self._add_terms("words", tokens, number)
        self._add_terms("pairs", make_pair_terms(tokens), number)
        self._add_terms("track", [str(passage.track)], number)
        if date := date_number(passage.fields.date):
            self._add_terms("date", [str(date)], number)
        for name, words in tokenize_fields(passage.fields):
            self._add_terms(name, list_suffixes(words), number)

    def _add_terms(self, field: str, texts: Iterable[str], number: int) -> None:
        pool = self._term_documents[field]
        for text in set(texts):
            pool[text].append(number)

    def discard_files(self) -> None:
        """Close the files; they stay until the next commit clears what it does not name."""
        self._text_writer.close()

    def write_segment(self) -> Any:
        """Write the segment and give it back."""
        self._text_writer.close()
        self._codec.write_passage_ids(self._storage, self._segment, self._passage_ids)
        terms = self._codec.field_writer(self._storage, self._segment)
        for field, pool in sorted(self._term_documents.items()):
            for written, text in sorted((make_term_key(field, text), text) for text in pool):
                terms.add_term(written, pool[text])
        terms.close()
        self._segment.set_doc_count(len(self._passage_ids))
        return self._segment


def _make_codec() -> Any:
    codec: Any = PassageCodec  # the constructor has no types
    return codec()


def _write_text(texts: Any, number: int, text: bytes) -> None:
    texts.start_doc(number)
    texts.add_column_value("text", TEXT_COLUMN, text)
    texts.finish_doc()


def replace_tracks(commits: CommitFolder, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
    """Delete all passages of *tracks*, add *passages*, and commit; a crash leaves the previous commit."""
    lock = commits.lock()
    if not try_for(lock.acquire, timeout=_LOCK_TIMEOUT_S):
        raise OSError("another process is writing to it")
    try:
        generation, segments = commits.read_segments()
        _delete_tracks(commits.storage, segments, tracks)
        segments.extend(_write_segments(commits.storage, passages))
        commits.write_segments(generation + 1, _merge_by_size(commits.storage, segments))
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
    """Write *passages* and yield the segments."""
    batch = SegmentBuilder(storage)
    try:
        for passage in passages:
            batch.add_passage(passage)
            if len(batch) >= _MAX_SEGMENT_PASSAGES:
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
    codec = _make_codec()
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
                _write_text(texts, len(ids), column[number])
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
