"""An index of the responses in archives, by address, in little memory: crawls have millions."""

from __future__ import annotations

import hashlib
import secrets
from array import array
from collections.abc import Iterator

from ...errors import TargetError
from ...net.saved_responses import normalize_saved_url

MAX_RECORDS = 3_000_000
_FIRST_SLOTS = 1 << 12
_FREE = 0xFFFFFFFF
_MAX_FOUND = 10_000
_HASH_KEY = secrets.token_bytes(16)
"""Nobody can choose addresses that share their slots."""


def key_of(url: str) -> int:
    """Return the number of an address, the same for all its spellings; others rarely have it."""
    return number_of(normalize_saved_url(url))


def number_of(text: str) -> int:
    """Return a number of 64 bits for *text*."""
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8, key=_HASH_KEY).digest(), "big"
    )


class RecordIndex:
    """Where each response is: arrays with an item for each, and a hash table of their numbers.

    *files* is the number of the file, *places* and *skips* where the record starts in it, *lengths* the length of its
    block, *times* when it was captured, in seconds since 1970, *statuses* its status, 0 for a revisit, and *digests*
    what tells whether its content is that of another.
    """

    def __init__(self) -> None:
        self.keys = array("Q")
        self.places = array("Q")
        self.skips = array("Q")
        self.lengths = array("Q")
        self.digests = array("Q")
        self.times = array("L")
        self.files = array("H")
        self.statuses = array("H")
        self._previous = array("I")
        self._slots = array("I", [_FREE]) * _FIRST_SLOTS

    def __len__(self) -> int:
        return len(self.keys)

    def add(
        self, key: int, place: tuple[int, int], *, file: int, length: int, time: int, status: int, digest: int
    ) -> int:
        """Add a record and return its number.  Raises `TargetError` if there are too many."""
        number = len(self.keys)
        if number >= MAX_RECORDS:
            raise TargetError("the archive", f"it has more than {MAX_RECORDS:,} records")
        self.keys.append(key)
        self.places.append(place[0])
        self.skips.append(place[1])
        self.lengths.append(length)
        self.digests.append(digest)
        self.times.append(time)
        self.files.append(file)
        self.statuses.append(status)
        if 2 * number >= len(self._slots):
            self._grow()
        slot = self._slot_of(key)
        self._previous.append(self._slots[slot])
        self._slots[slot] = number
        return number

    def find(self, key: int) -> Iterator[int]:
        """Yield the numbers of the records with *key*, the last first, at most `_MAX_FOUND`."""
        number = self._slots[self._slot_of(key)]
        for _ in range(_MAX_FOUND):
            if number == _FREE:
                return
            yield number
            number = self._previous[number]

    def find_digest(self, digest: int) -> int | None:
        """Return the number of the first record whose content has *digest*."""
        try:
            return self.digests.index(digest) if digest else None
        except ValueError:
            return None

    def _slot_of(self, key: int) -> int:
        """Return the slot that has *key*, or would have it."""
        mask = len(self._slots) - 1
        slot = key & mask
        while (number := self._slots[slot]) != _FREE and self.keys[number] != key:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        """Double the slots; each has the last of the records with its key."""
        old = self._slots
        self._slots = array("I", [_FREE]) * (2 * len(old))
        for number in old:
            if number != _FREE:
                self._slots[self._slot_of(self.keys[number])] = number
