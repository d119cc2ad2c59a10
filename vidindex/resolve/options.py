"""What a person may ask of yt-dlp, and what vidindex always asks of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import VidindexError
from ..net.proxy import normalize_proxy_url

# The client that needs no JavaScript runtime and no token; without the pages that only formats need.  Two
# requests: the player (title, captions) and the page's data (channel, date, chapters).
_YOUTUBE_ARGS = {
    "player_client": ["visionos"],
    "player_skip": ["webpage", "configs", "js"],
    "skip": ["translated_subs"],
}
_PRINTING_OPTIONS = frozenset({"help", "version"})
_CREDENTIAL_HEADERS = frozenset({"Authorization", "Cookie", "Proxy-Authorization"})
# A user name without a password would be asked for it on the terminal.
_NO_CONFIG_ARGS = ["--ignore-config", "--username=", "--password=", "--ap-username=", "--ap-password="]
_OPTION_NAME = re.compile(r"-{0,2}[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class ResolveOptions:
    """How videos are resolved.

    *cookies* is a file in Netscape format; *cookies_from_browser* a browser as yt-dlp spells it
    (`firefox`, `chrome:Profile 1`).  *sleep_s* passes between two requests to one host.  *timeout_s* bounds each
    wait, *total_s* one video.  *extra* holds `K=V` pairs named like yt-dlp's own command-line options, without
    their dashes.  *allow_private* lifts the guard of private addresses for every host.
    """

    cookies: str = ""
    cookies_from_browser: str = ""
    proxy: str = ""
    user_agent: str = ""
    sleep_s: float = 0.0
    timeout_s: float = 20.0
    total_s: float = 180.0
    retries: int = 2
    extra: tuple[str, ...] = ()
    allow_private: bool = False


def build_ydl_params(options: ResolveOptions, logger: object) -> dict[str, Any]:
    """Spell *options* as YoutubeDL takes them; what safety needs comes last and wins."""
    extra, asked = _parse_extra(options.extra), _user_params(options)
    headers = {**extra.get("http_headers", {}), **asked.get("http_headers", {})}
    return {**_default_params(options), **extra, **asked, "http_headers": headers, **_enforced_params(logger)}


def _default_params(options: ResolveOptions) -> dict[str, Any]:
    logged_in = bool(options.cookies or options.cookies_from_browser)
    return {
        "socket_timeout": options.timeout_s,
        "extractor_retries": options.retries,
        "retries": options.retries,
        "fragment_retries": options.retries,
        "file_access_retries": 0,
        # A login works with the clients that yt-dlp itself chooses for it.
        "extractor_args": {} if logged_in else {"youtube": _YOUTUBE_ARGS},
    }


def _user_params(options: ResolveOptions) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if options.cookies:
        if not Path(options.cookies).is_file():
            raise VidindexError(f"there is no cookie file {options.cookies}: check --cookies")
        asked["cookiefile"] = options.cookies
    if options.cookies_from_browser:
        asked.update(_parse_ytdlp_args(["--cookies-from-browser", options.cookies_from_browser]))
    if options.proxy:
        asked["proxy"] = normalize_proxy_url(options.proxy)
    if options.user_agent:
        asked["http_headers"] = {"User-Agent": options.user_agent}
    return asked


def _enforced_params(logger: object) -> dict[str, Any]:
    return {
        "skip_download": True,
        # Some extractors ask for captions only where somebody seems to want them.
        "writesubtitles": True,
        "writeautomaticsub": True,
        "ignoreerrors": False,
        "ignore_no_formats_error": True,
        "noplaylist": True,
        "cachedir": False,
        "quiet": True,
        "noprogress": True,
        "logger": logger,
        "color": {"stdout": "never", "stderr": "never"},
        "skip_unavailable_fragments": False,
        "nopart": True,
        "updatetime": False,
        "enable_file_urls": False,
        # Every byte comes through our own door: programs that fetch by themselves are kept out.
        "external_downloader": {"default": "native"},
        "hls_prefer_native": True,
        "ffmpeg_location": "no-ffmpeg-is-wanted-here",
    }


def _parse_extra(pairs: tuple[str, ...]) -> dict[str, Any]:
    arguments: list[str] = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not _OPTION_NAME.fullmatch(name) or name.lstrip("-") in _PRINTING_OPTIONS:
            raise VidindexError(f"yt-dlp does not understand the option {pair!r}: give it as name=value")
        arguments.append("--" + name.lstrip("-"))
        if equals:
            arguments.append(value)
    extra = _parse_ytdlp_args(arguments) if arguments else {}
    _check_extra_params(extra)
    return extra


def _check_extra_params(extra: dict[str, Any]) -> None:
    """Refuse what would end in a question on the terminal, or tell every host what is for one."""
    for name, word in (("username", "password"), ("ap_username", "ap_password")):
        if bool(extra.get(name)) != bool(extra.get(word)):
            raise VidindexError("a user name goes with its password: give --yt-dlp-option username=… and password=…")
    if any(name.title() in _CREDENTIAL_HEADERS for name in extra.get("http_headers", {})):
        raise VidindexError("add-headers goes to every host: log in with --cookies or --cookies-from-browser")


def _parse_ytdlp_args(arguments: list[str]) -> dict[str, Any]:
    """Let yt-dlp's own command line read *arguments*, and keep what they change."""
    from optparse import OptParseError

    from yt_dlp import parse_options

    try:
        plain = parse_options(_NO_CONFIG_ARGS).ydl_opts
        asked = parse_options([*_NO_CONFIG_ARGS, *arguments]).ydl_opts
    except (SystemExit, ValueError, OptParseError) as exc:
        said = " ".join(arguments)
        raise VidindexError(f"yt-dlp does not understand {said}: see `yt-dlp --help`") from exc
    return {name: value for name, value in asked.items() if plain.get(name) != value}
