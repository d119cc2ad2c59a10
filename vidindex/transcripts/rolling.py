"""Rolling captions: detection, and removal of the lines that cues repeat.

Automatic and broadcast captions fill a display of a few lines.  Each cue states all lines on the display, most of which
the cue before it stated too.  Some live tracks add a cue for every letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat

from ..model import Cue, TimedWord
from .limits import MAX_WORDS, check_count

_MIN_ROLLING_SHARE = 0.4  # of adjacent cues that must repeat a line for a track to count as rolling
_MAX_GAP_MS = 250  # after a longer gap, the display is empty
_MAX_FLASH_MS = 60  # shorter cues only move lines up
_MAX_DISPLAY_LINES = 8


@dataclass(frozen=True, slots=True)
class RollingProfile:
    """How a track uses its display: whether cues repeat lines of the cue before, and whether lines grow."""

    rolls: bool = False
    grows: bool = False


@dataclass(slots=True)
class DisplayLine:
    """A line on the display; *growth* are pairs of a length in characters and the time when the line reached it.

    The lengths never decrease.
    """

    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""
    words: tuple[TimedWord, ...] = ()
    growth: list[tuple[int, int]] | None = None


def detect_rolling(cues: Sequence[Cue]) -> RollingProfile:
    """Detect how the track with these *cues* uses its display."""
    pairs = rolled = grown = 0
    for before, after in pairwise(_sample_cues(cues)):
        if not before.text or not after.text or after.start_ms > before.end_ms + _MAX_GAP_MS:
            continue
        pairs += 1
        if after.text.partition("\n")[0] in before.text or after.text.startswith(before.text.partition("\n")[0]):
            repeated, grew = _overlap(before.text.split("\n"), after.text.split("\n"), grows=True)
            rolled += repeated > 0
            grown += grew
    if not rolled or rolled < _MIN_ROLLING_SHARE * pairs:
        return RollingProfile()
    return RollingProfile(rolls=True, grows=grown > 0.2 * pairs)


def _sample_cues(cues: Sequence[Cue]) -> Sequence[Cue]:
    """Return all cues of a short track, or four samples of a long one."""
    if len(cues) <= 2000:
        return cues
    return [cue for part in range(4) for cue in cues[part * len(cues) // 4 :][:500]]


def deduplicate_rolling(cues: Sequence[Cue], *, grows: bool = False) -> list[DisplayLine]:
    """Return each line of a rolling display once, in the order in which they appeared.

    Raises `CaptionError` if there are too many lines.
    """
    lines: list[DisplayLine] = []
    display: list[DisplayLine] = []
    shown_until_ms = 0
    for cue in cues:
        if cue.start_ms > shown_until_ms + _MAX_GAP_MS or not cue.text:
            display = []
        shown_until_ms = max(shown_until_ms, cue.end_ms)
        if cue.text:
            display = _display_cue(cue, display, lines, grows=grows)
            check_count(len(lines), MAX_WORDS, "words")  # each line has one
    return lines


def _display_cue(cue: Cue, display: list[DisplayLine], lines: list[DisplayLine], *, grows: bool) -> list[DisplayLine]:
    """Append the new lines of *cue* to *lines*, and return the display with the lines of *cue*."""
    if display and display[-1].text == cue.text and not cue.words:
        return display[-1:]
    texts = cue.text.split("\n")
    words = _assign_words(texts, cue.words) if cue.words else [()] * len(texts)
    old = [line.text for line in display]
    repeated, grew = _overlap(old, _untimed_lines(texts, words) if cue.words else texts, grows=grows)
    if repeated == len(texts) == len(old) > 1 and not grew and cue.end_ms - cue.start_ms > _MAX_FLASH_MS:
        repeated = _count_repeated(texts)
    display = display[len(display) - repeated :]
    if grew:
        _extend_line(display[-1], texts[repeated - 1], cue)
    for at in range(repeated, len(texts)):
        growth = [(len(texts[at]), cue.start_ms)] if grows else None
        line = DisplayLine(cue.start_ms, cue.end_ms, texts[at], cue.speaker, words[at], growth)
        display.append(line)
        lines.append(line)
    return display[-_MAX_DISPLAY_LINES:]


def _untimed_lines(texts: list[str], words: Sequence[tuple[TimedWord, ...]]) -> list[str]:
    """Return the lines above the first one whose words have times: only they can be repeated."""
    return texts[: next((at for at, timed in enumerate(words) if timed), len(texts))]


def _count_repeated(texts: list[str]) -> int:
    """Count the repeated lines of an unchanged display; if all its lines are the same, the last one is new."""
    return len(texts) - 1 if len(set(texts)) == 1 else len(texts)


def _overlap(old: list[str], new: list[str], *, grows: bool) -> tuple[int, bool]:
    """Count the lines at the top of *new* that are at the bottom of *old*, and return whether the last one grew."""
    for count in range(min(len(old), len(new), _MAX_DISPLAY_LINES), 0, -1):
        if old[len(old) - count : -1] == new[: count - 1]:
            if old[-1] == new[count - 1]:
                return count, False
            if grows and _is_extended(old[-1], new[count - 1]):
                return count, True
    return 0, False


def _is_extended(old: str, new: str) -> bool:
    """Check whether *new* continues *old*, with a few letters at its end corrected at most."""
    if new.startswith(old):
        return True
    common = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        common += 1
    return common >= max(1, 0.7 * len(old))


def _extend_line(line: DisplayLine, text: str, cue: Cue) -> None:
    """Replace the text of *line* by *text* from the start of *cue* on."""
    line.text, line.end_ms = text, max(line.end_ms, cue.end_ms)
    if line.growth is not None:
        while line.growth and line.growth[-1][0] > len(text):
            line.growth.pop()
        line.growth.append((len(text), cue.start_ms))


def split_cue_lines(cue: Cue) -> list[DisplayLine]:
    """Split *cue* into lines if only some of them have words with times."""
    if not cue.words or len(cue.words) == len(cue.text.split()):
        return [DisplayLine(cue.start_ms, cue.end_ms, cue.text, cue.speaker, cue.words)]
    texts = cue.text.split("\n")
    words = _assign_words(texts, cue.words)
    return [
        DisplayLine(cue.start_ms, cue.end_ms, *line) for line in zip(texts, repeat(cue.speaker), words, strict=False)
    ]


def _assign_words(texts: list[str], words: tuple[TimedWord, ...]) -> list[tuple[TimedWord, ...]]:
    """Return the timed *words* of each line of a cue, matched from the last line up: repeated lines are above."""
    assigned: list[tuple[TimedWord, ...]] = []
    end = len(words)
    for text in reversed(texts):
        at = end - text.count(" ") - 1
        own = words[at:end] if at >= 0 else ()
        if own and text.startswith(own[0].text) and " ".join([word.text for word in own]) == text:
            assigned.append(own)
            end = at
        else:
            assigned.append(())
    return assigned[::-1]
