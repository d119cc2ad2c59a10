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
from ..base import RetryGroup
from ..base import WorkerRun as AnyRun
from ..retry import CRASH_LOOP_REASON, MAX_TRIES, next_state
from ..sqlite.link_report import build_link_report
from ..tasks import KIND_PRIORITY, LinkReport, Outcome, QueueStatus, StateCount, Task, TaskKind
from . import task_documents as rows
from .bulk import BulkWrite
from .client import JsonObject
from .documents import DocumentIndex, SearchedDocument

if TYPE_CHECKING:
    from .store import OpenSearchStore

TASK_LEASE_S = 300.0
"""How long a run may be silent; a runner renews its lease every minute."""

_PROPAGATION_TIMEOUT_S = 60.0
"""How long the articles of a task that ended may go untold before somebody else does it."""

_PREFETCHED_TASKS = 50
"""Tasks that are looked up at once."""

_MAX_LOST_CLAIMS = 2
"""How often another may be faster before they are looked up again."""

_PREFETCH_LIFETIME_S = 2.0
"""How long they are taken from before they are looked up again: what was put in since may have its turn before them."""

_RETRY_QUERIES: dict[RetryGroup, JsonObject] = {
    "failed": rows.query_by_state(["failed", "later"]),
    "dead": rows.query_by_state(["gone"]),
    "no-captions": {"bool": {"filter": [rows.query_by_state(["done"])], "must_not": [{"term": {"video": ""}}]}},
}


class OpenSearchRun:
    """A run's sign of life, under the name *token*."""

    def __init__(self, tasks: DocumentIndex, lease_until: float) -> None:
        self.token = uuid.uuid4().hex
        self._tasks = tasks
        _write_lease(tasks, self.token, lease_until)

    def end(self) -> None:
        """Take the sign back."""
        self._tasks.delete(_run_document_id(self.token))


class OpenSearchQueue:
    """The queue of a store on a cluster; times are seconds since 1970."""

    def __init__(self, tasks: DocumentIndex, store: OpenSearchStore, *, now: Callable[[], float] = time.time) -> None:
        self._tasks = tasks
        self._store = store
        self._now = now
        self._arrivals = count(time.time_ns() // 1000)
        self._prefetched: list[SearchedDocument] = []
        self._prefetched_at = 0.0
        self._choice_window = 1

    # What is to be done

    def add_tasks(self, tasks: Iterable[Task]) -> int:
        """Put *tasks* in; those whose URL is there already stay as they are.  Counts the new ones."""
        given = 0

        def build_writes() -> Iterator[BulkWrite]:
            nonlocal given
            for task in tasks:
                given += 1
                yield self._build_create(task)

        return -len(self._tasks.bulk_write(build_writes())) + given

    def add_embeds(self, article: str, embeds: Sequence[tuple[Embed, str]]) -> None:
        """Put the *embeds* of *article*, each with its host, in; what is known of one is told to the article."""
        there = self._tasks.bulk_write(
            self._build_create(Task(embed.url, "embed", host=host)) for embed, host in embeds
        )
        for source in self._tasks.get_many(there).values():
            if source["state"] in rows.ENDED_STATES:  # else its articles are told when it ends
                task = rows.parse_task(source)
                self._set_embed_state(article, task.url, Outcome(task.state, task.verdict, task.reason, task.video))

    def retry_tasks(self, group: RetryGroup, *, links: Collection[str] | None = None) -> int:
        """Have *such* done again, of the listed *links* and what they led to, or of all.  Counts them."""
        self._tasks.refresh()
        query = _RETRY_QUERIES[group]
        if links is None:
            return self._requeue_matching(query, group)
        return sum(
            self._requeue_matching(rows.query_descendants(query, link, self._list_embed_urls(link)), group)
            for link in links
        )

    def requeue(self, tasks: Iterable[Task]) -> int:
        """Have *tasks* done again, new or not, whatever became of them; those in hand are left alone."""
        return sum(
            self._tasks.create(rows.document_key(task.url), self._build_create(task).source or {})
            or self._requeue_task(task)
            for task in tasks
        )

    def import_tasks(self, tasks: Iterable[Task]) -> None:
        """Put *tasks* in as they are, from another queue; what is known of one is forgotten."""
        self._tasks.bulk_write(replace(self._build_create(task), action="index") for task in tasks)

    # Working on it

    def begin_run(self) -> OpenSearchRun:
        """Begin a run, which may claim tasks until its end."""
        return OpenSearchRun(self._tasks, self._now() + TASK_LEASE_S)

    def claim(self, run: AnyRun, *, busy_hosts: Collection[str] = (), include_links: bool = True) -> Task | None:
        """Take the next task that is due, on none of the *busy* hosts, for *run*; None where there is none now.

        Links come last, and only where more is to be begun.  What comes in meanwhile may have to wait for some seconds.
        """
        kinds = KIND_PRIORITY if include_links else KIND_PRIORITY[:-1]
        fresh = time.monotonic() - self._prefetched_at < _PREFETCH_LIFETIME_S
        task = self._claim_prefetched(run, busy_hosts, kinds) if fresh else None
        while task is None and self._prefetch_tasks(busy_hosts, kinds):
            task = self._claim_prefetched(run, busy_hosts, kinds)
        return task

    def finish(self, task: Task, outcome: Outcome) -> Task:
        """Record how *task* went, for all articles that embed it, too; gives it as it is now."""
        done = next_state(task, outcome, self._now())
        name = rows.document_key(task.url)
        untold = self._now() + _PROPAGATION_TIMEOUT_S
        self._tasks.update(name, lambda source: source and rows.merge_task(source, done) | {"untold": untold})
        self._propagate_outcome(task.url, outcome)
        self._mark_propagated(name)
        return done

    def record_attempt(self, url: str, kind: TaskKind, outcome: Outcome) -> None:
        """Record how a try outside the queue went."""

        def add_attempt(source: JsonObject | None) -> JsonObject:
            source = source or self._build_create(Task(url, kind)).source or {}
            known = rows.parse_task(source)
            tries = known.tries + 1 if known.state == "later" else 1
            return rows.merge_task(source, next_state(replace(known, tries=tries), outcome, self._now()))

        self._tasks.update(rows.document_key(url), add_attempt)

    def release(self, task: Task) -> None:
        """Put *task*, which was claimed and not tried, back."""

        def release_task(source: JsonObject | None) -> JsonObject | None:
            if source is None or source["state"] != "working":
                return None
            return _release_document(source) | {"tries": max(source["tries"] - 1, 0)}

        self._tasks.update(rows.document_key(task.url), release_task)

    def renew_lease(self, run: AnyRun) -> None:
        """Keep what *run* has for another while."""
        _write_lease(self._tasks, run.token, self._now() + TASK_LEASE_S)

    def requeue_expired(self) -> int:
        """Put back what is held by runs that have ended or gone silent.  Counts it."""
        self._tasks.refresh()
        held = list(self._tasks.search(rows.query_by_state(["working"]), sort=rows.SORT_BY_ARRIVAL))
        # Asked for by id and after the tasks: a run is there before it holds anything.
        runs = self._tasks.get_many({_run_document_id(found.source["holder"]) for found in held})
        alive = {name for name, source in runs.items() if source["lease"] >= self._now()}
        lost = [found for found in held if _run_document_id(found.source["holder"]) not in alive]
        self._propagate_remaining()
        return self._rewrite_tasks(
            lost, lambda source: _release_document(source) if source["tries"] < MAX_TRIES else _fail_document(source)
        )

    # Forgetting

    def remove_video_tasks(self, name: str) -> None:
        """Take out what led to the video *name*, which is removed."""
        self._tasks.refresh()
        self._tasks.delete_by_query({"term": {"video": name}})

    def remove_article_tasks(self, url: str, embeds: Iterable[str]) -> None:
        """Take out what led to the article *url*, which is removed, and those of its *embeds* that no other has."""
        self._tasks.refresh()
        self._tasks.delete_by_query({"term": {"article": url}})
        lonely = [rows.document_key(embed) for embed in embeds if not self._store.list_embeds(url=embed)]
        self._tasks.delete_by_query({"bool": {"filter": [{"term": {"kind": "embed"}}, {"ids": {"values": lonely}}]}})

    # Looking at it

    def find_task(self, url: str) -> Task | None:
        """Find the task with *url*."""
        found = self._tasks.get(rows.document_key(url))
        return rows.parse_task(found.source) if found else None

    def list_tasks(self, *states: str) -> Iterator[Task]:
        """Give all tasks in one of *states*, all tasks where none is named, in the order in which they came."""
        self._tasks.refresh()
        for found in self._tasks.search(rows.query_by_state(states), sort=rows.SORT_BY_ARRIVAL):
            yield rows.parse_task(found.source)

    def next_try_at(self) -> float:
        """Tell when the next of those that wait for another try is due; 0 where none is."""
        self._tasks.refresh()
        sums = self._tasks.aggregate({"due": {"min": {"field": "next_try"}}}, query=rows.query_by_state(["later"]))
        return float(sums["due"]["value"] or 0)

    def read_status(self) -> QueueStatus:
        """Count all tasks by kind and state."""
        due = self.next_try_at()
        states = {"terms": {"field": "state", "size": 10}}
        sums = self._tasks.aggregate({"kinds": {"terms": {"field": "kind", "size": 10}, "aggs": {"states": states}}})
        counts = sorted(
            (kind["key"], state["key"], state["doc_count"])
            for kind in sums["kinds"]["buckets"]
            for state in kind["states"]["buckets"]
        )
        failed = rows.query_by_state(["failed", "gone", "later"])
        verdicts = self._tasks.aggregate({"all": {"terms": {"field": "verdict", "size": 1000}}}, query=failed)["all"]
        reasons = sorted(
            ((each["key"], each["doc_count"]) for each in verdicts["buckets"]), key=lambda r: (-r[1], r[0])
        )
        runs = self._tasks.count({"range": {"lease": {"gte": self._now()}}})
        return QueueStatus(tuple(StateCount(*row) for row in counts), due, runs, tuple(reasons))

    def report_links(self, links: Iterable[str] | None = None) -> Iterator[LinkReport]:
        """Tell what became of *links*, or of all that were ever listed, in order."""
        self._tasks.refresh()
        if links is None:
            listed = {"bool": {"filter": [rows.query_by_state(())], "must_not": [{"term": {"listed": ""}}]}}
            links = (found.source["url"] for found in self._tasks.search(listed, sort=rows.SORT_BY_ARRIVAL))
        for url in links:
            if (task := self.find_task(url)) is not None:
                yield self._read_link_report(task)

    def list_stale_tasks(self, before: float) -> Iterator[Task]:
        """Give tasks for the videos that were asked for last *before* a time, in the way in which it worked then."""
        self._tasks.refresh()
        for name, url in self._store.list_checked_before(before):
            query = {"bool": {"filter": [{"term": {"video": name}}], "must_not": [{"term": {"kind": "link"}}]}}
            known = self._tasks.search_first(query, sort=rows.SORT_BY_ARRIVAL, limit=1)
            asked = known[0].source["url"] if known else url
            if asked.startswith(("http://", "https://")):
                yield (
                    rows.parse_task(known[0].source)
                    if known
                    else self.find_task(asked) or Task(asked, "video", video=name)
                )

    # Taking

    def _prefetch_tasks(self, busy_hosts: Collection[str], kinds: Collection[TaskKind]) -> bool:
        """Look up what comes next; tell whether there is anything."""
        self._tasks.refresh()
        self._prefetched = self._tasks.search_first(
            rows.query_due_tasks(self._now(), kinds, busy_hosts), sort=rows.SORT_BY_PRIORITY, limit=_PREFETCHED_TASKS
        )
        self._prefetched_at = time.monotonic()
        return bool(self._prefetched)

    def _claim_prefetched(self, run: AnyRun, busy_hosts: Collection[str], kinds: Collection[TaskKind]) -> Task | None:
        """Take one of those ahead: the first, or where others reach for the same ones, one of the first few.

        None where none is left, or where others were faster several times.
        """
        for _ in range(_MAX_LOST_CLAIMS):
            fitting = [
                found
                for found in self._prefetched
                if found.source["host"] not in busy_hosts and found.source["kind"] in kinds
            ]
            if not fitting:
                return None
            found = random.choice(fitting[: self._choice_window])  # noqa: S311
            self._prefetched.remove(found)
            claimed = found.source | {"state": "working", "tries": found.source["tries"] + 1}
            claimed |= {"holder": run.token, "claim": uuid.uuid4().hex}
            if self._tasks.write(found.id, claimed, version=found.version) or self._has_claim(
                found.id, claimed["claim"]
            ):
                self._choice_window = max(self._choice_window - 1, 1)
                return rows.parse_task(claimed)
            self._choice_window = min(self._choice_window * 2, _PREFETCHED_TASKS)
        return None

    def _has_claim(self, name: str, claim: str) -> bool:
        """Tell whether a claim went through after all: its answer may have been lost, and it was made again."""
        found = self._tasks.get(name)
        return found is not None and found.source["claim"] == claim

    # Telling articles

    def _propagate_outcome(self, url: str, outcome: Outcome) -> None:
        """Settle all embeds with *url*, but for those that have another video than their own."""
        for state in self._store.list_embeds(url=url):
            if not state.is_replaced:
                self._set_embed_state(state.article, url, outcome)

    def _set_embed_state(self, article: str, url: str, outcome: Outcome) -> None:
        self._store.set_embed_state(article, url, state=outcome.embed_state, reason=outcome.reason, video=outcome.video)

    def _mark_propagated(self, name: str) -> None:
        self._tasks.update(name, lambda source: source | {"untold": 0.0} if source and source["untold"] else None)

    def _propagate_remaining(self) -> None:
        query = {"range": {"untold": {"gt": 0.0, "lt": self._now()}}}
        for found in list(self._tasks.search(query, sort=rows.SORT_BY_ARRIVAL)):
            task = rows.parse_task(found.source)
            if task.state in rows.ENDED_STATES:
                self._propagate_outcome(task.url, Outcome(task.state, task.verdict, task.reason, task.video))
            self._mark_propagated(found.id)

    # Doing again

    def _build_create(self, task: Task) -> BulkWrite:
        return BulkWrite(rows.document_key(task.url), rows.build_task_document(task, next(self._arrivals)), "create")

    def _requeue_matching(self, query: JsonObject, group: RetryGroup) -> int:
        found: Iterable[SearchedDocument] = self._tasks.search(query, sort=rows.SORT_BY_ARRIVAL)
        if group == "no-captions":
            found = (each for each in found if self._has_no_captions(each.source["video"]))
        return self._rewrite_tasks(list(found), _reset_document)

    def _requeue_task(self, task: Task) -> bool:
        """Have a task done again that is there; tell whether nobody has it in hand."""
        done = self._tasks.update(
            rows.document_key(task.url),
            lambda source: None if source and source["state"] == "working" else _reset_document(source or {}),
        )
        return done is not None and done["state"] == "waiting"

    def _rewrite_tasks(self, found: Sequence[SearchedDocument], edit: Callable[[JsonObject], JsonObject]) -> int:
        """Change what is still as it was *found*; counts it."""
        writes = (BulkWrite(each.id, edit(each.source), version=each.version) for each in found)
        return len(found) - len(self._tasks.bulk_write(writes))

    def _has_no_captions(self, video: str) -> bool:
        return self._store.find_video(video) is not None and not self._store.list_tracks(video)

    def _list_embed_urls(self, link: str) -> list[str]:
        """Give the embeds of the article that a link led to."""
        task = self.find_task(link)
        return (
            [state.embed.url for state in self._store.list_embeds(article=task.article)]
            if task and task.article
            else []
        )

    def _read_link_report(self, task: Task) -> LinkReport:
        """Sum up *task* with all that it led to."""
        embeds = self._store.list_embeds(article=task.article) if task.article else []
        if task.article:
            known = self._tasks.get_many(rows.document_key(state.embed.url) for state in embeds)
            parts = [rows.parse_task(source) for source in known.values()]
            videos = {state.video for state in embeds if state.video}
        else:
            entries = self._tasks.search({"term": {"parent": task.url}}, sort=rows.SORT_BY_ARRIVAL)
            parts = [rows.parse_task(found.source) for found in entries]
            videos = {part.video for part in parts if part.video}
        reasons = [f"{part.verdict}: {part.reason}" for part in parts if part.state in ("failed", "gone", "later")]
        return build_link_report(
            task,
            embeds=len(embeds),
            videos=len(videos),
            waiting=sum(part.state in ("waiting", "working", "later") for part in parts),
            failed=sum(part.state in ("failed", "gone") for part in parts),
            reason=max(reasons, default=""),
        )


def _run_document_id(token: str) -> str:
    return f"run-{token}"


def _write_lease(tasks: DocumentIndex, token: str, lease_until: float) -> None:
    tasks.bulk_write([BulkWrite(_run_document_id(token), {"lease": lease_until})])


def _release_document(source: JsonObject) -> JsonObject:
    return source | {"state": "waiting", "holder": "", "claim": ""}


def _reset_document(source: JsonObject) -> JsonObject:
    return source | {"state": "waiting", "tries": 0, "next_try": 0.0, "holder": "", "claim": ""}


def _fail_document(source: JsonObject) -> JsonObject:
    """One that takes its run down each time must not do so for ever."""
    return _release_document(source) | {"state": "failed", "reason": CRASH_LOOP_REASON}
