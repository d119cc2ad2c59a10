"""YouTube's SBV: two times separated by a comma, with the text below."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...model import Cue
from ..limits import MAX_CUES, check_count, check_cue_size, collect_cues
from ..timecode import parse_timestamp_ms
from .cue_text import make_cue
from .parse_result import ParseWarnings
from .text_chunks import unify_line_breaks

_TIME_PATTERN = r"\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3}"
_TIMING_LINE = re.compile(rf"^[ \t\ufeff]*({_TIME_PATTERN}),({_TIME_PATTERN})[ \t]*$", re.MULTILINE)
_BROKEN_TIMING_LINE = re.compile(r"^[ \t]*\d{1,6}:[^\s,]{1,16},\d{1,6}:[^\s,]{1,16}[ \t]*$", re.MULTILINE)


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the cues of an SBV file."""
    text = unify_line_breaks(text)
    return collect_cues(_iter_cues(text, warnings))


def _iter_cues(text: str, warnings: ParseWarnings) -> Iterator[Cue]:
    match = _TIMING_LINE.search(text)
    count = 0
    while match is not None:
        count += 1
        check_count(count, MAX_CUES, "cues")
        following = _TIMING_LINE.search(text, match.end())
        end_at = following.start() if following else len(text)
        check_cue_size(end_at - match.end())
        raw = text[match.end() : end_at]
        broken = _BROKEN_TIMING_LINE.search(raw)
        if broken:
            warnings["cue with unreadable times dropped"] += len(_BROKEN_TIMING_LINE.findall(raw))
            raw = raw[: broken.start()]
        start, end = parse_timestamp_ms(match[1]), parse_timestamp_ms(match[2])
        if start is None or end is None:
            warnings["cue with an invalid time dropped"] += 1
        else:
            yield make_cue(raw.replace("[br]", "\n"), start, end)
        match = following
