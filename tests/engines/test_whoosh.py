"""Behavior that only the whoosh engine has: its codec, its merging, and compatibility with whoosh itself."""

# mypy: untyped-calls-exclude=whoosh

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC, open_dir
from whoosh.query.compound import And, Or
from whoosh.query.terms import Prefix, Term

from vidindex.engines.whoosh.engine import WhooshEngine
from vidindex.engines.whoosh.postings import TermsFile, TermsWriter, decode_gaps, encode_gaps
from vidindex.engines.whoosh.segment_builder import list_suffixes
from vidindex.engines.whoosh.segment_reader import SegmentReader
from vidindex.errors import EngineError
from vidindex.model import Or as OrNode
from vidindex.model import Passage, PassageFields, PhraseQuery, Proximity, WordsQuery, make_passage_id

Generate = Callable[..., Iterator[Passage]]
Documents = st.sets(st.integers(0, 1 << 20), min_size=1, max_size=300).map(sorted)


@given(Documents)
def test_document_numbers_survive_encoding(numbers: list[int]) -> None:
    assert decode_gaps(encode_gaps(numbers)) == numbers


@given(st.dictionaries(st.binary(min_size=1, max_size=9).filter(lambda key: b"\n" not in key), Documents))
def test_terms_are_read_back_in_order_with_their_documents(terms: dict[bytes, list[int]]) -> None:
    storage = RamStorage()
    writer = TermsWriter(storage.create_file("terms"), storage.create_file("postings"))
    for key in sorted(terms):
        writer.add_term(key, terms[key])
    writer.close()
    reader = TermsFile(storage.open_file("terms"), storage.file_length("terms"), storage.open_file("postings"))
    assert [(key, found.read_documents()) for key, found in reader.iterate_from(b"")] == sorted(terms.items())
    for key, numbers in terms.items():
        found = reader.get(key)
        assert found is not None
        assert (found.count, found.read_documents()) == (len(numbers), numbers)
        assert reader.get(key + b"\0") is None or key + b"\0" in terms
        stem = key[:1]
        assert [each for each, _ in reader.iterate_prefix(stem)] == sorted(t for t in terms if t.startswith(stem))


def test_garbage_is_collected_again_after_a_commit_and_after_one_that_fails(tmp_path: Path) -> None:
    def fail() -> Iterator[Passage]:
        assert not gc.isenabled()
        yield Passage(make_passage_id(1, 0), 1, ("knot",), PassageFields())
        raise OSError("the disk is gone")

    engine = WhooshEngine(tmp_path / "whoosh-1")
    with pytest.raises(EngineError):
        engine.replace_tracks([1], fail())
    assert gc.isenabled()
    engine.replace_tracks([1], [Passage(make_passage_id(1, 0), 1, ("knot",), PassageFields())])
    assert gc.isenabled()
    engine.close()


def test_a_field_is_indexed_with_all_its_suffixes() -> None:
    assert list_suffixes(["live", "in", "köln"]) == ["live in köln", "in köln", "köln"]


def test_whoosh_itself_reads_the_index(tmp_path: Path) -> None:
    """The codec uses the codec interface of whoosh, so its searcher works without vidindex."""
    engine = WhooshEngine(tmp_path)
    engine.replace_tracks(
        [1], [Passage(make_passage_id(1, n), 1, tuple(f"say word{n}".split()), PassageFields()) for n in range(9)]
    )
    engine.replace_tracks([2], [Passage(make_passage_id(2, 0), 2, ("say", "nothing"), PassageFields(kind="speech"))])
    with open_dir(str(tmp_path)).searcher() as searcher:
        assert len(searcher.search(Term("words", "say"), limit=None)) == 10
        assert len(searcher.search(And([Term("words", "say"), Term("kind", "speech")]))) == 1
        assert len(searcher.search(Or([Term("words", "word3"), Term("words", "nothing")]))) == 2
        assert len(searcher.search(Prefix("words", "word"), limit=None)) == 9
        assert searcher.doc_frequency("words", "say") == 10
        reader = searcher.reader()
        assert list(reader.lexicon("kind")) == [b"speech"]
    engine.close()


def test_segments_stay_few_while_thousands_of_passages_are_added(tmp_path: Path, generate: Generate) -> None:
    engine = WhooshEngine(tmp_path)
    for track in range(1, 60):
        engine.replace_tracks([track], generate(range(track, track + 1), seed=track))
    index = open_dir(str(tmp_path))
    assert len(TOC.read(index.storage, index.indexname).segments) < 8
    assert engine.count_passages() == 59 * 8
    engine.close()


def test_leftovers_of_a_killed_writer_are_deleted(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path)
    (tmp_path / "MAIN_0123456789abcdef.trm").write_bytes(b"half")
    (tmp_path / "MAIN.tmp").mkdir()
    (tmp_path / "MAIN.tmp" / "left.over").write_bytes(b"half")
    engine.replace_tracks([1], [Passage(make_passage_id(1, 0), 1, ("word",), PassageFields())])
    assert not (tmp_path / "MAIN_0123456789abcdef.trm").exists()
    assert not (tmp_path / "MAIN.tmp").exists()
    engine.close()


def test_threads_share_one_engine(tmp_path: Path, generate: Generate) -> None:
    engine = WhooshEngine(tmp_path)
    corpus = list(generate(range(1, 30)))
    engine.replace_tracks(range(1, 30), corpus)
    long = [passage for passage in corpus if len(passage.tokens) > 20]
    expected = {p.id: engine.find_candidates(WordsQuery(p.tokens[:8]), limit=20) for p in long}
    agreed: list[bool] = []

    def ask(turn: int) -> None:
        for passage in long[turn::4]:
            found = engine.find_candidates(WordsQuery(passage.tokens[:8]), limit=20)
            agreed.append(found == expected[passage.id])

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert agreed == [True] * len(long)
    engine.close()


@pytest.mark.parametrize("width", [3, 8])
def test_a_phrase_must_be_contiguous(width: int, tmp_path: Path) -> None:
    """All pairs of the phrase occur, but not consecutively."""
    engine = WhooshEngine(tmp_path)
    tokens = [f"w{number}" for number in range(width)]
    apart = [token for pair in pairwise(tokens) for token in (*pair, "x")]
    engine.replace_tracks([1], [Passage(make_passage_id(1, 0), 1, tuple(apart), PassageFields())])
    assert engine.find_candidates(PhraseQuery(tuple(tokens)), limit=5) == []
    assert len(engine.find_candidates(PhraseQuery(tuple(tokens[:2])), limit=5)) == 1
    engine.close()


def test_alternatives_that_are_checked_in_the_text_read_few_texts(
    tmp_path: Path, generate: Generate, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = WhooshEngine(tmp_path / "index")
    engine.replace_tracks(range(40), generate(range(40)))
    read_texts: list[int] = []
    read_text = SegmentReader.read_text

    def count_reads(segment: SegmentReader, number: int) -> str:
        read_texts.append(number)
        return read_text(segment, number)

    monkeypatch.setattr(SegmentReader, "read_text", count_reads)
    words = engine.find_similar_tokens("kalo", limit=3) or ["ka"]
    near = [Proximity((left, right), 100) for left in ("ka", "lo", "mi") for right in ("ne", "ru", *words)]
    alternatives = OrNode(tuple(near))
    best = engine.find_candidates(alternatives, limit=5)
    assert len(read_texts) <= 60
    every = engine.find_candidates(alternatives, limit=1000)
    separately = {each.passage_id for node in near for each in engine.find_candidates(node, limit=1000)}
    assert {each.passage_id for each in every} == separately
    assert [each.passage_id for each in best] == sorted(separately)[:5]
    engine.close()
