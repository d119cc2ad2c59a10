"""A transcript as paragraphs to read, every word of which knows its time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ...model import Hit, Transcript
from ...transcripts.casing import is_all_caps, to_sentence_case
from ...transcripts.export import find_speaker_marks
from ...transcripts.timecode import format_clock
from .hits import TextPiece, TextPieceKind
from .urls import video_path

_SOFT_MAX_CHARS = 260  # characters after which a paragraph ends with a sentence
_MAX_CHARS = 560  # characters after which it ends anyhow
_MIN_PAUSE_MS = 2500
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What is said without a break.

    *gaps* are the hundredths of a second from each word's start to the next word's, from *start_ms* on, separated by
    commas; the words of *pieces* are separated by single blanks.  *speaker* is named where another one begins.
    """

    start_ms: int
    clock: str
    href: str
    speaker: str
    gaps: str
    pieces: tuple[TextPiece, ...]
    is_now: bool = False


def restore_sentence_case(transcript: Transcript) -> Transcript:
    """Write captions that are all in capitals in small letters."""
    if not is_all_caps(transcript.words):
        return transcript
    return replace(transcript, words=tuple(to_sentence_case(transcript.words)))


def split_paragraphs(
    transcript: Transcript, *, video: str, at_ms: int, hits: Sequence[Hit] = (), language: str = ""
) -> tuple[Paragraph, ...]:
    """Cut *transcript* into paragraphs, with *hits* marked and the one spoken at *at_ms* told."""
    marked = _find_marked_words(transcript, hits)
    runs = list(_split_runs(transcript))
    starts = [transcript.starts_ms[run[0]] for run in runs]
    now = bisect_right(starts, at_ms) - 1 if at_ms else -1
    names = _speaker_names(transcript, runs)
    return tuple(
        Paragraph(
            start_ms=start,
            clock=format_clock(start),
            href=video_path(video, at_ms=start, language=language),
            speaker=name,
            gaps=_format_gaps(transcript, run),
            pieces=tuple(_join_pieces(transcript, run, marked)),
            is_now=number == now,
        )
        for number, (run, start, name) in enumerate(zip(runs, starts, names, strict=True))
    )


def find_words_between(transcript: Transcript, start_ms: int, end_ms: int) -> range:
    """Give the words that are said from *start_ms* to *end_ms*."""
    first = bisect_left(transcript.starts_ms, start_ms)
    return range(first, bisect_left(transcript.starts_ms, max(end_ms, start_ms + 1), first))


def find_speaker_at(transcript: Transcript, word: int) -> str:
    """Tell who says *word*; empty where nobody is named."""
    at = bisect_right(transcript.speakers, word, key=lambda pair: pair[0])
    return transcript.speakers[at - 1][1] if at else ""


def _format_gaps(transcript: Transcript, run: Sequence[int]) -> str:
    """Write the times of words so that they are short and what is rounded does not add up.

    Rounded down: a player that stands at a word's start is at that word, not at the one before.
    """
    start = transcript.starts_ms[run[0]]
    places = [(transcript.starts_ms[at] - start) // 10 for at in run]
    return ",".join(str(after - before) for before, after in pairwise(places))


def _find_marked_words(transcript: Transcript, hits: Iterable[Hit]) -> frozenset[int]:
    return frozenset(word for hit in hits for word in find_words_between(transcript, hit.start_ms, hit.end_ms))


def _split_runs(transcript: Transcript) -> Iterator[list[int]]:
    """Give the words of each paragraph, those that only name the speaker left out."""
    turns, names = {at for at, _ in transcript.speakers}, find_speaker_marks(transcript)
    run: list[int] = []
    size = 0
    for at in range(len(transcript.words)):
        if run and (at in turns or _is_paragraph_end(transcript, run[-1], at, size)):
            yield run
            run, size = [], 0
        if at not in names:
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
    before = ""
    for run in runs:
        name = find_speaker_at(transcript, run[0])
        yield name if name != before else ""
        before = name


def _join_pieces(transcript: Transcript, run: Sequence[int], marked: frozenset[int]) -> Iterator[TextPiece]:
    """Join words that are shown alike; blanks between unlike ones stand by themselves."""
    kinds = [_piece_kind(transcript, at, marked) for at in run]
    start = 0
    for end in range(1, len(run) + 1):
        if end < len(run) and kinds[end] == kinds[start]:
            continue
        yield TextPiece(" ".join(transcript.words[at] for at in run[start:end]), kinds[start])
        if end < len(run):
            yield TextPiece(" ")
        start = end


def _piece_kind(transcript: Transcript, at: int, marked: frozenset[int]) -> TextPieceKind:
    if at in marked:
        return "mark"
    return "sound" if at in transcript.sounds else ""
