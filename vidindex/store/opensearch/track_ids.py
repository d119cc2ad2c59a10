"""Numbers of tracks: none is used twice, and what a machine that died has written with one is known.

A machine takes sixteen at a time, and the counter notes them as taken until nothing more comes with them.  So whatever
was written and is named by no video has one of the numbers that are noted: nobody has to look elsewhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ...errors import EngineError
from .client import JsonObject
from .documents import DocumentIndex

ABANDONED_AFTER_S = 24 * 3600.0
"""How long ago numbers were taken by machines that are taken for dead, if they never said that they are done."""

_RANGE_LIFETIME_S = ABANDONED_AFTER_S / 24
"""How long a machine uses what it took: clocks may be wrong by hours, and nothing is taken from a living one."""

_IDS_PER_RANGE = 16
_COUNTER_ID = "numbers"


class TrackIdAllocator:
    """The numbers that this machine took.  Safe to use from several threads."""

    def __init__(self, meta: DocumentIndex) -> None:
        self._meta = meta
        self._lock = threading.Lock()
        self._available_ids: list[int] = []
        self._reserved_at = 0.0
        self._ranges: list[range] = []
        self._write_started_at: dict[int, float] = {}

    def allocate_id(self) -> int:
        """Give a number that was never used."""
        with self._lock:
            if not self._available_ids or time.time() - self._reserved_at > _RANGE_LIFETIME_S:
                self._reserved_at = time.time()
                run = self._reserve_range()
                self._ranges = [*(run for run in self._ranges if not self._is_finished(run)), run]
                self._available_ids = list(run)
            return self._available_ids.pop(0)

    @contextmanager
    def reserve_id(self) -> Iterator[int]:
        """Give a number to write with; it counts as taken until the end, and for good where that is an error."""
        number = self.allocate_id()
        self._write_started_at[number] = time.time()
        yield number
        del self._write_started_at[number]

    def check_age(self, number: int) -> None:
        """Raise `EngineError` where it is so long ago that *number* was given that it may count as left behind."""
        if time.time() - self._write_started_at[number] > _RANGE_LIFETIME_S:
            raise EngineError("opensearch", "this machine slept while it wrote", hint="run the same command again")

    def close(self) -> None:
        """Say that nothing more comes with what was taken."""
        used = {run.start for run in self._ranges if self._is_finished(run)}
        with suppress(EngineError):  # whoever comes tomorrow finds nothing with them, too
            if used:
                self.release_ranges(used)

    def abandoned_ranges(self) -> list[range]:
        """Give the numbers that machines took which are dead by now."""
        found = self._meta.get(_COUNTER_ID)
        before = time.time() - ABANDONED_AFTER_S
        taken = found.source.get("taken", []) if found else []
        return [range(first, first + count) for first, count, since in taken if since < before]

    def release_ranges(self, starts: set[int]) -> None:
        """Note that nothing more comes with the runs that begin with *used*."""

        def drop_ranges(source: JsonObject | None) -> JsonObject | None:
            taken = source.get("taken", []) if source else []
            return {**source, "taken": [run for run in taken if run[0] not in starts]} if source else None

        self._meta.update(_COUNTER_ID, drop_ranges)

    def _reserve_range(self) -> range:
        """Take some more, in the write that says that we are done with others."""
        used = {run.start for run in self._ranges if self._is_finished(run)}

        def edit_counter(source: JsonObject | None) -> JsonObject:
            first, taken = (source["next"], source.get("taken", [])) if source else (1, [])
            still = [run for run in taken if run[0] not in used]
            return {"next": first + _IDS_PER_RANGE, "taken": [*still, [first, _IDS_PER_RANGE, time.time()]]}

        written = self._meta.update(_COUNTER_ID, edit_counter) or {}
        first = int(written["next"]) - _IDS_PER_RANGE
        return range(first, first + _IDS_PER_RANGE)

    def _is_finished(self, run: range) -> bool:
        return self._write_started_at.keys().isdisjoint(run)
