"""Citations: the words as captioned, their speaker, video, time and link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ...errors import NotIndexedError
from ...model import Transcript, Video
from ...pages.providers import make_deep_link
from ...transcripts.timecode import format_clock
from .transcript import find_speaker_at, find_words_between
from .urls import safe_web_url

MAX_CITATION_MS = 600_000
"""Maximum length of a citation."""

_UNKNOWN_SPEAKER = "Unknown speaker"


def format_citation(video: Video, transcript: Transcript, start_ms: int, end_ms: int) -> str:
    """Format the words of *video* from *start_ms* to *end_ms* as a citation, with a line for each of several speakers.

    Raises `NotIndexedError` if no words are spoken there.
    """
    words = find_words_between(transcript, start_ms, min(end_ms, start_ms + MAX_CITATION_MS))
    spoken = [at for at in words if at not in transcript.sounds]
    if not spoken:
        raise NotIndexedError(f"{video.id} with words at {format_clock(start_ms)}")
    turns = list(_split_turns(transcript, spoken))
    first_ms, last_ms = transcript.starts_ms[spoken[0]], transcript.ends_ms[spoken[-1]]
    first, last = format_clock(first_ms), format_clock(last_ms)
    source = [
        turns[0][0] if len(turns) == 1 else "",
        f"“{_collapse_spaces(video.title or video.id)}”",
        video.channel,
        video.date,
        first if first == last else f"{first}–{last}",
    ]
    link = safe_web_url(make_deep_link(video.url, first_ms)) if safe_web_url(video.url) else ""
    attribution = ", ".join(_collapse_spaces(part) for part in source if part)
    return f"{_format_turns(turns)}\n— {attribution}\n{link}".rstrip() + "\n"


def _split_turns(transcript: Transcript, words: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Yield each speaker, empty if unknown, with what is said until another one speaks."""
    for name, turn in groupby(words, key=lambda at: _collapse_spaces(find_speaker_at(transcript, at))):
        yield name, _collapse_spaces(" ".join(transcript.words[at] for at in turn))


def _format_turns(turns: Sequence[tuple[str, str]]) -> str:
    """Return the quoted words; if several people speak, each line names its speaker."""
    if len(turns) == 1:
        return f"“{turns[0][1]}”"
    return "\n".join(f"{name or _UNKNOWN_SPEAKER}: “{text}”" for name, text in turns)


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())
