"""Find which addresses of an archive are frames of its pages, without parsing them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urljoin

_FRAME = re.compile(
    rb"""(?i)<i?frame\b[^>]{0,2000}?\s(?:data-)?(?:lazy-)?src\s{0,5}=\s{0,5}(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})'|([^\s"'<>]{1,2000}))"""
)
_TAG = re.compile(rb"(?i)<i?frame\b")
_MAX_FRAMES = 100
_MAX_SEARCHED_BYTES = 4_000_000


def find_frame_urls(page: bytes, url: str, *, schemes: tuple[str, ...] = ("http://", "https://")) -> Iterator[str]:
    """Yield the absolute addresses of the frames in the markup of *page*, which is at *url*."""
    start = page[:_MAX_SEARCHED_BYTES]
    for tag in islice(_TAG.finditer(start), _MAX_FRAMES):
        if match := _FRAME.match(start, tag.start()):
            reference = html.unescape((match[1] or match[2] or match[3]).decode("utf-8", "replace").strip())
            if joined := _join(url, reference, schemes):
                yield joined


def _join(base: str, reference: str, schemes: tuple[str, ...]) -> str:
    try:
        joined = urljoin(base, reference)
    except ValueError:
        return ""
    return joined if joined.startswith(schemes) else ""
