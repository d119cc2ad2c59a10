"""Transcripts as paragraphs, with the time of every word."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...model import Hit, Transcript
from ...transcripts.export import find_speaker_marks
from ...transcripts.timecode import format_clock
from .hits import TextPiece, TextPieceKind, split_hit_text
from .urls import video_path

_SOFT_MAX_CHARS = 260  # after this length, a paragraph ends with the next sentence
_MAX_CHARS = 560  # after this length, a paragraph ends anywhere
_MIN_PAUSE_MS = 2500
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a transcript.

    *gaps* are the intervals between the starts of consecutive words, in hundredths of a second, separated by commas;
    the first word starts at *start_ms*. The words of *pieces* are separated by single spaces. *speaker* is set if the
    speaker changes. *is_current*: the paragraph is being played.
    """

    start_ms: int
    clock: str
    href: str
    speaker: str
    gaps: str
    pieces: tuple[TextPiece, ...]
    is_current: bool = False


def split_paragraphs(
    transcript: Transcript, *, video: str, at_ms: int, hits: Sequence[Hit] = (), language: str = ""
) -> tuple[Paragraph, ...]:
    """Split *transcript* into paragraphs, with *hits* marked; the one spoken at *at_ms* is the current one."""
    marked = _find_marked_words(transcript, hits)
    runs = list(_split_runs(transcript))
    starts = [transcript.starts_ms[run[0]] for run in runs]
    current = bisect_right(starts, at_ms) - 1 if at_ms else -1
    names = _speaker_names(transcript, runs)
    return tuple(
        Paragraph(
            start_ms=start,
            clock=format_clock(start),
            href=video_path(video, at_ms=start, language=language),
            speaker=name,
            gaps=_format_gaps(transcript, run),
            pieces=tuple(_join_pieces(transcript, run, marked)),
            is_current=number == current,
        )
        for number, (run, start, name) in enumerate(zip(runs, starts, names, strict=True))
    )


def find_words_between(transcript: Transcript, start_ms: int, end_ms: int) -> range:
    """Return the indices of the words that start from *start_ms* to *end_ms*."""
    first = bisect_left(transcript.starts_ms, start_ms)
    return range(first, bisect_left(transcript.starts_ms, max(end_ms, start_ms + 1), first))


def find_speaker_at(transcript: Transcript, word: int) -> str:
    """Return the speaker of the word with the index *word*; empty if unknown."""
    at = bisect_right(transcript.speakers, word, key=lambda pair: pair[0])
    return transcript.speakers[at - 1][1] if at else ""


def _format_gaps(transcript: Transcript, run: Sequence[int]) -> str:
    """Return the intervals between words; rounding errors do not accumulate.

    Times are rounded down, so that a player positioned at the start of a word highlights that word, not the one before.
    """
    start = transcript.starts_ms[run[0]]
    offsets = [(transcript.starts_ms[at] - start) // 10 for at in run]
    return ",".join(str(after - before) for before, after in pairwise(offsets))


def _find_marked_words(transcript: Transcript, hits: Iterable[Hit]) -> dict[int, TextPieceKind]:
    """Return the style of each word of *hits*: whether it matches or differs, as in the list of hits."""
    kinds: dict[int, TextPieceKind] = {}
    for hit in hits:
        for at, kind in zip(_find_hit_words(transcript, hit), _hit_word_kinds(hit), strict=False):
            if kind and kinds.get(at) != "mark":
                kinds[at] = kind
    return kinds


def _find_hit_words(transcript: Transcript, hit: Hit) -> range:
    """Return the words of *hit*: several may start at its time, as in a caption that is repeated at once."""
    first = bisect_left(transcript.starts_ms, hit.start_ms)
    spoken = [word.casefold() for word in hit.text.split(" ")]
    last = bisect_right(transcript.starts_ms, hit.start_ms, first)
    for at in range(first, last):
        if [word.casefold() for word in transcript.words[at : at + len(spoken)]] == spoken:
            return range(at, at + len(spoken))
    return find_words_between(transcript, hit.start_ms, hit.end_ms)


def _hit_word_kinds(hit: Hit) -> Iterator[TextPieceKind]:
    for piece in split_hit_text(hit):
        if words := piece.text.strip(" "):
            yield from [piece.kind] * len(words.split(" "))


def _split_runs(transcript: Transcript) -> Iterator[list[int]]:
    """Yield the word indices of each paragraph, without words that only name the speaker."""
    turns, speaker_marks = {at for at, _ in transcript.speakers}, find_speaker_marks(transcript)
    run: list[int] = []
    size = 0
    for at in range(len(transcript.words)):
        if run and (at in turns or _is_paragraph_end(transcript, run[-1], at, size)):
            yield run
            run, size = [], 0
        if at not in speaker_marks:
            run.append(at)
            size += len(transcript.words[at]) + 1
    if run:
        yield run


def _is_paragraph_end(transcript: Transcript, last: int, at: int, size: int) -> bool:
    if size > _MAX_CHARS:
        return True
    if transcript.starts_ms[at] - transcript.ends_ms[last] > _MIN_PAUSE_MS:
        return True
    return size > _SOFT_MAX_CHARS and transcript.words[last].rstrip("\"'”’)]").endswith(_SENTENCE_ENDS)


def _speaker_names(transcript: Transcript, runs: Sequence[Sequence[int]]) -> Iterator[str]:
    previous = ""
    for run in runs:
        name = find_speaker_at(transcript, run[0])
        yield name if name != previous else ""
        previous = name


def _join_pieces(
    transcript: Transcript, run: Sequence[int], marked: Mapping[int, TextPieceKind]
) -> Iterator[TextPiece]:
    """Join consecutive words of one style; the spaces between pieces are pieces of their own."""
    kinds = [_piece_kind(transcript, at, marked) for at in run]
    start = 0
    for end in range(1, len(run) + 1):
        if end < len(run) and kinds[end] == kinds[start]:
            continue
        yield TextPiece(" ".join(transcript.words[at] for at in run[start:end]), kinds[start])
        if end < len(run):
            yield TextPiece(" ")
        start = end


def _piece_kind(transcript: Transcript, at: int, marked: Mapping[int, TextPieceKind]) -> TextPieceKind:
    return marked.get(at, "sound" if at in transcript.sounds else "")
