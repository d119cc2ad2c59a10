"""The blocks of WebVTT in their usual form, a chunk at a time: one pattern splits a chunk at all its timing lines.

This is the fast path of `webvtt`, which reads the chunks that it leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from ...model import Cue, TimedWord
from ..limits import MAX_CUE_CHARS, check_cue_size
from ..plain_cues import PlainCues
from ..timecode import parse_full_timestamps_ms
from .cue_text import make_cue, make_cues, make_timed_word, parse_timed_line, strip_lines

_TIME = r"([0-9]{2}:[0-5][0-9]:[0-5][0-9]\.[0-9]{3})"
_TIMING = re.compile(rf"\n\n(?:(?![0-9]{{2}}:)[^\n]+\n)?{_TIME} --> {_TIME}(?: [\x20-\x7e]*)?(?:\n(?!\n)|(?=\n)|\Z)")
_BLANK_LINES = re.compile(r"\n{3,}")
_TIMESTAMP = re.compile(r"<([0-9]{2}:[0-5][0-9]:[0-5][0-9]\.[0-9]{3})>")
_SEPARATOR = "\0"  # the parser has replaced those of the file


def parse_regular_chunk(chunk: str) -> Sequence[Cue] | None:
    """Parse *chunk*, which consists of whole blocks; return None if one of them has another form.

    Raises `CaptionError` if the text of a cue is too long.
    """
    chunk = chunk.strip("\n")
    if not chunk:
        return []
    if "\n\n\n" in chunk:
        chunk = _BLANK_LINES.sub("\n\n", chunk)
    # The first part is what stands before the first cue, then come two times and a text for each.
    parts = _TIMING.split(f"\n\n{chunk}")
    raws = parts[3::3]
    if parts[0] or chunk.count("-->") != len(raws):
        return None
    starts_ms, ends_ms = parse_full_timestamps_ms(parts[1::3]), parse_full_timestamps_ms(parts[2::3])
    joined = _SEPARATOR.join(raws)
    if starts_ms is None or ends_ms is None or "\n\n" in joined:
        return None  # there is a block of another form
    return _make_cues(joined, raws, starts_ms, ends_ms)


def _make_cues(joined: str, raws: Sequence[str], starts_ms: list[int], ends_ms: list[int]) -> Sequence[Cue]:
    """Return the cues of *raws*, the texts with markup that are *joined*."""
    if len(joined) > MAX_CUE_CHARS:
        check_cue_size(max(map(len, raws)))
    if "&" in joined or "{" in joined or "\\" in joined:
        return _make_marked_cues(raws, starts_ms, ends_ms)
    if "<" not in joined:
        return PlainCues(starts_ms, list(map(max, starts_ms, ends_ms)), list(map(strip_lines, raws)))
    plain = joined.replace("<c>", "").replace("</c>", "")
    timestamps = _TIMESTAMP.findall(plain)
    times = parse_full_timestamps_ms(timestamps)
    if times is None or plain.count("<") != len(times) or plain.count(">") != len(times):
        return _make_marked_cues(raws, starts_ms, ends_ms)
    # YouTube writes a space after each timestamp, and none before it.
    is_usual = plain.count("> ") == len(times) and " <" not in plain
    bare = _TIMESTAMP.sub("", plain).split(_SEPARATOR) if is_usual else [""] * len(raws)
    next_times = iter(times)
    return [
        _make_timed_cue(raw, text, start, end, next_times)
        for raw, text, start, end in zip(plain.split(_SEPARATOR), bare, starts_ms, ends_ms, strict=True)
    ]


def _make_marked_cues(raws: Sequence[str], starts_ms: Sequence[int], ends_ms: Sequence[int]) -> list[Cue]:
    timed = zip(raws, starts_ms, ends_ms, strict=True)
    if any("<v" in raw for raw in raws):
        return [cue for raw, start, end in timed for cue in make_cues(raw, start, end)]
    return [make_cue(raw, start, end) for raw, start, end in timed]


def _make_timed_cue(raw: str, bare: str, start_ms: int, end_ms: int, next_times: Iterator[int]) -> Cue:
    """Return the cue of *raw*, which has no markup but inline timestamps in their usual form.

    The times of these are the next ones of *next_times*.  *bare* is *raw* without them, or empty if they may stand in
    unusual places.
    """
    if "<" not in raw:
        return Cue(start_ms, max(start_ms, end_ms), strip_lines(raw))
    lines: list[str] = []
    words: list[TimedWord] = []
    raw_lines = raw.split("\n")
    for line, plain in zip(raw_lines, bare.split("\n") if bare else raw_lines, strict=True):
        if "<" in line:
            starts = [start_ms, *islice(next_times, line.count("<"))]
            texts = plain.split()
            # One word before the first timestamp, and one after each.
            if bare and len(texts) == len(starts) and starts[-1] <= end_ms and starts == sorted(starts):
                words += map(make_timed_word, zip(starts, texts, strict=True))
            else:
                timed = parse_timed_line(line, start_ms, end_ms)
                texts = [word.text for word in timed]
                words += timed
            text = " ".join(texts)
        else:
            text = line.strip()
        if text:
            lines.append(text)
    return Cue(start_ms, max(start_ms, end_ms), "\n".join(lines), "", tuple(words))
