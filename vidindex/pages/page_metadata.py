"""Collect what the metadata of a page states about its article: `<meta>` elements and JSON-LD."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .json_ld import load_json_ld

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE_TYPES = re.compile(r"(?i)article|posting|report(?!er)|webpage|videoobject|review|recipe|episode")
_TEXT_TYPES = re.compile(r"(?i)article|posting|report(?!er)")
_FIELDS = {
    "headline": "title", "name": "name", "author": "author", "creator": "author", "datePublished": "date",
    "publisher": "site", "inLanguage": "language", "dateCreated": "created", "uploadDate": "uploaded",
}  # fmt: skip
_MAX_VALUE_CHARS = 2_000
_MAX_FIELD_CHARS = 500
_MAX_OBJECTS = 2_000
_MAX_ITEMS = 50
_MAX_NAMES = 10
_MAX_DEPTH = 4


def collect_meta(root: HtmlElement) -> dict[str, str]:
    """Return the first content of each `<meta>` name, by the name in lower case."""
    contents: dict[str, str] = {}
    for element in root.iter("meta"):
        name = (
            element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv") or ""
        )
        content = " ".join((element.get("content") or element.get("value") or "").split())
        if name and content:
            contents.setdefault(name.lower(), content[:_MAX_VALUE_CHARS])
    return contents


def collect_json_ld(root: HtmlElement) -> dict[str, str]:
    """Return title, author, dates, site and language from the JSON-LD of the page.

    The first value of each counts; those of an article come before those of its page and its videos.
    """
    values = _load_all(root)
    names = _collect_names(values)
    items = [item for value in values for item in _find_article_objects(value)]
    items.sort(key=lambda item: _TEXT_TYPES.search(str(item.get("@type", ""))) is None)
    fields: dict[str, str] = {}
    for item in items:
        for key, field in _FIELDS.items():
            if text := " ".join(_extract_name(item.get(key), names).split())[:_MAX_FIELD_CHARS]:
                fields.setdefault(field, text)
    return fields


def find_article_body(root: HtmlElement) -> str:
    """Return the text of the article, plain or as HTML, that the JSON-LD of the page states, or ""."""
    items = (item for value in _load_all(root) for item in _find_article_objects(value))
    bodies = (item.get("articleBody") for item in items if _TEXT_TYPES.search(str(item.get("@type", ""))))
    return next((body.strip() for body in bodies if isinstance(body, str)), "")


def _load_all(root: HtmlElement) -> list[object]:
    scripts = (script for script in root.iter("script") if "ld+json" in (script.get("type") or "").lower())
    return [load_json_ld(script.text or "") for script in scripts]


def _find_article_objects(data: object, depth: int = 0) -> Iterator[dict[str, object]]:
    if isinstance(data, list) and depth < _MAX_DEPTH:
        for item in data[:_MAX_ITEMS]:
            yield from _find_article_objects(item, depth + 1)
    elif isinstance(data, dict):
        if _ARTICLE_TYPES.search(str(data.get("@type", ""))):
            yield data
        if depth < _MAX_DEPTH:
            yield from _find_article_objects(data.get("@graph"), depth + 1)
            yield from _find_article_objects(data.get("mainEntity"), depth + 1)


def _collect_names(values: list[object]) -> dict[str, str]:
    """Return the name of each object that has an `@id`."""
    names: dict[str, str] = {}
    pending = list(values)
    for _ in range(_MAX_OBJECTS):
        if not pending:
            break
        value = pending.pop()
        if isinstance(value, list):
            pending += value[:_MAX_ITEMS]
        elif isinstance(value, dict):
            name = value.get("name")
            if isinstance(value.get("@id"), str) and isinstance(name, str) and name.strip():
                names.setdefault(str(value["@id"]), name.strip())
            pending += [each for each in value.values() if isinstance(each, (list, dict))]
    return names


def _extract_name(value: object, names: dict[str, str]) -> str:
    """Return the name in a JSON-LD value: a string, an object with a name or an `@id`, or a list of these."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_extract_name(each, names) for each in value[:_MAX_NAMES])))
    if isinstance(value, dict):
        name = value.get("name") or value.get("@value")
        return _extract_name(name, names) if name else names.get(str(value.get("@id")), "")
    text = value.strip() if isinstance(value, str) else ""
    return names.get(text, text)
