"""Find the original URL in the URL of a copy that a web archive keeps."""

from __future__ import annotations

import re

_ARCHIVE_HOSTS = (
    r"(?:web(?:-beta)?|replay|liveweb|classic-web)\.(?:web\.)?archive\.org|(?:replay\.)?(?:wayback\.)?archive-it\.org|replay\.waybackmachine\.org"
    r"|archive\.(?:today|ph|is|md|vn|li|fo)|webarchive\.nationalarchives\.gov\.uk|(?:www\.)?webarchive\.org\.uk|arquivo\.pt"
    r"|(?:wayback\.)?vefsafn\.is|webarchive\.loc\.gov|web\.archive\.bibalex\.org|(?:wayback\.)?webarchiv\.cz|swap\.stanford\.edu"
    r"|webarchive\.parliament\.uk|eresources\.nlb\.gov\.sg|timetravel\.mementoweb\.org|webarchive\.bac-lac\.gc\.ca|waext\.banq\.qc\.ca"
    r"|wayback\.archive\.org"
)
_TIMESTAMP = r"(?:\d{4,14}(?:[a-z]{2}_|id_|\*)?|\*)"
_ARCHIVED_URL = re.compile(
    rf"(?i)^(?:(?:https?:)?//(?:{_ARCHIVE_HOSTS})(?::\d+)?|(?=/web/))(?:/[\w.-]{{1,40}}){{0,4}}?/{_TIMESTAMP}/(?=[a-z])"
)
_ARCHIVE_WORDS = ("/web/", "archi", "wayback", "arquivo", "vefsafn", "/http")
"""What the URL of a copy contains: a quick check."""
_SHORT_ARCHIVED_URL = re.compile(r"(?i)^(?:https?:)?//archive\.(?:today|ph|is|md|vn|li|fo)/o/\w{4,6}/(?=https?:)")
_REPLAYED_URL = re.compile(
    r"(?i)^(?:(?:https?:)?//[^/?#\s]{1,200})?(?:/[\w.~-]{1,60}){0,4}?/(?:\d{14}|\d{4,14}[a-z]{2}_)/(?=https?:/{1,2}[^/])"
)
_MAX_COPIES = 4  # of copies of copies
_LOST_SLASH = re.compile(r"(?i)^(https?):/(?=[^/])")


def strip_archive_prefix(url: str) -> str:
    """Return the original URL of a copy in a web archive that is known, or *url*."""
    if not any(word in url for word in _ARCHIVE_WORDS):
        return url
    original = _ARCHIVED_URL.sub("", url, count=1)
    return _restore_slash(_SHORT_ARCHIVED_URL.sub("", url, count=1) if original == url else original, url)


def strip_replay_prefix(url: str) -> str:
    """Return the original URL of what a page of an archive embeds; the archive may have any host.

    Whoever serves a page can write such a URL, so it says nothing about where the page itself comes from.
    """
    for _ in range(_MAX_COPIES):
        original = strip_archive_prefix(url)
        if original == url and "/http" in url:
            original = _restore_slash(_REPLAYED_URL.sub("", url, count=1), url)
        if original in (url, ""):
            break
        url = original
    return url


def _restore_slash(original: str, url: str) -> str:
    """Return *original* with the second slash after its scheme, which some servers remove from a path."""
    return url if original == url else _LOST_SLASH.sub(r"\1://", original)
