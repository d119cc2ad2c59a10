"""A report as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from ...model import Review
from ...transcripts.timecode import format_clock
from ..verdicts import Verdict
from .wording import describe_change, describe_notes, describe_searched, verdict_label

COLUMNS = (
    "number", "verdict", "cannot_tell", "quote", "who", "speaker_check", "speaker", "said", "changes", "title",
    "video_id", "start", "end", "url", "score", "confidence", "notes", "searched", "checked", "note", "note_changed",
)  # fmt: skip
"""The columns: one row for each quotation, then one for each review of a quotation that is not printed any more."""

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def render_csv(verdicts: Sequence[Verdict], reviews: Iterable[Review]) -> str:
    """Return the verdicts as CSV with the *reviews* of their quotes; no cell is taken for a formula."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    rest = {review.quote: review for review in reviews}
    for number, verdict in enumerate(verdicts, 1):
        table.writerow([_cell(value) for value in _row(number, verdict, rest.pop(verdict.claim.quote, None))])
    for review in (each for each in rest.values() if not each.is_empty):
        values = {"quote": review.quote, **dict(zip(COLUMNS[-3:], _review_cells(review), strict=True))}
        table.writerow([_cell(values.get(name, "")) for name in COLUMNS])
    return text.getvalue()


def _row(number: int, verdict: Verdict, review: Review | None) -> Iterator[object]:
    hit = verdict.hit
    yield number
    yield verdict_label(verdict.verdict)
    yield _yes(verdict.verdict == "not_found" and verdict.searched.cannot_tell)
    yield from (verdict.claim.quote, verdict.claim.who)
    yield from (verdict.speaker_check, verdict.speaker) if hit else ("", "")
    yield said_text(verdict)
    yield "; ".join(map(describe_change, verdict.changes))
    if hit is None:
        yield from [""] * 7
    else:
        yield from (hit.video.title, hit.video.id, format_clock(hit.start_ms), format_clock(hit.end_ms), hit.url)
        yield from (round(verdict.score, 4), round(verdict.confidence, 4))
    yield "; ".join(describe_notes(verdict))
    yield describe_searched(verdict.searched)
    yield from _review_cells(review)


def said_text(verdict: Verdict) -> str:
    """Return what was said in place of a quote; `[…]` stands between pieces that were not said as one."""
    if verdict.hit is None:
        return ""
    if len(verdict.pieces) > 1:
        return " […] ".join(piece.said for piece in verdict.pieces)
    return " ".join(words.spoken for words in verdict.diff if words.spoken) or verdict.hit.text


def _review_cells(review: Review | None) -> tuple[str, str, str]:
    return (_yes(review.done), review.note, review.changed) if review else ("no", "", "")


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _cell(value: object) -> str:
    """Return a cell.  A leading `'` stops spreadsheets from running it as a formula."""
    text = _CONTROL.sub(" ", str(value))
    return f"'{text}" if text.startswith(_FORMULA_START) else text
