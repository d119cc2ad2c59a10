"""Tell speech from what stands between it: sounds, notes, and marks of who speaks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .casing import is_all_caps

_MARKED = re.compile(r"[\[(♪♫♬♩#>:*（【［]|^[-–—‐]", re.MULTILINE)
_LABEL = re.compile(r"(>{2,3} ?|[-–—‐] ?)?([^\W\d_][\w.'’&#-]{0,30}(?: [\w.'’&#-]{1,30}){0,3}) ?[:：](?=\s|$)")
_NOTES = frozenset("♪♫♬♩#")
_DASHES = frozenset("-–—‐")
_OPENING = {"[": "]", "(": ")", "*": "*", "（": "）", "【": "】", "［": "］"}
_SOUND = re.compile(
    r"applau|laugh|music|cheer|chuckl|sigh|gasp|cough|scream|shout|silence|inaudible|indistinct|crosstalk|clap"
    r"|theme|song|playing|sing|hum|boo|whistl|groan|sob|cry|crowd|ring|beep|bleep|click|tick|knock|bark|snor"
    r"|audience|foreign|speaking|no audio|pause|foreign|musique|rire|applaudis|musik|gelächter|beifall|risas"
    r"|aplausos|música|musica|risate|applausi|gülüş|alkış|müzik|смех|музыка|аплодисменты",
    re.IGNORECASE,
)
_LONGEST = 12  # words that a description of a sound has at most


class Said(NamedTuple):
    """A cue's or a line's text on its way into the transcript; *timed* where its words carry times."""

    text: str
    speaker: str = ""
    timed: bool = False


@dataclass(slots=True)
class Marks:
    """Words as they come, how many each text gave, and which of them are no speech."""

    words: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    sounds: set[int] = field(default_factory=set)
    speakers: list[tuple[int, str]] = field(default_factory=list)


def mark_words(texts: Sequence[Said]) -> Marks:
    """Split *texts* into words, and mark those that are sounds or say who speaks."""
    marks = Marks()
    reader = _Reader(marks, _known_labels(texts))
    words, counts, is_marked = marks.words, marks.counts, _MARKED.search
    for said in texts:
        text, speaker, _ = said
        before = len(words)
        if speaker != reader.voiced:
            reader.voice(speaker)
        if is_marked(text):
            reader.marked(said)
        else:
            words += text.split()
        counts.append(len(words) - before)
    reader.close_brackets()
    return marks


class _Labels(NamedTuple):
    """How often each speaker's label stands at the start of a line, and whether the track is all capitals."""

    counts: Counter[str]
    capitals: bool


def _known_labels(texts: Sequence[Said]) -> _Labels:
    labels: Counter[str] = Counter()
    for said in texts:
        if ":" in said.text:
            labels.update(match[2] for line in said.text.split("\n") if (match := _LABEL.match(line)))
    return _Labels(labels, bool(labels) and is_all_caps(said.text for said in texts))


@dataclass(slots=True)
class _Reader:
    """Reads marked lines into *marks*; remembers where brackets open until all words are there."""

    marks: Marks
    labels: _Labels
    voiced: str = ""
    opened: list[int] = field(default_factory=list)
    edges: set[int] = field(default_factory=set)

    def voice(self, name: str) -> None:
        """Note who speaks from here on by the track's own markup, or that nobody does any more."""
        self.voiced = name
        self._speaks(len(self.marks.words), name)

    def marked(self, said: Said) -> None:
        """Read a text that may hold marks, line by line."""
        for line in said.text.split("\n"):
            self.edges.add(len(self.marks.words))
            self._line(line if said.timed else _spaced(line), timed=said.timed)
        self.edges.add(len(self.marks.words))

    def _line(self, line: str, *, timed: bool) -> None:
        words = line.split()
        base = len(self.marks.words)
        for at, word in enumerate(words):
            if word.startswith(">>") or (at == 0 and word in _DASHES) or (at == 0 and ":" in line):
                self._label(words, at, base)
            if _NOTES.issuperset(word):
                self.marks.sounds.add(base + at)
            elif word[0] in _OPENING:
                self.opened.append(base + at)
        self.marks.words += words

    def _label(self, words: list[str], at: int, base: int) -> None:
        """Mark the change of speaker at *at*, with the name if one stands there."""
        match = _LABEL.match(" ".join(words[at : at + 6]))
        mark = words[at].startswith(">>") or words[at] in _DASHES
        name = match[2] if match and self._is_name(match[2], marked=bool(match[1])) else ""
        if not mark and not name:
            return
        length = len(match[0].split()) if match and name else 1
        if words[at].startswith(">>") and words[at].strip(">") and not name:
            length = 0  # a mark without a space stands on a word
        self.marks.sounds.update(range(base + at, base + at + length))
        self._speaks(base + at, name)

    def _is_name(self, label: str, *, marked: bool) -> bool:
        """Check whether a label is somebody's name rather than `Note:` or `I said:`."""
        if not label[0].isupper():
            return False
        if marked or label.isupper() != self.labels.capitals:
            return marked or (len(label) > 1 and (label.isupper() or self.labels.capitals))
        return self.labels.counts[label] > 1 and all(not word[0].islower() for word in label.split())

    def _speaks(self, at: int, name: str) -> None:
        speakers = self.marks.speakers
        if speakers and speakers[-1][0] == at:
            speakers.pop()
        speakers.append((at, name))

    def close_brackets(self) -> None:
        """Mark the words between brackets that describe a sound."""
        done = 0
        for at in self.opened:
            if at >= done and (end := self._closing(at)) and self._is_sound(at, end):
                self.marks.sounds.update(range(at, end))
                done = end

    def _closing(self, at: int) -> int:
        """Find the end of the bracket that opens at *at*; 0 where none is near."""
        words = self.marks.words
        close = _OPENING[words[at][0]]
        for end in range(at, min(at + _LONGEST, len(words))):
            if close in words[end][1 if end == at else 0 :]:
                return end + 1 if words[end].rstrip(".,;:!?").endswith(close) else 0
        return 0

    def _is_sound(self, at: int, end: int) -> bool:
        words = self.marks.words
        if words[at][0] in "[【［":
            return True
        inside = " ".join(words[at:end])
        if _SOUND.search(inside):
            return True
        if words[at][0] == "*":
            return False
        alone = at in self.edges and end in self.edges
        return alone or (inside.isupper() and not self.labels.capitals and end - at < 5)


def _spaced(line: str) -> str:
    """Set marks off from the words they stand on."""
    if ">>" in line:
        line = re.sub(r">{2,}", r" \g<0> ", line)
    for note in "♪♫♬♩":
        if note in line:
            line = line.replace(note, f" {note} ")
    if line[:1] in _DASHES and line[1:2].isalpha():
        line = f"{line[0]} {line[1:]}"
    return line
