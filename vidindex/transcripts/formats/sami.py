"""SAMI, the caption format of Windows Media."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from ...model import Cue
from ..timecode import MAX_TIME_MS
from .cue_text import make_cue
from .parse_result import ParseWarnings

_SYNC_TAG = re.compile(r"<sync\b", re.IGNORECASE)
_START_ATTRIBUTE = re.compile(r"""[^<>]{0,200}?start\s*=\s*["']?(\d{1,12})""", re.IGNORECASE)
_PARAGRAPH_TAG = re.compile(r"<p\b([^<>]*)>", re.IGNORECASE)
_CLASS_ATTRIBUTE = re.compile(r"""class\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_LAST_CUE_MS = 10_000


class _SamiText(NamedTuple):
    start_ms: int
    language_class: str
    raw: str


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the language with the most texts; a text lasts until the next one, which may be blank."""
    texts = [part for sync in _SYNC_TAG.split(text)[1:] for part in _parse_sync(sync, warnings)]
    if not texts:
        return []
    languages = Counter(part.language_class for part in texts)
    language = languages.most_common(1)[0][0]
    if len(languages) > 1:
        warnings["text in another language of the file left out"] += len(texts) - languages[language]
    own = [part for part in texts if part.language_class == language]
    own.sort(key=lambda part: part.start_ms)
    ends = [part.start_ms for part in own[1:]] + [own[-1].start_ms + _LAST_CUE_MS]
    cues = [make_cue(part.raw, part.start_ms, end) for part, end in zip(own, ends, strict=True)]
    return [cue for cue in cues if cue.text]


def _parse_sync(sync: str, warnings: ParseWarnings) -> list[_SamiText]:
    """Parse the paragraphs of one time, one for each language."""
    match = _START_ATTRIBUTE.match(sync)
    if match is None or int(match[1]) > MAX_TIME_MS:
        warnings["text with an unreadable time dropped"] += 1
        return []
    body = sync.partition(">")[2]
    _, *rest = _PARAGRAPH_TAG.split(body) if _PARAGRAPH_TAG.search(body) else ("", "", body)
    texts = []
    for attributes, raw in zip(rest[::2], rest[1::2], strict=False):
        language = _CLASS_ATTRIBUTE.search(attributes)
        lines = _BREAK_TAG.sub("\n", " ".join(raw.split()))
        texts.append(_SamiText(int(match[1]), language[1].lower() if language else "", lines))
    return texts
