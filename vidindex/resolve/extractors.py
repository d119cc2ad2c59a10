"""Which URLs yt-dlp has an extractor for, and by which address it knows a player; no request is sent."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from urllib.parse import parse_qs, urlsplit

from ..pages.ytdlp_plugins import load_plugins

_ARC_ADDRESS = re.compile(
    r"https://([a-z]{2,40})-prod-cdn\.video-api\.arcpublishing\.com/api/v1/ansvideos/findByUuid\?uuid=([\da-f-]{36})"
)
_ANVATO_HOST = re.compile(r"(?:^|\.)(?:anvato\.net|lura\.live)$")
_ANVATO_NAME = re.compile(r"[\w-]{2,64}")


def has_extractor(url: str) -> bool:
    """Return whether yt-dlp has an extractor for the site of *url*; the generic extractor does not count."""
    from yt_dlp.extractor import gen_extractor_classes

    load_plugins()
    address = find_extractor_address(url) or url
    return any(ie.IE_NAME != "generic" and ie.suitable(address) for ie in gen_extractor_classes())


def find_extractor_address(url: str) -> str:
    """Return yt-dlp's own address of a player whose web address none of its extractors takes, or ""."""
    if match := _ARC_ADDRESS.fullmatch(url):
        return f"arcpublishing:{match[1]}:{match[2]}"
    parts = urlsplit(url)
    if _ANVATO_HOST.search(parts.hostname or ""):
        return _find_anvato_address("".join(parse_qs(parts.query).get("key", [])[:1]))
    return ""


def _find_anvato_address(key: str) -> str:
    """Return the address of the video that *key* names: base64 of JSON with the access key, the site and the video."""
    try:
        stated = json.loads(b64decode(key.replace(" ", "+") + "==="))
    except (ValueError, RecursionError):
        return ""
    if not isinstance(stated, dict):
        return ""
    site, video = str(stated.get("anvack") or stated.get("accessKey") or stated.get("m") or ""), str(stated.get("v"))
    return f"anvato:{site}:{video}" if _ANVATO_NAME.fullmatch(site) and re.fullmatch(r"\d{3,20}", video) else ""
