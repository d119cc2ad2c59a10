"""The form for the dates of the videos of a search."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MINYEAR
from urllib.parse import parse_qsl

from ..params import SearchParams

_DATE_PATTERN = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateRangeForm:
    """The first and the last day of the videos, empty for no bound; *kept_params* are sent with them."""

    after: str = ""
    before: str = ""
    kept_params: tuple[tuple[str, str], ...] = ()

    @property
    def is_set(self) -> bool:
        """Whether there is a bound."""
        return bool(self.after or self.before)


def make_date_range_form(search_params: SearchParams) -> DateRangeForm:
    """Return the form for the search of *search_params*, whose bounds may be months or years."""
    kept = search_params.to_query_string(page=1, by="moment", correct=False, after="", before="")
    return DateRangeForm(
        _first_day(search_params.after), _last_day(search_params.before), tuple(parse_qsl(kept, keep_blank_values=True))
    )


def _first_day(date: str) -> str:
    match = _DATE_PATTERN.fullmatch(date)
    return f"{match[1]}-{match[2] or '01'}-{match[3] or '01'}" if match else ""


def _last_day(date: str) -> str:
    match = _DATE_PATTERN.fullmatch(date)
    if match is None:
        return ""
    month = match[2] or "12"
    is_real = int(match[1]) >= MINYEAR and 1 <= int(month) <= 12
    return f"{match[1]}-{month}-{match[3] or (monthrange(int(match[1]), int(month))[1] if is_real else '01')}"
