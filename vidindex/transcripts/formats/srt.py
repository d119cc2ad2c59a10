"""SubRip and similar formats: two times separated by an arrow, with the text below."""

from __future__ import annotations

import re

from ...model import Cue
from ..timecode import parse_timestamp_ms
from .cue_text import make_cue
from .parse_result import ParseWarnings

_TIME_PATTERN = r"(?:\d{1,6} ?: ?)?\d{1,4} ?: ?\d{1,2}(?:[.,:] ?\d{1,6})?"
_TIMING_LINE = re.compile(rf"^[ \t\ufeff]*({_TIME_PATTERN})[ \t]*-{{1,3}}>[ \t]*({_TIME_PATTERN})[^\n]*$", re.MULTILINE)


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the cues of a SubRip file, with or without numbers and with or without empty lines between them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    timings = list(_TIMING_LINE.finditer(text))
    _warn_of_losses(text, timings, warnings)
    numbered = bool(timings) and _adjacent_last_line(text[: timings[0].start()]).isdecimal()
    cues: list[Cue] = []
    for at, match in enumerate(timings):
        end = timings[at + 1].start() if at + 1 < len(timings) else len(text)
        raw = text[match.end() : end]
        if numbered and at + 1 < len(timings):
            raw = _strip_cue_number(raw)
        start_ms, end_ms = parse_timestamp_ms(match[1].replace(" ", "")), parse_timestamp_ms(match[2].replace(" ", ""))
        if start_ms is None or end_ms is None:
            warnings["cue with an invalid time dropped"] += 1
        else:
            cues.append(make_cue(raw, start_ms, end_ms))
    return cues


def _adjacent_last_line(text: str) -> str:
    """Return the last line of *text* if no empty line follows it."""
    return text.rstrip(" \t\n").rpartition("\n")[2].strip(" \t\ufeff") if text.endswith("\n") else ""


def _strip_cue_number(raw: str) -> str:
    """Remove the number of the next cue from the end of *raw*, if it is directly above the times of that cue."""
    body = raw.rstrip(" \t\n")
    rest, _, number = body.rpartition("\n")
    return rest if number.strip().isdecimal() and raw[len(body) :].count("\n") == 1 else raw


def _warn_of_losses(text: str, timings: list[re.Match[str]], warnings: ParseWarnings) -> None:
    other_arrows = text.count("-->") - len(timings)
    if other_arrows > 0:
        warnings["line with an arrow but without readable times"] += other_arrows
    if timings and len(text[: timings[0].start()].split()) > 1:
        warnings["text before the first cue dropped"] += 1
