"""Retrieves candidate passages from the engine and aligns the query with their words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from heapq import heappush, heappushpop
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from ..engines.base import PassageCandidate, PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..model import PASSAGE_OVERLAP, And, Not, PhraseQuery, QueryNode, WordsQuery, split_passage_id
from ..model import PASSAGE_STRIDE as STRIDE
from .align import FULL_LIKENESS, Alignment, QuoteAligner, TextWindow, find_verbatim
from .disjoint_ranges import DisjointRanges
from .inflections import find_forms, find_languages, inflect_tokens
from .near_threshold import NearThreshold, choose_threshold, fixed_threshold
from .options import SearchOptions
from .query import Query, Tokens
from .spans import find_spans

if TYPE_CHECKING:
    from .source import PassageSource

_CANDIDATES_PER_ROUND = (100, 400, 1000, 5000)
"""Candidates per round.  A further round follows if many candidates match for certain, or none does."""

_MAX_PASSAGES_READ = 8000
"""Maximum number of passages to read in a round."""

_MAX_INFLECTED_CANDIDATES = 200
"""Additional candidates of the second round: passages with inflections of the words of the quote."""

_FORM_SCORE_FACTOR = 0.9  # of a match with other forms of the words, so that it is below one with the words

_CANDIDATES_PER_SURE_MATCH = 4
"""If at least one in this many candidates matches for certain, more matches are likely."""

_SURE_SCORE = 0.7
"""Score of a match that is most likely right; about one quote in twenty has no such match."""

_MIN_SHARE_OF_BEST_SCORE = 0.45  # minimum score of a candidate, as a share of the best one
_MIN_SHARE_WHEN_UNSURE = 0.3  # the same, if the first round found no certain match
_SHORT_QUOTE_TOKENS = 3  # any candidate may match a quote shorter than this
_LONG_QUOTE_TOKENS = 60  # the rarest words of a longer quote identify its passage
_MAX_LONG_QUOTE_CANDIDATES = 20  # maximum candidates for a long quote
_MAX_ALIGNED_WINDOWS = 30  # windows that are aligned by tokens
_MAX_ALIGNED_WINDOWS_SHORT = 300  # the same for a short quote, which is fast to align
_MAX_TOP_PASSAGES = 10  # top passages of which one window is always aligned
_MIN_ADJACENT_LIKENESS = 45.0  # minimum likeness of a part beside the longest one
_PENALTY_PER_GAP_TOKEN = 0.001  # score penalty per token between two parts
_MAX_GAP_TOKENS = 150  # maximum tokens between two parts of a quote with an ellipsis
_MAX_GAPS_BY_TOKENS = (0, 6, 20, 60)
"""The same next to a part of so few tokens: a short part occurs by chance in any long stretch of speech."""


class Match(NamedTuple):
    """A match from token *first* to token *last* (inclusive) of a track; *matched* are the matching tokens.

    If the whole track matches, *last* is less than *first*.
    """

    track: int
    first: int
    last: int
    score: float
    exact: bool
    matched: tuple[int, ...] = ()


class TextSpan(NamedTuple):
    """The text of adjacent passages of a track; *base* is the position of its first token in the track.

    *evidence* is the highest score that the engine gives to one of them: the weight of the words that they share with
    the quote.
    """

    track: int
    base: int
    text: str
    evidence: float = 0.0


def retrieve(
    engine: PassageIndex, source: PassageSource, query: Query, node: QueryNode, options: SearchOptions
) -> Iterator[Match]:
    """Yield the matches of *query*, best first within each round of candidates.

    If the first round has no certain match, the second round is searched before any match is returned.
    """
    threshold = fixed_threshold(options.threshold or 0.0)
    if options.threshold is None and query.parts and not query.exact_only and options.match != "exact":
        threshold = choose_threshold(query, engine.count_passages())
    is_empty = True
    for match in _search_rounds(engine, source, query, node, options, threshold):
        is_empty = False
        yield match
    phrase = _quote_phrase(query)
    if is_empty and options.match == "near" and phrase is not None:
        # Exact matches may have displaced all others among the candidates.
        yield from _search_rounds(engine, source, query, And((node, Not(phrase))), options, threshold)


def _search_rounds(
    engine: PassageIndex,
    source: PassageSource,
    query: Query,
    node: QueryNode,
    options: SearchOptions,
    threshold: NearThreshold,
) -> Iterator[Match]:
    seen: set[int] = set()
    returned: dict[int, DisjointRanges] = {}
    size = sum(map(len, query.parts))
    short, long = size < _SHORT_QUOTE_TOKENS, size > _LONG_QUOTE_TOKENS
    best_candidates = _cached_candidates(
        engine, node, batch_size=_CANDIDATES_PER_ROUND[1], min_share=0.0 if short else _MIN_SHARE_WHEN_UNSURE
    )
    held_back: list[Match] = []
    inflected: dict[int, float] = {}
    forms: dict[str, str] = {}
    for limit in (_MAX_LONG_QUOTE_CANDIDATES,) if long else _candidates_per_round(query):
        check_cpu_time()
        candidates = best_candidates(limit)
        share = (
            0.0 if short else _MIN_SHARE_OF_BEST_SCORE if limit == _CANDIDATES_PER_ROUND[0] else _MIN_SHARE_WHEN_UNSURE
        )
        min_score = share * candidates[0].score if candidates else 0.0
        ranked = {candidate.passage_id: candidate.score for candidate in candidates if candidate.score >= min_score}
        every = ranked | inflected | ranked  # in this order, with the scores of the query as it is
        fresh = {passage: score for passage, score in every.items() if passage not in seen}
        seen.update(fresh)
        if query.parts:
            matches = _match_quote(source, query, fresh, options, threshold)
            if forms:
                matches += _match_forms(source, query, inflected, forms, threshold)
        else:
            matches = match_tree(source, query, fresh)
        found = sorted(held_back + matches, key=match_sort_key(query))
        # Without a match, other forms of the words may have one, even if every candidate was read.
        has_more = len(candidates) == limit or len(ranked) < len(candidates) or not found
        if limit == _CANDIDATES_PER_ROUND[0] and _is_unsure(query, found, options):
            forms = find_forms(engine, [token for part in query.parts for token in part], find_languages(engine, node))
            if has_more or forms:
                held_back = found
                inflected = dict(engine.find_candidates(_add_inflections(node, forms), limit=_MAX_INFLECTED_CANDIDATES))
                continue
        held_back, inflected, forms = [], {}, {}
        merged = list(_drop_overlapping(found, returned))
        yield from merged
        sure = [match for match in merged if match.score >= _SURE_SCORE]
        if len(candidates) < limit or (query.parts and len(sure) < limit // _CANDIDATES_PER_SURE_MATCH):
            return
        # A quote with many matches is searched as an exact phrase from here on.
        if query.parts and (
            limit > _CANDIDATES_PER_ROUND[0]
            or sum(match.exact for match in sure) >= limit // _CANDIDATES_PER_SURE_MATCH
        ):
            if options.match == "near":
                return
            options = replace(options, match="exact")
            best_candidates = _cached_candidates(
                engine, _require_phrase(node, _quote_phrase(query)), batch_size=_CANDIDATES_PER_ROUND[2]
            )


def _candidates_per_round(query: Query) -> list[int]:
    """Return the limits of the rounds: fewer candidates if each is read with its neighbors."""
    passages = 1 + 2 * _neighbor_count(_quote_reach(query.parts)) if len(query.parts) > 1 else 1
    most = max(_CANDIDATES_PER_ROUND[0], _MAX_PASSAGES_READ // passages)
    return [limit for limit in _CANDIDATES_PER_ROUND if limit < most] + [min(most, _CANDIDATES_PER_ROUND[-1])]


def rank_candidates(engine: PassageIndex, node: QueryNode) -> Sequence[PassageCandidate]:
    """Return the best candidates for a quote that is not short: the same that `retrieve` requests first."""
    return engine.find_candidates(node, limit=_CANDIDATES_PER_ROUND[1], min_share=_MIN_SHARE_WHEN_UNSURE)


def _cached_candidates(
    engine: PassageIndex, node: QueryNode, *, batch_size: int, min_share: float = 0.0
) -> Callable[[int], Sequence[PassageCandidate]]:
    """Return a function that returns the best candidates; it requests *batch_size* at once, since requests are slow."""
    candidates: Sequence[PassageCandidate] = ()
    requested = 0

    def fetch_best(limit: int) -> Sequence[PassageCandidate]:
        nonlocal candidates, requested
        if limit > requested == len(candidates):
            requested = limit if limit < _CANDIDATES_PER_ROUND[0] else max(limit, batch_size)
            candidates = engine.find_candidates(node, limit=requested, min_share=min_share)
        return candidates[:limit]

    return fetch_best


def _quote_phrase(query: Query) -> PhraseQuery | None:
    """Return the words of a quote as a phrase; None if one passage cannot contain all of them."""
    fits = len(query.parts) == 1 and len(query.parts[0]) <= PASSAGE_OVERLAP
    return PhraseQuery(query.parts[0]) if fits else None


def _require_phrase(node: QueryNode, phrase: PhraseQuery | None) -> QueryNode:
    """Return *node* with the words of *phrase* replaced by the phrase."""
    return _replace_words(node, lambda words: phrase if phrase and words.tokens == phrase.tokens else words)


def _add_inflections(node: QueryNode, forms: Mapping[str, str]) -> QueryNode:
    """Return *node* with inflections of its words and their other *forms* added."""

    def add_variants(words: WordsQuery) -> WordsQuery:
        return WordsQuery(words.tokens, tuple(dict.fromkeys((*forms, *inflect_tokens(words.tokens)))))

    return _replace_words(node, add_variants)


def _replace_words(node: QueryNode, transform: Callable[[WordsQuery], QueryNode]) -> QueryNode:
    match node:
        case WordsQuery():
            return transform(node)
        case And():
            return And(tuple(_replace_words(each, transform) for each in node.nodes))
    return node


def _is_unsure(query: Query, found: Sequence[Match], options: SearchOptions) -> bool:
    """Return whether a misheard match may exist among the other candidates."""
    if not query.parts or query.exact_only or options.match == "exact":
        return False
    return not found or found[0].score < _SURE_SCORE


def match_sort_key(query: Query) -> Callable[[Match], tuple[float, int, int]]:
    """Return the sort key of matches: the best score first, or for a query with operators, the shortest first."""
    if query.parts:
        return lambda match: (-match.score, match.track, match.first)
    return lambda match: (match.last - match.first, match.track, match.first)


def _match_quote(
    source: PassageSource,
    query: Query,
    passages: Mapping[int, float],
    options: SearchOptions,
    threshold: NearThreshold,
) -> list[Match]:
    """Return the matches of a quote in *passages*, which have their scores in the engine."""
    tokens = tuple(token for part in query.parts for token in part)
    reach = _quote_reach(query.parts)
    # If the overlap of passages suffices, search each by itself, so that none is hidden by a better neighbor.
    spans = (
        _join_passages(source, passages, reach=reach) if reach > PASSAGE_OVERLAP else _read_passages(source, passages)
    )
    found: list[Match] = []
    if options.match != "near":
        first_part = " ".join(query.parts[0])
        found += [
            _build_match(span, alignment, exact=True)
            for span in spans
            if first_part in span.text
            for alignment in _find_verbatim_parts(query.parts, span.text)
        ]
    if not query.exact_only and options.match != "exact":
        near = list(_find_near(tokens, spans))
        if len(query.parts) > 1:  # an ellipsis may stand for omitted words or for a pause
            near += _find_near_parts(query.parts, spans)
        found += [
            _build_match(span, alignment, exact=False)
            for span, alignment in near
            if threshold.accepts(alignment.score, span.evidence)
        ]
    return found


def _match_forms(
    source: PassageSource,
    query: Query,
    passages: Mapping[int, float],
    forms: Mapping[str, str],
    threshold: NearThreshold,
) -> list[Match]:
    """Return the matches of a quote in *passages* if other *forms* of its words count as the words themselves."""
    tokens = tuple(token for part in query.parts for token in part)
    spans = [
        span._replace(text=replaced)
        for span in _read_passages(source, passages)
        if (replaced := " ".join(forms.get(token, token) for token in span.text.split(" "))) != span.text
    ]
    near = (
        (span, alignment._replace(score=_FORM_SCORE_FACTOR * alignment.score))
        for span, alignment in _find_near(tokens, spans, verbatim=True)
    )
    return [
        _build_match(span, alignment, exact=False)
        for span, alignment in near
        if threshold.accepts(alignment.score, span.evidence)
    ]


def _quote_reach(parts: Sequence[Tokens]) -> int:
    """Return the maximum number of tokens from the first to the last one of a quote."""
    return sum(map(len, parts)) + _MAX_GAP_TOKENS * (len(parts) - 1)


def _build_match(span: TextSpan, alignment: Alignment, *, exact: bool) -> Match:
    matched = tuple(span.base + at for at in alignment.matched)
    score = 1.0 if exact else min(alignment.score, 0.999)
    return Match(span.track, span.base + alignment.first, span.base + alignment.last, score, exact, matched)


def _find_verbatim_parts(parts: Sequence[Tokens], text: str) -> list[Alignment]:
    """Return the alignments of all *parts*, each word for word, in order."""
    check_cpu_time()
    found = find_verbatim(parts[0], text)
    for before, part in pairwise(parts):
        if not found:
            break
        following, max_gap = find_verbatim(part, text), _max_gap(before, part)
        found = [joined for alignment in found if (joined := _join_alignments(alignment, following, max_gap))]
    # Of alignments with the same end, the one that starts last is the tightest.
    return list({alignment.last: alignment for alignment in found}.values())


def _max_gap(*parts: Tokens) -> int:
    """Return the maximum number of tokens between two adjacent *parts*."""
    shortest = min(map(len, parts))
    return _MAX_GAPS_BY_TOKENS[shortest] if shortest < len(_MAX_GAPS_BY_TOKENS) else _MAX_GAP_TOKENS


def _join_alignments(alignment: Alignment, following: Sequence[Alignment], max_gap: int) -> Alignment | None:
    """Join *alignment* with the nearest of *following* (in order) that starts after it; None if that is too far."""
    at = bisect_right(following, alignment.last, key=attrgetter("first"))
    if at == len(following) or following[at].first - alignment.last > max_gap + 1:
        return None
    return Alignment(alignment.first, following[at].last, 1.0, (*alignment.matched, *following[at].matched))


def _find_near(
    tokens: Tokens, spans: Sequence[TextSpan], *, verbatim: bool = False
) -> Iterator[tuple[TextSpan, Alignment]]:
    """Yield alignments of text that resembles the quote; unless *verbatim*, not of the quote word for word."""
    aligner = QuoteAligner(tokens)
    for span, window in _likeliest_windows(aligner, spans, verbatim=verbatim):
        check_cpu_time()
        alignment = aligner.align_window(span.text, window.start, window.end)
        if alignment is None:
            continue
        is_verbatim = alignment.last - alignment.first + 1 == len(alignment.matched) == len(tokens)
        if verbatim or not is_verbatim:
            yield span, alignment


def _find_near_parts(parts: Sequence[Tokens], spans: Sequence[TextSpan]) -> Iterator[tuple[TextSpan, Alignment]]:
    """Yield alignments of the longest part, joined with the other parts before and after it."""
    longest = max(range(len(parts)), key=lambda at: len(parts[at]))
    aligners = [QuoteAligner(part) for part in parts]
    sizes = [len(part) for part in parts]
    split_tokens = lru_cache(maxsize=16)(str.split)  # several windows are in one text, which may be long
    for span, window in _likeliest_windows(aligners[longest], spans):
        check_cpu_time()
        anchor = aligners[longest].align_window(span.text, window.start, window.end)
        if anchor is None:
            continue
        alignments = {longest: anchor}
        for at in (*range(longest - 1, -1, -1), *range(longest + 1, len(parts))):
            adjacent = _adjacent_part(aligners[at], split_tokens(span.text, " "), alignments, before=at < longest)
            if adjacent is not None:
                alignments[at] = adjacent
        score = sum(alignments[at].score * sizes[at] for at in alignments) / sum(sizes)
        ordered = [alignments[at] for at in sorted(alignments)]
        score -= _PENALTY_PER_GAP_TOKEN * sum(after.first - before.last for before, after in pairwise(ordered))
        matched = tuple(token for alignment in ordered for token in alignment.matched)
        yield span, Alignment(ordered[0].first, ordered[-1].last, score, matched)


def _adjacent_part(
    aligner: QuoteAligner, tokens: Sequence[str], alignments: dict[int, Alignment], *, before: bool
) -> Alignment | None:
    """Return the alignment of a part in the *tokens* directly before or after *alignments*; None if there is none."""
    first, last = min(p.first for p in alignments.values()), max(p.last for p in alignments.values())
    size = _max_gap(aligner.quote) + 2 * len(aligner.quote)
    start = max(0, first - size) if before else last + 1
    nearby = " ".join(tokens[start:first] if before else tokens[start : start + size])
    windows = aligner.find_windows(nearby, _MIN_ADJACENT_LIKENESS)
    if not windows:
        return None
    alignment = aligner.align_window(nearby, windows[0].start, windows[0].end)
    return alignment and alignment.shift_tokens(start)


def _likeliest_windows(
    aligner: QuoteAligner, spans: Sequence[TextSpan], *, verbatim: bool = True
) -> list[tuple[TextSpan, TextWindow]]:
    """Return the most likely windows of all *spans*.

    The first spans always contribute one window, since fillers can make the right window unlike the quote.
    """
    best: list[tuple[float, int, TextWindow]] = []
    top_windows: list[tuple[TextSpan, TextWindow]] = []
    cutoff = aligner.min_likeness
    max_windows = _MAX_ALIGNED_WINDOWS_SHORT if len(aligner.quote) < _SHORT_QUOTE_TOKENS else _MAX_ALIGNED_WINDOWS
    for number, span in enumerate(spans):
        if number >= _MAX_TOP_PASSAGES and cutoff >= FULL_LIKENESS:
            break  # no other window can be better
        check_cpu_time()
        windows = aligner.find_windows(span.text, cutoff if number >= _MAX_TOP_PASSAGES else aligner.min_likeness)
        if not verbatim:
            windows = [window for window in windows if not aligner.is_verbatim(span.text, window)]
        if number < _MAX_TOP_PASSAGES:
            top_windows += [(span, window) for window in windows[:1]]
            windows = windows[1:]
        for window in windows:
            push = heappush if len(best) < max_windows else heappushpop
            push(best, (window.likeness, -number, window))
        if len(best) >= max_windows:
            cutoff = max(cutoff, best[0][0])
    return top_windows + [(spans[-negative], window) for _, negative, window in best]


def match_tree(source: PassageSource, query: Query, passages: Mapping[int, float]) -> list[Match]:
    """Return the matches of a query with operators, in each passage by itself."""
    found: list[Match] = []
    node = query.node
    for text_span in _read_passages(source, passages):
        check_cpu_time()
        tokens = text_span.text.split(" ")
        token_spans = find_spans(node, tokens) if node is not None else None
        if token_spans is None:  # the query is only about metadata
            found.append(Match(text_span.track, 0, -1, 1.0, True))
            continue
        for span in token_spans:
            matched = tuple(text_span.base + at for at in span.matched)
            first, last = text_span.base + span.first, text_span.base + span.last
            found.append(Match(text_span.track, first, last, 1.0, True, matched))
    tracks = {match.track for match in found}
    found += [
        Match(track, 0, -1, 1.0, True)
        for track in dict.fromkeys(split_passage_id(passage)[0] for passage in passages)
        if track not in tracks and node is not None and find_spans(node, []) is None
    ]
    return found


def _read_passages(source: PassageSource, passages: Mapping[int, float]) -> list[TextSpan]:
    """Return each passage as a span; unknown passages are absent."""
    texts = source.passage_texts(list(passages))
    pairs = ((split_passage_id(passage), texts.get(passage), score) for passage, score in passages.items())
    return [TextSpan(track, number * STRIDE, text, score) for (track, number), text, score in pairs if text]


def _join_passages(source: PassageSource, passages: Mapping[int, float], *, reach: int) -> list[TextSpan]:
    """Return *passages* and their neighbors within *reach* tokens, with adjacent ones joined."""
    neighbors = _neighbor_count(reach)
    wanted: dict[int, set[int]] = {}
    for passage in passages:
        track, number = split_passage_id(passage)
        wanted.setdefault(track, set()).update(range(passage - min(number, neighbors), passage + neighbors + 1))
    texts = source.passage_texts([passage for ids in wanted.values() for passage in ids])
    ranges = (each for ids in wanted.values() for each in _consecutive_ranges(sorted(ids & texts.keys())))
    return [_build_text_span(texts, first, last, passages) for first, last in ranges]


def _neighbor_count(reach: int) -> int:
    """Return how many passages before and after a candidate belong to a quote of *reach* tokens."""
    return -(-max(0, reach - 20) // STRIDE)


def _build_text_span(texts: Mapping[int, str], first: int, last: int, scores: Mapping[int, float]) -> TextSpan:
    track, number = split_passage_id(first)
    before = [_drop_overlap(texts[passage]) for passage in range(first, last)]
    evidence = max(scores.get(passage, 0.0) for passage in range(first, last + 1))
    return TextSpan(track, number * STRIDE, " ".join([*before, texts[last]]), evidence)


def _drop_overlap(text: str) -> str:
    """Return *text* without the tokens that the next passage repeats."""
    return " ".join(text.split(" ", STRIDE)[:STRIDE])


def _consecutive_ranges(passages: Sequence[int]) -> Iterator[tuple[int, int]]:
    starts = [at for at, passage in enumerate(passages) if not at or passage > passages[at - 1] + 1]
    for start, end in pairwise([*starts, len(passages)]):
        yield passages[start], passages[end - 1]


def _drop_overlapping(found: Sequence[Match], returned: dict[int, DisjointRanges]) -> Iterator[Match]:
    """Yield the matches that do not overlap a better one."""
    for match in found:
        ranges = returned.setdefault(match.track, DisjointRanges())
        if ranges.add_if_free(match.first, max(match.first, match.last) + 1):
            yield match
