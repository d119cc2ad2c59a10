"""Find elements that state a provider and an id separately: lazy-loading facades, AMP and web components, placeholders.

`<lite-youtube videoid=…>`, `<amp-vimeo data-videoid=…>`, `<div class="youtube-player" data-id=…>`,
`<video-js data-account=… data-video-id=…>`: the provider is in the tag, a class or an attribute, and the id is in
another attribute.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from lxml.html import HtmlElement

from ..providers import addressable_providers, provider_video_url, recognize_url
from .buttons import is_button
from .document import EmbedCandidate, PageDocument
from .multi_key_players import url_from_attributes
from .social_kind import classify_post

PROVIDER_ALIASES = {
    "yt": "youtube", "ytp": "youtube", "ytv": "youtube", "lyte": "youtube", "embedyt": "youtube",
    "lightbox_youtube": "youtube", "lightbox_vimeo5": "vimeo", "jwp": "jwplayer", "jw-": "jwplayer", "jwplatform":
    "jwplayer", "botr": "jwplayer", "tweet": "twitter", "wpvideo": "videopress", "googlevideo": "google_video",
    "gvideo": "google_video", "googledrive": "gdrive", "nicovideo": "niconico", "o2-": "5min", "aol": "5min",
    "vidible": "5min", "mediastream": "mdstrm", "minute-media": "minutemedia", "yahoo": "yahoo_video", "nexxtv":
    "nexx", "dm-": "dailymotion", "c-span": "cspan", "ultimedia": "digiteka", "blip.tv": "blip", "blipdottv":
    "blip", "twitch-clip": "twitch", "screencast-o-matic": "screenpal", "playbackid": "mux", "playback_id": "mux",
}  # fmt: skip
"""Names of providers in markup that differ from their names in the provider table."""
PROVIDER_NAMES = PROVIDER_ALIASES | {name: name for name in sorted(addressable_providers())}
_NAMES_IN_WORDS = frozenset(
    ("descript", "canva", "break", "rumble", "apple", "steam", "medium", "medal", "archive", "screen9")
)
"""Longer names that occur inside words such as `description`."""
VIDEO_ONLY_PROVIDERS = frozenset((
    "youtube", "vimeo", "dailymotion", "wistia", "vidyard", "jwplayer", "mux", "tiktok", "twitch", "streamable",
    "rumble", "ooyala", "videopress", "brid", "springboard", "viqeo", "screen9", "sproutvideo",
    "digiteka", "mdstrm", "viddler", "metacafe", "bitchute", "rutube", "youku", "niconico", "google_video", "5min",
    "nexx", "3q", "minutemedia", "limelight", "cloudflare", "gumlet", "screenr", "revver", "izlesene", "veoh", "vidme",
    "yle",
))  # fmt: skip
"""Providers that have only videos; for others, the name of the id attribute must state that it is a video."""
_PROVIDER_NAME = re.compile("|".join(sorted(map(re.escape, PROVIDER_NAMES), key=len, reverse=True)))
_PROVIDER_ATTRIBUTES = (
    "data-provider", "data-plyr-provider", "data-type", "data-service", "data-platform", "data-source",
    "data-video-type", "data-host", "data-vendor", "data-video-provider", "data-video-source", "data-player",
    "data-player-type", "data-embed-type", "data-network", "provider", "type", "data-video-host", "data-mode",
    "data-site", "data-embed-provider", "data-component", "data-video-service", "data-consent", "data-name", "host",
    "service", "data-media-site-id", "data-channel", "data-provider-name", "data-module", "data-react-class",
)  # fmt: skip
_COMPONENT_ATTRIBUTES = ("class", "name", "data-component", "data-module", "data-react-class")
"""Attributes that may name the provider of a video whose id is in a JSON attribute."""
_URL_BY_PROVIDER = re.compile(r"(youtube|vimeo|dailymotion|hosted|external)_url")
"""Keys of Elementor, which states a URL for each provider, some of them by default; the type says which one plays."""
_ID_ATTRIBUTE = re.compile(
    r"(?i)(?:id|code|key|slug|video|vid|clip|shortcode|uuid|guid|entry|media|youtube|vimeo|dailymotion|wistia|embed|ytb?|src|ref|value|params?|movie|content|source|talk|url|tweet|v)$"
)
_NON_ID_ATTRIBUTE = re.compile(
    r"(?i)user|channel|author|account|image|img|thumb|poster|player-?id|post-?id|widget|element|target|slot|ad-|gtm|track|page|profile|site|integration|pid$|section|campaign|app-?id|-test"
)
_ID_VALUE = re.compile(r"(?:video=|clip=)?[\w@:./-]{3,80}(?:==?)?|\d{4,12}\?h=[\da-f]{6,40}")
_TRACKING_ATTRIBUTE = re.compile(r"(?i)event|tracking|tracker|click|analytic|metric|gtm|data-?layer|beacon")
_PLAIN_ID = re.compile(r"(?!_ytid_)(?=[\w-]{0,10}[A-Z\d])[\w-]{11}|\d{6,}")
_PREFERRED_ATTRIBUTE = re.compile(r"(?i)video|media|content|clip|vid$|entry|hashed|youtube|vimeo")
_VIDEO_ID_ATTRIBUTE = re.compile(r"(?i)video|shortcode|tweet-?id|talk")
_NON_VIDEO_KEY = re.compile(
    r"(?i)share|poster|thumb|image|related|next|ads?$|logo|playlist|background|(?:^|_)bg(?:_|$)"
)
_VIMEO_KEY = re.compile(r"[\da-f]{6,40}")
_VIMEO_KEY_NAME = re.compile(r"(?i)hash$|(?:^|[-_])h$|^video_?key$")
_KEYED_VIMEO_ID = re.compile(r"(\d{4,})(?:[/:]|\?h=)([\da-f]{6,40})")
_ASTRO_PLAYER = re.compile(r"video|player|embed|you_?tube|vimeo|media")
_UNTYPED_ASTRO_VALUE = re.compile(r"\[0, ?(\"(?:[^\"\\\\]|\\\\.)*\")\]")
"""A string among the properties of an island, which are pairs of a type and a value."""
_TWITCH_ID_PREFIX = re.compile(r"^(?:v(?=\d+$)|video=v?|clip=)")
_MAX_JSON_CHARS, _MAX_JSON_NODES, _MAX_PLAYLIST_VIDEOS = 20_000, 500, 50
_ACCOUNT_KEYS = frozenset(("accountid", "account_id", "account", "entryid", "entry_id"))
_KEY_OF_ACCOUNT = re.compile(r"account_?id|account|video_?id|entry_?id|partner_?id")
_PROVIDER_KEYS = (
    "provider", "providername", "video_type", "videotype", "service", "platform", "source", "type", "host",
    "providerid", "provider_video_type", "video_provider", "videoprovider", "provider_name", "__typename", "_type",
    "component", "embedtype", "player",
)  # fmt: skip
_TITLE_ATTRIBUTES = (
    "title", "data-title", "data-video-title", "playlabel", "data-playlabel", "videotitle", "video-title", "data-name",
    "aria-label",
)  # fmt: skip


def find_provider_attributes(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the videos that elements identify by provider and id; players with several ids take precedence."""
    for element in page.elements:
        tag = str(element.tag)
        if not element.attrib or not _is_player_candidate(tag, element):
            continue
        attributes = {str(name).lower(): str(value) for name, value in element.items()}
        url = url_from_attributes(tag, attributes) or _find_url_by_provider(tag, attributes)
        for found in [url] if url else _find_urls_in_json_attributes(tag, attributes):
            if not is_button(element):
                label = next((attributes[name] for name in _TITLE_ATTRIBUTES if attributes.get(name)), "")
                yield EmbedCandidate(element, found, kind=classify_post(found), label=label.removeprefix("Play: "))


def _is_player_candidate(tag: str, element: HtmlElement) -> bool:
    """Return whether an element may identify a video: a quick check that excludes most elements of a page."""
    if "-" in tag or tag in ("stream", "youtube", "vimeo"):
        return True
    if any(str(name).startswith(("data-", "video", "youtube")) for name in element.attrib):
        return True
    return "wistia" in (element.get("class") or "")


def _find_url_by_provider(tag: str, attributes: dict[str, str]) -> str:
    """Return the URL that the name of a provider and an id make together, or ""."""
    provider = _provider_of(tag, attributes)
    if not provider:
        return ""
    for name, raw_value in sorted(attributes.items(), key=lambda pair: not _PREFERRED_ATTRIBUTE.search(pair[0])):
        value = raw_value.strip()
        if (
            name in ("class", "style", "href")
            or not _ID_VALUE.fullmatch(value)
            or not _ID_ATTRIBUTE.search(name)
            or (_NON_ID_ATTRIBUTE.search(name) and "video" not in name)
        ):
            continue
        if name in ("id", "name") and "youtube" not in tag and not _PLAIN_ID.fullmatch(value):
            continue
        if (
            PROVIDER_NAMES[provider] not in VIDEO_ONLY_PROVIDERS
            and "-" not in tag
            and not _VIDEO_ID_ATTRIBUTE.search(name)
        ):
            continue
        if url := aliased_video_url(provider, value):
            return with_vimeo_key(url, _find_vimeo_key(attributes))
    return ""


def _find_vimeo_key(values: Mapping[str, str]) -> str:
    return next(
        (value for name, value in values.items() if _VIMEO_KEY_NAME.search(name) and _VIMEO_KEY.fullmatch(value)), ""
    )


def _provider_of(tag: str, attributes: dict[str, str]) -> str:
    """Return the provider as the markup names it: in the tag, an attribute, an attribute name, a class or the id."""
    provider_texts = [
        attributes[name].lower() for name in _PROVIDER_ATTRIBUTES if name in attributes and len(attributes[name]) < 60
    ]
    attribute_names = [name for name in attributes if name.startswith(("data-", "video", "youtube", "vimeo"))]
    for text in (
        tag if "-" in tag or tag in PROVIDER_NAMES else "",
        *provider_texts,
        *attribute_names,
        attributes.get("class", "").lower()[:300],
        attributes.get("id", "").lower()[:60],
    ):
        if text and (match := _PROVIDER_NAME.search(text)) and _is_whole_word(text, match):
            return match[0]
    return ""


def _is_whole_word(text: str, match: re.Match[str]) -> bool:
    """Return whether *match* is a word of its own; checked only for names that occur inside other words."""
    if len(match[0]) > 4 and match[0] not in _NAMES_IN_WORDS:
        return True
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    return not before.isalnum() and (
        not after.isalpha() or text[match.end() :].startswith(("video", "player", "id", "embed"))
    )


def aliased_video_url(alias: str, video_id: str) -> str:
    """Return the URL of the video *video_id* of the provider that markup calls *alias*, or "" if the id is invalid."""
    provider = PROVIDER_NAMES.get(alias.lower(), "")
    if provider == "vimeo" and (keyed := _KEYED_VIMEO_ID.fullmatch(video_id)):
        return with_vimeo_key(provider_video_url(provider, keyed[1]), keyed[2])
    if provider == "twitch":
        video_id = _TWITCH_ID_PREFIX.sub("", video_id)
    if provider == "limelight":
        video_id = video_id.replace("-", "")
    return provider_video_url(provider, video_id) if video_id else ""


def with_vimeo_key(url: str, key: str) -> str:
    """Return the URL of an unlisted video of Vimeo with its *key*; return another *url* unchanged."""
    is_keyed = url.startswith("https://vimeo.com/") and url.count("/") == 3 and _VIMEO_KEY.fullmatch(key)
    return f"{url}/{key}" if is_keyed else url


def _find_urls_in_json_attributes(tag: str, attributes: dict[str, str]) -> Iterator[str]:
    """Yield the video URL from a JSON attribute (`data-settings`, `data-plyr-config`…), or those of a playlist."""
    if tag == "astro-island":
        names = f"{attributes.get('opts', '')} {attributes.get('component-url', '')}".lower()
        props = _UNTYPED_ASTRO_VALUE.sub(r"\1", attributes.get("props", "")[:_MAX_JSON_CHARS])
        if _ASTRO_PLAYER.search(names):
            yield from islice(_find_urls_in_json(props, tag, {"class": names}), 1)
        return
    for name, value in attributes.items():
        if (
            (name.startswith("data-") or name == "props")
            and not _TRACKING_ATTRIBUTE.search(name)
            and value[:1] in ("{", "[")
            and len(value) < _MAX_JSON_CHARS
        ):
            limit = _MAX_PLAYLIST_VIDEOS if "video-playlist" in attributes.get("class", "") else 1
            urls = list(islice(_find_urls_in_json(value, tag, attributes), limit))
            if urls:
                yield from urls
                return


def _find_urls_in_json(text: str, tag: str, attributes: dict[str, str]) -> Iterator[str]:
    try:
        stack = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_JSON_NODES):
        if not stack:
            break
        item = stack.pop()
        if isinstance(item, dict):
            item = _drop_urls_of_other_types(item)
            # The id may be in the JSON and the provider in the class, the name or the tag of the element.
            ids = {str(key).lower(): str(value) for key, value in item.items() if isinstance(value, str | int)}
            names = " ".join(attributes.get(name, "") for name in _COMPONENT_ATTRIBUTES)
            if url := url_from_mapping(item) or _find_url_by_provider(tag, {"class": names, **ids}):
                yield url
                continue
            stack.extend(inner for key, inner in reversed(item.items()) if not _NON_VIDEO_KEY.search(key))
        elif isinstance(item, list):
            stack.extend(reversed(item[:50]))
        elif isinstance(item, str) and "//" in item and "<" not in item and recognize_url(item):
            yield item


def _drop_urls_of_other_types(item: dict[str, object]) -> dict[str, object]:
    """Return *item* without the URLs for other types of players than the one that it states."""
    kind = str(item.get("video_type") or item.get("type") or "").lower()
    if not _URL_BY_PROVIDER.fullmatch(f"{kind}_url"):
        return item
    return {key: value for key, value in item.items() if key == f"{kind}_url" or not _URL_BY_PROVIDER.fullmatch(key)}


def _find_keyed_url(values: Mapping[str, str], provider: str) -> str:
    """Return the URL of a video that needs the id of an account, too, if *provider* does not name another site."""
    is_other = provider != "" and not any(name in provider for name in ("brightcove", "kaltura", "bc_"))
    keyed = {name: value for name, value in values.items() if _KEY_OF_ACCOUNT.fullmatch(name)}
    return "" if is_other else url_from_attributes("", {**keyed, "class": provider})


def url_from_mapping(mapping: dict[str, object]) -> str:
    """Return the URL of the video that a JSON object identifies by provider and id, or ""."""
    values = {
        key.lower(): str(value)
        for key, value in mapping.items()
        if isinstance(value, str | int) and len(str(value)) < 300
    }
    provider_texts = (values[key].lower() for key in _PROVIDER_KEYS if key in values)
    provider = next(filter(_PROVIDER_NAME.search, provider_texts), "")
    if not _ACCOUNT_KEYS.isdisjoint(values) and (url := _find_keyed_url(values, provider)):
        return url
    for key, value in values.items():
        provider_text = provider or key.lower()
        match = (
            _PROVIDER_NAME.search(provider_text)
            if _ID_ATTRIBUTE.search(key) and not _NON_ID_ATTRIBUTE.search(key)
            else None
        )
        if match and _is_whole_word(provider_text, match) and (url := aliased_video_url(match[0], value)):
            return with_vimeo_key(url, _find_vimeo_key(values))
    return ""
