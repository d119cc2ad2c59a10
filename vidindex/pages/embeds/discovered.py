"""The result of reading one page."""

from __future__ import annotations

from dataclasses import dataclass

from ...model import Article, Embed


@dataclass(frozen=True, slots=True)
class DiscoveredPage:
    """The article that a page contains, and its embeds in document order.

    *stated_url* is the canonical URL that the page states, which may name another site: no article is recorded there.
    """

    article: Article
    embeds: tuple[Embed, ...]
    stated_url: str = ""
