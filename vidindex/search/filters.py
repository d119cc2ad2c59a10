"""The filters of `SearchOptions`: as query nodes for engines, and as conditions on the videos that were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from ..engines.terms import date_number, tokenize_field
from ..model import And, DateRange, FieldTerm, QueryNode, TrackContext
from .options import SearchOptions

_LAST_DAY = 99_999_999


def apply_filters(node: QueryNode, options: SearchOptions) -> QueryNode:
    """Return *node* combined with the filters of *options*.  Raises `QuerySyntaxError` if a date is invalid."""
    terms = [FieldTerm(name, tuple(tokenize_field(value))) for name, value in filter_values(options) if value]
    dates = _parse_dates(options) if options.after or options.before else None
    nodes = (node, *terms, *([dates] if dates else []))
    return And(nodes) if len(nodes) > 1 else node


@lru_cache(maxsize=100)
def without_filters(options: SearchOptions) -> SearchOptions:
    """Return *options* without the filters of videos."""
    return replace(
        options, site="", channel="", kind="", lang="", article="", after="", before="", videos=frozenset(),
        origin=None, speaker="",
    )  # fmt: skip


def is_selected(context: TrackContext, options: SearchOptions) -> bool:
    """Return whether the filters of *options* select the track of *context*, as `apply_filters` does in an engine.

    Who speaks is not decided by the track, and the origin of captions is decided here alone.
    """
    return bool(select_tracks({0: context}, options))


def select_tracks(contexts: Mapping[int, TrackContext], options: SearchOptions) -> set[int]:
    """Return the tracks of *contexts*, which may be all tracks of an index, that `is_selected` selects."""
    videos, origin, after, before = options.videos, options.origin, options.after, options.before
    fields = [(name, value) for name, value in field_values(options) if value]
    return {
        track
        for track, context in contexts.items()
        if (not videos or context.video.id in videos)
        and (origin is None or context.track.origin == origin)
        and (not (after or before) or _is_dated(context.video.date, after, before))
        and (not fields or all(contains_words(field_text(context, name), value) for name, value in fields))
    }


def field_text(context: TrackContext, name: str) -> str:
    """Return the text of a track in which the filter *name* looks for words."""
    video = context.video
    match name:
        case "site":
            return video.site
        case "channel":
            return video.channel
        case "kind":
            return video.kind
        case "lang":
            return context.track.language or video.language
    return " / ".join(f"{article.title} {article.site} {article.url}" for article in context.articles)


@lru_cache(maxsize=20_000)  # a filter compares few values, each of many tracks
def contains_words(text: str, words: str) -> bool:
    """Return whether a field with *text* has *words*, side by side; never if they have no letters or digits."""
    wanted = padded_field(words)
    return len(wanted) > 1 and wanted in padded_field(text)


@lru_cache(maxsize=20_000)
def padded_field(text: str) -> str:
    """Return the tokens of a field, with a space on either side of each."""
    return f" {' '.join(tokenize_field(text))} " if text else " "


def field_values(options: SearchOptions) -> tuple[tuple[str, str], ...]:
    """Return the filters of *options* that look for words in a field of a track, and their values."""
    return (
        ("site", options.site),
        ("channel", options.channel),
        ("kind", options.kind),
        ("lang", options.lang),
        ("article", options.article),
    )


def filter_values(options: SearchOptions) -> tuple[tuple[str, str], ...]:
    """Return the filters of *options* that an engine applies, and their values."""
    return (*field_values(options), ("speaker", options.speaker))


@lru_cache(maxsize=20_000)
def _is_dated(date: str, after: str, before: str) -> bool:
    low = date_number(after) if after else 1
    high = date_number(before, pad="9") if before else _LAST_DAY
    return max(low, 1) <= date_number(date) <= high


def _parse_dates(options: SearchOptions) -> DateRange | None:
    from .query_language import parse_date_range  # most searches have no dates, and start-up counts

    return parse_date_range(options.after, options.before)
