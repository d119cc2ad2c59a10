"""Where in the tracks a query is answered: the passages that an engine ranks, looked at word by word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import heappush, heappushpop
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..engines.base import Candidate, Engine
from ..model import PASSAGE_OVERLAP, And, Node, Not, Phrase, Words, passage_place
from ..model import PASSAGE_STRIDE as STRIDE
from .align import Aligner, Place, Window, asides, said
from .inflections import other_forms
from .options import SearchOptions
from .query import Query, Tokens
from .spans import spans

if TYPE_CHECKING:
    from .hits import Source

_TIERS = (100, 400, 1000, 5000)
"""Candidates looked at: the first are enough unless many of them surely answer, or none; then more are asked for."""

_REWORDED = 200
"""Candidates more in such a second look: those that hold other forms of the quote's words."""

_MANY = 4
"""One in so many candidates that surely answers is a sign of more."""

_SURE = 0.7
"""The score from which the right place has most likely been found: one quote in twenty has no such place."""

_THRESHOLDS = (
    (14, 0.46),
    (12, 0.48),
    (11, 0.5),
    (10, 0.52),
    (9, 0.54),
    (8, 0.57),
    (5, 0.48),
    (4, 0.58),
    (3, 0.64),
    (0, 0.75),
)
_SHARE = 0.45  # of the best candidate's score that another must have
_LESS = 0.3  # the same, where the first look found nothing sure
_SHORT = 3  # tokens of a quote of which any candidate may be the one
_LONG = 60  # tokens of a quote whose rarest words alone tell where it is
_FEW = 20  # candidates for such a quote
_LIKELY = 30  # windows that are aligned word by word
_LIKELY_SHORT = 300  # the same, of a quote so short that alignment takes no time
_FOREMOST = 10  # passages of which one window is, however unlikely by its characters
_LAX = 45.0  # likeness of a part that stands beside the longest
_FAR = 0.001  # what each token between two parts costs
_GAP = 150  # tokens between two parts of a quote with words left out


class Found(NamedTuple):
    """Tokens *first* to *last* (included) of a track; *matched* are those that answer the query.

    *last* before *first* where the whole track answers.
    """

    track: int
    first: int
    last: int
    score: float
    exact: bool
    matched: tuple[int, ...] = ()


class Run(NamedTuple):
    """Passages of a track that touch, as one text; *base* is its first token's position in the track."""

    track: int
    base: int
    text: str


def threshold_for(tokens: int) -> float:
    """Say from which score a near hit counts.

    From eight tokens on, fewer than 2 % of sentences that nobody said are found.  Below, no score keeps misheard
    quotes apart from chance, and recall is preferred: docs/search.md shows the trade-off.
    """
    return next(score for least, score in _THRESHOLDS if tokens >= least)


def places_of(engine: Engine, source: Source, query: Query, node: Node, options: SearchOptions) -> Iterator[Found]:
    """Give the places that answer *query*, best first within each tier of candidates.

    Where the first tier has none that is surely right, the second is looked at before any is given.
    """
    nothing = True
    for place in _tiered(engine, source, query, node, options):
        nothing = False
        yield place
    phrase = _side_by_side(query)
    if nothing and options.match == "near" and phrase is not None:
        # What is said word for word may have left no room for anything else.
        yield from _tiered(engine, source, query, And((node, Not(phrase))), options)


def _tiered(engine: Engine, source: Source, query: Query, node: Node, options: SearchOptions) -> Iterator[Found]:
    look = _quoted if query.parts else _held
    best = _asked(engine, node, at_once=_TIERS[1])
    seen: set[int] = set()
    given: dict[int, list[tuple[int, int]]] = {}
    size = sum(map(len, query.parts))
    short, long = size < _SHORT, size > _LONG
    held_back: list[Found] = []
    reworded: list[int] = []
    for limit in (_FEW,) if long else _TIERS:
        candidates = best(limit)
        share = 0.0 if short else _SHARE if limit == _TIERS[0] else _LESS
        least = share * candidates[0].score if candidates else 0.0
        ranked = [candidate.passage for candidate in candidates if candidate.score >= least]
        fresh = [passage for passage in dict.fromkeys(ranked + reworded) if passage not in seen]
        seen.update(fresh)
        found = sorted(held_back + look(source, query, fresh, options), key=_order(query))
        more = len(candidates) == limit or len(ranked) < len(candidates)
        if limit == _TIERS[0] and more and _is_unsure(query, found, options):
            held_back = found
            reworded = [each.passage for each in engine.candidates(_reworded(node), limit=_REWORDED)]
            continue
        held_back, reworded = [], []
        merged = list(_merged(found, given))
        yield from merged
        sure = [place for place in merged if place.score >= _SURE]
        if len(candidates) < limit or (query.parts and len(sure) < limit // _MANY):
            return
        # What was said many times is looked for word for word from there on.
        if query.parts and (limit > _TIERS[0] or sum(place.exact for place in sure) >= limit // _MANY):
            if options.match == "near":
                return
            options = replace(options, match="exact")
            best = _asked(engine, _word_for_word(node, _side_by_side(query)), at_once=_TIERS[2])


def _asked(engine: Engine, node: Node, *, at_once: int) -> Callable[[int], list[Candidate]]:
    """Ask *engine* for as many as the next look wants *at once*: to ask again takes longer than to tell of more."""
    told: list[Candidate] = []
    most = 0

    def best(limit: int) -> list[Candidate]:
        nonlocal told, most
        if limit > most == len(told):
            most = limit if limit < _TIERS[0] else max(limit, at_once)
            told = engine.candidates(node, limit=most)
        return told[:limit]

    return best


def _side_by_side(query: Query) -> Phrase | None:
    """Give the words of a quote as a phrase; None where no passage may hold them all."""
    whole = len(query.parts) == 1 and len(query.parts[0]) <= PASSAGE_OVERLAP
    return Phrase(query.parts[0]) if whole else None


def _word_for_word(node: Node, phrase: Phrase | None) -> Node:
    """Ask for *phrase* in place of its words in any order."""
    return _with_words(node, lambda words: phrase if phrase and words.tokens == phrase.tokens else words)


def _reworded(node: Node) -> Node:
    """Ask for other forms of the words, too."""
    return _with_words(node, lambda words: Words(words.tokens, other_forms(words.tokens)))


def _with_words(node: Node, instead: Callable[[Words], Node]) -> Node:
    match node:
        case Words():
            return instead(node)
        case And():
            return And(tuple(_with_words(each, instead) for each in node.nodes))
    return node


def _is_unsure(query: Query, found: Sequence[Found], options: SearchOptions) -> bool:
    """Tell whether a quote may stand elsewhere, misheard."""
    if not query.parts or query.exact or options.match == "exact":
        return False
    return not found or found[0].score < _SURE


def _order(query: Query) -> Callable[[Found], tuple[float, int, int]]:
    """Say in which order places are shown: the best first, or where a tree holds, the shortest."""
    if query.parts:
        return lambda place: (-place.score, place.track, place.first)
    return lambda place: (place.last - place.first, place.track, place.first)


def _quoted(source: Source, query: Query, passages: Sequence[int], options: SearchOptions) -> list[Found]:
    """Look for a quote."""
    tokens = tuple(token for part in query.parts for token in part)
    reach = len(tokens) + _GAP * (len(query.parts) - 1)
    # Where passages overlap enough, each is looked at by itself, so that none is passed over for its neighbour.
    runs = _joined(source, passages, reach=reach) if reach > PASSAGE_OVERLAP else _alone(source, passages)
    found: list[Found] = []
    if options.match != "near":
        found += [_found(run, place, exact=True) for run in runs for place in _verbatim(query.parts, run.text)]
    if not query.exact and options.match != "exact":
        threshold = _enough(tokens) if options.threshold is None else options.threshold
        near = list(_near(tokens, runs))
        if len(query.parts) > 1:  # dots may stand for words left out, or for a pause
            near += _near_parts(query.parts, runs)
        found += [_found(run, place, exact=False) for run, place in near if place.score >= threshold]
    return found


def _enough(tokens: Tokens) -> float:
    """Say from which score a near hit of *tokens* counts: with asides, as without where that is less."""
    size = len(tokens)
    return min(threshold_for(size), threshold_for(size - len(asides(tokens))))


def _found(run: Run, place: Place, *, exact: bool) -> Found:
    matched = tuple(run.base + at for at in place.matched)
    score = 1.0 if exact else min(place.score, 0.999)
    return Found(run.track, run.base + place.first, run.base + place.last, score, exact, matched)


def _verbatim(parts: Sequence[Tokens], text: str) -> list[Place]:
    """Find where all *parts* stand in order, each whole."""
    found = said(parts[0], text)
    for part in parts[1:]:
        follow = said(part, text)
        found = [joined for place in found if (joined := _continued(place, follow))]
    return found


def _continued(place: Place, follow: Iterable[Place]) -> Place | None:
    after = next((other for other in follow if 0 < other.first - place.last <= _GAP), None)
    return after and Place(place.first, after.last, 1.0, (*place.matched, *after.matched))


def _near(tokens: Tokens, runs: Sequence[Run]) -> Iterator[tuple[Run, Place]]:
    """Align what is like the quote, but for what is the same word for word."""
    aligner = Aligner(tokens)
    for run, window in _windows(aligner, runs, verbatim=False):
        place = aligner.place(run.text, window.start, window.end)
        if place is not None and not place.last - place.first + 1 == len(place.matched) == len(tokens):
            yield run, place


def _near_parts(parts: Sequence[Tokens], runs: Sequence[Run]) -> Iterator[tuple[Run, Place]]:
    """Find the longest part, and the others before and behind it."""
    longest = max(range(len(parts)), key=lambda at: len(parts[at]))
    aligners = [Aligner(part) for part in parts]
    sizes = [len(part) for part in parts]
    for run, window in _windows(aligners[longest], runs):
        whole = aligners[longest].place(run.text, window.start, window.end)
        if whole is None:
            continue
        places = {longest: whole}
        for at in (*range(longest - 1, -1, -1), *range(longest + 1, len(parts))):
            near = _beside(aligners[at], run.text, places, before=at < longest)
            if near is not None:
                places[at] = near
        score = sum(places[at].score * sizes[at] for at in places) / sum(sizes)
        ordered = [places[at] for at in sorted(places)]
        score -= _FAR * sum(after.first - before.last for before, after in pairwise(ordered))
        matched = tuple(token for place in ordered for token in place.matched)
        yield run, Place(ordered[0].first, ordered[-1].last, score, matched)


def _beside(aligner: Aligner, text: str, places: dict[int, Place], *, before: bool) -> Place | None:
    """Find a part of a quote in the words just before or behind the parts that were found."""
    tokens = text.split(" ")
    first, last = min(p.first for p in places.values()), max(p.last for p in places.values())
    start = max(0, first - _GAP) if before else last + 1
    near = " ".join(tokens[start:first] if before else tokens[start : start + _GAP])
    windows = aligner.windows(near, _LAX)
    if not windows:
        return None
    place = aligner.place(near, windows[0].start, windows[0].end)
    return place and place.moved(start)


def _windows(aligner: Aligner, runs: Sequence[Run], *, verbatim: bool = True) -> list[tuple[Run, Window]]:
    """Give the likeliest windows of all *runs*; the more are found, the likelier another has to be.

    Fillers make the right one unlike the quote, so the runs ranked foremost give one in any case.
    """
    best: list[tuple[float, int, Window]] = []
    foremost: list[tuple[Run, Window]] = []
    cutoff = aligner.least
    likely = _LIKELY_SHORT if len(aligner.quote) < _SHORT else _LIKELY
    for number, run in enumerate(runs):
        windows = aligner.windows(run.text, cutoff if number >= _FOREMOST else aligner.least)
        if not verbatim:
            windows = [window for window in windows if not aligner.is_verbatim(run.text, window)]
        if number < _FOREMOST:
            foremost += [(run, window) for window in windows[:1]]
            windows = windows[1:]
        for window in windows:
            push = heappush if len(best) < likely else heappushpop
            push(best, (window.likeness, -number, window))
        if len(best) >= likely:
            cutoff = max(cutoff, best[0][0])
    return foremost + [(runs[-negative], window) for _, negative, window in best]


def _held(source: Source, query: Query, passages: Sequence[int], options: SearchOptions) -> list[Found]:
    """Look for what makes a query with operators hold, in each passage by itself."""
    found: list[Found] = []
    node = query.node
    for run in _alone(source, passages):
        tokens = run.text.split(" ")
        held = spans(node, tokens) if node is not None else None
        if held is None:  # nothing but what is said about the video
            found.append(Found(run.track, 0, -1, 1.0, True))
            continue
        for span in held:
            matched = tuple(run.base + at for at in span.matched)
            found.append(Found(run.track, run.base + span.first, run.base + span.last, 1.0, True, matched))
    tracks = {place.track for place in found}
    found += [
        Found(track, 0, -1, 1.0, True)
        for track in dict.fromkeys(passage_place(passage)[0] for passage in passages)
        if track not in tracks and node is not None and spans(node, []) is None
    ]
    return found


def _alone(source: Source, passages: Sequence[int]) -> list[Run]:
    """Give each of *passages* by itself."""
    texts = source.texts(passages)
    places = ((passage_place(passage), texts.get(passage)) for passage in passages)
    return [Run(track, number * STRIDE, text) for (track, number), text in places if text]


def _joined(source: Source, passages: Sequence[int], *, reach: int) -> list[Run]:
    """Join those of *passages*, and of their neighbours within *reach*, that touch."""
    behind = -(-max(0, reach - 20) // STRIDE)
    wanted: dict[int, set[int]] = {}
    for passage in passages:
        track, number = passage_place(passage)
        wanted.setdefault(track, set()).update(range(passage - min(number, behind), passage + behind + 1))
    texts = source.texts([passage for touching in wanted.values() for passage in touching])
    stretches = (stretch for touching in wanted.values() for stretch in _stretches(sorted(touching & texts.keys())))
    return [_run(texts, first, last) for first, last in stretches]


def _run(texts: Mapping[int, str], first: int, last: int) -> Run:
    track, number = passage_place(first)
    before = [_own(texts[passage]) for passage in range(first, last)]
    return Run(track, number * STRIDE, " ".join([*before, texts[last]]))


def _own(text: str) -> str:
    """Leave out what the next passage holds as well."""
    return " ".join(text.split(" ", STRIDE)[:STRIDE])


def _stretches(passages: Sequence[int]) -> Iterator[tuple[int, int]]:
    starts = [at for at, passage in enumerate(passages) if not at or passage > passages[at - 1] + 1]
    for start, end in pairwise([*starts, len(passages)]):
        yield passages[start], passages[end - 1]


def _merged(found: Sequence[Found], given: dict[int, list[tuple[int, int]]]) -> Iterator[Found]:
    """Leave out places that overlap a better one."""
    for place in found:
        known = given.setdefault(place.track, [])
        last = max(place.first, place.last)
        if not any(place.first <= other and start <= last for start, other in known):
            known.append((place.first, last))
            yield place
