"""Read who is the subject of a verb of speech, in the words after a quotation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import words
from .names import SENTENCE_ENDS, NameReader, Speaker, SpeechToken

_ELISION = re.compile(r"^(?:s|m|l|t|d|n|qu|c|j)['’](?=\w)")
_INVERTED_AUXILIARY = re.compile(r"^(?:a|avait|ont)-(?:t-)?(?:il|elle|ils|elles|on)$")
DASHES = frozenset("—–-―")
_FUNCTION_WORDS = words.PREPOSITIONS | words.DETERMINERS | words.AUXILIARIES | words.RELATIVES | words.CONJUNCTIONS
_MAX_TITLE_WORDS = 4
_MIN_VERB_CHARS = 5
_MAX_ROLE_WORDS = 9
_MAX_APPOSITIVE_TOKENS = 22
_MAX_VERB_TOKENS = 5


def strip_elision(word: str) -> str:
    """Return *word* without an article or a pronoun that an apostrophe joins to it."""
    return _ELISION.sub("", word)


class SubjectReader(NameReader):
    """Reads verbs of speech with their subjects."""

    def skip_separators(self, at: int) -> int:
        while at < len(self.tokens) and (self.tokens[at].text in DASHES or self.tokens[at].text in ",;，、)"):
            at += 1
        return at

    def read_verb(self, at: int) -> int:
        """Return the position after the verb of speech at *at*, with adverbs and auxiliaries before it, or 0."""
        for step in range(_MAX_VERB_TOKENS):
            if at + step >= len(self.tokens):
                return 0
            token = self.tokens[at + step]
            low = strip_elision(token.low)
            if low in words.SPEECH_VERBS or self._is_inverted(low):
                return at + step + 1
            if low == "so" and at + step + 1 < len(self.tokens) and self._starts_german_subject(at + step + 1):
                return at + step + 1
            if (low, self._low(at + step + 1)) in words.VERB_PHRASES and self._low(at + step + 2) != "to":
                return at + step + 2
            if not (
                low in words.AUXILIARIES or (low.endswith("ly") and low.isascii()) or _INVERTED_AUXILIARY.match(low)
            ):
                return 0
        return 0

    def read_verb_subject(self, at: int, after: int, *, allow_capital: bool) -> Speaker | None:
        """Return the subject that follows the verb from *at* up to *after*."""
        verb = self.tokens[after - 1]
        start = self.tokens[at].start
        low = strip_elision(verb.low)
        if any(self._is_inverted(token.low) or _INVERTED_AUXILIARY.match(token.low) for token in self.tokens[at:after]):
            return Speaker("pronoun", _pronoun_of(self.tokens[at:after]), start, verb.end, follows_verb=True)
        if verb.is_capital and not allow_capital:
            return None
        if low in words.SPEECH_VERBS and low not in words.NOT_LISTENER_VERBS:
            return None
        while self._low(after) in words.AUXILIARIES or self._low(after) in ("hinzu", "zu", "ein", "till", "toe"):
            after += 1
        subject = self.read_subject(after)
        if subject is None:
            return self._verb_alone(at, after)
        return Speaker(subject.kind, subject.name, start, subject.end, follows_verb=True)

    def _verb_alone(self, at: int, after: int) -> Speaker | None:
        """Return nobody for a verb without a subject, as many languages have it: `“…”, dijo.`"""
        low = strip_elision(self.tokens[after - 1].low)
        if low in words.NOUN_VERBS or (self._text(after) not in (".", ",", "") and self._text(after) not in DASHES):
            return None
        return Speaker("role", "", self.tokens[at].start, self.tokens[after - 1].end)

    def read_manner_verb(self, at: int) -> Speaker | None:
        """Return the name right before or after any verb in the past: `croaked Jim`, `Jim croaked.`"""
        if self._is_past_verb(at) and self._is_name_start(at + 1):
            end = self._name_end(at + 1)
            return Speaker("name", self._name_text(at + 1, end), self.tokens[at].start, self.tokens[end - 1].end)
        if self._is_name_start(at):
            end = self._name_end(at)
            if self._is_past_verb(end) and self._text(end + 1) in (".", ",", ""):
                return Speaker("name", self._name_text(at, end), self.tokens[at].start, self.tokens[end].end)
        return None

    def _is_past_verb(self, at: int) -> bool:
        low = self._text(at)
        return low.endswith("ed") and low.islower() and len(low) >= _MIN_VERB_CHARS

    def read_according(self, at: int) -> int:
        """Return the position after words such as `according to`, or 0."""
        for phrase in words.ACCORDING:
            if tuple(token.low for token in self.tokens[at : at + len(phrase)]) == phrase:
                return at + len(phrase)
        if self._low(at)[:2] == "d'" and self._low(at) == "d'après":
            return at + 1
        return 0

    def read_subject_verb(self, at: int, *, ended: bool) -> Speaker | None:
        """Return the subject at *at* if a verb of speech follows it, perhaps after a role between commas."""
        while self._low(at) in words.CONJUNCTIONS:
            at += 1
        subject = self.read_subject(at)
        if subject is None:
            return None
        after = next((n for n, token in enumerate(self.tokens) if token.start >= subject.end), len(self.tokens))
        verb = self.read_verb(after)
        if not verb and self._low(after) in (
            "of",
            "from",
            "at",
            "with",
            "for",
            "de",
            "von",
            "aus",
            "di",
            "do",
            "da",
            "du",
        ):
            verb = self._find_verb(after, stop=",")
        if not verb and self._text(after) in (",", "(", "–", "—"):
            verb = self.read_verb(after + 1) or self._read_verb_after_appositive(after)
        if not verb or (ended and not self._ends_sentence(verb)):
            return None
        if ended and strip_elision(self.tokens[verb - 1].low) not in words.CORE_VERBS:
            return None
        return Speaker(subject.kind, subject.name, subject.start, self.tokens[verb - 1].end)

    def _ends_sentence(self, after_verb: int) -> bool:
        rest = self._low(after_verb)
        return rest in ("", ".", ",", ";", ":") or rest in (
            "on",
            "in",
            "at",
            "during",
            "after",
            "later",
            "am",
            "el",
            "mardi",
        )

    def _find_verb(self, at: int, *, stop: str) -> int:
        for n in range(at, min(at + 9, len(self.tokens))):
            if self.tokens[n].text in stop or self.tokens[n].text in SENTENCE_ENDS:
                return 0
            if verb := self.read_verb(n):
                return verb
        return 0

    def _read_verb_after_appositive(self, at: int) -> int:
        closer = {"(": ")"}.get(self.tokens[at].text, self.tokens[at].text)
        for n in range(at + 1, min(at + _MAX_APPOSITIVE_TOKENS, len(self.tokens))):
            if self.tokens[n].text in SENTENCE_ENDS and not self._is_abbreviation(n - 1):
                return 0
            if self.tokens[n].text == closer and (verb := self.read_verb(n + 1)):
                return verb
        return 0

    def read_subject(self, at: int) -> Speaker | None:
        """Return the speaker at *at*: a pronoun, a name with a role before it, or a role alone."""
        if at >= len(self.tokens):
            return None
        first = self.tokens[at]
        if first.low in words.PRONOUNS and not self._is_determiner(at):
            return Speaker("pronoun", first.low, first.start, first.end)
        if first.low in words.PREPOSITIONS - words.DETERMINERS:
            return None
        n, preposition, german = at, False, False
        while n < len(self.tokens) and n - at < _MAX_ROLE_WORDS and not self._is_name_start(n):
            if not self._is_role_word(n, at):
                return self._role_without_name(at, n)
            low = self.tokens[n].low
            is_preposition = low in words.PREPOSITIONS and (n > at or low not in words.DETERMINERS)
            preposition = is_preposition or (preposition and low in words.DETERMINERS)
            german = low in words.GERMAN_DETERMINERS
            n += 1
        if self._is_name_start(n):
            return self._read_role_and_name(at, n, preposition=preposition, german=german)
        return self._role_without_name(at, n)

    def _is_determiner(self, at: int) -> bool:
        """Return whether a word that can be a pronoun too (`il`, `die`) stands before a noun."""
        following = self._low(at + 1)
        if self.tokens[at].low not in words.DETERMINERS or not following[:1].isalpha():
            return False
        return not self._is_speech(following) and following not in words.AUXILIARIES

    def _is_role_word(self, n: int, at: int) -> bool:
        token = self.tokens[n]
        return token.is_word and token.low not in words.SPEECH_VERBS and not (token.is_capital and n > at)

    def _role_without_name(self, at: int, n: int) -> Speaker | None:
        """Return the role in the words from *at* up to *n*, or the name that follows them after a comma."""
        first = self.tokens[at]
        is_noun = n < len(self.tokens) and not first.is_capital
        if n == at or not (is_noun or first.low in words.DETERMINERS):
            return None
        named = self._name_in_apposition(at, n) if self._text(n) == "," else None
        return named or Speaker("role", "", first.start, self.tokens[n - 1].end)

    def _read_role_and_name(self, at: int, n: int, *, preposition: bool, german: bool) -> Speaker:
        """Return the speaker whose first name is at *n*, and whose role starts at *at*."""
        end, start = self._name_end(n), self.tokens[at].start
        is_noun = german and end - n == 1
        is_place = self._low(end) in ("of", "for") and n == at and end - n == 1
        if is_noun or preposition or is_place:
            named = self._name_in_apposition(at, end + is_place)
            return named or Speaker("role", "", start, self.tokens[end - 1].end)
        if person := self._person_of(end):
            return self._read_role_and_name(at, person, preposition=False, german=False)
        if self._is_possessive(end - 1):  # `Fox’s assistant`
            return Speaker("role", "", start, self.tokens[end - 1].end)
        if german and end - n > 2:  # `die Bürgermeisterin Anna Vogt`: nouns have capitals too
            n += 1
        return Speaker("name", self._name_text(n, end), start, self.tokens[end - 1].end)

    def _person_of(self, end: int) -> int:
        """Return where the person is named if a role follows what ends at *end*: `Oklahoma City coach Bill Dee`."""
        n = end
        while n < len(self.tokens) and n - end < _MAX_TITLE_WORDS and self._is_plain_word(n):
            n += 1
        role = self._low(n - 1).rpartition("-")[2]
        is_role = role in words.ROLE_NOUNS or self._is_possessive(end - 1)
        return n if n > end and is_role and self._is_name_start(n) else 0

    def _is_plain_word(self, n: int) -> bool:
        token = self.tokens[n]
        is_function_word = token.low in _FUNCTION_WORDS
        return token.text.islower() and not (is_function_word or self._is_speech(token.low) or token.low.endswith("ly"))

    def _name_in_apposition(self, at: int, end: int) -> Speaker | None:
        """Return the name after a comma: `the mayor of Boston, Lena Fox`."""
        n = end
        while n < len(self.tokens) and n < end + 5 and self.tokens[n].text != ",":
            if not self.tokens[n].is_word or self.tokens[n].low in words.SPEECH_VERBS:
                return None
            n += 1
        if self._text(n) == "," and self._is_name_start(n + 1):
            name_end = self._name_end(n + 1)
            if name_end - n > 1 and (self._text(name_end) in ("", ",", ".", ":", ")") or self.read_verb(name_end)):
                return Speaker(
                    "name", self._name_text(n + 1, name_end), self.tokens[at].start, self.tokens[name_end - 1].end
                )
        return None

    def _starts_german_subject(self, n: int) -> bool:
        return self._is_name_start(n) or (self._low(n) in words.GERMAN_DETERMINERS and self._is_capital_at(n + 1))


def _pronoun_of(tokens: Sequence[SpeechToken]) -> str:
    return next((token.low.rsplit("-", 1)[1] for token in tokens if "-" in token.text), "")
