"""Read the names of people in a short text, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from . import words

_TOKEN = re.compile(r"[^\W_]+(?:['’‑.-][^\W_]+)*|\S")
_INVERTED = re.compile(r"^(\w+)-(?:t-)?(?:il|elle|ils|elles|je|on|nous|vous)$")
_POSSESSIVE = re.compile(r"['’]s?$")
_INITIALS = re.compile(r"(?:[^\W\d_a-zß-ÿ]\.)*[^\W\d_a-zß-ÿ]")
SENTENCE_ENDS = frozenset(".!?…。！？")
_PLACE_WORDS = frozenset(("in", "at", "on", "during", "to", "en", "im", "bei", "à", "em", "w", "i"))
_SUFFIXES = frozenset(("jr", "sr"))
_MAX_NAME_TOKENS = 9

SpeakerKind = Literal["name", "pronoun", "role"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who spoke: a *name*; for a pronoun the pronoun; for a role without a name (`the mayor`) "".

    *start* and *end* are where the words that say so stand in the text that was searched.
    """

    kind: SpeakerKind
    name: str
    start: int = 0
    end: int = 0
    follows_verb: bool = False


@dataclass(frozen=True, slots=True)
class SpeechToken:
    """A word or a mark, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.lower().replace("’", "'")

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()


class NameReader:
    """Reads the tokens of a short text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [SpeechToken(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]

    def _is_name_start(self, n: int) -> bool:
        if n >= len(self.tokens):
            return False
        token = self.tokens[n]
        if not (token.is_word and token.is_capital):
            return False
        return token.low not in words.NO_NAMES or (token.low.rstrip(".") in words.TITLES and self._text(n + 1) == ".")

    def _name_end(self, n: int) -> int:
        """Return the position after the name that starts at *n*."""
        end = n + 1
        while end < len(self.tokens) and end - n < _MAX_NAME_TOKENS:
            token = self.tokens[end]
            if token.text == ".":
                if not self._is_abbreviation(end - 1):
                    break
                if self._low(end - 1) in _SUFFIXES:
                    return end + 1
                if not self._is_capital_at(end + 1):
                    break
                end += 1
            elif (token.is_word and token.is_capital) or token.text in ("&",):
                if _POSSESSIVE.search(self.tokens[end - 1].text) and "'" in self.tokens[end - 1].low[-2:]:
                    break
                end += 1
            elif token.low in words.PARTICLES and self._is_capital_at(end + 1):
                end += 2
            elif (
                token.low in words.PARTICLES and self._low(end + 1) in words.PARTICLES and self._is_capital_at(end + 2)
            ):
                end += 3
            else:
                break
        return end

    def _is_abbreviation(self, n: int) -> bool:
        if n < 0:
            return False
        text = self.tokens[n].text
        return _INITIALS.fullmatch(text) is not None or text.lower() in words.TITLES

    def _is_capital_at(self, n: int) -> bool:
        return n < len(self.tokens) and self.tokens[n].is_word and self.tokens[n].is_capital

    def _continues_name(self, j: int) -> bool:
        """Return whether the token before *j* belongs to the same name."""
        before = self.tokens[j - 1]
        if before.text == ".":
            return self._is_abbreviation(j - 2)
        if before.low in words.PARTICLES and not before.is_capital:
            return j >= 2 and self.tokens[j - 2].is_capital and self.tokens[j - 2].is_word
        return before.is_word and before.is_capital and not _POSSESSIVE.search(before.text)

    def _ends_name(self, i: int) -> bool:
        token = self.tokens[i]
        if token.text == ".":
            return i > 0 and self._is_abbreviation(i - 1)
        return token.is_word and token.is_capital and token.low not in words.NO_NAMES

    def _name_text(self, n: int, end: int) -> str:
        return self.text[self.tokens[n].start : self.tokens[end - 1].end].strip(" ,")

    def _low(self, n: int) -> str:
        return self.tokens[n].low if 0 <= n < len(self.tokens) else ""

    def _text(self, n: int) -> str:
        return self.tokens[n].text if 0 <= n < len(self.tokens) else ""

    def read_whole_name(self, at: int) -> Speaker | None:
        """Return the name that is all of the tokens from *at* on, perhaps with a role after a comma."""
        if not self._is_name_start(at):
            return None
        end = self._name_end(at)
        rest = self.tokens[end:]
        if rest and rest[0].text in ".)":
            rest = rest[1:]
        if rest and (
            (rest[0].text not in ",(–—-|/" and rest[0].low not in _PLACE_WORDS)
            or len(rest) > 14
            or any(
                token.text in "!?:;" or (self._is_speech(token.low) and token.low not in words.NOUN_VERBS)
                for token in rest
            )
        ):
            return None
        return Speaker("name", self._name_text(at, end), self.tokens[at].start, self.tokens[end - 1].end)

    def _is_possessive(self, n: int) -> bool:
        return n >= 0 and re.search(r"['’]s?$", self.tokens[n].text) is not None and len(self._low(n)) > 1

    def _is_speech(self, low: str) -> bool:
        return low in words.SPEECH_VERBS or _INVERTED.match(low) is not None

    def _is_inverted(self, low: str) -> bool:
        match = _INVERTED.match(low)
        return match is not None and match[1] in words.SPEECH_VERBS
