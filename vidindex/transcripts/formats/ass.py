"""Advanced SubStation Alpha (ASS), and its predecessor SSA."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...model import Cue
from ..limits import MAX_CUES, check_count, check_cue_size, collect_cues
from ..timecode import parse_timestamp_ms
from .cue_text import strip_lines
from .parse_result import ParseWarnings
from .text_chunks import iter_lines

_OVERRIDE_TAG = re.compile(r"\{([^{}]*)\}")
_DRAWING_MODE = re.compile(r"\\p([0-9])")
_DEFAULT_FIELDS = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
_MAX_FIELDS = 40


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the dialogue of an ASS or SSA file, in order of time, without comments and drawings."""
    cues = collect_cues(_iter_cues(text, warnings))
    cues.sort(key=lambda cue: cue.start_ms)
    return cues


def _iter_cues(text: str, warnings: ParseWarnings) -> Iterator[Cue]:
    fields, in_events, count = _DEFAULT_FIELDS, False, 0
    for line in iter_lines(text):
        kind, _, rest = line.strip().partition(":")
        kind = kind.lower()
        if kind.startswith("["):
            in_events = kind.startswith("[events]")
        elif in_events and kind == "format":
            fields = [name.strip().lower() for name in rest.split(",", _MAX_FIELDS)[:_MAX_FIELDS]]
        elif in_events and kind == "dialogue":
            count += 1
            check_count(count, MAX_CUES, "lines of dialogue")
            cue = _make_dialogue_cue(dict(zip(fields, rest.strip().split(",", len(fields) - 1), strict=False)))
            if cue is None:
                warnings["dialogue with unreadable times dropped"] += 1
            elif cue.text:
                yield cue


def _make_dialogue_cue(fields: dict[str, str]) -> Cue | None:
    start, end = parse_timestamp_ms(fields.get("start", "")), parse_timestamp_ms(fields.get("end", ""))
    if start is None or end is None:
        return None
    check_cue_size(len(fields.get("text", "")))
    text = strip_lines(_strip_overrides(fields.get("text", "")))
    return Cue(start, max(start, end), text, fields.get("name", "").strip())


def _strip_overrides(text: str) -> str:
    """Remove override tags, and the commands of drawings, which are not text."""
    parts, drawing, at = [], False, 0
    for match in _OVERRIDE_TAG.finditer(text):
        if not drawing:
            parts.append(text[at : match.start()])
        if modes := _DRAWING_MODE.findall(match[1]):
            drawing = modes[-1] != "0"
        at = match.end()
    if not drawing:
        parts.append(text[at:])
    return "".join(parts).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
