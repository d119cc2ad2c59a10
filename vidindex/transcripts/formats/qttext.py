"""QuickTime text: timed text below descriptors in braces, one of which is the unit of the fractions of times."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...model import Cue
from . import timed_text
from .parse_result import ParseWarnings

QTTEXT_HEAD = re.compile(r"\{qttext\}", re.IGNORECASE)
_DESCRIPTOR = re.compile(r"\{[A-Za-z]{1,30}(?:[ \t]*:[^{}\n]{0,100})?\}[ \t]*")
_TIME_SCALE = re.compile(r"\{timescale[ \t]*:[ \t]*(\d{1,6})[ \t]*\}", re.IGNORECASE)
_TIME = re.compile(r"\[(\d{1,3}:\d\d:\d\d)\.(\d{1,6})\]")
_MAX_HEAD_CHARS = 4000


def parse_cues(text: str, warnings: ParseWarnings) -> Sequence[Cue]:
    """Parse the text below each time."""
    match = _TIME_SCALE.search(text[:_MAX_HEAD_CHARS])
    scale = int(match[1]) if match and int(match[1]) else 600
    plain = _DESCRIPTOR.sub("", text)
    return timed_text.parse_cues(_TIME.sub(lambda time: _write_ms(time, scale), plain), warnings)


def _write_ms(time: re.Match[str], scale: int) -> str:
    ms = min(999, int(time[2]) * 1000 // scale)
    return f"[{time[1]}.{ms:03}]"
