"""The indices of a store on a cluster, and its settings.

The settings are one document that is read by id, so that every machine sees a change at once.
"""

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

FORMAT_VERSION = 3
"""The format that this version writes; a store with a higher number was written by a newer version.

Articles have reviews since 2, and blocks may state the times of cues instead of those of words since 3.  An older store
keeps its number until the first such write, so that older versions can use it until then.
"""

_SETTINGS_ID = "settings"

_INITIAL_SETTINGS: JsonObject = {
    "format": FORMAT_VERSION,
    "engine": "",
    "engine_folder": "",
    "renewed": 0,
    "turn": 0,  # counts the rebuilds of the engine
    "maker": "",  # the machine that holds the rebuild lock
    "maker_until": 0.0,
    "left": [],  # folders of retired engines, each with the time
    "astray": [],  # tracks that were removed while they were indexed: delete them from the engine
}


@dataclass(frozen=True, slots=True)
class StoreIndices:
    """The OpenSearch indices of one store."""

    endpoint: ClusterEndpoint
    articles: DocumentIndex
    videos: DocumentIndex
    captions: DocumentIndex
    blocks: DocumentIndex
    tasks: DocumentIndex
    meta: DocumentIndex

    @property
    def all_indices(self) -> tuple[DocumentIndex, ...]:
        """All indices.  `meta` comes last: a store exists once its `meta` index exists."""
        return (self.articles, self.videos, self.captions, self.blocks, self.tasks, self.meta)

    def read_settings(self) -> JsonObject:
        """Return the current settings."""
        document = self.meta.get(_SETTINGS_ID)
        return document.source if document else _INITIAL_SETTINGS

    def update_settings(self, edit: Callable[[JsonObject], JsonObject]) -> JsonObject:
        """Update the settings with the changes that *edit* returns, and return the result; no changes for none."""

        def edit_document(source: JsonObject | None) -> JsonObject | None:
            change = edit(source or _INITIAL_SETTINGS)
            return {**(source or _INITIAL_SETTINGS), **change} if change else None

        return self.meta.update(_SETTINGS_ID, edit_document) or _INITIAL_SETTINGS

    def refuse_older_versions(self) -> None:
        """Record the current format, before the first write that older versions cannot read or would delete."""
        document = self.meta.get(_SETTINGS_ID)
        if document is None or document.source["format"] < FORMAT_VERSION:
            self.update_settings(lambda _: {"format": FORMAT_VERSION})

    def close(self) -> None:
        """Close the connections."""
        self.meta.client.close()


def open_indices(endpoint: ClusterEndpoint, *, create: bool) -> StoreIndices:
    """Open the indices of a store; with *create*, missing ones are created.

    Raises `NoIndexError`, `IndexVersionError`, `EngineError`.
    """
    client = create_client(endpoint)
    kinds: dict[str, Any] = {
        kind: DocumentIndex(client, endpoint, kind) for kind in (*_FIELDS_BY_INDEX, tasks.TASKS_INDEX_KIND, "meta")
    }
    indices = StoreIndices(endpoint, **kinds)
    try:
        _prepare_indices(indices, create=create)
    except BaseException:
        indices.close()
        raise
    return indices


def _prepare_indices(indices: StoreIndices, *, create: bool) -> None:
    endpoint = indices.endpoint
    if not indices.meta.exists():
        if not create:
            raise NoIndexError(str(endpoint))
        for kind, fields in _FIELDS_BY_INDEX.items():
            getattr(indices, kind).ensure_exists(_build_index_body(endpoint, fields))
        indices.tasks.ensure_exists(tasks.build_tasks_index(endpoint))
        indices.meta.ensure_exists(
            {"settings": {"number_of_shards": 1, **replica_settings(endpoint)}, "mappings": _build_mapping({})}
        )
    version = indices.read_settings()["format"]
    if version > FORMAT_VERSION:
        raise IndexVersionError(str(endpoint), version, FORMAT_VERSION)


_FIELDS_BY_INDEX: dict[str, JsonObject] = {
    "articles": ARTICLE_FIELDS,
    "videos": VIDEO_FIELDS,
    "captions": {},
    "blocks": {},
}


def _build_index_body(endpoint: ClusterEndpoint, fields: JsonObject) -> JsonObject:
    settings = {
        "number_of_shards": endpoint.shards,
        # Lists that must see every write refresh first; reads by id see every write.
        "refresh_interval": "5s" if fields else "60s",
        # Blocks are compressed, but base64 makes them a third larger: this codec removes that again.
        **({} if fields else {"codec": "best_compression"}),
        **replica_settings(endpoint),
    }
    return {"settings": {"index": settings}, "mappings": _build_mapping(fields)}


def _build_mapping(fields: JsonObject) -> JsonObject:
    return {"dynamic": "false", "properties": fields}


def rebuild_conflict(endpoint: ClusterEndpoint) -> EngineError:
    """Build the error of a rebuild whose lock was taken over by another machine."""
    return EngineError("opensearch", f"{endpoint}: another machine is rebuilding it", hint="wait until that is done")
