"""Data for players in WebVTT files, such as the pictures of a scroll bar: they are no speech."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from ...model import Cue
from ..plain_cues import text_column
from .parse_result import ParseWarnings

_DATA_KIND = re.compile(r"^[ \t]*kind[ \t]*[:=][ \t]*(?:metadata|chapters|thumbnails?)\b", re.IGNORECASE | re.MULTILINE)
_PICTURE = re.compile(
    r"\S{1,2000}?\.(?:jpe?g|png|webp|gif|avif|bmp|svg)(?:\?\S*)?(?:#\S*)?|\S{1,2000}?#xywh=\S+|data:[\w/+.-]{1,80}[;,]\S*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?:)?//\S+", re.IGNORECASE)
_MAX_JSON_CHARS = 100_000


def drop_metadata(cues: Sequence[Cue], header: str, warnings: ParseWarnings) -> Sequence[Cue]:
    """Return those of *cues* that may be speech: no pictures, no JSON, and nothing if *header* states another kind."""
    spoken = sum([" " in text and text[0] not in "{[" for text in text_column(cues)])
    states_kind = "ind" in header and _DATA_KIND.search(header)
    if 2 * spoken > len(cues) and not states_kind:
        return cues
    kept = [cue for cue in cues if not _is_data(cue.text)]
    if states_kind or (len(cues) > 1 and _are_addresses(kept)):
        kept = []
    elif 2 * len(kept) > len(cues):
        return cues  # most are speech
    if len(kept) < len(cues):
        warnings["cue with data for a player left out"] += len(cues) - len(kept)
    return kept


def _are_addresses(cues: Sequence[Cue]) -> bool:
    return all("//" in cue.text and _ADDRESS.fullmatch(cue.text) for cue in cues)


def _is_data(text: str) -> bool:
    if not text or text[-1].isspace():
        return False
    if text[0] in "{[" and text[-1] in "}]":
        return _is_json(text)
    if " " in text:
        return False
    return ("." in text or "#" in text or ":" in text) and all(map(_PICTURE.fullmatch, text.split("\n")))


def _is_json(text: str) -> bool:
    """Check for an object, or a list with an object in it: "[music]" and "[1]" are text."""
    if len(text) > _MAX_JSON_CHARS or '"' not in text:
        return text.startswith(("{}", "[{"))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return bool(re.match(r"[\[{\s]*\"[^\"\n]{1,100}\"\s*:", text))
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict | list) for item in value))
