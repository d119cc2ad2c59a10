"""The search page below the search field: results by video with filters, a query error, or the landing page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from ...clips.edit_lists.frame_rates import FRAME_RATE_NAMES
from ...errors import QuerySyntaxError
from ...model import Stats
from ...search.gist_hits import group_by_video
from ..params import FILTERS, SearchParams
from ..plain_text import pluralize
from ..search import Facet, ResultsPage, UnknownValue, VideoHits
from .date_range import DateRangeForm, make_date_range_form
from .examples import LandingExamples, SearchExample
from .hits import HitView, make_hit_view
from .names import video_name
from .pagination import PageLinks
from .thumbnail import Thumbnail, choose_thumbnail
from .urls import video_path

_SORT_LABELS = (("score", "Best match"), ("date", "Newest"), ("length", "Shortest"))
_FILTER_LABELS = {"site": "Site", "channel": "Channel", "kind": "Kind", "lang": "Language", "year": "Year",
          "article": "Article", "match": "Wording", "origin": "Captions", "speaker": "Speaker"}  # fmt: skip
_VALUE_LABELS = {("match", "exact"): "Word for word", ("match", "near"): "Similar words",
                 ("match", "gist"): "Other words"}  # fmt: skip
_SHOWN_VALUES = 8  # of a filter; the others are in a group to open
_MAX_FACET_VALUES = 40
_EXPORT_LABELS = (("csv", "CSV"), ("jsonl", "JSON Lines"), ("srt", "SRT"), ("md", "Markdown"),
                  ("m3u", "Playlist for VLC"))  # fmt: skip
_EDIT_LIST_LABELS = (("fcpxml", "FCPXML (Final Cut Pro, Resolve)"), ("xml", "XML (Premiere Pro)"),
                     ("edl", "EDL (CMX 3600)"), ("otio", "OTIO (OpenTimelineIO)"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class EditListForm:
    """A form that exports the hits as an edit list; *params* are those of the search."""

    params: tuple[tuple[str, str], ...]
    formats: tuple[tuple[str, str], ...] = _EDIT_LIST_LABELS
    rates: tuple[tuple[str, str], ...] = tuple(
        (name, f"{name.removesuffix('df')} drop-frame" if name.endswith("df") else name) for name in FRAME_RATE_NAMES
    )


@dataclass(frozen=True, slots=True)
class VideoResult:
    """A video with its best hits, in order of time; *more* is a text about all of them, if there are more."""

    title: str
    href: str
    facts: tuple[str, ...]
    label: str
    thumbnail: Thumbnail
    hits: tuple[HitView, ...]
    more: str


@dataclass(frozen=True, slots=True)
class FilterOption:
    """A link that sets a filter or a sort order; if a filter *is_chosen*, the link removes it."""

    text: str
    href: str
    count: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """The values of one filter; *more* are less frequent ones."""

    key: str
    name: str
    options: tuple[FilterOption, ...]
    more: tuple[FilterOption, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownFilter:
    """A filter value that no video has, with links to searches with *similar* ones."""

    name: str
    value: str
    similar: tuple[FilterOption, ...]


@dataclass(frozen=True, slots=True)
class QueryErrorView:
    """A query that does not parse: the reason, and the query split around the invalid character *at*."""

    reason: str
    before: str
    at: str
    after: str


@dataclass(frozen=True, slots=True)
class ResultsView:
    """Everything below the search field. The landing page has only *size*, *examples* and *query_forms*.

    *coverage* says what was searched, on the landing page and if nothing matches.  *gist_videos* say the query in other
    words; *gist_url* finds them if they were not searched, and *only_gist* is true if nothing else was.
    """

    query: str
    kept_params: tuple[tuple[str, str], ...] = ()
    is_landing: bool = False
    size: str = ""
    coverage: tuple[str, ...] = ()
    examples: tuple[SearchExample, ...] = ()
    query_forms: tuple[SearchExample, ...] = ()
    query_error: QueryErrorView | None = None
    announcement: str = ""
    count: str = ""
    unit: str = ""
    took: str = ""
    videos_count: str = ""
    corrected: str = ""
    corrected_url: str = ""
    unknown: tuple[UnknownFilter, ...] = ()
    plain_query: FilterOption | None = None
    sort_options: tuple[FilterOption, ...] = ()
    videos: tuple[VideoResult, ...] = ()
    gist_videos: tuple[VideoResult, ...] = ()
    gist_url: str = ""
    only_gist: bool = False
    has_near: bool = False
    filters: tuple[FilterGroup, ...] = ()
    dates: DateRangeForm = field(default_factory=DateRangeForm)
    exports: tuple[FilterOption, ...] = ()
    export_note: str = ""
    edit_list: EditListForm | None = None
    filter_count: int = 0
    unfiltered_url: str = ""
    page_links: PageLinks = field(default_factory=PageLinks)


def make_results_view(
    search_params: SearchParams, page: ResultsPage, *, pictures: bool = False, coverage: tuple[str, ...] = ()
) -> ResultsView:
    """Return the view of a *page* of results; *pictures* loads thumbnails from the sites of the videos."""
    kept = replace(search_params, q=page.corrected or search_params.q)
    videos = tuple(_make_video_result(kept, found, pictures=pictures) for found in page.videos)
    at_least = "+" if page.is_more else ""
    count = f"{page.total:,}{at_least}"
    videos_count = f"{page.total_videos:,}{at_least} video{'s' * (page.total_videos != 1)}"
    unit = "match" if page.total == 1 else "matches"
    groups = (_make_filter_group(kept, facet, at_least=at_least) for facet in page.facets)
    return ResultsView(
        query=search_params.q,
        kept_params=_kept_params(search_params),
        announcement=_announce(
            _describe_found(f"{count} {unit} in {videos_count}" if videos else "", len(page.gist)),
            page.corrected,
        ),
        count=count,
        unit=unit,
        took=f"({page.took_ms:.0f} ms)" if videos else "",
        videos_count=videos_count,
        corrected=page.corrected,
        corrected_url=_search_url(kept),
        unknown=tuple(_describe_unknown(search_params, each) for each in page.unknown),
        plain_query=_plain_query_option(search_params),
        sort_options=tuple(
            _make_option(name, kept, sort=sort, is_chosen=search_params.sort == sort) for sort, name in _SORT_LABELS
        ),
        videos=videos,
        gist_videos=tuple(
            _make_video_result(replace(kept, q=""), found, pictures=pictures) for found in group_by_video(page.gist)
        ),
        gist_url=_gist_url(kept, page),
        only_gist=search_params.match == "gist",
        has_near=any(piece.kind == "differs" for video in videos for hit in video.hits for piece in hit.pieces),
        filters=tuple(group for group in groups if _is_choice(kept, group)),
        dates=make_date_range_form(kept),
        coverage=() if videos else coverage,
        exports=tuple(FilterOption(name, _export_url(kept, form)) for form, name in _EXPORT_LABELS) if videos else (),
        export_note=f"The first {page.total:,} matches" if page.is_more else f"All {count} {unit}",
        edit_list=EditListForm(tuple(parse_qsl(_export_params(kept)))) if videos else None,
        filter_count=len(_active_filters(search_params)),
        unfiltered_url=_search_url(kept, **dict.fromkeys(_active_filters(search_params), "")),
        page_links=_make_page_links(kept, page),
    )


def _describe_unknown(search_params: SearchParams, unknown: UnknownValue) -> UnknownFilter:
    name = _FILTER_LABELS.get(unknown.name, unknown.name).lower()
    is_filter = getattr(search_params, unknown.name, "") == unknown.value
    links = (
        FilterOption(value, _search_url(search_params, **{unknown.name: value}))
        for value in unknown.similar
        if is_filter
    )
    return UnknownFilter(name, unknown.value, tuple(links))


def _describe_found(found: str, gist_count: int) -> str:
    others = f"{pluralize(gist_count, 'sentence')} in other words" if gist_count else ""
    return ", ".join(filter(None, (found, others))) or "No matches"


def _gist_url(search_params: SearchParams, page: ResultsPage) -> str:
    """Return the path of the search that also finds other words; "" if there is none, or if this is it."""
    is_searched = search_params.gist == "1" or search_params.match == "gist" or page.gist or not page.total
    return "" if is_searched or not page.has_vectors else f"{_search_url(search_params, gist='1')}#gist"


def _announce(found: str, corrected: str) -> str:
    return f"No matches. Showing results for {corrected}: {found}" if corrected else found


def query_error(search_params: SearchParams, error: QuerySyntaxError) -> ResultsView:
    """Return the view of a query that does not parse."""
    at = min(error.at, len(error.query))
    view = QueryErrorView(error.reason, error.query[:at], error.query[at : at + 1] or " ", error.query[at + 1 :])
    return ResultsView(search_params.q, kept_params=_kept_params(search_params), query_error=view)


def landing(
    search_params: SearchParams, stats: Stats, examples: LandingExamples, *, coverage: tuple[str, ...] = ()
) -> ResultsView:
    """Return the view of the landing page."""
    return ResultsView(
        "",
        kept_params=_kept_params(search_params),
        is_landing=True,
        size=f"{_count(stats.videos, 'video')}, {_count(stats.words, 'word')}, {_count(stats.articles, 'article')}",
        coverage=coverage,
        examples=examples.sentences,
        query_forms=examples.query_forms,
    )


def _count(number: int, noun: str) -> str:
    """Return *number* with *noun*, in millions or billions if it is large: `1.8 million words`."""
    for unit, name in ((10**9, "billion"), (10**6, "million")):
        if number >= unit:
            return f"{number / unit:.1f} {name} {noun}s"
    return pluralize(number, noun)


def _search_url(search_params: SearchParams, **changes: str | int) -> str:
    """Return the path of the first page of the search, with *changes* applied."""
    params = search_params.to_query_string(**{"page": 1, "by": "moment", "correct": False, **changes})
    return f"/?{params}" if params else "/"


def _make_option(text: str, search_params: SearchParams, *, is_chosen: bool = False, **changes: str) -> FilterOption:
    return FilterOption(text, _search_url(search_params, **changes), is_chosen=is_chosen)


def _kept_params(search_params: SearchParams) -> tuple[tuple[str, str], ...]:
    """Return the parameters that a new query keeps."""
    return tuple(parse_qsl(search_params.to_query_string(q="", page=1, by="moment", correct=False)))


def _active_filters(search_params: SearchParams) -> tuple[str, ...]:
    return tuple(name for name in FILTERS if getattr(search_params, name))


def _make_page_links(search_params: SearchParams, page: ResultsPage) -> PageLinks:
    size, at_least = search_params.page_size, "+" if page.is_more else ""
    last = -(-page.total_videos // size)
    first = (search_params.page - 1) * size + 1
    end = first + len(page.videos) - 1
    return PageLinks(
        previous=_search_url(search_params, page=min(search_params.page - 1, max(last, 1)))
        if search_params.page > 1
        else "",
        next=_search_url(search_params, page=search_params.page + 1) if search_params.page < last else "",
        position=f"{first:,}–{end:,} of {page.total_videos:,}{at_least} videos" if page.videos else "",
    )


def _make_video_result(search_params: SearchParams, found: VideoHits, *, pictures: bool) -> VideoResult:
    best, video = found.hits[0], found.video
    ordered = sorted(found.hits, key=lambda hit: hit.start_ms)
    length_ms = max(video.duration_ms, ordered[-1].end_ms if video.duration_ms else 0)
    name = video_name(video, best.label)
    label = best.label if best.label != name else ""
    kind = video.kind if video.kind != "other" else ""
    at_least = "+" if found.is_more else ""
    return VideoResult(
        title=name,
        href=video_path(video.id, at_ms=best.start_ms, text=search_params.q),
        facts=tuple(filter(None, (video.channel or video.site, video.date, kind))),
        label=label,
        thumbnail=choose_thumbnail(video, ordered, length_ms=length_ms, use_remote=pictures),
        hits=tuple(make_hit_view(hit, text=search_params.q) for hit in ordered),
        more=f"{found.total:,}{at_least} matches in this video" if found.total > len(ordered) else "",
    )


def _make_filter_group(search_params: SearchParams, facet: Facet, *, at_least: str) -> FilterGroup:
    """Return the most common values of a facet, and always the chosen one; *at_least* follows each count."""
    chosen = str(getattr(search_params, facet.name))
    counts = dict(facet.values)
    common = [value for value, _ in facet.values[:_MAX_FACET_VALUES]]
    values = common if chosen in common[:_SHOWN_VALUES] or not chosen else [chosen, *_without(common, chosen)]
    names = dict(facet.names)
    options = tuple(
        FilterOption(
            names.get(value) or _VALUE_LABELS.get((facet.name, value), value),
            _search_url(search_params, **{facet.name: "" if value == chosen else value}),
            f"{counts.get(value, 0):,}{at_least}",
            value == chosen,
        )
        for value in values
    )
    return FilterGroup(facet.name, _FILTER_LABELS[facet.name], options[:_SHOWN_VALUES], options[_SHOWN_VALUES:])


def _without(values: Iterable[str], unwanted: str) -> list[str]:
    return [value for value in values if value != unwanted]


def _is_choice(search_params: SearchParams, group: FilterGroup) -> bool:
    """Return whether *group* is worth showing: one kind of match alone says nothing."""
    return len(group.options) > int(group.key == "match" and not search_params.match)


def _export_url(search_params: SearchParams, form: str) -> str:
    return f"/export?{_export_params(search_params)}&{urlencode({'format': form})}"


def _export_params(search_params: SearchParams) -> str:
    return search_params.to_query_string(page=1, by="moment", correct=False, size=0)


def _plain_query_option(search_params: SearchParams) -> FilterOption | None:
    """Return a search for the same words without quotation marks; None if there are none."""
    plain = " ".join(search_params.q.replace('"', " ").split())
    return _make_option(plain, search_params, q=plain) if plain != search_params.q else None
