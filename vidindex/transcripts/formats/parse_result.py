"""What every caption parser gives back, and how it tells what it had to drop or mend."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ...model import Cue

ParseWarnings = Counter[str]
"""What was dropped or mended, each kind with its count: bounded, however bad the file is."""


@dataclass(frozen=True, slots=True)
class ParseResult:
    """Cues as their track states them, the format they were read as, and what was dropped or mended."""

    cues: list[Cue]
    format: str
    warnings: tuple[str, ...] = ()


def format_warnings(notes: ParseWarnings) -> tuple[str, ...]:
    """Say each of *notes* once, with its count."""
    return tuple(f"{count} × {note}" if count > 1 else note for note, count in notes.items())
