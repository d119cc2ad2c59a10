"""Hits as a person or a program reads them."""

from __future__ import annotations

import click

from ..model import Hit
from ..server.serialize import hit_fields as hit_fields
from .terminal import clock, plain


def hit_lines(hit: Hit, number: int) -> list[str]:
    """Write a hit as lines for a terminal, styled; the one who prints may strip the styles."""
    video = hit.video
    title = click.style(plain(video.title) or video.id, bold=True)
    about = [plain(video.channel), plain(video.site), video.date, hit.kind if hit.kind != "other" else ""]
    if hit.origin in ("automatic", "asr"):
        about.append({"automatic": "automatic captions", "asr": "recognised speech"}[hit.origin])
    if video.gone:
        about.append(f"gone since {video.gone}")
    lines = [f"{number:>3}  {title}  {_match(hit)}"]
    if any(about):
        lines.append(_indented(click.style(" · ".join(dict.fromkeys(part for part in about if part)), dim=True)))
    if hit.label:
        lines.append(_indented(f"“{plain(hit.label)}”"))
    times = click.style(f"{clock(hit.start_ms)}–{clock(hit.end_ms)}", fg="cyan")
    lines.append(_indented(f"{times}  {_spoken(hit)}"))
    if hit.url:
        lines.append(_indented(click.style(plain(hit.url), fg="blue", underline=True)))
    lines.extend(
        _indented(click.style(f"in {plain(article.title) or plain(article.url)}  {plain(article.url)}", dim=True))
        for article in hit.articles
    )
    return lines


def _indented(text: str) -> str:
    return f"     {text}"


def _match(hit: Hit) -> str:
    if hit.match == "exact":
        return click.style("exact", fg="green")
    shown = min(hit.score, 0.99)  # 1.00 is for what was said word for word
    return click.style(f"near {shown:.2f}", fg="yellow")


def _spoken(hit: Hit) -> str:
    speaker = f"{plain(hit.speaker)}: " if hit.speaker else ""
    before = f"… {plain(hit.before)} " if hit.before else ""
    after = f" {plain(hit.after)} …" if hit.after else ""
    return f"{click.style(speaker + before, dim=True)}{marked(hit)}{click.style(after, dim=True)}"


def marked(hit: Hit) -> str:
    """Give the text of a hit with what answers the query in bold, between « and » for those without colours."""
    parts: list[str] = []
    at = 0
    for start, end in hit.marks or ((0, len(hit.text)),):
        parts += [plain_inside(hit.text[at:start]), click.style(f"«{plain_inside(hit.text[start:end])}»", bold=True)]
        at = end
    return "".join((*parts, plain_inside(hit.text[at:])))


def plain_inside(text: str) -> str:
    """Make a part of a line harmless, the spaces at its ends kept."""
    return text[: len(text) - len(text.lstrip())] + plain(text) + text[len(text.rstrip()) :] if text.strip() else text
