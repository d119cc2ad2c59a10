"""TTML and its profiles (DFXP, SMPTE-TT, IMSC), including the invalid documents that some sites serve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import Cue
from ..timecode import MAX_TIME_MS, parse_timestamp_ms, scale_to_ms
from .cue_text import make_timed_words, strip_lines
from .lenient_xml import local_name, parse_lenient_xml
from .parse_result import ParseWarnings

if TYPE_CHECKING:
    from lxml.etree import _Element

_OFFSET_TIME = re.compile(r"\s*(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)?\s*")
_FRAME_TIME = re.compile(r"\s*(\d{1,6}):(\d{1,2}):(\d{1,2})[:;](\d{1,3})(?:\.\d{1,3})?\s*")
_LINE_BREAK_CHAR = "\x85"  # stands for a line break, and survives the collapsing of white space
_WHITESPACE = re.compile(r"[ \t\r\n]+")
_UNIT_MS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, None: 1000.0}


@dataclass(frozen=True, slots=True)
class TtmlRates:
    """The rates of a document, per second: frames as counted in time codes, frames as shown, and ticks."""

    nominal_frame_rate: float = 30.0
    frame_rate: float = 30.0
    tick_rate: float = 1.0
    is_smpte: bool = False
    is_drop_frame: bool = False


@dataclass(frozen=True, slots=True)
class TtmlTiming:
    """When an element is shown; *end_ms* is None if no end is stated."""

    begin_ms: int = 0
    end_ms: int | None = None
    is_stated: bool = False


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the paragraphs of a TTML document.

    Raises `ValueError` if *text* is not TTML.
    """
    root = parse_lenient_xml(text)
    if local_name(root.tag) != "tt":
        raise ValueError("it is XML, but not TTML")
    rates, names = _parse_rates(root), _collect_agent_names(root)
    cues: list[Cue] = []
    stack = [(root, TtmlTiming())]
    while stack:
        element, outer = stack.pop()
        tag = local_name(element.tag)
        timing = _parse_timing(element, outer, rates, warnings)
        if tag == "p":
            cues += _make_cues(element, timing, rates, names, warnings)
        elif tag in ("tt", "body", "div"):
            stack += [(child, timing) for child in reversed(element)]
    return _fill_missing_ends(cues, warnings)


def _parse_rates(root: _Element) -> TtmlRates:
    stated = {local_name(name): str(value) for name, value in root.attrib.items()}
    nominal = _parse_number(stated.get("framerate", "")) or 30.0
    factor = stated.get("frameratemultiplier", "").replace(":", " ").split()
    over, under = (_parse_number(factor[0]), _parse_number(factor[-1])) if len(factor) == 2 else (1.0, 1.0)
    effective = nominal * over / under if over and under else nominal
    ticks = _parse_number(stated.get("tickrate", "")) or (nominal if "framerate" in stated else 1.0)
    drop_frame = stated.get("dropmode", "").lower().startswith("drop")
    return TtmlRates(nominal, effective, ticks, stated.get("timebase", "").lower() == "smpte", drop_frame)


def _parse_number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text.strip()) else 0.0


def _collect_agent_names(root: _Element) -> dict[str, str]:
    """Return the names of the agents of the document by their ids."""
    names = {}
    for agent in root.iter("{*}agent"):
        ids = [str(value) for name, value in agent.attrib.items() if local_name(name) == "id"]
        text = " ".join("".join(str(part) for part in agent.itertext()).split())
        if ids and text:
            names[ids[0]] = text
    return names


def _parse_timing(element: _Element, outer: TtmlTiming, rates: TtmlRates, warnings: ParseWarnings) -> TtmlTiming:
    """Return when *element* is shown; its times are relative to the start of its parent, *outer*."""
    stated = {local_name(name): str(value) for name, value in element.attrib.items()}
    begin, end, dur = (_parse_time_ms(stated.get(name), rates, warnings) for name in ("begin", "end", "dur"))
    if begin is None and end is None and dur is None:
        return TtmlTiming(outer.begin_ms, outer.end_ms)
    start = outer.begin_ms + (begin or 0)
    if end is not None:
        end = outer.begin_ms + end
    elif dur is not None:
        end = start + dur
    else:
        return TtmlTiming(start, outer.end_ms, is_stated=True)
    return TtmlTiming(start, end, is_stated=True)


def _parse_time_ms(text: str | None, rates: TtmlRates, warnings: ParseWarnings) -> int | None:
    if text is None:
        return None
    ms = _parse_frame_time_ms(text, rates)
    if ms is None:
        match = _OFFSET_TIME.fullmatch(text)
        ms = scale_to_ms(match[1], _unit_ms(match[2], rates)) if match else parse_timestamp_ms(text)
    if ms is None or ms > MAX_TIME_MS:
        warnings["unreadable time ignored"] += 1
        return None
    return ms


def _unit_ms(unit: str | None, rates: TtmlRates) -> float:
    if unit == "f":
        return 1000 / rates.frame_rate
    return 1000 / rates.tick_rate if unit == "t" else _UNIT_MS[unit]


def _parse_frame_time_ms(text: str, rates: TtmlRates) -> int | None:
    """Parse `hours:minutes:seconds:frames`; drop-frame time codes skip some frame numbers."""
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
    """A piece of the text of a paragraph, with the times of its span if that states them."""

    text: str
    begin_ms: int | None = None
    end_ms: int | None = None


def _make_cues(
    element: _Element, timing: TtmlTiming, rates: TtmlRates, names: dict[str, str], warnings: ParseWarnings
) -> list[Cue]:
    """Return the cue of a paragraph, or one for each timed span if the paragraph itself has no times."""
    pieces = list(_walk_text(element, TtmlText(""), rates, warnings))
    preserve = any(local_name(name) == "space" and value == "preserve" for name, value in element.attrib.items())
    if not preserve:
        pieces = [replace(piece, text=_WHITESPACE.sub(" ", piece.text)) for piece in pieces]
    timed = [piece for piece in pieces if piece.begin_ms is not None and piece.text.strip()]
    speaker = _find_speaker(element, names)
    if timed and not timing.is_stated:
        return [_make_text_cue(piece, timing, speaker) for piece in timed]
    end = -1 if timing.end_ms is None else max(timing.begin_ms, timing.end_ms)
    if not timed:
        text = strip_lines("".join(piece.text for piece in pieces).replace(_LINE_BREAK_CHAR, "\n"))
        return [Cue(timing.begin_ms, end, text, speaker)]
    words = make_timed_words(_absolute_times(pieces, timing), timing.begin_ms, MAX_TIME_MS if end < 0 else end)
    return [Cue(timing.begin_ms, end, " ".join(word.text for word in words), speaker, tuple(words))]


def _make_text_cue(piece: TtmlText, timing: TtmlTiming, speaker: str) -> Cue:
    begin = timing.begin_ms + (piece.begin_ms or 0)
    end = -1 if piece.end_ms is None else max(begin, timing.begin_ms + piece.end_ms)
    return Cue(begin, end, strip_lines(piece.text.replace(_LINE_BREAK_CHAR, "\n")), speaker)


def _absolute_times(pieces: list[TtmlText], timing: TtmlTiming) -> Iterator[tuple[int, str]]:
    """Yield each piece with its time: times of spans should be relative to their paragraph, but many are absolute."""
    stated = [piece.begin_ms for piece in pieces if piece.begin_ms is not None]
    base = 0 if stated and stated[0] >= timing.begin_ms else timing.begin_ms
    at = timing.begin_ms
    for piece in pieces:
        at = at if piece.begin_ms is None else base + piece.begin_ms
        yield at, piece.text.replace(_LINE_BREAK_CHAR, " ")


def _find_speaker(element: _Element, names: dict[str, str]) -> str:
    for node in element.iter("{*}p", "{*}span"):
        for name, value in node.attrib.items():
            if local_name(name) == "agent":
                return names.get(str(value), "")
    return ""


def _walk_text(element: _Element, outer: TtmlText, rates: TtmlRates, warnings: ParseWarnings) -> Iterator[TtmlText]:
    """Yield the text in *element* in order, without ruby annotations and metadata."""
    yield replace(outer, text=element.text or "")
    stack = [(element, iter(element), outer)]
    while stack:
        node, children, inside = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if stack:
                yield replace(stack[-1][2], text=node.tail or "")
        elif local_name(child.tag) == "br":
            yield replace(inside, text=_LINE_BREAK_CHAR + (child.tail or ""))
        elif _is_shown(child):
            inner = _inherit_timing(child, inside, rates, warnings)
            yield replace(inner, text=child.text or "")
            stack.append((child, iter(child), inner))
        else:
            yield replace(inside, text=child.tail or "")


def _inherit_timing(node: _Element, outer: TtmlText, rates: TtmlRates, warnings: ParseWarnings) -> TtmlText:
    timing = _parse_timing(node, TtmlTiming(), rates, warnings)
    return TtmlText("", timing.begin_ms, timing.end_ms) if timing.is_stated else outer


def _is_shown(node: _Element) -> bool:
    """Check that *node* contains text of the paragraph: it is not a comment, metadata or a ruby annotation."""
    ruby_roles = {value for name, value in node.attrib.items() if local_name(name) == "ruby"}
    hidden = local_name(node.tag) in ("", "metadata", "set", "rt", "rp")
    return not hidden and not ruby_roles & {"text", "delimiter", "textContainer"}


def _fill_missing_ends(cues: list[Cue], warnings: ParseWarnings) -> list[Cue]:
    """Extend each cue without an end to the start of the next one, by five seconds at most."""
    missing_ends = 0
    for at, cue in enumerate(cues):
        if cue.end_ms < 0:
            missing_ends += 1
            after = cues[at + 1].start_ms if at + 1 < len(cues) else cue.start_ms + 5000
            cues[at] = replace(cue, end_ms=min(max(after, cue.start_ms), cue.start_ms + 5000))
    if missing_ends:
        warnings["cue without an end, extended to the next one"] += missing_ends
    return cues
