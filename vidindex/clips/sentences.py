"""Where the sentences of captions begin and end."""

from __future__ import annotations

from bisect import bisect_left

from ..model import Transcript

_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！", "।", "؟")
_QUOTES = "\"'”’»)]"
_ABBREVIATIONS = frozenset(
    ("mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "gov", "gen", "sen", "rep", "lt", "col", "sgt", "capt", "rev",
     "vs", "u.s", "u.k")
)  # fmt: skip
_MAX_SENTENCE_MS = 30_000
"""How far a sentence is followed beyond the moment."""

_PAUSE_MS, _UNPUNCTUATED_PAUSE_MS = 2_000, 600
_CHECKED_WORDS = 300
_MAX_PUNCTUATED_WORDS = 60
"""Captions with fewer sentence ends than one for this number of words have no punctuation."""


def expand_to_sentences(transcript: Transcript, start_ms: int, end_ms: int) -> tuple[int, int]:
    """Return the times of the whole sentences around the words from *start_ms* to *end_ms*.

    In captions without punctuation, a sentence ends at a pause.  Changes of speaker and long pauses end one, too, and
    none is followed for longer than 30 s.
    """
    starts = transcript.starts_ms
    first, end = bisect_left(starts, start_ms), bisect_left(starts, end_ms)
    if first >= end:
        return start_ms, end_ms
    pause_ms = _PAUSE_MS if _is_punctuated(transcript, first) else _UNPUNCTUATED_PAUSE_MS
    turns = {at for at, _ in transcript.speakers}
    while first > 0 and not _is_boundary(transcript, first, pause_ms, turns):
        if start_ms - starts[first - 1] > _MAX_SENTENCE_MS:
            break
        first -= 1
    while end < len(starts) and not _is_boundary(transcript, end, pause_ms, turns):
        if starts[end] - end_ms > _MAX_SENTENCE_MS:
            break
        end += 1
    return min(start_ms, starts[first]), max(end_ms, transcript.ends_ms[end - 1])


def _is_boundary(transcript: Transcript, at: int, pause_ms: int, turns: set[int]) -> bool:
    """Return whether a sentence begins with the word *at*."""
    before = transcript.words[at - 1].rstrip(_QUOTES)
    if at in turns or transcript.starts_ms[at] - transcript.ends_ms[at - 1] >= pause_ms:
        return True
    if not before.endswith(_SENTENCE_ENDS):
        return False
    stem = before.rstrip(".").lower()
    is_initial = len(stem) == 1 and before.endswith(".") and stem != "i"
    return not is_initial and stem not in _ABBREVIATIONS


def _is_punctuated(transcript: Transcript, at: int) -> bool:
    words = transcript.words[max(at - _CHECKED_WORDS, 0) : at + _CHECKED_WORDS]
    ends = sum(word.rstrip(_QUOTES).endswith(_SENTENCE_ENDS) for word in words)
    return ends * _MAX_PUNCTUATED_WORDS >= len(words)
