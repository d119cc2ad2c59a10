"""The engine of the extra `fast`: tantivy, a search library in Rust."""

from __future__ import annotations

import os
import re
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import tantivy
from tantivy import FieldType, Occur, Query

from ..errors import EngineError, IndexLocationError, VidindexError
from ..model import (
    And,
    DateRange,
    FieldTerm,
    Not,
    Or,
    Passage,
    PhraseQuery,
    PrefixQuery,
    Proximity,
    QueryNode,
    WordsQuery,
)
from .base import Engine, PassageCandidate
from .checksums import find_changed_files, read_names, record_checksums
from .folders import check_engine_folder, delete_folder
from .spelling import find_similar_words
from .tantivy_documents import DocumentTexts, make_chunk_texts, make_document_texts, read_chunk_texts
from .terms import (
    FIELD_NAMES,
    MAX_TOKEN_CHARS,
    QueryTerm,
    date_number,
    is_scored,
    select_terms,
    truncate_tokens,
)
from .track_passages import TrackPassages

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

_WRITER_HEAP_BYTES = 60_000_000
"""Memory of all threads of the writer before it writes a segment; tantivy requires at least 15 MB for each."""

_EXTRA_TIED_HITS = 300
"""Extra hits to request, so that hits that tie for the last place are ordered by passage id."""

_MAX_RARE_POSTINGS = 300
"""Maximum number of postings that are read to find a lower bound of the best score."""

_MIN_SKIPPED_POSTINGS = 5_000
"""A query with fewer postings is not worth such a bound."""

_MAX_VOCABULARY_WORDS = 200_000
"""Number of words among which spelling suggestions are searched, about 30 MB."""

_COMMON_TOKEN_PASSAGES = 1000
"""A word with this document frequency exists for certain, although deleted passages count too."""

_FILE_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.]*")
_SEGMENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FIELD_TYPES = {
    **dict.fromkeys(("passage", "track", "date"), "u64"),
    **dict.fromkeys(("words", "pairs", *FIELD_NAMES), "text"),
}
_LISTS = ("meta.json", ".managed.json")
_FOOTER_MAGIC = 1337
_STDERR = 2
_MAX_ERROR_CHARS = 500
_MAX_LIST_BYTES = 2_000_000
_MAX_SEGMENTS = 2_000
_MAX_PASSAGES = 500_000_000
_MAX_BLOCK_BYTES = 1 << 20


class TantivyEngine(Engine):
    """An engine in a folder, on tantivy."""

    name = "tantivy"

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        check_engine_folder(self.name, folder)
        self._symlink_folder = _link_read_only_folder(folder)
        self._folder = Path(self._symlink_folder.name) if self._symlink_folder else folder
        with _translate_errors():
            self._index = _open_index(self._folder, create=create)
            self._index.register_tokenizer("spaced", _build_space_tokenizer())
        self._schema = self._index.schema
        self._commit_stamp: tuple[int, ...] = ()
        self._vocabulary_cache: tuple[tuple[int, ...], dict[str, int]] = (), {}

    def replace_tracks(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        with _translate_errors():
            _delete_unused_deletions(self._folder)
            threads = passages.count_engine_threads() if isinstance(passages, TrackPassages) else 1
            writer = self._index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=threads)
            try:
                # By query: tantivy's deletion by term treats the integer as signed and deletes nothing.
                writer.delete_documents_by_query(Query.term_set_query(self._schema, "track", list(tracks)))
                for texts in _iterate_texts(passages):
                    writer.add_document(_make_document(texts))
                writer.commit()
            finally:
                writer.wait_merging_threads()  # without a commit, this discards everything
            self._index.reload()
            is_needed = _make_file_filter(self._folder)
            names = (path.name for path in self._folder.iterdir() if is_needed(path.name))
            record_checksums(self._folder, names, changing=_LISTS)

    def find_candidates(self, query: QueryNode, *, limit: int, min_share: float = 0.0) -> Sequence[PassageCandidate]:
        with _translate_errors():
            runner = _TantivyQueryRunner(self._current_searcher(), self._schema)
            return runner.find_best(query, limit=limit, min_share=min_share)

    def has_token(self, token: str) -> bool:
        with _translate_errors():
            frequency = int(self._current_searcher().doc_freq("words", token[:MAX_TOKEN_CHARS]))
        # Deleted passages count until a merge, so a rare word needs a search, which is fast for a rare word.
        return frequency > _COMMON_TOKEN_PASSAGES or (
            frequency > 0 and bool(self.find_candidates(PhraseQuery((token,)), limit=1))
        )

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        with _translate_errors():
            searcher = self._current_searcher()
            state, words = self._vocabulary_cache
            if state != self._commit_stamp or not words:
                words = dict(searcher.terms_with_prefix("words", "", limit=_MAX_VOCABULARY_WORDS))
                self._vocabulary_cache = self._commit_stamp, words
        return find_similar_words(token, words, limit=limit)

    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        with _translate_errors():
            found = self._current_searcher().terms_with_prefix("words", token[:prefix_chars], limit=limit)
        return [text for text, _ in found]

    def count_passages(self) -> int:
        with _translate_errors():
            return int(self._current_searcher().num_docs)

    def commit_stamp(self) -> tuple[int, ...]:
        return _read_commit_stamp(self._folder)

    def _current_searcher(self) -> tantivy.Searcher:
        """Return a searcher of the last commit; if the index has just been deleted, of the last one that was read."""
        committed = _read_commit_stamp(self._folder)
        if committed and committed != self._commit_stamp:
            try:
                self._index.reload()
            except ValueError:
                if _read_commit_stamp(self._folder):
                    raise
            else:
                self._commit_stamp = committed
        return self._index.searcher()

    def close(self) -> None:
        del self._index
        if self._symlink_folder:
            delete_folder(self._folder)
            self._symlink_folder.cleanup()


def find_damaged_files(folder: Path, *, is_confirmed: bool) -> Iterator[str]:
    """Yield the damaged files of the index in *folder*, without opening it.

    Without *is_confirmed*, the lists of files may be newer than their checksums.
    Raises `EngineError` if the lists are damaged or missing.
    """
    check_engine_folder(TantivyEngine.name, folder)
    with _translate_errors():
        if not (folder / "meta.json").exists():
            raise ValueError("its list of segments is missing")
        _check_file_lists(folder)
        is_needed = _make_file_filter(folder)
        checked = {name for name in read_names(folder) if is_needed(name)}
        yield from find_changed_files(folder, checked if is_confirmed else checked.difference(_LISTS))
        # The files of an older version, and of a commit that was killed.
        unchecked = {path.name for path in folder.iterdir() if is_needed(path.name)} - checked
        yield from (name for name in unchecked.difference(_LISTS) if not _has_valid_footer(folder / name))


def _delete_unused_deletions(folder: Path) -> None:
    """Delete the lists of deletions of a commit that was killed: the next commit would give its own the same names."""
    is_needed = _make_file_filter(folder)
    for path in folder.glob("*.del"):
        if not is_needed(path.name):
            path.unlink(missing_ok=True)


def _make_file_filter(folder: Path) -> Callable[[str], bool]:
    """Return a function that tells whether the last commit needs a file with a given name."""
    import json

    segments = json.loads(_read_list(folder / "meta.json"))["segments"]
    deletions = {
        str(segment["segment_id"]).replace("-", ""): f"{(segment['deletes'] or {}).get('opstamp')}.del"
        for segment in segments
    }

    def is_needed(name: str) -> bool:
        segment, _, suffix = name.partition(".")
        if name in _LISTS:
            return True
        return segment in deletions and (not suffix.endswith("del") or suffix == deletions[segment])

    return is_needed


def _has_valid_footer(path: Path) -> bool:
    """Return whether the content of a file of a segment has the checksum that tantivy wrote at its end."""
    import json
    import zlib

    content = path.read_bytes()
    length = int.from_bytes(content[-8:-4], "little")
    if int.from_bytes(content[-4:], "little") != _FOOTER_MAGIC or length + 8 > len(content):
        return False
    try:
        return bool(json.loads(content[-8 - length : -8])["crc"] == zlib.crc32(content[: -8 - length]))
    except (ValueError, KeyError, TypeError):
        return False


def _read_commit_stamp(folder: Path) -> tuple[int, ...]:
    """Return a value that differs for each commit, since each replaces `meta.json`; empty if there is no index."""
    try:
        found = os.stat(f"{folder}/meta.json")  # noqa: PTH116 - several times in each search, where a `Path` takes longer
    except FileNotFoundError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _link_read_only_folder(folder: Path) -> TemporaryDirectory[str] | None:
    """Return a folder of links to the files of a read-only folder; tantivy creates lock files even to read."""
    if not folder.is_dir() or os.access(folder, os.W_OK):
        return None
    from tempfile import TemporaryDirectory  # few folders need it

    links = TemporaryDirectory(prefix="vidindex-", ignore_cleanup_errors=True)
    for file in folder.iterdir():
        if not file.name.startswith(".") and file.suffix != ".lock":
            (Path(links.name) / file.name).symlink_to(file.absolute())
    return links


def _open_index(folder: Path, *, create: bool) -> tantivy.Index:
    if folder.is_dir() and tantivy.Index.exists(str(folder)):
        _check_file_lists(folder)
        return tantivy.Index.open(str(folder))
    if not create:
        raise EngineError("tantivy", f"no index in {folder}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexLocationError(str(folder), error.strerror or str(error)) from error
    return tantivy.Index(_build_schema(), path=str(folder))


def _check_file_lists(folder: Path) -> None:
    """Check the lists of segments and of files of an index, which tantivy trusts.

    A commit deletes the files that `.managed.json` names and no segment needs, wherever they are.

    Raises `ValueError` if a list is damaged or names files elsewhere.
    """
    import json

    managed = folder / ".managed.json"
    names = json.loads(_read_list(managed)) if managed.exists() else []
    if not isinstance(names, list) or not all(isinstance(name, str) and _FILE_NAME.fullmatch(name) for name in names):
        raise ValueError("its list of files is damaged")
    meta = json.loads(_read_list(folder / "meta.json"))
    segments = meta["segments"]
    types = {field["name"]: field["type"] for field in meta["schema"]}
    if types != _FIELD_TYPES or len(segments) > _MAX_SEGMENTS:
        raise ValueError("its list of segments is damaged")
    if not 0 <= sum(_count_documents(segment) for segment in segments) <= _MAX_PASSAGES:
        raise ValueError("its list of segments is damaged")
    if not 0 < meta.get("index_settings", {}).get("docstore_blocksize", 1) <= _MAX_BLOCK_BYTES:
        raise ValueError("its settings are damaged")


def _read_list(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MAX_LIST_BYTES + 1)
    if len(content) > _MAX_LIST_BYTES:
        raise ValueError("a list of files is too large")
    return content


def _count_documents(segment: dict[str, Any]) -> int:
    count = segment["max_doc"]
    if type(count) is not int or count < 0 or not _SEGMENT_ID.fullmatch(str(segment["segment_id"])):
        raise ValueError("its list of segments is damaged")
    return count


def _build_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("passage", fast=True)
    builder.add_unsigned_field("track", indexed=True)
    builder.add_unsigned_field("date", fast=True)
    builder.add_text_field("words", tokenizer_name="spaced")
    builder.add_text_field("pairs", tokenizer_name="spaced", index_option="basic")
    for name in FIELD_NAMES:
        builder.add_text_field(name, tokenizer_name="spaced")
    return builder.build()


def _build_space_tokenizer() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _iterate_texts(passages: Iterable[Passage]) -> Iterator[DocumentTexts]:
    """Yield the texts of the documents of *passages*, from worker processes if there are any."""
    if isinstance(passages, TrackPassages) and passages.count_jobs() > 1:
        return (each for chunk in passages.map_in_workers(make_chunk_texts) for each in read_chunk_texts(chunk))
    return make_document_texts(passages)


def _make_document(texts: DocumentTexts) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("passage", texts.passage)
    document.add_unsigned("track", texts.track)
    document.add_unsigned("date", texts.date)
    document.add_text("words", texts.words)
    document.add_text("pairs", texts.pairs)
    for name, text in texts.fields:
        document.add_text(name, text)
    return document


_new_tuple = tuple.__new__  # takes less than half the time of calling the class, for hundreds of candidates


class _RankedPassages(Sequence[PassageCandidate]):
    """The best passages; those with equal scores are ordered by id when they are read: few searches read all.

    tantivy breaks ties by its document numbers.  *hits* are the best *limit* ones and some that may tie for the last
    place.
    """

    def __init__(self, searcher: tantivy.Searcher, hits: list[tuple[float, Any]], limit: int) -> None:
        self._searcher = searcher
        self._hits = hits
        self._size = min(len(hits), limit)
        self._ordered: list[PassageCandidate] = []

    @overload
    def __getitem__(self, at: int) -> PassageCandidate: ...
    @overload
    def __getitem__(self, at: slice) -> list[PassageCandidate]: ...
    def __getitem__(self, at: int | slice) -> PassageCandidate | list[PassageCandidate]:
        wanted = range(self._size)[at]
        if isinstance(wanted, int):
            self._order_first(wanted + 1)
            return self._ordered[wanted]
        self._order_first(max(wanted, default=-1) + 1)
        return self._ordered[: self._size][at] if wanted else []

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[PassageCandidate]:
        return iter(self[:])

    def _order_first(self, count: int) -> None:
        """Order the passages up to the last one that ties with that in the place *count*."""
        start = len(self._ordered)
        if count <= start:
            return
        least = self._hits[count - 1][0]
        end = bisect_right(self._hits, -least, count, key=_negative_score)
        hits = self._hits[start:end]
        with _translate_errors():
            ids = self._searcher.fast_field_values("passage", [address for _, address in hits])
        ordered = sorted([(-score, passage or 0) for (score, _), passage in zip(hits, ids, strict=True)])
        self._ordered += [_new_tuple(PassageCandidate, (passage, -negative)) for negative, passage in ordered]


def _negative_score(hit: tuple[float, Any]) -> float:
    return -hit[0]


class _TantivyQueryRunner:
    """Runs queries against one snapshot of the index."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema) -> None:
        self._searcher = searcher
        self._schema = schema

    def find_best(self, query: QueryNode, *, limit: int, min_share: float) -> Sequence[PassageCandidate]:
        if isinstance(query, WordsQuery):
            return _RankedPassages(self._searcher, self._find_best_by_words(query, limit, min_share), limit)
        translated = self._translate_node(query)
        if is_scored(query):
            return _RankedPassages(self._searcher, self._search(translated, limit), limit)
        hits = self._searcher.search(
            translated, limit=limit, count=False, order_by_field="passage", order=tantivy.Order.Asc
        ).hits
        return [_new_tuple(PassageCandidate, (passage, 0.0)) for passage, _ in hits]

    def _search(self, query: Query, limit: int) -> list[tuple[float, Any]]:
        return list(self._searcher.search(query, limit=limit + _EXTRA_TIED_HITS, count=False).hits)

    def _find_best_by_words(self, words: WordsQuery, limit: int, min_share: float) -> list[tuple[float, Any]]:
        """Return the best passages: at least those with *min_share* of the best score.

        The most frequent terms have most of the postings and the least weight.  A passage without any other term scores
        at most the sum of their weights.  If that is too little, only passages with another term are read.
        """
        terms = self._select_terms(words)
        if min_share and sum(term.frequency for term in terms) >= _MIN_SKIPPED_POSTINGS:
            best = self._searcher.search(self._terms_query(terms, _count_rare(terms)), limit=1, count=False).hits
            required = _count_required(terms, min_share * best[0][0], limit) if best else len(terms)
            if required < len(terms):
                hits = self._search(self._terms_query(terms, required), limit)
                if len(hits) >= limit:
                    return hits
        return self._search(self._terms_query(terms, len(terms)), limit)

    def _translate_node(self, node: QueryNode) -> Query:
        match node:
            case WordsQuery():
                return self._words_query(node)
            case PhraseQuery():
                return self._phrase_query("words", node.tokens)
            case PrefixQuery():
                return self._without_score(self._prefix_query("words", node.prefix))
            case Proximity():
                return self._without_score(self._proximity_query(node))
            case FieldTerm():
                return self._field_query(node)
            case DateRange():
                return self._without_score(self._date_query(node))
            case And():
                return self._and_query(node)
            case Or():
                return Query.boolean_query([(Occur.Should, self._translate_node(each)) for each in node.nodes])
            case Not():
                return self._without_score(self._not_query(node))

    def _words_query(self, words: WordsQuery) -> Query:
        terms = self._select_terms(words)
        return self._terms_query(terms, len(terms))

    def _terms_query(self, terms: Sequence[QueryTerm], required: int) -> Query:
        """Return the query for passages with any of the first *required* ones of *terms*, ranked by all."""
        if not terms:
            return Query.empty_query()
        query = Query.boolean_query([(Occur.Should, self._scored_term_query(term)) for term in terms[:required]])
        for term in terms[required:]:  # one by one: of a union, tantivy reads all postings
            query = Query.boolean_query([(Occur.Must, query), (Occur.Should, self._scored_term_query(term))])
        return query

    def _select_terms(self, words: WordsQuery) -> list[QueryTerm]:
        passages = max(1, self._searcher.num_docs)
        return select_terms(words, frequency=self._document_frequency, passage_count=passages)

    def _document_frequency(self, text: str, is_pair: bool) -> int:
        return int(self._searcher.doc_freq("pairs" if is_pair else "words", text))

    def _scored_term_query(self, term: QueryTerm) -> Query:
        return Query.const_score_query(self._term_query("pairs" if term.is_pair else "words", term.text), term.weight)

    def _term_query(self, field: str, text: str) -> Query:
        return Query.term_query(self._schema, field, text, index_option="basic")

    def _phrase_query(self, field: str, tokens: Sequence[str]) -> Query:
        tokens = truncate_tokens(tokens)
        if not tokens:
            return Query.empty_query()
        if len(tokens) == 1:
            return self._without_score(self._term_query(field, tokens[0]))
        return self._without_score(Query.phrase_query(self._schema, field, list(tokens)))

    def _prefix_query(self, field: str, stem: str) -> Query:
        return Query.regex_query(self._schema, field, f"{re.escape(stem[:MAX_TOKEN_CHARS])}.*")

    def _proximity_query(self, near: Proximity) -> Query:
        tokens = list(dict.fromkeys(truncate_tokens(near.tokens)))
        if len(tokens) < 2:
            return self._phrase_query("words", tokens)
        close = [self._within_distance_query(left, right, near.distance) for left, right in combinations(tokens, 2)]
        return Query.boolean_query([(Occur.Must, each) for each in close])

    def _within_distance_query(self, left: str, right: str, distance: int) -> Query:
        # Both terms have the same position; the slop is the distance allowed from there.
        return Query.phrase_query(self._schema, "words", [(0, left), (0, right)], slop=distance)

    def _field_query(self, node: FieldTerm) -> Query:
        if node.field_name not in FIELD_NAMES:
            return Query.empty_query()
        if not node.is_prefix or not node.tokens:
            return self._phrase_query(node.field_name, node.tokens)
        if len(node.tokens) == 1:
            return self._without_score(self._prefix_query(node.field_name, node.tokens[0]))
        *first, last = map(re.escape, truncate_tokens(node.tokens))
        return self._without_score(Query.regex_phrase_query(self._schema, node.field_name, [*first, f"{last}.*"]))

    def _date_query(self, dated: DateRange) -> Query:
        low = date_number(dated.after) if dated.after else 1
        high = date_number(dated.before, pad="9") if dated.before else 99_999_999
        return Query.range_query(self._schema, "date", FieldType.Unsigned, max(low, 1), high)

    def _and_query(self, node: And) -> Query:
        if not node.nodes:
            return self._without_score(Query.all_query())
        return Query.boolean_query([(Occur.Must, self._translate_node(each)) for each in node.nodes])

    def _not_query(self, node: Not) -> Query:
        everything = (Occur.Must, Query.all_query())
        return Query.boolean_query([everything, (Occur.MustNot, self._translate_node(node.node))])

    @staticmethod
    def _without_score(query: Query) -> Query:
        return Query.const_score_query(query, 0.0)


def _count_rare(terms: Sequence[QueryTerm]) -> int:
    """Return how many of *terms*, rarest first, have few postings, and are likely in the best passage; at least one."""
    return max(1, bisect_right(list(accumulate(term.frequency for term in terms)), _MAX_RARE_POSTINGS))


def _count_required(terms: Sequence[QueryTerm], min_score: float, limit: int) -> int:
    """Return how many of *terms*, rarest first, must be read to find *limit* passages, and all with *min_score*."""
    required = len(terms)
    score = 0.0
    while required > 1 and (score := score + terms[required - 1].weight) < min_score:
        if terms[required - 2].frequency < limit:
            break
        required -= 1
    return required


@contextmanager
def _discard_panic_messages() -> Iterator[None]:
    """Discard what Rust writes to standard error when it panics, unless another thread may be writing there."""
    try:
        stderr = os.dup(_STDERR) if threading.active_count() == 1 else -1
    except OSError:  # there is no standard error, or no file can be opened
        stderr = -1
    if stderr < 0:
        yield
        return
    try:
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(null, _STDERR)
        os.close(null)
        yield
    finally:
        os.dup2(stderr, _STDERR)
        os.close(stderr)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate the exceptions of tantivy into `EngineError`; a panic in Rust is not an `Exception`."""
    try:
        with _discard_panic_messages():
            yield
    except VidindexError:
        raise
    except (KeyError, TypeError, AttributeError, RecursionError) as error:  # of a list that it reads
        raise EngineError("tantivy", "its files are damaged") from error
    except Exception as error:
        raise EngineError("tantivy", str(error)[:_MAX_ERROR_CHARS] or type(error).__name__) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise EngineError("tantivy", "its files are damaged") from error
