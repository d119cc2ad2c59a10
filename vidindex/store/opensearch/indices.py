"""The indices of a store on a cluster, and its settings: one document, read by id, so that all see it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...errors import EngineError, IndexVersionError, NoIndexError
from . import task_documents as tasks
from .client import JsonObject, create_client, replica_settings
from .documents import DocumentIndex
from .endpoint import ClusterEndpoint
from .records import ARTICLE_FIELDS, VIDEO_FIELDS

FORMAT_VERSION = 1
"""The format this vidindex writes; a higher number means that a newer one wrote it."""

_SETTINGS_ID = "settings"

_INITIAL_SETTINGS: JsonObject = {
    "format": FORMAT_VERSION,
    "engine": "",
    "engine_folder": "",
    "renewed": 0,
    "turn": 0,  # counts who made engines anew
    "maker": "",  # who does it now
    "maker_until": 0.0,
    "left": [],  # folders of engines that were changed over from, each with the time
    "astray": [],  # tracks that went while the engine was given them: it should forget them
}


@dataclass(frozen=True, slots=True)
class StoreIndices:
    """The indices of one store."""

    endpoint: ClusterEndpoint
    articles: DocumentIndex
    videos: DocumentIndex
    captions: DocumentIndex
    blocks: DocumentIndex
    tasks: DocumentIndex
    meta: DocumentIndex

    @property
    def all_indices(self) -> tuple[DocumentIndex, ...]:
        """All of them, the one that makes it a store last."""
        return (self.articles, self.videos, self.captions, self.blocks, self.tasks, self.meta)

    def read_settings(self) -> JsonObject:
        """Read the settings."""
        found = self.meta.get(_SETTINGS_ID)
        return found.source if found else _INITIAL_SETTINGS

    def update_settings(self, edit: Callable[[JsonObject], JsonObject]) -> JsonObject:
        """Change the settings; *edit* gives what becomes other, nothing to leave them as they are."""

        def edit_document(source: JsonObject | None) -> JsonObject | None:
            change = edit(source or _INITIAL_SETTINGS)
            return {**(source or _INITIAL_SETTINGS), **change} if change else None

        return self.meta.update(_SETTINGS_ID, edit_document) or _INITIAL_SETTINGS

    def close(self) -> None:
        """Let go of connections."""
        self.meta.client.close()


def open_indices(endpoint: ClusterEndpoint, *, create: bool) -> StoreIndices:
    """Open a store's indices; with *create* they are made where they are not there.

    Raises `NoIndexError`, `IndexVersionError`, `EngineError`.
    """
    client = create_client(endpoint)
    kinds: dict[str, Any] = {
        kind: DocumentIndex(client, endpoint, kind) for kind in (*_FIELDS_BY_INDEX, tasks.TASKS_INDEX_KIND, "meta")
    }
    layout = StoreIndices(endpoint, **kinds)
    try:
        _prepare_indices(layout, create=create)
    except BaseException:
        layout.close()
        raise
    return layout


def _prepare_indices(layout: StoreIndices, *, create: bool) -> None:
    endpoint = layout.endpoint
    if not layout.meta.exists():
        if not create:
            raise NoIndexError(str(endpoint))
        for kind, fields in _FIELDS_BY_INDEX.items():
            getattr(layout, kind).make(_build_index_body(endpoint, fields))
        layout.tasks.ensure_exists(tasks.build_tasks_index(endpoint))
        layout.meta.ensure_exists(
            {"settings": {"number_of_shards": 1, **replica_settings(endpoint)}, "mappings": _build_mapping({})}
        )
    found = int(layout.read_settings()["format"])
    if found > FORMAT_VERSION:
        raise IndexVersionError(str(endpoint), found, FORMAT_VERSION)


_FIELDS_BY_INDEX: dict[str, JsonObject] = {
    "articles": ARTICLE_FIELDS,
    "videos": VIDEO_FIELDS,
    "captions": {},
    "blocks": {},
}


def _build_index_body(endpoint: ClusterEndpoint, fields: JsonObject) -> JsonObject:
    settings = {
        "number_of_shards": endpoint.shards,
        # Lists that must see every write refresh by themselves; documents read by id are seen at once.
        "refresh_interval": "5s" if fields else "60s",
        # What is packed by us already is written in base64: this takes that quarter back.
        **({} if fields else {"codec": "best_compression"}),
        **replica_settings(endpoint),
    }
    return {"settings": {"index": settings}, "mappings": _build_mapping(fields)}


def _build_mapping(fields: JsonObject) -> JsonObject:
    return {"dynamic": "false", "properties": fields}


def rebuild_conflict(endpoint: ClusterEndpoint) -> EngineError:
    """Say that another machine makes the engine anew now."""
    return EngineError("opensearch", f"{endpoint}: another vidindex makes it anew", hint="wait until that is done")
