"""The parsing algorithm of the WebVTT standard, for files that no library reads in full.

https://www.w3.org/TR/webvtt1/#file-parsing
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from ..limits import MAX_CUES, check_cue_size, count_up_to
from ..timecode import parse_full_timestamp_ms, parse_timestamp_ms
from .parse_result import ParseWarnings
from .text_chunks import iter_split

_SPACE_PATTERN = r"[ \t\f]*"
_TIME_PATTERN = r"((?:[0-9]+:)?[0-9]{2}:[0-9]{2}\.[0-9]{3})(?![0-9])"
_TIMING_LINE = re.compile(f"{_SPACE_PATTERN}{_TIME_PATTERN}{_SPACE_PATTERN}-->{_SPACE_PATTERN}{_TIME_PATTERN}")
_OTHER_TIME_PATTERN = (
    r"(?:[0-9]{1,6}[:;])?[0-5]?[0-9][:;][0-5]?[0-9](?:[.,:;][0-9]{1,9})?"
    r"|[0-9]{1,3}\.[0-5][0-9]\.[0-5][0-9][.,][0-9]{3}"
)
_LENIENT_TIME_PATTERN = f"({_OTHER_TIME_PATTERN})"
_LENIENT_TIMING_LINE = re.compile(
    f"{_SPACE_PATTERN}{_LENIENT_TIME_PATTERN}{_SPACE_PATTERN}-->{_SPACE_PATTERN}{_LENIENT_TIME_PATTERN}(?:[ \\t\\f]|$)"
)
_SIGNED_TIME = re.compile(
    r"-?(?:(?:-?[0-9]{1,6}[:;])?-?[0-5]?[0-9][:;]-?[0-5]?[0-9](?:[.,:;][0-9]{1,9})?"
    r"|[0-9]{1,3}\.[0-5][0-9]\.[0-5][0-9][.,][0-9]{3})"
)
_STARTS_WITH_TIME = re.compile(r"[ \t]{0,20}-?[0-9]+[:.]")
_MINUTES = re.compile(r"[0-9]:[0-9]{2}")
_NO_END = re.compile(r"[ \t\f]*[-:.,]{0,12}(?:[ \t\f]+(?:vertical|line|position|size|align|region):[^\n]*|[ \t\f]*)")
_COMMENT_START = re.compile(r"(?:NOTE|STYLE|REGION)(?![^ \t])")
_MAX_OPEN_CUE_MS = 5_000
_DAMAGED_TIMING_LINE = re.compile(r"[^\n]{0,3}[0-9]{1,6}:[0-9]{2}[^ \t]{0,12}[ \t][^\n]{0,40}[0-9]{1,2}:[0-9]{2}")
_DIGIT = re.compile(r"[0-9]")
_NON_CUE_LINE = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT|X-TIMESTAMP-MAP|Style:|Region:|##)")


class CueBlock(NamedTuple):
    """The times of a cue block, and its text with markup."""

    start_ms: int
    end_ms: int
    raw: str


def has_webvtt_signature(text: str) -> bool:
    """Check whether *text* starts with the signature of WebVTT."""
    return text.startswith("WEBVTT") and text[6:7] in ("", " ", "\t", "\n")


def parse_strict_timestamp_ms(time: str | None) -> int | None:
    """Parse a time as the standard requires it: two digits of minutes and seconds, three of milliseconds."""
    if time is None:
        return None
    ms = parse_full_timestamp_ms(time)
    if ms is not None:
        return ms
    hours, short, rest = time.rpartition(":")[0].rpartition(":")[0], len(time) == 9, time[-9:]
    if len(time) > 20 or not (short or time[-10:-9] == ":") or not (short or hours.isdecimal()):
        return None
    ms = parse_full_timestamp_ms("00:" + rest)
    return None if ms is None else ms + int(hours or "0") * 3_600_000


@dataclass(slots=True)
class _OpenBlock:
    """A cue block that text after an empty line may still be added to."""

    start_ms: int
    end_ms: int | None
    lines: list[str]
    chars: int = 0

    def add(self, lines: list[str]) -> None:
        """Add *lines* to the text.  Raises `CaptionError` if it gets too long."""
        self.lines += lines
        self.chars += sum(map(len, lines))
        check_cue_size(self.chars)

    def close(self, next_ms: int | None) -> CueBlock:
        """Return the finished block; without an end, it lasts until the next one starts, for five seconds at most."""
        end_ms = self.end_ms
        if end_ms is None:
            end_ms = self.start_ms + _MAX_OPEN_CUE_MS
            if next_ms is not None and self.start_ms < next_ms < end_ms:
                end_ms = next_ms
        return CueBlock(self.start_ms, end_ms, "\n".join(self.lines))


@dataclass(frozen=True, slots=True)
class _TimingParser:
    """Parses timing lines: as the standard does, and those it rejects if the rest of the file allows it.

    Times in another form are accepted if they all have it, and damaged times if most are right.
    """

    accepts_other_forms: bool
    accepts_damaged: bool

    def parse(self, timing: str, last_ms: int, warnings: ParseWarnings) -> tuple[int, int | None] | None:
        """Return the times of a line, the end None if it is missing; None if the line cannot be read.

        A cue without a readable start starts at *last_ms*.
        """
        if times := _parse_strict_timing(timing):
            return times
        if self.accepts_other_forms and (times := _parse_lenient_timing(timing)):
            warnings["cue with times in another format read"] += 1
            return times
        mended = self._mend(timing, last_ms, warnings)
        if mended is None:
            warnings["cue with unreadable times dropped"] += 1
        return mended

    def _mend(self, timing: str, last_ms: int, warnings: ParseWarnings) -> tuple[int, int | None] | None:
        start_text, _, rest = timing.partition("-->")
        start, end = _parse_signed_ms(start_text), _parse_signed_ms(rest.strip(" \t\f").split(" ", 1)[0])
        if start is not None and start >= 0 and _NO_END.fullmatch(rest):
            warnings["cue without a readable end time"] += 1
            return start, None
        if (start is not None and start < 0) or (end is not None and end < 0):
            warnings["cue with a negative time moved"] += 1
            if end is not None and end <= 0:
                return (0, 0) if start is None or start < 0 else (start, None)
            return min(last_ms, last_ms if end is None else end), end
        if not self.accepts_damaged or (start is None and end is None):
            return None
        warnings["cue with a damaged time read"] += 1
        return (last_ms, end) if start is None else (start, None)


def iter_blocks(text: str, warnings: ParseWarnings) -> Iterator[CueBlock]:
    """Parse the cue blocks of *text* as the standard does, and repair common defects.

    Text that an empty line separates from its cue is added to that cue, unless it may belong to a comment.  See
    `_TimingParser` for times that the standard rejects.
    """
    parser = _survey_timings(text)
    last: _OpenBlock | None = None
    last_ms, in_comment = 0, False
    for timing, lines in count_up_to(2 * MAX_CUES, "blocks", _split_blocks(text)):
        if not timing:
            in_comment = in_comment or _COMMENT_START.match(lines[0]) is not None
            if not in_comment:
                _reattach_text(lines, last, warnings)
            elif not _NON_CUE_LINE.match(lines[0]):
                warnings["text of a comment left out"] += 1
            continue
        in_comment = False
        if times := parser.parse(timing, last_ms, warnings):
            if last and (last.end_ms is not None or last.lines):
                yield last.close(times[0])
            last = _OpenBlock(*times, [])
            last.add(lines)
            last_ms = times[1] or times[0]
    if last and (last.end_ms is not None or last.lines):
        yield last.close(None)


def _survey_timings(text: str) -> _TimingParser:
    """Find out whether the times that the standard rejects have a form of their own, rather than being damaged."""
    rejected = accepted = strict = damaged = 0
    shapes: set[str] = set()
    for timing in islice(iter_split(text, "\n"), 1, None):
        if "-->" not in timing or _is_arrow_text(timing):
            continue
        if _parse_strict_timing(timing):
            strict += 1
            continue
        rejected += 1
        if match := _LENIENT_TIMING_LINE.match(timing):
            accepted += 1
            shapes.add(_DIGIT.sub("0", match[1]))
        else:
            damaged += 1
    accepts_other_forms = 2 * accepted >= rejected and len(shapes) <= max(2, rejected // 3)
    return _TimingParser(accepts_other_forms, damaged == 1 or 4 * damaged <= strict + accepted + damaged)


def _split_blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the timing line of each block, empty if the block has none, and the lines of its text."""
    timing, block, chars, in_header = "", list[str](), 0, True
    for line in chain(islice(iter_split(text, "\n"), 1, None), ("",)):
        if line and ("-->" not in line or (timing and _is_arrow_text(line))):
            if not in_header:
                block.append(line)
                chars += len(line)
                check_cue_size(chars)
            continue
        # An empty line or an arrow ends the block.  One line before the times is the identifier of the cue.
        if timing or len(block) > 1 or (block and not line):
            yield timing, block
        timing, block, chars, in_header = line, [], 0, False


def _is_arrow_text(line: str) -> bool:
    """Check for an arrow between words, and no time on the line."""
    before, _, after = line.partition("-->")
    if _STARTS_WITH_TIME.match(line) or _MINUTES.search(line):
        return False
    if before.strip(" \t"):
        return before.endswith((" ", "\t")) and any(map(str.isalpha, before))
    after = after.removeprefix(">")
    return after.startswith((" ", "\t")) and after.lstrip(" \t")[:1].isalpha()


def _reattach_text(lines: list[str], cue: _OpenBlock | None, warnings: ParseWarnings) -> None:
    """Add a block without times to the text of the *cue* before it, unless it is a comment or a style."""
    if _NON_CUE_LINE.match(lines[0]) or all(line.isdecimal() for line in lines):
        return
    if _DAMAGED_TIMING_LINE.match(lines[0]):
        warnings["cue with unreadable times dropped"] += 1
    elif cue is None:
        warnings["text before the first cue dropped"] += 1
    else:
        warnings["text after an empty line added to its cue"] += 1
        cue.add(lines)


def _parse_strict_timing(timing: str) -> tuple[int, int] | None:
    match = _TIMING_LINE.match(timing)
    start, end = (parse_strict_timestamp_ms(match[1]), parse_strict_timestamp_ms(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)


def _parse_lenient_timing(timing: str) -> tuple[int, int] | None:
    match = _LENIENT_TIMING_LINE.match(timing)
    start, end = (_parse_signed_ms(match[1]), _parse_signed_ms(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)


def _parse_signed_ms(time: str) -> int | None:
    """Parse a time as the standard or many files write it; one with a minus sign anywhere is negative."""
    match = _SIGNED_TIME.fullmatch(time.strip(" \t\f"))
    if match is None:
        return None
    plain = time.replace("-", "").replace(";", ":").strip(" \t\f")
    ms = parse_timestamp_ms(plain if ":" in plain else plain.replace(".", ":", plain.count(".") - 1))
    return -ms if ms and "-" in time else ms
