"""How a run goes about its work, what it tells, and what it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ...store.tasks import Task, VideoChange
from .. import AddOptions


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """*jobs* things are done at once, *per_host* of them on one host, with *delay_s* between two requests to it.

    What failed for now is tried again in this run if that is due within *wait_s* of having nothing else to do.
    *most* links are begun at most; *fail_fast* ends the run with the first that fails.  With *robots*, articles
    are read only where their site's robots.txt lets programs in.
    """

    jobs: int = 8
    per_host: int = 2
    delay_s: float = 0.5
    wait_s: float = 600.0
    most: int | None = None
    fail_fast: bool = False
    robots: bool = True
    adding: AddOptions = field(default_factory=AddOptions)


@dataclass(frozen=True, slots=True)
class BatchEvent:
    """Something that a run did: *task* is as it was left; *due* (seconds since 1970) is until when it waits."""

    kind: Literal["begun", "ended", "waiting", "stopping", "searchable"]
    task: Task | None = None
    change: VideoChange = ""
    took_s: float = 0.0
    due: float = 0.0


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a run did: how many tasks ended in which state, and whether it was *interrupted*.

    Of the videos among them, so many are *new*, have captions for the first time (*captioned*), or have changed.
    """

    done: int = 0
    later: int = 0
    gone: int = 0
    failed: int = 0
    new: int = 0
    captioned: int = 0
    changed: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def tasks(self) -> int:
        """All that was tried."""
        return self.done + self.later + self.gone + self.failed
