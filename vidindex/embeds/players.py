"""Players in frames and in scripts of a provider: `<iframe>`, `<script src>`, and whatever has an address of a video."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from .page import Page, Sighting
from .wrappers import recognise_wrapped

_FRAMES = ("iframe", "frame", "amp-iframe", "amp-video-iframe", "embed-frame", "fencedframe", "portal", "ilayer")
_ADDRESS = re.compile(
    r"(?i)src|url|href|cite|link|video|player|embed|youtube|vimeo|media|frame|stream|clip|oembed|data-v|value"
)
_NO_ADDRESS = re.compile(
    r"(?i)share|poster|thumb|image|img|related|next|prev|canonical|logo|avatar|origin|subtitle|caption|srcset"
)
_PLAYER_URL = re.compile(
    r"(?i)(?:^|[/_.=-])(?:video|player|videoplayer|vplayer|jwplayer|embed-?video|video-?embed|watch|vod|clip|movie|webcast|"
    r"livestream|replay|tv)s?\d*(?:[/_.?=-]|embed|player|$)"
)
_PLAYER_WORD = re.compile(r"(?i)\b(?:video|player|trailer|clip|film|webcast|screencast|episode)")
_NO_PLAYER = re.compile(
    r"(?i)(?:doubleclick|googlesyndication|adserv|/ads?[/._?]|advert|banner|captcha|/maps?[/?.]|googletagmanager|"
    r"soundcloud|spotify|mixcloud|bandcamp|podcast|audio|radio|slideshare|speakerdeck|scribd|issuu|prezi|disqus|"
    r"facebook\.com/plugins|platform\.twitter|addthis|sharethis|outbrain|taboola|connatix|primis|/form|newsletter|"
    r"last\.fm|game|survey|poll|chart|infogram|datawrapper|flourish|codepen|jsfiddle|calendar|weather|login|consent)"
)
_WIDE = 200


def find(page: Page) -> Iterator[Sighting]:
    """Yield what plays in frames, then scripts of players, then every other element with a video's address."""
    for frame in page.tagged(*_FRAMES):
        yield from _frame(frame, page)
    for script in page.tagged("script"):
        yield from _addresses(script, page)
    for element in page.elements:
        if element.tag not in _ELSEWHERE:
            yield from _addresses(element, page)


_ELSEWHERE = frozenset(
    (
        *_FRAMES,
        "script",
        "a",
        "area",
        "link",
        "meta",
        "video",
        "audio",
        "source",
        "blockquote",
        "track",
        "object",
        "embed",
        "param",
        "base",
        "form",
    )
)


def _frame(frame: HtmlElement, page: Page) -> Iterator[Sighting]:
    seen = list(_addresses(frame, page))
    yield from seen
    if not seen and (url := _unknown_player(frame, page)):
        yield Sighting(frame, url, label=frame.get("title") or "", provider=_provider_of(url, page))


def _addresses(element: HtmlElement, page: Page) -> Iterator[Sighting]:
    """Yield the attributes of *element* that name a video."""
    for name, value in element.items():
        if len(value) < 10 or ("/" not in value and "%2F" not in value) or value[0] in "{[<":
            continue
        if not _ADDRESS.search(name) or _NO_ADDRESS.search(name):
            continue
        url = page.absolute(value)
        if url and recognise_wrapped(url):
            yield Sighting(element, url, label=element.get("title") or element.get("data-title") or "")


def _unknown_player(frame: HtmlElement, page: Page) -> str:
    """Give the address of a frame that looks like a player nobody knows; else nothing."""
    stated = [frame.get(name) for name in ("src", "data-src", "data-lazy-src", "data-litespeed-src", "data-url")]
    url = next(filter(None, map(page.absolute, stated)), "")
    if not url.startswith(("http:", "https:", "file:")) or _NO_PLAYER.search(url) or _small(frame):
        return ""
    parts = urlsplit(url)
    words = " ".join(filter(None, (frame.get("title"), frame.get("class"), frame.get("id"), frame.get("name"))))
    if _PLAYER_URL.search(parts.netloc.partition(".")[0] + parts.path + "?" + parts.query[:_WIDE]):
        return url
    return url if _PLAYER_WORD.search(words) and frame.get("allowfullscreen") is not None else ""


def looks_unlike_player(url: str) -> bool:
    """Tell addresses of advertising, audio, maps, forms, slides and the like."""
    return bool(_NO_PLAYER.search(url))


def _small(frame: HtmlElement) -> bool:
    sizes = [frame.get("width") or "", frame.get("height") or ""]
    return any(
        size.removesuffix("px").isdigit() and int(size.removesuffix("px")) < 90 for size in sizes if len(size) < 9
    )


def _provider_of(url: str, page: Page) -> str:
    """Name an unknown player: `page` where it lies beside the article, else the site that serves it."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    own = (urlsplit(page.base).hostname or "").removeprefix("www.")
    return "page" if host == own else host
