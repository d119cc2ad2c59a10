"""Which pages come before and after the one that shows."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Addresses of the *earlier* and *later* page, empty where there is none, and *where* we are."""

    earlier: str = ""
    later: str = ""
    where: str = ""


def make_page_links(
    path: str, number: int, *, total: int, size: int, params: tuple[tuple[str, str], ...] = ()
) -> PageLinks:
    """Give what surrounds page *number* (from 1) of *total* things, *size* on each; *asked* stays in the address."""
    last = max(1, -(-total // size))
    return PageLinks(
        earlier=_page_url(path, min(number - 1, last), params) if number > 1 else "",
        later=_page_url(path, number + 1, params) if number < last else "",
        where=f"{(number - 1) * size + 1:,}–{min(number * size, total):,} of {total:,}" if number <= last else "",
    )


def _page_url(path: str, number: int, params: tuple[tuple[str, str], ...]) -> str:
    query = urlencode([*params, *([("page", str(number))] if number > 1 else [])])
    return f"{path}?{query}" if query else path
