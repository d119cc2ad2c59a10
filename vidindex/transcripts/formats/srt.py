"""SubRip, and all that looks like it: times with an arrow between them, text below."""

from __future__ import annotations

import re

from ...model import Cue
from .cue_text import make_cue
from .parse_result import ParseWarnings
from .timestamps import parse_timestamp_ms

_TIME_PATTERN = r"(?:\d{1,6} ?: ?)?\d{1,4} ?: ?\d{1,2}(?:[.,:] ?\d{1,6})?"
_TIMING_LINE = re.compile(rf"^[ \t\ufeff]*({_TIME_PATTERN})[ \t]*-{{1,3}}>[ \t]*({_TIME_PATTERN})[^\n]*$", re.MULTILINE)


def parse_cues(text: str, notes: ParseWarnings) -> list[Cue]:
    """Read the cues of a SubRip file, numbered or not, with or without empty lines between them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    found = list(_TIMING_LINE.finditer(text))
    _warn_of_losses(text, found, notes)
    numbered = bool(found) and _adjacent_last_line(text[: found[0].start()]).isdecimal()
    cues: list[Cue] = []
    for at, match in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        raw = text[match.end() : end]
        if numbered and at + 1 < len(found):
            raw = _strip_cue_number(raw)
        start_ms, end_ms = parse_timestamp_ms(match[1].replace(" ", "")), parse_timestamp_ms(match[2].replace(" ", ""))
        if start_ms is None or end_ms is None:
            notes["cue at an absurd time dropped"] += 1
        else:
            cues.append(make_cue(raw, start_ms, end_ms))
    return cues


def _adjacent_last_line(text: str) -> str:
    """Give the last line of *text* if it stands right above what follows."""
    return text.rstrip(" \t\n").rpartition("\n")[2].strip(" \t\ufeff") if text.endswith("\n") else ""


def _strip_cue_number(raw: str) -> str:
    """Drop the number of the next cue from the end of *raw*, where one stands right above its times."""
    body = raw.rstrip(" \t\n")
    rest, _, number = body.rpartition("\n")
    return rest if number.strip().isdecimal() and raw[len(body) :].count("\n") == 1 else raw


def _warn_of_losses(text: str, found: list[re.Match[str]], notes: ParseWarnings) -> None:
    stray = text.count("-->") - len(found)
    if stray > 0:
        notes["line with an arrow that is no timing line"] += stray
    if found and len(text[: found[0].start()].split()) > 1:
        notes["text before the first cue dropped"] += 1
