"""Posts of social networks: the blockquotes and boxes that their scripts turn into players.

A post may hold a video or not, and the page does not say: those that can only be videos are embeds, the others links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from ...model import EmbedKind
from ..providers import recognize_url
from .document import EmbedCandidate, PageDocument
from .provider_attributes import aliased_video_url
from .social_kind import classify_post
from .wrapper_urls import recognize_wrapped_url

_POST_CLASS = re.compile(
    r"(?i)twitter-(?:tweet|video)|tiktok-embed|instagram-media|reddit-(?:embed|card)|fb-(?:video|post|reel)|facebook-|bluesky-embed|mastodon|text-post-media|"
    r"telegram|linkedin|tumblr-post|vine-embed|imgur-embed|imgur|snapchat-embed|embedly-(?:card|embed)|iframely|threads|pinterest|vk-post|rumble|streamable|odysee|giphy|coub"
)
_VIDEO_POST_CLASS = re.compile(r"(?i)twitter-video|tiktok-embed|fb-video|fb-reel|vine-embed|snapchat-embed|video")
_POST_URL_ATTRIBUTES = (
    "data-instgrm-permalink", "cite", "data-href", "data-video-id", "data-url", "data-embed-url", "data-tweet-id",
    "data-tweetid", "data-permalink", "data-bluesky-uri", "data-telegram-post", "data-text-post-permalink",
    "data-card-url", "data-link", "data-id", "data-snapchat-embed-url", "data-iframely-url",
)  # fmt: skip


def find_social_posts(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield one sighting for each post."""
    for element in page.elements_by_tag(
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
        if (words and _POST_CLASS.search(words)) or element.get("data-telegram-post"):
            yield from _find_post_video(element, words, page)


def _find_post_video(element: HtmlElement, words: str, page: PageDocument) -> Iterator[EmbedCandidate]:
    for name in _POST_URL_ATTRIBUTES:
        value = element.get(name) or ""
        url = (
            _telegram_url(value)
            if name == "data-telegram-post"
            else page.absolute_url(value)
            if "/" in value
            else _url_from_class(words, value)
        )
        if url and recognize_wrapped_url(url):
            yield EmbedCandidate(element, url, kind=_classify_element(words, url))
            return
    anchors = [anchor for anchor in element.iter("a") if anchor.get("href")]
    for anchor in reversed(anchors[-20:]):
        url = page.absolute_url(anchor.get("href"))
        if url and (known := recognize_url(url)) and known.provider not in ("html5",):
            yield EmbedCandidate(element, url, kind=_classify_element(words, url))
            return


def _url_from_class(words: str, value: str) -> str:
    match = re.search(r"tiktok|twitter|vine|instagram|imgur|streamable|coub|rumble|facebook", words.lower())
    return aliased_video_url(match[0], value) if match else ""


def _telegram_url(value: str) -> str:
    return f"https://t.me/{value}" if re.fullmatch(r"\w+/\d+", value) else ""


def _classify_element(words: str, url: str) -> EmbedKind:
    return "embed" if _VIDEO_POST_CLASS.search(words) else classify_post(url)
