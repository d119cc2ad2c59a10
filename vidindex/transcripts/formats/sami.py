"""SAMI: what Windows Media captions are written in."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from ...model import Cue
from .cue_text import as_cue
from .parse_result import Notes
from .timestamps import MAX_MS

_SYNC = re.compile(r"<sync\b", re.IGNORECASE)
_START = re.compile(r"""[^<>]{0,200}?start\s*=\s*["']?(\d{1,12})""", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p\b([^<>]*)>", re.IGNORECASE)
_CLASS = re.compile(r"""class\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_LONGEST_MS = 10_000


class _Text(NamedTuple):
    start_ms: int
    kind: str
    raw: str


def read(text: str, notes: Notes) -> list[Cue]:
    """Read the language that most of the file is in; a text lasts until the next one, blank or not."""
    texts = [part for sync in _SYNC.split(text)[1:] for part in _texts(sync, notes)]
    if not texts:
        return []
    kinds = Counter(part.kind for part in texts)
    kind = kinds.most_common(1)[0][0]
    if len(kinds) > 1:
        notes["text in another language of the file left out"] += len(texts) - kinds[kind]
    own = [part for part in texts if part.kind == kind]
    own.sort(key=lambda part: part.start_ms)
    ends = [part.start_ms for part in own[1:]] + [own[-1].start_ms + _LONGEST_MS]
    cues = [as_cue(part.raw, part.start_ms, end) for part, end in zip(own, ends, strict=True)]
    return [cue for cue in cues if cue.text]


def _texts(sync: str, notes: Notes) -> list[_Text]:
    """Read the paragraphs of one moment, one for each language."""
    match = _START.match(sync)
    if match is None or int(match[1]) > MAX_MS:
        notes["text with an unreadable time dropped"] += 1
        return []
    body = sync.partition(">")[2]
    _, *rest = _PARAGRAPH.split(body) if _PARAGRAPH.search(body) else ("", "", body)
    texts = []
    for attributes, raw in zip(rest[::2], rest[1::2], strict=False):
        kind = _CLASS.search(attributes)
        lines = _BREAK.sub("\n", " ".join(raw.split()))
        texts.append(_Text(int(match[1]), kind[1].lower() if kind else "", lines))
    return texts
