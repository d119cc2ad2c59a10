"""The page of the index as a whole: how much there is, what failed and why, what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from ...errors import NotIndexedError
from ...model import EmbedRecord
from ...store.tasks import QueueStatus, TaskKind, TaskState
from .urls import article_path

if TYPE_CHECKING:
    from ...library import Index

_MAX_FAILURES = 50  # failures of one state that are listed
_STATE_MEANINGS = {
    "dead": "the player plays nothing any more",
    "gone": "the video was taken down",
    "blocked": "the site turns programs away",
    "needs-login": "the site wants to know who asks",
    "geo": "not shown in this country",
    "drm": "encrypted",
    "live": "a live stream without a recording",
    "unsupported": "no way to ask for it is known",
    "broken-extractor": "yt-dlp does not understand the site any more",
    "later": "to be asked again",
    "failed": "",
}
"""Each state of an embed that led to no video, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class StatFigure:
    """A number with its name."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A video that could not be had; *article* is our page of where it is."""

    title: str
    facts: tuple[str, ...]
    reason: str
    article: str
    article_title: str


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """What failed for one reason; *left_out* are not listed."""

    name: str
    meaning: str
    count: int
    failures: tuple[FailureRow, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """How many links, embeds or videos are in each state."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QueueTable:
    """The work queue: a row for each kind, a column for each state."""

    states: tuple[str, ...]
    rows: tuple[QueueRow, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class StatusPage:
    """All that the status page shows; *queue* is None where there is none."""

    figures: tuple[StatFigure, ...]
    failures: tuple[FailureGroup, ...]
    queue: QueueTable | None = None


def make_status_page(index: Index) -> StatusPage:
    """Show how *index* is."""
    return StatusPage(
        figures=_make_figures(index), failures=tuple(_group_failures(index)), queue=_make_queue_table(index)
    )


def _make_figures(index: Index) -> tuple[StatFigure, ...]:
    stats = index.stats()
    embeds = f"{stats.embeds:,} embed{'s' * (stats.embeds != 1)}"
    silent = f"{stats.without_captions:,} without captions" if stats.without_captions else ""
    pending = f"{stats.pending:,} caption tracks wait for it" if stats.pending else ""
    hours = stats.duration_ms / 3_600_000
    return (
        StatFigure("Articles", f"{stats.articles:,}", embeds),
        StatFigure("Videos", f"{stats.videos:,}", silent),
        StatFigure("Hours", f"{hours:,.0f}" if hours >= 10 else f"{hours:.1f}", "of those whose length is known"),
        StatFigure("Words", f"{stats.words:,}", f"in {stats.tracks:,} caption tracks"),
        StatFigure("On disk", f"{stats.bytes / 1e6:,.1f} MB"),
        StatFigure("Engine", stats.engine, pending),
    )


def _group_failures(index: Index) -> list[FailureGroup]:
    found = [(state, index.embeds(state=state)) for state in _STATE_MEANINGS]
    return [_make_failure_group(index, state, embeds) for state, embeds in found if embeds]


def _make_failure_group(index: Index, state: str, embeds: Sequence[EmbedRecord]) -> FailureGroup:
    shown = tuple(_make_failure_row(index, each) for each in embeds[:_MAX_FAILURES])
    return FailureGroup(
        state.replace("-", " "), _STATE_MEANINGS[state], len(embeds), shown, max(0, len(embeds) - _MAX_FAILURES)
    )


def _make_failure_row(index: Index, state: EmbedRecord) -> FailureRow:
    try:
        article = index.article(state.article)
    except NotIndexedError:
        article = None
    return FailureRow(
        title=state.embed.label or state.embed.url,
        facts=(state.embed.provider, *([state.embed.url] if state.embed.label else [])),
        reason=state.reason,
        article=article_path(article.url) if article else "",
        article_title=(article.title or article.url) if article else "",
    )


def _make_queue_table(index: Index) -> QueueTable | None:
    """Show the work queue; None where nothing was ever put in it."""
    status = index.status()
    states = tuple(state for state in get_args(TaskState) if status.count(state))
    if not states:
        return None
    kinds = [kind for kind in get_args(TaskKind) if any(each.kind == kind for each in status.counts)]
    rows = tuple(QueueRow(f"{kind}s", tuple(status.count(state, kind=kind) for state in states)) for kind in kinds)
    return QueueTable(states, rows, _queue_note(status))


def _queue_note(status: QueueStatus) -> str:
    running = f"{status.runs} process{'es' * (status.runs != 1)} at work" if status.runs else "nobody at work"
    reasons = ", ".join(f"{count:,} {verdict}" for verdict, count in status.reasons[:6])
    return running + (f"; what failed: {reasons}" if reasons else "")
