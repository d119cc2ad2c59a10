"""The page of a clip: its words, its times, and its formats to copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...transcripts.timecode import format_clock, format_seconds
from .clip import MAX_CLIP_MS, Clip
from .clip_command import format_command
from .clip_formats import CLIP_FORMATS
from .urls import clip_file_path, display_host, language_tag, video_path

_FILM_HINT = "Run it on the machine of this server, where the index and the film are."
_SITE_HINT = (
    "Run it where vidindex and ffmpeg are installed: it fetches these seconds only. "
    "Respect the rights of those who made the film."
)
_FILE_LABELS = {"mp4": "Download clip", "mp3": "Download sound"}


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
class FileLink:
    """A link to the clip as a file, which is cut out of the film when it is opened."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ClipPage:
    """The page of a clip; *href* plays it on this server, *source_url* on the original page.

    *files* are links to the clip as a file.  If there are none, *command* cuts it, where *command_hint* says.
    """

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
    files: tuple[FileLink, ...] = ()
    command: CopyableText | None = None
    command_hint: str = ""


def make_clip_page(clip: Clip, file_formats: Sequence[str] = (), *, has_film: bool = False) -> ClipPage:
    """Return the page of *clip*, which this server can send in *file_formats*; *has_film*: its film is here."""
    command = "" if file_formats else format_command(clip, has_film=has_film)
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
        files=tuple(
            FileLink(_FILE_LABELS[form], clip_file_path(clip.video.id, clip.start_ms, clip.end_ms, form))
            for form in file_formats
        ),
        command=CopyableText("command", "Command", command) if command else None,
        command_hint=_FILM_HINT if has_film else _SITE_HINT,
    )


def _make_time(ms: int) -> ClipTime:
    return ClipTime(ms, f"PT{format_seconds(ms)}S", format_clock(ms))


def _list_texts(clip: Clip) -> Iterator[CopyableText]:
    yield CopyableText("link", "Link", clip.page_url)
    for key, form in CLIP_FORMATS.items():
        yield CopyableText(key, form.name, form.format_clip(clip), clip.path(key), form.file_name)
