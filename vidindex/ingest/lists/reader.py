"""Read a list and the lists that it names, and yield each link once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from ...errors import ListError, TargetError
from ...net.fetch import FetchOptions
from ...net.ssrf import ANY_HOST, infer_private_hosts
from ...pages.dates import is_before, parse_day
from ...pages.providers import recognize_url
from ...pages.saved_page import HEAD_BYTES, is_archive_file, read_start
from ..folders import find_folder_items
from . import bookmarks, feed, json_lists, markdown, opml, saved_posts, shortcuts, sitemap, table, text
from .detect import detect_list_format
from .entry import ListEntry, NestedList
from .links import private_link_problem
from .source import ListSource, NameLimit, open_list
from .spelling import spelling_key

MAX_LINKS = 1_000_000
MAX_NESTED_LISTS = 1000
MAX_INVALID_ENTRIES = 50
MAX_PROBLEMS = 100_000
"""Maximum number of entries with a problem that are reported."""

MAX_LIST_DEPTH = 3
"""Maximum nesting of lists."""


def read_list(
    given: str | Path, *, column: str = "", since: str = "", fetching: FetchOptions | None = None
) -> Iterator[ListEntry]:
    """Return an iterator over the links of the list *given*: a file, an http(s) URL, or `-` for standard input.

    An archive of pages (docs/archives.md) is one entry, and so is a folder with archives or saved pages.
    The list is read lazily.  *column* is the name or number of a column of a table.  Entries dated before *since* (a
    day, a month or a year) are left out.  Entries that are not links, and nested lists that cannot be read, have a
    *problem*.

    Raises `ListError` if *since* is not a date; the iterator raises it if the list cannot be read.
    """
    day = parse_day(since)
    if since and not day:
        raise ListError(str(given), f"{since[:40]!r} is not a date: write it as 2024-05-31")
    return _skip_duplicates(_ListReader(column, day, fetching or FetchOptions()).read(given))


def _skip_duplicates(found: Iterator[ListEntry]) -> Iterator[ListEntry]:
    seen: set[int] = set()  # hashes, since a million links may take gigabytes
    problem_count = 0
    for listed in found:
        if listed.problem:
            problem_count += 1
            yield listed
        elif (key := hash(_link_key(listed.url))) not in seen:
            seen.add(key)
            yield listed
        if len(seen) >= MAX_LINKS:
            yield ListEntry(listed.url, problem=f"the list continues: {MAX_LINKS:,} links are the maximum, split it")
            return
        if problem_count >= MAX_PROBLEMS:
            limit = f"{MAX_PROBLEMS:,} entries with a problem are the maximum"
            yield ListEntry(listed.url, problem=f"the list continues: {limit}, check it")
            return


def _link_key(url: str) -> str:
    """Return what all links to one page have in common, or to one video: `youtu.be/ID`, `youtube.com/watch?v=ID`."""
    video = recognize_url(url)
    return spelling_key(video.url if video is not None else url)


_DOCUMENT_READERS: Mapping[str, Callable[[ListSource], Iterator[ListEntry | NestedList]]] = {
    "feed": feed.read_feed,
    "sitemap": sitemap.read_sitemap,
    "opml": opml.read_opml,
    "bookmarks": bookmarks.read_bookmarks,
    "markdown": markdown.read_markdown,
    "property list": shortcuts.read_property_list,
    "binary property list": shortcuts.read_binary_property_list,
    "shortcut": shortcuts.read_shortcut,
    "delicious": saved_posts.read_posts,
    "wallabag": saved_posts.read_items,
}
_LINE_READERS: Mapping[str, Callable[[ListSource], Iterator[ListEntry]]] = {
    "json": json_lists.read_json_list,
    "json lines": json_lists.read_json_lines,
    "text": text.read_text_list,
}
"""The readers of lists that must contain a link among their first entries."""


class _ListReader:
    """Reads one list and the lists that it names."""

    def __init__(self, column: str, since: str, fetching: FetchOptions) -> None:
        self._column = column
        self._since = since
        self._fetching = fetching
        self._seen_lists: set[str] = set()
        self._markup_names = NameLimit()

    @contextmanager
    def _open(self, given: str | Path, fetching: FetchOptions) -> Iterator[ListSource]:
        with open_list(given, fetching=fetching) as source:
            yield replace(source, markup_names=self._markup_names)

    def read(self, given: str | Path) -> Iterator[ListEntry]:
        if _is_archive(given):
            yield ListEntry(str(given))
            return
        with self._open(given, self._fetching) as source:
            self._seen_lists.add(source.url)
            private = (
                infer_private_hosts(source.name)
                if self._fetching.allowed_private_hosts is None
                else self._fetching.allowed_private_hosts
            )
            yield from self._read_entries(
                source, detect_list_format(source, column=self._column), private, MAX_LIST_DEPTH
            )

    def _read_entries(
        self, source: ListSource, kind: str, allowed_private_hosts: frozenset[str], depth_left: int
    ) -> Iterator[ListEntry]:
        """Yield the selected entries of *source*; even a list from the web may name *allowed_private_hosts*."""
        for found in _parse_source(source, kind, self._column):
            if is_before(found.date, self._since):
                continue
            if isinstance(found, ListEntry):
                allowed = allowed_private_hosts | self._fetching.allowed_addresses
                problem = found.problem or private_link_problem(found, source, allowed)
                yield replace(found, problem=problem) if problem else found
            elif found.url not in self._seen_lists:
                if len(self._seen_lists) <= MAX_NESTED_LISTS:
                    self._seen_lists.add(found.url)
                yield from self._read_nested(found, source, allowed_private_hosts, depth_left - 1)

    def _read_nested(
        self, found: NestedList, source: ListSource, allowed_private_hosts: frozenset[str], depth_left: int
    ) -> Iterator[ListEntry]:
        """Yield the entries of a list that *source* names, or one entry with the reason why it cannot be read."""
        if not depth_left or len(self._seen_lists) > MAX_NESTED_LISTS:
            limit = (
                f"{MAX_NESTED_LISTS:,} lists in one"
                if depth_left
                else f"lists in lists in lists, {MAX_LIST_DEPTH} deep"
            )
            yield ListEntry(found.url, problem=f"it is not opened: the limit is {limit}; give this list itself")
            return
        # A list named by a list from the web has the same access rights; one named by a local list counts as given.
        hosts = (
            allowed_private_hosts
            if source.url or self._fetching.allowed_private_hosts == ANY_HOST
            else self._fetching.allowed_private_hosts
        )
        try:
            with self._open(found.url, replace(self._fetching, allowed_private_hosts=hosts)) as inner:
                kind = detect_list_format(inner)
                if kind not in found.formats:
                    raise ListError(found.url, f"it is not a {' or '.join(sorted(found.formats))}: check it")
                own = infer_private_hosts(found.url) if hosts is None else hosts
                yield from self._read_entries(inner, kind, own, depth_left)
        except ListError as exc:
            yield ListEntry(found.url, problem=exc.reason)


def _is_archive(given: str | Path) -> bool:
    """Return whether *given* is an archive of pages or a folder with some, which is one entry."""
    if str(given) in ("", "-") or "://" in str(given):
        return False
    path = Path(given)
    try:
        if path.is_dir():
            return next(find_folder_items(path), None) is not None
        return path.is_file() and is_archive_file(read_start(path, HEAD_BYTES), path)
    except (OSError, ValueError, TargetError):
        return False


def _parse_source(source: ListSource, kind: str, column: str) -> Iterator[ListEntry | NestedList]:
    if read := _DOCUMENT_READERS.get(kind):
        yield from read(source)
    elif kind == "table":
        yield from _check_has_links(source, table.read_table(source, column=column))
    else:
        yield from _check_has_links(source, _LINE_READERS[kind](source))


def _check_has_links(source: ListSource, found: Iterator[ListEntry]) -> Iterator[ListEntry]:
    """Yield *found*.  Raises `ListError` if none of the first entries is a link."""
    first = list(islice(found, MAX_INVALID_ENTRIES))
    if len(first) == MAX_INVALID_ENTRIES and all(listed.problem for listed in first):
        reason = f"none of its first {MAX_INVALID_ENTRIES} entries is a link: is it a list of links? The first: "
        raise ListError(source.name, reason + first[0].problem)
    yield from first
    yield from found
