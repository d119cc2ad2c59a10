"""Conversion of cues to a transcript: each word once, in order, with its time, and the normalized tokens."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import accumulate, compress, islice, repeat
from operator import le, lt, sub

from ..model import Cue, Transcript
from .annotations import Annotations, SpeechTexts, annotate_words
from .bilingual import group_languages
from .cue_times import interpolate_times, measure_words
from .formats.parse_result import ParseWarnings, format_warnings
from .normalize import normalize_words
from .overlaps import drop_repeated_starts
from .plain_cues import PlainCues, has_timed_words, start_column, to_columns
from .repeats import drop_copies, merge_highlighted
from .rolling import DisplayLine, split_cue_lines, unroll_cues

_NO_LIMIT_MS = 1 << 62


@dataclass(frozen=True, slots=True)
class CueTimes:
    """The times of words by cue: the number of its words, its start and its duration.

    The words at *silent* positions have no part of the time of their cue.
    """

    counts: Sequence[int]
    starts_ms: Sequence[int]
    durations_ms: Sequence[int]
    silent: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class WordTimes:
    """When each word starts and ends."""

    starts_ms: Sequence[int]
    ends_ms: Sequence[int]


@dataclass(frozen=True, slots=True)
class Speech:
    """What a track says: the fields of its transcript, but for the times of words, which most uses need for few."""

    words: Sequence[str]
    times: CueTimes | WordTimes
    sounds: Set[int]
    speakers: Sequence[tuple[int, str]]
    has_word_times: bool
    tokens: Sequence[str]
    word_index: Sequence[int]
    warnings: tuple[str, ...] = ()

    @property
    def end_ms(self) -> int:
        """Where the last word ends."""
        times = self.times
        if isinstance(times, CueTimes):
            return times.starts_ms[-1] + times.durations_ms[-1] if times.counts else 0
        return times.ends_ms[-1] if times.ends_ms else 0

    def to_transcript(self) -> Transcript:
        """Return the transcript, with the times of all words."""
        times = self.times
        if isinstance(times, CueTimes):
            cues = zip(times.counts, times.starts_ms, times.durations_ms, strict=True)
            times = WordTimes(*interpolate_times(cues, measure_words(self.words, times.silent)))
        return Transcript(
            words=tuple(self.words),
            starts_ms=tuple(times.starts_ms),
            ends_ms=tuple(times.ends_ms),
            sounds=frozenset(self.sounds),
            speakers=tuple(self.speakers),
            has_word_times=self.has_word_times,
            tokens=tuple(self.tokens),
            word_index=tuple(self.word_index),
            warnings=self.warnings,
        )


def make_transcript(cues: Sequence[Cue], *, automatic: bool | None = None) -> Transcript:
    """Return the transcript of the *cues* of a track.

    Unless *automatic* is False, copies of a cue, cues that repeat a line to highlight its words in turn, and rolling
    captions, which repeat their lines, are found and read once, and the lines of two languages are put apart.  If the
    track does not state the times of words, they are interpolated from those of their cue by length.  Start times never
    decrease.  The warnings of the transcript tell what was guessed or left out.

    Raises `CaptionError` if there are too many words.
    """
    return make_speech(cues, automatic=automatic).to_transcript()


def make_speech(cues: Sequence[Cue], *, automatic: bool | None = None) -> Speech:
    """Do the same as `make_transcript`, without the times of single words."""
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
    tokens, word_index = normalize_speech(annotations.words, annotations.sounds)
    return Speech(
        words=annotations.words,
        times=timer.make_times(),
        sounds=annotations.sounds,
        speakers=annotations.speakers,
        has_word_times=2 * timer.stated_count > len(annotations.words),
        tokens=tokens,
        word_index=word_index,
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
        merged = drop_repeated_starts(merge_highlighted(unique, warnings), warnings)
        grouped = group_languages(merged)
        if grouped is not merged:
            warnings["lines of two languages put apart, those of the second at estimated times"] += 1
        return unroll_cues(grouped, warnings)
    if has_timed_words(cues):
        return [line for cue in cues for line in split_cue_lines(cue)]
    return cues


def normalize_speech(words: Sequence[str], sounds: Collection[int]) -> tuple[list[str], list[int]]:
    """Return the tokens of *words* without *sounds*, so that a phrase may continue after one, and the word of each."""
    if not sounds:
        return normalize_words(words)
    is_spoken = bytearray(b"\1") * len(words)
    for at in sounds:
        is_spoken[at] = 0
    tokens, word_index = normalize_words(list(compress(words, is_spoken)))
    positions = list(compress(range(len(is_spoken)), is_spoken))
    return tokens, [positions[at] for at in word_index]


@dataclass(slots=True)
class _WordTimer:
    """Assigns times to words, cue by cue: start times never decrease, and no word ends before it starts.

    *stated* are the starts of the words of those cues, by their position, whose words have times of their own.
    """

    words: Sequence[str]
    labels: Set[int]
    counts: list[int] = field(default_factory=list)
    starts_ms: list[int] = field(default_factory=list)
    durations_ms: list[int] = field(default_factory=list)
    stated: dict[int, list[int]] = field(default_factory=dict)
    timed_count: int = 0
    stated_count: int = 0

    def share_time(self, count: int, start_ms: int, end_ms: int) -> None:
        """Divide the time from *start_ms* to *end_ms* among the next *count* words, by their lengths."""
        self._add_cue(count, max(start_ms, self._least_start(start_ms)), end_ms)

    def share_times(self, counts: Sequence[int], starts_ms: Sequence[int], ends_ms: Iterable[int]) -> None:
        """Do the same for all cues of a track, none of which starts before the one before it ends."""
        self.counts, self.starts_ms = [*counts], [*starts_ms]
        self.durations_ms = list(map(max, map(sub, ends_ms, starts_ms), repeat(0)))

    def add_stated(self, starts_ms: list[int], end_ms: int) -> None:
        """Add the times that the track itself states."""
        least = max(0, self._least_start(starts_ms[0]))
        if starts_ms[0] < least or starts_ms != sorted(starts_ms):
            starts_ms = list(accumulate([least, *starts_ms], max))[1:]
        self.stated[len(self.counts)] = starts_ms
        self.stated_count += len(starts_ms)
        self._add_cue(len(starts_ms), starts_ms[0], max(starts_ms[-1], end_ms))

    def make_times(self) -> CueTimes | WordTimes:
        """Return the times of all words; those of cues if they take less space."""
        if not self.stated and 2 * len(self.counts) <= len(self.words):
            silent = tuple(sorted(self._find_silent())) if self.labels else ()
            return CueTimes(self.counts, self.starts_ms, self.durations_ms, silent)
        starts_ms: list[int] = []
        ends_ms: list[int] = []
        for cue, count in enumerate(self.counts):
            starts, ends = self._time_cue(cue, count, len(starts_ms))
            starts_ms += starts
            ends_ms += ends
        return WordTimes(starts_ms, ends_ms)

    def _add_cue(self, count: int, start_ms: int, end_ms: int) -> None:
        self.counts.append(count)
        self.starts_ms.append(start_ms)
        self.durations_ms.append(max(0, end_ms - start_ms))
        self.timed_count += count

    def _least_start(self, start_ms: int) -> int:
        """Return the start of the word before, or *start_ms* if that is certainly not earlier."""
        if not self.counts or self.starts_ms[-1] + self.durations_ms[-1] <= start_ms:
            return start_ms
        count = self.counts[-1]
        return self._time_cue(len(self.counts) - 1, count, self.timed_count - count)[0][-1]

    def _time_cue(self, cue: int, count: int, first: int) -> tuple[list[int], list[int]]:
        """Return the starts and the ends of the *count* words of *cue*, the first of which is the word *first*."""
        start_ms, duration_ms = self.starts_ms[cue], self.durations_ms[cue]
        if stated := self.stated.get(cue):
            return stated, [*stated[1:], start_ms + duration_ms]
        if count == 1:
            return [start_ms], [start_ms + duration_ms]
        silent = [at for at in range(count) if first + at in self.labels] if self.labels else ()
        lengths = measure_words(self.words[first : first + count], silent)
        return interpolate_times([(count, start_ms, duration_ms)], lengths)

    def _find_silent(self) -> Iterator[int]:
        """Yield the labels that share the time of a cue with other words: one alone has all of it."""
        ends = list(accumulate(self.counts))
        for at in self.labels:
            if self.counts[bisect_right(ends, at)] > 1:
                yield at


def _time_words(lines: Sequence[DisplayLine | Cue], annotations: Annotations) -> _WordTimer:
    """Assign times to the words of *lines*; lines that start together share the time until the next one."""
    timer = _WordTimer(annotations.words, annotations.labels)
    if isinstance(lines, PlainCues):
        _time_plain_cues(lines, annotations.words_per_text, timer)
    else:
        _time_lines(lines, annotations, timer)
    return timer


def _time_plain_cues(cues: PlainCues, counts: Sequence[int], timer: _WordTimer) -> None:
    starts, pending = cues.starts_ms, 0
    following = [*starts[1:], _NO_LIMIT_MS][: len(starts)]
    if all(counts) and all(map(lt, starts, following)):
        timer.share_times(counts, starts, map(min, cues.ends_ms, following))
        return
    for start, end, limit, after, count in zip(
        starts, cues.ends_ms, _next_starts(starts), following, counts, strict=True
    ):
        pending += count
        if pending and after != start:  # else the next cue shares the time
            timer.share_time(pending, start, limit if start < limit < end else end)
            pending = 0


def _time_lines(lines: Sequence[DisplayLine | Cue], annotations: Annotations, timer: _WordTimer) -> None:
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
            timer.share_time(at - first, line.start_ms, end)
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
