"""YouTube's XML formats: srv1 (`<transcript>`), srv2 and srv3 (`<timedtext>`)."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

from ...model import Cue
from ..timecode import scale_to_ms
from .cue_text import make_cue, make_timed_words, strip_lines
from .lenient_xml import local_name, parse_lenient_xml
from .parse_result import ParseWarnings

if TYPE_CHECKING:
    from lxml.etree import _Element


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the texts of srv1 and srv2, and the paragraphs of srv3.

    Raises `ValueError` if *text* is not XML.
    """
    cues = []
    for element in parse_lenient_xml(text).iter("{*}text", "{*}p"):
        times = _parse_times(element)
        if times is None:
            warnings["text with an invalid time dropped"] += 1
        elif cue := _make_paragraph_cue(element, *times):
            cues.append(cue)
    return cues


def _parse_times(element: _Element) -> tuple[int, int] | None:
    if local_name(element.tag) == "text" and "start" in element.attrib:
        start, length = scale_to_ms(element.get("start"), 1000), scale_to_ms(element.get("dur", "0"), 1000)
    else:
        start, length = scale_to_ms(element.get("t"), 1), scale_to_ms(element.get("d", "0"), 1)
    if start is None or length is None or start < 0:
        return None
    return start, start + max(0, length)


def _make_paragraph_cue(element: _Element, start_ms: int, end_ms: int) -> Cue | None:
    """Return the cue of a paragraph, or None if the paragraph only breaks a line."""
    segments = [child for child in element if local_name(child.tag) == "s"]
    if any(segment.get("t") for segment in segments):
        words = make_timed_words(_split_segments(element, segments, start_ms), start_ms, end_ms)
        text = " ".join([word.text for word in words])
        return Cue(start_ms, end_ms, text, "", tuple(words)) if text else None
    parts = ["\n" if local_name(node.tag) == "br" else node.text or "" for node in element.iter()]
    tails = [node.tail or "" if node is not element else "" for node in element.iter()]
    raw = "".join(part + tail for part, tail in zip(parts, tails, strict=True))
    # srv1 and srv2 are escaped twice, so that *raw* contains the markup and entities of the track.
    cue = make_cue(raw, start_ms, end_ms)
    return cue if strip_lines(cue.text) else None


def _split_segments(element: _Element, segments: list[_Element], start_ms: int) -> list[tuple[int, str]]:
    pieces = [(start_ms, unescape(element.text or ""))]
    for segment in segments:
        at = start_ms + max(0, scale_to_ms(segment.get("t", "0"), 1) or 0)
        pieces += [(at, unescape(segment.text or "")), (at, unescape(segment.tail or ""))]
    return pieces
