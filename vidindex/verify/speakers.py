"""Compares the name of a claim with the name that captions give a speaker."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from .languages.word_table import word_set
from .likeness import likeness
from .verdicts import SpeakerCheck

_SAME_NAME = 0.72
"""Likeness from which two names are one, in another spelling."""

_WORD_PATTERN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*", re.UNICODE)
_MAX_NAME_CHARS = 200
_TITLES = word_set(
    "mr mrs ms miss mx dr prof professor sir dame lord lady madam sen senator rep representative congressman "
    "congresswoman gov governor president vice pres minister chancellor secretary judge justice general gen colonel "
    "col captain capt sgt sergeant lt lieutenant admiral king queen prince princess pope bishop rabbi imam father "
    "sister brother reverend rev chief executive officer ceo cfo coo cto chairman chairwoman chairman chair head "
    "director manager founder cofounder analyst coach mayor ambassador commissioner spokesman spokeswoman "
    "spokesperson financial operating technology marketing evp svp vp senior junior jr sr ii iii iv phd md esq herr "
    "frau dottore doctor monsieur madame m mme mlle senor senora don dona the of and a an der die das le la el de "
    "former acting deputy co dem rep d r"
)
_PRONOUNS = word_set(
    "he she they i we it you him her them er sie ihr ich wir il elle ils elles je nous ella ellos el yo nosotros who "
    "someone somebody anyone people one"
)
_ROLES = word_set(
    "host interviewer moderator narrator operator speaker unknown male female man woman voice voiceover announcer "
    "audience member guest reporter journalist anchor presenter interviewee participant caller crowd all both "
    "anonymous unidentified unidentifiable spk person sprecher moderatorin locutor presentateur animateur"
)
_ROLE_GROUPS = (
    frozenset(("host", "anchor", "presenter", "moderator", "interviewer", "animateur", "locutor", "sprecher")),
    frozenset(("narrator", "voiceover", "announcer")),
    frozenset(("operator",)),
)
_NICKNAMES = {
    name: group[0]
    for group in (
        ("robert", "bob", "rob", "bobby"), ("william", "bill", "will", "billy"), ("richard", "dick", "rick", "rich"),
        ("james", "jim", "jimmy"), ("john", "jack", "johnny", "jon"), ("michael", "mike", "mick"),
        ("thomas", "tom", "tommy"), ("joseph", "joe", "joey"), ("charles", "charlie", "chuck"),
        ("edward", "ed", "eddie", "ted"), ("david", "dave"), ("daniel", "dan", "danny"), ("steven", "steve", "stephen"),
        ("anthony", "tony"), ("elizabeth", "liz", "beth", "betty"), ("katherine", "kate", "kathy", "cathy", "katie"),
        ("margaret", "maggie", "peggy", "meg"), ("christopher", "chris"), ("matthew", "matt"),
        ("andrew", "andy", "drew"),
        ("samuel", "sam"), ("benjamin", "ben"), ("alexander", "alex"), ("nicholas", "nick"), ("gregory", "greg"),
        ("jeffrey", "jeff"), ("kenneth", "ken"), ("ronald", "ron"), ("donald", "don"), ("timothy", "tim"),
        ("susan", "sue", "suzanne"), ("patricia", "pat", "patty"), ("jennifer", "jen", "jenny"), ("deborah", "deb"),
        ("philip", "phil"), ("douglas", "doug"), ("frederick", "fred"), ("lawrence", "larry"), ("raymond", "ray"),
    )
    for name in group
}  # fmt: skip


def check_speaker(who: str, speaker: str) -> SpeakerCheck:
    """Return whether *speaker*, as captions name who speaks, is *who*, as an article names them."""
    claimed, heard = _name_words(who), _name_words(speaker)
    roles = _check_roles(who, speaker)
    if roles is not None:
        return roles
    if not claimed or not heard or _scripts(claimed) != _scripts(heard):
        return "unknown"
    return "confirmed" if _is_same_name(claimed, heard) else "contradicted"


def _check_roles(who: str, speaker: str) -> SpeakerCheck | None:
    """Return whether two roles are the same; None unless one of the names is a role."""
    claimed, heard = _roles(who), _roles(speaker)
    if not claimed and not heard:
        return None
    same = any(claimed & group and heard & group for group in _ROLE_GROUPS)
    return "confirmed" if same else "unknown"


def _roles(name: str) -> frozenset[str]:
    words = _words(name)
    return (
        frozenset(words) & _ROLES
        if words and all(word in _ROLES | _TITLES or len(word) == 1 for word in words)
        else frozenset()
    )


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name[:_MAX_NAME_CHARS]).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return [word.replace("'", "").replace("’", "") for word in _WORD_PATTERN.findall(plain)]


def _name_words(name: str) -> list[str]:
    """Return the words of a name without titles, roles and what follows a comma or stands in brackets."""
    before = re.split(r"[,(\[/–—|]", name[:_MAX_NAME_CHARS])[0]
    words = _words(before) or _words(name)
    kept = [word for word in words if word not in _TITLES or len(word) == 1]
    kept = [word for at, word in enumerate(kept) if len(word) > 1 or (len(kept) > 1 and at)]
    return [] if any(word in _PRONOUNS for word in kept) else kept


def _scripts(words: Sequence[str]) -> frozenset[str]:
    return frozenset(unicodedata.name(word[0], "?").split(" ")[0] for word in words)


def _is_same_name(claimed: Sequence[str], heard: Sequence[str]) -> bool:
    """Return whether two names may be those of one person: equal surnames, and first names that do not differ."""
    shorter, longer = (claimed, heard) if len(claimed) <= len(heard) else (heard, claimed)
    if len(shorter) == 1:
        return any(_is_same_word(shorter[0], word) for word in longer) or _is_same_joined(shorter, longer)
    first = _is_same_word(shorter[0], longer[0]) or _is_initial(shorter[0], longer[0])
    last = _is_same_word(shorter[-1], longer[-1]) or _is_initial(shorter[-1], longer[-1])
    return (first and last) or _is_same_joined(shorter, longer) or (not first and _are_all_in(shorter, longer))


def _is_same_joined(left: Sequence[str], right: Sequence[str]) -> bool:
    return likeness("".join(left), "".join(right)) >= _SAME_NAME + 0.08


def _are_all_in(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Return whether all words are in the other name, in any order, as in `Orbán Viktor`."""
    return all(any(_is_same_word(word, other) for other in longer) for word in shorter)


def _is_same_word(left: str, right: str) -> bool:
    if left == right or _NICKNAMES.get(left, left) == _NICKNAMES.get(right, right):
        return True
    return min(len(left), len(right)) > 2 and likeness(left, right) >= _SAME_NAME


def _is_initial(left: str, right: str) -> bool:
    return (len(left) == 1 or len(right) == 1) and left[:1] == right[:1]
