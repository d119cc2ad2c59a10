"""SubViewer 1: the times in brackets on lines of their own, within a script that has a head and an end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...model import Cue
from . import timed_text
from .parse_result import ParseWarnings

SUBVIEWER_START = re.compile(r"^[ \t]*\[BEGIN\][ \t]*\r?\n(?:[ \t]*\*+[^\n]*\n)?", re.MULTILINE | re.IGNORECASE)
_END = re.compile(r"^[ \t]*\[END\][ \t]*$", re.MULTILINE | re.IGNORECASE)


def parse_cues(text: str, warnings: ParseWarnings) -> Sequence[Cue]:
    """Parse the text below each time; one without text ends the text above."""
    start = SUBVIEWER_START.search(text)
    begin = start.end() if start else 0
    end = _END.search(text, begin)
    return timed_text.parse_cues(text[begin : end.start() if end else len(text)], warnings)
