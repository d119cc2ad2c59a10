"""What the search page shows below its field: hits by video, filters, or how to begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ...errors import QuerySyntaxError
from ...model import Hit, Stats
from ..params import SearchParams
from ..search import Facet, ResultsPage
from .examples import LandingExamples, SearchExample
from .hits import HitView, make_hit_view
from .pagination import PageLinks
from .thumbnail import Thumbnail, choose_thumbnail
from .urls import video_path

_SORT_LABELS = (("score", "Best"), ("date", "Newest"), ("length", "Shortest"))
_FILTER_LABELS = {"site": "Site", "channel": "Channel", "kind": "Kind", "lang": "Language", "year": "Year",
          "article": "Article"}  # fmt: skip
_FILTER_PARAMS = ("site", "channel", "kind", "lang", "year", "article", "video", "after", "before", "match")
_MAX_FACET_VALUES = 8  # values of one facet
_MAX_SHOWN_HITS = 3  # hits of one video that are shown at once


@dataclass(frozen=True, slots=True)
class VideoResult:
    """A video with its hits: *others* are shown on demand."""

    title: str
    href: str
    facts: tuple[str, ...]
    label: str
    picture: Thumbnail
    moments: tuple[HitView, ...]
    others: tuple[HitView, ...]


@dataclass(frozen=True, slots=True)
class FilterOption:
    """A value to narrow by; its address takes it away again where it *is_chosen*."""

    text: str
    href: str
    count: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """The values that a search may be narrowed to."""

    key: str
    name: str
    choices: tuple[FilterOption, ...]


@dataclass(frozen=True, slots=True)
class QueryErrorView:
    """What is wrong with a query: *here* is where."""

    reason: str
    before: str
    here: str
    after: str


@dataclass(frozen=True, slots=True)
class ResultsView:
    """All that is below the field.  Where *is_blank*, only *size*, *examples* and *ways* are."""

    text: str
    kept_params: tuple[tuple[str, str], ...] = ()
    is_landing: bool = False
    size: str = ""
    examples: tuple[SearchExample, ...] = ()
    query_forms: tuple[SearchExample, ...] = ()
    query_error: QueryErrorView | None = None
    news: str = ""
    count: str = ""
    unit: str = ""
    took: str = ""
    suggestion: FilterOption | None = None
    plain_query: FilterOption | None = None
    orders: tuple[FilterOption, ...] = ()
    clips: tuple[VideoResult, ...] = ()
    has_near: bool = False
    facets: tuple[FilterGroup, ...] = ()
    filter_count: int = 0
    unfiltered: str = ""
    pages: PageLinks = field(default_factory=PageLinks)


def make_results_view(search_params: SearchParams, page: ResultsPage, *, pictures: bool = False) -> ResultsView:
    """Show the *page* of hits that was *asked* for."""
    clips = tuple(_group_by_video(search_params, page.hits, pictures=pictures))
    count = f"{page.total:,}{'+' if page.is_more else ''}"
    spread = f"moment{'s' * (page.total != 1)}"
    facets = (_make_filter_group(search_params, facet) for facet in page.facets)
    return ResultsView(
        text=search_params.q,
        kept_params=_kept_params(search_params),
        news=f"{count} {spread}" if clips else "Nothing found",
        count=count,
        unit=spread,
        took=f"in {page.took_ms:.0f} ms" if clips else "",
        suggestion=_make_option(page.suggestion, search_params, q=page.suggestion) if page.suggestion else None,
        plain_query=_plain_query_option(search_params),
        orders=tuple(
            _make_option(name, search_params, sort=sort, is_chosen=search_params.sort == sort)
            for sort, name in _SORT_LABELS
        ),
        clips=clips,
        has_near=any(piece.kind == "differs" for clip in clips for each in clip.moments for piece in each.pieces),
        facets=tuple(facet for facet in facets if facet.choices),
        filter_count=len(_active_filters(search_params)),
        unfiltered=_search_url(search_params, **dict.fromkeys(_active_filters(search_params), "")),
        pages=_make_page_links(search_params, page),
    )


def query_error(search_params: SearchParams, error: QuerySyntaxError) -> ResultsView:
    """Show where a query stops making sense."""
    at = min(error.at, len(error.query))
    slip = QueryErrorView(error.reason, error.query[:at], error.query[at : at + 1] or " ", error.query[at + 1 :])
    return ResultsView(search_params.q, kept_params=_kept_params(search_params), query_error=slip)


def landing(search_params: SearchParams, stats: Stats, examples: LandingExamples) -> ResultsView:
    """Show how to begin."""
    size = f"{stats.words:,} words of {stats.videos:,} videos, from {stats.articles:,} articles."
    return ResultsView(
        "",
        kept_params=_kept_params(search_params),
        is_landing=True,
        size=size,
        examples=examples.sentences,
        query_forms=examples.query_forms,
    )


def _search_url(search_params: SearchParams, **changes: str | int) -> str:
    """Give the address of the search, some of it changed, from its first page on."""
    params = search_params.to_query_string(**{"page": 1, **changes})
    return f"/?{params}" if params else "/"


def _make_option(text: str, search_params: SearchParams, *, is_chosen: bool = False, **changes: str) -> FilterOption:
    return FilterOption(text, _search_url(search_params, **changes), is_chosen=is_chosen)


def _kept_params(search_params: SearchParams) -> tuple[tuple[str, str], ...]:
    """Give what a new search keeps of this one."""
    return tuple(parse_qsl(search_params.to_query_string(q="", page=1)))


def _active_filters(search_params: SearchParams) -> tuple[str, ...]:
    return tuple(name for name in _FILTER_PARAMS if getattr(search_params, name))


def _make_page_links(search_params: SearchParams, page: ResultsPage) -> PageLinks:
    last = -(-page.total // search_params.size)
    first = (search_params.page - 1) * search_params.size + 1
    return PageLinks(
        earlier=_search_url(search_params, page=min(search_params.page - 1, max(last, 1)))
        if search_params.page > 1
        else "",
        later=_search_url(search_params, page=search_params.page + 1) if search_params.page < last else "",
        where=f"{first:,}–{first + len(page.hits) - 1:,} of {page.total:,}" if page.hits else "",
    )


def _group_by_video(search_params: SearchParams, hits: Iterable[Hit], *, pictures: bool) -> Iterable[VideoResult]:
    """Group *hits* by video, in the order of each one's best."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.video.id, []).append(hit)
    return (_make_video_result(search_params, group, pictures=pictures) for group in groups.values())


def _make_video_result(search_params: SearchParams, hits: Sequence[Hit], *, pictures: bool) -> VideoResult:
    best, video = hits[0], hits[0].video
    ordered = sorted(hits, key=lambda hit: hit.start_ms)
    length_ms = max(video.duration_ms, ordered[-1].end_ms if video.duration_ms else 0)
    moments = tuple(make_hit_view(hit, text=search_params.q) for hit in ordered)
    shown = len(moments) if len(moments) <= _MAX_SHOWN_HITS + 1 else _MAX_SHOWN_HITS
    label = best.label if best.label != video.title else ""
    kind = video.kind if video.kind != "other" else ""
    return VideoResult(
        title=video.title or video.id,
        href=video_path(video.id, at_ms=best.start_ms, text=search_params.q),
        facts=tuple(filter(None, (video.channel or video.site, video.date, kind))),
        label=label,
        picture=choose_thumbnail(video, ordered, length_ms=length_ms, use_remote=pictures),
        moments=moments[:shown],
        others=moments[shown:],
    )


def _make_filter_group(search_params: SearchParams, facet: Facet) -> FilterGroup:
    """Offer the commonest values; the one that the search is narrowed to always."""
    chosen = str(getattr(search_params, facet.name))
    counts = dict(facet.values)
    common = [value for value, _ in facet.values[:_MAX_FACET_VALUES]]
    values = common if chosen in common or not chosen else [chosen, *common[: _MAX_FACET_VALUES - 1]]
    names = dict(facet.names)
    choices = tuple(
        FilterOption(
            names.get(value) or value,
            _search_url(search_params, **{facet.name: "" if value == chosen else value}),
            f"{counts.get(value, 0):,}",
            value == chosen,
        )
        for value in values
    )
    return FilterGroup(facet.name, _FILTER_LABELS[facet.name], choices)


def _plain_query_option(search_params: SearchParams) -> FilterOption | None:
    """Offer the same words as a quote of which some may be wrong."""
    plain = " ".join(search_params.q.replace('"', " ").split())
    return _make_option(plain, search_params, q=plain) if plain != search_params.q else None
