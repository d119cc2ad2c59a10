"""Builds a verdict from a judgment: the hit, the differences in words, the context, and how sure all of it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..model import Hit, Track, TrackContext
from ..search.hits import make_hit
from ..search.options import SearchOptions
from ..search.snippet import cut_snippet, make_name_finder
from ..search.source import PassageSource
from ..transcripts.timecode import format_clock
from .claim_text import ClaimText
from .claims import Claim
from .confidence import rate_found, rate_not_found
from .context import limit_before, negation_before, read_context
from .judge import Judgment
from .languages import guess_language, word_table
from .languages.word_table import WordTable
from .placement import PlacedPiece
from .quote_changes import OPENING, FoundChange
from .scope import ClaimScope
from .speakers import check_speaker
from .spoken import SpokenReader, SpokenWords
from .verdicts import Change, Piece, SpeakerCheck, Verdict, WordChange
from .word_diff import compare_words

_CONTEXT_WORDS = 12
_MAX_GAP_CHARS = 400
_MAX_HIT_TOKENS = 150
_SAME_MOMENT_MS = 8_000
_CLEAR_SHARE = 0.7  # of the words that one speaker says


@dataclass(frozen=True, slots=True)
class JudgedTrack:
    """A track with the judgment of a quote in it."""

    number: int
    judgment: Judgment
    video: str
    track: Track


@dataclass(frozen=True, slots=True)
class VerdictBuilder:
    """Builds the verdict for one claim."""

    claim: Claim
    quote: ClaimText
    scope: ClaimScope
    source: PassageSource
    spoken: SpokenReader

    def build_not_found(self, note: str = "") -> Verdict:
        """Return the verdict for a quote that was not found, or that has no words (*note* says so)."""
        notes = [*self.scope.notes, *([note] if note else [])]
        if self.scope.searched.cannot_tell and not note:
            notes.append("the index lacks captions, so it cannot tell whether this was said")
        return Verdict(
            self.claim,
            "not_found",
            confidence=0.0 if note else rate_not_found(self.scope.searched, len(self.quote.tokens)),
            searched=self.scope.searched,
            notes=tuple(notes),
        )

    def build(self, best: JudgedTrack, others: Sequence[JudgedTrack], *, elsewhere: bool = False) -> Verdict:
        """Return the verdict for *best*; *others* are tracks of the same videos that may hear it differently."""
        judgment = best.judgment
        contexts = self.source.track_contexts([best.number])
        if not judgment.pieces or best.number not in contexts or judgment.kind == "not_found":
            return self.build_not_found()
        words = self._words(judgment.pieces)
        first, last = _hit_range(judgment.pieces)
        spoken = self.spoken.read(best.number, first, last)
        hit = self._build_hit(contexts[best.number], spoken, judgment, first, last)
        changes = [*self._changes(judgment), *self._disputed(best, others, hit.start_ms)]
        changes.sort(key=lambda change: change.start_ms)
        speaker, check = self._check_speaker(judgment)
        open_end = self.claim.quote.rstrip("\"'”’ ").endswith(("…", "...", "]"))
        text = judgment.pieces[0].text
        table = word_table(best.track.language or guess_language(text.positions, len(text.tokens)))
        verdict = Verdict(
            self.claim,
            judgment.kind,
            speaker_check=check,
            score=round(judgment.score, 4),
            hit=hit,
            speaker=speaker,
            changes=tuple(changes),
            diff=tuple(self._diff(judgment.pieces)),
            pieces=words if len(words) > 1 or judgment.kind in ("partial", "spliced") else (),
            context=read_context(spoken, first, last, table, open_end=open_end),
            searched=self.scope.searched,
            elsewhere=elsewhere,
        )
        if any(change.undecided for change in changes) and verdict.verdict == "verbatim":
            verdict = replace(verdict, verdict="faithful")
        confidence = rate_found(verdict, judgment, self.quote, automatic=best.track.origin in ("automatic", "asr"))
        limit = self._limit_before(judgment, spoken, first, table)
        return replace(verdict, confidence=confidence, notes=tuple(self._notes(verdict, limit)))

    def _limit_before(self, judgment: Judgment, spoken: SpokenWords, first: int, table: WordTable) -> str:
        """Return the words right before the quote that limit what it says, unless the article can print them.

        An article that begins a quote with a small letter can print them, but a negation is too much to rely on that.
        """
        block = judgment.blocks[0] if judgment.blocks else None
        if block is None or not block.same or any(change.block.start == 0 for change in judgment.changes):
            return ""
        opening = self.quote.words[self.quote.word_index[0]].lstrip(OPENING)[:1]
        return (negation_before if opening.islower() else limit_before)(spoken, first, table)

    def _build_hit(self, context: TrackContext, spoken: SpokenWords, judgment: Judgment, first: int, last: int) -> Hit:
        base = spoken.base
        matched = [
            place - base
            for piece in judgment.pieces
            for at, place in enumerate(piece.places, piece.start)
            if first <= place <= last and piece.text.tokens[place] == self.quote.tokens[at]
        ]
        options = SearchOptions(context=_CONTEXT_WORDS)
        snippet = cut_snippet(
            spoken.transcript,
            first - base,
            last - base,
            matched=matched,
            options=options,
            find_names=make_name_finder(context),
        )
        exact = judgment.kind == "verbatim"
        return make_hit(context, snippet, score=1.0 if exact else min(judgment.score, 0.999), exact=exact)

    def _words(self, pieces: Sequence[PlacedPiece]) -> tuple[Piece, ...]:
        """Return the pieces with their words and times, and the words between them."""
        order = sorted(range(len(pieces)), key=lambda at: (pieces[at].text.track, pieces[at].first))
        found = []
        for at, piece in enumerate(pieces):
            spoken = self.spoken.read(piece.text.track, piece.first, piece.last)
            following = pieces[at + 1] if at + 1 < len(pieces) else None
            gap_start, gap_stop = _gap_range(piece, following)
            found.append(
                Piece(
                    printed=self.quote.printed(piece.start, piece.end),
                    said=spoken.text(piece.first, piece.last + 1),
                    start_ms=spoken.start_ms(piece.first),
                    end_ms=spoken.end_ms(piece.last),
                    order=order.index(at),
                    gap=_shorten(self._gap_text(piece.text.track, gap_start, gap_stop)),
                    gap_words=max(0, gap_stop - gap_start),
                )
            )
        return tuple(found)

    def _gap_text(self, track: int, start: int, stop: int) -> str:
        if stop <= start:
            return ""
        shown = min(stop, start + _MAX_HIT_TOKENS)
        return self.spoken.read(track, start, shown).text(start, shown)

    def _diff(self, pieces: Sequence[PlacedPiece]) -> Iterator[WordChange]:
        """Yield the comparison of all of the quote, piece by piece."""
        at = 0
        for piece in pieces:
            if piece.start > at:
                yield WordChange(self.quote.printed(at, piece.start), "", same=False)
            spoken = self.spoken.read(piece.text.track, piece.first, piece.last)
            printed = self.quote.printed(piece.start, piece.end)
            yield from compare_words(printed, spoken.text(piece.first, piece.last + 1))
            at = piece.end
        if at < len(self.quote.tokens):
            yield WordChange(self.quote.printed(at, len(self.quote.tokens)), "", same=False)

    def _changes(self, judgment: Judgment) -> Iterator[Change]:
        return (self._change(found) for found in judgment.changes)

    def _change(self, found: FoundChange, *, undecided: bool = False) -> Change:
        block = found.block
        said, start_ms = "", 0
        if block.text is not None:
            spoken = self.spoken.read(block.text.track, block.first, block.stop)
            said, start_ms = spoken.text(block.first, block.stop), spoken.start_ms(block.first)
        printed = self.quote.printed(block.start, block.end)
        return Change(found.kind, printed, said, start_ms, undecided or found.undecided)

    def _disputed(self, best: JudgedTrack, others: Sequence[JudgedTrack], start_ms: int) -> Iterator[Change]:
        """Yield the changes that another track of the video hears in the same place, which are undecided."""
        known = {(found.kind, found.block.start) for found in best.judgment.changes}
        for other in others:
            if other is best or other.video != best.video or other.judgment.kind not in ("altered", "faithful"):
                continue
            if _language(other.track) != _language(best.track):
                continue
            for found in other.judgment.changes:
                change = self._change(found, undecided=True)
                near = abs(change.start_ms - start_ms) < _SAME_MOMENT_MS + 500 * len(self.quote.tokens)
                if near and found.kind in _DECIDING_KINDS and (found.kind, found.block.start) not in known:
                    known.add((found.kind, found.block.start))
                    yield change

    def _check_speaker(self, judgment: Judgment) -> tuple[str, SpeakerCheck]:
        """Return who says most of the words, and whether the claim names them.

        Words that are so common that others say them, too, contradict nobody.
        """
        counts: dict[str, int] = {}
        for piece in judgment.pieces:
            spoken = self.spoken.read(piece.text.track, piece.first, piece.last)
            for place in piece.places:
                if place >= 0:
                    name = spoken.speaker(place)
                    counts[name] = counts.get(name, 0) + 1
        speaker = max(counts, key=counts.__getitem__, default="")
        check = check_speaker(self.claim.who, speaker) if self.claim.who and speaker else "unknown"
        if check == "contradicted":
            clear = counts[speaker] >= _CLEAR_SHARE * sum(counts.values())
            named = any(check_speaker(self.claim.who, name) == "confirmed" for name in counts if name)
            check = "contradicted" if clear and not named and judgment.bits > 0 else "unknown"
        return speaker, check

    def _notes(self, verdict: Verdict, limit: str) -> Iterator[str]:
        yield from self.scope.notes
        if self.quote.is_cut:
            yield f"only the first {len(self.quote.words):,} words of the quote were checked"
        if verdict.elsewhere:
            yield "the quote was found in a video that the claim does not name"
        if verdict.speaker_check == "contradicted":
            yield f"the captions say that {verdict.speaker} speaks here, not {self.claim.who}"
        for change in verdict.changes:
            if change.undecided:
                place = format_clock(change.start_ms)
                heard = f"the captions hear “{change.said}”" if change.said else "the captions do not hear it"
                printed = f"“{change.printed}” is printed" if change.printed else "it is not printed"
                yield f"listen at {place}: {printed}, {heard}"
        if limit:
            yield f"the quote starts right after “{limit}”"
        if verdict.context and verdict.context.cut_before:
            yield f"the quote stops right before “{verdict.context.cut_before}”"


_DECIDING_KINDS = ("negation", "number", "quantifier", "modality", "direction")


def _language(track: Track) -> str:
    return track.language.partition("-")[0].casefold()


def _hit_range(pieces: Sequence[PlacedPiece]) -> tuple[int, int]:
    """Return the first and the last token of the hit: all pieces if they are near each other, otherwise the first."""
    in_order = all(left.text is right.text and right.first > left.last for left, right in pairwise(pieces))
    if in_order and pieces[-1].last - pieces[0].first < _MAX_HIT_TOKENS:
        return pieces[0].first, pieces[-1].last
    return pieces[0].first, pieces[0].last


def _gap_range(piece: PlacedPiece, following: PlacedPiece | None) -> tuple[int, int]:
    if following is None or following.text is not piece.text or following.first <= piece.last:
        return 0, 0
    return piece.last + 1, following.first


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_GAP_CHARS else f"{text[: _MAX_GAP_CHARS - 1]}…"
