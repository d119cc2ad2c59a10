"""The work queue in SQLite."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from ...model import Embed
from ...net.traffic import site_of
from ..base import Queue, RetryGroup, WorkerRun
from ..pauses import PAUSES_NOTE, count_by_site, list_pauses
from ..retry import CRASH_LOOP_REASON, MAX_TRIES, next_state
from ..tasks import (
    KIND_PRIORITY,
    LinkReport,
    Outcome,
    QueueStatus,
    StateCount,
    Task,
    TaskKind,
    TaskState,
    last_outcome,
    summarize_queue,
)
from . import rows
from .connection import SqliteDatabase
from .embed_state import REPLACED_CONDITION, update_embed_state
from .link_report import read_link_report
from .run_locks import SqliteRun, live_runs

TASK_LEASE_S = 900.0
"""How long a run keeps a task without renewing its lease.  Runs on other machines have no lock that is visible here."""

_NOTE_PREFIX = "queue:"
"""Notes are settings of the store whose names start with this."""

_RETRY_CONDITIONS: dict[RetryGroup, str] = {
    "failed": "state IN ('failed', 'later')",
    "dead": "state = 'gone'",
    "no-captions": "state = 'done' AND video IN "
    "(SELECT video.name FROM video JOIN track ON track.video = video.id WHERE origin = 'none')",
}

# One statement sees one state of the queue; its first part, which most tasks are in, reads an index only.
_STATUS_QUERY = """
SELECT kind, state, '', count(*), 0.0 FROM task WHERE state NOT IN ('later', 'gone', 'failed') GROUP BY state, kind
UNION ALL
SELECT kind, state, verdict, count(*), min(next_try) FROM task WHERE state IN ('later', 'gone', 'failed')
GROUP BY state, kind, verdict
"""


class SqliteQueue(Queue):
    """The queue of a store in a folder.  Each method is one transaction."""

    def __init__(self, db: SqliteDatabase, *, now: Callable[[], float] = time.time) -> None:
        self._db = db
        self._now = now

    # Adding tasks

    def add_tasks(self, tasks: Iterable[Task]) -> int:
        with self._db.transaction() as sql:
            return sum(_insert_task(sql, task) for task in tasks)

    def add_embeds(self, article: str, embeds: Sequence[tuple[Embed, str]]) -> None:
        with self._db.transaction() as sql:
            for embed, host in embeds:
                if not _insert_task(sql, Task(embed.url, "embed", host=host)):
                    _propagate_to_article(sql, article, embed.url)

    def retry_tasks(self, group: RetryGroup, *, links: Collection[str] | None = None) -> int:
        with self._db.transaction() as sql:
            return _requeue_tasks(sql, _RETRY_CONDITIONS[group], links)

    def requeue(self, tasks: Iterable[Task]) -> int:
        count = 0
        with self._db.transaction() as sql:
            for task in tasks:
                count += _insert_task(sql, task) or _requeue_tasks(sql, "state <> 'working'", [task.url])
        return count

    def import_tasks(self, tasks: Iterable[Task]) -> None:
        with self._db.transaction() as sql:
            for task in tasks:
                _insert_task(sql, task)
                _update_task(sql, task)

    # Running tasks

    def begin_run(self) -> SqliteRun:
        return SqliteRun(self._db.folder)

    def claim(self, run: WorkerRun, *, busy_hosts: Collection[str] = (), include_links: bool = True) -> Task | None:
        now = self._now()
        with self._db.transaction() as sql:
            id_ = _select_next_task_id(
                sql, now, tuple(busy_hosts), KIND_PRIORITY if include_links else KIND_PRIORITY[:-1]
            )
            if id_ is None:
                return None
            return self._claim_id(sql, run, id_)

    def claim_task(self, run: WorkerRun, url: str) -> Task | None:
        with self._db.transaction() as sql:
            row = sql.execute(
                "SELECT id FROM task WHERE url = ? AND (state = 'waiting' OR (state = 'later' AND next_try <= ?))",
                (url, self._now()),
            ).fetchone()
            return self._claim_id(sql, run, row[0]) if row else None

    def _claim_id(self, sql: sqlite3.Connection, run: WorkerRun, id_: int) -> Task:
        row = sql.execute(
            "UPDATE task SET state = 'working', tries = tries + 1, holder = ?, lease = ? WHERE id = ? "
            f"RETURNING {rows.TASK_COLUMNS}",
            (run.token, self._now() + TASK_LEASE_S, id_),
        ).fetchone()
        return _row_to_task(row)

    def finish(self, task: Task, outcome: Outcome) -> Task:
        with self._db.transaction() as sql:
            now = self._now()
            done = next_state(task, outcome, now)
            _update_task(sql, done, ended=now)
            _propagate_everywhere(sql, task.url, outcome)
        return done

    def record_attempt(self, url: str, kind: TaskKind, outcome: Outcome) -> None:
        with self._db.transaction() as sql:
            _insert_task(sql, Task(url, kind, host=site_of(url)))
            row = sql.execute(f"SELECT {rows.TASK_COLUMNS} FROM task WHERE url = ?", (url,)).fetchone()
            task = _row_to_task(row)
            tries, now = task.tries + 1 if task.state == "later" else 1, self._now()
            _update_task(sql, next_state(replace(task, tries=tries), outcome, now), ended=now)

    def release(self, task: Task) -> None:
        with self._db.transaction() as sql:
            sql.execute(
                "UPDATE task SET state = 'waiting', tries = max(tries - 1, 0), holder = '', lease = 0 "
                "WHERE url = ? AND state = 'working'",
                (task.url,),
            )

    def renew_lease(self, run: WorkerRun) -> None:
        with self._db.transaction() as sql:
            sql.execute("UPDATE task SET lease = ? WHERE holder = ?", (self._now() + TASK_LEASE_S, run.token))

    def requeue_expired(self) -> int:
        alive = sorted(live_runs(self._db.folder))
        holes = ",".join("?" * len(alive))
        with self._db.transaction() as sql:
            # A task that crashes its run every time must not be retried forever.
            return sql.execute(
                f"UPDATE task SET state = CASE WHEN tries < {MAX_TRIES} THEN 'waiting' ELSE 'failed' END, "
                f"reason = CASE WHEN tries < {MAX_TRIES} THEN reason ELSE ? END, holder = '', lease = 0 "
                f"WHERE state = 'working' AND (lease < ? OR holder NOT IN ({holes}))",
                (CRASH_LOOP_REASON, self._now(), *alive),
            ).rowcount

    # Reading

    def find_task(self, url: str) -> Task | None:
        return next(self._select_tasks("url = ?", (url,)), None)

    def list_tasks(self, *states: TaskState) -> Iterator[Task]:
        return self._select_tasks(f"state IN ({','.join('?' * len(states))})" if states else "1", states)

    def _select_tasks(self, where: str, values: Sequence[object]) -> Iterator[Task]:
        with self._db.translate_errors():
            query = f"SELECT {rows.TASK_COLUMNS} FROM task WHERE {where} ORDER BY id"
            for row in self._db.connection.execute(query, tuple(values)):
                yield _row_to_task(row)

    def next_try_at(self, *, busy_hosts: Collection[str] = ()) -> float:
        not_busy = f"AND host NOT IN ({','.join('?' * len(busy_hosts))})" if busy_hosts else ""
        with self._db.translate_errors():
            (due,) = self._db.connection.execute(
                f"SELECT min(next_try) FROM task WHERE state = 'later' {not_busy}", tuple(busy_hosts)
            ).fetchone()
            return _check_time(due or 0)

    def count_open_by_site(self) -> dict[str, int]:
        with self._db.translate_errors():
            counts = self._db.connection.execute(
                "SELECT host, count(*) FROM task WHERE state IN ('waiting', 'later') AND host <> '' GROUP BY host"
            ).fetchall()
            # An older version did not state the host of each task.
            urls = self._db.connection.execute(
                "SELECT url FROM task WHERE state IN ('waiting', 'later') AND host = ''"
            ).fetchall()
        return count_by_site([*map(_row_to_host_count, counts), *((site_of(str(url)), 1) for (url,) in urls)])

    def read_note(self, name: str) -> dict[str, Any]:
        with self._db.translate_errors():
            return _select_note(self._db.connection, name)

    def edit_note(self, name: str, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        with self._db.transaction() as sql:
            edited = edit(_select_note(sql, name))
            sql.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_NOTE_PREFIX + name, json.dumps(edited)))
        return edited

    def reread(self, before: float, *, links: Mapping[str, float] | None = None) -> int:
        update = (
            "UPDATE task SET state = 'waiting', tries = 0, next_try = 0, holder = '', lease = 0 "
            "WHERE kind = 'link' AND state = 'done' AND video = '' AND lease < ?"
        )
        with self._db.transaction() as sql:
            if links is None:
                return sql.execute(update, (before,)).rowcount
            return sum(
                sql.execute(f"{update} AND url = ?", (max(before, changed), url)).rowcount
                for url, changed in links.items()
            )

    def read_status(self) -> QueueStatus:
        with self._db.translate_errors():
            groups = self._db.connection.execute(_STATUS_QUERY).fetchall()
            counted = [_row_to_group(row) for row in groups]
        note = self.read_note(PAUSES_NOTE)
        paused = list_pauses(note, self.count_open_by_site(), self._now()) if note else ()
        return summarize_queue(counted, runs=len(live_runs(self._db.folder)), paused=paused)

    def report_links(self, links: Iterable[str] | None = None) -> Iterator[LinkReport]:
        with self._db.translate_errors():
            sql = self._db.connection
            if links is None:
                links = (row[0] for row in sql.execute("SELECT url FROM task WHERE listed <> '' ORDER BY id"))
            for url in links:
                if (task := self.find_task(url)) is not None:
                    yield read_link_report(sql, task)

    def list_stale_tasks(self, before: float) -> Iterator[Task]:
        with self._db.translate_errors():
            videos = self._db.connection.execute(
                "SELECT video.name, coalesce((SELECT url FROM task WHERE task.video = video.name AND kind <> 'link' "
                "LIMIT 1), video.url) FROM video WHERE checked < ? ORDER BY checked, video.id",
                (before,),
            ).fetchall()
            stale = [_row_to_stale(row) for row in videos]
        for name, url in stale:
            if url.startswith(("http://", "https://")):
                yield self.find_task(url) or Task(url, "video", video=name)


def _row_to_task(row: rows.SqlRow) -> Task:
    # RETURNING gives a whole number in a REAL column as an integer.
    url, kind, state, tries, next_try, *texts = row
    return _values_to_task((url, kind, state, *texts, tries, _check_time(next_try)))


@rows.check_row((*[str] * 10, int, float))
def _values_to_task(values: rows.SqlRow) -> Task:
    url, kind, state, *texts, tries, next_try = values
    _check_kind_and_state(kind, state)
    return Task(url, kind, state, tries, next_try, *texts)


@rows.check_row((str, str, str, int))
def _row_to_group(row: rows.SqlRow) -> tuple[StateCount, str, float]:
    kind, state, verdict, count, next_try = row
    _check_kind_and_state(kind, state)
    return StateCount(kind, state, count), verdict, _check_time(next_try)


def _check_kind_and_state(kind: str, state: str) -> None:
    if kind not in get_args(TaskKind) or state not in get_args(TaskState):
        raise sqlite3.DatabaseError("malformed record: a task has an unknown kind or state")


def _check_time(time_s: object) -> float:
    if not isinstance(time_s, int | float) or not 0 <= time_s < rows.MAX_TIME:
        raise sqlite3.DatabaseError("malformed record: a task has an invalid time")
    return float(time_s)


@rows.check_row((str, int))
def _row_to_host_count(row: rows.SqlRow) -> tuple[str, int]:
    host, count = row
    return host, count


def _select_note(sql: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Return a note; an invalid one is as good as none."""
    row = sql.execute("SELECT value FROM meta WHERE key = ?", (_NOTE_PREFIX + name,)).fetchone()
    try:
        note = json.loads(row[0]) if row else {}
    except (TypeError, ValueError, RecursionError):
        note = {}
    return note if isinstance(note, dict) else {}


@rows.check_row((str, str))
def _row_to_stale(row: rows.SqlRow) -> tuple[str, str]:
    name, url = row
    return name, url


def _insert_task(sql: sqlite3.Connection, task: Task) -> int:
    row = (task.url, task.kind, task.host, task.as_listed, task.parent, task.state, task.verdict, task.video)
    return sql.execute(
        "INSERT INTO task (url, kind, host, listed, parent, state, verdict, video) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (url) DO NOTHING",
        row,
    ).rowcount


def _requeue_tasks(sql: sqlite3.Connection, condition: str, links: Collection[str] | None) -> int:
    update = f"UPDATE task SET state = 'waiting', tries = 0, next_try = 0 WHERE {condition}"
    if links is None:
        return sql.execute(update).rowcount
    led_to_by_link = (
        "(url = ?1 OR parent = ?1 OR url IN (SELECT embed.url FROM embed JOIN article ON article.id = embed.article "
        "JOIN task link ON link.article = article.url WHERE link.url = ?1))"
    )
    return sum(sql.execute(f"{update} AND {led_to_by_link}", (link,)).rowcount for link in links)


def _select_next_task_id(
    sql: sqlite3.Connection, now: float, busy_hosts: Sequence[str], kinds: Sequence[TaskKind]
) -> int | None:
    not_busy = f"AND host NOT IN ({','.join('?' * len(busy_hosts))})" if busy_hosts else ""
    for kind in kinds:
        row = sql.execute(
            f"SELECT id FROM task WHERE state = 'later' AND kind = ? AND next_try <= ? {not_busy} "
            "ORDER BY next_try LIMIT 1",
            (kind, now, *busy_hosts),
        ).fetchone()
        row = (
            row
            or sql.execute(
                f"SELECT id FROM task WHERE state = 'waiting' AND kind = ? {not_busy} ORDER BY id LIMIT 1",
                (kind, *busy_hosts),
            ).fetchone()
        )
        if row:
            return int(row[0])
    return None


def _update_task(sql: sqlite3.Connection, task: Task, *, ended: float = 0.0) -> None:
    """Write the values of *task*.  The column `lease`, which only a run uses, then holds when its attempt *ended*."""
    values = (task.state, task.tries, task.next_try, task.verdict, task.reason, task.video, task.article)
    sql.execute(
        "UPDATE task SET state = ?, tries = ?, next_try = ?, verdict = ?, reason = ?, video = ?, article = ?, "
        "holder = '', lease = ? WHERE url = ?",
        (*values, ended, task.url),
    )


def _propagate_to_article(sql: sqlite3.Connection, article: str, url: str) -> None:
    row = sql.execute(f"SELECT {rows.TASK_COLUMNS} FROM task WHERE url = ?", (url,)).fetchone()
    if (outcome := last_outcome(_row_to_task(row))) is None:  # `finish` updates the article
        return
    condition = "url = :url AND article = (SELECT id FROM article WHERE url = :article)"
    _set_embed_state(sql, condition, {"url": url, "article": article}, outcome)


def _propagate_everywhere(sql: sqlite3.Connection, url: str, outcome: Outcome) -> None:
    _set_embed_state(sql, f"url = :url AND NOT {REPLACED_CONDITION}", {"url": url}, outcome)


def _set_embed_state(sql: sqlite3.Connection, where: str, params: dict[str, str], outcome: Outcome) -> None:
    update_embed_state(sql, where, params, state=outcome.embed_state, reason=outcome.reason, video=outcome.video)
