"""Find who is said to have said a quotation, in the words before and after it."""

from __future__ import annotations

import re

from . import words
from .names import SENTENCE_ENDS, Speaker
from .subjects import DASHES, SubjectReader, strip_elision

_POSSESSIVE = re.compile(r"['’]s?$")
_MAX_NAME_TOKENS = 9
_MAX_APPOSITIVE_TOKENS = 22
_MAX_CLAUSE_TOKENS = 26
_MAX_ANSWER_TOKENS = 6


def find_speaker_after(text: str, *, ended: bool = False, verb_first: bool = False) -> Speaker | None:
    """Return who the words after a quotation say spoke, or None if they do not say it.

    *ended* tells that the quotation ends a sentence, so that a name after it may begin the next one.  With
    *verb_first*, the name must stand after the verb.
    """
    parser = _AttributionReader(text)
    at = parser.skip_separators(0)
    if verb := parser.read_verb(at):
        return parser.read_verb_subject(at, verb, allow_capital=not ended)
    if according := parser.read_according(at):
        return parser.read_subject(according)
    if verb_first:
        return None
    return parser.read_subject_verb(at, ended=ended) or (None if ended else parser.read_manner_verb(at))


def find_speaker_before(text: str) -> Speaker | None:
    """Return who the words before a quotation say speaks, or None if they do not say it.

    *text* ends where the quotation starts.
    """
    return _AttributionReader(text).read_before()


def find_signature(text: str) -> Speaker | None:
    """Return who signs with *text*: a dash and a name, perhaps with a role, and nothing else."""
    parser = _AttributionReader(text)
    dashes = next((n for n, token in enumerate(parser.tokens) if token.text not in DASHES), 0)
    return parser.read_whole_name(dashes) if dashes else None


def read_name_line(text: str) -> str:
    """Return the name if *text* is a name, perhaps with a role after a comma, otherwise ""."""
    speaker = _AttributionReader(text).read_whole_name(0)
    return speaker.name if speaker else ""


class _AttributionReader(SubjectReader):
    """Reads the sentence before a quotation."""

    def read_before(self) -> Speaker | None:
        """Return the speaker whom the sentence that ends with the tokens names."""
        tokens = self.tokens
        colon = bool(tokens) and tokens[-1].text in ":："
        end = len(tokens)
        while end and not tokens[end - 1].is_word:
            if tokens[end - 1].text in SENTENCE_ENDS and not self._is_abbreviation(end - 2):
                return None
            end -= 1
        start = self._sentence_start(end)
        for n in range(end - 1, max(start, end - _MAX_CLAUSE_TOKENS) - 1, -1):
            if self._is_verb(n, start) or (colon and self._gives_answer(n, end)):
                return self._subject_before(n, start) or self._subject_behind(n, start, end)
        if at := self.read_according(start):
            return self.read_subject(at)
        return self._read_introduction(start, end) if colon else None

    def _is_verb(self, n: int, start: int) -> bool:
        low = strip_elision(self.tokens[n].low)
        if (low, self._low(n + 1)) in words.VERB_PHRASES:
            return True
        if low not in words.SPEECH_VERBS:
            return False
        before = self._low(n - 1) if n > start else ""
        return before != "to" and (low not in words.NOUN_VERBS or before not in {*words.DETERMINERS, "united"})

    def _gives_answer(self, n: int, end: int) -> bool:
        """Return whether the words from *n* on announce speech: `had a message for the board`, `was blunt`."""
        if self._low(n) in ("is", "was") and end - n <= _MAX_ANSWER_TOKENS:
            return self._low(end - 1) in words.MANNERS
        nouns = (self._low(at) for at in range(n + 2, min(n + _MAX_ANSWER_TOKENS, end)))
        return (
            self._low(n) in words.GIVING_VERBS
            and self._low(n + 1) in words.DETERMINERS
            and any(noun in words.ANSWER_NOUNS for noun in nouns)
        )

    def _subject_before(self, n: int, start: int) -> Speaker | None:
        """Return the subject that ends before the verb at *n*."""
        verb, i = self.tokens[n].low, n - 1
        while i >= start and self._is_adverb(i):
            i -= 1
        if i < start or (i == start and self._low(i) in words.CONJUNCTIONS):
            return None
        token = self.tokens[i]
        if token.low in words.NEGATIONS or token.low.endswith("n't"):
            return self._role_at(i)
        if token.low in words.PASSIVES:
            return self._subject_at(i - 1, start) if verb == "quoted" else self._agent_behind(n)
        if token.low in words.RELATIVES and i > start:
            antecedent = i - 2 if self._text(i - 1) == "," else i - 1
            return self._subject_at(antecedent, start, is_antecedent=True)
        if token.low == "as" and verb == "saying" and i > start:
            return self._subject_at(i - 1, start) or self._subject_before(i - 1, start)
        if token.low in words.COORDINATORS or verb.endswith("ing"):
            return self._main_subject(start, n)
        if token.text in (",", ")", "–", "—"):
            return self._subject_before_appositive(i, start) or self._main_subject(start, n)
        return self._subject_at(i, start)

    def _is_adverb(self, i: int) -> bool:
        token = self.tokens[i]
        return token.low in words.AUXILIARIES or (token.low.endswith("ly") and not token.is_capital)

    def _role_at(self, i: int) -> Speaker:
        return Speaker("role", "", self.tokens[i].start, self.tokens[i].end)

    def _subject_before_appositive(self, i: int, start: int) -> Speaker | None:
        """Return the name before or in what stands between two commas or brackets, the second of which is at *i*."""
        opener = {")": "("}.get(self.tokens[i].text, self.tokens[i].text)
        for j in range(i - 1, max(start, i - _MAX_APPOSITIVE_TOKENS) - 1, -1):
            if self.tokens[j].text != opener:
                continue
            if self._is_name_start(j + 1) and self._name_end(j + 1) == i:
                return Speaker("name", self._name_text(j + 1, i), self.tokens[j].start, self.tokens[i].end)
            if j > start and self._ends_name(j - 1):
                found = self._subject_at(j - 1, start)
                if found and found.kind == "name":
                    return found
        return None

    def _subject_at(self, i: int, start: int, *, is_antecedent: bool = False) -> Speaker | None:
        """Return the speaker whose words end with the token at *i*; an antecedent may stand after a preposition."""
        if i < start:
            return None
        token = self.tokens[i]
        if token.low in words.PRONOUNS:
            return Speaker("pronoun", token.low, token.start, token.end)
        if not self._ends_name(i):
            return self._role_at(i)
        j = i
        while j > start and i - j < _MAX_NAME_TOKENS and self._continues_name(j):
            j -= 1
        first = j
        while j < i and not self._is_name_start(j):
            j += 1
        if not self._is_name_start(j) or (not is_antecedent and self._is_object(first, j, start)):
            return self._role_at(i)
        if j > start and self._low(j - 1) in words.GERMAN_DETERMINERS:
            if i == j:
                return self._role_at(i)
            j += i - j >= 2  # `die Bürgermeisterin Anna Vogt`: nouns have capitals too
        return Speaker("name", self._name_text(j, i + 1), self.tokens[j].start, token.end)

    def _is_object(self, first: int, name: int, start: int) -> bool:
        """Return whether a preposition or another name with `and` stands before the words from *first* on."""
        first -= first - 1 > start and self._low(first - 1) in words.DETERMINERS
        before = {self._low(at - 1) for at in (first, name) if at > start}
        if before & words.PREPOSITIONS - words.DETERMINERS - {"and"}:
            return True
        return bool(before & {"and", "&"}) and name - 2 >= start and self._ends_name(name - 2)

    def _agent_behind(self, n: int) -> Speaker:
        """Return who did it, after a passive: `was told by Lena Fox`."""
        for at in range(n + 1, min(n + 9, len(self.tokens))):
            if self.tokens[at].low in ("by", "von", "par", "por", "da", "av", "door"):
                subject = self.read_subject(at + 1)
                if subject:
                    return subject
        return Speaker("role", "", self.tokens[n].start, self.tokens[n].end)

    def _subject_behind(self, n: int, start: int, end: int) -> Speaker | None:
        """Return the subject after a verb that starts its sentence: `Dijo Elena Ruiz:`."""
        low = strip_elision(self.tokens[n].low)
        if low not in words.NOT_LISTENER_VERBS:
            return None
        subject = self.read_subject(n + 1)
        return subject if subject and subject.end <= self.tokens[end - 1].end else None

    def _main_subject(self, start: int, verb: int) -> Speaker | None:
        """Return the subject of the sentence: of an earlier verb of speech, or the name that it starts with."""
        for n in range(verb - 1, start, -1):
            if self._is_verb(n, start) and not self.tokens[n].low.endswith("ing"):
                found = self._subject_before(n, start)
                if found:
                    return found
        found = self.read_subject(start)
        # A sentence may start with any word: one capital is no name yet.
        return found if found and (found.kind == "pronoun" or " " in found.name) else None

    def _read_introduction(self, start: int, end: int) -> Speaker | None:
        """Return the name that starts a sentence which a colon ends, if no other name stands in it."""
        if self._low(start) in words.PRONOUNS and self._low(start) not in words.DETERMINERS:
            return Speaker("pronoun", self._low(start), self.tokens[start].start, self.tokens[start].end)
        if not self._is_name_start(start):
            return None
        name_end = self._name_end(start)
        last = self.tokens[name_end - 1]
        if _POSSESSIVE.search(last.text) and "'" in last.low:
            if self._low(end - 1) not in words.ANSWER_NOUNS or end - name_end > 3:
                return Speaker("role", "", last.start, last.end)
            return Speaker(
                "name", _POSSESSIVE.sub("", self._name_text(start, name_end)), self.tokens[start].start, last.end
            )
        if name_end >= end:
            return Speaker("name", self._name_text(start, name_end), self.tokens[start].start, last.end)
        if any(self._is_name_start(n) for n in range(name_end, end)) and self._low(name_end) != ",":
            return None
        if name_end - start < 2:  # perhaps any word: sentences start with a capital
            return None
        return Speaker("name", self._name_text(start, name_end), self.tokens[start].start, last.end)

    def _sentence_start(self, end: int) -> int:
        for n in range(end - 1, 0, -1):
            if self.tokens[n].text in SENTENCE_ENDS and not self._is_abbreviation(n - 1):
                return self._skip_conjunctions(n + 1)
        return self._skip_conjunctions(0)

    def _skip_conjunctions(self, at: int) -> int:
        while at < len(self.tokens) - 1 and (not self.tokens[at].is_word or self.tokens[at].low in words.CONJUNCTIONS):
            at += 1
        return at
