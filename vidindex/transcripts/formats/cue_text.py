"""The markup of cue text: plain lines, the speaker, and the words with inline timestamps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from html import unescape
from itertools import accumulate, pairwise
from typing import NamedTuple

from ...model import Cue, TimedWord
from ..limits import MAX_CUE_CHARS, check_cue_size
from ..timecode import parse_full_timestamps_ms, parse_timestamp_ms
from .stray_markup import KNOWN_TAG, strip_stray_markup

# No two alternatives match the same text and none backtracks, so that matching is linear for any text.
_STYLE_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*>|</>|<>")
_BREAK_TAG = re.compile(r"</?br\b[ \t]*/?>", re.IGNORECASE)
_STYLE_TAG_SPLIT = re.compile(f"({_STYLE_TAG.pattern})")
_VOICE_TAG = re.compile(r"<v(?:\.[^\s<>]*)?[ \t\n]([^<>]*)>")
_VOICE_EDGE = re.compile(r"(<v(?:\.[^\s<>]*)?(?:[ \t\n][^<>]*)?>|</v>)")
_FULL_TIMESTAMP = re.compile(r"<\d+:\d\d[^<>]*>")
_RUBY_TEXT = re.compile(r"<rt[^<>]*>[^<]*(?:</rt>)?|<rp>[^<]*</rp>")
_INLINE_TIMESTAMP = re.compile(r"<(?=\d+:\d\d)")
# Of SubStation Alpha, SubRip (`{i}…{/i}`) and MicroDVD, as they occur in files of other formats.
_OVERRIDE_TAG = re.compile(r"\{(?:[\\/][^{}\n]*|[biuBIU]|[yY]:[biusBIUS,]+|[cC]:\$[\da-fA-F]+)\}")
_BREAK_ESCAPE = re.compile(r"\\N|(?<=[^\s:\\])\\[nh](?=[^\s\\])")
"""A line break or a space of SubStation Alpha, or of a string, as conversions leave them; `C:\\new` has none."""
_TAG_OF_CAPTIONS = re.compile(r"</?(?:v|c|lang)(?:[.\s][^<>]*)?>|<[^<>]*=[^<>]*>")
_SINGLE_WORD_TAG = re.compile(r"</?(?:[a-z][^\s<>]*|[A-Z0-9_:/-]+)(?<![.!?,])>")
_LONG_REFERENCE = re.compile(r"&#[0-9]{9,};?")  # no character; converting thousands of digits would fail
_INVISIBLE_CHARS = "\u00ad\u180e\u200b\u2060\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_INVISIBLE_DELETIONS = dict.fromkeys(map(ord, _INVISIBLE_CHARS))
_SOFT_LINE_BREAK = re.compile(r"\u00ad[ \t]{0,8}\r?\n[ \t]{0,8}(?=[^\W\d_])")


make_timed_word = partial(tuple.__new__, TimedWord)
"""Make a `TimedWord` of a pair in a third of the time that its constructor takes."""


class CueText(NamedTuple):
    """The text of a cue without its markup, its speaker, its words with inline timestamps, and its highlight."""

    text: str
    speaker: str = ""
    words: tuple[TimedWord, ...] = ()
    highlight: tuple[int, int] | None = None


def strip_invisible(text: str) -> str:
    """Remove invisible characters, such as marks for the direction of writing."""
    if text.isascii() or not any(char in text for char in _INVISIBLE_CHARS):
        return text
    if "\u00ad" in text:
        text = _SOFT_LINE_BREAK.sub("", text)
    return text.translate(_INVISIBLE_DELETIONS)


def strip_invisible_cues(cues: Sequence[Cue]) -> list[Cue]:
    """Remove invisible characters that were escaped in the file, and so came up only when it was parsed."""
    return [cue if cue.text.isascii() else _strip_invisible_cue(cue) for cue in cues]


def _strip_invisible_cue(cue: Cue) -> Cue:
    text = strip_invisible(cue.text)
    if text == cue.text:
        return cue
    words = [word._replace(text=strip_invisible(word.text)) for word in cue.words]
    return replace(cue, text=strip_lines(text), words=tuple([word for word in words if word.text]))


def strip_lines(text: str) -> str:
    """Remove blank lines, and leading and trailing spaces of each line."""
    if "\n" not in text:
        return text.strip()
    return "\n".join([line for raw in text.split("\n") if (line := raw.strip())])


def decode_entities(text: str) -> str:
    """Decode the HTML entities of *text*."""
    if "&" not in text:
        return text
    text = unescape(_LONG_REFERENCE.sub("\ufffd", text))
    return strip_invisible(strip_stray_markup(text))


def keep_angle_text(raw: str) -> str:
    """Escape the angle brackets of *raw* that enclose text, as in `<It was rising.>`, and not the name of a tag."""
    return _STYLE_TAG.sub(_escape_angle_text, raw)


def _escape_angle_text(match: re.Match[str]) -> str:
    tag = match[0]
    if not tag[1:2].isalpha() or tag.startswith("</"):
        return tag
    is_tag = KNOWN_TAG.fullmatch(tag) or _SINGLE_WORD_TAG.fullmatch(tag) or _TAG_OF_CAPTIONS.fullmatch(tag)
    return tag if is_tag else f"&lt;{tag[1:]}"


def parse_cue_text(raw: str, start_ms: int, end_ms: int) -> CueText:
    """Parse the text of a cue with its markup."""
    if "{" in raw:
        raw = _OVERRIDE_TAG.sub("", raw)
    if "\\" in raw:
        raw = _BREAK_ESCAPE.sub("\n", raw)
    if "<" not in raw:
        return CueText(strip_lines(decode_entities(raw)))
    if "<b" in raw or "<B" in raw or "</b" in raw:
        raw = _BREAK_TAG.sub("\n", raw)
    speaker = _find_speaker(raw) if "<v" in raw else ""
    if "<c>" in raw:
        raw = raw.replace("<c>", "").replace("</c>", "")
    if "<r" in raw:
        raw = _RUBY_TEXT.sub("", raw)
    highlight = find_highlight(raw) if "</" in raw and not _INLINE_TIMESTAMP.search(raw) else None
    if "</" in raw or _STYLE_TAG.search(raw):
        raw = _STYLE_TAG.sub("", raw)
    if "<" not in raw or not _INLINE_TIMESTAMP.search(raw):
        return CueText(strip_lines(decode_entities(raw)), speaker, (), highlight)
    return _parse_timed_text(raw, start_ms, end_ms, speaker)


def _split_voices(raw: str) -> list[str]:
    """Divide the text of a cue with several voices, so that each part is the words of one, in order.

    A part begins with the last timestamp before it, so that its words have the right times.
    """
    parts: list[str] = []
    voices = [""]
    timestamp = ""
    for at, piece in enumerate(_VOICE_EDGE.split(raw)):
        if at % 2:
            if piece != "</v>":
                voices.append(piece)
            elif len(voices) > 1:
                voices.pop()
        elif _STYLE_TAG.sub("", piece).strip():
            parts.append(voices[-1] + timestamp + piece)
            timestamp = next(reversed(_FULL_TIMESTAMP.findall(piece)), timestamp)
    return parts


def _find_speaker(raw: str) -> str:
    match = _VOICE_TAG.search(raw)
    return " ".join(unescape(match[1]).split()) if match else ""


def find_highlight(raw: str) -> tuple[int, int] | None:
    """Return the first and the end of the run of words whose tags in *raw* differ from those of the other words.

    It may reach from the first word to the last.  Return None if there is no such run, or several.
    """
    tags, runs = [""], [("", 0, 0)]
    count, is_open = 0, False
    for at, piece in enumerate(_STYLE_TAG_SPLIT.split(raw)):
        if at % 2:
            if not piece.startswith("</"):
                tags.append(piece)
            elif len(tags) > 1:
                tags.pop()
        elif words := piece.split():
            first = count - (is_open and not piece[0].isspace())
            count, is_open = first + len(words), not piece[-1].isspace()
            if runs[-1][0] != tags[-1] or not runs[-1][2]:
                runs.append((tags[-1], first, count))
            else:
                runs[-1] = (tags[-1], runs[-1][1], count)
        elif piece:
            is_open = False
    return _choose_highlight(runs[1:])


def _choose_highlight(runs: list[tuple[str, int, int]]) -> tuple[int, int] | None:
    if len(runs) == 3 and runs[0][0] == runs[2][0]:
        return runs[1][1:]
    if len(runs) == 1 and runs[0][0]:
        return runs[0][1:]
    if len(runs) != 2:
        return None
    # Plain words surround a highlight; of two marked runs, the shorter one is it.
    return min(runs, key=lambda run: (run[0] == "", run[2] - run[1]))[1:]


def _parse_timed_text(raw: str, start_ms: int, end_ms: int, speaker: str) -> CueText:
    lines: list[str] = []
    words: list[TimedWord] = []
    for line in raw.split("\n"):
        if "<" in line:
            timed = parse_timed_line(line, start_ms, end_ms)
            text = " ".join([word.text for word in timed])
            words += timed
        else:
            text = strip_lines(decode_entities(line))
        if text:
            lines.append(text)
    return CueText("\n".join(lines), speaker, tuple(words))


def parse_timed_line(line: str, start_ms: int, end_ms: int) -> list[TimedWord]:
    """Parse a line with inline timestamps and without other markup."""
    return _parse_simple_line(line.strip(), start_ms, end_ms) or make_timed_words(
        _split_at_timestamps(line, start_ms), start_ms, end_ms
    )


def _parse_simple_line(line: str, start_ms: int, end_ms: int) -> list[TimedWord]:
    """Parse a line that has one timestamp before each word but the first, as YouTube writes them.

    Return an empty list for any other line.  This is the fast path of `_split_at_timestamps`.
    """
    fields = line.replace("> ", "<").split("<")  # texts and times in turn
    starts = parse_full_timestamps_ms(fields[1::2])
    if starts is None or len(fields) % 2 == 0 or " <" in line or "&" in line:
        return []
    words = " ".join(fields[::2]).split()
    starts.insert(0, start_ms)
    if len(words) != len(starts) or starts[-1] > end_ms or starts != sorted(starts):
        return []
    return list(map(make_timed_word, zip(starts, words, strict=True)))


def _split_at_timestamps(line: str, start_ms: int) -> list[tuple[int, str]]:
    """Split *line* at its inline timestamps, and return each piece with the time before it."""
    at = start_ms
    first, *rest = line.split("<")
    pieces = [(at, decode_entities(first))]
    for piece in rest:
        timestamp, closed, text = piece.partition(">")
        ms = parse_timestamp_ms(timestamp) if closed else None
        if ms is None:
            text = "<" + piece
        else:
            at = ms
        pieces.append((at, decode_entities(text) if "&" in text else text))
    return pieces


def make_timed_words(pieces: Iterable[tuple[int, str]], start_ms: int, end_ms: int) -> list[TimedWord]:
    """Split timed *pieces* of text into words; a word may continue from one piece to the next.

    Times stay within the cue and never decrease, even if those of the track do.
    """
    words: list[TimedWord] = []
    at, is_continued = start_ms, False
    begun: list[str] = []  # the parts of the last word, if pieces have continued it
    for ms, text in pieces:
        if at < ms:
            at = ms if ms <= end_ms else max(end_ms, at)
        texts = text.split()
        if not texts:
            is_continued = is_continued and not text
            continue
        if is_continued and not text[0].isspace():
            begun.append(texts.pop(0))
        if texts or text[-1].isspace():
            _finish_word(words, begun)
        if len(texts) == 1:
            words.append(TimedWord(at, texts[0]))
        else:
            words += [TimedWord(at, word) for word in texts]
        is_continued = not text[-1].isspace()
    _finish_word(words, begun)
    return words


def _finish_word(words: list[TimedWord], parts: list[str]) -> None:
    """Append *parts* to the last of *words*, at once: one after the other would take quadratic time."""
    if parts:
        words[-1] = TimedWord(words[-1].start_ms, words[-1].text + "".join(parts))
        parts.clear()


def make_cue(raw: str, start_ms: int, end_ms: int) -> Cue:
    """Return a cue whose text with markup is *raw*.  Raises `CaptionError` if that is too long."""
    if len(raw) > MAX_CUE_CHARS:
        check_cue_size(len(raw))
    if not ("<" in raw or "&" in raw or "{" in raw or "\\" in raw):
        return Cue(start_ms, max(start_ms, end_ms), strip_lines(raw))
    text, speaker, words, highlight = parse_cue_text(raw, start_ms, end_ms)
    return Cue(start_ms, max(start_ms, end_ms), text, speaker, words, highlight)


def make_cues(raw: str, start_ms: int, end_ms: int) -> list[Cue]:
    """Return the cue whose text with markup is *raw*, or one for each of its voices, which speak in turn.

    Raises `CaptionError` if the text is too long.
    """
    parts = _split_voices(raw) if raw.count("<v") > 1 else []
    if len(parts) < 2:
        return [make_cue(parts[0] if parts else raw, start_ms, end_ms)]
    cues = [make_cue(part, start_ms, end_ms) for part in parts]
    if any(cue.words for cue in cues):
        return cues
    sizes = [len(cue.text) + 1 if any(map(str.isalnum, cue.text)) else 0 for cue in cues]
    total = sum(sizes) or 1
    edges = [start_ms + max(0, end_ms - start_ms) * size // total for size in accumulate(sizes, initial=0)]
    return [replace(cue, start_ms=start, end_ms=end) for cue, (start, end) in zip(cues, pairwise(edges), strict=True)]
