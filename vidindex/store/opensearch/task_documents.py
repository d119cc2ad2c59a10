"""Tasks of the work queue as documents: one a task, and one a run that works on them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields

from ..tasks import KIND_PRIORITY, Task, TaskKind, TaskState
from .client import JsonObject, replace_surrogates, replica_settings
from .endpoint import ClusterEndpoint

TASKS_INDEX_KIND = "tasks"
"""Their index is `NAME-tasks`."""

ENDED_STATES: tuple[TaskState, ...] = ("done", "later", "gone", "failed")

_TASK_FIELDS = tuple(field.name for field in fields(Task))
_STORED_NAMES = {"as_listed": "listed"}
"""Fields that documents hold under another name: older indexes stay readable."""

_KEYWORD_FIELD = {"type": "keyword", "ignore_above": 8191}  # Lucene takes no longer ones
_TASK_MAPPING: JsonObject = {
    "dynamic": "strict",
    "properties": {
        **dict.fromkeys(
            ("url", "kind", "state", "verdict", "video", "article", "listed", "parent", "host"), _KEYWORD_FIELD
        ),
        "reason": {"type": "keyword", "index": False, "doc_values": False},
        "tries": {"type": "integer"},
        "next_try": {"type": "double"},
        "turn": {"type": "byte"},  # place of the kind in TURNS
        "came": {"type": "long"},  # tasks are begun in this order
        "holder": {"type": "keyword"},  # the run that works on it
        "claim": {"type": "keyword", "index": False, "doc_values": False},  # names one taking of it
        "untold": {"type": "double"},  # it ended; until then whoever ended it tells its articles
        "lease": {"type": "double"},  # of a run: until then it is alive
    },
}

SORT_BY_PRIORITY: Sequence[JsonObject] = (
    {"turn": "asc"},
    {"state": "asc"},
    {"next_try": "asc"},
    {"came": "asc"},
    {"url": "asc"},
)
"""What is due again comes before what waits: `later` before `waiting`."""

SORT_BY_ARRIVAL: Sequence[JsonObject] = ({"came": "asc"}, {"url": "asc"})


def build_tasks_index(endpoint: ClusterEndpoint) -> JsonObject:
    """Make the body with which the index of tasks is created."""
    settings = {"number_of_shards": 1, "refresh_interval": "5s", **replica_settings(endpoint)}
    return {"settings": {"index": settings}, "mappings": _TASK_MAPPING}


def document_key(url: str) -> str:
    """Name the document of the task with *url*."""
    return hashlib.sha256(replace_surrogates(url).encode()).hexdigest()[:40]


def build_task_document(task: Task, arrival: int) -> JsonObject:
    """Write a task that nobody works on."""
    return asdict(task) | {
        "turn": KIND_PRIORITY.index(task.kind),
        "came": arrival,
        "holder": "",
        "claim": "",
        "untold": 0.0,
    }


def merge_task(source: JsonObject, task: Task) -> JsonObject:
    """Write what became of a task."""
    return source | _dump_task(task) | {"holder": "", "claim": ""}


def parse_task(source: JsonObject) -> Task:
    """Read a task."""
    return Task(**{name: source[_STORED_NAMES.get(name, name)] for name in _TASK_FIELDS})


def _dump_task(task: Task) -> JsonObject:
    return {_STORED_NAMES.get(name, name): value for name, value in asdict(task).items()}


# What is asked for


def query_by_state(states: Collection[str]) -> JsonObject:
    """Ask for tasks in one of *states*, for all where none is given."""
    return {"terms": {"state": list(states)}} if states else {"exists": {"field": "state"}}


def query_due_tasks(now: float, kinds: Collection[TaskKind], busy_hosts: Collection[str]) -> JsonObject:
    """Ask for what may be begun."""
    again = {"bool": {"filter": [query_by_state(["later"]), {"range": {"next_try": {"lte": now}}}]}}
    ready = {"bool": {"should": [query_by_state(["waiting"]), again], "minimum_should_match": 1}}
    return {
        "bool": {
            "filter": [ready, {"terms": {"kind": list(kinds)}}],
            "must_not": [{"terms": {"host": list(busy_hosts)}}],
        }
    }


def query_descendants(query: JsonObject, link: str, urls: Collection[str]) -> JsonObject:
    """Ask for *such* among a link, the entries of the playlist that it is, and the embeds with *urls*."""
    theirs = [{"term": {"parent": link}}, {"ids": {"values": [document_key(url) for url in (link, *urls)]}}]
    return {"bool": {"filter": [query, {"bool": {"should": theirs, "minimum_should_match": 1}}]}}
