"""A Whoosh codec for passages: Whoosh stores segments, columns and commits, `postings` stores the terms.

Whoosh itself can open and search the index.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Codec, W3TermInfo
from whoosh.columns import CompressedBytesColumn, VarBytesColumn
from whoosh.fields import ID, KEYWORD, FieldType, Schema
from whoosh.formats import Existence
from whoosh.matching.mcore import ListMatcher
from whoosh.reading import TermNotFound

from ...store.compression import decompress_bounded
from ..terms import FIELD_NAMES
from .postings import Postings, TermsFile, TermsWriter

TEXT_COLUMN = CompressedBytesColumn(level=1)
"""The tokens of a passage, separated by spaces.  Phrases are verified on this text, without position lists."""

_MAX_TEXT_BYTES = 1 << 20
"""Maximum size of the tokens of a passage: at most 125 tokens of 200 characters."""


class _StoredTexts(VarBytesColumn.Reader):  # type: ignore[misc] # whoosh has no types
    """Reads the texts of `TEXT_COLUMN`."""

    def __getitem__(self, number: int) -> bytes:
        length = self._lengths[number]
        if not 0 <= length <= _MAX_TEXT_BYTES:
            raise ValueError("a text is damaged")
        text: bytes = super().__getitem__(number)
        return decompress_bounded(text, _MAX_TEXT_BYTES) if text else text


class _StoredTextColumn(VarBytesColumn):  # type: ignore[misc] # whoosh has no types
    """`TEXT_COLUMN` as it is read and written: texts are limited in size, whatever the files say.

    What is written has been compressed.
    """

    def reader(self, dbfile: Any, basepos: int, length: int, doccount: int) -> _StoredTexts:
        """Return a reader of the column."""
        return _StoredTexts(dbfile, basepos, length, doccount)


STORED_TEXT_COLUMN = _StoredTextColumn()


def build_schema() -> Schema:
    """Return the schema of the index."""
    names = ("words", "pairs", "date", *FIELD_NAMES)
    fields: dict[str, FieldType] = {name: KEYWORD(scorable=False) for name in names}
    return Schema(track=ID(), text=_CodecText(), **fields)


class _CodecText(FieldType):  # type: ignore[misc] # whoosh has no types
    """A stored column without terms."""

    indexed = False
    spellable = False

    def __init__(self) -> None:
        super().__init__(Existence(), None)  # no terms, no analyzer
        self.column_type = TEXT_COLUMN


class PassageCodec(W3Codec):  # type: ignore[misc] # whoosh has no types
    """Whoosh's default codec with term files of our own."""

    IDS_EXT = ".ids"

    def field_writer(self, storage: Any, segment: Any) -> TermsWriter:
        """Return a writer for the terms of a new segment."""
        return TermsWriter(segment.create_file(storage, self.TERMS_EXT), segment.create_file(storage, self.POSTS_EXT))

    def terms_reader(self, storage: Any, segment: Any) -> TermsReader:
        """Return a reader of the terms of a segment, as Whoosh uses it."""
        return TermsReader(self.open_terms_file(storage, segment))

    def open_terms_file(self, storage: Any, segment: Any) -> TermsFile:
        """Return the terms file of a segment, as the engine uses it."""
        name = segment.make_filename(self.TERMS_EXT)
        with ExitStack() as files:
            terms = files.enter_context(storage.open_file(name))
            postings = files.enter_context(segment.open_file(storage, self.POSTS_EXT))
            length = storage.file_length(name)
            opened = TermsFile(terms, length, postings, max_documents=segment.doc_count_all())
            files.pop_all()
        return opened

    def write_passage_ids(self, storage: Any, segment: Any, ids: array[int]) -> None:
        """Write the passage ids of the documents, in document order."""
        with segment.create_file(storage, self.IDS_EXT) as file:
            file.write(ids.tobytes())

    def read_passage_ids(self, storage: Any, segment: Any) -> array[int]:
        """Return the passage ids of the documents, in document order."""
        ids = array("Q")
        with segment.open_file(storage, self.IDS_EXT) as file:
            ids.frombytes(file.read(8 * segment.doc_count_all()))
        return ids


def make_term_key(field: str, text: str) -> bytes:
    """Return the key of a term in the terms file, which groups the terms of a field."""
    return f"{field}\0{text}".encode()


class TermsReader(base.TermsReader):  # type: ignore[misc] # whoosh has no types
    """Gives Whoosh's own readers and searchers access to the terms."""

    def __init__(self, terms: TermsFile) -> None:
        self._terms = terms

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._terms.get(_make_bytes_key(*term)) is not None

    def indexed_field_names(self) -> list[str]:
        """Return the names of the fields that have terms."""
        return sorted({field for field, _ in self.terms()})

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield all terms."""
        return (_split_term_key(found) for found, _ in self._terms.iterate_from(b""))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield all terms from *prefix* on."""
        return (_split_term_key(found) for found, _ in self._terms.iterate_from(_make_bytes_key(fieldname, prefix)))

    def items(self) -> Iterator[tuple[tuple[str, bytes], W3TermInfo]]:
        """Yield all terms with their frequencies."""
        return (
            (_split_term_key(found), _make_term_info(postings)) for found, postings in self._terms.iterate_from(b"")
        )

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], W3TermInfo]]:
        """Yield all terms from *prefix* on, with their frequencies."""
        found = self._terms.iterate_from(_make_bytes_key(fieldname, prefix))
        return ((_split_term_key(each), _make_term_info(postings)) for each, postings in found)

    def term_info(self, fieldname: str, text: bytes) -> W3TermInfo:
        """Return the frequency of a term."""
        return _make_term_info(self._find_postings(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Return the number of documents that contain a term, as its weight."""
        return float(self.doc_frequency(fieldname, text))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Return the number of documents that contain a term."""
        found = self._terms.get(_make_bytes_key(fieldname, text))
        return found.count if found else 0

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        """Return a matcher for the documents of a term."""
        postings = self._find_postings(fieldname, text)
        return ListMatcher(
            postings.read_documents(),
            [1.0] * postings.count,
            format=format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=_make_term_info(postings),
        )

    def cursor(self, fieldname: str, fieldobj: FieldType) -> TermCursor:
        """Return a cursor over the terms of a field."""
        return TermCursor(self._terms, fieldname)

    def close(self) -> None:
        """Close the files."""
        self._terms.close()

    def _find_postings(self, fieldname: str, text: bytes) -> Postings:
        found = self._terms.get(_make_bytes_key(fieldname, text))
        if found is None:
            raise TermNotFound(f"no term {fieldname}:{text!r}")
        return found


class TermCursor(base.FieldCursor):  # type: ignore[misc] # whoosh has no types
    """A position in the terms of a field."""

    def __init__(self, terms: TermsFile, field: str) -> None:
        self._terms = terms
        self._key_prefix = make_term_key(field, "")
        self.first()

    def first(self) -> str | None:
        """Move to the first term."""
        return self.find("")

    def find(self, string: str | bytes) -> str | None:
        """Move to the first term that is not less than *string*."""
        text = string.encode() if isinstance(string, str) else string
        self._remaining_terms = self._terms.iterate_from(self._key_prefix + text)
        return self.next()

    def next(self) -> str | None:
        """Move to the next term."""
        self._current_term = next(self._remaining_terms, None)
        return self.text()

    def text(self) -> str | None:
        """Return the current term; None after the last one."""
        return (
            self._current_term[0][len(self._key_prefix) :].decode() if self._current_term and self.is_valid() else None
        )

    def term_info(self) -> W3TermInfo | None:
        """Return the frequency of the current term."""
        return _make_term_info(self._current_term[1]) if self._current_term and self.is_valid() else None

    def is_valid(self) -> bool:
        """Return whether there is a current term."""
        return self._current_term is not None and self._current_term[0].startswith(self._key_prefix)


def _make_bytes_key(fieldname: str, text: bytes) -> bytes:
    return fieldname.encode() + b"\0" + text


def _split_term_key(found: bytes) -> tuple[str, bytes]:
    field, _, text = found.partition(b"\0")
    return field.decode(), text


def _make_term_info(postings: Postings) -> W3TermInfo:
    ids = postings.read_documents()
    return W3TermInfo(
        weight=float(postings.count),
        df=postings.count,
        minlength=1,
        maxlength=1,
        maxweight=1.0,
        minid=ids[0],
        maxid=ids[-1],
    )
