"""The values that the work queue passes on; apart from the model, since a search need not pay for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

VideoChange = Literal["", "new", "captions", "changed", "unchanged"]
"""What a try meant for a video: it is new, has captions for the first time, has other ones or other metadata."""

TaskKind = Literal["link", "embed", "video"]
KIND_PRIORITY: tuple[TaskKind, ...] = ("embed", "video", "link")
"""In this order they are worked on: what was begun is ended before more is begun."""

TaskState = Literal["waiting", "working", "done", "later", "gone", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try at a link, an embed or a video went.

    *verdict* is the error's own word for it, *video* the id of what it led to, *article* the URL of the article
    that it is, *change* what it meant for the video.  A video that is there while its captions are to be asked for
    again is `later`.
    """

    state: TaskState = "done"
    verdict: str = ""
    reason: str = ""
    video: str = ""
    article: str = ""
    change: VideoChange = ""

    @property
    def embed_state(self) -> str:
        """What `EmbedState.state` becomes by it."""
        return "done" if self.video else self.verdict or self.state


@dataclass(frozen=True, slots=True)
class Task:
    """A link, an embed or a video in the work queue; *url* names it.

    *listed* is how its list spelled it, *parent* the playlist that led to it.  *next_try* is in seconds since 1970, as
    `time.time` has it, 0 for none.  The rest is the last `Outcome`.
    """

    url: str
    kind: TaskKind
    state: TaskState = "waiting"
    tries: int = 0
    next_try: float = 0.0
    verdict: str = ""
    reason: str = ""
    video: str = ""
    article: str = ""
    as_listed: str = ""
    parent: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many links, embeds or videos of the queue are in a state."""

    kind: TaskKind
    state: TaskState
    count: int


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """The work queue as a whole.

    *next_try* is when the first that waits for another try is due, in seconds since 1970, 0 for none; *runs* is how
    many processes work on it now; *reasons* holds the verdicts of what failed, each with its count, most first.
    """

    counts: tuple[StateCount, ...] = ()
    next_try: float = 0.0
    runs: int = 0
    reasons: tuple[tuple[str, int], ...] = ()

    def count(self, state: TaskState, *, kind: TaskKind | None = None) -> int:
        """Count what is in *state*, of all kinds or of one."""
        return sum(each.count for each in self.counts if each.state == state and kind in (None, each.kind))


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What became of a listed link: *state* of itself, its embeds and the videos they led to.

    *waiting* is how many of its embeds are not settled yet, *failed* how many have failed or are gone.
    """

    link: str
    state: TaskState
    embeds: int = 0
    videos: int = 0
    waiting: int = 0
    failed: int = 0
    reason: str = ""
