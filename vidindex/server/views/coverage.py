"""What a search has searched: a page must not say that nobody said something that was never captioned or indexed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...model import Stats
from ...store.tasks import QueueStatus
from ..plain_text import pluralize

if TYPE_CHECKING:
    from ...library import Index


def describe_coverage(index: Index) -> tuple[str, ...]:
    """Return sentences about the videos with captions, those without, and what is not indexed yet."""
    return (*describe_captions(index.stats()), *_describe_queue(index.status()))


def describe_captions(stats: Stats) -> Iterator[str]:
    """Yield sentences about the videos with and without captions."""
    captioned = stats.videos - stats.without_captions
    yield f"The captions of {pluralize(captioned, 'video')} can be searched."
    if stats.without_captions:
        have = "has" if stats.without_captions == 1 else "have"
        yield f"{pluralize(stats.without_captions, 'video')} {have} no captions."
    if stats.pending:
        yield f"{pluralize(stats.pending, 'caption track')} {'is' if stats.pending == 1 else 'are'} not searchable yet."


def _describe_queue(status: QueueStatus) -> Iterator[str]:
    working, waiting = status.count("working") + status.count("waiting"), status.count("later")
    if working:
        yield f"{pluralize(working, 'task')} of the queue {'is' if working == 1 else 'are'} not done yet."
    if waiting:
        yield f"{pluralize(waiting, 'task')} failed and will be tried again."
