"""WebVTT: read by webvtt-py where the file is well-formed, by the standard's own steps where it is not.

webvtt-py takes times that the standard refuses, refuses some that it takes, and drops what it cannot read
without a word.  So it is given only blocks on which it and the standard agree; any other file is read by
`.webvtt_blocks`, which notes each block it drops.
"""

from __future__ import annotations

from ...model import Cue
from .cue_text import as_cue
from .hls import join_segments
from .parse_result import Notes
from .timestamps import MAX_MS
from .webvtt_spec import Block, is_signed, read_blocks, strict_ms


def read(text: str, notes: Notes) -> list[Cue]:
    """Read the cues of a WebVTT file; raise ValueError where its first line is not WebVTT's."""
    text = text.removeprefix("\ufeff").replace("\0", "\ufffd")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not is_signed(text):
        raise ValueError("its first line is not WEBVTT")
    if "X-TIMESTAMP-MAP" in text:
        return join_segments(text, notes, _read_segment)
    return _read_segment(text, notes)


def _read_segment(text: str, notes: Notes) -> list[Cue]:
    blocks = _well_formed(text)
    if blocks is None:
        blocks = read_blocks(text, notes)
    cues = [as_cue(raw, start, end) for start, end, raw in blocks if end <= MAX_MS and start <= MAX_MS]
    if len(cues) < len(blocks):
        notes["cue at an absurd time dropped"] += len(blocks) - len(cues)
    return cues


def _well_formed(text: str) -> list[Block] | None:
    """Let webvtt-py read the times of *text*; None as soon as a block is not plainly well-formed."""
    from webvtt.vtt import WebVTTCueBlock

    match = WebVTTCueBlock.CUE_TIMINGS_PATTERN.match
    blocks: list[Block] = []
    header, *parts = text.split("\n\n")
    if "-->" in header:
        return None
    last, last_ms = "", 0
    for part in parts:
        timing, payload = _taken_apart(part.strip("\n"))
        if not timing:
            if payload:
                return None
            continue
        times = match(timing)
        if times is None or timing[times.end() : times.end() + 1].strip():
            return None
        from_, to = times.groups()
        start = last_ms if from_ == last else strict_ms(from_)  # most cues start where the one before ends
        end = strict_ms(to)
        if start is None or end is None:
            return None
        last, last_ms = to, end
        blocks.append(Block(start, end, payload))
    return blocks


def _taken_apart(part: str) -> tuple[str, str]:
    """Give the timing line and the text of a cue in which webvtt-py and the standard cannot differ.

    No timing line, but text, for any other block; neither for a comment and for nothing.
    """
    timing, _, payload = part.partition("\n")
    if "-->" not in timing:
        if "-->" not in part:
            return "", "" if part.startswith(("NOTE", "STYLE", "REGION")) else part
        timing, _, payload = payload.partition("\n")
    if "-->" in payload or not (timing.isascii() and timing.isprintable()) or timing.count("-->") != 1:
        return "", part
    return timing, payload
