"""SCC: the bytes of CEA-608 captions with the time codes at which they are sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from ...model import Cue
from ..limits import MAX_CUE_CHARS, check_cue_size
from ..timecode import MAX_TIME_MS
from .cea608_chars import EXTENDED_CHARS, ROWS, SPECIAL_CHARS, STANDARD_CHARS
from .open_ends import TimedText, TimedTexts, close_cues
from .parse_result import ParseWarnings
from .text_chunks import iter_lines

SCC_LINE = re.compile(r"[ \t\ufeff]*(\d{1,3}):(\d\d):(\d\d)([:;.,])(\d\d)[ \t]+((?:[0-9A-Fa-f]{4}(?:[ \t]+|$))+)")
_MAX_CUE_MS = 30_000
_FRAME_MS = 1001 / 30
TimedCode = tuple[int, int, int]
"""When two bytes are sent, in milliseconds, and the bytes without their parity bits."""

_Mode = Literal["pop-on", "roll-up", "paint-on", "text"]

_MODES: dict[int, _Mode] = {
    0x20: "pop-on",
    0x25: "roll-up",
    0x26: "roll-up",
    0x27: "roll-up",
    0x29: "paint-on",
    0x2A: "text",
    0x2B: "text",
}
_FIRST_CHANNEL, _SECOND_CHANNEL = 0, 8
_BACKSPACE = 0x21
_DELETE_TO_END = 0x24
_ERASE_DISPLAYED = 0x2C
_CARRIAGE_RETURN = 0x2D
_ERASE_LOADED = 0x2E
_END_OF_CAPTION = 0x2F


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the captions of the first channel, or of the second if only that has some."""
    return decode_captions(lambda counted: _iter_line_codes(text, counted), warnings)


def decode_captions(read_codes: Callable[[ParseWarnings], Iterator[TimedCode]], warnings: ParseWarnings) -> list[Cue]:
    """Return the captions of one channel of the codes that *read_codes* yields, each time that it is called."""
    texts, has_others = _decode(read_codes(warnings), _FIRST_CHANNEL)
    if has_others and texts:
        warnings["captions of the second channel left out"] += 1
    elif has_others:
        texts, _ = _decode(read_codes(ParseWarnings()), _SECOND_CHANNEL)
    return close_cues(texts, warnings)


def _decode(codes: Iterator[TimedCode], channel: int) -> tuple[TimedTexts, bool]:
    """Return the texts of a channel, and whether the other one has captions."""
    decoder = _Cea608Decoder(channel)
    for at_ms, first, second in codes:
        decoder.read(at_ms, first, second)
    return decoder.finish(), decoder.has_other_captions


def _iter_line_codes(text: str, warnings: ParseWarnings) -> Iterator[TimedCode]:
    """Yield the codes of all lines."""
    for line in iter_lines(text):
        match = SCC_LINE.match(line)
        if match is None:
            if line.strip() and not line.lstrip("\ufeff \t").startswith("Scenarist"):
                warnings["damaged line left out"] += 1
            continue
        frame = _count_frames(match)
        if frame * _FRAME_MS > MAX_TIME_MS:
            warnings["line with an invalid time dropped"] += 1
            continue
        for offset, code in enumerate(_iter_codes(match[6])):
            yield round((frame + offset) * _FRAME_MS), *code


def _count_frames(match: re.Match[str]) -> int:
    """Return the number of the frame at a time code; drop-frame time codes skip two numbers in most minutes."""
    hours, minutes, seconds, frame = (int(match[group]) for group in (1, 2, 3, 5))
    minutes += 60 * hours
    count = (minutes * 60 + seconds) * 30 + frame
    return count - 2 * (minutes - minutes // 10) if match[4] in ";,." else count


def _iter_codes(text: str) -> Iterator[tuple[int, int]]:
    """Yield pairs of bytes without their parity bits."""
    for word in text.split():
        code = int(word, 16)
        yield code >> 8 & 0x7F, code & 0x7F


@dataclass(slots=True)
class _CaptionScreen:
    """The rows of text in one memory of a decoder, and when the first character came."""

    rows: dict[int, list[str]] = field(default_factory=dict)
    row: int = 15
    start_ms: int = -1
    size: int = 0

    def add(self, text: str, at_ms: int) -> None:
        """Add *text* at the end of the current row."""
        if self.start_ms < 0:
            self.start_ms = at_ms
        self.size += len(text)
        if self.size > MAX_CUE_CHARS:
            check_cue_size(self.size)
        self.rows.setdefault(self.row, []).extend(text)

    def remove_last(self) -> None:
        """Remove the last character of the current row."""
        if chars := self.rows.get(self.row):
            chars.pop()

    def read_text(self) -> str:
        """Return the rows from top to bottom."""
        rows = [" ".join("".join(self.rows[row]).split()) for row in sorted(self.rows)]
        return "\n".join([row for row in rows if row])


@dataclass(slots=True)
class _Cea608Decoder:
    """Decodes a channel: captions that pop on when they are complete, roll up, or are painted on."""

    channel: int
    texts: TimedTexts = field(default_factory=TimedTexts)
    mode: _Mode = "pop-on"
    loaded: _CaptionScreen = field(default_factory=_CaptionScreen)
    shown: _CaptionScreen = field(default_factory=_CaptionScreen)
    last_control: tuple[int, int] | None = None
    is_other_channel: bool = False
    is_data: bool = False
    has_other_captions: bool = False
    at_ms: int = 0

    def read(self, at_ms: int, first: int, second: int) -> None:
        """Read two bytes that are sent at *at_ms*."""
        self.at_ms = at_ms
        if first >= 0x20:
            self.last_control = None
            self._add(STANDARD_CHARS[first] + (STANDARD_CHARS[second] if second >= 0x20 else ""))
        elif first >= 0x10:
            code = (first, second)
            is_repeated = code == self.last_control  # most are sent twice, in case one is damaged
            self.last_control = None if is_repeated else code
            if not is_repeated:
                self._read_control(first, second)
        elif first:
            self.is_other_channel = self.is_data = True  # about the program

    def finish(self) -> TimedTexts:
        """Return all texts."""
        self._hide(is_end_stated=False)
        return self.texts

    def _screen(self) -> _CaptionScreen:
        return self.loaded if self.mode == "pop-on" else self.shown

    def _add(self, text: str) -> None:
        if self.is_other_channel:
            self.has_other_captions = self.has_other_captions or not (self.is_data or text.isspace())
        elif text and self.mode != "text":
            self._screen().add(text, self.at_ms)

    def _read_control(self, first: int, second: int) -> None:
        self.is_other_channel, self.is_data = first & 8 != self.channel, False
        if self.is_other_channel:
            return
        first &= ~8
        if second >= 0x40:
            self._move(ROWS[first & 7][1 if second & 0x20 else 0])
        elif first in (0x14, 0x15):
            self._read_command(second)
        elif first == 0x11 and second >= 0x30:
            self._add(SPECIAL_CHARS[second - 0x30])
        elif first in (0x12, 0x13) and second >= 0x20:
            self._screen().remove_last()  # the character before is for decoders that do not know this one
            self._add(EXTENDED_CHARS[first][second - 0x20])
        elif (first == 0x11 and second >= 0x20) or (first == 0x17 and 0x21 <= second <= 0x23):
            self._add(" ")

    def _move(self, row: int) -> None:
        screen = self._screen()
        if self.mode == "roll-up":
            row = screen.row  # the window moves, and its text with it
        screen.row = row
        if row in screen.rows:
            screen.rows[row].append(" ")

    def _read_command(self, command: int) -> None:
        if command in _MODES:
            self._set_mode(_MODES[command])
        elif command == _END_OF_CAPTION:
            self._hide()
            self.mode = "pop-on"
            self.shown, self.loaded = self.loaded, _CaptionScreen()
            self.shown.start_ms = self.at_ms
        elif command == _ERASE_DISPLAYED or (command == _CARRIAGE_RETURN and self.mode == "roll-up"):
            self._hide()
        elif command == _ERASE_LOADED:
            self.loaded = _CaptionScreen()
        elif command == _BACKSPACE:
            self._screen().remove_last()
        elif command == _DELETE_TO_END:
            self._screen().rows.pop(self._screen().row, None)

    def _set_mode(self, mode: _Mode) -> None:
        """Begin captions of a kind; what is on the screen ends, except that captions that roll up continue."""
        if mode == "paint-on" or (mode == "roll-up" and self.mode != mode):
            self._hide()
        self.mode = mode

    def _hide(self, *, is_end_stated: bool = True) -> None:
        """Clear the screen, and note what was on it; what stayed for long was not said for as long."""
        if text := self.shown.read_text():
            start_ms = self.shown.start_ms
            is_end_stated = is_end_stated and start_ms < self.at_ms <= start_ms + _MAX_CUE_MS
            self.texts.add(TimedText(start_ms, self.at_ms if is_end_stated else -1, text))
        self.shown = _CaptionScreen()
