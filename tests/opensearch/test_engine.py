"""Behavior that is specific to the engine on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

pytest.importorskip("opensearchpy")

from tests.opensearch.conftest import Address, needs_cluster
from vidindex.engines.opensearch.engine import OpenSearchEngine
from vidindex.errors import EngineError
from vidindex.model import FieldTerm, Passage, PassageFields, PrefixQuery, WordsQuery, make_passage_id
from vidindex.store.opensearch import bulk
from vidindex.store.opensearch.endpoint import parse_endpoint

pytestmark = needs_cluster


def passages(track: int, count: int) -> list[Passage]:
    """Return passages with equal scores for any word."""
    fields = PassageFields(title="All the same")
    return [Passage(make_passage_id(track, n), track, ("same", "words"), fields) for n in range(count)]


@pytest.fixture
def engine(address: Address) -> Iterator[OpenSearchEngine]:
    """An empty engine with three shards."""
    with closing(OpenSearchEngine(parse_endpoint(address("?shards=3")))) as opened:
        yield opened


def ids(engine: OpenSearchEngine, query: WordsQuery | FieldTerm, limit: int) -> list[int]:
    """Return the ids of the passages."""
    return [found.passage_id for found in engine.find_candidates(query, limit=limit)]


def test_an_index_has_the_shards_and_replicas_of_its_address(address: Address) -> None:
    with closing(OpenSearchEngine(parse_endpoint(address("?shards=3&replicas=0")))) as opened:
        settings = opened._index.client.indices.get_settings(index=opened._index.name)[opened._index.name]["settings"][
            "index"
        ]
        assert (settings["number_of_shards"], settings["number_of_replicas"]) == ("3", "0")
        assert len(opened._shard_routes) == 3


def test_ties_across_shards_are_cut_by_id(engine: OpenSearchEngine) -> None:
    for track in (3, 1, 2):
        engine.replace_tracks([track], passages(track, 20))
    best = [make_passage_id(1, n) for n in range(20)] + [make_passage_id(2, n) for n in range(5)]
    assert ids(engine, WordsQuery(("same",)), 25) == best
    assert ids(engine, FieldTerm("title", ("same",)), 25) == best


def test_more_hits_than_one_response_holds_are_returned(
    engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidindex.engines.opensearch.search._MAX_PAGE_HITS", 7)
    engine.replace_tracks([1], passages(1, 30))
    for query in (WordsQuery(("same", "words")), FieldTerm("title", ("same",))):
        assert ids(engine, query, 20) == [make_passage_id(1, n) for n in range(20)]
        assert len(ids(engine, query, 99)) == 30


def test_a_prefix_may_match_more_words_than_any_expansion_limit(engine: OpenSearchEngine) -> None:
    many = [Passage(make_passage_id(1, n), 1, (f"stem{n}",), PassageFields(title=f"Part {n}")) for n in range(2_000)]
    engine.replace_tracks([1], many)
    assert len(engine.find_candidates(PrefixQuery("stem"), limit=5_000)) == 2_000
    assert len(engine.find_candidates(FieldTerm("title", ("part", "1"), is_prefix=True), limit=5_000)) == 1_111


def test_long_tokens_form_pairs_as_well(engine: OpenSearchEngine) -> None:
    first, second = "𝔸" * 250, "b" * 250
    engine.replace_tracks([1], [Passage(make_passage_id(1, 0), 1, (first, second), PassageFields())])
    engine.replace_tracks([2], passages(2, 3))
    assert ids(engine, WordsQuery((first, second)), 5) == [make_passage_id(1, 0)]


def test_requests_have_a_bounded_size(engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MAX_REQUEST_BYTES", 1_000)
    sent = []
    bulk.send_writes(
        engine._index.client,
        engine._index.name,
        (
            bulk.BulkWrite(str(n), {"passage": n, "track": 1, "commit": 1, "date": 0, "words": "x" * 300})
            for n in range(20)
        ),
        on_sent=lambda: sent.append(1),
    )
    assert len(sent) == 10
    engine._index.refresh()
    assert engine._index.client.count(index=engine._index.name)["count"] == 20


def test_a_document_that_the_cluster_refuses_is_an_error_and_nothing_is_published(engine: OpenSearchEngine) -> None:
    engine.replace_tracks([1], passages(1, 2))
    bad = Passage(1 << 70, 1, ("too", "large"), PassageFields())
    with pytest.raises(EngineError, match="refused a document"):
        engine.replace_tracks([1], [*passages(1, 3), bad])
    assert ids(engine, WordsQuery(("same",)), 10) == [make_passage_id(1, n) for n in range(2)]


def test_an_index_can_be_created_by_several_openers_at_the_same_time(address: Address) -> None:
    endpoint = parse_endpoint(address())
    first, second = OpenSearchEngine(endpoint), OpenSearchEngine(endpoint)
    first.replace_tracks([1], passages(1, 2))
    assert second.count_passages() == 2
    first.close()
    second.close()
