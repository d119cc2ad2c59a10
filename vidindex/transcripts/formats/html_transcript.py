"""Transcripts of podcasts in HTML: names in `<cite>`, times in `<time>`, speech in `<p>`; or with times in their text.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md describes the elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise

from ...errors import EmptyCaptionsError
from ...model import Cue
from ..limits import check_cue_size
from ..timecode import parse_timestamp_ms
from . import timed_text
from .lenient_xml import iter_xml
from .open_ends import TimedText, TimedTexts, close_cues
from .parse_result import NO_TIMES, ParseWarnings

_LEFT_OUT_NAMES = frozenset({"script", "style", "title", "button", "nav", "footer", "template", "noscript"})
_HEADING_NAMES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LABEL_NAMES = frozenset({"cite", "time"})
_BLOCK_NAMES = _HEADING_NAMES | {
    "p", "div", "br", "li", "tr", "dd", "dt", "section", "article", "blockquote", "header", "main", "body", "ul", "ol",
}  # fmt: skip
_SPACE = re.compile(r"\s+")
_MAX_NAME_CHARS = 100
_MAX_TIME_CHARS = 40
_MAX_DESCENTS = 0.1


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse what is said after each time.

    Raises `EmptyCaptionsError` if *text* has no times.
    """
    reader = _ElementReader(ParseWarnings())
    for kind, name, raw in iter_xml(text):
        reader.read_token(kind, name, raw)
    texts = reader.finish()
    if _is_ascending(texts):
        warnings.update(reader.warnings)
        return close_cues(texts, warnings)
    lines = "".join(_iter_lines(text))
    if not timed_text.is_timed_text(lines[: 1 << 16]):
        raise EmptyCaptionsError("", NO_TIMES)
    return timed_text.parse_cues(lines, warnings)


def _is_ascending(texts: TimedTexts) -> bool:
    """Return whether *texts* are those of a transcript, and not of a page that shows some times."""
    descents = sum(1 for before, after in pairwise(texts) if after.start_ms < before.start_ms)
    return bool(texts) and descents <= _MAX_DESCENTS * len(texts)


@dataclass(slots=True)
class _ElementReader:
    """Collects the text after each `<time>`; a `<cite>` names who says what follows it, or the time that follows it."""

    warnings: ParseWarnings
    texts: TimedTexts = field(default_factory=TimedTexts)
    start_ms: int = -1
    speaker: str = ""
    pieces: list[str] = field(default_factory=list)
    size: int = 0
    has_text: bool = False
    is_mid_line: bool = False
    inside: str = ""
    label: str = ""

    def read_token(self, kind: str, name: str, raw: str) -> None:
        """Read a start, an end or a text."""
        if kind == "text":
            self._read_text(raw)
        elif kind == "start" and self._starts_label(name):
            self.inside, self.label = name, ""
        elif kind == "end" and name == self.inside:
            self._end_label()
        elif name in _BLOCK_NAMES and not self.inside:
            self._break_line()

    def _starts_label(self, name: str) -> bool:
        """Return whether an element is no speech: in the middle of a line, `<cite>` is the title of a work."""
        if self.inside and self.inside not in _HEADING_NAMES:
            return False
        if name == "cite":
            return not self.is_mid_line
        return name in _LABEL_NAMES or (not self.inside and name in _LEFT_OUT_NAMES | _HEADING_NAMES)

    def finish(self) -> TimedTexts:
        """Return the texts, each with its time."""
        self._flush()
        return self.texts

    def _read_text(self, raw: str) -> None:
        if self.inside:
            self.label = (self.label + raw)[: 4 * _MAX_NAME_CHARS]
            return
        self.size += len(raw)
        check_cue_size(self.size)
        self.pieces.append(_SPACE.sub(" ", raw))
        if not raw.isspace():
            self.has_text = self.is_mid_line = True

    def _break_line(self) -> None:
        self.is_mid_line = False
        if self.pieces and self.pieces[-1] != "\n":
            self.pieces.append("\n")

    def _end_label(self) -> None:
        name, text = self.inside, _plain(self.label)
        self.inside = ""
        if name in _HEADING_NAMES:
            self._break_line()
        if name == "cite":
            self._flush()
            self.speaker = text.rstrip(": ")[:_MAX_NAME_CHARS]
        elif name == "time" and (start_ms := _parse_time(text)) is not None:
            if self.has_text:
                self._flush()
                self.speaker = ""
            self.start_ms = start_ms

    def _flush(self) -> None:
        if self.has_text and self.start_ms >= 0:
            lines = map(_plain, "".join(self.pieces).split("\n"))
            text = "\n".join(line for line in lines if line)
            self.texts.add(TimedText(self.start_ms, -1, text, self.speaker))
        elif self.has_text:
            self.warnings["text before the first time left out"] += 1
        self.pieces.clear()
        self.size, self.has_text, self.is_mid_line = 0, False, False


def _plain(raw: str) -> str:
    return _SPACE.sub(" ", unescape(raw)).strip()


def _parse_time(text: str) -> int | None:
    stated = text.strip("[]() ")
    return parse_timestamp_ms(stated) if ":" in stated and len(stated) <= _MAX_TIME_CHARS else None


def _iter_lines(text: str) -> Iterator[str]:
    """Yield the text of a page, with a line for each block."""
    skipped = ""
    for kind, name, raw in iter_xml(text):
        if kind == "text":
            yield "" if skipped else _SPACE.sub(" ", unescape(raw))
        elif skipped:
            skipped = "" if kind == "end" and name == skipped else skipped
        elif kind == "start" and name in _LEFT_OUT_NAMES:
            skipped = name
        elif name in _BLOCK_NAMES:
            yield "\n"
