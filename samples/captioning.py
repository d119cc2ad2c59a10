"""Write caption files from timed words: WebVTT, SRT, TTML, and rolling captions like automatic ones."""

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
    """A timed word: as spoken, and as automatic captions recognize it."""

    spoken: str
    recognized: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one speaker, or a sound without words."""

    start_ms: int
    end_ms: int
    speaker: str = ""
    words: tuple[Word, ...] = ()
    sound: str = ""
    sung: bool = False


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption of at most two short lines."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str


def cues_of(lines: list[Line]) -> Iterator[Cue]:
    """Yield the cues of *lines*; lines longer than `CUE_WIDTH` become several cues."""
    for line in lines:
        if line.sound:
            yield Cue(line.start_ms, line.end_ms, f"[{line.sound}]", "")
        for words in split_evenly(line.words):
            text = " ".join(word.spoken for word in words)
            yield Cue(words[0].start_ms, words[-1].end_ms, f"♪ {text} ♪" if line.sung else text, line.speaker)


def split_evenly(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """Split *words* into parts of about equal length, each at most `CUE_WIDTH` wide."""
    length = sum(len(word.spoken) + 1 for word in words)
    share = length / max(1, math.ceil(length / CUE_WIDTH))
    first, used = 0, 0.0
    for at, word in enumerate(words):
        used += len(word.spoken) + 1
        if used >= share - 2 or at == len(words) - 1:
            yield words[first : at + 1]
            first, used = at + 1, 0.0


def format_time(ms: int, mark: str = ".") -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def webvtt(lines: list[Line], title: str) -> str:
    head = f"WEBVTT\nKind: captions\nLanguage: en\n\nNOTE {title}\n\n"
    cues = [
        f"{format_time(cue.start_ms)} --> {format_time(cue.end_ms)}\n"
        + (f"<v {cue.speaker}>{cue.text}</v>" if cue.speaker else cue.text)
        for cue in cues_of(lines)
    ]
    return head + "\n\n".join(cues) + "\n"


def srt(lines: list[Line], _title: str) -> str:
    return "\n".join(
        f"{number}\n{format_time(cue.start_ms, ',')} --> {format_time(cue.end_ms, ',')}\n{cue.text}\n"
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
        f'      <p begin="{format_time(cue.start_ms)}" end="{format_time(cue.end_ms)}"'
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
    """Return roll-up captions as of a video site: each line is shown with times, then without, then above the next."""
    rows = list(rows_of(lines))
    cues, above = [], " "
    for at, row in enumerate(rows):
        end_ms = rows[at + 1][0].start_ms if at + 1 < len(rows) else row[-1].end_ms + 500
        text = " ".join(word.recognized for word in row)
        timed = row[0].recognized + "".join(
            f"<{format_time(word.start_ms)}><c> {word.recognized}</c>" for word in row[1:]
        )
        cues.append(rolling_cue(row[0].start_ms, end_ms - 10, f"{above}\n{timed}"))
        cues.append(rolling_cue(end_ms - 10, end_ms, f"{text}\n "))
        above = text
    return "WEBVTT\nKind: captions\nLanguage: en\n\n" + "\n\n".join(cues) + "\n\n"


def rolling_cue(start_ms: int, end_ms: int, text: str) -> str:
    return f"{format_time(start_ms)} --> {format_time(end_ms)} align:start position:0%\n{text}"


def rows_of(lines: list[Line]) -> Iterator[list[Word]]:
    """Yield rows of words that ignore the ends of sentences and the changes of speakers, like automatic captions."""
    row: list[Word] = []
    for line in lines:
        sound = (Word("", f"[{line.sound}]", line.start_ms, line.end_ms),) if line.sound else ()
        for word in (*line.words, *sound):
            full = sum(len(one.recognized) + 1 for one in row) + len(word.recognized) > ROLL_WIDTH
            if row and (full or sound or word.start_ms - row[-1].end_ms > 1000):
                yield row
                row = []
            row.append(word)
    if row:
        yield row


WRITERS = {"webvtt": webvtt, "srt": srt, "ttml": ttml, "rolling": rolling}
