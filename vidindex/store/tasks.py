"""The values of the work queue; separate from `model`, because a search does not use them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from ..model import EmbedState, FailureClass, status_word

VideoChange = Literal["", "new", "captions", "changed", "unchanged"]
"""What an attempt changed: the video is new, has its first captions, has changed otherwise, or is unchanged."""

TaskKind = Literal["link", "embed", "video"]
KIND_PRIORITY: tuple[TaskKind, ...] = ("embed", "video", "link")
"""The order in which tasks are claimed: finish what is open before new links add more."""

TaskState = Literal["waiting", "working", "done", "later", "gone", "failed"]
OutcomeState = Literal["done", "later", "gone", "failed"]
"""The states of a task after an attempt."""

TASK_STATES: tuple[TaskState, ...] = get_args(TaskState)
TASK_KINDS: tuple[TaskKind, ...] = get_args(TaskKind)

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

    @property
    def ended(self) -> int:
        """The number of tasks that need no other attempt: they are done, unavailable or failed."""
        return self.count("done") + self.count("gone") + self.count("failed")

    @property
    def tasks(self) -> int:
        """The number of all tasks."""
        return sum(each.count for each in self.counts)


FAILED_STATES: tuple[TaskState, ...] = ("later", "gone", "failed")
"""The states of tasks that have a failure class."""


def summarize_queue(
    groups: Iterable[tuple[StateCount, TaskVerdict | str, float]], *, runs: int, paused: tuple[SitePause, ...] = ()
) -> QueueStatus:
    """Summarize groups of tasks of one kind, state and failure class, each with its earliest `next_try`.

    Everything that is shown about the queue comes from one query of these groups, so that its numbers agree.
    """
    counts: dict[tuple[TaskKind, TaskState], int] = {}
    reasons: dict[str, int] = {}
    due: list[float] = []
    for group, verdict, next_try in groups:
        key = group.kind, group.state
        counts[key] = counts.get(key, 0) + group.count
        if group.state in FAILED_STATES:
            reasons[verdict] = reasons.get(verdict, 0) + group.count
        if group.state == "later":
            due.append(next_try)
    by_state = tuple(StateCount(kind, state, count) for (kind, state), count in sorted(counts.items()))
    by_count = tuple(sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0])))
    return QueueStatus(by_state, min(due, default=0.0), runs, by_count, paused)


PageFinding = Literal[
    "", "video", "no video", "empty page", "player unavailable", "player failed", "consent or login wall", "bot check"
]
"""What a link led to; empty while that is not known."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """The result of a listed link: its own state, and the embeds and videos that it led to.

    *waiting* counts the embeds that are not finished yet, *failed* those that failed or are unavailable.  *finding*
    says what the link led to.  *url* is the address of the article or the video, after redirects, or of the wall;
    *title* and *date* are those of the article or the video.
    """

    link: str
    state: TaskState
    embeds: int = 0
    videos: int = 0
    waiting: int = 0
    failed: int = 0
    reason: str = ""
    finding: PageFinding = ""
    url: str = ""
    title: str = ""
    date: str = ""


def describe_queue(status: QueueStatus) -> str:
    """Return the numbers of *status* as people read them: `6 tasks: 4 indexed, 1 will retry, 1 unavailable`."""
    counts = ((state, status.count(state)) for state in TASK_STATES)
    parts = ", ".join(f"{count:,} {status_word(state)}" for state, count in counts if count)
    return f"{status.tasks:,} task{'s' * (status.tasks != 1)}" + (f": {parts}" if parts else "")


def status_fields(status: QueueStatus) -> dict[str, object]:
    """Return *status* as the fields of its JSON: the counts by kind and state, of all kinds, and the rest."""
    due = datetime.fromtimestamp(status.next_try, UTC).isoformat(timespec="seconds") if status.next_try else ""
    kinds = {f"{kind}s": {state: status.count(state, kind=kind) for state in TASK_STATES} for kind in TASK_KINDS}
    total = {state: status.count(state) for state in TASK_STATES}
    paused = [_pause_fields(pause) for pause in status.paused]
    reasons = dict(status.reasons)
    return {**kinds, "total": total, "next_try": due, "runs": status.runs, "reasons": reasons, "paused": paused}


def _pause_fields(pause: SitePause) -> dict[str, object]:
    until = datetime.fromtimestamp(pause.until, UTC).isoformat(timespec="seconds")
    return {"site": pause.site, "until": until, "waiting": pause.waiting, "reason": pause.reason}
