"""SAMI, the caption format of Windows Media."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ...model import Cue
from ..limits import MAX_CUES, CueBudget, check_count, check_cue_size, collect_cues, count_up_to
from ..timecode import MAX_TIME_MS
from .cue_text import make_cue
from .parse_result import ParseWarnings

_SYNC_TAG = re.compile(r"<sync\b", re.IGNORECASE)
_START_ATTRIBUTE = re.compile(r"""[^<>]{0,200}?start\s{0,20}=\s{0,20}["']?\s{0,20}(-?\d{1,12})""", re.IGNORECASE)
_PARAGRAPH_TAG = re.compile(r"<p\b([^<>]*)>", re.IGNORECASE)
_CLASS_ATTRIBUTE = re.compile(r"""class\s{0,20}=\s{0,20}["']?([\w-]{1,40})""", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_LAST_CUE_MS = 10_000


class _SamiText(NamedTuple):
    start_ms: int
    language_class: str
    raw: str


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the language with the most texts; a text lasts until the next one, which may be blank."""
    texts = _collect_texts(text, warnings)
    if not texts:
        return []
    own = _select_language(texts)
    if len(own) < len(texts):
        warnings["text in another language of the file left out"] += len(texts) - len(own)
    own.sort(key=lambda part: part.start_ms)
    ends = [part.start_ms for part in own[1:]] + [own[-1].start_ms + _LAST_CUE_MS]
    cues = (make_cue(part.raw, part.start_ms, end) for part, end in zip(own, ends, strict=True))
    return collect_cues(cue for cue in cues if cue.text)


def _select_language(texts: list[_SamiText]) -> list[_SamiText]:
    """Return the texts of the most frequent class; a blank text without a class ends that of any language."""
    classes = Counter(part.language_class for part in texts)
    if sum(1 for name in classes if name) < 2:
        return texts
    language = classes.most_common(1)[0][0]
    return [
        part
        for part in texts
        if part.language_class == language or not (part.language_class or part.raw.replace("&nbsp;", "").strip())
    ]


def _collect_texts(text: str, warnings: ParseWarnings) -> list[_SamiText]:
    texts: list[_SamiText] = []
    budget = CueBudget()
    for sync in count_up_to(2 * MAX_CUES, "times", _iter_syncs(text)):
        for part in _parse_sync(sync, warnings):
            texts.append(part)
            budget.charge_chars(len(part.raw))
            check_count(len(texts), MAX_CUES, "texts")
    return texts


def _iter_syncs(text: str) -> Iterator[str]:
    """Yield the text after each `<sync` tag, up to the next one."""
    match = _SYNC_TAG.search(text)
    while match is not None:
        following = _SYNC_TAG.search(text, match.end())
        yield text[match.end() : following.start() if following else len(text)]
        match = following


def _parse_sync(sync: str, warnings: ParseWarnings) -> Iterator[_SamiText]:
    """Parse the paragraphs of one time, one for each language."""
    match = _START_ATTRIBUTE.match(sync)
    start_ms = MAX_TIME_MS + 1 if match is None else int(match[1])
    if start_ms > MAX_TIME_MS:
        warnings["text with an unreadable time dropped"] += 1
        return
    for attributes, raw in _iter_paragraphs(sync.partition(">")[2]):
        check_cue_size(len(raw))
        language = _CLASS_ATTRIBUTE.search(attributes)
        lines = _BREAK_TAG.sub("\n", " ".join(raw.split()))
        yield _SamiText(max(0, start_ms), language[1].lower() if language else "", lines)


def _iter_paragraphs(body: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes and the text of each paragraph; a body without a paragraph tag is one paragraph."""
    tag = _PARAGRAPH_TAG.search(body)
    if tag is None:
        yield "", body
    while tag is not None:
        following = _PARAGRAPH_TAG.search(body, tag.end())
        yield tag[1], body[tag.end() : following.start() if following else len(body)]
        tag = following
