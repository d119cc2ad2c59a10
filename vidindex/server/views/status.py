"""The status page: size of the index, work queue, failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from ...errors import NotIndexedError
from ...model import Article, StatusWord, status_word
from ...store.tasks import FAILED_STATES, TASK_KINDS, TASK_STATES, QueueStatus, SitePause, Task, describe_queue
from ..plain_text import pluralize
from .reasons import format_public_reason
from .urls import article_path

if TYPE_CHECKING:
    from ...library import Index

_MAX_FAILURES = 50  # listed per state
_STATE_MEANINGS = {
    "dead": "the player no longer works",
    "gone": "the page or the video was removed",
    "blocked": "the site refuses automated requests",
    "needs-login": "the site requires a login",
    "needs-token": "the captions need a PO token",
    "wall": "the site shows a consent or login wall",
    "robots": "robots.txt does not allow it",
    "geo": "not available in this country",
    "drm": "protected by DRM",
    "live": "live stream without a recording",
    "stopped": "the run was stopped",
    "broken": "the files are damaged",
    "unsupported": "yt-dlp does not support the site",
    "broken-extractor": "yt-dlp can no longer read the site",
    "later": "temporary error",
    "failed": "other error",
}
"""Meaning of each failure class, in display order."""


@dataclass(frozen=True, slots=True)
class StatFigure:
    """A number with its name and a note."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A link, an embed or a video that failed; *article* is the path of the page of its article."""

    title: str
    facts: tuple[str, ...]
    reason: str
    article: str
    article_title: str


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """The failures of one state and class; *hidden_count* of them are not shown, but *list_command* lists all."""

    status: StatusWord
    meaning: str
    count: int
    failures: tuple[FailureRow, ...]
    hidden_count: int
    list_command: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """The number of links, embeds or videos in each state."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QueueTable:
    """The work queue: one row per kind of task, one column per state, and what is to be said about it."""

    states: tuple[StatusWord, ...]
    rows: tuple[QueueRow, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusPage:
    """The status page; *queue* is None if nothing has been queued."""

    figures: tuple[StatFigure, ...]
    failures: tuple[FailureGroup, ...]
    queue: QueueTable | None = None


def make_status_page(index: Index) -> StatusPage:
    """Return the status page of *index*."""
    return StatusPage(
        figures=_make_figures(index), failures=tuple(_group_failures(index)), queue=_make_queue_table(index)
    )


def _make_figures(index: Index) -> tuple[StatFigure, ...]:
    stats = index.stats()
    embeds = pluralize(stats.embeds, "embed")
    no_captions = f"{stats.without_captions:,} without captions" if stats.without_captions else ""
    pending = f"{pluralize(stats.pending, 'caption track')} pending" if stats.pending else ""
    return (
        StatFigure("Articles", f"{stats.articles:,}", embeds),
        StatFigure("Videos", f"{stats.videos:,}", no_captions),
        StatFigure("Duration", _format_duration(stats.duration_ms), "where known"),
        StatFigure("Words", f"{stats.words:,}", f"in {pluralize(stats.tracks, 'caption track')}"),
        StatFigure("Disk usage", f"{stats.bytes / 1e6:,.1f} MB"),
        StatFigure("Engine", stats.engine, pending),
    )


def _format_duration(duration_ms: int) -> str:
    """Return a total duration: `34 min`, `5.2 h`, `1,204 h`."""
    hours = duration_ms / 3_600_000
    if hours < 1:
        return f"{duration_ms / 60_000:.0f} min"
    return f"{hours:.1f} h" if hours < 10 else f"{hours:,.0f} h"


def _group_failures(index: Index) -> list[FailureGroup]:
    """Return the failed tasks by state and failure class: as many as the table of the queue counts."""
    groups: dict[tuple[str, str], list[Task]] = {}
    for task in index.tasks(*FAILED_STATES):
        groups.setdefault((task.state, task.verdict), []).append(task)
    ranks = {verdict: rank for rank, verdict in enumerate(_STATE_MEANINGS)}
    in_order = sorted(groups.items(), key=lambda group: (ranks.get(group[0][1], len(ranks)), group[0]))
    return [_make_failure_group(index, state, verdict, tasks) for (state, verdict), tasks in in_order]


def _make_failure_group(index: Index, state: str, verdict: str, tasks: Sequence[Task]) -> FailureGroup:
    rows = tuple(_make_failure_row(index, task) for task in tasks[:_MAX_FAILURES])
    return FailureGroup(
        status=status_word(state),
        meaning=_STATE_MEANINGS.get(verdict, _STATE_MEANINGS["failed"]),
        count=len(tasks),
        failures=rows,
        hidden_count=len(tasks) - len(rows),
        list_command="vidindex list dead" if verdict == "dead" else "vidindex list failures",
    )


def _make_failure_row(index: Index, task: Task) -> FailureRow:
    record = next(iter(index.embeds(url=task.url)), None)
    article = _find_article(index, record.article if record else task.article)
    label, address = record.embed.label if record else "", task.as_listed or task.url
    is_local = not address.startswith(("http://", "https://"))  # its folder is nobody's business
    url = PurePath(address).name if is_local else address
    return FailureRow(
        title=label or url,
        facts=(record.embed.provider if record else task.kind, *([url] if label else [])),
        reason="" if is_local else format_public_reason(task.reason),
        article=article_path(article.url) if article else "",
        article_title=(article.title or article.url) if article else "",
    )


def _find_article(index: Index, url: str) -> Article | None:
    try:
        return index.article(url) if url else None
    except NotIndexedError:
        return None


def _make_queue_table(index: Index) -> QueueTable | None:
    """Return the table of the work queue; None if nothing has been queued."""
    status = index.status()
    states = tuple(state for state in TASK_STATES if status.count(state))
    if not states:
        return None
    kinds = [kind for kind in TASK_KINDS if any(each.kind == kind for each in status.counts)]
    rows = tuple(
        QueueRow(f"{kind.capitalize()}s", tuple(status.count(state, kind=kind) for state in states)) for kind in kinds
    )
    pauses = [_pause_note(pause) for pause in status.paused if pause.waiting]
    return QueueTable(tuple(map(status_word, states)), rows, (_queue_note(status), *pauses))


def _pause_note(pause: SitePause) -> str:
    until = datetime.fromtimestamp(pause.until, UTC)
    links = f"{pluralize(pause.waiting, 'link')} of {pause.site}"
    reason = f" ({format_public_reason(pause.reason)})" if pause.reason else ""
    return f"{links} wait{'s' * (pause.waiting == 1)} until {until:%Y-%m-%d %H:%M} UTC{reason}"


def _queue_note(status: QueueStatus) -> str:
    """Return who works on the queue and what it holds: `Idle. 20 tasks: 4 indexed, 14 will retry, 2 unavailable`."""
    running = f"{status.runs} process{'es' * (status.runs != 1)} running." if status.runs else "Idle."
    # By state, not by failure class: a task that was blocked to the last attempt has failed and is not retried.
    return f"{running} {describe_queue(status)}"
