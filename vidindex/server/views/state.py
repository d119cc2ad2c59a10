"""What the search page shows, as its address states it: the words, the filters, the order, the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

LONGEST = 1000
"""Characters that a field of a page takes."""

FILTERS = ("site", "channel", "kind", "lang", "year", "article", "match", "after", "before", "video")
"""What a search may be narrowed by, each by one value."""


@dataclass(frozen=True, slots=True)
class State:
    """A search; *filters* are pairs of `FILTERS` and a value, in that order."""

    text: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = ""

    @property
    def is_blank(self) -> bool:
        """Check whether nothing is asked for."""
        return not self.text.strip()

    def value(self, name: str) -> str:
        """Give what the search is narrowed to by *name*; empty for nothing."""
        return dict(self.filters).get(name, "")

    def toggled(self, name: str, value: str) -> State:
        """Narrow to *value*, or no more where that is so already."""
        kept = {key: each for key, each in self.filters if key != name}
        if self.value(name) != value:
            kept[name] = value
        return replace(self, filters=tuple((key, kept[key]) for key in FILTERS if key in kept))

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Give what stands in the address."""
        given = (("q", self.text), *self.filters, ("sort", self.sort))
        return tuple((name, value) for name, value in given if value)

    @property
    def address(self) -> str:
        """Give the address of the first page of this search."""
        query = urlencode(self.pairs())
        return f"/?{query}" if query else "/"


def state_of(query: Mapping[str, str]) -> State:
    """Read the state from the parameters of an address."""
    filters = tuple((name, query[name]) for name in FILTERS if query.get(name))
    sort = query.get("sort", "")
    return State(query.get("q", ""), filters, sort if sort != "score" else "")
