"""YouTube's json3: events that consist of timed segments."""

from __future__ import annotations

from collections.abc import Iterator

from ...model import Cue
from ..limits import check_cue_size, collect_cues
from ..timecode import scale_to_ms
from .cue_text import make_timed_words, strip_lines
from .lenient_json import iter_json_list, list_or_empty, text_or_none
from .parse_result import ParseWarnings
from .stray_markup import strip_stray_markup_of_pieces


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the events that show text; others only break a line or set up a window."""
    return collect_cues(_iter_cues(iter_json_list(text, ["events"]), warnings))


def _iter_cues(events: Iterator[object], warnings: ParseWarnings) -> Iterator[Cue]:
    for event in events:
        if isinstance(event, dict) and (segments := list_or_empty(event.get("segs"))):
            start = scale_to_ms(event.get("tStartMs", 0), 1)
            length = scale_to_ms(event.get("dDurationMs", 0), 1)
            if start is None or length is None or start < 0:
                warnings["event with an invalid time dropped"] += 1
            elif cue := _make_event_cue(segments, start, start + max(0, length)):
                yield cue


def _make_event_cue(segments: list[object], start_ms: int, end_ms: int) -> Cue | None:
    pieces: list[tuple[int, str]] = []
    timed = False
    for segment in segments:
        if isinstance(segment, dict) and (text := text_or_none(segment.get("utf8"))) is not None:
            offset = scale_to_ms(segment.get("tOffsetMs", 0), 1) or 0
            timed = timed or offset > 0
            pieces.append((start_ms + offset, text))
    check_cue_size(sum([len(piece) for _, piece in pieces]))
    joined = "".join([piece for _, piece in pieces])
    if "<" in joined or "&" in joined or "{" in joined:
        stripped = strip_stray_markup_of_pieces([piece for _, piece in pieces])
        pieces = [(at, piece) for (at, _), piece in zip(pieces, stripped, strict=True)]
        joined = "".join(stripped)
    text = strip_lines(joined)
    if not text:
        return None
    if not timed:
        return Cue(start_ms, end_ms, text)
    words = make_timed_words(pieces, start_ms, end_ms)
    return Cue(start_ms, end_ms, " ".join([word.text for word in words]), "", tuple(words))
