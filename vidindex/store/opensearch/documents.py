"""Read and write the documents of one index on a cluster.

- Reads by id (`get`, `get_many`) see every acknowledged write at once.
- Lists (`search`, `count`, `aggregate`) see the state at the last `refresh`, which is cheap if nothing is new.  The
  indices of the store refresh themselves only now and then: call `refresh` before a list that must see every write.
- A write with a `version` fails if the document has changed since it was read; `update` does so and retries.
  If a response is lost, the same write is made again.  Then `create` may report its own document as existing, and
  `update` applies its edit to its own result, so an edit must allow being applied twice.

All requests wait for a busy cluster, and raise `EngineError` with the next step.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConflictError, NotFoundError

from ...net.retry import call_with_retries
from .bulk import BulkWrite, Version, send_writes
from .client import MAX_FIRST_RETRY_S, JsonObject, check_items, create_index, to_json, translate_errors, with_retries
from .endpoint import ClusterEndpoint
from .stored_source import StoredSource

_MAX_UPDATE_TRIES = 200
_PAGE_DOCUMENTS = 1000
"""Documents in one response of a list."""

_MAX_IDS_PER_REQUEST = 500
"""Documents that one request reads by id."""

_PIT_KEEP_ALIVE = "10m"
"""How long the cluster keeps the snapshot of a list between two pages."""

T = TypeVar("T")

_DEFAULT_HINT = "if it was deleted, restore it from a snapshot; otherwise check it with `vidindex doctor`"


@dataclass(frozen=True, slots=True)
class SearchedDocument:
    """A document as it was read; *sort* holds the values by which a list sorted it."""

    id: str
    source: StoredSource
    version: Version
    sort: tuple[object, ...] = ()


class DocumentIndex:
    """The index `NAME-KIND` of *endpoint*.  Safe to use from several threads."""

    def __init__(self, client: OpenSearch, endpoint: ClusterEndpoint, kind: str, *, hint: str = _DEFAULT_HINT) -> None:
        self.index = f"{endpoint.name}-{kind}"
        self.client = client
        self.endpoint = endpoint
        self._kind = kind
        self._hint = hint

    def ensure_exists(self, body: JsonObject) -> None:
        """Create the index with the settings and mappings in *body*, unless it exists."""
        with self.translate_errors():
            create_index(self.client, self.index, body)

    def add_fields(self, fields: JsonObject) -> None:
        """Add the mappings of *fields*."""
        request = partial(self.client.indices.put_mapping, index=self.index, body={"properties": fields})
        with self.translate_errors():
            with_retries(lambda: request()["acknowledged"])

    def exists(self) -> bool:
        """Return whether the index exists.  As the first request, it does not wait long for an unreachable cluster."""
        with self.translate_errors():
            return bool(with_retries(lambda: self.client.indices.exists(index=self.index), away_s=MAX_FIRST_RETRY_S))

    # By id

    def get(self, name: str) -> SearchedDocument | None:
        """Return the current document with the id *name*; None if there is none."""
        with self.translate_errors():
            return self._get_document(name)

    def get_many(self, names: Iterable[str], *, fields: Sequence[str] = ()) -> dict[str, StoredSource]:
        """Return the current documents with the ids *names*, or only some *fields*; missing documents are left out."""
        ids = list(dict.fromkeys(names))
        sources: dict[str, StoredSource] = {}
        params = {"filter_path": "docs._id,docs.found,docs._source,docs.error"}
        if fields:
            params["_source_includes"] = ",".join(fields)
        with self.translate_errors():
            for start in range(0, len(ids), _MAX_IDS_PER_REQUEST):
                body = {"ids": ids[start : start + _MAX_IDS_PER_REQUEST]}
                sources |= with_retries(partial(self._get_batch, body, params))
        return sources

    def create(self, name: str, source: JsonObject) -> bool:
        """Create a document; return whether it did not exist."""
        return self.write(name, source, version=None) is not None

    def write(self, name: str, source: JsonObject, *, version: Version | None) -> SearchedDocument | None:
        """Write a document if it still has *version*, or does not exist for None; return it, or None if it does not."""
        with self.translate_errors():
            try:
                return with_retries(partial(self._write_document, name, source, version))
            except ConflictError:
                return None

    def update(self, name: str, edit: Callable[[JsonObject | None], JsonObject | None]) -> JsonObject | None:
        """Replace a document by the result of *edit*, starting over if another writer changes it meanwhile.

        *edit* is given None if there is no document, and returns None to leave the document as it is.  Returns the
        resulting document.
        """
        document = self.update_known(name, None, edit)
        return document.source if document else None

    def update_known(
        self,
        name: str,
        known: SearchedDocument | None,
        edit: Callable[[JsonObject | None], JsonObject | None],
    ) -> SearchedDocument | None:
        """Do the same as `update` without reading the document first, if it is *known*; it may have changed."""

        def try_update() -> SearchedDocument | None:
            nonlocal known
            before, known = known or self._get_document(name), None
            edited = edit(before.source if before else None)
            if edited is None:
                return before
            return with_retries(partial(self._write_document, name, edited, before.version if before else None))

        with self.translate_errors():
            return call_with_retries(
                try_update,
                pauses_s=_conflict_pauses_s(),
                should_retry=lambda error, _: isinstance(error, ConflictError),
            )

    def delete(self, name: str, *, version: Version | None = None) -> bool:
        """Delete a document, with *version* only if it has not changed since; return whether it was deleted."""
        with self.translate_errors():
            try:
                params = _version_params(version)
                with_retries(lambda: self.client.delete(index=self.index, id=name, params=params)["result"])
            except (ConflictError, NotFoundError):
                return False
        return True

    def bulk_write(self, writes: Iterable[BulkWrite]) -> list[str]:
        """Send any number of *writes*, which are read lazily; return the ids that conflict."""
        with self.translate_errors():
            return send_writes(self.client, self.index, writes)

    def delete_by_query(self, query: JsonObject) -> int:
        """Delete the documents that matched *query* at the last refresh, unless they changed since; return how many."""
        params = {"conflicts": "proceed", "request_timeout": 600}
        with self.translate_errors():
            body = {"query": query}
            return with_retries(
                lambda: int(self.client.delete_by_query(index=self.index, body=body, params=params)["deleted"])
            )

    # Lists

    def refresh(self) -> None:
        """Make every acknowledged write visible to lists."""
        with self.translate_errors():
            with_retries(lambda: self.client.indices.refresh(index=self.index)["_shards"])

    def search(
        self, query: JsonObject, *, sort: Sequence[JsonObject], fields: Sequence[str] | None = None, offset: int = 0
    ) -> Iterator[SearchedDocument]:
        """Yield all documents that match *query* in the order of *sort*, which must be unique; skip *offset* of them.

        All pages come from one snapshot.  *fields* limits the fields that are read; empty for none.
        """
        with self.translate_errors():
            page = self.search_first(query, sort=sort, limit=_PAGE_DOCUMENTS, fields=fields) if not offset else []
            yield from page
            if len(page) == _PAGE_DOCUMENTS or offset:
                yield from self._search_rest(query, sort, fields, page[-1].sort if page else (), offset)

    def search_first(
        self, query: JsonObject, *, sort: Sequence[JsonObject], limit: int, fields: Sequence[str] | None = None
    ) -> list[SearchedDocument]:
        """Return the first *limit* documents that match *query*, at most 10,000, in one request."""
        with self.translate_errors():
            return self._fetch_page(_build_search(query, sort, limit, fields), index=self.index)

    def count(self, query: JsonObject) -> int:
        """Count the documents that match *query*."""
        with self.translate_errors():
            return with_retries(lambda: int(self.client.count(index=self.index, body={"query": query})["count"]))

    def aggregate(
        self, aggregations: JsonObject, read: Callable[[JsonObject], T], *, query: JsonObject | None = None
    ) -> T:
        """Return what *read* reads of the results of *aggregations* over the documents that match *query*, or all."""
        body = {"size": 0, "query": query or {"match_all": {}}, "aggs": aggregations}
        request = partial(self.client.search, index=self.index, body=body, params=_NO_PARTIAL_RESULTS)
        with self.translate_errors():
            return with_retries(lambda: read(request()["aggregations"]))

    def _search_rest(
        self,
        query: JsonObject,
        sort: Sequence[JsonObject],
        fields: Sequence[str] | None,
        after: Sequence[object],
        skip: int,
    ) -> Iterator[SearchedDocument]:
        """Yield the documents that follow *after*, except the first *skip*, page by page from one snapshot."""
        params = {"keep_alive": _PIT_KEEP_ALIVE}
        snapshot_id = with_retries(lambda: str(self.client.create_pit(index=self.index, params=params)["pit_id"]))
        try:
            while True:
                size = min(skip or _PAGE_DOCUMENTS, _PAGE_DOCUMENTS)
                body = _build_search(query, sort, size, () if skip else fields, after)
                page = self._fetch_page({**body, "pit": {"id": snapshot_id, "keep_alive": _PIT_KEEP_ALIVE}})
                if not skip:
                    yield from page
                skip -= min(skip, size)
                if len(page) < size:
                    return
                after = page[-1].sort
        finally:
            with_retries(lambda: self.client.delete_pit(body={"pit_id": [snapshot_id]}))

    def _fetch_page(self, body: JsonObject, *, index: str | None = None) -> list[SearchedDocument]:
        # A partial result would be wrong: retry if a shard is unavailable for a moment.
        return with_retries(
            lambda: [
                self._read_document(hit, tuple(hit["sort"]), has_source=body.get("_source") is not False)
                for hit in self.client.search(index=index, body=body, params=_NO_PARTIAL_RESULTS)["hits"]["hits"]
            ]
        )

    def _get_document(self, name: str) -> SearchedDocument | None:
        try:
            return with_retries(lambda: self._read_document(self.client.get(index=self.index, id=name)))
        except NotFoundError as error:
            if isinstance(error.info, dict) and error.info.get("found") is False:
                return None
            raise

    def _get_batch(self, body: JsonObject, params: JsonObject) -> dict[str, StoredSource]:
        docs = check_items(self.client.mget(index=self.index, body=body, params=params)["docs"], len(body["ids"]))
        return {doc["_id"]: self._read_source(doc["_source"]) for doc in docs if doc["found"]}

    def _read_document(
        self, found: JsonObject, sort: tuple[object, ...] = (), *, has_source: bool = True
    ) -> SearchedDocument:
        source = self._read_source(found["_source"] if has_source else {})
        version = Version(int(found["_seq_no"]), int(found["_primary_term"]))
        return SearchedDocument(str(found["_id"]), source, version, sort)

    def _read_source(self, content: object) -> StoredSource:
        return StoredSource(content, self.endpoint, self.index, self._kind)

    def _write_document(self, name: str, source: JsonObject, version: Version | None) -> SearchedDocument:
        params = _version_params(version) or {"op_type": "create"}
        written = self.client.index(index=self.index, id=name, body=to_json(source), params=params)
        return self._read_document({**written, "_source": source})

    def translate_errors(self) -> AbstractContextManager[None]:
        """Raise the errors of the client as `EngineError` with the next step."""
        return translate_errors(self.endpoint, hint=self._hint)


_NO_PARTIAL_RESULTS = {"allow_partial_search_results": "false"}


def _conflict_pauses_s() -> Iterator[float]:
    """Yield short pauses that grow with each conflict."""
    return (random.uniform(0.0, 0.01 * min(tries, 20)) for tries in range(1, _MAX_UPDATE_TRIES))  # noqa: S311


def _version_params(version: Version | None) -> JsonObject:
    return {"if_seq_no": version.seq_no, "if_primary_term": version.primary_term} if version else {}


def _build_search(
    query: JsonObject, sort: Sequence[JsonObject], size: int, fields: Sequence[str] | None, after: Sequence[object] = ()
) -> JsonObject:
    return {
        "size": size,
        "query": query,
        "sort": list(sort),
        "seq_no_primary_term": True,
        "track_total_hits": False,
        **({} if fields is None else {"_source": list(fields) or False}),
        **({"search_after": list(after)} if after else {}),
    }
