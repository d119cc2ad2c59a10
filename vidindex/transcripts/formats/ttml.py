"""TTML and its dialects: DFXP, SMPTE-TT, IMSC, and what sites write in their name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import Cue
from .cue_text import make_timed_words, strip_lines
from .lenient_xml import local_name, parse_lenient_xml
from .parse_result import ParseWarnings
from .timestamps import MAX_TIME_MS, parse_timestamp_ms, scale_to_ms

if TYPE_CHECKING:
    from lxml.etree import _Element

_OFFSET_TIME = re.compile(r"\s*(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)?\s*")
_FRAME_TIME = re.compile(r"\s*(\d{1,6}):(\d{1,2}):(\d{1,2})[:;](\d{1,3})(?:\.\d{1,3})?\s*")
_LINE_BREAK_CHAR = "\x85"  # a line break that survives the folding of white space, which `tidy` would not see
_WHITESPACE = re.compile(r"[ \t\r\n]+")
_UNIT_MS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, None: 1000.0}


@dataclass(frozen=True, slots=True)
class TtmlRates:
    """How the document counts: frames a second, by the label and in truth, and ticks a second."""

    nominal_frame_rate: float = 30.0
    frame_rate: float = 30.0
    tick_rate: float = 1.0
    is_smpte: bool = False
    is_drop_frame: bool = False


@dataclass(frozen=True, slots=True)
class TtmlTiming:
    """From when to when an element shows; *end_ms* is None while nothing says so."""

    begin_ms: int = 0
    end_ms: int | None = None
    is_stated: bool = False


def parse_cues(text: str, notes: ParseWarnings) -> list[Cue]:
    """Read the paragraphs of a TTML document; raise ValueError where it is no XML."""
    root = parse_lenient_xml(text)
    if local_name(root.tag) != "tt":
        raise ValueError("it is XML, but no TTML")
    rates, names = _parse_rates(root), _collect_agent_names(root)
    cues: list[Cue] = []
    stack = [(root, TtmlTiming())]
    while stack:
        element, outer = stack.pop()
        tag = local_name(element.tag)
        span = _parse_timing(element, outer, rates, notes)
        if tag == "p":
            cues += _make_cues(element, span, rates, names, notes)
        elif tag in ("tt", "body", "div"):
            stack += [(child, span) for child in reversed(element)]
    return _fill_missing_ends(cues, notes)


def _parse_rates(root: _Element) -> TtmlRates:
    stated = {local_name(name): str(value) for name, value in root.attrib.items()}
    label = _parse_number(stated.get("framerate", "")) or 30.0
    factor = stated.get("frameratemultiplier", "").replace(":", " ").split()
    over, under = (_parse_number(factor[0]), _parse_number(factor[-1])) if len(factor) == 2 else (1.0, 1.0)
    true = label * over / under if over and under else label
    ticks = _parse_number(stated.get("tickrate", "")) or (label if "framerate" in stated else 1.0)
    drop = stated.get("dropmode", "").lower().startswith("drop")
    return TtmlRates(label, true, ticks, stated.get("timebase", "").lower() == "smpte", drop)


def _parse_number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text.strip()) else 0.0


def _collect_agent_names(root: _Element) -> dict[str, str]:
    """Map the ids of the document's agents to their names."""
    names = {}
    for agent in root.iter("{*}agent"):
        ids = [str(value) for name, value in agent.attrib.items() if local_name(name) == "id"]
        text = " ".join("".join(str(part) for part in agent.itertext()).split())
        if ids and text:
            names[ids[0]] = text
    return names


def _parse_timing(element: _Element, outer: TtmlTiming, rates: TtmlRates, notes: ParseWarnings) -> TtmlTiming:
    """Tell when *element* shows: its times count from the start of what it stands in."""
    stated = {local_name(name): str(value) for name, value in element.attrib.items()}
    begin, end, dur = (_parse_time_ms(stated.get(name), rates, notes) for name in ("begin", "end", "dur"))
    if begin is None and end is None and dur is None:
        return TtmlTiming(outer.begin_ms, outer.end_ms)
    start = outer.begin_ms + (begin or 0)
    if end is not None:
        stop = outer.begin_ms + end
    elif dur is not None:
        stop = start + dur
    else:
        return TtmlTiming(start, outer.end_ms, is_stated=True)
    return TtmlTiming(start, stop, is_stated=True)


def _parse_time_ms(text: str | None, rates: TtmlRates, notes: ParseWarnings) -> int | None:
    if text is None:
        return None
    ms = _parse_frame_time_ms(text, rates)
    if ms is None:
        match = _OFFSET_TIME.fullmatch(text)
        ms = scale_to_ms(match[1], _unit_ms(match[2], rates)) if match else parse_timestamp_ms(text)
    if ms is None or ms > MAX_TIME_MS:
        notes["unreadable time ignored"] += 1
        return None
    return ms


def _unit_ms(unit: str | None, rates: TtmlRates) -> float:
    if unit == "f":
        return 1000 / rates.frame_rate
    return 1000 / rates.tick_rate if unit == "t" else _UNIT_MS[unit]


def _parse_frame_time_ms(text: str, rates: TtmlRates) -> int | None:
    """Read `hours:minutes:seconds:frames`, in SMPTE time also what the frame count leaves out."""
    match = _FRAME_TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, frame = (int(part) for part in match.groups()[:4])
    minutes += hours * 60
    if not rates.is_smpte and ";" not in text:
        return round((minutes * 60 + seconds) * 1000 + frame * 1000 / rates.frame_rate)
    count = (minutes * 60 + seconds) * rates.nominal_frame_rate + frame
    if rates.is_drop_frame or ";" in text:
        count -= 2 * (minutes - minutes // 10)
    return round(count * 1000 / rates.frame_rate)


@dataclass(frozen=True, slots=True)
class TtmlText:
    """Text of a paragraph, and the times of the span around it where that states them."""

    text: str
    begin_ms: int | None = None
    end_ms: int | None = None


def _make_cues(
    element: _Element, span: TtmlTiming, rates: TtmlRates, names: dict[str, str], notes: ParseWarnings
) -> list[Cue]:
    """Make the cue of a paragraph, or one of each timed span where only those have times."""
    pieces = list(_walk_text(element, TtmlText(""), rates, notes))
    keep = any(local_name(name) == "space" and value == "preserve" for name, value in element.attrib.items())
    if not keep:
        pieces = [replace(piece, text=_WHITESPACE.sub(" ", piece.text)) for piece in pieces]
    timed = [piece for piece in pieces if piece.begin_ms is not None and piece.text.strip()]
    speaker = _find_speaker(element, names)
    if timed and not span.is_stated:
        return [_make_text_cue(piece, span, speaker) for piece in timed]
    end = -1 if span.end_ms is None else max(span.begin_ms, span.end_ms)
    if not timed:
        text = strip_lines("".join(piece.text for piece in pieces).replace(_LINE_BREAK_CHAR, "\n"))
        return [Cue(span.begin_ms, end, text, speaker)]
    words = make_timed_words(_absolute_times(pieces, span), span.begin_ms, MAX_TIME_MS if end < 0 else end)
    return [Cue(span.begin_ms, end, " ".join(word.text for word in words), speaker, tuple(words))]


def _make_text_cue(piece: TtmlText, span: TtmlTiming, speaker: str) -> Cue:
    begin = span.begin_ms + (piece.begin_ms or 0)
    end = -1 if piece.end_ms is None else max(begin, span.begin_ms + piece.end_ms)
    return Cue(begin, end, strip_lines(piece.text.replace(_LINE_BREAK_CHAR, "\n")), speaker)


def _absolute_times(pieces: list[TtmlText], span: TtmlTiming) -> Iterator[tuple[int, str]]:
    """Give each piece its time: spans should count from their paragraph, but many count from the start."""
    stated = [piece.begin_ms for piece in pieces if piece.begin_ms is not None]
    base = 0 if stated and stated[0] >= span.begin_ms else span.begin_ms
    at = span.begin_ms
    for piece in pieces:
        at = at if piece.begin_ms is None else base + piece.begin_ms
        yield at, piece.text.replace(_LINE_BREAK_CHAR, " ")


def _find_speaker(element: _Element, names: dict[str, str]) -> str:
    for node in element.iter("{*}p", "{*}span"):
        for name, value in node.attrib.items():
            if local_name(name) == "agent":
                return names.get(str(value), "")
    return ""


def _walk_text(element: _Element, outer: TtmlText, rates: TtmlRates, notes: ParseWarnings) -> Iterator[TtmlText]:
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
            yield replace(inside, text=_LINE_BREAK_CHAR + (child.tail or ""))
        elif _is_shown(child):
            inner = _inherit_timing(child, inside, rates, notes)
            yield replace(inner, text=child.text or "")
            walk.append((child, iter(child), inner))
        else:
            yield replace(inside, text=child.tail or "")


def _inherit_timing(node: _Element, outer: TtmlText, rates: TtmlRates, notes: ParseWarnings) -> TtmlText:
    span = _parse_timing(node, TtmlTiming(), rates, notes)
    return TtmlText("", span.begin_ms, span.end_ms) if span.is_stated else outer


def _is_shown(node: _Element) -> bool:
    """Check that *node* holds text of the paragraph: no comment, no metadata, no ruby annotation."""
    kinds = {value for name, value in node.attrib.items() if local_name(name) == "ruby"}
    hidden = local_name(node.tag) in ("", "metadata", "set", "rt", "rp")
    return not hidden and not kinds & {"text", "delimiter", "textContainer"}


def _fill_missing_ends(cues: list[Cue], notes: ParseWarnings) -> list[Cue]:
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
