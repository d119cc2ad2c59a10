"""The ends of cues in formats that state only starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...model import Cue
from ..limits import MAX_CUES, CueBudget, check_count, check_cue_size
from ..timecode import MAX_TIME_MS
from .cue_text import make_cue
from .parse_result import ParseWarnings

_MIN_CUE_MS = 5000
_CHAR_MS = 100  # slow speech: ten characters a second


class TimedText(NamedTuple):
    """A text with its start and its end, which is negative if none is stated."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""


class TimedTexts(list[TimedText]):
    """The texts of a file as far as they are read, within the limits of a track."""

    def __init__(self) -> None:
        super().__init__()
        self._budget = CueBudget()
        self._further: list[str] = []  # lines of the last text, joined at once: else this would take quadratic time
        self._further_chars = 0

    def add_line(self, line: str) -> None:
        """Append a further line to the last text.  Raises `CaptionError` if that becomes too long."""
        self._further_chars += len(line) + 1
        check_cue_size(self._further_chars)
        self._further.append(line)

    def finish(self) -> None:
        """Complete the last text."""
        if self._further and self:
            self[-1] = self[-1]._replace(text="\n".join([self[-1].text, *self._further]))
            check_cue_size(len(self[-1].text))
        self._further.clear()
        self._further_chars = 0

    def add(self, timed: TimedText) -> None:
        """Append a text.  Raises `CaptionError` if the texts exceed a limit."""
        self.finish()
        check_cue_size(len(timed.text))
        self._budget.charge_chars(len(timed.text))
        self.append(timed)
        check_count(len(self), MAX_CUES, "cues")


def close_cues(texts: Sequence[TimedText], warnings: ParseWarnings) -> list[Cue]:
    """Return the cues of *texts*; one without an end lasts until the next, if its words can take so long.

    A text without words only ends the one before.
    """
    cues: list[Cue] = []
    after, limit = MAX_TIME_MS, MAX_TIME_MS
    for start_ms, stated_ms, text, speaker in reversed(texts):
        if start_ms < after:
            after, limit = start_ms, after
        if not text:
            continue
        end_ms = stated_ms
        if stated_ms < 0:
            warnings["cue without an end, estimated"] += 1
            end_ms = max(start_ms, min(limit, start_ms + max(_MIN_CUE_MS, _CHAR_MS * len(text))))
        cue = make_cue(text, start_ms, end_ms)
        cues.append(Cue(cue.start_ms, cue.end_ms, cue.text, speaker) if speaker else cue)
    cues.reverse()
    return cues
