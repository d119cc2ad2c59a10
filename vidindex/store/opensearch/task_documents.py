"""Convert tasks of the work queue to documents: one for each task, and one for each run."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields

from ..tasks import KIND_PRIORITY, Task, TaskKind, TaskState
from .client import JsonObject, replace_surrogates, replica_settings
from .endpoint import ClusterEndpoint
from .stored_source import reads_stored

TASKS_INDEX_KIND = "tasks"
"""Tasks are in the index `NAME-tasks`."""

_TASK_FIELDS = tuple(field.name for field in fields(Task))
_STORED_NAMES = {"as_listed": "listed"}
"""Fields with another name in documents, so that existing indexes stay readable."""

_KEYWORD_FIELD = {"type": "keyword", "ignore_above": 8191}  # the limit of Lucene
_TASK_MAPPING: JsonObject = {
    "dynamic": "strict",
    "properties": {
        **dict.fromkeys(
            ("url", "kind", "state", "verdict", "video", "article", "listed", "parent", "host"), _KEYWORD_FIELD
        ),
        "reason": {"type": "keyword", "index": False, "doc_values": False},
        "tries": {"type": "integer"},
        "next_try": {"type": "double"},
        "turn": {"type": "byte"},  # index of the kind in `KIND_PRIORITY`
        "came": {"type": "long"},  # tasks are claimed in this order
        "holder": {"type": "keyword"},  # the run that works on it
        "claim": {"type": "keyword", "index": False, "doc_values": False},  # identifies one claim
        "untold": {"type": "double"},  # its articles are out of date; after this time any machine updates them
        "lease": {"type": "double"},  # of a run: it is alive until then; of a task: when its last attempt ended
    },
}

SORT_BY_PRIORITY: Sequence[JsonObject] = (
    {"turn": "asc"},
    {"state": "asc"},
    {"next_try": "asc"},
    {"came": "asc"},
    {"url": "asc"},
)
"""Retries that are due come before new tasks: `later` before `waiting`."""

SORT_BY_ARRIVAL: Sequence[JsonObject] = ({"came": "asc"}, {"url": "asc"})


def build_tasks_index(endpoint: ClusterEndpoint) -> JsonObject:
    """Build the settings and mappings of the index of tasks."""
    settings = {"number_of_shards": 1, "refresh_interval": "5s", **replica_settings(endpoint)}
    return {"settings": {"index": settings}, "mappings": _TASK_MAPPING}


def document_key(url: str) -> str:
    """Return the document id of the task with *url*."""
    return hashlib.sha256(replace_surrogates(url).encode()).hexdigest()[:40]


def build_task_document(task: Task, arrival: int) -> JsonObject:
    """Build the document of a task that no run has claimed."""
    return _dump_task(task) | {
        "turn": KIND_PRIORITY.index(task.kind),
        "came": arrival,
        "holder": "",
        "claim": "",
        "untold": 0.0,
    }


def merge_task(source: JsonObject, task: Task) -> JsonObject:
    """Return the document of a task with new values, and without its claim."""
    return source | _dump_task(task) | {"holder": "", "claim": ""}


@reads_stored
def parse_task(source: JsonObject) -> Task:
    """Read a task from its document."""
    return Task(**{name: source[_STORED_NAMES.get(name, name)] for name in _TASK_FIELDS})


def _dump_task(task: Task) -> JsonObject:
    return {_STORED_NAMES.get(name, name): value for name, value in asdict(task).items()}


# Queries


def query_by_state(states: Collection[TaskState]) -> JsonObject:
    """Build the query for tasks in one of *states*; for all tasks if there are none."""
    return {"terms": {"state": list(states)}} if states else {"exists": {"field": "state"}}


def query_due_tasks(now: float, kinds: Collection[TaskKind], busy_hosts: Collection[str]) -> JsonObject:
    """Build the query for tasks that can be claimed now."""
    retry = {"bool": {"filter": [query_by_state(["later"]), {"range": {"next_try": {"lte": now}}}]}}
    ready = {"bool": {"should": [query_by_state(["waiting"]), retry], "minimum_should_match": 1}}
    return {
        "bool": {
            "filter": [ready, {"terms": {"kind": list(kinds)}}],
            "must_not": [{"terms": {"host": list(busy_hosts)}}],
        }
    }


def query_descendants(query: JsonObject, link: str, urls: Collection[str]) -> JsonObject:
    """Limit *query* to the task of *link*, the entries of its playlist, and the embeds with *urls*."""
    descendants = [{"term": {"parent": link}}, {"ids": {"values": [document_key(url) for url in (link, *urls)]}}]
    return {"bool": {"filter": [query, {"bool": {"should": descendants, "minimum_should_match": 1}}]}}
