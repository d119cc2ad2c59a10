"""Elements that name a provider and an id apart: lazy facades, AMP and web components, player placeholders.

`<lite-youtube videoid=…>`, `<amp-vimeo data-videoid=…>`, `<div class="youtube-player" data-id=…>`,
`<video-js data-account=… data-video-id=…>`: who plays is in the tag, a class or an attribute, what is in another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from ..providers import recognise
from .page import Page, Sighting

BY_ID = {
    "youtube": "https://www.youtube.com/watch?v={0}", "ytp": "https://www.youtube.com/watch?v={0}", "ytv": "https://www.youtube.com/watch?v={0}",
    "yt": "https://www.youtube.com/watch?v={0}", "vimeo": "https://vimeo.com/{0}", "dailymotion": "https://www.dailymotion.com/video/{0}",
    "wistia": "https://fast.wistia.net/embed/iframe/{0}", "twitch-clip": "https://clips.twitch.tv/{0}", "twitch": "https://www.twitch.tv/videos/{0}",
    "tiktok": "https://www.tiktok.com/@_/video/{0}", "facebook": "https://www.facebook.com/watch/?v={0}", "vidyard": "https://play.vidyard.com/{0}",
    "streamable": "https://streamable.com/{0}", "rumble": "https://rumble.com/embed/{0}", "loom": "https://www.loom.com/share/{0}",
    "mux": "https://player.mux.com/{0}", "jwplayer": "https://cdn.jwplayer.com/previews/{0}", "jwp": "https://cdn.jwplayer.com/previews/{0}",
    "jw-": "https://cdn.jwplayer.com/previews/{0}", "jwplatform": "https://cdn.jwplayer.com/previews/{0}", "botr": "https://cdn.jwplayer.com/previews/{0}",
    "ooyala": "https://player.ooyala.com/player.js?embedCode={0}", "vine": "https://vine.co/v/{0}", "hulu": "http://www.hulu.com/embed/{0}",
    "gfycat": "https://gfycat.com/ifr/{0}", "instagram": "https://www.instagram.com/p/{0}/", "twitter": "https://twitter.com/i/status/{0}",
    "tweet": "https://twitter.com/i/status/{0}", "ted": "https://www.ted.com/talks/{0}", "videopress": "https://videopress.com/v/{0}",
    "wpvideo": "https://videopress.com/v/{0}", "cloudflare": "https://watch.cloudflarestream.com/{0}", "bitchute": "https://www.bitchute.com/video/{0}/",
    "odysee": "https://odysee.com/$/embed/{0}", "rutube": "https://rutube.ru/video/{0}/", "bilibili": "https://www.bilibili.com/video/{0}",
    "niconico": "https://www.nicovideo.jp/watch/{0}", "nicovideo": "https://www.nicovideo.jp/watch/{0}", "youku": "https://v.youku.com/v_show/id_{0}.html",
    "coub": "https://coub.com/view/{0}", "aparat": "https://www.aparat.com/v/{0}", "archive": "https://archive.org/details/{0}",
    "sproutvideo": "https://videos.sproutvideo.com/embed/{0}", "muse": "https://muse.ai/v/{0}", "api.video": "https://embed.api.video/vod/{0}",
    "izlesene": "https://www.izlesene.com/embedplayer/{0}/", "metacafe": "http://www.metacafe.com/embed/{0}/", "liveleak": "http://www.liveleak.com/e/{0}",
    "blip": "http://blip.tv/play/{0}", "viddler": "http://www.viddler.com/embed/{0}/", "googlevideo": "http://video.google.com/videoplay?docid={0}",
    "myspace": "http://myspace.com/video/vid/{0}", "veoh": "https://www.veoh.com/watch/{0}",
    "vidme": "https://vid.me/{0}", "funnyordie": "http://www.funnyordie.com/embed/{0}", "collegehumor": "http://www.collegehumor.com/e/{0}",
    "ustream": "https://www.ustream.tv/embed/recorded/{0}", "vk": "https://vk.com/video{0}", "imdb": "https://www.imdb.com/video/{0}/",
    "mdstrm": "https://mdstrm.com/embed/{0}", "kick": "https://kick.com/video/{0}", "redgifs": "https://www.redgifs.com/watch/{0}",
    "peertube": "https://framatube.org/videos/watch/{0}", "screenr": "http://www.screenr.com/embed/{0}", "mtv": "http://media.mtvnservices.com/embed/{0}",
    "cspan": "https://www.c-span.org/video/standalone/?{0}", "vbox7": "https://www.vbox7.com/play:{0}", "revver": "http://revver.com/watch/{0}",
    "gdrive": "https://drive.google.com/file/d/{0}/view", "googledrive": "https://drive.google.com/file/d/{0}/view", "digiteka": "https://www.ultimedia.com/deliver/generic/iframe/src/{0}",
    "brid": "https://services.brid.tv/services/iframe/video/{0}/0/0.html", "minute-media": "https://www.oo-syringe.com/embed/{0}", "5min": "http://embed.5min.com/PlayerSeed/?playList={0}",
    "springboard": "https://cms.springboardplatform.com/embed_iframe/0/video/{0}", "glomex": "https://player.glomex.com/integration/1/iframe-player.html?playlistId={0}",
    "screen9": "https://api.screen9.com/embed/{0}", "gumlet": "https://play.gumlet.io/embed/{0}", "animoto": "https://animoto.com/play/{0}",
    "yahoo": "http://video.yahoo.com/video/play?vid={0}", "sevenload": "http://de.sevenload.com/pl/{0}/425x350/swf", "clipfish": "http://www.clipfish.de/video/{0}/",
    "myvideo": "http://www.myvideo.de/movie/{0}", "gametrailers": "http://www.gametrailers.com/remote_wrap.php?mid={0}", "reddit": "https://v.redd.it/{0}",
}  # fmt: skip
"""Addresses by a provider's name and an id: the names that markup uses, longest match first."""

_NAMES = re.compile("|".join(sorted(map(re.escape, BY_ID), key=len, reverse=True)))
_SAYS_WHO = ("data-provider", "data-plyr-provider", "data-type", "data-service", "data-platform", "data-source", "data-video-type", "data-host", "data-vendor",
             "data-video-provider", "data-video-source", "data-player", "data-player-type", "data-embed-type", "data-network", "provider", "type", "data-video-host",
             "data-mode", "data-site", "data-embed-provider", "data-component", "data-video-service", "data-consent", "data-name", "host", "service")  # fmt: skip
_ID_NAME = re.compile(
    r"(?i)(?:id|code|key|slug|video|vid|clip|shortcode|uuid|guid|entry|media|youtube|vimeo|dailymotion|wistia|embed|ytb?|src|ref|value|params?|movie|content|source|talk|url|tweet|v)$"
)
_NOT_ID = re.compile(
    r"(?i)user|channel|author|account|image|img|thumb|poster|player-?id|post-?id|widget|element|target|slot|ad-|gtm|track|page|section|campaign|app-?id|-test"
)
_ID = re.compile(r"[\w@:./-]{3,80}(?:==?)?")
_SHARED = frozenset(
    (
        "facebook",
        "twitter",
        "tweet",
        "instagram",
        "archive",
        "reddit",
        "yahoo",
        "google",
        "imdb",
        "ted",
        "muse",
        "vk",
        "kick",
        "loom",
        "coub",
    )
)
"""Names that stand for much else than a video, or for posts without one: the id's name must say that it is one."""
_SAYS_VIDEO = re.compile(r"(?i)video|shortcode|tweet-?id|talk")


def find(page: Page) -> Iterator[Sighting]:
    """Yield what elements name by provider and id, the players of several keys first."""
    for element in page.elements:
        if element.tag in (
            "a",
            "meta",
            "link",
            "script",
            "input",
            "option",
            "html",
            "body",
            "form",
            "button",
            "span",
            "param",
        ) and not _has_data(element):
            continue
        attributes = {name.lower(): value for name, value in element.items()}
        if len(attributes) == 0 or (
            len(attributes) == 1 and "class" in attributes and "wistia" not in attributes["class"]
        ):
            continue
        url = _several_keys(element.tag, attributes) or _by_name(element.tag, attributes)
        if url:
            yield Sighting(element, url, label=_title(attributes))


def _has_data(element: HtmlElement) -> bool:
    return any(name.startswith("data-") for name in element.keys())


def _title(attributes: dict[str, str]) -> str:
    for name in (
        "title",
        "data-title",
        "data-video-title",
        "playlabel",
        "data-name",
        "videotitle",
        "video-title",
        "data-playlabel",
        "aria-label",
    ):
        if attributes.get(name):
            return attributes[name].removeprefix("Play: ").removeprefix("Play ")
    return ""


def _by_name(tag: str, attributes: dict[str, str]) -> str:
    """Give the address that a provider's name and an id make together."""
    who = _who(tag, attributes)
    if not who:
        return ""
    for name, value in attributes.items():
        value = value.strip()
        if (
            name in ("class", "style", "href")
            or not _ID.fullmatch(value)
            or not _ID_NAME.search(name)
            or (_NOT_ID.search(name) and "video" not in name)
        ):
            continue
        if name in ("id", "name") and "youtube" not in tag and not re.fullmatch(r"[\w-]{11}|\d{6,}", value):
            continue
        if who in _SHARED and not (tag.startswith("amp-") or _SAYS_VIDEO.search(name)):
            continue
        if url := by_id(who, value):
            return url
    return ""


def _who(tag: str, attributes: dict[str, str]) -> str:
    """Name the provider by tag, by the attributes that say so, by attribute names, by classes."""
    stated = [attributes[name].lower() for name in _SAYS_WHO if name in attributes and len(attributes[name]) < 60]
    names = [name for name in attributes if name.startswith(("data-", "video", "youtube", "vimeo"))]
    for text in (
        tag if "-" in tag or tag in BY_ID else "",
        *stated,
        *names,
        attributes.get("class", "").lower()[:300],
        attributes.get("id", "").lower()[:60],
    ):
        if text and (match := _NAMES.search(text)) and _whole(text, match):
            return match[0]
    return ""


def _whole(text: str, match: re.Match[str]) -> bool:
    """Tell a provider's name from letters in the middle of another word, for the short ones."""
    if len(match[0]) > 4:
        return True
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    return not before.isalnum() and (
        not after.isalpha() or text[match.end() :].startswith(("video", "player", "id", "embed"))
    )


def by_id(who: str, id_: str) -> str:
    """Give the address of the video *id_* at the provider that markup calls *who*; empty if that is no id of it."""
    template = BY_ID.get(who.lower())
    if template is None or not id_:
        return ""
    url = template.format(id_)
    known = recognise(url)
    return url if known is not None and known.id.lower() == id_.lower() else ""


def _several_keys(tag: str, attributes: dict[str, str]) -> str:
    """Give the address of players that need more than one key."""

    def key(*names: str) -> str:
        return next((attributes[name].strip() for name in names if attributes.get(name)), "")

    words = f"{tag} {attributes.get('class', '')} {' '.join(attributes)}".lower()
    account = key(
        "data-account",
        "data-account-id",
        "account-id",
        "data-bc-account",
        "account",
        "data-brightcove-account",
        "accountid",
        "data-accountid",
    )
    video = key(
        "data-video-id",
        "video-id",
        "data-videoid",
        "data-brightcove-id",
        "data-bc-video-id",
        "videoid",
        "data-brightcove-video-id",
        "data-media-id",
    )
    if video and (account.isdigit() or "brightcove" in words) and re.fullmatch(r"\d{6,}|ref:[\w.:-]+", video):
        player = f"{key('data-player', 'data-player-id', 'player-id') or 'default'}_{key('data-embed') or 'default'}"
        return f"https://players.brightcove.net/{account or '0'}/{player}/index.html?videoId={video}"
    entry = key(
        "data-entryid",
        "data-entry-id",
        "entry-id",
        "data-kaltura-entry-id",
        "entryid",
        "kaltura-entry-id",
        "data-entry_id",
    )
    if re.fullmatch(r"[01]_\w{8}", entry):
        partner = key(
            "data-partner", "data-partner-id", "partner-id", "data-wid", "partnerid", "data-partnerid"
        ).lstrip("_")
        return f"https://cdnapisec.kaltura.com/p/{partner or '0'}/embedIframeJs/partner_id/{partner or '0'}?iframeembed=true&entry_id={entry}"
    if playback := key("playback-id", "data-playback-id", "mux-playback-id", "data-mux-playback-id"):
        return f"https://player.mux.com/{playback}"
    if tag in ("amp-jwplayer", "jw-player") and (media := key("data-media-id", "data-playlist-id", "media-id")):
        return by_id("jwplayer", media)
    if match := re.search(r"wistia_async_(\w{10})", attributes.get("class", "")):
        return by_id("wistia", match[1])
    if tag == "wistia-player" or "wistia" in words:
        return by_id("wistia", key("media-id", "data-media-hashed-id", "data-wistia-id", "data-video-id", "hashed-id"))
    if tag == "stream" and re.fullmatch(r"[\da-f]{32}", attributes.get("src", "")):
        return by_id("cloudflare", attributes["src"])
    if tag == "script" and "dailymotion" in attributes.get("src", ""):
        return by_id("dailymotion", key("data-video"))
    if "mdstrm" in words or "mediastream" in words:
        return by_id("mdstrm", key("data-id", "data-video-id", "data-video"))
    return _from_json(attributes)


def _from_json(attributes: dict[str, str]) -> str:
    """Read provider and id, or an address, out of a JSON attribute (`data-settings`, `data-plyr-config`…)."""
    for name, value in attributes.items():
        if name.startswith("data-") and value[:1] == "{" and len(value) < 20_000:
            try:
                stated = json.loads(value)
            except (ValueError, RecursionError):
                continue
            if isinstance(stated, dict) and (url := from_mapping(stated)):
                return url
    return ""


def from_mapping(stated: dict[str, object]) -> str:
    """Give the address of the video that a JSON object names by provider and id."""
    plain = {
        key.lower(): str(value)
        for key, value in stated.items()
        if isinstance(value, str | int) and len(str(value)) < 300
    }
    who = next((plain[k] for k in ("provider", "providername", "video_type", "videotype", "service", "platform", "source", "type", "host", "providerid",
                                   "provider_video_type", "video_provider", "videoprovider", "provider_name", "__typename", "_type", "component", "embedtype", "player") if k in plain and _NAMES.search(plain[k].lower())), "")  # fmt: skip
    for key, value in plain.items():
        named = who or key
        match = _NAMES.search(named.lower())
        if (
            match
            and _whole(named.lower(), match)
            and _ID_NAME.search(key)
            and not _NOT_ID.search(key)
            and (url := by_id(match[0], value))
        ):
            return url
    return ""
