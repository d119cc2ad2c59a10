"""Tell the kind of a clip by its captions."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from ..model import Transcript

if TYPE_CHECKING:  # a search of one video imports none of it
    from .build import Speech

_NOTES = frozenset("♪♫♩♬")
_MIN_NOTES = 4
_MIN_QUESTIONS, _MIN_TURNS = 8, 12
_MAX_QUESTION_GAP_WORDS = 150
_QUESTION = re.compile(r"\?[\"'”’)]*$", re.MULTILINE)


def hear_kind(transcript: Transcript | Speech | None) -> str:
    """Return the kind that captions show: notes are those of songs, questions and turns those of interviews."""
    if transcript is None or not transcript.words:
        return ""
    notes = sum(1 for at in transcript.sounds if transcript.words[at].strip("[]()") in _NOTES)
    if notes >= _MIN_NOTES and notes * 20 >= len(transcript.words):
        return "performance"
    return "interview" if _is_questioned(transcript) else ""


def _is_questioned(transcript: Transcript | Speech) -> bool:
    """Return whether two people speak in turns, and one of them asks."""
    words, turns = transcript.words, transcript.speakers
    if len(turns) < _MIN_TURNS:
        return False
    questions = len(_QUESTION.findall("\n".join(words)))
    if questions < _MIN_QUESTIONS or questions * _MAX_QUESTION_GAP_WORDS < len(words):
        return False
    counts = Counter(name for _, name in turns if name)
    if not counts:
        return True
    two = sum(count for _, count in counts.most_common(2))
    return len(counts) > 1 and two * 10 >= sum(counts.values()) * 9
