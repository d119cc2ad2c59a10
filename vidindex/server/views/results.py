"""The search page below the search field: results by video with filters, a query error, or the landing page."""

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

_SORT_LABELS = (("score", "Best match"), ("date", "Newest"), ("length", "Shortest"))
_FILTER_LABELS = {"site": "Site", "channel": "Channel", "kind": "Kind", "lang": "Language", "year": "Year",
          "article": "Article"}  # fmt: skip
_FILTER_PARAMS = ("site", "channel", "kind", "lang", "year", "article", "video", "after", "before", "match")
_MAX_FACET_VALUES = 8
_MAX_SHOWN_HITS = 3  # of one video, before the rest is expanded


@dataclass(frozen=True, slots=True)
class VideoResult:
    """A video with its hits; *more_hits* are collapsed at first."""

    title: str
    href: str
    facts: tuple[str, ...]
    label: str
    thumbnail: Thumbnail
    hits: tuple[HitView, ...]
    more_hits: tuple[HitView, ...]


@dataclass(frozen=True, slots=True)
class FilterOption:
    """A link that sets a filter or a sort order; if a filter *is_chosen*, the link removes it."""

    text: str
    href: str
    count: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """The values of one filter."""

    key: str
    name: str
    options: tuple[FilterOption, ...]


@dataclass(frozen=True, slots=True)
class QueryErrorView:
    """A query that does not parse: the reason, and the query split around the invalid character *at*."""

    reason: str
    before: str
    at: str
    after: str


@dataclass(frozen=True, slots=True)
class ResultsView:
    """Everything below the search field. The landing page has only *size*, *examples* and *query_forms*."""

    query: str
    kept_params: tuple[tuple[str, str], ...] = ()
    is_landing: bool = False
    size: str = ""
    examples: tuple[SearchExample, ...] = ()
    query_forms: tuple[SearchExample, ...] = ()
    query_error: QueryErrorView | None = None
    announcement: str = ""
    count: str = ""
    unit: str = ""
    took: str = ""
    suggestion: FilterOption | None = None
    plain_query: FilterOption | None = None
    sort_options: tuple[FilterOption, ...] = ()
    videos: tuple[VideoResult, ...] = ()
    has_near: bool = False
    filters: tuple[FilterGroup, ...] = ()
    filter_count: int = 0
    unfiltered_url: str = ""
    page_links: PageLinks = field(default_factory=PageLinks)


def make_results_view(search_params: SearchParams, page: ResultsPage, *, pictures: bool = False) -> ResultsView:
    """Return the view of a *page* of results; *pictures* loads thumbnails from the sites of the videos."""
    videos = tuple(_group_by_video(search_params, page.hits, pictures=pictures))
    count = f"{page.total:,}{'+' if page.is_more else ''}"
    unit = "match" if page.total == 1 else "matches"
    groups = (_make_filter_group(search_params, facet) for facet in page.facets)
    return ResultsView(
        query=search_params.q,
        kept_params=_kept_params(search_params),
        announcement=f"{count} {unit}" if videos else "No matches",
        count=count,
        unit=unit,
        took=f"in {page.took_ms:.0f} ms" if videos else "",
        suggestion=_make_option(page.suggestion, search_params, q=page.suggestion) if page.suggestion else None,
        plain_query=_plain_query_option(search_params),
        sort_options=tuple(
            _make_option(name, search_params, sort=sort, is_chosen=search_params.sort == sort)
            for sort, name in _SORT_LABELS
        ),
        videos=videos,
        has_near=any(piece.kind == "differs" for video in videos for hit in video.hits for piece in hit.pieces),
        filters=tuple(group for group in groups if group.options),
        filter_count=len(_active_filters(search_params)),
        unfiltered_url=_search_url(search_params, **dict.fromkeys(_active_filters(search_params), "")),
        page_links=_make_page_links(search_params, page),
    )


def query_error(search_params: SearchParams, error: QuerySyntaxError) -> ResultsView:
    """Return the view of a query that does not parse."""
    at = min(error.at, len(error.query))
    view = QueryErrorView(error.reason, error.query[:at], error.query[at : at + 1] or " ", error.query[at + 1 :])
    return ResultsView(search_params.q, kept_params=_kept_params(search_params), query_error=view)


def landing(search_params: SearchParams, stats: Stats, examples: LandingExamples) -> ResultsView:
    """Return the view of the landing page."""
    return ResultsView(
        "",
        kept_params=_kept_params(search_params),
        is_landing=True,
        size=f"{_count(stats.videos, 'video')}, {_count(stats.words, 'word')}, {_count(stats.articles, 'article')}",
        examples=examples.sentences,
        query_forms=examples.query_forms,
    )


def _count(number: int, noun: str) -> str:
    """Return *number* with *noun*, in millions or billions if it is large: `1.8 million words`."""
    for unit, name in ((10**9, "billion"), (10**6, "million")):
        if number >= unit:
            return f"{number / unit:.1f} {name} {noun}s"
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _search_url(search_params: SearchParams, **changes: str | int) -> str:
    """Return the path of the first page of the search, with *changes* applied."""
    params = search_params.to_query_string(**{"page": 1, **changes})
    return f"/?{params}" if params else "/"


def _make_option(text: str, search_params: SearchParams, *, is_chosen: bool = False, **changes: str) -> FilterOption:
    return FilterOption(text, _search_url(search_params, **changes), is_chosen=is_chosen)


def _kept_params(search_params: SearchParams) -> tuple[tuple[str, str], ...]:
    """Return the parameters that a new query keeps."""
    return tuple(parse_qsl(search_params.to_query_string(q="", page=1)))


def _active_filters(search_params: SearchParams) -> tuple[str, ...]:
    return tuple(name for name in _FILTER_PARAMS if getattr(search_params, name))


def _make_page_links(search_params: SearchParams, page: ResultsPage) -> PageLinks:
    last = -(-page.total // search_params.size)
    first = (search_params.page - 1) * search_params.size + 1
    return PageLinks(
        previous=_search_url(search_params, page=min(search_params.page - 1, max(last, 1)))
        if search_params.page > 1
        else "",
        next=_search_url(search_params, page=search_params.page + 1) if search_params.page < last else "",
        position=f"{first:,}–{first + len(page.hits) - 1:,} of {page.total:,}" if page.hits else "",
    )


def _group_by_video(search_params: SearchParams, hits: Iterable[Hit], *, pictures: bool) -> Iterable[VideoResult]:
    """Group *hits* by video, in the order of the best hit of each video."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.video.id, []).append(hit)
    return (_make_video_result(search_params, group, pictures=pictures) for group in groups.values())


def _make_video_result(search_params: SearchParams, hits: Sequence[Hit], *, pictures: bool) -> VideoResult:
    best, video = hits[0], hits[0].video
    ordered = sorted(hits, key=lambda hit: hit.start_ms)
    length_ms = max(video.duration_ms, ordered[-1].end_ms if video.duration_ms else 0)
    views = tuple(make_hit_view(hit, text=search_params.q) for hit in ordered)
    shown = len(views) if len(views) <= _MAX_SHOWN_HITS + 1 else _MAX_SHOWN_HITS
    label = best.label if best.label != video.title else ""
    kind = video.kind if video.kind != "other" else ""
    return VideoResult(
        title=video.title or video.id,
        href=video_path(video.id, at_ms=best.start_ms, text=search_params.q),
        facts=tuple(filter(None, (video.channel or video.site, video.date, kind))),
        label=label,
        thumbnail=choose_thumbnail(video, ordered, length_ms=length_ms, use_remote=pictures),
        hits=views[:shown],
        more_hits=views[shown:],
    )


def _make_filter_group(search_params: SearchParams, facet: Facet) -> FilterGroup:
    """Return the most common values of a facet, and always the chosen one."""
    chosen = str(getattr(search_params, facet.name))
    counts = dict(facet.values)
    common = [value for value, _ in facet.values[:_MAX_FACET_VALUES]]
    values = common if chosen in common or not chosen else [chosen, *common[: _MAX_FACET_VALUES - 1]]
    names = dict(facet.names)
    options = tuple(
        FilterOption(
            names.get(value) or value,
            _search_url(search_params, **{facet.name: "" if value == chosen else value}),
            f"{counts.get(value, 0):,}",
            value == chosen,
        )
        for value in values
    )
    return FilterGroup(facet.name, _FILTER_LABELS[facet.name], options)


def _plain_query_option(search_params: SearchParams) -> FilterOption | None:
    """Return a search for the same words without quotation marks; None if there are none."""
    plain = " ".join(search_params.q.replace('"', " ").split())
    return _make_option(plain, search_params, q=plain) if plain != search_params.q else None
