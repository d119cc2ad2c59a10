"""A source that remembers the tokens of passages that were read lately: searches read the same ones again and again."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Span, Subject, Transcript
    from .facets import Catalogue

MOST_BYTES = 80_000_000
"""What is remembered in one process, at most: the passages of some ten million words."""

_ENTRY_BYTES = 150  # that a dict takes for a key and a value


class Recent:
    """A store as a search reads it, for as long as the transcripts in it stay as they are.

    Tracks that are added or removed change nothing: their numbers are never used again, and an engine names only those
    that it holds.  What was not asked for while half of the room was filled anew is forgotten.
    """

    def __init__(self, source: Catalogue, *, most_bytes: int = MOST_BYTES) -> None:
        self._source = source
        self._half = most_bytes // 2
        self._fresh: dict[int, str] = {}
        self._former: dict[int, str] = {}
        self._bytes = 0
        self._keeping = Lock()

    def tokens(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages* without overlap, joined by spaces; unknown ones are absent."""
        fresh, former = self._fresh, self._former
        known = {passage: fresh[passage] for passage in passages if passage in fresh}
        again = {passage: former[passage] for passage in passages if passage in former and passage not in known}
        unknown = [passage for passage in passages if passage not in known and passage not in again]
        if unknown:
            read = self._source.tokens(unknown)
            again.update((passage, read.get(passage, "")) for passage in unknown)
        if again:
            self._keep(again)
            known.update(again)
        return {passage: text for passage, text in known.items() if text}

    def _keep(self, texts: Mapping[int, str]) -> None:
        with self._keeping:
            self._fresh.update(texts)
            self._bytes += sum(map(sys.getsizeof, texts.values())) + _ENTRY_BYTES * len(texts)
            if self._bytes > self._half:
                self._former, self._fresh, self._bytes = self._fresh, {}, 0

    @property
    def at_once(self) -> int:
        """How many places are best read together."""
        return self._source.at_once

    def stretches(self, spans: Sequence[Span]) -> list[Transcript]:
        """Give the blocks of each of *spans*, clipped, as one transcript counted from its start."""
        return self._source.stretches(spans)

    def subjects(self, tracks: Iterable[int]) -> Mapping[int, Subject]:
        """Tell what each of *tracks* belongs to; those that were removed are absent."""
        return self._source.subjects(tracks)

    def counted(self, tracks: Iterable[int]) -> Mapping[int, Subject]:
        """Tell what each of *tracks* belongs to, with every article but without labels; unknown ones are absent."""
        return self._source.counted(tracks)
