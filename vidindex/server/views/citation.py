"""A quote to hand on: the words as captioned, who says them, where, when, and the link that plays them."""

from __future__ import annotations

from ...errors import NotIndexedError
from ...model import Transcript, Video
from ...pages.providers import make_deep_link
from ...transcripts.timecode import format_clock
from .transcript import find_speaker_at, find_words_between, restore_sentence_case
from .urls import safe_web_url

MAX_CITATION_MS = 600_000
"""The longest stretch that is quoted."""


def format_citation(video: Video, transcript: Transcript, start_ms: int, end_ms: int) -> str:
    """Write the words of *video* from *start_ms* to *end_ms* as a quote.  Raises `NotIndexedError` for none."""
    said = restore_sentence_case(transcript)
    words = find_words_between(said, start_ms, min(end_ms, start_ms + MAX_CITATION_MS))
    spoken = [at for at in words if at not in said.sounds]
    if not spoken:
        raise NotIndexedError(f"{video.id} with words at {format_clock(start_ms)}")
    quote = " ".join(said.words[at] for at in spoken)
    first, last = said.starts_ms[spoken[0]], said.ends_ms[spoken[-1]]
    place = (
        format_clock(first)
        if format_clock(first) == format_clock(last)
        else f"{format_clock(first)}–{format_clock(last)}"
    )
    source = [
        find_speaker_at(said, spoken[0]),
        f"“{_collapse_spaces(video.title or video.id)}”",
        video.channel,
        video.date,
        place,
    ]
    link = safe_web_url(make_deep_link(video.url, first)) if safe_web_url(video.url) else ""
    return (
        f"“{_collapse_spaces(quote)}”\n— {', '.join(_collapse_spaces(part) for part in source if part)}\n{link}".rstrip()
        + "\n"
    )


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())
