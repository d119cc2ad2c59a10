"""What a search is narrowed to, and how its hits are to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..model import MatchKind

SortOrder = Literal["score", "date", "length"]


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How to search; a default of "" or 0 narrows nothing.

    *match* keeps only such hits.  *videos* are the ids of the only videos to look in.  *context* counts the
    words to show on either side, *context_ms*, where not 0, the time instead.  *threshold* is the score from
    which a hit counts; None chooses it by the length of the quote.  Where *raw_case* is false, captions in
    capitals are written in small letters.
    """

    limit: int = 10
    offset: int = 0
    match: MatchKind | None = None
    sort: SortOrder = "score"
    site: str = ""
    channel: str = ""
    kind: str = ""
    lang: str = ""
    article: str = ""
    after: str = ""
    before: str = ""
    videos: frozenset[str] = frozenset()
    context: int = 12
    context_ms: int = 0
    threshold: float | None = None
    raw_case: bool = False

    @property
    def only_video(self) -> str:
        """The id of the one video to look in, where nothing else narrows the search."""
        others = (self.site, self.channel, self.kind, self.lang, self.article, self.after, self.before)
        return next(iter(self.videos)) if len(self.videos) == 1 and not any(others) else ""
