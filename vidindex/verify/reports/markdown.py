"""A report as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ...model import Review
from ..verdicts import Verdict, WordChange
from .wording import (
    ReportHead,
    change_kind,
    count_verdicts,
    describe_all_searched,
    describe_change,
    describe_confidence,
    describe_context,
    describe_notes,
    describe_piece,
    describe_place,
    describe_speaker,
    group_verdicts,
    play_url,
    verdict_label,
    verdict_meaning,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
_SAFE_URL = re.compile(r"https?://[^\s<>\"'()]+")


def render_markdown(verdicts: Sequence[Verdict], head: ReportHead, reviews: Iterable[Review] = ()) -> str:
    """Return the report, with what people noted about the quotes."""
    rest = {review.quote: review for review in reviews if not review.is_empty}
    lines = [f"# {_link(head.title or 'Quotes', head.url)}", "", f"{count_verdicts(verdicts)}.", ""]
    for kind, group in group_verdicts(verdicts):
        lines += [f"## {verdict_label(kind).capitalize()} ({len(group)})", "", verdict_meaning(kind), ""]
        for number, verdict in group:
            lines += [*_render_verdict(number, verdict), *_render_review(rest.pop(verdict.claim.quote, None)), ""]
    lines += _render_orphans(list(rest.values()))
    lines += [*(f"{_escape(each)}  " for each in describe_all_searched(verdicts)), _describe_origin(head)]
    return "\n".join(lines).rstrip() + "\n"


def _render_verdict(number: int, verdict: Verdict) -> Iterator[str]:
    who = f" ({_escape(verdict.claim.who)})" if verdict.claim.who else ""
    yield f"> {number}\\. “{_escape(verdict.claim.quote)}”{who}"
    yield ""
    if verdict.hit is not None:
        yield f"- **{verdict_label(verdict.verdict)}**: {_link(describe_place(verdict), verdict.hit.url)}"
        if verdict.verdict != "verbatim":
            yield f"- said: {' '.join(_render_words(words, verdict) for words in verdict.diff).strip()}"
    for change in verdict.changes:
        yield f"- {_link(describe_change(change), play_url(verdict, change.start_ms))}"
    for piece in verdict.pieces if verdict.verdict in ("spliced", "partial") else ():
        yield f"- {_link(describe_piece(piece), play_url(verdict, piece.start_ms))}"
    for name, text in describe_context(verdict):
        yield f"- {name}: {_escape(text)}"
    for text in (describe_speaker(verdict), describe_confidence(verdict), *describe_notes(verdict)):
        if text:
            yield f"- {_escape(text)}"


def _render_review(review: Review | None) -> Iterator[str]:
    if review is not None and review.done:
        yield f"- checked ({review.changed[:10]})"
    if review is not None and review.note:
        yield f"- note: {_escape(review.note)}"


def _render_orphans(reviews: Sequence[Review]) -> Iterator[str]:
    """Yield the reviews of quotes that the article does not print any more."""
    if reviews:
        yield from ("## Notes on quotes that the article does not print any more", "")
    for review in reviews:
        yield from (f"> “{_escape(review.quote)}”", "", *_render_review(review), "")


def _render_words(words: WordChange, verdict: Verdict) -> str:
    if words.same:
        return _escape(words.spoken)
    kind = change_kind(words, verdict.changes)
    left_out = f"~~{_escape(words.printed)}~~" if words.printed else ""
    said = f"**{_escape(words.spoken)}**" if words.spoken else ""
    return " ".join(part for part in (left_out, said, f"\\[{kind}\\]" if kind else "") if part)


def _describe_origin(head: ReportHead) -> str:
    return _escape(f"vidindex {head.version}, {head.date}".strip(", "))


def _link(text: str, url: str) -> str:
    return f"[{_escape(text)}]({url})" if _SAFE_URL.fullmatch(url) else _escape(text)


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
