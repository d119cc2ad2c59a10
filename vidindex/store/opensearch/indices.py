"""The indices of a store on a cluster, and its settings: one document, read by id, so that all see it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...errors import EngineError, IndexVersionError, NoIndexError
from . import task_documents as tasks
from .client import Json, connect, replicas
from .documents import Documents
from .endpoint import Endpoint
from .records import ARTICLE_FIELDS, VIDEO_FIELDS

FORMAT = 1
"""The format this vidindex writes; a higher number means that a newer one wrote it."""

_SETTINGS = "settings"

_NEW: Json = {
    "format": FORMAT,
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
class Layout:
    """The indices of one store."""

    endpoint: Endpoint
    articles: Documents
    videos: Documents
    captions: Documents
    blocks: Documents
    tasks: Documents
    meta: Documents

    @property
    def kinds(self) -> tuple[Documents, ...]:
        """All of them, the one that makes it a store last."""
        return (self.articles, self.videos, self.captions, self.blocks, self.tasks, self.meta)

    def settings(self) -> Json:
        """Read the settings."""
        found = self.meta.get(_SETTINGS)
        return found.source if found else _NEW

    def set(self, edit: Callable[[Json], Json]) -> Json:
        """Change the settings; *edit* gives what becomes other, nothing to leave them as they are."""

        def edited(source: Json | None) -> Json | None:
            change = edit(source or _NEW)
            return {**(source or _NEW), **change} if change else None

        return self.meta.change(_SETTINGS, edited) or _NEW

    def close(self) -> None:
        """Let go of connections."""
        self.meta.client.close()


def opened(endpoint: Endpoint, *, create: bool) -> Layout:
    """Open a store's indices; with *create* they are made where they are not there.

    Raises `NoIndexError`, `IndexVersionError`, `EngineError`.
    """
    client = connect(endpoint)
    kinds: dict[str, Any] = {kind: Documents(client, endpoint, kind) for kind in (*_BODIES, tasks.KIND, "meta")}
    layout = Layout(endpoint, **kinds)
    try:
        _check(layout, create=create)
    except BaseException:
        layout.close()
        raise
    return layout


def _check(layout: Layout, *, create: bool) -> None:
    endpoint = layout.endpoint
    if not layout.meta.exists():
        if not create:
            raise NoIndexError(str(endpoint))
        for kind, fields in _BODIES.items():
            getattr(layout, kind).make(_body(endpoint, fields))
        layout.tasks.make(tasks.index(endpoint))
        layout.meta.make({"settings": {"number_of_shards": 1, **replicas(endpoint)}, "mappings": _mapping({})})
    found = int(layout.settings()["format"])
    if found > FORMAT:
        raise IndexVersionError(str(endpoint), found, FORMAT)


_BODIES: dict[str, Json] = {"articles": ARTICLE_FIELDS, "videos": VIDEO_FIELDS, "captions": {}, "blocks": {}}


def _body(endpoint: Endpoint, fields: Json) -> Json:
    settings = {
        "number_of_shards": endpoint.shards,
        # Lists that must see every write refresh by themselves; documents read by id are seen at once.
        "refresh_interval": "5s" if fields else "60s",
        # What is packed by us already is written in base64: this takes that quarter back.
        **({} if fields else {"codec": "best_compression"}),
        **replicas(endpoint),
    }
    return {"settings": {"index": settings}, "mappings": _mapping(fields)}


def _mapping(fields: Json) -> Json:
    return {"dynamic": "false", "properties": fields}


def lost(endpoint: Endpoint) -> EngineError:
    """Say that another machine makes the engine anew now."""
    return EngineError("opensearch", f"{endpoint}: another vidindex makes it anew", hint="wait until that is done")
