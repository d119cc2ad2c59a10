"""Export of a transcript: as WebVTT or SubRip captions split at sentences, as plain text, Markdown or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..model import Transcript
from .timecode import format_timestamp

if TYPE_CHECKING:
    from webvtt import Caption

ExportFormat = Literal["vtt", "srt", "txt", "json", "md"]

_MAX_LINE_CHARS = 42
_MAX_CAPTION_CHARS = 2 * _MAX_LINE_CHARS
_MAX_CAPTION_MS = 7000
_MIN_PAUSE_MS = 1500
_PARAGRAPH_CHARS = 600
_MAX_SPEAKER_MARK_WORDS = 6
_MARKDOWN_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~]")
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")


class ScreenCaption(NamedTuple):
    """Words that fit on the screen, with their speaker, who is new if the caption before had another one."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str
    is_new_speaker: bool


def export_transcript(transcript: Transcript, format: ExportFormat, *, title: str = "") -> str:  # noqa: A002
    """Return *transcript* in one of `EXPORT_FORMATS`.

    Raises `ValueError` if *format* is not one of them.
    """
    if format not in EXPORT_FORMATS:
        raise ValueError(f"cannot export as {format}: choose one of {', '.join(EXPORT_FORMATS)}")
    return EXPORT_FORMATS[format](transcript, " ".join(title.split()))


def split_captions(transcript: Transcript) -> Iterator[ScreenCaption]:
    """Split *transcript* into captions: at sentences and pauses, at changes of speaker, and when one is full."""
    turns, marks = dict(transcript.speakers), find_speaker_marks(transcript)
    speaker, is_new_speaker = "", False
    positions: list[int] = []
    for at in range(len(transcript)):
        if positions and (at in turns or _is_caption_full(transcript, positions, at)):
            yield _build_caption(transcript, positions, speaker, is_new_speaker=is_new_speaker)
            positions, is_new_speaker = [], False
        if at in turns:
            speaker, is_new_speaker = " ".join(turns[at].split()), True
        if at not in marks:
            positions.append(at)
    if positions:
        yield _build_caption(transcript, positions, speaker, is_new_speaker=is_new_speaker)


def _is_caption_full(transcript: Transcript, positions: list[int], at: int) -> bool:
    """Check whether the word *at* starts the next caption, after the words at *positions*."""
    words, first, last = transcript.words, positions[0], positions[-1]
    if transcript.starts_ms[at] - transcript.ends_ms[last] >= _MIN_PAUSE_MS:
        return True
    if transcript.ends_ms[at] - transcript.starts_ms[first] > _MAX_CAPTION_MS:
        return True
    size = sum(len(words[each]) + 1 for each in positions)
    ends_sentence = words[last].rstrip("\"'”’)]").endswith(_SENTENCE_ENDS)
    return size + len(words[at]) > _MAX_CAPTION_CHARS or (ends_sentence and size >= _MAX_LINE_CHARS // 2)


def _build_caption(
    transcript: Transcript, positions: list[int], speaker: str, *, is_new_speaker: bool
) -> ScreenCaption:
    text = " ".join([transcript.words[at] for at in positions])
    start, end = transcript.starts_ms[positions[0]], transcript.ends_ms[positions[-1]]
    return ScreenCaption(start, max(end, start + 1), text, speaker, is_new_speaker)


def find_speaker_marks(transcript: Transcript) -> frozenset[int]:
    """Return the positions of the words that only name a speaker, which each format shows in its own way."""
    marks: set[int] = set()
    for turn, _ in transcript.speakers:
        for at in range(turn, turn + _MAX_SPEAKER_MARK_WORDS):
            if at not in transcript.sounds or transcript.words[at][0] in "[(*♪♫♬♩#（【［":
                break
            marks.add(at)
            if transcript.words[at].endswith((":", "：")):
                break
    return frozenset(marks)


def _format_vtt(transcript: Transcript, title: str) -> str:
    from webvtt.vtt import to_str

    comments = [title.replace("-->", "→")] if title else []
    captions = [_make_vtt_caption(caption) for caption in split_captions(transcript)]
    return to_str(captions, (), comments, ()).rstrip("\n") + "\n"


def _make_vtt_caption(caption: ScreenCaption) -> Caption:
    from webvtt import Caption

    text = escape(_break_line(caption.text), quote=False)
    if caption.speaker:
        text = f"<v {escape(caption.speaker, quote=False)}>{text}"
    return Caption(format_timestamp(caption.start_ms), format_timestamp(caption.end_ms), text)


def _format_srt(transcript: Transcript, title: str) -> str:
    del title  # the format has no place for it
    # webvtt-py would delete words in angle brackets: it takes them for tags, and SubRip has no escape for them.
    blocks = []
    for number, caption in enumerate(split_captions(transcript), 1):
        text = _break_line(_speaker_prefix(caption, "- ") + caption.text).replace("-->", "→")
        times = f"{format_timestamp(caption.start_ms, ',')} --> {format_timestamp(caption.end_ms, ',')}"
        blocks.append(f"{number}\n{times}\n{text}\n")
    return "\n".join(blocks)


def _format_txt(transcript: Transcript, title: str) -> str:
    paragraphs = [_speaker_prefix(first, "") + text for first, text in _join_paragraphs(transcript)]
    return "\n\n".join([title] * bool(title) + paragraphs) + "\n"


def _format_md(transcript: Transcript, title: str) -> str:
    blocks = [f"# {_escape_markdown(title)}"] if title else []
    for first, text in _join_paragraphs(transcript):
        name = f"**{_escape_markdown(first.speaker)}:** " if first.is_new_speaker and first.speaker else ""
        blocks.append(f"`{format_timestamp(first.start_ms)[:-4]}` {name}{_escape_markdown(text)}")
    return "\n\n".join(blocks) + "\n"


def _format_json(transcript: Transcript, title: str) -> str:
    rows = zip(transcript.words, transcript.starts_ms, transcript.ends_ms, strict=True)
    words = [
        {"text": text, "start_ms": start, "end_ms": end, "sound": at in transcript.sounds}
        for at, (text, start, end) in enumerate(rows)
    ]
    speakers = [{"word": at, "name": name} for at, name in transcript.speakers]
    document = {"title": title, "timed": transcript.has_word_times, "words": words, "speakers": speakers}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


EXPORT_FORMATS: dict[ExportFormat, Callable[[Transcript, str], str]] = {
    "vtt": _format_vtt,
    "srt": _format_srt,
    "txt": _format_txt,
    "json": _format_json,
    "md": _format_md,
}
"""The formats of `export_transcript`, each with its formatter, which takes the transcript and a title."""


def _join_paragraphs(transcript: Transcript) -> Iterator[tuple[ScreenCaption, str]]:
    """Yield paragraphs, each with its first caption: one a turn, and long ones are split at the end of a sentence."""
    first: ScreenCaption | None = None
    texts: list[str] = []
    size = 0
    for caption in split_captions(transcript):
        if first and (caption.is_new_speaker or _is_paragraph_full(texts[-1], size)):
            yield first, " ".join(texts)
            first, texts, size = None, [], 0
        first = first or caption
        texts.append(caption.text)
        size += len(caption.text) + 1
    if first:
        yield first, " ".join(texts)


def _is_paragraph_full(last: str, size: int) -> bool:
    return size > 2 * _PARAGRAPH_CHARS or (size > _PARAGRAPH_CHARS and last.endswith(_SENTENCE_ENDS))


def _speaker_prefix(caption: ScreenCaption, unnamed: str) -> str:
    if not caption.is_new_speaker:
        return ""
    return f"{caption.speaker}: " if caption.speaker else unnamed


def _break_line(text: str) -> str:
    """Break *text* at the space nearest to its middle if it is too wide for one line."""
    if len(text) <= _MAX_LINE_CHARS or " " not in text:
        return text
    middle = len(text) // 2
    before, after = text.rfind(" ", 0, middle), text.find(" ", middle)
    at = after if before < 0 or 0 <= after < 2 * middle - before else before
    return f"{text[:at]}\n{text[at + 1 :]}"


def _escape_markdown(text: str) -> str:
    """Escape the characters of *text* that Markdown would take for markup."""
    return _MARKDOWN_SPECIAL.sub(r"\\\g<0>", text)
