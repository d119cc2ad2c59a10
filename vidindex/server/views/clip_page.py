"""The page of a clip: its words, its times, and its formats to copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...transcripts.timecode import format_clock, format_seconds
from .clip import MAX_CLIP_MS, Clip
from .clip_formats import CLIP_FORMATS
from .urls import display_host, language_tag, video_path


@dataclass(frozen=True, slots=True)
class LabeledLine:
    """Words with the label to print before them."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ClipTime:
    """A time in milliseconds, as HTML states it, and as people read it."""

    ms: int
    duration: str
    clock: str


@dataclass(frozen=True, slots=True)
class CopyableText:
    """The clip in one format, to be copied or downloaded from *href*; the address of the clip has no file."""

    key: str
    name: str
    text: str
    href: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class ClipPage:
    """The page of a clip; *href* plays it on this server, *source_url* on the original page."""

    title: str
    speaker: str
    facts: tuple[str, ...]
    lines: tuple[LabeledLine, ...]
    start: ClipTime
    end: ClipTime
    length: str
    language: str
    href: str
    video_href: str
    source_url: str
    source_host: str
    path: str
    is_estimated: bool
    cut_note: str
    texts: tuple[CopyableText, ...]


def make_clip_page(clip: Clip) -> ClipPage:
    """Return the page of *clip*."""
    lines = zip(clip.labels, clip.lines, strict=True)
    return ClipPage(
        title=clip.title,
        speaker=clip.only_speaker,
        facts=clip.facts[:-1],
        lines=tuple(LabeledLine(label, line.text) for label, line in lines),
        start=_make_time(clip.start_ms),
        end=_make_time(clip.end_ms),
        length=f"{(clip.end_ms - clip.start_ms) / 1000:.1f} s",
        language=language_tag(clip.language),
        href=video_path(clip.video.id, at_ms=clip.start_ms, end_ms=clip.end_ms, language=clip.language),
        video_href=video_path(clip.video.id, at_ms=clip.start_ms, language=clip.language),
        source_url=clip.source_url,
        source_host=display_host(clip.source_url),
        path=clip.path(),
        is_estimated=not clip.transcript.has_word_times,
        cut_note=f"A clip has at most {MAX_CLIP_MS // 60_000} minutes. This one ends there." if clip.is_cut else "",
        texts=tuple(_list_texts(clip)),
    )


def _make_time(ms: int) -> ClipTime:
    return ClipTime(ms, f"PT{format_seconds(ms)}S", format_clock(ms))


def _list_texts(clip: Clip) -> Iterator[CopyableText]:
    yield CopyableText("link", "Link", clip.page_url)
    for key, form in CLIP_FORMATS.items():
        yield CopyableText(key, form.name, form.format_clip(clip), clip.path(key), form.file_name)
