"""A fixture for tests that run with every kind of store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.opensearch.conftest import Address, address, cluster, discard, wanted  # noqa: F401 - fixtures
from vidindex.store import open_store
from vidindex.store.base import Store
from vidindex.store.location import parse_location


@pytest.fixture(params=["folder", *(["opensearch"] if wanted() else [])])
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store: in a folder, and on a cluster if one is available."""
    place: Path | str = tmp_path / "index"
    if request.param == "opensearch":
        fresh: Address = request.getfixturevalue("address")
        place = fresh()
    store = open_store(parse_location(place))
    yield store
    store.close()
    if isinstance(place, str):
        discard(place)
