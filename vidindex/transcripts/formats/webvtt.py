"""WebVTT: well-formed files through webvtt-py, others by the algorithm of the standard.

webvtt-py accepts some times that the standard rejects, rejects some that it accepts, and drops unreadable blocks
silently.  Therefore it only matches the timing lines of blocks that it and the standard read in the same way.  Any
other file is parsed by `webvtt_spec`, which counts each block that it drops.  The whole parser of webvtt-py would take
seven times as long.  `regular_webvtt` reads most chunks of most files, whose blocks have their usual form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...model import Cue
from ..limits import MAX_CUES, CueBudget, check_count, iter_batches
from ..plain_cues import join_batches
from ..timecode import MAX_TIME_MS, parse_full_timestamp_ms
from .cue_text import make_cue, make_cues
from .hls import join_segments, separate_segments
from .metadata import drop_metadata
from .parse_result import ParseWarnings
from .regular_webvtt import parse_regular_chunk
from .text_chunks import iter_chunks, unify_line_breaks
from .webvtt_spec import has_webvtt_signature, iter_blocks, parse_strict_timestamp_ms

_ALMOST_SIGNATURE = re.compile(r"\s{0,100}[\"'\u201c]?web[ _-]?vtt[\"'\u201d:;,.]?", re.IGNORECASE)
_OTHER_ARROWS = ("--->", "-->>", "&gt;", "=>", "\u2013>", "\u2014>", "\u2192")
_ARROW_LINE_PATTERN = (
    r"^([ \t]{{0,20}}-?\d[\d:.,]{{3,20}}[ \t]{{0,8}})(?!-->(?!>))"
    r"(?:{}(?:>{{1,2}}|&gt;)|[=\u2013\u2014](?:>|&gt;)|\u2192)"
    r"(?=[ \t]{{0,8}}(?:-?\d|$))"
)
_OTHER_ARROW = re.compile(_ARROW_LINE_PATTERN.format("-{1,4}"), re.MULTILINE)
_SPACED_ARROW = re.compile(_ARROW_LINE_PATTERN.format("-[- ]{0,3}"), re.MULTILINE)
_Block = tuple[int, int, str]
"""The times of a cue block, and its text with markup."""


def parse_cues(text: str, warnings: ParseWarnings) -> Sequence[Cue]:
    """Parse the cues of a WebVTT file.

    Raises `ValueError` if it does not start with the signature of WebVTT, or nearly so.
    """
    text = unify_line_breaks(text.removeprefix("\ufeff").replace("\0", "\ufffd"))
    if not has_webvtt_signature(text):
        text = _mend_signature(text, warnings)
    arrows = text.count("-->")
    if not arrows or _may_have_other_arrows(text, arrows):
        text, mended = (_OTHER_ARROW if arrows else _SPACED_ARROW).subn(r"\1-->", text)
        if mended:
            warnings["timing line with an unusual arrow read"] += mended
            arrows += mended
    check_count(arrows, MAX_CUES, "cues")
    header = text[: text.find("\n\n")][:2000]
    if text.find("WEBVTT", 1) < 0:
        cues = _parse_segment(text, warnings)
    else:
        text = separate_segments(text, warnings)
        cues = join_segments(text, warnings, _parse_segment)
    return drop_metadata(cues, header, warnings)


def _may_have_other_arrows(text: str, arrows: int) -> bool:
    """Check for signs of unusual arrows; in a text without markup, each `>` is that of an arrow."""
    if text.count(">") == arrows and "&" not in text:
        return "\u2192" in text or "--->" in text
    return arrows != text.count("->") or any(arrow in text for arrow in _OTHER_ARROWS)


def _mend_signature(text: str, warnings: ParseWarnings) -> str:
    match = _ALMOST_SIGNATURE.match(text)
    if match is None:
        raise ValueError("its first line is not WEBVTT")
    warnings["first line read as WEBVTT"] += 1
    rest = text[match.end() :]
    return f"WEBVTT\n\n{rest}" if "-->" in rest.partition("\n")[0] else f"WEBVTT {rest}"


def _parse_segment(text: str, warnings: ParseWarnings) -> Sequence[Cue]:
    parsed = _parse_well_formed(text)
    cues, dropped = parsed or _collect_cues(iter_batches(iter_blocks(text, warnings)))
    if dropped:
        warnings["cue with an invalid time dropped"] += dropped
    return cues


def _collect_cues(batches: Iterable[Sequence[_Block]]) -> tuple[list[Cue], int]:
    """Return the cues of the blocks in *batches*, and how many blocks were dropped because of their times."""
    cues: list[Cue] = []
    budget, dropped = CueBudget(), 0
    for blocks in batches:
        batch, late = _make_cues(blocks)
        budget.charge(batch)
        dropped += late
        cues += batch
    return cues, dropped


def _make_cues(blocks: Sequence[_Block]) -> tuple[list[Cue], int]:
    """Return the cues of *blocks*, and how many were dropped because of their times."""
    timed = [block for block in blocks if block[1] <= MAX_TIME_MS and block[0] <= MAX_TIME_MS]
    if any("<v" in block[2] for block in timed):
        cues = [cue for start, end, raw in timed for cue in make_cues(raw, start, end)]
    else:
        cues = [make_cue(raw, start, end) for start, end, raw in timed]
    return cues, len(blocks) - len(timed)


def _parse_well_formed(text: str) -> tuple[Sequence[Cue], int] | None:
    """Parse the cues of *text* chunk by chunk, or return None if a block is not well-formed."""
    body = text.find("\n\n")
    body = body if body >= 0 else len(text)
    if text.find("-->", 0, body) >= 0:
        return None
    batches: list[Sequence[Cue]] = []
    budget, dropped = CueBudget(), 0
    for chunk in iter_chunks(text, "\n\n", body):
        batch = parse_regular_chunk(chunk)
        if batch is None:
            blocks = _parse_chunk(chunk)
            if blocks is None:
                return None
            batch, late = _make_cues(blocks)
            dropped += late
        budget.charge(batch)
        batches.append(batch)
    return join_batches(batches), dropped


def _parse_chunk(chunk: str) -> list[_Block] | None:
    """Parse the blocks of *chunk* with webvtt-py, or return None if one of them is not well-formed."""
    from webvtt.vtt import WebVTTCueBlock

    match = WebVTTCueBlock.CUE_TIMINGS_PATTERN.match
    blocks: list[_Block] = []
    last, last_ms = "", 0
    for part in chunk.split("\n\n"):
        timing, payload = _split_block(part.strip("\n"))
        if not timing:
            if payload:
                return None
            continue
        times = match(timing)
        if times is None or timing[times.end() : times.end() + 1].strip():
            return None
        start_text, end_text = times.groups()
        # Most cues start when the one before ends.
        start = last_ms if start_text == last else parse_full_timestamp_ms(start_text)
        end = parse_full_timestamp_ms(end_text)
        if start is None or end is None:
            start, end = parse_strict_timestamp_ms(start_text), parse_strict_timestamp_ms(end_text)
        if start is None or end is None:
            return None
        last, last_ms = end_text, end
        blocks.append((start, end, payload))
    return blocks


def _split_block(part: str) -> tuple[str, str]:
    """Return the timing line and the text of a cue that webvtt-py and the standard read in the same way.

    Any other block is returned as text without a timing line, and a comment, a style or nothing as two empty strings.
    """
    timing, _, payload = part.partition("\n")
    if "-->" not in timing:
        if "-->" not in part:
            return "", "" if part.startswith(("NOTE", "STYLE", "REGION")) else part
        timing, _, payload = payload.partition("\n")
    if "-->" in payload or not (timing.isascii() and timing.isprintable()) or timing.count("-->") != 1:
        return "", part
    return timing, payload
