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
from .client import Json
from .documents import Documents

LEFT_S = 24 * 3600.0
"""How long ago numbers were taken by machines that are taken for dead, if they never said that they are done."""

_FRESH_S = LEFT_S / 24
"""How long a machine uses what it took: clocks may be wrong by hours, and nothing is taken from a living one."""

_RUN = 16
_COUNTER = "numbers"


class Numbers:
    """The numbers that this machine took.  Safe to use from several threads."""

    def __init__(self, meta: Documents) -> None:
        self._meta = meta
        self._guard = threading.Lock()
        self._rest: list[int] = []
        self._since = 0.0
        self._runs: list[range] = []
        self._writing: dict[int, float] = {}

    def take(self) -> int:
        """Give a number that was never used."""
        with self._guard:
            if not self._rest or time.time() - self._since > _FRESH_S:
                self._since = time.time()
                run = self._taken()
                self._runs = [*(run for run in self._runs if not self._is_used(run)), run]
                self._rest = list(run)
            return self._rest.pop(0)

    @contextmanager
    def writing(self) -> Iterator[int]:
        """Give a number to write with; it counts as taken until the end, and for good where that is an error."""
        number = self.take()
        self._writing[number] = time.time()
        yield number
        del self._writing[number]

    def check(self, number: int) -> None:
        """Raise `EngineError` where it is so long ago that *number* was given that it may count as left behind."""
        if time.time() - self._writing[number] > _FRESH_S:
            raise EngineError("opensearch", "this machine slept while it wrote", hint="run the same command again")

    def close(self) -> None:
        """Say that nothing more comes with what was taken."""
        used = {run.start for run in self._runs if self._is_used(run)}
        with suppress(EngineError):  # whoever comes tomorrow finds nothing with them, too
            if used:
                self.forget(used)

    def left(self) -> list[range]:
        """Give the numbers that machines took which are dead by now."""
        found = self._meta.get(_COUNTER)
        before = time.time() - LEFT_S
        taken = found.source.get("taken", []) if found else []
        return [range(first, first + count) for first, count, since in taken if since < before]

    def forget(self, used: set[int]) -> None:
        """Note that nothing more comes with the runs that begin with *used*."""

        def edit(source: Json | None) -> Json | None:
            taken = source.get("taken", []) if source else []
            return {**source, "taken": [run for run in taken if run[0] not in used]} if source else None

        self._meta.change(_COUNTER, edit)

    def _taken(self) -> range:
        """Take some more, in the write that says that we are done with others."""
        used = {run.start for run in self._runs if self._is_used(run)}

        def edit(source: Json | None) -> Json:
            first, taken = (source["next"], source.get("taken", [])) if source else (1, [])
            still = [run for run in taken if run[0] not in used]
            return {"next": first + _RUN, "taken": [*still, [first, _RUN, time.time()]]}

        written = self._meta.change(_COUNTER, edit) or {}
        first = int(written["next"]) - _RUN
        return range(first, first + _RUN)

    def _is_used(self, run: range) -> bool:
        return self._writing.keys().isdisjoint(run)
