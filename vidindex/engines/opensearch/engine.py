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
from ...model import Passage, PhraseQuery, QueryNode
from ...store.opensearch.bulk import BulkWrite, send_writes
from ...store.opensearch.client import (
    MAX_FIRST_RETRY_S,
    JsonObject,
    create_client,
    create_index,
    translate_errors,
    with_retries,
)
from ...store.opensearch.endpoint import ClusterEndpoint
from ..base import PassageCandidate
from ..spelling import find_similar_words
from ..terms import MAX_TOKEN_CHARS
from .commit_log import HEARTBEAT_S, CommitLog, CommitLogDocument, IndexCommit
from .queries import chunk_commit_tracks, hidden_clauses, match_replaced, match_written_by
from .schema import COMMIT_LOG_INDEX, WORDS_FIELD, describe_index, make_document, make_document_id
from .search import OpenSearchQueryRunner

__all__ = ["OpenSearchEngine", "delete_index"]

_MAX_SUGGESTIONS = 50
"""Neighbours in spelling that the cluster gives, for us to choose the likeliest among."""

_MAX_VIEW_RETRIES = 5
"""How often a search is made again where a commit became visible meanwhile."""

T = TypeVar("T")


class OpenSearchEngine:
    """Passages in an index of an OpenSearch cluster."""

    name = "opensearch"

    def __init__(self, endpoint: ClusterEndpoint, *, create: bool = True) -> None:
        self._endpoint = endpoint
        self._index = endpoint.name
        self._client = create_client(endpoint)
        self._commit_log = CommitLogDocument(self._client, endpoint)
        self._passage_count_cache: tuple[object, int] = ((), 0)
        with translate_errors(endpoint):
            self._open_index(create=create)
            self._shard_routes = _find_shard_routes(self._client, self._index)

    def replace_tracks(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        """Drop all passages of *tracks* and index *passages*, in one commit.

        What a machine leaves behind that dies on the way is never seen, and is deleted by a later commit.
        """
        with translate_errors(self._endpoint):
            self._recover_stale_commits()
            commit = self._begin_commit(tracks)
            try:
                self._write_passages(commit, passages)
                ledger = self._commit_log.update(lambda found: found.published(commit.number, time.time()))
            except BaseException:
                with suppress(Exception):  # it is hidden, and whoever comes later tries again
                    self._abandon_commit(commit)
                raise
            self._finish_commit(ledger, commit)

    def find_candidates(self, query: QueryNode, *, limit: int) -> list[PassageCandidate]:
        """Give the *limit* best passages for *query*, best first, equal scores by passage id."""

        def run_query(ledger: CommitLog) -> list[PassageCandidate]:
            passages = self._count_visible(ledger)
            return OpenSearchQueryRunner(
                self._client, self._index, ledger, shard_routes=self._shard_routes, passage_count=passages
            ).find_best(query, limit=limit)

        with translate_errors(self._endpoint):
            return self._read_consistently(run_query)

    def has_token(self, token: str) -> bool:
        """Tell whether any passage holds *token*."""
        return bool(self.find_candidates(PhraseQuery((token,)), limit=1))

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        """Give indexed tokens spelled like *token* (itself excluded), the likeliest first."""
        token = token[:MAX_TOKEN_CHARS]
        term = {
            "field": WORDS_FIELD,
            "size": _MAX_SUGGESTIONS,
            "suggest_mode": "always",
            "max_edits": 1 if len(token) < 6 else 2,
            "prefix_length": 0,
            "min_word_length": 1,
            "string_distance": "damerau_levenshtein",
        }
        body = {"size": 0, "suggest": {"like": {"text": token, "term": term}}}
        with translate_errors(self._endpoint):
            answer = with_retries(lambda: self._client.search(index=self._index, body=body))
        options = (option for part in answer["suggest"]["like"] for option in part["options"])
        return find_similar_words(token, {option["text"]: option["freq"] for option in options}, limit=limit)

    def count_passages(self) -> int:
        """Count the passages."""
        with translate_errors(self._endpoint):
            return self._read_consistently(self._count_visible)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    # What is seen

    def _read_consistently(self, read: Callable[[CommitLog], T]) -> T:
        """Look again where commits came or went meanwhile, so that none is seen in part."""
        ledger = self._commit_log.read()
        for _ in range(_MAX_VIEW_RETRIES):
            found = read(ledger)
            before, ledger = ledger, self._commit_log.read()
            if ledger.view == before.view:
                break
        return found

    def _count_visible(self, ledger: CommitLog) -> int:
        """Count what *ledger* lets see; it stays the same as long as that does."""
        view, counted = self._passage_count_cache
        if view != ledger.view:
            body = {"query": {"bool": {"must_not": hidden_clauses(ledger)}}}
            counted = int(with_retries(lambda: self._client.count(index=self._index, body=body))["count"])
            self._passage_count_cache = (ledger.view, counted)
        return counted

    # Commits

    def _begin_commit(self, tracks: Sequence[int]) -> IndexCommit:
        ledger = self._commit_log.update(lambda found: found.with_new_commit(tracks, time.time()))
        return ledger.commits[-1]

    def _write_passages(self, commit: IndexCommit, passages: Iterable[Passage]) -> None:
        writes = (
            BulkWrite(make_document_id(each, commit.number), make_document(each, commit.number)) for each in passages
        )
        send_writes(self._client, self._index, writes, on_sent=self._make_heartbeat(commit))
        self._refresh_index()

    def _make_heartbeat(self, commit: IndexCommit) -> Callable[[], None]:
        """Say from time to time that the writer of *commit* lives."""
        last = time.monotonic()

        def send_heartbeat() -> None:
            nonlocal last
            if time.monotonic() - last > HEARTBEAT_S:
                self._commit_log.update(lambda found: found.with_heartbeat(commit.number, time.time()))
                last = time.monotonic()

        return send_heartbeat

    def _finish_commit(self, ledger: CommitLog, commit: IndexCommit) -> None:
        """Delete what *commit* replaced, which nobody sees any more."""
        for tracks in chunk_commit_tracks(commit):
            self._delete_by_query(match_replaced(ledger, commit, tracks))
        self._forget_commit(commit)

    def _abandon_commit(self, commit: IndexCommit) -> None:
        """Hide for good what *commit* wrote, and delete it, unless it was published after all."""
        ledger = self._commit_log.update(lambda found: found.expired(commit.number, time.time()))
        if any(published.number == commit.number for published in ledger.published_commits):
            return
        self._refresh_index()
        self._delete_by_query(match_written_by(commit))

    def _recover_stale_commits(self) -> None:
        """Do what machines that died have left undone."""
        ledger = self._commit_log.read()
        for commit in ledger.stale_commits(time.time()):
            if commit.phase == "published":
                self._finish_commit(ledger, commit)
                continue
            self._abandon_commit(commit)
            if commit.phase == "dead":
                self._forget_commit(commit)

    def _forget_commit(self, commit: IndexCommit) -> None:
        self._commit_log.update(lambda found: found.without_commit(commit.number))

    def _delete_by_query(self, query: JsonObject) -> None:
        params = {"conflicts": "proceed", "refresh": "true", "request_timeout": 600}
        with_retries(lambda: self._client.delete_by_query(index=self._index, body={"query": query}, params=params))

    def _refresh_index(self) -> None:
        with_retries(lambda: self._client.indices.refresh(index=self._index))

    # Opening

    def _open_index(self, *, create: bool) -> None:
        if all(_index_exists(self._client, name) for name in (self._index, f"{self._index}-commits")):
            return
        if not create:
            raise EngineError("opensearch", f"there is no index {self._endpoint}")
        create_index(self._client, self._index, describe_index(self._endpoint))
        create_index(self._client, f"{self._index}-commits", COMMIT_LOG_INDEX)


def delete_index(endpoint: ClusterEndpoint) -> None:
    """Delete the index at *endpoint* with its ledger, where there is one."""
    client = create_client(endpoint)
    try:
        with translate_errors(endpoint):
            for name in (endpoint.name, f"{endpoint.name}-commits"):
                with_retries(partial(client.indices.delete, index=name, params={"ignore_unavailable": "true"}))
    finally:
        client.close()


def _index_exists(client: OpenSearch, name: str) -> bool:
    return bool(with_retries(lambda: client.indices.exists(index=name), away_s=MAX_FIRST_RETRY_S))


def _find_shard_routes(client: OpenSearch, name: str) -> tuple[str, ...]:
    """Find a routing value for each shard: statistics are asked of each."""
    settings = with_retries(lambda: client.indices.get_settings(index=name, name="index.number_of_shards"))
    (held,) = settings.values()
    wanted = int(held["settings"]["index"]["number_of_shards"])
    found: dict[int, str] = {}
    for value in map(str, range(100 * wanted)):
        if len(found) == wanted:
            break
        ((copy, *_),) = with_retries(partial(client.search_shards, index=name, params={"routing": value}))["shards"]
        found.setdefault(copy["shard"], value)
    return tuple(found.values())
