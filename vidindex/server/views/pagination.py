"""Links to the previous and the next page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Paths of the *previous* and the *next* page, empty if there is none, and the *position* of the current one."""

    previous: str = ""
    next: str = ""
    position: str = ""


def make_page_links(
    path: str, number: int, *, total: int, size: int, params: tuple[tuple[str, str], ...] = ()
) -> PageLinks:
    """Return the links around page *number*, counted from 1, of *total* items, *size* per page; *params* are kept."""
    last = max(1, -(-total // size))
    return PageLinks(
        previous=_page_url(path, min(number - 1, last), params) if number > 1 else "",
        next=_page_url(path, number + 1, params) if number < last else "",
        position=f"{(number - 1) * size + 1:,}–{min(number * size, total):,} of {total:,}" if number <= last else "",
    )


def _page_url(path: str, number: int, params: tuple[tuple[str, str], ...]) -> str:
    query = urlencode([*params, *([("page", str(number))] if number > 1 else [])])
    return f"{path}?{query}" if query else path
