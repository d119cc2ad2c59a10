"""Cues to transcript: every word once, in order, with its time, its speaker, and its folded tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from ..model import Cue, Transcript
from .annotations import Annotations, SpeechText, annotate_words
from .normalize import normalize_words
from .rolling import DisplayLine, RollingProfile, deduplicate_rolling, detect_rolling, split_cue_lines


def make_transcript(cues: Sequence[Cue], *, automatic: bool | None = None) -> Transcript:
    """Make the transcript of a track.

    *automatic* False leaves the cues as they are; otherwise the cues themselves tell whether they roll.
    Words that the track gives no times for share their cue's by length.  Starts never fall.
    """
    lines = _cue_lines(_sort_cues(cues), automatic=automatic)
    marks = annotate_words([SpeechText(line.text, line.speaker, line.words != ()) for line in lines])
    clock = _time_words(lines, marks)
    del cues, lines  # a file as large as may be takes much memory in each form: no two of them longer than needed
    tokens, origins = _normalize_speech(marks)
    return Transcript(
        words=tuple(marks.words),
        starts_ms=tuple(clock.starts_ms),
        ends_ms=tuple(clock.ends_ms),
        sounds=frozenset(marks.sounds),
        speakers=tuple(marks.speakers),
        has_word_times=2 * clock.stated_count > len(clock.starts_ms),
        tokens=tuple(tokens),
        word_index=tuple(origins),
    )


def _sort_cues(cues: Sequence[Cue]) -> Sequence[Cue]:
    if all(before.start_ms <= after.start_ms for before, after in pairwise(cues)):
        return cues
    return sorted(cues, key=lambda cue: cue.start_ms)


def _cue_lines(cues: Sequence[Cue], *, automatic: bool | None) -> Sequence[DisplayLine | Cue]:
    habit = detect_rolling(cues) if automatic is not False else RollingProfile()
    if habit.rolls:
        return deduplicate_rolling(cues, grows=habit.grows)
    if any(cue.words for cue in cues):
        return [line for cue in cues for line in split_cue_lines(cue)]
    return cues


def _normalize_speech(annotations: Annotations) -> tuple[list[str], list[int]]:
    """Fold what is speech alone, so that a sound breaks no phrase."""
    if not annotations.sounds:
        return normalize_words(annotations.words)
    spoken = [at for at in range(len(annotations.words)) if at not in annotations.sounds]
    tokens, origins = normalize_words([annotations.words[at] for at in spoken])
    return tokens, [spoken[origin] for origin in origins]


@dataclass(slots=True)
class _WordTimer:
    """Deals out times to words: starts never fall, and no word ends before it starts."""

    starts_ms: list[int] = field(default_factory=list)
    ends_ms: list[int] = field(default_factory=list)
    stated_count: int = 0

    def share_time(self, words: Sequence[str], start_ms: int, end_ms: int) -> None:
        """Share the time from *start_ms* to *end_ms* among *words* by length."""
        if self.starts_ms and self.starts_ms[-1] > start_ms:
            start_ms = self.starts_ms[-1]
        span = end_ms - start_ms
        if span <= 0 or len(words) == 1:
            self.starts_ms += [start_ms] * len(words)
            self.ends_ms += [max(start_ms, end_ms)] * len(words)
            return
        reached = list(accumulate([len(word) + 1 for word in words]))
        total = reached[-1]
        edges = [start_ms + span * length // total for length in reached]
        self.starts_ms.append(start_ms)
        self.starts_ms += edges
        self.starts_ms.pop()
        self.ends_ms += edges

    def add_stated(self, starts_ms: list[int], end_ms: int) -> None:
        """Take over the times that the track itself states."""
        least = self.starts_ms[-1] if self.starts_ms else 0
        if starts_ms[0] < least or starts_ms != sorted(starts_ms):
            starts_ms = list(accumulate([least, *starts_ms], max))[1:]
        self.starts_ms += starts_ms
        self.ends_ms += starts_ms[1:]
        self.ends_ms.append(max(starts_ms[-1], end_ms))
        self.stated_count += len(starts_ms)


def _time_words(lines: Sequence[DisplayLine | Cue], annotations: Annotations) -> _WordTimer:
    """Time the words of *lines*: those that start together share what is left until the next one."""
    clock = _WordTimer()
    words, at, first = annotations.words, 0, 0
    limits = _next_starts(lines)
    for index, (line, count) in enumerate(zip(lines, annotations.words_per_text, strict=True)):
        at += count
        if at == first:
            continue
        limit = limits[index]
        end = limit if line.start_ms < limit < line.end_ms else line.end_ms
        if line.words and len(line.words) == at - first:
            clock.add_stated([word.start_ms for word in line.words], end)
        elif isinstance(line, DisplayLine) and len(line.growth) > 1 and at - first == count:
            clock.add_stated(_growth_starts(line, words[first:at]), end)
        elif index + 1 < len(lines) and lines[index + 1].start_ms == line.start_ms and not lines[index + 1].words:
            continue  # the next line starts at once: share the time with it
        else:
            clock.share_time(words[first:at], line.start_ms, end)
        first = at
    return clock


def _next_starts(lines: Sequence[DisplayLine | Cue]) -> list[int]:
    """Tell for each line when the next one starts that does not start with it."""
    limits = [1 << 62] * len(lines)
    for index in range(len(lines) - 2, -1, -1):
        after = lines[index + 1].start_ms
        limits[index] = after if after > lines[index].start_ms else limits[index + 1]
    return limits


def _growth_starts(line: DisplayLine, words: Sequence[str]) -> list[int]:
    """Tell when the first letter of each word stood there."""
    starts = []
    marks = iter(line.growth)
    reached, ms = next(marks)
    at = 0
    for word in words:
        at = max(line.text.find(word, at), at)
        while reached <= at:
            reached, ms = next(marks, (1 << 62, ms))
        starts.append(ms)
        at += len(word)
    return starts
