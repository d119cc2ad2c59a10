"""What a search request asks for, read from the parameters of its address and kept within limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal, get_args
from urllib.parse import urlencode

from ..model import Match
from ..search.options import Sort
from .problems import BadRequestError

LONGEST = 10_000
"""Characters of a query."""

LONGEST_FILTER = 2_000
"""Characters of a value to narrow by: the address of an article may be long."""

MOST_PAGES = 1_000
LARGEST_PAGE = 100
PAGE_SIZE = 20

_YEAR = re.compile(r"\d{4}")
_NUMBER = re.compile(r"\d{1,6}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address states it; "" narrows nothing, pages count from 1."""

    q: str = ""
    site: str = ""
    channel: str = ""
    kind: str = ""
    lang: str = ""
    year: str = ""
    article: str = ""
    video: str = ""
    after: str = ""
    before: str = ""
    match: Match | Literal[""] = ""
    sort: Sort = "score"
    page: int = 1
    size: int = PAGE_SIZE

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> Asked:
        """Read the parameters of an address; those with other names mean nothing.  Raises `BadRequestError`."""
        return cls(
            q=_text(params, "q", LONGEST),
            site=_text(params, "site"),
            channel=_text(params, "channel"),
            kind=_text(params, "kind"),
            lang=_text(params, "lang"),
            year=_year(params),
            article=_text(params, "article"),
            video=_text(params, "video"),
            after=_text(params, "after"),
            before=_text(params, "before"),
            match=_match(params),
            sort=_sort(params),
            page=number(params, "page", default=1, most=MOST_PAGES),
            size=number(params, "size", default=PAGE_SIZE, most=LARGEST_PAGE),
        )

    def params(self, **changes: str | int) -> str:
        """Write the address's parameters, some of them changed; what is as it is by itself is left out."""
        changed = replace(self, **changes)  # type: ignore[arg-type]  # the names and values of the fields above
        given = ((field.name, getattr(changed, field.name), field.default) for field in fields(self))
        return urlencode([(name, value) for name, value, default in given if value != default])

    @property
    def first_day(self) -> str:
        """The day from which on videos may be."""
        return max(self.after, f"{self.year}-01-01" if self.year else "")

    @property
    def last_day(self) -> str:
        """The day until which videos may be."""
        bounds = [bound for bound in (self.before, f"{self.year}-12-31" if self.year else "") if bound]
        return min(bounds, default="")


def number(params: Mapping[str, str], name: str, *, default: int, most: int) -> int:
    """Read a number from 1 to *most*.  Raises `BadRequestError`."""
    given = params.get(name, "")
    if not given:
        return default
    if not _NUMBER.fullmatch(given) or not given.isascii() or not 1 <= int(given) <= most:
        raise BadRequestError(name, f"write a number from 1 to {most:,}")
    return int(given)


def _text(params: Mapping[str, str], name: str, longest: int = LONGEST_FILTER) -> str:
    given = params.get(name, "").strip()
    if len(given) > longest:
        raise BadRequestError(name, f"write at most {longest:,} characters")
    return given


def _year(params: Mapping[str, str]) -> str:
    given = params.get("year", "").strip()
    if given and (not given.isascii() or not _YEAR.fullmatch(given)):
        raise BadRequestError("year", "write a year of four digits")
    return given


def _match(params: Mapping[str, str]) -> Match | Literal[""]:
    given = params.get("match", "")
    for known in get_args(Match):
        if given == known:
            return known  # type: ignore[no-any-return]  # one of the words of `Match`
    if given:
        raise BadRequestError("match", f"choose one of {', '.join(get_args(Match))}")
    return ""


def _sort(params: Mapping[str, str]) -> Sort:
    given = params.get("sort", "") or "score"
    for known in get_args(Sort):
        if given == known:
            return known  # type: ignore[no-any-return]  # one of the words of `Sort`
    raise BadRequestError("sort", f"choose one of {', '.join(get_args(Sort))}")
