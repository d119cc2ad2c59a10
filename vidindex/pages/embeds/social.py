"""Find embedded posts of social networks: blockquotes and other elements that scripts turn into players.

The page does not state whether a post contains a video.  Posts that can only be videos are embeds, others are links.
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
    r"(?i)twitter-(?:tweet|video)|tiktok-embed|instagram-(?:media|embed)|reddit-(?:embed|card)|fb-(?:video|post|reel)|facebook-|bluesky-embed|mastodon|text-post-media|"
    r"telegram|linkedin|tumblr-post|vine-embed|imgur-embed|imgur|snapchat-embed|embedly-(?:card|embed)|iframely|threads|pinterest|vk-post|rumble|streamable|odysee|giphy|coub"
)
_VIDEO_POST_CLASS = re.compile(r"(?i)twitter-video|tiktok-embed|fb-video|fb-reel|vine-embed|snapchat-embed|video")
_BLUESKY_URI = re.compile(r"at://([\w.:%-]+)/app\.bsky\.feed\.post/(\w+)")
_POST_URL_ATTRIBUTES = (
    "data-instgrm-permalink", "cite", "data-href", "data-video-id", "data-url", "data-embed-url", "data-tweet-id",
    "data-tweetid", "data-permalink", "data-bluesky-uri", "data-telegram-post", "data-text-post-permalink",
    "data-card-url", "data-link", "data-id", "data-snapchat-embed-url", "data-iframely-url", "data-shortcode",
)  # fmt: skip


def find_social_posts(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield one candidate for each post."""
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
        class_names = element.get("class") or ""
        if (tag := str(element.tag)).startswith(("amp-", "fb:")):
            class_names += f" {tag[4:]}-embed"
        if (class_names and _POST_CLASS.search(class_names)) or element.get("data-telegram-post"):
            yield from _find_post_video(element, class_names, page)


def _find_post_video(element: HtmlElement, class_names: str, page: PageDocument) -> Iterator[EmbedCandidate]:
    for name in _POST_URL_ATTRIBUTES:
        value = element.get(name) or ""
        url = (
            _telegram_url(value)
            if name == "data-telegram-post"
            else _bluesky_url(value)
            if name == "data-bluesky-uri"
            else page.absolute_url(value)
            if "/" in value
            else _url_from_class(class_names, value)
        )
        if url and recognize_wrapped_url(url):
            yield EmbedCandidate(element, url, kind=_classify_element(element, class_names, url))
            return
    anchors = [anchor for anchor in element.iter("a") if anchor.get("href")]
    for anchor in reversed(anchors[-20:]):
        url = page.absolute_url(anchor.get("href"))
        if url and (video := recognize_url(url)) and video.provider not in ("html5",):
            yield EmbedCandidate(element, url, kind=_classify_element(element, class_names, url))
            return


def _url_from_class(class_names: str, value: str) -> str:
    match = re.search(r"tiktok|twitter|vine|instagram|imgur|streamable|coub|rumble|facebook", class_names.lower())
    return aliased_video_url(match[0], value) if match else ""


def _telegram_url(value: str) -> str:
    return f"https://t.me/{value}" if re.fullmatch(r"\w+/\d+", value) else ""


def _bluesky_url(value: str) -> str:
    match = _BLUESKY_URI.fullmatch(value)
    return f"https://bsky.app/profile/{match[1]}/post/{match[2]}" if match else ""


def _classify_element(element: HtmlElement, class_names: str, url: str) -> EmbedKind:
    # X states the width of the player for posts with a video only.
    is_video = _VIDEO_POST_CLASS.search(class_names) or element.get("data-media-max-width")
    return "embed" if is_video else classify_post(url)
