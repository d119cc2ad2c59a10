"""Report progress and failures as they happen, and collect them for the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ..errors import IndexUnusableError, VidindexError
from ..model import AddedChange, AddedVideo, AddReport, Failure, FailureClass, Progress
from ..store.tasks import Outcome, OutcomeState
from .options import ProgressCallback

_T = TypeVar("_T")

_CHANGE_RANKS: dict[AddedChange, int] = {"unchanged": 0, "updated": 1, "new": 2}

_VERDICT_STATES: dict[str, OutcomeState] = {
    "later": "later",
    "live": "later",
    "blocked": "later",
    "gone": "gone",
    "dead": "gone",
}
"""Maps a failure class to a retryable or permanent state; all others are `failed`."""


@dataclass(slots=True)
class ReportBuilder:
    """Collects the parts of an `AddReport`; *target* is the one that is being added."""

    articles: int = 0
    embeds: int = 0
    dead: int = 0
    videos: dict[str, None] = field(default_factory=dict)
    unchanged: dict[str, None] = field(default_factory=dict)
    without_captions: dict[str, None] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    target: str = ""
    results: dict[tuple[str, str], AddedChange] = field(default_factory=dict)
    tracks_with_warnings: int = 0

    def add_result(self, video: str, change: AddedChange) -> None:
        """Record that *target* led to *video*; of several changes the greatest counts."""
        key = self.target, video
        known = self.results.get(key, change)
        self.results[key] = max(known, change, key=_CHANGE_RANKS.__getitem__)

    def build_report(self) -> AddReport:
        """Return what was collected so far."""
        return AddReport(
            articles=self.articles,
            embeds=self.embeds,
            dead=self.dead,
            videos=tuple(self.videos),
            unchanged=tuple(name for name in self.unchanged if name not in self.videos),
            without_captions=tuple(self.without_captions),
            failures=tuple(self.failures),
            results=tuple(AddedVideo(target, video, change) for (target, video), change in self.results.items()),
            tracks_with_warnings=self.tracks_with_warnings,
        )


class ProgressLog:
    """Passes each step to *notify*, with how much is done, and records it for the report."""

    def __init__(self, notify: ProgressCallback) -> None:
        self.report_builder = ReportBuilder()
        self._notify = notify
        self._done = 0
        self._total = 1
        self._unknown_counts = 0

    def emit_progress(self, progress: Progress) -> None:
        """Report one step."""
        total = 0 if self._unknown_counts else max(self._total, self._done + 1)
        self._notify(replace(progress, done=self._done, total=total))

    def split_work(self, items: Iterable[_T], count: int | None) -> Iterator[_T]:
        """Yield *items*, about *count*: what counted as one part of the work counts as that many, one for each.

        Without *count*, the total is unknown until all items are.
        """
        estimate, found = max(count or 0, 1), 0
        self._unknown_counts += count is None
        self._total += estimate - 1
        for item in items:
            self._done += bool(found)  # the last item is done when the part that was split is
            found += 1
            yield item
        self._total += max(found, 1) - estimate
        self._unknown_counts -= count is None

    def add_failure(self, name: str, exc: VidindexError, reason: str = "") -> None:
        """Record that *name* failed."""
        reason = reason or exc.reason or str(exc)
        self.report_builder.failures.append(Failure(name, reason, exc.verdict))
        self.emit_progress(Progress("failed", name, reason, exc.verdict))

    @contextmanager
    def record_failures(self, name: str) -> Iterator[None]:
        """Record an error of the block under *name* and go on.  Raises `IndexUnusableError`."""
        try:
            yield
        except IndexUnusableError:
            raise
        except VidindexError as exc:
            self.add_failure(name, exc)


def summarize_failures(failures: list[Failure], *, video: str = "") -> Outcome:
    """Return the outcome of an attempt with these *failures*; with a *video*, they are failures of its captions.

    The first failure that is worth another attempt decides, otherwise the first.  Captions that need a token are a
    failure of the video, because it is not one without captions.
    """
    if not failures:
        return Outcome(video=video)
    failure = next((each for each in failures if verdict_state(each.verdict) == "later"), failures[0])
    state = verdict_state(failure.verdict)
    if video and state != "later" and failure.verdict != "needs-token":
        state = "done"  # the video exists, and another attempt would have the same result
    return Outcome(state, failure.verdict, failure.reason, video)


def verdict_state(verdict: FailureClass | str) -> OutcomeState:
    """Return the task state that follows from a failure class."""
    return _VERDICT_STATES.get(verdict, "failed")
