"""LRC: lyrics with a time before each line, and in its enhanced forms before each word, in angle or square brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...model import Cue
from ..limits import MAX_CUES, CueBudget, check_cue_size, collect_cues, count_up_to
from ..timecode import format_timestamp, parse_timestamp_ms
from .cue_text import make_cue
from .parse_result import ParseWarnings
from .text_chunks import iter_lines

_LINE_TIMESTAMP = re.compile(r"\s*\[(\d{1,4}:\d{1,2}(?:[.:]\d{1,3})?)\]")
_OFFSET_TAG = re.compile(r"^[ \t]*\[offset:[ \t]*([+-]?\d{1,7})[ \t]*\]", re.MULTILINE | re.IGNORECASE)
_WORD_TIMESTAMP = re.compile(r"[\[<](\d{1,4}:\d{1,2}(?:[.:]\d{1,3})?)[\]>]")
_BACKGROUND_VOCALS = re.compile(r"^[ \t]*\[bg:[ \t]*([<\[]\d[^\n]*)\][ \t]*$", re.IGNORECASE)
_VOICE_PREFIX = re.compile(r"[ \t]*(?:v\d{1,2}|[FMD]):[ \t]*(?=[<\[]\d)")
_SPACE_BESIDE_TIMESTAMP = re.compile(r"[^\s\]>][ \t]+[\[<]\d{1,4}:|\d[\]>][ \t]+[^\s\[<]")
_CLOCK_TIMESTAMP = re.compile(r"\[(\d{1,3}):([0-5]\d):([0-5]\d)\]")
_MAX_CHARS_PER_S = 40  # nobody sings more
_MIN_UNSPACED_WORDS = 2
_FIRST_SPACELESS = "\u0e00"  # Thai, which the other scripts without spaces follow
_MAX_CUE_MS = 10_000
_MAX_TIMESTAMPS_PER_LINE = 100


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the lines that have times; each lasts until the next, for ten seconds at most."""
    if _has_clock_times(text):
        text = _CLOCK_TIMESTAMP.sub(_write_minutes, text).replace("[br]", " ")
    match = _OFFSET_TAG.search(text)
    offset = int(match[1]) if match else 0
    reader = _LyricReader(warnings, offset, is_spaced=_SPACE_BESIDE_TIMESTAMP.search(text) is not None)
    starts = list(reader.iter_starts(text))
    starts.sort(key=lambda start: start[0])
    return collect_cues(_iter_cues(starts))


def _has_clock_times(text: str) -> bool:
    """Check whether times are `hours:minutes:seconds`: as minutes, seconds and hundredths they would be too close."""
    if _CLOCK_TIMESTAMP.search(text) is None:
        return False
    first_s, last_s = float("inf"), 0.0
    for match in _CLOCK_TIMESTAMP.finditer(text):
        at_s = int(match[1]) * 60 + int(match[2]) + int(match[3]) / 100
        first_s, last_s = min(first_s, at_s), max(last_s, at_s)
    return first_s < last_s and len(_LINE_TIMESTAMP.sub("", text)) > _MAX_CHARS_PER_S * (last_s - first_s)


def _write_minutes(time: re.Match[str]) -> str:
    return f"[{int(time[1]) * 60 + int(time[2])}:{time[3]}]"


def _iter_cues(starts: list[tuple[int, str]]) -> Iterator[Cue]:
    for index, (at, raw) in enumerate(starts):
        after = starts[index + 1][0] if index + 1 < len(starts) else at + _MAX_CUE_MS
        yield make_cue(raw, at, min(after, at + _MAX_CUE_MS))


@dataclass(frozen=True, slots=True)
class _LyricReader:
    """Reads lines; *is_spaced* is false if no word has a space beside its time, so that times separate the words."""

    warnings: ParseWarnings
    offset_ms: int
    is_spaced: bool

    def iter_starts(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield each time with its text, as long as they stay within the limits."""
        budget = CueBudget()
        starts = (start for line in iter_lines(text) for start in self._split_timestamps(line))
        for start in count_up_to(MAX_CUES, "cues", starts):
            budget.charge_chars(len(start[1]))  # a line counts once for each of its times
            yield start

    def _split_timestamps(self, line: str) -> list[tuple[int, str]]:
        """Return the text of *line* once for each of its times: a chorus has several."""
        if (background := _BACKGROUND_VOCALS.match(line)) is not None:
            line = background[1].replace("<", "[", 1).replace(">", "]", 1)
        times: list[int] = []
        at = 0
        while (match := _LINE_TIMESTAMP.match(line, at)) and len(times) < _MAX_TIMESTAMPS_PER_LINE:
            at = match.end()
            ms = _parse_ms(match[1])
            if ms is None:
                self.warnings["line with an invalid time dropped"] += 1
            else:
                times.append(max(0, ms - self.offset_ms))
        if not times:
            return []
        text = line[at:]
        if voice := _VOICE_PREFIX.match(text):
            text = text[voice.end() :]
        if _WORD_TIMESTAMP.search(text) is None:
            return [(ms, text) for ms in times]
        return [(times[0], self._mark_words(times[-1], text))]

    def _mark_words(self, start_ms: int, text: str) -> str:
        """Return *text* with each time of a word in the form of WebVTT."""
        check_cue_size(len(text))
        first, *pieces = _WORD_TIMESTAMP.split(text)
        times, words = [start_ms, *map(_parse_ms, pieces[::2])], [first, *pieces[1::2]]
        separator = " " if not self.is_spaced and _are_words(words) else ""
        marked = [first]
        for ms, word in zip(times[1:], words[1:], strict=True):
            at = start_ms if ms is None else max(0, ms - self.offset_ms)
            marked.append(f"{separator}<{format_timestamp(at)}>{word}")
        return f"<{format_timestamp(start_ms)}>" + "".join(marked)


def _are_words(pieces: list[str]) -> bool:
    """Return whether *pieces*, between which there are no spaces, are words: some scripts need no spaces."""
    words = [piece for piece in pieces if piece.strip()]
    return len(words) >= _MIN_UNSPACED_WORDS and all(max(word) < _FIRST_SPACELESS for word in words)


def _parse_ms(time: str) -> int | None:
    """Parse `minutes:seconds` with a fraction after a dot or a colon."""
    head, separator, fraction = time.partition(".")
    ms = parse_timestamp_ms(head if head.count(":") == 1 else ".".join(head.rsplit(":", 1)))
    return None if ms is None else ms + int(fraction.ljust(3, "0") if separator else "0")
