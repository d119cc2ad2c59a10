"""Lead a pronoun to the name before it, or to nobody if it may stand for two people."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import words
from .marks import MarkedText

_CAPITAL = r"[^\W\d_a-zß-ÿ]"
_NAME = (
    rf"(?:(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov)\. )?{_CAPITAL}[\w'’-]+"
    rf"(?: (?:{_CAPITAL}[\w'’-]+|{_CAPITAL}\.|de|van|von|der)){{1,4}}"
)
_ROLE = r"(?:(?:La|Le|El|Il|Lo) [a-zß-ÿ-]{3,}|L['’][a-zß-ÿ-]{3,}) "
_SENTENCE_SUBJECT = re.compile(rf"(?:^|[.!?]\s+)(?:{_ROLE})?(?P<name>{_NAME})")
_ANY_NAME = re.compile(rf"(?<!\w){_NAME}")
_FEMALE_TITLES = ("Mrs.", "Ms.", "Miss", "Mme", "Frau", "Señora", "Signora")
_MALE_TITLES = ("Mr.", "Herr", "Señor", "Signor")
_MAX_PARAGRAPHS_BACK = 2
_MAX_MENTION_CHARS = 2_000


class PronounReader:
    """Remembers who spoke and who was named in the paragraphs so far."""

    def __init__(self) -> None:
        self._paragraph = 0
        self._speaker = ""
        self._spoke_at = -_MAX_PARAGRAPHS_BACK
        self._mentioned: list[tuple[int, str]] = []
        self._speakers_here: set[str] = set()
        self._genders: dict[str, str] = {}

    def start_paragraph(self) -> None:
        """Count one more paragraph."""
        self._paragraph += 1
        self._speakers_here = set()

    def note_speaker(self, name: str) -> None:
        """Remember that *name* spoke; an empty name is nobody."""
        if name:
            self._speaker, self._spoke_at = name, self._paragraph
            self._speakers_here.add(name)
        elif self._spoke_at < self._paragraph:
            self._speaker = ""

    def end_paragraph(self, text: str, pieces: Sequence[MarkedText]) -> None:
        """Remember whom the article's own words of a paragraph name first in a sentence."""
        end = pieces[-1].end if pieces else 0
        self._mentioned = [
            (self._paragraph, name) for name in find_sentence_subjects(text[end : end + _MAX_MENTION_CHARS])
        ]
        if not pieces and not self._mentioned and self._spoke_at < self._paragraph - 1:
            self._speaker = ""

    def resolve(self, pronoun: str, before: str) -> str:
        """Return the name that *pronoun* stands for, or "" if that is not certain; *before* is the text before it."""
        names = {name for at, name in self._mentioned if at >= self._paragraph - 1}
        names |= {*find_sentence_subjects(before), *self._speakers_here}
        if self._speaker and self._spoke_at >= self._paragraph - 1:
            names.add(self._speaker)
        gender = _gender_of(pronoun)
        if not gender:
            return ""
        fitting = [
            name for name in names if self._genders.get(_last_word(name), _gender_of_title(name)) in ("", gender)
        ]
        if not fitting or len({_last_word(name) for name in fitting}) > 1:
            return ""
        last = _last_word(fitting[0])
        mentions = {_last_word(match[0]) for match in _ANY_NAME.finditer(before[-_MAX_MENTION_CHARS:])}
        if mentions and last not in mentions and self._spoke_at < self._paragraph:
            return ""  # somebody else is named since
        name = min(fitting, key=len) if self._speaker not in fitting else self._speaker
        self._genders[_last_word(name)] = gender
        return name


def find_sentence_subjects(text: str) -> list[str]:
    """Return the names of several words with which sentences of *text* start."""
    names = (match["name"] for match in _SENTENCE_SUBJECT.finditer(text[-_MAX_MENTION_CHARS:]))
    return [name for name in names if name.split()[0].lower() not in words.NO_NAMES]


def _last_word(name: str) -> str:
    return name.split()[-1].lower()


def _gender_of(pronoun: str) -> str:
    if pronoun in words.FEMALE_PRONOUNS:
        return "female"
    return "male" if pronoun in words.MALE_PRONOUNS else ""


def _gender_of_title(name: str) -> str:
    if name.startswith(_FEMALE_TITLES):
        return "female"
    return "male" if name.startswith(_MALE_TITLES) else ""
