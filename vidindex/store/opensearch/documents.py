"""The documents of one index on a cluster: the one way in which the store reads and writes there.

- By id every write that was acknowledged is seen at once (`get`, `several`).
- Lists (`search`, `count`, `sums`) see what was there at the last `refresh`, which is cheap where nothing is
  new.  Indices of the store refresh themselves only now and then: whoever must see every write calls it before.
- A write may ask that nobody changed the document since it was read (`Found.seen`); `change` does so and begins again.
  Where an answer is lost on its way the same write is made again: then `create` may say of its own document
  that it was there, and `change` applies its edit to what it wrote itself.  An edit must bear both.

All of it waits patiently for a busy cluster, and raises `EngineError` that says what to do.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConflictError, NotFoundError, TransportError

from .bulk import BulkWrite, Version, send_writes
from .client import MAX_FIRST_RETRY_S, JsonObject, create_index, to_json, translate_errors, with_retries
from .endpoint import ClusterEndpoint

_MAX_UPDATE_TRIES = 200
_PAGE_DOCUMENTS = 1000
"""Documents in one answer of a list."""

_MAX_IDS_PER_REQUEST = 500
"""Documents that are asked for by id in one request."""

_PIT_KEEP_ALIVE = "10m"
"""How long the cluster keeps a list's moment from page to page."""

_DEFAULT_HINT = "if it was deleted restore it from a snapshot, else `vidindex doctor` checks it"


@dataclass(frozen=True, slots=True)
class SearchedDocument:
    """A document as it was read; *sort* are the values by which a list ordered it."""

    id: str
    source: JsonObject
    version: Version
    sort: tuple[object, ...] = ()


class DocumentIndex:
    """The index `NAME-KIND` of *endpoint*.  Safe to use from several threads."""

    def __init__(self, client: OpenSearch, endpoint: ClusterEndpoint, kind: str, *, hint: str = _DEFAULT_HINT) -> None:
        self.index = f"{endpoint.name}-{kind}"
        self.client = client
        self.endpoint = endpoint
        self._hint = hint

    def ensure_exists(self, body: JsonObject) -> None:
        """Make the index with the settings and mappings in *body*, unless it is there."""
        with self.translate_errors():
            create_index(self.client, self.index, body)

    def exists(self) -> bool:
        """Tell whether the index is there: what is asked first."""
        with self.translate_errors():
            return bool(with_retries(lambda: self.client.indices.exists(index=self.index), away_s=MAX_FIRST_RETRY_S))

    # By id

    def get(self, name: str) -> SearchedDocument | None:
        """Read the document with the id *name* as it is now; None where there is none."""
        with self.translate_errors():
            return self._get_document(name)

    def get_many(self, names: Iterable[str], *, fields: Sequence[str] = ()) -> dict[str, JsonObject]:
        """Read documents by id as they are now, a few requests for all; *only* some fields.  Others are absent."""
        wanted = list(dict.fromkeys(names))
        found: dict[str, JsonObject] = {}
        params = {"filter_path": "docs._id,docs.found,docs._source,docs.error"}
        if fields:
            params["_source_includes"] = ",".join(fields)
        with self.translate_errors():
            for start in range(0, len(wanted), _MAX_IDS_PER_REQUEST):
                body = {"ids": wanted[start : start + _MAX_IDS_PER_REQUEST]}
                docs = with_retries(partial(self._get_batch, body, params))
                found |= {doc["_id"]: doc.get("_source", {}) for doc in docs if doc.get("found")}
        return found

    def create(self, name: str, source: JsonObject) -> bool:
        """Write a document that is not there yet; tell whether it was not."""
        return self.write(name, source, version=None)

    def write(self, name: str, source: JsonObject, *, version: Version | None) -> bool:
        """Write a document if it is as it was *seen*, not there for None; tell whether it was."""
        with self.translate_errors():
            try:
                with_retries(partial(self._write_document, name, source, version))
            except ConflictError:
                return False
        return True

    def update(self, name: str, edit: Callable[[JsonObject | None], JsonObject | None]) -> JsonObject | None:
        """Write what *edit* makes of a document, again from its new state where others were faster.

        *edit* is given None where there is none, and gives None to leave it as it is.  Gives what is there then.
        """
        with self.translate_errors():
            for turn in range(_MAX_UPDATE_TRIES):
                found = self._get_document(name)
                edited = edit(found.source if found else None)
                if edited is None:
                    return found.source if found else None
                try:
                    with_retries(partial(self._write_document, name, edited, found.version if found else None))
                except ConflictError:
                    if turn == _MAX_UPDATE_TRIES - 1:
                        raise
                    time.sleep(random.uniform(0.0, 0.01 * min(turn + 1, 20)))  # noqa: S311
                else:
                    return edited
        raise AssertionError("it is written or refused")

    def delete(self, name: str, *, version: Version | None = None) -> bool:
        """Delete a document, with *seen* only if it is as it was then; tell whether it did."""
        with self.translate_errors():
            try:
                with_retries(lambda: self.client.delete(index=self.index, id=name, params=_version_params(version)))
            except (ConflictError, NotFoundError):
                return False
        return True

    def bulk_write(self, writes: Iterable[BulkWrite]) -> list[str]:
        """Do any number of *writes*, read lazily; gives the ids of those that conflict."""
        with self.translate_errors():
            return send_writes(self.client, self.index, writes)

    def delete_by_query(self, query: JsonObject) -> int:
        """Delete what *query* holds of, as of the last refresh, but not what was changed since; counts it."""
        params = {"conflicts": "proceed", "request_timeout": 600}
        with self.translate_errors():
            body = {"query": query}
            done = with_retries(lambda: self.client.delete_by_query(index=self.index, body=body, params=params))
        return int(done["deleted"])

    # Lists

    def refresh(self) -> None:
        """Let lists see every write that was acknowledged."""
        with self.translate_errors():
            with_retries(lambda: self.client.indices.refresh(index=self.index))

    def search(
        self, query: JsonObject, *, sort: Sequence[JsonObject], fields: Sequence[str] | None = None, offset: int = 0
    ) -> Iterator[SearchedDocument]:
        """Give all documents that *query* holds of, in the order of *sort*, which no two share, from *offset* on.

        However many there are, and all as of one moment.  *only* gives some fields, none of them where it is empty.
        """
        with self.translate_errors():
            page = self.search_first(query, sort=sort, limit=_PAGE_DOCUMENTS, fields=fields) if not offset else []
            yield from page
            if len(page) == _PAGE_DOCUMENTS or offset:
                yield from self._search_rest(query, sort, fields, page[-1].sort if page else (), offset)

    def search_first(
        self, query: JsonObject, *, sort: Sequence[JsonObject], limit: int, fields: Sequence[str] | None = None
    ) -> list[SearchedDocument]:
        """Give the first *limit* documents, 10,000 at most, that *query* holds of, in one request."""
        with self.translate_errors():
            return self._fetch_page(_build_search(query, sort, limit, fields), index=self.index)

    def count(self, query: JsonObject) -> int:
        """Count the documents that *query* holds of."""
        with self.translate_errors():
            return int(with_retries(lambda: self.client.count(index=self.index, body={"query": query}))["count"])

    def aggregate(self, aggregations: JsonObject, *, query: JsonObject | None = None) -> JsonObject:
        """Ask for *aggregations* over what *query* holds of; gives the cluster's answer to each by its name."""
        body = {"size": 0, "query": query or {"match_all": {}}, "aggs": aggregations}
        with self.translate_errors():
            answer: JsonObject = with_retries(
                lambda: self.client.search(index=self.index, body=body, params=_NO_PARTIAL_RESULTS)
            )
        return dict(answer["aggregations"])

    def _search_rest(
        self,
        query: JsonObject,
        sort: Sequence[JsonObject],
        fields: Sequence[str] | None,
        after: Sequence[object],
        skip: int,
    ) -> Iterator[SearchedDocument]:
        """Give what follows *after* without the first *skip*, page by page, all as of one moment."""
        opened = with_retries(lambda: self.client.create_pit(index=self.index, params={"keep_alive": _PIT_KEEP_ALIVE}))
        moment = opened["pit_id"]
        try:
            while True:
                size = min(skip or _PAGE_DOCUMENTS, _PAGE_DOCUMENTS)
                body = _build_search(query, sort, size, () if skip else fields, after)
                page = self._fetch_page({**body, "pit": {"id": moment, "keep_alive": _PIT_KEEP_ALIVE}})
                if not skip:
                    yield from page
                skip -= min(skip, size)
                if len(page) < size:
                    return
                after = page[-1].sort
        finally:
            with_retries(lambda: self.client.delete_pit(body={"pit_id": [moment]}))

    def _fetch_page(self, body: JsonObject, *, index: str | None = None) -> list[SearchedDocument]:
        # Half an answer would be a wrong one: where a shard is away for a moment, it is asked again.
        answer = with_retries(lambda: self.client.search(index=index, body=body, params=_NO_PARTIAL_RESULTS))
        return [
            SearchedDocument(
                hit["_id"], hit.get("_source", {}), Version(hit["_seq_no"], hit["_primary_term"]), tuple(hit["sort"])
            )
            for hit in answer["hits"]["hits"]
        ]

    def _get_document(self, name: str) -> SearchedDocument | None:
        try:
            found = with_retries(lambda: self.client.get(index=self.index, id=name))
        except NotFoundError as error:
            if error.error == "index_not_found_exception":
                raise
            return None
        return SearchedDocument(found["_id"], found["_source"], Version(found["_seq_no"], found["_primary_term"]))

    def _get_batch(self, body: JsonObject, params: JsonObject) -> list[JsonObject]:
        docs: list[JsonObject] = self.client.mget(index=self.index, body=body, params=params).get("docs", [])
        for doc in docs:  # an answer for several may be an error for one
            if error := doc.get("error"):
                missing = error["type"] == "index_not_found_exception"
                raise NotFoundError(404, error["type"], error) if missing else TransportError(503, error["type"], error)
        return docs

    def _write_document(self, name: str, source: JsonObject, version: Version | None) -> None:
        params = _version_params(version) or {"op_type": "create"}
        self.client.index(index=self.index, id=name, body=to_json(source), params=params)

    def translate_errors(self) -> AbstractContextManager[None]:
        """Turn what the client raises into `EngineError` that says what to do."""
        return translate_errors(self.endpoint, hint=self._hint)


_NO_PARTIAL_RESULTS = {"allow_partial_search_results": "false"}


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
