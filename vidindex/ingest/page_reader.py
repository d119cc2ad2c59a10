"""From a target that is a page to what `add` takes of it: read it, choose among its embeds, look into wrappers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import DiscoveryError, FetchError, TargetError
from ..model import Embed
from ..net import ANY_HOST, FetchOptions, fetch, private_hosts
from ..pages.embeds import Found, discover
from ..pages.providers import Recognised, recognise
from ..resolve.extractors import has_extractor
from .targets import tell_target

MAX_PAGE_BYTES = 20_000_000
WRAPPERS = frozenset(("embedly", "iframely", "medium"))
"""Providers whose pages hold nothing but another's player."""
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d{4}\)(https?://[^\s<>]{4,2000}) -->")


def look_into(page: str | Path, *, fetching: FetchOptions | None = None) -> Found:
    """Read a page, an address or a file, and find what it embeds.

    Raises `FetchError` (`NotHtmlError` where it is no page), `DiscoveryError`, `TargetError`.
    """
    target = tell_target(page)
    if target.path.name and target.kind == "page":
        source = target.path.absolute().as_uri()
        found = discover(read_bytes(target.path, MAX_PAGE_BYTES), url=source)
    elif target.kind == "url":
        fetched = fetch(target.url, options=fetching or FetchOptions())
        source = target.url
        found = discover(fetched.content, url=fetched.url)
    else:
        raise TargetError(str(page), "it is not a page")
    return replace(found, article=replace(found.article, source=source))


def wanted(embeds: Sequence[Embed], *, links: bool) -> list[Embed]:
    """Choose what to take: players; links if asked for; the metadata's video only where there is no player."""
    players = any(embed.kind == "embed" for embed in embeds)
    kinds = {"embed"} | ({"link"} if links else set()) | (set() if players else {"meta"})
    return [embed for embed in embeds if embed.kind in kinds]


def is_wrapper(embed: Embed) -> bool:
    """Tell whether *embed* is a frame whose address does not say what plays in it."""
    if embed.provider in WRAPPERS:
        return True
    return embed.provider != "html5" and recognise(embed.url) is None and not has_extractor(embed.url)


def unwrap(wrapper: Embed, *, page: str, fetching: FetchOptions) -> list[Embed]:
    """Read the page of *wrapper*, a frame in the article at *page*, and give what plays there under its label.

    One level deep: a wrapper in a wrapper stays.  Gives *wrapper* itself where nothing shows.  It reaches private
    addresses only where *page* is private itself, and files only in the folder of *page*.
    Raises `FetchError`, `DiscoveryError`, `TargetError` for providers that only wrap; of other frames
    yt-dlp may know more.
    """
    try:
        address, content = _wrapped_page(wrapper.url, page, fetching)
        named = recognise(address)
        if named is not None and named.provider not in WRAPPERS:
            return [_named(wrapper, named)]
        found = discover(content, url=address)
    except (FetchError, DiscoveryError, TargetError):
        if wrapper.provider in WRAPPERS:
            raise
        return [wrapper]
    return _inside(wrapper, found) or [wrapper]


def _inside(wrapper: Embed, found: Found) -> list[Embed]:
    inside = [embed for embed in wanted(found.embeds, links=False) if embed.url != wrapper.url]
    if not inside and (named := recognise(found.article.url)) and named.provider not in WRAPPERS:
        return [_named(wrapper, named)]
    # The first is what the article introduces.
    return [
        replace(embed, kind=wrapper.kind, label=wrapper.label if at == 0 and wrapper.label else embed.label)
        for at, embed in enumerate(inside)
    ]


def _named(wrapper: Embed, known: Recognised) -> Embed:
    return replace(wrapper, url=known.url, provider=known.provider, id=known.id, dead=known.dead)


def _wrapped_page(url: str, page: str, fetching: FetchOptions) -> tuple[str, bytes]:
    """Fetch what a frame of *page* holds, and where it is from."""
    if url.startswith("file:"):
        content = read_bytes(_beside(url, page), MAX_PAGE_BYTES)
        # Browsers save a frame as a file, and write in it where it was.
        saved = _SAVED_FROM.search(content[:4096])
        return (saved[1].decode("ascii", "replace") if saved else url), content
    private = ANY_HOST if fetching.private == ANY_HOST else private_hosts(page)
    answer = fetch(url, options=replace(fetching, private=private))
    return answer.url, answer.content


def _beside(url: str, page: str) -> Path:
    """Give the file that *url* names, if it is in the folder of *page* also where links lead elsewhere."""
    folder = Path(unquote(urlsplit(page).path)).parent.resolve()
    path = Path(unquote(urlsplit(url).path)).resolve()
    if not page.startswith("file:") or not path.is_relative_to(folder):
        raise TargetError(url, "it is outside the folder of the page")
    return path


def read_bytes(path: Path, most: int) -> bytes:
    """Read *path*, *most* bytes of it.  Raises `TargetError`."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as exc:
        raise TargetError(str(path), f"it cannot be read ({exc.strerror})") from exc
    if len(content) > most:
        raise TargetError(str(path), f"it is larger than {most // 1_000_000} MB")
    return content
