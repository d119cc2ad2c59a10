"""Report the result of a listed link: of its task, and of the embeds of its article or the entries of its playlist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..tasks import LinkReport, Task

if TYPE_CHECKING:
    import sqlite3

_EMBEDS_QUERY = """
SELECT count(*), count(DISTINCT embed.video), {waiting}, {failed}, {reason}
FROM embed JOIN article ON article.id = embed.article LEFT JOIN task ON task.url = embed.url
WHERE article.url = ?1"""
_ENTRIES_QUERY = """
SELECT count(*), count(DISTINCT nullif(task.video, '')), {waiting}, {failed}, {reason}
FROM task WHERE task.parent = ?1"""
_COUNT_EXPRESSIONS = {
    "waiting": "total(task.state IN ('waiting', 'working', 'later'))",
    "failed": "total(task.state IN ('failed', 'gone'))",
    "reason": "max(CASE WHEN task.state IN ('failed', 'gone', 'later') THEN task.verdict || ': ' || task.reason END)",
}


def read_link_report(sql: sqlite3.Connection, task: Task) -> LinkReport:
    """Summarize *task* and everything that it led to."""
    query, key = (_EMBEDS_QUERY, task.article) if task.article else (_ENTRIES_QUERY, task.url)
    total, videos, waiting, failed, reason = sql.execute(query.format(**_COUNT_EXPRESSIONS), (key,)).fetchone()
    return build_link_report(
        task,
        embeds=total if task.article else 0,
        videos=videos,
        waiting=int(waiting),
        failed=int(failed),
        reason=reason or "",
    )


def build_link_report(task: Task, *, embeds: int, videos: int, waiting: int, failed: int, reason: str) -> LinkReport:
    """Build the report of *task*; *reason* is that of one of its failures, used if the task itself has none."""
    return LinkReport(
        link=task.as_listed or task.url,
        state="later" if task.state == "done" and waiting else task.state,
        embeds=embeds,
        videos=videos or int(bool(task.video)),
        waiting=waiting,
        failed=failed,
        reason=task.reason or reason,
    )
