"""MicroDVD: frame numbers in braces, lines separated by vertical bars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from ...model import Cue
from ..limits import MAX_CUES, check_cue_size, collect_cues, count_up_to
from ..timecode import MAX_TIME_MS
from .cue_text import make_cue
from .parse_result import ParseWarnings

_CUE_LINE = re.compile(r"^[ \t\ufeff]*\{ ?(\d{1,10}) ?\}[ \t]?\{ ?(\d{0,10}) ?\}([^\n]*)$", re.MULTILINE)
_CONTROL_CODE = re.compile(r"\{[A-Za-z]:[^{}\n]*\}")
_FRAME_RATE = re.compile(r"\s*(\d{2,3}(?:[.,]\d{1,4})?)\s*(?:fps)?\s*", re.IGNORECASE)
_DEFAULT_FRAMES_PER_S = 23.976
_DEFAULT_CUE_FRAMES = 100
_Entry = tuple[int, str, str]


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the cues of a MicroDVD file; the first may state the frame rate, otherwise that of film is assumed."""
    text = text.replace("\r", "\n")
    return collect_cues(_iter_cues(_iter_entries(text), warnings))


def _iter_entries(text: str) -> Iterator[_Entry]:
    """Yield the first frame, the last frame and the text of each line."""
    for match in count_up_to(MAX_CUES, "cues", _CUE_LINE.finditer(text)):
        check_cue_size(match.end(3) - match.start(3))
        yield int(match[1]), match[2], match[3]


def _iter_cues(entries: Iterator[_Entry], warnings: ParseWarnings) -> Iterator[Cue]:
    first = next(entries, None)
    rate = None if first is None else _parse_frame_rate(first)
    if rate is None:
        warnings[f"frame rate not stated, {_DEFAULT_FRAMES_PER_S} assumed"] += 1
        entries = chain(() if first is None else (first,), entries)
    frame_ms = 1000 / (rate or _DEFAULT_FRAMES_PER_S)
    for begin, end, raw in entries:
        start_ms, end_ms = round(begin * frame_ms), round(int(end or begin + _DEFAULT_CUE_FRAMES) * frame_ms)
        if max(start_ms, end_ms) > MAX_TIME_MS:
            warnings["cue with an invalid time dropped"] += 1
        else:
            yield make_cue(_CONTROL_CODE.sub("", raw).replace("|", "\n"), start_ms, end_ms)


def _parse_frame_rate(first: _Entry) -> float | None:
    begin, end, raw = first
    match = _FRAME_RATE.fullmatch(raw)
    if match is None or begin > 1 or end not in ("", "0", "1"):
        return None
    rate = float(match[1].replace(",", "."))
    return rate if 10 <= rate <= 120 else None
