"""From a target that is a page to what `add` takes of it: read it, choose among its embeds, look into wrappers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import DiscoveryError, FetchError, TargetError
from ..model import Embed
from ..net import ANY_HOST, FetchOptions, fetch_page, infer_private_hosts
from ..pages.embeds import DiscoveredPage, discover_page
from ..pages.providers import RecognizedVideo, recognize_url
from ..resolve.extractors import has_extractor
from .targets import classify_target

MAX_PAGE_BYTES = 20_000_000
WRAPPER_PROVIDERS = frozenset(("embedly", "iframely", "medium"))
"""Providers whose pages hold nothing but another's player."""
_SAVED_FROM_MARK = re.compile(rb"<!-- saved from url=\(\d{4}\)(https?://[^\s<>]{4,2000}) -->")


def read_page(page: str | Path, *, fetching: FetchOptions | None = None) -> DiscoveredPage:
    """Read a page, an address or a file, and find what it embeds.

    Raises `FetchError` (`NotHtmlError` where it is no page), `DiscoveryError`, `TargetError`.
    """
    target = classify_target(page)
    if target.path.name and target.kind == "page":
        source = target.path.absolute().as_uri()
        found = discover_page(read_file_bytes(target.path, MAX_PAGE_BYTES), url=source)
    elif target.kind == "url":
        fetched = fetch_page(target.url, options=fetching or FetchOptions())
        source = target.url
        found = discover_page(fetched.content, url=fetched.url)
    else:
        raise TargetError(str(page), "it is not a page")
    return replace(found, article=replace(found.article, fetched_from=source))


def select_embeds(embeds: Sequence[Embed], *, links: bool) -> list[Embed]:
    """Choose what to take: players; links if asked for; the metadata's video only where there is no player."""
    players = any(embed.kind == "embed" for embed in embeds)
    kinds = {"embed"} | ({"link"} if links else set()) | (set() if players else {"meta"})
    return [embed for embed in embeds if embed.kind in kinds]


def is_wrapper_embed(embed: Embed) -> bool:
    """Tell whether *embed* is a frame whose address does not say what plays in it."""
    if embed.provider in WRAPPER_PROVIDERS:
        return True
    return embed.provider != "html5" and recognize_url(embed.url) is None and not has_extractor(embed.url)


def expand_wrapper(wrapper: Embed, *, page: str, fetching: FetchOptions) -> list[Embed]:
    """Read the page of *wrapper*, a frame in the article at *page*, and give what plays there under its label.

    One level deep: a wrapper in a wrapper stays.  Gives *wrapper* itself where nothing shows.  It reaches private
    addresses only where *page* is private itself, and files only in the folder of *page*.
    Raises `FetchError`, `DiscoveryError`, `TargetError` for providers that only wrap; of other frames
    yt-dlp may know more.
    """
    try:
        address, content = _read_wrapped_page(wrapper.url, page, fetching)
        named = recognize_url(address)
        if named is not None and named.provider not in WRAPPER_PROVIDERS:
            return [_with_provider(wrapper, named)]
        found = discover_page(content, url=address)
    except (FetchError, DiscoveryError, TargetError):
        if wrapper.provider in WRAPPER_PROVIDERS:
            raise
        return [wrapper]
    return _select_inner_embeds(wrapper, found) or [wrapper]


def _select_inner_embeds(wrapper: Embed, found: DiscoveredPage) -> list[Embed]:
    inside = [embed for embed in select_embeds(found.embeds, links=False) if embed.url != wrapper.url]
    if not inside and (named := recognize_url(found.article.url)) and named.provider not in WRAPPER_PROVIDERS:
        return [_with_provider(wrapper, named)]
    # The first is what the article introduces.
    return [
        replace(embed, kind=wrapper.kind, label=wrapper.label if at == 0 and wrapper.label else embed.label)
        for at, embed in enumerate(inside)
    ]


def _with_provider(wrapper: Embed, known: RecognizedVideo) -> Embed:
    return replace(wrapper, url=known.url, provider=known.provider, id=known.id, dead=known.dead)


def _read_wrapped_page(url: str, page: str, fetching: FetchOptions) -> tuple[str, bytes]:
    """Fetch what a frame of *page* holds, and where it is from."""
    if url.startswith("file:"):
        content = read_file_bytes(_sibling_path(url, page), MAX_PAGE_BYTES)
        # Browsers save a frame as a file, and write in it where it was.
        saved = _SAVED_FROM_MARK.search(content[:4096])
        return (saved[1].decode("ascii", "replace") if saved else url), content
    private = ANY_HOST if fetching.allowed_private_hosts == ANY_HOST else infer_private_hosts(page)
    answer = fetch_page(url, options=replace(fetching, allowed_private_hosts=private))
    return answer.url, answer.content


def _sibling_path(url: str, page: str) -> Path:
    """Give the file that *url* names, if it is in the folder of *page* also where links lead elsewhere."""
    folder = Path(unquote(urlsplit(page).path)).parent.resolve()
    path = Path(unquote(urlsplit(url).path)).resolve()
    if not page.startswith("file:") or not path.is_relative_to(folder):
        raise TargetError(url, "it is outside the folder of the page")
    return path


def read_file_bytes(path: Path, max_bytes: int) -> bytes:
    """Read *path*, *most* bytes of it.  Raises `TargetError`."""
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as exc:
        raise TargetError(str(path), f"it cannot be read ({exc.strerror})") from exc
    if len(content) > max_bytes:
        raise TargetError(str(path), f"it is larger than {max_bytes // 1_000_000} MB")
    return content
