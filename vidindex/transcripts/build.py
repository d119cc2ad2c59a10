"""Cues to transcript: every word once, in order, with its time, its speaker, and its folded tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from ..model import Cue, Transcript
from .annotations import Marks, Said, mark_words
from .normalize import fold
from .rolling import Habits, Line, habits, lines_of, unroll


def make_transcript(cues: Sequence[Cue], *, automatic: bool | None = None) -> Transcript:
    """Make the transcript of a track.

    *automatic* False leaves the cues as they are; otherwise the cues themselves tell whether they roll.
    Words that the track gives no times for share their cue's by length.  Starts never fall.
    """
    lines = _lines(_in_order(cues), automatic=automatic)
    marks = mark_words([Said(line.text, line.speaker, line.words != ()) for line in lines])
    clock = _times(lines, marks)
    del cues, lines  # a file as large as may be takes much memory in each form: no two of them longer than needed
    tokens, origins = _fold_speech(marks)
    return Transcript(
        words=tuple(marks.words),
        starts_ms=tuple(clock.starts),
        ends_ms=tuple(clock.ends),
        sounds=frozenset(marks.sounds),
        speakers=tuple(marks.speakers),
        timed=2 * clock.stated > len(clock.starts),
        tokens=tuple(tokens),
        origins=tuple(origins),
    )


def _in_order(cues: Sequence[Cue]) -> Sequence[Cue]:
    if all(before.start_ms <= after.start_ms for before, after in pairwise(cues)):
        return cues
    return sorted(cues, key=lambda cue: cue.start_ms)


def _lines(cues: Sequence[Cue], *, automatic: bool | None) -> Sequence[Line | Cue]:
    habit = habits(cues) if automatic is not False else Habits()
    if habit.rolls:
        return unroll(cues, grows=habit.grows)
    if any(cue.words for cue in cues):
        return [line for cue in cues for line in lines_of(cue)]
    return cues


def _fold_speech(marks: Marks) -> tuple[list[str], list[int]]:
    """Fold what is speech alone, so that a sound breaks no phrase."""
    if not marks.sounds:
        return fold(marks.words)
    spoken = [at for at in range(len(marks.words)) if at not in marks.sounds]
    tokens, origins = fold([marks.words[at] for at in spoken])
    return tokens, [spoken[origin] for origin in origins]


@dataclass(slots=True)
class _Clock:
    """Deals out times to words: starts never fall, and no word ends before it starts."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    stated: int = 0

    def share(self, words: Sequence[str], start_ms: int, end_ms: int) -> None:
        """Share the time from *start_ms* to *end_ms* among *words* by length."""
        if self.starts and self.starts[-1] > start_ms:
            start_ms = self.starts[-1]
        span = end_ms - start_ms
        if span <= 0 or len(words) == 1:
            self.starts += [start_ms] * len(words)
            self.ends += [max(start_ms, end_ms)] * len(words)
            return
        reached = list(accumulate([len(word) + 1 for word in words]))
        total = reached[-1]
        edges = [start_ms + span * length // total for length in reached]
        self.starts.append(start_ms)
        self.starts += edges
        self.starts.pop()
        self.ends += edges

    def state(self, starts_ms: list[int], end_ms: int) -> None:
        """Take over the times that the track itself states."""
        least = self.starts[-1] if self.starts else 0
        if starts_ms[0] < least or starts_ms != sorted(starts_ms):
            starts_ms = list(accumulate([least, *starts_ms], max))[1:]
        self.starts += starts_ms
        self.ends += starts_ms[1:]
        self.ends.append(max(starts_ms[-1], end_ms))
        self.stated += len(starts_ms)


def _times(lines: Sequence[Line | Cue], marks: Marks) -> _Clock:
    """Time the words of *lines*: those that start together share what is left until the next one."""
    clock = _Clock()
    words, at, first = marks.words, 0, 0
    limits = _limits(lines)
    for index, (line, count) in enumerate(zip(lines, marks.counts, strict=True)):
        at += count
        if at == first:
            continue
        limit = limits[index]
        end = limit if line.start_ms < limit < line.end_ms else line.end_ms
        if line.words and len(line.words) == at - first:
            clock.state([word.start_ms for word in line.words], end)
        elif isinstance(line, Line) and len(line.growth) > 1 and at - first == count:
            clock.state(_growth_starts(line, words[first:at]), end)
        elif index + 1 < len(lines) and lines[index + 1].start_ms == line.start_ms and not lines[index + 1].words:
            continue  # the next line starts at once: share the time with it
        else:
            clock.share(words[first:at], line.start_ms, end)
        first = at
    return clock


def _limits(lines: Sequence[Line | Cue]) -> list[int]:
    """Tell for each line when the next one starts that does not start with it."""
    limits = [1 << 62] * len(lines)
    for index in range(len(lines) - 2, -1, -1):
        after = lines[index + 1].start_ms
        limits[index] = after if after > lines[index].start_ms else limits[index + 1]
    return limits


def _growth_starts(line: Line, words: Sequence[str]) -> list[int]:
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
