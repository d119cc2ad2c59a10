"""What earlier searches found answers the next ones, with the same results as without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

import vidindex
from tests.conftest import Write
from vidindex.engines.base import PassageCandidate, PassageIndex
from vidindex.model import PhraseQuery, QueryNode
from vidindex.search.by_video import search_by_video
from vidindex.search.facets import facet_search
from vidindex.search.options import SearchOptions
from vidindex.search.recent import BoundedMemory, RecentFindings, may_overlap_itself

TALK = [
    "no no no no no, I said, and no again",
    "the lamps along the river were lit at six",
    *(f"line {at} of the talk says nothing about the lamps" for at in range(8)),
    "the lamps along the river were never lit again",
    "the river the river the river runs along",
]
TYPED = "the lamps along the river"


class _CountingEngine(PassageIndex):
    """An engine that records what it is asked."""

    def __init__(self, engine: PassageIndex) -> None:
        self._engine = engine
        self.asked: list[QueryNode] = []

    def find_candidates(self, query: QueryNode, *, limit: int, min_share: float = 0.0) -> Sequence[PassageCandidate]:
        self.asked.append(query)
        return self._engine.find_candidates(query, limit=limit, min_share=min_share)

    def has_token(self, token: str) -> bool:
        return self._engine.has_token(token)

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        return self._engine.find_similar_tokens(token, limit=limit)

    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        return self._engine.find_tokens_beside(token, prefix_chars=prefix_chars, limit=limit)

    def count_passages(self) -> int:
        return self._engine.count_passages()


@pytest.fixture(name="talks")
def _talks(index: vidindex.Index, write: Write) -> vidindex.Index:
    """An index of two talks with the same words."""
    for name in ("early", "late"):
        index.add(write(f"{name}.en.vtt", *TALK))
    return index


def counting_engine(index: vidindex.Index) -> _CountingEngine:
    engine = index._current_engine()
    assert engine is not None
    return _CountingEngine(engine)


@pytest.mark.parametrize(
    "options",
    [
        SearchOptions(limit=3),
        SearchOptions(limit=3, match="exact"),
        SearchOptions(limit=3, match="near"),
        SearchOptions(limit=3, origin="supplied"),
        SearchOptions(limit=3, offset=2, sort="length"),
    ],
    ids=["all", "exact", "near", "origin", "page"],
)
@pytest.mark.parametrize("text", [TYPED, "no no no no", "the river the river runs", 'lamps NOT lit "the river"'])
def test_letters_typed_one_after_the_other_find_the_same_as_without_earlier_searches(
    talks: vidindex.Index, text: str, options: SearchOptions
) -> None:
    engine, source = counting_engine(talks), talks._engine_handle.cache()
    recent = RecentFindings()
    for size in range(3, len(text) + 1, 2):
        typed = text[:size]
        try:
            alone = facet_search(engine, source, typed, options=options)
        except vidindex.QuerySyntaxError:
            continue
        assert facet_search(engine, source, typed, options=options, recent=recent) == alone
        videos = search_by_video(engine, source, typed, options=options)
        assert search_by_video(engine, source, typed, options=options, recent=recent) == videos


def test_the_words_of_a_quote_are_counted_in_the_passages_that_rank_best(talks: vidindex.Index) -> None:
    engine, source = counting_engine(talks), talks._engine_handle.cache()
    quote = PhraseQuery(tuple(TYPED.split()))
    page = facet_search(engine, source, TYPED, options=SearchOptions())
    assert quote not in engine.asked
    alone = facet_search(engine, source, f'"{TYPED}"', options=SearchOptions())
    assert quote in engine.asked
    exact = [(hit.video.id, hit.start_ms) for hit in page.hits if hit.match == "exact"]
    assert len(exact) == 4
    assert exact == [(hit.video.id, hit.start_ms) for hit in alone.hits]


def test_a_quote_in_more_passages_than_are_read_for_it_is_counted_in_all(index: vidindex.Index, write: Write) -> None:
    texts = (f"{TYPED} {' '.join(f'stone{at * number}' for at in range(1, 96))}" for number in range(130))
    index.add(write("long.en.vtt", *texts))
    engine, source = counting_engine(index), index._engine_handle.cache()
    page = facet_search(engine, source, TYPED, options=SearchOptions(limit=1))
    assert PhraseQuery(tuple(TYPED.split())) in engine.asked
    assert dict(next(facet.values for facet in page.facets if facet.name == "match"))["exact"] == 130


def test_a_longer_phrase_is_found_where_its_first_words_were_found(talks: vidindex.Index) -> None:
    engine, source = counting_engine(talks), talks._engine_handle.cache()
    recent = RecentFindings()
    options = SearchOptions(match="exact")
    facet_search(engine, source, "the lamps", options=options, recent=recent)
    assert PhraseQuery(("the", "lamps")) in engine.asked
    engine.asked.clear()
    for typed in ("the lamps al", "the lamps along", "the lamps along the river were never"):
        facet_search(engine, source, typed, options=options, recent=recent)
    assert engine.asked == []


def test_another_page_order_or_spelling_of_a_search_does_not_ask_the_engine(talks: vidindex.Index) -> None:
    engine, source = counting_engine(talks), talks._engine_handle.cache()
    recent, options = RecentFindings(), SearchOptions(limit=2)
    facet_search(engine, source, TYPED, options=options, recent=recent)
    engine.asked.clear()
    for text, changed in (
        (TYPED, replace(options, offset=2)),
        (TYPED, replace(options, sort="date")),
        (f"{TYPED.title()}, ", options),
    ):
        found = facet_search(engine, source, text, options=changed, recent=recent)
        assert engine.asked == []
        assert found == facet_search(engine, source, text, options=changed)
        engine.asked.clear()
    facet_search(engine, source, TYPED, options=replace(options, lang="de"), recent=recent)
    assert engine.asked != []


def test_a_write_of_another_index_object_is_found_by_the_next_search(talks: vidindex.Index, write: Write) -> None:
    assert talks.search_page(TYPED, options=SearchOptions(match="exact")).total == 4
    with vidindex.open(talks.path) as other:
        other.add(write("third.en.vtt", *TALK))
    assert talks.search_page(TYPED, options=SearchOptions(match="exact")).total == 6


@pytest.mark.parametrize(
    ("phrase", "expected"), [("no", False), ("no no", True), ("a b a", True), ("a b c", False), ("a b a b", True)]
)
def test_a_phrase_may_overlap_itself_if_it_ends_as_it_begins(phrase: str, expected: bool) -> None:
    assert may_overlap_itself(phrase.split()) is expected


def test_the_memory_of_searches_is_bounded_and_keeps_what_was_used_last() -> None:
    memory: BoundedMemory[int, str] = BoundedMemory(100)
    for number in range(4):
        memory.put(number, "found", 25)
    assert memory.get(0) == "found"
    memory.put(4, "found", 25)
    assert [memory.get(number) for number in range(5)] == ["found", None, "found", "found", "found"]
    memory.put(5, "too large", 26)
    assert memory.get(5) is None
    assert memory.size_bytes == 100
