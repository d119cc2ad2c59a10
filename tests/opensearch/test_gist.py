"""Search by meaning on a cluster: with and without the k-NN plugin, beside other machines, and after crashes.

`tests/test_gist.py` has the tests of what is the same in a folder and on a cluster.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("opensearchpy")
pytest.importorskip("wordllama", reason="the extra `gist` is not installed")

import numpy as np

import vidindex
from tests.conftest import Write
from tests.opensearch.conftest import Address, needs_cluster
from tests.opensearch.nodes import UnavailableError, start
from tests.opensearch.test_commands import run_command
from tests.processes import HANG_S, start_process
from vidindex.engines.gist.row_files import VectorRows
from vidindex.engines.gist.vector_folder import VectorFolder
from vidindex.engines.gist.vectors import SCALE, pack_key, quantize
from vidindex.engines.opensearch import cluster_vectors
from vidindex.engines.opensearch.cluster_vectors import MIN_GRAPH_VECTORS, ClusterVectors
from vidindex.engines.opensearch.commit_log import LEASE_S
from vidindex.errors import EngineError
from vidindex.model import And, DateRange, FieldTerm, PassageFields
from vidindex.store.opensearch.client import create_client
from vidindex.store.opensearch.endpoint import parse_endpoint

pytestmark = needs_cluster

DIM = 12
FIELDS = {track: PassageFields(site=f"site{track % 3}.example", date="2020-05-01") for track in range(1, 100)}
TARIFFS = "Sales to China were hurt by the new tariffs."
QUESTION = "trade restrictions reduced our revenue in Asia"


def make_rows(*tracks: int, rows: int = 3) -> VectorRows:
    """Return vectors of *tracks*, the same for each call."""
    keys = np.array([pack_key(track, 40 * row) for track in tracks for row in range(rows)], np.int64)
    each = [np.random.default_rng(int(key)).normal(size=DIM) for key in keys]
    unit = np.array([row / (1.5 * np.linalg.norm(row)) for row in each], np.float32).reshape(-1, DIM)
    return VectorRows(keys, quantize(unit / 2))  # small enough that no component is cut


def as_query(rows: VectorRows, at: int = 0) -> Any:
    return rows.rows[at].astype(np.float32) / SCALE


def found_tracks(vectors: ClusterVectors, tracks: set[int] | None = None) -> list[int]:
    return sorted({key >> 20 for key, _ in vectors.nearest(as_query(make_rows(1)), limit=100, tracks=tracks)})


@pytest.fixture(name="vectors", params=["exact", "graph"])
def _vectors(request: pytest.FixtureRequest, address: Address) -> Iterator[ClusterVectors]:
    """Empty vectors of each kind, in two shards."""
    endpoint = parse_endpoint(address("?shards=2&replicas=0"))
    expected = MIN_GRAPH_VECTORS if request.param == "graph" else MIN_GRAPH_VECTORS - 1
    with closing(ClusterVectors(endpoint, dim=DIM, expected=expected)) as opened:
        assert opened._has_graph is (request.param == "graph")
        yield opened


def test_the_nearest_vectors_are_those_that_a_folder_finds(vectors: ClusterVectors, tmp_path: Path) -> None:
    rows = make_rows(*range(1, 60))
    folder = VectorFolder(tmp_path / "gist-1", dim=DIM, create=True)
    for index in (folder, vectors):
        index.replace_tracks([*range(1, 60)], rows, FIELDS)
        index.replace_tracks([7, 8], make_rows(8, rows=2), FIELDS)
    for at in range(5):
        for tracks in (None, {3, 7, 8, 40}, set(range(20, 50)), set[int]()):
            here, there = (each.nearest(as_query(rows, at), limit=20, tracks=tracks) for each in (folder, vectors))
            assert [key for key, _ in there] == [key for key, _ in here]
            assert [cosine for _, cosine in there] == pytest.approx([cosine for _, cosine in here], abs=1e-4)
    assert vectors.count_rows() == folder.count_rows()


def test_other_machines_see_each_commit_and_all_pages_of_tracks(
    vectors: ClusterVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_vectors, "_TRACKS_PER_PAGE", 2)
    with closing(ClusterVectors(vectors._engine, dim=DIM)) as other:
        assert (other.list_tracks(), other.count_rows()) == (set(), 0)
        for track in range(1, 5):
            vectors.replace_tracks([track], make_rows(track), FIELDS)
            assert other.list_tracks() == set(found_tracks(other)) == set(range(1, track + 1))
        vectors.replace_tracks([2, 3], make_rows(3, rows=1), FIELDS)
        assert (other.list_tracks(), other.count_rows()) == ({1, 3, 4}, 7)


def test_filters_select_vectors_on_the_cluster(vectors: ClusterVectors) -> None:
    vectors.replace_tracks([*range(1, 10)], make_rows(*range(1, 10)), FIELDS)
    dated = DateRange("2020-04", "2020-06")
    narrowed = vectors.narrow(And((FieldTerm("site", ("site2", "example")), dated)))
    assert narrowed.list_tracks() == set(found_tracks(narrowed)) == {2, 5, 8}
    assert found_tracks(narrowed, {5, 6}) == [5]
    assert found_tracks(vectors.narrow(DateRange("2021", ""))) == []
    assert found_tracks(vectors) == [*range(1, 10)]


def test_the_commits_of_crashed_writers_are_hidden_and_cleaned_up(vectors: ClusterVectors) -> None:
    vectors.replace_tracks([1, 2], make_rows(1, 2), FIELDS)
    index, long_ago = vectors._index, time.time() - 2 * LEASE_S
    writing, published = index.begin_commit([1, 3]), index.begin_commit([2, 4])
    index.write_documents(writing, vectors._make_lines(make_rows(1, 3), FIELDS, writing.number))
    index.write_documents(published, vectors._make_lines(make_rows(4), FIELDS, published.number))
    index.commit_log.update(lambda log: log.with_heartbeat(writing.number, long_ago))
    index.commit_log.update(lambda log: log.published(published.number, long_ago))
    assert found_tracks(vectors) == [1, 4]
    assert (vectors.list_tracks(), vectors.count_rows()) == ({1, 4}, 6)
    vectors.replace_tracks([5], make_rows(), FIELDS)
    assert index.client.count(index=index.name)["count"] == 6
    assert found_tracks(vectors) == [1, 4]


def test_concurrent_writers_neither_lose_nor_duplicate_vectors(vectors: ClusterVectors) -> None:
    failures: list[BaseException] = []

    def write(machine: int) -> None:
        try:
            with closing(ClusterVectors(vectors._engine, dim=DIM)) as writer:
                for turn in range(3):
                    writer.replace_tracks([1, 10 * machine + turn], make_rows(1, 10 * machine + turn), FIELDS)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(machine,)) for machine in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    tracks = {1, *(10 * machine + turn for machine in (1, 2, 3) for turn in range(3))}
    assert (vectors.list_tracks(), vectors.count_rows()) == (tracks, 3 * len(tracks))


def test_missing_vectors_and_those_of_another_size_are_errors(vectors: ClusterVectors, address: Address) -> None:
    with pytest.raises(EngineError, match="no index at"):
        ClusterVectors(parse_endpoint(address()), dim=DIM)
    with pytest.raises(EngineError, match="another number of dimensions"):
        ClusterVectors(vectors._engine, dim=DIM + 1)


def test_a_cluster_without_the_plugin_compares_all_vectors_if_it_allows_that() -> None:
    try:
        cluster = start(1, knn=False)
    except UnavailableError as error:
        pytest.skip(f"there is no cluster: {error}")
    try:
        endpoint = parse_endpoint(cluster.address("clips"))
        with closing(ClusterVectors(endpoint, dim=DIM, expected=MIN_GRAPH_VECTORS)) as opened:
            assert not opened._has_graph
            opened.replace_tracks([1, 2], make_rows(1, 2), FIELDS)
            (best, *_) = opened.nearest(as_query(make_rows(2)), limit=5)
            assert best[0] == pack_key(2, 0)
            forbidden = {"transient": {"search.allow_expensive_queries": False}}
            opened._index.client.cluster.put_settings(body=forbidden)
            with pytest.raises(EngineError, match="allow_expensive_queries"):
                ClusterVectors(parse_endpoint(cluster.address("other")), dim=DIM, expected=0)
    finally:
        cluster.stop()


# An index


def find(index: vidindex.Index, words: str = QUESTION) -> list[str]:
    return [hit.text for hit in index.search_gist(words)]


def test_an_index_is_copied_to_a_cluster_with_its_vectors_and_searched_by_commands(
    address: Address, write: Write, tmp_path: Path
) -> None:
    with vidindex.open(tmp_path / "index") as index:
        index.add(write("tariffs.en.vtt", TARIFFS, "My dog likes long walks on the beach."))
        index.rebuild(gist=True)
        expected = find(index)
    place = address()
    assert vidindex.migrate(tmp_path / "index", place).verified
    with vidindex.open(place, create=False) as copy:
        assert find(copy) == expected
        assert copy.find_damage() == []
    assert f"«{TARIFFS}»" in run_command(place, "search", "--gist", *QUESTION.split(), code=0)
    assert "1, of wordllama-256" in run_command(place, "stats", code=0)


def test_a_search_beside_a_rebuild_uses_the_old_vectors_which_are_deleted_later(address: Address, write: Write) -> None:
    from vidindex.engines.sync import delete_retired

    with vidindex.open(address()) as index, vidindex.open(index.path) as other:
        index.add(write("tariffs.en.vtt", TARIFFS))
        index.rebuild(gist=True)
        opened = other._gist_handle.current()
        assert opened is not None
        index.rebuild()
        assert opened.vectors.count_rows() == 1  # by a search that has begun before
        assert find(other) == [TARIFFS]
        index.rebuild(gist=False)
        assert other.gist_model == ""
        delete_retired(index._store, index._location, after_s=0)
        endpoint = parse_endpoint(str(index.path))
        with closing(create_client(endpoint)) as client:
            assert not [name for name in client.indices.get(index=f"{endpoint.name}-*") if "gist" in name]


def test_a_machine_that_indexes_beside_a_rebuild_goes_on_with_the_new_engine_and_its_vectors(
    address: Address, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    with vidindex.open(address()) as index, vidindex.open(index.path) as other:
        confirm = index._store.confirm_indexed

        def confirm_late(*tracks: list[int]) -> None:
            confirm(*tracks)
            if not other.gist_model:
                other.rebuild(gist=True)
                monkeypatch.setattr(other, "_flush", lambda *_, **__: 0)
                other.add(write("tariffs.en.vtt", TARIFFS))

        monkeypatch.setattr(index._store, "confirm_indexed", confirm_late)
        index.add(write("music.en.vtt", "He plays the guitar every single night."))
        assert [hit.video.id for hit in other.search("hurt by the new tariffs")] == ["file:tariffs"]
        assert find(other) == [TARIFFS]
        assert other.find_damage() == []


_KILLED = """
import os, signal, sys
from opensearchpy import Transport
import vidindex

place, operation, kill_at, file = sys.argv[1:]
send = Transport.perform_request

def send_or_die(transport, method, url, *args, **options):
    if url.endswith(kill_at):
        os.kill(os.getpid(), signal.SIGKILL)
    return send(transport, method, url, *args, **options)

with vidindex.open(place) as index:
    Transport.perform_request = send_or_die
    if operation == "add":
        index.add(file)
    elif operation == "remove":
        index.remove("file:gone")
    else:
        index.rebuild(gist=True, jobs=1)
"""
"""Does an operation, and kills itself before a request to an address that ends with *kill_at*."""

KILLS = [
    ("add", "-gist/_bulk"),  # the passages are committed, and the vectors are not
    ("remove", "-gist/_delete_by_query"),  # the commit is published, and the vectors are still there
    ("rebuild", "-gist/_refresh"),  # the vectors are sent, and the commit is not published
]
TWENTY_MINUTES_LATER = SimpleNamespace(time=lambda: time.time() + 20 * 60, monotonic=time.monotonic)
"""When the claims and locks of a killed machine have expired."""


def test_a_machine_that_is_killed_loses_no_vectors_and_another_one_completes_its_work(
    address: Address, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = address("?replicas=0")
    with vidindex.open(place) as index:
        index.add(write("tariffs.en.vtt", TARIFFS), write("gone.en.vtt", "The puppy enjoys strolling for hours."))
        index.rebuild(gist=True, jobs=1)
    added = write("music.en.vtt", "He plays the guitar every single night.")
    for operation, kill_at in KILLS:
        with start_process([sys.executable, "-c", _KILLED, place, operation, kill_at, added]) as process:
            errors = process.communicate(timeout=HANG_S)[1]
        assert process.returncode == -signal.SIGKILL, errors
        with vidindex.open(place) as index, monkeypatch.context() as patched:
            assert TARIFFS in find(index)
            patched.setattr("vidindex.store.opensearch.index_sync.time", TWENTY_MINUTES_LATER)
            index.flush()
            assert TARIFFS in find(index)
            assert index.find_damage() == []
            handle = index._gist_handle.current()
            assert handle is not None
            assert handle.vectors.list_tracks() == {each.track for each in index._store.list_indexed_tracks()}
    with vidindex.open(place) as index, monkeypatch.context() as patched:
        patched.setattr("vidindex.store.opensearch.index_sync.time", TWENTY_MINUTES_LATER)
        assert {video.id for video in index.videos()} == {"file:tariffs", "file:music"}
        assert (index.rebuild(jobs=1), index.find_damage(), index.stats().vectors) == ([], [], 2)
