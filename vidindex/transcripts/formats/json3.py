"""YouTube's json3: events of timed segments."""

from __future__ import annotations

from ...model import Cue
from .cue_text import tidy, timed_words
from .lenient_json import as_list, load_object
from .parse_result import Notes
from .timestamps import scaled_ms


def read(text: str, notes: Notes) -> list[Cue]:
    """Read the events that show text; those that only break a line or set up a window show none."""
    cues = []
    for event in as_list(load_object(text).get("events")):
        if isinstance(event, dict) and (segments := as_list(event.get("segs"))):
            start = scaled_ms(event.get("tStartMs", 0), 1)
            length = scaled_ms(event.get("dDurationMs", 0), 1)
            if start is None or length is None or start < 0:
                notes["event with an absurd time dropped"] += 1
            elif cue := _cue(segments, start, start + max(0, length)):
                cues.append(cue)
    return cues


def _cue(segments: list[object], start_ms: int, end_ms: int) -> Cue | None:
    pieces: list[tuple[int, str]] = []
    timed = False
    for segment in segments:
        if isinstance(segment, dict) and isinstance(text := segment.get("utf8"), str):
            offset = scaled_ms(segment.get("tOffsetMs", 0), 1) or 0
            timed = timed or offset > 0
            pieces.append((start_ms + offset, text))
    text = tidy("".join([piece for _, piece in pieces]))
    if not text:
        return None
    if not timed:
        return Cue(start_ms, end_ms, text)
    words = timed_words(pieces, start_ms, end_ms)
    return Cue(start_ms, end_ms, " ".join([word.text for word in words]), "", tuple(words))
