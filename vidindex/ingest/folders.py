"""Find the saved pages and archives in a folder, also as ArchiveBox and Browsertrix write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import TargetError
from ..net.bounded_json import load_bounded_json
from ..pages.formats.capture_dates import parse_iso_time
from ..pages.formats.frames import find_frame_urls
from ..pages.saved_page import read_file_bytes, read_start
from ..resolve.folder_walk import OnSkipped, SkippedFiles, walk_files
from .targets import PAGE_SUFFIXES, file_url_to_path

_ARCHIVE_SUFFIXES = (".mht", ".mhtml", ".webarchive", ".har", ".wacz", ".arc", ".arc.gz")
_WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
_SNAPSHOT_FILE, _ARCHIVEBOX_FILE = "index.json", "ArchiveBox.conf"
_SNAPSHOT_PAGES = (("singlefile.html", "singlefile"), ("output.html", "dom"))
_PAGE_PARTS_SUFFIXES = ("_files", "_file", ".files", "-Dateien", "_fichiers", "_archivos", ".fld", "_data")
_MAX_SNAPSHOT_BYTES = 2_000_000
_FRAME_SEARCH_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class FolderItem:
    """A saved page, or an archive: a file, or a folder of WARC files.

    *url* and *captured* are what the folder says about a page.
    """

    path: Path
    is_archive: bool = False
    url: str = ""
    captured: str = ""


def find_folder_items(folder: Path, *, on_skipped: OnSkipped = lambda path, reason: None) -> Iterator[FolderItem]:
    """Yield the pages and archives in *folder* and below, in sorted order.

    Frames of the pages and the files that browsers save beside a page are left out.  Only regular files inside *folder*
    are read; *on_skipped* is called with the others.
    """
    skipped = SkippedFiles(on_skipped)
    pages: list[Path] = []
    claimed: list[Path] = []
    for directory, names in walk_files(folder, _is_wanted, skipped):
        if any(directory.is_relative_to(each) for each in claimed):
            continue
        if snapshot := _read_snapshot(directory, names, folder):
            claimed.append(directory)
            yield from _snapshot_items(directory, snapshot)
            continue
        archives = [name for name in names if name.lower().endswith(_ARCHIVE_SUFFIXES)]
        yield from (FolderItem(directory / name, is_archive=True) for name in archives)
        if any(name.lower().endswith(".wacz") for name in archives):
            claimed += [directory / "archive", directory / "pages"]  # Browsertrix: what the WACZ file contains
        if any(name.lower().endswith(_WARC_SUFFIXES) for name in names):
            yield FolderItem(directory, is_archive=True)
        if not _is_beside_page(directory) and _ARCHIVEBOX_FILE not in names:
            pages += [directory / name for name in names if _has_page_suffix(name.lower())]
    frames = {frame for page in pages for frame in _frames_of(page)}
    yield from (FolderItem(page) for page in pages if page.absolute() not in frames and not _is_archived(page))


def _is_wanted(name: str) -> bool:
    lower = name.lower()
    return (
        lower.endswith((*_ARCHIVE_SUFFIXES, *_WARC_SUFFIXES))
        or _has_page_suffix(lower)
        or name in (_SNAPSHOT_FILE, _ARCHIVEBOX_FILE)
    )


def _has_page_suffix(name: str) -> bool:
    return Path(name.removesuffix(".gz")).suffix in PAGE_SUFFIXES


def _is_archived(page: Path) -> bool:
    """Return whether a page was yielded as an archive."""
    return page.name.lower().endswith(_ARCHIVE_SUFFIXES)


def _is_beside_page(directory: Path) -> bool:
    """Return whether *directory* has what a browser saved beside a page: `Page.html`, `Page_files/`."""
    for suffix in _PAGE_PARTS_SUFFIXES:
        stem = directory.name.removesuffix(suffix)
        if stem != directory.name and any((directory.parent / f"{stem}{end}").is_file() for end in (".html", ".htm")):
            return True
    return False


def _frames_of(page: Path) -> Iterator[Path]:
    """Yield the files that are frames of *page*."""
    try:
        start = read_start(page, _FRAME_SEARCH_BYTES)
        urls = list(find_frame_urls(start, page.absolute().as_uri(), schemes=("file:",)))
    except TargetError:
        return
    for url in urls:
        try:
            yield file_url_to_path(url)
        except (TargetError, ValueError):
            continue


# ArchiveBox


def _read_snapshot(directory: Path, names: list[str], root: Path) -> dict[str, Any]:
    """Return the description of a snapshot of ArchiveBox, or an empty dictionary if *directory* is not one."""
    if _SNAPSHOT_FILE not in names:
        return {}
    try:
        content = read_file_bytes(directory / _SNAPSHOT_FILE, _MAX_SNAPSHOT_BYTES, folder=root)
        value = load_bounded_json(content.decode("utf-8", "replace"))
    except (TargetError, ValueError):
        return {}
    is_snapshot = isinstance(value, dict) and isinstance(value.get("url"), str) and "timestamp" in value
    return value if isinstance(value, dict) and is_snapshot else {}


def _snapshot_items(directory: Path, snapshot: dict[str, Any]) -> Iterator[FolderItem]:
    """Yield what keeps most of a snapshot: its WARC files, else the page that SingleFile or the browser saved."""
    if any(path.name.lower().endswith(_WARC_SUFFIXES) for path in _list_files(directory / "warc")):
        yield FolderItem(directory / "warc", is_archive=True)
        return
    for name, extractor in _SNAPSHOT_PAGES:
        for path in (directory / name, directory / extractor / name):
            if path.is_file():
                yield FolderItem(path, url=snapshot["url"], captured=_snapshot_time(snapshot, extractor))
                return


def _list_files(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError:
        return []


def _snapshot_time(snapshot: dict[str, Any], extractor: str) -> str:
    """Return when a part of a snapshot was saved; its `timestamp` is that of the bookmark."""
    history = snapshot.get("history")
    results = history.get(extractor) if isinstance(history, dict) else None
    last = results[-1] if isinstance(results, list) and results else None
    return parse_iso_time(str(last.get("start_ts") or "")) if isinstance(last, dict) else ""
