"""Caption files as people and machines write them, from words whose times are known: WebVTT, SRT, TTML, rolling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

CUE_WIDTH = 52
ROLL_WIDTH = 38
SUFFIXES = {"webvtt": "en.vtt", "rolling": "en.vtt", "srt": "en.srt", "ttml": "en.ttml"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word as said, as the automatic captions heard it, and when."""

    said: str
    heard: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Line:
    """What one speaker says in one go, or a sound (no words)."""

    start_ms: int
    end_ms: int
    speaker: str = ""
    words: tuple[Word, ...] = ()
    sound: str = ""
    sung: bool = False


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption as people write them: at most two short lines."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str


def cues_of(lines: list[Line]) -> Iterator[Cue]:
    """Cut *lines* into cues, wherever the width is full, as captioners do."""
    for line in lines:
        if line.sound:
            yield Cue(line.start_ms, line.end_ms, f"[{line.sound}]", "")
        for words in evenly(line.words):
            text = " ".join(word.said for word in words)
            yield Cue(words[0].start_ms, words[-1].end_ms, f"♪ {text} ♪" if line.sung else text, line.speaker)


def evenly(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    length = sum(len(word.said) + 1 for word in words)
    share = length / max(1, math.ceil(length / CUE_WIDTH))
    first, used = 0, 0.0
    for at, word in enumerate(words):
        used += len(word.said) + 1
        if used >= share - 2 or at == len(words) - 1:
            yield words[first : at + 1]
            first, used = at + 1, 0.0


def clock(ms: int, mark: str = ".") -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def webvtt(lines: list[Line], title: str) -> str:
    head = f"WEBVTT\nKind: captions\nLanguage: en\n\nNOTE {title}\n\n"
    cues = [
        f"{clock(cue.start_ms)} --> {clock(cue.end_ms)}\n"
        + (f"<v {cue.speaker}>{cue.text}</v>" if cue.speaker else cue.text)
        for cue in cues_of(lines)
    ]
    return head + "\n\n".join(cues) + "\n"


def srt(lines: list[Line], _title: str) -> str:
    return "\n".join(
        f"{number}\n{clock(cue.start_ms, ',')} --> {clock(cue.end_ms, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues_of(lines), 1)
    )


def ttml(lines: list[Line], title: str) -> str:
    names = sorted({line.speaker for line in lines if line.speaker})
    ids = {name: name.lower().replace(" ", "-") for name in names}
    agents = "".join(
        f'      <ttm:agent xml:id="{ids[name]}" type="person">'
        f'<ttm:name type="full">{escape(name)}</ttm:name></ttm:agent>\n'
        for name in names
    )
    shown = "".join(
        f'      <p begin="{clock(cue.start_ms)}" end="{clock(cue.end_ms)}"'
        + (f' ttm:agent="{ids[cue.speaker]}"' if cue.speaker else "")
        + f">{escape(cue.text)}</p>\n"
        for cue in cues_of(lines)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<tt xml:lang="en" xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"'
        ' xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:timeBase="media">\n'
        f"  <head>\n    <metadata>\n      <ttm:title>{escape(title)}</ttm:title>\n{agents}    </metadata>\n  </head>\n"
        f"  <body>\n    <div>\n{shown}    </div>\n  </body>\n</tt>\n"
    )


def rolling(lines: list[Line], _title: str) -> str:
    """Write captions as a video site rolls them up: each line once with times, once at rest, once above the next."""
    rows = list(rows_of(lines))
    cues, above = [], " "
    for at, row in enumerate(rows):
        end_ms = rows[at + 1][0].start_ms if at + 1 < len(rows) else row[-1].end_ms + 500
        text = " ".join(word.heard for word in row)
        timed = row[0].heard + "".join(f"<{clock(word.start_ms)}><c> {word.heard}</c>" for word in row[1:])
        cues.append(rolled(row[0].start_ms, end_ms - 10, f"{above}\n{timed}"))
        cues.append(rolled(end_ms - 10, end_ms, f"{text}\n "))
        above = text
    return "WEBVTT\nKind: captions\nLanguage: en\n\n" + "\n\n".join(cues) + "\n\n"


def rolled(start_ms: int, end_ms: int, text: str) -> str:
    return f"{clock(start_ms)} --> {clock(end_ms)} align:start position:0%\n{text}"


def rows_of(lines: list[Line]) -> Iterator[list[Word]]:
    """Fill rows with words across sentences and speakers, as a machine does that knows of neither."""
    row: list[Word] = []
    for line in lines:
        sound = (Word("", f"[{line.sound}]", line.start_ms, line.end_ms),) if line.sound else ()
        for word in (*line.words, *sound):
            full = sum(len(one.heard) + 1 for one in row) + len(word.heard) > ROLL_WIDTH
            if row and (full or sound or word.start_ms - row[-1].end_ms > 1000):
                yield row
                row = []
            row.append(word)
    if row:
        yield row


WRITERS = {"webvtt": webvtt, "srt": srt, "ttml": ttml, "rolling": rolling}
