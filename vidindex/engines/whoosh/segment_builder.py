"""Builds one segment of a Whoosh index in memory, except its texts."""

from __future__ import annotations

import gc
from array import array
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import Any

from ...model import Passage, PassageFields
from ...store.compression import compress
from ..terms import date_number, make_pair_terms, tokenize_fields, truncate_tokens
from .codec import STORED_TEXT_COLUMN, PassageCodec, make_term_key
from .commits import INDEX_NAME

MAX_SEGMENT_PASSAGES = 10_000
"""Passages per segment; about 100 MB of memory while the segment is built."""

MAX_SUFFIX_TOKENS = 16
"""Maximum tokens of a field in one term; see `list_suffixes`."""


@contextmanager
def postpone_collections() -> Iterator[None]:
    """Collect no garbage in the block: a segment has a list for each term, and looking through them finds none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def list_suffixes(tokens: Sequence[str]) -> list[str]:
    """Return every suffix of the tokens of a field as a term.

    Adjacent tokens, of which the last may be a prefix, are then the start of a term, and no positions are needed.
    """
    return [" ".join(tokens[start : start + MAX_SUFFIX_TOKENS]) for start in range(len(tokens))]


class SegmentBuilder:
    """Builds one segment: collects terms in memory and writes texts to disk."""

    def __init__(self, storage: Any) -> None:
        self._codec = make_codec()
        self._storage = storage
        self._segment = self._codec.new_segment(storage, INDEX_NAME)
        self._text_writer = self._codec.per_document_writer(storage, self._segment)
        self._passage_ids = array("Q")
        self._term_documents: dict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._run: tuple[int, PassageFields] | None = None
        """The track and the fields of the last passages in a row, whose terms are added at their end."""

        self._run_start = 0

    def __len__(self) -> int:
        return len(self._passage_ids)

    def add_passage(self, passage: Passage) -> None:
        """Add one passage."""
        tokens = truncate_tokens(passage.tokens)
        number = len(self._passage_ids)
        if self._run != (passage.track, passage.fields):
            self._end_run()
            self._run = passage.track, passage.fields
        self._passage_ids.append(passage.id)
        write_text(self._text_writer, number, " ".join(tokens).encode())
        self._add_terms("words", tokens, number)
        self._add_terms("pairs", make_pair_terms(tokens), number)

    def _end_run(self) -> None:
        """Add the terms of the fields of the last passages in a row that have the same."""
        numbers = range(self._run_start, len(self._passage_ids))
        for name, terms in _list_field_terms(*self._run) if self._run else ():
            documents = self._term_documents[name]
            for term in set(terms):
                documents[term] += numbers
        self._run_start = numbers.stop

    def _add_terms(self, field: str, texts: Iterable[str], number: int) -> None:
        documents = map(self._term_documents[field].__getitem__, set(texts))
        deque(map(list.append, documents, repeat(number)), maxlen=0)  # a loop in C, as there are 250 terms in a passage

    def discard_files(self) -> None:
        """Close the files; they stay until the next commit clears what it does not name."""
        self._text_writer.close()

    def write_segment(self) -> Any:
        """Write the segment and give it back."""
        self._end_run()
        self._text_writer.close()
        self._codec.write_passage_ids(self._storage, self._segment, self._passage_ids)
        terms = self._codec.field_writer(self._storage, self._segment)
        for field in sorted(self._term_documents):
            terms.add_field(make_term_key(field, "").decode(), self._term_documents.pop(field))
        terms.close()
        self._segment.set_doc_count(len(self._passage_ids))
        return self._segment


def _list_field_terms(track: int, fields: PassageFields) -> Iterator[tuple[str, list[str]]]:
    """Yield the terms of each field of a passage, those of its track among them."""
    yield "track", [str(track)]
    for name, words in tokenize_fields(fields):
        yield name, list_suffixes(words)
    if date := date_number(fields.date):
        yield "date", [str(date)]


def make_codec() -> Any:
    """Return a codec."""
    codec: Any = PassageCodec  # the constructor has no types
    return codec()


def write_text(texts: Any, number: int, text: bytes) -> None:
    """Write the text of the document *number*."""
    texts.start_doc(number)
    texts.add_column_value("text", STORED_TEXT_COLUMN, compress(text, zlib_level=1))
    texts.finish_doc()
