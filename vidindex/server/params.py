"""Query parameters of search requests: parsing, limits and defaults."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal, TypeVar, get_args
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict

from ..errors import BadRequestError, OptionError, QuerySyntaxError
from ..model import TEXT_KINDS, CaptionOrigin, MatchKind, TextKind
from ..search.options import SortOrder
from ..search.query_language import parse_date_range
from ..verify.claims import Claim

MAX_QUERY_CHARS = 10_000
"""Maximum length of a query."""

MAX_FILTER_CHARS = 2_000
"""Maximum length of a filter value; the URL of an article may be long."""

MAX_PAGES = 1_000
MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 20
DEFAULT_VIDEOS = 10
"""Page size of results by video."""

MAX_CLAIMS = 50
"""Maximum number of claims in a request."""

FILTERS = ("site", "channel", "kind", "lang", "year", "article", "video", "after", "before", "match", "origin",
           "speaker")  # fmt: skip
"""The parameters that select videos, captions or hits."""

SEARCH_PARAMS = ("q", *FILTERS, "in", "sort", "by", "correct", "gist", "page", "size")
TREND_PARAMS = ("q", *FILTERS, "by")

ResultUnit = Literal["moment", "video"]

_T = TypeVar("_T")

_GIST_VALUES: tuple[Literal["", "0", "1"], ...] = ("0", "1")

_MAX_NAME_CHARS = 100  # of a name that an error repeats
_YEAR_PATTERN = re.compile(r"\d{4}")
_NUMBER_PATTERN = re.compile(r"\d{1,6}")


@dataclass(frozen=True, slots=True)
class SearchParams:
    """The parameters of a search; an empty string applies no filter, pages are numbered from 1.

    *correct* searches the corrected query if nothing matches.  *gist* is `1` for hits in other words, too, `0` for
    none; if it is empty, there are some if nothing matches.  If *size* is 0, `page_size` depends on *by*.
    """

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
    origin: CaptionOrigin | Literal[""] = ""
    speaker: str = ""
    match: MatchKind | Literal[""] = ""
    in_: str = ""
    sort: SortOrder = "score"
    by: ResultUnit = "moment"
    correct: bool = False
    gist: Literal["", "0", "1"] = ""
    page: int = 1
    size: int = 0

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> SearchParams:
        """Parse *params*; other names are ignored.

        Raises `BadRequestError` if a value is invalid, or if *match* is given twice.
        """
        _check_match_is_single(params)
        return cls(
            q=_read_text(params, "q", MAX_QUERY_CHARS),
            site=_read_text(params, "site"),
            channel=_read_text(params, "channel"),
            kind=_read_text(params, "kind"),
            lang=_read_text(params, "lang"),
            year=_parse_year(params),
            article=_read_text(params, "article"),
            video=_read_text(params, "video"),
            after=_parse_date(params, "after"),
            before=_parse_date(params, "before"),
            origin=parse_choice(params, "origin", get_args(CaptionOrigin), default=""),
            speaker=_read_text(params, "speaker"),
            match=parse_choice(params, "match", get_args(MatchKind), default=""),
            in_=_parse_text_kinds(params),
            sort=parse_choice(params, "sort", get_args(SortOrder), default="score"),
            by=parse_choice(params, "by", get_args(ResultUnit), default="moment"),
            correct=_parse_flag(params, "correct"),
            gist=parse_choice(params, "gist", _GIST_VALUES, default=""),
            page=parse_number(params, "page", default=1, maximum=MAX_PAGES),
            size=parse_number(params, "size", default=0, maximum=MAX_PAGE_SIZE),
        )

    def to_query_string(self, **changes: str | int) -> str:
        """Return the parameters as a query string, with *changes* applied and defaults omitted."""
        changed = replace(self, **changes)  # type: ignore[arg-type]  # the names and values of the fields above
        given = ((field.name, getattr(changed, field.name), field.default) for field in fields(self))
        given_texts = (
            (name.removesuffix("_"), int(value) if value is True else value)
            for name, value, default in given
            if value != default
        )
        return urlencode(list(given_texts))

    @property
    def page_size(self) -> int:
        """The number of hits, or of videos, on a page."""
        return self.size or (DEFAULT_VIDEOS if self.by == "video" else DEFAULT_PAGE_SIZE)

    @property
    def texts(self) -> tuple[TextKind, ...]:
        """Kinds of texts about videos to search instead of speech."""
        return tuple(kind for kind in TEXT_KINDS if kind in self.in_.split(","))

    @property
    def first_day(self) -> str:
        """Earliest date of the videos, empty for no bound."""
        return max(self.after, self.year)

    @property
    def last_day(self) -> str:
        """Latest date of the videos, empty for no bound."""
        bounds = [bound for bound in (self.before, f"{self.year}-12-31" if self.year else "") if bound]
        return min(bounds, default="")


def check_names(params: ImmutableMultiDict[str, str], names: Collection[str]) -> None:
    """Raise `BadRequestError` if a parameter is none of *names*, or if it is given twice with different values."""
    for name in params:
        if name not in names:
            known = f"those of this address are {', '.join(names)}" if names else "this address takes none"
            raise BadRequestError(name[:_MAX_NAME_CHARS], f"there is no such parameter; {known}")
        if len(set(params.getlist(name))) > 1:
            raise BadRequestError(name, "is given twice, with different values")


def parse_number(params: Mapping[str, str], name: str, *, default: int, maximum: int) -> int:
    """Parse the number *name*, from 1 to *maximum*.

    Raises `BadRequestError` if it is anything else.
    """
    given = params.get(name, "")
    if not given:
        return default
    if not _NUMBER_PATTERN.fullmatch(given) or not given.isascii() or not 1 <= int(given) <= maximum:
        raise BadRequestError(name, f"must be a number from 1 to {maximum:,}")
    return int(given)


def parse_choice(params: Mapping[str, str], name: str, choices: Collection[_T], *, default: _T | None = None) -> _T:
    """Parse the parameter *name*, one of *choices*; *default* if it is empty, an error if there is none.

    Raises `BadRequestError` if it is anything else.
    """
    given = params.get(name, "")
    if not given and default is not None:
        return default
    for choice in choices:
        if given == choice:
            return choice
    raise BadRequestError(name, f"must be one of {', '.join(map(str, choices))}")


def parse_claims(body: bytes) -> list[Claim]:
    """Parse the body `{"claims": [{"quote": …}, …]}` of a request.

    Raises `BadRequestError` if it is anything else.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise BadRequestError("body", "it is not JSON") from exc
    claims = given.get("claims") if isinstance(given, dict) else None
    if not isinstance(claims, list) or len(given) != 1:
        raise BadRequestError("body", 'it must be an object {"claims": […]}')
    if not 1 <= len(claims) <= MAX_CLAIMS:
        raise BadRequestError("claims", f"give 1 to {MAX_CLAIMS} claims")
    return [_parse_claim(claim, f"claims[{at}]") for at, claim in enumerate(claims)]


def _parse_claim(given: object, name: str) -> Claim:
    if not isinstance(given, dict):
        raise BadRequestError(name, 'it must be an object {"quote": "…"}')
    try:
        claim = Claim.from_mapping(given)
    except OptionError as exc:
        raise BadRequestError(name, exc.reason) from exc
    if not claim.quote.strip():
        raise BadRequestError(f"{name}.quote", "enter the words that are printed")
    for field in fields(claim):
        maximum = MAX_QUERY_CHARS if field.name == "quote" else MAX_FILTER_CHARS
        if len(getattr(claim, field.name)) > maximum:
            raise BadRequestError(f"{name}.{field.name}", f"must have at most {maximum:,} characters")
    return claim


def _read_text(params: Mapping[str, str], name: str, max_chars: int = MAX_FILTER_CHARS) -> str:
    given = params.get(name, "").strip()
    if len(given) > max_chars:
        raise BadRequestError(name, f"must have at most {max_chars:,} characters")
    return given


def _parse_date(params: Mapping[str, str], name: str) -> str:
    given = _read_text(params, name)
    try:
        parse_date_range(given, "")
    except QuerySyntaxError as exc:
        raise BadRequestError(name, exc.reason) from exc
    return given


def _parse_year(params: Mapping[str, str]) -> str:
    given = params.get("year", "").strip()
    if given and (not given.isascii() or not _YEAR_PATTERN.fullmatch(given)):
        raise BadRequestError("year", "must be a year of four digits")
    return given


def _parse_text_kinds(params: Mapping[str, str]) -> str:
    given = params.get("in", "")
    names = [name for name in given.split(",") if name]
    if "any" in names:
        return ",".join(TEXT_KINDS)
    if not set(names) <= set(TEXT_KINDS):
        raise BadRequestError("in", f"must be some of {', '.join(TEXT_KINDS)}, or any")
    return ",".join(names)


def _parse_flag(params: Mapping[str, str], name: str) -> bool:
    given = params.get(name, "")
    if given not in ("", "0", "1"):
        raise BadRequestError(name, "must be 1 or 0")
    return given == "1"


def _check_match_is_single(params: Mapping[str, str]) -> None:
    """Refuse `match=exact&match=near`, of which one would be ignored."""
    if isinstance(params, ImmutableMultiDict) and len(set(params.getlist("match"))) > 1:
        raise BadRequestError("match", "the kinds of hits exclude each other: leave out all for exact and near hits")
