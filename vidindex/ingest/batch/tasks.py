"""Make tasks for the queue, each named by one canonical URL."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urldefrag

from ...model import Article, Embed
from ...net.files import to_url
from ...net.traffic import site_of
from ...pages.providers import recognize_url
from ...store.base import Queue
from ...store.tasks import Task


def make_link_task(given: str, *, feed: str = "") -> Task:
    """Return the task of a listed link, which is a URL or a file; *feed* is the podcast feed that lists an episode."""
    if "://" not in given:
        return Task(to_url(given), "link", as_listed=given)
    url = given if feed else _canonical_url(given)
    return Task(url, "link", as_listed=given, parent=feed, host=site_of(url))


def _canonical_url(url: str) -> str:
    recognized = recognize_url(url)
    if recognized is not None and not recognized.dead:
        return recognized.url
    bare, fragment = urldefrag(url)
    # On some sites the fragment is the route; any other fragment is a position in the page.
    return url if fragment.startswith(("!", "/")) else bare


class QueueFollowUp:
    """Queues the embeds and playlist entries that a link led to."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def queue_embeds(self, article: Article, embeds: Sequence[Embed]) -> None:
        """Queue the embeds of *article*."""
        self._queue.add_embeds(article.url, [(embed, site_of(embed.url)) for embed in embeds])

    def queue_entry(self, playlist: str, url: str) -> None:
        """Queue a video of a playlist."""
        self._queue.add_tasks([Task(url, "video", parent=playlist, host=site_of(url))])
