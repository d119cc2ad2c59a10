"""The engine of the extra `opensearch`: a cluster that any number of machines index into and search.

Its index is at an `Endpoint`.  Beside it stands `NAME-commits` with the ledger (see `commits`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from opensearchpy import OpenSearch

from ...errors import EngineError
from ...model import Node, Passage, Phrase
from ...store.opensearch.bulk import Write, send
from ...store.opensearch.client import FIRST_S, Json, connect, failures, make, patiently
from ...store.opensearch.endpoint import Endpoint
from ..base import Candidate
from ..spelling import neighbours
from ..terms import MAX_TOKEN
from .commit_log import BEAT_S, Commit, Ledger, LedgerFile
from .queries import replaced, some_tracks, unseen, written_by
from .schema import LEDGER, WORDS, document, document_id, index
from .search import Search

__all__ = ["OpenSearchEngine", "drop"]

_SUGGESTED = 50
"""Neighbours in spelling that the cluster gives, for us to choose the likeliest among."""

_LOOKS = 5
"""How often a search is made again where a commit became visible meanwhile."""

T = TypeVar("T")


class OpenSearchEngine:
    """Passages in an index of an OpenSearch cluster."""

    name = "opensearch"

    def __init__(self, endpoint: Endpoint, *, create: bool = True) -> None:
        self._endpoint = endpoint
        self._index = endpoint.name
        self._client = connect(endpoint)
        self._ledger = LedgerFile(self._client, endpoint)
        self._counted: tuple[object, int] = ((), 0)
        with failures(endpoint):
            self._open(create=create)
            self._shards = _routes(self._client, self._index)

    def replace(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        """Drop all passages of *tracks* and index *passages*, in one commit.

        What a machine leaves behind that dies on the way is never seen, and is deleted by a later commit.
        """
        with failures(self._endpoint):
            self._bring_to_an_end()
            commit = self._begin(tracks)
            try:
                self._write(commit, passages)
                ledger = self._ledger.change(lambda found: found.flipped(commit.number, time.time()))
            except BaseException:
                with suppress(Exception):  # it is hidden, and whoever comes later tries again
                    self._give_up(commit)
                raise
            self._finish(ledger, commit)

    def candidates(self, query: Node, *, limit: int) -> list[Candidate]:
        """Give the *limit* best passages for *query*, best first, equal scores by passage id."""

        def search(ledger: Ledger) -> list[Candidate]:
            passages = self._passages(ledger)
            return Search(self._client, self._index, ledger, shards=self._shards, passages=passages).best(
                query, limit=limit
            )

        with failures(self._endpoint):
            return self._at_one_moment(search)

    def knows(self, token: str) -> bool:
        """Tell whether any passage holds *token*."""
        return bool(self.candidates(Phrase((token,)), limit=1))

    def similar(self, token: str, *, limit: int = 3) -> list[str]:
        """Give indexed tokens spelled like *token* (itself excluded), the likeliest first."""
        token = token[:MAX_TOKEN]
        term = {
            "field": WORDS,
            "size": _SUGGESTED,
            "suggest_mode": "always",
            "max_edits": 1 if len(token) < 6 else 2,
            "prefix_length": 0,
            "min_word_length": 1,
            "string_distance": "damerau_levenshtein",
        }
        body = {"size": 0, "suggest": {"like": {"text": token, "term": term}}}
        with failures(self._endpoint):
            answer = patiently(lambda: self._client.search(index=self._index, body=body))
        options = (option for part in answer["suggest"]["like"] for option in part["options"])
        return neighbours(token, {option["text"]: option["freq"] for option in options}, limit=limit)

    def count(self) -> int:
        """Count the passages."""
        with failures(self._endpoint):
            return self._at_one_moment(self._passages)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    # What is seen

    def _at_one_moment(self, look: Callable[[Ledger], T]) -> T:
        """Look again where commits came or went meanwhile, so that none is seen in part."""
        ledger = self._ledger.read()
        for _ in range(_LOOKS):
            found = look(ledger)
            before, ledger = ledger, self._ledger.read()
            if ledger.view == before.view:
                break
        return found

    def _passages(self, ledger: Ledger) -> int:
        """Count what *ledger* lets see; it stays the same as long as that does."""
        view, counted = self._counted
        if view != ledger.view:
            body = {"query": {"bool": {"must_not": unseen(ledger)}}}
            counted = int(patiently(lambda: self._client.count(index=self._index, body=body))["count"])
            self._counted = (ledger.view, counted)
        return counted

    # Commits

    def _begin(self, tracks: Sequence[int]) -> Commit:
        ledger = self._ledger.change(lambda found: found.began(tracks, time.time()))
        return ledger.commits[-1]

    def _write(self, commit: Commit, passages: Iterable[Passage]) -> None:
        writes = (Write(document_id(each, commit.number), document(each, commit.number)) for each in passages)
        send(self._client, self._index, writes, sent=self._beating(commit))
        self._refresh()

    def _beating(self, commit: Commit) -> Callable[[], None]:
        """Say from time to time that the writer of *commit* lives."""
        last = time.monotonic()

        def beat() -> None:
            nonlocal last
            if time.monotonic() - last > BEAT_S:
                self._ledger.change(lambda found: found.beaten(commit.number, time.time()))
                last = time.monotonic()

        return beat

    def _finish(self, ledger: Ledger, commit: Commit) -> None:
        """Delete what *commit* replaced, which nobody sees any more."""
        for tracks in some_tracks(commit):
            self._delete(replaced(ledger, commit, tracks))
        self._forget(commit)

    def _give_up(self, commit: Commit) -> None:
        """Hide for good what *commit* wrote, and delete it, unless it was published after all."""
        ledger = self._ledger.change(lambda found: found.buried(commit.number, time.time()))
        if any(published.number == commit.number for published in ledger.published):
            return
        self._refresh()
        self._delete(written_by(commit))

    def _bring_to_an_end(self) -> None:
        """Do what machines that died have left undone."""
        ledger = self._ledger.read()
        for commit in ledger.forgotten(time.time()):
            if commit.phase == "published":
                self._finish(ledger, commit)
                continue
            self._give_up(commit)
            if commit.phase == "dead":
                self._forget(commit)

    def _forget(self, commit: Commit) -> None:
        self._ledger.change(lambda found: found.without(commit.number))

    def _delete(self, query: Json) -> None:
        params = {"conflicts": "proceed", "refresh": "true", "request_timeout": 600}
        patiently(lambda: self._client.delete_by_query(index=self._index, body={"query": query}, params=params))

    def _refresh(self) -> None:
        patiently(lambda: self._client.indices.refresh(index=self._index))

    # Opening

    def _open(self, *, create: bool) -> None:
        if all(_is_there(self._client, name) for name in (self._index, f"{self._index}-commits")):
            return
        if not create:
            raise EngineError("opensearch", f"there is no index {self._endpoint}")
        make(self._client, self._index, index(self._endpoint))
        make(self._client, f"{self._index}-commits", LEDGER)


def drop(endpoint: Endpoint) -> None:
    """Delete the index at *endpoint* with its ledger, where there is one."""
    client = connect(endpoint)
    try:
        with failures(endpoint):
            for name in (endpoint.name, f"{endpoint.name}-commits"):
                patiently(partial(client.indices.delete, index=name, params={"ignore_unavailable": "true"}))
    finally:
        client.close()


def _is_there(client: OpenSearch, name: str) -> bool:
    return bool(patiently(lambda: client.indices.exists(index=name), away_s=FIRST_S))


def _routes(client: OpenSearch, name: str) -> tuple[str, ...]:
    """Find a routing value for each shard: statistics are asked of each."""
    settings = patiently(lambda: client.indices.get_settings(index=name, name="index.number_of_shards"))
    (held,) = settings.values()
    wanted = int(held["settings"]["index"]["number_of_shards"])
    found: dict[int, str] = {}
    for value in map(str, range(100 * wanted)):
        if len(found) == wanted:
            break
        ((copy, *_),) = patiently(partial(client.search_shards, index=name, params={"routing": value}))["shards"]
        found.setdefault(copy["shard"], value)
    return tuple(found.values())
