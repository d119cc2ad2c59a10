"""WebVTT: read by webvtt-py where the file is well-formed, by the standard's own steps where it is not.

webvtt-py takes times that the standard refuses, refuses some that it takes, and drops what it cannot read
without a word.  So it is given only blocks on which it and the standard agree; any other file is read by
`.webvtt_blocks`, which notes each block it drops.
"""

from __future__ import annotations

from ...model import Cue
from .cue_text import make_cue
from .hls import join_segments
from .parse_result import ParseWarnings
from .timestamps import MAX_TIME_MS
from .webvtt_spec import CueBlock, has_webvtt_signature, parse_blocks, parse_strict_timestamp_ms


def parse_cues(text: str, notes: ParseWarnings) -> list[Cue]:
    """Read the cues of a WebVTT file; raise ValueError where its first line is not WebVTT's."""
    text = text.removeprefix("\ufeff").replace("\0", "\ufffd")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not has_webvtt_signature(text):
        raise ValueError("its first line is not WEBVTT")
    if "X-TIMESTAMP-MAP" in text:
        return join_segments(text, notes, _parse_segment)
    return _parse_segment(text, notes)


def _parse_segment(text: str, notes: ParseWarnings) -> list[Cue]:
    blocks = _parse_well_formed(text)
    if blocks is None:
        blocks = parse_blocks(text, notes)
    cues = [make_cue(raw, start, end) for start, end, raw in blocks if end <= MAX_TIME_MS and start <= MAX_TIME_MS]
    if len(cues) < len(blocks):
        notes["cue at an absurd time dropped"] += len(blocks) - len(cues)
    return cues


def _parse_well_formed(text: str) -> list[CueBlock] | None:
    """Let webvtt-py read the times of *text*; None as soon as a block is not plainly well-formed."""
    from webvtt.vtt import WebVTTCueBlock

    match = WebVTTCueBlock.CUE_TIMINGS_PATTERN.match
    blocks: list[CueBlock] = []
    header, *parts = text.split("\n\n")
    if "-->" in header:
        return None
    last, last_ms = "", 0
    for part in parts:
        timing, payload = _split_block(part.strip("\n"))
        if not timing:
            if payload:
                return None
            continue
        times = match(timing)
        if times is None or timing[times.end() : times.end() + 1].strip():
            return None
        from_, to = times.groups()
        start = (
            last_ms if from_ == last else parse_strict_timestamp_ms(from_)
        )  # most cues start where the one before ends
        end = parse_strict_timestamp_ms(to)
        if start is None or end is None:
            return None
        last, last_ms = to, end
        blocks.append(CueBlock(start, end, payload))
    return blocks


def _split_block(part: str) -> tuple[str, str]:
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
