"""The tool `verify_quotes`: claims to verdicts, as models read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ..pages.providers import make_deep_link
from ..transcripts.timecode import format_clock
from ..verify.claims import Claim
from ..verify.verdicts import ChangeKind, SearchScope, SpeakerCheck, VerdictKind
from .bounds import MAX_RESULT_BYTES, clean_text, take_fitting, to_fields, web_url
from .cursors import make_cursor, read_cursor
from .results import NOTICE, SpokenMoment, describe_hit

if TYPE_CHECKING:
    from ..library import Index
    from ..verify.verdicts import Change, Piece, Searched, Verdict
    from .arguments import ClaimArguments, VerifyArguments

_ITEMS_BYTES = MAX_RESULT_BYTES - 2_000
_QUOTE_BYTES = 160
_WORDS_BYTES = 160
_NAME_BYTES = 80
_ID_BYTES = 200
_NOTE_BYTES = 240
_MAX_LISTED = 6


@dataclass(frozen=True, slots=True)
class MeaningChange:
    """A difference that changes the meaning; *listen*: the captions cannot decide it, so listen at *start*."""

    kind: ChangeKind
    printed: str = ""
    said: str = ""
    start: str = ""
    url: str = ""
    listen: bool = False


@dataclass(frozen=True, slots=True)
class QuotePiece:
    """A piece of a spliced or partial quote; *left_out* are the words between it and the next one."""

    said: str
    start: str
    url: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class SearchedCaptions:
    """How much was searched: *complete* if all videos that the claim is about have captions.

    A quote that was not found may otherwise be in a video that was not searched.
    """

    scope: SearchScope
    videos: int
    with_captions: int
    languages: tuple[str, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class QuoteFinding:
    """The verdict for a quote.

    *confidence* is how likely it is right, from 0 to 1.  *speaker* is who speaks, as the captions state it.
    *elsewhere*: the moment is not in a video of the claim.  *cut_before* is the word with which the speaker went on
    where the quote stops.
    """

    quote: str
    verdict: VerdictKind
    speaker_check: SpeakerCheck
    confidence: float
    searched: SearchedCaptions
    id: str = ""
    moment: SpokenMoment | None = None
    speaker: str = ""
    changes: tuple[MeaningChange, ...] = ()
    pieces: tuple[QuotePiece, ...] = ()
    question: str = ""
    cut_before: str = ""
    elsewhere: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerdictList:
    """The verdicts, in the order of the claims."""

    notice: str
    verdicts: tuple[QuoteFinding, ...] = ()
    next_cursor: str = ""


def verify_quotes(index: Index, wanted: VerifyArguments) -> VerdictList:
    """Return a verdict for each claim; nothing is read from the network.  Raises `EngineError`."""
    request = wanted.model_dump()
    skipped = read_cursor(wanted.cursor, request)
    left = islice(wanted.claims, skipped, None)
    findings: Iterator[QuoteFinding] = map(describe_verdict, index.verify(map(_make_claim, left)))
    fitting, is_more = take_fitting(findings, to_fields, _ITEMS_BYTES)
    return VerdictList(NOTICE, tuple(fitting), make_cursor(skipped + len(fitting), request) if is_more else "")


def _make_claim(given: ClaimArguments) -> Claim:
    return Claim(given.quote, given.who, given.video, given.article, given.id)


def describe_verdict(verdict: Verdict) -> QuoteFinding:
    """Return *verdict* with short and clean texts."""
    context = verdict.context
    video_url = verdict.hit.video.url if verdict.hit else ""
    return QuoteFinding(
        quote=clean_text(verdict.claim.quote, _QUOTE_BYTES),
        verdict=verdict.verdict,
        speaker_check=verdict.speaker_check,
        confidence=round(verdict.confidence, 2),
        searched=_describe_searched(verdict.searched),
        id=clean_text(verdict.claim.id, _ID_BYTES),
        moment=describe_hit(verdict.hit) if verdict.hit else None,
        speaker=clean_text(verdict.speaker, _NAME_BYTES),
        changes=tuple(_describe_change(change, video_url) for change in verdict.changes[:_MAX_LISTED]),
        pieces=tuple(_describe_piece(piece, video_url) for piece in verdict.pieces[:_MAX_LISTED]),
        question=clean_text(context.question, _NOTE_BYTES) if context else "",
        cut_before=clean_text(context.cut_before, _NAME_BYTES) if context else "",
        elsewhere=verdict.elsewhere,
        notes=tuple(clean_text(note, _NOTE_BYTES) for note in verdict.notes[:_MAX_LISTED]),
    )


def _describe_change(change: Change, video_url: str) -> MeaningChange:
    return MeaningChange(
        kind=change.kind,
        printed=clean_text(change.printed, _WORDS_BYTES),
        said=clean_text(change.said, _WORDS_BYTES),
        start=format_clock(change.start_ms),
        url=_play_url(video_url, change.start_ms),
        listen=change.undecided,
    )


def _describe_piece(piece: Piece, video_url: str) -> QuotePiece:
    return QuotePiece(
        said=clean_text(piece.said, _WORDS_BYTES),
        start=format_clock(piece.start_ms),
        url=_play_url(video_url, piece.start_ms),
        left_out=clean_text(piece.gap, _WORDS_BYTES),
    )


def _play_url(video_url: str, start_ms: int) -> str:
    return web_url(make_deep_link(video_url, start_ms)) if web_url(video_url) else ""


def _describe_searched(searched: Searched) -> SearchedCaptions:
    return SearchedCaptions(
        searched.scope,
        searched.videos,
        searched.with_captions,
        tuple(clean_text(language, 20) for language in searched.languages[:_MAX_LISTED]),
        searched.complete,
    )
