"""A clip as text, Markdown, HTML, captions or a bibliographic record, to be pasted elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from ...transcripts.export import export_transcript
from ...transcripts.timecode import format_timestamp
from .clip import Clip

_MARKDOWN_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&$]")
_BIBTEX_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # BibTeX counts braces even after a backslash
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{special: f"\\{special}" for special in "&%$#_"},
    }
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NOT_IN_KEY = re.compile(r"[^A-Za-z0-9]+")
_MAX_KEY_CHARS = 60
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True, slots=True)
class ClipFormat:
    """A format of clips: the name that people read, how its files are named and sent, and what formats a clip."""

    name: str
    file_name: str
    media_type: str
    format_clip: Callable[[Clip], str]


def format_text(clip: Clip, *links: str) -> str:
    """Format *clip* as text: its words, with a line for each of several speakers, its source, and *links*."""
    source = [clip.only_speaker, f"“{clip.title}”", *clip.facts]
    lines = [f"{label}: “{text}”" if label else f"“{text}”" for label, text in _labeled_lines(clip)]
    return "\n".join([*lines, f"— {', '.join(filter(None, source))}", *filter(None, links)]) + "\n"


def _format_text(clip: Clip) -> str:
    return format_text(clip, clip.source_url, clip.page_url)


def _format_markdown(clip: Clip) -> str:
    lines = [
        f"> **{_escape_markdown(label)}:** “{_escape_markdown(text)}”" if label else f"> “{_escape_markdown(text)}”"
        for label, text in _labeled_lines(clip)
    ]
    channel_and_date = map(_escape_markdown, clip.facts[:-1])
    source = [
        _escape_markdown(clip.only_speaker),
        _link_in_markdown(f"“{_escape_markdown(clip.title)}”", clip.source_url),
        *channel_and_date,
        _link_in_markdown(clip.clock, clip.page_url),
    ]
    return "\n>\n".join([*lines, f"> — {', '.join(filter(None, source))}"]) + "\n"


def _format_html(clip: Clip) -> str:
    lines = [
        f"  <p>{f'<b>{escape(label)}:</b> ' if label else ''}“{escape(text)}”</p>"
        for label, text in _labeled_lines(clip)
    ]
    source = [
        escape(clip.only_speaker),
        f"<cite>{_link_in_html(clip.title, clip.source_url)}</cite>",
        *map(escape, clip.facts[:-1]),
        _link_in_html(clip.clock, clip.page_url),
    ]
    cite = f' cite="{escape(clip.source_url)}"' if clip.source_url else ""
    footer = f"  <footer>— {', '.join(filter(None, source))}</footer>"
    return "\n".join([f"<blockquote{cite}>", *lines, footer, "</blockquote>"]) + "\n"


def _format_srt(clip: Clip) -> str:
    return export_transcript(clip.transcript, "srt")


def _format_bibtex(clip: Clip) -> str:
    date = _date_parts(clip.video.date)
    fields = {
        "title": f"{{{_escape_bibtex(clip.title)}}}",
        "organization": _escape_bibtex(clip.video.channel),
        "year": f"{date[0]:04}" if date else "",
        "url": clip.source_url or clip.page_url,
        "note": f"{_escape_bibtex(_describe_times(clip))}: {_escape_bibtex(clip.quoted)}",
    }
    rows = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    if date[1:] and 1 <= date[1] <= len(_MONTHS):
        rows.append(f"  month = {_MONTHS[date[1] - 1]}")
    return f"@misc{{{_make_key(clip)},\n" + ",\n".join(rows) + "\n}\n"


def _format_csl(clip: Clip) -> str:
    video, date = clip.video, _date_parts(clip.video.date)
    item = {
        "id": _make_key(clip),
        "type": "song" if video.medium == "audio" else "motion_picture",  # what Zotero calls a recording
        "title": clip.title,
        "publisher": " ".join(video.channel.split()),
        "issued": {"date-parts": [date]} if date else None,
        "URL": clip.source_url or clip.page_url,
        "medium": video.medium,
        "note": f"{_describe_times(clip)}: {clip.quoted}",
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2) + "\n"


CLIP_FORMATS: dict[str, ClipFormat] = {
    "text": ClipFormat("Text", "clip.txt", "text/plain; charset=utf-8", _format_text),
    "markdown": ClipFormat("Markdown", "clip.md", "text/markdown; charset=utf-8", _format_markdown),
    # A browser shows it as text: it is to be pasted, and not a page of this server.
    "html": ClipFormat("HTML", "clip.html", "text/plain; charset=utf-8", _format_html),
    "srt": ClipFormat("SRT", "clip.srt", "application/x-subrip; charset=utf-8", _format_srt),
    "bibtex": ClipFormat("BibTeX", "clip.bib", "application/x-bibtex; charset=utf-8", _format_bibtex),
    "csl": ClipFormat("CSL-JSON", "clip.json", "application/vnd.citationstyles.csl+json", _format_csl),
}
"""The formats of a clip by the value of the parameter `format`."""


def _labeled_lines(clip: Clip) -> Iterator[tuple[str, str]]:
    for label, line in zip(clip.labels, clip.lines, strict=True):
        yield label, line.text


def _describe_times(clip: Clip) -> str:
    return f"{format_timestamp(clip.start_ms)}–{format_timestamp(clip.end_ms)}"


def _date_parts(date: str) -> list[int]:
    """Return year, month and day of a date, as far as they are known."""
    match = _DATE.fullmatch(date)
    return [int(part) for part in match.groups() if part is not None] if match else []


def _make_key(clip: Clip) -> str:
    """Return a key that is the same for the same clip, of characters that every program accepts."""
    return f"{_NOT_IN_KEY.sub('-', clip.video.id)[:_MAX_KEY_CHARS].strip('-')}-{clip.start_ms}"


def _link_in_markdown(label: str, url: str) -> str:
    return f"[{label}](<{url}>)" if url else label


def _link_in_html(label: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(label)}</a>' if url else escape(label)


def _escape_markdown(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\g<0>", text)


def _escape_bibtex(text: str) -> str:
    return " ".join(text.split()).translate(_BIBTEX_SPECIAL)
