"""WebVTT: read by webvtt-py where the file is well-formed, by the standard's own steps where it is not.

webvtt-py takes times that the standard refuses, refuses some that it takes, and drops what it cannot read
without a word.  So it is given only blocks in which it and the standard agree; any other file is read by
`.webvtt_blocks`, which notes each block it drops.
"""

from __future__ import annotations

from ..model import Cue
from .clock import MAX_MS
from .hls import join_segments
from .markup import as_cue
from .parsed import Notes
from .webvtt_blocks import Block, is_signed, read_blocks, strict_ms


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
    """Let webvtt-py read the blocks of *text*; None as soon as one is not plainly well-formed."""
    from webvtt.vtt import WebVTTCueBlock

    take = WebVTTCueBlock.from_lines
    blocks: list[Block] = []
    header, *parts = text.split("\n\n")
    if "-->" in header:
        return None
    for part in parts:
        lines = part.strip("\n").split("\n")
        if not _is_plain(lines, part):
            return None
        if "-->" in part:
            block = take(lines)
            start, end = strict_ms(block.start), strict_ms(block.end)
            if start is None or end is None or block.settings[:1].strip():
                return None
            blocks.append(Block(start, end, "\n".join(block.payload)))
    return blocks


def _is_plain(lines: list[str], part: str) -> bool:
    """Check for a block in which webvtt-py and the standard cannot differ: a cue, a comment, nothing."""
    timing = lines[0] if "-->" in lines[0] else lines[1] if len(lines) > 1 else ""
    if "-->" not in timing:
        return not lines[0] or (lines[0].startswith(("NOTE", "STYLE", "REGION")) and "-->" not in part)
    return part.count("-->") == 1 and timing.isascii() and timing.isprintable()
