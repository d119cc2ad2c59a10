"""Checksums of the files of an engine, recorded by each commit, so that damage is found that changes answers.

The files of segments never change once they are written, so a commit reads only new ones.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

CHECKSUMS_FILE = "checksums.json"
_MAX_LIST_BYTES = 4_000_000
_DIGEST_BYTES = 16


def record_checksums(folder: Path, names: Iterable[str], *, changing: Collection[str]) -> None:
    """Record the checksums of the files *names* of a commit; those of *changing* files are computed again."""
    known = {}
    with suppress(OSError, ValueError):  # none yet, or damaged
        known = _read_checksums(folder)
    sums = {name: known.get(name) if name not in changing else None for name in names}
    sums = {name: each or hash_file(folder / name) for name, each in sums.items()}
    listed = json.dumps(sums, sort_keys=True)
    hidden = folder / f"{CHECKSUMS_FILE}.new"
    hidden.write_text(
        json.dumps({"sum": _hash_bytes(listed.encode()), "files": sums}, sort_keys=True), encoding="utf-8"
    )
    hidden.replace(folder / CHECKSUMS_FILE)


def read_names(folder: Path) -> frozenset[str]:
    """Return the names of the files that have a checksum, and that of the list itself if it is damaged."""
    try:
        return frozenset(_read_checksums(folder))
    except FileNotFoundError:  # an older version wrote the index
        return frozenset()
    except ValueError:
        return frozenset((CHECKSUMS_FILE,))


def find_changed_files(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield those of the files *names*, which have checksums, that are missing or differ from them."""
    try:
        sums = _read_checksums(folder)
    except FileNotFoundError:
        return
    except ValueError:
        yield CHECKSUMS_FILE
        return
    for name in sorted(names):
        try:
            if name in sums and hash_file(folder / name) != sums[name]:
                yield name
        except FileNotFoundError:
            yield name


def hash_file(path: Path) -> str:
    """Return the checksum of the content of a file."""
    import hashlib  # takes 3 ms, which a search need not pay

    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)).hexdigest()


def _hash_bytes(data: bytes) -> str:
    import hashlib

    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()


def _read_checksums(folder: Path) -> dict[str, str]:
    """Return the recorded checksums.

    Raises `FileNotFoundError` if there are none, `ValueError` if they are damaged.
    """
    with (folder / CHECKSUMS_FILE).open("rb") as file:
        content = file.read(_MAX_LIST_BYTES + 1)
    try:
        recorded = json.loads(content)
        sums: dict[str, str] = recorded["files"]
        is_whole = recorded.keys() == {"sum", "files"} and recorded["sum"] == _hash_bytes(
            json.dumps(sums, sort_keys=True).encode()
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise ValueError("the checksums are damaged") from exc
    if not is_whole:
        raise ValueError("the checksums are damaged")
    return sums
