"""What was done and what failed, told as it happens and counted for the report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..errors import IndexUnusableError, VidindexError
from ..model import AddReport, Failure, Progress
from ..store.tasks import Outcome, TaskState
from .options import ProgressCallback

_VERDICT_STATES: dict[str, TaskState] = {
    "later": "later",
    "live": "later",
    "blocked": "later",
    "gone": "gone",
    "dead": "gone",
}
"""Verdicts that leave hope, or end it for good; all others have failed until somebody does something."""


@dataclass(slots=True)
class ReportBuilder:
    """The report while it grows."""

    articles: int = 0
    embeds: int = 0
    dead: int = 0
    videos: dict[str, None] = field(default_factory=dict)
    unchanged: dict[str, None] = field(default_factory=dict)
    without_captions: dict[str, None] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def build_report(self) -> AddReport:
        """Give what was counted so far."""
        return AddReport(
            articles=self.articles,
            embeds=self.embeds,
            dead=self.dead,
            videos=tuple(self.videos),
            unchanged=tuple(name for name in self.unchanged if name not in self.videos),
            without_captions=tuple(self.without_captions),
            failures=tuple(self.failures),
        )


class ProgressLog:
    """Tells *notify* of each step and keeps the tally."""

    def __init__(self, notify: ProgressCallback) -> None:
        self.report_builder = ReportBuilder()
        self._notify = notify

    def emit_progress(self, progress: Progress) -> None:
        """Tell of one step."""
        self._notify(progress)

    def add_failure(self, name: str, exc: VidindexError, reason: str = "") -> None:
        """Note that *name* failed."""
        reason = reason or exc.reason or str(exc)
        self.report_builder.failures.append(Failure(name, reason, exc.verdict))
        self.emit_progress(Progress("failed", name, reason))

    @contextmanager
    def record_failures(self, name: str) -> Iterator[None]:
        """Note what fails in the block, under *name*, and go on; only an index that fails ends it all."""
        try:
            yield
        except IndexUnusableError:
            raise
        except VidindexError as exc:
            self.add_failure(name, exc)


def summarize_failures(failures: list[Failure], *, video: str = "") -> Outcome:
    """Tell how a try with these *failures* went; with a *video*, they are those of its captions.

    The failure that is worth another try decides, else the first.
    """
    if not failures:
        return Outcome(video=video)
    failure = next((each for each in failures if verdict_state(each.verdict) == "later"), failures[0])
    state = verdict_state(failure.verdict)
    if video and state != "later":  # the video is there: asking again would bring the same
        state = "done"
    return Outcome(state, failure.verdict, failure.reason, video)


def verdict_state(verdict: str) -> TaskState:
    """Tell what a verdict means for the next try."""
    return _VERDICT_STATES.get(verdict, "failed")
