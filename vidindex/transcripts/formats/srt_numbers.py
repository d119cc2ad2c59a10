"""The numbers of SubRip cues, told from numbers that are said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_NUMBER_LINE = re.compile(r"#?(\d{1,9})[.:)]?")
_CUT_TIMING = re.compile(r"\d{1,3}(?::\d{0,2}){0,2}(?:[.,]\d{0,3})?[ \t]{0,4}-{0,3}>?[ \t]{0,4}[\d:.,]{0,12}")


class _NumberLine(NamedTuple):
    """A line with nothing but a number, the last one above the times of a cue."""

    start: int
    number: int
    is_plain: bool
    gap: int
    """How many blank lines are below it."""
    is_apart: bool
    """Whether nothing, or a blank line, is above it."""
    has_text: bool
    """Whether the cue before it has other text."""

    @property
    def is_likely(self) -> bool:
        return self.has_text or self.is_apart


def find_cue_numbers(text: str, timings: Sequence[tuple[int, int]]) -> list[int | None]:
    """Return where the number above each of *timings* starts, or None for those without a number.

    *timings* are the start and the end of each timing line of *text*.  A number belongs to a cue if it is directly
    above the times, as in the rest of the file, or if it continues the order of the numbers.
    """
    lines: list[_NumberLine | None] = []
    above = 0
    for start, end in timings:
        lines.append(_last_number_line(text, above, start))
        above = end
    is_numbered = _are_most(lines, [line is not None and line.gap == 0 and line.is_likely for line in lines])
    follows = _find_order(lines)
    is_spaced = _are_most(
        lines, [fits and line is not None and line.is_likely for line, fits in zip(lines, follows, strict=True)]
    )
    found: list[int | None] = []
    for line, fits in zip(lines, follows, strict=True):
        if line is None:
            is_number = False
        elif line.gap == 0:
            is_number = (is_numbered and line.is_plain) or (
                line.is_likely and (fits or (line.is_apart and line.is_plain))
            )
        else:
            is_number = fits and (is_spaced or is_numbered) and (line.is_likely or is_spaced)
        found.append(line.start if line is not None and is_number else None)
    return found


def find_cut_end(text: str, last_body: int, numbers: Sequence[int | None]) -> int:
    """Return where the last cue ends: before the number and the times of a cue that is cut off."""
    if all(number is None for number in numbers):
        last_number = -1
    else:
        at = next(number for number in reversed(numbers) if number is not None)
        match = _NUMBER_LINE.match(text[at : at + 40].lstrip(" \t\ufeff"))
        last_number = int(match[1]) if match else -1
        last_number += next(at for at, number in enumerate(reversed(numbers)) if number is not None)
    line = _last_number_line(text, last_body, len(text))
    if line and line.is_apart and line.has_text and line.number == last_number + 1:
        return line.start
    body = text[last_body:].rstrip(" \t\n")
    last = body.rpartition("\n")[2].strip()
    if not last or not _CUT_TIMING.fullmatch(last):
        return len(text)
    start = last_body + len(body) - len(body.rpartition("\n")[2])
    line = _last_number_line(text, last_body, start)
    if line and line.is_apart and line.has_text and line.number == last_number + 1:
        return line.start
    return start if last.count(":") > 1 and text[last_body:start].endswith("\n\n") else len(text)


def _last_number_line(text: str, start: int, end: int) -> _NumberLine | None:
    body = text[start:end].rstrip(" \t\n\ufeff")
    line = body[body.rfind("\n") + 1 :]
    stripped = line.strip(" \t\ufeff")
    if not (1 <= len(stripped) <= 11) or not (match := _NUMBER_LINE.fullmatch(stripped)):
        return None
    rest = body[: len(body) - len(line)]
    above = rest.rstrip(" \t\n\ufeff")
    gap = max(0, text.count("\n", start + len(body), end) - 1)
    is_apart = rest.count("\n", len(above)) > 1 or (start == 0 and not above)
    return _NumberLine(start + len(rest), int(match[1]), stripped == match[1], gap, is_apart, has_text=above != "")


def _find_order(lines: Sequence[_NumberLine | None]) -> list[bool]:
    """Check for each line whether its number is the place of the cue, or continues those around it."""
    fits: list[bool] = []
    before: int | None = None
    for at, line in enumerate(lines):
        if line is None:
            before = None if before is None else before + 1
            fits.append(False)
            continue
        after = lines[at + 1] if at + 1 < len(lines) else None
        in_order = line.number in (at + 1, None if before is None else before + 1) or (
            after is not None and after.number == line.number + 1
        )
        fits.append(in_order)
        if in_order:
            before = line.number
        elif before is not None:
            before += 1
    return fits


def _are_most(lines: Sequence[_NumberLine | None], checks: Sequence[bool]) -> bool:
    return 2 * sum(checks) >= len(lines)
