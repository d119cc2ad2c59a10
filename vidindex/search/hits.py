"""Find the moments that answer a query: candidates from the engine, aligned with the words of the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple

from ..engines.base import Engine
from ..engines.terms import tokenize_field
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import And, FieldTerm, Hit, PassageRange, QueryNode, Track, TrackContext, Transcript, Video
from ..pages.providers import make_deep_link
from .options import SearchOptions
from .query import Query, parse_query, tokenize_text
from .query_language import parse_date_range
from .retrieve import Match, retrieve
from .snippet import Snippet, captioned_text, context_word_count, cut_snippet, opening_snippet
from .source import PassageSource

MAX_COUNTED_HITS = 1000
"""Hits that are sorted by anything but score, and that are counted."""

_MAX_TIED_MATCHES = 20  # places that tie, of which the one that is written most like the quote comes first
_LIKENESS_CONTEXT_WORDS = 3  # words on either side that show how it is written
_LONG_QUOTE_CHARS = 500  # characters of a quote that no two places answer alike

DEFAULT_OPTIONS = SearchOptions()


def find_hits(
    engine: Engine, source: PassageSource, text: str, *, options: SearchOptions = DEFAULT_OPTIONS
) -> list[Hit]:
    """Find the moments that answer *text*, best first.  Raises `QuerySyntaxError`, `EngineError`."""
    query: Query | None = parse_query(text)
    while query is not None:
        hits = answer_query(engine, source, query, options=options)
        if hits:
            return hits
        query = query.fallback
    return []


def answer_query(
    engine: Engine, source: PassageSource, query: Query, *, options: SearchOptions = DEFAULT_OPTIONS
) -> list[Hit]:
    """Find the moments that answer *query*, best first."""
    if query.node is None or options.limit < 1:
        return []
    moments = HitBuilder(source, query, options)
    found = retrieve(engine, source, query, apply_filters(query.node, options), options)
    if options.sort == "score":
        return moments.build_page(found, options.offset, options.limit)
    hits = sort_hits(moments.build_page(found, 0, MAX_COUNTED_HITS), options)
    return hits[options.offset : options.offset + options.limit]


def sort_hits(hits: Sequence[Hit], options: SearchOptions) -> list[Hit]:
    """Sort all *hits*, given best first, as *options* ask."""
    if options.sort == "score":
        return list(hits)
    return sorted(hits, key=_date_sort_key if options.sort == "date" else _duration_sort_key)


def suggest_spelling(engine: Engine, text: str) -> str | None:
    """Give *text* with the words that no passage holds replaced by indexed ones spelled alike; None without any."""
    replaced = False
    words = []
    for word in text.split()[:50]:
        meant = _correction(engine, word)
        replaced = replaced or meant is not None
        words.append(meant or word)
    return " ".join(words) if replaced else None


def _correction(engine: Engine, word: str) -> str | None:
    tokens = tokenize_text(word) if word[-1:] not in ("*", ":") else ()
    if len(tokens) != 1 or not tokens[0].isalpha() or engine.has_token(tokens[0]):
        return None
    return next(iter(engine.find_similar_tokens(tokens[0], limit=1)), None)


def apply_filters(node: QueryNode, options: SearchOptions) -> QueryNode:
    """Put what *options* narrow the search to beside *node*."""
    named = [("site", options.site), ("channel", options.channel), ("kind", options.kind)]
    named += [("lang", options.lang), ("article", options.article)]
    fields = [FieldTerm(name, tuple(tokenize_field(value))) for name, value in named if value]
    bounds = parse_date_range(options.after, options.before)
    nodes = (node, *fields, *([bounds] if bounds else []))
    return And(nodes) if len(nodes) > 1 else node


def _date_sort_key(hit: Hit) -> tuple[bool, int]:
    digits = hit.video.date.replace("-", "")
    return (not digits, -int(digits) if digits.isdecimal() else 0)


def _duration_sort_key(hit: Hit) -> tuple[bool, int]:
    return (not hit.video.duration_ms, hit.video.duration_ms)


class _MatchContext(NamedTuple):
    """A place and what is said around it: *stretch* starts with the token *base* of its track."""

    match: Match
    context: TrackContext
    transcript: Transcript
    first_token: int


class _RankedHit(NamedTuple):
    """A hit; *likeness* is how it is written beside the quote, where several places tie."""

    hit: Hit
    likeness: float


@dataclass(slots=True)
class HitBuilder:
    """Makes hits of places: one for each moment, though several tracks may tell of it."""

    source: PassageSource
    query: Query
    options: SearchOptions

    def build_page(self, found: Iterable[Match], offset: int, limit: int) -> list[Hit]:
        """Give the hits from *offset* on, *limit* at most."""
        hits: list[Hit] = []
        shown: dict[str, list[Hit]] = {}
        for each in self._order_ties(self._read_contexts(found)):
            if _add_if_new(each.hit, shown):
                hits.append(each.hit)
            if len(hits) >= offset + limit:
                break
        return hits[offset:]

    def _read_contexts(self, found: Iterable[Match]) -> Iterator[_MatchContext]:
        """Read what is said at each place, several at once; what was removed meanwhile is passed over."""
        subjects: dict[int, TrackContext | None] = {}
        places = iter(found)
        while some := list(islice(places, self.source.batch_size)):
            unknown = {place.track for place in some} - subjects.keys()
            subjects |= dict.fromkeys(unknown) | (dict(self.source.track_contexts(unknown)) if unknown else {})
            meant = [(place, subject) for place in some if self._is_selected(subject := subjects[place.track])]
            spans = [self._passage_range(place) for place, _ in meant]
            stretches = self.source.transcript_slices(spans) if spans else []
            for (place, subject), span, stretch in zip(meant, spans, stretches, strict=True):
                if subject is not None:
                    yield _MatchContext(place, subject, stretch, span.first * STRIDE)

    def _is_selected(self, subject: TrackContext | None) -> bool:
        return subject is not None and (not self.options.videos or subject.video.id in self.options.videos)

    def _passage_range(self, match: Match) -> PassageRange:
        """Say what has to be read to show a place, and to tell how like the quote it is written."""
        if match.last < match.first:
            return PassageRange(match.track, 0, 0)
        around = max(context_word_count(self.options), _LIKENESS_CONTEXT_WORDS)
        return PassageRange(match.track, max(0, match.first - around) // STRIDE, (match.last + around + 1) // STRIDE)

    def _order_ties(self, read: Iterable[_MatchContext]) -> Iterator[_RankedHit]:
        """Put places that tie in order: what is written like the quote comes first."""
        for _, tied in groupby(read, key=self._rank_key):
            yield from self._sort_tied(tied)

    def _sort_tied(self, tied: Iterator[_MatchContext]) -> Iterator[_RankedHit]:
        """Order the first places that tie; of several tracks of a video the one that people wrote is taken."""
        moments: dict[str, list[Hit]] = {}
        several = sorted(self._build_hits(islice(tied, _MAX_TIED_MATCHES)), key=_origin_sort_key)
        yield from sorted((each for each in several if _add_if_new(each.hit, moments)), key=lambda each: -each.likeness)
        yield from self._build_hits(tied)

    def _rank_key(self, read: _MatchContext) -> tuple[float, int]:
        place = read.match
        return place.score, 0 if self.query.parts else place.last - place.first

    def _build_hits(self, read: Iterable[_MatchContext]) -> Iterator[_RankedHit]:
        for each in read:
            shown = self._build_hit(each)
            if shown is not None and self._is_wanted_speaker(shown.hit.speaker):
                yield shown

    def _is_wanted_speaker(self, name: str) -> bool:
        """Check that the one who speaks is the one asked for: a passage may hold several."""
        wanted = f" {' '.join(self.query.speaker)}"
        return not self.query.speaker or not name or wanted in f" {' '.join(tokenize_field(name))}"

    def _build_hit(self, read: _MatchContext) -> _RankedHit | None:
        written_there = self._build_snippet(read)
        if written_there is None:
            return None
        snippet, likeness = written_there
        place, subject = read.match, read.context
        video: Video = subject.video
        track: Track = subject.track
        hit = Hit(
            video=video,
            start_ms=snippet.start_ms,
            end_ms=snippet.end_ms,
            text=snippet.text,
            before=snippet.before,
            after=snippet.after,
            match="exact" if place.exact else "near",
            score=place.score,
            url=make_deep_link(video.url, snippet.start_ms),
            label=subject.label,
            kind=video.kind,
            articles=subject.articles,
            marks=snippet.marks,
            language=track.language,
            origin=track.origin,
            speaker=snippet.speaker,
        )
        return _RankedHit(hit, likeness)

    def _build_snippet(self, read: _MatchContext) -> tuple[Snippet, float] | None:
        """Cut out the words of a place, and say how like the quote they are written."""
        place, _, stretch, base = read
        if place.last < place.first:
            return opening_snippet(stretch, options=self.options), 0.0
        if place.last - base >= len(stretch.word_index):
            return None  # the track was changed meanwhile
        first, last = place.first - base, place.last - base
        matched = [at - base for at in place.matched]
        snippet = cut_snippet(stretch, first, last, matched=matched, options=self.options)
        return snippet, self._quote_likeness(stretch, first, last)

    def _quote_likeness(self, transcript: Transcript, first: int, last: int) -> float:
        from rapidfuzz import fuzz

        text = self.query.text
        return (
            fuzz.partial_ratio(text, captioned_text(transcript, first, last, context_words=_LIKENESS_CONTEXT_WORDS))
            if len(text) < _LONG_QUOTE_CHARS
            else 0.0
        )


def drop_overlapping_hits(hits: Iterable[Hit]) -> list[Hit]:
    """Leave out hits that tell of the same moment as an earlier one."""
    shown: dict[str, list[Hit]] = {}
    return [hit for hit in hits if _add_if_new(hit, shown)]


def _add_if_new(hit: Hit, shown: dict[str, list[Hit]]) -> bool:
    """Tell whether *hit* is a moment that is not *shown* yet; from now on it is."""
    known = shown.setdefault(hit.video.id, [])
    if any(_is_overlapping(hit, other) for other in known):
        return False
    known.append(hit)
    return True


def _origin_sort_key(shown: _RankedHit) -> bool:
    return shown.hit.origin in ("automatic", "asr")


def _is_overlapping(hit: Hit, other: Hit) -> bool:
    return hit.start_ms < max(other.end_ms, other.start_ms + 1) and other.start_ms < max(hit.end_ms, hit.start_ms + 1)
