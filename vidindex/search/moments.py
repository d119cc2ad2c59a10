"""Finds all moments that match a query, up to a limit, so that they can be counted and grouped by video."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from ..engines.base import PassageCandidate, PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..engines.terms import MAX_RESPELLED_TOKENS, is_scored, tokenize_field
from ..model import (
    PASSAGE_OVERLAP,
    And,
    MatchKind,
    PassageRange,
    PhraseQuery,
    QueryNode,
    TrackContext,
    Transcript,
    WordsQuery,
    make_passage_id,
    split_passage_id,
)
from ..model import PASSAGE_STRIDE as STRIDE
from .disjoint_ranges import DisjointRanges, MomentTimes
from .filters import apply_filters, contains_words, is_selected, select_tracks, without_filters
from .found_moments import (
    MAX_COUNTED_HITS,
    FoundMoments,
    KeptMoments,
    PhraseMatches,
    VideoMoments,
    find_key,
    list_readings,
)
from .options import SearchOptions
from .query import Query, Tokens, parse_query
from .recent import PhrasePlaces, RecentFindings
from .retrieve import Match, match_sort_key, match_tree, rank_candidates, retrieve
from .snippet import speaker_of_word, word_range
from .source import FacetSource
from .spans import find_spans

_PASSAGES_PER_QUERY = (3_000, 12_000, 40_000)
"""Passages to request from the engine, one number after the other while there are more of them to count."""

MAX_SAMPLED_PASSAGES = 10_000
"""Maximum number of passages of a sample."""

_MAX_SAMPLE_CANDIDATES = 500_000
"""Maximum number of passages among which those of a sample are chosen."""

_MAX_BEST_PASSAGES = 100
"""Maximum number of passages that tie for the first place and are read to find the words of a quote side by side."""

_PASSAGES_PER_READ = 1_000
_PASSAGES_PER_TRACK_READ = 200
_MAX_VIDEOS_READ = 50  # videos whose transcripts are read instead of asking the engine
_KEPT_READS = 4  # how many of the last reads of words are kept


class _RankedQueries(PassageIndex):
    """An engine that answers only queries that rank passages: what matches word for word is found without them.

    It answers each of them once, for as long as one search takes.
    """

    def __init__(self, engine: PassageIndex) -> None:
        self._engine = engine
        self._answers: dict[tuple[QueryNode, int, float], Sequence[PassageCandidate]] = {}

    def find_candidates(self, query: QueryNode, *, limit: int, min_share: float = 0.0) -> Sequence[PassageCandidate]:
        if not is_scored(query):
            return []
        key = query, limit, min_share
        if key not in self._answers:
            self._answers[key] = self._engine.find_candidates(query, limit=limit, min_share=min_share)
        return self._answers[key]

    @property
    def whole(self) -> PassageIndex:
        return self._engine

    def find_matched(self, queries: Sequence[QueryNode]) -> list[bool]:
        return self._engine.find_matched(queries)

    def has_token(self, token: str) -> bool:
        return self._engine.has_token(token)

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        return self._engine.find_similar_tokens(token, limit=limit)

    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        return self._engine.find_tokens_beside(token, prefix_chars=prefix_chars, limit=limit)

    def count_passages(self) -> int:
        return self._engine.count_passages()


@dataclass(slots=True)
class MomentFinder:
    """Finds all moments that match a query and that *options* select.

    If there are too many, only the first ones are found; with *sampled*, some of them, spread evenly over the index.
    """

    engine: PassageIndex
    source: FacetSource
    options: SearchOptions
    sampled: bool = False
    recent: RecentFindings | None = None
    _query: Query = field(default_factory=lambda: Query(None))
    _is_more: bool = False
    _contexts: dict[int, TrackContext] = field(default_factory=dict)

    def find(self, text: str) -> FoundMoments:
        """Return the moments of *text*: those of a recent search if it was for the same words with the same filters.

        Raises `QuerySyntaxError`, `EngineError`.
        """
        readings = list_readings(parse_query(text))
        key = find_key(readings, self.options) if self.recent and not self.sampled else None
        known = self.recent.found.get(key) if self.recent and key else None
        if isinstance(known, KeptMoments):
            found = known.read_as(readings)
            self._query, self._is_more = found.query, known.is_cut
            return found
        found = self._find_first(readings)
        if self.recent and key:
            kept = KeptMoments(found, readings.index(found.query), self._is_more)
            self.recent.found.put(key, kept, kept.size_bytes())
        return found

    def _find_first(self, readings: Sequence[Query]) -> FoundMoments:
        """Return the moments of the first of *readings* that has some."""
        found = FoundMoments(readings[-1])
        for query in readings:
            found = self._find_query(query)
            if found.videos:
                return found
        return FoundMoments(readings[-1])

    def _find_query(self, query: Query) -> FoundMoments:
        """Return the moments of *query*: those of one kind are those that a search for both kinds finds, if any."""
        kind = self.options.match
        if kind and query.parts and not query.exact_only and (kind == "near" or _phrase_of(query) is None):
            both = replace(self, options=replace(self.options, match=None))
            found = both._find_matches(query)
            self._query, self._is_more = query, found.is_more
            if kept := self._keep_kind(found.videos, kind):
                return FoundMoments(query, kept, found.is_more, kind, found.videos)
        found = self._find_matches(query)
        if kind is None:
            return found
        return FoundMoments(query, self._keep_kind(found.videos, kind), found.is_more, kind, found.videos)

    def _keep_kind(self, videos: Iterable[VideoMoments], kind: MatchKind) -> list[VideoMoments]:
        """Return *videos* with only their moments of one *kind*."""
        kept = [(each, select_kind(each.matches, kind)) for each in videos]
        sort_key = match_sort_key(self._query)
        found = [replace(each, context=each.contexts[of[0].track], matches=of) for each, of in kept if of]
        return sorted(found, key=lambda video: sort_key(video.matches[0]))

    def _find_matches(self, query: Query) -> FoundMoments:
        runs: list[Sequence[Match]]
        self._query, self._is_more = query, False
        if query.node is None:
            return FoundMoments(query)
        filtered = apply_filters(query.node, self.options)
        phrase = _phrase_of(query)
        if not query.parts:
            runs = [*_split_by_track(_drop_overlapping(self._match_passages(filtered)))]
        elif phrase is None:
            runs = [*_split_by_track(self._find_ranked(self.engine))]
        else:
            ranked = _RankedQueries(self.engine)
            exact = self._find_exact(filtered, phrase, ranked)
            near = self._find_near({each.track: each for each in exact}, ranked)
            runs = [*exact, *_split_by_track(near)]
        videos = self._group_by_video(runs)
        is_more = self._is_more or self._is_full(sum(len(each.matches) for each in videos))
        return FoundMoments(query, videos, is_more)

    def complete(self, video: VideoMoments) -> VideoMoments:
        """Return *video* with all of its moments, even if there are more in all videos than are counted."""
        if not self._is_more:
            return video
        if not self._is_plain_phrase():
            return replace(video, is_partial=True)
        runs = list(self._match_tracks(video.context.video.id))
        return self._make_group(runs, WordReader(self.source, chain.from_iterable(runs))) or video

    # Matches that are found by rank

    def _find_near(self, exact: Mapping[int, PhraseMatches], ranked: _RankedQueries) -> list[Match]:
        """Return the near matches, unless only exact ones are counted."""
        if not self._wants_near() or self._is_more:
            return []
        found = (match for match in self._find_ranked(ranked, has_exact=bool(exact)) if not match.exact)
        return [match for match in found if match.track not in exact or not exact[match.track].overlaps(match)]

    def _wants_near(self) -> bool:
        return not self._query.exact_only and self.options.match != "exact"

    def _find_ranked(self, engine: PassageIndex, *, has_exact: bool = False) -> list[Match]:
        """Return the matches that the search without filters finds; if the filters leave none, those of one with them.

        So a filter leaves as many hits as are counted for its value without it.
        """
        plain = without_filters(self.options)
        found = self._select(self._retrieve(engine, plain))
        if not found and not has_exact and plain != self.options:
            found = self._select(self._retrieve(engine, self.options))
        return sorted(found, key=match_sort_key(self._query))

    def _retrieve(self, engine: PassageIndex, options: SearchOptions) -> list[Match]:
        node = self._query.node
        if node is None:
            return []
        found = retrieve(engine, self.source, self._query, apply_filters(node, options), options)
        matches = list(islice(found, MAX_COUNTED_HITS + 1))
        self._is_more = self._is_more or len(matches) > MAX_COUNTED_HITS
        return matches

    # Matches that are all found

    def _is_plain_phrase(self) -> bool:
        """Return whether the words of a transcript decide if it matches, all of them side by side."""
        is_phrase = isinstance(self._query.node, WordsQuery | PhraseQuery) and _phrase_of(self._query) is not None
        return is_phrase and self.options.match != "near"

    def _find_exact(self, node: QueryNode, phrase: PhraseQuery, ranked: _RankedQueries) -> list[PhraseMatches]:
        """Return the matches word for word by track, in the order of tracks."""
        if self.options.match == "near":
            return []
        if self.options.videos and len(self.options.videos) <= _MAX_VIDEOS_READ and self._is_plain_phrase():
            found = [each for video in self.options.videos for each in self._match_tracks(video)]
            return sorted(found, key=lambda each: each.track)
        return self._count_phrase(node, phrase, ranked)

    def _count_phrase(self, filtered: QueryNode, phrase: PhraseQuery, ranked: _RankedQueries) -> list[PhraseMatches]:
        """Return the matches of *phrase* in the passages that match *filtered* with it.

        If there are too many, end with a whole track.
        """
        scope = self._phrase_scope(filtered, phrase)
        known = self.recent.find_prefix(scope, phrase.tokens) if self.recent and scope else None
        best = self._find_best_passages(filtered, ranked) if known is None else None
        node = _require_phrase(filtered, phrase)
        groups = _passages_at(known) if known else iter([best]) if best is not None else self._find_selected(node)
        wanted, size = self._wanted_phrase()
        starts: dict[int, list[int]] = {}
        count = last_track = 0
        for passages in groups:
            texts = _read_for_phrase(self.source, passages, phrase)
            for passage in passages:
                track, number = split_passage_id(passage)
                if self._is_full(count) and track != last_track:
                    break
                found = find_starts(wanted, texts.get(passage, ""), number * STRIDE)
                if found:
                    _add_starts(starts.setdefault(track, []), found, size)
                    count += len(found)
                last_track = track
            if passages and self._is_full(count) and split_passage_id(passages[-1])[0] != last_track:
                break
        self._is_more = self._is_more or self._is_full(count)
        if self.recent and scope and not self._is_more:
            places = PhrasePlaces(tuple((track, tuple(each)) for track, each in starts.items()))
            self.recent.keep_phrase(scope, phrase.tokens, places)
        return [PhraseMatches(track, each, size) for track, each in starts.items()]

    def _find_best_passages(self, filtered: QueryNode, ranked: _RankedQueries) -> list[int] | None:
        """Return the only passages that can have the words side by side; None if that is not known.

        A passage that has them so has every term of the query, and no other one ranks before it.  The search for near
        matches needs the same ranking, so that the engine is asked once for both.
        """
        node = self._query.node
        is_plain = node == filtered and self.options.origin is None and self._wants_near()
        if not is_plain or not isinstance(node, WordsQuery) or len(node.tokens) <= MAX_RESPELLED_TOKENS:
            return None
        best = rank_candidates(ranked, node)[: _MAX_BEST_PASSAGES + 1]
        tied = [each.passage_id for each in best if each.score == best[0].score]
        return sorted(tied) if len(tied) <= _MAX_BEST_PASSAGES else None

    def _phrase_scope(self, filtered: QueryNode, phrase: PhraseQuery) -> Hashable:
        """Return what must hold beside the words of *phrase*; None if *filtered* has them in quotation marks."""
        scope = _require_phrase(filtered, phrase, found=PhraseQuery(()))
        return None if self.sampled or scope == filtered else (scope, self.options.origin)

    def _wanted_phrase(self) -> tuple[str, int]:
        """Return the words of a phrase with a space on either side, and their number."""
        tokens = self._query.parts[0]
        return f" {' '.join(tokens)} ", len(tokens)

    def _is_full(self, count: int) -> bool:
        return count > MAX_COUNTED_HITS and not self.sampled

    def _match_tracks(self, video: str) -> Iterator[PhraseMatches]:
        """Yield the matches word for word in each track of *video* that the filters select."""
        tracks = [track for track, _ in self.source.list_tracks(video)]
        contexts = self._read_contexts(tracks)
        for track in tracks:
            if track in contexts and is_selected(contexts[track], self.options):
                found = self._match_track(track)
                if found.starts:
                    yield found

    def _match_track(self, track: int) -> PhraseMatches:
        wanted, size = self._wanted_phrase()
        starts: list[int] = []
        number = 0
        while True:
            check_cpu_time()
            numbers = range(number, number + _PASSAGES_PER_TRACK_READ)
            texts = self.source.passage_texts([make_passage_id(track, each) for each in numbers])
            for each in numbers:
                text = texts.get(make_passage_id(track, each), "")
                _add_starts(starts, find_starts(wanted, text, each * STRIDE), size)
            if len(texts) < len(numbers):
                return PhraseMatches(track, starts, size)
            number = numbers.stop

    def _match_passages(self, node: QueryNode) -> list[Match]:
        """Return the matches in the passages that match *node*; if there are too many, end with a whole track."""
        matches: list[Match] = []
        for passages in self._find_selected(node):
            matches += self._match_texts(passages)
            if passages and self._is_full(len(matches) // 2):  # two passages may have the same match
                self._is_more = True
                matches = [match for match in matches if match.track != split_passage_id(passages[-1])[0]] or matches
                break
        return sorted(matches, key=match_sort_key(self._query))

    def _match_texts(self, passages: Sequence[int]) -> list[Match]:
        node = self._query.node
        if node is not None and find_spans(node, []) is None:  # the words do not matter
            tracks = dict.fromkeys(split_passage_id(passage)[0] for passage in passages)
            return [Match(track, 0, -1, 1.0, True) for track in tracks]
        return match_tree(self.source, self._query, dict.fromkeys(passages, 0.0))

    def _find_selected(self, node: QueryNode) -> Iterator[list[int]]:
        """Yield the passages that match *node*, without those that only their captions exclude, so that none count."""
        for passages in self._find_passages(node):
            if self.options.origin is None:
                yield passages
                continue
            contexts = self._read_contexts({split_passage_id(passage)[0] for passage in passages})
            selected = select_tracks(contexts, self.options)
            yield [passage for passage in passages if split_passage_id(passage)[0] in selected]

    def _find_passages(self, node: QueryNode) -> Iterator[list[int]]:
        """Yield the passages that match *node*, in order, as long as the caller wants more."""
        if self.sampled:
            yield from self._sample_passages(node)
            return
        seen = 0
        for limit in _PASSAGES_PER_QUERY:
            found = [each.passage_id for each in self.engine.find_candidates(node, limit=limit)]
            for start in range(seen, len(found), _PASSAGES_PER_READ):
                check_cpu_time()
                yield found[start : start + _PASSAGES_PER_READ]
            seen = len(found)
            if seen < limit:
                return
        self._is_more = True

    def _sample_passages(self, node: QueryNode) -> Iterator[list[int]]:
        found = [each.passage_id for each in self.engine.find_candidates(node, limit=_MAX_SAMPLE_CANDIDATES)]
        sample = found[:: max(1, -(-len(found) // MAX_SAMPLED_PASSAGES))]
        self._is_more = self._is_more or len(sample) < len(found)
        for start in range(0, len(sample), _PASSAGES_PER_READ):
            check_cpu_time()
            yield sample[start : start + _PASSAGES_PER_READ]

    # Videos

    def _read_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        unread = set(tracks) - self._contexts.keys()
        self._contexts.update(self.source.facet_contexts(unread) if unread else {})
        return self._contexts

    def _select(self, matches: Iterable[Match]) -> list[Match]:
        """Return the *matches* in tracks that the filters select and that have not been removed."""
        kept = list(matches)
        contexts = self._read_contexts({match.track for match in kept})
        selected = select_tracks(contexts, self.options)
        return [match for match in kept if match.track in selected]

    def _group_by_video(self, runs: Sequence[Sequence[Match]]) -> list[VideoMoments]:
        """Group *runs*, each of which are the matches in one track, by video."""
        contexts = self._read_contexts({run[0].track for run in runs})
        groups: dict[str, list[Sequence[Match]]] = {}
        for run in runs:
            context = contexts.get(run[0].track)
            if context is not None and is_selected(context, self.options):
                groups.setdefault(context.video.id, []).append(run)
        words = WordReader(self.source, chain.from_iterable(chain.from_iterable(groups.values())))
        videos = [video for found in groups.values() if (video := self._make_group(found, words))]
        sort_key = match_sort_key(self._query)
        return sorted(videos, key=lambda video: sort_key(video.matches[0]))

    def _make_group(self, runs: Sequence[Sequence[Match]], words: WordReader) -> VideoMoments | None:
        contexts = {run[0].track: self._contexts[run[0].track] for run in runs}
        found = runs[0] if len(runs) == 1 else sorted(chain.from_iterable(runs), key=match_sort_key(self._query))
        said = self._select_speaker(found, words) if self._query.speaker or self.options.speaker else found
        if not said:
            return None
        distinct = distinct_moments(words, said, contexts)
        return VideoMoments(contexts[distinct[0].track], contexts, distinct, said)

    def _select_speaker(self, matches: Sequence[Match], words: WordReader) -> list[Match]:
        """Return the moments in which the wanted speaker speaks, since a passage may have several speakers."""
        wanted = self.options.speaker
        return [
            match
            for match in matches
            if (not wanted or contains_words(words.speaker_of(match), wanted))
            and (not self._query.speaker or words.is_said_by(match, self._query.speaker))
        ]


def distinct_moments(
    words: WordReader, matches: Sequence[Match], contexts: Mapping[int, TrackContext]
) -> Sequence[Match]:
    """Return *matches* of one video, best first, without those of the same moment as a better one of another track."""
    if len(contexts) < 2 or len({match.track for match in matches}) < 2:
        return matches
    captions = {track: (context.track.language, context.track.origin) for track, context in contexts.items()}
    recognized = {track: origin in ("automatic", "asr") for track, (_, origin) in captions.items()}
    ranked = sorted(matches, key=lambda match: (-match.score, recognized[match.track]))
    times = MomentTimes()
    return [match for match in ranked if times.add_if_new(captions[match.track], *words.time_range(match))]


def select_kind(matches: Sequence[Match], kind: MatchKind | None) -> Sequence[Match]:
    """Return the *matches* of one *kind*, or of both."""
    if kind is None or (kind == "exact" and isinstance(matches, PhraseMatches)):
        return matches
    return [match for match in matches if match.exact == (kind == "exact")]


class WordReader:
    """Reads the words of *matches*, which are asked for more or less in this order; neighbors share a read."""

    def __init__(self, source: FacetSource, matches: Iterable[Match]) -> None:
        self._source = source
        self._ahead = iter(matches)
        self._read: dict[PassageRange, Transcript] = {}

    def _transcript_of(self, match: Match) -> tuple[Transcript, int]:
        """Return the words around *match*, and the number of their first token in the track."""
        passages = self._passages_of(match)
        if passages not in self._read:
            check_cpu_time()
            self._read_ahead(passages)
        return self._read[passages], passages.first * STRIDE

    def _read_ahead(self, passages: PassageRange) -> None:
        """Read *passages*, and those of the next matches if that costs no further request."""
        wanted = {passages: None}
        while len(wanted) < self._source.batch_size and (match := next(self._ahead, None)) is not None:
            wanted[self._passages_of(match)] = None
        if len(self._read) > _KEPT_READS * self._source.batch_size:
            self._read.clear()
        self._read.update(zip(wanted, self._source.transcript_slices(list(wanted)), strict=True))

    @staticmethod
    def _passages_of(match: Match) -> PassageRange:
        last = max(match.first, match.last) + 1
        return PassageRange(match.track, match.first // STRIDE, last // STRIDE)

    def time_range(self, match: Match) -> tuple[int, int]:
        """Return the start of *match* in ms, and its end, which is later."""
        transcript, base = self._transcript_of(match)
        if match.last < match.first or match.last - base >= len(transcript.word_index):
            return 0, 1
        start, end = word_range(transcript, match.first - base, match.last - base)
        start_ms = transcript.starts_ms[start]
        return start_ms, max(*transcript.ends_ms[start:end], start_ms + 1)

    def is_said_by(self, match: Match, speaker: Tokens) -> bool:
        """Return whether the captions name *speaker* at the start of *match*, or nobody."""
        transcript, base = self._transcript_of(match)
        if match.first - base >= len(transcript.word_index):
            return False
        name = self.speaker_of(match)
        return not name or f" {' '.join(speaker)}" in f" {' '.join(tokenize_field(name))}"

    def speaker_of(self, match: Match) -> str:
        """Return the name that the captions state at the start of *match*; "" if they state none."""
        transcript, base = self._transcript_of(match)
        at = match.first - base
        known = match.first <= match.last and at < len(transcript.word_index)
        return speaker_of_word(transcript, transcript.word_index[at]) if known else ""


def _read_for_phrase(source: FacetSource, passages: Sequence[int], phrase: PhraseQuery) -> Mapping[int, str]:
    """Return the text of each of *passages* up to the next one, and beyond only if *phrase* may go on there."""
    texts = source.block_texts(passages)
    beginnings = tuple(f" {' '.join(phrase.tokens[:size])}" for size in range(1, len(phrase.tokens)))
    cut = [passage for passage in passages if f" {texts.get(passage, '')}".endswith(beginnings)]
    return {**texts, **source.passage_texts(cut)} if cut else texts


def find_starts(wanted: str, text: str, base: int = 0) -> list[int]:
    """Return where *wanted* starts in *text*, the passage from the token *base* on, before the next passage.

    *text* is tokens joined by spaces, *wanted* is padded with a space on either side, too.
    """
    padded = f" {text} "
    at = padded.find(wanted)
    starts: list[int] = []
    first, counted, step = base, 0, len(wanted) - 1
    end = base + STRIDE
    while at >= 0:
        first += padded.count(" ", counted, at)
        if first >= end:
            break
        counted = at
        starts.append(first)
        at = padded.find(wanted, at + step)
    return starts


def _add_starts(starts: list[int], found: Sequence[int], size: int) -> None:
    """Add *found* to the *starts* of matches in a track; one may overlap the last match of the passage before."""
    starts += found[1:] if starts and found and found[0] < starts[-1] + size else found


def _split_by_track(matches: Iterable[Match]) -> list[list[Match]]:
    tracks: dict[int, list[Match]] = {}
    for match in matches:
        tracks.setdefault(match.track, []).append(match)
    return list(tracks.values())


def _phrase_of(query: Query) -> PhraseQuery | None:
    """Return the words of a quote as a phrase; None if one passage cannot contain all of them."""
    fits = len(query.parts) == 1 and len(query.parts[0]) <= PASSAGE_OVERLAP
    return PhraseQuery(query.parts[0]) if fits else None


def _require_phrase(node: QueryNode, phrase: PhraseQuery, *, found: PhraseQuery | None = None) -> QueryNode:
    """Return *node* with the words of *phrase* replaced by the phrase, or by *found*."""
    match node:
        case WordsQuery(tokens) if tokens == phrase.tokens:
            return found or phrase
        case And(nodes):
            return And(tuple(_require_phrase(each, phrase, found=found) for each in nodes))
    return node


def _passages_at(places: PhrasePlaces) -> Iterator[list[int]]:
    """Yield the passages with one of *places*, in order: only they can have a phrase that begins with its words."""
    passages = (
        make_passage_id(track, number)
        for track, starts in places.starts
        for number in dict.fromkeys(start // STRIDE for start in starts)
    )
    while batch := list(islice(passages, _PASSAGES_PER_READ)):
        check_cpu_time()
        yield batch


def _drop_overlapping(found: Iterable[Match]) -> list[Match]:
    """Return the matches that do not overlap an earlier one in their track."""
    tracks: dict[int, DisjointRanges] = {}
    return [
        match
        for match in found
        if tracks.setdefault(match.track, DisjointRanges()).add_if_free(match.first, max(match.first, match.last) + 1)
    ]
