"""Options of a search: filters, order, and the text around the hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ..errors import OptionError
from ..model import CaptionOrigin, MatchKind, TextKind

SortOrder = Literal["score", "date", "length"]


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Options of the searches of an index; every filter is off by default.

    Raises `OptionError` if *match*, *sort* or *origin* has another value.

    Attributes:
        limit: The maximum number of hits, or of videos in `Index.search_videos`.
        offset: The number of them to skip.
        match: Return only `exact`, only `near` or only `gist` hits; None returns exact and near ones.
        gist: Also return hits that say the words in other words, after the others; *limit* and *offset* apply to them
            in the same way.  The index needs vectors: `vidindex rebuild --gist`.
        sort: `score` (best first), `date` (newest first) or `length` (shortest video first).
        site: Host name of the site that serves the video.
        channel: Words of the name of the channel.
        kind: Kind of the video, such as `interview`.
        lang: Language of the captions, such as `en`.
        origin: Origin of the captions: `manual`, `automatic`, `asr` or `supplied`; None for all.
        speaker: Words of the name of who speaks, as the captions state it; most captions name nobody.
        article: URL of an article that embeds the video.
        after: First day, month or year of the video, such as `2009-09-14`, `2009-09` or `2009`.
        before: Last day, month or year of the video.
        videos: Ids of the videos to search; empty for all.
        context: Number of words in `Hit.before` and `Hit.after`.
        context_ms: Duration of `Hit.before` and `Hit.after`; if it is not 0, it is used instead of *context*.
        threshold: Minimum score of a near hit; None selects it by the length of the quote.
        texts: Kinds of texts that `Index.search_texts` searches; empty for all.
        raw_case: Return captions in capital letters unchanged, not in sentence case.
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
    texts: tuple[TextKind, ...] = ()
    origin: CaptionOrigin | None = None
    speaker: str = ""
    gist: bool = False

    def __post_init__(self) -> None:
        """Raise `OptionError` if *match*, *sort* or *origin* is none of its values."""
        if self.match is not None and self.match not in get_args(MatchKind):
            raise OptionError(f"match must be exact, near, gist or None (all hits of the words), not {self.match!r}")
        if self.sort not in get_args(SortOrder):
            raise OptionError(f"sort must be score, date or length, not {self.sort!r}")
        if self.origin is not None and self.origin not in get_args(CaptionOrigin):
            origins = ", ".join(get_args(CaptionOrigin))
            raise OptionError(f"origin must be one of {origins} or None, not {self.origin!r}")

    @property
    def only_video(self) -> str:
        """The id of the only video to search, or "" if there are several."""
        return next(iter(self.videos)) if len(self.videos) == 1 else ""
