"""Rolling captions: where a track rolls, and removal of the lines that its cues repeat there.

Automatic and broadcast captions fill a display of a few lines.  Each cue states all lines on the display, most of which
the cue before it stated too.  Some live tracks add a cue for every letter.  A track may roll in part only, and lines of
a song are truly said again, so that each run of cues is judged by its own cues and those around it.  A line may be
corrected while it is shown, most often as it moves up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice, pairwise, repeat
from operator import contains, or_, sub
from typing import NamedTuple

from ..model import Cue, TimedWord
from .corrections import count_corrected
from .formats.parse_result import ParseWarnings
from .limits import MAX_WORDS, check_count
from .plain_cues import PlainCues, has_timed_words, text_column

_MIN_ROLLING_SHARE = 0.4  # of adjacent cues that must repeat a line for them to count as rolling
_CERTAIN_SHARE = 0.9  # a long track whose samples repeat this many lines rolls throughout
_MAX_GAP_MS = 250  # after a longer gap, the display is empty
_MAX_SHOWN_AGAIN_MS = 5000  # but some tracks show its last lines again within this time, above a new one
_MAX_FLASH_MS = 60  # shorter cues only move lines up
_MAX_DISPLAY_LINES = 8
_WINDOW = 16  # pairs of adjacent cues around a run that decide whether it rolls
_MIN_WINDOW_EVIDENCE = 4
_MAX_WORDS_PER_S = 7  # nobody says more,
_MAX_SHOWN_WORDS_PER_S = 14  # and nobody reads a text for which this is too few
_MIN_BRIEF_WORDS = 3
_MAX_BRIEF_MS = 500
_CORRECTION_WINDOW = 32  # cues before and after a correction, where the display must roll by a line at a time
_ROLLED_PER_JUMP = 40

# How a cue follows the one before it.
_NEW, _APART, _SAME, _ROLLED, _GROWN, _SHOWN_AGAIN, _CORRECTED = range(7)
_SHOWN_AGAIN_LINK = bytes([_SHOWN_AGAIN])
_CHAIN = re.compile(rb"[\x02-\x06]+")  # cues each of which repeats lines of the one before it
_NEW_OR_GROWN = re.compile(rb"\x00+|\x04+")
_REPEATED = frozenset((_ROLLED, _GROWN))
_MAX_CORRECTIONS = 4  # in a row,
_MAX_PLACES = 10_000  # and in a track, since lines are compared letter by letter


class _Stretch(NamedTuple):
    """The cues from *start* to *end*, whether they roll, and whether lines grow."""

    start: int
    end: int
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


def unroll_cues(cues: Sequence[Cue], warnings: ParseWarnings) -> Sequence[DisplayLine | Cue]:
    """Return the lines of *cues* with each line of a rolling display once, where and when it appeared.

    Cues that do not roll stay as they are, apart from those with words with times on some of their lines.  A track that
    rolls in its smaller part leaves a warning.  Raises `CaptionError` if there are too many lines.
    """
    links = _link_cues(cues)
    if links is not None:
        links = _link_corrections(cues, links)
    stretches = [_Stretch(0, len(cues), rolls=True)] if links is None else list(_find_stretches(links))
    has_words = has_timed_words(cues)
    if not has_words and not any(stretch.rolls for stretch in stretches):
        return cues
    rolling = sum([stretch.end - stretch.start for stretch in stretches if stretch.rolls])
    if 0 < 2 * rolling < len(cues):
        warnings["cue of a rolling part, whose repeated lines were read once"] += rolling
    lines: list[DisplayLine | Cue] = []
    for stretch in stretches:
        part = cues if stretch.end - stretch.start == len(cues) else cues[stretch.start : stretch.end]
        if stretch.rolls:
            part_links = links[stretch.start : stretch.end] if links is not None else b""
            lines += _deduplicate_lines(part, part_links, grows=stretch.grows)
        elif has_words:
            lines += [line for cue in part for line in split_cue_lines(cue)]
        else:
            lines += part
        check_count(len(lines), MAX_WORDS, "words")  # each line has one
    return lines


def _link_cues(cues: Sequence[Cue]) -> bytes | None:
    """Return how each cue follows the one before it, or None if a long track rolls throughout, as samples show."""
    links = _link_plain_cues(cues) if isinstance(cues, PlainCues) else b""
    if len(cues) > 2000:
        starts = [part * len(cues) // 4 for part in range(4)]
        sample = b"".join(
            [
                links[at + 1 : at + 500] or bytes(map(_link, cues[at : at + 499], cues[at + 1 : at + 500]))
                for at in starts
            ]
        )
        rolled = sample.count(_ROLLED)
        if rolled >= max(_CERTAIN_SHARE * (len(sample) - sample.count(_SAME)), _ROLLED_PER_JUMP * sample.count(_NEW)):
            return None
    return links or bytes([_APART, *[_link(before, after) for before, after in pairwise(cues)]][: len(cues)])


def _link_plain_cues(cues: PlainCues) -> bytes:
    """Return how each cue follows the one before it; `_link` is called only for those that may repeat a line."""
    texts = cues.texts
    firsts = [text.partition("\n")[0] for text in texts]
    is_within = map(contains, texts, islice(firsts, 1, None))
    is_continued = map(str.startswith, islice(texts, 1, None), firsts)
    gaps_ms = map(sub, islice(cues.starts_ms, 1, None), cues.ends_ms)
    links = bytearray([_APART, *[_NEW if gap <= _MAX_GAP_MS else _APART for gap in gaps_ms]][: len(cues)])
    for at in compress(range(1, len(cues)), map(or_, is_within, is_continued)):
        duration_ms = cues.ends_ms[at] - cues.starts_ms[at]
        links[at] = _link_texts(texts[at - 1], texts[at], cues.starts_ms[at] - cues.ends_ms[at - 1], duration_ms)
    return bytes(links)


def _link(before: Cue, after: Cue) -> int:
    """Tell how *after* follows *before*."""
    return _link_texts(before.text, after.text, after.start_ms - before.end_ms, after.end_ms - after.start_ms)


def _link_texts(old_text: str, new_text: str, gap_ms: int, duration_ms: int) -> int:
    """Tell how a cue of *new_text*, shown for *duration_ms*, follows one of *old_text* after *gap_ms*."""
    if gap_ms > _MAX_SHOWN_AGAIN_MS or not old_text or not new_text:
        return _APART
    if new_text.partition("\n")[0] not in old_text and not new_text.startswith(old_text.partition("\n")[0]):
        return _NEW if gap_ms <= _MAX_GAP_MS else _APART
    old, new = old_text.split("\n"), new_text.split("\n")
    repeated, grew = _overlap(old, new, grows=True)
    if gap_ms > _MAX_GAP_MS:
        return _SHOWN_AGAIN if 0 < repeated < len(set(new)) == len(new) and not grew else _APART
    if not repeated:
        return _NEW
    if grew:
        return _GROWN
    if 0 < duration_ms <= _MAX_FLASH_MS:
        return _ROLLED
    # A line that is said twice within a cue is no sign of a rolling display.
    return _SAME if repeated == len(old) == len(new) or len(set(new)) < len(new) else _ROLLED


def _link_corrections(cues: Sequence[Cue], links: bytes) -> bytes:
    """Return *links* with those cues marked that repeat lines of the one before it with corrections.

    The same line may be said again with other words.  Therefore the display must roll by a line at a time there, or the
    line that is corrected was shown too briefly to be said.
    """
    places = sorted({*_find_beside_repeated(links), *_find_after_brief(cues, links)})[:_MAX_PLACES]
    if not places:
        return links
    possible = bytearray(links)
    for at in places:
        corrected = _count_corrected_lines(cues, at)
        if corrected and (links[at] == _NEW or corrected <= cues[at].text.count("\n")):
            possible[at] = _CORRECTED
    certain = bytearray(links)
    for at in places:
        if possible[at] == _CORRECTED and _is_corrected(cues, possible, at):
            certain[at] = _CORRECTED
    return bytes(certain)


def _find_beside_repeated(links: bytes) -> Iterator[int]:
    """Yield the positions of cues whose lines have grown, or that are next to cues that repeat lines."""
    for run in _NEW_OR_GROWN.finditer(links):
        start, end = run.span()
        if links[start] == _GROWN:
            yield from range(start, end)
            continue
        if links[start - 1 : start] and links[start - 1] in _REPEATED:
            yield from range(start, min(start + _MAX_CORRECTIONS, end))
        if links[end : end + 1] and links[end] in _REPEATED:
            yield from range(max(start, end - _MAX_CORRECTIONS), end)


def _count_corrected_lines(cues: Sequence[Cue], at: int) -> int:
    """Count the lines of the cue *at* that those of the one before it may be with corrections."""
    old, new = cues[at - 1].text, cues[at].text
    return count_corrected(old.split("\n"), new.split("\n")) if old and new else 0


def _is_corrected(cues: Sequence[Cue], links: bytearray, at: int) -> bool:
    """Check whether the cue *at* certainly corrects lines that it may correct."""
    old, new = cues[at - 1].text.split("\n"), cues[at].text.split("\n")
    if _count_corrected_lines(cues, at) == len(new):
        if len(old) == len(new) and _is_replaced_early(cues[at - 1], links, at):
            return True
        if len(new) < 2 or old[0] != new[0]:
            return False
    around = links[max(0, at - _CORRECTION_WINDOW) : at + _CORRECTION_WINDOW]
    repeated = around.count(_ROLLED) + around.count(_GROWN)
    return repeated > 1 and repeated >= _ROLLED_PER_JUMP * around.count(_NEW)


def _find_after_brief(cues: Sequence[Cue], links: bytes) -> Iterator[int]:
    """Yield the positions of cues that repeat nothing, and follow one that nobody can read in its time."""
    if isinstance(cues, PlainCues):
        durations_ms = list(map(sub, cues.ends_ms, cues.starts_ms))
    else:
        durations_ms = [cue.end_ms - cue.start_ms for cue in cues]
    texts = text_column(cues)
    for at in compress(range(1, len(cues)), map(_MAX_BRIEF_MS.__gt__, durations_ms)):
        if links[at] == _NEW and _is_brief(texts[at - 1], durations_ms[at - 1], _MAX_SHOWN_WORDS_PER_S):
            yield at


def _is_brief(text: str, duration_ms: int, words_per_s: int) -> bool:
    """Check whether *text* has several words, and more than *words_per_s* if it is shown for *duration_ms*."""
    words = text.count(" ") + text.count("\n") + 1
    return words >= _MIN_BRIEF_WORDS and words * 1000 > words_per_s * duration_ms


def _is_replaced_early(before: Cue, links: bytearray, at: int) -> bool:
    """Check whether the cue *before* the one *at* was shown too briefly; less so where lines grow."""
    words_per_s = _MAX_WORDS_PER_S if _GROWN in links[max(0, at - 2) : at + 3] else _MAX_SHOWN_WORDS_PER_S
    return _is_brief(before.text, before.end_ms - before.start_ms, words_per_s)


def _find_stretches(links: bytes) -> Iterator[_Stretch]:
    """Divide a track into stretches of cues that roll, and those between them."""
    end = 0
    rolls_mostly = _repeats_mostly(links)
    for run in _CHAIN.finditer(links):
        if not _is_rolling(links, run.start(), run.end(), rolls_mostly=rolls_mostly):
            continue
        first = run.start() - 1  # the cue that the first one of the run follows
        if first > end:
            yield _Stretch(end, first)
        end = run.end()
        grown = run[0].count(_GROWN)
        yield _Stretch(first, end, rolls=True, grows=5 * grown > end - first - run[0].count(_SAME))
    if end < len(links):
        yield _Stretch(end, len(links))


def _is_rolling(links: bytes, start: int, end: int, *, rolls_mostly: bool) -> bool:
    """Check whether the cues from *start* to *end* repeat lines because they roll, and not because they are said again.

    One repeated line may be said again; several in a row, or most of those around or in the track, are not.
    """
    rolled, grown, again = (links.count(kind, start, end) for kind in (_ROLLED, _GROWN, _SHOWN_AGAIN))
    if _CORRECTED in links[start:end] or rolled > 1 or grown > 2 or rolled + grown + again > 2:
        return True
    if not rolled + grown + again:
        return False
    low = max(0, min((start + end - _WINDOW) // 2, len(links) - _WINDOW))
    is_long = len(links) > _WINDOW
    least = _MIN_WINDOW_EVIDENCE if is_long else 1 if rolled else 2
    return (is_long and rolls_mostly) or _repeats_mostly(links[low : low + _WINDOW], least)


def _repeats_mostly(links: bytes, least: int = 1) -> bool:
    """Check whether at least *least* of *links*, and most of those where a display may roll, repeat lines."""
    repeated = sum([links.count(kind) for kind in (_ROLLED, _GROWN, _SHOWN_AGAIN)])
    return repeated >= max(least, _MIN_ROLLING_SHARE * (repeated + links.count(_NEW)))


def _deduplicate_lines(cues: Sequence[Cue], links: bytes, *, grows: bool) -> list[DisplayLine]:
    """Return each line of a rolling display once, in the order in which they appeared."""
    lines: list[DisplayLine] = []
    display: list[DisplayLine] = []
    shown_until_ms = 0
    for at, cue in enumerate(cues):
        corrects = not links or links[at] == _CORRECTED
        if not cue.text or (cue.start_ms > shown_until_ms + _MAX_GAP_MS and links[at : at + 1] != _SHOWN_AGAIN_LINK):
            display = []
        shown_until_ms = max(shown_until_ms, cue.end_ms)
        if cue.text:
            display = _display_cue(cue, display, lines, grows=grows, corrects=corrects)
            if len(lines) > MAX_WORDS:  # each has one
                check_count(len(lines), MAX_WORDS, "words")
    return lines


def _display_cue(
    cue: Cue, display: list[DisplayLine], lines: list[DisplayLine], *, grows: bool, corrects: bool
) -> list[DisplayLine]:
    """Append the new lines of *cue* to *lines*, and return the display with the lines of *cue*.

    If it *corrects* lines, those of the display get its text.
    """
    if display and display[-1].text == cue.text and not cue.words:
        return display[-1:]
    texts = cue.text.split("\n")
    words = _assign_words(texts, cue.words) if cue.words else [()] * len(texts)
    old = [line.text for line in display]
    untimed = _untimed_lines(texts, words) if cue.words else texts
    repeated, grew = _overlap(old, untimed, grows=grows)
    corrected = count_corrected(old, texts) if corrects and not repeated else 0
    if corrected > len(untimed):
        corrected = 0
    repeated = repeated or corrected
    if repeated == len(texts) == len(old) > 1 and not grew and cue.end_ms - cue.start_ms > _MAX_FLASH_MS:
        repeated = _count_repeated(texts)
    display = display[len(display) - repeated :]
    for line, text in zip(display[:corrected], texts, strict=False):
        _correct_line(line, text, cue)
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
    for at, timed in enumerate(words):
        if timed:
            return texts[:at]
    return texts


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


def _correct_line(line: DisplayLine, text: str, cue: Cue) -> None:
    """Replace the text of *line* by *text*, which corrects it; its words keep their times if they are as many."""
    if line.text == text:
        return
    words = text.split()
    line.words = tuple(
        [TimedWord(old.start_ms, word) for old, word in zip(line.words, words, strict=False)]
        if len(line.words) == len(words)
        else []
    )
    _extend_line(line, text, cue)


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
