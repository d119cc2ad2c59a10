"""What the last searches found: a search that asks for the same again, or for more words of it, needs no engine."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_MAX_FOUND_BYTES = 12_000_000
_MAX_STARTS_BYTES = 2_000_000
_START_BYTES = 40  # of a position in a list
MAX_KEPT_STARTS = 5_000
"""Maximum places of a phrase that are kept: looking at each of them is faster than asking the engine."""


class BoundedMemory(Generic[Key, Value]):
    """A mapping of the values that were used last, up to *max_bytes*.  Threads may share it."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Key) -> Value | None:
        """Return the value of *key*; None if it is not there."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: Key, value: Value, size: int) -> None:
        """Keep *value*, of *size* bytes, unless it alone takes a quarter of the space."""
        if size > self._max_bytes // 4:
            return
        with self._lock:
            _, before = self._values.pop(key, (None, 0))
            self._values[key] = value, size
            self.size_bytes += size - before
            while self.size_bytes > self._max_bytes:
                _, (_, dropped) = self._values.popitem(last=False)
                self.size_bytes -= dropped


@dataclass(frozen=True, slots=True)
class PhrasePlaces:
    """All places of a phrase in the passages that some filters select: the positions of its first word by track."""

    starts: tuple[tuple[int, tuple[int, ...]], ...]


class RecentFindings:
    """What searches found in one state of an index.

    *phrases* has the places of phrases by the filters and by the words; *found* what a whole search found.
    """

    def __init__(self) -> None:
        self.found: BoundedMemory[Hashable, object] = BoundedMemory(_MAX_FOUND_BYTES)
        self._phrases: BoundedMemory[tuple[Hashable, tuple[str, ...]], PhrasePlaces] = BoundedMemory(_MAX_STARTS_BYTES)

    def keep_phrase(self, scope: Hashable, tokens: tuple[str, ...], places: PhrasePlaces) -> None:
        """Keep all *places* of the phrase *tokens* in *scope*, unless there are many, or it may overlap itself."""
        count = sum(len(starts) for _, starts in places.starts)
        if count <= MAX_KEPT_STARTS and not may_overlap_itself(tokens):
            size = 300 + 100 * len(places.starts) + _START_BYTES * count + 60 * len(tokens)
            self._phrases.put((scope, tokens), places, size)

    def find_prefix(self, scope: Hashable, tokens: tuple[str, ...]) -> PhrasePlaces | None:
        """Return the places of the longest known phrase in *scope* with which *tokens* begin; None if none is known."""
        prefixes = (tokens[:size] for size in range(len(tokens), 0, -1))
        found = (self._phrases.get((scope, prefix)) for prefix in prefixes)
        return next((places for places in found if places is not None), None)


def may_overlap_itself(tokens: Sequence[str]) -> bool:
    """Return whether a phrase may begin before its last occurrence ends: only one of the two is counted then."""
    return any(tokens[:size] == tokens[-size:] for size in range(1, len(tokens)))


class RecentSearches:
    """The findings of the current state of an index: those of earlier states are dropped."""

    def __init__(self, read_stamp: Callable[[], tuple[int, ...] | None]) -> None:
        self._read_stamp = read_stamp
        self._stamp: tuple[int, ...] = ()
        self._findings = RecentFindings()
        self._lock = Lock()

    def current(self) -> RecentFindings | None:
        """Return the findings of the current state of the index; None if the state is not known.

        A search asks before it reads anything, so that what it keeps is never older than that state.
        """
        stamp = self._read_stamp()
        if stamp is None:
            return None
        with self._lock:
            if stamp != self._stamp:
                self._stamp, self._findings = stamp, RecentFindings()
            return self._findings
