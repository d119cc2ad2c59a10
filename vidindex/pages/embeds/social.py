"""Posts of social networks: the blockquotes and boxes that their scripts turn into players.

A post may hold a video or not, and the page does not say: those that can only be videos are embeds, the others links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from ...model import EmbedKind
from ..providers import recognise
from .document import Page, Sighting
from .provider_attributes import by_id
from .social_kind import post_kind
from .wrapper_urls import recognise_wrapped

_POSTS = re.compile(
    r"(?i)twitter-(?:tweet|video)|tiktok-embed|instagram-media|reddit-(?:embed|card)|fb-(?:video|post|reel)|facebook-|bluesky-embed|mastodon|text-post-media|"
    r"telegram|linkedin|tumblr-post|vine-embed|imgur-embed|imgur|snapchat-embed|embedly-(?:card|embed)|iframely|threads|pinterest|vk-post|rumble|streamable|odysee|giphy|coub"
)
_VIDEO = re.compile(r"(?i)twitter-video|tiktok-embed|fb-video|fb-reel|vine-embed|snapchat-embed|video")
_TIES = (
    "data-instgrm-permalink", "cite", "data-href", "data-video-id", "data-url", "data-embed-url", "data-tweet-id",
    "data-tweetid", "data-permalink", "data-bluesky-uri", "data-telegram-post", "data-text-post-permalink",
    "data-card-url", "data-link", "data-id", "data-snapchat-embed-url", "data-iframely-url",
)  # fmt: skip


def find(page: Page) -> Iterator[Sighting]:
    """Yield one sighting for each post."""
    for element in page.tagged(
        "blockquote",
        "div",
        "section",
        "figure",
        "a",
        "span",
        "p",
        "script",
        "amp-facebook",
        "amp-instagram",
        "amp-twitter",
        "amp-tiktok",
        "amp-reddit",
        "amp-embedly-card",
        "fb:video",
        "gfycat",
    ):
        words = element.get("class") or ""
        if (tag := str(element.tag)).startswith(("amp-", "fb:")):
            words += f" {tag[4:]}-embed"
        if (words and _POSTS.search(words)) or element.get("data-telegram-post"):
            yield from _post(element, words, page)


def _post(element: HtmlElement, words: str, page: Page) -> Iterator[Sighting]:
    for name in _TIES:
        value = element.get(name) or ""
        url = (
            _telegram(value)
            if name == "data-telegram-post"
            else page.absolute(value)
            if "/" in value
            else _by_class(words, value)
        )
        if url and recognise_wrapped(url):
            yield Sighting(element, url, kind=_kind(words, url))
            return
    anchors = [anchor for anchor in element.iter("a") if anchor.get("href")]
    for anchor in reversed(anchors[-20:]):
        url = page.absolute(anchor.get("href"))
        if url and (known := recognise(url)) and known.provider not in ("html5",):
            yield Sighting(element, url, kind=_kind(words, url))
            return


def _by_class(words: str, value: str) -> str:
    match = re.search(r"tiktok|twitter|vine|instagram|imgur|streamable|coub|rumble|facebook", words.lower())
    return by_id(match[0], value) if match else ""


def _telegram(value: str) -> str:
    return f"https://t.me/{value}" if re.fullmatch(r"\w+/\d+", value) else ""


def _kind(words: str, url: str) -> EmbedKind:
    return "embed" if _VIDEO.search(words) else post_kind(url)
