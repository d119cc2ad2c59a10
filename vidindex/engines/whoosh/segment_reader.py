"""Reads one segment of a Whoosh index."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from contextlib import ExitStack, closing
from itertools import islice
from typing import Any

from .codec import STORED_TEXT_COLUMN, make_term_key
from .postings import Postings


class SegmentReader:
    """The terms, passage ids and texts of one segment.  All files are opened at once, since a rebuild deletes them."""

    def __init__(self, storage: Any, segment: Any) -> None:
        codec = segment.codec()
        self._document_count: int = segment.doc_count_all()
        self.deleted: frozenset[int] = frozenset(segment.deleted_docs())
        self.passage_ids: array[int] = codec.read_passage_ids(storage, segment)
        """The passage id of each document."""
        with ExitStack() as opened:
            self._terms = opened.enter_context(closing(codec.open_terms_file(storage, segment)))
            self._reader = opened.enter_context(closing(codec.per_document_reader(storage, segment)))
            self._text_column = self._reader.column_reader("text", STORED_TEXT_COLUMN)
            opened.pop_all()

    @property
    def live_count(self) -> int:
        """The number of documents that are not deleted."""
        return self._document_count - len(self.deleted)

    def read_text(self, number: int) -> str:
        """Return the tokens of a document, separated by spaces."""
        return str(bytes(self._text_column[number]), "utf-8")

    def find_term(self, field: str, text: str) -> Postings | None:
        """Return the postings of a term; None if there is no such term."""
        found: Postings | None = self._terms.get(make_term_key(field, text))
        return found

    def iterate_prefix(self, field: str, stem: str) -> Iterable[tuple[bytes, Postings]]:
        """Yield the terms that start with *stem*, with their postings."""
        found: Iterable[tuple[bytes, Postings]] = self._terms.iterate_prefix(make_term_key(field, stem))
        return found

    def document_frequencies(self, field: str, prefix: str = "", *, limit: int) -> dict[str, int]:
        """Return the number of documents, also deleted ones, of the first *limit* terms of *field* with *prefix*."""
        terms = islice(self.iterate_prefix(field, prefix), max(limit, 0))
        return {text.partition(b"\0")[2].decode(): found.count for text, found in terms}

    def live_documents(self) -> set[int]:
        """Return all documents that are not deleted."""
        return set(range(self._document_count)) - self.deleted

    def read_everything(self) -> None:
        """Read all terms, passage ids and texts; raise an exception of any class if one is damaged."""
        for _, postings in self._terms.iterate_from(b""):
            postings.read_documents()
        for number in range(len(self.passage_ids)):
            self.read_text(number)

    def close(self) -> None:
        """Close the files."""
        self._terms.close()
        self._reader.close()
