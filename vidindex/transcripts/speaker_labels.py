"""Labels of speakers: the names before a colon, as Zoom, Teams, Otter and broadcasters write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .casing import is_all_caps

# The lengths are bounded, so that matching is linear for any text.
_LABEL = re.compile(
    r"(?P<mark>>{2,3} ?|[-–—‐] ?)?(?P<label>[^\s:：<>?!;\"“”♪][^:：<>?!;\"“”…♪]{0,59}?)"
    r" ?[:：](?=(?P<glued>[^\W\d_])|\s|$)"
)
_SHORT_LABEL = re.compile(r"[\w.'’&#-]{1,31}(?: [\w.'’&#-]{1,30}){0,3}")
_PRONOUNS = re.compile(r"\b(?:he|she|they|him|her|them|ze|xe|any|il|elle|iel|él|ella|er|sie)\s?/\s?\w", re.IGNORECASE)
_GROUP = re.compile(r"[(\[（【][^()\[\]（）【】]*[)\]）】]")
_ROLE_IN_GROUP = re.compile(r"[(\[](?:co-?)?(?:host|guest|organi[sz]er|presenter|external|moderator)\b", re.IGNORECASE)
_PHONE_NUMBER = re.compile(r"\+?[(\d][\d ().\-*x]{5,}[\d*]")
_NUMBERED_SPEAKER = re.compile(
    r"(?:unknown |unidentified )?(?:speaker|participant|interviewer|interviewee|spk)[ _#-]?\w{0,2}", re.IGNORECASE
)
_TITLE = re.compile(r"(?:Dr|Prof|Mr|Mrs|Ms|Sen|Rep|Gov|Rev|Sgt|Capt|Lt|Gen|Hr|Fr|Sr|Sra)\. [^\W\d_]")
_DEVICE = re.compile("i(?:Phone|Pad|Mac)|phone$")
_SENTENCE_END = re.compile(r"\w{5}[.,]? (?:and|but|so)\b|\w{5}\. ")
_PARTICLES = frozenset({
    "de", "la", "le", "du", "des", "del", "della", "di", "da", "dos", "das", "do", "van", "von", "der", "den",
    "ter", "zu", "bin", "ibn", "al", "el", "y", "e", "of", "and", "und", "et", "&", "@", "-", "–", "|",
    "/",
})  # fmt: skip
_FUNCTION_WORDS = frozenset({
    "a", "an", "the", "and", "or", "but", "so", "if", "as", "at", "by", "for", "from", "in", "into", "of",
    "on", "to", "with", "i", "you", "he", "she", "it", "we", "they", "me", "him", "her", "us", "them", "my",
    "your", "his", "its", "our", "their", "this", "that", "these", "those", "there", "here", "what", "who",
    "which", "when", "where", "why", "how", "is", "are", "was", "were", "be", "been", "am", "do", "does",
    "did", "not", "no", "yes", "one", "two", "then", "now", "like", "just", "well", "okay", "ok", "said",
    "says", "say", "asked", "question", "answer", "le", "la", "les", "un", "une", "des", "et", "ou", "mais",
    "que", "qui", "il", "elle", "je", "tu", "nous", "vous", "ce", "dit", "der", "die", "das", "ein", "und",
    "oder", "aber", "ich", "sie", "er", "wir", "el", "los", "las", "y", "o", "pero", "yo", "lo", "se", "è",
    "e", "che",
})  # fmt: skip
_FUNCTION_WORDS -= _PARTICLES
_NO_NAMES = frozenset({
    "note", "notes", "nb", "n.b.", "remember", "warning", "caution", "danger", "tip", "tips", "hint",
    "example", "examples", "reminder", "important", "update", "summary", "conclusion", "fact", "facts",
    "result", "results", "spoiler", "disclaimer", "translation", "source", "sources", "lyrics", "subtitles",
    "title", "ps", "p.s.", "ingredients", "step", "chapter", "part", "section", "lesson", "rule", "number",
    "today", "tomorrow", "yesterday", "first", "second", "third", "finally", "again", "also", "next",
    "time", "date", "score", "price", "total", "topic", "subject", "location", "address", "phone", "email",
    "website", "definition", "headline", "breaking", "verdict", "attention", "achtung", "hinweis", "remarque",
    "nota", "ojo", "aviso",
})  # fmt: skip
_MAX_NAME_WORDS = 5
_MAX_LABEL_LINE = 120
_LABELED_SHARE = 0.5  # of texts with a label, in a track that labels its speakers


class Label(NamedTuple):
    """A possible label of a speaker: its name, the text up to its colon, and what is before and after it.

    A marked one stands after `>>` or a dash, and the next word touches a glued one.
    """

    name: str
    text: str
    is_marked: bool
    is_glued: bool


@dataclass(frozen=True, slots=True)
class SpeakerLabels:
    """The labels that name the speakers of a track, and whether its captions are all capitals."""

    names: frozenset[str] = frozenset()
    all_caps: bool = False


def match_label(line: str) -> Label | None:
    """Return what may be a label at the start of *line*."""
    match = _LABEL.match(line)
    if match is None:
        return None
    label = match["label"]
    name = label[1:-1].strip() if _GROUP.fullmatch(label) else label
    is_glued = match["glued"] is not None
    if not name:
        return None
    # Chinese and Japanese write no space after a wide colon.
    if is_glued and match[0][-1] == ":" and not (name[0].isupper() and name[1:2].isalpha()):
        return None
    return Label(name, match[0], bool(match["mark"]), is_glued)


def is_short_label(name: str) -> bool:
    """Check whether *name* has a few words without the signs that only some labels have."""
    return _SHORT_LABEL.fullmatch(name) is not None and name.split()[0].casefold() not in _FUNCTION_WORDS


def choose_labels(texts: Sequence[str]) -> SpeakerLabels:
    """Choose the labels in *texts* that are names of speakers, unlike `Note:` or `I said:`."""
    counts: Counter[str] = Counter()
    starts: Counter[str] = Counter()
    glued: set[str] = set()
    for line, starts_text in _iter_lines(texts):
        if label := match_label(" ".join(line[:_MAX_LABEL_LINE].split())):
            counts[label.name] += 1
            starts[label.name] += starts_text
            if label.is_glued:
                glued.add(label.name)
    if not counts:
        return SpeakerLabels()
    all_caps = is_all_caps(texts)
    text_count = sum([text != "" for text in texts])
    possible = {name: count for name, count in counts.items() if _is_possible(name)}
    starting = sum([starts[name] for name in possible])
    certain = {name for name, count in possible.items() if _is_certain(name, count, all_caps=all_caps)}
    if not all_caps and sum([possible[name] for name in certain if possible[name] > 1]) > 2:
        certain |= {name for name in possible if " " in name and _is_name(name) and not _has_function_word(name)}
    if text_count > 2 and starting >= _LABELED_SHARE * text_count and len(possible) <= max(4, 0.75 * starting):
        certain |= {name for name, count in possible.items() if count > 1 or not _has_function_word(name)}
    elif starting >= 0.15 * text_count:
        certain |= {name for name, count in possible.items() if count > 2}
    certain -= {name for name in glued if counts[name] == 1 and (all_caps or not name.isupper())}
    return SpeakerLabels(frozenset(certain), all_caps)


def _iter_lines(texts: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield the lines that have a colon, and whether each starts its text."""
    for text in texts:
        if ":" in text or "：" in text:
            for at, line in enumerate(text.split("\n")):
                if ":" in line or "：" in line:
                    yield line, not at


def _is_possible(name: str) -> bool:
    """Check whether *name* may be a name, and not the start of a remark or a part of a sentence."""
    words = _GROUP.sub(" ", name).split() or name.split()
    first = words[0].casefold().strip(".,")
    if first in _NO_NAMES or _SENTENCE_END.search(name) or len(words) > _MAX_NAME_WORDS + 3:
        return False
    if _is_name(name) or _PHONE_NUMBER.fullmatch(name):
        return True
    return len(words) < _MAX_NAME_WORDS and not _has_function_word(name)


def _has_function_word(name: str) -> bool:
    words = {word.casefold().strip(".,") for word in name.split()}
    return not words.isdisjoint(_FUNCTION_WORDS)


def _is_certain(name: str, count: int, *, all_caps: bool) -> bool:
    """Check whether *name* is a label by itself, or because it comes again."""
    if _PHONE_NUMBER.fullmatch(name) or _NUMBERED_SPEAKER.fullmatch(name):
        return True
    if not _is_name(name):
        return False
    if _TITLE.match(name) or _PRONOUNS.search(name) or _ROLE_IN_GROUP.search(name) or " | " in name or count > 1:
        return True
    plain = _GROUP.sub("", name)
    return plain.isupper() != all_caps and len(plain) > 1 and plain[0].isupper()


def _is_name(name: str) -> bool:
    """Check whether the words of *name* begin as those of a name do."""
    words = _GROUP.sub(" ", name).partition(" | ")[0].split()
    if not 0 < len(words) <= _MAX_NAME_WORDS or not (words[0][0].isupper() or words[0][0].isdigit()):
        return False
    if not any(map(str.isalpha, name)):
        return False
    return all(not word[0].islower() or word in _PARTICLES or _DEVICE.search(word) for word in words)
