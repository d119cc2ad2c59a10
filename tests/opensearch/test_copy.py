"""An index that is copied to a cluster and back stays the same, also if a copy is killed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

import vidindex
from tests.opensearch.conftest import Address, needs_cluster
from tests.store.test_copy import check_copy, kill_after, source  # noqa: F401 - a fixture

pytestmark = needs_cluster


def test_an_index_is_copied_to_a_cluster_and_back(source: Path, tmp_path: Path, address: Address) -> None:  # noqa: F811
    remote, back = address(), tmp_path / "back"
    assert vidindex.migrate(source, remote).verified
    check_copy(source, remote)
    assert vidindex.migrate(remote, back, engine="whoosh").verified
    check_copy(source, back)


@pytest.mark.parametrize("direction", ["to", "from"])
def test_a_killed_copy_is_completed_by_the_next(
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
