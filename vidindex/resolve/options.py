"""The options of yt-dlp: those that users may set, and those that are always set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import OptionError
from ..net.cookies import check_cookie_file
from ..net.proxy import normalize_proxy_url
from ..net.ssrf import parse_allowed_addresses
from .js_runtimes import usable_js_runtimes
from .option_rules import make_argument

# This client needs no JavaScript runtime and no token.  The pages that only media formats need are skipped, which
# leaves two requests: the player (title, captions) and the data of the page (channel, date, chapters).
YOUTUBE_ARGS = {
    "player_client": ["visionos"],
    "player_skip": ["webpage", "configs", "js"],
    "skip": ["translated_subs"],
}
YOUTUBE_TOKEN_ARGS = {**YOUTUBE_ARGS, "player_client": ["visionos", "web"], "player_skip": ["js"]}
"""The browser as a second client, if the first has captions that need a token, which only browsers have."""

_CREDENTIAL_HEADERS = frozenset({"Authorization", "Cookie", "Proxy-Authorization"})
# With a user name but no password, yt-dlp would ask for the password on the terminal.
DISABLED_FFMPEG = "ffmpeg-is-disabled"
"""A location of ffmpeg that does not exist: it would request addresses by itself."""

_NO_CONFIG_ARGS = ["--ignore-config", "--username=", "--password=", "--ap-username=", "--ap-password="]


@dataclass(frozen=True, slots=True)
class ResolveOptions:
    """How videos are resolved.

    *cookies* is a file in Netscape format, *cookies_from_browser* a browser in yt-dlp's notation (`firefox`,
    `chrome:Profile 1`).  Two requests to one host start at least *sleep_s* apart.  *timeout_s* limits each wait,
    *total_s* one video.  *extra* are `NAME=VALUE` pairs named like the command-line options of yt-dlp, without dashes.
    *allow_private* allows private addresses for every host, *allow_hosts* for these `HOST:PORT` only.  *plugin_folders*
    contain plugins of yt-dlp, which it then loads for the whole process.
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
    allow_hosts: tuple[str, ...] = ()
    plugin_folders: tuple[str, ...] = ()


def check_options(options: ResolveOptions) -> None:
    """Check *options* before anything is requested; yt-dlp is imported only for options of its own.

    Raises `OptionError` if one is not valid, or refused by `option_rules`.
    Raises `CookieFileError` if the cookie file cannot be read.
    """
    _parse_extra(options.extra)
    _user_params(options)
    parse_allowed_addresses(options.allow_hosts)


def build_ydl_params(options: ResolveOptions, logger: object) -> dict[str, Any]:
    """Return *options* as parameters of `YoutubeDL`; parameters that safety requires override the others.

    Raises `OptionError` if an option is not valid, or refused by `option_rules`.
    Raises `CookieFileError` if the cookie file cannot be read.
    """
    extra, user = _parse_extra(options.extra), _user_params(options)
    defaults = _default_params(options)
    merged = {
        "http_headers": {**extra.get("http_headers", {}), **user.get("http_headers", {})},
        "extractor_args": {**defaults["extractor_args"], **extra.get("extractor_args", {})},
    }
    return {**defaults, **extra, **user, **merged, **_enforced_params(logger)}


def _default_params(options: ResolveOptions) -> dict[str, Any]:
    has_cookies = bool(options.cookies or options.cookies_from_browser)
    return {
        "socket_timeout": options.timeout_s,
        "extractor_retries": options.retries,
        "retries": options.retries,
        "fragment_retries": options.retries,
        "file_access_retries": 0,
        "js_runtimes": {name: {} for name in usable_js_runtimes()},
        # With a login, yt-dlp chooses the clients itself.
        "extractor_args": {} if has_cookies else {"youtube": YOUTUBE_ARGS},
    }


def _user_params(options: ResolveOptions) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if options.cookies:
        check_cookie_file(options.cookies)
        params["cookiefile"] = options.cookies
    if options.cookies_from_browser:
        params.update(_parse_ytdlp_args(["--cookies-from-browser", options.cookies_from_browser]))
    if options.proxy:
        params["proxy"] = normalize_proxy_url(options.proxy)
    if options.user_agent:
        params["http_headers"] = {"User-Agent": options.user_agent}
    return params


def _enforced_params(logger: object) -> dict[str, Any]:
    return {
        "skip_download": True,
        # Some extractors request captions only with these options.
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
        # Every byte must pass `GuardedHandler`, so that external programs may not download.
        "external_downloader": {"default": "native"},
        "hls_prefer_native": True,
        "ffmpeg_location": DISABLED_FFMPEG,
        # Testing a format downloads media, with external programs for some protocols.
        "check_formats": False,
        # `option_rules` refuses the options for these, too.  They act while metadata are extracted.
        "postprocessors": [],
        "forceprint": {},
        "print_to_file": {},
        "netrc_cmd": None,
        "remote_components": [],
        "load_pages": False,
        "write_pages": False,
        "verbose": False,
    }


def _parse_extra(pairs: tuple[str, ...]) -> dict[str, Any]:
    arguments = list(filter(None, map(make_argument, pairs)))
    extra = _parse_ytdlp_args(arguments) if arguments else {}
    if any(argument.startswith("--js-runtimes=") for argument in arguments):
        extra.setdefault("js_runtimes", {"deno": {}})  # the default of yt-dlp, which is not our own
    _check_extra_params(extra)
    if extra.get("cookiefile"):
        check_cookie_file(extra["cookiefile"])
    if extra.get("proxy"):
        extra["proxy"] = normalize_proxy_url(extra["proxy"])
    return extra


def _check_extra_params(extra: dict[str, Any]) -> None:
    """Reject options that would make yt-dlp ask on the terminal, or send the credentials for one host to every host."""
    for user_key, password_key in (("username", "password"), ("ap_username", "ap_password")):
        if bool(extra.get(user_key)) != bool(extra.get(password_key)):
            raise OptionError(
                "a user name needs its password, and the reverse: "
                "use --yt-dlp-option username=… and --yt-dlp-option password=…"
            )
    if any(name.strip().title() in _CREDENTIAL_HEADERS for name in extra.get("http_headers", {})):
        raise OptionError("add-headers would send the login to every host: use --cookies or --cookies-from-browser")


def _parse_ytdlp_args(arguments: list[str]) -> dict[str, Any]:
    """Parse *arguments* with the command-line parser of yt-dlp, and return the parameters that they change."""
    from optparse import OptParseError

    from yt_dlp import parse_options

    try:
        defaults = parse_options(_NO_CONFIG_ARGS).ydl_opts
        params = parse_options([*_NO_CONFIG_ARGS, *arguments]).ydl_opts
    except (SystemExit, ValueError, OptParseError) as exc:
        # The values may be secrets.
        names = " ".join(argument.partition("=")[0] for argument in arguments)
        reason = str(exc).rpartition("error: ")[2].strip()
        raise OptionError(f"yt-dlp does not accept {names}: {reason}; see `yt-dlp --help`") from exc
    return {name: value for name, value in params.items() if defaults.get(name) != value}
