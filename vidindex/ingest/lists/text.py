"""Plain text: one link a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .entry import Listed, plain
from .links import given_link
from .source import Source

_COMMENT = re.compile(r"(?:^|\s)#.*")
_LINK = re.compile(r"(<?https?://[^\s<>]+>?)\s+(\S.*)", re.IGNORECASE)


def read(source: Source) -> Iterator[Listed]:
    """Read links, and paths, one a line; what follows a link is its title, what follows ` #` a comment."""
    for number, line in enumerate(source.lines(), 1):
        text = _COMMENT.sub("", line.strip("\ufeff\x1a"), count=1).strip()
        if not text:
            continue
        titled = _LINK.fullmatch(text)
        link, title = (titled[1], titled[2]) if titled else (text, "")
        yield given_link(link, source, line=number, title=plain(title))
