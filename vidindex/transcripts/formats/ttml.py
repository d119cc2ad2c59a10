"""TTML and its dialects: DFXP, SMPTE-TT, IMSC, and what sites write in their name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import Cue
from .cue_text import tidy, timed_words
from .lenient_xml import local_name, parse_xml
from .parse_result import Notes
from .timestamps import MAX_MS, clock_ms, scaled_ms

if TYPE_CHECKING:
    from lxml.etree import _Element

_OFFSET = re.compile(r"\s*(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)?\s*")
_FRAMES = re.compile(r"\s*(\d{1,6}):(\d{1,2}):(\d{1,2})[:;](\d{1,3})(?:\.\d{1,3})?\s*")
_BREAK = "\x85"  # a line break that survives the folding of white space, which `tidy` would not see
_WHITE = re.compile(r"[ \t\r\n]+")
_UNIT_MS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, None: 1000.0}


@dataclass(frozen=True, slots=True)
class Rates:
    """How the document counts: frames a second, by the label and in truth, and ticks a second."""

    label: float = 30.0
    true: float = 30.0
    ticks: float = 1.0
    smpte: bool = False
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when an element shows; *end_ms* is None while nothing says so."""

    begin_ms: int = 0
    end_ms: int | None = None
    own: bool = False


def read(text: str, notes: Notes) -> list[Cue]:
    """Read the paragraphs of a TTML document; raise ValueError where it is no XML."""
    root = parse_xml(text)
    if local_name(root.tag) != "tt":
        raise ValueError("it is XML, but no TTML")
    rates, names = _rates(root), _names(root)
    cues: list[Cue] = []
    stack = [(root, Span())]
    while stack:
        element, outer = stack.pop()
        tag = local_name(element.tag)
        span = _span(element, outer, rates, notes)
        if tag == "p":
            cues += _cues(element, span, rates, names, notes)
        elif tag in ("tt", "body", "div"):
            stack += [(child, span) for child in reversed(element)]
    return _with_ends(cues, notes)


def _rates(root: _Element) -> Rates:
    stated = {local_name(name): str(value) for name, value in root.attrib.items()}
    label = _number(stated.get("framerate", "")) or 30.0
    factor = stated.get("frameratemultiplier", "").replace(":", " ").split()
    over, under = (_number(factor[0]), _number(factor[-1])) if len(factor) == 2 else (1.0, 1.0)
    true = label * over / under if over and under else label
    ticks = _number(stated.get("tickrate", "")) or (label if "framerate" in stated else 1.0)
    drop = stated.get("dropmode", "").lower().startswith("drop")
    return Rates(label, true, ticks, stated.get("timebase", "").lower() == "smpte", drop)


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text.strip()) else 0.0


def _names(root: _Element) -> dict[str, str]:
    """Map the ids of the document's agents to their names."""
    names = {}
    for agent in root.iter("{*}agent"):
        ids = [str(value) for name, value in agent.attrib.items() if local_name(name) == "id"]
        text = " ".join("".join(str(part) for part in agent.itertext()).split())
        if ids and text:
            names[ids[0]] = text
    return names


def _span(element: _Element, outer: Span, rates: Rates, notes: Notes) -> Span:
    """Tell when *element* shows: its times count from the start of what it stands in."""
    stated = {local_name(name): str(value) for name, value in element.attrib.items()}
    begin, end, dur = (_time_ms(stated.get(name), rates, notes) for name in ("begin", "end", "dur"))
    if begin is None and end is None and dur is None:
        return Span(outer.begin_ms, outer.end_ms)
    start = outer.begin_ms + (begin or 0)
    if end is not None:
        stop = outer.begin_ms + end
    elif dur is not None:
        stop = start + dur
    else:
        return Span(start, outer.end_ms, own=True)
    return Span(start, stop, own=True)


def _time_ms(text: str | None, rates: Rates, notes: Notes) -> int | None:
    if text is None:
        return None
    ms = _frames_ms(text, rates)
    if ms is None:
        match = _OFFSET.fullmatch(text)
        ms = scaled_ms(match[1], _unit_ms(match[2], rates)) if match else clock_ms(text)
    if ms is None or ms > MAX_MS:
        notes["unreadable time ignored"] += 1
        return None
    return ms


def _unit_ms(unit: str | None, rates: Rates) -> float:
    if unit == "f":
        return 1000 / rates.true
    return 1000 / rates.ticks if unit == "t" else _UNIT_MS[unit]


def _frames_ms(text: str, rates: Rates) -> int | None:
    """Read `hours:minutes:seconds:frames`, in SMPTE time also what the frame count leaves out."""
    match = _FRAMES.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, frame = (int(part) for part in match.groups()[:4])
    minutes += hours * 60
    if not rates.smpte and ";" not in text:
        return round((minutes * 60 + seconds) * 1000 + frame * 1000 / rates.true)
    count = (minutes * 60 + seconds) * rates.label + frame
    if rates.drop or ";" in text:
        count -= 2 * (minutes - minutes // 10)
    return round(count * 1000 / rates.true)


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of a paragraph, and the times of the span around it where that states them."""

    text: str
    begin_ms: int | None = None
    end_ms: int | None = None


def _cues(element: _Element, span: Span, rates: Rates, names: dict[str, str], notes: Notes) -> list[Cue]:
    """Make the cue of a paragraph, or one of each timed span where only those have times."""
    pieces = list(_pieces(element, Piece(""), rates, notes))
    keep = any(local_name(name) == "space" and value == "preserve" for name, value in element.attrib.items())
    if not keep:
        pieces = [replace(piece, text=_WHITE.sub(" ", piece.text)) for piece in pieces]
    timed = [piece for piece in pieces if piece.begin_ms is not None and piece.text.strip()]
    speaker = _speaker(element, names)
    if timed and not span.own:
        return [_piece_cue(piece, span, speaker) for piece in timed]
    end = -1 if span.end_ms is None else max(span.begin_ms, span.end_ms)
    if not timed:
        text = tidy("".join(piece.text for piece in pieces).replace(_BREAK, "\n"))
        return [Cue(span.begin_ms, end, text, speaker)]
    words = timed_words(_on_clock(pieces, span), span.begin_ms, MAX_MS if end < 0 else end)
    return [Cue(span.begin_ms, end, " ".join(word.text for word in words), speaker, tuple(words))]


def _piece_cue(piece: Piece, span: Span, speaker: str) -> Cue:
    begin = span.begin_ms + (piece.begin_ms or 0)
    end = -1 if piece.end_ms is None else max(begin, span.begin_ms + piece.end_ms)
    return Cue(begin, end, tidy(piece.text.replace(_BREAK, "\n")), speaker)


def _on_clock(pieces: list[Piece], span: Span) -> Iterator[tuple[int, str]]:
    """Give each piece its time: spans should count from their paragraph, but many count from the start."""
    stated = [piece.begin_ms for piece in pieces if piece.begin_ms is not None]
    base = 0 if stated and stated[0] >= span.begin_ms else span.begin_ms
    at = span.begin_ms
    for piece in pieces:
        at = at if piece.begin_ms is None else base + piece.begin_ms
        yield at, piece.text.replace(_BREAK, " ")


def _speaker(element: _Element, names: dict[str, str]) -> str:
    for node in element.iter("{*}p", "{*}span"):
        for name, value in node.attrib.items():
            if local_name(name) == "agent":
                return names.get(str(value), "")
    return ""


def _pieces(element: _Element, outer: Piece, rates: Rates, notes: Notes) -> Iterator[Piece]:
    """Walk the text in *element* in order, without ruby annotations and metadata."""
    yield replace(outer, text=element.text or "")
    walk = [(element, iter(element), outer)]
    while walk:
        node, children, inside = walk[-1]
        child = next(children, None)
        if child is None:
            walk.pop()
            if walk:
                yield replace(walk[-1][2], text=node.tail or "")
        elif local_name(child.tag) == "br":
            yield replace(inside, text=_BREAK + (child.tail or ""))
        elif _is_shown(child):
            inner = _inner(child, inside, rates, notes)
            yield replace(inner, text=child.text or "")
            walk.append((child, iter(child), inner))
        else:
            yield replace(inside, text=child.tail or "")


def _inner(node: _Element, outer: Piece, rates: Rates, notes: Notes) -> Piece:
    span = _span(node, Span(), rates, notes)
    return Piece("", span.begin_ms, span.end_ms) if span.own else outer


def _is_shown(node: _Element) -> bool:
    """Check that *node* holds text of the paragraph: no comment, no metadata, no ruby annotation."""
    kinds = {value for name, value in node.attrib.items() if local_name(name) == "ruby"}
    hidden = local_name(node.tag) in ("", "metadata", "set", "rt", "rp")
    return not hidden and not kinds & {"text", "delimiter", "textContainer"}


def _with_ends(cues: list[Cue], notes: Notes) -> list[Cue]:
    """Let a cue without an end last until the next one, five seconds at most."""
    open_ends = 0
    for at, cue in enumerate(cues):
        if cue.end_ms < 0:
            open_ends += 1
            after = cues[at + 1].start_ms if at + 1 < len(cues) else cue.start_ms + 5000
            cues[at] = replace(cue, end_ms=min(max(after, cue.start_ms), cue.start_ms + 5000))
    if open_ends:
        notes["cue without an end ended by the next one"] += open_ends
    return cues
