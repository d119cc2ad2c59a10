"""An index on a cluster whose documents are written in atomic commits, by any number of machines.

Each document has the number of its track and of its commit.  A second index, `NAME-commits`, has the commit log
(`commit_log`), which decides which documents are visible.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from math import inf
from typing import TypeVar

from opensearchpy import OpenSearch

from ...errors import EngineError
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
from .commit_log import HEARTBEAT_S, CommitLog, CommitLogDocument, IndexCommit
from .queries import chunk_commit_tracks, hidden_clauses, match_replaced, match_written_by

_MAX_VIEW_RETRIES = 5
"""Retries of a search if a commit becomes visible during it."""

_MAX_LOG_AGE_S = 1.0
"""How long a search starts from the commit log that the one before has read: it is compared afterwards in any case."""

_COMMIT_LOG_INDEX = {
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-2"},
    "mappings": {"dynamic": "false", "properties": {}},
}
"""The index of the commit log, a single document that is read by its id."""

T = TypeVar("T")


class CommittedIndex:
    """The index at *endpoint*; *create_missing* creates it if it does not exist, None raises `EngineError`.

    The methods raise the errors of the client, which the caller translates.
    """

    def __init__(
        self, endpoint: ClusterEndpoint, *, create_missing: Callable[[OpenSearch, str], None] | None = None
    ) -> None:
        self.name = endpoint.name
        self.client = create_client(endpoint)
        self.commit_log = CommitLogDocument(self.client, endpoint)
        self._count_cache: tuple[object, int] = ((), 0)
        self._last_read: tuple[float, CommitLog] | None = None
        if _exist(self.client, self.name, f"{self.name}-commits"):
            return
        if create_missing is None:
            raise EngineError("opensearch", f"no index at {endpoint}")
        create_missing(self.client, self.name)
        create_index(self.client, f"{self.name}-commits", _COMMIT_LOG_INDEX)

    def replace_tracks(self, tracks: Sequence[int], make_lines: Callable[[int], Iterable[str]]) -> None:
        """Delete the documents of *tracks*, and add those whose lines *make_lines* makes of the number of a commit."""
        self._recover_stale_commits()
        commit = self.begin_commit(tracks)
        try:
            self.write_documents(commit, make_lines(commit.number))
            log = self.commit_log.update(lambda found: found.published(commit.number, time.time()))
        except BaseException:
            with suppress(Exception):  # it is hidden, and the next writer abandons it again
                self._abandon_commit(commit)
            raise
        self._finish_commit(log, commit)

    def read_consistently(self, read: Callable[[CommitLog], T]) -> T:
        """Call *read* again if the visible commits change during it, so that no commit is visible in part.

        What it returns is true of the moment when it ends.
        """
        log = self._find_recent_log() or self._read_log()
        for _ in range(1 + _MAX_VIEW_RETRIES):
            found = read(log)
            before, log = log, self._read_log()
            if log.view == before.view:
                break
        return found

    def _find_recent_log(self) -> CommitLog | None:
        """Return the commit log that was read a moment ago, if there was one: several searches make up one answer."""
        read_at, log = self._last_read or (-inf, None)
        return log if time.monotonic() - read_at < _MAX_LOG_AGE_S else None

    def _read_log(self) -> CommitLog:
        log = self.commit_log.read()
        self._last_read = time.monotonic(), log
        return log

    def count_visible(self, log: CommitLog) -> int:
        """Return the number of visible documents, cached until the view changes."""
        view, counted = self._count_cache
        if view != log.view:
            body = {"query": {"bool": {"must_not": hidden_clauses(log)}}}
            counted = with_retries(lambda: int(self.client.count(index=self.name, body=body)["count"]))
            self._count_cache = (log.view, counted)
        return counted

    def refresh(self) -> None:
        """Make the documents that were written visible to searches, if their commits are."""
        with_retries(lambda: self.client.indices.refresh(index=self.name)["_shards"])

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    # The steps of a commit

    def begin_commit(self, tracks: Sequence[int]) -> IndexCommit:
        """Add a commit that replaces the documents of *tracks* to the log, and return it."""
        log = self.commit_log.update(lambda found: found.with_new_commit(tracks, time.time()))
        return log.commits[-1]

    def write_documents(self, commit: IndexCommit, lines: Iterable[str]) -> None:
        """Send the documents of *commit*, which stay hidden."""
        send_lines(self.client, self.name, lines, on_sent=self._make_heartbeat(commit))
        self.refresh()

    def _make_heartbeat(self, commit: IndexCommit) -> Callable[[], None]:
        """Return a callback that sends a heartbeat of *commit* at most once per interval."""
        last = time.monotonic()

        def send_heartbeat() -> None:
            nonlocal last
            if time.monotonic() - last > HEARTBEAT_S:
                self.commit_log.update(lambda found: found.with_heartbeat(commit.number, time.time()))
                last = time.monotonic()

        return send_heartbeat

    def _finish_commit(self, log: CommitLog, commit: IndexCommit) -> None:
        """Delete the documents that *commit* replaced, which are no longer visible."""
        for tracks in chunk_commit_tracks(commit):
            self._delete_by_query(match_replaced(log, commit, tracks))
        self._forget_commit(commit)

    def _abandon_commit(self, commit: IndexCommit) -> None:
        """Hide and delete the documents of *commit*, unless it has been published."""
        log = self.commit_log.update(lambda found: found.expired(commit.number, time.time()))
        if any(published.number == commit.number for published in log.published_commits):
            return
        self.refresh()
        self._delete_by_query(match_written_by(commit))

    def _recover_stale_commits(self) -> None:
        """Finish or abandon the commits of dead writers."""
        log = self.commit_log.read()
        for commit in log.stale_commits(time.time()):
            if commit.phase == "published":
                self._finish_commit(log, commit)
                continue
            self._abandon_commit(commit)
            if commit.phase == "dead":
                self._forget_commit(commit)

    def _forget_commit(self, commit: IndexCommit) -> None:
        self.commit_log.update(lambda found: found.without_commit(commit.number))

    def _delete_by_query(self, query: JsonObject) -> None:
        params = {"conflicts": "proceed", "refresh": "true", "request_timeout": 600}
        request = partial(self.client.delete_by_query, index=self.name, body={"query": query}, params=params)
        with_retries(lambda: request()["deleted"])


def delete_committed_index(endpoint: ClusterEndpoint, *more: str) -> None:
    """Delete the index at *endpoint*, those with the names *more*, and their commit logs, if they exist."""
    client = create_client(endpoint)
    names = [each for name in (endpoint.name, *more) for each in (name, f"{name}-commits")]
    try:
        with translate_errors(endpoint):
            for name in names:
                request = partial(client.indices.delete, index=name, params={"ignore_unavailable": "true"})
                with_retries(lambda: request()["acknowledged"])  # noqa: B023
    finally:
        client.close()


def _exist(client: OpenSearch, *names: str) -> bool:
    """Return whether all of the indices exist."""
    return bool(with_retries(lambda: client.indices.exists(index=",".join(names)), away_s=MAX_FIRST_RETRY_S))
