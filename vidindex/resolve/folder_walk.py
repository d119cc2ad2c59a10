"""Walk a folder that others may have prepared: pipes, devices and links out of it are reported, and never opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MAX_FOLDER_DEPTH = 100
MAX_REPORTED_FILES = 100
"""So many skipped files are reported one by one, and the others as a number."""
_MAX_NAMES_MEMORY_BYTES = 90_000_000  # of one folder: about a million names

OUTSIDE_REASON = "it leads out of the folder; add it by its own path"
NOT_REGULAR_REASON = "it is a pipe or a device, not a file"

OnSkipped = Callable[[Path, str], None]
"""Called with each file or folder that is skipped, and the reason."""


class SkippedFiles:
    """Passes skipped files on to *on_skipped*, up to a limit: a hostile folder may contain millions."""

    def __init__(self, on_skipped: OnSkipped) -> None:
        self._on_skipped = on_skipped
        self._count = 0

    def add(self, path: Path, reason: str) -> None:
        """Report that *path* is skipped."""
        self._count += 1
        if self._count <= MAX_REPORTED_FILES:
            self._on_skipped(path, reason)

    def report_rest(self, folder: Path) -> None:
        """Report the number of the files in *folder* that were not reported."""
        if self._count > MAX_REPORTED_FILES:
            self._on_skipped(folder, f"{self._count - MAX_REPORTED_FILES:,} more files in it were skipped")


@dataclass(slots=True)
class _Listing:
    """The names in one folder: wanted files, and subfolders."""

    files: list[str] = field(default_factory=list)
    subfolders: list[str] = field(default_factory=list)
    memory_bytes: int = 0

    def append(self, names: list[str], name: str) -> None:
        """Append *name* to *names*, one of the lists."""
        self.memory_bytes += sys.getsizeof(name) + 8
        names.append(name)


def walk_files(root: Path, is_wanted: Callable[[str], bool], skipped: SkippedFiles) -> Iterator[tuple[Path, list[str]]]:
    """Yield each folder below *root* with the sorted names of its files that *is_wanted* selects, in sorted order.

    Each folder is read when it is reached.  The files are regular files inside *root*, or links to such files; what is
    skipped is added to *skipped*.  Links to folders are not followed, because they may form loops.
    """
    real_root = os.path.realpath(root)
    directory, pending = root, [[""]]  # for each level, the subfolders that are still to be read, the next one last
    while pending:
        if not pending[-1]:
            pending.pop()
            directory = directory.parent
            continue
        folder = directory / pending[-1].pop()
        listing = _list_folder(folder, real_root, is_wanted, skipped)
        yield folder, sorted(listing.files)
        if listing.subfolders and len(pending) > MAX_FOLDER_DEPTH:
            skipped.add(folder, f"its subfolders are more than {MAX_FOLDER_DEPTH} levels deep; add them by path")
        elif listing.subfolders:
            pending.append(sorted(listing.subfolders, reverse=True))
            directory = folder


def _list_folder(folder: Path, real_root: str, is_wanted: Callable[[str], bool], skipped: SkippedFiles) -> _Listing:
    listing = _Listing()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    _add_entry(listing, entry, real_root, is_wanted(entry.name), skipped)
                except OSError as exc:  # it has vanished, or its target cannot be reached
                    skipped.add(Path(entry.path), f"it cannot be read ({exc.strerror})")
                if listing.memory_bytes > _MAX_NAMES_MEMORY_BYTES:
                    skipped.add(folder, "it has too many files for one folder; distribute them over subfolders")
                    return _Listing()
    except OSError as exc:
        skipped.add(folder, f"it cannot be read ({exc.strerror})")
    return listing


def _add_entry(
    listing: _Listing, entry: os.DirEntry[str], real_root: str, is_wanted: bool, skipped: SkippedFiles
) -> None:
    if entry.is_symlink():
        reason = _find_link_problem(entry, real_root, is_wanted)
        if reason:
            skipped.add(Path(entry.path), reason)
        elif is_wanted and entry.is_file():
            listing.append(listing.files, entry.name)
    elif entry.is_dir(follow_symlinks=False):
        listing.append(listing.subfolders, entry.name)
    elif is_wanted and entry.is_file(follow_symlinks=False):
        listing.append(listing.files, entry.name)
    elif is_wanted:
        skipped.add(Path(entry.path), NOT_REGULAR_REASON)


def _find_link_problem(link: os.DirEntry[str], real_root: str, is_wanted: bool) -> str:
    """Return why *link* is skipped; "" if it is not, or nobody would miss it."""
    # Strings are twice as fast as paths, and a folder may have a million links.
    target = os.path.realpath(link.path)
    if target != real_root and not target.startswith(real_root.rstrip("/") + "/"):
        return OUTSIDE_REASON if is_wanted or link.is_dir() else ""
    if not is_wanted or link.is_file() or link.is_dir():  # a folder in the folder is found at its own place
        return ""
    return NOT_REGULAR_REASON if Path(target).exists() else "its link leads to no file"
