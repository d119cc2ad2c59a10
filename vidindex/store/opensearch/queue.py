"""The work queue on a cluster: what `store.queue` is in a folder, for any number of machines.

A task is one document.  It is taken by writing into it who has it, which holds only if nobody changed it since it was
read: of several that reach for it one gets it.  No machine sees another's locks, so the only sign of life is the lease
in a run's own document, which the run renews.  Clocks must agree within a part of a lease.

There are no transactions, so what takes two writes is done in an order that may be broken off anywhere: a task ends
first, marked as `untold`, then its articles are told, then the mark goes.  An article that comes in between finds the
task ended; a mark that stays behind is seen to by whoever comes by.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from ...model import Embed
from ..base import Retry
from ..base import Run as AnyRun
from ..retry import LOST, MOST_TRIES, ended
from ..sqlite.link_report import summed
from ..tasks import TURNS, LinkReport, Outcome, StateCount, Status, Task, TaskKind
from . import task_documents as rows
from .bulk import Write
from .client import Json
from .documents import Documents, Found

if TYPE_CHECKING:
    from .store import ClusterStore

LEASE_S = 300.0
"""How long a run may be silent; a runner renews its lease every minute."""

_TELL_S = 60.0
"""How long the articles of a task that ended may go untold before somebody else does it."""

_AHEAD = 50
"""Tasks that are looked up at once."""

_MISSES = 2
"""How often another may be faster before they are looked up again."""

_FRESH_S = 2.0
"""How long they are taken from before they are looked up again: what was put in since may have its turn before them."""

_SUCH: dict[Retry, Json] = {
    "failed": rows.is_in(["failed", "later"]),
    "dead": rows.is_in(["gone"]),
    "no-captions": {"bool": {"filter": [rows.is_in(["done"])], "must_not": [{"term": {"video": ""}}]}},
}


class Run:
    """A run's sign of life, under the name *token*."""

    def __init__(self, tasks: Documents, until: float) -> None:
        self.token = uuid.uuid4().hex
        self._tasks = tasks
        _renew(tasks, self.token, until)

    def end(self) -> None:
        """Take the sign back."""
        self._tasks.delete(_run(self.token))


class Queue:
    """The queue of a store on a cluster; times are seconds since 1970."""

    def __init__(self, tasks: Documents, store: ClusterStore, *, now: Callable[[], float] = time.time) -> None:
        self._tasks = tasks
        self._store = store
        self._now = now
        self._came = count(time.time_ns() // 1000)
        self._ahead: list[Found] = []
        self._looked = 0.0
        self._spread = 1

    # What is to be done

    def put(self, tasks: Iterable[Task]) -> int:
        """Put *tasks* in; those whose URL is there already stay as they are.  Counts the new ones."""
        given = 0

        def writes() -> Iterator[Write]:
            nonlocal given
            for task in tasks:
                given += 1
                yield self._new(task)

        return -len(self._tasks.bulk(writes())) + given

    def follow(self, article: str, embeds: Sequence[tuple[Embed, str]]) -> None:
        """Put the *embeds* of *article*, each with its host, in; what is known of one is told to the article."""
        there = self._tasks.bulk(self._new(Task(embed.url, "embed", host=host)) for embed, host in embeds)
        for source in self._tasks.several(there).values():
            if source["state"] in rows.ENDED:  # else its articles are told when it ends
                task = rows.read(source)
                self._settle(article, task.url, Outcome(task.state, task.verdict, task.reason, task.video))

    def retry(self, such: Retry, *, links: Collection[str] | None = None) -> int:
        """Have *such* done again, of the listed *links* and what they led to, or of all.  Counts them."""
        self._tasks.refresh()
        query = _SUCH[such]
        if links is None:
            return self._again(query, such)
        return sum(self._again(rows.led_to(query, link, self._embedded(link)), such) for link in links)

    def again(self, tasks: Iterable[Task]) -> int:
        """Have *tasks* done again, new or not, whatever became of them; those in hand are left alone."""
        return sum(
            self._tasks.create(rows.name_of(task.url), self._new(task).source or {}) or self._once_more(task)
            for task in tasks
        )

    def adopt(self, tasks: Iterable[Task]) -> None:
        """Put *tasks* in as they are, from another queue; what is known of one is forgotten."""
        self._tasks.bulk(replace(self._new(task), action="index") for task in tasks)

    # Working on it

    def begin(self) -> Run:
        """Begin a run, which may claim tasks until its end."""
        return Run(self._tasks, self._now() + LEASE_S)

    def claim(self, run: AnyRun, *, busy: Collection[str] = (), begin: bool = True) -> Task | None:
        """Take the next task that is due, on none of the *busy* hosts, for *run*; None where there is none now.

        Links come last, and only where more is to be begun.  What comes in meanwhile may have to wait for some seconds.
        """
        kinds = TURNS if begin else TURNS[:-1]
        fresh = time.monotonic() - self._looked < _FRESH_S
        task = self._take(run, busy, kinds) if fresh else None
        while task is None and self._look(busy, kinds):
            task = self._take(run, busy, kinds)
        return task

    def finish(self, task: Task, outcome: Outcome) -> Task:
        """Record how *task* went, for all articles that embed it, too; gives it as it is now."""
        done = ended(task, outcome, self._now())
        name = rows.name_of(task.url)
        untold = self._now() + _TELL_S
        self._tasks.change(name, lambda source: source and rows.changed(source, done) | {"untold": untold})
        self._tell(task.url, outcome)
        self._told(name)
        return done

    def note(self, url: str, kind: TaskKind, outcome: Outcome) -> None:
        """Record how a try outside the queue went."""

        def noted(source: Json | None) -> Json:
            source = source or self._new(Task(url, kind)).source or {}
            known = rows.read(source)
            tries = known.tries + 1 if known.state == "later" else 1
            return rows.changed(source, ended(replace(known, tries=tries), outcome, self._now()))

        self._tasks.change(rows.name_of(url), noted)

    def give_back(self, task: Task) -> None:
        """Put *task*, which was claimed and not tried, back."""

        def back(source: Json | None) -> Json | None:
            if source is None or source["state"] != "working":
                return None
            return _freed(source) | {"tries": max(source["tries"] - 1, 0)}

        self._tasks.change(rows.name_of(task.url), back)

    def renew(self, run: AnyRun) -> None:
        """Keep what *run* has for another while."""
        _renew(self._tasks, run.token, self._now() + LEASE_S)

    def free_lost(self) -> int:
        """Put back what is held by runs that have ended or gone silent.  Counts it."""
        self._tasks.refresh()
        held = list(self._tasks.search(rows.is_in(["working"]), sort=rows.BY_COMING))
        # Asked for by id and after the tasks: a run is there before it holds anything.
        runs = self._tasks.several({_run(found.source["holder"]) for found in held})
        alive = {name for name, source in runs.items() if source["lease"] >= self._now()}
        lost = [found for found in held if _run(found.source["holder"]) not in alive]
        self._tell_what_was_left()
        return self._rewrite(lost, lambda source: _freed(source) if source["tries"] < MOST_TRIES else _given_up(source))

    # Forgetting

    def forget_video(self, name: str) -> None:
        """Take out what led to the video *name*, which is removed."""
        self._tasks.refresh()
        self._tasks.delete_where({"term": {"video": name}})

    def forget_article(self, url: str, embeds: Iterable[str]) -> None:
        """Take out what led to the article *url*, which is removed, and those of its *embeds* that no other has."""
        self._tasks.refresh()
        self._tasks.delete_where({"term": {"article": url}})
        lonely = [rows.name_of(embed) for embed in embeds if not self._store.embeds(url=embed)]
        self._tasks.delete_where({"bool": {"filter": [{"term": {"kind": "embed"}}, {"ids": {"values": lonely}}]}})

    # Looking at it

    def task(self, url: str) -> Task | None:
        """Find the task with *url*."""
        found = self._tasks.get(rows.name_of(url))
        return rows.read(found.source) if found else None

    def tasks(self, *states: str) -> Iterator[Task]:
        """Give all tasks in one of *states*, all tasks where none is named, in the order in which they came."""
        self._tasks.refresh()
        for found in self._tasks.search(rows.is_in(states), sort=rows.BY_COMING):
            yield rows.read(found.source)

    def next_try(self) -> float:
        """Tell when the next of those that wait for another try is due; 0 where none is."""
        self._tasks.refresh()
        sums = self._tasks.sums({"due": {"min": {"field": "next_try"}}}, query=rows.is_in(["later"]))
        return float(sums["due"]["value"] or 0)

    def status(self) -> Status:
        """Count all tasks by kind and state."""
        due = self.next_try()
        states = {"terms": {"field": "state", "size": 10}}
        sums = self._tasks.sums({"kinds": {"terms": {"field": "kind", "size": 10}, "aggs": {"states": states}}})
        counts = sorted(
            (kind["key"], state["key"], state["doc_count"])
            for kind in sums["kinds"]["buckets"]
            for state in kind["states"]["buckets"]
        )
        failed = rows.is_in(["failed", "gone", "later"])
        verdicts = self._tasks.sums({"all": {"terms": {"field": "verdict", "size": 1000}}}, query=failed)["all"]
        reasons = sorted(
            ((each["key"], each["doc_count"]) for each in verdicts["buckets"]), key=lambda r: (-r[1], r[0])
        )
        runs = self._tasks.count({"range": {"lease": {"gte": self._now()}}})
        return Status(tuple(StateCount(*row) for row in counts), due, runs, tuple(reasons))

    def report(self, links: Iterable[str] | None = None) -> Iterator[LinkReport]:
        """Tell what became of *links*, or of all that were ever listed, in order."""
        self._tasks.refresh()
        if links is None:
            listed = {"bool": {"filter": [rows.is_in(())], "must_not": [{"term": {"listed": ""}}]}}
            links = (found.source["url"] for found in self._tasks.search(listed, sort=rows.BY_COMING))
        for url in links:
            if (task := self.task(url)) is not None:
                yield self._link_report(task)

    def stale(self, before: float) -> Iterator[Task]:
        """Give tasks for the videos that were asked for last *before* a time, in the way in which it worked then."""
        self._tasks.refresh()
        for name, url in self._store.checked_before(before):
            query = {"bool": {"filter": [{"term": {"video": name}}], "must_not": [{"term": {"kind": "link"}}]}}
            known = self._tasks.first(query, sort=rows.BY_COMING, limit=1)
            asked = known[0].source["url"] if known else url
            if asked.startswith(("http://", "https://")):
                yield rows.read(known[0].source) if known else self.task(asked) or Task(asked, "video", video=name)

    # Taking

    def _look(self, busy: Collection[str], kinds: Collection[TaskKind]) -> bool:
        """Look up what comes next; tell whether there is anything."""
        self._tasks.refresh()
        self._ahead = self._tasks.first(rows.due(self._now(), kinds, busy), sort=rows.BY_TURN, limit=_AHEAD)
        self._looked = time.monotonic()
        return bool(self._ahead)

    def _take(self, run: AnyRun, busy: Collection[str], kinds: Collection[TaskKind]) -> Task | None:
        """Take one of those ahead: the first, or where others reach for the same ones, one of the first few.

        None where none is left, or where others were faster several times.
        """
        for _ in range(_MISSES):
            fitting = [
                found for found in self._ahead if found.source["host"] not in busy and found.source["kind"] in kinds
            ]
            if not fitting:
                return None
            found = random.choice(fitting[: self._spread])  # noqa: S311
            self._ahead.remove(found)
            claimed = found.source | {"state": "working", "tries": found.source["tries"] + 1}
            claimed |= {"holder": run.token, "claim": uuid.uuid4().hex}
            if self._tasks.write(found.id, claimed, seen=found.seen) or self._is_mine(found.id, claimed["claim"]):
                self._spread = max(self._spread - 1, 1)
                return rows.read(claimed)
            self._spread = min(self._spread * 2, _AHEAD)
        return None

    def _is_mine(self, name: str, claim: str) -> bool:
        """Tell whether a claim went through after all: its answer may have been lost, and it was made again."""
        found = self._tasks.get(name)
        return found is not None and found.source["claim"] == claim

    # Telling articles

    def _tell(self, url: str, outcome: Outcome) -> None:
        """Settle all embeds with *url*, but for those that have another video than their own."""
        for state in self._store.embeds(url=url):
            if not state.is_replaced:
                self._settle(state.article, url, outcome)

    def _settle(self, article: str, url: str, outcome: Outcome) -> None:
        self._store.settle(article, url, state=outcome.embed_state, reason=outcome.reason, video=outcome.video)

    def _told(self, name: str) -> None:
        self._tasks.change(name, lambda source: source | {"untold": 0.0} if source and source["untold"] else None)

    def _tell_what_was_left(self) -> None:
        query = {"range": {"untold": {"gt": 0.0, "lt": self._now()}}}
        for found in list(self._tasks.search(query, sort=rows.BY_COMING)):
            task = rows.read(found.source)
            if task.state in rows.ENDED:
                self._tell(task.url, Outcome(task.state, task.verdict, task.reason, task.video))
            self._told(found.id)

    # Doing again

    def _new(self, task: Task) -> Write:
        return Write(rows.name_of(task.url), rows.document(task, next(self._came)), "create")

    def _again(self, query: Json, such: Retry) -> int:
        found: Iterable[Found] = self._tasks.search(query, sort=rows.BY_COMING)
        if such == "no-captions":
            found = (each for each in found if self._is_silent(each.source["video"]))
        return self._rewrite(list(found), _renewed)

    def _once_more(self, task: Task) -> bool:
        """Have a task done again that is there; tell whether nobody has it in hand."""
        done = self._tasks.change(
            rows.name_of(task.url),
            lambda source: None if source and source["state"] == "working" else _renewed(source or {}),
        )
        return done is not None and done["state"] == "waiting"

    def _rewrite(self, found: Sequence[Found], edit: Callable[[Json], Json]) -> int:
        """Change what is still as it was *found*; counts it."""
        writes = (Write(each.id, edit(each.source), seen=each.seen) for each in found)
        return len(found) - len(self._tasks.bulk(writes))

    def _is_silent(self, video: str) -> bool:
        return self._store.video(video) is not None and not self._store.tracks(video)

    def _embedded(self, link: str) -> list[str]:
        """Give the embeds of the article that a link led to."""
        task = self.task(link)
        return [state.embed.url for state in self._store.embeds(article=task.article)] if task and task.article else []

    def _link_report(self, task: Task) -> LinkReport:
        """Sum up *task* with all that it led to."""
        embeds = self._store.embeds(article=task.article) if task.article else []
        if task.article:
            known = self._tasks.several(rows.name_of(state.embed.url) for state in embeds)
            parts = [rows.read(source) for source in known.values()]
            videos = {state.video for state in embeds if state.video}
        else:
            entries = self._tasks.search({"term": {"parent": task.url}}, sort=rows.BY_COMING)
            parts = [rows.read(found.source) for found in entries]
            videos = {part.video for part in parts if part.video}
        reasons = [f"{part.verdict}: {part.reason}" for part in parts if part.state in ("failed", "gone", "later")]
        return summed(
            task,
            embeds=len(embeds),
            videos=len(videos),
            waiting=sum(part.state in ("waiting", "working", "later") for part in parts),
            failed=sum(part.state in ("failed", "gone") for part in parts),
            reason=max(reasons, default=""),
        )


def _run(token: str) -> str:
    return f"run-{token}"


def _renew(tasks: Documents, token: str, until: float) -> None:
    tasks.bulk([Write(_run(token), {"lease": until})])


def _freed(source: Json) -> Json:
    return source | {"state": "waiting", "holder": "", "claim": ""}


def _renewed(source: Json) -> Json:
    return source | {"state": "waiting", "tries": 0, "next_try": 0.0, "holder": "", "claim": ""}


def _given_up(source: Json) -> Json:
    """One that takes its run down each time must not do so for ever."""
    return _freed(source) | {"state": "failed", "reason": LOST}
