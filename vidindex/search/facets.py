"""Facets of a search: the sites, channels, kinds, languages, years, … of its hits, with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal, get_args

from ..engines.base import PassageIndex
from ..engines.terms import date_number
from ..model import CaptionOrigin, Hit, TrackContext, origin_label
from .filters import contains_words, field_text, padded_field
from .found_moments import MAX_COUNTED_HITS, FoundMoments, VideoMoments, find_key, list_readings
from .hits import HitBuilder, video_sort_key
from .moments import MomentFinder, WordReader, distinct_moments, select_kind
from .options import SearchOptions
from .query import parse_query
from .recent import RecentFindings
from .retrieve import Match
from .source import FacetSource

FacetName = Literal["site", "channel", "kind", "lang", "year", "article", "match", "origin", "speaker"]
FACET_NAMES: tuple[FacetName, ...] = get_args(FacetName)

_MAX_SPOKEN_HITS = 1_000  # hits whose speakers are counted: the transcript of each is read
_MAX_SPEAKERS = 200

ORIGIN_NAMES: dict[str, str] = {origin: origin_label(origin) for origin in get_args(CaptionOrigin)}
"""The names that people read for the origins of captions."""


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one field among the hits, with the number of hits of each, most frequent first.

    The number is that of the hits which a search finds with this value as its filter.  *names* are pairs of a value
    and its display name, for values that are not names themselves (articles, origins).
    """

    name: FacetName
    values: tuple[tuple[str, int], ...]
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FacetedHits:
    """A page of hits with the number of all hits.

    If *is_more*, *total* is 10,000, and there are at least as many hits as that and as each facet says.
    *corrected* is the text that was searched instead, if nothing matches the given one.  *gist* are the hits that say
    it in other words; *total* does not count them.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_more: bool = False
    facets: tuple[Facet, ...] = ()
    corrected: str = ""
    gist: tuple[Hit, ...] = ()


def facet_search(
    engine: PassageIndex,
    source: FacetSource,
    text: str,
    *,
    options: SearchOptions,
    recent: RecentFindings | None = None,
) -> FacetedHits:
    """Return the page of hits that *options* select, with facets; *recent* is what earlier searches found.

    Raises `QuerySyntaxError`, `EngineError`.
    """
    found = MomentFinder(engine, source, options, recent=recent).find(text)
    if not found.videos:
        return FacetedHits()
    builder = HitBuilder(source, found.query, options)
    if options.sort == "score":
        hits = builder.build_slice(found.ranked_matches(), options.offset, options.limit)
    else:
        hits = builder.build_in_order(_sort_by_video(found, options))
    return FacetedHits(tuple(hits), found.total, found.is_more, count_facets(source, found, shown=hits))


def is_known(text: str, *, options: SearchOptions, recent: RecentFindings) -> bool:
    """Return whether an earlier search found what `facet_search` finds."""
    return recent.found.get(find_key(list_readings(parse_query(text)), options)) is not None


def _sort_by_video(found: FoundMoments, options: SearchOptions) -> Iterator[Match]:
    """Yield the matches of the page that *options* select, sorted by the date or duration of their video."""
    sort_key = video_sort_key(options)
    ordered = sorted(found.videos, key=lambda each: sort_key(each.context.video))
    matches = islice(chain.from_iterable(each.matches for each in ordered), MAX_COUNTED_HITS)
    return islice(matches, options.offset, options.offset + options.limit)


def count_facets(source: FacetSource, found: FoundMoments, *, shown: Iterable[Hit]) -> tuple[Facet, ...]:
    """Return the facets of all moments in *found*; speakers are counted if one of the *shown* hits has one."""
    counts: dict[FacetName, Mapping[str, int]] = {
        "site": _count_texts(found.videos, "site"),
        "channel": _count_texts(found.videos, "channel"),
        "kind": _count_texts(found.videos, "kind"),
        "lang": _count_tracks(source, found, _language_of, contains_words),
        "year": _count_years(found.videos),
        "article": _count_articles(found.videos),
        "match": count_kinds(found.videos),
        "origin": _count_tracks(source, found, _origin_of, str.__eq__),
        "speaker": count_speakers(source, found) if any(hit.speaker for hit in shown) else {},
    }
    titles = {article.url: article.title for each in found.videos for article in each.context.articles}
    return tuple(make_facet(name, counts[name], titles if name == "article" else {}) for name in FACET_NAMES)


def make_facet(name: FacetName, counts: Mapping[str, int], titles: Mapping[str, str]) -> Facet:
    """Return the facet *name* with the *counts* of its values; *titles* are the names of some of them."""
    values = sorted(((value, min(count, MAX_COUNTED_HITS)) for value, count in counts.items()), key=_facet_sort_key)
    titles = ORIGIN_NAMES if name == "origin" else titles
    return Facet(name, tuple(values), tuple((value, title) for value, title in titles.items() if title))


def _facet_sort_key(value_and_count: tuple[str, int]) -> tuple[int, str]:
    return -value_and_count[1], value_and_count[0]


def _count_texts(videos: Iterable[VideoMoments], name: FacetName) -> dict[str, int]:
    """Count the hits of each text of a field; a filter by its words finds longer texts, too."""
    counts = _count_by_text(videos, name)
    return count_containing(counts, counts)


def _count_articles(videos: Sequence[VideoMoments]) -> dict[str, int]:
    urls = {article.url for each in videos for article in each.context.articles}
    return count_containing(urls, _count_by_text(videos, "article"))


def _count_by_text(videos: Iterable[VideoMoments], name: FacetName) -> Counter[str]:
    counts: Counter[str] = Counter()
    for each in videos:
        counts[field_text(each.context, name)] += len(each.matches)
    return counts


def count_containing(values: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    """Return for each of *values* the sum of the *counts* of the texts that contain its words, without zeros."""
    texts_by_token: dict[str, list[str]] = {}
    for text in counts:
        for token in set(padded_field(text).split()):
            texts_by_token.setdefault(token, []).append(text)
    sums = {}
    for value in values:
        texts = min((texts_by_token.get(token, []) for token in padded_field(value).split()), key=len, default=[])
        sums[value] = sum(counts[text] for text in texts if contains_words(text, value))
    return {value: count for value, count in sums.items() if count}


def _count_years(videos: Iterable[VideoMoments]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for each in videos:
        date = each.context.video.date
        if date_number(date):
            counts[date[:4]] += len(each.matches)
    return counts


def count_kinds(videos: Iterable[VideoMoments]) -> dict[str, int]:
    """Count the hits that match word for word, and those that do not."""
    total = exact = 0
    for each in videos:
        total += len(each.matches)
        exact += len(select_kind(each.matches, "exact"))
    return {kind: count for kind, count in (("exact", exact), ("near", total - exact)) if count}


def _language_of(context: TrackContext) -> str:
    return field_text(context, "lang")


def _origin_of(context: TrackContext) -> str:
    return context.track.origin


def _count_tracks(
    source: FacetSource,
    found: FoundMoments,
    text_of: Callable[[TrackContext], str],
    is_within: Callable[[str, str], bool],
) -> dict[str, int]:
    """Count the hits of each language, or origin, of captions; a moment may have captions in several."""
    videos = found.of_both_kinds or found.videos
    values = {text_of(context) for each in videos for context in each.contexts.values()}
    counts: Counter[str] = Counter()
    for each in videos:
        texts = {track: text_of(context) for track, context in each.contexts.items()}
        own = set(texts.values())
        for value in values if len(values) < 2 * len(own) else _values_within(values, own, is_within):
            tracks = {track for track, text in texts.items() if is_within(text, value)}
            if tracks == texts.keys():
                counts[value] += len(select_kind(each.matches, found.kind))
            elif tracks:
                matches = [match for match in each.track_matches if match.track in tracks]
                words = WordReader(source, matches)
                counts[value] += len(select_kind(distinct_moments(words, matches, each.contexts), found.kind))
    return +counts


def _values_within(values: Iterable[str], texts: Iterable[str], is_within: Callable[[str, str], bool]) -> list[str]:
    return [value for value in values if any(is_within(text, value) for text in texts)]


def count_speakers(source: FacetSource, found: FoundMoments) -> dict[str, int]:
    """Count the hits of each speaker whom the captions name; nothing if there are too many hits or speakers."""
    videos = found.of_both_kinds or found.videos
    if sum(len(each.track_matches) for each in videos) > _MAX_SPOKEN_HITS:
        return {}
    words = WordReader(source, chain.from_iterable(each.track_matches for each in videos))
    spoken = [(each, [words.speaker_of(match) for match in each.track_matches]) for each in videos]
    values = {name for _, names in spoken for name in names if name}
    counts: Counter[str] = Counter()
    for each, names in spoken if len(values) <= _MAX_SPEAKERS else ():
        for value in _values_within(values, set(names), contains_words):
            said = [match for match, name in zip(each.track_matches, names, strict=True) if contains_words(name, value)]
            counts[value] += len(select_kind(distinct_moments(words, said, each.contexts), found.kind))
    return +counts
