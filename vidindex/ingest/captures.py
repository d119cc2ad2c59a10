"""Keep the captures of one address apart: the first has the address itself, others that differ a numbered one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..errors import TargetError
from ..model import Article, Embed
from ..store.base import Store
from .targets import file_url_to_path

MAX_CAPTURES = 100
"""How many captures of one address may differ."""

_NUMBER = re.compile(r"#capture-\d{1,9}$")


def original_url(url: str) -> str:
    """Return the address of a capture without its number."""
    return _NUMBER.sub("", url)


def place_capture(store: Store, article: Article, embeds: Sequence[Embed]) -> Article:
    """Return *article*, a capture with *embeds*, as it is to be stored.

    A capture that has the text and the embeds of one that is stored takes its place, and keeps the earlier time.  So
    does the same capture, if it is read again or from a file that was moved.  Others get the next free number.
    Raises `TargetError` if there are too many.
    """
    stored = list(_list_captures(store, article.url))
    for known in stored:
        if _is_same_capture(known, article):
            return replace(article, url=known.url)
    for known in stored:
        if known.text == article.text and _embed_urls(store, known) == [embed.url for embed in embeds]:
            return _merge_captures(known, article)
    if len(stored) >= MAX_CAPTURES:
        raise TargetError(article.url, f"there are more than {MAX_CAPTURES} captures of it that differ")
    return replace(article, url=_numbered_url(article.url, len(stored) + 1))


def set_capture_aside(store: Store, url: str, text: str) -> None:
    """Give the capture at *url*, if it has another text than *text*, a number: the article there is read from the web.

    If there are too many captures, it is replaced.
    """
    known = _find_exactly(store, url)
    if known is None or not known.captured or known.text == text:
        return
    count = sum(1 for _ in _list_captures(store, url))
    if count >= MAX_CAPTURES:
        return
    moved = replace(known, url=_numbered_url(url, count + 1))
    records = store.list_embeds(article=url)
    store.put_article(moved, [record.embed for record in records])
    for record in records:
        store.set_embed_state(moved.url, record.embed.url, state=record.state, reason=record.reason, video=record.video)


def _numbered_url(url: str, number: int) -> str:
    return url if number == 1 else f"{url}#capture-{number}"


def _list_captures(store: Store, url: str) -> Iterator[Article]:
    """Yield the articles that are stored for *url*, up to the first number that is free."""
    for number in range(1, MAX_CAPTURES + 1):
        known = _find_exactly(store, _numbered_url(url, number))
        if known is None:
            return
        yield known


def _find_exactly(store: Store, url: str) -> Article | None:
    found = store.find_article(url)
    return found if found is not None and found.url == url else None


def _is_same_capture(known: Article, article: Article) -> bool:
    if known.captured != article.captured:
        return False
    return known.fetched_from == article.fetched_from or is_missing_file(known.fetched_from)


def _embed_urls(store: Store, article: Article) -> list[str]:
    return [record.embed.url for record in store.list_embeds(article=article.url)]


def _merge_captures(known: Article, article: Article) -> Article:
    """Return what to store for two captures that do not differ: an article that was read from the web stays one."""
    if not known.captured and not known.fetched_from.startswith("file:"):
        return known
    captured = min(filter(None, (known.captured, article.captured)), default="")
    kept = article if is_missing_file(known.fetched_from) else known
    return replace(kept, url=known.url, captured=captured)


def is_missing_file(url: str) -> bool:
    """Return whether *url* is a file that does not exist."""
    return url.startswith("file:") and not file_url_to_path(url).exists()
