"""Where in the tracks a query is answered: the passages that an engine ranks, looked at word by word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import heappush, heappushpop
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..engines.base import Engine, PassageCandidate
from ..model import PASSAGE_OVERLAP, And, Not, PhraseQuery, QueryNode, WordsQuery, split_passage_id
from ..model import PASSAGE_STRIDE as STRIDE
from .align import Alignment, QuoteAligner, TextWindow, fillers, find_verbatim
from .inflections import inflect_tokens
from .options import SearchOptions
from .query import Query, Tokens
from .spans import find_spans

if TYPE_CHECKING:
    from .source import PassageSource

_CANDIDATES_PER_ROUND = (100, 400, 1000, 5000)
"""Candidates looked at: the first are enough unless many of them surely answer, or none; then more are asked for."""

_MAX_INFLECTED_CANDIDATES = 200
"""Candidates more in such a second look: those that hold other forms of the quote's words."""

_CANDIDATES_PER_SURE_MATCH = 4
"""One in so many candidates that surely answers is a sign of more."""

_SURE_SCORE = 0.7
"""The score from which the right place has most likely been found: one quote in twenty has no such place."""

_THRESHOLDS_BY_TOKENS = (
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
_MIN_SHARE_OF_BEST_SCORE = 0.45  # of the best candidate's score that another must have
_MIN_SHARE_WHEN_UNSURE = 0.3  # the same, where the first look found nothing sure
_SHORT_QUOTE_TOKENS = 3  # tokens of a quote of which any candidate may be the one
_LONG_QUOTE_TOKENS = 60  # tokens of a quote whose rarest words alone tell where it is
_MAX_LONG_QUOTE_CANDIDATES = 20  # candidates for such a quote
_MAX_ALIGNED_WINDOWS = 30  # windows that are aligned word by word
_MAX_ALIGNED_WINDOWS_SHORT = 300  # the same, of a quote so short that alignment takes no time
_MAX_TOP_PASSAGES = 10  # passages of which one window is, however unlikely by its characters
_MIN_ADJACENT_LIKENESS = 45.0  # likeness of a part that stands beside the longest
_PENALTY_PER_GAP_TOKEN = 0.001  # what each token between two parts costs
_MAX_GAP_TOKENS = 150  # tokens between two parts of a quote with words left out


class Match(NamedTuple):
    """Tokens *first* to *last* (included) of a track; *matched* are those that answer the query.

    *last* before *first* where the whole track answers.
    """

    track: int
    first: int
    last: int
    score: float
    exact: bool
    matched: tuple[int, ...] = ()


class TextSpan(NamedTuple):
    """Passages of a track that touch, as one text; *base* is its first token's position in the track."""

    track: int
    base: int
    text: str


def near_score_threshold(token_count: int) -> float:
    """Say from which score a near hit counts.

    From eight tokens on, fewer than 2 % of sentences that nobody said are found.  Below, no score keeps misheard
    quotes apart from chance, and recall is preferred: docs/search.md shows the trade-off.
    """
    return next(score for least, score in _THRESHOLDS_BY_TOKENS if token_count >= least)


def retrieve(
    engine: Engine, source: PassageSource, query: Query, node: QueryNode, options: SearchOptions
) -> Iterator[Match]:
    """Give the places that answer *query*, best first within each tier of candidates.

    Where the first tier has none that is surely right, the second is looked at before any is given.
    """
    nothing = True
    for place in _search_rounds(engine, source, query, node, options):
        nothing = False
        yield place
    phrase = _quote_phrase(query)
    if nothing and options.match == "near" and phrase is not None:
        # What is said word for word may have left no room for anything else.
        yield from _search_rounds(engine, source, query, And((node, Not(phrase))), options)


def _search_rounds(
    engine: Engine, source: PassageSource, query: Query, node: QueryNode, options: SearchOptions
) -> Iterator[Match]:
    look = _match_quote if query.parts else _match_tree
    best = _cached_candidates(engine, node, batch_size=_CANDIDATES_PER_ROUND[1])
    seen: set[int] = set()
    given: dict[int, list[tuple[int, int]]] = {}
    size = sum(map(len, query.parts))
    short, long = size < _SHORT_QUOTE_TOKENS, size > _LONG_QUOTE_TOKENS
    held_back: list[Match] = []
    reworded: list[int] = []
    for limit in (_MAX_LONG_QUOTE_CANDIDATES,) if long else _CANDIDATES_PER_ROUND:
        candidates = best(limit)
        share = (
            0.0 if short else _MIN_SHARE_OF_BEST_SCORE if limit == _CANDIDATES_PER_ROUND[0] else _MIN_SHARE_WHEN_UNSURE
        )
        least = share * candidates[0].score if candidates else 0.0
        ranked = [candidate.passage_id for candidate in candidates if candidate.score >= least]
        fresh = [passage for passage in dict.fromkeys(ranked + reworded) if passage not in seen]
        seen.update(fresh)
        found = sorted(held_back + look(source, query, fresh, options), key=_match_sort_key(query))
        more = len(candidates) == limit or len(ranked) < len(candidates)
        if limit == _CANDIDATES_PER_ROUND[0] and more and _is_unsure(query, found, options):
            held_back = found
            reworded = [
                each.passage_id
                for each in engine.find_candidates(_add_inflections(node), limit=_MAX_INFLECTED_CANDIDATES)
            ]
            continue
        held_back, reworded = [], []
        merged = list(_drop_overlapping(found, given))
        yield from merged
        sure = [place for place in merged if place.score >= _SURE_SCORE]
        if len(candidates) < limit or (query.parts and len(sure) < limit // _CANDIDATES_PER_SURE_MATCH):
            return
        # What was said many times is looked for word for word from there on.
        if query.parts and (
            limit > _CANDIDATES_PER_ROUND[0]
            or sum(place.exact for place in sure) >= limit // _CANDIDATES_PER_SURE_MATCH
        ):
            if options.match == "near":
                return
            options = replace(options, match="exact")
            best = _cached_candidates(
                engine, _require_phrase(node, _quote_phrase(query)), batch_size=_CANDIDATES_PER_ROUND[2]
            )


def _cached_candidates(engine: Engine, node: QueryNode, *, batch_size: int) -> Callable[[int], list[PassageCandidate]]:
    """Ask *engine* for as many as the next look wants *at once*: to ask again takes longer than to tell of more."""
    told: list[PassageCandidate] = []
    most = 0

    def fetch_best(limit: int) -> list[PassageCandidate]:
        nonlocal told, most
        if limit > most == len(told):
            most = limit if limit < _CANDIDATES_PER_ROUND[0] else max(limit, batch_size)
            told = engine.find_candidates(node, limit=most)
        return told[:limit]

    return fetch_best


def _quote_phrase(query: Query) -> PhraseQuery | None:
    """Give the words of a quote as a phrase; None where no passage may hold them all."""
    whole = len(query.parts) == 1 and len(query.parts[0]) <= PASSAGE_OVERLAP
    return PhraseQuery(query.parts[0]) if whole else None


def _require_phrase(node: QueryNode, phrase: PhraseQuery | None) -> QueryNode:
    """Ask for *phrase* in place of its words in any order."""
    return _replace_words(node, lambda words: phrase if phrase and words.tokens == phrase.tokens else words)


def _add_inflections(node: QueryNode) -> QueryNode:
    """Ask for other forms of the words, too."""
    return _replace_words(node, lambda words: WordsQuery(words.tokens, inflect_tokens(words.tokens)))


def _replace_words(node: QueryNode, transform: Callable[[WordsQuery], QueryNode]) -> QueryNode:
    match node:
        case WordsQuery():
            return transform(node)
        case And():
            return And(tuple(_replace_words(each, transform) for each in node.nodes))
    return node


def _is_unsure(query: Query, found: Sequence[Match], options: SearchOptions) -> bool:
    """Tell whether a quote may stand elsewhere, misheard."""
    if not query.parts or query.exact_only or options.match == "exact":
        return False
    return not found or found[0].score < _SURE_SCORE


def _match_sort_key(query: Query) -> Callable[[Match], tuple[float, int, int]]:
    """Say in which order places are shown: the best first, or where a tree holds, the shortest."""
    if query.parts:
        return lambda place: (-place.score, place.track, place.first)
    return lambda place: (place.last - place.first, place.track, place.first)


def _match_quote(source: PassageSource, query: Query, passages: Sequence[int], options: SearchOptions) -> list[Match]:
    """Look for a quote."""
    tokens = tuple(token for part in query.parts for token in part)
    reach = len(tokens) + _MAX_GAP_TOKENS * (len(query.parts) - 1)
    # Where passages overlap enough, each is looked at by itself, so that none is passed over for its neighbour.
    runs = (
        _join_passages(source, passages, reach=reach) if reach > PASSAGE_OVERLAP else _read_passages(source, passages)
    )
    found: list[Match] = []
    if options.match != "near":
        found += [
            _build_match(run, place, exact=True)
            for run in runs
            for place in _find_verbatim_parts(query.parts, run.text)
        ]
    if not query.exact_only and options.match != "exact":
        threshold = _quote_threshold(tokens) if options.threshold is None else options.threshold
        near = list(_find_near(tokens, runs))
        if len(query.parts) > 1:  # dots may stand for words left out, or for a pause
            near += _find_near_parts(query.parts, runs)
        found += [_build_match(run, place, exact=False) for run, place in near if place.score >= threshold]
    return found


def _quote_threshold(tokens: Tokens) -> float:
    """Say from which score a near hit of *tokens* counts: with asides, as without where that is less."""
    size = len(tokens)
    return min(near_score_threshold(size), near_score_threshold(size - len(fillers(tokens))))


def _build_match(run: TextSpan, alignment: Alignment, *, exact: bool) -> Match:
    matched = tuple(run.base + at for at in alignment.matched)
    score = 1.0 if exact else min(alignment.score, 0.999)
    return Match(run.track, run.base + alignment.first, run.base + alignment.last, score, exact, matched)


def _find_verbatim_parts(parts: Sequence[Tokens], text: str) -> list[Alignment]:
    """Find where all *parts* stand in order, each whole."""
    found = find_verbatim(parts[0], text)
    for part in parts[1:]:
        follow = find_verbatim(part, text)
        found = [joined for place in found if (joined := _join_alignments(place, follow))]
    return found


def _join_alignments(alignment: Alignment, follow: Iterable[Alignment]) -> Alignment | None:
    after = next((other for other in follow if 0 < other.first - alignment.last <= _MAX_GAP_TOKENS), None)
    return after and Alignment(alignment.first, after.last, 1.0, (*alignment.matched, *after.matched))


def _find_near(tokens: Tokens, runs: Sequence[TextSpan]) -> Iterator[tuple[TextSpan, Alignment]]:
    """Align what is like the quote, but for what is the same word for word."""
    aligner = QuoteAligner(tokens)
    for run, window in _likeliest_windows(aligner, runs, verbatim=False):
        place = aligner.align_window(run.text, window.start, window.end)
        if place is not None and not place.last - place.first + 1 == len(place.matched) == len(tokens):
            yield run, place


def _find_near_parts(parts: Sequence[Tokens], runs: Sequence[TextSpan]) -> Iterator[tuple[TextSpan, Alignment]]:
    """Find the longest part, and the others before and behind it."""
    longest = max(range(len(parts)), key=lambda at: len(parts[at]))
    aligners = [QuoteAligner(part) for part in parts]
    sizes = [len(part) for part in parts]
    for run, window in _likeliest_windows(aligners[longest], runs):
        whole = aligners[longest].align_window(run.text, window.start, window.end)
        if whole is None:
            continue
        places = {longest: whole}
        for at in (*range(longest - 1, -1, -1), *range(longest + 1, len(parts))):
            near = _adjacent_part(aligners[at], run.text, places, before=at < longest)
            if near is not None:
                places[at] = near
        score = sum(places[at].score * sizes[at] for at in places) / sum(sizes)
        ordered = [places[at] for at in sorted(places)]
        score -= _PENALTY_PER_GAP_TOKEN * sum(after.first - before.last for before, after in pairwise(ordered))
        matched = tuple(token for place in ordered for token in place.matched)
        yield run, Alignment(ordered[0].first, ordered[-1].last, score, matched)


def _adjacent_part(
    aligner: QuoteAligner, text: str, alignments: dict[int, Alignment], *, before: bool
) -> Alignment | None:
    """Find a part of a quote in the words just before or behind the parts that were found."""
    tokens = text.split(" ")
    first, last = min(p.first for p in alignments.values()), max(p.last for p in alignments.values())
    start = max(0, first - _MAX_GAP_TOKENS) if before else last + 1
    near = " ".join(tokens[start:first] if before else tokens[start : start + _MAX_GAP_TOKENS])
    windows = aligner.find_windows(near, _MIN_ADJACENT_LIKENESS)
    if not windows:
        return None
    place = aligner.align_window(near, windows[0].start, windows[0].end)
    return place and place.shift_tokens(start)


def _likeliest_windows(
    aligner: QuoteAligner, runs: Sequence[TextSpan], *, verbatim: bool = True
) -> list[tuple[TextSpan, TextWindow]]:
    """Give the likeliest windows of all *runs*; the more are found, the likelier another has to be.

    Fillers make the right one unlike the quote, so the runs ranked foremost give one in any case.
    """
    best: list[tuple[float, int, TextWindow]] = []
    foremost: list[tuple[TextSpan, TextWindow]] = []
    cutoff = aligner.min_likeness
    likely = _MAX_ALIGNED_WINDOWS_SHORT if len(aligner.quote) < _SHORT_QUOTE_TOKENS else _MAX_ALIGNED_WINDOWS
    for number, run in enumerate(runs):
        windows = aligner.find_windows(run.text, cutoff if number >= _MAX_TOP_PASSAGES else aligner.min_likeness)
        if not verbatim:
            windows = [window for window in windows if not aligner.is_verbatim(run.text, window)]
        if number < _MAX_TOP_PASSAGES:
            foremost += [(run, window) for window in windows[:1]]
            windows = windows[1:]
        for window in windows:
            push = heappush if len(best) < likely else heappushpop
            push(best, (window.likeness, -number, window))
        if len(best) >= likely:
            cutoff = max(cutoff, best[0][0])
    return foremost + [(runs[-negative], window) for _, negative, window in best]


def _match_tree(source: PassageSource, query: Query, passages: Sequence[int], options: SearchOptions) -> list[Match]:
    """Look for what makes a query with operators hold, in each passage by itself."""
    found: list[Match] = []
    node = query.node
    for run in _read_passages(source, passages):
        tokens = run.text.split(" ")
        held = find_spans(node, tokens) if node is not None else None
        if held is None:  # nothing but what is said about the video
            found.append(Match(run.track, 0, -1, 1.0, True))
            continue
        for span in held:
            matched = tuple(run.base + at for at in span.matched)
            found.append(Match(run.track, run.base + span.first, run.base + span.last, 1.0, True, matched))
    tracks = {place.track for place in found}
    found += [
        Match(track, 0, -1, 1.0, True)
        for track in dict.fromkeys(split_passage_id(passage)[0] for passage in passages)
        if track not in tracks and node is not None and find_spans(node, []) is None
    ]
    return found


def _read_passages(source: PassageSource, passages: Sequence[int]) -> list[TextSpan]:
    """Give each of *passages* by itself."""
    texts = source.passage_texts(passages)
    places = ((split_passage_id(passage), texts.get(passage)) for passage in passages)
    return [TextSpan(track, number * STRIDE, text) for (track, number), text in places if text]


def _join_passages(source: PassageSource, passages: Sequence[int], *, reach: int) -> list[TextSpan]:
    """Join those of *passages*, and of their neighbours within *reach*, that touch."""
    behind = -(-max(0, reach - 20) // STRIDE)
    wanted: dict[int, set[int]] = {}
    for passage in passages:
        track, number = split_passage_id(passage)
        wanted.setdefault(track, set()).update(range(passage - min(number, behind), passage + behind + 1))
    texts = source.passage_texts([passage for touching in wanted.values() for passage in touching])
    stretches = (
        stretch for touching in wanted.values() for stretch in _consecutive_ranges(sorted(touching & texts.keys()))
    )
    return [_build_text_span(texts, first, last) for first, last in stretches]


def _build_text_span(texts: Mapping[int, str], first: int, last: int) -> TextSpan:
    track, number = split_passage_id(first)
    before = [_drop_overlap(texts[passage]) for passage in range(first, last)]
    return TextSpan(track, number * STRIDE, " ".join([*before, texts[last]]))


def _drop_overlap(text: str) -> str:
    """Leave out what the next passage holds as well."""
    return " ".join(text.split(" ", STRIDE)[:STRIDE])


def _consecutive_ranges(passages: Sequence[int]) -> Iterator[tuple[int, int]]:
    starts = [at for at, passage in enumerate(passages) if not at or passage > passages[at - 1] + 1]
    for start, end in pairwise([*starts, len(passages)]):
        yield passages[start], passages[end - 1]


def _drop_overlapping(found: Sequence[Match], returned: dict[int, list[tuple[int, int]]]) -> Iterator[Match]:
    """Leave out places that overlap a better one."""
    for place in found:
        known = returned.setdefault(place.track, [])
        last = max(place.first, place.last)
        if not any(place.first <= other and start <= last for start, other in known):
            known.append((place.first, last))
            yield place
