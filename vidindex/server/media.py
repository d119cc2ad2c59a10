"""Films and recordings on this machine that the index knows: the only files that are given away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..model import Video

if TYPE_CHECKING:
    from ..library import Index

_KINDS = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".ogv": "video/ogg",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".aac": "audio/aac",
}
"""Endings of files that browsers play, and what they are."""


def media_of(index: Index, video: Video) -> Path | None:
    """Give the file that *video* is, or that lies beside its captions; None where there is none here."""
    here = [video.url, *(track.url for track in index.tracks(video.id))]
    found = (path for path in map(_local, here) if path is not None)
    return next((film for path in found for film in _films(path)), None)


def media_kind(path: Path) -> str:
    """Tell what the file *path* is, as HTTP says it."""
    return _KINDS[path.suffix.lower()]


def _local(url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or "\0" in unquote(parts.path):
        return None
    return Path(unquote(parts.path))


def _films(path: Path) -> list[Path]:
    """List the files that play *path*: itself, or those named like the captions that it is (`NAME.en.vtt`)."""
    if path.suffix.lower() in _KINDS:
        return [path] if path.is_file() else []
    stems = {path.stem, Path(path.stem).stem if Path(path.stem).suffix else path.stem}
    beside = (path.with_name(f"{stem}{ending}") for stem in sorted(stems) for ending in _KINDS)
    return [film for film in beside if film.is_file()]
