"""Transcripts as people copy them: a time, and often a name, above or before what is said.

This is how YouTube's transcript panel, Otter, Rev, Zoom, Teams, Descript and others write them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Literal, NamedTuple

from ...model import Cue
from ..limits import check_cue_size
from ..timecode import MAX_TIME_MS
from .open_ends import TimedText, TimedTexts, close_cues
from .parse_result import ParseWarnings
from .text_chunks import iter_lines

_TIME = r"(?:\d{1,3}:)?\d{1,3}:\d\d(?:[.,]\d{1,3}|[:;]\d\d)?(?:[ ]?[AaPp]\.?[Mm]\b\.?)?(?!\d|:\d)"
_RANGE = rf"{_TIME}(?:[ \t]*(?:-{{1,3}}>?|–|—|to\b|,|\t| (?=\d\d:\d\d:\d\d[:;]\d\d\b))[ \t]*{_TIME})?"
_TIME_PARTS = re.compile(
    r"(?:(\d{1,3}):)?(\d{1,3}):(\d\d)(?:[.,](\d{1,3})|[:;](\d\d))?(?:[ ]?([AaPp])\.?[Mm]\b\.?)?(?!\d|:\d)"
)
_AT_START = re.compile(rf"(?:(?P<open>[\[(<])[ ]?)?(?P<time>{_RANGE})(?(open)[ ]?[\])>])(?P<rest>.*)", re.DOTALL)
_NAME = r"[^\s\[\]()<>|:.,;!?\-–—][^\[\]<>|:\t]{0,79}?"
_AFTER_NAME = re.compile(
    rf"(?:\[(?P<bracketed>[^\[\]]{{1,80}})\]|(?P<name>{_NAME}))(?P<mark>[ ]*[:|•·@,\-–—]|\t)?(?P<space>[ \t]*)"
    rf"(?P<open>[\[(<])?[ ]?(?P<time>{_RANGE})(?(open)[ ]?[\])>])[ \t]*(?P<colon>[:\-–—]?)(?P<rest>.*)"
)
_LINKED_TIME = re.compile(rf"\[({_TIME})\]\([^\s()]{{1,500}}\)")
_SPOKEN_TIME = re.compile(r"(?:(\d{1,3}) hours?,? ?)?(?:(\d{1,3}) minutes?,? ?)?(?:(\d{1,2}) seconds?)?")
_SPOKEN_END = re.compile(r"(?:\d{1,3} (?:hour|minute)s?,? ?){0,2}\d{1,3} (?:hour|minute|second)s?$")
_GLUED_TIME = re.compile(r"(\d{1,2}:\d\d(?::\d\d)?)(?=\d{1,3} (?:hour|minute|second)s?)")
_TIME_AFTER_SPOKEN = re.compile(r"(?:\d{1,3} (?:hour|minute|second)s? ?){1,3}(?=\d{1,2}:\d\d)")
_INLINE_TIME = re.compile(r"[\[(](\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?)[\])]")
_LABEL = re.compile(r"(?P<name>[^\W_][^\[\]<>|:\n]{0,60}?)[ ]?[:：](?:[ \t]+|$)")
_NUMBERED_NAME = re.compile(
    r"(?:speaker|sprecher|locuteur|hablante|participant|interviewer|unknown)\b.{0,20}", re.IGNORECASE
)
_BOILERPLATE = re.compile(
    r"transcribed by https?://\S+|(?:show |search |hide )?transcript|.{1,40} \(auto-generated\)"
    r"|follow along using the transcript\.?|toggle timestamps"
    r"|@ this file written with .{1,60}|<(?:begin|end) subtitles>",
    re.IGNORECASE,
)
_CHAPTER = re.compile(
    r"(?:chapter|kapitel|chapitre|cap[íi]tulo|capitolo|hoofdstuk|глава|rozdział) \d{1,3}: \S", re.IGNORECASE
)
_NAME_PARTICLES = frozenset(["de", "da", "do", "dos", "del", "di", "du", "la", "van", "von", "der", "of", "and", "al"])
_MARKDOWN = "*_#> \t"
_MAX_NAME_WORDS = 6
_SAMPLE_LINES = 400
_MAX_SAMPLE_CHARS = 1 << 16
_MIN_SHARE = 0.08
_MIN_HEAD_SHARE = 0.3
_MAX_HEAD_LINES = 12
_CLOCK_MS = 6 * 3_600_000
_DAY_MS = 24 * 3_600_000
_FRAMES_PER_S = 25

_Kind = Literal["alone", "before", "named", "named before"]


class _TimeHeader(NamedTuple):
    """A time, with the name and the start of the text that are in its line; *is_marked* is true in brackets."""

    kind: _Kind
    start_ms: int
    end_ms: int
    name: str
    rest: str
    is_marked: bool
    is_clock: bool


@dataclass(frozen=True, slots=True)
class _HeaderStyle:
    """What the lines of a file mean: the kinds of its headers, and where the names are."""

    main: _Kind
    kinds: frozenset[_Kind]
    is_name_above: bool = False
    is_name_below: bool = False
    is_name_beside: bool = False
    is_clock: bool = False


def is_timed_text(head: str) -> bool:
    """Return whether *head*, the start of a text, is a transcript with times."""
    return _find_style(head) is not None


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse what is below or after each time.

    Raises `ValueError` if *text* is no transcript with times.
    """
    style = _find_style(text[:_MAX_SAMPLE_CHARS])
    if style is None:
        raise ValueError("it has no times")
    reader = _TranscriptReader(style, warnings)
    for line in iter_lines(text):
        reader.read_line(line)
    texts = reader.finish()
    if style.is_clock:
        texts = _count_from_first(texts, warnings)
    return close_cues(_split_labels(texts), warnings)


def _find_style(sample: str) -> _HeaderStyle | None:
    lines = [line.strip() for line in islice(iter_lines(sample[:_MAX_SAMPLE_CHARS]), _SAMPLE_LINES)]
    headers = [_parse_header(line) for line in lines]
    if not any(headers):
        return None
    counts = Counter(header.kind for header in headers if header)
    main, most = counts.most_common(1)[0]
    frequent = frozenset(kind for kind, count in counts.items() if count >= most * 0.3)
    return _make_style(lines, headers, main, frequent) or _make_style(lines, headers, main, frozenset({main}))


def _make_style(
    lines: list[str], headers: list[_TimeHeader | None], main: _Kind, kinds: frozenset[_Kind]
) -> _HeaderStyle | None:
    found = [at for at, header in enumerate(headers) if header and header.kind in kinds]
    used = [header for header in headers if header and header.kind in kinds]
    if not _is_plausible(lines, found, used):
        return None
    return _HeaderStyle(
        main,
        kinds,
        is_name_above="alone" in kinds and _share(found, lambda at: _has_name_above(lines, headers, at)) > 0.8,
        is_name_below="alone" in kinds and _share(found, lambda at: _has_name_below(lines, headers, at)) > 0.9,
        is_name_beside="before" in kinds and _share(found, lambda at: _has_name_beside(lines, headers, at)) > 0.8,
        is_clock=_is_clock(used),
    )


def _is_plausible(lines: list[str], found: list[int], used: list[_TimeHeader]) -> bool:
    """Return whether the times in *lines* are those of a transcript, and no times in a text."""
    stated = [at for at, line in enumerate(lines) if line]
    if len(found) == 1:
        return found[0] == stated[0] and len(stated) > 1 and used[0].kind in ("alone", "named")
    share = len(found) / len(stated)
    head = sum(1 for at in stated if at < found[0])
    if share < _MIN_SHARE or (head > _MAX_HEAD_LINES and share < _MIN_HEAD_SHARE):
        return False
    descents = sum(1 for before, after in pairwise(used) if 0 < before.start_ms - after.start_ms < _DAY_MS // 2)
    return descents <= 0.1 * len(found) + (0.5 if len(found) > 3 else 0)


def _share(found: list[int], condition: Callable[[int], bool]) -> float:
    return sum(1 for at in found if condition(at)) / len(found)


def _has_name_above(lines: list[str], headers: list[_TimeHeader | None], at: int) -> bool:
    if at == 0 or headers[at - 1] or not _is_name(lines[at - 1]):
        return False
    return at == 1 or not lines[at - 2]


def _has_name_below(lines: list[str], headers: list[_TimeHeader | None], at: int) -> bool:
    if at + 2 >= len(lines):
        return at + 2 > len(lines)
    below, further = lines[at + 1], lines[at + 2]
    return bool(below and further) and not (headers[at + 1] or headers[at + 2]) and _is_name(below.rstrip(":"))


def _has_name_beside(lines: list[str], headers: list[_TimeHeader | None], at: int) -> bool:
    header = headers[at]
    if header is None or not _is_name(header.rest.rstrip(":")):
        return False
    return at + 1 >= len(lines) or bool(lines[at + 1] and not headers[at + 1])


def _is_clock(used: list[_TimeHeader]) -> bool:
    """Return whether the times are those of a day, and do not count from the start of the video."""
    return sum(1 for header in used if header.is_clock) > len(used) / 2 or used[0].start_ms >= _CLOCK_MS


def _is_name(text: str) -> bool:
    """Return whether *text* looks like a name, as it stands without any mark: each word has a capital."""
    words = text.split()
    if not 0 < len(words) <= _MAX_NAME_WORDS or text[-1] in "?!,;…" or (text[-1] == "." and len(words[-1]) > 4):
        return False
    if _NUMBERED_NAME.fullmatch(text):
        return True
    if not any(char.isalpha() for char in text):
        return text[0] == "+"
    return all(word in _NAME_PARTICLES or _is_name_word(word) for word in words) and words[0] not in _NAME_PARTICLES


def _is_name_word(word: str) -> bool:
    first = next((char for char in word if char.isalnum()), "")
    return bool(first) and (not first.islower()) and (word[0] != "+" or first.isdigit())


def _parse_header(line: str) -> _TimeHeader | None:
    """Return the time of *line*, if it begins with one, or with a name and a time."""
    if ":" not in line[:200]:
        return None
    line = line.strip(_MARKDOWN).lstrip("-–•· ")
    if " seconds" in line[:80] or " minute" in line[:80]:
        line = _TIME_AFTER_SPOKEN.sub("", _GLUED_TIME.sub(r"\1 ", line[:80])) + line[80:]
    if "](" in line[:200]:
        line = _LINKED_TIME.sub(r"[\1]", line[:1000]) + line[1000:]
    if match := _AT_START.match(line):
        return _make_unnamed_header(match)
    match = _AFTER_NAME.match(line.replace("*", "") if "*" in line[:200] else line)
    return _make_named_header(match) if match else None


def _make_unnamed_header(match: re.Match[str]) -> _TimeHeader | None:
    times = _parse_range(match["time"])
    if times is None:
        return None
    rest = match["rest"].lstrip()
    if (spoken := _SPOKEN_TIME.match(rest)) and spoken[0] and _spoken_ms(spoken) == times[0] // 1000 * 1000:
        rest = rest[spoken.end() :]
    is_marked = match["open"] is not None
    if not is_marked and rest[:1] == "." and rest[1:2].isalnum():
        return None
    rest = rest.strip().lstrip("-–—|:>•= \t").lstrip("*_ ")
    return _TimeHeader("before" if rest else "alone", *times, "", rest, is_marked, _has_meridiem(match["time"]))


def _make_named_header(match: re.Match[str]) -> _TimeHeader | None:
    times = _parse_range(match["time"])
    if times is None:
        return None
    bracketed, rest = match["bracketed"], match["rest"].strip()
    name = " ".join((bracketed or match["name"]).split()).strip(_MARKDOWN)
    if not name or not any(char.isalnum() for char in name) or len(name.split()) > _MAX_NAME_WORDS + 2:
        return None
    if name.endswith(" minutes") or _SPOKEN_END.search(name):
        return None
    is_marked = match["open"] is not None
    has_mark = bool(bracketed) or (match["mark"] or "").strip() == ":" or "\t" in (match["mark"] or "")
    is_apart = has_mark or len(match["space"]) > 1 or "\t" in match["space"]
    if rest and (bracketed or not (is_marked or "\t" in match[0])):
        return None
    is_sure = bool(bracketed) or (match["mark"] or "").strip() == ":" or (is_apart and not name[0].islower())
    if not ((is_sure and not rest) or (has_mark and not bracketed) or _is_name(name)):
        return None
    is_clock = _has_meridiem(match["time"]) or (bool(bracketed) and not is_marked and times[0] >= 3_600_000)
    return _TimeHeader("named before" if rest else "named", *times, name, rest, is_marked, is_clock)


def _has_meridiem(time: str) -> bool:
    return time.rstrip(". ")[-1:] in "mM"


def _parse_range(text: str) -> tuple[int, int] | None:
    """Return the start and the end, which is negative if *text* is only one time; None if it is no time."""
    times = [_parse_time_ms(match) for match in islice(_TIME_PARTS.finditer(text), 2)]
    start_ms, end_ms = times[0], times[-1]
    if start_ms is None or start_ms > MAX_TIME_MS:
        return None
    return start_ms, end_ms if len(times) == 2 and end_ms is not None and end_ms > start_ms else -1


def _parse_time_ms(match: re.Match[str]) -> int | None:
    hours, minutes, seconds, fraction, frame, meridiem = match.groups()
    parts = [int(hours or 0), int(minutes), int(seconds)]
    if meridiem:
        if hours is None:
            parts = [parts[1], parts[2], 0]
        parts[0] = parts[0] % 12 + (12 if meridiem in "pP" else 0)
    if parts[2] > 59 or (hours and parts[1] > 59):
        return None
    ms = int((fraction or "0").ljust(3, "0")) + int(frame or 0) * 1000 // _FRAMES_PER_S
    return ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + ms


def _spoken_ms(match: re.Match[str]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


@dataclass(slots=True)
class _TranscriptReader:
    """Collects the text of each time."""

    style: _HeaderStyle
    warnings: ParseWarnings
    texts: TimedTexts = field(default_factory=TimedTexts)
    header: _TimeHeader | None = None
    speaker: str = ""
    lines: list[tuple[str, bool]] = field(default_factory=list)
    size: int = 0
    is_after_blank: bool = True

    def read_line(self, raw: str) -> None:
        """Read the next line of the file."""
        line = raw.strip()
        if not line:
            self.is_after_blank = True
            return
        header = _parse_header(line)
        if header is not None and self._is_used(header):
            self._start(header)
        elif self._is_chapter(line):
            self.warnings["heading of a chapter left out"] += 1
        elif not _BOILERPLATE.fullmatch(line) and not self._is_spoken_time(line):
            self._add(line)
        self.is_after_blank = False

    def finish(self) -> TimedTexts:
        """Return all texts."""
        self._flush()
        return self.texts

    def _is_used(self, header: _TimeHeader) -> bool:
        """Return whether *header* is one: a rare kind has to follow the one before, and the rarest be in brackets."""
        if header.kind == self.style.main or self.header is None:
            return header.kind in self.style.kinds
        if not 0 <= header.start_ms - self.header.start_ms <= 3_600_000:
            return False
        return header.is_marked or header.kind in self.style.kinds

    def _is_chapter(self, line: str) -> bool:
        """Return whether *line* is a heading, as YouTube shows them above the time of the next text."""
        return self.style.main == "alone" and (self.header is None or self.lines != []) and bool(_CHAPTER.match(line))

    def _is_spoken_time(self, line: str) -> bool:
        """Return whether *line* only repeats the last time in words, as for screen readers: `2 seconds`."""
        if self.header is None or self.lines or not line[-1:].isalpha() or not line.endswith(("s", "d", "r", "e")):
            return False
        end = _SPOKEN_END.search(line[-60:])
        match = _SPOKEN_TIME.fullmatch(end[0]) if end else None
        if end is None or match is None or _spoken_ms(match) != self.header.start_ms // 1000 * 1000:
            return False
        if name := line[: len(line) - len(end[0])].strip():
            self.speaker = name
            self._remove_last_line(name)
        return True

    def _remove_last_line(self, name: str) -> None:
        """Remove *name* from the end of the last text, which was above the time."""
        if self.texts and f"\n{self.texts[-1].text}".endswith(f"\n{name}"):
            self.texts[-1] = self.texts[-1]._replace(text=self.texts[-1].text[: -len(name)].rstrip())

    def _start(self, header: _TimeHeader) -> None:
        name = header.name
        if self.style.is_name_above and header.kind == "alone" and self.lines and self.lines[-1][1]:
            name = self.lines.pop()[0]
        if self.header is None and header.start_ms and self.lines and self._may_speak_first():
            self.warnings["text before the first time, taken for the start"] += 1
            self.header = _TimeHeader("alone", 0, -1, "", "", is_marked=False, is_clock=False)
        self._flush()
        self.header = header
        rest = header.rest
        if self.style.is_name_beside and header.kind == "before" and _is_name(rest.rstrip(":")):
            name, rest = rest.rstrip(":"), ""
        self.speaker = name or self.speaker
        if rest:
            self._add(rest)

    def _may_speak_first(self) -> bool:
        """Return whether text before the first time may be speech: a transcript with names has a title there."""
        return not self.style.is_clock and self.style.kinds <= {"alone", "before"} and not self._has_names()

    def _has_names(self) -> bool:
        return self.style.is_name_above or self.style.is_name_below or self.style.is_name_beside

    def _add(self, line: str) -> None:
        self.size += len(line) + 1
        check_cue_size(self.size)
        self.lines.append((line, self.is_after_blank))

    def _flush(self) -> None:
        lines = [line for line, _ in self.lines]
        self.lines.clear()
        self.size = 0
        if self.header is None:
            if lines:
                self.warnings["line before the first time left out"] += len(lines)
            return
        if (
            self.style.is_name_below
            and self.header.kind == "alone"
            and len(lines) > 1
            and _is_name(lines[0].rstrip(":"))
        ):
            self.speaker = lines.pop(0).rstrip(":")
        start_ms, end_ms = self.header.start_ms, self.header.end_ms
        text = "\n".join(lines)
        if self.style.main == "alone":
            text = text.replace("|", "\n")  # as SubViewer writes line breaks
        pieces = _split_at_inline_times(text, start_ms)
        for at, (ms, text) in enumerate(pieces):
            self.texts.add(TimedText(ms, end_ms if at == len(pieces) - 1 else pieces[at + 1][0], text, self.speaker))


def _split_at_inline_times(text: str, start_ms: int) -> list[tuple[int, str]]:
    """Split *text* at the times in brackets that are in it."""
    if ":" not in text or not ("(" in text or "[" in text):
        return [(start_ms, text)]
    pieces, begin, at_ms = [], 0, start_ms
    for match in _INLINE_TIME.finditer(text):
        times = _parse_range(match[1])
        if times is None or not 0 <= times[0] - at_ms <= 600_000:
            continue
        if piece := text[begin : match.start()].strip():
            pieces.append((at_ms, piece))
        at_ms, begin = times[0], match.end()
    pieces.append((at_ms, text[begin:].strip()))
    return [piece for piece in pieces if piece[1]] or [(start_ms, "")]


def _count_from_first(texts: TimedTexts, warnings: ParseWarnings) -> TimedTexts:
    """Return *texts* with times from the first one on: those of a day say nothing about the video."""
    warnings["times of day, counted from the first one"] += 1
    counted = TimedTexts()
    if not texts:
        return counted
    base_ms = before_ms = texts[0].start_ms
    for text in texts:
        if text.start_ms < before_ms - _DAY_MS // 2:  # past midnight
            base_ms -= _DAY_MS
        before_ms = text.start_ms
        end_ms = text.end_ms - base_ms if text.end_ms >= 0 else -1
        counted.add(text._replace(start_ms=max(0, text.start_ms - base_ms), end_ms=end_ms))
    return counted


def _split_labels(texts: TimedTexts) -> Sequence[TimedText]:
    """Take the names from the starts of *texts*, if most of them have one."""
    labeled = [match for text in texts if not text.speaker and (match := _match_label(text.text))]
    if not labeled or len(labeled) < 0.5 * sum(1 for text in texts if text.text and not text.speaker):
        return texts
    return list(_iter_unlabeled(texts))


def _iter_unlabeled(texts: TimedTexts) -> Iterator[TimedText]:
    speaker = ""
    for text in texts:
        match = None if text.speaker else _match_label(text.text)
        if text.speaker or match is None:
            yield text._replace(speaker=text.speaker or speaker)
            continue
        for line in text.text.split("\n"):  # several may speak after one time
            match = _match_label(line)
            speaker = match["name"].strip() if match else speaker
            yield text._replace(text=line[match.end() if match else 0 :], speaker=speaker)


def _match_label(text: str) -> re.Match[str] | None:
    match = _LABEL.match(text)
    return match if match and _is_name(match["name"].strip()) else None
