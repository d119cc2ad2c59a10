"""Tasks for the queue: each named by one URL, however it was spelled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urldefrag

from ...model import Article, Embed
from ...net.ssrf import host_of
from ...pages.providers import recognise
from ...store.base import Queue
from ...store.tasks import Task


def link_task(given: str) -> Task:
    """Make the task of a listed link, an address or a file."""
    if "://" not in given:
        return Task(Path(given).absolute().as_uri(), "link", listed=given)
    url = _canonical(given)
    return Task(url, "link", listed=given, host=host_of(url))


def _canonical(url: str) -> str:
    known = recognise(url)
    if known is not None and not known.dead:
        return known.url
    bare, fragment = urldefrag(url)
    # Some sites' fragments are their routes; any other only says where to look in the page.
    return url if fragment.startswith(("!", "/")) else bare


class Following:
    """Puts what a link led to into the queue."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def embeds(self, article: Article, embeds: Sequence[Embed]) -> None:
        """Take the embeds of *article*."""
        self._queue.follow(article.url, [(embed, host_of(embed.url)) for embed in embeds])

    def entry(self, playlist: str, url: str) -> None:
        """Take a video of a playlist."""
        self._queue.put([Task(url, "video", parent=playlist, host=host_of(url))])
