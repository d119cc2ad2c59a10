"""The sound of a video into a file: the smallest form in which speech is whole, fetched by yt-dlp's own code.

The file belongs to the caller, who gives the folder and throws it away.  Programs that fetch by themselves are kept
out: every byte comes through the door of `vidindex.net`, and counts against the visit.
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
"""Below it, speech is hard to understand for machines, too."""

_MAX_FORMATS_TRIED = 3
_AUDIO_PROTOCOLS = ("https", "http", "m3u8_native", "m3u8", "http_dash_segments")
_PLAYER_CLIENT_ARGS = "extractor-args=youtube:player_client=visionos,default"

OnProgress = Callable[[int, int], None]
"""Is told the bytes that came, and of how many, 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """How much sound is fetched of one video; *total_s* bounds the time that takes."""

    max_bytes: int = 1_000_000_000
    max_video_s: int = 12 * 3600
    total_s: float = 2 * 3600.0


def enable_audio_formats(options: ResolveOptions) -> ResolveOptions:
    """Change *options* so that sites state what they play, which captions do without."""
    return replace(options, extra=(_PLAYER_CLIENT_ARGS, *options.extra))


def download_audio(
    client: YtdlpClient, url: str, info: dict[str, Any], folder: Path, *, limits: AudioLimits, on_progress: OnProgress
) -> Path:
    """Fetch the sound of *info*, which is at *url*, into *folder*.

    The next best form is tried where one fails.  Raises: ResolveError, and whatever yt-dlp does.
    """
    forms = _select_formats(url, info, limits)[:_MAX_FORMATS_TRIED]
    for number, form in enumerate(forms):
        path = folder / f"sound-{number}"
        try:
            _download_format(client, {**info, **form}, path, on_progress)
        except Exception as exc:  # extractors and downloaders fail in every way that Python knows
            path.unlink(missing_ok=True)
            if client.request_context.bytes_left < 0:
                raise _too_large_error(url, limits) from exc
            client.request_context.seconds_left()
            if form is forms[-1]:
                raise
        else:
            return path
    raise AssertionError("the last form is fetched or raises")


def rank_audio_formats(info: dict[str, Any]) -> list[dict[str, Any]]:
    """List the forms of a video that have sound, the one to try first in front.

    Sound alone goes before sound with pictures, the language that was spoken before translations, then what is
    smallest and still good enough.
    """
    forms = [form for form in info.get("formats") or ([info] if info.get("url") else []) if _has_audio(form)]
    return sorted(forms, key=_format_rank)


def _select_formats(url: str, info: dict[str, Any], limits: AudioLimits) -> list[dict[str, Any]]:
    if info.get("is_live") or info.get("live_status") in ("is_live", "is_upcoming"):
        raise ResolveError(url, "it is live: transcribe it when it has ended", verdict="live")
    if (info.get("duration") or 0) > limits.max_video_s:
        raise ResolveError(url, f"it is longer than {limits.max_video_s // 3600} hours", verdict="unsupported")
    forms = rank_audio_formats(info)
    if not forms:
        raise ResolveError(url, _no_audio_reason(info), verdict="unsupported")
    affordable = [form for form in forms if (form.get("filesize") or 0) <= limits.max_bytes]
    if not affordable:
        raise _too_large_error(url, limits)
    return affordable


def _no_audio_reason(info: dict[str, Any]) -> str:
    """Say why there is no sound, and what may help."""
    if str(info.get("extractor_key")).lower() == "youtube":
        return "YouTube offers no sound to fetch: install deno (`pip install deno`), or give --cookies-from-browser"
    return "its site offers no sound that can be fetched: download it by other means and give the file"


def _too_large_error(url: str, limits: AudioLimits) -> ResolveError:
    reason = f"its sound is larger than {limits.max_bytes // 1_000_000:,} MB: allow more with --max-audio"
    return ResolveError(url, reason, verdict="unsupported")


def _has_audio(form: dict[str, Any]) -> bool:
    silent = form.get("acodec") == "none" or form.get("has_drm") is True or form.get("ext") == "mhtml"
    return bool(form.get("url")) and not silent and _format_protocol(form) in _AUDIO_PROTOCOLS


def _format_protocol(form: dict[str, Any]) -> str:
    return str(form.get("protocol") or str(form["url"]).partition(":")[0])


def _format_rank(form: dict[str, Any]) -> tuple[bool, float, bool, float, int]:
    pictures = form.get("vcodec") != "none"
    spoken = -(form.get("language_preference") or -1)
    rate = form.get("tbr" if pictures else "abr") or form.get("tbr") or form.get("height") or 0.0
    poor = 0 < rate < _MIN_SPEECH_KBPS
    return pictures, spoken, poor, rate, _AUDIO_PROTOCOLS.index(_format_protocol(form))


def _download_format(client: YtdlpClient, format_info: dict[str, Any], path: Path, on_progress: OnProgress) -> None:
    downloader = _downloader_class(_format_protocol(format_info))(client, client.params)
    downloader.add_progress_hook(lambda status: on_progress(*_progress_bytes(status)))
    # Some answer None where all went well.
    went_well = downloader.download(str(path), format_info)[0] is not False
    if not went_well or not path.is_file() or not path.stat().st_size:
        raise OSError("; ".join(client.log.warnings[-1:]) or "its sound could not be fetched")


def _downloader_class(protocol: str) -> Any:
    from yt_dlp.downloader.dash import DashSegmentsFD
    from yt_dlp.downloader.hls import HlsFD
    from yt_dlp.downloader.http import HttpFD

    if protocol.startswith("m3u8"):
        return HlsFD
    return DashSegmentsFD if protocol == "http_dash_segments" else HttpFD


def _progress_bytes(status: dict[str, Any]) -> tuple[int, int]:
    came = int(status.get("downloaded_bytes") or 0)
    return came, int(status.get("total_bytes") or status.get("total_bytes_estimate") or 0)
