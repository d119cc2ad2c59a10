"""Films and recordings on this machine that the index knows: the only files that are given away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..model import Video

if TYPE_CHECKING:
    from ..library import Index

_MEDIA_TYPES = {
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


def find_media_file(index: Index, video: Video) -> Path | None:
    """Give the file that *video* is, or that lies beside its captions; None where there is none here."""
    here = [video.url, *(track.url for track in index.tracks(video.id))]
    found = (path for path in map(_local_path, here) if path is not None)
    return next((film for path in found for film in _find_playable_files(path)), None)


def guess_media_type(path: Path) -> str:
    """Tell what the file *path* is, as HTTP says it."""
    return _MEDIA_TYPES[path.suffix.lower()]


def _local_path(url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or "\0" in unquote(parts.path):
        return None
    return Path(unquote(parts.path))


def _find_playable_files(path: Path) -> list[Path]:
    """List the files that play *path*: itself, or those named like the captions that it is (`NAME.en.vtt`)."""
    if path.suffix.lower() in _MEDIA_TYPES:
        return [path] if path.is_file() else []
    stems = {path.stem, Path(path.stem).stem if Path(path.stem).suffix else path.stem}
    beside = (path.with_name(f"{stem}{ending}") for stem in sorted(stems) for ending in _MEDIA_TYPES)
    return [film for film in beside if film.is_file()]
