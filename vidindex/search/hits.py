"""Find the moments that answer a query: candidates from the engine, aligned with the words of the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple, Protocol

from ..engines.base import Engine
from ..engines.terms import field_tokens
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import And, Hit, InField, Node, Span, Subject, Track, Transcript, Video
from ..pages.providers import deep_link
from .options import SearchOptions
from .query import Query, parse, tokens_of
from .query_language import dated
from .retrieve import Found, places_of
from .snippet import Snippet, beginning, cut, words_around, written

MOST = 1000
"""Hits that are sorted by anything but score, and that are counted."""

_TIED = 20  # places that tie, of which the one that is written most like the quote comes first
_BESIDE = 3  # words on either side that show how it is written
_LONG = 500  # characters of a quote that no two places answer alike

DEFAULTS = SearchOptions()


class Source(Protocol):
    """What a search reads from the store."""

    def texts(self, passages: Sequence[int]) -> Mapping[int, str]:
        """Give the tokens of each of *passages*, and some that follow, joined by spaces; unknown ones are absent."""

    @property
    def at_once(self) -> int:
        """How many places are best read together: one where a question costs nothing, more where it does."""

    def stretches(self, spans: Sequence[Span]) -> list[Transcript]:
        """Give the blocks of each of *spans*, clipped, as one transcript counted from its start."""

    def subjects(self, tracks: Iterable[int]) -> Mapping[int, Subject]:
        """Tell what each of *tracks* belongs to; those that were removed are absent."""


def find(engine: Engine, source: Source, text: str, *, options: SearchOptions = DEFAULTS) -> list[Hit]:
    """Find the moments that answer *text*, best first.  Raises `QuerySyntaxError`, `EngineError`."""
    query: Query | None = parse(text)
    while query is not None:
        hits = answer(engine, source, query, options=options)
        if hits:
            return hits
        query = query.otherwise
    return []


def answer(engine: Engine, source: Source, query: Query, *, options: SearchOptions = DEFAULTS) -> list[Hit]:
    """Find the moments that answer *query*, best first."""
    if query.node is None or options.limit < 1:
        return []
    moments = Moments(source, query, options)
    found = places_of(engine, source, query, narrowed(query.node, options), options)
    if options.sort == "score":
        return moments.page(found, options.offset, options.limit)
    hits = in_order(moments.page(found, 0, MOST), options)
    return hits[options.offset : options.offset + options.limit]


def in_order(hits: Sequence[Hit], options: SearchOptions) -> list[Hit]:
    """Sort all *hits*, given best first, as *options* ask."""
    if options.sort == "score":
        return list(hits)
    return sorted(hits, key=_by_date if options.sort == "date" else _by_length)


def suggest(engine: Engine, text: str) -> str | None:
    """Give *text* with the words that no passage holds replaced by indexed ones spelled alike; None without any."""
    replaced = False
    words = []
    for word in text.split()[:50]:
        meant = _meant(engine, word)
        replaced = replaced or meant is not None
        words.append(meant or word)
    return " ".join(words) if replaced else None


def _meant(engine: Engine, word: str) -> str | None:
    tokens = tokens_of(word) if word[-1:] not in ("*", ":") else ()
    if len(tokens) != 1 or not tokens[0].isalpha() or engine.knows(tokens[0]):
        return None
    return next(iter(engine.similar(tokens[0], limit=1)), None)


def narrowed(node: Node, options: SearchOptions) -> Node:
    """Put what *options* narrow the search to beside *node*."""
    named = [("site", options.site), ("channel", options.channel), ("kind", options.kind)]
    named += [("lang", options.lang), ("article", options.article)]
    fields = [InField(name, tuple(field_tokens(value))) for name, value in named if value]
    bounds = dated(options.after, options.before)
    nodes = (node, *fields, *([bounds] if bounds else []))
    return And(nodes) if len(nodes) > 1 else node


def _by_date(hit: Hit) -> tuple[bool, int]:
    digits = hit.video.date.replace("-", "")
    return (not digits, -int(digits) if digits.isdecimal() else 0)


def _by_length(hit: Hit) -> tuple[bool, int]:
    return (not hit.video.duration_ms, hit.video.duration_ms)


class _Read(NamedTuple):
    """A place and what is said around it: *stretch* starts with the token *base* of its track."""

    place: Found
    subject: Subject
    stretch: Transcript
    base: int


class _Shown(NamedTuple):
    """A hit; *likeness* is how it is written beside the quote, where several places tie."""

    hit: Hit
    likeness: float


@dataclass(slots=True)
class Moments:
    """Makes hits of places: one for each moment, though several tracks may tell of it."""

    source: Source
    query: Query
    options: SearchOptions

    def page(self, found: Iterable[Found], offset: int, limit: int) -> list[Hit]:
        """Give the hits from *offset* on, *limit* at most."""
        hits: list[Hit] = []
        shown: dict[str, list[Hit]] = {}
        for each in self._ordered(self._read(found)):
            if _is_new(each.hit, shown):
                hits.append(each.hit)
            if len(hits) >= offset + limit:
                break
        return hits[offset:]

    def _read(self, found: Iterable[Found]) -> Iterator[_Read]:
        """Read what is said at each place, several at once; what was removed meanwhile is passed over."""
        subjects: dict[int, Subject | None] = {}
        places = iter(found)
        while some := list(islice(places, self.source.at_once)):
            unknown = {place.track for place in some} - subjects.keys()
            subjects |= dict.fromkeys(unknown) | (dict(self.source.subjects(unknown)) if unknown else {})
            meant = [(place, subject) for place in some if self._is_meant(subject := subjects[place.track])]
            spans = [self._span(place) for place, _ in meant]
            stretches = self.source.stretches(spans) if spans else []
            for (place, subject), span, stretch in zip(meant, spans, stretches, strict=True):
                if subject is not None:
                    yield _Read(place, subject, stretch, span.first * STRIDE)

    def _is_meant(self, subject: Subject | None) -> bool:
        return subject is not None and (not self.options.videos or subject.video.id in self.options.videos)

    def _span(self, place: Found) -> Span:
        """Say what has to be read to show a place, and to tell how like the quote it is written."""
        if place.last < place.first:
            return Span(place.track, 0, 0)
        around = max(words_around(self.options), _BESIDE)
        return Span(place.track, max(0, place.first - around) // STRIDE, (place.last + around + 1) // STRIDE)

    def _ordered(self, read: Iterable[_Read]) -> Iterator[_Shown]:
        """Put places that tie in order: what is written like the quote comes first."""
        for _, tied in groupby(read, key=self._rank):
            yield from self._settled(tied)

    def _settled(self, tied: Iterator[_Read]) -> Iterator[_Shown]:
        """Order the first places that tie; of several tracks of a video the one that people wrote is taken."""
        moments: dict[str, list[Hit]] = {}
        several = sorted(self._shown(islice(tied, _TIED)), key=_by_origin)
        yield from sorted((each for each in several if _is_new(each.hit, moments)), key=lambda each: -each.likeness)
        yield from self._shown(tied)

    def _rank(self, read: _Read) -> tuple[float, int]:
        place = read.place
        return place.score, 0 if self.query.parts else place.last - place.first

    def _shown(self, read: Iterable[_Read]) -> Iterator[_Shown]:
        for each in read:
            shown = self._hit(each)
            if shown is not None and self._is_speaker(shown.hit.speaker):
                yield shown

    def _is_speaker(self, name: str) -> bool:
        """Check that the one who speaks is the one asked for: a passage may hold several."""
        wanted = f" {' '.join(self.query.speaker)}"
        return not self.query.speaker or not name or wanted in f" {' '.join(field_tokens(name))}"

    def _hit(self, read: _Read) -> _Shown | None:
        written_there = self._snippet(read)
        if written_there is None:
            return None
        snippet, likeness = written_there
        place, subject = read.place, read.subject
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
            url=deep_link(video.url, snippet.start_ms),
            label=subject.label,
            kind=video.kind,
            articles=subject.articles,
            marks=snippet.marks,
            language=track.language,
            origin=track.origin,
            speaker=snippet.speaker,
        )
        return _Shown(hit, likeness)

    def _snippet(self, read: _Read) -> tuple[Snippet, float] | None:
        """Cut out the words of a place, and say how like the quote they are written."""
        place, _, stretch, base = read
        if place.last < place.first:
            return beginning(stretch, options=self.options), 0.0
        if place.last - base >= len(stretch.origins):
            return None  # the track was changed meanwhile
        first, last = place.first - base, place.last - base
        matched = [at - base for at in place.matched]
        snippet = cut(stretch, first, last, matched=matched, options=self.options)
        return snippet, self._likeness(stretch, first, last)

    def _likeness(self, stretch: Transcript, first: int, last: int) -> float:
        from rapidfuzz import fuzz

        text = self.query.text
        return fuzz.partial_ratio(text, written(stretch, first, last, beside=_BESIDE)) if len(text) < _LONG else 0.0


def distinct(hits: Iterable[Hit]) -> list[Hit]:
    """Leave out hits that tell of the same moment as an earlier one."""
    shown: dict[str, list[Hit]] = {}
    return [hit for hit in hits if _is_new(hit, shown)]


def _is_new(hit: Hit, shown: dict[str, list[Hit]]) -> bool:
    """Tell whether *hit* is a moment that is not *shown* yet; from now on it is."""
    known = shown.setdefault(hit.video.id, [])
    if any(_overlap(hit, other) for other in known):
        return False
    known.append(hit)
    return True


def _by_origin(shown: _Shown) -> bool:
    return shown.hit.origin in ("automatic", "asr")


def _overlap(hit: Hit, other: Hit) -> bool:
    return hit.start_ms < max(other.end_ms, other.start_ms + 1) and other.start_ms < max(hit.end_ms, hit.start_ms + 1)
