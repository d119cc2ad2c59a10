"""A quote to hand on: the words as captioned, who says them, where, when, and the link that plays them."""

from __future__ import annotations

from ...errors import NotIndexedError
from ...model import Transcript, Video
from ...pages.providers import deep_link
from ...transcripts.timecode import clock
from .transcript import readable, speaker_at, words_between
from .urls import web_link

LONGEST_MS = 600_000
"""The longest stretch that is quoted."""


def citation(video: Video, transcript: Transcript, start_ms: int, end_ms: int) -> str:
    """Write the words of *video* from *start_ms* to *end_ms* as a quote.  Raises `NotIndexedError` for none."""
    said = readable(transcript)
    words = words_between(said, start_ms, min(end_ms, start_ms + LONGEST_MS))
    spoken = [at for at in words if at not in said.sounds]
    if not spoken:
        raise NotIndexedError(f"{video.id} with words at {clock(start_ms)}")
    quote = " ".join(said.words[at] for at in spoken)
    first, last = said.starts_ms[spoken[0]], said.ends_ms[spoken[-1]]
    place = clock(first) if clock(first) == clock(last) else f"{clock(first)}–{clock(last)}"
    source = [speaker_at(said, spoken[0]), f"“{_line(video.title or video.id)}”", video.channel, video.date, place]
    link = web_link(deep_link(video.url, first)) if web_link(video.url) else ""
    return f"“{_line(quote)}”\n— {', '.join(_line(part) for part in source if part)}\n{link}".rstrip() + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())
