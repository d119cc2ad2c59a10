"""Recognize the URLs of video providers, active and defunct, and make URLs of videos, players and moments.

To add a provider, add a row to the table in `provider_table.py`, or in `audio_providers.py` if it has only audio;
`tests/pages/test_providers.py` checks its sample.
The tables are imported at first use, and their patterns are compiled host by host, because `vidindex search` imports
this module at start-up.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from ..model import Medium
from ..transcripts.lazy_pattern import lazy_pattern
from ..transcripts.timecode import format_units

if TYPE_CHECKING:
    from .provider_rows import Provider

MEDIA_EXTENSIONS = (
    "mp4",
    "m4v",
    "webm",
    "ogv",
    "mov",
    "flv",
    "f4v",
    "wmv",
    "avi",
    "mkv",
    "mpg",
    "mpeg",
    "m3u8",
    "mpd",
    "3gp",
    "asf",
    "asx",
    "rm",
    "ram",
    "divx",
)
AUDIO_EXTENSIONS = ("mp3", "m4a", "m4b", "aac", "ogg", "oga", "opus", "wav", "flac")
_MEDIA_HOST_ENDS = (
    "com|net|org|fm|co|io|ai|dev|audio|cloud|media|app|tv|me|link|live|uk|de|fr|es|it|nl|au|ca|eu|be|ch|at|se|no|dk|fi|"
    "pl|cz|br|pt|jp|kr|cn|in|us|info|edu|gov"
)
_MAX_URL_CHARS = 4000
_FILE_PARAMETER = lazy_pattern(
    r"(?i)(?:[\w-]*(?:id|file|name|path|src|clip|video|movie|episode|talk|lesson|attachment|item)|nr|no|num|doc|part)=."
)
_VOLATILE_PARAMETER = lazy_pattern(
    r"(?i)(?:[\w-]*(?:token|signature|expires?|policy|session|user|cache|client|player|profile|device|visitor|request|clid|"
    r"key-?pair|credential|algorithm|security|version|height|width|quality|bitrate|autoplay|muted?|controls|poster|preload)"
    r"(?:[_-]?id)?|x-amz-[\w-]+|utm_\w+|_|t|ts|st|w|h|r|ver|sig|exp|hash|hmac|sid|uid|cid|cb|rnd|rand|hd|fmt|mime|res|format|type)(?:=|$)"
)
_FILLER_PATH = lazy_pattern(
    r"(?i)/(?:bnr|banners?|ads?|adverts?|prerolls?|midrolls?)/|/(?:blank|empty|silence|silent|transparent|dummy|placeholder|[\w-]*bumper)\.\w{2,4}$"
)
_ASSET_PATH = lazy_pattern(r"(?i)\.(?:jpe?g|png|gif|webp|avif|svg|swf)$")
_ENCODED_MARK = lazy_pattern(r"(?i)%(?:24|40|3a|2d|5f|7e|3d|2c)")
_BUTTON_PATH = lazy_pattern(
    r"(?i)facebook\.com/(?:v\d[\d.]*/)?(?:plugins/(?!video|post)[\w-]+|sharer?\b|dialog/|widgets/like)"
    r"|(?:twitter|x)\.com/(?:intent/|share\b|home\b|widgets/(?:\w+_button|follow|hub))|youtube\.com/(?:subscribe_|live_chat)"
    r"|(?:plusone|apis)\.google\.com/|plus\.google\.com/share|pinterest\.[a-z.]+/pin/create/|linkedin\.com/(?:share|cws|shareArticle)"
    r"|reddit\.com/(?:submit|static/button|buttonlite)|(?:vk\.com|vkontakte\.ru)/(?:share\.php|widget_)|connect\.(?:ok|mail)\.ru/"
    r"|tumblr\.com/(?:share|widgets/share)|(?:t\.me|telegram\.me)/share|whatsapp\.com/send|getpocket\.com/(?:save|edit|v\d)"
    r"|hatena\.ne\.jp/(?:entry|add)|social-plugins\.line\.me/|line\.me/R/msg|(?:addthis|sharethis|addtoany|shareaholic|po\.st)\.\w+/"
    r"|(?:stumbleupon|digg|delicious|del\.icio\.us|flipboard|xing|bufferapp|buffer)\.?\w*/(?:submit|save|badge|add|bookmarklet|tools|social)"
    r"|service\.weibo\.com/share|news\.ycombinator\.com/submit|/(?:like|share|tweet|follow|plusone)[_-]?(?:button|box|count)s?\.\w+$"
)
_ARCHIVE_LINE = lazy_pattern(r"([A-Za-z][\w:.-]{1,40}) ([^\s/]{1,100})")


class RecognizedVideo(NamedTuple):
    """A video that a URL identifies; *url* is canonical, and *dead* means that its provider no longer exists.

    *medium* and *is_music* are as in the table of providers.
    """

    provider: str
    id: str
    url: str
    dead: bool
    medium: Medium = "video"
    is_music: bool = False


def recognize_url(url: str) -> RecognizedVideo | None:
    """Return the video that *url* identifies, in any form of URL, or None if it does not identify one."""
    match = _url_pattern().match(url.strip()) if len(url) <= _MAX_URL_CHARS else None
    if match is None:
        return None
    host = match[2].lower().removesuffix(".").removeprefix("www.")
    rest = match[3] + (match[4] or "")
    if "%" in match[3] and _ENCODED_MARK.search(match[3].partition("?")[0]):
        rest = _simplify_path(match[3]) + (match[4] or "")
    video = _match_host(host, rest, url) or _match_media_file(url.strip(), match)
    if video is None and ("//" in match[3] or "%" in match[3]) and (plain := _simplify_path(match[3])) != match[3]:
        video = _match_host(host, plain + (match[4] or ""), url)
    if video and (_is_button(host, match[3]) or _is_asset(video, match[3])):
        return None
    return video


def is_button_url(url: str) -> bool:
    """Return whether *url* loads a button to share, to like or to subscribe, which may name a video but plays none."""
    match = _url_pattern().match(url) if len(url) <= _MAX_URL_CHARS else None
    return match is not None and _is_button(match[2].lower().removesuffix(".").removeprefix("www."), match[3])


def _is_asset(video: RecognizedVideo, path: str) -> bool:
    """Return whether the URL is that of a picture, or of a file that players load before the video."""
    path = path.partition("?")[0]
    if video.provider == "html5":
        return is_filler_file(path)
    ending = _ASSET_PATH.search(path)
    return "/" in video.id and ending is not None and video.id.endswith(ending[0])


def is_filler_file(url: str) -> bool:
    """Return whether *url* is that of a file that players show before a video, or instead of it."""
    return _FILLER_PATH.search(url.partition("?")[0]) is not None


def _match_host(host: str, rest: str, url: str) -> RecognizedVideo | None:
    found = (_match_provider(row, host + rest, url) for row in _providers_for_host(host))
    return next(filter(None, found), None)


def _simplify_path(path: str) -> str:
    """Return *path* with the query, without doubled slashes, and with the characters decoded that need no encoding."""
    path, mark, query = path.partition("?")
    return re.sub(r"/{2,}", "/", unquote(path) if _ENCODED_MARK.search(path) else path) + mark + query


def _is_button(host: str, path: str) -> bool:
    return _BUTTON_PATH.search(f"{host}{path.partition('?')[0]}") is not None


def make_deep_link(video_url: str, start_ms: int) -> str:
    """Return the URL that plays *video_url* from *start_ms*: in its provider's format, or with `#t=` and seconds."""
    suffix = _moment_suffix(video_url).format(s=max(0, start_ms // 1000), clock=format_units(start_ms))
    return _append_moment(video_url, suffix)


@lru_cache(maxsize=1000)
def _moment_suffix(video_url: str) -> str:
    """Return the template of the suffix with which the provider of *video_url* states a start time."""
    host = _extract_host(video_url)
    rows = [row for row in _providers_for_host(host) if row.moment_suffix] if host else []
    video = recognize_url(video_url) if rows else None
    return next((row.moment_suffix for row in rows if video and row.name == video.provider), "#t={s}")


def provider_video_url(provider: str, video_id: str) -> str:
    """Return the URL of the video *video_id* of *provider*, or "" if it is not a valid id there."""
    for template in _url_templates().get(provider, ()):
        url = template.format(video_id)
        video = recognize_url(url)
        if video is not None and video.id.lower() == video_id.lower():
            return url
    return ""


def archive_line_url(line: str) -> str:
    """Return the URL of the video that *line* of yt-dlp's download archive names, as `youtube ID`; "" if it is none."""
    match = _ARCHIVE_LINE.fullmatch(line.strip())
    return provider_video_url(match[1].lower(), match[2]) if match else ""


def addressable_providers() -> frozenset[str]:
    """Return the names of the providers whose video URLs need only an id."""
    return frozenset(_url_templates())


def player_url(provider: str, video_id: str) -> str:
    """Return the URL of the player of *provider* for *video_id*, for an iframe, or "" if it is unknown."""
    from .provider_table import PROVIDERS

    return next(
        (row.player_template.format(video_id) for row in PROVIDERS if row.name == provider and row.player_template), ""
    )


def _match_provider(row: Provider, subject: str, url: str) -> RecognizedVideo | None:
    for pattern in _compile_patterns(row.patterns):
        if match := pattern.search(subject):
            groups = match.groups(default="")
            canonical = row.url_template.format(*groups).rstrip("/") if row.url_template else _ensure_scheme(url)
            video_id = row.id_template.format(*groups)
            return RecognizedVideo(row.name, video_id, canonical, row.dead, row.medium, row.is_music)
    return None


def _match_media_file(url: str, match: re.Match[str]) -> RecognizedVideo | None:
    if _media_path_pattern().match(match[3]):
        full_url = url if match[1] else f"https:{url}"
        return RecognizedVideo("html5", media_file_id(full_url), full_url, False)
    return None


def is_audio_file(url: str) -> bool:
    """Return whether *url* ends as that of an audio file."""
    return len(url) <= _MAX_URL_CHARS and _audio_path_pattern().search(url) is not None


def strip_audio_prefix(url: str) -> str:
    """Return the URL of an audio file without the services in front of it that count who hears it.

    Each of them redirects to the URL that its own path contains, mostly without the scheme.
    """
    path, mark, query = url.partition("?")
    hosts = [match for match in _host_in_path_pattern().finditer(path) if not is_audio_file(f"/{match[1]}")]
    if not hosts or not is_audio_file(path):
        return url
    return f"https://{path[hosts[-1].start(1) :]}{mark}{query}"


def media_file_id(url: str) -> str:
    """Return the *url* of a media file without the parts that do not say which file it is.

    A script that sends several files tells them apart by its query; a file that is signed has a new query each time.
    """
    url, _, query = url.partition("#")[0].partition("?")
    path = url.partition("://")[2] or url
    is_file = _media_path_pattern().match(path) is not None or is_audio_file(url)
    parts = [part for part in re.split("[&;]", query) if part and not _VOLATILE_PARAMETER.match(part)]
    kept = [part for part in parts if not is_file or _FILE_PARAMETER.match(part)]
    return f"{url}?{'&'.join(kept)}" if kept else url


def _ensure_scheme(url: str) -> str:
    url = url.strip()
    return f"https:{url}" if url.startswith("//") else url


@cache
def _url_templates() -> dict[str, list[str]]:
    """Return, by provider, the URL templates that need only an id."""
    from .provider_table import PROVIDERS

    templates: dict[str, list[str]] = {}
    for row in PROVIDERS:
        # The names of most audio providers are words that markup uses for other things, such as `anchor`.
        for template in (row.url_template, row.player_template) if row.medium == "video" else ():
            if "{0}" in template and "{1}" not in template.replace("/{1}", ""):
                templates.setdefault(row.name, []).append(template.replace("/{1}", ""))
    return templates


@cache
def _url_pattern() -> re.Pattern[str]:
    return re.compile(r"(?is)(?:(https?|file):)?//(?:[^/?#@]*@)?([^/?#:]*)(?::\d+)?([^#]*)(#.*)?")


@cache
def _media_path_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?i)^[^?#]*?/[^/?#]*\.(?:{'|'.join(MEDIA_EXTENSIONS)})(?=$|[?#;/])")


@cache
def _audio_path_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?i)/[^/?#]*\.(?:{'|'.join(AUDIO_EXTENSIONS)})(?=$|[?#;])")


@cache
def _host_in_path_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<=[^/]/)(?:https?:/{{1,2}})?((?:[a-z\d-]{{1,63}}\.){{1,5}}(?:{_MEDIA_HOST_ENDS}))(?=/)")


@cache
def _compile_patterns(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


@cache
def _providers_by_host() -> dict[str, list[Provider]]:
    from .provider_table import PROVIDERS

    table: dict[str, list[Provider]] = {}
    for row in PROVIDERS:
        for host in row.hosts.split() or [""]:
            table.setdefault(host, []).append(row)
    return table


def _providers_for_host(host: str) -> list[Provider]:
    """Return the rows for *host*: the most specific first, rows for any host last."""
    labels = host.split(".")[-6:]
    suffixes = [".".join(labels[at:]) for at in range(len(labels))]
    return [row for suffix in [*suffixes, ""] for row in _providers_by_host().get(suffix, ())]


def _extract_host(url: str) -> str:
    match = _url_pattern().match(url)
    return match[2].lower().removeprefix("www.") if match else ""


def _append_moment(url: str, suffix: str) -> str:
    """Insert *suffix* (`#fragment`, `?query` or `/path`) into *url*, replacing a start time that it already has."""
    base_url = url.partition("#")[0]
    if suffix.startswith("#"):
        return base_url + suffix
    path, _, query = base_url.partition("?")
    if suffix.startswith("/"):
        return path.rstrip("/") + suffix
    key = suffix[1:].partition("=")[0]
    other_parts = [part for part in query.split("&") if part and part.partition("=")[0] != key]
    return f"{path}?{'&'.join([*other_parts, suffix[1:]])}"
