"""The blocks of WebVTT in their usual form, a chunk at a time: one pattern reads every block of a chunk.

This is the fast path of `webvtt`, which reads the chunks that it leaves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...model import Cue, TimedWord
from ..limits import MAX_CUE_CHARS, check_cue_size
from ..plain_cues import PlainCues
from ..timecode import parse_full_timestamps_ms
from .cue_text import make_cue, make_cues, parse_timed_line, strip_lines

_TIME = r"([0-9]{2}:[0-5][0-9]:[0-5][0-9]\.[0-9]{3})"
# The whole block is a group, too: if all of them are as long as the chunk, nothing lies between them.
_BLOCK = re.compile(
    rf"^((?:(?![0-9]{{2}}:)[^\n]+\n)?{_TIME} --> {_TIME}(?: [\x20-\x7e]*)?(?:\n([^\n]+(?:\n[^\n]+)*))?(?:\n+|\Z))",
    re.MULTILINE,
)
_TIMESTAMP = re.compile(r"<[0-9]{2}:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}>")
_SEPARATOR = "\0"  # the parser has replaced those of the file


def parse_regular_chunk(chunk: str) -> Sequence[Cue] | None:
    """Parse *chunk*, which consists of whole blocks; return None if one of them has another form.

    Raises `CaptionError` if the text of a cue is too long.
    """
    chunk = chunk.strip("\n")
    found = _BLOCK.findall(chunk)
    if not found:
        return None if chunk else []
    blocks, start_texts, end_texts, raws = zip(*found, strict=True)
    if sum(map(len, blocks)) != len(chunk) or chunk.count("-->") != len(blocks):
        return None
    starts_ms, ends_ms = parse_full_timestamps_ms(start_texts), parse_full_timestamps_ms(end_texts)
    return None if starts_ms is None or ends_ms is None else _make_cues(raws, starts_ms, ends_ms)


def _make_cues(raws: Sequence[str], starts_ms: list[int], ends_ms: list[int]) -> Sequence[Cue]:
    joined = _SEPARATOR.join(raws)
    if len(joined) > MAX_CUE_CHARS:
        check_cue_size(max(map(len, raws)))
    if "&" in joined or "{" in joined:
        return _make_marked_cues(raws, starts_ms, ends_ms)
    if "<" not in joined:
        return PlainCues(starts_ms, list(map(max, starts_ms, ends_ms)), list(map(strip_lines, raws)))
    plain = joined.replace("<c>", "").replace("</c>", "")
    if plain.count("<") != len(_TIMESTAMP.findall(plain)) or plain.count("<") != plain.count(">"):
        return _make_marked_cues(raws, starts_ms, ends_ms)
    return list(map(_make_timed_cue, plain.split(_SEPARATOR), starts_ms, ends_ms))


def _make_marked_cues(raws: Sequence[str], starts_ms: Sequence[int], ends_ms: Sequence[int]) -> list[Cue]:
    timed = zip(raws, starts_ms, ends_ms, strict=True)
    if any("<v" in raw for raw in raws):
        return [cue for raw, start, end in timed for cue in make_cues(raw, start, end)]
    return [make_cue(raw, start, end) for raw, start, end in timed]


def _make_timed_cue(raw: str, start_ms: int, end_ms: int) -> Cue:
    """Return the cue of *raw*, which has no markup but inline timestamps in their usual form."""
    if "<" not in raw:
        return Cue(start_ms, max(start_ms, end_ms), strip_lines(raw))
    lines: list[str] = []
    words: list[TimedWord] = []
    for line in raw.split("\n"):
        timed = parse_timed_line(line, start_ms, end_ms) if "<" in line else ()
        text = " ".join([word.text for word in timed]) if "<" in line else line.strip()
        words += timed
        if text:
            lines.append(text)
    return Cue(start_ms, max(start_ms, end_ms), "\n".join(lines), "", tuple(words))
