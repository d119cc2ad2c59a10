"""Which addresses yt-dlp knows by their form, without asking anybody."""

from __future__ import annotations


def has_extractor(url: str) -> bool:
    """Tell whether yt-dlp has an extractor made for the site of *url*; the generic one does not count."""
    from yt_dlp.extractor import gen_extractor_classes

    return any(ie.IE_NAME != "generic" and ie.suitable(url) for ie in gen_extractor_classes())
