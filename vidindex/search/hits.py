"""Builds hits: candidates from the engine, aligned with the words in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, islice
from typing import NamedTuple

from ..engines.base import PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..engines.terms import tokenize_field
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import Hit, PassageRange, TrackContext, Transcript, Video
from ..pages.providers import make_deep_link
from .disjoint_ranges import MomentTimes
from .filters import apply_filters, contains_words
from .options import SearchOptions
from .query import Query, parse_query
from .retrieve import Match, retrieve
from .snippet import Snippet, captioned_text, context_word_count, cut_snippet, make_name_finder, opening_snippet
from .source import PassageSource

_MAX_SORTED_HITS = 1000
"""Maximum number of hits that are sorted by anything but score."""

_MAX_TIED_MATCHES = 20  # tied matches that are ordered by the spelling of their captions
_LIKENESS_CONTEXT_WORDS = 3  # context words on either side for that comparison
_LONG_QUOTE_CHARS = 500  # longer quotes do not tie

DEFAULT_OPTIONS = SearchOptions()


def find_hits(
    engine: PassageIndex, source: PassageSource, text: str, *, options: SearchOptions = DEFAULT_OPTIONS
) -> list[Hit]:
    """Return the hits of *text*, best first.  Raises `QuerySyntaxError`, `EngineError`."""
    query: Query | None = parse_query(text)
    while query is not None:
        hits = answer_query(engine, source, query, options=options)
        if hits:
            return hits
        query = query.fallback
    return []


def answer_query(
    engine: PassageIndex, source: PassageSource, query: Query, *, options: SearchOptions = DEFAULT_OPTIONS
) -> list[Hit]:
    """Return the hits of *query*, best first."""
    if query.node is None or options.limit < 1:
        return []
    builder = HitBuilder(source, query, options)
    found = retrieve(engine, source, query, apply_filters(query.node, options), options)
    if options.sort == "score":
        return builder.build_page(found, options.offset, options.limit)
    hits = sort_hits(builder.build_page(found, 0, _MAX_SORTED_HITS), options)
    return hits[options.offset : options.offset + options.limit]


def sort_hits(hits: Sequence[Hit], options: SearchOptions) -> list[Hit]:
    """Return all *hits* (best first) in the order that *options* select."""
    if options.sort == "score":
        return list(hits)
    sort_key = video_sort_key(options)
    return sorted(hits, key=lambda hit: sort_key(hit.video))


def video_sort_key(options: SearchOptions) -> Callable[[Video], tuple[bool, int]]:
    """Return the sort key of videos by date or duration, as *options* select; unknown ones come last."""
    return _date_sort_key if options.sort == "date" else _duration_sort_key


def _date_sort_key(video: Video) -> tuple[bool, int]:
    digits = video.date.replace("-", "")
    return (not digits, -int(digits) if digits.isdecimal() else 0)


def _duration_sort_key(video: Video) -> tuple[bool, int]:
    return (not video.duration_ms, video.duration_ms)


class _MatchContext(NamedTuple):
    """A match with the transcript around it, which starts with the token *first_token* of the track."""

    match: Match
    context: TrackContext
    transcript: Transcript
    first_token: int


class _RankedHit(NamedTuple):
    """A hit with the similarity of its captions to the quote as written, which orders tied hits."""

    hit: Hit
    likeness: float


@dataclass(slots=True)
class HitBuilder:
    """Builds hits from matches, one for each moment even if several tracks match."""

    source: PassageSource
    query: Query
    options: SearchOptions
    _contexts: dict[int, TrackContext | None] = field(init=False, default_factory=dict)

    def build_page(self, found: Iterable[Match], offset: int, limit: int) -> list[Hit]:
        """Return at most *limit* hits from *offset* on."""
        return self._build_first(self._read_contexts(found), offset, limit)

    def build_pages(self, groups: Sequence[Sequence[Match]], limit: int) -> list[list[Hit]]:
        """Return at most *limit* hits of each of *groups*, which are read together."""
        read = {each.match: each for each in self._read_contexts(chain.from_iterable(groups))}
        return [self._build_first(filter(None, map(read.get, group)), 0, limit) for group in groups]

    def _build_first(self, read: Iterable[_MatchContext], offset: int, limit: int) -> list[Hit]:
        hits: list[Hit] = []
        shown: dict[str, MomentTimes] = {}
        for each in self._order_ties(read):
            if _add_if_new(each.hit, shown):
                hits.append(each.hit)
            if len(hits) >= offset + limit:
                break
        return hits[offset:]

    def build_slice(self, matches: Iterable[Match], offset: int, limit: int) -> list[Hit]:
        """Return the hits of the *matches* from *offset* on, of which no two are one moment; at most *limit*."""
        hits: list[Hit] = []
        at = 0
        for _, tied in groupby(matches, key=self._match_rank):
            group = list(islice(tied, max(offset + limit - at, _MAX_TIED_MATCHES)))
            start, end = max(offset - at, 0), min(offset + limit - at, len(group))
            if start < end:
                first = self._build_tied(group[:_MAX_TIED_MATCHES]) if start < _MAX_TIED_MATCHES else []
                hits += first[start:end]
                hits += self.build_in_order(group[max(start, _MAX_TIED_MATCHES) : end])
            at += len(group)
            if at >= offset + limit:
                break
        return hits

    def _build_tied(self, matches: Iterable[Match]) -> list[Hit]:
        return [each.hit for each in self._sort_tied(self._read_contexts(matches))]

    def build_in_order(self, matches: Iterable[Match]) -> list[Hit]:
        """Return the hits of *matches* in their order."""
        return [each.hit for each in self._build_hits(self._read_contexts(matches))]

    def _read_contexts(self, found: Iterable[Match]) -> Iterator[_MatchContext]:
        """Yield each match with its transcript, read in batches; skip matches whose track has been removed."""
        contexts, matches = self._contexts, iter(found)
        while batch := list(islice(matches, self.source.batch_size)):
            check_cpu_time()
            unread = {match.track for match in batch} - contexts.keys()
            contexts |= dict.fromkeys(unread) | (dict(self.source.track_contexts(unread)) if unread else {})
            selected = [(match, context) for match in batch if self._is_selected(context := contexts[match.track])]
            ranges = [self._passage_range(match) for match, _ in selected]
            transcripts = self.source.transcript_slices(ranges) if ranges else []
            for (match, context), passages, transcript in zip(selected, ranges, transcripts, strict=True):
                if context is not None:
                    yield _MatchContext(match, context, transcript, passages.first * STRIDE)

    def _is_selected(self, context: TrackContext | None) -> bool:
        if context is None or self.options.origin not in (None, context.track.origin):
            return False
        return not self.options.videos or context.video.id in self.options.videos

    def _passage_range(self, match: Match) -> PassageRange:
        """Return the passages to read for the snippet of *match* and for its likeness."""
        if match.last < match.first:
            return PassageRange(match.track, 0, 0)
        context_words = max(context_word_count(self.options), _LIKENESS_CONTEXT_WORDS)
        return PassageRange(
            match.track, max(0, match.first - context_words) // STRIDE, (match.last + context_words + 1) // STRIDE
        )

    def _order_ties(self, read: Iterable[_MatchContext]) -> Iterator[_RankedHit]:
        """Yield hits with tied ones ordered by likeness."""
        for _, tied in groupby(read, key=self._rank_key):
            yield from self._sort_tied(tied)

    def _sort_tied(self, tied: Iterator[_MatchContext]) -> Iterator[_RankedHit]:
        """Yield the first tied hits by likeness, then the rest; manual captions of a moment win over others."""
        shown: dict[str, MomentTimes] = {}
        hits = sorted(self._build_hits(islice(tied, _MAX_TIED_MATCHES)), key=_origin_sort_key)
        yield from sorted((each for each in hits if _add_if_new(each.hit, shown)), key=lambda each: -each.likeness)
        yield from self._build_hits(tied)

    def _rank_key(self, read: _MatchContext) -> tuple[float, int]:
        return self._match_rank(read.match)

    def _match_rank(self, match: Match) -> tuple[float, int]:
        return match.score, 0 if self.query.parts else match.last - match.first

    def _build_hits(self, read: Iterable[_MatchContext]) -> Iterator[_RankedHit]:
        for each in read:
            ranked = self._build_hit(each)
            if ranked is not None and self._is_wanted_speaker(ranked.hit.speaker):
                yield ranked

    def _is_wanted_speaker(self, name: str) -> bool:
        """Return whether *name* is the wanted speaker, since a passage may have several."""
        if self.options.speaker and not contains_words(name, self.options.speaker):
            return False
        wanted = f" {' '.join(self.query.speaker)}"
        return not self.query.speaker or not name or wanted in f" {' '.join(tokenize_field(name))}"

    def _build_hit(self, read: _MatchContext) -> _RankedHit | None:
        snippet_and_likeness = self._build_snippet(read)
        if snippet_and_likeness is None:
            return None
        snippet, likeness = snippet_and_likeness
        hit = make_hit(read.context, snippet, score=read.match.score, exact=read.match.exact)
        return _RankedHit(hit, likeness)

    def _build_snippet(self, read: _MatchContext) -> tuple[Snippet, float] | None:
        """Return the snippet of a match and its likeness; None if the track has changed since."""
        match, context, transcript, base = read
        find_names = make_name_finder(context)
        if match.last < match.first:
            return opening_snippet(transcript, options=self.options, find_names=find_names), 0.0
        if match.last - base >= len(transcript.word_index):
            return None
        first, last = match.first - base, match.last - base
        matched = [at - base for at in match.matched]
        snippet = cut_snippet(transcript, first, last, matched=matched, options=self.options, find_names=find_names)
        return snippet, self._quote_likeness(transcript, first, last)

    def _quote_likeness(self, transcript: Transcript, first: int, last: int) -> float:
        from rapidfuzz import fuzz

        text = self.query.text
        return (
            fuzz.partial_ratio(text, captioned_text(transcript, first, last, context_words=_LIKENESS_CONTEXT_WORDS))
            if len(text) < _LONG_QUOTE_CHARS
            else 0.0
        )


def make_hit(context: TrackContext, snippet: Snippet, *, score: float, exact: bool) -> Hit:
    """Return the hit at *snippet* of a track."""
    video, track = context.video, context.track
    return Hit(
        video=video,
        start_ms=snippet.start_ms,
        end_ms=snippet.end_ms,
        text=snippet.text,
        before=snippet.before,
        after=snippet.after,
        match="exact" if exact else "near",
        score=score,
        url=make_deep_link(video.url, snippet.start_ms),
        label=context.label,
        kind=video.kind,
        articles=context.articles,
        marks=snippet.marks,
        language=track.language,
        origin=track.origin,
        speaker=snippet.speaker,
    )


def drop_overlapping_hits(hits: Iterable[Hit]) -> list[Hit]:
    """Return *hits* without those of the same moment as an earlier one."""
    shown: dict[str, MomentTimes] = {}
    return [hit for hit in hits if _add_if_new(hit, shown)]


def _add_if_new(hit: Hit, shown: dict[str, MomentTimes]) -> bool:
    """Add *hit* to *shown* unless its moment is there; return whether it was added."""
    times = shown.setdefault(hit.video.id, MomentTimes())
    return times.add_if_new((hit.language, hit.origin), hit.start_ms, max(hit.end_ms, hit.start_ms + 1))


def _origin_sort_key(ranked: _RankedHit) -> bool:
    return ranked.hit.origin in ("automatic", "asr")
