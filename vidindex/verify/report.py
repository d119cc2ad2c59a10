"""Reports of checked quotations, as Markdown and as a self-contained HTML page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from ..transcripts.timecode import format_clock
from .check import CheckedQuote, WordChange

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
_SAFE_URL = re.compile(r"https?://[^\s<>\"']+")
_PAGE_CSS = """
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.4rem}.q{border-left:.3rem solid #999;margin:1.5rem 0;padding:.2rem 1rem}
.verbatim{border-color:#2a7d3b}.near{border-color:#b58100}.not-found{border-color:#b3261e}
.v{font-weight:600;font-size:.85rem}.m{color:#555;font-size:.9rem}
blockquote{margin:.3rem 0;padding:0}del{color:#b3261e}ins{color:#2a7d3b;text-decoration:underline}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}.m{color:#aaa}del{color:#f2857d}ins{color:#7fd08f}}
"""


def render_markdown(checked: Iterable[CheckedQuote], *, title: str = "", url: str = "") -> str:
    """Return *checked* as Markdown; *title* and *url* belong to the article."""
    heading = _escape_markdown(title) or "Quotes"
    lines = [f"# [{heading}]({url})" if _SAFE_URL.fullmatch(url) else f"# {heading}", ""]
    for each in checked:
        lines += _render_markdown_entry(each)
    return "\n".join(lines).rstrip() + "\n"


def render_html(checked: Iterable[CheckedQuote], *, title: str = "", url: str = "", language: str = "en") -> str:
    """Return *checked* as a self-contained HTML page; *title* and *url* belong to the article."""
    every = list(checked)
    heading = _render_link(url, title or url or "Quotes")
    counts = ", ".join(f"{sum(e.verdict == v for e in every)} {v}" for v in ("verbatim", "near", "not found"))
    body = "\n".join(map(_render_html_entry, every))
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>Quotes: {escape(title or url)}</title>\n<style>{_PAGE_CSS}</style>\n</head>\n<body>\n"
        f'<h1>{heading}</h1>\n<p class="m">{counts}</p>\n{body}\n</body>\n</html>\n'
    )


def _render_markdown_entry(each: CheckedQuote) -> list[str]:
    said_by = f" ({_escape_markdown(each.quotation.attribution)})" if each.quotation.attribution else ""
    lines = [f"> {_escape_markdown(each.quotation.text)}{said_by}", ""]
    hit = each.hit
    if hit is None:
        return [*lines, f"**{each.verdict}**", ""]
    name = _escape_markdown(hit.video.title or hit.video.id)
    place = f"{name}, {format_clock(hit.start_ms)}–{format_clock(hit.end_ms)}"
    where = f"[{place}]({hit.url})" if _SAFE_URL.fullmatch(hit.url) else place
    lines += [f"**{each.verdict}**{_elsewhere_note(each)}: {where}", ""]
    if each.verdict == "near":
        lines += [f"Spoken: {''.join(map(_render_markdown_change, each.changes)).strip()}", ""]
    return lines


def _render_markdown_change(change: WordChange) -> str:
    if change.same:
        return f"{_escape_markdown(change.spoken)} "
    dropped = f"~~{_escape_markdown(change.printed)}~~ " if change.printed else ""
    return dropped + (f"**{_escape_markdown(change.spoken)}** " if change.spoken else "")


def _render_html_entry(each: CheckedQuote) -> str:
    said_by = f' <span class="m">{escape(each.quotation.attribution)}</span>' if each.quotation.attribution else ""
    parts = [f"<blockquote>“{escape(each.quotation.text)}”{said_by}</blockquote>"]
    hit = each.hit
    if hit is None:
        parts.append(f'<p class="v">{each.verdict}</p>')
    else:
        place = f"{hit.video.title or hit.video.id}, {format_clock(hit.start_ms)}–{format_clock(hit.end_ms)}"
        parts.append(
            f'<p><span class="v">{each.verdict}</span>{_elsewhere_note(each)}: {_render_link(hit.url, place)}</p>'
        )
        if each.verdict == "near":
            parts.append(f"<p>{_render_html_changes(each.changes)}</p>")
    return f'<div class="q {each.verdict.replace(" ", "-")}">{"".join(parts)}</div>'


def _render_html_changes(changes: Sequence[WordChange]) -> str:
    marked = []
    for change in changes:
        if change.same:
            marked.append(escape(change.spoken))
            continue
        marked += [f"<del>{escape(change.printed)}</del>"] if change.printed else []
        marked += [f"<ins>{escape(change.spoken)}</ins>"] if change.spoken else []
    return " ".join(marked)


def _elsewhere_note(each: CheckedQuote) -> str:
    return " (in a video that this article does not embed)" if each.elsewhere else ""


def _render_link(url: str, text: str) -> str:
    """Return a link to *url* if it is an http(s) or file URL, since other schemes could run code."""
    return f'<a href="{escape(url)}" rel="noreferrer">{escape(text)}</a>' if _SAFE_URL.fullmatch(url) else escape(text)


def _escape_markdown(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))
