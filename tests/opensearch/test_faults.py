"""Faults of a cluster: a full disk, crashed writers, a deleted index, a killed node."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.util import find_spec
from typing import Any

import pytest

pytest.importorskip("opensearchpy")

from opensearchpy import OpenSearch

from tests.opensearch.conftest import Address, needs_cluster
from tests.opensearch.nodes import Cluster
from tests.processes import wait_until
from vidindex.engines.opensearch.cluster_vectors import MIN_GRAPH_VECTORS, ClusterVectors
from vidindex.engines.opensearch.commit_log import LEASE_S, CommitLogDocument
from vidindex.engines.opensearch.document_jobs import make_lines
from vidindex.engines.opensearch.engine import OpenSearchEngine
from vidindex.errors import EngineError
from vidindex.model import Passage, PassageFields, PhraseQuery, QueryNode, WordsQuery, make_passage_id
from vidindex.store.opensearch.endpoint import parse_endpoint

pytestmark = needs_cluster

HAS_GIST = find_spec("wordllama") is not None
A_TRACK = 10
"""Passages of each track."""


def passages(track: int, *tokens: str) -> Iterator[Passage]:
    """Yield the passages of one track, each with its own words."""
    for number in range(A_TRACK):
        words = (*tokens, f"track{track}", f"number{number}", *(f"w{i * track % 97}" for i in range(100)))
        yield Passage(make_passage_id(track, number), track, words, PassageFields(title="A clip"))


def found(engine: OpenSearchEngine, *tokens: str) -> list[int]:
    """Return the passages in which *tokens* are adjacent."""
    return [each.passage_id for each in engine.find_candidates(PhraseQuery(tokens), limit=20_000)]


def expected(tracks: range) -> list[int]:
    """Return the passages of *tracks*, each once."""
    return [make_passage_id(track, number) for track in tracks for number in range(A_TRACK)]


@pytest.fixture
def engine(address: Address) -> Iterator[OpenSearchEngine]:
    """An engine with two shards that holds one track."""
    with closing(OpenSearchEngine(parse_endpoint(address("?shards=2")))) as opened:
        opened.replace_tracks([1], passages(1, "old"))
        yield opened


def test_a_read_only_index_is_an_error_and_works_again_later(engine: OpenSearchEngine) -> None:
    """A cluster sets this block by itself if a disk is full."""
    block(engine, True)
    with pytest.raises(EngineError, match=r"read-only.*free space") as refused:
        engine.replace_tracks([1], passages(1, "new"))
    assert "rebuild" not in str(refused.value)
    assert (found(engine, "old"), found(engine, "new")) == (expected(range(1, 2)), [])
    block(engine, None)
    engine.replace_tracks([1], passages(1, "new"))
    assert (found(engine, "old"), found(engine, "new")) == ([], expected(range(1, 2)))


def block(engine: OpenSearchEngine, value: bool | None) -> None:
    """Block or unblock writes, as the cluster does if a disk is nearly full."""
    settings = {"index.blocks.read_only_allow_delete": value}
    engine._index.client.indices.put_settings(index=engine._index.name, body=settings)


def test_concurrent_writers_neither_lose_nor_duplicate_passages(engine: OpenSearchEngine) -> None:
    """Each writer has its own tracks, and all of them replace a shared one."""
    machines = 4
    failures: list[BaseException] = []

    def write(machine: int) -> None:
        try:
            with closing(OpenSearchEngine(engine._endpoint)) as writer:
                for turn in range(4):
                    track = 10 + 4 * machine + turn
                    writer.replace_tracks([1, track], [*passages(1, f"turn{turn}"), *passages(track, "own")])
        except BaseException as error:
            failures.append(error)

    in_threads([lambda machine=machine: write(machine) for machine in range(machines)])  # type: ignore[misc]  # bound now
    assert failures == []
    assert found(engine, "own") == expected(range(10, 10 + 4 * machines))
    assert found(engine, "track1") == expected(range(1, 2))
    assert engine.count_passages() == A_TRACK * (1 + 4 * machines)
    assert engine._index.commit_log.read().commits == ()


def in_threads(works: list[Callable[[], None]]) -> None:
    """Run all *works* at the same time."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_commits_of_crashed_writers_are_cleaned_up(engine: OpenSearchEngine) -> None:
    """One crashed while it wrote, one after its commit was published but before the old passages were deleted."""
    long_ago = time.time() - 2 * LEASE_S
    writing, published = engine._index.begin_commit([1]), engine._index.begin_commit([1])
    engine._index.write_documents(writing, make_lines(passages(1, "half"), writing.number))
    engine._index.write_documents(published, make_lines(passages(1, "whole"), published.number))
    engine._index.commit_log.update(lambda log: log.with_heartbeat(writing.number, long_ago))
    engine._index.commit_log.update(lambda log: log.published(published.number, long_ago))
    seen = (found(engine, "old"), found(engine, "half"), found(engine, "whole"))
    assert seen == ([], [], expected(range(1, 2)))
    assert documents(engine) == 3 * A_TRACK
    engine.replace_tracks([2], [])
    assert documents(engine) == A_TRACK
    assert found(engine, "whole") == expected(range(1, 2))


def test_a_writer_that_lost_its_lease_publishes_nothing(engine: OpenSearchEngine) -> None:
    """It is suspended, another writer cleans up its commit, and it continues."""

    def suspended() -> Iterator[Passage]:
        yield from passages(1, "late")
        commit = engine._index.commit_log.read().commits[-1]
        engine._index.commit_log.update(lambda log: log.with_heartbeat(commit.number, time.time() - 2 * LEASE_S))
        with closing(OpenSearchEngine(engine._endpoint)) as other:
            other.replace_tracks([2], passages(2))

    with pytest.raises(EngineError, match="was abandoned"):
        engine.replace_tracks([1], suspended())
    assert (found(engine, "old"), found(engine, "late")) == (expected(range(1, 2)), [])
    assert engine.count_passages() == 2 * A_TRACK


def documents(engine: OpenSearchEngine) -> int:
    """Count the documents in the index, visible or not."""
    return int(engine._index.client.count(index=engine._index.name)["count"])


def test_a_deleted_index_is_an_error(engine: OpenSearchEngine) -> None:
    queries: list[QueryNode] = [PhraseQuery(("old",)), WordsQuery(("old", "track1"))]
    engine.find_candidates(queries[1], limit=1)  # so that passages are counted already
    engine._index.client.indices.delete(index=engine._index.name)
    for query in queries:
        with pytest.raises(EngineError, match=r"does not exist.*rebuild"):
            engine.find_candidates(query, limit=1)


class Reader:
    """Searches all the time, and collects wrong results."""

    def __init__(self, address: str) -> None:
        self.wrong: list[Any] = []
        self.searches = 0
        self.done = threading.Event()
        self._engine = OpenSearchEngine(parse_endpoint(address), create=False)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def stop(self) -> None:
        """Wait for the current search, and stop."""
        self.done.set()
        self._thread.join()
        self._engine.close()

    def _read(self) -> None:
        while not self.done.is_set():
            try:
                first = found(self._engine, "track1")
                some = [
                    each.passage_id
                    for each in self._engine.find_candidates(WordsQuery(("track2", "number3")), limit=5_000)
                ]
                self.searches += 1
            except EngineError as error:
                self.wrong.append(error)
                continue
            if first != expected(range(1, 2)):
                self.wrong.append(first)
            if len(some) != len(set(some)):
                self.wrong.append(sorted(some))


def manager(cluster: Cluster) -> int:
    """Return the position of the node that is the cluster manager."""
    client = OpenSearch(cluster.urls)
    name = client.cat.cluster_manager(params={"format": "json"})[0]["node"]
    client.close()
    return next(place for place, node in enumerate(cluster.nodes) if node.name == name)


def write_graph(place: str) -> Callable[[], None]:
    """Write vectors to a graph, and return what finds them again, and writes more."""
    from tests.opensearch.test_gist import DIM, FIELDS, found_tracks, make_rows

    vectors = ClusterVectors(parse_endpoint(place), dim=DIM, expected=MIN_GRAPH_VECTORS)
    vectors.replace_tracks([*range(1, 30)], make_rows(*range(1, 30)), FIELDS)

    def check() -> None:
        with closing(vectors):
            assert vectors._has_graph
            assert found_tracks(vectors) == [*range(1, 30)]
            vectors.replace_tracks([2, 3], make_rows(3, 40), FIELDS)
            assert found_tracks(vectors) == [1, *range(3, 30), 40]

    return check


def test_killing_a_node_loses_nothing(three: Cluster) -> None:
    """The manager of three nodes is killed while one machine indexes and another one searches.

    The other nodes have copies of the graph of vectors, too.
    """
    where = three.address("clips", "?shards=3")
    turns, a_turn = 16, 25
    check_graph = write_graph(where) if HAS_GIST else lambda: None
    with closing(OpenSearchEngine(parse_endpoint(where))) as writer:
        writer.replace_tracks([1, 2], [*passages(1), *passages(2)])
        reader = Reader(where)
        killing = threading.Event()

        def written(tracks: range) -> Iterator[Passage]:
            for track in tracks:
                if killing.is_set() and track == tracks[a_turn // 2]:
                    killing.clear()
                    three.kill(manager(three))
                yield from passages(track, "kept")

        for turn in range(turns):
            if turn == turns // 2:
                killing.set()
            tracks = range(10 + turn * a_turn, 10 + (turn + 1) * a_turn)
            writer.replace_tracks(tracks, written(tracks))
        after = reader.searches
        wait_until(lambda: reader.searches >= after + 5 or reader.wrong)
        reader.stop()
        assert reader.wrong == []
        assert found(writer, "kept") == expected(range(10, 10 + turns * a_turn))
        assert writer.count_passages() == A_TRACK * (2 + turns * a_turn)
        assert CommitLogDocument(writer._index.client, writer._endpoint).read().commits == ()
        three.health(nodes=2, status="green")
        check_graph()
