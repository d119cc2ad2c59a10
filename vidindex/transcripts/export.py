"""A transcript, written out: as captions cut anew at sentences, as text to read, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import NamedTuple

from ..model import Transcript
from .timecode import stamp

_LINE = 42  # characters that a line of a caption should have at most
_LONGEST = 2 * _LINE
_LONGEST_MS = 7000
_PAUSE_MS = 1500
_PARAGRAPH = 600
_LONGEST_MARK = 6  # words that say who speaks
_MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~]")
_ENDS = (".", "?", "!", "…", "。", "？", "！")


class Caption(NamedTuple):
    """A run of words that fits on the screen, who says it, and whether that is news."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str
    is_turn: bool


def export(transcript: Transcript, format: str, *, title: str = "") -> str:  # noqa: A002
    """Write *transcript* as one of `FORMATS`; raise ValueError for any other."""
    if format not in FORMATS:
        raise ValueError(f"cannot export as {format}: choose one of {', '.join(FORMATS)}")
    return FORMATS[format](transcript, " ".join(title.split()))


def captions(transcript: Transcript) -> Iterator[Caption]:
    """Cut *transcript* into captions: at sentences and pauses, where the speaker changes, when full."""
    turns, marks = dict(transcript.speakers), speaker_marks(transcript)
    speaker, is_turn = "", False
    run: list[int] = []
    for at in range(len(transcript.words)):
        if run and (at in turns or _is_full(transcript, run, at)):
            yield _caption(transcript, run, speaker, is_turn=is_turn)
            run, is_turn = [], False
        if at in turns:
            speaker, is_turn = turns[at], True
        if at not in marks:
            run.append(at)
    if run:
        yield _caption(transcript, run, speaker, is_turn=is_turn)


def _is_full(transcript: Transcript, run: list[int], at: int) -> bool:
    """Check whether the word *at* belongs to the next caption rather than to *run*."""
    words, first, last = transcript.words, run[0], run[-1]
    if transcript.starts_ms[at] - transcript.ends_ms[last] >= _PAUSE_MS:
        return True
    if transcript.ends_ms[at] - transcript.starts_ms[first] > _LONGEST_MS:
        return True
    size = sum(len(words[each]) + 1 for each in run)
    ends = words[last].rstrip("\"'”’)]").endswith(_ENDS)
    return size + len(words[at]) > _LONGEST or (ends and size >= _LINE // 2)


def _caption(transcript: Transcript, run: list[int], speaker: str, *, is_turn: bool) -> Caption:
    text = " ".join([transcript.words[at] for at in run])
    start, end = transcript.starts_ms[run[0]], transcript.ends_ms[run[-1]]
    return Caption(start, max(end, start + 1), text, speaker, is_turn)


def speaker_marks(transcript: Transcript) -> frozenset[int]:
    """Find the words that only say who speaks: an export says it in its own way."""
    marks: set[int] = set()
    for turn, _ in transcript.speakers:
        for at in range(turn, turn + _LONGEST_MARK):
            if at not in transcript.sounds or transcript.words[at][0] in "[(*♪♫♬♩#（【［":
                break
            marks.add(at)
            if transcript.words[at].endswith((":", "：")):
                break
    return frozenset(marks)


def _vtt(transcript: Transcript, title: str) -> str:
    blocks = ["WEBVTT"]
    if title:
        blocks.append(f"NOTE {title.replace('-->', '→')}")
    for caption in captions(transcript):
        text = escape(_two_lines(caption.text), quote=False)
        if caption.speaker:
            text = f"<v {escape(caption.speaker, quote=False)}>{text}"
        blocks.append(f"{stamp(caption.start_ms)} --> {stamp(caption.end_ms)}\n{text}")
    return "\n\n".join(blocks) + "\n"


def _srt(transcript: Transcript, title: str) -> str:
    del title  # the format has no place for it
    blocks = []
    for number, caption in enumerate(captions(transcript), 1):
        text = _two_lines(_turn(caption, "- ") + caption.text).replace("-->", "→")
        times = f"{stamp(caption.start_ms, ',')} --> {stamp(caption.end_ms, ',')}"
        blocks.append(f"{number}\n{times}\n{text}\n")
    return "\n".join(blocks)


def _txt(transcript: Transcript, title: str) -> str:
    paragraphs = [_turn(first, "") + text for first, text in _paragraphs(transcript)]
    return "\n\n".join([title] * bool(title) + paragraphs) + "\n"


def _md(transcript: Transcript, title: str) -> str:
    blocks = [f"# {_literal(title)}"] if title else []
    for first, text in _paragraphs(transcript):
        name = f"**{_literal(first.speaker)}:** " if first.is_turn and first.speaker else ""
        blocks.append(f"`{stamp(first.start_ms)[:-4]}` {name}{_literal(text)}")
    return "\n\n".join(blocks) + "\n"


def _json(transcript: Transcript, title: str) -> str:
    rows = zip(transcript.words, transcript.starts_ms, transcript.ends_ms, strict=True)
    words = [
        {"text": text, "start_ms": start, "end_ms": end, "sound": at in transcript.sounds}
        for at, (text, start, end) in enumerate(rows)
    ]
    speakers = [{"word": at, "name": name} for at, name in transcript.speakers]
    document = {"title": title, "timed": transcript.timed, "words": words, "speakers": speakers}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


FORMATS: dict[str, Callable[[Transcript, str], str]] = {
    "vtt": _vtt,
    "srt": _srt,
    "txt": _txt,
    "json": _json,
    "md": _md,
}
"""Each format that a transcript can be written in."""


def _paragraphs(transcript: Transcript) -> Iterator[tuple[Caption, str]]:
    """Join captions to paragraphs: a new one for each turn, and at a sentence's end when one is long."""
    first: Caption | None = None
    texts: list[str] = []
    size = 0
    for caption in captions(transcript):
        if first and (caption.is_turn or _is_long(texts[-1], size)):
            yield first, " ".join(texts)
            first, texts, size = None, [], 0
        first = first or caption
        texts.append(caption.text)
        size += len(caption.text) + 1
    if first:
        yield first, " ".join(texts)


def _is_long(last: str, size: int) -> bool:
    return size > 2 * _PARAGRAPH or (size > _PARAGRAPH and last.endswith(_ENDS))


def _turn(caption: Caption, unnamed: str) -> str:
    if not caption.is_turn:
        return ""
    return f"{caption.speaker}: " if caption.speaker else unnamed


def _two_lines(text: str) -> str:
    """Break a text that is too wide for one line at the space nearest to its middle."""
    if len(text) <= _LINE or " " not in text:
        return text
    middle = len(text) // 2
    before, after = text.rfind(" ", 0, middle), text.find(" ", middle)
    at = after if before < 0 or 0 <= after < 2 * middle - before else before
    return f"{text[:at]}\n{text[at + 1 :]}"


def _literal(text: str) -> str:
    """Keep Markdown from reading anything into *text*."""
    return _MARKDOWN.sub(r"\\\g<0>", text)
