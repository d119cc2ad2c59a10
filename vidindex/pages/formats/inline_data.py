"""Remove the pictures, fonts and styles that programs write into a page as `data:` addresses."""

from __future__ import annotations

import re

MIN_SHRUNK_BYTES = 1_000_000
_DATA = re.compile(
    rb"(?i)\bdata:(?!text/(?:html|vtt)|application/(?:xhtml|x-subrip|ttml))[\w/+.;=-]{0,100},[\w+/=%.!*'~-]{1000,}"
)


def remove_inline_data(page: bytes) -> bytes:
    """Return *page* without long `data:` addresses that are neither pages nor captions, if it is large.

    They are most of a page that was saved as one file, and say nothing about it.
    """
    return _DATA.sub(b"data:,", page) if len(page) >= MIN_SHRUNK_BYTES else page
