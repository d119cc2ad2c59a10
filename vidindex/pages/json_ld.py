"""Parse JSON-LD as pages write it: in CDATA or comments, with trailing commas, escaped twice, not closed."""

from __future__ import annotations

import html
import json
import re

MAX_JSON_LD_CHARS = 500_000
_MAX_VALUES = 20
_MARKUP_AROUND = re.compile(r"(?://|/\*)?[ \t]{0,9}(?:<!\[CDATA\[|\]\]>|<!--|-->)(?:[ \t]{0,9}\*/)?")
_TOKEN = re.compile(
    r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'  # a string
    r"|,(?=\s*+[,}\]])|//[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)|[{}\[\]]",
    re.S,
)
_INVALID_ESCAPE = re.compile(r'\\(?:(?P<valid>["\\/bfnrt]|u[\da-fA-F]{4})|(?=.|\Z))', re.S)
_NEXT_VALUE = re.compile(r"[\s,;]*+(?=[{\[])")
_CLOSERS = {"{": "}", "[": "]"}


def load_json_ld(text: str) -> object | None:
    """Return the value of the JSON-LD *text*, a list if there are several, or None if it cannot be read."""
    text = text[:MAX_JSON_LD_CHARS].lstrip("\ufeff")
    try:
        value: object = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        value = None
    if value is not None:
        return value
    try:
        values = _decode_all(_repair_json(text))
    except RecursionError:
        return None
    return values[0] if len(values) == 1 else values or None


def _repair_json(text: str) -> str:
    if "&quot;" in text and text.count('"') < 2:
        text = html.unescape(text)
    opened: list[str] = []

    def repair(match: re.Match[str]) -> str:
        part = match[0]
        if part[0] == '"':
            return _INVALID_ESCAPE.sub(lambda escape: escape[0] if escape["valid"] else "", part)
        if part in _CLOSERS:
            opened.append(_CLOSERS[part])
        elif part in "]}":
            if part not in opened[-1:]:
                return ""
            opened.pop()
        return part if part in "{}[]" else " "

    repaired = _TOKEN.sub(repair, _MARKUP_AROUND.sub(" ", text))
    return repaired + "".join(reversed(opened))


def _decode_all(text: str) -> list[object]:
    """Return the JSON values that stand one after another in *text*, up to the first that is damaged."""
    decoder = json.JSONDecoder(strict=False)
    values: list[object] = []
    position = 0
    while len(values) < _MAX_VALUES and (match := _NEXT_VALUE.match(text, position)):
        try:
            value, position = decoder.raw_decode(text, match.end())
        except ValueError:
            break
        values.append(value)
    return values
