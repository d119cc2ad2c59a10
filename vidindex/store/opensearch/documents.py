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

from .bulk import Seen, Write, send
from .client import FIRST_S, Json, failures, make, patiently, written
from .endpoint import Endpoint

_TRIES = 200
_PAGE = 1000
"""Documents in one answer of a list."""

_AT_ONCE = 500
"""Documents that are asked for by id in one request."""

_KEEP = "10m"
"""How long the cluster keeps a list's moment from page to page."""

_HINT = "if it was deleted restore it from a snapshot, else `vidindex doctor` checks it"


@dataclass(frozen=True, slots=True)
class Found:
    """A document as it was read; *sort* are the values by which a list ordered it."""

    id: str
    source: Json
    seen: Seen
    sort: tuple[object, ...] = ()


class Documents:
    """The index `NAME-KIND` of *endpoint*.  Safe to use from several threads."""

    def __init__(self, client: OpenSearch, endpoint: Endpoint, kind: str, *, hint: str = _HINT) -> None:
        self.index = f"{endpoint.name}-{kind}"
        self.client = client
        self.endpoint = endpoint
        self._hint = hint

    def make(self, body: Json) -> None:
        """Make the index with the settings and mappings in *body*, unless it is there."""
        with self.failures():
            make(self.client, self.index, body)

    def exists(self) -> bool:
        """Tell whether the index is there: what is asked first."""
        with self.failures():
            return bool(patiently(lambda: self.client.indices.exists(index=self.index), away_s=FIRST_S))

    # By id

    def get(self, name: str) -> Found | None:
        """Read the document with the id *name* as it is now; None where there is none."""
        with self.failures():
            return self._get(name)

    def several(self, names: Iterable[str], *, only: Sequence[str] = ()) -> dict[str, Json]:
        """Read documents by id as they are now, a few requests for all; *only* some fields.  Others are absent."""
        wanted = list(dict.fromkeys(names))
        found: dict[str, Json] = {}
        params = {"filter_path": "docs._id,docs.found,docs._source,docs.error"}
        if only:
            params["_source_includes"] = ",".join(only)
        with self.failures():
            for start in range(0, len(wanted), _AT_ONCE):
                body = {"ids": wanted[start : start + _AT_ONCE]}
                docs = patiently(partial(self._several, body, params))
                found |= {doc["_id"]: doc.get("_source", {}) for doc in docs if doc.get("found")}
        return found

    def create(self, name: str, source: Json) -> bool:
        """Write a document that is not there yet; tell whether it was not."""
        return self.write(name, source, seen=None)

    def write(self, name: str, source: Json, *, seen: Seen | None) -> bool:
        """Write a document if it is as it was *seen*, not there for None; tell whether it was."""
        with self.failures():
            try:
                patiently(partial(self._write, name, source, seen))
            except ConflictError:
                return False
        return True

    def change(self, name: str, edit: Callable[[Json | None], Json | None]) -> Json | None:
        """Write what *edit* makes of a document, again from its new state where others were faster.

        *edit* is given None where there is none, and gives None to leave it as it is.  Gives what is there then.
        """
        with self.failures():
            for turn in range(_TRIES):
                found = self._get(name)
                edited = edit(found.source if found else None)
                if edited is None:
                    return found.source if found else None
                try:
                    patiently(partial(self._write, name, edited, found.seen if found else None))
                except ConflictError:
                    if turn == _TRIES - 1:
                        raise
                    time.sleep(random.uniform(0.0, 0.01 * min(turn + 1, 20)))  # noqa: S311
                else:
                    return edited
        raise AssertionError("it is written or refused")

    def delete(self, name: str, *, seen: Seen | None = None) -> bool:
        """Delete a document, with *seen* only if it is as it was then; tell whether it did."""
        with self.failures():
            try:
                patiently(lambda: self.client.delete(index=self.index, id=name, params=_as_seen(seen)))
            except (ConflictError, NotFoundError):
                return False
        return True

    def bulk(self, writes: Iterable[Write]) -> list[str]:
        """Do any number of *writes*, read lazily; gives the ids of those that conflict."""
        with self.failures():
            return send(self.client, self.index, writes)

    def delete_where(self, query: Json) -> int:
        """Delete what *query* holds of, as of the last refresh, but not what was changed since; counts it."""
        params = {"conflicts": "proceed", "request_timeout": 600}
        with self.failures():
            body = {"query": query}
            done = patiently(lambda: self.client.delete_by_query(index=self.index, body=body, params=params))
        return int(done["deleted"])

    # Lists

    def refresh(self) -> None:
        """Let lists see every write that was acknowledged."""
        with self.failures():
            patiently(lambda: self.client.indices.refresh(index=self.index))

    def search(
        self, query: Json, *, sort: Sequence[Json], only: Sequence[str] | None = None, offset: int = 0
    ) -> Iterator[Found]:
        """Give all documents that *query* holds of, in the order of *sort*, which no two share, from *offset* on.

        However many there are, and all as of one moment.  *only* gives some fields, none of them where it is empty.
        """
        with self.failures():
            page = self.first(query, sort=sort, limit=_PAGE, only=only) if not offset else []
            yield from page
            if len(page) == _PAGE or offset:
                yield from self._rest(query, sort, only, page[-1].sort if page else (), offset)

    def first(self, query: Json, *, sort: Sequence[Json], limit: int, only: Sequence[str] | None = None) -> list[Found]:
        """Give the first *limit* documents, 10,000 at most, that *query* holds of, in one request."""
        with self.failures():
            return self._page(_asked(query, sort, limit, only), index=self.index)

    def count(self, query: Json) -> int:
        """Count the documents that *query* holds of."""
        with self.failures():
            return int(patiently(lambda: self.client.count(index=self.index, body={"query": query}))["count"])

    def sums(self, aggregations: Json, *, query: Json | None = None) -> Json:
        """Ask for *aggregations* over what *query* holds of; gives the cluster's answer to each by its name."""
        body = {"size": 0, "query": query or {"match_all": {}}, "aggs": aggregations}
        with self.failures():
            answer: Json = patiently(lambda: self.client.search(index=self.index, body=body, params=_WHOLE))
        return dict(answer["aggregations"])

    def _rest(
        self, query: Json, sort: Sequence[Json], only: Sequence[str] | None, after: Sequence[object], skip: int
    ) -> Iterator[Found]:
        """Give what follows *after* without the first *skip*, page by page, all as of one moment."""
        opened = patiently(lambda: self.client.create_pit(index=self.index, params={"keep_alive": _KEEP}))
        moment = opened["pit_id"]
        try:
            while True:
                size = min(skip or _PAGE, _PAGE)
                body = _asked(query, sort, size, () if skip else only, after)
                page = self._page({**body, "pit": {"id": moment, "keep_alive": _KEEP}})
                if not skip:
                    yield from page
                skip -= min(skip, size)
                if len(page) < size:
                    return
                after = page[-1].sort
        finally:
            patiently(lambda: self.client.delete_pit(body={"pit_id": [moment]}))

    def _page(self, body: Json, *, index: str | None = None) -> list[Found]:
        # Half an answer would be a wrong one: where a shard is away for a moment, it is asked again.
        answer = patiently(lambda: self.client.search(index=index, body=body, params=_WHOLE))
        return [
            Found(hit["_id"], hit.get("_source", {}), Seen(hit["_seq_no"], hit["_primary_term"]), tuple(hit["sort"]))
            for hit in answer["hits"]["hits"]
        ]

    def _get(self, name: str) -> Found | None:
        try:
            found = patiently(lambda: self.client.get(index=self.index, id=name))
        except NotFoundError as error:
            if error.error == "index_not_found_exception":
                raise
            return None
        return Found(found["_id"], found["_source"], Seen(found["_seq_no"], found["_primary_term"]))

    def _several(self, body: Json, params: Json) -> list[Json]:
        docs: list[Json] = self.client.mget(index=self.index, body=body, params=params).get("docs", [])
        for doc in docs:  # an answer for several may be an error for one
            if error := doc.get("error"):
                missing = error["type"] == "index_not_found_exception"
                raise NotFoundError(404, error["type"], error) if missing else TransportError(503, error["type"], error)
        return docs

    def _write(self, name: str, source: Json, seen: Seen | None) -> None:
        params = _as_seen(seen) or {"op_type": "create"}
        self.client.index(index=self.index, id=name, body=written(source), params=params)

    def failures(self) -> AbstractContextManager[None]:
        """Turn what the client raises into `EngineError` that says what to do."""
        return failures(self.endpoint, hint=self._hint)


_WHOLE = {"allow_partial_search_results": "false"}


def _as_seen(seen: Seen | None) -> Json:
    return {"if_seq_no": seen.number, "if_primary_term": seen.term} if seen else {}


def _asked(
    query: Json, sort: Sequence[Json], size: int, only: Sequence[str] | None, after: Sequence[object] = ()
) -> Json:
    return {
        "size": size,
        "query": query,
        "sort": list(sort),
        "seq_no_primary_term": True,
        "track_total_hits": False,
        **({} if only is None else {"_source": list(only) or False}),
        **({"search_after": list(after)} if after else {}),
    }
