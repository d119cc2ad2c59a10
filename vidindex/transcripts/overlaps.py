"""Cues that begin with the last words of the one before: rolling captions whose lines were joined, or windows of sound.

Some tools write the two lines of a rolling display as one, and some recognizers read windows of sound that overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, repeat
from operator import contains

from ..model import Cue
from .formats.parse_result import ParseWarnings
from .plain_cues import replace_runs, text_column

_HEAD_CHARS = 5
_MAX_GAP_MS = 250
_MAX_FLASH_MS = 60  # shorter cues only move lines up
_MIN_WORDS = 2  # that two cues have in common,
_MIN_OVERLAPS = 3  # in a row: one or two may be said again
_MAX_WORDS = 60
_SAMPLE = 200  # what writes captions so does it from the start
_MAY_OVERLAP = re.compile(b"\1{%d,}" % _MIN_OVERLAPS)


def drop_repeated_starts(cues: Sequence[Cue], warnings: ParseWarnings) -> Sequence[Cue]:
    """Return *cues* without the words that one repeats of the one before, where several in a row or most do so.

    Captions with several lines are left as they are: their lines tell what is repeated.
    """
    if not _may_overlap(cues):
        return cues
    counts = [0, *map(_count_repeated, cues, islice(cues, 1, None))]
    runs = list(_find_runs(cues, counts))
    if runs:
        repeated = sum([end - start - 1 for start, end in runs])
        warnings["cue that begins with words of the one before, which were read once"] += repeated
    return replace_runs(cues, ((start, end, _drop_starts(cues[start:end], counts[start:end])) for start, end in runs))


def _may_overlap(cues: Sequence[Cue]) -> bool:
    """Check quickly whether enough of the first cues begin with words of the one before."""
    texts = text_column(cues[:_SAMPLE])
    heads = [text[:_HEAD_CHARS] for text in islice(texts, 1, None)]
    runs = list(_MAY_OVERLAP.finditer(bytes(map(contains, texts, heads))))
    if not runs or 2 * sum(map(contains, texts, repeat("\n"))) > len(texts):
        return False
    places = (at for run in runs for at in range(run.start(), run.end()))
    overlaps = (True for at in places if _count_repeated(cues[at], cues[at + 1]) >= _MIN_WORDS)
    return sum(islice(overlaps, _MIN_OVERLAPS)) == _MIN_OVERLAPS


def _find_runs(cues: Sequence[Cue], counts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each run of cues that repeat *counts* words of the one before."""
    overlaps = sum([count >= _MIN_WORDS for count in counts])
    is_everywhere = overlaps > _MIN_OVERLAPS and 2 * overlaps > len(cues)
    least_words, least_overlaps = (1, 1) if is_everywhere else (_MIN_WORDS, _MIN_OVERLAPS)
    start = overlaps = 0
    for at in range(1, len(cues) + 1):
        if at < len(cues) and counts[at] >= least_words:
            overlaps += counts[at] <= cues[at - 1].text.count(" ")  # else the text has only grown
            continue
        if overlaps >= least_overlaps:
            yield start, at
        start, overlaps = at, 0


def _count_repeated(before: Cue, after: Cue) -> int:
    """Count the words at the end of *before* that *after* begins with."""
    if "\n" in before.text or "\n" in after.text or before.words or after.words:
        return 0
    is_said_again = before.text == after.text and after.end_ms - after.start_ms > _MAX_FLASH_MS
    if after.start_ms - before.end_ms > _MAX_GAP_MS or is_said_again:
        return 0
    old, new = before.text.split(" "), after.text.split(" ")
    for count in range(min(len(old), len(new), _MAX_WORDS), 0, -1):
        if old[-count:] == new[:count]:
            return count
    return 0


def _drop_starts(cues: Sequence[Cue], counts: Sequence[int]) -> list[Cue]:
    """Return *cues* without the first words of all but the first one, and without those that have no others."""
    rest = [after.text.split(" ")[count:] for after, count in zip(cues, counts, strict=True)]
    rest[0] = cues[0].text.split(" ")
    return [replace(cue, text=" ".join(words), highlight=None) for cue, words in zip(cues, rest, strict=True) if words]
