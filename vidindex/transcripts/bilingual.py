"""Captions in two languages: the lines of each language put together, so that sentences run across cues."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import sub
from typing import NamedTuple

from ..model import Cue
from .plain_cues import has_timed_words, start_column, text_column

_SCRIPTS = {
    "kana": "\u3041-\u30ff\uff66-\uff9f",
    "hangul": "\u1100-\u11ff\uac00-\ud7af",
    "han": "\u3400-\u9fff\uf900-\ufaff",
    "cyrillic": "\u0400-\u052f",
    "greek": "\u0370-\u03ff",
    "hebrew": "\u0590-\u05ff",
    "arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    "devanagari": "\u0900-\u097f",
    "bengali": "\u0980-\u09ff",
    "tamil": "\u0b80-\u0bff",
    "telugu": "\u0c00-\u0c7f",
    "thai": "\u0e00-\u0e7f",
    "georgian": "\u10a0-\u10ff",
    "armenian": "\u0530-\u058f",
    "latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
}
_SCRIPT_PATTERN = re.compile("|".join(f"(?P<{name}>[{chars}])" for name, chars in _SCRIPTS.items()))
_LATIN_LETTER = re.compile(f"[{_SCRIPTS['latin']}]")
_LETTERS_PER_CHAR = {"han": 3, "hangul": 3, "kana": 3}
_FUNCTION_WORDS = {
    "en": "the and of to that we you is it was for they with this have i so had what",
    "fr": "le les et des que nous vous est dans pas une du pour ce je il qui avait",
    "es": "el los las y que en una es no por lo con se yo del nos para tan",
    "de": "der die das und nicht wir ihr ist ein eine zu den mit ich es auf dass so",
    "it": "il che di e non una per sono è noi la gli ci del mi così",
    "pt": "o os as e que não um uma para com nós do da em se tão",
    "nl": "de het een en van niet wij dat is ik we op te zo",
    "pl": "nie się i w na że to jest z my do jak tak",
    "tr": "bir ve bu da de için biz ne çok o ki gibi",
    "vi": "là và của chúng không có một tôi những cho đã này",
    "id": "yang dan di itu kami tidak akan ini untuk dengan ke begitu",
    "sv": "och det att vi inte är en som på jag den för så",
}
_LANGUAGE_WORDS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_MIN_FUNCTION_WORDS = 3
_MIN_SHARE = 0.6  # of the units of a track that must be in both languages
_MIN_TWO_LINE_SHARE = 0.9
_MIN_UNITS = 3
_SAME_TIME_MS = 40
_SAMPLE = 400
_MAX_CHARS = 20_000
_MIN_GROUP_MS = 10_000  # a group ends with the first sentence after this time,
_MAX_GROUP_MS = 30_000  # or here: the words of the second language come late by its length at most
_MAX_PAUSE_MS = 5000
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")


class _Unit(NamedTuple):
    """The lines that show at a time."""

    start_ms: int
    end_ms: int
    lines: list[str]
    speaker: str


def group_languages(cues: Sequence[Cue]) -> Sequence[Cue]:
    """Return *cues* with the lines of each language together for some seconds if the track is in two languages.

    Lines of the first language keep their times; those of the second follow them.
    """
    if not _may_be_bilingual(cues[:_SAMPLE]):
        return cues
    sample = list(_iter_units(cues[:_SAMPLE]))
    if len(sample) < _MIN_UNITS or has_timed_words(cues[:_SAMPLE]):
        return cues
    is_second = _find_second_script(sample) or _find_second_language(sample)
    if is_second is None:
        return cues
    grouped: list[Cue] = []
    for group in _iter_groups(cues):
        grouped += _arrange(group, is_second)
    return grouped


def _may_be_bilingual(cues: Sequence[Cue]) -> bool:
    """Check quickly for letters of two scripts, for two lines in most cues, and for cues that are shown together."""
    texts = text_column(cues)
    text = "\n".join(texts)
    if text.count("\n") + 1 - len(cues) >= _MIN_TWO_LINE_SHARE * len(cues):
        return True
    starts = start_column(cues)
    if min(map(sub, islice(starts, 1, None), starts), default=_SAME_TIME_MS + 1) <= _SAME_TIME_MS:
        return True
    if text.isascii():
        return False
    scripts = {_script_of_char[char] for char in set(text)} - {""}
    if len(scripts) == 2 and "latin" in scripts:  # most often single words
        return sum([_LATIN_LETTER.search(each) is not None for each in texts]) >= _MIN_SHARE * len(cues)
    return len(scripts) > 1


def _iter_units(cues: Sequence[Cue]) -> Iterator[_Unit]:
    unit: _Unit | None = None
    for cue in cues:
        lines = cue.text.split("\n") if cue.text else []
        if unit and cue.start_ms - unit.start_ms <= _SAME_TIME_MS and abs(cue.end_ms - unit.end_ms) <= _SAME_TIME_MS:
            unit.lines.extend(lines)
            continue
        if unit:
            yield unit
        unit = _Unit(cue.start_ms, cue.end_ms, lines, cue.speaker)
    if unit:
        yield unit


class _ScriptTable(dict[str, str]):
    """The script of each character, empty for those that are no letters; it is cleared when it is full."""

    def __missing__(self, char: str) -> str:
        match = _SCRIPT_PATTERN.match(char)
        script = (match and match.lastgroup) or ""
        if len(self) >= _MAX_CHARS:
            self.clear()
        self[char] = script
        return script


_script_of_char = _ScriptTable()


def _script_of(line: str) -> str:
    """Return the script of most letters of *line*; those of some scripts count as several."""
    counts = Counter(map(_script_of_char.__getitem__, line))
    counts.pop("", None)
    for script, weight in _LETTERS_PER_CHAR.items():
        if script in counts:
            counts[script] *= weight
    if counts["kana"]:
        counts["kana"] += counts.pop("han", 0)
    return max(counts, key=counts.__getitem__, default="")


def _find_second_script(sample: Sequence[_Unit]) -> Callable[[_Unit, int], bool] | None:
    """Return what tells whether a line of a unit is in the second language, if the two have different scripts."""
    if all(line.isascii() for unit in sample for line in unit.lines):
        return None
    pairs: Counter[tuple[str, ...]] = Counter()
    least = max(_MIN_UNITS, _MIN_SHARE * len(sample))
    for at, unit in enumerate(sample):
        if at > len(sample) - least and pairs.total() + len(sample) - at < least:
            return None
        scripts = list(dict.fromkeys(script for line in unit.lines if (script := _script_of(line))))
        if len(scripts) == 2:
            pairs[tuple(scripts)] += 1
    for (first, second), count in pairs.most_common(1):
        if count + pairs[second, first] >= least:
            return lambda unit, at: _script_of(unit.lines[at]) == second
    return None


def _find_second_language(sample: Sequence[_Unit]) -> Callable[[_Unit, int], bool] | None:
    """Return what tells whether a line of a unit is in the second language, if each has one line of two."""
    pairs = [unit.lines for unit in sample if len(unit.lines) == 2]
    if len(pairs) < _MIN_UNITS or len(pairs) < _MIN_TWO_LINE_SHARE * len(sample):
        return None
    first, second = (_count_function_words(lines[at] for lines in pairs) for at in (0, 1))
    one, other = (max(counts, key=counts.__getitem__) for counts in (first, second))
    if one == other or first[one] < _MIN_FUNCTION_WORDS or second[other] < _MIN_FUNCTION_WORDS:
        return None
    if first[one] <= 2 * first[other] or second[other] <= 2 * second[one]:
        return None
    return lambda unit, at: len(unit.lines) == 2 and at == 1


def _count_function_words(lines: Iterator[str]) -> dict[str, int]:
    words = Counter(word for line in lines for word in re.findall(r"[^\W\d_]+", line.lower()))
    return {language: sum([words[word] for word in known]) for language, known in _LANGUAGE_WORDS.items()}


def _iter_groups(cues: Sequence[Cue]) -> Iterator[list[_Unit]]:
    """Yield the units of some seconds: up to the end of a sentence or a pause if there is one."""
    group: list[_Unit] = []
    for unit in _iter_units(cues):
        if group and (
            unit.end_ms - group[0].start_ms > _MAX_GROUP_MS
            or unit.start_ms - group[-1].end_ms > _MAX_PAUSE_MS
            or (unit.start_ms - group[0].start_ms >= _MIN_GROUP_MS and _ends_sentence(group[-1]))
        ):
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


def _ends_sentence(unit: _Unit) -> bool:
    return any(line.rstrip("\"'”’)」』").endswith(_SENTENCE_ENDS) for line in unit.lines)


def _arrange(group: Sequence[_Unit], is_second: Callable[[_Unit, int], bool]) -> Iterator[Cue]:
    """Yield the lines of the first language of *group*, then those of the second in the time that is left."""
    seconds: list[tuple[str, str]] = []
    last_ms = group[0].start_ms
    for unit in group:
        flags = [is_second(unit, at) for at in range(len(unit.lines))]
        first = [line for line, flag in zip(unit.lines, flags, strict=True) if not flag]
        second = [line for line, flag in zip(unit.lines, flags, strict=True) if flag]
        if first:
            last_ms = unit.start_ms
            yield Cue(unit.start_ms, unit.end_ms, "\n".join(first), unit.speaker)
        if second:
            seconds.append(("\n".join(second), unit.speaker))
    for text, speaker in seconds:
        yield Cue(last_ms, group[-1].end_ms, text, speaker)
