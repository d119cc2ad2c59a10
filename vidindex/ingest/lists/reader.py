"""List → its links, each once, those of lists that it names included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from ...errors import ListError
from ...net import ANY_HOST, FetchOptions, private_hosts
from . import bookmarks, feed, opml, sitemap, table, text
from . import json_lists as objects
from .dates import is_older, iso_day
from .detect import tell
from .entry import Listed, Nested
from .links import private_problem
from .source import Source, opened

MOST_LINKS = 1_000_000
MOST_NESTED = 1000
MOST_NONSENSE = 50
DEEPEST = 3
"""How many lists may stand one in the other."""


def read_list(
    given: str | Path, *, column: str = "", since: str = "", fetching: FetchOptions | None = None
) -> Iterator[Listed]:
    """Read the links of a list, lazily: a file, an http(s) address, or `-` for standard input.

    *column* is the name or number of a table's column.  Entries that are dated before *since* are left out.
    What a list has beside links, and feeds and sitemaps in it that cannot be read, come as entries with a
    *problem*.  Raises: ListError, with the first entry or before, where the list itself cannot be read.
    """
    day = iso_day(since)
    if since and not day:
        raise ListError(str(given), f"{since[:40]!r} is no date to begin with: write it as 2024-05-31")
    return _once(_Reader(column, day, fetching or FetchOptions()).read(given))


def _once(found: Iterator[Listed]) -> Iterator[Listed]:
    seen: set[str] = set()
    for listed in found:
        if listed.problem or listed.url not in seen:
            yield listed
        if not listed.problem:
            seen.add(listed.url)
        if len(seen) >= MOST_LINKS:
            yield Listed(listed.url, problem=f"the list goes on: {MOST_LINKS:,} links are taken at once, split it")
            return


class _Reader:
    """Reads one list, and what it names."""

    def __init__(self, column: str, since: str, fetching: FetchOptions) -> None:
        self._column = column
        self._since = since
        self._fetching = fetching
        self._nested: set[str] = set()

    def read(self, given: str | Path) -> Iterator[Listed]:
        with opened(given, fetching=self._fetching) as source:
            self._nested.add(source.url)
            private = private_hosts(source.name) if self._fetching.private is None else self._fetching.private
            yield from self._entries(source, tell(source, column=self._column), private, DEEPEST)

    def _entries(self, source: Source, kind: str, private: frozenset[str], deeper: int) -> Iterator[Listed]:
        """Give the entries of *source* that are wanted; *private* hosts may be named even by a list from the web."""
        for found in _parsed(source, kind, self._column):
            if is_older(found.date, self._since):
                continue
            if isinstance(found, Listed):
                problem = found.problem or private_problem(found, source, private)
                yield replace(found, problem=problem) if problem else found
            elif found.url not in self._nested:
                self._nested.add(found.url)
                yield from self._inside(found, source, private, deeper - 1)

    def _inside(self, found: Nested, source: Source, private: frozenset[str], deeper: int) -> Iterator[Listed]:
        """Give the entries of a list that *source* names, or say why it cannot be read."""
        if not deeper or len(self._nested) > MOST_NESTED:
            limit = f"{MOST_NESTED:,} lists in one" if deeper else f"lists in lists in lists, {DEEPEST} deep"
            yield Listed(found.url, problem=f"it is not opened: {limit} are enough, give it itself")
            return
        # What a list from the web names may be asked as it may, what one's own list names as if it were given.
        hosts = private if source.url or self._fetching.private == ANY_HOST else self._fetching.private
        try:
            with opened(found.url, fetching=replace(self._fetching, private=hosts)) as inner:
                kind = tell(inner)
                if kind not in found.formats:
                    raise ListError(found.url, f"it is no {' or '.join(sorted(found.formats))}: check it")
                own = private_hosts(found.url) if hosts is None else hosts
                yield from self._entries(inner, kind, own, deeper)
        except ListError as exc:
            yield Listed(found.url, problem=exc.reason)


def _parsed(source: Source, kind: str, column: str) -> Iterator[Listed | Nested]:
    match kind:
        case "table":
            yield from _sensible(source, table.read(source, column=column))
        case "json":
            yield from _sensible(source, objects.read(source))
        case "json lines":
            yield from _sensible(source, objects.read_lines(source))
        case "feed":
            yield from feed.read(source)
        case "sitemap":
            yield from sitemap.read(source)
        case "opml":
            yield from opml.read(source)
        case "bookmarks":
            yield from bookmarks.read(source)
        case _:
            yield from _sensible(source, text.read(source))


def _sensible(source: Source, found: Iterator[Listed]) -> Iterator[Listed]:
    """Pass *found* on, unless it begins with so much else that it is no list of links."""
    first = list(islice(found, MOST_NONSENSE))
    if len(first) == MOST_NONSENSE and all(listed.problem for listed in first):
        reason = f"of its first {MOST_NONSENSE} entries none is a link: is it a list of links? Of the first, "
        raise ListError(source.name, reason + first[0].problem)
    yield from first
    yield from found
