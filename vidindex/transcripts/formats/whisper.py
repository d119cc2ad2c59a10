"""The JSON of speech recognizers (Whisper, WhisperX, whisper.cpp), with word times."""

from __future__ import annotations

from collections.abc import Iterator

from ...model import Cue, TimedWord
from ..limits import check_cue_size, collect_cues
from ..timecode import parse_timestamp_ms, scale_to_ms, seconds_to_ms
from .cue_text import strip_lines
from .lenient_json import iter_json_list, list_or_empty, text_or_none
from .parse_result import ParseWarnings

_LIST_KEYS = ("segments", "transcription", "chunks", "word_segments", "words")
_JsonObject = dict[str, object]


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the segments of the output of a recognizer, or a bare list of segments.

    Raises `ValueError` if *text* is not JSON.
    """
    return collect_cues(_iter_cues(iter_json_list(text, _LIST_KEYS), warnings))


def _iter_cues(segments: Iterator[object], warnings: ParseWarnings) -> Iterator[Cue]:
    for segment in segments:
        if isinstance(segment, dict):
            cue = _make_segment_cue(segment)
            if cue is None:
                warnings["segment without times or text dropped"] += 1
            else:
                yield cue


def _make_segment_cue(segment: _JsonObject) -> Cue | None:
    times = _parse_times(segment)
    text = text_or_none(segment.get("text", segment.get("word", segment.get("punctuated_word"))))
    if times is None or text is None or not (text := strip_lines(text)):
        return None
    check_cue_size(len(text))
    words = _parse_words(list_or_empty(segment.get("words")), *times)
    if words:
        text = " ".join([word.text for word in words])
    return Cue(*times, text, text_or_none(segment.get("speaker")) or "", words)


def _parse_times(segment: _JsonObject) -> tuple[int, int] | None:
    """Parse the times of a segment, which each recognizer names differently."""
    start, end = seconds_to_ms(segment.get("start")), seconds_to_ms(segment.get("end"))
    if start is not None and end is None and "duration" in segment:
        end = start + max(0, seconds_to_ms(segment["duration"]) or 0)
    if start is None and isinstance(offsets := segment.get("offsets"), dict):
        start, end = scale_to_ms(offsets.get("from"), 1), scale_to_ms(offsets.get("to"), 1)
    if start is None and len(pair := list_or_empty(segment.get("timestamp"))) == 2:
        start, end = seconds_to_ms(pair[0]), seconds_to_ms(pair[1])
    if start is None and isinstance(stamps := segment.get("timestamps"), dict):
        start, end = parse_timestamp_ms(str(stamps.get("from"))), parse_timestamp_ms(str(stamps.get("to")))
    if start is None or start < 0:
        return None
    return start, max(start, start if end is None else end)


def _parse_words(words: list[object], start_ms: int, end_ms: int) -> tuple[TimedWord, ...]:
    """Parse words with times; one without (a number that could not be aligned) starts with the word before it."""
    timed: list[TimedWord] = []
    at = start_ms
    for word in words:
        if not isinstance(word, dict):
            continue
        text = text_or_none(word.get("word", word.get("text")))
        stated = seconds_to_ms(word.get("start"))
        at = at if stated is None else min(max(at, stated), max(at, end_ms))
        if text is not None:
            check_cue_size(len(text))
            timed += [TimedWord(at, part) for part in strip_lines(text).split()]
    return tuple(timed)
