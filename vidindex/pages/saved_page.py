"""Read saved pages from files: HTML, which may be gzipped, and archives that contain pages."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import OutsideFolderError, TargetError
from ..model import Article
from ..net.files import open_file_inside, open_regular_file, read_regular_file
from ..net.sites import is_same_site
from .formats.archive import ArchivedPage, SavedArchive
from .formats.inline_data import remove_inline_data
from .formats.opening import MAX_PART_ARCHIVE_BYTES, detect_archive, open_archive_file, read_archive
from .formats.saved_marks import SavedMark, find_saved_mark
from .formats.warc_folder import open_warc_folder
from .page_urls import strip_archive_prefixes

MAX_PAGE_BYTES = 20_000_000
GZIP_MAGIC = b"\x1f\x8b"
HEAD_BYTES = 4096
_MAX_GZIP_MEMBERS = 50
"""Crawlers write one; what follows is copied for each."""


@dataclass(frozen=True, slots=True)
class LoadedPage:
    """The HTML of a saved page and where it is from.

    *url* is the address that its links are relative to, or None if it is not known.  *source* is the `file:` URL of the
    page, "" if it is not in a file.  *mark* is what the program that saved it wrote into it.
    """

    content: bytes | str
    url: str | None = None
    source: str = ""
    mark: SavedMark = field(default_factory=SavedMark)
    captured: str = ""

    def describe(self, article: Article) -> Article:
        """Return the *article* of this page with its original address, and the time at which it was saved.

        A page in a file can state any canonical URL; if the program that saved it recorded from which site it is, the
        URL must be of that site.
        """
        address = article.url or self.source
        if saved_url := strip_archive_prefixes(self.mark.url):
            if address == self.source:
                address = saved_url.partition("#")[0]
            elif self.source and not is_same_site(address, saved_url):
                address = self.source
        captured = self.captured or self.mark.captured
        return replace(article, url=address, fetched_from=self.source or article.fetched_from, captured=captured)


def load_page(source: bytes | str | os.PathLike[str], url: str | None = None) -> LoadedPage:
    """Return the HTML of *source* and where it is from; the first page, if it is an archive of several.

    Bytes are HTML or an archive.  A string is HTML if it is empty or contains `<`, otherwise a path.  *url* is the URL
    that the page was read from, if the caller knows it.

    Raises `TargetError` if the file cannot be read, or an archive has no page that can be read.
    """
    return next(load_pages(source, url))


def load_pages(source: bytes | str | os.PathLike[str], url: str | None = None) -> Iterator[LoadedPage]:
    """Yield the pages in *source*, as `load_page` does, except those in an archive that cannot be read."""
    if isinstance(source, str) and (not source or "<" in source):
        yield LoadedPage(source, url)
        return
    if isinstance(source, bytes):
        content, file_url, path = source, "", Path()
    else:
        path = Path(source)
        if large := _open_large_archive(path):
            for page in readable_pages(large):
                yield loaded_from_archive(page, large, url=url)
            return
        content, file_url = read_page_file(path), path.absolute().as_uri()
    archive = read_archive(content, path)
    if archive is None:
        mark = find_saved_mark(content)
        content = _shrink(content, path) if file_url else remove_inline_data(content)
        yield LoadedPage(content, url or file_url or None, file_url, mark)
        return
    for page in readable_pages(archive):
        yield loaded_from_archive(page, archive, url=url)


def loaded_from_archive(page: ArchivedPage, archive: SavedArchive, *, url: str | None = None) -> LoadedPage:
    """Return a page of *archive*, which was saved in a file if that has a name."""
    source = archive.path.absolute().as_uri() if archive.path.name else ""
    if source and not archive.is_single:
        source += f"#{page.url}"
    address = url or (page.url if page.url.startswith(("http://", "https://")) else None)
    return LoadedPage(remove_inline_data(page.content), address, source, captured=page.captured)


def open_archive(path: Path) -> SavedArchive:
    """Open the archive *path*, a file or a folder of WARC files.

    Raises `TargetError` if it cannot be read, or is not an archive.
    """
    if path.is_dir():
        return open_warc_folder(path)
    archive = _open_large_archive(path) or read_archive(read_page_file(path), path)
    if archive is None:
        raise TargetError(str(path), "it is not an archive of pages")
    return archive


def _open_large_archive(path: Path) -> SavedArchive | None:
    return open_archive_file(path, read_start(path, HEAD_BYTES))


def readable_pages(archive: SavedArchive) -> Iterator[ArchivedPage]:
    """Yield the pages of *archive* that can be read.  Raises `TargetError` if none can."""
    problem, count = "it contains no page", 0
    for page in archive.pages():
        if page.problem:
            problem = page.problem
        else:
            count += 1
            yield page
    if not count:
        raise TargetError(str(archive.path), "; ".join([problem, *archive.problems()[:1]]))


def read_page_file(path: Path) -> bytes:
    """Return the content of the file *path*: HTML, which may be gzipped, or an archive that is read as a whole.

    Raises `TargetError` if it cannot be read, is damaged, or is too large.
    """
    content = read_file_bytes(path, MAX_PART_ARCHIVE_BYTES)
    if content.startswith(GZIP_MAGIC):
        content = _unpack(content, path)
    return content


def _shrink(content: bytes, path: Path) -> bytes:
    content = remove_inline_data(content)
    _check_size(content, path, MAX_PAGE_BYTES)
    return content


def _check_size(content: bytes | bytearray, path: Path, max_bytes: int) -> None:
    if len(content) > max_bytes:
        raise TargetError(str(path), f"it is larger than {max_bytes // 1_000_000} MB")


def is_archive_file(head: bytes, path: Path) -> bool:
    """Return whether *path*, which starts with *head*, is an archive of pages."""
    return bool(detect_archive(head, path.name))


def _unpack(content: bytes, path: Path) -> bytes:
    """Decompress all members of a gzip file.  Raises `TargetError` if it is damaged, cut or too large."""
    plain, rest = bytearray(), content
    for _ in range(_MAX_GZIP_MEMBERS):
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            plain += member.decompress(rest, MAX_PART_ARCHIVE_BYTES + 1 - len(plain))
        except zlib.error as exc:
            raise TargetError(str(path), "it is damaged gzip data") from exc
        _check_size(plain, path, MAX_PART_ARCHIVE_BYTES)
        if not member.eof:
            step = f"download it again, or add what `gzip -dc {path.name}` gives of it"
            raise TargetError(str(path), f"its gzip data end too early, so that a part of the page is missing: {step}")
        rest = member.unused_data
        if not rest.startswith(GZIP_MAGIC):
            break
    return bytes(plain)


def decompress_start(content: bytes, max_bytes: int) -> bytes:
    """Return at most *max_bytes* of the gzipped *content*, which may be cut.  Raises `zlib.error` if it is damaged."""
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, max_bytes)


def read_start(path: Path, max_bytes: int) -> bytes:
    """Return the first *max_bytes* of a file.  Raises `TargetError` if it cannot be read."""
    try:
        return read_regular_file(path, max_bytes)[:max_bytes]
    except (OSError, ValueError) as exc:  # ValueError: a null byte in the path
        reason = getattr(exc, "strerror", None) or str(exc)
        raise TargetError(str(path)[:200], f"it cannot be read ({reason})") from exc


def read_file_bytes(path: Path, max_bytes: int, *, folder: Path | None = None) -> bytes:
    """Return the content of the regular file *path*, which may be a link.

    Raises `TargetError` if it cannot be read, is not a regular file, has more than *max_bytes*, or leads out of
    *folder*, if that is given.
    """
    try:
        with open_regular_file(path) if folder is None else open_file_inside(path, folder) as file:
            content = file.read(max_bytes + 1)
    except OutsideFolderError as exc:
        raise TargetError(str(path)[:200], "it leads out of the folder; add it by its own path") from exc
    except (OSError, ValueError) as exc:  # ValueError: a null byte in the path
        reason = getattr(exc, "strerror", None) or str(exc)
        raise TargetError(str(path)[:200], f"it cannot be read ({reason})") from exc
    if len(content) > max_bytes:
        raise TargetError(str(path), f"it is larger than {max_bytes // 1_000_000} MB")
    return content
