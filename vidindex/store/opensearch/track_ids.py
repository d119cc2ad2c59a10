"""Allocate track ids: none is used twice, and everything that a crashed machine wrote can be found by its ids.

A machine reserves sixteen ids at a time.  The counter document lists each range as reserved until its machine has
finished with it.  So whatever was written without being named by a video has an id in a reserved range.
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
"""A range that was reserved longer ago belongs to a crashed machine."""

_RANGE_LIFETIME_S = ABANDONED_AFTER_S / 24
"""How long a machine uses a range.  Clocks may be wrong by hours, and a live machine must not lose its ids."""

_IDS_PER_RANGE = 16
_COUNTER_ID = "numbers"


class TrackIdAllocator:
    """The ids that this machine has reserved.  Safe to use from several threads."""

    def __init__(self, meta: DocumentIndex) -> None:
        self._meta = meta
        self._lock = threading.Lock()
        self._available_ids: list[int] = []
        self._reserved_at = 0.0
        self._ranges: list[range] = []
        self._write_started_at: dict[int, float] = {}

    def allocate_id(self) -> int:
        """Return an id that was never used."""
        with self._lock:
            if not self._available_ids or time.time() - self._reserved_at > _RANGE_LIFETIME_S:
                self._reserved_at = time.time()
                reserved = self._reserve_range()
                self._ranges = [*(each for each in self._ranges if not self._is_finished(each)), reserved]
                self._available_ids = list(reserved)
            return self._available_ids.pop(0)

    @contextmanager
    def reserve_id(self) -> Iterator[int]:
        """Yield an id to write with; it stays reserved until the block ends, and for good if the block raises."""
        track_id = self.allocate_id()
        self._write_started_at[track_id] = time.time()
        yield track_id
        del self._write_started_at[track_id]

    def check_age(self, track_id: int) -> None:
        """Raise `EngineError` if *track_id* was reserved so long ago that others may treat it as abandoned."""
        if time.time() - self._write_started_at[track_id] > _RANGE_LIFETIME_S:
            raise EngineError(
                "opensearch", "this machine was suspended during a write", hint="run the same command again"
            )

    def close(self) -> None:
        """Release the finished ranges."""
        finished = self._finished_starts()
        with suppress(EngineError):  # otherwise another machine releases them a day later
            if finished:
                self.release_ranges(finished)

    def abandoned_ranges(self) -> list[range]:
        """Return the ranges that crashed machines had reserved."""
        document = self._meta.get(_COUNTER_ID)
        before = time.time() - ABANDONED_AFTER_S
        reserved = document.source.get("taken", []) if document else []
        return [range(first, first + count) for first, count, since in reserved if since < before]

    def release_ranges(self, starts: set[int]) -> None:
        """Record that nothing more is written with the ids of the ranges that begin at *starts*."""

        def drop_ranges(source: JsonObject | None) -> JsonObject | None:
            reserved = source.get("taken", []) if source else []
            return {**source, "taken": [each for each in reserved if each[0] not in starts]} if source else None

        self._meta.update(_COUNTER_ID, drop_ranges)

    def _reserve_range(self) -> range:
        """Reserve another range, and release the finished ones in the same write."""
        finished = self._finished_starts()

        def edit_counter(source: JsonObject | None) -> JsonObject:
            first, reserved = (source["next"], source.get("taken", [])) if source else (1, [])
            still_used = [each for each in reserved if each[0] not in finished]
            return {"next": first + _IDS_PER_RANGE, "taken": [*still_used, [first, _IDS_PER_RANGE, time.time()]]}

        counter = self._meta.update(_COUNTER_ID, edit_counter) or {}
        first = int(counter["next"]) - _IDS_PER_RANGE
        return range(first, first + _IDS_PER_RANGE)

    def _finished_starts(self) -> set[int]:
        return {each.start for each in self._ranges if self._is_finished(each)}

    def _is_finished(self, reserved: range) -> bool:
        return self._write_started_at.keys().isdisjoint(reserved)
