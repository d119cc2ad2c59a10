"""SubRip and similar formats: two times separated by an arrow, with the text below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count

from ...model import Cue
from ..limits import MAX_CUE_CHARS, MAX_CUES, CueBudget, check_cue_size, collect_cues, count_up_to
from ..timecode import MAX_TIME_MS, parse_full_timestamp_ms, parse_timestamp_ms
from .cue_text import keep_angle_text, make_cue, make_cues
from .parse_result import ParseWarnings
from .srt_numbers import find_cue_numbers, find_cut_end
from .text_chunks import iter_chunks, unify_line_breaks

_TIME_PATTERN = (
    r"-?(?:(?:\d{1,6} ?[:;] ?)?-?\d{1,4} ?[:;] ?-?\d{1,2}(?:[.,:;] ?\d{1,6})?|\d{1,3}\.\d{2}\.\d{2}(?:[.,:]\d{1,3})?)"
)
_FULL_TIME_PATTERN = r"\d{1,3}:\d{2}:\d{2}[.,]\d{3}"
_ARROW_PATTERN = r"(?:(?:-[- ]{0,3}|[=\u2013\u2014])(?:>{1,2}|&gt;)|\u2192)"
_TIMING_LINE = re.compile(
    rf"^[ \t\ufeff]*(?:(?:(?:\d{{1,6}}[ \t]{{1,8}})?({_TIME_PATTERN})[ \t]*)?{_ARROW_PATTERN}[ \t]*({_TIME_PATTERN})?"
    rf"|({_FULL_TIME_PATTERN})[ \t,-]{{0,8}}({_FULL_TIME_PATTERN})?(?=[ \t]*$))([^\n]*)$",
    re.MULTILINE,
)
_REGULAR_BLOCK = re.compile(
    r"([1-9]\d{0,5})\n(\d\d:\d\d:\d\d),(\d\d\d) --> (\d\d:\d\d:\d\d),(\d\d\d)(?:\n|\Z)", re.ASCII
)
_MAY_BE_TIME = re.compile(r"\d ?[:;.] ?-?\d")
_GLUED_CUE = re.compile(
    rf"(?<![^\s])(\d{{1,6}})[ \t]{{1,4}}({_FULL_TIME_PATTERN} --> {_FULL_TIME_PATTERN})[ \t]{{0,4}}"
)
_WIDE_TIMING_LINE = re.compile(r"^[\d：:，,．. \t]{8,24}-{1,3}>[\d：:，,．. \t]{8,24}$", re.MULTILINE)
_NARROW_SIGNS = str.maketrans("：，．", ":,.")
_MAX_TAIL_CHARS = 100
_SETTING = re.compile(r"[ \t]{0,20}(?:vertical|line|position|size|align|region|[xyXY][12])[ \t]{0,8}:")
_MAX_OPEN_CUE_MS = 5_000
_Timing = tuple[int, int, int | None, int | None, str]
"""Where a timing line starts and ends, the two times, and the text on it.  A time that is missing is None."""


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the cues of a SubRip file, with or without numbers and with or without empty lines between them."""
    if "\r" in text:
        text = unify_line_breaks(text.replace("\r\r\n", "\n"))
    text = text.replace("\0", "")
    if (cues := _parse_regular(text)) is not None:
        return cues
    if "：" in text:  # as translations of whole files into Chinese or Japanese write them
        text = _WIDE_TIMING_LINE.sub(lambda match: match[0].translate(_NARROW_SIGNS), text)
    text = _separate_cues(text, warnings)
    timings = list(count_up_to(MAX_CUES, "cues", _iter_timings(text)))
    other_arrows = text.count("-->") - len(timings)
    if other_arrows > 0:
        warnings["line with an arrow but without readable times"] += other_arrows
    return collect_cues(_iter_cues(text, timings, warnings))


def _parse_regular(text: str) -> list[Cue] | None:
    """Parse a file in which an empty line separates cues, and the numbers are in order; return None for any other.

    This is the fast path of `_iter_cues`.
    """
    start = 1 if text.startswith("\ufeff") else 0
    numbers = count(1)
    cues: list[Cue] = []
    budget = CueBudget()
    for chunk in iter_chunks(text, "\n\n", start):
        batch = _parse_regular_chunk(chunk.strip("\n"), numbers)
        if batch is None:
            return None
        budget.charge(batch)
        cues += batch
    last_line = text[-_MAX_TAIL_CHARS:].rstrip().rpartition("\n")[2]
    # The end of a file that is cut off may look like text.
    return cues if any(map(str.isalpha, last_line)) else None


def _parse_regular_chunk(chunk: str, numbers: Iterator[int]) -> list[Cue] | None:
    cues: list[Cue] = []
    for block in chunk.split("\n\n"):
        match = _REGULAR_BLOCK.match(block)
        if match is None:
            return None
        number, start_text, start_end, end_text, end_end = match.groups()
        start = parse_full_timestamp_ms(f"{start_text}.{start_end}")
        end = parse_full_timestamp_ms(f"{end_text}.{end_end}")
        raw = block[match.end() :]
        if int(number) != next(numbers) or start is None or end is None or end < start:
            return None
        if (_MAY_BE_TIME.search(raw) and _TIMING_LINE.search(raw)) or "-->" in raw or len(raw) > MAX_CUE_CHARS:
            return None
        if "<" in raw:
            cues += make_cues(keep_angle_text(raw), start, end)
        else:
            cues.append(make_cue(raw, start, end))
    return cues


def _separate_cues(text: str, warnings: ParseWarnings) -> str:
    """Start a new line before and after the times of cues that follow each other without line breaks."""
    if text.count("-->") <= text.count("\n"):
        return text
    text, glued = _GLUED_CUE.subn(r"\n\n\1\n\2\n", text)
    if glued:
        warnings["cue without a line break before it separated"] += glued
    return text


def _iter_timings(text: str) -> Iterator[_Timing]:
    for match in _TIMING_LINE.finditer(text):
        first, second = match[1] or match[3], match[2] or match[4]
        if first and second:
            yield match.start(), match.end(), _parse_time_ms(first), _parse_time_ms(second), _find_inline_text(match[5])
        elif _is_full_time(first or second):
            start_ms = _parse_time_ms(first) if first else None
            end_ms = _parse_time_ms(second) if second else None
            yield match.start(), match.end(), start_ms, end_ms, _find_inline_text(match[5])


def _is_full_time(time: str | None) -> bool:
    """Check for hours, minutes and seconds: a shorter time beside an arrow may be text."""
    return time is not None and len(re.findall(r"\d+", time)) > 2


def _find_inline_text(rest: str) -> str:
    """Return the text that stands on the timing line, where settings such as `align:start` may stand too."""
    if not rest[:1].isspace() or _SETTING.match(rest) or all(":" in part for part in rest.split()):
        return ""
    return rest.strip() if any(char.isalpha() for char in rest) else ""


def _parse_time_ms(time: str) -> int | None:
    """Parse a time; one with a minus sign anywhere is negative."""
    plain = time.replace(",", ".").replace(" ", "")  # with a dot, it is parsed faster
    ms = parse_timestamp_ms(plain)
    if ms is None:
        digits = plain.replace("-", "").replace(";", ":")
        ms = parse_timestamp_ms(digits if ":" in digits else digits.replace(".", ":", 2))
    return -ms if ms and "-" in time else ms


def _iter_cues(text: str, timings: Sequence[_Timing], warnings: ParseWarnings) -> Iterator[Cue]:
    if not timings:
        return
    numbers = find_cue_numbers(text, [timing[:2] for timing in timings])
    if text[: timings[0][0] if numbers[0] is None else numbers[0]].strip(" \t\n\ufeff"):
        warnings["text before the first cue dropped"] += 1
    end = find_cut_end(text, timings[-1][1], numbers)
    if end < len(text):
        warnings["incomplete cue at the end dropped"] += 1
    last_end_ms = 0
    for at, (_, body, start_ms, end_ms, inline) in enumerate(timings):
        stop = end
        if at + 1 < len(timings):
            number = numbers[at + 1]
            stop = timings[at + 1][0] if number is None else number
        if stop - body > MAX_CUE_CHARS:
            check_cue_size(stop - body)
        raw = f"{inline}{text[body:stop]}" if inline else text[body:stop]
        times = _mend_times(start_ms, end_ms, last_end_ms, warnings)
        if times is None:
            warnings["cue with an invalid time dropped"] += 1
            continue
        start, end_or_none = times
        if end_or_none is None:
            if not raw.strip():
                continue
            warnings["cue without a readable end time"] += 1
            following = next((t[2] for t in timings[at + 1 : at + 9] if t[2] is not None and t[2] > start), None)
            end_or_none = min(start + _MAX_OPEN_CUE_MS, MAX_TIME_MS if following is None else following)
        last_end_ms = max(start, end_or_none)
        yield from make_cues(keep_angle_text(raw) if "<" in raw else raw, start, end_or_none)


def _mend_times(
    start_ms: int | None, end_ms: int | None, last_end_ms: int, warnings: ParseWarnings
) -> tuple[int, int | None] | None:
    """Return times that can be used, the end None if it has to be guessed; None if no time is readable."""
    if start_ms is None and end_ms is None:
        return None
    if start_ms is None:
        warnings["cue without a readable start time"] += 1
        return last_end_ms, end_ms
    if start_ms < 0:
        warnings["cue with a negative time moved"] += 1
        return (0, 0) if end_ms is not None and end_ms <= 0 else (min(last_end_ms, end_ms or last_end_ms), end_ms)
    return start_ms, None if end_ms is None or end_ms < start_ms else end_ms
