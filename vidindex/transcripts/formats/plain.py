"""Plain text, which has no times."""

from __future__ import annotations

from ...model import Cue
from ..limits import check_cue_size, collect_cues
from .cue_text import strip_lines
from .parse_result import ParseWarnings
from .text_chunks import iter_lines


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Return a cue at time zero for each line that has text.

    Raises `ValueError` if *text* is binary.
    """
    if sum(1 for char in text[:4000] if char < " " and char not in "\t\r\n\f") > 4:
        raise ValueError("it is not text")
    warnings["no times: all words are at the start"] += 1
    return collect_cues(_make_line_cue(line) for raw in iter_lines(text) if (line := strip_lines(raw)))


def _make_line_cue(line: str) -> Cue:
    check_cue_size(len(line))
    return Cue(0, 0, line)
