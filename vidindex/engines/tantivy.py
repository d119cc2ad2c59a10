"""The engine of the extra `fast`: tantivy, a search library in Rust."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Query

from ..errors import EngineError, IndexLocationError
from ..model import And, Dated, InField, Near, Node, Not, Or, Passage, Phrase, Prefix, Words
from .base import Candidate
from .spelling import neighbours
from .terms import FIELDS, MAX_TOKEN, Term, clipped, day, field_texts, pairs, ranks, select

_HEAP_BYTES = 60_000_000
"""What the writer may hold before it writes a segment; tantivy refuses less than 15 MB."""

_TIED = 300
"""How many more are asked for, so that those that tie for the last place are cut by their ids."""

_VOCABULARY = 200_000
"""Words, the most frequent ones, among which neighbours in spelling are looked for: some 30 MB."""

_COMMON = 1000
"""Passages that hold a word, not all of which will have been removed."""


class TantivyEngine:
    """Passages in a folder that tantivy keeps."""

    name = "tantivy"

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self._links = _linked(folder)
        self._folder = Path(self._links.name) if self._links else folder
        with _failures():
            self._index = _opened(self._folder, create=create)
            self._index.register_tokenizer("spaced", _spaced())
        self._schema = self._index.schema
        self._committed: tuple[int, ...] = ()
        self._vocabulary: tuple[tuple[int, ...], dict[str, int]] = (), {}

    def replace(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        """Drop all passages of *tracks* and index *passages*, in one commit."""
        with _failures():
            writer = self._index.writer(heap_size=_HEAP_BYTES, num_threads=1)
            try:
                # By query: tantivy's deletion by term takes an integer for a signed one and deletes nothing.
                writer.delete_documents_by_query(Query.term_set_query(self._schema, "track", list(tracks)))
                for passage in passages:
                    writer.add_document(_document(passage))
                writer.commit()
            finally:
                writer.wait_merging_threads()  # without a commit before, nothing of it is kept
            self._index.reload()

    def candidates(self, query: Node, *, limit: int) -> list[Candidate]:
        """Give the *limit* best passages for *query*, best first, equal scores by passage id."""
        with _failures():
            return _Search(self._searcher(), self._schema).best(query, limit=limit)

    def knows(self, token: str) -> bool:
        """Tell whether any passage holds *token*."""
        with _failures():
            held = int(self._searcher().doc_freq("words", token[:MAX_TOKEN]))
        # Those that were removed are counted until they are merged away, and the others are found faster when few.
        return held > _COMMON or (held > 0 and bool(self.candidates(Phrase((token,)), limit=1)))

    def similar(self, token: str, *, limit: int = 3) -> list[str]:
        """Give indexed tokens spelled like *token* (itself excluded), the likeliest first."""
        with _failures():
            searcher = self._searcher()
            state, words = self._vocabulary
            if state != self._committed or not words:
                words = dict(searcher.terms_with_prefix("words", "", limit=_VOCABULARY))
                self._vocabulary = self._committed, words
        return neighbours(token, words, limit=limit)

    def count(self) -> int:
        """Count the passages."""
        with _failures():
            return int(self._searcher().num_docs)

    def _searcher(self) -> tantivy.Searcher:
        """Search what was committed last; of an index that was removed just now, what it held."""
        committed = _committed(self._folder)
        if committed and committed != self._committed:
            try:
                self._index.reload()
            except ValueError:
                if _committed(self._folder):
                    raise
            else:
                self._committed = committed
        return self._index.searcher()

    def close(self) -> None:
        """Let go of files and threads."""
        del self._index
        if self._links:
            self._links.cleanup()


def _committed(folder: Path) -> tuple[int, ...]:
    """Tell one commit from another: each puts a new file in the place of the last; empty where there is none."""
    try:
        found = (folder / "meta.json").stat()
    except FileNotFoundError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _linked(folder: Path) -> TemporaryDirectory[str] | None:
    """Link to the files of a folder that may not be written, for tantivy writes locks even to read."""
    if not folder.is_dir() or os.access(folder, os.W_OK):
        return None
    links = TemporaryDirectory(prefix="vidindex-")
    for file in folder.iterdir():
        if not file.name.startswith(".") and file.suffix != ".lock":
            (Path(links.name) / file.name).symlink_to(file.absolute())
    return links


def _opened(folder: Path, *, create: bool) -> tantivy.Index:
    if folder.is_dir() and tantivy.Index.exists(str(folder)):
        return tantivy.Index.open(str(folder))
    if not create:
        raise EngineError("tantivy", f"there is no index in {folder}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexLocationError(str(folder), error.strerror or str(error)) from error
    return tantivy.Index(_schema(), path=str(folder))


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("passage", fast=True)
    builder.add_unsigned_field("track", indexed=True)
    builder.add_unsigned_field("date", fast=True)
    builder.add_text_field("words", tokenizer_name="spaced")
    builder.add_text_field("pairs", tokenizer_name="spaced", index_option="basic")
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="spaced")
    return builder.build()


def _spaced() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _document(passage: Passage) -> tantivy.Document:
    tokens = clipped(passage.tokens)
    document = tantivy.Document()
    document.add_unsigned("passage", passage.id)
    document.add_unsigned("track", passage.track)
    document.add_unsigned("date", day(passage.fields.date))
    document.add_text("words", " ".join(tokens))
    document.add_text("pairs", " ".join(pairs(tokens)))
    for name, words in field_texts(passage.fields):
        document.add_text(name, " ".join(words))
    return document


class _Search:
    """One query over one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema) -> None:
        self._searcher = searcher
        self._schema = schema

    def best(self, query: Node, *, limit: int) -> list[Candidate]:
        translated = self._translate(query)
        if not ranks(query):
            hits = self._searcher.search(
                translated, limit=limit, count=False, order_by_field="passage", order=tantivy.Order.Asc
            ).hits
            return self._candidates([(0.0, address) for _, address in hits], limit)
        return self._candidates(self._best(translated, limit), limit)

    def _best(self, query: Query, limit: int) -> list[tuple[float, Any]]:
        """Give the best hits, and those that tie for the last place: tantivy cuts among them by its own numbering."""
        hits = self._searcher.search(query, limit=limit + _TIED, count=False).hits
        if len(hits) <= limit:
            return hits
        least = hits[limit - 1][0]
        return hits[: bisect_right(hits, -least, limit, key=lambda hit: -hit[0])]

    def _candidates(self, hits: list[tuple[float, Any]], limit: int) -> list[Candidate]:
        ids = self._searcher.fast_field_values("passage", [address for _, address in hits])
        ordered = sorted(zip([-score for score, _ in hits], [int(passage or 0) for passage in ids], strict=True))
        return [Candidate(passage, -negative) for negative, passage in ordered[:limit]]

    def _translate(self, node: Node) -> Query:
        match node:
            case Words():
                return self._words(node)
            case Phrase():
                return self._phrase("words", node.tokens)
            case Prefix():
                return self._filter(self._stem("words", node.stem))
            case Near():
                return self._filter(self._near(node))
            case InField():
                return self._field(node)
            case Dated():
                return self._filter(self._dated(node))
            case And():
                return self._and(node)
            case Or():
                return Query.boolean_query([(Occur.Should, self._translate(each)) for each in node.nodes])
            case Not():
                return self._filter(self._not(node))

    def _words(self, words: Words) -> Query:
        if not words.tokens:
            return Query.empty_query()
        terms = self._terms(words)
        return Query.boolean_query([(Occur.Should, self._scored(term)) for term in terms])

    def _terms(self, words: Words) -> list[Term]:
        passages = max(1, self._searcher.num_docs)
        return select(words, frequency=self._frequency, passages=passages)

    def _frequency(self, text: str, is_pair: bool) -> int:
        return int(self._searcher.doc_freq("pairs" if is_pair else "words", text))

    def _scored(self, term: Term) -> Query:
        return Query.const_score_query(self._term("pairs" if term.is_pair else "words", term.text), term.weight)

    def _term(self, field: str, text: str) -> Query:
        return Query.term_query(self._schema, field, text, index_option="basic")

    def _phrase(self, field: str, tokens: Sequence[str]) -> Query:
        tokens = clipped(tokens)
        if not tokens:
            return Query.empty_query()
        if len(tokens) == 1:
            return self._filter(self._term(field, tokens[0]))
        return self._filter(Query.phrase_query(self._schema, field, list(tokens)))

    def _stem(self, field: str, stem: str) -> Query:
        return Query.regex_query(self._schema, field, f"{re.escape(stem[:MAX_TOKEN])}.*")

    def _near(self, near: Near) -> Query:
        tokens = list(dict.fromkeys(clipped(near.tokens)))
        if len(tokens) < 2:
            return self._phrase("words", tokens)
        close = [self._close(left, right, near.distance) for left, right in combinations(tokens, 2)]
        return Query.boolean_query([(Occur.Must, each) for each in close])

    def _close(self, left: str, right: str, distance: int) -> Query:
        # Both are expected at the same place, and the slop is how far from there they may be.
        return Query.phrase_query(self._schema, "words", [(0, left), (0, right)], slop=distance)

    def _field(self, node: InField) -> Query:
        if node.name not in FIELDS:
            return Query.empty_query()
        if not node.prefix or not node.tokens:
            return self._phrase(node.name, node.tokens)
        if len(node.tokens) == 1:
            return self._filter(self._stem(node.name, node.tokens[0]))
        *first, last = map(re.escape, clipped(node.tokens))
        return self._filter(Query.regex_phrase_query(self._schema, node.name, [*first, f"{last}.*"]))

    def _dated(self, dated: Dated) -> Query:
        low = day(dated.after) if dated.after else 1
        high = day(dated.before, pad="9") if dated.before else 99_999_999
        return Query.range_query(self._schema, "date", FieldType.Unsigned, max(low, 1), high)

    def _and(self, node: And) -> Query:
        if not node.nodes:
            return self._filter(Query.all_query())
        return Query.boolean_query([(Occur.Must, self._translate(each)) for each in node.nodes])

    def _not(self, node: Not) -> Query:
        everything = (Occur.Must, Query.all_query())
        return Query.boolean_query([everything, (Occur.MustNot, self._translate(node.node))])

    @staticmethod
    def _filter(query: Query) -> Query:
        return Query.const_score_query(query, 0.0)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what tantivy raises into `EngineError`; a panic in Rust is no `Exception`."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        raise EngineError("tantivy", str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise EngineError("tantivy", "its files are damaged") from error
