"""Cues whose text is not said again: copies of a cue, and lines that are repeated to highlight their words in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, islice
from operator import and_, eq, sub

from ..model import Cue, TimedWord
from .formats.cue_text import strip_invisible
from .formats.parse_result import ParseWarnings
from .plain_cues import replace_runs, start_column, text_column

_SAME_TIME_MS = 40  # copies of a cue may differ by a frame
_MAX_HIGHLIGHT_GAP_MS = 5000
_MAX_GAP_MS = 250
_MAX_FLASH_MS = 60
_MAX_WORDS_PER_S = 7  # nobody says more
_CHARS_PER_WORD = 7
_JOINERS = dict.fromkeys(map(ord, "\u00ad\u200c\u200d\u2060"))  # letters need them; a copy may lack them

_Run = tuple[int, int, list[Cue]]
"""The start and the end of a run of cues, and what is to be in their place."""


def drop_copies(cues: Sequence[Cue]) -> Sequence[Cue]:
    """Return *cues*, which are in order of time, without copies: cues with the text and the times of another one.

    Layers of shadow and text, segments that overlap, and a file joined with itself have such copies.
    """
    starts = start_column(cues)
    is_near = [gap <= _SAME_TIME_MS for gap in map(sub, islice(starts, 1, None), starts)]
    if not any(map(and_, is_near, islice(is_near, 1, None))):  # at most two are together
        texts = text_column(cues)
        is_near = [near and _may_be_copies(texts[at], texts[at + 1]) for at, near in enumerate(is_near)]
    runs = ((start, end, _drop_near_copies(cues[start:end])) for start, end in _find_runs(is_near))
    return replace_runs(cues, _shorter(runs))


def _shorter(runs: Iterable[_Run]) -> Iterator[_Run]:
    """Yield those of *runs* whose cues are fewer now; the others have not changed."""
    return (run for run in runs if len(run[2]) < run[1] - run[0])


def _find_runs(links: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each run of cues that *links* connect; each is from one cue to the next."""
    at = -1
    while True:
        try:
            start = links.index(True, at + 1)
        except ValueError:
            return
        try:
            at = links.index(False, start)
        except ValueError:
            at = len(links)
        yield start, at + 1


def _may_be_copies(one: str, other: str) -> bool:
    """Check quickly whether the texts of two cues may be the same: lines have no spaces at their ends."""
    return one[-1:] == other[-1:] or not (one.isascii() and other.isascii())


def _drop_near_copies(cues: Sequence[Cue]) -> list[Cue]:
    """Return *cues*, each of which starts shortly after the one before, without copies."""
    kept: list[Cue] = []
    together: dict[str, int] = {}  # the texts of the last cues that start together, and where they are
    for cue in cues:
        if kept and cue.start_ms - kept[-1].start_ms > _SAME_TIME_MS:
            together.clear()
        text = _plain_text(cue)
        at = together.get(text, -1)
        if at < 0 or not _is_copy(kept[at], cue):
            together[text] = len(kept)
            kept.append(cue)
        elif _completeness(cue) > _completeness(kept[at]):
            kept[at] = cue
    return kept


def _completeness(cue: Cue) -> tuple[bool, bool, int]:
    """Rank copies: one with a speaker and with the times of words is better, and one without invisible characters."""
    return cue.speaker != "", cue.words != (), -len(cue.text)


def _is_copy(other: Cue, cue: Cue) -> bool:
    """Check whether *cue*, which has the text of *other* and starts no earlier, has its times and speaker too."""
    if cue.end_ms <= cue.start_ms or (cue.speaker and other.speaker not in ("", cue.speaker)):
        return False
    apart_ms = cue.start_ms - other.start_ms
    return not apart_ms or (apart_ms <= _SAME_TIME_MS and abs(cue.end_ms - other.end_ms) <= _SAME_TIME_MS)


def _plain_text(cue: Cue) -> str:
    text = cue.text if cue.text.isascii() else strip_invisible(cue.text).translate(_JOINERS)
    return " ".join(text.split())


def merge_highlighted(cues: Sequence[Cue], warnings: ParseWarnings) -> Sequence[Cue]:
    """Return *cues* with one cue for each run of cues that show a text while its words are said.

    Each cue of a run highlights another word, whose time is that of the cue, or each is too short for its text, which
    leaves a warning.
    """
    texts = text_column(cues)
    places = _find_runs(list(map(eq, texts, islice(texts, 1, None))))
    runs = ((start, end, _merge_same_text(cues[start:end], warnings)) for start, end in places)
    return replace_runs(cues, _shorter(runs))


def _merge_same_text(cues: Sequence[Cue], warnings: ParseWarnings) -> list[Cue]:
    """Return *cues*, which have the same text, with one for each run of cues that show it while it is said."""
    merged: list[Cue] = []
    run: list[Cue] = []
    highlight: tuple[int, int] | None = None
    for cue in cues:
        if not run or not _continues(run[-1], cue, highlight):
            merged += _merge_run(run, warnings)
            run, highlight = [], None
        run.append(cue)
        highlight = cue.highlight or highlight
    return [*merged, *_merge_run(run, warnings)]


def _continues(before: Cue, after: Cue, highlight: tuple[int, int] | None) -> bool:
    """Check whether *after* shows *before* still; *highlight* is the last one."""
    gap_ms = after.start_ms - before.end_ms
    if before.text != after.text or not after.text or (before.words and after.words):
        return False
    if highlight and after.highlight and after.highlight != highlight:
        return gap_ms <= _MAX_HIGHLIGHT_GAP_MS and after.highlight > highlight
    if (highlight is None) != (after.highlight is None):
        return gap_ms <= _MAX_GAP_MS  # no word is highlighted while none is said
    durations_ms = after.start_ms - before.start_ms, after.end_ms - after.start_ms
    if durations_ms[0] <= 0 or durations_ms[1] <= _MAX_FLASH_MS:
        return False  # a flash moves the lines of a rolling display up
    return gap_ms <= _MAX_GAP_MS and _is_too_short(after.text, min(durations_ms))


def _is_too_short(text: str, duration_ms: int) -> bool:
    """Check whether nobody says *text* within *duration_ms*."""
    least = max(text.count(" ") + 1, len(text) // _CHARS_PER_WORD)
    return least * 1000 > _MAX_WORDS_PER_S * duration_ms


def _merge_run(run: Sequence[Cue], warnings: ParseWarnings) -> Sequence[Cue]:
    if len(run) < 2:
        return run
    words = run[0].text.split()
    spans = [(cue.start_ms, cue.highlight) for cue in run if cue.highlight]
    is_moving = len({span for _, span in spans}) > 1
    if len(spans) not in (0, len(run)) and not is_moving:
        return run  # emphasis in one of two cues that are said one after the other
    if not is_moving:
        spans = []
    if not spans and len(run) == len(words):
        spans = [(cue.start_ms, (at, at + 1)) for at, cue in enumerate(run)]
    end_ms = max([cue.end_ms for cue in run])
    if not spans:
        warnings["cue too short for its text joined to the same one before it"] += len(run) - 1
        return [replace(run[0], end_ms=end_ms)]
    starts = [run[0].start_ms] * len(words)
    done = 0
    for ms, (first, last) in spans:
        # A highlight that grows from the first word on reaches only its last words.
        starts[max(first, done) : last] = [ms] * (min(last, len(words)) - max(first, done))
        done = last
    timed = tuple(map(TimedWord, accumulate(starts, max), words))
    return [replace(run[0], end_ms=end_ms, words=timed)]
