"""A kill at any step of an operation loses no vectors, and the next run completes it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.processes import HANG_S, start_process

pytest.importorskip("wordllama", reason="the extra `gist` is not installed")

OPERATIONS = ("add", "remove", "rebuild", "migrate", "restore")

_SCRIPT = """
import sys
from pathlib import Path
import vidindex
from tests import kills

class GistOperations(kills.Operations):
    def __init__(self, folder, engine):
        super().__init__(folder, engine)
        with vidindex.open(self.source) as index:
            index.rebuild(gist=True)
        vidindex.backup(self.source, folder / "first")

    def check(self, name, *, is_done):
        super().check(name, is_done=is_done)
        copies = [self.other] if is_done and name in ("migrate", "restore") else []
        for place in [self.index, *copies]:
            with vidindex.open(place, create=False) as index:
                damage = index.find_damage()
                assert not damage, damage
                if is_done:
                    index.flush()  # as the next `add` does
                    assert index.stats().vectors >= index.video_count()
                    assert index._gist_handle.current().vectors.list_tracks() == set(
                        each.track for each in index._store.list_indexed_tracks()
                    )

operations = GistOperations(Path(sys.argv[1]), "tantivy")
for name in sys.argv[3:]:
    kills.report(name, kills.kill_everywhere(operations, name, points=int(sys.argv[2]), times=0))
"""


def test_killed_operations_lose_no_vectors(tmp_path: Path) -> None:
    with start_process([sys.executable, "-c", _SCRIPT, tmp_path, "2", *OPERATIONS]) as process:
        output, errors = process.communicate(timeout=4 * HANG_S)
    assert process.returncode == 0, output + errors
    kills = dict(line.rsplit(" ", 1) for line in output.splitlines())
    assert tuple(kills) == OPERATIONS
    assert all(int(count) >= 1 for count in kills.values())
