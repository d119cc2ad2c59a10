"""Report the result of a listed link: of its task, and of the embeds of its article or the entries of its playlist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import Article, Video, status_word
from ..tasks import LinkReport, PageFinding, Task, TaskState
from . import rows

if TYPE_CHECKING:
    import sqlite3

_EMBEDS_QUERY = """
SELECT embed.state, embed.reason, video.name, task.state, task.verdict, task.reason
FROM embed JOIN article ON article.id = embed.article LEFT JOIN video ON video.id = embed.video
LEFT JOIN task ON task.url = embed.url
WHERE article.url = ? ORDER BY embed.position"""
_ENTRIES_QUERY = "SELECT state, verdict, reason, video FROM task WHERE parent = ? ORDER BY id"

_TASK_STATES: dict[str, TaskState] = {
    "indexed": "done",
    "waiting": "waiting",
    "will retry": "later",
    "unavailable": "gone",
}
_FINDING_REASONS: dict[PageFinding, str] = {
    "no video": "the page has text, but no video was found in it",
    "empty page": "the page has neither text nor a video",
}
_BOT_CHECK = "bot check"
_LOGIN_STATUSES = ("HTTP 401", "HTTP 402")


@dataclass(frozen=True, slots=True)
class LinkPart:
    """An embed or a playlist entry that a link led to, with the id of its *video* and why it failed."""

    state: TaskState
    verdict: str = ""
    reason: str = ""
    video: str = ""


def task_part(task: Task) -> LinkPart:
    """Return the part of a playlist that *task* is."""
    return LinkPart(task.state, task.verdict, task.reason, task.video)


def embed_part(state: str, reason: str, video: str, task: Task | None) -> LinkPart:
    """Return the part of an article that an embed is, from its own *state* and its *task*, if it has one."""
    if state in ("attached", "removed"):  # by hand, whatever became of its own video
        return LinkPart("done", video=video)
    if task is None:
        return LinkPart(_TASK_STATES.get(status_word(state), "failed"), state, reason, video)
    return LinkPart(task.state, task.verdict, task.reason, video)


def read_link_report(sql: sqlite3.Connection, task: Task) -> LinkReport:
    """Summarize *task* and everything that it led to."""
    article = video = None
    if task.article:
        parts = [_row_to_embed_part(row) for row in sql.execute(_EMBEDS_QUERY, (task.article,))]
        row = sql.execute(f"SELECT {rows.ARTICLE_COLUMNS} FROM article WHERE url = ?", (task.article,)).fetchone()
        article = rows.row_to_article(row) if row else None
    else:
        parts = [_row_to_entry_part(row) for row in sql.execute(_ENTRIES_QUERY, (task.url,))]
        row = sql.execute(f"SELECT {rows.VIDEO_COLUMNS} FROM video WHERE name = ?", (task.video,)).fetchone()
        video = rows.row_to_video(row) if row else None
    return build_link_report(task, parts, article=article, video=video)


@rows.check_row((str, str))
def _row_to_embed_part(row: rows.SqlRow) -> LinkPart:
    state, reason, video, task_state, verdict, task_reason = row
    task = None if task_state is None else Task("", "embed", task_state, verdict=verdict, reason=task_reason)
    return embed_part(state, reason, video or "", task)


@rows.check_row((str, str, str, str))
def _row_to_entry_part(row: rows.SqlRow) -> LinkPart:
    return LinkPart(*row)


def build_link_report(
    task: Task, parts: Sequence[LinkPart], *, article: Article | None, video: Video | None
) -> LinkReport:
    """Build the report of *task* from its *parts*; the reason is that of one of them if it has none itself."""
    waiting = sum(part.state in ("waiting", "working", "later") for part in parts)
    videos = len({part.video for part in parts if part.video}) or int(bool(task.video))
    finding = _find_finding(task, parts, article, videos=videos)
    reasons = (_describe_failure(part) for part in parts if part.state in ("failed", "gone", "later"))
    return LinkReport(
        link=task.as_listed or task.url,
        state="later" if task.state == "done" and waiting else task.state,
        embeds=len(parts) if task.article else 0,
        videos=videos,
        waiting=waiting,
        failed=sum(part.state in ("failed", "gone") for part in parts),
        reason=task.reason or max(reasons, default="") or _FINDING_REASONS.get(finding, ""),
        finding=finding,
        url=task.article or (video.url if video else ""),
        title=article.title if article else video.title if video else "",
        date=article.date if article else video.date if video else "",
    )


def _describe_failure(part: LinkPart) -> str:
    return f"{part.verdict}: {part.reason or 'the player no longer works'}"


def _find_finding(task: Task, parts: Sequence[LinkPart], article: Article | None, *, videos: int) -> PageFinding:
    if task.state != "done":
        if task.verdict == "blocked" and _BOT_CHECK in task.reason:
            return "bot check"
        is_wall = task.verdict == "wall" or (task.verdict == "needs-login" and task.reason.startswith(_LOGIN_STATUSES))
        return "consent or login wall" if is_wall else ""
    if videos:
        return "video"
    if parts:
        return _find_player_finding({part.state for part in parts})
    if status_word(task.verdict) == "unavailable":
        return "player unavailable"
    if article is None:
        return ""
    return "no video" if article.text else "empty page"


def _find_player_finding(states: set[TaskState]) -> PageFinding:
    """Return what became of players without a video, from the states of all of them."""
    if states == {"gone"}:
        return "player unavailable"
    return "player failed" if states <= {"done", "gone", "failed"} else ""
