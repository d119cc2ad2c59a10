"""Which pages come before and after the one that shows."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Pages:
    """Addresses of the *earlier* and *later* page, empty where there is none, and *where* we are."""

    earlier: str = ""
    later: str = ""
    where: str = ""


def pages_of(path: str, number: int, *, total: int, size: int, asked: tuple[tuple[str, str], ...] = ()) -> Pages:
    """Give what surrounds page *number* (from 1) of *total* things, *size* on each; *asked* stays in the address."""
    last = max(1, -(-total // size))
    return Pages(
        earlier=_address(path, min(number - 1, last), asked) if number > 1 else "",
        later=_address(path, number + 1, asked) if number < last else "",
        where=f"{(number - 1) * size + 1:,}–{min(number * size, total):,} of {total:,}" if number <= last else "",
    )


def _address(path: str, number: int, asked: tuple[tuple[str, str], ...]) -> str:
    query = urlencode([*asked, *([("page", str(number))] if number > 1 else [])])
    return f"{path}?{query}" if query else path
