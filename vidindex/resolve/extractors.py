"""Which URLs yt-dlp has an extractor for; no request is sent."""

from __future__ import annotations

from ..pages.ytdlp_plugins import load_plugins


def has_extractor(url: str) -> bool:
    """Return whether yt-dlp has an extractor for the site of *url*; the generic extractor does not count."""
    from yt_dlp.extractor import gen_extractor_classes

    load_plugins()
    return any(ie.IE_NAME != "generic" and ie.suitable(url) for ie in gen_extractor_classes())
