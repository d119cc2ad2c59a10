"""Conversion of cues to a transcript: each word once, in order, with its time, and the normalized tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress, islice
from operator import le, lt

from ..model import Cue, Transcript
from .annotations import Annotations, SpeechTexts, annotate_words
from .bilingual import group_languages
from .formats.parse_result import ParseWarnings, format_warnings
from .normalize import normalize_words
from .plain_cues import PlainCues, has_timed_words, start_column, to_columns
from .repeats import drop_copies, merge_highlighted
from .rolling import DisplayLine, split_cue_lines, unroll_cues

_NO_LIMIT_MS = 1 << 62


def make_transcript(cues: Sequence[Cue], *, automatic: bool | None = None) -> Transcript:
    """Return the transcript of the *cues* of a track.

    Unless *automatic* is False, copies of a cue, cues that repeat a line to highlight its words in turn, and rolling
    captions, which repeat their lines, are found and read once, and the lines of two languages are put apart.  If the
    track does not state the times of words, they are interpolated from those of their cue by length.  Start times never
    decrease.  The warnings of the transcript tell what was guessed or left out.

    Raises `CaptionError` if there are too many words.
    """
    warnings = ParseWarnings()
    lines = _cue_lines(_sort_cues(to_columns(cues)), warnings, automatic=automatic)
    speech = _speech_texts(lines)
    annotations = annotate_words(speech)
    if annotations.guessed_names:
        warnings["name before a colon taken for that of the speaker"] += len(annotations.guessed_names)
    if any("\0" in text for text in speech.texts):
        _replace_nul(annotations.words)
    timer = _time_words(lines, annotations)
    del cues, lines, speech  # free them early: each form of the largest file takes much memory
    tokens, word_index = _normalize_speech(annotations)
    return Transcript(
        words=tuple(annotations.words),
        starts_ms=tuple(timer.starts_ms),
        ends_ms=tuple(timer.list_ends()),
        sounds=frozenset(annotations.sounds),
        speakers=tuple(annotations.speakers),
        has_word_times=2 * timer.stated_count > len(timer.starts_ms),
        tokens=tuple(tokens),
        word_index=tuple(word_index),
        warnings=format_warnings(warnings),
    )


def _replace_nul(words: list[str]) -> None:
    """Replace the NUL characters in *words*, as WebVTT does: they end a text in the store."""
    words[:] = [word.replace("\0", "\ufffd") for word in words]


def _speech_texts(lines: Sequence[DisplayLine | Cue]) -> SpeechTexts:
    if isinstance(lines, PlainCues):
        return SpeechTexts(lines.texts)
    speakers, has_word_times = [line.speaker for line in lines], [line.words != () for line in lines]
    return SpeechTexts([line.text for line in lines], speakers, has_word_times)


def _sort_cues(cues: Sequence[Cue]) -> Sequence[Cue]:
    starts = start_column(cues)
    if all(map(le, starts, islice(starts, 1, None))):
        return cues
    return sorted(cues, key=lambda cue: cue.start_ms)


def _cue_lines(cues: Sequence[Cue], warnings: ParseWarnings, *, automatic: bool | None) -> Sequence[DisplayLine | Cue]:
    if automatic is not False:
        unique = drop_copies(cues)
        if len(unique) < len(cues):
            warnings["copy of a cue dropped"] += len(cues) - len(unique)
        merged = merge_highlighted(unique, warnings)
        grouped = group_languages(merged)
        if grouped is not merged:
            warnings["lines of two languages put apart, those of the second at estimated times"] += 1
        return unroll_cues(grouped, warnings)
    if has_timed_words(cues):
        return [line for cue in cues for line in split_cue_lines(cue)]
    return cues


def _normalize_speech(annotations: Annotations) -> tuple[list[str], list[int]]:
    """Normalize only the speech, so that a phrase may continue after a sound."""
    if not annotations.sounds:
        return normalize_words(annotations.words)
    is_spoken = bytearray(b"\1") * len(annotations.words)
    for at in annotations.sounds:
        is_spoken[at] = 0
    tokens, word_index = normalize_words(list(compress(annotations.words, is_spoken)))
    positions = list(compress(range(len(is_spoken)), is_spoken))
    return tokens, [positions[at] for at in word_index]


@dataclass(slots=True)
class _WordTimer:
    """Assigns times to words: start times never decrease, and no word ends before it starts.

    A word ends where the next one starts, apart from the last words of lines.
    """

    starts_ms: list[int] = field(default_factory=list)
    stated_count: int = 0
    last_ends_ms: dict[int, int] = field(default_factory=dict)

    def share_time(self, lengths: Sequence[int], start_ms: int, end_ms: int) -> None:
        """Divide the time from *start_ms* to *end_ms* among the words of a line by their *lengths*."""
        starts_ms = self.starts_ms
        if starts_ms and starts_ms[-1] > start_ms:
            start_ms = starts_ms[-1]
        duration = end_ms - start_ms
        if duration <= 0 or len(lengths) == 1:
            starts_ms += [start_ms] * len(lengths)
            end_ms = max(start_ms, end_ms)
        else:
            edges = list(accumulate(lengths, initial=0))
            total = edges.pop()
            if not total:
                total, end_ms = 1, start_ms
            starts_ms += [start_ms + duration * edge // total for edge in edges]
        self.last_ends_ms[len(starts_ms) - 1] = end_ms

    def add_stated(self, starts_ms: list[int], end_ms: int) -> None:
        """Add the times that the track itself states."""
        least = self.starts_ms[-1] if self.starts_ms else 0
        if starts_ms[0] < least or starts_ms != sorted(starts_ms):
            starts_ms = list(accumulate([least, *starts_ms], max))[1:]
        self.starts_ms += starts_ms
        self.last_ends_ms[len(self.starts_ms) - 1] = max(starts_ms[-1], end_ms)
        self.stated_count += len(starts_ms)

    def list_ends(self) -> list[int]:
        """Return the ends of all words."""
        ends_ms = [*self.starts_ms[1:], 0] if self.starts_ms else []
        for at, end in self.last_ends_ms.items():
            ends_ms[at] = end
        return ends_ms


def _time_words(lines: Sequence[DisplayLine | Cue], annotations: Annotations) -> _WordTimer:
    """Assign times to the words of *lines*; lines that start together share the time until the next one."""
    timer = _WordTimer()
    lengths = [len(word) + 1 for word in annotations.words]
    for at in annotations.labels:
        lengths[at] = 0  # nobody says a mark or a name before the words of a speaker
    if isinstance(lines, PlainCues):
        _time_plain_cues(lines, annotations.words_per_text, lengths, timer)
    else:
        _time_lines(lines, annotations, lengths, timer)
    return timer


def _time_plain_cues(cues: PlainCues, counts: Sequence[int], lengths: Sequence[int], timer: _WordTimer) -> None:
    starts, first, at = cues.starts_ms, 0, 0
    following = [*starts[1:], _NO_LIMIT_MS][: len(starts)]
    for start, end, limit, after, count in zip(
        starts, cues.ends_ms, _next_starts(starts), following, counts, strict=True
    ):
        at += count
        if at > first and after != start:  # else the next cue shares the time
            timer.share_time(lengths[first:at], start, limit if start < limit < end else end)
            first = at


def _time_lines(
    lines: Sequence[DisplayLine | Cue], annotations: Annotations, lengths: Sequence[int], timer: _WordTimer
) -> None:
    words, at, first = annotations.words, 0, 0
    limits = _next_starts([line.start_ms for line in lines])
    for index, (line, count) in enumerate(zip(lines, annotations.words_per_text, strict=True)):
        at += count
        if at == first:
            continue
        limit = limits[index]
        end = limit if line.start_ms < limit < line.end_ms else line.end_ms
        if line.words and len(line.words) == at - first:
            timer.add_stated([word.start_ms for word in line.words], end)
        elif isinstance(line, DisplayLine) and line.growth and len(line.growth) > 1 and at - first == count:
            timer.add_stated(_growth_starts(line.text, line.growth, words[first:at]), end)
        elif index + 1 < len(lines) and lines[index + 1].start_ms == line.start_ms and not lines[index + 1].words:
            continue  # the next line starts at the same time, and shares it
        else:
            timer.share_time(lengths[first:at], line.start_ms, end)
        first = at


def _next_starts(starts: Sequence[int]) -> Sequence[int]:
    """Return for each start of a line that of the next line that starts later."""
    if all(map(lt, starts, islice(starts, 1, None))):
        return [*starts[1:], _NO_LIMIT_MS][: len(starts)]
    limits = [_NO_LIMIT_MS] * len(starts)
    for index in range(len(starts) - 2, -1, -1):
        after = starts[index + 1]
        limits[index] = after if after > starts[index] else limits[index + 1]
    return limits


def _growth_starts(text: str, growth: Sequence[tuple[int, int]], words: Sequence[str]) -> list[int]:
    """Return when the first letter of each word of the line *text* appeared."""
    starts = []
    steps = iter(growth)
    length, ms = next(steps)
    at = 0
    for word in words:
        at = max(text.find(word, at), at)
        while length <= at:
            length, ms = next(steps, (1 << 62, ms))
        starts.append(ms)
        at += len(word)
    return starts
