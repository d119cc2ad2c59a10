"""What speech recognisers write: the JSON of Whisper, WhisperX and whisper.cpp, with word times."""

from __future__ import annotations

from ...model import Cue, TimedWord
from .cue_text import tidy
from .lenient_json import as_list, load
from .parse_result import Notes
from .timestamps import clock_ms, scaled_ms, seconds_ms

_Object = dict[str, object]


def read(text: str, notes: Notes) -> list[Cue]:
    """Read the segments, or the bare list of them, of a recogniser's output."""
    cues = []
    for segment in _segments(load(text)):
        cue = _cue(segment)
        if cue is None:
            notes["segment without times or text dropped"] += 1
        else:
            cues.append(cue)
    return cues


def _segments(value: object) -> list[_Object]:
    if isinstance(value, dict):
        names = ("segments", "transcription", "chunks", "word_segments", "words")
        value = next((value[name] for name in names if as_list(value.get(name))), None)
    return [segment for segment in as_list(value) if isinstance(segment, dict)]


def _cue(segment: _Object) -> Cue | None:
    times = _times(segment)
    text = segment.get("text", segment.get("word", segment.get("punctuated_word")))
    if times is None or not isinstance(text, str) or not (text := tidy(text)):
        return None
    speaker = segment.get("speaker")
    words = _words(as_list(segment.get("words")), *times)
    if words:
        text = " ".join([word.text for word in words])
    return Cue(*times, text, speaker if isinstance(speaker, str) else "", words)


def _times(segment: _Object) -> tuple[int, int] | None:
    """Read the times of a segment, however its maker names them."""
    start, end = seconds_ms(segment.get("start")), seconds_ms(segment.get("end"))
    if start is not None and end is None and "duration" in segment:
        end = start + max(0, seconds_ms(segment["duration"]) or 0)
    if start is None and isinstance(offsets := segment.get("offsets"), dict):
        start, end = scaled_ms(offsets.get("from"), 1), scaled_ms(offsets.get("to"), 1)
    if start is None and len(pair := as_list(segment.get("timestamp"))) == 2:
        start, end = seconds_ms(pair[0]), seconds_ms(pair[1])
    if start is None and isinstance(stamps := segment.get("timestamps"), dict):
        start, end = clock_ms(str(stamps.get("from"))), clock_ms(str(stamps.get("to")))
    if start is None or start < 0:
        return None
    return start, max(start, start if end is None else end)


def _words(words: list[object], start_ms: int, end_ms: int) -> tuple[TimedWord, ...]:
    """Read words with times; one without (a number that could not be aligned) starts with the one before."""
    timed: list[TimedWord] = []
    at = start_ms
    for word in words:
        if not isinstance(word, dict):
            continue
        text = word.get("word", word.get("text"))
        stated = seconds_ms(word.get("start"))
        at = at if stated is None else min(max(at, stated), max(at, end_ms))
        if isinstance(text, str):
            timed += [TimedWord(at, part) for part in tidy(text).split()]
    return tuple(timed)
