"""Atomic commits of many documents, on a cluster that has no transactions.

Each passage has the number of the commit that wrote it.  One document, the commit log, lists the commits in progress
and decides which passages are visible:

    writing      the passages of the commit are hidden
    published    its passages are visible; all other passages of its tracks are hidden until they are deleted
    (not listed) its passages are visible
    dead         the commit was abandoned or its machine died; its passages are hidden until they are deleted

The step from `writing` to `published` is one compare-and-set of one document.  The log is read by its id, which returns
the last write immediately, and it stays small, since it lists only commits in progress.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from opensearchpy import OpenSearch

from ...errors import EngineError
from ...store.opensearch.client import JsonObject
from ...store.opensearch.documents import DocumentIndex
from ...store.opensearch.endpoint import ClusterEndpoint
from ...store.opensearch.stored_source import reads_stored

LEASE_S = 900.0
"""A writer without a heartbeat for this time is dead."""

HEARTBEAT_S = 60.0

DEAD_COMMIT_TTL_S = 86_400.0
"""How long a dead commit stays in the log; a paused machine or a delayed request may still add passages to it."""

_LOG_DOCUMENT_ID = "ledger"

CommitPhase = Literal["writing", "published", "dead"]


@dataclass(frozen=True, slots=True)
class IndexCommit:
    """A commit; *beat* is the time of its last heartbeat, in seconds since 1970."""

    number: int
    phase: CommitPhase
    beat: float
    tracks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitLog:
    """The commit log at one moment; *last* is the highest commit number so far."""

    last: int = 0
    commits: tuple[IndexCommit, ...] = ()

    @property
    def hidden_numbers(self) -> list[int]:
        """The numbers of the commits whose passages are hidden."""
        return [commit.number for commit in self.commits if commit.phase != "published"]

    @property
    def published_commits(self) -> list[IndexCommit]:
        """The visible commits whose replaced passages still exist."""
        return [commit for commit in self.commits if commit.phase == "published"]

    @property
    def view(self) -> tuple[tuple[int, CommitPhase], ...]:
        """The state that decides which passages are visible; equal views show the same passages."""
        return ((self.last, "writing"), *((commit.number, commit.phase) for commit in self.commits))

    def find_commit(self, number: int) -> IndexCommit | None:
        """Return the commit *number*; None if the log does not list it."""
        return next((commit for commit in self.commits if commit.number == number), None)

    def stale_commits(self, now: float) -> list[IndexCommit]:
        """Return the commits whose writers are dead, which another writer has to finish or abandon."""
        lease_s = {"writing": LEASE_S, "published": LEASE_S, "dead": DEAD_COMMIT_TTL_S}
        return [commit for commit in self.commits if now - commit.beat > lease_s[commit.phase]]

    def with_new_commit(self, tracks: Sequence[int], now: float) -> CommitLog:
        """Return the log with a new commit, the last in `commits`."""
        number = self.last + 1
        return CommitLog(number, (*self.commits, IndexCommit(number, "writing", now, tuple(tracks))))

    def with_heartbeat(self, number: int, now: float) -> CommitLog:
        """Return the log with a new heartbeat of commit *number*."""
        return replace(self, commits=tuple(replace(c, beat=now) if c.number == number else c for c in self.commits))

    def published(self, number: int, now: float) -> CommitLog:
        """Return the log with commit *number* published, which hides the passages that it replaces.

        Other commits no longer hide it: of two commits for one track, the one published last is visible.
        """
        commit = self.find_commit(number)
        if commit is None or commit.phase == "dead":
            raise EngineError(
                "opensearch", "the commit was abandoned because its heartbeat stopped", hint="run it again"
            )
        taken = set(commit.tracks)
        others = (replace(c, tracks=tuple(t for t in c.tracks if t not in taken)) for c in self.published_commits)
        rest = [c for c in self.commits if c.phase != "published" and c.number != number]
        kept = [c for c in others if c.number != number]
        return replace(self, commits=(*rest, *kept, replace(commit, phase="published", beat=now)))

    def expired(self, number: int, now: float) -> CommitLog:
        """Return the log with commit *number* dead, unless it is published."""
        commit = self.find_commit(number)
        if commit is None or commit.phase == "published":
            return self
        return replace(
            self, commits=tuple(IndexCommit(number, "dead", now) if c is commit else c for c in self.commits)
        )

    def without_commit(self, number: int) -> CommitLog:
        """Return the log without commit *number*."""
        return replace(self, commits=tuple(c for c in self.commits if c.number != number))


class CommitLogDocument:
    """The document of the commit log, in the index `NAME-commits`, shared by any number of machines."""

    def __init__(self, client: OpenSearch, endpoint: ClusterEndpoint) -> None:
        self._documents = DocumentIndex(client, endpoint, "commits", hint="")

    def read(self) -> CommitLog:
        """Return the current commit log."""
        found = self._documents.get(_LOG_DOCUMENT_ID)
        return _parse_log(found.source if found else None)

    def update(self, edit: Callable[[CommitLog], CommitLog]) -> CommitLog:
        """Replace the log by the result of *edit*, with compare-and-set; *edit* may be called more than once."""
        return _parse_log(self._documents.update(_LOG_DOCUMENT_ID, lambda source: asdict(edit(_parse_log(source)))))


def _parse_log(source: JsonObject | None) -> CommitLog:
    return CommitLog() if source is None else _read_log(source)


@reads_stored
def _read_log(source: JsonObject) -> CommitLog:
    commits = (IndexCommit(c["number"], c["phase"], c["beat"], tuple(c["tracks"])) for c in source["commits"])
    return CommitLog(source["last"], tuple(commits))
