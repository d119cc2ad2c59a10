"""What the search page shows below its field: hits by video, filters, or how to begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ...errors import QuerySyntaxError
from ...model import Hit, Stats
from ..params import Asked
from ..search import Facet, Page
from .examples import Example, Welcome
from .hits import Moment, moment
from .pagination import Pages
from .thumbnail import Picture, picture
from .urls import video_path

_ORDERS = (("score", "Best"), ("date", "Newest"), ("length", "Shortest"))
_NAMES = {"site": "Site", "channel": "Channel", "kind": "Kind", "lang": "Language", "year": "Year",
          "article": "Article"}  # fmt: skip
_FILTERS = ("site", "channel", "kind", "lang", "year", "article", "video", "after", "before", "match")
_SHOWN = 8  # values of one facet
_FEW = 3  # hits of one video that are shown at once


@dataclass(frozen=True, slots=True)
class Clip:
    """A video with its hits: *others* are shown on demand."""

    title: str
    href: str
    facts: tuple[str, ...]
    label: str
    picture: Picture
    moments: tuple[Moment, ...]
    others: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to narrow by; its address takes it away again where it *is_chosen*."""

    text: str
    href: str
    count: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """The values that a search may be narrowed to."""

    key: str
    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong with a query: *here* is where."""

    reason: str
    before: str
    here: str
    after: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that is below the field.  Where *is_blank*, only *size*, *examples* and *ways* are."""

    text: str
    kept: tuple[tuple[str, str], ...] = ()
    is_blank: bool = False
    size: str = ""
    examples: tuple[Example, ...] = ()
    ways: tuple[Example, ...] = ()
    slip: Slip | None = None
    news: str = ""
    count: str = ""
    spread: str = ""
    took: str = ""
    meant: Choice | None = None
    loose: Choice | None = None
    orders: tuple[Choice, ...] = ()
    clips: tuple[Clip, ...] = ()
    has_near: bool = False
    facets: tuple[Filter, ...] = ()
    narrowed: int = 0
    unfiltered: str = ""
    pages: Pages = field(default_factory=Pages)


def outcome_of(asked: Asked, page: Page, *, pictures: bool = False) -> Outcome:
    """Show the *page* of hits that was *asked* for."""
    clips = tuple(_clips(asked, page.hits, pictures=pictures))
    count = f"{page.total:,}{'+' if page.is_more else ''}"
    spread = f"moment{'s' * (page.total != 1)}"
    facets = (_filter(asked, facet) for facet in page.facets)
    return Outcome(
        text=asked.q,
        kept=_kept(asked),
        news=f"{count} {spread}" if clips else "Nothing found",
        count=count,
        spread=spread,
        took=f"in {page.took_ms:.0f} ms" if clips else "",
        meant=_choice(page.suggestion, asked, q=page.suggestion) if page.suggestion else None,
        loose=_loose(asked),
        orders=tuple(_choice(name, asked, sort=sort, is_chosen=asked.sort == sort) for sort, name in _ORDERS),
        clips=clips,
        has_near=any(piece.kind == "differs" for clip in clips for each in clip.moments for piece in each.pieces),
        facets=tuple(facet for facet in facets if facet.choices),
        narrowed=len(_narrowing(asked)),
        unfiltered=_address(asked, **dict.fromkeys(_narrowing(asked), "")),
        pages=_pages(asked, page),
    )


def slip_of(asked: Asked, error: QuerySyntaxError) -> Outcome:
    """Show where a query stops making sense."""
    at = min(error.at, len(error.query))
    slip = Slip(error.reason, error.query[:at], error.query[at : at + 1] or " ", error.query[at + 1 :])
    return Outcome(asked.q, kept=_kept(asked), slip=slip)


def blank(asked: Asked, stats: Stats, welcome: Welcome) -> Outcome:
    """Show how to begin."""
    size = f"{stats.words:,} words of {stats.videos:,} videos, from {stats.articles:,} articles."
    return Outcome("", kept=_kept(asked), is_blank=True, size=size, examples=welcome.said, ways=welcome.ways)


def _address(asked: Asked, **changes: str | int) -> str:
    """Give the address of the search, some of it changed, from its first page on."""
    params = asked.params(**{"page": 1, **changes})
    return f"/?{params}" if params else "/"


def _choice(text: str, asked: Asked, *, is_chosen: bool = False, **changes: str) -> Choice:
    return Choice(text, _address(asked, **changes), is_chosen=is_chosen)


def _kept(asked: Asked) -> tuple[tuple[str, str], ...]:
    """Give what a new search keeps of this one."""
    return tuple(parse_qsl(asked.params(q="", page=1)))


def _narrowing(asked: Asked) -> tuple[str, ...]:
    return tuple(name for name in _FILTERS if getattr(asked, name))


def _pages(asked: Asked, page: Page) -> Pages:
    last = -(-page.total // asked.size)
    first = (asked.page - 1) * asked.size + 1
    return Pages(
        earlier=_address(asked, page=min(asked.page - 1, max(last, 1))) if asked.page > 1 else "",
        later=_address(asked, page=asked.page + 1) if asked.page < last else "",
        where=f"{first:,}–{first + len(page.hits) - 1:,} of {page.total:,}" if page.hits else "",
    )


def _clips(asked: Asked, hits: Iterable[Hit], *, pictures: bool) -> Iterable[Clip]:
    """Group *hits* by video, in the order of each one's best."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.video.id, []).append(hit)
    return (_clip(asked, group, pictures=pictures) for group in groups.values())


def _clip(asked: Asked, hits: Sequence[Hit], *, pictures: bool) -> Clip:
    best, video = hits[0], hits[0].video
    ordered = sorted(hits, key=lambda hit: hit.start_ms)
    length_ms = max(video.duration_ms, ordered[-1].end_ms if video.duration_ms else 0)
    moments = tuple(moment(hit, text=asked.q) for hit in ordered)
    shown = len(moments) if len(moments) <= _FEW + 1 else _FEW
    label = best.label if best.label != video.title else ""
    kind = video.kind if video.kind != "other" else ""
    return Clip(
        title=video.title or video.id,
        href=video_path(video.id, at_ms=best.start_ms, text=asked.q),
        facts=tuple(filter(None, (video.channel or video.site, video.date, kind))),
        label=label,
        picture=picture(video, ordered, length_ms=length_ms, wanted=pictures),
        moments=moments[:shown],
        others=moments[shown:],
    )


def _filter(asked: Asked, facet: Facet) -> Filter:
    """Offer the commonest values; the one that the search is narrowed to always."""
    chosen = str(getattr(asked, facet.name))
    counts = dict(facet.values)
    common = [value for value, _ in facet.values[:_SHOWN]]
    values = common if chosen in common or not chosen else [chosen, *common[: _SHOWN - 1]]
    names = dict(facet.names)
    choices = tuple(
        Choice(
            names.get(value) or value,
            _address(asked, **{facet.name: "" if value == chosen else value}),
            f"{counts.get(value, 0):,}",
            value == chosen,
        )
        for value in values
    )
    return Filter(facet.name, _NAMES[facet.name], choices)


def _loose(asked: Asked) -> Choice | None:
    """Offer the same words as a quote of which some may be wrong."""
    plain = " ".join(asked.q.replace('"', " ").split())
    return _choice(plain, asked, q=plain) if plain != asked.q else None
