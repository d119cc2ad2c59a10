"""Download the audio of a video with yt-dlp, in the smallest format that is good enough for speech recognition.

The caller provides the folder and deletes the file.  External download programs are not used: every byte passes
`vidindex.net.transport` and counts against the limits of the operation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ResolveError
from .options import ResolveOptions

if TYPE_CHECKING:
    from .client import YtdlpClient

_MIN_SPEECH_KBPS = 40.0
"""Speech recognition gets worse below this bit rate."""

_MAX_FORMATS_TRIED = 3
_AUDIO_PROTOCOLS = ("https", "http", "m3u8_native", "m3u8", "http_dash_segments")
_PLAYER_CLIENT_ARGS = "extractor-args=youtube:player_client=visionos,default"

OnProgress = Callable[[int, int], None]
"""Called with the number of bytes downloaded and the total, which is 0 if it is not known."""


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """Limits of the audio download of one video; *total_s* limits its duration."""

    max_bytes: int = 1_000_000_000
    max_video_s: int = 12 * 3600
    total_s: float = 2 * 3600.0


def enable_audio_formats(options: ResolveOptions) -> ResolveOptions:
    """Return *options* with the settings that make sites list their media formats, which captions do not need."""
    return replace(options, extra=(_PLAYER_CLIENT_ARGS, *options.extra))


def download_audio(
    client: YtdlpClient, url: str, info: dict[str, Any], folder: Path, *, limits: AudioLimits, on_progress: OnProgress
) -> Path:
    """Download the audio of the video that *info* describes and *url* leads to into *folder*, and return the file.

    If one format fails, the next best one is tried.

    Raises `ResolveError` if the video is live, too long or too large, or has no audio.
    Raises the exceptions of yt-dlp if every format fails.
    """
    formats = _select_formats(url, info, limits)[:_MAX_FORMATS_TRIED]
    for number, audio_format in enumerate(formats):
        path = folder / f"audio-{number}"
        try:
            download_format(client, {**info, **audio_format}, path, on_progress)
        except Exception as exc:  # extractors and downloaders raise exceptions of any class
            path.unlink(missing_ok=True)
            if client.request_context.bytes_left < 0:
                raise _too_large_error(url, limits) from exc
            client.request_context.seconds_left()
            if audio_format is formats[-1]:
                raise
        else:
            return path
    raise AssertionError("the last format is downloaded or raises")


def rank_audio_formats(info: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the formats of a video that have audio, best first.

    Audio-only formats precede those with video, the original language precedes dubbed ones, then the smallest format
    that is good enough comes first.
    """
    formats = info.get("formats") or ([info] if info.get("url") else [])
    return sorted(filter(_is_usable_audio, formats), key=_format_rank)


def _select_formats(url: str, info: dict[str, Any], limits: AudioLimits) -> list[dict[str, Any]]:
    check_is_recorded(url, info)
    if (info.get("duration") or 0) > limits.max_video_s:
        raise ResolveError(url, f"the video is longer than {limits.max_video_s // 3600} hours", verdict="unsupported")
    formats = rank_audio_formats(info)
    if not formats:
        raise ResolveError(url, _no_audio_reason(info), verdict="unsupported")
    within_limit = [each for each in formats if (each.get("filesize") or 0) <= limits.max_bytes]
    if not within_limit:
        raise _too_large_error(url, limits)
    return within_limit


def check_is_recorded(url: str, info: dict[str, Any]) -> None:
    """Raise `ResolveError` if the video at *url* is live, or has not started."""
    if info.get("is_live") or info.get("live_status") in ("is_live", "is_upcoming"):
        raise ResolveError(url, "the video is live or has not started: try again after it ends", verdict="live")


def _no_audio_reason(info: dict[str, Any]) -> str:
    """Return why there is no audio, and the next step."""
    if str(info.get("extractor_key")).lower() == "youtube":
        return (
            "YouTube offers no audio to download: `pip install deno 'vidindex[youtube]'` and check with "
            "`vidindex doctor`, or use --cookies-from-browser"
        )
    return "the site offers no audio to download: download the video by other means and use the file"


def _too_large_error(url: str, limits: AudioLimits) -> ResolveError:
    reason = f"the audio is larger than {limits.max_bytes // 1_000_000:,} MB: raise the limit with --max-audio"
    return ResolveError(url, reason, verdict="unsupported")


def has_audio(media_format: dict[str, Any]) -> bool:
    """Return whether a format has sound, as far as the site states it."""
    return media_format.get("acodec") != "none"


def is_usable(media_format: dict[str, Any]) -> bool:
    """Return whether a format can be downloaded: it has no DRM, and a protocol that is supported."""
    is_unusable = media_format.get("has_drm") is True or media_format.get("ext") == "mhtml"
    return bool(media_format.get("url")) and not is_unusable and format_protocol(media_format) in _AUDIO_PROTOCOLS


def _is_usable_audio(media_format: dict[str, Any]) -> bool:
    return has_audio(media_format) and is_usable(media_format)


def format_protocol(media_format: dict[str, Any]) -> str:
    """Return the protocol of a format, as yt-dlp names it."""
    return str(media_format.get("protocol") or str(media_format["url"]).partition(":")[0])


def _format_rank(media_format: dict[str, Any]) -> tuple[bool, float, bool, float, int]:
    has_video = media_format.get("vcodec") != "none"
    language_rank = -(media_format.get("language_preference") or -1)
    size_keys = ("tbr" if has_video else "abr", "tbr", "height")
    size = next((media_format[key] for key in size_keys if media_format.get(key)), 0.0)
    is_poor = 0 < size < _MIN_SPEECH_KBPS
    return has_video, language_rank, is_poor, size, _AUDIO_PROTOCOLS.index(format_protocol(media_format))


def download_format(client: YtdlpClient, format_info: dict[str, Any], path: Path, on_progress: OnProgress) -> None:
    """Download a format to *path* within the limits of the operation.  Raises the exceptions of yt-dlp."""
    # Those are the formats that yt-dlp chose itself; its downloader of DASH would take them instead.
    format_info = {key: value for key, value in format_info.items() if key != "requested_formats"}
    downloader = _downloader_class(format_protocol(format_info))(client, client.params)
    downloader.add_progress_hook(lambda status: on_progress(*_progress_bytes(status)))
    # Some downloaders return None on success.
    succeeded = downloader.download(str(path), format_info)[0] is not False
    if not succeeded or not path.is_file() or not path.stat().st_size:
        raise OSError("; ".join(client.log.warnings[-1:]) or "the media could not be downloaded")


def _downloader_class(protocol: str) -> Any:
    from yt_dlp.downloader.http import HttpFD

    from .downloaders import BoundedDashFD, BoundedHlsFD

    if protocol.startswith("m3u8"):
        return BoundedHlsFD
    return BoundedDashFD if protocol == "http_dash_segments" else HttpFD


def _progress_bytes(status: dict[str, Any]) -> tuple[int, int]:
    downloaded = int(status.get("downloaded_bytes") or 0)
    return downloaded, int(status.get("total_bytes") or status.get("total_bytes_estimate") or 0)
