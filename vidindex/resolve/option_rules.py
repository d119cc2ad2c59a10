"""Which command-line options of yt-dlp users may pass on: those that say how to read metadata, captions and audio.

The list names what is allowed, so that an option that a newer yt-dlp adds is refused until somebody has read what it
does.  The reasons only make the messages better.

An option that would have no effect here is refused, too: whoever sets it expects one.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import OptionError
from .js_runtimes import SANDBOXED_RUNTIMES

if TYPE_CHECKING:
    from optparse import Option

_NAME = re.compile(r"[a-z][a-z0-9-]*")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALLOWED_OPTIONS = _names("""
    use-extractors force-generic-extractor extractor-args extractor-retries allow-dynamic-mpd ignore-dynamic-mpd
    hls-split-discontinuity no-hls-split-discontinuity js-runtimes no-js-runtimes
    proxy geo-verification-proxy xff geo-bypass no-geo-bypass geo-bypass-country geo-bypass-ip-block
    socket-timeout source-address force-ipv4 force-ipv6 legacy-server-connect no-check-certificates prefer-insecure
    user-agent referer add-headers sleep-requests retries fragment-retries file-access-retries retry-sleep
    limit-rate buffer-size resize-buffer no-resize-buffer http-chunk-size
    cookies cookies-from-browser
    username password twofactor netrc netrc-location video-password ap-mso ap-username ap-password
    match-filters match-title reject-title date datebefore dateafter min-views max-views age-limit
""")  # fmt: skip
"""The first long name of each option that users may pass on."""

REDUNDANT_OPTIONS = _names("""
    abort-on-unavailable-fragments hls-prefer-native ignore-config ignore-errors ignore-no-formats-error lazy-playlist
    no-abort-on-error no-allow-unplayable-formats no-audio-multistreams no-batch-file no-break-match-filters
    no-break-on-existing no-break-per-input no-cache-dir no-check-formats no-config-locations no-continue no-cookies
    no-cookies-from-browser no-download-archive no-embed-chapters no-embed-info-json no-embed-metadata no-embed-subs
    no-embed-thumbnail no-exec no-exec-before-download no-flat-playlist no-force-keyframes-at-cuts
    no-format-sort-force no-keep-fragments no-keep-video no-live-from-start no-mark-watched no-match-filters no-mtime
    no-part no-playlist no-playlist-reverse no-prefer-free-formats no-progress no-remote-components no-remove-chapters
    no-split-chapters no-sponsorblock no-update no-video-multistreams no-wait-for-video no-warnings
    no-write-comments no-write-description no-write-info-json no-write-playlist-metafiles
    no-write-thumbnail quiet skip-download write-auto-subs write-subs
""")  # fmt: skip
"""Options that change nothing, because vidindex always does what they ask for.  They are not passed on."""

_RUNS_PROGRAMS = "it runs programs or loads code"
_WRITES_FILES = "vidindex stores captions only, and decides itself which files it reads and writes"
_PRINTS = "it only concerns what yt-dlp prints"
_POST_PROCESSES = "vidindex processes no media files"
_REPLACED = "vidindex decides this itself"
_BYPASSES = "it would bypass the checks of vidindex"
_SELECTS = "vidindex itself selects the captions, and the audio for --asr"
_FILTERS = "vidindex reads every video to which a link leads"
_PAUSES = "vidindex itself pauses between two requests to a host"

REFUSED_OPTIONS = {
    **dict.fromkeys(_names("""
        exec exec-before-download use-postprocessor downloader downloader-args postprocessor-args ffmpeg-location
        hls-prefer-ffmpeg netrc-cmd remote-components plugin-dirs update update-to verbose bidi-workaround
        check-formats check-all-formats
    """), _RUNS_PROGRAMS),
    **dict.fromkeys(_names("""
        output output-na-placeholder paths id autonumber-size autonumber-start restrict-filenames
        no-restrict-filenames windows-filenames no-windows-filenames trim-filenames no-overwrites force-overwrites
        no-force-overwrites continue part mtime write-description write-info-json write-playlist-metafiles
        clean-info-json no-clean-info-json write-comments write-thumbnail write-all-thumbnails write-link
        write-url-link write-webloc-link write-desktop-link write-pages load-pages load-info-json batch-file
        cache-dir rm-cache-dir download-archive force-write-archive print-to-file keep-fragments keep-video
    """), _WRITES_FILES),
    **dict.fromkeys(_names("""
        help version list-extractors extractor-descriptions list-impersonate-targets list-formats
        list-formats-as-table list-formats-old list-subs list-thumbnails ap-list-mso print get-url get-title get-id
        get-thumbnail get-description get-duration get-filename get-format dump-json dump-single-json print-json
        newline progress console-title progress-template progress-delta dump-pages print-traffic
        no-colors color encoding no-quiet dump-user-agent youtube-print-sig-code
    """), _PRINTS),
    **dict.fromkeys(_names("""
        all-subs sub-langs sub-format format format-sort format-sort-reset format-sort-force prefer-free-formats
        throttled-rate min-filesize max-filesize no-write-subs no-write-auto-subs
    """), _SELECTS),
    **dict.fromkeys(_names("""
        playlist-items playlist-start playlist-end playlist-reverse playlist-random no-lazy-playlist max-downloads
        flat-playlist break-match-filters break-on-existing break-on-reject break-per-input
    """), _FILTERS),
    **dict.fromkeys(_names("sleep-interval max-sleep-interval sleep-subtitles"), _PAUSES),
    **dict.fromkeys(_names("""
        extract-audio audio-format audio-quality remux-video recode-video post-overwrites no-post-overwrites
        embed-subs embed-thumbnail embed-metadata embed-chapters embed-info-json metadata-from-title parse-metadata
        replace-in-metadata xattrs xattr-set-filesize concat-playlist fixup convert-subs convert-thumbnails
        split-chapters remove-chapters force-keyframes-at-cuts download-sections merge-output-format
        video-multistreams audio-multistreams all-formats allow-unplayable-formats sponsorblock-mark
        sponsorblock-remove sponsorblock-chapter-title sponsorblock-api write-annotations no-write-annotations
        sponskrub no-sponskrub sponskrub-cut no-sponskrub-cut sponskrub-force no-sponskrub-force sponskrub-location
        sponskrub-args prefer-avconv no-prefer-avconv prefer-ffmpeg no-prefer-ffmpeg
    """), _POST_PROCESSES),
    **dict.fromkeys(_names("""
        abort-on-error default-search live-from-start wait-for-video mark-watched yes-playlist
        skip-playlist-after-errors no-plugin-dirs simulate
        concurrent-fragments skip-unavailable-fragments test hls-use-mpegts no-hls-use-mpegts
        call-home no-call-home include-ads no-include-ads
        youtube-include-dash-manifest no-youtube-skip-dash-manifest youtube-skip-dash-manifest
        no-youtube-include-dash-manifest youtube-include-hls-manifest no-youtube-skip-hls-manifest
        youtube-skip-hls-manifest no-youtube-include-hls-manifest no-ignore-no-formats-error
        no-simulate
    """), _REPLACED),
    "impersonate": "the library that it needs, curl_cffi, would bypass the checks of vidindex",
    **dict.fromkeys(_names("""
        config-locations alias preset-alias compat-options enable-file-urls client-certificate
        client-certificate-key client-certificate-password cn-verification-proxy
    """), _BYPASSES),
}  # fmt: skip
"""The first long name of each other option that yt-dlp has today, with the reason why it is refused."""

_USE_LIMIT = "use --max (`vidindex add`) or --playlist-max (`vidindex batch`)"
_USE_SLEEP = "use --sleep, or --yt-dlp-option sleep-requests=SECONDS"
_USE_EXPORT = "use `vidindex export`"
_USE_TRANSCRIBE = "use --asr, or `vidindex transcribe`"
_USE_YT_DLP = "run yt-dlp itself to get files; `vidindex add` reads the folder"

INSTEAD = {
    **dict.fromkeys(_names("sub-langs all-subs no-write-subs no-write-auto-subs"), "use --lang CODE, or --lang all"),
    **dict.fromkeys(_names("sleep-interval max-sleep-interval sleep-subtitles"), _USE_SLEEP),
    **dict.fromkeys(_names("playlist-items playlist-start playlist-end max-downloads"), _USE_LIMIT),
    "break-match-filters": "use --yt-dlp-option match-filters=FILTER",
    **dict.fromkeys(_names("min-filesize max-filesize"), "use --max-audio MB"),
    **dict.fromkeys(_names("extract-audio audio-format audio-quality format"), _USE_TRANSCRIBE),
    **dict.fromkeys(_names("sub-format convert-subs"), _USE_EXPORT),
    **dict.fromkeys(_names("""
        write-info-json write-description write-thumbnail write-all-thumbnails write-comments output paths
    """), _USE_YT_DLP),
    "load-info-json": "add the folder that contains it",
    "batch-file": "use `vidindex batch FILE`",
    "simulate": "use `vidindex batch --dry-run`, or `vidindex embeds`",
    "download-archive": "`vidindex batch` remembers what is done",
    "wait-for-video": "`vidindex batch` tries again later",
    "live-from-start": "add the video after it ends",
    "yes-playlist": "use the link of the playlist",
    "plugin-dirs": "use --yt-dlp-plugins DIR",
    "no-plugin-dirs": "set the environment variable YTDLP_NO_PLUGINS=1",
    "config-locations": "use --yt-dlp-option for each option",
    "impersonate": "use --cookies-from-browser or --proxy, or add the page that embeds the video",
    "concurrent-fragments": "use --jobs (`vidindex batch`)",
    "remote-components": "`pip install 'vidindex[youtube]'`",
}  # fmt: skip
"""What to use instead of a refused option."""

_IMPERSONATING_ARGUMENT = re.compile(r"[:;]\s*impersonate\s*(?:=(?!\s*false\b)|;|$)", re.IGNORECASE)


def make_argument(pair: str) -> str:
    """Return the `NAME=VALUE` *pair* as one argument for yt-dlp, or an empty string if it changes nothing.

    The value stays in the argument of its option, so that it cannot become an option itself.

    Raises `OptionError` if yt-dlp has no such option, or it is refused.
    """
    stated_name, equals, value = pair.partition("=")
    option = _find_option(stated_name.removeprefix("--"), pair)
    name = option.get_opt_string().removeprefix("--")
    if name not in ALLOWED_OPTIONS | REDUNDANT_OPTIONS:
        raise OptionError(_refusal(name, stated_name))
    if option.takes_value() != bool(equals):
        needs = "needs a value" if option.takes_value() else "has no value"
        raise OptionError(f"yt-dlp does not accept {pair!r}: the option --{name} {needs}")
    if name in REDUNDANT_OPTIONS:
        return ""
    _check_value(name, value)
    return f"--{name}={value}" if equals else f"--{name}"


def _refusal(name: str, stated_name: str) -> str:
    reason = REFUSED_OPTIONS.get(name, "vidindex does not know what it does")
    step = f"remove --yt-dlp-option {stated_name}"
    step = f"{step}; {INSTEAD[name]}" if name in INSTEAD else step
    return f"the option --{name} of yt-dlp is refused, because {reason}: {step}"


def _find_option(name: str, pair: str) -> Option:
    """Return the option of yt-dlp that *name* names, perhaps abbreviated."""
    from optparse import OptParseError

    parser = _parser()
    try:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of an option")
        option: Option = parser.get_option(parser._match_long_opt(f"--{name}"))
    except (OptParseError, ValueError) as exc:
        raise OptionError(f"yt-dlp does not accept the option {pair!r}: use --yt-dlp-option NAME=VALUE") from exc
    return option


@cache
def _parser() -> Any:
    from yt_dlp.options import create_parser

    return create_parser()


def _check_value(name: str, value: str) -> None:
    """Refuse values that make an allowed option run a program or ask on the terminal."""
    if value.strip() == "-":
        raise OptionError(f"the option --{name} of yt-dlp cannot ask on the terminal: give a value other than '-'")
    if name == "extractor-args" and _IMPERSONATING_ARGUMENT.search(value):
        raise OptionError(f"the argument 'impersonate' is refused, because {REFUSED_OPTIONS['impersonate']}: remove it")
    if name == "js-runtimes" and value.strip().lower() not in SANDBOXED_RUNTIMES:
        raise OptionError(
            f"the JavaScript runtime {value!r} is refused, because vidindex runs no program by its path, and only "
            "runtimes whose permissions are restricted: use js-runtimes=deno or js-runtimes=node"
        )
