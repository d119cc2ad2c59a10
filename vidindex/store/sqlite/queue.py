"""The work queue: what is to be done with links, embeds and videos, by whom, and when again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from ...model import Embed
from ..base import RetryGroup
from ..base import WorkerRun as AnyRun
from ..retry import CRASH_LOOP_REASON, MAX_TRIES, next_state
from ..tasks import KIND_PRIORITY, LinkReport, Outcome, QueueStatus, StateCount, Task, TaskKind
from . import rows
from .connection import SqliteDatabase
from .embed_state import REPLACED_CONDITION, update_embed_state
from .link_report import read_link_report
from .run_locks import SqliteRun, live_runs

TASK_LEASE_S = 900.0
"""How long a task is left to a run that shows no other sign of life, as one on another machine may."""

_RETRY_CONDITIONS: dict[RetryGroup, str] = {
    "failed": "state IN ('failed', 'later')",
    "dead": "state = 'gone'",
    "no-captions": "state = 'done' AND video IN "
    "(SELECT video.name FROM video JOIN track ON track.video = video.id WHERE origin = 'none')",
}


class SqliteQueue:
    """The queue of a store.  Each method is one transaction; times are seconds since 1970."""

    def __init__(self, db: SqliteDatabase, *, now: Callable[[], float] = time.time) -> None:
        self._db = db
        self._now = now

    # What is to be done

    def add_tasks(self, tasks: Iterable[Task]) -> int:
        """Put *tasks* in; those whose URL is there already stay as they are.  Counts the new ones."""
        with self._db.transaction() as sql:
            return sum(_insert_task(sql, task) for task in tasks)

    def add_embeds(self, article: str, embeds: Sequence[tuple[Embed, str]]) -> None:
        """Put the *embeds* of *article*, each with its host, in; what is known of one is told to the article."""
        with self._db.transaction() as sql:
            for embed, host in embeds:
                if not _insert_task(sql, Task(embed.url, "embed", host=host)):
                    _propagate_to_article(sql, article, embed.url)

    def retry_tasks(self, group: RetryGroup, *, links: Collection[str] | None = None) -> int:
        """Have *such* done again, of the listed *links* and what they led to, or of all.  Counts them."""
        with self._db.transaction() as sql:
            return _requeue_tasks(sql, _RETRY_CONDITIONS[group], links)

    def requeue(self, tasks: Iterable[Task]) -> int:
        """Have *tasks* done again, new or not, whatever became of them; those in hand are left alone."""
        count = 0
        with self._db.transaction() as sql:
            for task in tasks:
                count += _insert_task(sql, task) or _requeue_tasks(sql, "state <> 'working'", [task.url])
        return count

    def import_tasks(self, tasks: Iterable[Task]) -> None:
        """Put *tasks* in as they are, from another queue; what is known of one is forgotten."""
        with self._db.transaction() as sql:
            for task in tasks:
                _insert_task(sql, task)
                _update_task(sql, task)

    # Working on it

    def begin_run(self) -> SqliteRun:
        """Begin a run, which may claim tasks until its end."""
        return SqliteRun(self._db.folder)

    def claim(self, run: AnyRun, *, busy_hosts: Collection[str] = (), include_links: bool = True) -> Task | None:
        """Take the next task that is due, on none of the *busy* hosts, for *run*; None where there is none now.

        Links come last, and only where more is to be begun.
        """
        now = self._now()
        with self._db.transaction() as sql:
            id_ = _select_next_task_id(
                sql, now, tuple(busy_hosts), KIND_PRIORITY if include_links else KIND_PRIORITY[:-1]
            )
            if id_ is None:
                return None
            row = sql.execute(
                "UPDATE task SET state = 'working', tries = tries + 1, holder = ?, lease = ? WHERE id = ? "
                f"RETURNING {rows.TASK_COLUMNS}",
                (run.token, now + TASK_LEASE_S, id_),
            ).fetchone()
        return Task(*row)

    def finish(self, task: Task, outcome: Outcome) -> Task:
        """Record how *task* went, for all articles that embed it, too; gives it as it is now."""
        with self._db.transaction() as sql:
            done = next_state(task, outcome, self._now())
            _update_task(sql, done)
            _propagate_everywhere(sql, task.url, outcome)
        return done

    def record_attempt(self, url: str, kind: TaskKind, outcome: Outcome) -> None:
        """Record how a try outside the queue went."""
        with self._db.transaction() as sql:
            _insert_task(sql, Task(url, kind))
            row = sql.execute(f"SELECT {rows.TASK_COLUMNS} FROM task WHERE url = ?", (url,)).fetchone()
            known = Task(*row)
            tries = known.tries + 1 if known.state == "later" else 1
            _update_task(sql, next_state(replace(known, tries=tries), outcome, self._now()))

    def release(self, task: Task) -> None:
        """Put *task*, which was claimed and not tried, back."""
        with self._db.transaction() as sql:
            sql.execute(
                "UPDATE task SET state = 'waiting', tries = max(tries - 1, 0), holder = '', lease = 0 "
                "WHERE url = ? AND state = 'working'",
                (task.url,),
            )

    def renew_lease(self, run: AnyRun) -> None:
        """Keep what *run* has for another while."""
        with self._db.transaction() as sql:
            sql.execute("UPDATE task SET lease = ? WHERE holder = ?", (self._now() + TASK_LEASE_S, run.token))

    def requeue_expired(self) -> int:
        """Put back what is held by runs that have ended or gone silent.  Counts it."""
        alive = sorted(live_runs(self._db.folder))
        holes = ",".join("?" * len(alive))
        with self._db.transaction() as sql:
            # One that takes its run down each time must not do so for ever.
            return sql.execute(
                f"UPDATE task SET state = CASE WHEN tries < {MAX_TRIES} THEN 'waiting' ELSE 'failed' END, "
                f"reason = CASE WHEN tries < {MAX_TRIES} THEN reason ELSE ? END, holder = '', lease = 0 "
                f"WHERE state = 'working' AND (lease < ? OR holder NOT IN ({holes}))",
                (CRASH_LOOP_REASON, self._now(), *alive),
            ).rowcount

    # Looking at it

    def find_task(self, url: str) -> Task | None:
        """Find the task with *url*."""
        return next(self._select_tasks("url = ?", (url,)), None)

    def list_tasks(self, *states: str) -> Iterator[Task]:
        """Give all tasks in one of *states*, all tasks where none is named, in the order in which they came."""
        return self._select_tasks(f"state IN ({','.join('?' * len(states))})" if states else "1", states)

    def _select_tasks(self, where: str, values: Sequence[object]) -> Iterator[Task]:
        with self._db.translate_errors():
            query = f"SELECT {rows.TASK_COLUMNS} FROM task WHERE {where} ORDER BY id"
            for row in self._db.connection.execute(query, tuple(values)):
                yield Task(*row)

    def next_try_at(self) -> float:
        """Tell when the next of those that wait for another try is due; 0 where none is."""
        with self._db.translate_errors():
            (due,) = self._db.connection.execute("SELECT min(next_try) FROM task WHERE state = 'later'").fetchone()
        return float(due or 0)

    def read_status(self) -> QueueStatus:
        """Count all tasks by kind and state."""
        with self._db.translate_errors():
            counted = self._db.connection.execute(
                "SELECT kind, state, count(*) FROM task GROUP BY kind, state"
            ).fetchall()
            reasons = self._db.connection.execute(
                "SELECT verdict, count(*) FROM task WHERE state IN ('failed', 'gone', 'later') "
                "GROUP BY verdict ORDER BY count(*) DESC, verdict"
            ).fetchall()
        counts = tuple(StateCount(*row) for row in counted)
        return QueueStatus(counts, self.next_try_at(), len(live_runs(self._db.folder)), tuple(reasons))

    def report_links(self, links: Iterable[str] | None = None) -> Iterator[LinkReport]:
        """Tell what became of *links*, or of all that were ever listed, in order."""
        with self._db.translate_errors():
            sql = self._db.connection
            if links is None:
                links = (row[0] for row in sql.execute("SELECT url FROM task WHERE listed <> '' ORDER BY id"))
            for url in links:
                if (task := self.find_task(url)) is not None:
                    yield read_link_report(sql, task)

    def list_stale_tasks(self, before: float) -> Iterator[Task]:
        """Give tasks for the videos that were asked for last *before* a time, in the way in which it worked then."""
        with self._db.translate_errors():
            found = self._db.connection.execute(
                "SELECT video.name, coalesce((SELECT url FROM task WHERE task.video = video.name AND kind <> 'link' "
                "LIMIT 1), video.url) FROM video WHERE checked < ? ORDER BY checked, video.id",
                (before,),
            ).fetchall()
        for name, url in found:
            if url.startswith(("http://", "https://")):
                yield self.find_task(url) or Task(url, "video", video=name)


def _insert_task(sql: sqlite3.Connection, task: Task) -> int:
    row = (task.url, task.kind, task.host, task.as_listed, task.parent, task.state, task.verdict, task.video)
    return sql.execute(
        "INSERT INTO task (url, kind, host, listed, parent, state, verdict, video) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (url) DO NOTHING",
        row,
    ).rowcount


def _requeue_tasks(sql: sqlite3.Connection, condition: str, links: Collection[str] | None) -> int:
    change = f"UPDATE task SET state = 'waiting', tries = 0, next_try = 0 WHERE {condition}"
    if links is None:
        return sql.execute(change).rowcount
    theirs = (
        "(url = ?1 OR parent = ?1 OR url IN (SELECT embed.url FROM embed JOIN article ON article.id = embed.article "
        "JOIN task link ON link.article = article.url WHERE link.url = ?1))"
    )
    return sum(sql.execute(f"{change} AND {theirs}", (link,)).rowcount for link in links)


def _select_next_task_id(
    sql: sqlite3.Connection, now: float, busy_hosts: Sequence[str], kinds: Sequence[TaskKind]
) -> int | None:
    free = f"AND host NOT IN ({','.join('?' * len(busy_hosts))})" if busy_hosts else ""
    for kind in kinds:
        row = sql.execute(
            f"SELECT id FROM task WHERE state = 'later' AND kind = ? AND next_try <= ? {free} "
            "ORDER BY next_try LIMIT 1",
            (kind, now, *busy_hosts),
        ).fetchone()
        row = (
            row
            or sql.execute(
                f"SELECT id FROM task WHERE state = 'waiting' AND kind = ? {free} ORDER BY id LIMIT 1",
                (kind, *busy_hosts),
            ).fetchone()
        )
        if row:
            return int(row[0])
    return None


def _update_task(sql: sqlite3.Connection, task: Task) -> None:
    sql.execute(
        "UPDATE task SET state = ?, tries = ?, next_try = ?, verdict = ?, reason = ?, video = ?, article = ?, "
        "holder = '', lease = 0 WHERE url = ?",
        (task.state, task.tries, task.next_try, task.verdict, task.reason, task.video, task.article, task.url),
    )


def _propagate_to_article(sql: sqlite3.Connection, article: str, url: str) -> None:
    row = sql.execute(f"SELECT {rows.TASK_COLUMNS} FROM task WHERE url = ?", (url,)).fetchone()
    task = Task(*row)
    if task.state in ("waiting", "working"):  # its articles are told when it ends
        return
    outcome = Outcome(task.state, task.verdict, task.reason, task.video)
    place = "url = :url AND article = (SELECT id FROM article WHERE url = :article)"
    _set_embed_state(sql, place, {"url": url, "article": article}, outcome)


def _propagate_everywhere(sql: sqlite3.Connection, url: str, outcome: Outcome) -> None:
    _set_embed_state(sql, f"url = :url AND NOT {REPLACED_CONDITION}", {"url": url}, outcome)


def _set_embed_state(sql: sqlite3.Connection, where: str, params: dict[str, str], outcome: Outcome) -> None:
    update_embed_state(sql, where, params, state=outcome.embed_state, reason=outcome.reason, video=outcome.video)
