"""Addresses that wrap another: embedly, iframely, consent and AMP proxies, share plug-ins, the Wayback Machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from ..providers import Recognised, recognise

_PARAMETER = re.compile(r"[?&;#]([\w.%@-]{1,40})=([^&#]{6,2000})")
_IN_PATH = re.compile(r"(?i).(https?(?::|%3a)(?:/|%2f){1,2}.+)", re.S)
_NOT_VIDEO = re.compile(
    r"(?i)^(?:image|img|thumb|poster|ref|referrer|origin|parent|site|share|next|ad|schema|logo|canonical)"
)
_AMP = re.compile(r"(?i)(?:ampproject\.org/(?:[acivr]/){1,2}(?:s/)?|google\.[a-z.]{2,6}/amp/s/)(.+)")
_MAX_WRAPS = 3


def recognise_wrapped(url: str, *, depth: int = 0) -> Recognised | None:
    """Recognise *url*, or the video address that stands in its query, fragment or path."""
    known = recognise(url)
    if (known and known.provider != "html5") or depth >= _MAX_WRAPS:
        return known
    for inner in _inner(url):
        if found := recognise_wrapped(inner, depth=depth + 1):
            return found
    return known


def _inner(url: str) -> Iterator[str]:
    if match := _AMP.search(url[:2000]):
        yield f"https://{match[1]}"
    for name, quoted in _PARAMETER.findall(url[:6000]):
        value = unquote(quoted)
        if not _NOT_VIDEO.match(name) and value.lower().startswith(("http:", "https:", "//")):
            yield f"https:{value}" if value.startswith("//") else value
    if match := _IN_PATH.match(url.partition("?")[0][:2000]) if "http" in url[8:] else None:
        yield unquote(match[1]) + ("?" + url.partition("?")[2] if "?" in url else "")
