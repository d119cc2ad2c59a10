"""The words of a track around a place as they are captioned, with times and speakers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from ..model import PASSAGE_STRIDE, PassageRange, Transcript
from ..search.source import PassageSource

_CONTEXT_TOKENS = 110
"""Tokens on either side of a place that are read with it."""

_SENTENCE_ENDS = (".", "!", "?", "…", "。", "？", "！")
_QUESTION_MARKS = ("?", "？", "؟")
_CLAUSE_ENDS = (".", "!", "?", "…", ",", ";", ":", "–", "—")
_MAX_CACHED_SLICES = 64


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """Words of a track; *base* is the position of their first token in the track."""

    transcript: Transcript
    base: int

    def word_of(self, token: int) -> int:
        """Return the position of the word of a token of the track, the nearest one if the token is not here."""
        index = self.transcript.word_index
        return index[min(max(token - self.base, 0), len(index) - 1)] if index else 0

    def word_end(self, token: int) -> int:
        """Return the position after the words of a token."""
        index, at = self.transcript.word_index, token - self.base
        if at + 1 >= len(index):
            return len(self.transcript.words)
        return max(index[max(at + 1, 0)], self.word_of(token) + 1)

    def spoken_end(self, word: int) -> int:
        """Return the position after the last spoken word before *word*: names of speakers and sounds are not spoken."""
        index = self.transcript.word_index
        at = bisect_left(index, word)
        return index[at - 1] + 1 if at else 0

    def text(self, first: int, stop: int) -> str:
        """Return the words of the tokens from *first* to *stop* (exclusive) as captioned."""
        if first >= stop:
            return ""
        return " ".join(self.transcript.words[self.word_of(first) : self.word_end(stop - 1)])

    def start_ms(self, token: int) -> int:
        """Return when a token begins."""
        times = self.transcript.starts_ms
        return times[min(self.word_of(token), len(times) - 1)] if times else 0

    def end_ms(self, token: int) -> int:
        """Return when a token ends."""
        times = self.transcript.ends_ms
        return times[min(max(self.word_end(token) - 1, 0), len(times) - 1)] if times else 0

    def speakers(self, first: int, stop: int) -> list[str]:
        """Return the names of those who speak from a token to another one, the one who says most first."""
        counts: dict[str, int] = {}
        for word in range(self.word_of(first), self.word_end(max(stop - 1, first))):
            name = self.speaker_of_word(word)
            counts[name] = counts.get(name, 0) + 1
        return sorted(counts, key=lambda name: -counts[name])

    def speaker(self, token: int) -> str:
        """Return who says a token; empty if the captions do not say."""
        return self.speaker_of_word(self.word_of(token))

    def speaker_of_word(self, word: int) -> str:
        """Return who says a word; empty if the captions do not say."""
        pairs = self.transcript.speakers
        at = bisect_right(pairs, word, key=lambda pair: pair[0])
        return pairs[at - 1][1] if at else ""

    def is_capitalized(self, first: int, stop: int) -> bool:
        """Return whether one of the words has a capital letter that no sentence gives it."""
        words = self.transcript.words
        return any(
            words[at][:1].isupper() and not self.opens_sentence(at) and words[at][1:] != words[at][1:].upper()
            for at in range(self.word_of(first), min(self.word_end(max(stop - 1, first)), len(words)))
        )

    def opens_sentence(self, word: int) -> bool:
        """Return whether a word is the first of a sentence or of a turn."""
        if word == 0:
            return True
        is_turn = any(at == word for at, _ in self.transcript.speakers)
        return is_turn or self.transcript.words[word - 1].rstrip("\"'”’)").endswith(_SENTENCE_ENDS)

    def ends_question(self, word: int) -> bool:
        """Return whether a question mark follows a word, as a word of its own in French."""
        words = self.transcript.words
        following = words[word + 1] if word + 1 < len(words) else ""
        return words[word].rstrip("\"'”’)").endswith(_QUESTION_MARKS) or following in _QUESTION_MARKS

    def sentence_start(self, word: int) -> int:
        """Return the first word of the sentence that a word is in, or the first word here."""
        while word and not self.opens_sentence(word):
            word -= 1
        return word

    def ends_clause(self, word: int) -> bool:
        """Return whether a punctuation mark follows a word."""
        return self.transcript.words[word][-1:] in _CLAUSE_ENDS

    def has_punctuation(self) -> bool:
        """Return whether the captions have commas and full stops."""
        return any(word[-1:] in _CLAUSE_ENDS for word in self.transcript.words)


@dataclass(slots=True)
class SpokenReader:
    """Reads the words around places, and keeps those that it read last."""

    source: PassageSource
    _slices: dict[tuple[int, int, int], SpokenWords] = field(default_factory=dict)

    def read(self, track: int, first: int, last: int) -> SpokenWords:
        """Return the words of the tokens *first* to *last* of *track*, and those around them."""
        low = max(0, first - _CONTEXT_TOKENS) // PASSAGE_STRIDE
        high = (last + _CONTEXT_TOKENS) // PASSAGE_STRIDE
        key = (track, low, high)
        if key not in self._slices:
            if len(self._slices) >= _MAX_CACHED_SLICES:
                self._slices.clear()
            transcript = self.source.transcript_slices([PassageRange(track, low, high)])[0]
            self._slices[key] = SpokenWords(transcript, low * PASSAGE_STRIDE)
        return self._slices[key]
