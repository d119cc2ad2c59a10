"""SubRip and similar formats: two times separated by an arrow, with the text below."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...model import Cue
from ..limits import MAX_CUE_CHARS, MAX_CUES, check_count, check_cue_size, collect_cues
from ..timecode import parse_timestamp_ms
from .cue_text import make_cue
from .parse_result import ParseWarnings
from .text_chunks import unify_line_breaks

_TIME_PATTERN = r"(?:\d{1,6} ?: ?)?\d{1,4} ?: ?\d{1,2}(?:[.,:] ?\d{1,6})?"
_TIMING_LINE = re.compile(rf"^[ \t\ufeff]*({_TIME_PATTERN})[ \t]*-{{1,3}}>[ \t]*({_TIME_PATTERN})[^\n]*$", re.MULTILINE)


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the cues of a SubRip file, with or without numbers and with or without empty lines between them."""
    check_count(text.count("->"), MAX_CUES, "cues")
    text = unify_line_breaks(text).replace("\0", "")
    return collect_cues(_iter_cues(text, warnings))


def _iter_cues(text: str, warnings: ParseWarnings) -> Iterator[Cue]:
    timings = _TIMING_LINE.finditer(text)
    match = next(timings, None)
    numbered = match is not None and _adjacent_last_line(text[: match.start()]).isdecimal()
    if match is not None and len(text[: match.start()].split(maxsplit=1)) > 1:
        warnings["text before the first cue dropped"] += 1
    count = 0
    while match is not None:
        count += 1
        following = next(timings, None)
        start, end = match.end(), following.start() if following else len(text)
        if end - start > MAX_CUE_CHARS:
            check_cue_size(end - start)
        raw = text[start:end]
        if numbered and following:
            raw = _strip_cue_number(raw)
        start_ms, end_ms = _parse_time_ms(match[1]), _parse_time_ms(match[2])
        if start_ms is None or end_ms is None:
            warnings["cue with an invalid time dropped"] += 1
        else:
            yield make_cue(raw, start_ms, end_ms)
        match = following
    other_arrows = text.count("-->") - count
    if other_arrows > 0:
        warnings["line with an arrow but without readable times"] += other_arrows


def _parse_time_ms(time: str) -> int | None:
    return parse_timestamp_ms(time.replace(",", ".").replace(" ", ""))  # with a dot, it is parsed faster


def _adjacent_last_line(text: str) -> str:
    """Return the last line of *text* if no empty line follows it."""
    return text.rstrip(" \t\n").rpartition("\n")[2].strip(" \t\ufeff") if text.endswith("\n") else ""


def _strip_cue_number(raw: str) -> str:
    """Remove the number of the next cue from the end of *raw*, if it is directly above the times of that cue."""
    body = raw.rstrip(" \t\n")
    rest, _, number = body.rpartition("\n")
    return rest if number.strip().isdecimal() and raw[len(body) :].count("\n") == 1 else raw
