"""Find the moments that answer a query: candidates from the engine, aligned with the words of the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple, Protocol

from ..engines.base import Engine
from ..engines.terms import field_tokens
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import And, Hit, InField, Node, Subject, Track, Transcript, Video
from ..providers import deep_link
from .operators import dated
from .options import SearchOptions
from .places import Found, places_of
from .query import Query, parse, tokens_of
from .snippet import Snippet, beginning, cut, words_around, written

MOST = 1000
"""Hits that are sorted by anything but score, and that are counted."""

_TIED = 20  # places that tie, of which the one that is written most like the quote comes first
_BESIDE = 3  # words on either side that show how it is written
_LONG = 500  # characters of a quote that no two places answer alike

DEFAULTS = SearchOptions()


class Source(Protocol):
    """What a search reads from the store."""

    def tokens(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages* without overlap, joined by spaces; unknown ones are absent."""

    def stretch(self, track: int, first: int, last: int) -> Transcript:
        """Give the blocks *first* to *last* of *track*, clipped, as one transcript counted from its start."""

    def subject(self, track: int) -> Subject | None:
        """Tell what *track* belongs to; None where it was removed."""


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
        for each in self._ordered(found):
            if _is_new(each.hit, shown):
                hits.append(each.hit)
            if len(hits) >= offset + limit:
                break
        return hits[offset:]

    def _ordered(self, found: Iterable[Found]) -> Iterator[_Shown]:
        """Put places that tie in order: what is written like the quote comes first."""
        subjects: dict[int, Subject | None] = {}
        for _, tied in groupby(found, key=self._rank):
            yield from self._settled(tied, subjects)

    def _settled(self, tied: Iterator[Found], subjects: dict[int, Subject | None]) -> Iterator[_Shown]:
        """Order the first places that tie; of several tracks of a video the one that people wrote is taken."""
        moments: dict[str, list[Hit]] = {}
        several = sorted(self._shown(islice(tied, _TIED), subjects), key=_by_origin)
        yield from sorted((each for each in several if _is_new(each.hit, moments)), key=lambda each: -each.likeness)
        yield from self._shown(tied, subjects)

    def _rank(self, place: Found) -> tuple[float, int]:
        return place.score, 0 if self.query.parts else place.last - place.first

    def _shown(self, places: Iterable[Found], subjects: dict[int, Subject | None]) -> Iterator[_Shown]:
        for place in places:
            if place.track not in subjects:
                subjects[place.track] = self.source.subject(place.track)
            subject = subjects[place.track]
            if subject is not None and (not self.options.videos or subject.video.id in self.options.videos):
                shown = self._hit(place, subject)
                if shown is not None and self._is_speaker(shown.hit.speaker):
                    yield shown

    def _is_speaker(self, name: str) -> bool:
        """Check that the one who speaks is the one asked for: a passage may hold several."""
        wanted = f" {' '.join(self.query.speaker)}"
        return not self.query.speaker or not name or wanted in f" {' '.join(field_tokens(name))}"

    def _hit(self, place: Found, subject: Subject) -> _Shown | None:
        read = self._read(place)
        if read is None:
            return None
        snippet, likeness = read
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

    def _read(self, place: Found) -> tuple[Snippet, float] | None:
        """Read the words of a place, and how like the quote they are written."""
        if place.last < place.first:
            return beginning(self.source.stretch(place.track, 0, 0), options=self.options), 0.0
        around = max(words_around(self.options), _BESIDE)
        first = max(0, place.first - around) // STRIDE
        stretch = self.source.stretch(place.track, first, (place.last + around + 1) // STRIDE)
        base = first * STRIDE
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
