"""The tasks that a run is about, if it is not about the whole queue."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Set

from ...net.traffic import site_of
from ...store.base import Queue, WorkerRun
from ...store.tasks import Task


class TaskScope:
    """The tasks with *urls*, which a run claims in this order; the runner calls one method at a time."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._open = dict.fromkeys(urls, 0.0)  # the times when they are due
        self.size = len(self._open)
        self._later: set[str] = set()

    def claim(self, queue: Queue, run: WorkerRun, busy_sites: Set[str]) -> Task | None:
        """Claim the next task that is due at any site but *busy_sites*; tasks that another run has are dropped."""
        now, dropped = time.time(), []
        claimed = None
        for url, due in self._open.items():
            if due > now or site_of(url) in busy_sites:
                continue
            dropped.append(url)
            if (claimed := queue.claim_task(run, url)) is not None:
                break
        for url in dropped:
            del self._open[url]
            self._later.discard(url)
        return claimed

    def put_back(self, task: Task, due: float = 0.0) -> None:
        """Take *task*, which was claimed but not attempted, back."""
        self._open[task.url] = due

    def record(self, ended: Task) -> None:
        """Take *ended* back if it is to be retried."""
        if ended.state == "later":
            self._open[ended.url] = ended.next_try
            self._later.add(ended.url)

    def next_try_at(self, busy_sites: Set[str]) -> float:
        """Return when the next retry is due at any site but *busy_sites*; 0 if none is scheduled."""
        return min((due for url, due in self._open.items() if due and site_of(url) not in busy_sites), default=0.0)

    def count_open_by_site(self) -> dict[str, int]:
        """Count the tasks that wait by site."""
        return dict(Counter(map(site_of, list(self._open))))

    def count_later(self) -> int:
        """Count the tasks that wait for another attempt."""
        return len(self._later)

    def count_left(self) -> int:
        """Count the tasks that were not attempted."""
        return len(self._open) - len(self._later)
