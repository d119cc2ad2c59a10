"""Timed texts in the JSON of speech recognizers and services, each of which names its fields differently.

A time is an int if it is known to be in milliseconds, and a float if the file does not state its unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ..limits import check_cue_size
from ..timecode import MAX_TIME_MS, parse_timestamp_ms
from .lenient_json import list_or_empty, text_or_none
from .stray_markup import strip_stray_markup

JsonObject = dict[str, object]
Time = int | float
"""An int in milliseconds, or a float in a unit that is not known yet."""

_TICK_MS = 1e-4
# Names without underscores and in lower case; the first one that an object has counts.
_START_SCALES: dict[str, float | None] = {
    "startms": 1, "tstartms": 1, "starttimems": 1, "startmillis": 1, "starttimemillis": 1, "startmilliseconds": 1,
    "beginoffsetmillis": 1, "offsetmilliseconds": 1, "offsetms": 1, "startoffsetms": 1, "offsetinticks": _TICK_MS,
    "offsets": 1, "startsec": 1000, "startseconds": 1000, "starttimeseconds": 1000, "startsecs": 1000,
    "start": None, "starttime": None, "startoffset": None, "timestart": None, "datastart": None, "startat": None,
    "begin": None, "begintime": None, "from": None, "ts": None, "offset": None, "timestamp": None, "timestamps": None,
    "time": None, "instances": None, "timespan": None, "bg": None, "t": None,
}  # fmt: skip
_END_SCALES: dict[str, float | None] = {
    "endms": 1, "tendms": 1, "endtimems": 1, "endmillis": 1, "endtimemillis": 1, "endmilliseconds": 1,
    "endoffsetmillis": 1, "endoffsetms": 1, "endsec": 1000, "endseconds": 1000, "endtimeseconds": 1000, "endsecs": 1000,
    "end": None, "endtime": None, "endoffset": None, "timeend": None, "dataend": None, "endat": None, "to": None,
    "endts": None, "stop": None, "endtimestamp": None, "resultendtime": None, "resultendoffset": None,
    "ed": None,
}  # fmt: skip
_LENGTH_SCALES: dict[str, float | None] = {
    "ddurationms": 1, "durationms": 1, "durationmilliseconds": 1, "durationmillis": 1, "durms": 1,
    "durationinticks": _TICK_MS, "durationseconds": 1000,
    "duration": None, "dur": None, "length": None, "d": None,
}  # fmt: skip
_TEXT_KEYS = (
    "punctuatedword", "displaytext", "text", "body", "content", "transcript", "word", "value", "display", "sentence",
    "caption", "snippet", "line", "subtitle", "segment", "utterance", "phrase", "onebest", "lexical",
    "finalsentence",
)  # fmt: skip
_SPEAKER_KEYS = (
    "speakername", "speakerdisplayname", "speaker", "speakerlabel", "speakerid", "speakertag", "participantrole",
)  # fmt: skip
_WORD_LIST_KEYS = (
    "words", "displaywords", "elements", "items", "tokens", "result", "wordsegments", "timestamps",
)  # fmt: skip
_BEST_KEYS = ("alternatives", "nbest")
_UNIT_TIME = re.compile(r"(?:PT)?(?:(\d{1,3})H)?(?:(\d{1,5})M)?(?:(\d{1,9}(?:\.\d{1,9})?)(ms|s))?", re.IGNORECASE)
_SPECIAL_TOKEN = re.compile(r"\[_[A-Z]{2,10}_(?:\d+)?\]?|<\|[^<>|]{0,40}\|>")
_MAX_LAYOUT_KEYS = 40
_MAX_NUMBER = 1e15


class TimedItem(NamedTuple):
    """A text with its times, and its words if it states them; *glue* is `before` or `after` for punctuation."""

    text: str
    start: Time | None = None
    end: Time | None = None
    speaker: str = ""
    glue: str = ""
    words: tuple[TimedItem, ...] = ()


class _Layout(NamedTuple):
    """The keys of an object, by meaning."""

    starts: tuple[tuple[str, float | None], ...]
    ends: tuple[tuple[str, float | None], ...]
    lengths: tuple[tuple[str, float | None], ...]
    texts: tuple[str, ...]
    speakers: tuple[str, ...]
    word_lists: tuple[str, ...]
    best: tuple[str, ...]


def read_item(value: JsonObject, speaker: str = "") -> TimedItem | None:
    """Read an object as a timed text or as a text with timed words; return None if it is neither."""
    layout = _find_layout(value)
    if layout.best and (best := list_or_empty(value[layout.best[0]])) and isinstance(best[0], dict):
        value = {**best[0], **value}
        layout = _find_layout(value)
    speaker = _read_speaker(value, layout) or speaker
    words: tuple[TimedItem, ...] = ()
    for key in layout.word_lists:
        if words := read_words(value[key]):
            break
    text = _read_text(value, layout)
    start, end = _read_times(value, layout)
    if text is None or (start is None and end is None and not words):
        if not words:
            return None
        text = ""
    check_cue_size(len(text))
    return TimedItem(_clean(text), start, end, speaker, _read_glue(value), words)


def names_timed_text(names: Sequence[str]) -> bool:
    """Return whether an object with fields of *names* may be a timed text: some are those of a start and of a text."""
    layout = _make_layout(tuple(names))
    return bool(layout.starts and layout.texts)


def read_words(values: object) -> tuple[TimedItem, ...]:
    """Read a list of words with their times; one without a time is kept if others have one."""
    words: list[TimedItem] = []
    for value in list_or_empty(values):
        if isinstance(value, dict):
            word = _read_word(value)
        elif isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str):  # IBM Watson
            word = TimedItem(value[0], _read_time(value[1], None), _read_time(value[2], None))
        elif isinstance(value, list) and len(value) >= 3 and isinstance(value[2], str):  # Clova
            word = TimedItem(value[2], _read_time(value[0], None), _read_time(value[1], None))
        else:
            return ()
        if word is not None:
            words.append(word)
    return tuple(words) if any(word.start is not None for word in words) else ()


def _read_word(value: JsonObject) -> TimedItem | None:
    layout = _find_layout(value)
    if layout.best and (best := list_or_empty(value[layout.best[0]])) and isinstance(best[0], dict):
        value = {**best[0], **value}
        layout = _find_layout(value)
    text = _read_text(value, layout)
    if text is None or not text or (("_" in text or "|" in text) and _SPECIAL_TOKEN.fullmatch(text.strip())):
        return None
    check_cue_size(len(text))
    start, end = _read_times(value, layout)
    return TimedItem(_clean(text), start, end, _read_speaker(value, layout), _read_glue(value))


def _clean(text: str) -> str:
    return strip_stray_markup(text) if "<" in text or "&" in text or "{" in text else text


def _find_layout(value: JsonObject) -> _Layout:
    keys = tuple(value)
    return _cached_layout(keys) if len(keys) <= _MAX_LAYOUT_KEYS else _make_layout(keys)


def _make_layout(keys: tuple[str, ...]) -> _Layout:
    names = {key.replace("_", "").replace("-", "").lower(): key for key in keys}
    return _Layout(
        tuple((names[name], scale) for name, scale in _START_SCALES.items() if name in names),
        tuple((names[name], scale) for name, scale in _END_SCALES.items() if name in names),
        tuple((names[name], scale) for name, scale in _LENGTH_SCALES.items() if name in names),
        tuple(names[name] for name in _TEXT_KEYS if name in names),
        tuple(names[name] for name in _SPEAKER_KEYS if name in names),
        tuple(names[name] for name in _WORD_LIST_KEYS if name in names),
        tuple(names[name] for name in _BEST_KEYS if name in names),
    )


_cached_layout = lru_cache(64)(_make_layout)


def _read_text(value: JsonObject, layout: _Layout) -> str | None:
    for key in layout.texts:
        text = value[key]
        if isinstance(text, dict):
            text = text.get("text", text.get("simpleText", text.get("runs")))
        if isinstance(text, list) and text and all(isinstance(run, dict) and "text" in run for run in text):
            text = "".join([text_or_none(run["text"]) or "" for run in text]) if _are_runs(text) else None
        if (found := text_or_none(text)) is not None:
            return found
    return None


def _are_runs(values: list[JsonObject]) -> bool:
    """Check for the runs of one text, unlike a list of timed texts."""
    return not any(_find_layout(value).starts for value in values)


def _read_speaker(value: JsonObject, layout: _Layout) -> str:
    for key in layout.speakers:
        name = value[key]
        if isinstance(name, dict):
            name = name.get("name", name.get("label", name.get("id")))
        if isinstance(name, int) and not isinstance(name, bool) and -1e6 < name < 1e6:
            if name == 0 and key.lower().endswith("tag"):
                continue  # Google's tags begin at 1
            return f"Speaker {name}"
        if text := " ".join((text_or_none(name) or "").split()):
            return f"Speaker {text}" if text.isdecimal() else text
    return ""


def _read_glue(value: JsonObject) -> str:
    if value.get("type") in ("punctuation", "punct"):
        return "before" if value.get("attaches_to") == "next" else "after"
    return ""


def _read_times(value: JsonObject, layout: _Layout) -> tuple[Time | None, Time | None]:
    start = end = None
    for key, scale in layout.starts:
        start, end = _read_range(value[key], scale)
        if start is not None or end is not None:
            break
    if end is None:
        end = next((at for key, scale in layout.ends if (at := _read_time(value[key], scale)) is not None), None)
    if end is None and start is not None:
        for key, scale in layout.lengths:
            length = _read_time(value[key], scale)
            if length is not None and type(length) is type(start):
                return start, start + max(0, length)
    return start, end


def _read_range(value: object, scale: float | None) -> tuple[Time | None, Time | None]:
    """Read a time, or a pair or an object of two times."""
    if isinstance(value, list):
        if len(value) == 2 and not isinstance(value[0], (list, dict)):
            return _read_time(value[0], scale), _read_time(value[1], scale)
        value = value[0] if len(value) == 1 and isinstance(value[0], dict) else None
    if isinstance(value, dict) and "seconds" not in value and "nanos" not in value:
        start = _read_time(value.get("from", value.get("start")), scale)
        return start, _read_time(value.get("to", value.get("end")), scale)
    return _read_time(value, scale), None


def _read_time(value: object, scale: float | None) -> Time | None:
    """Read a time; *scale* are the milliseconds in its unit, if the name of its field states that."""
    if isinstance(value, dict):
        seconds, nanos = _number(value.get("seconds", 0)), _number(value.get("nanos", 0))
        return None if seconds is None or nanos is None else _bounded_ms(seconds * 1000 + nanos / 1_000_000)
    if isinstance(value, str):
        value = value.strip()
        if ":" in value:
            return parse_timestamp_ms(value[:40])
        if value and value[-1] in "sSmMhH" and len(value) < 40:
            return _parse_unit_time(value)
    number = _number(value)
    if number is None or scale is None:
        return number
    return _bounded_ms(number * scale)


def _parse_unit_time(value: str) -> int | None:
    """Parse `1.5s`, `1500ms` or the ISO duration `PT1M1.5S`."""
    match = _UNIT_TIME.fullmatch(value)
    if match is None:
        return None
    hours, minutes, number, unit = match.groups(default="0")
    scale = 1 if unit.lower() == "ms" else 1000
    return _bounded_ms((int(hours) * 60 + int(minutes)) * 60_000 + float(number) * scale)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if -_MAX_NUMBER <= number <= _MAX_NUMBER else None


def _bounded_ms(ms: float) -> int | None:
    return round(ms) if -MAX_TIME_MS <= ms <= MAX_TIME_MS else None
