"""Tasks of the work queue as documents: one a task, and one a run that works on them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields

from ..tasks import TURNS, Task, TaskKind, TaskState
from .client import Json, mended, replicas
from .endpoint import Endpoint

KIND = "tasks"
"""Their index is `NAME-tasks`."""

ENDED: tuple[TaskState, ...] = ("done", "later", "gone", "failed")

_FIELDS = tuple(field.name for field in fields(Task))
_WORD = {"type": "keyword", "ignore_above": 8191}  # Lucene takes no longer ones
_MAPPING: Json = {
    "dynamic": "strict",
    "properties": {
        **dict.fromkeys(("url", "kind", "state", "verdict", "video", "article", "listed", "parent", "host"), _WORD),
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

BY_TURN: Sequence[Json] = ({"turn": "asc"}, {"state": "asc"}, {"next_try": "asc"}, {"came": "asc"}, {"url": "asc"})
"""What is due again comes before what waits: `later` before `waiting`."""

BY_COMING: Sequence[Json] = ({"came": "asc"}, {"url": "asc"})


def index(endpoint: Endpoint) -> Json:
    """Make the body with which the index of tasks is created."""
    settings = {"number_of_shards": 1, "refresh_interval": "5s", **replicas(endpoint)}
    return {"settings": {"index": settings}, "mappings": _MAPPING}


def name_of(url: str) -> str:
    """Name the document of the task with *url*."""
    return hashlib.sha256(mended(url).encode()).hexdigest()[:40]


def document(task: Task, came: int) -> Json:
    """Write a task that nobody works on."""
    return asdict(task) | {"turn": TURNS.index(task.kind), "came": came, "holder": "", "claim": "", "untold": 0.0}


def changed(source: Json, task: Task) -> Json:
    """Write what became of a task."""
    return source | asdict(task) | {"holder": "", "claim": ""}


def read(source: Json) -> Task:
    """Read a task."""
    return Task(**{name: source[name] for name in _FIELDS})


# What is asked for


def is_in(states: Collection[str]) -> Json:
    """Ask for tasks in one of *states*, for all where none is given."""
    return {"terms": {"state": list(states)}} if states else {"exists": {"field": "state"}}


def due(now: float, kinds: Collection[TaskKind], busy: Collection[str]) -> Json:
    """Ask for what may be begun."""
    again = {"bool": {"filter": [is_in(["later"]), {"range": {"next_try": {"lte": now}}}]}}
    ready = {"bool": {"should": [is_in(["waiting"]), again], "minimum_should_match": 1}}
    return {
        "bool": {"filter": [ready, {"terms": {"kind": list(kinds)}}], "must_not": [{"terms": {"host": list(busy)}}]}
    }


def led_to(such: Json, link: str, urls: Collection[str]) -> Json:
    """Ask for *such* among a link, the entries of the playlist that it is, and the embeds with *urls*."""
    theirs = [{"term": {"parent": link}}, {"ids": {"values": [name_of(url) for url in (link, *urls)]}}]
    return {"bool": {"filter": [such, {"bool": {"should": theirs, "minimum_should_match": 1}}]}}
