"""Open the archives that articles were read from, so that their videos are looked for there before the network."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from ..errors import TargetError
from ..model import Article
from ..pages.formats.archive import SavedArchive
from ..pages.saved_page import HEAD_BYTES, is_archive_file, open_archive, read_start
from .captures import original_url
from .targets import file_url_to_path

_MAX_OPEN_ARCHIVES = 2


class ArchiveCache:
    """Keeps the archives that were used last: to open one, all of it may have to be read.  Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[tuple[Path, int, int], SavedArchive] = OrderedDict()

    def open(self, path: Path) -> SavedArchive:
        """Return the archive in the file *path*.  Raises `TargetError` if it cannot be read."""
        try:
            state = path.stat()
        except OSError as exc:
            raise TargetError(str(path), f"it cannot be read ({exc.strerror})") from exc
        key = (path.absolute(), state.st_mtime_ns, state.st_size)
        with self._lock:
            archive = self._open.pop(key, None) or open_archive(path)
            self._open[key] = archive
            while len(self._open) > _MAX_OPEN_ARCHIVES:
                self._open.popitem(last=False)
        return archive

    def find_for(self, article: Article) -> SavedArchive | None:
        """Return the archive that *article* was read from, or None if it was not read from one that is still there."""
        if not article.fetched_from.startswith("file:"):
            return None
        try:
            path = file_url_to_path(article.fetched_from)
            if not path.is_dir() and not is_archive_file(read_start(path, HEAD_BYTES), path):
                return None
            return self.open(path).at(article.captured)
        except (TargetError, OSError, ValueError):
            return None


def page_of(article: Article, archive: SavedArchive | None) -> str:
    """Return the page that embeds the videos of *article*, which its requests name, and to which its files belong."""
    if archive is None:
        return article.fetched_from
    return original_url(article.url) if article.url.startswith(("http://", "https://")) else ""
