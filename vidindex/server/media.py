"""Media files of indexed videos on this machine: the only local files that the server sends."""

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
"""Media types of the file extensions that browsers can play."""


def find_media_file(index: Index, video: Video) -> Path | None:
    """Return the media file of *video*: the video itself or a file beside its captions; None if there is none."""
    urls = [video.url, *(track.url for track in index.tracks(video.id))]
    paths = (path for path in map(_local_path, urls) if path is not None)
    return next((media_file for path in paths for media_file in _find_playable_files(path)), None)


def guess_media_type(path: Path) -> str:
    """Return the media type of the file *path*."""
    return _MEDIA_TYPES[path.suffix.lower()]


def _local_path(url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or "\0" in unquote(parts.path):
        return None
    return Path(unquote(parts.path))


def _find_playable_files(path: Path) -> list[Path]:
    """Return *path* itself if it is a media file, else the media files named like the caption file (`NAME.en.vtt`)."""
    if path.suffix.lower() in _MEDIA_TYPES:
        return [path] if path.is_file() else []
    stems = {path.stem, Path(path.stem).stem if Path(path.stem).suffix else path.stem}
    candidates = (path.with_name(f"{stem}{suffix}") for stem in sorted(stems) for suffix in _MEDIA_TYPES)
    return [candidate for candidate in candidates if candidate.is_file()]
