"""Clips: consecutive words of a video with their exact times, speakers, source and address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ...errors import NotIndexedError
from ...model import Transcript, Video
from ...pages.providers import make_deep_link
from ...transcripts.timecode import format_clock, format_seconds
from .names import video_name
from .transcript import find_speaker_at, find_words_between
from .urls import clip_path, safe_web_url, video_path

MAX_CLIP_MS = 600_000
"""Maximum length of a clip."""

MAX_CLIP_WORDS = 5_000
"""Maximum number of words in a clip; nobody says as many in ten minutes."""


@dataclass(frozen=True, slots=True)
class ClipLine:
    """What one speaker says without interruption; *speaker* is empty if the captions name nobody."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Clip:
    """The words of *video* from *start_ms*, when the first one begins, to *end_ms*, when the last one ends.

    *transcript* has these words only.  *source_url* plays the moment on the original page, or is empty; *page_url* is
    the address of the page of this server that plays it.  *is_cut*: more was asked for than a clip may have.
    """

    video: Video
    transcript: Transcript
    lines: tuple[ClipLine, ...]
    start_ms: int
    end_ms: int
    source_url: str
    page_url: str
    language: str = ""
    is_cut: bool = False

    @property
    def title(self) -> str:
        """The name of the video in one line."""
        return _collapse_spaces(video_name(self.video))

    @property
    def clock(self) -> str:
        """The times as people read them, `0:12–0:13`."""
        return format_clock_range(self.start_ms, self.end_ms)

    @property
    def speakers(self) -> tuple[str, ...]:
        """The names of the speakers, each once, in the order in which they speak."""
        return tuple(dict.fromkeys(line.speaker for line in self.lines if line.speaker))

    @property
    def only_speaker(self) -> str:
        """The name of the speaker of all lines; empty if there are several or if one is not known."""
        return self.lines[0].speaker if len({line.speaker for line in self.lines}) == 1 else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """For each line, the name to print before it: those of all lines, or of none if one name says it all."""
        if not self.speakers or self.only_speaker:
            return ("",) * len(self.lines)
        return tuple(line.speaker or "Unknown speaker" for line in self.lines)

    @property
    def facts(self) -> tuple[str, ...]:
        """Channel, date and times."""
        channel = _collapse_spaces(self.video.channel)
        return tuple(filter(None, (channel, self.video.date, self.clock)))

    @property
    def quoted(self) -> str:
        """The words of all lines in one line, each in quotation marks and with its speaker if one is known."""
        by = f"{self.only_speaker}: " if self.only_speaker else ""
        labeled = zip(self.labels, self.lines, strict=True)
        return by + " ".join(f"{label}: “{line.text}”" if label else f"“{line.text}”" for label, line in labeled)

    def path(self, form: str = "") -> str:
        """Return the path of the page of the clip, or of the clip in the format *form*."""
        return clip_path(self.video.id, self.start_ms, self.end_ms, language=self.language, form=form)


def make_clip(
    video: Video, transcript: Transcript, start_ms: int, end_ms: int, *, language: str = "", base_url: str = ""
) -> Clip:
    """Return the clip of the words of *video* that start from *start_ms* to *end_ms*.

    *base_url* is the address of this server.  Raises `NotIndexedError` if no words are spoken there.
    """
    wanted = find_words_between(transcript, start_ms, end_ms)
    limited = find_words_between(transcript, start_ms, min(end_ms, start_ms + MAX_CLIP_MS))[:MAX_CLIP_WORDS]
    spoken = [at for at in limited if at not in transcript.sounds]
    if not spoken:
        raise NotIndexedError(f"{video.id} with words at {format_clock(start_ms)}")
    first, last = spoken[0], spoken[-1]
    start_ms, end_ms = transcript.starts_ms[first], _end_of(transcript, last)
    return Clip(
        video=video,
        transcript=_slice_transcript(transcript, first, last + 1),
        lines=tuple(_split_lines(transcript, spoken)),
        start_ms=start_ms,
        end_ms=end_ms,
        source_url=safe_web_url(make_deep_link(video.url, start_ms)) if safe_web_url(video.url) else "",
        page_url=base_url + video_path(video.id, at_ms=start_ms, end_ms=end_ms, language=language),
        language=language,
        is_cut=len(limited) < len(wanted),
    )


def format_clock_range(start_ms: int, end_ms: int) -> str:
    """Format two times as people read them: `0:12–0:13`, or `0:12` if both are the same second."""
    first, last = format_clock(start_ms), format_clock(end_ms)
    return first if first == last else f"{first}–{last}"


def format_media_range(start_ms: int, end_ms: int) -> str:
    """Format two times as a media fragment, after which a browser pauses: `12.055,13.2`."""
    return f"{format_seconds(start_ms)},{format_seconds(end_ms)}"


def _end_of(transcript: Transcript, word: int) -> int:
    """Return when *word* ends: no later than the next one starts, so that the clip of these times has the same words.

    It is later than the start, even if the captions say otherwise.
    """
    starts, end_ms = transcript.starts_ms, transcript.ends_ms[word]
    later = starts[word + 1] if word + 1 < len(starts) else end_ms
    return max(min(end_ms, later) if later > starts[word] else end_ms, starts[word] + 1)


def _split_lines(transcript: Transcript, spoken: Sequence[int]) -> Iterator[ClipLine]:
    """Yield a line for each speaker; turns without a name are lines of their own, for they may be different people."""
    turns = {at for at, name in transcript.speakers if not name}
    speaker, words = find_speaker_at(transcript, spoken[0]), [transcript.words[spoken[0]]]
    for before, at in pairwise(spoken):
        name = find_speaker_at(transcript, at)
        is_new_turn = not name and any(each in turns for each in range(before + 1, at + 1))
        if name != speaker or is_new_turn:
            yield ClipLine(_collapse_spaces(speaker), _collapse_spaces(" ".join(words)))
            speaker, words = name, []
        words.append(transcript.words[at])
    yield ClipLine(_collapse_spaces(speaker), _collapse_spaces(" ".join(words)))


def _slice_transcript(transcript: Transcript, first: int, end: int) -> Transcript:
    """Return the words from *first* to *end*, without their tokens."""
    turns = [(0, find_speaker_at(transcript, first))]
    turns += [(at - first, name) for at, name in transcript.speakers if first < at < end]
    return replace(
        transcript,
        words=tuple(_collapse_spaces(word) for word in transcript.words[first:end]),
        starts_ms=transcript.starts_ms[first:end],
        ends_ms=transcript.ends_ms[first:end],
        sounds=frozenset(at - first for at in range(first, end) if at in transcript.sounds),
        speakers=tuple(turns) if transcript.speakers else (),
        tokens=(),
        word_index=(),
    )


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())
