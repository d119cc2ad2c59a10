"""Advanced SubStation Alpha (ASS), and its predecessor SSA, with the times of syllables in karaoke."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...model import Cue
from ..limits import MAX_CUES, check_count, check_cue_size, collect_cues
from ..timecode import parse_timestamp_ms
from .cue_text import make_timed_words, strip_lines
from .parse_result import ParseWarnings
from .stray_markup import strip_stray_markup_of_pieces
from .text_chunks import iter_lines

_OVERRIDE_TAG = re.compile(r"\{([^{}]*)\}")
_DRAWING_MODE = re.compile(r"\\p([0-9])")
_KARAOKE_TAG = re.compile(r"\\(kt|[kK][fo]?)([0-9]{1,6})")
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
    raw, name = fields.get("text", ""), fields.get("name", "").strip()
    check_cue_size(len(raw))
    pieces = list(_iter_pieces(raw, start))
    joined = "".join([piece for _, piece in pieces])
    if "<" in joined or "&" in joined:
        plain = strip_stray_markup_of_pieces([piece for _, piece in pieces])
        pieces = [(ms, piece) for (ms, _), piece in zip(pieces, plain, strict=True)]
        joined = "".join(plain)
    if all(ms == start for ms, piece in pieces if piece.strip()):
        return Cue(start, max(start, end), strip_lines(joined), name)
    words = make_timed_words(pieces, start, max(start, end))
    return Cue(start, max(start, end), " ".join([word.text for word in words]), name, tuple(words))


def _iter_pieces(text: str, start_ms: int) -> Iterator[tuple[int, str]]:
    """Yield the pieces between override tags with the times that karaoke tags give them.

    The commands of drawings are not text.
    """
    drawing, at, ms, next_ms = False, 0, start_ms, start_ms
    for match in _OVERRIDE_TAG.finditer(text):
        if not drawing:
            yield ms, _decode_escapes(text[at : match.start()])
        if modes := _DRAWING_MODE.findall(match[1]):
            drawing = modes[-1] != "0"
        for kind, value in _KARAOKE_TAG.findall(match[1]):
            if kind == "kt":  # from the start of the line, and not from the syllable before
                next_ms = start_ms + 10 * int(value)
            else:
                ms, next_ms = next_ms, next_ms + 10 * int(value)
        at = match.end()
    if not drawing:
        yield ms, _decode_escapes(text[at:])


def _decode_escapes(text: str) -> str:
    return text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ") if "\\" in text else text
