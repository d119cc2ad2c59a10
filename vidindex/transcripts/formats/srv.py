"""YouTube's XML: srv1 (`<transcript>`), srv2 and srv3 (`<timedtext>`)."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

from ...model import Cue
from .cue_text import as_cue, tidy, timed_words
from .lenient_xml import local_name, parse_xml
from .parse_result import Notes
from .timestamps import scaled_ms

if TYPE_CHECKING:
    from lxml.etree import _Element


def read(text: str, notes: Notes) -> list[Cue]:
    """Read the texts of srv1 and srv2, and the paragraphs of srv3."""
    cues = []
    for element in parse_xml(text).iter("{*}text", "{*}p"):
        times = _times(element)
        if times is None:
            notes["text with an absurd time dropped"] += 1
        elif cue := _cue(element, *times):
            cues.append(cue)
    return cues


def _times(element: _Element) -> tuple[int, int] | None:
    if local_name(element.tag) == "text" and "start" in element.attrib:
        start, length = scaled_ms(element.get("start"), 1000), scaled_ms(element.get("dur", "0"), 1000)
    else:
        start, length = scaled_ms(element.get("t"), 1), scaled_ms(element.get("d", "0"), 1)
    if start is None or length is None or start < 0:
        return None
    return start, start + max(0, length)


def _cue(element: _Element, start_ms: int, end_ms: int) -> Cue | None:
    """Make a cue; None for a paragraph that only breaks a line."""
    segments = [child for child in element if local_name(child.tag) == "s"]
    if any(segment.get("t") for segment in segments):
        words = timed_words(_pieces(element, segments, start_ms), start_ms, end_ms)
        text = " ".join([word.text for word in words])
        return Cue(start_ms, end_ms, text, "", tuple(words)) if text else None
    parts = ["\n" if local_name(node.tag) == "br" else node.text or "" for node in element.iter()]
    tails = [node.tail or "" if node is not element else "" for node in element.iter()]
    raw = "".join(part + tail for part, tail in zip(parts, tails, strict=True))
    # srv1 and srv2 are escaped twice, so that markup and entities of the track come out here.
    cue = as_cue(raw, start_ms, end_ms)
    return cue if tidy(cue.text) else None


def _pieces(element: _Element, segments: list[_Element], start_ms: int) -> list[tuple[int, str]]:
    pieces = [(start_ms, unescape(element.text or ""))]
    for segment in segments:
        at = start_ms + max(0, scaled_ms(segment.get("t", "0"), 1) or 0)
        pieces += [(at, unescape(segment.text or "")), (at, unescape(segment.tail or ""))]
    return pieces
