"""An index goes to a cluster and comes back the same, whatever stops it on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

import vidindex
from tests.opensearch.conftest import Address, needs_cluster
from tests.store.test_copy import check_copy, kill_after, source  # noqa: F401 - a fixture

pytestmark = needs_cluster


def test_an_index_goes_to_a_cluster_and_comes_back(source: Path, tmp_path: Path, address: Address) -> None:  # noqa: F811
    away, back = address(), tmp_path / "back"
    assert vidindex.migrate(source, away).verified
    check_copy(source, away)
    assert vidindex.migrate(away, back, engine="whoosh").verified
    check_copy(source, back)


@pytest.mark.parametrize("direction", ["to", "from"])
def test_what_was_killed_is_completed(
    direction: str,
    source: Path,  # noqa: F811
    tmp_path: Path,
    address: Address,
) -> None:
    start: Path | str = source
    target: Path | str = address()
    if direction == "from":
        vidindex.migrate(source, target)
        start, target = target, tmp_path / "target"
    for steps in (1, 17):
        kill_after(steps, start, target)
    assert vidindex.migrate(start, target).verified
    check_copy(source, target)
