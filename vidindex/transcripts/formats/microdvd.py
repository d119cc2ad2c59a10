"""MicroDVD: frame numbers in braces, lines parted by bars."""

from __future__ import annotations

import re

from ...model import Cue
from .cue_text import as_cue
from .parse_result import Notes
from .timestamps import MAX_MS

_CUE = re.compile(r"^[ \t\ufeff]*\{(\d{1,10})\}\{(\d{0,10})\}([^\n]*)$", re.MULTILINE)
_CODE = re.compile(r"\{[A-Za-z]:[^{}\n]*\}")
_RATE = re.compile(r"\s*(\d{2,3}(?:[.,]\d{1,4})?)\s*")
_FILM_RATE = 23.976
_OPEN_FRAMES = 100


def read(text: str, notes: Notes) -> list[Cue]:
    """Read the cues of a MicroDVD file; its first may state the frame rate, film's is assumed otherwise."""
    found = [(int(match[1]), match[2], match[3]) for match in _CUE.finditer(text.replace("\r", "\n"))]
    rate = _stated_rate(found[0]) if found else None
    if rate is None:
        notes[f"frame rate not stated, {_FILM_RATE} assumed"] += 1
    else:
        found = found[1:]
    frame_ms = 1000 / (rate or _FILM_RATE)
    cues = []
    for begin, end, raw in found:
        start_ms, end_ms = round(begin * frame_ms), round(int(end or begin + _OPEN_FRAMES) * frame_ms)
        if max(start_ms, end_ms) > MAX_MS:
            notes["cue at an absurd time dropped"] += 1
        else:
            cues.append(as_cue(_CODE.sub("", raw).replace("|", "\n"), start_ms, end_ms))
    return cues


def _stated_rate(first: tuple[int, str, str]) -> float | None:
    begin, end, raw = first
    match = _RATE.fullmatch(raw)
    if match is None or begin > 1 or end not in ("", "0", "1"):
        return None
    rate = float(match[1].replace(",", "."))
    return rate if 10 <= rate <= 120 else None
