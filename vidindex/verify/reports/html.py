"""A report as one page of HTML, which needs nothing else and can be printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

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
    describe_searched,
    describe_speaker,
    group_verdicts,
    play_url,
    verdict_label,
    verdict_meaning,
)

_SAFE_URL = re.compile(r"https?://[^\s<>\"']+")
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_CSS = """
:root{--text:#1c1c1c;--dim:#555;--page:#fff;--card:#f6f6f4;--line:#d6d6d0;--bad:#a3231b;--good:#1d6a2f;--link:#0b57a4}
@media(prefers-color-scheme:dark){:root{--text:#e6e6e3;--dim:#b0b0aa;--page:#161616;--card:#212120;--line:#444;
--bad:#ff9d93;--good:#8fdba0;--link:#8ec5ff}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1.5rem 1rem;color:var(--text);
background:var(--page)}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .1rem}
h3{font-size:.8rem;font-weight:600;color:var(--dim);margin:0}
a{color:var(--link)}p{margin:.2rem 0}ul{margin:.3rem 0;padding-left:1.2rem}
.dim{color:var(--dim);font-size:.9rem}
article{border:1px solid var(--line);border-radius:.4rem;background:var(--card);padding:.8rem 1rem;margin:.8rem 0;
overflow-wrap:anywhere}
.label{display:inline-block;border:2px solid currentColor;border-radius:.3rem;padding:0 .4rem;font-weight:700;
font-size:.85rem}
.bad{color:var(--bad)}.good{color:var(--good)}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:1rem;margin:.6rem 0}
.sides p{margin:0}
del{color:var(--bad);text-decoration:line-through;text-decoration-thickness:2px}
ins{color:var(--good);text-decoration:underline;text-decoration-thickness:2px;font-weight:600}
.wording{color:inherit;font-weight:inherit;text-decoration-thickness:1px}
.kind{font-size:.75rem;font-weight:700;border:1px solid currentColor;border-radius:.2rem;padding:0 .2rem;
text-decoration:none;display:inline-block}
footer{border-top:1px solid var(--line);margin-top:2rem;padding-top:.6rem}
@media(max-width:40rem){.sides{grid-template-columns:1fr}}
@media print{:root{--text:#000;--dim:#333;--page:#fff;--card:#fff;--line:#999;--bad:#000;--good:#000;--link:#000}
body{max-width:none;padding:0;font-size:10.5pt}article{break-inside:avoid}h2{break-after:avoid}
a[href]::after{content:" (" attr(href) ")";font-size:.8em;overflow-wrap:anywhere}}
"""
_BAD = frozenset(("altered", "spliced", "partial", "not_found"))


def render_html(verdicts: Sequence[Verdict], head: ReportHead, *, language: str = "en") -> str:
    """Return the page; it loads nothing, and contains no script."""
    title = _clean(head.title or head.url or "Quotes")
    groups = "\n".join(_render_group(group) for _, group in group_verdicts(verdicts))
    searched = "".join(f"<p>{_text(each)}</p>" for each in describe_all_searched(verdicts))
    origin = f"vidindex {head.version}, {head.date}".strip(", ")
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>Quotes: {escape(title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_link(title, head.url)}</h1>\n<p>{_text(count_verdicts(verdicts))}</p>\n{groups}\n</main>\n"
        f'<footer class="dim">{searched}<p>{_text(origin)}. Captions can be wrong: follow the links and listen.</p>'
        "</footer>\n</body>\n</html>\n"
    )


def _render_group(group: Sequence[tuple[int, Verdict]]) -> str:
    first = group[0][1].verdict
    entries = "\n".join("".join(_render_verdict(number, verdict)) for number, verdict in group)
    heading = f"{verdict_label(first).capitalize()} ({len(group)})"
    return f'<section>\n<h2>{heading}</h2>\n<p class="dim">{verdict_meaning(first)}</p>\n{entries}\n</section>'


def _render_verdict(number: int, verdict: Verdict) -> Iterator[str]:
    tone = "bad" if verdict.verdict in _BAD else "good"
    label = verdict_label(verdict.verdict)
    yield f'<article id="quote-{number}"><p>{number}. <span class="label {tone}">{label}</span>'
    if verdict.speaker_check == "contradicted":
        yield ' <span class="label bad">speaker contradicted</span>'
    yield f' <span class="dim">{_text(describe_confidence(verdict))}</span></p>'
    who = f'<p class="dim">{_text(verdict.claim.who)}</p>' if verdict.claim.who else ""
    yield f'<div class="sides"><div><h3>Printed</h3><p>“{_render_printed(verdict)}”</p>{who}</div>'
    yield f"<div><h3>Said</h3>{_render_said(verdict)}</div></div>"
    yield from _render_list(_details(verdict))
    yield "</article>"


def _render_printed(verdict: Verdict) -> str:
    if not verdict.diff or verdict.verdict == "verbatim":
        return _text(verdict.claim.quote)
    return " ".join(filter(None, (_mark(words, words.printed, "del", verdict) for words in verdict.diff)))


def _render_said(verdict: Verdict) -> str:
    hit = verdict.hit
    if hit is None:
        return f'<p class="dim">{_text(describe_searched(verdict.searched))}</p>'
    said = " ".join(filter(None, (_mark(words, words.spoken, "ins", verdict) for words in verdict.diff)))
    speaker = f"{_text(verdict.speaker)}: " if verdict.speaker else ""
    return f"<p>{speaker}“{said or _text(hit.text)}”</p><p>{_link(describe_place(verdict), hit.url)}</p>"


def _mark(words: WordChange, text: str, tag: str, verdict: Verdict) -> str:
    if not text or words.same:
        return _text(text)
    kind = change_kind(words, verdict.changes)
    if not kind:
        return f'<{tag} class="wording">{_text(text)}</{tag}>'
    return f'<{tag}>{_text(text)}</{tag}> <span class="kind">{_text(kind)}</span>'


def _details(verdict: Verdict) -> Iterator[str]:
    """Yield what is to be known about a verdict, as HTML."""
    for change in verdict.changes:
        yield _link(describe_change(change), play_url(verdict, change.start_ms))
    for piece in verdict.pieces if verdict.verdict in ("spliced", "partial") else ():
        yield _link(describe_piece(piece), play_url(verdict, piece.start_ms))
    for name, text in describe_context(verdict):
        yield f"<b>{name}:</b> {_text(text)}"
    for text in (describe_speaker(verdict), *describe_notes(verdict)):
        if text:
            yield _text(text)


def _render_list(items: Iterator[str]) -> Iterator[str]:
    listed = "".join(f"<li>{item}</li>" for item in items)
    if listed:
        yield f"<ul>{listed}</ul>"


def _link(text: str, url: str) -> str:
    """Return a link to *url* if it is on the web, since other schemes could run code."""
    return f'<a href="{escape(url)}" rel="noreferrer">{_text(text)}</a>' if _SAFE_URL.fullmatch(url) else _text(text)


def _text(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    """Return *text* without characters that turn it around or that a page cannot contain."""
    return _HIDDEN.sub("", text)
