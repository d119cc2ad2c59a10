"""Players that no rule of ours knows: shown to yt-dlp one by one, then judged by what their address says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from .document import Page, Sighting

_FRAMES = ("iframe", "frame", "amp-iframe", "amp-video-iframe")
_TAGS = (*_FRAMES, "embed", "object", "script", "video-js")
_SOURCES = ("src", "data-src", "data-lazy-src", "data-litespeed-src", "data-url", "data")
_PLAYER_URL = re.compile(
    r"(?i)(?:^|[/_.=-])(?:video|player|videoplayer|vplayer|jwplayer|embed-?video|video-?embed|watch|vod|clip|movie|"
    r"webcast|livestream|replay|tv)s?\d*(?:[/_.?=-]|embed|player|$)"
)
_PLAYER_WORD = re.compile(r"(?i)\b(?:video|player|trailer|clip|film|webcast|screencast|episode)")
_NO_PLAYER = re.compile(
    r"(?i)(?:doubleclick|googlesyndication|adserv|/ads?[/._?]|advert|banner|captcha|/maps?[/?.]|googletagmanager|"
    r"soundcloud|spotify|mixcloud|bandcamp|podcast|audio|radio|simplecast|player\.fm|libsyn|captivate\.fm|transistor\.fm|"
    r"npr\.org/player|megaphone\.fm|omny\.fm|acast\.com|player\.ex\.co|slideshare|speakerdeck|scribd|issuu|prezi|disqus|"
    r"facebook\.com/plugins|platform\.twitter|addthis|sharethis|outbrain|taboola|connatix|primis|/form|newsletter|"
    r"last\.fm|game|survey|poll|chart|infogram|datawrapper|flourish|codepen|jsfiddle|calendar|weather|login|consent|"
    r"comments?\b|share|tracking|analytics|pixel|livestream-?chat|chat)"
)
_WRAPPERS = (
    ("iframely", re.compile(r"(?i)^https?://(?:[\w-]+\.)?(?:iframe\.ly|iframely\.net|if-cdn\.com)/\w{5,12}(?:$|[?#])")),
    ("embedly", re.compile(r"(?i)^https?://(?:[\w-]+\.)?(?:embedly\.com|embed\.ly)/widgets/media\.html\?")),
)
"""Frames that hold another's player and do not say whose."""
_STATED = re.compile(r"(?i)^(?:og:video(?::(?:secure_)?url|:iframe)?|twitter:player)$")
_MAX = 12


def find(page: Page, seen: set[HtmlElement]) -> Iterator[Sighting]:
    """Yield the players among those elements of *page* at which nothing was *seen*."""
    stated = _stated_players(page)
    for element in islice((e for e in page.tagged(*_TAGS) if e not in seen), 10 * _MAX):
        if not (url := _address(element, page)):
            continue
        label = element.get("title") or ""
        if element.tag in _FRAMES and (wrapper := _wrapper(url)):
            yield Sighting(element, url, label=label, provider=wrapper)
            continue
        found = list(_by_ytdlp(element, url, page)) if "://" in url else []
        yield from found[:3]
        if not found and element.tag in _FRAMES and (url in stated or _looks_like_player(element, url)):
            yield Sighting(element, url, label=label, provider=_provider_of(url, page))


def _stated_players(page: Page) -> frozenset[str]:
    """Collect the players that the page's metadata names: one whose address says nothing is one all the same."""
    named = (meta for meta in page.tagged("meta") if _STATED.match(meta.get("property") or meta.get("name") or ""))
    return frozenset(page.absolute(meta.get("content")) for meta in islice(named, _MAX))


def _by_ytdlp(element: HtmlElement, url: str, page: Page) -> Iterator[Sighting]:
    if not url.startswith(("http:", "https:")):
        return
    from .ytdlp import embeds_in, known_to_ytdlp

    label = element.get("title") or ""
    known = known_to_ytdlp(url) if element.tag != "script" else None
    if known is not None:
        yield Sighting(element, url, label=label, provider=known.provider, id=known.id)
        return
    for found in islice(embeds_in(_tag(element), url, page.url or "https://example.invalid/"), 3):
        if (known := known_to_ytdlp(found)) is not None:
            yield Sighting(element, found, label=label, provider=known.provider, id=known.id)


def _address(element: HtmlElement, page: Page) -> str:
    url = next(filter(None, (page.absolute(element.get(name)) for name in _SOURCES)), "")
    if element.tag == "script" and not any(word in url.lower() for word in ("embed", "player", "video")):
        return ""
    return "" if len(url) > 2000 or _NO_PLAYER.search(url) or _small(element) else url


def _wrapper(url: str) -> str:
    return next((name for name, pattern in _WRAPPERS if pattern.match(url)), "")


def _tag(element: HtmlElement) -> str:
    """Write *element* without what it holds, as yt-dlp's patterns expect it."""
    attributes = [f'{name}="{escape(value)}"' for name, value in element.items() if len(value) < 2000]
    tag = "iframe" if element.tag in _FRAMES else str(element.tag)
    return f"<{tag} {' '.join(attributes)}></{tag}>"


def _looks_like_player(frame: HtmlElement, url: str) -> bool:
    parts = urlsplit(url)
    where = f"{parts.netloc.partition('.')[0]}{parts.path}?{parts.query[:200]}"
    words = " ".join(frame.get(name) or "" for name in ("title", "class", "id", "name"))
    screen = frame.get("allowfullscreen") is not None or "fullscreen" in (frame.get("allow") or "")
    return bool(_PLAYER_URL.search(where)) or (screen and bool(_PLAYER_WORD.search(words)))


def _small(element: HtmlElement) -> bool:
    sizes = ((element.get(name) or "").removesuffix("px") for name in ("width", "height"))
    return any(size.isdecimal() and len(size) < 9 and int(size) < 90 for size in sizes)


def _provider_of(url: str, page: Page) -> str:
    """Name an unknown player: `page` where it lies beside the article, else the site that serves it."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    own = (urlsplit(page.base).hostname or "").removeprefix("www.")
    return "page" if host == own else host
