"""Read plain text with one link per line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...pages.providers import archive_line_url
from .entry import ListEntry, clean_title
from .links import parse_given_link
from .source import ListSource

_COMMENT_PATTERN = re.compile(r"(?:^|\s)#.*")
_LINK_IN_WORDS = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]]{4,}", re.IGNORECASE)
_TITLED_LINK = re.compile(r"(<?https?://[^\s<>]+>?)\s+(\S.*)", re.IGNORECASE)


def read_text_list(source: ListSource) -> Iterator[ListEntry]:
    """Yield the links and paths, one per line; text after a link is its title, text after ` #` is a comment.

    A line may also have links among other words, or name a video as yt-dlp's download archive does.
    """
    for number, line in enumerate(source.read_lines(), 1):
        text = _COMMENT_PATTERN.sub("", line.strip("\ufeff\x1a"), count=1).strip()
        if not text:
            continue
        if video := archive_line_url(text):
            yield ListEntry(video, number)
            continue
        titled = _TITLED_LINK.fullmatch(text)
        link, title = (titled[1], titled[2]) if titled else (text, "")
        entry = parse_given_link(link, source, line=number, title=clean_title(title))
        among = _find_links(text) if entry.problem else []
        yield from (parse_given_link(each, source, line=number) for each in among) if among else (entry,)


def _find_links(text: str) -> list[str]:
    """Return the links among the words of *text*, without the marks around them."""
    links = (match[0].rstrip(".,;:!?…") for match in _LINK_IN_WORDS.finditer(text))
    return [link[:-1].rstrip(".,;:!?") if link.endswith(")") and "(" not in link else link for link in links]
