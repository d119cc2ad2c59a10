"""A source that remembers the passages that were read lately: searches read the same ones again and again."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Span, Subject, Transcript
    from .facets import Catalogue

MOST_BYTES = 120_000_000
"""What is remembered in one process, at most: the passages of some ten million words."""

_ENTRY_BYTES = 250  # that an ordered dict takes for a key and a value


class Recent:
    """A store as a search reads it, for as long as the transcripts in it stay as they are.

    Tracks that are added or removed change nothing: their numbers are never used again, and an engine names only those
    that it holds.  Beyond *most_bytes*, what was read first is forgotten first.
    """

    def __init__(self, source: Catalogue, *, most_bytes: int = MOST_BYTES) -> None:
        self._source = source
        self._most_bytes = most_bytes
        self._texts: OrderedDict[int, str] = OrderedDict()
        self._bytes = 0
        self._keeping = Lock()

    def texts(self, passages: Sequence[int]) -> Mapping[int, str]:
        """Give the tokens of each of *passages*, and some that follow, joined by spaces; unknown ones are absent."""
        texts = self._texts
        known = {passage: text for passage in passages if (text := texts.get(passage))}
        if len(known) < len(passages):
            read = self._source.texts([passage for passage in passages if passage not in known])
            self._keep(read)
            known.update(read)
        return known

    def _keep(self, texts: Mapping[int, str]) -> None:
        with self._keeping:
            fresh = {passage: text for passage, text in texts.items() if passage not in self._texts}
            self._texts.update(fresh)
            self._bytes += sum(map(sys.getsizeof, fresh.values())) + _ENTRY_BYTES * len(fresh)
            while self._bytes > self._most_bytes:
                _, text = self._texts.popitem(last=False)
                self._bytes -= sys.getsizeof(text) + _ENTRY_BYTES

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
