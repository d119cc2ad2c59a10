"""The options, the events and the report of a batch run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ...store.tasks import SitePause, Task, VideoChange
from .. import AddOptions


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Options of `Index.batch`.

    *jobs* tasks run concurrently, at most *per_host* of them on one host, with *delay_s* seconds between two requests
    to a host.  A task that will be retried is retried in the same run if that is due within *wait_s* seconds after all
    other work.  *most* limits the number of links that are started.  *fail_fast* ends the run at the first failure.
    With *robots*, articles are read only if the robots.txt of their site allows it.  *pace* is the number of videos an
    hour to request from a provider that limits them; None is what the provider is known to bear, 0 is no limit.
    """

    jobs: int = 8
    per_host: int = 2
    delay_s: float = 0.5
    wait_s: float = 600.0
    most: int | None = None
    fail_fast: bool = False
    robots: bool = True
    pace: float | None = None
    adding: AddOptions = field(default_factory=AddOptions)


@dataclass(frozen=True, slots=True)
class BatchEvent:
    """A step of a batch run.

    *task* has the state that it was left in, *due* is the time (in seconds since 1970) until which a waiting run waits,
    or a site is `paused`.  *site* and *reason* say which site that is, or is `resumed`, and why.  `offline` and
    `online` say that the network is down, until *due* at least if the run waits, and back.  In a refresh, *done* of
    *total* videos have been checked.
    """

    kind: Literal["begun", "ended", "waiting", "stopping", "searchable", "paused", "resumed", "offline", "online"]
    task: Task | None = None
    change: VideoChange = ""
    took_s: float = 0.0
    due: float = 0.0
    site: str = ""
    reason: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class BatchReport:
    """The result of a batch run: the number of tasks that ended in each state, and whether it was *interrupted*.

    *new*, *captioned* (captions for the first time), *changed* and *unchanged* count videos among them.  *left* is the
    number of tasks that a refresh did not get to.  *paused* holds the sites whose tasks wait because they refuse
    requests; *offline* means that the network was down at the end.
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
    left: int = 0
    paused: tuple[SitePause, ...] = ()
    offline: bool = False

    @property
    def tasks(self) -> int:
        """The number of all attempted tasks."""
        return self.done + self.later + self.gone + self.failed
