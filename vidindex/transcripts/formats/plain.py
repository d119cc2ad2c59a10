"""Plain text: what was said, without times."""

from __future__ import annotations

from ...model import Cue
from .cue_text import strip_lines
from .parse_result import ParseWarnings


def parse_cues(text: str, notes: ParseWarnings) -> list[Cue]:
    """Make a cue at the very start of each line that has text."""
    if sum(1 for char in text[:4000] if char < " " and char not in "\t\r\n\f") > 4:
        raise ValueError("it is no text")
    notes["no times: every word stands at the start"] += 1
    return [Cue(0, 0, line) for raw in text.splitlines() if (line := strip_lines(raw))]
