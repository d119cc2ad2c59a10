"""Detection of the words that are not speech: descriptions of sounds, music notes and labels of speakers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, compress, count
from operator import ne

from .limits import LONG_WORD_CHARS, MAX_LONG_WORD_CHARS, MAX_WORDS, refuse_more_than
from .speaker_labels import Label, SpeakerLabels, choose_labels, is_short_label, match_label

_ANNOTATION_MARKS = (*"[(♪♫♬♩#>:：*（【［", "\n-", "\n–", "\n—", "\n‐")
_SOUND_MARK = re.compile(r"[♪♫♬♩#\[(*（【［]")
_MUSIC_NOTES = frozenset("♪♫♬♩#")
_DASH_CHARS = frozenset("-–—‐")
_BRACKET_PAIRS = {"[": "]", "(": ")", "*": "*", "（": "）", "【": "】", "［": "］"}
_SOUND_PATTERN = re.compile(
    r"applau|laugh|music|cheer|chuckl|sigh|gasp|cough|scream|shout|silence|inaudible|indistinct|crosstalk|clap"
    r"|theme|song|playing|sing|hum|boo|whistl|groan|sob|cry|crowd|ring|beep|bleep|click|tick|knock|bark|snor"
    r"|audience|foreign|speaking|no audio|pause|foreign|musique|rire|applaudis|musik|gelächter|beifall|risas"
    r"|aplausos|música|musica|risate|applausi|gülüş|alkış|müzik|смех|музыка|аплодисменты"
)
_TEXTS_AT_ONCE = 500
_MAX_SOUND_WORDS = 12
_MAX_LABEL_WORDS = 12
_MAX_NAME_CHARS = 200  # a longer text is no name, and would be stored with each passage


@dataclass(frozen=True, slots=True)
class SpeechTexts:
    """The texts of cues or lines; *speakers* and *has_word_times* are parallel to them, or empty."""

    texts: Sequence[str]
    speakers: Sequence[str] = ()
    has_word_times: Sequence[bool] = ()


@dataclass(slots=True)
class Annotations:
    """The words of several texts, the number of words of each text, and the positions of those that are not speech.

    *labels* are those of *sounds* that mark or name a speaker; nothing but a colon tells that *guessed_names* do.
    """

    words: list[str] = field(default_factory=list)
    words_per_text: list[int] = field(default_factory=list)
    sounds: set[int] = field(default_factory=set)
    labels: set[int] = field(default_factory=set)
    speakers: list[tuple[int, str]] = field(default_factory=list)
    guessed_names: set[str] = field(default_factory=set)


def annotate_words(speech: SpeechTexts) -> Annotations:
    """Split the texts of *speech* into words, and find those that describe sounds or name a speaker.

    Raises `CaptionError` if there are too many words.
    """
    texts, speakers = speech.texts, speech.speakers
    annotations = Annotations()
    reader = _AnnotationReader(annotations, choose_labels(texts))
    splitter = _WordSplitter(annotations)
    annotated = _find_annotated(texts)
    changes = {*compress(count(), map(ne, speakers, chain([""], speakers)))}
    done = 0
    for at in sorted(annotated | changes):
        splitter.split_texts(texts, done, at)
        if at in changes:
            reader.set_speaker(speakers[at])
        if at in annotated:
            before = len(annotations.words)
            reader.read_text(texts[at], has_word_times=bool(speech.has_word_times and speech.has_word_times[at]))
            splitter.count_words(texts[at], before)
            done = at + 1
        else:
            done = at
    splitter.split_texts(texts, done, len(texts))
    reader.mark_sounds()
    return annotations


def _find_annotated(texts: Sequence[str]) -> set[int]:
    """Return the positions of those of *texts* that may have annotations, which are found in all of them at once."""
    annotated: set[int] = set()
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        batch = texts[first : first + _TEXTS_AT_ONCE]
        joined = "\n".join(["", *batch])
        starts = list(accumulate(map(len, batch), lambda start, length: start + 1 + length, initial=0))
        for mark in _ANNOTATION_MARKS:
            at = joined.find(mark)
            while at >= 0:
                found = bisect_right(starts, at) - 1
                annotated.add(first + found)
                at = joined.find(mark, starts[found + 1])  # the others of this text do not matter
    return annotated


@dataclass(slots=True)
class _WordSplitter:
    """Splits texts without annotations into words, and keeps those of all texts within the limits of a track."""

    annotations: Annotations
    long_chars: int = 0

    def split_texts(self, texts: Sequence[str], start: int, stop: int) -> None:
        """Split the texts from *start* to *stop*."""
        words, counts = self.annotations.words, self.annotations.words_per_text
        for first in range(start, stop, _TEXTS_AT_ONCE):
            batch = texts[first : min(first + _TEXTS_AT_ONCE, stop)]
            if len(max(batch, key=len)) > LONG_WORD_CHARS:
                for text in batch:
                    before = len(words)
                    words += text.split()
                    self.count_words(text, before)
                continue
            split = list(map(str.split, batch))
            words += chain.from_iterable(split)
            counts += map(len, split)
            self._check_words()

    def count_words(self, text: str, before: int) -> None:
        """Count the words of *text*, which have been added to the *before* words before it."""
        words = self.annotations.words
        self.annotations.words_per_text.append(len(words) - before)
        self._check_words()
        if len(text) > LONG_WORD_CHARS:
            self.long_chars += sum([len(word) for word in words[before:] if len(word) > LONG_WORD_CHARS])
            if self.long_chars > MAX_LONG_WORD_CHARS:
                raise refuse_more_than(MAX_LONG_WORD_CHARS, f"characters in words longer than {LONG_WORD_CHARS}")

    def _check_words(self) -> None:
        if len(self.annotations.words) > MAX_WORDS:
            raise refuse_more_than(MAX_WORDS, "words")


@dataclass(slots=True)
class _AnnotationReader:
    """Reads texts into *annotations*; a description of a sound may end in a later text than it starts."""

    annotations: Annotations
    labels: SpeakerLabels
    speaker: str = ""
    open_brackets: list[int] = field(default_factory=list)
    line_edges: set[int] = field(default_factory=set)
    searched_ends: dict[str, int] = field(default_factory=dict)

    def set_speaker(self, name: str) -> None:
        """Record that *name* speaks from here on according to the markup of the track; empty ends a speaker."""
        self.speaker = name
        self._add_speaker(len(self.annotations.words), name if len(name) <= _MAX_NAME_CHARS else "")

    def read_text(self, text: str, *, has_word_times: bool = False) -> None:
        """Read a text that may contain annotations, line by line."""
        for line in text.split("\n"):
            self.line_edges.add(len(self.annotations.words))
            self._read_line(line if has_word_times else self._space_label(_space_marks(line)))
        self.line_edges.add(len(self.annotations.words))

    def _space_label(self, line: str) -> str:
        """Separate the name of a speaker from the word that it touches."""
        has_colon = ":" in line or "：" in line
        label = match_label(line.lstrip()) if has_colon and self.labels.names else None
        if label is None or not label.is_glued or label.name not in self.labels.names:
            return line
        end = len(line) - len(line.lstrip()) + len(label.text)
        return f"{line[:end]} {line[end:]}"

    def _read_line(self, line: str) -> None:
        words = line.split()
        base = len(self.annotations.words)
        if words and (words[0] in _DASH_CHARS or words[0].startswith(">>") or ":" in line or "：" in line):
            self._read_label(words, 0, base)
        if ">>" in line:
            for at in range(1, len(words)):
                if words[at].startswith(">>"):
                    self._read_label(words, at, base)
        if _SOUND_MARK.search(line):
            self._read_sound_marks(words, base)
        self.annotations.words += words

    def _read_sound_marks(self, words: list[str], base: int) -> None:
        for at, word in enumerate(words, base):
            if _MUSIC_NOTES.issuperset(word):
                self.annotations.sounds.add(at)
            elif word[0] in _BRACKET_PAIRS:
                self.open_brackets.append(at)

    def _read_label(self, words: list[str], at: int, base: int) -> None:
        """Record a change of speaker at the word *at* of a line, with the name if there is one."""
        label = match_label(" ".join(words[at : at + _MAX_LABEL_WORDS]))
        is_marked = words[at].startswith(">>") or words[at] in _DASH_CHARS
        name = label.name if label and not label.is_glued and self._is_speaker_name(label) else ""
        if not is_marked and not name:
            return
        if name and not is_marked:
            self.annotations.guessed_names.add(name)
        length = len(label.text.split()) if label and name else 1
        if words[at].startswith(">>") and words[at].strip(">") and not name:
            length = 0  # without a space, the mark is part of a word
        self.annotations.sounds.update(range(base + at, base + at + length))
        self.annotations.labels.update(range(base + at, base + at + length))
        self._add_speaker(base + at, name or self.speaker)

    def _is_speaker_name(self, label: Label) -> bool:
        """Check whether a label names a speaker, unlike `Note:` or `I said:`; a mark before it makes it clear."""
        if label.name in self.labels.names:
            return True
        return label.is_marked and label.name[0].isupper() and is_short_label(label.name)

    def _add_speaker(self, at: int, name: str) -> None:
        speakers = self.annotations.speakers
        if speakers and speakers[-1][0] == at:
            speakers.pop()
        speakers.append((at, name))

    def mark_sounds(self) -> None:
        """Mark the words between brackets if they describe a sound."""
        done = 0
        for at in self.open_brackets:
            if at >= done and (end := self._find_closing(at)) and self._is_sound(at, end):
                self.annotations.sounds.update(range(at, end))
                done = end

    def _find_closing(self, at: int) -> int:
        """Return the position after the bracket that opens at *at*, or 0 if it does not close within a few words."""
        words = self.annotations.words
        close = _BRACKET_PAIRS[words[at][0]]
        for end in range(at, min(at + _MAX_SOUND_WORDS, len(words))):
            if close in words[end][1 if end == at else 0 :]:
                return end + 1 if words[end].rstrip(".,;:!?").endswith(close) else 0
        return 0

    def _is_sound(self, at: int, end: int) -> bool:
        words = self.annotations.words
        bracket = words[at][0]
        if bracket in "[【［":
            return True
        inside = " ".join(words[at:end])
        # Brackets that close together are searched once: otherwise nested ones take far too long.
        if self.searched_ends.get(bracket) != end:
            self.searched_ends[bracket] = end
            if _SOUND_PATTERN.search(inside.replace("İ", "i").lower()):
                return True
        if bracket == "*":
            return False
        alone = at in self.line_edges and end in self.line_edges
        return alone or (inside.isupper() and not self.labels.all_caps and end - at < 5)


def _space_marks(line: str) -> str:
    """Separate marks from the words that they touch."""
    if ">>" in line:
        line = re.sub(r">{2,}", r" \g<0> ", line)
    if not line.isascii():
        for note in "♪♫♬♩":
            if note in line:
                line = line.replace(note, f" {note} ")
    if line[:1] in _DASH_CHARS and line[1:2].isalpha():
        line = f"{line[0]} {line[1:]}"
    return line
