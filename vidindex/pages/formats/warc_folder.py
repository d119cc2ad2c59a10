"""Read the WARC files of one crawl, which crawlers distribute over the files of a folder, as one archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...errors import TargetError
from ...net.files import is_inside_folder, open_regular_file
from .wacz import listed_keys
from .warc import WarcArchive, file_source

WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
_MAX_FILES = 5_000
_MAX_LINE_BYTES = 1_000_000
_MAX_LIST_BYTES = 200_000_000


def open_warc_folder(folder: Path) -> WarcArchive:
    """Open the WARC files in *folder*, and the list of pages beside them.

    Raises `TargetError` if there is no WARC file, or one cannot be read.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.name.lower().endswith(WARC_SUFFIXES))
        files = [path for path in files if path.is_file() and is_inside_folder(path, folder)][:_MAX_FILES]
        listed = (
            frozenset(listed_keys(_read_lists(folder.parent / "pages"))) if folder.name == "archive" else frozenset()
        )
        sources = [file_source(file) for file in files]
    except OSError as exc:
        raise TargetError(str(folder), f"it cannot be read ({exc.strerror})") from exc
    if not sources:
        raise TargetError(str(folder), "the folder contains no WARC file")
    return WarcArchive(folder, sources, listed=listed)


def _read_lists(folder: Path) -> Iterator[bytes]:
    """Yield the lines of the lists of pages in *folder*, which Browsertrix writes beside the WARC files."""
    for path in (folder / "pages.jsonl", folder / "extraPages.jsonl"):
        if not path.is_file() or not is_inside_folder(path, folder):
            continue
        left = _MAX_LIST_BYTES
        with open_regular_file(path) as file:
            while left > 0 and (line := file.readline(_MAX_LINE_BYTES)):
                left -= len(line)
                yield line
