"""Titles, quotes and addresses as every edit list can hold them: one line, no control characters."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

_LINE_BREAKS_AND_SPACES = re.compile(r"[\s\x85\u2028\u2029]+")
# Control characters, which XML cannot contain; marks that turn the direction of the rest of a line; lone surrogates,
# which cannot be encoded.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_UNSAFE_IN_URI = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]")
_URI_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_MAX_SCANNED_CHARS = 4_000


def clean_text(text: str, limit: int) -> str:
    """Return *text* as one line of at most *limit* characters, 0 for no limit."""
    if limit:
        text = text[:_MAX_SCANNED_CHARS]
    line = _FORBIDDEN.sub("", _LINE_BREAKS_AND_SPACES.sub(" ", text)).strip()
    return f"{line[: limit - 1].rstrip()}…" if limit and len(line) > limit else line


def media_uri(media: str) -> str:
    """Return the URI of *media*, a URL or a path, with every character escaped that is not allowed in one."""
    if not _URI_SCHEME.match(media):
        return Path(media).absolute().as_uri()
    return _UNSAFE_IN_URI.sub(lambda found: quote(found[0], errors="replace"), media)


def file_name(uri: str) -> str:
    """Return the name of the file of a `file:` URI, or "" for any other."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    name = unquote(parts.path, errors="replace").rpartition("/")[2] if parts.scheme == "file" else ""
    return clean_text(name, 255)
