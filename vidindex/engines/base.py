"""The protocols of full-text engines.

An engine only ranks passages.  Hits are built above it, from the store, so that every engine shows the same hits.
It can be deleted and rebuilt from the store at any time.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from ..model import Passage, QueryNode


class PassageCandidate(NamedTuple):
    """A passage that may match; scores are comparable only within one call."""

    passage_id: int
    score: float


class PassageIndex(Protocol):
    """A searchable set of passages.  Any method may raise `EngineError`."""

    @property
    def whole(self) -> PassageIndex:
        """The index itself, if this is a part of it, or answers some queries only."""
        return self

    @abstractmethod
    def find_candidates(self, query: QueryNode, *, limit: int, min_share: float = 0.0) -> Sequence[PassageCandidate]:
        """Return the *limit* best passages for *query*, best first; equal scores are ordered by passage id.

        Those with less than *min_share* of the best score may be any that match, if that takes less time.
        """

    def find_matched(self, queries: Sequence[QueryNode]) -> list[bool]:
        """Return for each of *queries* whether any passage matches it."""
        return [bool(self.find_candidates(each, limit=1)) for each in queries]

    @abstractmethod
    def has_token(self, token: str) -> bool:
        """Return whether any passage contains *token*."""

    def find_known_tokens(self, tokens: Iterable[str]) -> set[str]:
        """Return those of *tokens* that any passage contains."""
        return set(filter(self.has_token, tokens))

    @abstractmethod
    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        """Return indexed tokens that are spelled like *token*, without *token* itself, the most likely first."""

    @abstractmethod
    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        """Return indexed tokens that start with the first *prefix_chars* of *token*, the most frequent first.

        Tokens of deleted passages may be among them.  A cluster returns only tokens that are spelled like *token*.
        """

    @abstractmethod
    def count_passages(self) -> int:
        """Return the number of passages."""


class Engine(PassageIndex, Protocol):
    """A full-text index that is stored in a folder or on a cluster."""

    name: str

    @abstractmethod
    def replace_tracks(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        """Delete all passages of *tracks* and index *passages*, in one commit.

        After a crash, searches see either all of the commit or nothing of it.  *passages* is read once, lazily.
        """

    @abstractmethod
    def commit_stamp(self) -> tuple[int, ...]:
        """Return a value that differs after each commit of any process, at almost no cost; empty if not known."""

    @abstractmethod
    def close(self) -> None:
        """Close files, connections and threads."""
