"""Make many documents visible at once, in an engine that knows no transactions.

Each passage carries the number of the commit that wrote it.  One document, the ledger, names the commits that are
under way, and it alone decides what a search sees:

    writing      its passages are hidden
    published    its passages are seen, all others of its tracks are hidden until they are deleted
    (not named)  its passages are seen
    dead         given up or left by a machine that died; its passages are hidden until they are deleted

The step from `writing` to `published` is one write to one document, made only if nobody changed it since it was read.
The ledger is read by its id, which sees every write at once, and stays small: it names what is under way, nothing else.
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

LEASE_S = 900.0
"""A writer that was silent for so long is dead; it says that it is alive far more often."""

HEARTBEAT_S = 60.0

DEAD_COMMIT_TTL_S = 86_400.0
"""How long a dead commit is remembered: a paused machine, or a request on its way, may still add passages to it."""

_LOG_DOCUMENT_ID = "ledger"

CommitPhase = Literal["writing", "published", "dead"]


@dataclass(frozen=True, slots=True)
class IndexCommit:
    """A commit that is under way, or was; *beat* is when it last said that it lives, in seconds since 1970."""

    number: int
    phase: CommitPhase
    beat: float
    tracks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitLog:
    """What the ledger says at one moment; *last* is the highest number given to a commit so far."""

    last: int = 0
    commits: tuple[IndexCommit, ...] = ()

    @property
    def hidden_numbers(self) -> list[int]:
        """The commits of which nothing may be seen."""
        return [commit.number for commit in self.commits if commit.phase != "published"]

    @property
    def published_commits(self) -> list[IndexCommit]:
        """The commits that are seen while what they replace is still there."""
        return [commit for commit in self.commits if commit.phase == "published"]

    @property
    def view(self) -> tuple[tuple[int, CommitPhase], ...]:
        """What decides which passages are seen: equal views see the same ones."""
        return ((self.last, "writing"), *((commit.number, commit.phase) for commit in self.commits))

    def find_commit(self, number: int) -> IndexCommit | None:
        """Give the commit *number* if it is named."""
        return next((commit for commit in self.commits if commit.number == number), None)

    def stale_commits(self, now: float) -> list[IndexCommit]:
        """Give the commits that somebody else has to bring to an end."""
        patience = {"writing": LEASE_S, "published": LEASE_S, "dead": DEAD_COMMIT_TTL_S}
        return [commit for commit in self.commits if now - commit.beat > patience[commit.phase]]

    def with_new_commit(self, tracks: Sequence[int], now: float) -> CommitLog:
        """Name the next commit."""
        number = self.last + 1
        return CommitLog(number, (*self.commits, IndexCommit(number, "writing", now, tuple(tracks))))

    def with_heartbeat(self, number: int, now: float) -> CommitLog:
        """Note that the writer of *number* lives."""
        return replace(self, commits=tuple(replace(c, beat=now) if c.number == number else c for c in self.commits))

    def published(self, number: int, now: float) -> CommitLog:
        """Show commit *number* and hide what it replaces.

        Nobody else's commit hides it any longer: of two for the same track the one that is published last is seen.
        """
        mine = self.find_commit(number)
        if mine is None or mine.phase == "dead":
            raise EngineError("opensearch", "it was silent for too long and was given up", hint="run it again")
        taken = set(mine.tracks)
        others = (replace(c, tracks=tuple(t for t in c.tracks if t not in taken)) for c in self.published_commits)
        rest = [c for c in self.commits if c.phase != "published" and c.number != number]
        kept = [c for c in others if c.number != number]
        return replace(self, commits=(*rest, *kept, replace(mine, phase="published", beat=now)))

    def expired(self, number: int, now: float) -> CommitLog:
        """Note that *number* is never to be seen, unless it is published: then it stays."""
        mine = self.find_commit(number)
        if mine is None or mine.phase == "published":
            return self
        return replace(self, commits=tuple(IndexCommit(number, "dead", now) if c is mine else c for c in self.commits))

    def without_commit(self, number: int) -> CommitLog:
        """Forget *number*: nothing is left to hide."""
        return replace(self, commits=tuple(c for c in self.commits if c.number != number))


class CommitLogDocument:
    """The ledger's document, in the index `NAME-commits` of *endpoint*, changed by any number of machines."""

    def __init__(self, client: OpenSearch, endpoint: ClusterEndpoint) -> None:
        self._documents = DocumentIndex(client, endpoint, "commits", hint="")

    def read(self) -> CommitLog:
        """Give what it says now."""
        found = self._documents.get(_LOG_DOCUMENT_ID)
        return _parse_log(found.source if found else None)

    def update(self, edit: Callable[[CommitLog], CommitLog]) -> CommitLog:
        """Write what *edit* makes of it, again if others were faster; *edit* must bear being applied twice."""
        return _parse_log(self._documents.update(_LOG_DOCUMENT_ID, lambda source: asdict(edit(_parse_log(source)))))


def _parse_log(source: JsonObject | None) -> CommitLog:
    if source is None:
        return CommitLog()
    commits = (IndexCommit(c["number"], c["phase"], c["beat"], tuple(c["tracks"])) for c in source["commits"])
    return CommitLog(source["last"], tuple(commits))
