"""The work queue on a cluster, for any number of machines.

A task is one document.  A run claims it by writing its token into it, with the version that it has read: of several
runs that claim the same task, one succeeds.  A machine does not see the locks of another, so the only sign of life is
the lease in the document of a run, which the run renews.  Clocks must agree within a fraction of a lease.

There are no transactions, so a change that takes two writes is made in an order that may be interrupted anywhere.  A
task ends first, marked as `untold`; then the embeds of its articles are updated; then the mark is removed.  An article
that is added in between finds the ended task.  A mark that is left behind is handled by the next machine.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Protocol

from ...model import Article, Embed, EmbedRecord, EmbedState, Track, Video
from ...net.traffic import site_of
from ..base import Queue, RetryGroup, WorkerRun
from ..pauses import PAUSES_NOTE, count_by_site, list_pauses
from ..retry import CRASH_LOOP_REASON, MAX_TRIES, next_state
from ..sqlite.link_report import build_link_report, embed_part, task_part
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
from . import task_documents as rows
from .bulk import BulkWrite
from .client import JsonObject
from .documents import DocumentIndex, SearchedDocument

TASK_LEASE_S = 300.0
"""How long a run keeps its tasks without renewing its lease; it renews it every minute."""

_PROPAGATION_TIMEOUT_S = 60.0
"""After this time, any machine updates the articles of a task that has ended."""

_EMBEDDED = 4e9
"""The mark of the task of a link that an article embeds, too: a time in the far future."""

_PREFETCHED_TASKS = 50
"""Due tasks that one query reads."""

_MAX_LOST_CLAIMS = 2
"""How many claims may fail before the due tasks are read again."""

_PREFETCH_LIFETIME_S = 2.0
"""How long prefetched tasks are used before they are read again: new tasks may have a higher priority."""

_MAX_COUNTED_HOSTS = 10_000
"""Hosts with the most open tasks that are counted."""

_MAX_IDS_PER_QUERY = 1000

_RETRY_QUERIES: dict[RetryGroup, JsonObject] = {
    "failed": rows.query_by_state(["failed", "later"]),
    "dead": rows.query_by_state(["gone"]),
    "no-captions": {"bool": {"filter": [rows.query_by_state(["done"])], "must_not": [{"term": {"video": ""}}]}},
}


class QueueStore(Protocol):
    """The methods of the store that the queue uses."""

    def list_embeds(self, *, article: str = "", url: str = "") -> list[EmbedRecord]:
        """Return the embeds of an article, or all embeds with a URL."""

    def set_embed_state(
        self, article: str, embed: str, *, state: EmbedState, reason: str = "", video: str = ""
    ) -> None:
        """Record the state of an embed."""

    def find_article(self, url: str) -> Article | None:
        """Find an article by its URL."""

    def get_video(self, id_: str) -> Video | None:
        """Find a video by its id."""

    def list_tracks(self, video: str) -> list[tuple[int, Track]]:
        """Return the tracks of a video with their ids."""

    def list_checked_before(self, before: float) -> Iterator[tuple[str, str]]:
        """Yield the id and URL of each video that was last checked before a time."""


class OpenSearchRun(WorkerRun):
    """A run whose document holds its lease."""

    def __init__(self, tasks: DocumentIndex, lease_until: float) -> None:
        self.token = uuid.uuid4().hex
        self._tasks = tasks
        _write_lease(tasks, self.token, lease_until)

    def end(self) -> None:
        self._tasks.delete(_run_document_id(self.token))


class OpenSearchQueue(Queue):
    """The queue of a store on a cluster.  Several threads may use it, one of them to claim tasks."""

    def __init__(self, tasks: DocumentIndex, store: QueueStore, *, now: Callable[[], float] = time.time) -> None:
        self._tasks = tasks
        self._store = store
        self._now = now
        self._arrivals = count(time.time_ns() // 1000)
        self._prefetched: list[SearchedDocument] = []
        self._prefetched_at = 0.0
        self._choice_window = 1
        self._claimed: dict[str, SearchedDocument] = {}

    # Adding tasks

    def add_tasks(self, tasks: Iterable[Task]) -> int:
        total = 0

        def build_writes() -> Iterator[BulkWrite]:
            nonlocal total
            for task in tasks:
                total += 1
                yield self._build_create(task)

        conflicts = self._tasks.bulk_write(build_writes())
        return total - len(conflicts)

    def add_embeds(self, article: str, embeds: Sequence[tuple[Embed, str]]) -> None:
        existing = self._tasks.bulk_write(
            self._build_create(Task(embed.url, "embed", host=host)) for embed, host in embeds
        )
        for name, found in self._tasks.get_many(existing).items():
            source = found if _mark_embedded(found) is None else self._tasks.update(name, _mark_embedded)
            task = rows.parse_task(source or found)
            if (outcome := last_outcome(task)) is not None:  # otherwise `finish` updates the article
                self._set_embed_state(article, task.url, outcome)

    def retry_tasks(self, group: RetryGroup, *, links: Collection[str] | None = None) -> int:
        self._tasks.refresh()
        query = _RETRY_QUERIES[group]
        if links is None:
            return self._requeue_matching(query, group)
        return sum(
            self._requeue_matching(rows.query_descendants(query, link, self._list_embed_urls(link)), group)
            for link in links
        )

    def requeue(self, tasks: Iterable[Task]) -> int:
        return sum(
            self._tasks.create(rows.document_key(task.url), self._build_create(task).source or {})
            or self._requeue_task(task)
            for task in tasks
        )

    def import_tasks(self, tasks: Iterable[Task]) -> None:
        self._tasks.bulk_write(replace(self._build_create(task), action="index") for task in tasks)

    # Running tasks

    def begin_run(self) -> OpenSearchRun:
        return OpenSearchRun(self._tasks, self._now() + TASK_LEASE_S)

    def claim(self, run: WorkerRun, *, busy_hosts: Collection[str] = (), include_links: bool = True) -> Task | None:
        """Claim the next due task for *run*, as `Queue.claim` does; a new task may be seen a few seconds late."""
        kinds = KIND_PRIORITY if include_links else KIND_PRIORITY[:-1]
        fresh = time.monotonic() - self._prefetched_at < _PREFETCH_LIFETIME_S
        task = self._claim_prefetched(run, busy_hosts, kinds) if fresh else None
        while task is None and self._prefetch_tasks(busy_hosts, kinds):
            task = self._claim_prefetched(run, busy_hosts, kinds)
        return task

    def claim_task(self, run: WorkerRun, url: str) -> Task | None:
        claim, name = uuid.uuid4().hex, rows.document_key(url)

        def claim_if_due(source: JsonObject | None) -> JsonObject | None:
            if source is None or not _is_due(source, self._now()):
                return None
            return _claim_document(source, run, claim)

        document = self._tasks.update(name, claim_if_due)
        return rows.parse_task(document) if document is not None and document["claim"] == claim else None

    def finish(self, task: Task, outcome: Outcome) -> Task:
        now = self._now()
        done = next_state(task, outcome, now)
        name = rows.document_key(task.url)

        def end_task(source: JsonObject | None) -> JsonObject | None:
            marks = {"lease": now} if source and _concerns_no_embed(source, outcome) else marks_of_embed
            return source and rows.merge_task(source, done) | marks

        marks_of_embed = {"untold": now + _PROPAGATION_TIMEOUT_S, "lease": now}
        ended = self._tasks.update_known(name, self._claimed.pop(name, None), end_task)
        if ended is None or ended.source["untold"]:
            self._propagate_outcome(task.url, outcome)
            self._mark_propagated(name, ended)
        return done

    def record_attempt(self, url: str, kind: TaskKind, outcome: Outcome) -> None:
        def add_attempt(source: JsonObject | None) -> JsonObject:
            source = source or self._build_create(Task(url, kind, host=site_of(url))).source or {}
            task = rows.parse_task(source)
            tries, now = task.tries + 1 if task.state == "later" else 1, self._now()
            return rows.merge_task(source, next_state(replace(task, tries=tries), outcome, now)) | {"lease": now}

        self._tasks.update(rows.document_key(url), add_attempt)

    def release(self, task: Task) -> None:
        def release_task(source: JsonObject | None) -> JsonObject | None:
            if source is None or source["state"] != "working":
                return None
            return _release_document(source) | {"tries": max(source["tries"] - 1, 0)}

        name = rows.document_key(task.url)
        self._tasks.update_known(name, self._claimed.pop(name, None), release_task)

    def renew_lease(self, run: WorkerRun) -> None:
        _write_lease(self._tasks, run.token, self._now() + TASK_LEASE_S)

    def requeue_expired(self) -> int:
        self._tasks.refresh()
        claimed = list(self._tasks.search(rows.query_by_state(["working"]), sort=rows.SORT_BY_ARRIVAL))
        # The runs are read by id and after the tasks, because the document of a run exists before its first claim.
        runs = self._tasks.get_many({_run_document_id(each.source["holder"]) for each in claimed})
        live_runs = {name for name, source in runs.items() if source["lease"] >= self._now()}
        expired = [each for each in claimed if _run_document_id(each.source["holder"]) not in live_runs]
        self._propagate_remaining()
        return self._rewrite_tasks(
            expired, lambda source: _release_document(source) if source["tries"] < MAX_TRIES else _fail_document(source)
        )

    # Deleting

    def remove_video_tasks(self, name: str) -> None:
        """Delete the tasks that led to the removed video *name*."""
        self._tasks.refresh()
        self._tasks.delete_by_query({"term": {"video": name}})

    def remove_article_tasks(self, url: str, embeds: Iterable[str]) -> None:
        """Delete the tasks that led to the removed article *url*, and those of *embeds* that no other article has."""
        self._tasks.refresh()
        self._tasks.delete_by_query({"term": {"article": url}})
        orphans = [rows.document_key(embed) for embed in embeds if not self._store.list_embeds(url=embed)]
        self._tasks.delete_by_query({"bool": {"filter": [{"term": {"kind": "embed"}}, {"ids": {"values": orphans}}]}})

    # Reading

    def find_task(self, url: str) -> Task | None:
        document = self._tasks.get(rows.document_key(url))
        return rows.parse_task(document.source) if document else None

    def list_tasks(self, *states: TaskState) -> Iterator[Task]:
        self._tasks.refresh()
        for each in self._tasks.search(rows.query_by_state(states), sort=rows.SORT_BY_ARRIVAL):
            yield rows.parse_task(each.source)

    def next_try_at(self, *, busy_hosts: Collection[str] = ()) -> float:
        self._tasks.refresh()
        earliest = {"due": {"min": {"field": "next_try"}}}
        not_busy = [{"terms": {"host": list(busy_hosts)}}]
        query = {"bool": {"filter": [rows.query_by_state(["later"])], "must_not": not_busy}}
        return self._tasks.aggregate(earliest, lambda results: float(results["due"]["value"] or 0), query=query)

    def count_open_by_site(self) -> dict[str, int]:
        self._tasks.refresh()
        hosts = {"hosts": {"terms": {"field": "host", "size": _MAX_COUNTED_HOSTS}}}
        return self._tasks.aggregate(hosts, _read_sites, query=rows.query_by_state(["waiting", "later"]))

    def read_note(self, name: str) -> dict[str, Any]:
        document = self._tasks.get(_note_document_id(name))
        return _parse_note(document.source if document else None)

    def edit_note(self, name: str, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        edited = self._tasks.update(
            _note_document_id(name), lambda source: {"reason": json.dumps(edit(_parse_note(source)))}
        )
        return _parse_note(edited)

    def reread(self, before: float, *, links: Mapping[str, float] | None = None) -> int:
        self._tasks.refresh()
        done = [rows.query_by_state(["done"]), {"term": {"kind": "link"}}, {"term": {"video": ""}}]
        found: Iterable[SearchedDocument]
        if links is None:
            found = self._tasks.search({"bool": {"filter": done}}, sort=rows.SORT_BY_ARRIVAL)
            limits: Mapping[str, float] = {}
        else:
            limits = {rows.document_key(url): changed for url, changed in links.items()}
            found = self._find_by_id(done, list(limits))
        stale = [each for each in found if each.source.get("lease", 0.0) < max(before, limits.get(each.id, before))]
        return self._rewrite_tasks(stale, _reset_document)

    def _find_by_id(self, conditions: list[JsonObject], names: Sequence[str]) -> Iterator[SearchedDocument]:
        for start in range(0, len(names), _MAX_IDS_PER_QUERY):
            ids = {"ids": {"values": list(names[start : start + _MAX_IDS_PER_QUERY])}}
            yield from self._tasks.search({"bool": {"filter": [*conditions, ids]}}, sort=rows.SORT_BY_ARRIVAL)

    def read_status(self) -> QueueStatus:
        self._tasks.refresh()
        due = {"due": {"min": {"field": "next_try"}}}
        verdicts = {"verdicts": {"terms": {"field": "verdict", "size": 1000}, "aggs": due}}
        states = {"states": {"terms": {"field": "state", "size": 10}, "aggs": verdicts}}
        kinds = {"kinds": {"terms": {"field": "kind", "size": 10}, "aggs": states}}
        groups = self._tasks.aggregate(kinds, _read_groups)
        # A task has no lease, but the time when it ended, which another machine may see as the future.
        alive = {"range": {"lease": {"gte": self._now()}}}
        runs = self._tasks.count({"bool": {"filter": [alive], "must_not": [{"exists": {"field": "state"}}]}})
        note = self.read_note(PAUSES_NOTE)
        paused = list_pauses(note, self.count_open_by_site(), self._now()) if note else ()
        return summarize_queue(groups, runs=runs, paused=paused)

    def report_links(self, links: Iterable[str] | None = None) -> Iterator[LinkReport]:
        self._tasks.refresh()
        if links is None:
            listed = {"bool": {"filter": [rows.query_by_state(())], "must_not": [{"term": {"listed": ""}}]}}
            links = (each.source["url"] for each in self._tasks.search(listed, sort=rows.SORT_BY_ARRIVAL))
        for url in links:
            if (task := self.find_task(url)) is not None:
                yield self._read_link_report(task)

    def list_stale_tasks(self, before: float) -> Iterator[Task]:
        self._tasks.refresh()
        for name, url in self._store.list_checked_before(before):
            query = {"bool": {"filter": [{"term": {"video": name}}], "must_not": [{"term": {"kind": "link"}}]}}
            first = self._tasks.search_first(query, sort=rows.SORT_BY_ARRIVAL, limit=1)
            task = rows.parse_task(first[0].source) if first else None
            if (task.url if task else url).startswith(("http://", "https://")):
                yield task or self.find_task(url) or Task(url, "video", video=name)

    # Claiming

    def _prefetch_tasks(self, busy_hosts: Collection[str], kinds: Collection[TaskKind]) -> bool:
        """Read the next due tasks; return whether there are any."""
        self._tasks.refresh()
        self._prefetched = self._tasks.search_first(
            rows.query_due_tasks(self._now(), kinds, busy_hosts), sort=rows.SORT_BY_PRIORITY, limit=_PREFETCHED_TASKS
        )
        self._prefetched_at = time.monotonic()
        return bool(self._prefetched)

    def _claim_prefetched(
        self, run: WorkerRun, busy_hosts: Collection[str], kinds: Collection[TaskKind]
    ) -> Task | None:
        """Claim a prefetched task: the first one, or a random one of the first few if claims have conflicted.

        Returns None if there are none left, or if several claims conflicted.
        """
        for _ in range(_MAX_LOST_CLAIMS):
            candidates = [
                each
                for each in self._prefetched
                if each.source["host"] not in busy_hosts and each.source["kind"] in kinds
            ]
            if not candidates:
                return None
            chosen = random.choice(candidates[: self._choice_window])  # noqa: S311
            self._prefetched.remove(chosen)
            claimed = _claim_document(chosen.source, run, uuid.uuid4().hex)
            written = self._tasks.write(chosen.id, claimed, version=chosen.version)
            if written or self._has_claim(chosen.id, claimed["claim"]):
                if written:
                    self._claimed[chosen.id] = written
                self._choice_window = max(self._choice_window - 1, 1)
                return rows.parse_task(claimed)
            self._choice_window = min(self._choice_window * 2, _PREFETCHED_TASKS)
        return None

    def _has_claim(self, name: str, claim: str) -> bool:
        """Return whether a claim succeeded although it conflicts: if its response was lost, it was sent twice."""
        document = self._tasks.get(name)
        return document is not None and document.source["claim"] == claim

    # Updating articles

    def _propagate_outcome(self, url: str, outcome: Outcome) -> None:
        """Copy *outcome* to all embeds with *url*, except those with a replacement video."""
        for embed in self._store.list_embeds(url=url):
            if not embed.is_replaced:
                self._set_embed_state(embed.article, url, outcome)

    def _set_embed_state(self, article: str, url: str, outcome: Outcome) -> None:
        self._store.set_embed_state(article, url, state=outcome.embed_state, reason=outcome.reason, video=outcome.video)

    def _mark_propagated(self, name: str, ended: SearchedDocument | None) -> None:
        self._tasks.update_known(name, ended, _mark_told)

    def _propagate_remaining(self) -> None:
        """Update the articles of ended tasks whose machine has not done so in time."""
        query = {"range": {"untold": {"gt": 0.0, "lt": self._now()}}}
        for each in list(self._tasks.search(query, sort=rows.SORT_BY_ARRIVAL)):
            task = rows.parse_task(each.source)
            if (outcome := last_outcome(task)) is not None:
                self._propagate_outcome(task.url, outcome)
            self._mark_propagated(each.id, each)

    # Requeuing

    def _build_create(self, task: Task) -> BulkWrite:
        return BulkWrite(rows.document_key(task.url), rows.build_task_document(task, next(self._arrivals)), "create")

    def _requeue_matching(self, query: JsonObject, group: RetryGroup) -> int:
        found: Iterable[SearchedDocument] = self._tasks.search(query, sort=rows.SORT_BY_ARRIVAL)
        if group == "no-captions":
            found = (each for each in found if self._has_no_captions(each.source["video"]))
        return self._rewrite_tasks(list(found), _reset_document)

    def _requeue_task(self, task: Task) -> bool:
        """Reset an existing task; return whether it waits now, which it does unless a run works on it."""
        document = self._tasks.update(
            rows.document_key(task.url),
            lambda source: None if source and source["state"] == "working" else _reset_document(source or {}),
        )
        return document is not None and document["state"] == "waiting"

    def _rewrite_tasks(self, found: Sequence[SearchedDocument], edit: Callable[[JsonObject], JsonObject]) -> int:
        """Edit the documents that have not changed since they were *found*; return how many."""
        writes = (BulkWrite(each.id, edit(each.source), version=each.version) for each in found)
        return len(found) - len(self._tasks.bulk_write(writes))

    def _has_no_captions(self, video: str) -> bool:
        return self._store.get_video(video) is not None and not self._store.list_tracks(video)

    def _list_embed_urls(self, link: str) -> list[str]:
        """Return the embeds of the article that a link led to."""
        task = self.find_task(link)
        if task is None or not task.article:
            return []
        return [record.embed.url for record in self._store.list_embeds(article=task.article)]

    def _read_link_report(self, task: Task) -> LinkReport:
        """Summarize *task* and everything that it led to."""
        article = self._store.find_article(task.article) if task.article else None
        video = self._store.get_video(task.video) if task.video and not task.article else None
        if task.article:
            records = self._store.list_embeds(article=task.article)
            sources = self._tasks.get_many(rows.document_key(record.embed.url) for record in records)
            tasks = {each.url: each for each in map(rows.parse_task, sources.values())}
            parts = [
                embed_part(record.state, record.reason, record.video, tasks.get(record.embed.url)) for record in records
            ]
        else:
            entries = self._tasks.search({"term": {"parent": task.url}}, sort=rows.SORT_BY_ARRIVAL)
            parts = [task_part(rows.parse_task(each.source)) for each in entries]
        return build_link_report(task, parts, article=article, video=video)


def _read_sites(results: JsonObject) -> dict[str, int]:
    """Return how many open tasks each site has."""
    return count_by_site((each["key"], each["doc_count"]) for each in results["hosts"]["buckets"] if each["key"])


def _read_groups(results: JsonObject) -> list[tuple[StateCount, str, float]]:
    """Return the number of tasks of each kind and state, by verdict, with the time when the first of them is due."""
    return [
        (StateCount(kind["key"], state["key"], verdict["doc_count"]), verdict["key"], verdict["due"]["value"] or 0.0)
        for kind in results["kinds"]["buckets"]
        for state in kind["states"]["buckets"]
        for verdict in state["verdicts"]["buckets"]
    ]


def _is_due(source: JsonObject, now: float) -> bool:
    return bool(source["state"] == "waiting" or (source["state"] == "later" and source["next_try"] <= now))


def _mark_embedded(source: JsonObject | None) -> JsonObject | None:
    """Mark the task of a link or video that an article embeds, too, so that its outcome is copied to the embed."""
    if source is None or source["kind"] == "embed" or source["untold"]:
        return None
    return source | {"untold": _EMBEDDED}


def _mark_told(source: JsonObject | None) -> JsonObject | None:
    """Mark a task whose articles are up to date; an article may embed that of a link again, or for the first time."""
    if source is None or source["untold"] in (0.0, _EMBEDDED):
        return None
    return source | {"untold": 0.0 if source["kind"] == "embed" else _EMBEDDED}


def _concerns_no_embed(source: JsonObject, outcome: Outcome) -> bool:
    """Return whether the task is that of a link to an article, which no article embeds."""
    return bool(outcome.article and source["kind"] != "embed" and not source["untold"])


def _claim_document(source: JsonObject, run: WorkerRun, claim: str) -> JsonObject:
    return source | {"state": "working", "tries": source["tries"] + 1, "holder": run.token, "claim": claim}


def _note_document_id(name: str) -> str:
    return f"note-{name}"


def _parse_note(source: JsonObject | None) -> dict[str, Any]:
    """Return the note in a document; an invalid one is as good as none."""
    try:
        note = json.loads(source.get("reason", "")) if source else {}
    except (TypeError, ValueError, RecursionError):
        note = {}
    return note if isinstance(note, dict) else {}


def _run_document_id(token: str) -> str:
    return f"run-{token}"


def _write_lease(tasks: DocumentIndex, token: str, lease_until: float) -> None:
    tasks.bulk_write([BulkWrite(_run_document_id(token), {"lease": lease_until})])


def _release_document(source: JsonObject) -> JsonObject:
    return source | {"state": "waiting", "holder": "", "claim": ""}


def _reset_document(source: JsonObject) -> JsonObject:
    return source | {"state": "waiting", "tries": 0, "next_try": 0.0, "holder": "", "claim": ""}


def _fail_document(source: JsonObject) -> JsonObject:
    """Fail a task that has been claimed too often: it may be what crashes its runs."""
    return _release_document(source) | {"state": "failed", "reason": CRASH_LOOP_REASON}
