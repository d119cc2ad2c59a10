"""Compare links that are spelled in different ways."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from ...net.sites import normalize_host

_ESCAPE = re.compile(r"(?:%[\da-fA-F]{2})+")
_RESERVED = re.compile(r"[^\w.~-]", re.ASCII)
_TRACKING_PARAMETER = re.compile(r"(?i)(?:utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid)(?:=|$)")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def spelling_key(url: str) -> str:
    """Return what all spellings of *url* have in common.

    Letter case counts in the path only.  Default ports, escapes that are not needed, dots in the path, fragments that
    name a part of the page, and parameters that follow readers do not count.
    """
    try:
        parts = urlsplit(url)
        host, port = normalize_host(parts.hostname or "") or (parts.hostname or ""), parts.port
    except ValueError:
        return url
    if not host:
        return url
    scheme = parts.scheme.lower()
    address = host if port in (None, _DEFAULT_PORTS.get(scheme)) else f"{host}:{port}"
    query = "&".join(part for part in parts.query.split("&") if part and not _TRACKING_PARAMETER.match(part))
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    path = _remove_dots(_normalize_escapes(parts.path)) or "/"
    return f"{scheme}://{address}{path}?{_normalize_escapes(query)}#{fragment}"


def _normalize_escapes(text: str) -> str:
    return _ESCAPE.sub(_decode_unreserved, text) if "%" in text else text


def _decode_unreserved(match: re.Match[str]) -> str:
    """Decode the characters that need no escape, and those outside ASCII; write the others in upper case."""
    decoded = unquote(match[0], errors="surrogateescape")
    return "".join(f"%{ord(char):02X}" if char < "\x80" and _RESERVED.match(char) else char for char in decoded)


def _remove_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/".join([*kept, ""] if segments[-1] in (".", "..") else kept)
