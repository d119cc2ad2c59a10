"""The values of the work queue; separate from `model`, because a search does not use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..model import EmbedState, FailureClass

VideoChange = Literal["", "new", "captions", "changed", "unchanged"]
"""What an attempt changed: the video is new, has its first captions, has changed otherwise, or is unchanged."""

TaskKind = Literal["link", "embed", "video"]
KIND_PRIORITY: tuple[TaskKind, ...] = ("embed", "video", "link")
"""The order in which tasks are claimed: finish what is open before new links add more."""

TaskState = Literal["waiting", "working", "done", "later", "gone", "failed"]
OutcomeState = Literal["done", "later", "gone", "failed"]
"""The states of a task after an attempt."""

TaskVerdict = FailureClass | Literal[""]
"""The failure class of the last attempt; empty if it succeeded or there was none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one attempt at a link, an embed or a video.

    *verdict* is the failure class, *video* the id of the video that it led to, *article* the URL of the article that
    the link is, and *change* what the attempt changed in the index.  A video that is indexed but whose captions must be
    requested again is `later`.  *retry_at* is when another attempt is due, in seconds since 1970, if the task itself is
    not to blame: the attempt does not count as a try.  0 leaves that to the number of tries.
    """

    state: OutcomeState = "done"
    verdict: TaskVerdict = ""
    reason: str = ""
    video: str = ""
    article: str = ""
    change: VideoChange = ""
    retry_at: float = 0.0

    @property
    def embed_state(self) -> EmbedState:
        """The state of an embed with this outcome."""
        return "done" if self.video else self.verdict or self.state


@dataclass(frozen=True, slots=True)
class Task:
    """A link, an embed or a video in the work queue, identified by its *url*.

    *as_listed* is the link as its list spells it, *parent* the playlist that led to it.  *next_try* is in seconds since
    1970, 0 for none.  *verdict*, *reason*, *video* and *article* are those of the last `Outcome`.
    """

    url: str
    kind: TaskKind
    state: TaskState = "waiting"
    tries: int = 0
    next_try: float = 0.0
    verdict: TaskVerdict = ""
    reason: str = ""
    video: str = ""
    article: str = ""
    as_listed: str = ""
    parent: str = ""
    host: str = ""


def last_outcome(task: Task) -> Outcome | None:
    """Return the outcome of the last attempt at *task*; None while it waits or a run works on it."""
    match task.state:
        case "waiting" | "working":
            return None
        case state:
            return Outcome(state, task.verdict, task.reason, task.video)


@dataclass(frozen=True, slots=True)
class StateCount:
    """The number of tasks of one kind in one state."""

    kind: TaskKind
    state: TaskState
    count: int


@dataclass(frozen=True, slots=True)
class SitePause:
    """A site that refuses requests for now and is left alone.

    *until* is when one task tries it again, in seconds since 1970; *refusals* is the number of refusals in a row,
    *reason* the last one; *waiting* is the number of tasks that wait for it.
    """

    site: str
    until: float
    refusals: int = 1
    reason: str = ""
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """A summary of the work queue.

    *next_try* is when the next retry is due, in seconds since 1970, 0 for none; *runs* is the number of active runs;
    *reasons* holds the failure classes of unfinished and failed tasks with their counts, the most frequent first;
    *paused* holds the sites that refuse requests for now.
    """

    counts: tuple[StateCount, ...] = ()
    next_try: float = 0.0
    runs: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    paused: tuple[SitePause, ...] = ()

    def count(self, state: TaskState, *, kind: TaskKind | None = None) -> int:
        """Count the tasks in *state*, of one kind or of all kinds."""
        return sum(each.count for each in self.counts if each.state == state and kind in (None, each.kind))


@dataclass(frozen=True, slots=True)
class LinkReport:
    """The result of a listed link: its own state, and the embeds and videos that it led to.

    *waiting* counts the embeds that are not finished yet, *failed* those that failed or are unavailable.
    """

    link: str
    state: TaskState
    embeds: int = 0
    videos: int = 0
    waiting: int = 0
    failed: int = 0
    reason: str = ""
