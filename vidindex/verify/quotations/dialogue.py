"""Find speech that no quotation marks enclose: transcripts, dialogue after dashes, and interrupted speech."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from . import words
from .attribution import find_signature, find_speaker_after
from .names import Speaker

_TRANSCRIPT_LINE = re.compile(
    r"^(?:[>»]{1,2} ?)?(?:\[[\d:.]+\] ?|\(?\d{1,2}:\d\d(?::\d\d)?\)? ?)?"
    r"(?P<who>[^\W\d_a-zß-ÿ][^\s:：]*(?: [^\s:：]+){0,7}?)(?: ?\([^()\d]{1,60}\))?\s?[:：]\s*(?P<text>\S.*)$"
)
_QUESTION_LINE = re.compile(r"^(?P<who>Q|A|Question|Answer|F|R|P)\s?[:.]\s+(?P<text>\S.*)$")
_CAPITAL_WORD = re.compile(r"^[^\W\d_a-zß-ÿ][\w.'’-]*$")
_DIALOGUE_DASH = re.compile(r"^[—–―]\s?(?=[^\W_]|[¿¡«“\"…])")
_INTERRUPTION = re.compile(r"[,?!…](?=\s)|\s?[—–―](?=\s?\w)|\.(?=\s?[—–―]\s?\w)")
_LEADING_MARKS = re.compile(r"^[\s—–―,.;:]+")
_SENTENCE_END = re.compile(r"[.?!…。！？][\"”’»)]?$")
_ATTRIBUTION_END = re.compile(
    r"^(?:, (?:[^\W\d_A-Z]+ ){1,3}(?:de|du|des|del|della|dei|di|do|da|of|von|van|z|av)\s[^,.;:?!]{2,40}(?=,))?"
    r"[^,.;:—–―?!]{0,60}(?:[,.;:—–―?!]|$)"
)
_MIN_TRANSCRIPT_LINES = 2
_MAX_INTERRUPTIONS = 12
_MAX_ATTRIBUTION_CHARS = 160
_MAX_SPEAKER_WORDS = 5
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class SpokenText:
    """What was said in *parts*, and who said it."""

    parts: tuple[str, ...]
    speaker: Speaker | None


def find_transcript_names(paragraphs: Iterable[str]) -> frozenset[str]:
    """Return the names before colons if *paragraphs* contain the lines of a transcript, otherwise none.

    A list of terms has colons too: of a transcript, several lines follow each other that ask, that are in capitals, or
    whose names return.
    """
    lines = [split_transcript_line(paragraph) for paragraph in paragraphs]
    counts = Counter(line[0] for line in lines if line)
    names: set[str] = set()
    for is_line, group in groupby(lines, key=lambda line: line is not None):
        run = [line for line in group if line is not None]
        if is_line and len(run) >= _MIN_TRANSCRIPT_LINES and _is_conversation(run, counts):
            names.update(name for name, _ in run)
    return frozenset(names)


def _is_conversation(run: list[tuple[str, str]], counts: Counter[str]) -> bool:
    names = {name for name, _ in run}
    ended = sum(bool(_SENTENCE_END.search(text)) for _, text in run)
    if len(names) < _MIN_TRANSCRIPT_LINES or 2 * ended < len(run):
        return False
    return (
        any(text.rstrip('”"’») ').endswith(("?", "？")) for _, text in run)
        or all(name.isupper() for name in names)
        or sum(counts[name] > 1 for name in names) >= _MIN_TRANSCRIPT_LINES
    )


def split_transcript_line(paragraph: str) -> tuple[str, str] | None:
    """Return the name and the words of a line such as `LENO: Did you ever?`, or None if it is none."""
    head = paragraph[:200]
    if match := _QUESTION_LINE.match(head):
        return match["who"], paragraph[match.start("text") :].strip()
    match = _TRANSCRIPT_LINE.match(head)
    if match is None or not _is_speaker_name(match["who"]):
        return None
    text = paragraph[match.start("text") :].strip()
    return (match["who"].partition(",")[0].strip(), text) if _LETTERS.search(text) else None


def is_question_label(name: str) -> bool:
    """Return whether *name* stands for whoever asks or answers."""
    return _QUESTION_LINE.match(f"{name}: x") is not None


def _is_speaker_name(name: str) -> bool:
    tokens = name.partition(",")[0].split()
    if not tokens or len(tokens) > _MAX_SPEAKER_WORDS or tokens[0].lower() in words.NO_NAMES:
        return False
    return all(_CAPITAL_WORD.match(token) or token.lower() in words.PARTICLES for token in tokens)


def read_dialogue(paragraph: str) -> SpokenText | None:
    """Return what is said after the dash that starts *paragraph*, or None if it starts with none."""
    match = _DIALOGUE_DASH.match(paragraph)
    if match is None or find_signature(paragraph[:120]):
        return None
    return split_interruptions(paragraph[match.end() :])


def is_dialogue(spoken: SpokenText, beside: SpokenText | None) -> bool:
    """Return whether a line after a dash is dialogue, rather than an item of a list; *beside* is a line next to it."""
    if spoken.speaker is not None:
        return True
    return beside is not None and bool(_SENTENCE_END.search(spoken.parts[-1]))


def split_interruptions(text: str, *, verb_first: bool = True) -> SpokenText:
    """Return the spoken parts of *text*, without the words of the article that interrupt or end it."""
    parts: list[str] = []
    speaker: Speaker | None = None
    start = 0
    for count, match in enumerate(_INTERRUPTION.finditer(text)):
        if count > _MAX_INTERRUPTIONS:
            break
        if match.start() < start:
            continue
        behind = text[match.end() : match.end() + _MAX_ATTRIBUTION_CHARS]
        found = find_speaker_after(behind, verb_first=verb_first)
        if found is None or behind[: found.start].strip(" —–―"):
            continue
        if (said := text[start : match.end()].strip(" —–―")) and _LETTERS.search(said):
            parts.append(said)
        speaker = speaker or found
        rest = _ATTRIBUTION_END.match(behind[found.end :])
        start = match.end() + found.end + (rest.end() if rest else 0)
    if rest_text := _LEADING_MARKS.sub("", text[start:]):
        parts.append(rest_text.strip())
    return SpokenText(tuple(parts) or (text,), speaker)
