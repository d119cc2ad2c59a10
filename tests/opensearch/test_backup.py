"""A snapshot of all indices restores an index."""

from __future__ import annotations

from contextlib import closing
from importlib.util import find_spec

import pytest

pytest.importorskip("opensearchpy")

import vidindex
from tests.conftest import Write
from tests.opensearch.conftest import Address, needs_cluster
from vidindex.errors import IndexLocationError
from vidindex.store.opensearch.client import create_client
from vidindex.store.opensearch.endpoint import parse_endpoint
from vidindex.store.tasks import Task

pytestmark = needs_cluster

HAS_GIST = find_spec("wordllama") is not None


def test_a_deleted_index_is_restored_from_a_snapshot(address: Address, write: Write) -> None:
    place = address()
    name = parse_endpoint(place).name
    with vidindex.open(place) as index:
        index.add(write("late.en.vtt", "I never took the time off", "really"))
        if HAS_GIST:
            index.rebuild(gist=True)
        index._store.queue.add_tasks([Task("https://a.example/one", "link", as_listed="one")])
    with closing(create_client(parse_endpoint(place))) as client:
        body = {"type": "fs", "settings": {"location": name}}
        client.snapshot.create_repository(repository=name, body=body)
        selection = {"indices": f"{name}-*", "include_global_state": False}
        wait = {"wait_for_completion": "true"}
        created = client.snapshot.create(repository=name, snapshot="one", body=selection, params=wait)
        assert created["snapshot"]["state"] == "SUCCESS"
        for index_name in client.indices.get(index=f"{name}-*"):
            client.indices.delete(index=index_name)
        with pytest.raises(IndexLocationError):
            vidindex.open(place, create=False)
        client.snapshot.restore(repository=name, snapshot="one", body=selection, params=wait)
        with vidindex.open(place, create=False) as index:
            assert [hit.video.id for hit in index.search("never took the time off")] == ["file:late"]
            assert [task.url for task in index.tasks()] == ["https://a.example/one"]
            assert index.find_damage() == []
            if HAS_GIST:
                assert index.stats().vectors == 1
        client.snapshot.delete(repository=name, snapshot="one")
        client.snapshot.delete_repository(repository=name)
