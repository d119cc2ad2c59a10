"""YouTube's XML formats: srv1 (`<transcript>`), srv2 and srv3 (`<timedtext>`)."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

from ...model import Cue
from ..limits import check_cue_size, collect_cues
from ..timecode import scale_to_ms
from .cue_text import make_cue, make_timed_words, strip_lines
from .lenient_xml import XmlToken, decode_references, iter_xml, parse_attributes
from .parse_result import ParseWarnings


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the texts of srv1 and srv2, and the paragraphs of srv3."""
    return collect_cues(_iter_cues(iter_xml(text), warnings))


def _iter_cues(tokens: Iterator[XmlToken], warnings: ParseWarnings) -> Iterator[Cue]:
    for kind, name, raw in tokens:
        if kind == "start" and name in ("p", "text"):
            times = _parse_times(name, parse_attributes(raw))
            pieces, has_times = _read_pieces(tokens, times[0] if times else 0)
            if times is None:
                warnings["text with an invalid time dropped"] += 1
            elif cue := _make_paragraph_cue(pieces, *times, has_times=has_times):
                yield cue


def _parse_times(name: str, attributes: dict[str, str]) -> tuple[int, int] | None:
    if name == "text" and "start" in attributes:
        start, length = scale_to_ms(attributes["start"], 1000), scale_to_ms(attributes.get("dur", "0"), 1000)
    else:
        start, length = scale_to_ms(attributes.get("t"), 1), scale_to_ms(attributes.get("d", "0"), 1)
    if start is None or length is None or start < 0:
        return None
    return start, start + max(0, length)


def _read_pieces(tokens: Iterator[XmlToken], start_ms: int) -> tuple[list[tuple[int, str]], bool]:
    """Return the pieces of text up to the end of the paragraph with their times, and whether it states such times."""
    pieces: list[tuple[int, str]] = []
    at, depth, size, has_times = start_ms, 1, 0, False
    for kind, name, raw in tokens:
        if kind == "text":
            pieces.append((at, decode_references(raw)))
        elif kind == "end":
            depth -= 1
            if not depth:
                break
        else:
            depth += 1
            if name == "br":
                pieces.append((at, "\n"))
            elif name == "s":
                offset = parse_attributes(raw).get("t", "")
                has_times = has_times or offset != ""
                at = start_ms + max(0, scale_to_ms(offset, 1) or 0)
        size += 1 + len(raw)
        check_cue_size(size)
    return pieces, has_times


def _make_paragraph_cue(pieces: list[tuple[int, str]], start_ms: int, end_ms: int, *, has_times: bool) -> Cue | None:
    """Return the cue of a paragraph, or None if the paragraph only breaks a line."""
    if has_times:
        words = make_timed_words([(at, unescape(text)) for at, text in pieces], start_ms, end_ms)
        text = " ".join([word.text for word in words])
        return Cue(start_ms, end_ms, text, "", tuple(words)) if text else None
    # srv1 and srv2 are escaped twice, so that the pieces contain the markup and entities of the track.
    cue = make_cue("".join([text for _, text in pieces]), start_ms, end_ms)
    return cue if strip_lines(cue.text) else None
