"""A kill at any step of an operation loses nothing, and the next run completes it.  `tests.kills` tries more points."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.processes import HANG_S, start_process

OPERATIONS = ("first_add", "add", "remove", "rebuild", "migrate", "backup", "restore")


def test_killed_operations_lose_nothing(tmp_path: Path, engine: str) -> None:
    with start_process([sys.executable, "-m", "tests.kills", tmp_path, engine, "1", "1"]) as process:
        output, errors = process.communicate(timeout=HANG_S)
    assert process.returncode == 0, output + errors
    kills = dict(line.rsplit(" ", 1) for line in output.splitlines() if not line.startswith("rebuild needed"))
    assert tuple(kills) == OPERATIONS
    assert all(int(count) >= 1 for count in kills.values())
