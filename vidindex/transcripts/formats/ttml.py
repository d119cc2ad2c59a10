"""TTML and its profiles (DFXP, SMPTE-TT, IMSC), including the invalid documents that some sites serve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ...model import Cue, TimedWord
from ..limits import MAX_CUE_CHARS, MAX_CUES, check_count, check_cue_size, collect_cues
from ..timecode import MAX_TIME_MS, parse_full_timestamp_ms, parse_timestamp_ms, scale_to_ms
from .cue_text import make_timed_words, strip_lines
from .lenient_xml import XmlToken, decode_references, iter_xml, parse_attributes
from .parse_result import ParseWarnings
from .stray_markup import strip_stray_markup

_OFFSET_TIME = re.compile(r"\s*(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)?\s*")
_FRAME_TIME = re.compile(r"\s*(\d{1,6}):(\d{1,2}):(\d{1,2})[:;](\d{1,3})(?:\.\d{1,3})?\s*")
_LINE_BREAK_CHAR = "\x85"  # stands for a line break, and survives the collapsing of white space
_WHITESPACE = re.compile(r"[ \t\r\n]+")
_CONTAINER_NAMES = frozenset({"tt", "body", "div", "p"})
_HIDDEN_NAMES = frozenset({"metadata", "set", "rt", "rp"})
_HIDDEN_RUBY_ROLES = frozenset({"text", "delimiter", "textContainer"})
_PROGRAMME_START = "documentstartofprogramme"
_TEXT_NAMES = frozenset({"agent", _PROGRAMME_START})
_HEAD_NAMES = frozenset({"region", "style", "set"})
_ZERO = re.compile(r"0(?:\.0{1,4})?")
_MAX_AGENTS = 10_000
_MAX_REGIONS = 10_000
_UNIT_MS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, None: 1000.0}


@dataclass(frozen=True, slots=True)
class TtmlRates:
    """The rates of a document, per second: frames as counted in time codes, frames as shown, and ticks."""

    nominal_frame_rate: float = 30.0
    frame_rate: float = 30.0
    tick_rate: float = 1.0
    is_smpte: bool = False
    is_drop_frame: bool = False


class TtmlTiming(NamedTuple):
    """When an element is shown; *end_ms* is None if no end is stated."""

    begin_ms: int = 0
    end_ms: int | None = None
    is_stated: bool = False


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the paragraphs of a TTML document.

    Raises `ValueError` if *text* is not TTML.
    """
    check_count(text.count("<p ") + text.count("<p>") + text.count(":p "), MAX_CUES, "paragraphs")
    tokens = iter_xml(text)
    root = next((token for token in tokens if token[0] == "start"), None)
    if root is None:
        raise ValueError("it is not XML")
    if root[1] != "tt":
        raise ValueError("it is XML, but not TTML")
    attributes = parse_attributes(root[2])
    reader = _TtmlReader(tokens, warnings, _parse_rates(attributes))
    cues = collect_cues(reader.iter_cues(reader.parse_timing(attributes, TtmlTiming())))
    return _fill_missing_ends(_count_from_programme_start(cues, reader), warnings)


def _parse_rates(stated: dict[str, str]) -> TtmlRates:
    nominal = _parse_number(stated.get("framerate", "")) or 30.0
    factor = stated.get("frameratemultiplier", "").replace(":", " ").split()
    over, under = (_parse_number(factor[0]), _parse_number(factor[-1])) if len(factor) == 2 else (1.0, 1.0)
    effective = nominal * over / under if over and under else nominal
    ticks = _parse_number(stated.get("tickrate", "")) or (nominal if "framerate" in stated else 1.0)
    drop_frame = stated.get("dropmode", "").lower().startswith("drop")
    return TtmlRates(nominal, effective, ticks, stated.get("timebase", "").lower() == "smpte", drop_frame)


def _parse_number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text.strip()) else 0.0


def _unit_ms(unit: str | None, rates: TtmlRates) -> float:
    if unit == "f":
        return 1000 / rates.frame_rate
    return 1000 / rates.tick_rate if unit == "t" else _UNIT_MS[unit]


def _parse_frame_time_ms(text: str, rates: TtmlRates) -> int | None:
    """Parse `hours:minutes:seconds:frames`; drop-frame time codes skip some frame numbers."""
    match = _FRAME_TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, frame = map(int, match.group(1, 2, 3, 4))
    minutes += hours * 60
    if not rates.is_smpte and ";" not in text:
        return round((minutes * 60 + seconds) * 1000 + frame * 1000 / rates.frame_rate)
    count = (minutes * 60 + seconds) * rates.nominal_frame_rate + frame
    if rates.is_drop_frame or ";" in text:
        count -= 2 * (minutes - minutes // 10)
    return round(count * 1000 / rates.frame_rate)


@dataclass(slots=True)
class _TimeContainer:
    """An element that contains others; *next_ms* is when the next one may start if they are shown in sequence."""

    timing: TtmlTiming
    is_sequence: bool = False
    next_ms: int = 0
    region: str = ""
    is_hidden: bool = False

    def base_timing(self) -> TtmlTiming:
        """Return the timing that the times of the next child are relative to."""
        return TtmlTiming(self.next_ms, None) if self.is_sequence else self.timing

    def add_child(self, end_ms: int) -> None:
        """Note that a child ends at *end_ms*."""
        self.next_ms = end_ms if self.is_sequence else max(self.next_ms, end_ms)

    def limit(self, timing: TtmlTiming) -> TtmlTiming:
        """Return *timing* up to the end of this container, unless it would begin after that."""
        outer_end = self.timing.end_ms
        if outer_end is None or timing.begin_ms >= outer_end:
            return timing
        end = outer_end if timing.end_ms is None and not self.is_sequence else timing.end_ms
        return timing._replace(end_ms=None if end is None else min(end, outer_end))


class _RegionTimes(NamedTuple):
    """When the region of the screen is shown in which paragraphs are; *end_ms* is None if no end is stated."""

    begin_ms: int = 0
    end_ms: int | None = None
    is_hidden: bool = False


_SpanTimes = tuple[int | None, int | None]
_Piece = tuple[str, _SpanTimes]
"""A piece of the text of a paragraph, with the times of its span, which are None if that does not state them."""


@dataclass(slots=True)
class _TtmlReader:
    """Reads elements from the tokens of a document; *names* are the names of its agents by their ids.

    *hidden_styles* are the ids of styles that hide what has them.
    """

    tokens: Iterator[XmlToken]
    warnings: ParseWarnings
    rates: TtmlRates
    names: dict[str, str] = field(default_factory=dict)
    programme_start_ms: int = 0
    regions: dict[str, _RegionTimes] = field(default_factory=dict)
    region_id: str = ""
    hidden_styles: set[str] = field(default_factory=set)

    def iter_cues(self, root_timing: TtmlTiming) -> Iterator[Cue]:
        """Yield the cues of all paragraphs that are in nothing but divisions."""
        outer = [_TimeContainer(root_timing)]
        other_depth = 0  # of elements that contain no paragraphs
        for kind, name, raw in self.tokens:
            if kind == "end":
                if other_depth:
                    other_depth -= 1
                elif len(outer) > 1:
                    _close_container(outer)
            elif kind == "start" and name in _TEXT_NAMES:
                self._read_text_element(name, parse_attributes(raw))
            elif kind == "start" and (other_depth or name not in _CONTAINER_NAMES):
                other_depth += 1
                self._read_head_element(name, raw)
            elif kind == "start":
                attributes = parse_attributes(raw)
                if name == "p":
                    yield from self._read_cues(attributes, outer[-1])
                else:
                    outer.append(self._open_container(attributes, outer[-1]))

    def _read_head_element(self, name: str, raw: str) -> None:
        """Note the times of a region, and which styles and regions hide what has them."""
        if name not in _HEAD_NAMES:
            return
        attributes = parse_attributes(raw)
        identifier = attributes.get("id", "")
        if name == "region":
            timing = self.parse_timing(attributes, TtmlTiming())
            self.region_id = identifier
            self.regions[identifier] = _RegionTimes(timing.begin_ms, timing.end_ms, self.is_hidden(attributes))
            check_count(len(self.regions), _MAX_REGIONS, "regions")
        elif name == "style" and self.is_hidden(attributes):
            if identifier:
                self.hidden_styles.add(identifier)
                check_count(len(self.hidden_styles), _MAX_REGIONS, "styles")
            elif self.region_id in self.regions:
                self.regions[self.region_id] = self.regions[self.region_id]._replace(is_hidden=True)
        elif name == "set" and self.region_id in self.regions and _is_shown(attributes):
            timing = self.parse_timing(attributes, TtmlTiming())
            self.regions[self.region_id] = _RegionTimes(timing.begin_ms, timing.end_ms)

    def is_hidden(self, attributes: dict[str, str]) -> bool:
        """Return whether *attributes* hide their element."""
        if "display" in attributes or "visibility" in attributes:
            return attributes.get("display") == "none" or attributes.get("visibility") == "hidden"
        if _ZERO.fullmatch(attributes.get("opacity", "")):
            return True
        styles = attributes.get("style", "") if self.hidden_styles else ""
        return not self.hidden_styles.isdisjoint(styles.split())

    def _open_container(self, attributes: dict[str, str], outer: _TimeContainer) -> _TimeContainer:
        timing = outer.limit(self.parse_timing(attributes, outer.base_timing()))
        is_sequence = attributes.get("timecontainer") == "seq"
        region = attributes.get("region", outer.region)
        is_hidden = outer.is_hidden or self.is_hidden(attributes)
        return _TimeContainer(timing, is_sequence, timing.begin_ms, region, is_hidden)

    def _read_cues(self, attributes: dict[str, str], outer: _TimeContainer) -> list[Cue]:
        """Read a paragraph up to its end, and return what of it is shown."""
        timing = outer.limit(self.parse_timing(attributes, outer.base_timing()))
        region = self.regions.get(attributes.get("region", outer.region), _RegionTimes())
        is_hidden = outer.is_hidden or region.is_hidden or self.is_hidden(attributes)
        cues = self._read_paragraph(attributes, timing, is_hidden=is_hidden)
        ends = [cue.end_ms for cue in cues]
        outer.add_child(max([timing.begin_ms if timing.end_ms is None else timing.end_ms, *ends]))
        if region.begin_ms or region.end_ms is not None:
            return [_limit_to_region(cue, region) for cue in cues]
        return cues

    def _read_text_element(self, element: str, attributes: dict[str, str]) -> None:
        """Read the name of an agent, or when the programme starts, up to the end of the element."""
        text = self._read_text()
        if element == _PROGRAMME_START:
            self.programme_start_ms = self._parse_time_ms(text) or 0
        elif "id" in attributes and text:
            self.names[attributes["id"]] = " ".join(text.split())
            check_count(len(self.names), _MAX_AGENTS, "agents")

    def _read_text(self) -> str:
        """Return the text of the element that has begun, and read up to its end."""
        texts, depth, size = [], 1, 0
        while depth:
            kind, _, raw = next(self.tokens)  # each start has its end
            if kind == "text":
                size += len(raw)
                check_cue_size(size)
                texts.append(decode_references(raw))
            else:
                depth += 1 if kind == "start" else -1
        return "".join(texts).strip()

    def parse_timing(self, stated: dict[str, str], outer: TtmlTiming) -> TtmlTiming:
        """Return when an element is shown; the *stated* times are relative to the start of its parent, *outer*."""
        begin = self._parse_time_ms(stated["begin"]) if "begin" in stated else None
        end = self._parse_time_ms(stated["end"]) if "end" in stated else None
        dur = self._parse_time_ms(stated["dur"]) if "dur" in stated else None
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

    def _parse_time_ms(self, text: str) -> int | None:
        ms = parse_full_timestamp_ms(text)
        if ms is None and ":" in text:
            ms = _parse_frame_time_ms(text, self.rates)
        if ms is None:
            match = _OFFSET_TIME.fullmatch(text)
            ms = scale_to_ms(match[1], _unit_ms(match[2], self.rates)) if match else parse_timestamp_ms(text)
        if ms is None or ms > MAX_TIME_MS:
            self.warnings["unreadable time ignored"] += 1
            return None
        return ms

    def _read_paragraph(self, attributes: dict[str, str], timing: TtmlTiming, *, is_hidden: bool) -> list[Cue]:
        """Read a paragraph up to its end.

        Return its cue, or one for each timed span if the paragraph itself has no times.
        """
        paragraph = _Paragraph(
            self,
            is_space_kept=attributes.get("space") == "preserve",
            agents=[],
            is_sequence=attributes.get("timecontainer") == "seq",
        )
        if "agent" in attributes:
            paragraph.agents.append(attributes["agent"])
        paragraph.read()
        if is_hidden:
            if paragraph.shown_from_ms is None:
                self.warnings["paragraph that is not shown left out"] += 1
                return []
            timing = TtmlTiming(timing.begin_ms + paragraph.shown_from_ms, timing.end_ms, is_stated=True)
        pieces = paragraph.pieces
        speaker = self.names.get(paragraph.agents[0], "") if paragraph.agents else ""
        timed = [piece for piece in pieces if piece[1][0] is not None and piece[0].strip()]
        if timed and not timing.is_stated and not paragraph.is_sequence:
            return [_make_text_cue(piece, timing, speaker) for piece in timed]
        end = -1 if timing.end_ms is None else max(timing.begin_ms, timing.end_ms)
        if not timed:
            text = strip_lines("".join([text for text, _ in pieces]).replace(_LINE_BREAK_CHAR, "\n"))
            return [Cue(timing.begin_ms, end, text, speaker)]
        absolute = _absolute_times(pieces, timing, is_relative=paragraph.is_sequence)
        words = make_timed_words(absolute, timing.begin_ms, MAX_TIME_MS if end < 0 else end)
        if end < 0 and paragraph.is_sequence:
            end = timing.begin_ms + paragraph.next_ms
        return [Cue(timing.begin_ms, end, " ".join([word.text for word in words]), speaker, tuple(words))]


def _close_container(outer: list[_TimeContainer]) -> None:
    """Remove the innermost container, and tell the one around it when it ends."""
    ended = outer.pop()
    end = ended.timing.end_ms
    outer[-1].add_child(ended.next_ms if end is None or not ended.timing.is_stated else end)


def _is_shown(attributes: dict[str, str]) -> bool:
    """Return whether the attributes of an animation show what is hidden without it."""
    return attributes.get("display") == "auto" or attributes.get("visibility") == "visible"


def _limit_to_region(cue: Cue, region: _RegionTimes) -> Cue:
    """Return *cue* as long as its *region* is shown, unless these times have nothing in common."""
    start, end = cue.start_ms, cue.end_ms
    if not cue.words and (end < 0 or region.begin_ms < end):
        start = max(start, region.begin_ms)
    if region.end_ms is not None and region.end_ms > start:
        end = region.end_ms if end < 0 else min(end, region.end_ms)
    return replace(cue, start_ms=start, end_ms=end)


def _count_from_programme_start(cues: list[Cue], reader: _TtmlReader) -> list[Cue]:
    """Return *cues* with times since the start of the programme, if the document states that and they count so."""
    start = reader.programme_start_ms
    if not start or sum(1 for cue in cues if cue.start_ms >= start) * 2 <= len(cues):
        return cues
    shown = [cue for cue in cues if cue.start_ms >= start]
    if len(shown) < len(cues):
        reader.warnings["cue before the start of the programme left out"] += len(cues) - len(shown)
    return [
        replace(
            cue,
            start_ms=cue.start_ms - start,
            end_ms=max(-1, cue.end_ms - start),
            words=tuple([TimedWord(word.start_ms - start, word.text) for word in cue.words]),
        )
        for cue in shown
    ]


@dataclass(slots=True)
class _Paragraph:
    """The text of a paragraph without ruby annotations and metadata, and the agents of the paragraph and its spans.

    If its spans are shown in sequence, *next_ms* is when the next one may start.
    """

    reader: _TtmlReader
    is_space_kept: bool
    agents: list[str]
    is_sequence: bool = False
    next_ms: int = 0
    shown_from_ms: int | None = None
    pieces: list[_Piece] = field(default_factory=list)
    times: _SpanTimes = (None, None)
    outer_times: list[_SpanTimes] = field(default_factory=list)

    def read(self) -> None:
        """Read up to the end of the paragraph."""
        hidden_depth = size = 0
        for kind, name, raw in self.reader.tokens:
            size += 1 + len(raw)
            if size > MAX_CUE_CHARS:
                check_cue_size(size)
            if hidden_depth:
                hidden_depth += 0 if kind == "text" else 1 if kind == "start" else -1
            elif kind == "text":
                self._add_text(raw)
            elif kind == "start":
                hidden_depth = 0 if self._open(name, raw) else 1
            elif self.outer_times:
                self._close_span()
            else:
                return

    def _close_span(self) -> None:
        if self.is_sequence and len(self.outer_times) == 1:
            self.pieces.append((" ", self.times))  # the next one is not shown beside it
            self.next_ms = self.next_ms if self.times[1] is None else self.times[1]
        self.times = self.outer_times.pop()

    def _add_text(self, raw: str) -> None:
        text = strip_stray_markup(decode_references(raw)) if "&" in raw else raw
        if not (self.is_space_kept or text.isalnum()):
            text = _WHITESPACE.sub(" ", text)
        self.pieces.append((text, self.times))

    def _open(self, name: str, raw: str) -> bool:
        """Enter an element; return False if it is not shown."""
        attributes = parse_attributes(raw) if raw else {}
        if name in _HIDDEN_NAMES or attributes.get("ruby") in _HIDDEN_RUBY_ROLES:
            if name == "set" and not self.outer_times and _is_shown(attributes):
                self.shown_from_ms = self.reader.parse_timing(attributes, TtmlTiming()).begin_ms
            return False
        if attributes and self.reader.is_hidden(attributes):
            self.reader.warnings["text that is not shown left out"] += 1
            return False
        if attributes.get("visibility") == "visible" and self.shown_from_ms is None:
            self.shown_from_ms = 0  # unlike the paragraph around it
        self.outer_times.append(self.times)
        if name == "br":
            self.pieces.append((_LINE_BREAK_CHAR, self.times))
            return True
        if name == "span" and "agent" in attributes:
            self.agents.append(attributes["agent"])
        timing = self.reader.parse_timing(attributes, self._base_timing())
        if timing.is_stated:
            self.times = timing[:2]
            self.pieces.append(("", self.times))
        return True

    def _base_timing(self) -> TtmlTiming:
        """Return the timing that the times of the next span are relative to."""
        if self.is_sequence and len(self.outer_times) == 1:
            return TtmlTiming(self.next_ms)
        return TtmlTiming(self.times[0] or 0, self.times[1])


def _make_text_cue(piece: _Piece, timing: TtmlTiming, speaker: str) -> Cue:
    text, (begin, end) = piece
    begin_ms = timing.begin_ms + (begin or 0)
    end_ms = -1 if end is None else max(begin_ms, timing.begin_ms + end)
    return Cue(begin_ms, end_ms, strip_lines(text.replace(_LINE_BREAK_CHAR, "\n")), speaker)


def _absolute_times(pieces: list[_Piece], timing: TtmlTiming, *, is_relative: bool) -> Iterator[tuple[int, str]]:
    """Yield each piece with its time: times of spans should be relative to their paragraph, but many are absolute."""
    stated = next((begin for _, (begin, _) in pieces if begin is not None), None)
    is_absolute = not is_relative and stated is not None and stated >= timing.begin_ms
    base = 0 if is_absolute else timing.begin_ms
    at = timing.begin_ms
    for text, (begin, _) in pieces:
        if begin is not None:
            at = base + begin
        yield at, text.replace(_LINE_BREAK_CHAR, " ")


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
