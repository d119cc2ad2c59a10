"""Cues of a display that rolls, to the lines that were said: each once, from when it first showed.

Automatic and broadcast captions fill a display of a few lines: each cue states all that stands on it, most
of which stood there before.  Some live tracks even state it anew for every letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat

from ..model import Cue, TimedWord

_MIN_ROLLING_SHARE = 0.4  # of neighbouring cues that must carry lines on before a track counts as rolling
_MAX_GAP_MS = 250  # a display that was dark for longer starts afresh
_MAX_FLASH_MS = 60  # shorter cues only move lines up
_MAX_DISPLAY_LINES = 8  # lines that a display has at most


@dataclass(frozen=True, slots=True)
class RollingProfile:
    """How a track uses its display: whether lines roll on to the next cue, and whether they grow in it."""

    rolls: bool = False
    grows: bool = False


@dataclass(slots=True)
class DisplayLine:
    """A line while it shows: *growth* says how many characters stood there from when on."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""
    words: tuple[TimedWord, ...] = ()
    growth: tuple[tuple[int, int], ...] = ()


def detect_rolling(cues: Sequence[Cue]) -> RollingProfile:
    """Tell from the cues themselves how their track uses its display."""
    pairs = rolled = grown = 0
    for before, after in pairwise(_sample_cues(cues)):
        if not before.text or not after.text or after.start_ms > before.end_ms + _MAX_GAP_MS:
            continue
        pairs += 1
        if after.text.partition("\n")[0] in before.text or after.text.startswith(before.text.partition("\n")[0]):
            kept, grew = _overlap(before.text.split("\n"), after.text.split("\n"), grows=True)
            rolled += kept > 0
            grown += grew
    if not rolled or rolled < _MIN_ROLLING_SHARE * pairs:
        return RollingProfile()
    return RollingProfile(rolls=True, grows=grown > 0.2 * pairs)


def _sample_cues(cues: Sequence[Cue]) -> Sequence[Cue]:
    """Take a short track whole, and of a long one stretches from its parts."""
    if len(cues) <= 2000:
        return cues
    return [cue for part in range(4) for cue in cues[part * len(cues) // 4 :][:500]]


def deduplicate_rolling(cues: Sequence[Cue], *, grows: bool = False) -> list[DisplayLine]:
    """Give each line of a rolling display once, in the order in which they came up."""
    said: list[DisplayLine] = []
    shown: list[DisplayLine] = []
    dark_ms = 0
    for cue in cues:
        if cue.start_ms > dark_ms + _MAX_GAP_MS or not cue.text:
            shown = []
        dark_ms = max(dark_ms, cue.end_ms)
        if cue.text:
            shown = _display_cue(cue, shown, said, grows=grows)
    return said


def _display_cue(cue: Cue, shown: list[DisplayLine], lines: list[DisplayLine], *, grows: bool) -> list[DisplayLine]:
    """Put the lines of *cue* on the display: those that are new are said, those that stood there are not."""
    if shown and shown[-1].text == cue.text and not cue.words:
        return shown[-1:]
    texts = cue.text.split("\n")
    words = _assign_words(texts, cue.words) if cue.words else [()] * len(texts)
    old = [line.text for line in shown]
    kept, grew = _overlap(old, _untimed_lines(texts, words) if cue.words else texts, grows=grows)
    if kept == len(texts) == len(old) > 1 and not grew and cue.end_ms - cue.start_ms > _MAX_FLASH_MS:
        kept = _count_repeated(texts)
    display = shown[len(shown) - kept :]
    if grew:
        _extend_line(display[-1], texts[kept - 1], cue)
    for at in range(kept, len(texts)):
        growth = ((len(texts[at]), cue.start_ms),) if grows else ()
        line = DisplayLine(cue.start_ms, cue.end_ms, texts[at], cue.speaker, words[at], growth)
        display.append(line)
        lines.append(line)
    return display[-_MAX_DISPLAY_LINES:]


def _untimed_lines(texts: list[str], words: Sequence[tuple[TimedWord, ...]]) -> list[str]:
    """Give the lines above the first one whose words have times: only those can have stood there before."""
    return texts[: next((at for at, timed in enumerate(words) if timed), len(texts))]


def _count_repeated(texts: list[str]) -> int:
    """Say how many lines stood there before when the same line, said over and over, fills the display."""
    return len(texts) - 1 if len(set(texts)) == 1 else len(texts)


def _overlap(old: list[str], new: list[str], *, grows: bool) -> tuple[int, bool]:
    """Count the lines at the top of *new* that stood at the bottom of *old*; tell if the last one grew."""
    for count in range(min(len(old), len(new), _MAX_DISPLAY_LINES), 0, -1):
        if old[len(old) - count : -1] == new[: count - 1]:
            if old[-1] == new[count - 1]:
                return count, False
            if grows and _is_extended(old[-1], new[count - 1]):
                return count, True
    return 0, False


def _is_extended(old: str, new: str) -> bool:
    """Check whether *new* is *old* written on, a few letters taken back at most."""
    if new.startswith(old):
        return True
    common = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        common += 1
    return common >= max(1, 0.7 * len(old))


def _extend_line(line: DisplayLine, text: str, cue: Cue) -> None:
    """Let *line* read *text* from *cue* on."""
    marks = [mark for mark in line.growth[-400:] if mark[0] <= len(text)]
    line.text, line.end_ms = text, max(line.end_ms, cue.end_ms)
    line.growth = (*marks, (len(text), cue.start_ms))


def split_cue_lines(cue: Cue) -> list[DisplayLine]:
    """Take *cue* apart where only some of its lines have words with times."""
    if not cue.words or len(cue.words) == len(cue.text.split()):
        return [DisplayLine(cue.start_ms, cue.end_ms, cue.text, cue.speaker, cue.words)]
    texts = cue.text.split("\n")
    words = _assign_words(texts, cue.words)
    return [
        DisplayLine(cue.start_ms, cue.end_ms, *line) for line in zip(texts, repeat(cue.speaker), words, strict=False)
    ]


def _assign_words(texts: list[str], words: tuple[TimedWord, ...]) -> list[tuple[TimedWord, ...]]:
    """Deal the timed *words* of a cue out to its lines, the last first: what stood there before is above."""
    dealt: list[tuple[TimedWord, ...]] = []
    end = len(words)
    for text in reversed(texts):
        at = end - text.count(" ") - 1
        own = words[at:end] if at >= 0 else ()
        if own and text.startswith(own[0].text) and " ".join([word.text for word in own]) == text:
            dealt.append(own)
            end = at
        else:
            dealt.append(())
    return dealt[::-1]
