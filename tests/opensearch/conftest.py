"""A cluster for the tests: set VIDINDEX_OPENSEARCH_TESTS to 1 to start one, or to host:port,… of a running one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from tests.opensearch.nodes import Cluster, UnavailableError, start

NODES = 2

Address = Callable[..., str]


def wanted() -> bool:
    """Return whether tests may use a cluster, which takes Java and some time to start."""
    return os.environ.get("VIDINDEX_OPENSEARCH_TESTS", "0") not in ("", "0")


needs_cluster = pytest.mark.skipif(not wanted(), reason="run by `make test-opensearch`, with Java and Maven")


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The hosts of a cluster of two nodes."""
    running = os.environ["VIDINDEX_OPENSEARCH_TESTS"]
    if ":" in running:
        yield running
        return
    try:
        started = start(NODES)
    except UnavailableError as error:
        pytest.skip(f"there is no cluster: {error}")
    try:
        yield ",".join(url.removeprefix("http://") for url in started.urls)
    finally:
        started.stop()


def discard(place: str) -> None:
    """Delete all OpenSearch indices of the index at *place*: the number of shards in a cluster is limited."""
    from vidindex.store.opensearch.client import create_client
    from vidindex.store.opensearch.endpoint import parse_endpoint

    endpoint = parse_endpoint(place)
    client = create_client(endpoint)
    client.indices.delete(index=f"{endpoint.name}*", params={"ignore_unavailable": "true"})
    client.close()


@pytest.fixture(scope="session")
def address(cluster: str) -> Address:
    """A function that returns addresses of new indexes."""

    def fresh(options: str = "") -> str:
        return f"opensearch+http://{cluster}/test-{uuid4().hex[:12]}{options}"

    return fresh


@pytest.fixture
def three() -> Iterator[Cluster]:
    """A cluster of three nodes, one of which the test kills."""
    try:
        started = start(3)
    except UnavailableError as error:
        pytest.skip(f"there is no cluster: {error}")
    try:
        yield started
    finally:
        started.stop()
