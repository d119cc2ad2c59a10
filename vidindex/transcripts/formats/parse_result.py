"""The result of every caption parser: cues, and warnings about what was dropped or repaired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...model import Cue

CaptionFormat = Literal[
    "vtt",
    "srt",
    "sbv",
    "ttml",
    "json3",
    "srv",
    "ass",
    "lrc",
    "sami",
    "microdvd",
    "whisper",
    "json",
    "mpl2",
    "tmplayer",
    "pjs",
    "subviewer",
    "scc",
    "mcc",
    "ebu stl",
    "spruce stl",
    "qttext",
    "table",
    "timed text",
    "html",
    "plain",
]

ParseWarnings = Counter[str]
"""Messages about what was dropped or repaired, each with its count, so that a damaged file needs little memory."""


NO_TIMES = "it has no times, so that nobody can tell when something is said in it"
"""Why a transcript is no captions."""


@dataclass(frozen=True, slots=True)
class ParseResult:
    """The cues of a caption file, its format, and warnings about what was dropped or repaired."""

    cues: Sequence[Cue]
    format: CaptionFormat
    warnings: tuple[str, ...] = ()


def format_warnings(warnings: ParseWarnings) -> tuple[str, ...]:
    """Return each of *warnings* once, with its count."""
    return tuple(f"{count} × {message}" if count > 1 else message for message, count in warnings.items())
