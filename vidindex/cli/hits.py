"""Hits, formatted for a terminal."""

from __future__ import annotations

import click

from ..model import Hit, origin_label, probability_word
from ..server.serialize import serialize_hit as serialize_hit
from ..server.serialize import serialize_video_hits as serialize_video_hits
from .terminal import format_clock, one_line


def format_hit(hit: Hit, number: int) -> list[str]:
    """Return a hit as styled lines; `click.echo` strips the styles if the output is not a terminal."""
    video = hit.video
    title = click.style(one_line(video.title) or video.id, bold=True)
    about = [one_line(video.channel), one_line(video.site), video.date, hit.kind if hit.kind != "other" else ""]
    if hit.origin in ("automatic", "asr"):
        about.append(origin_label(hit.origin))
    if video.unavailable_since:
        about.append(f"unavailable since {video.unavailable_since}")
    lines = [f"{number:>3}  {title}  {_match_label(hit)}"]
    if any(about):
        lines.append(_indent_line(click.style(" · ".join(dict.fromkeys(part for part in about if part)), dim=True)))
    if hit.label:
        lines.append(_indent_line(f"“{one_line(hit.label)}”"))
    times = click.style(f"{format_clock(hit.start_ms)}–{format_clock(hit.end_ms)}", fg="cyan")
    lines.append(_indent_line(f"{times}  {_spoken_line(hit)}"))
    if hit.url:
        lines.append(_indent_line(click.style(one_line(hit.url), fg="blue", underline=True)))
    lines.extend(
        _indent_line(
            click.style(f"in {one_line(article.title) or one_line(article.url)}  {one_line(article.url)}", dim=True)
        )
        for article in hit.articles
    )
    return lines


def _indent_line(text: str) -> str:
    return f"     {text}"


def _match_label(hit: Hit) -> str:
    if hit.match == "exact":
        return click.style("exact", fg="green")
    shown = min(hit.score, 0.99)  # 1.00 means word for word
    if hit.match == "gist":
        return click.style(f"{probability_word(hit.score)} {shown:.2f}", fg="magenta")
    return click.style(f"near {shown:.2f}", fg="yellow")


def _spoken_line(hit: Hit) -> str:
    speaker = f"{one_line(hit.speaker)}: " if hit.speaker else ""
    before = f"… {one_line(hit.before)} " if hit.before else ""
    after = f" {one_line(hit.after)} …" if hit.after else ""
    return f"{click.style(speaker + before, dim=True)}{highlight_marks(hit)}{click.style(after, dim=True)}"


def highlight_marks(hit: Hit) -> str:
    """Return the text of a hit with the matching words in bold and, for output without color, between « and »."""
    parts: list[str] = []
    at = 0
    for start, end in hit.marks or ((0, len(hit.text)),):
        parts += [
            clean_fragment(hit.text[at:start]),
            click.style(f"«{clean_fragment(hit.text[start:end])}»", bold=True),
        ]
        at = end
    return "".join((*parts, clean_fragment(hit.text[at:])))


def clean_fragment(text: str) -> str:
    """Return a part of a line without control characters; spaces at its ends stay."""
    return (
        text[: len(text) - len(text.lstrip())] + one_line(text) + text[len(text.rstrip()) :] if text.strip() else text
    )
