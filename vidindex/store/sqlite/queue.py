"""The work queue: what is to be done with links, embeds and videos, by whom, and when again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from ...model import Embed
from ..base import Retry
from ..base import Run as AnyRun
from ..retry import LOST, MOST_TRIES, ended
from ..tasks import TURNS, LinkReport, Outcome, StateCount, Status, Task, TaskKind
from . import rows
from .connection import Connection
from .embed_state import REPLACED, settle
from .link_report import link_report
from .run_locks import Run, living

LEASE_S = 900.0
"""How long a task is left to a run that shows no other sign of life, as one on another machine may."""

_SUCH: dict[Retry, str] = {
    "failed": "state IN ('failed', 'later')",
    "dead": "state = 'gone'",
    "no-captions": "state = 'done' AND video IN "
    "(SELECT video.name FROM video JOIN track ON track.video = video.id WHERE origin = 'none')",
}


class Queue:
    """The queue of a store.  Each method is one transaction; times are seconds since 1970."""

    def __init__(self, db: Connection, *, now: Callable[[], float] = time.time) -> None:
        self._db = db
        self._now = now

    # What is to be done

    def put(self, tasks: Iterable[Task]) -> int:
        """Put *tasks* in; those whose URL is there already stay as they are.  Counts the new ones."""
        with self._db.transaction() as sql:
            return sum(_insert(sql, task) for task in tasks)

    def follow(self, article: str, embeds: Sequence[tuple[Embed, str]]) -> None:
        """Put the *embeds* of *article*, each with its host, in; what is known of one is told to the article."""
        with self._db.transaction() as sql:
            for embed, host in embeds:
                if not _insert(sql, Task(embed.url, "embed", host=host)):
                    _tell_article(sql, article, embed.url)

    def retry(self, such: Retry, *, links: Collection[str] | None = None) -> int:
        """Have *such* done again, of the listed *links* and what they led to, or of all.  Counts them."""
        with self._db.transaction() as sql:
            return _again(sql, _SUCH[such], links)

    def again(self, tasks: Iterable[Task]) -> int:
        """Have *tasks* done again, new or not, whatever became of them; those in hand are left alone."""
        count = 0
        with self._db.transaction() as sql:
            for task in tasks:
                count += _insert(sql, task) or _again(sql, "state <> 'working'", [task.url])
        return count

    def adopt(self, tasks: Iterable[Task]) -> None:
        """Put *tasks* in as they are, from another queue; what is known of one is forgotten."""
        with self._db.transaction() as sql:
            for task in tasks:
                _insert(sql, task)
                _update(sql, task)

    # Working on it

    def begin(self) -> Run:
        """Begin a run, which may claim tasks until its end."""
        return Run(self._db.folder)

    def claim(self, run: AnyRun, *, busy: Collection[str] = (), begin: bool = True) -> Task | None:
        """Take the next task that is due, on none of the *busy* hosts, for *run*; None where there is none now.

        Links come last, and only where more is to be begun.
        """
        now = self._now()
        with self._db.transaction() as sql:
            id_ = _next(sql, now, tuple(busy), TURNS if begin else TURNS[:-1])
            if id_ is None:
                return None
            row = sql.execute(
                "UPDATE task SET state = 'working', tries = tries + 1, holder = ?, lease = ? WHERE id = ? "
                f"RETURNING {rows.TASK_COLUMNS}",
                (run.token, now + LEASE_S, id_),
            ).fetchone()
        return Task(*row)

    def finish(self, task: Task, outcome: Outcome) -> Task:
        """Record how *task* went, for all articles that embed it, too; gives it as it is now."""
        with self._db.transaction() as sql:
            done = ended(task, outcome, self._now())
            _update(sql, done)
            _settle_everywhere(sql, task.url, outcome)
        return done

    def note(self, url: str, kind: TaskKind, outcome: Outcome) -> None:
        """Record how a try outside the queue went."""
        with self._db.transaction() as sql:
            _insert(sql, Task(url, kind))
            row = sql.execute(f"SELECT {rows.TASK_COLUMNS} FROM task WHERE url = ?", (url,)).fetchone()
            known = Task(*row)
            tries = known.tries + 1 if known.state == "later" else 1
            _update(sql, ended(replace(known, tries=tries), outcome, self._now()))

    def give_back(self, task: Task) -> None:
        """Put *task*, which was claimed and not tried, back."""
        with self._db.transaction() as sql:
            sql.execute(
                "UPDATE task SET state = 'waiting', tries = max(tries - 1, 0), holder = '', lease = 0 "
                "WHERE url = ? AND state = 'working'",
                (task.url,),
            )

    def renew(self, run: AnyRun) -> None:
        """Keep what *run* has for another while."""
        with self._db.transaction() as sql:
            sql.execute("UPDATE task SET lease = ? WHERE holder = ?", (self._now() + LEASE_S, run.token))

    def free_lost(self) -> int:
        """Put back what is held by runs that have ended or gone silent.  Counts it."""
        alive = sorted(living(self._db.folder))
        holes = ",".join("?" * len(alive))
        with self._db.transaction() as sql:
            # One that takes its run down each time must not do so for ever.
            return sql.execute(
                f"UPDATE task SET state = CASE WHEN tries < {MOST_TRIES} THEN 'waiting' ELSE 'failed' END, "
                f"reason = CASE WHEN tries < {MOST_TRIES} THEN reason ELSE ? END, holder = '', lease = 0 "
                f"WHERE state = 'working' AND (lease < ? OR holder NOT IN ({holes}))",
                (LOST, self._now(), *alive),
            ).rowcount

    # Looking at it

    def task(self, url: str) -> Task | None:
        """Find the task with *url*."""
        return next(self._tasks("url = ?", (url,)), None)

    def tasks(self, *states: str) -> Iterator[Task]:
        """Give all tasks in one of *states*, all tasks where none is named, in the order in which they came."""
        return self._tasks(f"state IN ({','.join('?' * len(states))})" if states else "1", states)

    def _tasks(self, where: str, values: Sequence[object]) -> Iterator[Task]:
        with self._db.errors():
            query = f"SELECT {rows.TASK_COLUMNS} FROM task WHERE {where} ORDER BY id"
            for row in self._db.here.execute(query, tuple(values)):
                yield Task(*row)

    def next_try(self) -> float:
        """Tell when the next of those that wait for another try is due; 0 where none is."""
        with self._db.errors():
            (due,) = self._db.here.execute("SELECT min(next_try) FROM task WHERE state = 'later'").fetchone()
        return float(due or 0)

    def status(self) -> Status:
        """Count all tasks by kind and state."""
        with self._db.errors():
            counted = self._db.here.execute("SELECT kind, state, count(*) FROM task GROUP BY kind, state").fetchall()
            reasons = self._db.here.execute(
                "SELECT verdict, count(*) FROM task WHERE state IN ('failed', 'gone', 'later') "
                "GROUP BY verdict ORDER BY count(*) DESC, verdict"
            ).fetchall()
        counts = tuple(StateCount(*row) for row in counted)
        return Status(counts, self.next_try(), len(living(self._db.folder)), tuple(reasons))

    def report(self, links: Iterable[str] | None = None) -> Iterator[LinkReport]:
        """Tell what became of *links*, or of all that were ever listed, in order."""
        with self._db.errors():
            sql = self._db.here
            if links is None:
                links = (row[0] for row in sql.execute("SELECT url FROM task WHERE listed <> '' ORDER BY id"))
            for url in links:
                if (task := self.task(url)) is not None:
                    yield link_report(sql, task)

    def stale(self, before: float) -> Iterator[Task]:
        """Give tasks for the videos that were asked for last *before* a time, in the way in which it worked then."""
        with self._db.errors():
            found = self._db.here.execute(
                "SELECT video.name, coalesce((SELECT url FROM task WHERE task.video = video.name AND kind <> 'link' "
                "LIMIT 1), video.url) FROM video WHERE checked < ? ORDER BY checked, video.id",
                (before,),
            ).fetchall()
        for name, url in found:
            if url.startswith(("http://", "https://")):
                yield self.task(url) or Task(url, "video", video=name)


def _insert(sql: sqlite3.Connection, task: Task) -> int:
    row = (task.url, task.kind, task.host, task.listed, task.parent, task.state, task.verdict, task.video)
    return sql.execute(
        "INSERT INTO task (url, kind, host, listed, parent, state, verdict, video) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (url) DO NOTHING",
        row,
    ).rowcount


def _again(sql: sqlite3.Connection, such: str, links: Collection[str] | None) -> int:
    change = f"UPDATE task SET state = 'waiting', tries = 0, next_try = 0 WHERE {such}"
    if links is None:
        return sql.execute(change).rowcount
    theirs = (
        "(url = ?1 OR parent = ?1 OR url IN (SELECT embed.url FROM embed JOIN article ON article.id = embed.article "
        "JOIN task link ON link.article = article.url WHERE link.url = ?1))"
    )
    return sum(sql.execute(f"{change} AND {theirs}", (link,)).rowcount for link in links)


def _next(sql: sqlite3.Connection, now: float, busy: Sequence[str], kinds: Sequence[TaskKind]) -> int | None:
    free = f"AND host NOT IN ({','.join('?' * len(busy))})" if busy else ""
    for kind in kinds:
        row = sql.execute(
            f"SELECT id FROM task WHERE state = 'later' AND kind = ? AND next_try <= ? {free} "
            "ORDER BY next_try LIMIT 1",
            (kind, now, *busy),
        ).fetchone()
        row = (
            row
            or sql.execute(
                f"SELECT id FROM task WHERE state = 'waiting' AND kind = ? {free} ORDER BY id LIMIT 1", (kind, *busy)
            ).fetchone()
        )
        if row:
            return int(row[0])
    return None


def _update(sql: sqlite3.Connection, task: Task) -> None:
    sql.execute(
        "UPDATE task SET state = ?, tries = ?, next_try = ?, verdict = ?, reason = ?, video = ?, article = ?, "
        "holder = '', lease = 0 WHERE url = ?",
        (task.state, task.tries, task.next_try, task.verdict, task.reason, task.video, task.article, task.url),
    )


def _tell_article(sql: sqlite3.Connection, article: str, url: str) -> None:
    row = sql.execute(f"SELECT {rows.TASK_COLUMNS} FROM task WHERE url = ?", (url,)).fetchone()
    task = Task(*row)
    if task.state in ("waiting", "working"):  # its articles are told when it ends
        return
    outcome = Outcome(task.state, task.verdict, task.reason, task.video)
    place = "url = :url AND article = (SELECT id FROM article WHERE url = :article)"
    _settle(sql, place, {"url": url, "article": article}, outcome)


def _settle_everywhere(sql: sqlite3.Connection, url: str, outcome: Outcome) -> None:
    _settle(sql, f"url = :url AND NOT {REPLACED}", {"url": url}, outcome)


def _settle(sql: sqlite3.Connection, where: str, place: dict[str, str], outcome: Outcome) -> None:
    settle(sql, where, place, state=outcome.embed_state, reason=outcome.reason, video=outcome.video)
