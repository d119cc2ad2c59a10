"""The trend of a query: its hits by month, year, channel or speaker, relative to the words that are indexed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise
from typing import Literal, get_args

from ..engines.base import PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..engines.terms import date_number
from ..errors import OptionError
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import And, DateRange, FieldTerm, Not, PassageRange, QueryNode, TrackWords, Transcript, split_passage_id
from .filters import apply_filters, select_tracks
from .found_moments import FoundMoments
from .moments import MomentFinder
from .options import SearchOptions
from .query import Query
from .retrieve import Match
from .snippet import speaker_of_word
from .source import FacetSource, WordSource

TrendGroup = Literal["month", "year", "channel", "speaker"]

_WORDS_PER_RATE = 1_000_000
_MAX_GAP_MONTHS = 1_200
"""Months without words that are listed in a row; a longer gap comes from a wrong date."""

_MOMENTS_PER_BATCH = 200
_MONTHS = range(1, 13)
_MAX_SCOPE_PASSAGES = 2_000_000
_DEFAULT_OPTIONS = SearchOptions()


@dataclass(frozen=True, slots=True)
class TrendRow:
    """The hits in one month, one year, one channel or of one speaker, and the number of words that are indexed there.

    *value* is `2009-09`, `2009` or a name, and "" for videos without a date or a name.
    """

    value: str
    hits: int
    words: int

    @property
    def rate(self) -> float | None:
        """The hits per million words; None if no words are indexed, which is a gap and not a zero."""
        return self.hits * _WORDS_PER_RATE / self.words if self.words else None


@dataclass(frozen=True, slots=True)
class Trend:
    """The hits of a query by month, year, channel or speaker.

    *total* and *words* are the sums of all videos that the filters select.  If *is_more*, so many passages match that
    only a sample of them was counted, spread evenly over the index: all hits are lower bounds.
    """

    by: TrendGroup
    rows: tuple[TrendRow, ...] = ()
    total: int = 0
    words: int = 0
    is_more: bool = False


def check_group(by: str) -> None:
    """Raise `OptionError` unless hits can be counted *by* that."""
    if by not in get_args(TrendGroup):
        raise OptionError(f"hits are counted by {', '.join(get_args(TrendGroup))}, not by {by!r}")


def count_trend(
    engine: PassageIndex,
    source: FacetSource,
    store: WordSource,
    text: str,
    *,
    by: TrendGroup = "month",
    options: SearchOptions = _DEFAULT_OPTIONS,
) -> Trend:
    """Return the trend of *text* in the videos that *options* select.  Raises `QuerySyntaxError`, `EngineError`."""
    found = MomentFinder(engine, source, options, sampled=True).find(text)
    if found.query.node is None:
        return Trend(by)
    return _TrendCounter(engine, source, store, found, options).count(by)


@dataclass(slots=True)
class _TrendCounter:
    """Counts the moments that were found, and the words among which they were searched."""

    engine: PassageIndex
    source: FacetSource
    store: WordSource
    found: FoundMoments
    options: SearchOptions

    def count(self, by: TrendGroup) -> Trend:
        """Return the trend."""
        hits: Counter[str] = Counter()
        if by == "speaker":
            hits.update(self._read_speakers())
        else:
            for each in self.found.videos:
                video = each.context.video
                hits[_group_value(video.channel, video.date, by)] += len(each.matches)
        longest = longest_tracks(self._select_tracks())
        words = self._count_speaker_words(longest) if by == "speaker" and hits else _count_words(longest, by)
        total_words = sum(track.words for track in longest)
        return Trend(by, tuple(_build_rows(by, hits, words)), hits.total(), total_words, self.found.is_more)

    def _select_tracks(self) -> list[TrackWords]:
        """Return the indexed tracks that the filters of the options and of the query select."""
        videos, node = self.options.videos, _scope_node(self.found.query, self.options)
        selected = None if node is None else self._find_tracks(node)
        tracks = [
            track
            for track in self.store.list_indexed_tracks()
            if (selected is None or track.track in selected) and (not videos or track.video in videos)
        ]
        return self._select_origin(tracks) if self.options.origin else tracks

    def _select_origin(self, tracks: Sequence[TrackWords]) -> list[TrackWords]:
        selected = select_tracks(self.source.facet_contexts([track.track for track in tracks]), self.options)
        return [each for each in tracks if each.track in selected]

    def _find_tracks(self, node: QueryNode) -> set[int]:
        candidates = self.engine.find_candidates(node, limit=_MAX_SCOPE_PASSAGES)
        return {split_passage_id(candidate.passage_id)[0] for candidate in candidates}

    def _read_speakers(self) -> Iterator[str]:
        """Yield the speaker of each moment."""
        matches = chain.from_iterable(each.matches for each in self.found.videos)
        while batch := list(islice(matches, _MOMENTS_PER_BATCH)):
            check_cpu_time()
            ranges = list(dict.fromkeys(map(_passage_range, batch)))  # often, a passage has several
            transcripts = dict(zip(ranges, self.source.transcript_slices(ranges), strict=True))
            for match in batch:
                passages = _passage_range(match)
                yield _speaker_of(match, transcripts[passages], passages.first * STRIDE)

    def _count_speaker_words(self, tracks: Iterable[TrackWords]) -> Counter[str]:
        words: Counter[str] = Counter()
        for _, counts in self.store.count_speaker_words([track.track for track in tracks]):
            check_cpu_time()
            words.update(counts)
        return words


def _passage_range(match: Match) -> PassageRange:
    return PassageRange(match.track, match.first // STRIDE, max(match.first, match.last) // STRIDE)


def _speaker_of(match: Match, transcript: Transcript, base: int) -> str:
    """Return who says *match* in *transcript*, which starts with the token *base*; "" if that is not known."""
    at = match.first - base
    known = match.first <= match.last and at < len(transcript.word_index)
    return speaker_of_word(transcript, transcript.word_index[at]) if known else ""


def _scope_node(query: Query, options: SearchOptions) -> QueryNode | None:
    """Return what selects whole tracks in *query* and *options*; None if nothing does."""
    conjuncts = query.node.nodes if isinstance(query.node, And) else (query.node,)
    filters = [node for node in conjuncts if node is not None and _selects_tracks(node)]
    unfiltered = And(())
    node = apply_filters(unfiltered, replace(options, speaker=""))
    if isinstance(node, And):
        filters += [each for each in node.nodes if each != unfiltered]
    return And(tuple(filters)) if len(filters) > 1 else next(iter(filters), None)


def _selects_tracks(node: QueryNode) -> bool:
    if isinstance(node, Not):
        return _selects_tracks(node.node)
    return isinstance(node, DateRange) or (isinstance(node, FieldTerm) and node.field_name != "speaker")


def longest_tracks(tracks: Iterable[TrackWords]) -> list[TrackWords]:
    """Return the longest track of each video: its others have the same speech in other words."""
    longest: dict[str, TrackWords] = {}
    for track in tracks:
        if track.video not in longest or longest[track.video].words < track.words:
            longest[track.video] = track
    return list(longest.values())


def _count_words(tracks: Iterable[TrackWords], by: TrendGroup) -> Counter[str]:
    words: Counter[str] = Counter()
    for track in tracks:
        words[_group_value(track.channel, track.date, by)] += track.words
    return words


def _group_value(channel: str, date: str, by: TrendGroup) -> str:
    if by == "channel":
        return channel
    year, month = divmod(date_number(date) // 100, 100)
    if by == "year":
        return f"{year:04}" if year else ""
    return f"{year:04}-{month:02}" if year and month in _MONTHS else ""


def _build_rows(by: TrendGroup, hits: Counter[str], words: Counter[str]) -> Iterator[TrendRow]:
    """Yield the rows in the order of time, or the most hits first; the one without a value comes last."""
    if by in ("month", "year"):
        values: Iterable[str] = _fill_gaps(sorted(filter(None, words.keys() | hits.keys())))
    else:
        values = sorted(filter(None, hits), key=lambda value: (-hits[value], value))
    for value in values:
        yield TrendRow(value, hits[value], words[value])
    if hits[""] or words[""]:
        yield TrendRow("", hits[""], words[""])


def _fill_gaps(values: Sequence[str]) -> Iterator[str]:
    """Yield *values*, months or years in order, and those between them."""
    yield from values[:1]
    for before, value in pairwise(values):
        first, last = _ordinal(before), _ordinal(value)
        if last - first <= _MAX_GAP_MONTHS:
            yield from (_format_ordinal(each, is_month="-" in value) for each in range(first + 1, last))
        yield value


def _ordinal(value: str) -> int:
    year, _, month = value.partition("-")
    return int(year) * 12 + int(month) - 1 if month else int(year)


def _format_ordinal(ordinal: int, *, is_month: bool) -> str:
    return f"{ordinal // 12:04}-{ordinal % 12 + 1:02}" if is_month else f"{ordinal:04}"
