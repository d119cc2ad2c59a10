"""The providers of videos, alive and dead: whose a URL is, which video it names, where it plays a moment.

To add one, add a row to `TABLE` in `provider_table.py`; `tests/test_providers.py` tries its sample.
The table is read, and its patterns compiled host by host, when they are asked for: `vidindex search` needs
this at start-up, and importing it costs next to nothing.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .provider_table import Provider

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
)
_MAX_URL_CHARS = 4000


class RecognizedVideo(NamedTuple):
    """What a URL names; *url* is canonical."""

    provider: str
    id: str
    url: str
    dead: bool


def recognize_url(url: str) -> RecognizedVideo | None:
    """Say which provider's video *url* names, whatever form it has; None where it names none."""
    match = _url_pattern().match(url.strip()) if len(url) <= _MAX_URL_CHARS else None
    if match is None:
        return None
    host = match[2].lower().removeprefix("www.")
    subject = host + match[3] + (match[4] or "")
    for row in _providers_for_host(host):
        if named := _match_provider(row, subject, url):
            return named
    return _match_media_file(url.strip(), match)


def make_deep_link(video_url: str, start_ms: int) -> str:
    """Make *video_url* play from *start_ms*; `#t=` seconds for media files and hosts that state no other way."""
    seconds = max(0, start_ms // 1000)
    minutes, rest = divmod(seconds, 60)
    clock = f"{minutes // 60}h{minutes % 60}m{rest}s"
    return _append_moment(video_url, _moment_suffix(video_url).format(s=seconds, clock=clock))


@lru_cache(maxsize=1000)
def _moment_suffix(video_url: str) -> str:
    """Say how the provider of *video_url* writes a moment."""
    known = recognize_url(video_url)
    rows = [row for row in _providers_for_host(_extract_host(video_url)) if known and row.name == known.provider]
    return next((row.moment_suffix for row in rows if row.moment_suffix), "#t={s}")


def provider_video_url(provider: str, video_id: str) -> str:
    """Give the address of the video with the id *video* at provider *name*; empty if that is no id of it."""
    for template in _url_templates().get(provider, ()):
        url = template.format(video_id)
        known = recognize_url(url)
        if known is not None and known.id.lower() == video_id.lower():
            return url
    return ""


def addressable_providers() -> frozenset[str]:
    """Name the providers whose videos have an address by id alone."""
    return frozenset(_url_templates())


def player_url(provider: str, video_id: str) -> str:
    """Give the URL of *provider*'s player for the id *video*, to put in an iframe; empty where unknown."""
    from .provider_table import PROVIDERS

    return next(
        (row.player_template.format(video_id) for row in PROVIDERS if row.name == provider and row.player_template), ""
    )


def _match_provider(row: Provider, subject: str, url: str) -> RecognizedVideo | None:
    for pattern in _compile_patterns(row.patterns):
        if match := pattern.search(subject):
            groups = match.groups(default="")
            canonical = row.url_template.format(*groups).rstrip("/") if row.url_template else _ensure_scheme(url)
            return RecognizedVideo(row.name, groups[0], canonical, row.dead)
    return None


def _match_media_file(url: str, match: re.Match[str]) -> RecognizedVideo | None:
    if _media_path_pattern().match(match[3]):
        whole = url if match[1] else f"https:{url}"
        return RecognizedVideo("html5", re.split(r"[?#]", whole, maxsplit=1)[0], whole, False)
    return None


def _ensure_scheme(url: str) -> str:
    url = url.strip()
    return f"https:{url}" if url.startswith("//") else url


@cache
def _url_templates() -> dict[str, list[str]]:
    """Collect, by provider, the addresses that one id makes."""
    from .provider_table import PROVIDERS

    templates: dict[str, list[str]] = {}
    for row in PROVIDERS:
        for template in (row.url_template, row.player_template):
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
    """List the rows that may know *host*, the narrowest first, those for any host last."""
    labels = host.split(".")[-6:]
    suffixes = [".".join(labels[at:]) for at in range(len(labels))]
    return [row for suffix in [*suffixes, ""] for row in _providers_by_host().get(suffix, ())]


def _extract_host(url: str) -> str:
    match = _url_pattern().match(url)
    return match[2].lower().removeprefix("www.") if match else ""


def _append_moment(url: str, at: str) -> str:
    """Put *at* (`#fragment`, `?query` or `/path`) where it belongs in *url*, in place of an older one."""
    bare = url.partition("#")[0]
    if at.startswith("#"):
        return bare + at
    path, _, query = bare.partition("?")
    if at.startswith("/"):
        return path.rstrip("/") + at
    key = at[1:].partition("=")[0]
    kept = [part for part in query.split("&") if part and part.partition("=")[0] != key]
    return f"{path}?{'&'.join([*kept, at[1:]])}"
