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
from ...store.opensearch.client import Json
from ...store.opensearch.documents import Documents
from ...store.opensearch.endpoint import Endpoint

LEASE_S = 900.0
"""A writer that was silent for so long is dead; it says that it is alive far more often."""

BEAT_S = 60.0

BURIAL_S = 86_400.0
"""How long a dead commit is remembered: a paused machine, or a request on its way, may still add passages to it."""

_DOCUMENT = "ledger"

Phase = Literal["writing", "published", "dead"]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that is under way, or was; *beat* is when it last said that it lives, in seconds since 1970."""

    number: int
    phase: Phase
    beat: float
    tracks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the ledger says at one moment; *last* is the highest number given to a commit so far."""

    last: int = 0
    commits: tuple[Commit, ...] = ()

    @property
    def hidden(self) -> list[int]:
        """The commits of which nothing may be seen."""
        return [commit.number for commit in self.commits if commit.phase != "published"]

    @property
    def published(self) -> list[Commit]:
        """The commits that are seen while what they replace is still there."""
        return [commit for commit in self.commits if commit.phase == "published"]

    @property
    def view(self) -> tuple[tuple[int, Phase], ...]:
        """What decides which passages are seen: equal views see the same ones."""
        return ((self.last, "writing"), *((commit.number, commit.phase) for commit in self.commits))

    def find(self, number: int) -> Commit | None:
        """Give the commit *number* if it is named."""
        return next((commit for commit in self.commits if commit.number == number), None)

    def forgotten(self, now: float) -> list[Commit]:
        """Give the commits that somebody else has to bring to an end."""
        patience = {"writing": LEASE_S, "published": LEASE_S, "dead": BURIAL_S}
        return [commit for commit in self.commits if now - commit.beat > patience[commit.phase]]

    def began(self, tracks: Sequence[int], now: float) -> Ledger:
        """Name the next commit."""
        number = self.last + 1
        return Ledger(number, (*self.commits, Commit(number, "writing", now, tuple(tracks))))

    def beaten(self, number: int, now: float) -> Ledger:
        """Note that the writer of *number* lives."""
        return replace(self, commits=tuple(replace(c, beat=now) if c.number == number else c for c in self.commits))

    def flipped(self, number: int, now: float) -> Ledger:
        """Show commit *number* and hide what it replaces.

        Nobody else's commit hides it any longer: of two for the same track the one that is published last is seen.
        """
        mine = self.find(number)
        if mine is None or mine.phase == "dead":
            raise EngineError("opensearch", "it was silent for too long and was given up", hint="run it again")
        taken = set(mine.tracks)
        others = (replace(c, tracks=tuple(t for t in c.tracks if t not in taken)) for c in self.published)
        rest = [c for c in self.commits if c.phase != "published" and c.number != number]
        kept = [c for c in others if c.number != number]
        return replace(self, commits=(*rest, *kept, replace(mine, phase="published", beat=now)))

    def buried(self, number: int, now: float) -> Ledger:
        """Note that *number* is never to be seen, unless it is published: then it stays."""
        mine = self.find(number)
        if mine is None or mine.phase == "published":
            return self
        return replace(self, commits=tuple(Commit(number, "dead", now) if c is mine else c for c in self.commits))

    def without(self, number: int) -> Ledger:
        """Forget *number*: nothing is left to hide."""
        return replace(self, commits=tuple(c for c in self.commits if c.number != number))


class LedgerFile:
    """The ledger's document, in the index `NAME-commits` of *endpoint*, changed by any number of machines."""

    def __init__(self, client: OpenSearch, endpoint: Endpoint) -> None:
        self._documents = Documents(client, endpoint, "commits", hint="")

    def read(self) -> Ledger:
        """Give what it says now."""
        found = self._documents.get(_DOCUMENT)
        return _read(found.source if found else None)

    def change(self, edit: Callable[[Ledger], Ledger]) -> Ledger:
        """Write what *edit* makes of it, again if others were faster; *edit* must bear being applied twice."""
        return _read(self._documents.change(_DOCUMENT, lambda source: asdict(edit(_read(source)))))


def _read(source: Json | None) -> Ledger:
    if source is None:
        return Ledger()
    commits = (Commit(c["number"], c["phase"], c["beat"], tuple(c["tracks"])) for c in source["commits"])
    return Ledger(source["last"], tuple(commits))
