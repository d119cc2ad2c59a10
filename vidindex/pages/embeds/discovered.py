"""The result of reading one page."""

from __future__ import annotations

from dataclasses import dataclass

from ...model import Article, Embed


@dataclass(frozen=True, slots=True)
class DiscoveredPage:
    """The article that a page contains, and its embeds in document order."""

    article: Article
    embeds: tuple[Embed, ...]
