"""The engine of the extra `opensearch`: an OpenSearch cluster that any number of machines write and search.

The index is at a `ClusterEndpoint`; a second index, `NAME-commits`, has the commit log (`commit_log`).
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
from ...store.opensearch.bulk import send_lines
from ...store.opensearch.client import (
    MAX_FIRST_RETRY_S,
    JsonObject,
    create_client,
    create_index,
    translate_errors,
    with_retries,
)
from ...store.opensearch.endpoint import ClusterEndpoint
from ..base import Engine, PassageCandidate
from ..spelling import find_similar_words
from ..terms import MAX_TOKEN_CHARS
from .commit_log import HEARTBEAT_S, CommitLog, CommitLogDocument, IndexCommit
from .document_jobs import make_lines
from .queries import chunk_commit_tracks, hidden_clauses, match_replaced, match_written_by
from .schema import COMMIT_LOG_INDEX, WORDS_FIELD, describe_index
from .search import OpenSearchQueryRunner

__all__ = ["OpenSearchEngine", "delete_index"]

_MAX_SUGGESTIONS = 50
"""Spelling suggestions to request from the cluster, of which the most likely are returned."""

_MAX_VIEW_RETRIES = 5
"""Retries of a search if a commit becomes visible during it."""

T = TypeVar("T")


class OpenSearchEngine(Engine):
    """An engine in an index of an OpenSearch cluster."""

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
        with translate_errors(self._endpoint):
            self._recover_stale_commits()
            commit = self._begin_commit(tracks)
            try:
                self._write_passages(commit, passages)
                log = self._commit_log.update(lambda found: found.published(commit.number, time.time()))
            except BaseException:
                with suppress(Exception):  # it is hidden, and the next writer abandons it again
                    self._abandon_commit(commit)
                raise
            self._finish_commit(log, commit)

    def find_candidates(self, query: QueryNode, *, limit: int) -> list[PassageCandidate]:

        def run_query(log: CommitLog) -> list[PassageCandidate]:
            passages = self._count_visible(log)
            return OpenSearchQueryRunner(
                self._client, self._index, log, shard_routes=self._shard_routes, passage_count=passages
            ).find_best(query, limit=limit)

        with translate_errors(self._endpoint):
            return self._read_consistently(run_query)

    def has_token(self, token: str) -> bool:
        return bool(self.find_candidates(PhraseQuery((token,)), limit=1))

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        token = token[:MAX_TOKEN_CHARS]
        words = self._suggest_tokens(token, max_edits=1 if len(token) < 6 else 2, prefix_length=0)
        return find_similar_words(token, words, limit=limit)

    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        words = self._suggest_tokens(token[:MAX_TOKEN_CHARS], max_edits=2, prefix_length=prefix_chars)
        return sorted(words, key=lambda text: (-words[text], text))[:limit]

    def _suggest_tokens(self, token: str, *, max_edits: int, prefix_length: int) -> dict[str, int]:
        """Return the indexed tokens that differ from *token* by *max_edits* at most, with their frequencies."""
        term = {
            "field": WORDS_FIELD,
            "size": _MAX_SUGGESTIONS,
            "suggest_mode": "always",
            "max_edits": max_edits,
            "prefix_length": prefix_length,
            "min_word_length": 1,
            "string_distance": "damerau_levenshtein",
        }
        body = {"size": 0, "suggest": {"like": {"text": token, "term": term}}}
        with translate_errors(self._endpoint):
            answer = with_retries(lambda: self._client.search(index=self._index, body=body))
        return {option["text"]: option["freq"] for part in answer["suggest"]["like"] for option in part["options"]}

    def count_passages(self) -> int:
        with translate_errors(self._endpoint):
            return self._read_consistently(self._count_visible)

    def commit_stamp(self) -> tuple[int, ...]:
        return ()  # other machines may write at any time

    def close(self) -> None:
        self._client.close()

    # Visibility

    def _read_consistently(self, read: Callable[[CommitLog], T]) -> T:
        """Call *read* again if the visible commits change during it, so that no commit is visible in part."""
        log = self._commit_log.read()
        for _ in range(_MAX_VIEW_RETRIES):
            found = read(log)
            before, log = log, self._commit_log.read()
            if log.view == before.view:
                break
        return found

    def _count_visible(self, log: CommitLog) -> int:
        """Return the number of visible passages, cached until the view changes."""
        view, counted = self._passage_count_cache
        if view != log.view:
            body = {"query": {"bool": {"must_not": hidden_clauses(log)}}}
            counted = int(with_retries(lambda: self._client.count(index=self._index, body=body))["count"])
            self._passage_count_cache = (log.view, counted)
        return counted

    # Commits

    def _begin_commit(self, tracks: Sequence[int]) -> IndexCommit:
        log = self._commit_log.update(lambda found: found.with_new_commit(tracks, time.time()))
        return log.commits[-1]

    def _write_passages(self, commit: IndexCommit, passages: Iterable[Passage]) -> None:
        lines = make_lines(passages, commit.number)
        send_lines(self._client, self._index, lines, on_sent=self._make_heartbeat(commit))
        self._refresh_index()

    def _make_heartbeat(self, commit: IndexCommit) -> Callable[[], None]:
        """Return a callback that sends a heartbeat of *commit* at most once per interval."""
        last = time.monotonic()

        def send_heartbeat() -> None:
            nonlocal last
            if time.monotonic() - last > HEARTBEAT_S:
                self._commit_log.update(lambda found: found.with_heartbeat(commit.number, time.time()))
                last = time.monotonic()

        return send_heartbeat

    def _finish_commit(self, log: CommitLog, commit: IndexCommit) -> None:
        """Delete the passages that *commit* replaced, which are no longer visible."""
        for tracks in chunk_commit_tracks(commit):
            self._delete_by_query(match_replaced(log, commit, tracks))
        self._forget_commit(commit)

    def _abandon_commit(self, commit: IndexCommit) -> None:
        """Hide and delete the passages of *commit*, unless it has been published."""
        log = self._commit_log.update(lambda found: found.expired(commit.number, time.time()))
        if any(published.number == commit.number for published in log.published_commits):
            return
        self._refresh_index()
        self._delete_by_query(match_written_by(commit))

    def _recover_stale_commits(self) -> None:
        """Finish or abandon the commits of dead writers."""
        log = self._commit_log.read()
        for commit in log.stale_commits(time.time()):
            if commit.phase == "published":
                self._finish_commit(log, commit)
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
            raise EngineError("opensearch", f"no index at {self._endpoint}")
        create_index(self._client, self._index, describe_index(self._endpoint))
        create_index(self._client, f"{self._index}-commits", COMMIT_LOG_INDEX)


def delete_index(endpoint: ClusterEndpoint) -> None:
    """Delete the index at *endpoint* and its commit log, if they exist."""
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
    """Return a routing value for each shard, since statistics are requested per shard."""
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
