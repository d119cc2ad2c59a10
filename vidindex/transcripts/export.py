"""A transcript, written out: as captions cut anew at sentences, as text to read, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import NamedTuple

from ..model import Transcript
from .timecode import format_timestamp

_MAX_LINE_CHARS = 42  # characters that a line of a caption should have at most
_MAX_CAPTION_CHARS = 2 * _MAX_LINE_CHARS
_MAX_CAPTION_MS = 7000
_MIN_PAUSE_MS = 1500
_PARAGRAPH_CHARS = 600
_MAX_SPEAKER_MARK_WORDS = 6  # words that say who speaks
_MARKDOWN_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~]")
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")


class ScreenCaption(NamedTuple):
    """A run of words that fits on the screen, who says it, and whether that is news."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str
    is_new_speaker: bool


def export_transcript(transcript: Transcript, format: str, *, title: str = "") -> str:  # noqa: A002
    """Write *transcript* as one of `FORMATS`; raise ValueError for any other."""
    if format not in EXPORT_FORMATS:
        raise ValueError(f"cannot export as {format}: choose one of {', '.join(EXPORT_FORMATS)}")
    return EXPORT_FORMATS[format](transcript, " ".join(title.split()))


def split_captions(transcript: Transcript) -> Iterator[ScreenCaption]:
    """Cut *transcript* into captions: at sentences and pauses, where the speaker changes, when full."""
    turns, marks = dict(transcript.speakers), find_speaker_marks(transcript)
    speaker, is_turn = "", False
    run: list[int] = []
    for at in range(len(transcript.words)):
        if run and (at in turns or _is_caption_full(transcript, run, at)):
            yield _build_caption(transcript, run, speaker, is_new_speaker=is_turn)
            run, is_turn = [], False
        if at in turns:
            speaker, is_turn = turns[at], True
        if at not in marks:
            run.append(at)
    if run:
        yield _build_caption(transcript, run, speaker, is_new_speaker=is_turn)


def _is_caption_full(transcript: Transcript, run: list[int], at: int) -> bool:
    """Check whether the word *at* belongs to the next caption rather than to *run*."""
    words, first, last = transcript.words, run[0], run[-1]
    if transcript.starts_ms[at] - transcript.ends_ms[last] >= _MIN_PAUSE_MS:
        return True
    if transcript.ends_ms[at] - transcript.starts_ms[first] > _MAX_CAPTION_MS:
        return True
    size = sum(len(words[each]) + 1 for each in run)
    ends = words[last].rstrip("\"'”’)]").endswith(_SENTENCE_ENDS)
    return size + len(words[at]) > _MAX_CAPTION_CHARS or (ends and size >= _MAX_LINE_CHARS // 2)


def _build_caption(transcript: Transcript, run: list[int], speaker: str, *, is_new_speaker: bool) -> ScreenCaption:
    text = " ".join([transcript.words[at] for at in run])
    start, end = transcript.starts_ms[run[0]], transcript.ends_ms[run[-1]]
    return ScreenCaption(start, max(end, start + 1), text, speaker, is_new_speaker)


def find_speaker_marks(transcript: Transcript) -> frozenset[int]:
    """Find the words that only say who speaks: an export says it in its own way."""
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
    blocks = ["WEBVTT"]
    if title:
        blocks.append(f"NOTE {title.replace('-->', '→')}")
    for caption in split_captions(transcript):
        text = escape(_break_line(caption.text), quote=False)
        if caption.speaker:
            text = f"<v {escape(caption.speaker, quote=False)}>{text}"
        blocks.append(f"{format_timestamp(caption.start_ms)} --> {format_timestamp(caption.end_ms)}\n{text}")
    return "\n\n".join(blocks) + "\n"


def _format_srt(transcript: Transcript, title: str) -> str:
    del title  # the format has no place for it
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


EXPORT_FORMATS: dict[str, Callable[[Transcript, str], str]] = {
    "vtt": _format_vtt,
    "srt": _format_srt,
    "txt": _format_txt,
    "json": _format_json,
    "md": _format_md,
}
"""Each format that a transcript can be written in."""


def _join_paragraphs(transcript: Transcript) -> Iterator[tuple[ScreenCaption, str]]:
    """Join captions to paragraphs: a new one for each turn, and at a sentence's end when one is long."""
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
    """Break a text that is too wide for one line at the space nearest to its middle."""
    if len(text) <= _MAX_LINE_CHARS or " " not in text:
        return text
    middle = len(text) // 2
    before, after = text.rfind(" ", 0, middle), text.find(" ", middle)
    at = after if before < 0 or 0 <= after < 2 * middle - before else before
    return f"{text[:at]}\n{text[at + 1 :]}"


def _escape_markdown(text: str) -> str:
    """Keep Markdown from reading anything into *text*."""
    return _MARKDOWN_SPECIAL.sub(r"\\\g<0>", text)
