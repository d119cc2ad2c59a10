"""Read a page, select its embeds, and replace wrapper frames by the players in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import DiscoveryError, FetchError, NotHtmlError, PageWallError, ScriptPageError, TargetError
from ..model import Article, Embed, Medium
from ..net.fetch import FetchedPage, FetchOptions, fetch_page
from ..net.saved_responses import ResponseArchive
from ..net.ssrf import ANY_HOST, infer_private_hosts
from ..net.throttle import HostThrottle
from ..pages.embeds import DiscoveredPage, discover_page
from ..pages.formats.saved_marks import find_saved_mark
from ..pages.providers import RecognizedVideo, is_audio_file, recognize_url
from ..pages.saved_page import HEAD_BYTES, MAX_PAGE_BYTES, LoadedPage, load_pages, read_file_bytes
from ..pages.script_shells import is_script_shell
from ..pages.walls import find_wall
from ..resolve.extractors import has_extractor
from .audio_player import find_played_file
from .feed_marks import find_list_mark
from .targets import Target, classify_target, file_url_to_path

WRAPPER_PROVIDERS = frozenset(("embedly", "iframely", "medium"))
"""Providers whose pages contain only the player of another provider."""
_FEED_TYPE = "application/rss+xml"
_MIN_ARTICLE_WORDS = 50
"""A page with fewer words has no article: with `render`, its scripts may bring one."""


def read_page(
    page: str | Path | Target, *, fetching: FetchOptions | None = None, render: bool = False
) -> DiscoveredPage:
    """Read a page, given by its URL or its file, and find its embeds.

    With *render*, the scripts of a page from the web run if it has no article without them.
    Raises `TargetError` if *page* is not a page, `FetchError` if it cannot be fetched, `NotHtmlError` if the response
    is not a page, `PageWallError` if the site shows something else instead of the page, `ScriptPageError` if the page
    is empty without its scripts, `DiscoveryError` if it exceeds the limits of time and size.
    """
    target = page if isinstance(page, Target) else classify_target(page)
    if target.path.name and target.kind in ("page", "archive"):
        return next(read_pages(target))
    if target.kind in ("url", "video"):
        source = target.url
        found = _read_web_page(source, fetching or FetchOptions(), render=render)
    else:
        raise TargetError(target.url or str(target.path), "it is not a page")
    return replace(found, article=replace(found.article, fetched_from=source))


def read_pages(
    page: str | Path | Target, *, fetching: FetchOptions | None = None, render: bool = False
) -> Iterator[DiscoveredPage]:
    """Yield the pages of an archive, as `read_page` reads them, or the one page that *page* is.

    Raises what `read_page` raises, and `TargetError` if no page of the archive can be read.
    """
    target = page if isinstance(page, Target) else classify_target(page)
    if target.path.name and target.kind in ("page", "archive"):
        yield from map(discover_loaded, load_pages(target.path))
    else:
        yield read_page(target, fetching=fetching, render=render)


def discover_loaded(page: LoadedPage) -> DiscoveredPage:
    """Find the embeds of a page that was saved.  Raises `DiscoveryError` if it exceeds the limits of time and size."""
    content = page.content if isinstance(page.content, bytes) else page.content.encode("utf-8", "replace")
    found = discover_page(content, url=page.url)
    return replace(found, article=page.describe(found.article))


def _read_web_page(url: str, fetching: FetchOptions, *, render: bool) -> DiscoveredPage:
    fetched = fetch_page(url, options=fetching)
    if find_list_mark(fetched.content[:HEAD_BYTES]) == "feed":  # servers call feeds HTML
        raise NotHtmlError(url, "the response is a feed, not a web page: `vidindex add` it", content_type=_FEED_TYPE)
    found = discover_page(fetched.content, url=fetched.url)
    _check_wall(found, fetched, asked=url, throttle=fetching.throttle)
    if any(embed.kind != "link" for embed in found.embeds):
        return found
    is_shell = is_script_shell(found.article, fetched.content)
    if not (is_shell or (render and _may_bring_article(found.article, fetched.content))):
        return found
    if not render:
        raise ScriptPageError(url)
    from ..pages.rendering import render_page

    rendered = render_page(fetched.url, options=fetching)
    again = discover_page(rendered.content, url=rendered.url)
    _check_wall(again, rendered, asked=url, throttle=fetching.throttle)
    if is_shell and not again.embeds and is_script_shell(again.article, rendered.content):
        raise ScriptPageError(url, rendered=True)
    return again


def _may_bring_article(article: Article, content: bytes) -> bool:
    """Return whether the scripts of a page may bring its article, or the players of one that only its metadata have."""
    return len(article.text.split()) < _MIN_ARTICLE_WORDS or is_script_shell(replace(article, text=""), content)


def _check_wall(found: DiscoveredPage, fetched: FetchedPage, *, asked: str, throttle: HostThrottle | None) -> None:
    """Raise `PageWallError` if there is no player in the page, and it is a wall; *throttle* is told of a bot check."""
    if any(embed.kind != "link" for embed in found.embeds):
        return
    article = found.article
    if kind := find_wall(article, fetched.content, address=fetched.url, asked=asked):
        if kind == "bot check" and throttle is not None:
            throttle.note_refusal(fetched.url, kind)
        raise PageWallError(asked, fetched.url, kind, article.title)


def select_embeds(embeds: Sequence[Embed], *, links: bool) -> list[Embed]:
    """Select players, links if *links* is true, and videos that only the metadata names if there is no player.

    A player of audio does not replace a video that the metadata name.
    """
    players = {embed.medium for embed in embeds if embed.kind == "embed"}
    kinds = {"embed", "link"} if links else {"embed"}
    return [embed for embed in embeds if embed.kind in kinds or (embed.kind == "meta" and _may_play(embed, players))]


def _may_play(embed: Embed, players: set[Medium]) -> bool:
    return not players if embed.medium == "audio" else "video" not in players


def is_wrapper_embed(embed: Embed) -> bool:
    """Return whether *embed* is a frame whose URL does not identify a video."""
    if embed.provider in WRAPPER_PROVIDERS:
        return True
    if embed.medium == "audio":
        return not is_audio_file(embed.url) and embed.provider != "html5" and not has_extractor(embed.url)
    return embed.provider != "html5" and recognize_url(embed.url) is None and not has_extractor(embed.url)


def expand_wrapper(
    wrapper: Embed, *, page: str, fetching: FetchOptions, archive: ResponseArchive | None = None
) -> list[Embed]:
    """Read *wrapper*, a frame in the article at *page*, and return the embeds in it under the label of the frame.

    A wrapper inside a wrapper is not expanded.  Returns *wrapper* itself if nothing is found.  Private addresses are
    reached only if *page* is private itself and in no archive, and files only in the folder of *page*.
    Raises `FetchError`, `DiscoveryError` or `TargetError` if the provider is in `WRAPPER_PROVIDERS`; other frames that
    fail are returned, because yt-dlp may support them.
    """
    try:
        address, content = _read_wrapped_page(wrapper.url, page, fetching, archive)
        named = recognize_url(address)
        if wrapper.medium == "video" and named is not None and named.provider not in WRAPPER_PROVIDERS:
            return [_with_provider(wrapper, named)]
        found = discover_page(content, url=address)
    except (FetchError, DiscoveryError, TargetError):
        if wrapper.provider in WRAPPER_PROVIDERS:
            raise
        return [wrapper]
    if wrapper.medium == "audio":
        return find_played_file(wrapper, found.embeds, content, address) or [wrapper]
    return _select_inner_embeds(wrapper, found) or [wrapper]


def _select_inner_embeds(wrapper: Embed, found: DiscoveredPage) -> list[Embed]:
    inside = [embed for embed in select_embeds(found.embeds, links=False) if embed.url != wrapper.url]
    if not inside and (named := recognize_url(found.stated_url)) and named.provider not in WRAPPER_PROVIDERS:
        return [_with_provider(wrapper, named)]
    # The label of the frame introduces its first video.
    return [
        replace(embed, kind=wrapper.kind, label=wrapper.label if at == 0 and wrapper.label else embed.label)
        for at, embed in enumerate(inside)
    ]


def _with_provider(wrapper: Embed, known: RecognizedVideo) -> Embed:
    return replace(wrapper, url=known.url, provider=known.provider, id=known.id, dead=known.dead, medium=known.medium)


def _read_wrapped_page(
    url: str, page: str, fetching: FetchOptions, archive: ResponseArchive | None
) -> tuple[str, bytes]:
    """Return the URL and the content of the frame at *url* in *page*."""
    if url.startswith("file:"):
        content = _read_sibling(url, page)
        return find_saved_mark(content).url or url, content
    private = fetching.allowed_private_hosts
    if archive is not None:
        private = private or frozenset()  # an archive may state that its pages have any address
    elif private != ANY_HOST:
        private = infer_private_hosts(page)
    answer = fetch_page(url, options=replace(fetching, allowed_private_hosts=private), archive=archive)
    return answer.url, answer.content


def _read_sibling(url: str, page: str) -> bytes:
    """Return the content of the file that *url* names.

    Raises `TargetError` if it is not a regular file, or outside the folder of *page* once links are resolved.
    """
    if not page.startswith("file:"):
        raise TargetError(url, "it is outside the folder of the page")
    return read_file_bytes(file_url_to_path(url), MAX_PAGE_BYTES, folder=file_url_to_path(page).parent)
