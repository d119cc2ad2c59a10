"""The trend of a query: its hits by month, year, channel or speaker, relative to the words that are indexed."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal, NamedTuple, get_args

from ..engines.base import PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..engines.terms import date_number, tokenize_field
from ..errors import OptionError
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import And, DateRange, FieldTerm, Not, PassageRange, QueryNode, TrackWords, Transcript, split_passage_id
from .disjoint_ranges import DisjointRanges
from .filters import apply_filters
from .options import SearchOptions
from .query import Query, parse_query
from .retrieve import Match, retrieve_all
from .source import PassageSource, WordSource

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


class _Moment(NamedTuple):
    """The time of a match, and who speaks there."""

    track: int
    start_ms: int
    end_ms: int
    speaker: str


def check_group(by: str) -> None:
    """Raise `OptionError` unless hits can be counted *by* that."""
    if by not in get_args(TrendGroup):
        raise OptionError(f"hits are counted by {', '.join(get_args(TrendGroup))}, not by {by!r}")


def count_trend(
    engine: PassageIndex,
    source: PassageSource,
    store: WordSource,
    text: str,
    *,
    by: TrendGroup = "month",
    options: SearchOptions = _DEFAULT_OPTIONS,
) -> Trend:
    """Return the trend of *text* in the videos that *options* select.  Raises `QuerySyntaxError`, `EngineError`."""
    query: Query | None = parse_query(text)
    trend = Trend(by)
    while query is not None and query.node is not None:
        trend = _TrendCounter(engine, source, store, query, options).count(by)
        if trend.total:
            break
        query = query.fallback
    return trend


@dataclass(slots=True)
class _TrendCounter:
    """Counts the hits of one query."""

    engine: PassageIndex
    source: PassageSource
    store: WordSource
    query: Query
    options: SearchOptions

    def count(self, by: TrendGroup) -> Trend:
        """Return the trend."""
        tracks = self._select_tracks()
        found, is_more = self._find_matches(tracks)
        if by == "speaker":
            hits = Counter(moment.speaker for moment in self._read_moments(found, tracks))
        else:
            hits = Counter()
            for track, count in Counter(self._matched_tracks(found, tracks)).items():
                hits[_group_value(tracks[track], by)] += count
        longest = _longest_tracks(tracks.values())
        words = self._count_speaker_words(longest) if by == "speaker" and hits else _count_words(longest, by)
        total_words = sum(track.words for track in longest)
        return Trend(by, tuple(_build_rows(by, hits, words)), hits.total(), total_words, is_more)

    def _select_tracks(self) -> dict[int, TrackWords]:
        """Return the indexed tracks that the filters of the options and of the query select."""
        videos, node = self.options.videos, _scope_node(self.query, self.options)
        selected = None if node is None else self._find_tracks(node)
        return {
            track.track: track
            for track in self.store.list_indexed_tracks()
            if (selected is None or track.track in selected) and (not videos or track.video in videos)
        }

    def _find_tracks(self, node: QueryNode) -> set[int]:
        candidates = self.engine.find_candidates(node, limit=_MAX_SCOPE_PASSAGES)
        return {split_passage_id(candidate.passage_id)[0] for candidate in candidates}

    def _find_matches(self, tracks: Mapping[int, TrackWords]) -> tuple[list[Match], bool]:
        node = self.query.node
        if node is None:
            return [], False
        node = apply_filters(node, self.options)
        found, is_more = retrieve_all(self.engine, self.source, self.query, node, self.options)
        return [match for match in found if match.track in tracks], is_more

    def _matched_tracks(self, found: Sequence[Match], tracks: Mapping[int, TrackWords]) -> Iterator[int]:
        """Yield the track of each hit.  What several tracks of a video have at the same time is one hit."""
        by_video: defaultdict[str, set[int]] = defaultdict(set)
        for match in found:
            by_video[tracks[match.track].video].add(match.track)
        several = {track for matched in by_video.values() if len(matched) > 1 for track in matched}
        for match in found:
            if match.track not in several and not self.query.speaker:
                yield match.track
        rest = [match for match in found if match.track in several or self.query.speaker]
        yield from (moment.track for moment in self._read_moments(rest, tracks))

    def _read_moments(self, found: Sequence[Match], tracks: Mapping[int, TrackWords]) -> Iterator[_Moment]:
        """Yield the moments of *found*, each once even if several tracks of a video have it."""
        shown: defaultdict[str, DisjointRanges] = defaultdict(DisjointRanges)
        matches = iter(found)
        while batch := list(islice(matches, _MOMENTS_PER_BATCH)):
            check_cpu_time()
            for moment in self._read_times(batch):
                end_ms = max(moment.end_ms, moment.start_ms + 1)
                if shown[tracks[moment.track].video].add_if_free(moment.start_ms, end_ms):
                    yield moment

    def _read_times(self, found: Sequence[Match]) -> Iterator[_Moment]:
        ranges = list(dict.fromkeys(map(_passage_range, found)))  # often, a passage has several
        transcripts = dict(zip(ranges, self.source.transcript_slices(ranges), strict=True))
        for match in found:
            passages = _passage_range(match)
            moment = _locate_match(match, transcripts[passages], passages.first * STRIDE)
            if moment is not None and self._is_wanted_speaker(moment.speaker):
                yield moment

    def _is_wanted_speaker(self, name: str) -> bool:
        wanted = f" {' '.join(self.query.speaker)}"
        return not self.query.speaker or not name or wanted in f" {' '.join(tokenize_field(name))}"

    def _count_speaker_words(self, tracks: Iterable[TrackWords]) -> Counter[str]:
        words: Counter[str] = Counter()
        for _, counts in self.store.count_speaker_words([track.track for track in tracks]):
            check_cpu_time()
            words.update(counts)
        return words


def _passage_range(match: Match) -> PassageRange:
    return PassageRange(match.track, match.first // STRIDE, max(match.first, match.last) // STRIDE)


def _locate_match(match: Match, transcript: Transcript, base: int) -> _Moment | None:
    """Return the time of *match* in *transcript*, which starts with the token *base*; None if it has changed since."""
    word_index = transcript.word_index
    last = max(match.first, match.last) - base
    if last >= len(word_index):
        return _Moment(match.track, 0, 0, "") if match.last < match.first else None
    start, end = word_index[match.first - base], word_index[last]
    at = bisect_right(transcript.speakers, start, key=lambda pair: pair[0])
    speaker = transcript.speakers[at - 1][1] if at else ""
    return _Moment(match.track, transcript.starts_ms[start], max(transcript.ends_ms[start : end + 1]), speaker)


def _scope_node(query: Query, options: SearchOptions) -> QueryNode | None:
    """Return what selects whole tracks in *query* and *options*; None if nothing does."""
    conjuncts = query.node.nodes if isinstance(query.node, And) else (query.node,)
    filters = [node for node in conjuncts if node is not None and _selects_tracks(node)]
    unfiltered = And(())
    node = apply_filters(unfiltered, options)
    if isinstance(node, And):
        filters += [each for each in node.nodes if each != unfiltered]
    return And(tuple(filters)) if len(filters) > 1 else next(iter(filters), None)


def _selects_tracks(node: QueryNode) -> bool:
    if isinstance(node, Not):
        return _selects_tracks(node.node)
    return isinstance(node, DateRange) or (isinstance(node, FieldTerm) and node.field_name != "speaker")


def _longest_tracks(tracks: Iterable[TrackWords]) -> list[TrackWords]:
    """Return the longest track of each video: its others have the same speech in other words."""
    longest: dict[str, TrackWords] = {}
    for track in tracks:
        if track.video not in longest or longest[track.video].words < track.words:
            longest[track.video] = track
    return list(longest.values())


def _count_words(tracks: Iterable[TrackWords], by: TrendGroup) -> Counter[str]:
    words: Counter[str] = Counter()
    for track in tracks:
        words[_group_value(track, by)] += track.words
    return words


def _group_value(track: TrackWords, by: TrendGroup) -> str:
    if by == "channel":
        return track.channel
    year, month = divmod(date_number(track.date) // 100, 100)
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
