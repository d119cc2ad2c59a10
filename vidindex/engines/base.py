"""What every engine can do: take passages, rank them for a query.

An engine only ranks.  What a hit looks like is made above it, from the store, so that every engine shows
the same hits; it may be thrown away and made again from the store at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from ..model import Passage, QueryNode


class PassageCandidate(NamedTuple):
    """A passage that may hold the answer; scores compare only within one call."""

    passage_id: int
    score: float


class Engine(Protocol):
    """A full-text index of passages in one folder.  Any method may raise `EngineError`."""

    name: str

    def replace_tracks(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        """Drop all passages of *tracks* and index *passages*, in one commit.

        Either all of it is found afterwards or, after a crash, none of it.  *passages* is read once, lazily.
        """

    def find_candidates(self, query: QueryNode, *, limit: int) -> list[PassageCandidate]:
        """Give the *limit* best passages for *query*, best first, equal scores by passage id."""

    def has_token(self, token: str) -> bool:
        """Tell whether any passage holds *token*."""

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        """Give indexed tokens spelled like *token* (itself excluded), the likeliest first."""

    def count_passages(self) -> int:
        """Count the passages."""

    def close(self) -> None:
        """Let go of files and threads."""
