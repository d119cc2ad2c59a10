"""The texts of the documents of the tantivy engine, which worker processes make, without importing tantivy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..model import Passage, PassageFields
from ..store.passages import TrackBlocks
from .terms import date_number, join_pair_terms, tokenize_fields, truncate_tokens


class DocumentTexts(NamedTuple):
    """What a document is made of; *fields* are the names and the texts of those that are not empty."""

    passage: int
    track: int
    date: int
    words: str
    pairs: str
    fields: Sequence[tuple[str, str]]


def make_document_texts(passages: Iterable[Passage]) -> Iterator[DocumentTexts]:
    """Yield the texts of *passages*; those of the fields are made once for all passages in a row that have the same."""
    last: PassageFields | None = None
    date, fields = 0, list[tuple[str, str]]()
    for passage in passages:
        if passage.fields is not last:
            last = passage.fields
            date = date_number(last.date)
            fields = [(name, " ".join(words)) for name, words in tokenize_fields(last)]
        tokens = truncate_tokens(passage.tokens)
        yield DocumentTexts(passage.id, passage.track, date, " ".join(tokens), join_pair_terms(tokens), fields)


def make_chunk_texts(_: object, tracks: Sequence[TrackBlocks]) -> list[bytes]:
    """Make the texts of a chunk of tracks in a worker; `read_chunk_texts` reads them."""
    documents, texts, fields = [], list[bytes](), list[Sequence[tuple[str, str]]]()
    for each in make_document_texts(passage for track in tracks for passage in track.cut_passages()):
        if not fields or fields[-1] is not each.fields:
            fields.append(each.fields)
        documents.append((each.passage, each.track, each.date, len(fields) - 1))
        texts += (each.words.encode("utf-8", "surrogatepass"), each.pairs.encode("utf-8", "surrogatepass"))
    return [json.dumps({"documents": documents, "fields": fields}).encode(), *texts]


def read_chunk_texts(parts: Sequence[bytes]) -> Iterator[DocumentTexts]:
    """Yield the texts that `make_chunk_texts` made."""
    header = json.loads(parts[0])
    fields = header["fields"]
    for number, (passage, track, date, field_set) in enumerate(header["documents"]):
        words, pairs = (part.decode("utf-8", "surrogatepass") for part in parts[2 * number + 1 : 2 * number + 3])
        yield DocumentTexts(passage, track, date, words, pairs, fields[field_set])
