"""Verifies claims one by one against the captions of an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import Indel

from ..engines.base import PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..model import PASSAGE_OVERLAP, PASSAGE_STRIDE, Hit, Stats, Track, WordsQuery, split_passage_id
from ..search.source import PassageSource
from ..store.base import Store
from .claim_text import ClaimText, read_claim, weigh_words
from .claims import Claim
from .fragments import find_missing
from .judge import Judgment, decide_changes, judge_pieces
from .languages import guess_language, word_table
from .placement import PlacedPiece, place_quote
from .said_text import SaidText, SaidTextReader, SaidWindow
from .scope import ClaimScope, find_scope
from .similar_note import describe_similar
from .speakers import check_speaker
from .spoken import SpokenReader
from .verdict_builder import JudgedTrack, VerdictBuilder
from .verdicts import Verdict, VerdictKind

_MAX_SCOPE_TOKENS = 300_000
"""Tokens of the videos of a claim that are read; further videos are searched through the engine."""

_MAX_TRACK_TOKENS = 200_000
_MAX_WINDOWS = 6
_MAX_JUDGED_TRACKS = 6
_MIN_SHARE_OF_BEST_VOTES = 0.45
_CANDIDATES = 40
_PART_CANDIDATES = 15
_MIN_PART_TOKENS = 6
_MAX_INDEX_TRACKS = 2
_MAX_SPEAKER_PLACES = 50  # of the same words, at which it is checked who speaks
_MIN_PHRASE_SHARE, _MIN_PHRASE_SHARE_ELSEWHERE = 0.25, 0.5
_ELSEWHERE_BITS = 14.0
_ELSEWHERE_SCORE = 0.75
_RANKS: dict[VerdictKind, int] = {
    "verbatim": 5,
    "faithful": 4,
    "altered": 3,
    "spliced": 2,
    "partial": 1,
    "not_found": 0,
}


@dataclass(slots=True)
class ClaimVerifier:
    """Verifies claims; *engine* is None if nothing is indexed yet."""

    store: Store
    engine: PassageIndex | None
    source: PassageSource
    find_similar: Callable[[str, frozenset[str]], Hit | None] | None = None
    """Returns a sentence in some videos, or all, that is likely to say a quote in other words."""
    _texts: SaidTextReader = field(init=False)
    _spoken: SpokenReader = field(init=False)
    _stats: Stats | None = field(init=False, default=None)
    _scopes: dict[tuple[str, str], ClaimScope] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._texts = SaidTextReader(self.source)
        self._spoken = SpokenReader(self.source)

    def verify(self, claim: Claim) -> Verdict:
        """Return the verdict for *claim*: in its videos first, then in the whole index."""
        check_cpu_time()
        scope = self._find_scope(claim)
        quote = read_claim(claim)
        verdict = self._judge(claim, scope, quote)
        if verdict.verdict != "not_found" or self.find_similar is None or not quote.tokens:
            return verdict
        similar = self.find_similar(" ".join(quote.tokens), frozenset(() if scope.is_index else scope.videos))
        return verdict if similar is None else replace(verdict, notes=(*verdict.notes, describe_similar(similar)))

    def _judge(self, claim: Claim, scope: ClaimScope, quote: ClaimText) -> Verdict:
        builder = VerdictBuilder(claim, quote, scope, self.source, self._spoken)
        if not quote.tokens:
            return builder.build_not_found("the quote has no words")
        own = self._judge_scope(quote, scope)
        best = _best_track(own)
        if best is not None and best.judgment.kind not in ("partial", "not_found"):
            return builder.build(best, own)
        other = self._judge_index(quote, strict=not scope.is_index)
        if scope.is_index:
            return builder.build(other, []) if other else builder.build_not_found()
        if other is not None and other.video not in scope.videos:
            return builder.build(other, [], elsewhere=True)
        return builder.build(best, own) if best is not None else builder.build_not_found()

    def _find_scope(self, claim: Claim) -> ClaimScope:
        key = (claim.video, claim.article)
        if key not in self._scopes:
            if len(self._scopes) > 1000:
                self._scopes.clear()
            self._scopes[key] = find_scope(self.store, claim, self._read_stats)
        return self._scopes[key]

    def _judge_scope(self, quote: ClaimText, scope: ClaimScope) -> list[JudgedTrack]:
        """Return the judgments of the tracks of a scope that may contain the quote."""
        texts: list[tuple[SaidText, Track, str]] = []
        size = 0
        for each in scope.tracks:
            if size < _MAX_SCOPE_TOKENS:
                text = self._texts.read_track(each.number, max_tokens=_MAX_TRACK_TOKENS)
                size += len(text.tokens)
                texts.append((text, each.track, each.video))
        return self._judge_texts(quote, texts, searched_words=size)

    def _judge_texts(
        self, quote: ClaimText, texts: Sequence[tuple[SaidText, Track, str]], *, searched_words: int
    ) -> list[JudgedTrack]:
        found: list[tuple[float, list[SaidWindow], SaidText, Track, str]] = []
        for text, track, video in texts:
            check_cpu_time()
            windows = text.find_windows(quote.tokens, limit=_MAX_WINDOWS)
            if windows:
                found.append((windows[0].votes, windows, text, track, video))
        found.sort(key=lambda each: -each[0])
        likely = [each for each in found if each[0] >= _MIN_SHARE_OF_BEST_VOTES * found[0][0]][:_MAX_JUDGED_TRACKS]
        return [
            JudgedTrack(
                text.track,
                self._judge_text(quote, text, windows, track, searched_words),
                video,
                track,
            )
            for _, windows, text, track, video in likely
        ]

    def _judge_text(
        self, quote: ClaimText, text: SaidText, windows: Sequence[SaidWindow], track: Track, searched_words: int
    ) -> Judgment:
        table = word_table(track.language or guess_language(text.positions, len(text.tokens)))
        weights = weigh_words(quote.tokens, table)
        verbatim = self._find_verbatim(quote, text)
        pieces = verbatim or find_missing(quote, [text], place_quote(quote, windows, weights), weights)
        written = track.origin == "manual"
        judgment = judge_pieces(
            quote, weights, pieces, table, searched_words=searched_words, spoken=self._spoken, written=written
        )
        return decide_changes(judgment) if written else judgment

    def _find_verbatim(self, quote: ClaimText, text: SaidText) -> list[PlacedPiece]:
        """Return the place of a quote that was said word for word; of several, the first one of the claimed speaker."""
        places = text.find_in_a_row(quote.tokens)
        compared = places[:_MAX_SPEAKER_PLACES] if quote.who and len(places) > 1 else ()
        named = (place for place in compared if check_speaker(quote.who, self._speaker(text, place)) == "confirmed")
        chosen = next(named, places[0]) if places else ()
        return [PlacedPiece(text, 0, len(quote.tokens), tuple(chosen))] if chosen else []

    def _speaker(self, text: SaidText, place: range) -> str:
        return self._spoken.read(text.track, place[0], place[-1]).speaker(place[0])

    def _judge_index(self, quote: ClaimText, *, strict: bool) -> JudgedTrack | None:
        """Return the best place in the whole index; with *strict* only one that is no coincidence."""
        if self.engine is None:
            return None
        tracks = self._likely_tracks(
            quote, self.engine, min_share=_MIN_PHRASE_SHARE_ELSEWHERE if strict else _MIN_PHRASE_SHARE, whole=strict
        )
        contexts = self.source.track_contexts(tracks)
        texts = [
            (
                self._texts.read_track(number, max_tokens=_MAX_TRACK_TOKENS),
                contexts[number].track,
                contexts[number].video.id,
            )
            for number in tracks
            if number in contexts
        ]
        best = _best_track(self._judge_texts(quote, texts, searched_words=self._read_stats().words))
        if best is None or best.judgment.kind == "not_found":
            return None
        judgment = best.judgment
        if strict and (
            judgment.kind in ("partial", "spliced")
            or judgment.bits < _ELSEWHERE_BITS
            or judgment.score < _ELSEWHERE_SCORE
        ):
            return None
        return best

    def _likely_tracks(self, quote: ClaimText, engine: PassageIndex, *, min_share: float, whole: bool) -> list[int]:
        """Return the tracks with the passages that have most of the words of the quote, or of a part of it."""
        passages: dict[int, float] = {}
        for tokens, limit in _query_parts(quote.tokens, whole=whole):
            candidates = engine.find_candidates(WordsQuery(tokens), limit=limit)
            for rank, candidate in enumerate(candidates):
                share = candidate.score / (candidates[0].score or 1.0)
                if rank == 0 or share > 0.4:
                    passages.setdefault(candidate.passage_id, share)
        texts = self.source.passage_texts(list(passages))
        shares: dict[int, float] = {}
        for passage, text in texts.items():
            track, _ = split_passage_id(passage)
            shares[track] = max(shares.get(track, 0.0), _phrase_share(quote.tokens, text))
        likely = [track for track, share in shares.items() if share >= min_share]
        return sorted(likely, key=lambda track: (-shares[track], track))[:_MAX_INDEX_TRACKS]

    def _read_stats(self) -> Stats:
        """Return the counts of the index, which are the same for all claims."""
        if self._stats is None:
            self._stats = self.store.collect_stats()
        return self._stats


def _phrase_share(tokens: Sequence[str], text: str) -> float:
    """Return the share of *tokens* that are in *text* in the same order, beside one that is too.

    Of a quote that is longer than a passage, a passage can have no more than its own length.
    """
    if f" {' '.join(tokens)} " in f" {text} ":
        return 1.0
    blocks = [op for op in Indel.opcodes(tokens, text.split(" ")) if op.tag == "equal"]
    found = sum(op.src_end - op.src_start for op in blocks if op.src_end - op.src_start > 1)
    return found / min(len(tokens), PASSAGE_STRIDE + PASSAGE_OVERLAP)


def _query_parts(tokens: tuple[str, ...], *, whole: bool) -> Iterable[tuple[tuple[str, ...], int]]:
    yield tokens, _CANDIDATES
    middle = len(tokens) // 2
    if middle >= _MIN_PART_TOKENS and not whole:
        yield tokens[:middle], _PART_CANDIDATES
        yield tokens[middle:], _PART_CANDIDATES


def _best_track(judged: Sequence[JudgedTrack]) -> JudgedTrack | None:
    """Return the track in which most of the quote was said, of equals the one that says it best."""
    if not judged:
        return None
    return max(judged, key=lambda each: (_RANKS[each.judgment.kind], each.judgment.score, each.judgment.bits))
