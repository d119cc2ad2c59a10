"""Find the moments that answer a query: candidates from the engine, aligned with the words of the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..engines.base import Engine
from ..engines.terms import field_tokens
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import And, Dated, Hit, InField, Node, Subject, Track, Transcript, Video
from ..providers import deep_link
from .options import SearchOptions
from .places import Found, places_of
from .query import Query, parse, tokens_of
from .snippet import Snippet, beginning, cut, words_around

_MOST = 1000  # hits that are sorted by anything but score

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
    moments = _Moments(source, query, options)
    found = places_of(engine, source, query, _narrowed(query.node, options), options)
    if options.sort == "score":
        return moments.page(found, options.offset, options.limit)
    hits = moments.page(found, 0, _MOST)
    hits.sort(key=_by_date if options.sort == "date" else _by_length)
    return hits[options.offset : options.offset + options.limit]


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
    from ..model import Phrase

    tokens = tokens_of(word)
    if len(tokens) != 1 or not tokens[0].isalpha() or engine.candidates(Phrase(tokens), limit=1):
        return None
    return next(iter(engine.similar(tokens[0], limit=1)), None)


def _narrowed(node: Node, options: SearchOptions) -> Node:
    """Put what *options* narrow the search to beside *node*."""
    named = [("site", options.site), ("channel", options.channel), ("kind", options.kind)]
    named += [("lang", options.lang), ("article", options.article)]
    fields = [InField(name, tuple(field_tokens(value))) for name, value in named if value]
    dated = [Dated(options.after, options.before)] if options.after or options.before else []
    return And((node, *fields, *dated)) if fields or dated else node


def _by_date(hit: Hit) -> tuple[bool, int]:
    digits = hit.video.date.replace("-", "")
    return (not digits, -int(digits) if digits.isdecimal() else 0)


def _by_length(hit: Hit) -> tuple[bool, int]:
    return (not hit.video.duration_ms, hit.video.duration_ms)


@dataclass(slots=True)
class _Moments:
    """Makes hits of places: one for each moment, though several tracks may tell of it."""

    source: Source
    query: Query
    options: SearchOptions

    def page(self, found: Iterable[Found], offset: int, limit: int) -> list[Hit]:
        """Give the hits from *offset* on, *limit* at most."""
        hits: list[Hit] = []
        shown: dict[str, list[Hit]] = {}
        for hit in self._hits(found):
            known = shown.setdefault(hit.video.id, [])
            if not any(_overlap(hit, other) for other in known):
                known.append(hit)
                hits.append(hit)
            if len(hits) >= offset + limit:
                break
        return hits[offset:]

    def _hits(self, found: Iterable[Found]) -> Iterator[Hit]:
        subjects: dict[int, Subject | None] = {}
        for place in found:
            if place.track not in subjects:
                subjects[place.track] = self.source.subject(place.track)
            subject = subjects[place.track]
            if subject is not None and (not self.options.videos or subject.video.id in self.options.videos):
                hit = self._hit(place, subject)
                if hit is not None and self._is_speaker(hit.speaker):
                    yield hit

    def _is_speaker(self, name: str) -> bool:
        """Check that the one who speaks is the one asked for: a passage may hold several."""
        wanted = f" {' '.join(self.query.speaker)}"
        return not self.query.speaker or not name or wanted in f" {' '.join(field_tokens(name))}"

    def _hit(self, place: Found, subject: Subject) -> Hit | None:
        snippet = self._snippet(place)
        if snippet is None:
            return None
        video: Video = subject.video
        track: Track = subject.track
        return Hit(
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

    def _snippet(self, place: Found) -> Snippet | None:
        around = words_around(self.options)
        if place.last < place.first:
            return beginning(self.source.stretch(place.track, 0, 0), options=self.options)
        first = max(0, place.first - around) // STRIDE
        stretch = self.source.stretch(place.track, first, (place.last + around + 1) // STRIDE)
        base = first * STRIDE
        if place.last - base >= len(stretch.origins):
            return None  # the track was changed meanwhile
        matched = [at - base for at in place.matched]
        return cut(stretch, place.first - base, place.last - base, matched=matched, options=self.options)


def _overlap(hit: Hit, other: Hit) -> bool:
    return hit.start_ms < max(other.end_ms, other.start_ms + 1) and other.start_ms < max(hit.end_ms, hit.start_ms + 1)
