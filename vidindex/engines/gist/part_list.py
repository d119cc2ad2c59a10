"""The list of the files of vectors of an index in a folder; replacing it is a commit."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIST_FILE = "vectors.json"
_MAX_LIST_BYTES = 64_000_000
_PART_NAME = re.compile(r"rows-[0-9]{1,12}\.i8")


@dataclass(frozen=True, slots=True)
class VectorPart:
    """A file with *count* vectors; those of the *dropped* tracks are outdated, the others *live*."""

    name: str
    count: int
    live: int
    checksum: str
    dropped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PartList:
    """The files of an index with vectors of *dim* dimensions; *next* is the number of the next file."""

    dim: int
    parts: tuple[VectorPart, ...] = ()
    next: int = 1


def read_part_list(folder: Path) -> PartList:
    """Return the list in *folder*.  Raises `FileNotFoundError`, `ValueError` if it is damaged."""
    with (folder / LIST_FILE).open("rb") as file:
        content = file.read(_MAX_LIST_BYTES + 1)
    try:
        recorded = json.loads(content)
        listed = recorded["list"]
        if recorded.keys() != {"sum", "list"} or recorded["sum"] != _checksum(listed):
            raise ValueError("the list of the vectors is damaged")
        parts = tuple(map(_parse_part, listed["parts"]))
        return PartList(int(listed["dim"]), parts, int(listed["next"]))
    except (KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise ValueError("the list of the vectors is damaged") from exc


def write_part_list(folder: Path, listed: PartList) -> None:
    """Replace the list in *folder*, so that a crash leaves the old or the new one."""
    value = {
        "dim": listed.dim,
        "next": listed.next,
        "parts": [[part.name, part.count, part.live, part.checksum, list(part.dropped)] for part in listed.parts],
    }
    hidden = folder / f"{LIST_FILE}.new"
    with hidden.open("w", encoding="utf-8") as file:
        json.dump({"sum": _checksum(value), "list": value}, file)
        file.flush()
        os.fsync(file.fileno())
    hidden.replace(folder / LIST_FILE)


def delete_unlisted(folder: Path, parts: Sequence[VectorPart]) -> None:
    """Delete the files of vectors in *folder* that are not among *parts*; a reader may still have them open."""
    names = {part.name for part in parts}
    for path in folder.iterdir():
        if _PART_NAME.fullmatch(path.name) and path.name not in names:
            path.unlink(missing_ok=True)


def _parse_part(value: Any) -> VectorPart:
    name, count, live, checksum, dropped = value
    if not isinstance(name, str) or not _PART_NAME.fullmatch(name):
        raise ValueError("the list of the vectors names another file")
    return VectorPart(name, int(count), int(live), str(checksum), tuple(map(int, dropped)))


def _checksum(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=16).hexdigest()
