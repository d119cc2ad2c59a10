"""Damage to files that this process may still read."""

from __future__ import annotations

from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Replace *path* with another file.

    tantivy loads an index a second time in the background, even after it is closed.  A process that reads a mapped file
    behind its new end is killed, so that a file is never truncated in place.
    """
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    new.replace(path)
